"""A home whose releases are made by hand in milliseconds, and a server to publish them to."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from home.layout import Home
from home.settings_publishing import PostgreSQL
from orchestration.postgres.publication import publish_release
from orchestration.publish import DATABASE_NAME, Release

KEYS = {
    "dim_companies": ("company_id",),
    "dim_runs": ("run_id",),
    "dim_third_parties": ("third_party_id",),
    "fct_ageing_snapshots": ("known_at_date", "third_party_id"),
    "fct_bank_transactions": ("bank_transaction_id",),
    "fct_open_items": ("item_id",),
}


def marts(run_id: str, *, amount: str = "1200.00") -> dict[str, str]:
    """Mart → the query of its rows: two customers with an open item each, of ``amount`` and -34.50."""
    return {
        "dim_companies": "SELECT 'acme' AS company_id, 'Acme SAS' AS name",
        "dim_runs": f"SELECT '{run_id}' AS run_id, true AS is_current",
        "dim_third_parties": "SELECT * FROM (VALUES ('acme/customer/1', 'Martin', 'Lyon'), "
        "('acme/customer/2', 'Durand', 'Lille')) AS rows (third_party_id, name, agency)",
        "fct_bank_transactions": f"SELECT 'b' AS bank_transaction_id, {amount}::DECIMAL(18, 2) AS amount",
        "fct_open_items": f"SELECT *, '{run_id}' AS run_id FROM (VALUES "
        f"('a', 'acme/customer/1', {amount}::DECIMAL(18, 2)), ('b', 'acme/customer/2', -34.50)) "
        "AS rows (item_id, third_party_id, open_amount)",
    }


def snapshots(counts: Mapping[str, int]) -> str:
    """The query of snapshots, in which each run wrote so many rows of 1.00."""
    runs = ", ".join(f"('{run_id}', {count})" for run_id, count in counts.items())
    return (
        "SELECT run_id, DATE '2026-06-30' + number::INTEGER AS known_at_date, run_id || number AS third_party_id, "
        f"1.00::DECIMAL(18, 2) AS open_amount FROM (VALUES {runs}) AS runs (run_id, n), range(n) AS rows (number)"
    )


@dataclass(frozen=True)
class Warehouse:
    """A home and the database that it publishes to."""

    home: Home
    url: str
    settings: PostgreSQL

    def release(
        self, run_id: str, queries: Mapping[str, str] | None = None, statements: Sequence[str] = ()
    ) -> Release:
        """Put in force a release of the home whose marts are these queries' rows."""
        folder = self.home.marts / ".releases" / run_id
        folder.mkdir(parents=True)
        with duckdb.connect(folder / DATABASE_NAME) as connection:
            connection.execute("CREATE SCHEMA marts")
            for mart, query in (marts(run_id) if queries is None else queries).items():
                connection.execute(f"CREATE TABLE marts.{mart} AS {query}")
            for statement in statements:
                connection.execute(statement)
        moment = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
        release = Release(
            run_id,
            date(2026, 6, 30),
            date(2026, 7, 1),
            moment,
            moment,
            is_verified=True,
            inputs="f00d",
            keys=KEYS,
        )
        (folder / "release.json").write_text(json.dumps({"run_id": run_id}), encoding="utf-8")
        link = self.home.marts / "current"
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
        return release

    def publish(
        self,
        run_id: str,
        queries: Mapping[str, str] | None = None,
        statements: Sequence[str] = (),
        **changed: object,
    ) -> None:
        """Make a release of these marts and publish it, by the settings with what is ``changed``."""
        release = self.release(run_id, queries, statements)
        publish_release(self.home, release, self.settings.model_copy(update=changed), lambda mart: None)

    def rows(self, query: str, user: str | None = None) -> list[tuple[Any, ...]]:
        """What a query gives a user who has just connected; the administrator unless named."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            if user:
                connection.execute(f'SET SESSION AUTHORIZATION "{user}"')
            return connection.execute(query).fetchall()

    def parts(self) -> list[str]:
        """The tables that hold a mart of one run."""
        found = self.rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'marts_runs'::regnamespace "
            "AND relkind = 'r' AND relname ~ '__[0-9]+$' ORDER BY relname"
        )
        return [name for (name,) in found]


@pytest.fixture
def warehouse(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """An empty database, and a home that has published nothing."""
    monkeypatch.setenv("ENCOURS_POSTGRES_URL", postgres_url)
    home = Home.at(tmp_path / "home")
    home.create()
    return Warehouse(home, postgres_url, PostgreSQL.model_validate({}))


@pytest.fixture
def reader(warehouse: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    """A connection that reads in one transaction of its own isolation until it says otherwise."""
    with psycopg.connect(warehouse.url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield connection
        connection.rollback()


@pytest.fixture
def role(warehouse: Warehouse) -> Callable[..., str]:
    """Makes a role of the test's own, in the roles that are named; it goes with the test's database."""
    prefix = warehouse.url.rpartition("/")[2]

    def make(name: str, *member_of: str) -> str:
        with psycopg.connect(warehouse.url, autocommit=True) as connection:
            connection.execute(f'CREATE ROLE "{prefix}_{name}"')
            for group in member_of:
                connection.execute(f'GRANT "{group}" TO "{prefix}_{name}"')
        return f"{prefix}_{name}"

    return make
