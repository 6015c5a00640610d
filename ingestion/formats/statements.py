"""Bank statements of any format, once they are read: how they become ``bank_transactions`` and ``bank_statements``.

Here: what every bank format shares (amounts in units, the columns that a format has no fact for, a statement's count
and total, the file's own totals). Not here: how any format is read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.reading import BadRow, DateSpan, FileRefusedError, Reading, Sink
from ingestion.schemas import BANK_AMOUNT, BANK_STATEMENTS, BANK_TRANSACTIONS

UNIT_DECIMALS: Final = 5
"""Amounts are counted in units of 0.00001, as ISO 20022 allows five decimals."""

STATEMENT: Final = "statement"
REPORT: Final = "report"
NOTIFICATION: Final = "notification"

MOVEMENT_COLUMNS: Final = tuple(name for name in BANK_TRANSACTIONS.names if name != "source_sha256")
"""The columns of ``bank_transactions`` that a reader fills, in order."""

BATCH: Final = 50_000
"""Movements written at a time."""

LARGEST: Final = Decimal(10) ** (BANK_AMOUNT.precision - BANK_AMOUNT.scale)
"""No amount is as large."""

NOTHING: Final = pa.scalar(Decimal("0.00000"), BANK_AMOUNT)


@dataclass(frozen=True)
class Balance:
    """A balance in units, signed (credit positive, from the holder's side), and its day."""

    units: int
    day: date | None


@dataclass(frozen=True)
class Heading:
    """What a statement says beside its movements.

    ``kind`` is statement (of closed days), report (what was booked so far: camt.052, MT942) or notification
    (movements announced one by one, or the details of a batch: camt.054).
    """

    account_number: str
    account_currency: str | None = None
    account_owner: str | None = None
    reference: str | None = None
    sequence_number: str | None = None
    created_at: datetime | None = None
    from_date: date | None = None
    to_date: date | None = None
    opening: Balance | None = None
    closing: Balance | None = None
    kind: str = STATEMENT


class StatementFile:
    """The statements of one file on their way to the sink, and the totals of the manifest.

    Movements wait until there are ``BATCH`` of them: a file of thousands of small statements is written as few tables.
    """

    def __init__(self, sha256: str, sink: Sink) -> None:
        self._sha256 = sha256
        self._sink = sink
        self._statements: list[_Statement] = []
        self._waiting: list[pa.Table] = []
        self._waiting_count = 0
        self._rows_read = 0
        self._out = Decimal(0)
        self._in = Decimal(0)
        self._span = DateSpan()

    @property
    def statement_count(self) -> int:
        """How many statements were added so far."""
        return len(self._statements)

    def set_aside(self, rows: Sequence[BadRow]) -> None:
        """Quarantine entries that cannot be read; they count as read."""
        self._rows_read += len(rows)
        self._sink.quarantine(rows)

    def begin(self, heading: Heading | Callable[[], Heading], source_row: int) -> int:
        """Land a statement that begins on ``source_row``; its ordinal, by which its movements name it, from 1.

        A ``heading`` that is known only once the movements are read is asked for at the end of the file.
        """
        self._statements.append(_Statement(source_row, heading))
        return len(self._statements)

    def take(self, movements: pa.Table) -> None:
        """Land movements of statements that have begun: a table of ``movement_table`` with ``statement_ordinal``.

        ``entry_ordinal`` counts the entries of each statement from 1.
        """
        self._waiting.append(movements)
        self._waiting_count += len(movements)
        if self._waiting_count >= BATCH:
            self._write()

    def add(
        self, heading: Heading | Callable[[], Heading], source_row: int, movements: Iterable[pa.Table]
    ) -> None:
        """Land a statement that begins on ``source_row`` with its movements: tables of ``movement_table``.

        ``entry_ordinal`` counts the entries of the statement from 1. Dates that the statement does not say are taken
        from its balances, else from its movements. A ``heading`` that is known only once the movements are read is
        asked for then.
        """
        statement = _Statement(source_row)
        self._statements.append(statement)
        ordinal = pa.scalar(len(self._statements), pa.int32())
        place = MOVEMENT_COLUMNS.index("statement_ordinal")
        for table in movements:
            self.take(table.set_column(place, "statement_ordinal", pa.repeat(ordinal, len(table))))
        statement.heading = heading() if callable(heading) else heading

    def reading(self, dialect: str, notes: Sequence[str] = ()) -> Reading:
        """The file's own entry in the manifest.

        Raises ``FileRefusedError`` when it held neither a statement nor an entry that was set aside.
        """
        if not self._statements and not self._rows_read:
            raise FileRefusedError("it holds no statement", "Ask the bank for the file again.")
        self._write()
        rows = [
            {"source_sha256": self._sha256, "statement_ordinal": ordinal, **one.row()}
            for ordinal, one in enumerate(self._statements, 1)
        ]
        for row in rows:
            if abs(row["entry_total"]) >= LARGEST:
                raise FileRefusedError(
                    f"the entries of its statement on line {row['source_row']} add up to {row['entry_total']:,.2f}, "
                    "which no account holds",
                    "Ask the bank for the file again.",
                )
        self._sink.write("bank_statements", pa.Table.from_pylist(rows, BANK_STATEMENTS))
        days = [row[name] for row in rows for name in ("from_date", "to_date") if row[name]]
        return Reading(
            dialect=f"{dialect};statements {len(self._statements)}",
            rows_read=self._rows_read,
            total_debit=self._out,
            total_credit=self._in,
            period_start=self._span.start or min(days, default=None),
            period_end=self._span.end or max(days, default=None),
            median_date=self._span.median,
            notes=tuple(notes),
            account_numbers=tuple(dict.fromkeys(row["account_number"] for row in rows)),
        )

    def _write(self) -> None:
        if not self._waiting:
            return
        rows = pa.concat_tables(self._waiting).combine_chunks()
        self._waiting, self._waiting_count = [], 0
        rows = rows.add_column(
            0, BANK_TRANSACTIONS.field(0), pa.repeat(pa.scalar(self._sha256), len(rows))
        ).select(BANK_TRANSACTIONS.names)
        self._sink.write("bank_transactions", rows)
        self._rows_read += len(rows)
        amount = rows.column("amount")
        self._in += _total(amount.filter(pc.greater(amount, NOTHING)))
        self._out -= _total(amount.filter(pc.less(amount, NOTHING)))
        for day in pc.value_counts(rows.column("booking_date").combine_chunks()).to_pylist():
            self._span.add(day["values"], day["counts"])
        entries = rows.filter(pc.less_equal(rows.column("detail_ordinal"), 1))
        for ordinal, count, total in _by_statement(
            entries, ("entry_amount", "count"), ("entry_amount", "sum")
        ):
            statement = self._statements[ordinal - 1]
            statement.entry_count += count
            statement.entry_total += total
        for ordinal, first, last in _by_statement(rows, ("booking_date", "min"), ("booking_date", "max")):
            statement = self._statements[ordinal - 1]
            statement.first_day = min(statement.first_day or first, first)
            statement.last_day = max(statement.last_day or last, last)


@dataclass
class _Statement:
    """A statement, and what its movements written so far add up to."""

    source_row: int
    heading: Heading | Callable[[], Heading] | None = None
    entry_count: int = 0
    entry_total: Decimal = Decimal(0)
    first_day: date | None = None
    last_day: date | None = None

    def row(self) -> dict[str, Any]:
        """The statement as a row of ``bank_statements``, without what the file gives it."""
        heading = self.heading() if callable(self.heading) else self.heading
        assert heading is not None
        opening, closing = heading.opening, heading.closing
        return {
            "source_row": self.source_row,
            "statement_kind": heading.kind,
            "statement_reference": heading.reference,
            "sequence_number": heading.sequence_number,
            "account_number": heading.account_number,
            "account_currency": heading.account_currency,
            "account_owner": heading.account_owner,
            "created_at": heading.created_at,
            "from_date": heading.from_date or (opening and opening.day) or self.first_day,
            "to_date": heading.to_date or (closing and closing.day) or self.last_day,
            "opening_balance": decimal_of(opening.units) if opening else None,
            "opening_date": opening.day if opening else None,
            "closing_balance": decimal_of(closing.units) if closing else None,
            "closing_date": closing.day if closing else None,
            "entry_count": self.entry_count,
            "entry_total": self.entry_total,
        }


def movement_table(columns: Mapping[str, Any], count: int) -> pa.Table:
    """``count`` movements from columns by name: Arrow arrays, or sequences of Python values (amounts: units).

    What is missing gets what it is without more: no detail (``detail_ordinal`` 0), the entry's amount that of the
    movement, no reversal, null (``statement_ordinal`` too, which ``StatementFile.add`` fills).
    """
    amount = _column("amount", columns["amount"])
    stand_ins: Mapping[str, Any] = {
        "detail_ordinal": pa.repeat(pa.scalar(0, pa.int32()), count),
        "entry_amount": amount,
        "is_reversal": pa.repeat(pa.scalar(False), count),
    }
    arrays = []
    for name in MOVEMENT_COLUMNS:
        if name == "amount":
            arrays.append(amount)
        elif name in columns:
            arrays.append(_column(name, columns[name]))
        else:
            arrays.append(stand_ins.get(name, pa.nulls(count, BANK_TRANSACTIONS.field(name).type)))
    return pa.Table.from_arrays(arrays, names=list(MOVEMENT_COLUMNS))


def amount_array(units: Any) -> pa.Array:
    """Units (int64, or a sequence of int or None) as decimals with five places, by taking them for what they are."""
    whole = units if isinstance(units, pa.Array) else pa.array(units, pa.int64())
    wide = whole.cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(BANK_AMOUNT, len(wide), wide.buffers(), wide.null_count, wide.offset)


def decimal_of(units: int) -> Decimal:
    """Units as an amount."""
    return Decimal(units).scaleb(-UNIT_DECIMALS)


def _column(name: str, values: Any) -> pa.Array:
    kind = BANK_TRANSACTIONS.field(name).type
    if kind == BANK_AMOUNT and not (isinstance(values, pa.Array) and values.type == BANK_AMOUNT):
        return amount_array(values)
    return values if isinstance(values, pa.Array) else pa.array(values, kind)


def _total(amounts: Any) -> Decimal:
    total: Decimal | None = pc.sum(amounts).as_py()
    return total or Decimal(0)


def _by_statement(rows: pa.Table, *aggregates: tuple[str, str]) -> Iterator[tuple[Any, ...]]:
    """For each statement: its ordinal, and the aggregates in their order."""
    found = rows.group_by("statement_ordinal", use_threads=False).aggregate(list(aggregates))
    names = ["statement_ordinal", *("_".join(one) for one in aggregates)]
    return zip(*(found.column(name).to_pylist() for name in names), strict=True)
