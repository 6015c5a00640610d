"""Whatever the ledger, the models' open items at every month-end and at the as-of date are those of a brute
force; buckets are items; what is posted later changes no earlier balance; ids stay the same from run to run.

A refresh costs seconds, so that each example is many random companies in one home, refreshed three times: as
the ledgers stood in July, as they stood at the year's end, and once more with other labels and some lettering
undone.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from home.layout import Home
from orchestration.run import Outcome
from tests.dbt.properties.brute_force import Item, Posting, Settlement, left_at, settlements_of
from tests.dbt.properties.random_ledgers import Ledger, random_ledger
from tests.golden.books import Books, Build, Company, build, deliver

COMPANIES = 60
JULY = date(2025, 7, 13)
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
    "dim_companies": "company_id",
    "dim_third_parties": "third_party_id",
    "dim_dates": "date_day",
    "dim_runs": "run_id",
    "fct_items": "item_id",
    "fct_open_items": "open_item_id",
    "fct_open_items_history": "as_of_date, known_at_date, item_id",
    "fct_ageing_snapshots": (
        "as_of_date, known_at_date, ledger_side, third_party_id, currency_code, ageing_bucket_code"
    ),
    "fct_ageing_snapshot_dates": "as_of_date, known_at_date",
    "mart_aged_balance": "ledger_side, third_party_id",
    "fct_settlements": "settlement_id",
    "fct_ledger_lines": "ledger_line_id",
    "fct_source_files": "source_file, sha256",
    "fct_control_totals": "run_id, company_id, control_name, subject",
    "fct_reconciliation_exceptions": "exception_id",
}

Key = tuple[str, str]
"""A company and what names an item in it: a label, or account, third party and day of an opening difference."""


# Without shrinking: a failure prints the one ledger that differs, and each example costs three refreshes.
@settings(max_examples=2, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_open_items_at_any_date(seed: int) -> None:
    random = Random(seed)
    ledgers = [random_ledger(random, f"c{number:02}") for number in range(COMPANIES)]
    in_july = [ledger.until(JULY) for ledger in ledgers]
    unlettered = [ledger.relabelled(without_letters=number % 2 == 0) for number, ledger in enumerate(ledgers)]
    with TemporaryDirectory() as folder:
        home = Home.at(Path(folder) / "home")
        home.create()
        first = _refreshed(home, in_july, JULY)
        _same_as_brute_force(first, in_july, JULY)
        second = _refreshed(home, ledgers, YEAR_END)
        _same_as_brute_force(second, ledgers, YEAR_END)
        _what_was_known_is_unchanged(first, second)
        # Of two runs on one day the last wins.
        third = _refreshed(home, unlettered, YEAR_END, hour=18)
        _same_as_brute_force(third, unlettered, YEAR_END)
        _sets_are_kept(first, third)
        _ids_are_unchanged(second, third, relabelled={one.company_id for one in ledgers[1::2]})


def _refreshed(home: Home, ledgers: list[Ledger], day: date, *, hour: int = 12) -> Build:
    name = f"{day}-{hour}"
    companies = [
        Company(
            one.company_id, {str(day): {f"{name}/{file}": content for file, content in one.files().items()}}
        )
        for one in ledgers
    ]
    deliver(home, companies, str(day), hour=hour)
    built = build(home, home.root.parent / name, as_of=str(day), known_at=str(day))
    assert built.refreshed.outcome is Outcome.PUBLISHED, built.refreshed.reasons
    return built


def _same_as_brute_force(built: Build, ledgers: list[Ledger], as_of: date) -> None:
    marts = built.of("")
    history = _history(marts, as_of)
    current = _open_items(marts)
    settled = _settlements(marts)
    for ledger in ledgers:
        for day in _month_ends(ledger, as_of):
            expected = _aged(ledger, day)
            found = history.get((ledger.company_id, day), {})
            assert found == expected, _explained(ledger, f"open items at {day}", found, expected)
        found = current.get(ledger.company_id, {})
        expected = _aged(ledger, as_of)
        assert found == expected, _explained(ledger, f"open items at the as-of date {as_of}", found, expected)
        expected_settlements = _named(ledger, settlements_of(ledger.postings))
        found_settlements = settled.get(ledger.company_id, {})
        assert found_settlements == expected_settlements, _explained(
            ledger, "settlements", found_settlements, expected_settlements
        )
    _buckets_are_items(marts)
    _nothing_occurs_twice(marts)
    assert marts.rows("SELECT * FROM fct_control_totals WHERE is_blocking AND NOT passed") == []


def _aged(ledger: Ledger, day: date) -> dict[Key, tuple[str, int | None, str]]:
    """Item → its open amount, days late and bucket, by brute force."""
    return {
        _key(ledger, item): _age(item, amount, day) for item, amount in left_at(ledger.postings, day).items()
    }


def _age(item: Item, amount: int, day: date) -> tuple[str, int | None, str]:
    text = f"{amount / 100:.2f}"
    if amount < 0:
        return text, None, "unapplied"
    if item.due_date is None:
        return text, None, "undated"
    days_late = (day - item.due_date).days
    return text, days_late, next((band for start, band in MORE_LATE if days_late >= start), "not_due_3")


def _key(ledger: Ledger, item: Item) -> Key:
    name = (
        item.label if isinstance(item, Posting) else f"{item.unit.account} {item.unit.code} {item.posted_on}"
    )
    return ledger.company_id, name


def _named(ledger: Ledger, settlements: list[Settlement]) -> dict[tuple[Key, Key], tuple[str, str]]:
    """(owed, settling) → amount and effective date; what one pair settles in two groups is one row."""
    cents: dict[tuple[Key, Key], int] = defaultdict(int)
    dates: dict[tuple[Key, Key], date] = {}
    for owed, settling, amount, effective in settlements:
        pair = _key(ledger, owed), _key(ledger, settling)
        cents[pair] += amount
        dates[pair] = effective
    return {pair: (f"{amount / 100:.2f}", str(dates[pair])) for pair, amount in cents.items()}


NAMED_ITEMS = """
    SELECT items.*, coalesce(
        split_part(lines.label, ' ', 1),
        concat_ws(' ', items.account_code, split_part(items.third_party_id, '/', 3), CAST(items.entry_date AS VARCHAR))
    ) AS name
    FROM fct_items items LEFT JOIN fct_ledger_lines lines USING (ledger_line_id)
"""


def _history(marts: Books, known_at: date) -> dict[tuple[str, date], dict[Key, tuple[str, int | None, str]]]:
    found: dict[tuple[str, date], dict[Key, tuple[str, int | None, str]]] = defaultdict(dict)
    for row in marts.rows(
        f"""
        WITH items AS ({NAMED_ITEMS})
        SELECT items.company_id, items.name, history.*
        FROM fct_open_items_history history JOIN items USING (item_id)
        JOIN fct_ageing_snapshot_dates sets USING (as_of_date, known_at_date)
        WHERE sets.is_latest AND known_at_date <= $p1
        """,
        known_at,
    ):
        key = row["company_id"], row["name"]
        day = date.fromisoformat(row["as_of_date"])
        found[row["company_id"], day][key] = (
            row["open_amount"],
            row["days_past_due"],
            row["ageing_bucket_code"],
        )
    return found


def _open_items(marts: Books) -> dict[str, dict[Key, tuple[str, int | None, str]]]:
    found: dict[str, dict[Key, tuple[str, int | None, str]]] = defaultdict(dict)
    for row in marts.rows(
        f"WITH items AS ({NAMED_ITEMS}) SELECT items.name, open_items.* FROM fct_open_items open_items "
        "JOIN items USING (item_id)"
    ):
        key = row["company_id"], row["name"]
        found[row["company_id"]][key] = row["open_amount"], row["days_past_due"], row["ageing_bucket_code"]
    return found


def _settlements(marts: Books) -> dict[str, dict[tuple[Key, Key], tuple[str, str]]]:
    found: dict[str, dict[tuple[Key, Key], tuple[str, str]]] = defaultdict(dict)
    for row in marts.rows(
        f"""
        WITH items AS ({NAMED_ITEMS})
        SELECT settlements.company_id, debits.ledger_side, debits.name AS debit, credits.name AS credit, amount,
            effective_date
        FROM fct_settlements settlements
        JOIN items debits ON debit_item_id = debits.item_id JOIN items credits ON credit_item_id = credits.item_id
        """
    ):
        debit, credit = (row["company_id"], row["debit"]), (row["company_id"], row["credit"])
        pair = (debit, credit) if row["ledger_side"] == "receivable" else (credit, debit)
        found[row["company_id"]][pair] = row["amount"], row["effective_date"]
    return found


def _month_ends(ledger: Ledger, until: date) -> Iterator[date]:
    first = min((posting.posted_on for posting in ledger.postings), default=until)
    for month in range(first.year * 12 + first.month - 1, until.year * 12 + until.month):
        year, number = divmod(month, 12)
        day = date(year, number + 1, monthrange(year, number + 1)[1])
        if day < until:
            yield day


def _buckets_are_items(marts: Books) -> None:
    apart = marts.rows(
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
    totals = marts.rows(
        """
        SELECT as_of_date, total, sum(coalesce(open_amount, 0)) AS open_amount
        FROM fct_ageing_snapshot_dates LEFT JOIN fct_open_items_history USING (as_of_date, known_at_date)
        GROUP BY as_of_date, known_at_date, total
        """
    )
    assert [row for row in totals if row["total"] != row["open_amount"]] == []


def _nothing_occurs_twice(marts: Books) -> None:
    for mart, key in KEYS.items():
        assert marts.rows(f"SELECT {key} FROM {mart} GROUP BY ALL HAVING count(*) > 1") == [], mart


def _sets_are_kept(first: Build, later: Build) -> None:
    """The sets of July are there as July wrote them."""
    query = "SELECT * FROM fct_open_items_history WHERE known_at_date = $p1 ORDER BY ALL"
    assert later.of("").rows(query, JULY) == first.of("").rows(query, JULY)


def _what_was_known_is_unchanged(first: Build, second: Build) -> None:
    """What is posted since July moves none of the balances before, so that no set of theirs is written again."""
    _sets_are_kept(first, second)
    before, after = _history(first.of(""), JULY), _history(second.of(""), YEAR_END)
    assert {key: rows for key, rows in after.items() if key[1] < JULY} == {
        key: rows for key, rows in before.items() if key[1] < JULY
    }
    again = second.of("").rows(
        "SELECT * FROM fct_ageing_snapshot_dates WHERE as_of_date < $p1 AND known_at_date > $p1", JULY
    )
    assert again == []


def _ids_are_unchanged(before: Build, after: Build, *, relabelled: set[str]) -> None:
    for query in (
        "SELECT company_id, item_id FROM fct_items ORDER BY ALL",
        "SELECT company_id, ledger_line_id, source_row FROM fct_ledger_lines ORDER BY ALL",
    ):
        assert before.of("").rows(query) == after.of("").rows(query)
    settlements = [
        [
            row
            for row in built.of("").rows(
                "SELECT company_id, settlement_id, amount FROM fct_settlements ORDER BY ALL"
            )
            if row["company_id"] in relabelled
        ]
        for built in (before, after)
    ]
    assert settlements[0] == settlements[1]


def _explained(ledger: Ledger, what: str, found: object, expected: object) -> str:
    return f"{ledger.company_id}: {what}\n{ledger.told()}\nfound    {found}\nexpected {expected}"
