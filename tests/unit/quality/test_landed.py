"""The runner: what it looks at, what it leaves alone, and what it says of what it cannot evaluate."""

import logging
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from home.tables import QUALITY_RESULTS
from quality.landed import check_landed
from quality.profile import prepare, profile
from quality.results import results_table
from quality.suites import load_suites

SUITES = {suite.name: suite for suite in load_suites()}
ONE_CENT = Decimal("0.01")


def test_nothing_landed_gives_no_result(database):
    assert check_landed(database({}), "run-1") == []


def test_a_landed_file_without_a_row_is_reported(landing, database):
    results = check_landed(database({"source_files": landing["source_files"]}), "run-1")
    without_rows = {
        result.source_file
        for result in results
        if result.expectation == "file_has_rows" and not result.passed
    }
    assert without_rows == {file["source_file"] for file in landing["source_files"]}


def test_files_that_are_not_in_force_are_left_alone(landing, database):
    del landing["source_files"][4:]
    for file, status in zip(landing["source_files"], ("held", "refused", "duplicate", "landed"), strict=True):
        file["status"] = status
    results = check_landed(database(landing), "run-1")
    assert {result.source_file for result in results} == {"acme/invoices", None}
    assert {result.suite for result in results} == {"invoices", "invoice_documents", "source_files"}


def test_files_are_judged_apart(landing, database):
    second = [
        line | {"source_sha256": "second", "debit": Decimal(1), "credit": Decimal(1)}
        for line in landing["ledger_lines"]
    ]
    landing["ledger_lines"] += second
    landing["source_files"].append(
        landing["source_files"][0] | {"source_file": "acme/second", "source_sha256": "second"}
    )
    results = check_landed(database(landing), "run-1", (SUITES["ledger_lines"],))
    found = {result.source_file: result for result in results if result.expectation == "amount_is_one_sided"}
    assert found["acme/ledger"].passed
    assert (found["acme/ledger"].checked_count, found["acme/ledger"].failed_count) == (2, 0)
    assert not found["acme/second"].passed
    assert [row.source_row for row in found["acme/second"].failing_rows] == [2, 3]
    assert found["acme/second"].detail == (
        "2 of 2 lines fail, first at line 2: debit 1.00 and credit 1.00 on one line."
    )


def test_the_first_twenty_places_are_named(landing, database):
    line = landing["ledger_lines"][0] | {"label": None}
    landing["ledger_lines"] = [line | {"source_row": row} for row in range(100, 1, -1)]
    results = check_landed(database(landing), "run-1", (SUITES["ledger_lines"],))
    [result] = [result for result in results if result.expectation == "label_is_given"]
    assert result.failed_count == 99
    assert [row.source_row for row in result.failing_rows] == list(range(2, 22))


def test_a_missing_column_is_told_apart_from_a_violation(landing, database):
    connection = database(landing)
    connection.execute("alter table landing.ledger_lines drop column due_date")
    connection.execute("update landing.ledger_lines set label = null where source_row = 3")
    results = check_landed(connection, "run-1", (SUITES["ledger_lines"],))
    broken = {result.expectation: result for result in results if not result.passed}
    assert set(broken) == {"due_date_is_not_before_document", "label_is_given"}
    assert broken["label_is_given"].is_evaluated
    missing = broken["due_date_is_not_before_document"]
    assert not missing.is_evaluated
    assert missing.failed_count is None
    assert missing.failing_rows == ()
    assert missing.detail.startswith("Could not be checked: ")
    assert "due_date" in missing.detail


def test_a_missing_table_is_told_apart_from_a_violation(landing, database):
    connection = database(landing)
    connection.execute("drop table landing.bank_transactions")
    results = check_landed(connection, "run-1", (SUITES["bank_transactions"], SUITES["third_parties"]))
    of_movements = [result for result in results if result.suite == "bank_transactions"]
    not_evaluated = {result.expectation for result in of_movements if not result.is_evaluated}
    assert not_evaluated == {
        claim.name for claim in SUITES["bank_transactions"].claims if not claim.is_about_table
    }
    assert all(result.passed for result in results if result.suite == "third_parties")


def test_a_value_that_sql_cannot_convert_does_not_stop_the_run(landing, database):
    connection = database(landing)
    connection.execute("alter table landing.ledger_lines alter debit type varchar")
    connection.execute("update landing.ledger_lines set debit = 'twelve'")
    results = check_landed(connection, "run-1", (SUITES["ledger_lines"],))
    by_claim = {result.expectation: result for result in results}
    assert not by_claim["amount_is_one_sided"].is_evaluated
    assert by_claim["account_is_given"].passed


def test_results_become_the_table_that_the_models_read(landing, database):
    landing["ledger_lines"][0]["label"] = None
    results = check_landed(database(landing), "run-1")
    table = results_table(results)
    assert table.schema == QUALITY_RESULTS
    assert table.num_rows == len(results)
    [row] = [row for row in table.to_pylist() if not row["passed"]]
    assert row == {
        "run_id": "run-1",
        "suite": "ledger_lines",
        "expectation": "label_is_given",
        "source_file": "acme/ledger",
        "subject": None,
        "severity": "warning",
        "checked_count": 2,
        "failed_count": 1,
        "passed": False,
        "detail": "1 of 2 lines fails, at line 2: no label.",
    }
    assert results_table([]).schema == QUALITY_RESULTS


def test_a_database_open_for_reading_is_enough(landing, database, tmp_path):
    built = database(landing)
    built.execute(f"attach '{tmp_path / 'encours.duckdb'}' as stored")
    built.execute("copy from database memory to stored")
    built.execute("detach stored")
    with duckdb.connect(str(tmp_path / "encours.duckdb"), read_only=True) as connection:
        assert all(result.passed for result in check_landed(connection, "run-1"))


def test_a_run_is_silent(landing, database, capfd, caplog):
    """Great Expectations draws progress bars and logs what it does, unless told not to."""
    with caplog.at_level(logging.INFO):
        check_landed(database(landing), "run-1")
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_great_expectations_is_imported_only_when_checks_run():
    code = (
        "import sys, quality.landed, quality.report, quality.suites as suites; suites.load_suites(); "
        "sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


amounts = st.one_of(st.just(Decimal(0)), st.integers(-300, 300).map(lambda cents: cents * ONE_CENT))
days = st.integers(-1200, 1200).map(lambda count: date(2025, 3, 10) + timedelta(days=count))
lines = st.lists(
    st.fixed_dictionaries(
        {
            "source_sha256": st.sampled_from(["ledger", "second"]),
            "journal_code": st.sampled_from([None, "VT", "OD"]),
            "entry_number": st.sampled_from([None, "", "0", "1"]),
            "entry_date": st.sampled_from([date(2025, 3, 10), date(2025, 7, 1)]) | days,
            "account_code": st.sampled_from(["411", ""]),
            "document_date": st.none() | days,
            "due_date": st.none() | days,
            "debit": amounts,
            "credit": amounts,
            "letter_code": st.sampled_from([None, "", "A"]),
            "letter_date": st.none() | days,
            "amount_currency": st.none() | amounts,
            "currency_code": st.sampled_from([None, "", "EUR", "eur", "EURO"]),
        }
    ),
    max_size=25,
)


def years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def unbalanced(rows, *key):
    sums = {}
    for row in rows:
        group = tuple(row[name] for name in key)
        sums[group] = sums.get(group, 0) + row["debit"] - row["credit"]
    return sum(total != 0 for total in sums.values())


@settings(max_examples=40, deadline=None)
@given(rows=lines)
def test_profile_counts_what_plain_python_counts(rows, connect):
    median, known_at = date(2025, 3, 10), date(2025, 6, 30)
    files = [
        {
            "source_file": f"acme/{sha}",
            "source_sha256": sha,
            "kind": "ledger",
            "status": "landed",
            "median_date": median,
        }
        for sha in ("ledger", "second")
    ]
    numbered = [row | {"source_row": number} for number, row in enumerate(rows, start=2)]
    with connect({"source_files": files, "ledger_lines": numbered}) as connection:
        prepare(connection)
        found = {
            name: profile(connection, SUITES[name]).frame for name in SUITES if name.startswith("ledger_")
        }
    for sha in ("ledger", "second"):
        own = [row for row in rows if row["source_sha256"] == sha]
        counted = {
            name: frame.loc[frame["source_file"] == f"acme/{sha}"].iloc[0].to_dict()
            for name, frame in found.items()
        }
        expected_of_lines = {
            "row_count": len(own),
            "account_is_given": sum(row["account_code"] == "" for row in own),
            "amount_is_one_sided": sum(row["debit"] != 0 and row["credit"] != 0 for row in own),
            "amount_is_not_negative": sum(row["debit"] < 0 or row["credit"] < 0 for row in own),
            "amount_is_not_zero": sum(row["debit"] == 0 and row["credit"] == 0 for row in own),
            "journal_is_given": sum(not row["journal_code"] for row in own),
            "entry_number_is_given": sum(not row["entry_number"] for row in own),
            "entry_date_is_not_in_future": sum(row["entry_date"] > known_at for row in own),
            "entry_date_is_near_the_files": sum(
                not years_later(median, -2) <= row["entry_date"] <= years_later(median, 2) for row in own
            ),
            "document_date_is_not_long_after_entry": sum(
                row["document_date"] is not None and row["document_date"] > years_later(row["entry_date"], 1)
                for row in own
            ),
            "due_date_is_not_before_document": sum(
                None not in (row["due_date"], row["document_date"]) and row["due_date"] < row["document_date"]
                for row in own
            ),
            "letter_date_has_its_code": sum(
                row["letter_date"] is not None and not row["letter_code"] for row in own
            ),
            "currency_code_is_iso": sum(row["currency_code"] in ("", "eur", "EURO") for row in own),
            "currency_amount_has_its_code": sum(
                bool(row["amount_currency"]) and not row["currency_code"] for row in own
            ),
        }
        assert {name: counted["ledger_lines"][name] for name in expected_of_lines} == expected_of_lines
        assert counted["ledger_entries"]["entry_balances"] == unbalanced(
            own, "journal_code", "entry_number", "entry_date"
        )
        assert counted["ledger_journals"]["journal_balances"] == unbalanced(own, "journal_code")
        assert counted["ledger_files"]["file_balances"] == unbalanced(own)
