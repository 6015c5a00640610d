"""Two runs of one home, published to PostgreSQL and to files by turns."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from home.layout import Home
from home.settings_publishing import PostgreSQL
from home.tables import RunContext
from orchestration.dbt_runner import Dbt
from orchestration.postgres.publication import publish_release
from orchestration.publish import MartDescription, Release, current_release, descriptions_of, publish
from orchestration.warehouse import database
from tests.integration.conftest import Again

READER_PASSWORD = "as told to the analysts"


@dataclass(frozen=True)
class Runs:
    """A home, and two of its runs."""

    home: Home
    built: dict[str, tuple[Release, Path]]
    """Id of each run → its release, and the working database that it was made from."""

    descriptions: dict[str, MartDescription]


@dataclass(frozen=True)
class Published:
    """A home and a database that show the same run, one of two; ``show`` publishes the other."""

    runs: Runs
    settings: PostgreSQL
    reader_url: str
    """How people reach the database: as a role that may only read."""

    @property
    def home(self) -> Home:
        return self.runs.home

    def show(self, run_id: str) -> None:
        """Publish a run to the home, then to PostgreSQL, as a refresh does."""
        release, built = self.runs.built[run_id]
        shutil.copy(built, database(self.home))
        context = RunContext(
            run_id=run_id,
            as_of_date=release.as_of_date,
            known_at_date=release.known_at_date,
            started_at=release.started_at,
        )
        release = publish(
            self.home, context, inputs=release.inputs, is_verified=True, descriptions=self.runs.descriptions
        )
        publish_release(self.home, release, self.settings, lambda _: None)


@pytest.fixture(scope="session")
def two_runs(refreshed: Home, refreshed_again: Again, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """A home that shows 31 July and whose run before showed 30 June, and the working databases of both."""
    home = Home.at(tmp_path_factory.mktemp("bi") / "home")
    shutil.copytree(refreshed_again.home.root, home.root, symlinks=True)
    runs = {}
    for one in (refreshed, refreshed_again.home):
        release = current_release(one)
        assert release is not None
        runs[release.run_id] = (release, database(one))
    return Runs(home, runs, descriptions_of(Dbt(home).manifest))


@pytest.fixture
def published(two_runs: Runs, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Published:
    monkeypatch.setenv("ENCOURS_POSTGRES_URL", postgres_url)
    to = urlsplit(postgres_url)
    role = f"{to.path.removeprefix('/')}_reader"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{READER_PASSWORD}'")
    where = f"{role}:{READER_PASSWORD.replace(' ', '%20')}@{to.hostname}:{to.port}"
    shown = Published(
        runs=two_runs,
        settings=PostgreSQL.model_validate({"reader_role": role}),
        reader_url=to._replace(netloc=where).geturl(),
    )
    shown.show(min(two_runs.built))
    return shown
