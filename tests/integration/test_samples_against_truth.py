"""A generated group refreshed, and held against its truth: what is open, what settled what, what is due, the bank."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from home.layout import Home
from orchestration.refresh import Outcome, refresh
from samples.generator import generate
from samples.truth import Truth

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Truth, duckdb.DuckDBPyConnection]]:
    home = Home.at(tmp_path_factory.mktemp("group"))
    home.create()
    truth = generate(home.inbox, lines=6_000, seed=7, as_of=AS_OF, with_faults=False)
    assert refresh(home, as_of=AS_OF, known_at=AS_OF).outcome is Outcome.PUBLISHED
    with duckdb.connect(home.published_database, read_only=True) as connection:
        yield truth, connection


def _differences(expected: Counter[tuple[object, ...]], found: Counter[tuple[object, ...]]) -> str:
    missing, extra = expected - found, found - expected
    return f"missing {len(missing)}: {list(missing)[:5]}; extra {len(extra)}: {list(extra)[:5]}"


# The truth settles a customer's lettered lines of all years as one group; the marts go year by year, so that later
# lettering never moves an earlier settlement. Where a company opens its year in one line per third party, the two may
# settle different documents of one third party; what the third party owes is the same. So the company that opens item
# by item is compared by document, the other by third party.
BY_DOCUMENT = "brindille-conseil"


def _open(rows: Iterable[tuple[str, str, str, str, str, Decimal]]) -> Counter[tuple[object, ...]]:
    """Rows of company, account, third party, document, entry and open amount, as they are to be compared."""
    by_third_party: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    found: Counter[tuple[object, ...]] = Counter()
    for company, account, third_party, document, entry, amount in rows:
        if company == BY_DOCUMENT:
            found[company, account, third_party, document, entry, amount] += 1
        else:
            by_third_party[company, account, third_party] += amount
    found.update((*key, amount) for key, amount in by_third_party.items() if amount)
    return found


def _truly_open(truth: Truth, day: date) -> Counter[tuple[object, ...]]:
    columns = [
        "company_id",
        "account_code",
        "third_party_code",
        "document_ref",
        "entry_number",
        "open_amount",
    ]
    return _open(
        tuple(row[name] for name in columns) for row in truth.open_items(day).select(columns).to_pylist()
    )


def test_open_items_are_the_true_ones(group: tuple[Truth, duckdb.DuckDBPyConnection]) -> None:
    truth, marts = group
    expected = _truly_open(truth, AS_OF)
    found = _open(
        marts.sql(
            """
            select company_id, account_code, split_part(third_party_id, '/', 3), document_ref, entry_number, open_amount
            from marts.fct_open_items
            """
        ).fetchall()
    )
    assert len(expected) > 100
    assert found == expected, _differences(expected, found)


def test_due_dates_are_the_true_ones(group: tuple[Truth, duckdb.DuckDBPyConnection]) -> None:
    truth, marts = group
    columns = ["company_id", "ledger_side", "account_code", "document_ref", "entry_number", "due_date"]
    expected = {
        tuple(row[column] for column in columns)
        for row in truth.open_items(AS_OF).to_pylist()
        if row["company_id"] == BY_DOCUMENT
    }
    rows = marts.sql(f"select {', '.join(columns)} from marts.fct_open_items").fetchall()
    assert {row for row in rows if row[0] == BY_DOCUMENT} == expected


@pytest.mark.parametrize("day", [date(2025, 6, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 5, 31)])
def test_past_balances_are_the_true_ones(group: tuple[Truth, duckdb.DuckDBPyConnection], day: date) -> None:
    truth, marts = group
    expected = _truly_open(truth, day)
    rows = marts.execute(
        """
        select
            items.company_id, items.account_code, split_part(items.third_party_id, '/', 3), items.document_ref,
            items.entry_number, history.open_amount
        from marts.fct_open_items_history as history
        inner join marts.fct_items as items on history.item_id = items.item_id
        where history.as_of_date = ?
        """,
        [day],
    ).fetchall()
    found = _open(rows)
    assert found == expected, _differences(expected, found)


def test_settlements_are_the_true_ones(group: tuple[Truth, duckdb.DuckDBPyConnection]) -> None:
    truth, marts = group
    columns = ["company_id", "debit_document_ref", "credit_document_ref", "amount", "effective_date"]
    expected = Counter(
        tuple(row[column] for column in columns)
        for row in truth.settlements.to_pylist()
        if row["company_id"] == BY_DOCUMENT
    )
    rows = marts.sql(f"select {', '.join(columns)} from marts.fct_settlements").fetchall()
    found = Counter(row for row in rows if row[0] == BY_DOCUMENT)
    assert len(expected) > 100
    assert found == expected, _differences(expected, found)


def test_bank_movements_are_the_true_ones(group: tuple[Truth, duckdb.DuckDBPyConnection]) -> None:
    truth, marts = group
    expected = Counter(
        (row["iban"], row["booking_date"], row["amount"]) for row in truth.bank_transactions.to_pylist()
    )
    found = Counter(
        marts.sql(
            """
            select accounts.iban, bank.booking_date, bank.amount
            from marts.fct_bank_transactions as bank
            inner join marts.dim_bank_accounts as accounts on bank.bank_account_id = accounts.bank_account_id
            """
        ).fetchall()
    )
    assert found == expected, _differences(expected, found)


def test_every_control_total_agrees(group: tuple[Truth, duckdb.DuckDBPyConnection]) -> None:
    _, marts = group
    failed = marts.sql(
        "select control_name, subject, difference from marts.fct_control_totals where not passed"
    )
    assert failed.fetchall() == []
    assert marts.sql("select count(*) from marts.fct_reconciliation_exceptions").fetchone() == (0,)
