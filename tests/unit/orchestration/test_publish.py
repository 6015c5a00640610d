"""Publishing: one step, nothing lost, nothing half-seen."""

import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from home.layout import Home
from home.tables import RunContext
from orchestration import history
from orchestration import publish as publishing
from orchestration.errors import NotPublishedError
from orchestration.publish import MartDescription, Release, current_release, is_whole, publish

Build = Callable[[str], RunContext]


def published(home: Home, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        return connection.execute(query).fetchall()


def publish_run(home: Home, build: Build, run_id: str, *, is_verified: bool = True) -> Release:
    descriptions = {"fct_open_items": MartDescription("What's open.", {"open_amount": "Base currency."})}
    return publish(home, build(run_id), inputs="f00d", is_verified=is_verified, descriptions=descriptions)


def test_both_forms_hold_what_was_built(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    expected = [("a", Decimal("1200.00")), ("b", Decimal("-34.50"))]
    assert published(home, "FROM marts.fct_open_items ORDER BY item_id") == expected
    parquet = home.published_parquet / "fct_open_items" / "fct_open_items.parquet"
    assert duckdb.sql(f"FROM '{parquet}' ORDER BY item_id").fetchall() == expected


def test_marts_and_columns_carry_their_descriptions(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    assert published(home, "SELECT comment FROM duckdb_tables() WHERE table_name = 'fct_open_items'") == [
        ("What's open.",)
    ]
    assert published(
        home,
        "SELECT comment FROM duckdb_columns() WHERE column_name = 'open_amount' "
        "AND table_name = 'fct_open_items'",
    ) == [("Base currency.",)]


def test_published_equals_built_names_every_mart(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    tied = published(
        home,
        "SELECT DISTINCT split_part(subject, ',', 1) FROM marts.fct_control_totals "
        "WHERE control_name = 'published_equals_built' ORDER BY 1",
    )
    marts = published(
        home, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts' ORDER BY 1"
    )
    assert tied == marts


def test_published_equals_built_is_a_control_total_per_mart_and_amount(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    totals = published(
        home,
        "SELECT subject, expected, actual, difference, passed, is_blocking FROM marts.fct_control_totals "
        "WHERE control_name = 'published_equals_built' AND subject LIKE 'fct_open_items,%' ORDER BY subject",
    )
    zero = Decimal("0.00000")
    assert totals == [
        ("fct_open_items, rows, DuckDB", Decimal("2.00000"), Decimal("2.00000"), zero, True, True),
        ("fct_open_items, rows, Parquet", Decimal("2.00000"), Decimal("2.00000"), zero, True, True),
        (
            "fct_open_items, sum of open_amount, DuckDB",
            Decimal("1165.50000"),
            Decimal("1165.50000"),
            zero,
            True,
            True,
        ),
        (
            "fct_open_items, sum of open_amount, Parquet",
            Decimal("1165.50000"),
            Decimal("1165.50000"),
            zero,
            True,
            True,
        ),
    ]
    parquet = home.published_parquet / "fct_control_totals" / "fct_control_totals.parquet"
    assert duckdb.sql(f"SELECT count(*) FROM '{parquet}'").fetchall() == published(
        home, "SELECT count(*) FROM marts.fct_control_totals"
    )


def test_a_copy_that_lost_a_row_is_not_published(
    home: Home, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_run(home, build, "r1")

    def short(connection: duckdb.DuckDBPyConnection, folder: Path, mart: str) -> None:
        target = folder / "parquet" / mart / f"{mart}.parquet"
        target.parent.mkdir(parents=True)
        connection.execute(f"COPY (FROM marts.{mart} OFFSET 1) TO '{target}' (FORMAT parquet)")

    monkeypatch.setattr(publishing, "_write_parquet", short)
    with pytest.raises(NotPublishedError, match=r"Parquet copy, .* as built; the marts in force stay"):
        publish_run(home, build, "r2")
    release = current_release(home)
    assert release is not None
    assert release.run_id == "r1"
    assert published(home, "SELECT count(*) FROM marts.fct_open_items") == [(2,)]


def test_the_run_is_completed(home: Home, build: Build) -> None:
    release = publish_run(home, build, "r1", is_verified=False)
    [(finished_at, is_verified)] = published(home, "SELECT finished_at, is_verified FROM marts.dim_runs")
    assert finished_at == release.finished_at
    assert is_verified is False


def test_a_reader_of_the_old_file_keeps_reading(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    with duckdb.connect(home.published_database.resolve(), read_only=True) as reader:
        publish_run(home, build, "r2")
        assert reader.execute("SELECT run_id FROM marts.dim_runs").fetchall() == [("r1",)]
        assert reader.execute("SELECT sum(open_amount) FROM marts.fct_open_items").fetchall() == [
            (Decimal("1165.50"),)
        ]
    assert published(home, "SELECT run_id FROM marts.dim_runs") == [("r2",)]


def test_the_release_before_is_kept_and_older_ones_are_removed(home: Home, build: Build) -> None:
    for run_id in ("r1", "r2", "r3"):
        publish_run(home, build, run_id)
    assert sorted(folder.name for folder in (home.marts / ".releases").iterdir()) == ["r2", "r3"]
    assert history.published_runs(home) == ("r1", "r2", "r3")


@pytest.mark.parametrize(
    "moment",
    [
        "orchestration.publish._write_marts",
        "orchestration.publish._sync",
        "orchestration.history.write",
        "orchestration.publish._put_in_force",
    ],
)
def test_stopped_before_the_swap_the_old_marts_stay_whole(
    home: Home, build: Build, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    publish_run(home, build, "r1")
    before = published(home, "SELECT * FROM marts.fct_control_totals ORDER BY ALL")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(moment, stop)
        with pytest.raises(KeyboardInterrupt):
            publish_run(home, build, "r2")
    release = current_release(home)
    assert release is not None
    assert release.run_id == "r1"
    assert published(home, "SELECT * FROM marts.fct_control_totals ORDER BY ALL") == before
    history.settle(home, release.run_id)
    assert {file.name for file in home.history.glob("*/*")} == {"r1.parquet"}
    publish_run(home, build, "r3")
    assert history.published_runs(home) == ("r1", "r3")
    assert sorted(folder.name for folder in (home.marts / ".releases").iterdir()) == ["r1", "r3"]


def test_a_home_can_be_moved(home: Home, build: Build, tmp_path: Path) -> None:
    publish_run(home, build, "r1")
    moved = home.root.rename(tmp_path / "elsewhere")
    assert published(Home.at(moved), "SELECT count(*) FROM marts.fct_open_items") == [(2,)]


def test_a_release_is_whole_while_its_files_are_there_as_published(home: Home, build: Build) -> None:
    release = publish_run(home, build, "r1")
    assert current_release(home) == release
    assert is_whole(home, release)
    parquet = home.published_parquet / "fct_open_items" / "fct_open_items.parquet"
    content = parquet.read_bytes()
    parquet.write_bytes(content[:-1])
    assert not is_whole(home, release)
    parquet.write_bytes(content)
    assert is_whole(home, release)
    home.published_database.unlink()
    assert not is_whole(home, release)


def test_a_release_that_cannot_be_read_is_none(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    (home.marts / "current" / "release.json").write_text('{"run_id": "r1"', encoding="utf-8")
    assert current_release(home) is None
    publish_run(home, build, "r2")
    assert history.published_runs(home) == ("r1", "r2")


def test_a_copy_that_turned_links_into_folders_is_published_over(
    home: Home, build: Build, tmp_path: Path
) -> None:
    publish_run(home, build, "r1")
    copied = Home.at(shutil.copytree(home.root, tmp_path / "copied", symlinks=False))
    assert not (copied.marts / "current").is_symlink()
    context = build("r2")
    shutil.copy(home.warehouse / "encours.duckdb", copied.warehouse)
    publish(copied, context, inputs="", is_verified=True, descriptions={})
    assert published(copied, "SELECT run_id FROM marts.dim_runs") == [("r2",)]
    assert history.published_runs(copied) == ("r1", "r2")


def test_a_release_knows_the_keys_of_its_marts(home: Home, build: Build) -> None:
    descriptions = {"fct_open_items": MartDescription("What's open.", {}, ("item_id",))}
    publish(home, build("r1"), inputs="f00d", is_verified=True, descriptions=descriptions)
    release = current_release(home)
    assert release is not None
    assert release.keys == {"fct_open_items": ("item_id",)}


def test_a_release_of_a_version_that_kept_no_keys_is_still_in_force(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    kept = home.marts / "current" / "release.json"
    content = json.loads(kept.read_text(encoding="utf-8"))
    del content["keys"]
    kept.write_text(json.dumps(content), encoding="utf-8")
    release = current_release(home)
    assert release is not None
    assert release.run_id == "r1"
    assert not release.keys
