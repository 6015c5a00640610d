"""However many payments, documents and credit notes a match holds: nothing settles or is settled beyond its amount, a
residual with a name leaves nothing open, and what falls due first is settled first."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MODEL = "int_settlements__solved"
READ = ("int_matching__groups", "int_matching__members", "int_items__posted", "int_bank__transactions")
FIRST_DAY = date(2026, 1, 1)
NAMED = ("bank_fee", "discount", "rounding", "exchange")


@dataclass(frozen=True)
class Member:
    object_id: str
    side: str
    cents: int
    """As in ``int_matching__members``: positive for a payment that settles and a document that is owed."""
    day: int

    @property
    def settles(self) -> bool:
        return (self.cents > 0) == (self.side == "payment")


@dataclass(frozen=True)
class Match:
    use: str
    members: tuple[Member, ...]
    reason: str

    @property
    def residual(self) -> int:
        return sum(member.cents if member.side == "payment" else -member.cents for member in self.members)


@st.composite
def matches(draw: st.DrawFn) -> Match:
    use = draw(st.sampled_from(["lettering", "receipt"]))
    cents = st.integers(min_value=-900, max_value=900).filter(bool)
    days = st.integers(min_value=0, max_value=3)
    members = [
        Member(f"{side}{number}", side, amount, day)
        for side in ("payment", "document")
        for number, (amount, day) in enumerate(draw(st.lists(st.tuples(cents, days), min_size=1, max_size=4)))
    ]
    return Match(use, tuple(members), draw(st.sampled_from([*NAMED, "short_payment", "over_payment"])))


Settle = Callable[[Match], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def settle(build: Any, built: Any) -> Iterator[Settle]:
    """The settlements of a match, as the model makes them."""
    sql = next(result.node.compiled_code for result in build.result.results if result.node.name == MODEL)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{built.database}' AS built (READ_ONLY)")
        connection.execute("ATTACH ':memory:' AS encours")
        connection.execute("CREATE SCHEMA encours.intermediate")
        for table in READ:
            columns = connection.execute(
                "SELECT string_agg(concat('\"', column_name, '\" ', data_type), ', ') FROM duckdb_columns() "
                "WHERE database_name = 'built' AND schema_name = 'intermediate' AND table_name = $1",
                [table],
            ).fetchall()[0][0]
            connection.execute(f"CREATE TABLE encours.intermediate.{table} ({columns})")
        connection.execute("USE encours.intermediate")

        def settlements_of(match: Match) -> list[dict[str, Any]]:
            for table in READ:
                connection.execute(f"DELETE FROM {table}")
            _insert(connection, match)
            found = connection.execute(sql)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        yield settlements_of


def _insert(connection: duckdb.DuckDBPyConnection, match: Match) -> None:
    connection.execute(
        "INSERT INTO int_matching__groups BY NAME SELECT 'm' AS match_id, $1 AS use, 'matched' AS match_status, "
        "'amount' AS match_rule, $2 AS residual_amount, $3 AS residual_reason",
        [match.use, Decimal(match.residual) / 100, match.reason if match.residual else None],
    )
    for member in match.members:
        day = FIRST_DAY + timedelta(days=member.day)
        connection.execute(
            "INSERT INTO int_matching__members BY NAME "
            "SELECT 'm' AS match_id, $1 AS side, $2 AS object_id, $3 AS amount",
            [member.side, member.object_id, Decimal(member.cents) / 100],
        )
        if match.use == "receipt" and member.side == "payment":
            connection.execute(
                "INSERT INTO int_bank__transactions BY NAME SELECT $1 AS bank_transaction_id, $2 AS booking_date",
                [member.object_id, day],
            )
        else:
            connection.execute(
                "INSERT INTO int_items__posted BY NAME SELECT $1 AS item_id, $2 AS entry_date, $2 AS due_date, "
                "$3 AS item_type, $3 AS settlement_kind, 'receivable' AS ledger_side",
                [member.object_id, day, "payment" if member.side == "payment" else "credit_note"],
            )


def _taken(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Cents that the settlements take of each member."""
    taken: dict[str, int] = defaultdict(int)
    for row in rows:
        for name in ("owed_item_id", "settling_item_id", "bank_transaction_id"):
            if row[name] is not None:
                taken[row[name]] += int(row["amount"] * 100)
    return taken


@settings(max_examples=150, deadline=None)
@given(match=matches())
def test_a_match_settles_what_it_holds_and_no_more(settle: Settle, match: Match) -> None:
    rows = settle(match)
    taken = _taken(rows)
    sizes = {member.object_id: abs(member.cents) for member in match.members}
    assert all(row["amount"] > 0 for row in rows)
    assert len({row["settlement_id"] for row in rows}) == len(rows)
    assert {one: cents for one, cents in taken.items() if cents > sizes[one]} == {}

    settling = sum(abs(member.cents) for member in match.members if member.settles)
    settled = sum(abs(member.cents) for member in match.members if not member.settles)
    if match.use == "lettering":
        named = abs(match.residual) if match.reason in NAMED else 0
        assert sum(row["amount"] for row in rows) * 100 == min(settling, settled) + named
        if named or not match.residual:
            assert taken == sizes

    # Of what is settled, what falls due first is settled whole before the next gets anything.
    owed = sorted(
        (member for member in match.members if not member.settles), key=lambda one: (one.day, one.object_id)
    )
    items = [one for one in owed if match.use == "lettering" or one.side == "document"]
    open_seen = False
    for one in items:
        assert not (open_seen and taken[one.object_id])
        open_seen = open_seen or taken[one.object_id] < sizes[one.object_id]
