"""A proposed mapping as text for ``encours.toml``: with what is not sure, what is missing, and its first rows.

Here: the words, in English and French. Not here: the guesses.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa

from ingestion.detection import find_reader, read_head
from ingestion.mapping.catalogue import Catalogue
from ingestion.mapping.fitting import Search
from ingestion.mapping.place import Given
from ingestion.mapping.proposal import Proposal, propose
from ingestion.mapping.reader import MappedReader
from ingestion.reading import BadRow, FileRefusedError, Head

Language = Literal["en", "fr"]

DOUBTS: Final[dict[str, dict[Language, str]]] = {
    "content": {
        "en": "Told by what it holds, not by its name: check it.",
        "fr": "Reconnu à son contenu, non à son nom : à vérifier.",
    },
    "day or month": {
        "en": "The file does not tell the day from the month: check it.",
        "fr": "Le fichier ne distingue pas le jour du mois : à vérifier.",
    },
    "no date": {
        "en": "The file holds no date: check it.",
        "fr": "Le fichier ne contient aucune date : à vérifier.",
    },
    "thousands": {
        "en": "The file does not tell thousands from decimals: check it.",
        "fr": "Le fichier ne distingue pas les milliers des décimales : à vérifier.",
    },
    "shape": {
        "en": "The file has no header: it is known by the form of its first row.",
        "fr": "Le fichier n’a pas d’en-tête : il est reconnu à la forme de sa première ligne.",
    },
    "total": {
        "en": "Ends the table at its total: check it.",
        "fr": "Arrête le tableau à son total : à vérifier.",
    },
    "not booked": {
        "en": "Leaves out what is pending, refused or a draft: check it.",
        "fr": "Écarte ce qui est en attente, refusé ou à l’état de brouillon : à vérifier.",
    },
    "no text": {
        "en": "Leaves out the last row, which has no text, as a balance: check it.",
        "fr": "Écarte la dernière ligne, sans libellé, comme un solde : à vérifier.",
    },
    "kind": {"en": "Write supplier for purchases.", "fr": "Écrire supplier pour des achats."},
}

MISSING: Final[dict[str, dict[Language, str]]] = {
    "account": {
        "en": "Nothing in the file names the account: put it in a folder named after the account, "
        'inbox/<company id>/<account>/, or add account = "…" under [mappings.fixed].',
        "fr": "Rien dans le fichier ne nomme le compte : le placer dans un dossier à son nom, "
        'inbox/<société>/<compte>/, ou ajouter account = "…" sous [mappings.fixed].',
    },
    "currency": {
        "en": "The file does not say its currency: that of the account in encours.toml holds, else the "
        'company\'s; or add currency = "…" under [mappings.fixed].',
        "fr": "Le fichier ne dit pas sa devise : celle du compte dans encours.toml vaut, sinon celle de la "
        'société ; ou ajouter currency = "…" sous [mappings.fixed].',
    },
    "balance": {
        "en": "The file holds no balance: whether it is complete cannot be checked.",
        "fr": "Le fichier ne porte aucun solde : sa complétude ne peut pas être vérifiée.",
    },
}

SENTENCES: Final[dict[str, dict[Language, str]]] = {
    "built in": {
        "en": "The mapping “{name}” reads this file already: paste this only to read it in another way.",
        "fr": "La correspondance « {name} » lit déjà ce fichier : ne coller ceci que pour le lire autrement.",
    },
    "unused": {"en": "Columns that are not used: {names}.", "fr": "Colonnes non utilisées : {names}."},
    "as it lands": {
        "en": "As it would land ({landed} rows, {bad} set aside):",
        "fr": "Tel qu’il serait repris ({landed} lignes, {bad} écartées) :",
    },
    "bad": {
        "en": "Line {row} would be set aside: {reason}",
        "fr": "La ligne {row} serait écartée : {reason}",
    },
}

SHOWN: Final = {
    "bank_transactions": ("booking_date", "amount", "currency_code", "counterparty_name", "remittance_text"),
    "ledger_lines": ("entry_date", "journal_code", "account_code", "debit", "credit", "label"),
    "invoices": ("document_number", "third_party_code", "issue_date", "due_date", "total_amount"),
}
BARE_KEY: Final = re.compile("[A-Za-z0-9_-]+")
SHOWN_ROWS: Final = 3
LONGEST_CELL: Final = 60
CENT: Final = Decimal("0.01")


class AlreadyReadError(Exception):
    """The file is of a format that needs no mapping. The message is one sentence that says so."""


class Shelf:
    """A sink that keeps the first rows of what it is given, and counts all."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.counts: dict[str, int] = {}
        self.bad: list[BadRow] = []
        self.bad_count = 0

    def write(self, table: str, rows: pa.Table) -> None:
        """Keep the first rows."""
        self.counts[table] = self.counts.get(table, 0) + len(rows)
        kept = self.rows.setdefault(table, [])
        kept += rows.slice(0, SHOWN_ROWS - len(kept)).to_pylist()

    def quarantine(self, rows: Sequence[BadRow]) -> None:
        """Keep the first rows."""
        self.bad_count += len(rows)
        self.bad += rows[: SHOWN_ROWS - len(self.bad)]


def proposed_text(path: Path, catalogue: Catalogue, language: Language) -> str:
    """The mapping proposed for a file, ready to be pasted into ``encours.toml``; all else in it is comments.

    Raises ``FileRefusedError`` when nothing in the file looks like a table with dates and amounts, and
    ``AlreadyReadError`` when the file is of a format that needs no mapping.
    """
    head = read_head(path)
    lines = [f"# {line}" for line in _introduction(head, catalogue, language)]
    proposal = propose(head, path.stem)
    lines += [*_toml(proposal, language), ""]
    lines += [f"# {MISSING[name][language]}" for name in proposal.missing]
    if proposal.unused:
        lines.append(f"# {SENTENCES['unused'][language].format(names=', '.join(proposal.unused))}")
    lines += [f"# {line}" for line in _preview(head, proposal, language)]
    return "\n".join(lines) + "\n"


def _introduction(head: Head, catalogue: Catalogue, language: Language) -> Iterator[str]:
    try:
        reader = find_reader(head, catalogue)
    except FileRefusedError:
        if not Search(head).candidates:
            raise
        return
    if not isinstance(reader, MappedReader):
        raise AlreadyReadError(
            f"{head.path}: it is read without a mapping ({reader.kind}); drop it in the inbox."
        )
    yield SENTENCES["built in"][language].format(name=reader.name)


def _toml(proposal: Proposal, language: Language) -> Iterator[str]:
    yield "[[mappings]]"
    tables: dict[str, Mapping[str, Any]] = {}
    for key, value in proposal.content.items():
        if isinstance(value, dict):
            tables[key] = value
        else:
            yield from _line(key, value, proposal.doubts.get(key), language)
    for table, values in tables.items():
        yield f"\n[mappings.{table}]"
        if table == "leave_out":
            yield f"# {DOUBTS[proposal.doubts[table]][language]}"
        for key, value in values.items():
            doubt = (
                proposal.doubts.get(f"{table}.{key}")
                or (key in proposal.doubts.get(table, "") and key)
                or None
            )
            key = key if BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
            yield from _line(key, value, doubt, language)


def _line(key: str, value: Any, doubt: str | None, language: Language) -> Iterator[str]:
    if doubt:
        yield f"# {DOUBTS[doubt][language]}"
    yield f"{key} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str) and "\\" in value and "'" not in value:
        return f"'{value}'"
    # JSON's strings, numbers and booleans are TOML's.
    return json.dumps(value, ensure_ascii=False)


def _preview(head: Head, proposal: Proposal, language: Language) -> Iterator[str]:
    fit = Search(head).only([proposal.mapping])
    if fit is None:
        raise FileRefusedError(
            "no mapping could be proposed for it", "Write one by hand: docs/inputs.md says how."
        )
    reader = MappedReader(fit, Given(account="…", company_currency="…"))
    shelf = Shelf()
    try:
        reader.read(head.path, head, "", shelf)
    except FileRefusedError as refusal:
        yield refusal.reason
        return
    table = reader.tables[0]
    landed = shelf.counts.get(table, 0)
    yield SENTENCES["as it lands"][language].format(landed=landed, bad=shelf.bad_count)
    for row in shelf.rows.get(table, []):
        cells = (_shown(row[name]) for name in SHOWN[table] if row[name] is not None)
        yield "    " + "  ".join(cells)
    for bad in shelf.bad:
        yield SENTENCES["bad"][language].format(row=bad.source_row, reason=bad.reason)


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        cents = value.quantize(CENT)
        return str(cents if cents == value else value.normalize())
    return " ".join(str(value).split())[:LONGEST_CELL]
