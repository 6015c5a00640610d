"""A refresh publishes to PostgreSQL after the home; the next one, or encours publish, gives it what it missed."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg
import pytest
from click.testing import CliRunner, Result

from home.layout import Home
from orchestration.cli import main
from orchestration.publish import current_release

Copy = Callable[[str], Home]
NOWHERE = "postgresql://encours:s3cret@127.0.0.1:1/marts"
DATES = ["--as-of", "2026-06-30", "--known-at", "2026-06-30"]
NEXT_RUN = ["--as-of", "2026-05-31", "--known-at", "2026-07-01"]
"""A day later, of an earlier date."""


def encours(home: Home, command: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, [command, "--home", str(home.root), *arguments])


def shown(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT run_id FROM marts.dim_runs WHERE is_current").fetchall()


@pytest.fixture
def home(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home that was refreshed before anybody thought of PostgreSQL; the server is out of reach."""
    copied = copy("publishing")
    copied.settings_file.write_text("[publishing.postgresql]\n", encoding="utf-8")
    monkeypatch.setenv("ENCOURS_POSTGRES_URL", NOWHERE)
    return copied


def test_what_the_server_missed_it_gets_from_the_next_refresh(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current_release(home)
    assert before is not None
    missed = encours(home, "refresh", *DATES)
    assert missed.exit_code == 1
    assert "Nothing has changed since run" in missed.output
    assert "PostgreSQL (ENCOURS_POSTGRES_URL) did not get the marts" in missed.output
    assert "s3cret" not in missed.output
    assert current_release(home) == before

    monkeypatch.setenv("ENCOURS_POSTGRES_URL", postgres_url)
    assert encours(home, "refresh", *DATES).exit_code == 0
    assert shown(postgres_url) == [(before.run_id,)]
    with psycopg.connect(postgres_url) as connection:
        loads = connection.execute("SELECT count(*) FROM marts_runs.runs").fetchall()
    assert encours(home, "refresh", *DATES).exit_code == 0
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM marts_runs.runs").fetchall() == loads


def test_a_run_is_published_in_the_home_when_the_server_is_out_of_reach(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current_release(home)
    missed = encours(home, "refresh", *NEXT_RUN)
    assert missed.exit_code == 1
    release = current_release(home)
    assert release is not None
    assert before is not None
    assert release.run_id != before.run_id
    assert f"run {release.run_id}" in missed.output
    assert "Connection refused" in missed.output
    told = json.loads((home.reports / release.run_id / "run.json").read_text(encoding="utf-8"))
    assert told["outcome"] == "published"
    assert "Connection refused" in told["undelivered"][0]

    monkeypatch.setenv("ENCOURS_POSTGRES_URL", postgres_url)
    done = encours(home, "publish")
    assert done.exit_code == 0, done.output
    assert f"Run {release.run_id}, as of 2026-05-31" in done.output
    assert shown(postgres_url) == [(release.run_id,)]


def test_every_mart_holds_the_same_rows_there(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCOURS_POSTGRES_URL", postgres_url)
    assert encours(home, "publish", "postgresql").exit_code == 0
    with (
        duckdb.connect(home.published_database.resolve(), read_only=True) as here,
        psycopg.connect(postgres_url) as there,
    ):
        there.execute("SET TimeZone = 'UTC'")
        names = [name for (name,) in here.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        assert len(names) > 20
        for name in names:
            columns = [row[0] for row in here.execute(f"DESCRIBE marts.{name}").fetchall()]
            chosen = f"SELECT {', '.join(columns)} FROM marts.{name}"
            expected = here.execute(chosen).fetchall()
            assert Counter(there.execute(chosen).fetchall()) == Counter(map(tuple, expected)), name


def test_a_target_that_is_not_named_is_a_matter_of_configuration(home: Home) -> None:
    other = encours(home, "publish", "ftp")
    assert other.exit_code == 2
    assert "there is no table [publishing.ftp] to publish by" in other.output
    home.settings_file.write_text("", encoding="utf-8")
    none = encours(home, "publish")
    assert none.exit_code == 2
    assert "there is no table [publishing.postgresql]" in none.output


def test_a_home_without_marts_has_nothing_to_publish(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "new")
    home.create()
    home.settings_file.write_text("[publishing.postgresql]\n", encoding="utf-8")
    done = encours(home, "publish")
    assert done.exit_code == 1
    assert "nothing is published yet; run encours refresh first" in done.output
