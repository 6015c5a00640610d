"""The daily refresh from files to marts, in this process."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import dagster as dg
import duckdb
import pytest

from home.layout import Home
from orchestration import dbt_runner
from orchestration.history import published_runs
from orchestration.instance import instance_of
from orchestration.publish import current_release
from orchestration.refresh import refresh
from orchestration.run import Outcome
from tests.integration.conftest import AS_OF, KNOWN_LATER, Again

Copy = Callable[[str], Home]


def ask(home: Home, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_open_items_equal_the_ledger_per_control_account(refreshed: Home) -> None:
    """Recomputed from the published ledger lines: customers and suppliers, opening lines of a loaded year apart."""
    failed = ask(refreshed, "FROM marts.fct_control_totals WHERE is_blocking AND NOT passed")
    assert failed == []
    compared = ask(
        refreshed,
        "SELECT count(*) FROM marts.fct_control_totals WHERE control_name LIKE '%open_items%' AND actual <> 0",
    )
    assert compared != [(0,)]


def test_every_mart_of_the_contract_is_published_in_both_forms(refreshed: Home) -> None:
    contract = {
        "dim_companies", "dim_third_parties", "dim_bank_accounts", "dim_dates", "dim_ageing_buckets", "dim_runs",
        "fct_items", "fct_open_items", "fct_ageing_snapshots", "fct_open_items_history", "fct_ageing_snapshot_dates",
        "mart_aged_balance", "fct_settlements", "fct_bank_transactions", "fct_ledger_lines",
        "fct_reconciliation_exceptions", "fct_source_files", "fct_control_totals", "fct_quality_results",
        "fct_reconciliation_status",
    }  # fmt: skip
    tables = {
        name
        for (name,) in ask(refreshed, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'")
    }
    assert contract <= tables
    assert {folder.name for folder in refreshed.published_parquet.iterdir()} == tables


def test_every_mart_and_column_is_described_in_the_published_file(refreshed: Home) -> None:
    assert ask(refreshed, "SELECT table_name FROM duckdb_tables() WHERE coalesce(comment, '') = ''") == []
    assert (
        ask(
            refreshed,
            "SELECT table_name, column_name FROM duckdb_columns() WHERE coalesce(comment, '') = '' "
            "AND schema_name = 'marts'",
        )
        == []
    )


def test_what_is_claimed_of_the_marts_is_published_with_them(refreshed: Home) -> None:
    """Checked when all marts are built, and yet in one of them: per claim a row for each bank account, and reported."""
    accounts = ask(refreshed, "SELECT bank_account_id FROM marts.dim_bank_accounts ORDER BY 1")
    told = ask(
        refreshed,
        "SELECT DISTINCT subject FROM marts.fct_quality_results WHERE suite = 'reconciliation_status' "
        "AND expectation = 'oldest_line_is_within_threshold' ORDER BY 1",
    )
    assert accounts
    assert told == accounts
    release = current_release(refreshed)
    assert release is not None
    report = refreshed.reports / release.run_id / "report.html"
    assert str(accounts[0][0]) in report.read_text(encoding="utf-8")


def test_nothing_holds_the_databases_when_it_has_ended(refreshed: Home) -> None:
    with duckdb.connect(refreshed.warehouse / "encours.duckdb") as connection:
        assert connection.execute("SELECT count(*) FROM run.context").fetchone() == (1,)


def test_the_run_says_what_each_stage_cost(refreshed: Home) -> None:
    release = current_release(refreshed)
    assert release is not None
    content = json.loads((refreshed.reports / release.run_id / "run.json").read_text(encoding="utf-8"))
    assert [stage["stage"] for stage in content["stages"]] == [
        "Reading files",
        "Checking what landed",
        "Building models",
        "Checking the marts",
        "Publishing",
    ]
    assert all(stage["seconds"] >= 0 and stage["peak_memory_bytes"] > 10**7 for stage in content["stages"])
    assert content["outcome"] == "published"


def test_dagster_kept_the_run_with_its_dates_and_checks(refreshed: Home) -> None:
    with instance_of(refreshed) as instance:
        [run] = instance.get_runs()
        release = current_release(refreshed)
        assert release is not None
        assert run.status is dg.DagsterRunStatus.SUCCESS
        assert run.tags["as_of_date"] == run.tags["known_at_date"] == "2026-06-30"
        assert run.tags["run_id"] == release.run_id
        published = instance.get_latest_materialization_event(dg.AssetKey("published_marts"))
        assert published is not None
        events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        evaluated = {
            entry.dagster_event.asset_check_evaluation_data.check_name: entry.dagster_event.asset_check_evaluation_data
            for entry in events
            if entry.dagster_event
        }
        assert evaluated["our_arithmetic_holds"].passed
        broken = [
            check for check in evaluated.values() if not check.passed and "failing_rows" in check.metadata
        ]
        assert broken, "the samples hold faults on purpose"
        records = [record for check in broken for record in check.metadata["failing_rows"].records]
        assert any(str(record.data["file"]).endswith((".txt", ".xml", ".csv")) for record in records)


def test_a_second_refresh_with_nothing_changed_does_nothing(copy: Copy) -> None:
    home = copy("unchanged")
    before = current_release(home)
    assert before is not None
    done = refresh(home, as_of=AS_OF, known_at=AS_OF)
    assert (done.outcome, done.run_id) == (Outcome.UNCHANGED, before.run_id)
    assert done.seconds < 5
    assert current_release(home) == before


def test_a_changed_file_and_a_new_day_are_a_new_run(refreshed: Home, refreshed_again: Again) -> None:
    before, home = current_release(refreshed), refreshed_again.home
    release = current_release(home)
    assert before is not None
    assert release is not None
    assert published_runs(home) == (before.run_id, release.run_id)
    assert ask(
        home, "SELECT run_id, is_current, is_verified, finished_at IS NOT NULL FROM marts.dim_runs ORDER BY 1"
    ) == [
        (before.run_id, False, True, True),
        (release.run_id, True, True, True),
    ]
    compared = ask(
        home,
        "SELECT count(*), count(*) FILTER (after.previous_run_id = before.run_id "
        "AND after.previous_unreconciled_count = before.unreconciled_count) "
        "FROM marts.fct_reconciliation_status AS before JOIN marts.fct_reconciliation_status AS after "
        "USING (bank_account_id) WHERE before.run_id < after.run_id",
    )
    assert compared[0][0] == compared[0][1] != 0, "each account is shown beside what the run before said"
    known = ask(home, "SELECT DISTINCT known_at_date FROM marts.fct_ageing_snapshot_dates ORDER BY 1")
    assert known == [(AS_OF,), (KNOWN_LATER,)]


@pytest.fixture
def broken_arithmetic(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The models with a control total that does not agree, as a fault of ours would make."""
    import shutil

    project = tmp_path_factory.mktemp("broken") / "dbt_project"
    shutil.copytree(dbt_runner.PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    model = project / "models" / "marts" / "fct_control_totals.sql"
    model.write_text(
        model.read_text(encoding="utf-8")
        + """
union all
select
    run_id, 'acme', 'no_line_is_lost', 'acme/2026.txt', cast(3 as decimal(38, 5)), cast(2 as decimal(38, 5)),
    cast(-1 as decimal(38, 5)), false, true
from {{ source("run", "context") }}
""",
        encoding="utf-8",
    )
    monkeypatch.setattr(dbt_runner, "PROJECT", project)


REASON = "no_line_is_lost of acme acme/2026.txt: expected 3.00000, found 2.00000"


@pytest.mark.usefixtures("broken_arithmetic")
def test_a_blocking_check_keeps_the_old_marts(copy: Copy) -> None:
    home = copy("blocked")
    before = current_release(home)
    done = refresh(home, as_of=AS_OF, known_at=date(2026, 7, 1))
    assert (done.outcome, done.reasons) == (Outcome.BLOCKED, (REASON,))
    assert current_release(home) == before
    report = home.reports / done.run_id
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    assert results["is_published"] is False
    assert results["blocking"] == [REASON]
    assert results["failed_control_totals"][0]["control_name"] == "no_line_is_lost"
    assert json.loads((report / "run.json").read_text(encoding="utf-8"))["outcome"] == "blocked"
    assert "no_line_is_lost" in (report / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("broken_arithmetic")
def test_a_first_run_publishes_what_it_could_not_verify_and_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = Home.at(tmp_path_factory.mktemp("first"))
    (home.inbox / "acme").mkdir(parents=True)
    (home.inbox / "acme" / "FEC20261231.txt").write_text(
        "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef\t"
        "PieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise\n"
        "VE\tVentes\t1\t20260115\t411000\tClients\tMARTIN\tMartin\tF1\t20260115\tFacture\t120,00\t0,00\t\t\t\t\t\n"
        "VE\tVentes\t1\t20260115\t707000\tVentes\t\t\tF1\t20260115\tFacture\t0,00\t120,00\t\t\t\t\t\n",
        encoding="utf-8",
    )
    done = refresh(home, as_of=AS_OF, known_at=AS_OF)
    assert (done.outcome, done.reasons) == (Outcome.PUBLISHED, (REASON,))
    assert ask(home, "SELECT is_verified FROM marts.dim_runs") == [(False,)]
    assert ask(home, "SELECT third_party_id, open_amount, days_past_due FROM marts.fct_open_items") == [
        ("acme/customer/MARTIN", Decimal("120.00"), 136)
    ]
