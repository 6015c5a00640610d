"""How statements of any format become rows: counts and totals of each, however their movements come."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from ingestion.formats import statements
from ingestion.formats.statements import Balance, Heading, StatementFile, movement_table
from ingestion.reading import BadRow, FileRefusedError


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.tables: dict[str, list[pa.Table]] = {}
        self.bad: list[BadRow] = []

    def write(self, table: str, rows: pa.Table) -> None:
        self.tables.setdefault(table, []).append(rows)

    def quarantine(self, rows: Sequence[BadRow]) -> None:
        self.bad += rows

    def rows(self, table: str) -> list[dict[str, Any]]:
        return pa.concat_tables(self.tables[table]).to_pylist()


def movements(*cents: int, day: date = date(2025, 1, 15), **more: Any) -> pa.Table:
    count = len(cents)
    columns = {
        "source_row": range(1, count + 1),
        "entry_ordinal": range(1, count + 1),
        "booking_date": [day] * count,
        "amount": [value * 1000 for value in cents],
        "currency_code": ["EUR"] * count,
    }
    return movement_table({**columns, **more}, count)


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_each_statement_has_its_own_count_total_and_days(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "BATCH", batch)
    sink = Kept()
    file = StatementFile("a" * 64, sink)
    file.add(Heading("A"), 1, [movements(100, -30), movements(5, day=date(2025, 1, 17))])
    file.add(Heading("B"), 9, [])
    ordinal = file.begin(Heading("C", to_date=date(2025, 3, 31)), 12)
    file.take(movements(-1, -2, statement_ordinal=[ordinal, ordinal]))
    file.set_aside([BadRow(20, "it is bad", "Mend it.", "…")])
    reading = file.reading("test")
    assert [
        (
            row["account_number"],
            row["statement_ordinal"],
            row["source_row"],
            row["entry_count"],
            row["entry_total"],
        )
        for row in sink.rows("bank_statements")
    ] == [("A", 1, 1, 3, Decimal("0.75")), ("B", 2, 9, 0, Decimal(0)), ("C", 3, 12, 2, Decimal("-0.03"))]
    assert [(row["from_date"], row["to_date"]) for row in sink.rows("bank_statements")] == [
        (date(2025, 1, 15), date(2025, 1, 17)),
        (None, None),
        (date(2025, 1, 15), date(2025, 3, 31)),
    ]
    assert [(row["statement_ordinal"], row["amount"]) for row in sink.rows("bank_transactions")] == [
        (1, Decimal("1.00")),
        (1, Decimal("-0.30")),
        (1, Decimal("0.05")),
        (3, Decimal("-0.01")),
        (3, Decimal("-0.02")),
    ]
    assert (reading.rows_read, reading.total_debit, reading.total_credit) == (
        6,
        Decimal("0.33"),
        Decimal("1.05"),
    )
    assert (reading.period_start, reading.period_end) == (date(2025, 1, 15), date(2025, 1, 17))
    assert reading.account_numbers == ("A", "B", "C")


def test_details_count_as_the_one_entry_that_they_are() -> None:
    sink = Kept()
    file = StatementFile("a" * 64, sink)
    batch = movements(60, 40, entry_ordinal=[1, 1], detail_ordinal=[1, 2], entry_amount=[100_000, 100_000])
    file.add(Heading("A"), 1, [batch])
    assert file.reading("test").rows_read == 2
    (row,) = sink.rows("bank_statements")
    assert (row["entry_count"], row["entry_total"]) == (1, Decimal("1.00"))


def test_a_heading_may_be_known_only_after_the_movements() -> None:
    sink = Kept()
    file = StatementFile("a" * 64, sink)
    seen: list[pa.Table] = []

    def stream() -> Any:
        seen.append(movements(100))
        yield seen[0]

    file.add(lambda: Heading("A", closing=Balance(100_000 * len(seen), date(2025, 1, 31))), 1, stream())
    file.reading("test")
    (row,) = sink.rows("bank_statements")
    assert (row["closing_balance"], row["closing_date"]) == (Decimal("1.00"), date(2025, 1, 31))


def test_a_file_without_any_statement_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="it holds no statement"):
        StatementFile("a" * 64, Kept()).reading("test")


def test_entries_that_add_up_to_more_than_an_amount_holds_refuse_the_file() -> None:
    file = StatementFile("a" * 64, Kept())
    file.add(Heading("A"), 7, [movements(*[99_999_999_999_999] * 11)])
    with pytest.raises(
        FileRefusedError, match=r"on line 7 add up to 10,999,999,999,999\.89, which no account holds"
    ):
        file.reading("test")
