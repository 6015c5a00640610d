"""Stores to decide in: a file of a home, and a PostgreSQL database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from decisions import database
from decisions.store import Store, open_store
from home.layout import Home
from home.settings import Settings

VARIABLE = "ENCOURS_TEST_DECISIONS"
IN_THE_HOME = Settings.model_validate({})
IN_POSTGRESQL = Settings.model_validate({"decisions": {"url_variable": VARIABLE}})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.at(tmp_path / "home")
    made.create()
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Where decisions are kept: each test is done for both."""
    if request.param == "sqlite":
        return IN_THE_HOME
    monkeypatch.setenv(VARIABLE, request.getfixturevalue("postgres_url"))
    return IN_POSTGRESQL


@pytest.fixture
def store(home: Home, settings: Settings) -> Iterator[Store]:
    with open_store(home, settings) as opened:
        yield opened


@pytest.fixture
def by_hand(
    home: Home, settings: Settings, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], None]]:
    """Runs a statement in the database of the store, as somebody would who goes round it."""
    engine: Engine = (
        database.sqlite_engine(home.decisions)
        if settings is IN_THE_HOME
        else database.postgresql_engine(request.getfixturevalue("postgres_url"))
    )

    def run(statement: str) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)

    yield run
    engine.dispose()


@pytest.fixture
def as_reader_and_writer(store: Store, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the store in PostgreSQL is opened with no more rights than to read and to add."""
    role = postgres_url.rpartition("/")[2] + "_reviewers"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'reviewing'")
        connection.execute(f"GRANT SELECT, INSERT ON encours_decisions TO {role}")
    place = postgres_url.rpartition("@")[2]
    monkeypatch.setenv(VARIABLE, f"postgresql://{role}:reviewing@{place}")
