"""The dbt project, parsed and built once for all workers, on a small set of books (``books/<source>.<table>.csv``)."""

import os
import pickle
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from decisions.tables import decision_tables
from home.settings import BankAccount, Company, Settings
from home.tables import (
    DUNNING_SENT,
    HISTORY,
    QUALITY_RESULTS,
    RunContext,
    run_context,
    settings_tables,
    working_days,
)
from ingestion.schemas import LANDED_TABLES
from tests.made_once import made_once

REPOSITORY = Path(__file__).resolve().parents[2]
BOOKS = Path(__file__).parent / "books"
COMPLAINT, OUTCOME = "complaint.txt", "outcome.pickle"
"""What dbt said to a parse and to a build, in the folders that one worker makes for all."""

CONTEXT = RunContext(
    run_id="20260630T060000Z-june",
    as_of_date=date(2026, 6, 30),
    known_at_date=date(2026, 6, 30),
    started_at=datetime(2026, 6, 30, 6, tzinfo=UTC),
)
SETTINGS = Settings(
    companies=(Company(id="acme", name="Acme"),),
    bank_accounts=(BankAccount(account="FR76 1234 5000 0100 01", company="acme", ledger_account="512000"),),
)


@dataclass
class Project:
    """The dbt project of this repository, with a scratch folder for all that dbt writes."""

    scratch: Path
    manifest: Any = None

    @property
    def database(self) -> Path:
        return self.scratch / "encours.duckdb"

    def invoke(self, command: str, *arguments: str) -> dbtRunnerResult:
        """Run dbt in this process on the scratch database, quietly; the database is closed afterwards."""
        before = os.environ.get("ENCOURS_WAREHOUSE")
        # A parse opens no database and needs its name alone: one that knew more would serve no other folder.
        os.environ["ENCOURS_WAREHOUSE"] = self.database.name if command == "parse" else str(self.database)
        folders = {
            "--project-dir": REPOSITORY / "dbt_project",
            "--profiles-dir": REPOSITORY / "dbt_profiles",
            "--target-path": self.scratch / "target",
            "--log-path": self.scratch / "logs",
        }
        options = [text for name, folder in folders.items() for text in (name, str(folder))]
        options += ["--log-level", "none", "--log-level-file", "none"]
        options += ["--no-version-check", "--no-send-anonymous-usage-stats"]
        try:
            return dbtRunner(manifest=self.manifest).invoke([command, *options, *arguments])
        finally:
            DuckDBConnectionManager.close_all_connections()
            if before is None:
                del os.environ["ENCOURS_WAREHOUSE"]
            else:
                os.environ["ENCOURS_WAREHOUSE"] = before

    @property
    def nodes(self) -> dict[str, Any]:
        nodes: dict[str, Any] = self.manifest.nodes
        return nodes


@pytest.fixture(scope="session")
def parse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scratch folder of a ``dbt parse`` to which every warning is an error. Not to be changed."""

    def make(folder: Path) -> None:
        outcome = Project(folder).invoke("parse", "--warn-error")
        (folder / COMPLAINT).write_text("" if outcome.success else repr(outcome.exception), encoding="utf-8")

    return made_once(tmp_path_factory, "parse", make)


@pytest.fixture(scope="session")
def parsed(parse: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The manifest, which dbt takes from what it keeps of that parse."""
    scratch = tmp_path_factory.mktemp("parsed") / "scratch"
    shutil.copytree(parse, scratch)
    outcome = Project(scratch).invoke("parse")
    assert outcome.success, outcome.exception
    return outcome.result


@pytest.fixture(scope="session")
def small_books(parsed: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scratch folder of a ``dbt build`` of seeds, models and data tests on the small books. Not to be changed."""

    def make(folder: Path) -> None:
        project = Project(folder, parsed)
        with duckdb.connect(project.database) as connection:
            for source, tables in _sources().items():
                connection.execute(f"CREATE SCHEMA {source}")
                for table, rows in tables.items():
                    connection.register("incoming", rows)
                    connection.execute(f"CREATE TABLE {source}.{table} AS SELECT * FROM incoming")
                    book = BOOKS / f"{source}.{table}.csv"
                    if book.exists():
                        connection.execute(
                            f"INSERT INTO {source}.{table} BY NAME "
                            f"SELECT * FROM read_csv('{book}', header = true, all_varchar = true)"
                        )
        outcome = project.invoke("build", "--resource-types", "model", "seed", "test")
        assert outcome.exception is None, outcome.exception
        (folder / OUTCOME).write_bytes(pickle.dumps(outcome))

    return made_once(tmp_path_factory, "small_books", make)


@pytest.fixture(scope="session")
def build(small_books: Path) -> dbtRunnerResult:
    """What ``dbt build`` said of the small books."""
    outcome: dbtRunnerResult = pickle.loads((small_books / OUTCOME).read_bytes())
    return outcome


@pytest.fixture(scope="session")
def built(
    small_books: Path,
    parsed: Any,
    build: dbtRunnerResult,
    tmp_path_factory: pytest.TempPathFactory,
) -> Project:
    """The project with a scratch database of this worker's own, which holds every model."""
    assert build.success, [result.message for result in build.result.results if result.status == "error"]
    scratch = tmp_path_factory.mktemp("dbt") / "scratch"
    shutil.copytree(small_books, scratch)
    return Project(scratch, parsed)


@pytest.fixture
def marts(built: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the built database whose changes are rolled back."""
    with duckdb.connect(built.database) as connection:
        connection.execute("BEGIN")
        yield connection
        connection.execute("ROLLBACK")


def _sources() -> dict[str, dict[str, pa.Table]]:
    return {
        "landing": {table: schema.empty_table() for table, schema in LANDED_TABLES.items()},
        "settings": settings_tables(SETTINGS, []),
        "run": {
            "context": run_context(CONTEXT, SETTINGS),
            "working_days": working_days(CONTEXT, SETTINGS),
        },
        "dunning": {"sent": DUNNING_SENT.empty_table()},
        "decisions": decision_tables([], SETTINGS.time_zone),
        "quality": {"results": QUALITY_RESULTS.empty_table()},
        "history": {mart: schema.empty_table() for mart, schema in HISTORY.items()},
    }
