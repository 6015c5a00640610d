"""What BI tools see, replaced in one step.

A release is a folder of its own, ``marts/.releases/<run_id>/``, written and synced to disk before anybody can see
it. ``marts/current`` is a symbolic link to the release in force; renaming a new link over it is the one commit point
of a run. ``marts/encours_marts.duckdb`` and ``marts/parquet`` lead through it and never change themselves.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from home.layout import Home
from home.tables import RunContext
from orchestration import history
from orchestration.errors import NotPublishedError
from orchestration.warehouse import MEMORY_LIMIT, database

DATABASE_NAME: Final = "encours_marts.duckdb"
BUILT: Final = "encours"
"""The working database's own name: views in it refer to each other by it."""

CONTROL_NAME: Final = "published_equals_built"
LATE_MARTS: Final = ("fct_control_totals", "dim_runs")
"""Marts that publishing itself completes: copied, then added to."""


@dataclass(frozen=True)
class Release:
    """A published set of marts, as its ``release.json`` says it."""

    run_id: str
    as_of_date: date
    known_at_date: date
    started_at: datetime
    finished_at: datetime
    is_verified: bool
    inputs: str
    """Fingerprint of files, acceptances, settings and code that the release was made from."""
    files: Mapping[str, int] = field(default_factory=dict)
    """Every file of the release, as a path under ``marts/``, with its size in bytes."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Mart → the columns that tell its rows apart."""


def current_release(home: Home) -> Release | None:
    """The release in force, or None when nothing is published, or what says so cannot be read."""
    try:
        content = json.loads((home.marts / "current" / "release.json").read_text(encoding="utf-8"))
        return Release(
            run_id=content["run_id"],
            as_of_date=date.fromisoformat(content["as_of_date"]),
            known_at_date=date.fromisoformat(content["known_at_date"]),
            started_at=datetime.fromisoformat(content["started_at"]),
            finished_at=datetime.fromisoformat(content["finished_at"]),
            is_verified=content["is_verified"],
            inputs=content["inputs"],
            files=content["files"],
            keys={mart: tuple(key) for mart, key in content.get("keys", {}).items()},
        )
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError):
        return None


def is_whole(home: Home, release: Release) -> bool:
    """Whether every file of the release in force is where readers look for it, with the size it was published with."""
    try:
        return all((home.marts / name).stat().st_size == size for name, size in release.files.items())
    except OSError:
        return False


def publish(
    home: Home,
    context: RunContext,
    *,
    inputs: str,
    is_verified: bool,
    descriptions: Mapping[str, "MartDescription"],
) -> Release:
    """Publish what stands in schema ``marts`` of the working database as the run's release.

    Raises NotPublishedError when rows or sums of amounts of the copy differ from what was built.
    """
    before = current_release(home)
    history.settle(home, before.run_id if before else None)
    release = Release(
        run_id=context.run_id,
        as_of_date=context.as_of_date,
        known_at_date=context.known_at_date,
        started_at=context.started_at,
        finished_at=datetime.now(UTC),
        is_verified=is_verified,
        inputs=inputs,
        keys={mart: description.key for mart, description in descriptions.items()},
    )
    folder = _releases(home) / context.run_id
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _write_marts(home, folder, release, descriptions)
    release = replace(release, files=_sizes(folder))
    (folder / "release.json").write_text(_json(release), encoding="utf-8")
    _sync(folder)
    history.write(home, context.run_id, folder / DATABASE_NAME)
    _put_in_force(home, folder)
    history.confirm(home)
    _remove_releases_except(home, {context.run_id, *([before.run_id] if before else [])})
    return release


@dataclass(frozen=True)
class MartDescription:
    """What a mart and its columns mean, which becomes comments in the published database, and what tells rows apart."""

    text: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ()


def descriptions_of(manifest: Mapping[str, Any]) -> dict[str, MartDescription]:
    """Mart name → description, from a dbt manifest."""
    return {
        node["name"]: MartDescription(
            node["description"],
            {name: column["description"] for name, column in node["columns"].items()},
            tuple(node["config"]["meta"].get("grain", ())),
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }


def _write_marts(
    home: Home, folder: Path, release: Release, descriptions: Mapping[str, MartDescription]
) -> None:
    with duckdb.connect(folder / DATABASE_NAME, config={"memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute(f"ATTACH {_text(database(home))} AS {BUILT} (READ_ONLY)")
        # One transaction: each commit of its own would wait for the disk, some five hundred times.
        connection.begin()
        connection.execute("CREATE SCHEMA marts")
        marts = _marts(connection, BUILT)
        for mart in marts:
            connection.execute(f"CREATE TABLE marts.{mart} AS FROM {BUILT}.marts.{mart}")
        _complete_run(connection, release)
        for mart in marts:
            if mart not in LATE_MARTS:
                _write_parquet(connection, folder, mart)
        _tie_out(connection, folder, release.run_id, marts)
        for mart in marts:
            if mart in LATE_MARTS:
                _write_parquet(connection, folder, mart)
        for mart, description in descriptions.items():
            if mart in marts:
                _comment(connection, mart, description)
        connection.commit()
        connection.execute(f"DETACH {BUILT}")
        connection.execute("CHECKPOINT")


def _marts(connection: duckdb.DuckDBPyConnection, database_name: str) -> list[str]:
    rows = connection.execute(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_catalog = ? AND table_schema = 'marts' ORDER BY table_name",
        [database_name],
    ).fetchall()
    return [row[0] for row in rows]


def _complete_run(connection: duckdb.DuckDBPyConnection, release: Release) -> None:
    connection.execute(
        "UPDATE marts.dim_runs SET finished_at = ?, is_verified = ? WHERE run_id = ?",
        [release.finished_at, release.is_verified, release.run_id],
    )


def _write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, mart: str) -> None:
    target = folder / "parquet" / mart / f"{mart}.parquet"
    target.parent.mkdir(parents=True)
    connection.execute(f"COPY marts.{mart} TO {_text(target)} ({history.PARQUET})")


def _tie_out(connection: duckdb.DuckDBPyConnection, folder: Path, run_id: str, marts: Iterable[str]) -> None:
    """Add a control total per mart, measure (its rows, each of its amounts) and form it is published in.

    The marts that are still added to are compared as they were copied, and in DuckDB alone.
    """
    totals: list[tuple[object, ...]] = []
    of_marts = _measures(connection)
    for mart in marts:
        measures = of_marts[mart]
        built = _measured(connection, f"{BUILT}.marts.{mart}", measures)
        forms = {"DuckDB": f"marts.{mart}"}
        if mart not in LATE_MARTS:
            forms["Parquet"] = f"read_parquet({_text(folder / 'parquet' / mart / f'{mart}.parquet')})"
        for form, relation in forms.items():
            copied = _measured(connection, relation, measures)
            for measure, expected, actual in zip(measures, built, copied, strict=True):
                if expected != actual:
                    raise NotPublishedError(
                        f"{folder}: {measure} of {mart} is {actual} in the {form} copy, {expected} as built; "
                        "the marts in force stay; check the disk, and run the refresh again."
                    )
                totals.append((run_id, CONTROL_NAME, f"{mart}, {measure}, {form}", expected, actual))
    connection.executemany(
        """
        INSERT INTO marts.fct_control_totals BY NAME
        SELECT $1 AS run_id, $2 AS control_name, $3 AS subject, $4::DECIMAL(38, 5) AS expected,
            $5::DECIMAL(38, 5) AS actual, $5::DECIMAL(38, 5) - $4::DECIMAL(38, 5) AS difference,
            true AS passed, true AS is_blocking
        """,
        totals,
    )


def _measures(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Mart → name of each of its measures → its SQL: how many rows, and the exact sum of each DECIMAL column."""
    columns = connection.execute(
        "SELECT table_name, column_name, data_type LIKE 'DECIMAL%' FROM duckdb_columns() "
        "WHERE database_name = current_catalog() AND schema_name = 'marts' ORDER BY table_name, column_index"
    ).fetchall()
    measures: dict[str, dict[str, str]] = {}
    for mart, column, is_decimal in columns:
        of_mart = measures.setdefault(mart, {"rows": "count(*)"})
        if is_decimal:
            of_mart[f"sum of {column}"] = f'coalesce(sum("{column}"), 0)'
    return measures


def _measured(
    connection: duckdb.DuckDBPyConnection, relation: str, measures: Mapping[str, str]
) -> tuple[object, ...]:
    row = connection.execute(f"SELECT {', '.join(measures.values())} FROM {relation}").fetchone()
    assert row is not None
    return tuple(row)


def _comment(connection: duckdb.DuckDBPyConnection, mart: str, description: MartDescription) -> None:
    connection.execute(f"COMMENT ON TABLE marts.{mart} IS {_text(description.text)}")
    for column, text in description.columns.items():
        connection.execute(f'COMMENT ON COLUMN marts.{mart}."{column}" IS {_text(text)}')


def _sizes(folder: Path) -> dict[str, int]:
    return {
        str(file.relative_to(folder)): file.stat().st_size
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def _put_in_force(home: Home, folder: Path) -> None:
    for name in (DATABASE_NAME, "parquet"):
        link = home.marts / name
        _clear(link)
        if not link.is_symlink():
            link.symlink_to(Path("current") / name)
    aside = home.marts / ".current.next"
    aside.unlink(missing_ok=True)
    aside.symlink_to(folder.relative_to(home.marts))
    _clear(home.marts / "current")
    aside.replace(home.marts / "current")
    history.sync(home.marts)


def _clear(link: Path) -> None:
    """Remove what stands where a link belongs: copying a home may turn links into what they lead to."""
    if link.is_symlink():
        return
    if link.is_dir():
        shutil.rmtree(link)
    else:
        link.unlink(missing_ok=True)


def _remove_releases_except(home: Home, run_ids: set[str]) -> None:
    """The release before stays until the next one: for whoever is reading it through its folder."""
    for folder in _releases(home).iterdir():
        if folder.name not in run_ids:
            shutil.rmtree(folder)


def _releases(home: Home) -> Path:
    return home.marts / ".releases"


def _sync(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder, folder.parent]:
        history.sync(path)


def _json(release: Release) -> str:
    return json.dumps(asdict(release), default=lambda value: value.isoformat(), indent=2)


def _text(value: object) -> str:
    """An SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"
