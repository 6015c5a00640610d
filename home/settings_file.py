"""``encours.toml``: reading it, saying in one sentence what is wrong with it, and writing a commented one.

What the keys mean and their defaults stand in ``home.settings`` alone; the commented file is made from there.
"""

import difflib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Final, get_args, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from home.layout import Home
from home.mapping import Mapping
from home.settings import BankAccount, Company, PartialExport, ReconciliationThreshold, Settings
from home.settings_cash import MinimumBalance
from home.settings_dunning import DunningExclusion
from home.settings_penalties import LegalRate

EXAMPLES: Final[dict[type[BaseModel], dict[str, object]]] = {
    Company: {
        "id": "123456789",
        "name": "Acme SAS",
        "siren": "123456789",
        "vat_number": "FR32123456789",
        "fiscal_year_end": "12-31",
    },
    BankAccount: {
        "account": "FR7630006000011234567890189",
        "company": "123456789",
        "ledger_account": "512100",
        "currency": "EUR",
    },
    PartialExport: {
        "file": "123456789/*-december.txt",
        "journals": ("VE", "AC"),
        "from_date": date(2026, 12, 1),
        "to_date": date(2026, 12, 31),
    },
    ReconciliationThreshold: {
        "account": "FR7630006000011234567890189",
        "largest_amount": Decimal("10000.00"),
        "largest_count": 25,
        "oldest_days": 45,
        "since": date(2026, 1, 1),
        "reason": "What two people clear in a month; agreed with the auditors.",
    },
    DunningExclusion: {
        "segment": "Secteur public",
        "third_party": "",
        "reason": "Payés par mandat ; le service des marchés les suit.",
    },
    MinimumBalance: {
        "company": "123456789",
        "account": "FR7630006000011234567890189",
        "minimum_balance": Decimal("10000.00"),
    },
    LegalRate: {
        "from_date": date(2026, 7, 1),
        "ecb_percent": Decimal("2.15"),
        "legal_percent": Decimal("2.62"),
    },
    Mapping: {
        "name": "Our bank",
        "lands_as": "bank_statement",
        "header": ("Date", "Libellé", "Débit", "Crédit"),
        "without": ("Solde prévisionnel",),
        "pattern": "Relevé de compte",
        "date_formats": ("%d/%m/%Y",),
        "decimal_mark": ",",
        "columns": {
            "booking_date": "Date",
            "remittance_text": ("Libellé", "Détail"),
            "debit": "Débit",
            "credit": "Crédit",
        },
        "fixed": {"currency": "EUR"},
        "values": {"direction": {"D": "debit", "C": "credit"}},
        "extract": {"end_to_end_id": "REF ([A-Z0-9]+)"},
        "patterns": {"account": "(FR[0-9]{2}[0-9A-Z ]{23,30})"},
        "leave_out": {"Statut": "en attente"},
        "footer": "^Total;",
    },
}
"""What the commented file shows for tables of which a home may have several, and none by default."""


class SettingsError(Exception):
    """``encours.toml`` cannot be used; the message is one sentence that names file, key and remedy."""


def load(home: Home) -> Settings:
    """The home's settings; the defaults when there is no ``encours.toml``.

    Raises SettingsError when the file is not TOML, has an unknown key, or says something that cannot be.
    """
    path = home.settings_file
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Settings.model_validate({})
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({error}); save it as UTF-8 text.") from None
    return parse(text, path)


def parse(text: str, path: Path) -> Settings:
    """The settings that ``text`` says; ``path`` is only named in messages. Raises SettingsError."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}; correct that line.") from None
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise SettingsError(f"{path}: {_sentence(error.errors()[0])}") from None
    for fault in _contradictions(settings):
        raise SettingsError(f"{path}: {fault}")
    return settings


def template() -> str:
    """A commented ``encours.toml``: every key, what it means and its default, all of it commented out."""
    lines = [
        "# Settings of this Encours home. Every key is optional; what is commented out is the default.",
        "",
    ]
    plain = {name: field for name, field in Settings.model_fields.items() if _table_model(field) is None}
    for name, field in plain.items():
        lines += [*_comment(field), f"#{name} = {_toml(field.default)}", ""]
    return "\n".join([*lines, *_tables(Settings)])


def _tables(above: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The tables below a model, each with its keys, and then those below it."""
    for name, field in above.model_fields.items():
        model = _table_model(field)
        if model is None:
            continue
        plain = {key: item for key, item in model.model_fields.items() if _table_model(item) is None}
        if plain:
            is_list = get_origin(field.annotation) is tuple
            yield f"# {(model.__doc__ or '').strip().splitlines()[0]}"
            shown = [one.model_dump() for one in field.default or ()] if is_list else []
            for place, said in enumerate(shown or [EXAMPLES.get(model, {})]):
                yield f"#[[{prefix}{name}]]" if is_list else f"#[{prefix}{name}]"
                for key, item in plain.items():
                    if place == 0:
                        yield from _comment(item)
                    yield f"#{key} = {_toml(said.get(key, item.default))}"
                yield ""
        yield from _tables(model, f"{prefix}{name}.")


def _table_model(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a key that is a table, or a list of tables; None for a plain key."""
    for candidate in (field.annotation, *get_args(field.annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _comment(field: FieldInfo) -> list[str]:
    return [f"# {field.description}"] if field.description else []


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, str) and "\\" in value and "'" not in value:
        return f"'{value}'"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return (
            f"{{ {', '.join(f'{_key(key)} = {_toml(item)}' for key, item in value.items())} }}"
            if value
            else "{}"
        )
    # JSON's strings, numbers and booleans are TOML's.
    return json.dumps(value, ensure_ascii=False)


def _bare(account: str | None) -> str | None:
    return account.replace(" ", "") if account else None


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _sentence(error: ErrorDetails) -> str:
    location = error["loc"]
    key = ".".join(f"{part + 1}" if isinstance(part, int) else str(part) for part in location)
    if error["type"] == "extra_forbidden":
        known = sorted(_model_at(location[:-1]).model_fields)
        near = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0)
        return f"unknown key {key}; the nearest known key is {near[0]}."
    if error["type"] == "missing":
        return f"key {key} is missing; add it."
    reason = error["msg"].removeprefix("Value error, ")
    reason = reason[:1].lower() + reason[1:]
    if isinstance(error["input"], dict):
        return f"key {key}: {reason}."
    return f"key {key} cannot be {json.dumps(error['input'], default=str, ensure_ascii=False)}: {reason}."


def _model_at(location: tuple[int | str, ...]) -> type[BaseModel]:
    model: type[BaseModel] = Settings
    for part in location:
        if isinstance(part, str):
            model = _table_model(model.model_fields[part]) or model
    return model


def _contradictions(settings: Settings) -> Iterator[str]:
    """One sentence for each thing that no single key can be blamed for, or that only the machine knows."""
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"key time_zone: {settings.time_zone!r} is no known time zone; write one such as Europe/Paris."
    for key in ("not_due_days", "overdue_days"):
        bounds: tuple[int, ...] = getattr(settings.ageing, key)
        if bounds[0] < 1 or any(low >= high for low, high in pairwise(bounds)):
            yield f"key ageing.{key}: {list(bounds)} must be positive and increase from left to right."
    ids = Counter(company.id for company in settings.companies)
    for company_id, count in ids.items():
        if count > 1:
            yield f"key companies: the id {company_id!r} stands {count} times; keep one."
    accounts = Counter(account.account.replace(" ", "") for account in settings.bank_accounts)
    for number, count in accounts.items():
        if count > 1:
            yield f"key bank_accounts: the account {number!r} stands {count} times; keep one."
    for account in settings.bank_accounts:
        if ids and account.company not in ids:
            near = difflib.get_close_matches(account.company, list(ids), n=1, cutoff=0)
            yield (
                f"key bank_accounts: account {account.account} belongs to company {account.company!r}, which "
                f"companies does not have; the nearest is {near[0]!r}."
            )
    for least in settings.cash.accounts:
        if ids and least.company is not None and least.company not in ids:
            near = difflib.get_close_matches(least.company, list(ids), n=1, cutoff=0)
            yield f"key cash.accounts: companies does not have {least.company!r}; the nearest is {near[0]!r}."
    names = Counter(mapping.name for mapping in settings.mappings)
    for name, count in names.items():
        if count > 1:
            yield f"key mappings: the name {name!r} stands {count} times; keep one."
    for part in settings.partial_exports:
        if part.from_date and part.to_date and part.from_date > part.to_date:
            yield f"key partial_exports: {part.file!r} starts after it ends; swap from_date and to_date."
    held = Counter((_bare(limit.account), limit.since) for limit in settings.reconciliation_thresholds)
    for (account_number, since), count in held.items():
        if count > 1:
            yield (
                f"key reconciliation_thresholds: {account_number or 'every account'} has {count} thresholds since "
                f"{since}; keep one."
            )
    for limit in settings.reconciliation_thresholds:
        if limit.largest_amount is None and limit.largest_count is None and limit.oldest_days is None:
            yield (
                f"key reconciliation_thresholds: that of {limit.account or 'every account'} allows anything; write "
                "largest_amount, largest_count or oldest_days."
            )
    if settings.matching.discount_percent and not settings.matching.discount_days:
        yield "key matching.discount_days: 0 lets nobody take the discount of discount_percent; write its days."
    roles: dict[str, str] = {}
    for role, prefixes in settings.account_roles.model_dump().items():
        for prefix in prefixes:
            if prefix in roles:
                yield (
                    f"key account_roles: the prefix {prefix!r} stands under {roles[prefix]} and {role}; "
                    "keep it under one."
                )
            roles[prefix] = role
