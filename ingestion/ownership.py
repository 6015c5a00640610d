"""Whose file it is. Worked out anew at each refresh, so that moving a file or naming a company sets it right."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Final

from home.settings import Settings
from ingestion.manifest import SourceFile

FEC_NAME: Final = re.compile(r"(?P<owner>.*?)[\s_.\-]*(?:FEC(?![A-Za-z])|(?i:fec)(?=\d{8}))")
CLOSING_DATE: Final = re.compile(r"(?i:FEC)[\s_.\-]*(\d{4})(\d{2})(\d{2})(?!\d)")


@dataclass(frozen=True)
class Owner:
    """Whose a file is: a company, or none because its rows say it themselves, or nobody knows (``is_unknown``)."""

    company_id: str | None
    is_unknown: bool = False


def owners(files: Sequence[SourceFile], settings: Settings) -> list[Owner]:
    """The owner of each file, in the same order.

    In turn: the folder under the inbox; what stands before FEC in a ledger's name; the owner of a statement's accounts;
    the seller or the buyer of an e-invoice; the only company that the home knows, configured or seen in other files.
    """
    configured = {company.id for company in settings.companies}
    accounts = {_bare(account.account): account.company for account in settings.bank_accounts}
    told = [_told(file, configured, accounts) for file in files]
    known = configured or {company for company in told if company} | {
        company for file in files for company in file.company_ids
    }
    named = {company: company for company in known} | {
        identifier: company.id
        for company in settings.companies
        for identifier in (company.siren, company.vat_number)
        if identifier
    }
    return [_owner(file, company, known, named) for file, company in zip(files, told, strict=True)]


def _owner(file: SourceFile, told: str | None, known: Collection[str], named: Mapping[str, str]) -> Owner:
    if told:
        return Owner(told)
    parties = {named[identifier] for identifier in file.party_ids if identifier in named}
    if len(parties) == 1:
        return Owner(parties.pop())
    # An invoice from one of the companies to another is both of theirs.
    if file.names_every_company or parties:
        return Owner(None)
    if len(known) == 1:
        return Owner(next(iter(known)))
    return Owner(None, is_unknown=True)


def _told(file: SourceFile, configured: Collection[str], accounts: Mapping[str, str]) -> str | None:
    parts = PurePosixPath(file.source_file).parts
    if len(parts) > 1 and (not configured or parts[0] in configured):
        return parts[0]
    if file.kind == "ledger" and (match := FEC_NAME.match(parts[-1])) and match["owner"].strip():
        return match["owner"].strip()
    holders = {accounts[number] for number in map(_bare, file.account_numbers) if number in accounts}
    return holders.pop() if len(holders) == 1 else None


def _bare(account: str) -> str:
    return re.sub(r"\s", "", account).upper()


def placing(file: SourceFile) -> tuple[str, str]:
    """Why a file without an owner is held, and how to place it."""
    name = PurePosixPath(file.source_file).name
    remedy = f"Move it to inbox/<company id>/{name}"
    if file.account_numbers:
        accounts = ", ".join(file.account_numbers)
        remedy += f", or name the owner of account {accounts} under [[bank_accounts]] in encours.toml"
    if file.party_ids:
        remedy += (
            f", or name the company's siren or vat_number ({' or '.join(file.party_ids)}) in encours.toml"
        )
    return "nothing says which company it belongs to", f"{remedy}."


def closing_date_in_name(source_file: str) -> date | None:
    """The closing date that the law puts in a FEC's name (123456789FEC20251231), or None."""
    match = CLOSING_DATE.search(PurePosixPath(source_file).name)
    if not match:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None
