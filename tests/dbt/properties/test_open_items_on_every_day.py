"""Whatever the ledger, the models' open items and their age are those of a brute force on every day, from before the
first entry until after the last; buckets are items; what is posted later changes no earlier balance; ids stay the same
from run to run.

Each example is many random companies in one home, whose models are built three times: on the ledgers as they stood on
some day, as they stood at the year's end, and once more with other labels and some lettering undone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.properties.brute_force import Item, Settlement, left_by_day, settlements_of
from tests.dbt.properties.daily_books import SNAPSHOTS, DailyBooks, DailyHome
from tests.dbt.properties.random_ledgers import Ledger, random_ledger
from tests.golden.books import Company

COMPANIES = 45
ONE_DAY = timedelta(days=1)
YEAR_END = date(2025, 12, 31)
MORE_LATE = (
    (91, "overdue_4"),
    (61, "overdue_3"),
    (31, "overdue_2"),
    (1, "overdue_1"),
    (-30, "not_due_1"),
    (-60, "not_due_2"),
)
"""Days late from which each band begins, the latest first; below all of them it is ``not_due_3``."""

KEYS = {
    "fct_items": "item_id",
    "fct_ledger_lines": "ledger_line_id",
    "fct_open_items": "open_item_id",
    "fct_settlements": "settlement_id",
    "fct_ageing_snapshot_dates": "as_of_date, known_at_date",
    "fct_ageing_snapshots": (
        "as_of_date, known_at_date, ledger_side, third_party_id, currency_code, ageing_bucket_code"
    ),
    "fct_open_items_history": "as_of_date, known_at_date, item_id",
}

Open = tuple[date, str, int, int | None, str]
"""What is open of an item on a day: the day, the item's name, cents, days late and bucket."""

Pair = tuple[str, str]
"""The names of two items: the owed one, and the one that settles it."""

NewHome = Callable[[Path, date], DailyHome]
"""Folder and first day → a home there."""


@pytest.fixture(scope="module")
def daily_home(parsed: Any) -> NewHome:
    def made(folder: Path, first_day: date) -> DailyHome:
        return DailyHome.at(folder, parsed, first_day)

    return made


# One example is 45 companies and three builds. Without shrinking: a failure prints the one ledger that differs.
@settings(max_examples=2, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_open_items_on_every_day(daily_home: NewHome, seed: int) -> None:
    random = Random(seed)
    ledgers = [random_ledger(random, f"c{number:02}") for number in range(COMPANIES)]
    earlier_day = date(2025, 1, 15) + random.randrange(320) * ONE_DAY
    then = [ledger.until(earlier_day) for ledger in ledgers]
    unlettered = [ledger.relabelled(without_letters=number % 2 == 0) for number, ledger in enumerate(ledgers)]
    first_day = min(posting.posted_on for ledger in ledgers for posting in ledger.postings) - ONE_DAY
    with TemporaryDirectory() as folder:
        home = daily_home(Path(folder), first_day)
        first = _built(home, then, delivered_on=earlier_day, as_of=earlier_day)
        before = _same_as_brute_force(first, then, first_day, earlier_day)
        second = _built(home, ledgers, delivered_on=YEAR_END, as_of=YEAR_END + ONE_DAY)
        after = _same_as_brute_force(second, ledgers, first_day, YEAR_END + ONE_DAY)
        _sets_are_kept(first, second, earlier_day)
        unexplained = {one.company_id for one in ledgers if not one.is_explained_by(earlier_day)}
        _what_is_posted_later_changes_nothing(before, after, earlier_day, except_of=unexplained)
        _sets_are_written_where_figures_change(second, before, after, earlier_day)
        # Of two runs on one day the last wins.
        third = _built(home, unlettered, delivered_on=YEAR_END, as_of=YEAR_END + ONE_DAY)
        _same_as_brute_force(third, unlettered, first_day, YEAR_END + ONE_DAY)
        _sets_are_kept(first, third, earlier_day)
        _ids_are_unchanged(second, third, relabelled=[one.company_id for one in ledgers[1::2]])


def _built(home: DailyHome, ledgers: list[Ledger], *, delivered_on: date, as_of: date) -> DailyBooks:
    run = f"{delivered_on}-{len(home.run_ids)}"
    companies = [
        Company(
            one.company_id,
            {str(delivered_on): {f"{run}/{name}": content for name, content in one.files().items()}},
        )
        for one in ledgers
    ]
    return home.build(companies, delivered_on=delivered_on, as_of=as_of)


def _same_as_brute_force(
    books: DailyBooks, ledgers: list[Ledger], first_day: date, last_day: date
) -> dict[str, set[Open]]:
    """Company → everything open on any day, found right."""
    found = _open_items(books)
    settled = _settlements(books)
    for ledger in ledgers:
        _same_days(ledger, found[ledger.company_id], set(_aged(ledger, last_day)))
        expected = _named(settlements_of(ledger.postings))
        assert settled[ledger.company_id] == expected, (
            f"{ledger.company_id}: settlements\n{ledger.told()}\n"
            f"found    {settled[ledger.company_id]}\nexpected {expected}"
        )
    own_date = defaultdict(set)
    for company_id, *row in books.rows(_query("fct_open_items", "true")):
        own_date[company_id].add(tuple(row))
    assert own_date == {
        company_id: today
        for company_id, rows in found.items()
        if (today := {row for row in rows if row[0] == last_day})
    }
    days = books.rows("SELECT as_of_date FROM fct_ageing_snapshot_dates WHERE is_latest ORDER BY as_of_date")
    assert [day for (day,) in days] == list(_days(first_day, last_day))
    for mart, key in KEYS.items():
        assert books.rows(f"SELECT {key} FROM {mart} GROUP BY ALL HAVING count(*) > 1") == [], mart
    _buckets_are_items(books)
    assert books.failed_controls() == []
    return found


def _same_days(ledger: Ledger, found: set[Open], expected: set[Open]) -> None:
    if apart := found ^ expected:
        day = min(apart)[0]
        told = [sorted(row for row in rows if row[0] == day) for rows in (found, expected)]
        raise AssertionError(
            f"{ledger.company_id}: open items at {day}\n{ledger.told()}\nfound    {told[0]}\nexpected {told[1]}"
        )


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * ONE_DAY for number in range((last - first).days + 1))


def _aged(ledger: Ledger, last_day: date) -> Iterator[Open]:
    """Everything open on any day, by brute force."""
    for item, left in left_by_day(ledger.postings).items():
        for since, until in pairwise([*left, last_day + ONE_DAY]):
            if amount := left[since]:
                for day in _days(since, min(until - ONE_DAY, last_day)):
                    yield day, item.name, amount, *_age(item, amount, day)


def _age(item: Item, amount: int, day: date) -> tuple[int | None, str]:
    if amount < 0:
        return None, "unapplied"
    if item.due_date is None:
        return None, "undated"
    days_late = (day - item.due_date).days
    return days_late, next((band for start, band in MORE_LATE if days_late >= start), "not_due_3")


def _named(settlements: list[Settlement]) -> dict[Pair, tuple[int, date]]:
    """(owed, settling) → amount and effective date; what one pair settles in two groups is one row."""
    found: dict[Pair, tuple[int, date]] = {}
    for owed, settling, amount, effective in settlements:
        pair = owed.name, settling.name
        found[pair] = found.get(pair, (0, effective))[0] + amount, effective
    return found


NAMED_ITEMS = """
    SELECT items.*, coalesce(
        split_part(lines.label, ' ', 1) || regexp_extract(items.item_id, '/.*$'),
        concat_ws(' ', items.account_code, split_part(items.third_party_id, '/', 3), CAST(items.entry_date AS VARCHAR))
    ) AS name
    FROM fct_items items LEFT JOIN fct_ledger_lines lines USING (ledger_line_id)
"""


def _query(mart: str, condition: str) -> str:
    return f"""
        WITH items AS ({NAMED_ITEMS})
        SELECT items.company_id, mart.as_of_date, items.name, CAST(mart.open_amount * 100 AS BIGINT),
            mart.days_past_due, mart.ageing_bucket_code
        FROM {mart} mart JOIN items USING (item_id) WHERE {condition}
    """


def _open_items(books: DailyBooks) -> dict[str, set[Open]]:
    """Company → everything open on any day, as the latest sets say."""
    latest = """
        (mart.as_of_date, mart.known_at_date) IN (
            SELECT (as_of_date, known_at_date) FROM fct_ageing_snapshot_dates WHERE is_latest
        )
    """
    found: dict[str, set[Open]] = defaultdict(set)
    for company_id, day, name, cents, days_late, bucket in books.rows(
        _query("fct_open_items_history", latest)
    ):
        found[company_id].add((day, name, cents, days_late, bucket))
    return found


def _settlements(books: DailyBooks) -> dict[str, dict[Pair, tuple[int, date]]]:
    found: dict[str, dict[Pair, tuple[int, date]]] = defaultdict(dict)
    for company_id, ledger_side, debit, credit, cents, effective in books.rows(
        f"""
        WITH items AS ({NAMED_ITEMS})
        SELECT settlements.company_id, debits.ledger_side, debits.name, credits.name,
            CAST(amount * 100 AS BIGINT), effective_date
        FROM fct_settlements settlements
        JOIN items debits ON debit_item_id = debits.item_id JOIN items credits ON credit_item_id = credits.item_id
        WHERE status = 'booked'
        """
    ):
        pair = (debit, credit) if ledger_side == "receivable" else (credit, debit)
        found[company_id][pair] = cents, effective
    return found


def _buckets_are_items(books: DailyBooks) -> None:
    apart = books.rows(
        """
        WITH items AS (
            SELECT as_of_date, known_at_date, company_id, ledger_side, third_party_id, ageing_bucket_code,
                sum(history.open_amount) AS open_amount, count(*) AS item_count
            FROM fct_open_items_history history JOIN fct_items USING (item_id)
            JOIN fct_ageing_snapshot_dates sets USING (as_of_date, known_at_date)
            WHERE sets.is_latest
            GROUP BY ALL
        ), buckets AS (
            SELECT as_of_date, known_at_date, company_id, ledger_side, third_party_id, ageing_bucket_code,
                open_amount, item_count
            FROM fct_ageing_snapshots JOIN fct_ageing_snapshot_dates sets USING (as_of_date, known_at_date)
            WHERE sets.is_latest
        )
        (FROM items EXCEPT ALL FROM buckets) UNION ALL (FROM buckets EXCEPT ALL FROM items)
        """
    )
    assert apart == []
    totals = books.rows(
        """
        SELECT as_of_date, total, sum(coalesce(open_amount, 0)) AS open_amount
        FROM fct_ageing_snapshot_dates LEFT JOIN fct_open_items_history USING (as_of_date, known_at_date)
        GROUP BY as_of_date, known_at_date, total
        HAVING total <> open_amount
        """
    )
    assert totals == []


def _sets_are_kept(first: DailyBooks, later: DailyBooks, known_at: date) -> None:
    """What was known on the earlier day is there as that day wrote it."""
    for mart in SNAPSHOTS:
        columns = "* EXCLUDE (is_latest, is_last_of_month)" if mart == "fct_ageing_snapshot_dates" else "*"
        query = f"SELECT {columns} FROM {{marts}}.{mart} WHERE known_at_date = $1"
        assert later.rows_apart(first, query, known_at) == [], mart


def _what_is_posted_later_changes_nothing(
    before: dict[str, set[Open]], after: dict[str, set[Open]], known_at: date, *, except_of: set[str]
) -> None:
    assert len(except_of) < COMPANIES / 2
    for company_id in {*before, *after} - except_of:
        earlier = {row for row in after[company_id] if row[0] <= known_at}
        assert earlier == before[company_id], (
            f"{company_id}: what is posted after {known_at} changes what was open"
        )


def _sets_are_written_where_figures_change(
    second: DailyBooks, before: dict[str, set[Open]], after: dict[str, set[Open]], known_at: date
) -> None:
    """A day has a set of the second run if that knows other figures of it than the first, and only then."""
    changed = {row[0] for company_id in {*before, *after} for row in before[company_id] ^ after[company_id]}
    again = "SELECT as_of_date FROM fct_ageing_snapshot_dates WHERE as_of_date <= $1 AND known_at_date > $1"
    assert {day for (day,) in second.rows(again, known_at)} == {day for day in changed if day <= known_at}


def _ids_are_unchanged(before: DailyBooks, after: DailyBooks, *, relabelled: list[str]) -> None:
    for query, *values in (
        ("SELECT company_id, item_id FROM fct_items ORDER BY ALL",),
        ("SELECT company_id, ledger_line_id, source_row FROM fct_ledger_lines ORDER BY ALL",),
        (
            "SELECT settlement_id, amount FROM fct_settlements "
            "WHERE list_contains($1, company_id) AND status = 'booked' ORDER BY ALL",
            relabelled,
        ),
    ):
        assert before.rows(query, *values) == after.rows(query, *values)
