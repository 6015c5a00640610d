"""The replay of lettering groups: hand-worked groups, what holds of any group, and any ledger against a brute force."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconciliation.lettering import ITEMS, MEMBERS, RESTATEMENTS, replay
from tests.dbt.properties.brute_force import Posting, Unit, groups_of, items_of, left_by_day, settlements_of
from tests.dbt.properties.random_ledgers import Ledger, random_ledger

Row = dict[str, object]
FIRST_DAY = date(2025, 1, 1)


class Line(NamedTuple):
    """A line of one lettering group: its day (of January 2025), its amount, its piece and the day it falls due."""

    day: int
    amount: int
    piece: str | None = None
    due: int | None = None


def _item(name: str, line: Line) -> Row:
    return {
        "item_id": name,
        "ledger_line_id": name,
        "unit_id": "C1|411000",
        "fiscal_year_end_date": date(2025, 12, 31),
        "entry_date": FIRST_DAY + timedelta(days=line.day),
        "amount": line.amount,
        "document_ref": line.piece,
        "document_date": FIRST_DAY + timedelta(days=line.day),
        "due_date": None if line.due is None else FIRST_DAY + timedelta(days=line.due),
        "entry_number": name,
        "source_row": int(name[1:]),
        "is_opening_difference": False,
    }


def _settled(
    lines: Sequence[Line], *, order: Sequence[int] | None = None
) -> list[tuple[str, str, int, date]]:
    """(owed, settling, amount, effective date) of lines of one group, named L1, L2… in the order given."""
    named = [(f"L{number:06}", line) for number, line in enumerate(lines, 1)]
    rows = [_item(name, line) for name, line in named]
    if order is not None:
        rows = [rows[position] for position in order]
    balanced = sum(line.amount for line in lines) == 0
    members = [
        {
            "ledger_line_id": row["ledger_line_id"],
            "lettering_group": "A",
            "is_balanced": balanced,
        }
        for row in rows
    ]
    found = replay(
        pa.Table.from_pylist(rows, schema=ITEMS),
        pa.Table.from_pylist(members, schema=MEMBERS),
        RESTATEMENTS.empty_table(),
    )
    return sorted(
        (row["owed_item_id"], row["settling_item_id"], row["amount"], row["effective_date"])
        for row in found.to_pylist()
    )


def _short(lines: Sequence[Line]) -> list[tuple[int, int, int, int]]:
    """The same with positions (1 = the first line) and days."""
    return [
        (int(owed[1:]), int(settling[1:]), amount, (effective - FIRST_DAY).days)
        for owed, settling, amount, effective in _settled(lines)
    ]


def test_a_payment_takes_what_was_posted_by_then_though_a_later_invoice_is_due_first() -> None:
    assert _short([Line(10, 1000, due=120), Line(31, -1000), Line(41, 1000, due=60)]) == [(1, 2, 1000, 31)]


def test_a_payment_takes_its_own_document_first_and_then_by_due_date() -> None:
    lines = [Line(1, 100, "F1", due=50), Line(2, 100, "F2", due=40), Line(3, 100, "F3", due=60)]
    assert _short([*lines, Line(9, -250, "F3")]) == [(1, 4, 50, 9), (2, 4, 100, 9), (3, 4, 100, 9)]


def test_a_payment_in_advance_waits_for_the_invoice() -> None:
    assert _short([Line(3, -500), Line(20, 800)]) == [(2, 1, 500, 20)]


def test_on_one_day_what_is_owed_comes_before_what_settles_it() -> None:
    assert _short([Line(5, -100), Line(5, 100), Line(9, 100)]) == [(2, 1, 100, 5)]


def test_of_equal_due_dates_the_entry_posted_first() -> None:
    assert _short([Line(2, 100, due=30), Line(1, 100, due=30), Line(9, -100)]) == [(2, 3, 100, 9)]


def test_a_payment_in_advance_takes_the_instalments_of_a_line_as_they_fall_due() -> None:
    """Twelve of them, so that the tenth comes before the second in the order of names."""
    paid = _item("L000001", Line(3, -250)) | {"ledger_line_id": "P1"}
    parts = [
        _item("L000002", Line(20, 100, "F1", due=30 * number))
        | {"item_id": f"F1/{number}", "ledger_line_id": "F1"}
        for number in range(1, 13)
    ]
    members = [
        {"ledger_line_id": line, "lettering_group": "A", "is_balanced": False} for line in ("P1", "F1")
    ]
    found = replay(
        pa.Table.from_pylist([paid, *parts], schema=ITEMS),
        pa.Table.from_pylist(members, schema=MEMBERS),
        RESTATEMENTS.empty_table(),
    )
    assert {(row["owed_item_id"], row["amount"]) for row in found.to_pylist()} == {
        ("F1/1", 100),
        ("F1/2", 100),
        ("F1/3", 50),
    }


def test_a_group_of_one_side_settles_nothing() -> None:
    assert _short([Line(1, 100), Line(2, 100)]) == []
    assert _short([Line(1, -100)]) == []


LINES = st.lists(
    st.builds(
        Line,
        day=st.integers(0, 6),
        amount=st.sampled_from([-300, -200, -100, -1, 1, 100, 200, 300]),
        piece=st.sampled_from([None, "F1", "F2"]),
        due=st.one_of(st.none(), st.integers(0, 9)),
    ),
    max_size=14,
)


@given(LINES)
def test_nothing_is_settled_beyond_what_it_is(lines: list[Line]) -> None:
    taken: dict[str, int] = defaultdict(int)
    for owed, settling, amount, _ in _settled(lines):
        assert amount > 0
        taken[owed] += amount
        taken[settling] += amount
    for number, line in enumerate(lines, 1):
        name = f"L{number:06}"
        assert taken[name] <= abs(line.amount)


@given(LINES)
def test_at_the_end_only_one_side_is_left(lines: list[Line]) -> None:
    """Everything that can settle does: what is left open is the balance of the group, all of one sign."""
    left = {f"L{number:06}": line.amount for number, line in enumerate(lines, 1)}
    for owed, settling, amount, _ in _settled(lines):
        left[owed] -= amount
        left[settling] += amount
    assert sum(left.values()) == sum(line.amount for line in lines)
    assert min(left.values(), default=0) >= 0 or max(left.values(), default=0) <= 0


@given(LINES)
def test_effective_on_the_later_of_the_two_accounting_dates(lines: list[Line]) -> None:
    days = {f"L{number:06}": FIRST_DAY + timedelta(days=line.day) for number, line in enumerate(lines, 1)}
    for owed, settling, _, effective in _settled(lines):
        assert effective == max(days[owed], days[settling])


@given(LINES)
def test_a_pair_occurs_once(lines: list[Line]) -> None:
    pairs = [(owed, settling) for owed, settling, _, _ in _settled(lines)]
    assert len(pairs) == len(set(pairs))


@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_is_irrelevant(lines: list[Line], shuffler: random.Random) -> None:
    order = list(range(len(lines)))
    shuffler.shuffle(order)
    assert _settled(lines, order=order) == _settled(lines)


@given(LINES, st.integers(0, 6))
def test_what_is_posted_later_changes_no_earlier_settlement(lines: list[Line], day: int) -> None:
    earlier = [line for line in lines if line.day <= day]
    later = [line for line in lines if line.day > day]
    end_of_day = FIRST_DAY + timedelta(days=day)
    assert _settled(earlier) == [row for row in _settled([*earlier, *later]) if row[3] <= end_of_day]


def _replayed(ledger: Ledger) -> dict[tuple[str, str], tuple[int, date]]:
    """(owed, settling) → amount and effective date, by the replay of a whole ledger."""
    items = items_of(ledger.postings)
    rows = [
        {
            "item_id": item.name,
            "ledger_line_id": item.line.label if item.line else item.name,
            "unit_id": f"{item.unit.party}|{item.unit.account}",
            "fiscal_year_end_date": date(item.posted_on.year, 12, 31),
            "entry_date": item.posted_on,
            "amount": item.amount,
            "document_ref": item.piece,
            "document_date": item.line.piece_date if item.line else item.posted_on,
            "due_date": item.due_date,
            "entry_number": item.number or None,
            "source_row": item.row,
            "is_opening_difference": item.line is None,
        }
        for item in items
    ]
    members = [
        {
            "ledger_line_id": posting.label,
            "lettering_group": f"{number:06}",
            "is_balanced": sum(one.amount for one in group) == 0,
        }
        for number, group in enumerate(groups_of(ledger.postings))
        for posting in group
    ]
    lines_of_items = [item.line for item in items if item.line]
    restatements = [
        {
            "ledger_line_id": posting.label,
            "unit_id": f"{posting.unit.party}|{posting.unit.account}",
            "fiscal_year_end_date": date(posting.year, 12, 31),
            "amount": posting.amount,
            "document_ref": posting.piece,
            "document_date": posting.piece_date,
        }
        for posting in ledger.postings
        if posting not in lines_of_items
    ]
    found = replay(
        pa.Table.from_pylist(rows, schema=ITEMS),
        pa.Table.from_pylist(members, schema=MEMBERS),
        pa.Table.from_pylist(restatements, schema=RESTATEMENTS),
    )
    return {
        (row["owed_item_id"], row["settling_item_id"]): (row["amount"], row["effective_date"])
        for row in found.to_pylist()
    }


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_any_ledger_settles_as_by_brute_force(seed: int) -> None:
    ledger = random_ledger(random.Random(seed), "c")
    expected: dict[tuple[str, str], tuple[int, date]] = {}
    for owed, settling, amount, effective in settlements_of(ledger.postings):
        pair = owed.name, settling.name
        expected[pair] = (amount + expected.get(pair, (0, effective))[0], effective)
    assert _replayed(ledger) == expected, ledger.told()


@settings(max_examples=100)
@given(st.integers(0, 2**32), st.integers(1, 364))
def test_what_is_posted_later_changes_no_balance_before(seed: int, number: int) -> None:
    """By brute force, of which the replay is another telling: what is open by a day is what was open on it."""
    ledger = random_ledger(random.Random(seed), "c")
    day = date(2025, 1, 1) + timedelta(days=number)
    assume(ledger.is_explained_by(day))
    assert _left_until(ledger, day) == _left_until(ledger.until(day), day), ledger.told()


def _posting(
    row: int,
    day: date,
    amount: int,
    piece: str,
    letter: str = "",
    restates: tuple[str, ...] | None = None,
    due: date | None = None,
) -> Posting:
    unit = Unit("411000", "C1")
    return Posting("c", unit, day, amount, piece, day, due, letter, f"{row:05}", row, restates)


def _left_until(ledger: Ledger, day: date) -> dict[str, dict[date, int]]:
    left = {
        item.name: {on: amount for on, amount in amounts.items() if on <= day}
        for item, amounts in left_by_day(ledger.postings).items()
    }
    return {name: amounts for name, amounts in left.items() if amounts}


@pytest.mark.parametrize("years", [(2024,), (2024, 2025)])
def test_lettering_of_a_later_year_moves_no_settlement_of_an_earlier_one(years: tuple[int, ...]) -> None:
    """P1 pays part of F1, whose letter it has; that next year's opening line holds F1 and F2 together, under another
    letter, does not make it a payment of F2, though F2 falls due first."""

    invoice = _posting(1, date(2024, 1, 10), 100_000, "F1", "a")
    other = _posting(2, date(2024, 1, 5), 100_000, "F2", "")
    paid = _posting(3, date(2024, 3, 1), -60_000, "P1", "a")
    opening = _posting(4, date(2025, 1, 1), 140_000, "SOLDE", "b", ("L1", "L2"))
    rest = _posting(5, date(2025, 2, 1), -140_000, "P2", "b")
    ledger = Ledger(
        "c", years, "one line", [one for one in (invoice, other, paid, opening, rest) if one.year in years]
    )
    settled = _replayed(ledger)
    assert settled["L1", "L3"] == (60_000, date(2024, 3, 1))
    assert ("L2", "L3") not in settled
    if 2025 in years:
        assert settled["L1", "L5"] == (40_000, date(2025, 2, 1))
        assert settled["L2", "L5"] == (100_000, date(2025, 2, 1))


def test_opening_lines_that_together_are_what_is_left_take_no_difference() -> None:
    """F1 of 999.99 was paid with 500.00, F2 of 123.45 not at all. The new year carries all three lines: 623.44, as is
    left. Two payments of 311.72 close them, though the openings of the account as a whole say 60.00 less."""
    last, this = date(2024, 12, 31), date(2025, 12, 31)

    def item(name: str, year: date, day: date, amount: int, document: str | None) -> dict[str, object]:
        return {
            "item_id": name,
            "ledger_line_id": name,
            "unit_id": "unit",
            "fiscal_year_end_date": year,
            "entry_date": day,
            "amount": amount,
            "document_ref": document,
            "document_date": day,
            "due_date": day,
            "entry_number": name,
            "source_row": 1,
            "is_opening_difference": document is None,
        }

    def opening(name: str, amount: int, document: str) -> dict[str, object]:
        return {
            "ledger_line_id": name,
            "unit_id": "unit",
            "fiscal_year_end_date": this,
            "amount": amount,
            "document_ref": document,
            "document_date": date(2024, 5, 17),
        }

    items = [
        item("F1", last, date(2024, 5, 17), 99999, "F1"),
        item("F2", last, date(2024, 5, 18), 12345, "F2"),
        item("P1", last, date(2024, 5, 19), -50000, "P1"),
        item("difference", this, date(2025, 1, 1), -6000, None),
        item("P2", this, date(2025, 6, 8), -31172, "P2"),
        item("P3", this, date(2025, 8, 12), -31172, "P3"),
    ]
    groups = {"2024": ("F1", "F2", "P1"), "2025": ("O1", "O2", "O3", "P2", "P3")}
    members = [
        {"ledger_line_id": line, "lettering_group": group, "is_balanced": group == "2025"}
        for group, lines in groups.items()
        for line in lines
    ]
    restatements = [opening("O1", 99999, "F1"), opening("O2", 12345, "F2"), opening("O3", -50000, "P1")]
    found = replay(
        pa.Table.from_pylist(items, schema=ITEMS),
        pa.Table.from_pylist(members, schema=MEMBERS),
        pa.Table.from_pylist(restatements, schema=RESTATEMENTS),
    )
    assert sorted(tuple(row.values()) for row in found.to_pylist()) == [
        ("F1", "P1", 50000, date(2024, 5, 19)),
        ("F1", "P2", 31172, date(2025, 6, 8)),
        ("F1", "P3", 18827, date(2025, 8, 12)),
        ("F2", "P3", 12345, date(2025, 8, 12)),
    ]


@pytest.mark.parametrize(("paid", "left"), [(50_000, 0), (20_000, 30_000)])
def test_a_mark_on_a_balance_settles_no_more_than_the_balance(paid: int, left: int) -> None:
    """F1 was paid in December, and nobody lettered it. The balance carried in one line is F3, paid in January whole or
    in part; F3 fell due first, and is not what was paid in December all the same."""
    postings = [
        _posting(1, date(2024, 9, 10), 100_000, "F1", due=date(2024, 11, 30)),
        _posting(2, date(2024, 10, 20), 50_000, "F3", due=date(2024, 11, 20)),
        _posting(3, date(2024, 12, 5), -100_000, "P1"),
        _posting(4, date(2025, 1, 1), 50_000, "SOLDE", "a", ("L1", "L2", "L3")),
        _posting(5, date(2025, 1, 20), -paid, "P3", "a"),
    ]
    ledger = Ledger("c", (2024, 2025), "one line", postings)
    assert _replayed(ledger) == {("L2", "L5"): (paid, date(2025, 1, 20))}
    expected = {"L1": 100_000, "L2": left, "L3": -100_000, "L5": 0}
    open_at_the_end = {name: list(on.values())[-1] for name, on in _left_until(ledger, date.max).items()}
    assert open_at_the_end == expected


def test_what_a_balanced_group_left_open_is_carried_on() -> None:
    """2024 settles F1 by P1, and 2025 opens with both all the same, and with the credit note A1. The accountant letters
    the lines of F1 and A1 and a payment P2: they balance, and yet all that is left of them are two credits. 2026 opens
    with both, and what is sent back settles them."""
    postings = [
        _posting(1, date(2024, 3, 1), 50_000, "F1", "k"),
        _posting(2, date(2024, 4, 1), -50_000, "P1", "k"),
        _posting(3, date(2024, 5, 1), -10_000, "A1"),
        _posting(4, date(2025, 1, 1), 50_000, "F1", "b", ("L1",)),
        _posting(5, date(2025, 1, 1), -50_000, "P1", "", ("L2",)),
        _posting(6, date(2025, 1, 1), -10_000, "A1", "b", ("L3",)),
        _posting(7, date(2025, 2, 1), -40_000, "P2", "b"),
        _posting(8, date(2026, 1, 1), -10_000, "A1", "c", ("L3",)),
        _posting(9, date(2026, 1, 1), -40_000, "P2", "c", ("L7",)),
        _posting(10, date(2026, 3, 1), 50_000, "R1", "c"),
    ]
    assert _replayed(Ledger("c", (2024, 2025, 2026), "lines", postings)) == {
        ("L1", "L2"): (50_000, date(2024, 4, 1)),
        ("L10", "L3"): (10_000, date(2026, 3, 1)),
        ("L10", "L7"): (40_000, date(2026, 3, 1)),
    }
