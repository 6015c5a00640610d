"""Whatever way a BI tool connects, it reads the same aged balance to the cent, also while runs are published."""

import csv
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from tests.integration.bi.conftest import Published
from tests.integration.bi.reading import AMOUNTS, JAR, WAYS

ROOT = Path(__file__).resolve().parents[3]
PUBLICATIONS = 10
APART = 20
"""Rows in which the two runs differ, at least."""


def _missing(way: str) -> str:
    """Why a way cannot be gone here, and what would make it one; empty when it can."""
    if way == "odbc":
        if find_spec("pyodbc") is None:
            return "pyodbc is not installed: make test installs it"
        import pyodbc

        if "PostgreSQL Unicode" not in pyodbc.drivers():
            return "no ODBC driver for PostgreSQL (Debian: apt install unixodbc odbc-postgresql)"
    if way == "jdbc":
        import shutil

        if not JAR.exists() or shutil.which("java") is None or find_spec("jpype") is None:
            return "no JDBC driver (Debian: apt install libpostgresql-jdbc-java default-jre-headless; pip: jpype1)"
    return ""


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if reason := _missing(name):
        pytest.skip(reason)
    return name


def source(published: Published, way: str) -> str:
    files = {"duckdb": published.home.published_database, "parquet": published.home.published_parquet}
    return str(files.get(way, published.reader_url))


def start(published: Published, way: str, stop: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.integration.bi.reading", way, source(published, way), str(stop)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answers(process: "subprocess.Popen[str]") -> list[tuple[list[str], list[list[str]], int]]:
    """Each different answer that a reader got: the run, its rows, and how often."""
    printed, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint
    return [(run_ids, rows, count) for run_ids, rows, count in json.loads(printed)]


def printed_balance(published: Published) -> list[list[str]]:
    """The aged balance of the run in force, as ``encours aged-balance`` prints it for programs."""
    result = CliRunner().invoke(
        main, ["aged-balance", "--format", "csv", "--home", str(published.home.root)], catch_exceptions=False
    )
    rows = csv.DictReader(result.stdout.splitlines())
    names = ("company_id", "ledger_side", "third_party_code", *AMOUNTS)
    return sorted([row[name] for name in names] for row in rows)


def test_the_same_aged_balance_comes_back(published: Published, way: str, tmp_path: Path) -> None:
    (tmp_path / "stop").touch()
    [(run_ids, rows, count)] = answers(start(published, way, tmp_path / "stop"))
    assert count == 1
    assert run_ids == [min(published.runs.built) if way != "parquet" else ""]
    assert rows == printed_balance(published)
    assert len(rows) > 20


def test_no_reader_sees_an_error_or_a_mixture_while_runs_are_published(
    published: Published, tmp_path: Path
) -> None:
    """Ten publications, two runs by turns: every answer is one of the two, whole."""
    expected = {}
    for run_id in sorted(published.runs.built, reverse=True):
        published.show(run_id)
        expected[run_id] = printed_balance(published)
    one, other = ({tuple(row) for row in rows} for rows in expected.values())
    assert len(one ^ other) >= APART, "the two runs say nearly the same: a mixture would not be seen"

    ways = [way for way in WAYS if not _missing(way)]
    readers = {way: start(published, way, tmp_path / "stop") for way in ways}
    try:
        for number in range(PUBLICATIONS):
            published.show(sorted(published.runs.built)[number % 2 - 1])
    finally:
        (tmp_path / "stop").touch()
        told = {way: answers(reader) for way, reader in readers.items()}
    for way, seen in told.items():
        for run_ids, rows, _ in seen:
            if way == "parquet":
                assert rows in expected.values()
            else:
                assert rows == expected.get("".join(run_ids)), f"{way} saw a mixture: {run_ids}"
        assert len(seen) == 2, f"{way} never saw a new run"
        assert sum(count for *_, count in seen) > PUBLICATIONS, way
