"""The books of many companies with a snapshot for every day.

A refresh writes snapshots for its own date and for month-ends. Here the models are given every day of the calendar
instead, so that all that is published of past dates can be looked at on any day, for the price of one build.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from home.layout import Home
from home.settings import Settings
from home.tables import RunContext
from ingestion.intake import take_in
from orchestration.warehouse import database, prepare
from tests.dbt.conftest import Project
from tests.golden.books import Company, deliver

MODELS = (
    "fct_items",
    "fct_ledger_lines",
    "fct_open_items",
    "fct_settlements",
    "int_controls__ledger",
    "int_controls__open_items",
    "int_controls__openings",
)
SNAPSHOTS = ("fct_ageing_snapshot_dates", "fct_ageing_snapshots", "fct_open_items_history")


@dataclass(frozen=True)
class DailyBooks:
    """What one build made of the companies' files."""

    database: Path

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query in the schema ``marts``; ``$1``, ``$2``… in it are the values."""
        with duckdb.connect(self.database, read_only=True) as connection:
            connection.execute("USE marts")
            return connection.execute(query, values).fetchall()

    def rows_apart(self, other: "DailyBooks", select: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that a query finds in one of both and not in the other; its tables are those of ``{marts}``."""
        mine, theirs = select.format(marts="marts"), select.format(marts="other.marts")
        with duckdb.connect(self.database, read_only=True) as connection:
            connection.execute(f"ATTACH '{other.database}' AS other (READ_ONLY)")
            return connection.execute(
                f"({mine} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {mine})", values
            ).fetchall()

    def failed_controls(self) -> list[tuple[Any, ...]]:
        """The tie-outs that must hold for any ledger, and do not."""
        return self.rows(
            """
            SELECT * FROM (
                FROM intermediate.int_controls__ledger UNION ALL FROM intermediate.int_controls__open_items
            ) WHERE is_blocking AND expected <> actual
            """
        )


@dataclass
class DailyHome:
    """A home whose runs all write a snapshot for every day since ``first_day``."""

    home: Home
    manifest: Any
    first_day: date
    run_ids: list[str]

    @classmethod
    def at(cls, folder: Path, manifest: Any, first_day: date) -> "DailyHome":
        """A new one in ``folder``; ``manifest`` is the parsed project's."""
        home = Home.at(folder)
        home.create()
        return cls(home, manifest, first_day, [])

    def build(self, companies: Iterable[Company], *, delivered_on: date, as_of: date) -> DailyBooks:
        """Deliver what the companies have for the day, build the models on it, and leave the history that the next
        build reads."""
        run_id = f"run-{len(self.run_ids)}"
        deliver(self.home, companies, str(delivered_on), hour=12 + len(self.run_ids))
        started_at = datetime.combine(delivered_on, time(18, len(self.run_ids)), UTC)
        intake = take_in(self.home, Settings(), seen_at=started_at)
        context = RunContext(run_id, as_of, delivered_on, started_at)
        prepare(self.home, Settings(), context, intake.source_files, self.run_ids)
        self._give_every_day(as_of)
        self._run(Project(self.home.warehouse, self.manifest))
        folder = self.home.root / run_id
        folder.mkdir()
        # Under its own name, by which its views know it.
        kept = database(self.home).rename(folder / database(self.home).name)
        self._keep_history(kept, run_id)
        self.run_ids.append(run_id)
        return DailyBooks(kept)

    def _give_every_day(self, last_day: date) -> None:
        with duckdb.connect(database(self.home)) as connection:
            connection.execute("CREATE SCHEMA intermediate")
            connection.execute(
                """
                CREATE TABLE intermediate.int_ageing__dates AS
                SELECT CAST(day AS DATE) AS as_of_date, day = $2 AS is_own_date
                FROM (SELECT unnest(generate_series($1, $2, INTERVAL 1 DAY)) AS day)
                """,
                [self.first_day, last_day],
            )

    @staticmethod
    def _run(project: Project) -> None:
        wanted = [f"+{model}" for model in (*MODELS, *SNAPSHOTS)]
        models = ("--exclude-resource-types", "test", "unit_test")
        done = project.invoke("build", *models, "--select", *wanted, "--exclude", "int_ageing__dates")
        assert done.success, done.exception or [
            (result.node.name, result.message) for result in done.result.results if result.status != "success"
        ]

    def _keep_history(self, built: Path, run_id: str) -> None:
        with duckdb.connect(built, read_only=True) as connection:
            for mart in SNAPSHOTS:
                file = self.home.history / mart / f"{run_id}.parquet"
                file.parent.mkdir(parents=True, exist_ok=True)
                connection.execute(
                    f"COPY (SELECT * FROM marts.{mart} WHERE run_id = '{run_id}') TO '{file}' (FORMAT parquet)"
                )
