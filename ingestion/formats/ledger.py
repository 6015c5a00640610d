"""A ledger line as article A47 A-1 of the Livre des procédures fiscales fixes it, whatever file it stands in.

Here: the law's fields and our columns for them, what their cells mean, and what is said of a whole file. Not here: how
lines stand in a file (``fec`` for text, ``fec_xml`` for XML).
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.formats.columns import TEXT, amounts, dates
from ingestion.formats.values import read_amount, read_date
from ingestion.reading import BadRow, DateSpan, Reading, Sink, UnreadableError
from ingestion.schemas import LEDGER_LINES

FIELDS: Final = {
    "journalcode": "journal_code",
    "journallib": "journal_name",
    "ecriturenum": "entry_number",
    "ecrituredate": "entry_date",
    "comptenum": "account_code",
    "comptelib": "account_name",
    "compauxnum": "auxiliary_code",
    "compauxlib": "auxiliary_name",
    "compteauxnum": "auxiliary_code",
    "compteauxlib": "auxiliary_name",
    "pieceref": "document_ref",
    "piecedate": "document_date",
    "ecriturelib": "label",
    "debit": "debit",
    "credit": "credit",
    "montant": "amount",
    "sens": "side",
    "ecriturelet": "letter_code",
    "datelet": "letter_date",
    "validdate": "validation_date",
    "montantdevise": "amount_currency",
    "idevise": "currency_code",
    "dateecheance": "due_date",
    "echeance": "due_date",
    "dateech": "due_date",
    "echeancedate": "due_date",
}
"""Field names of the law (two of them have a second spelling in its XML schema) and names of a due date seen beside
them, folded, → our columns."""

RECOGNISED_FIELDS: Final = 5
MOSTLY_DISTINCT: Final = frozenset({"entry_number", "document_ref", "label"})
"""Columns that a dictionary makes slower to read and to write: without one a block takes a third less time."""

DATE_COLUMNS: Final = ("entry_date", "document_date", "letter_date", "validation_date", "due_date")
AMOUNT_COLUMNS: Final = ("debit", "credit", "amount", "amount_currency")
DEBIT_SIDES: Final = frozenset({"D", "d", "+1", "1", "+"})
CREDIT_SIDES: Final = frozenset({"C", "c", "-1", "-"})

ZERO: Final = pa.scalar(Decimal("0.00"), pa.decimal128(18, 2))


@dataclass(frozen=True)
class Converted:
    """A block of lines, typed: ``rows`` in the columns of LEDGER_LINES, the rows set aside, and how many there were."""

    rows: pa.Table
    bad: list[BadRow]
    rows_read: int


def folded(name: str) -> str:
    """A name without accents, case, blanks and punctuation."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())


def typed(cells: Mapping[str, pa.Array], *, has_sides: bool) -> tuple[pa.Table, pa.Array]:
    """The rows of trimmed cells in our columns and types, and which of them cannot be read.

    With ``has_sides`` amounts come as Montant and Sens, else as Debit and Credit.
    """
    values: dict[str, pa.Array] = {}
    faults: list[pa.Array] = [pc.is_null(cells[name]) for name in ("entry_date", "account_code")]
    for name, column in cells.items():
        if name in DATE_COLUMNS:
            values[name], is_bad = dates(column)
            faults.append(is_bad)
        elif name in AMOUNT_COLUMNS:
            values[name], is_bad = amounts(column)
            faults.append(is_bad)
        elif name != "side":
            values[name] = column
    faults.append(pc.is_null(values["entry_date"]))
    if has_sides:
        side = cells["side"]
        is_debit = pc.fill_null(
            pc.is_in(side.dictionary, pa.array(sorted(DEBIT_SIDES))).take(side.indices), False
        )
        is_credit = pc.fill_null(
            pc.is_in(side.dictionary, pa.array(sorted(CREDIT_SIDES))).take(side.indices), False
        )
        amount = values.pop("amount")
        faults += [pc.is_null(amount), pc.invert(pc.or_(is_debit, is_credit))]
        values["debit"] = pc.if_else(is_debit, amount, ZERO)
        values["credit"] = pc.if_else(is_credit, amount, ZERO)
    else:
        faults.append(pc.and_(pc.is_null(cells["debit"]), pc.is_null(cells["credit"])))
        values["debit"] = pc.fill_null(values["debit"], ZERO)
        values["credit"] = pc.fill_null(values["credit"], ZERO)
    return pa.table(values), functools.reduce(pc.or_, faults)


def cell_type(column: str) -> pa.DataType:
    """How the cells of a column are held while they are read."""
    return pa.string() if column in MOSTLY_DISTINCT else TEXT


def canonical(rows: pa.Table, numbers: pa.Array, sha256: str) -> pa.Table:
    """The typed rows in the columns of LEDGER_LINES; ``numbers`` are their ``source_row``."""
    source = pa.DictionaryArray.from_arrays(
        pa.repeat(pa.scalar(0, pa.int32()), len(numbers)), pa.array([sha256])
    )
    columns = {"source_sha256": source, "source_row": numbers}
    for field in list(LEDGER_LINES)[2:]:
        if field.name in rows.column_names:
            columns[field.name] = rows.column(field.name)
        else:
            columns[field.name] = pa.nulls(
                len(numbers), cell_type(field.name) if field.type == pa.string() else field.type
            )
    return pa.table(columns)


def explained(
    number: int, raw: str, values: Mapping[str, str | None], title: Callable[[str], str], *, has_sides: bool
) -> BadRow:
    """Why a row that ``typed`` marks cannot be read, in words; ``title`` gives the file's own name of a column."""
    problems: list[tuple[str, str]] = []
    for name, value in values.items():
        if value is None:
            if name in ("entry_date", "account_code", "amount", "side"):
                problems.append((f"{title(name)} is empty", f"Fill in {title(name)} in the source."))
            continue
        try:
            if name in DATE_COLUMNS and read_date(value) is None and name == "entry_date":
                problems.append((f"{title(name)} is empty", f"Fill in {title(name)} in the source."))
            if name in AMOUNT_COLUMNS:
                read_amount(value)
        except UnreadableError as problem:
            problems.append((f"{title(name)}: {problem.reason}", problem.remedy))
        if name == "side" and value not in DEBIT_SIDES | CREDIT_SIDES:
            problems.append(
                (f"{title(name)}: “{value}” is neither debit nor credit", "Write D or C, or +1 or -1.")
            )
    if not has_sides and values["debit"] is None and values["credit"] is None:
        problems.append(("the line has neither debit nor credit", "Fill in the amount in the source."))
    return set_aside(number, raw, problems)


def set_aside(number: int, raw: str, problems: Sequence[tuple[str, str]]) -> BadRow:
    """A row that cannot be read for all these reasons, each with its remedy."""
    reasons = "; ".join(reason for reason, _ in problems)
    remedies = " ".join(dict.fromkeys(remedy for _, remedy in problems))
    return BadRow(number, reasons, remedies, raw)


class Totals:
    """What is said of the whole file, gathered block by block."""

    def __init__(self) -> None:
        self.rows_read = 0
        self.debit = Decimal(0)
        self.credit = Decimal(0)
        self.span = DateSpan()
        self.latest: dict[str, date | None] = {"validation_date": None, "letter_date": None}

    def take(self, converted: Converted, sink: Sink) -> None:
        """Hand a block on to the sink, and count it."""
        self.rows_read += converted.rows_read
        sink.quarantine(converted.bad)
        rows = converted.rows
        if not len(rows):
            return
        sink.write("ledger_lines", rows)
        self.debit += pc.sum(rows.column("debit").cast(pa.decimal128(38, 2))).as_py()
        self.credit += pc.sum(rows.column("credit").cast(pa.decimal128(38, 2))).as_py()
        for counted in pc.value_counts(rows.column("entry_date")).to_pylist():
            self.span.add(counted["values"], counted["counts"])
        for name, latest in self.latest.items():
            found = pc.max(rows.column(name)).as_py()
            self.latest[name] = max((day for day in (latest, found) if day), default=None)

    def reading(self, dialect: str) -> Reading:
        """The file's own entry in the manifest."""
        return Reading(
            dialect=dialect,
            rows_read=self.rows_read,
            total_debit=self.debit,
            total_credit=self.credit,
            period_start=self.span.start,
            period_end=self.span.end,
            median_date=self.span.median,
            latest_validation_date=self.latest["validation_date"],
            latest_letter_date=self.latest["letter_date"],
        )
