"""What is checked of the marts: every claim holds on sound accounts and fails on one that is known to be bad."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from home.settings import ReconciliationThreshold, Settings
from home.tables import HISTORY, RUN_CONTEXT, settings_tables
from quality.built import check_built
from quality.results import CheckResult, results_table
from quality.suites import load_built_suites

STATUS = HISTORY["fct_reconciliation_status"]
ACCOUNTS = pa.schema([("bank_account_id", pa.string())])
AS_OF = date(2025, 6, 30)

SOUND: dict[str, Any] = {
    "run_id": "run-2",
    "as_of_date": AS_OF,
    "company_id": "acme",
    "bank_account_id": "acme/FR1",
    "ledger_account": "512100",
    "currency_code": "EUR",
    "has_statements": True,
    "statement_gap_count": 0,
    "line_count": 40,
    "line_amount": Decimal("90000.00"),
    "matched_count": 35,
    "matched_amount": Decimal("87000.00"),
    "proposed_count": 2,
    "proposed_amount": Decimal("1500.00"),
    "unreconciled_count": 3,
    "unreconciled_amount": Decimal("1500.00"),
    "waiting_count": 0,
    "waiting_amount": Decimal(0),
    "oldest_days": 45,
    "previous_run_id": "run-1",
    "previous_proposed_count": 1,
    "previous_unreconciled_count": 5,
    "previous_unreconciled_amount": Decimal("2100.50"),
    "previous_oldest_days": 44,
    "previous_statement_gap_count": 2,
}
TOLD = (
    "3 of 40 lines unreconciled, 1500.00 EUR, the oldest of 45 days, 2 more proposed; "
    "at the last run 5, 2100.50, 44 days, 1 proposed."
)
LIMIT = ReconciliationThreshold(
    largest_amount=Decimal("1500.00"),
    largest_count=3,
    oldest_days=45,
    since=date(2025, 1, 1),
    reason="What one person clears",
)

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "unreconciled_amount_is_within_threshold": (
        {"unreconciled_amount": Decimal("1500.01")},
        "1500.01 unreconciled where 1500.00 is allowed since 2025-01-01: What one person clears; ",
    ),
    "unreconciled_count_is_within_threshold": (
        {"unreconciled_count": 4},
        "4 lines unreconciled where 3 are allowed since 2025-01-01: What one person clears; ",
    ),
    "oldest_line_is_within_threshold": (
        {"oldest_days": 46},
        "a line is 46 days old where 45 are allowed since 2025-01-01: What one person clears; ",
    ),
    "statements_have_no_gap": ({"statement_gap_count": 1}, "1 statement gap, 2 at the last run; "),
    "account_has_statements": (
        {"has_statements": False},
        "account 512100 has 40 lines in the ledger and no statement; ",
    ),
    "statements_have_an_account": ({"ledger_account": None}, "no ledger account mirrors it; "),
}
CLAIMS = [claim for suite in load_built_suites() for claim in suite.claims]

Check = Callable[..., list[CheckResult]]


@pytest.fixture
def check() -> Iterator[Check]:
    """Checks a run whose accounts are the given rows, with thresholds."""
    with duckdb.connect() as connection:

        def build(
            rows: list[dict[str, Any]],
            limits: tuple[ReconciliationThreshold, ...] = (LIMIT,),
            accounts: tuple[str, ...] = ("acme/FR1",),
        ) -> list[CheckResult]:
            settings = settings_tables(Settings(reconciliation_thresholds=limits), [])
            context = [{"run_id": "run-2", "as_of_date": AS_OF, "known_at_date": AS_OF}]
            tables = {
                "marts.fct_reconciliation_status": pa.Table.from_pylist(rows, STATUS),
                "marts.dim_bank_accounts": pa.Table.from_pylist(
                    [{"bank_account_id": account} for account in accounts], ACCOUNTS
                ),
                "run.context": pa.Table.from_pylist(context, RUN_CONTEXT),
                "settings.reconciliation_thresholds": settings["reconciliation_thresholds"],
            }
            for name, table in tables.items():
                connection.execute(f"create schema if not exists {name.split('.')[0]}")
                connection.register("incoming", table)
                connection.execute(f"create or replace table {name} as select * from incoming")
            return check_built(connection, "run-2")

        yield build


def test_every_claim_holds_on_a_sound_account_and_tells_the_trend(check: Check) -> None:
    results = check([SOUND, SOUND | {"run_id": "run-1", "unreconciled_count": 999}])
    assert [result.detail for result in results if not result.passed] == []
    assert [(result.expectation, result.subject) for result in results] == [
        ("every_bank_account_is_looked_at", None),
        *((name, "acme/FR1") for name in BAD),
    ]
    assert {result.detail for result in results if result.subject} == {TOLD}


@pytest.mark.parametrize("name", BAD)
def test_claim_fails_on_a_bad_account_and_says_why(name: str, check: Check) -> None:
    change, why = BAD[name]
    other = SOUND | {"bank_account_id": "acme/FR2", "ledger_account": "512200"}
    results = check([SOUND | change, other])
    failed = [result for result in results if not result.passed]
    assert [(result.expectation, result.subject) for result in failed] == [(name, "acme/FR1")]
    assert failed[0].detail.startswith(why)
    assert "at the last run 5, 2100.50, 44 days, 1 proposed." in failed[0].detail
    assert (failed[0].severity, failed[0].failed_count, failed[0].is_evaluated) == ("warning", 1, True)


def test_every_claim_is_shown_to_fail() -> None:
    assert {claim.name for claim in CLAIMS if not claim.is_about_table} == set(BAD)


def test_what_the_marts_say_only_warns() -> None:
    assert {claim.severity for claim in CLAIMS} == {"warning"}


def test_a_bank_account_that_is_not_in_the_mart_is_told(check: Check) -> None:
    results = check([SOUND], accounts=("acme/FR1", "acme/FR2"))
    failed = [result for result in results if not result.passed]
    assert [(result.expectation, result.subject) for result in failed] == [
        ("every_bank_account_is_looked_at", None)
    ]
    assert failed[0].detail == "1 bank accounts were looked at, of 2 known."
    results = check([], accounts=("acme/FR1",))
    assert [result.expectation for result in results if not result.passed] == [
        "every_bank_account_is_looked_at"
    ]


def test_a_home_without_bank_accounts_has_nothing_to_check(check: Check) -> None:
    assert check([], accounts=()) == []


def test_a_ledger_account_without_a_bank_account_is_named_by_its_code(check: Check) -> None:
    row = SOUND | {"bank_account_id": None, "has_statements": False, "ledger_account": "512900"}
    failed = [result for result in check([row], accounts=()) if not result.passed]
    assert [(result.expectation, result.subject) for result in failed] == [
        ("account_has_statements", "acme/512900")
    ]


def limit(since: str, amount: int | None, account: str | None = None, **more: Any) -> ReconciliationThreshold:
    return ReconciliationThreshold(
        account=account,
        largest_amount=None if amount is None else Decimal(amount),
        since=date.fromisoformat(since),
        reason="r",
        **more,
    )


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        ((), None),
        ((limit("2025-01-01", 100),), "100.00"),
        ((limit("2025-07-01", 100),), None),
        ((limit("2025-06-30", 100), limit("2025-01-01", 50)), "100.00"),
        ((limit("2025-06-30", 100), limit("2024-01-01", 50, "FR 1")), "50.00"),
        ((limit("2025-06-30", 100), limit("2024-01-01", 50, "512100")), "50.00"),
        ((limit("2025-06-30", 100), limit("2024-01-01", 50, "FR2")), "100.00"),
        ((limit("2025-06-30", 100), limit("2025-06-30", None, "FR1", oldest_days=99)), "100.00"),
    ],
)
def test_the_accounts_own_threshold_comes_first_and_then_the_latest_in_force(
    limits: tuple[ReconciliationThreshold, ...], allowed: str | None, check: Check
) -> None:
    failed = [result.detail for result in check([SOUND], limits) if not result.passed]
    told = [detail for detail in failed if "is allowed" in detail]
    assert [detail.split(" is allowed")[0] for detail in told] == (
        [f"1500.00 unreconciled where {allowed}"] if allowed else []
    )


def test_marts_that_are_not_there_are_told_apart_from_a_breach(check: Check) -> None:
    with duckdb.connect() as connection:
        results = check_built(connection, "run-2")
    assert results
    assert {(result.passed, result.is_evaluated) for result in results} == {(False, False)}
    assert "fct_reconciliation_status" in results[0].detail


def test_results_name_their_subject_in_the_table(check: Check) -> None:
    table = results_table(check([SOUND]))
    assert set(table["subject"].to_pylist()) == {None, "acme/FR1"}
    assert set(table["source_file"].to_pylist()) == {None}
