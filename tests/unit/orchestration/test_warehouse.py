"""The working database: made from nothing, from what counts."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from home.layout import Home
from home.settings import Settings
from home.tables import HISTORY, RunContext
from ingestion.schemas import SOURCE_FILES
from orchestration.dbt_runner import PROFILES
from orchestration.warehouse import connect, database, prepare

CONTEXT = RunContext("r9", date(2026, 6, 30), date(2026, 7, 1), datetime(2026, 7, 1, 4, 0, tzinfo=UTC))
DEFAULTS = Settings.model_validate({})


def leave_exceptions(home: Home, run_id: str, *ids: str) -> None:
    rows = [{"run_id": run_id, "exception_id": id_, "first_seen_date": date(2026, 5, 1)} for id_ in ids]
    schema = HISTORY["fct_reconciliation_exceptions"]
    folder = home.history / "fct_reconciliation_exceptions"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema), folder / f"{run_id}.parquet")


def exceptions_seen(home: Home) -> list[tuple[object, ...]]:
    with connect(home, read_only=True) as connection:
        return connection.execute(
            "SELECT exception_id FROM history.fct_reconciliation_exceptions ORDER BY 1"
        ).fetchall()


def test_an_empty_home_has_every_source_typed(home: Home) -> None:
    prepare(home, DEFAULTS, CONTEXT, SOURCE_FILES.empty_table(), ())
    with connect(home, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM landing.ledger_lines").fetchone() == (0,)
        kinds = dict(
            connection.execute(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'ledger_lines'"
            ).fetchall()
        )
        assert (kinds["debit"], kinds["entry_date"]) == ("DECIMAL(18,2)", "DATE")
        assert connection.execute("SELECT run_id, as_of_date FROM run.context").fetchall() == [
            ("r9", date(2026, 6, 30))
        ]
        assert connection.execute("SELECT count(*) FROM quality.results").fetchone() == (0,)


def test_only_the_history_of_published_runs_is_read(home: Home) -> None:
    leave_exceptions(home, "r1", "published")
    leave_exceptions(home, "r2", "killed before it published")
    prepare(home, DEFAULTS, CONTEXT, SOURCE_FILES.empty_table(), ("r1",))
    assert exceptions_seen(home) == [("published",)]


def test_history_that_lacks_a_newer_column_is_read(home: Home) -> None:
    folder = home.history / "fct_reconciliation_exceptions"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"run_id": ["r1"], "exception_id": ["old"]}), folder / "r1.parquet")
    leave_exceptions(home, "r2", "new")
    prepare(home, DEFAULTS, CONTEXT, SOURCE_FILES.empty_table(), ("r1", "r2"))
    assert exceptions_seen(home) == [("new",), ("old",)]


def test_nothing_of_an_earlier_run_is_left(home: Home) -> None:
    prepare(home, DEFAULTS, CONTEXT, SOURCE_FILES.empty_table(), ())
    with connect(home) as connection:
        connection.execute("CREATE TABLE run.leftover AS SELECT 1 AS one")
    spilled = database(home).with_suffix(".duckdb.tmp") / "duckdb_temp_storage-0.tmp"
    spilled.parent.mkdir()
    spilled.touch()
    prepare(home, DEFAULTS, CONTEXT, SOURCE_FILES.empty_table(), ())
    with connect(home, read_only=True) as connection:
        assert connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_name = 'leftover'"
        ).fetchone() == (0,)
    assert not spilled.parent.exists()


def test_whoever_opens_it_holds_as_little_of_it(home: Home) -> None:
    prepare(home, DEFAULTS, CONTEXT, SOURCE_FILES.empty_table(), ())
    profile = yaml.safe_load((PROFILES / "profiles.yml").read_text(encoding="utf-8"))
    options = profile["encours"]["outputs"]["duckdb"]["config_options"]
    with connect(home) as connection:
        ours = connection.execute("SELECT current_setting('memory_limit')").fetchone()
        connection.execute(f"SET memory_limit = '{options['memory_limit']}'")
        assert connection.execute("SELECT current_setting('memory_limit')").fetchone() == ours


def test_small_and_large_files_are_one_table(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_exceptions(home, "r1", "one", "it's")
    leave_exceptions(home, "r2", *(f"number {count}" for count in range(1000)))
    folder = home.history / "fct_reconciliation_exceptions"
    pq.write_table(
        pa.table({"run_id": ["r3"], "exception_id": ["old"], "dropped": [1]}), folder / "r3.parquet"
    )
    sizes = sorted(file.stat().st_size for file in folder.iterdir())
    monkeypatch.setattr("orchestration.warehouse.SMALL_BYTES", sizes[-1])
    prepare(home, DEFAULTS, CONTEXT, SOURCE_FILES.empty_table(), ("r1", "r2", "r3"))
    assert len(exceptions_seen(home)) == 1003
    (folder / "r1.parquet").unlink()
    (folder / "r3.parquet").unlink()
    assert len(exceptions_seen(home)) == 1003, "small files are opened once"
