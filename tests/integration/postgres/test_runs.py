"""Readers see one run, whole, and never wait; a load that fails changes nothing; old runs go when nobody needs them."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from orchestration.errors import TargetError
from orchestration.postgres import patience, publication, server
from tests.integration.postgres.conftest import Warehouse, marts, snapshots

RUNS = (
    "SELECT (SELECT min(run_id) FROM marts.dim_runs), (SELECT max(run_id) FROM marts.fct_open_items), "
    "(SELECT count(*) FROM marts.fct_open_items)"
)


@contextlib.contextmanager
def reading(warehouse: Warehouse, readers: int, *, isolation: psycopg.IsolationLevel) -> Iterator[list[Any]]:
    """Readers who ask again and again which run two marts show, until the block ends; yields what they got.

    Each gives up what it waits for longer than half a second: ten times what a publication may wait for a lock, since
    a busy machine keeps whoever holds one. What went wrong for one of them is raised at the end.
    """
    seen: list[Any] = []
    wrong: list[BaseException] = []
    is_over = threading.Event()

    def read() -> None:
        try:
            with psycopg.connect(warehouse.url, options="-c lock_timeout=500ms") as connection:
                connection.isolation_level = isolation
                while not is_over.is_set():
                    with connection.transaction():
                        if isolation is psycopg.IsolationLevel.READ_COMMITTED:
                            seen.extend(connection.execute(RUNS).fetchall())
                        else:
                            (of_runs,) = connection.execute(
                                "SELECT min(run_id) FROM marts.dim_runs"
                            ).fetchall()
                            (of_items,) = connection.execute(
                                "SELECT max(run_id), count(*) FROM marts.fct_open_items"
                            ).fetchall()
                            seen.append((*of_runs, *of_items))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    if wrong:
        raise wrong[0]


def partitions(warehouse: Warehouse) -> list[str]:
    """The tables that are a part of a mart's, and not only made for it."""
    return [name for (name,) in warehouse.rows("SELECT relname FROM pg_class WHERE relispartition")]


@pytest.mark.parametrize(
    "isolation", [psycopg.IsolationLevel.READ_COMMITTED, psycopg.IsolationLevel.REPEATABLE_READ]
)
def test_twenty_readers_never_see_two_runs_and_never_wait(
    warehouse: Warehouse, isolation: psycopg.IsolationLevel
) -> None:
    """One statement sees one run; so does a transaction in REPEATABLE READ, of as many statements as it likes."""
    warehouse.publish("r0")
    with reading(warehouse, 20, isolation=isolation) as seen:
        for number in range(1, 5):
            warehouse.publish(f"r{number}", keep_runs=1)
    assert {(of_runs == of_items, count) for of_runs, of_items, count in seen} == {(True, 2)}
    assert {of_runs for of_runs, *_ in seen} >= {"r0", "r1", "r2", "r3"}


def test_a_statement_planned_before_a_run_was_there_does_not_find_it_empty(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query is held while it is planned, until the next run's tables have been there for half a second."""
    monkeypatch.setattr(patience, "PLANNING_SECONDS", 30.0)
    warehouse.publish("r1")
    seen: list[Any] = []

    def read() -> None:
        seen.extend(
            warehouse.rows(
                "SELECT max(run_id), count(*) FROM marts.fct_open_items WHERE open_amount > lowest()"
            )
        )

    def let_go(holder: psycopg.Connection[Any]) -> None:
        while "fct_open_items__2" not in partitions(warehouse):
            time.sleep(0.01)
        time.sleep(0.5)
        holder.execute("SELECT pg_advisory_unlock(7)")

    with psycopg.connect(warehouse.url, autocommit=True) as holder:
        # The planner asks a stable function for its value, to know how many rows there will be.
        holder.execute(
            "CREATE FUNCTION public.lowest() RETURNS numeric STABLE LANGUAGE plpgsql AS $$ BEGIN "
            "PERFORM pg_advisory_lock_shared(7); PERFORM pg_advisory_unlock_shared(7); RETURN -100; END $$"
        )
        holder.execute("SELECT pg_advisory_lock(7)")
        threads = [threading.Thread(target=read), threading.Thread(target=let_go, args=(holder,))]
        threads[0].start()
        while not warehouse.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            time.sleep(0.01)
        threads[1].start()
        warehouse.publish("r2")
        for thread in threads:
            thread.join()
    assert seen == [("r1", 2)]
    assert warehouse.rows("SELECT DISTINCT run_id FROM marts.fct_open_items") == [("r2",)]


def test_a_publication_waits_for_nobody(warehouse: Warehouse, reader: psycopg.Connection[Any]) -> None:
    """A query that has run for an hour holds every view; the run comes in force, and he goes on with his."""
    warehouse.publish("r1")
    for mart in marts("r1"):
        reader.execute(f"SELECT count(*) FROM marts.{mart}")
    warehouse.publish("r2", keep_runs=1)
    assert warehouse.rows("SELECT run_id FROM marts.dim_runs") == [("r2",)]
    assert reader.execute("SELECT run_id FROM marts.dim_runs").fetchall() == [("r1",)]


def test_a_run_stays_for_whoever_began_before_it_was_replaced(
    warehouse: Warehouse, reader: psycopg.Connection[Any]
) -> None:
    warehouse.publish("r1")
    # He has read nothing of the marts yet, so nothing but the age of his transaction tells that he may.
    reader.execute("SELECT 1")
    for number in (2, 3):
        warehouse.publish(f"r{number}", keep_runs=1)
    assert reader.execute("SELECT run_id, count(*) FROM marts.fct_open_items GROUP BY 1").fetchall() == [
        ("r1", 2)
    ]
    reader.rollback()
    warehouse.publish("r4", keep_runs=1)
    assert {part.rpartition("__")[2] for part in warehouse.parts()} == {"4"}


def test_as_many_runs_stay_as_the_settings_say(warehouse: Warehouse) -> None:
    for number in range(1, 6):
        warehouse.publish(f"r{number}", keep_runs=2)
    assert warehouse.rows("SELECT run_id FROM marts_runs.runs ORDER BY number") == [("r4",), ("r5",)]
    assert {part.rpartition("__")[2] for part in warehouse.parts()} == {"4", "5"}


def test_an_old_run_whose_mart_somebody_reads_goes_later_and_keeps_nobody_waiting(
    warehouse: Warehouse, reader: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader in READ COMMITTED holds the mart, not the run: dropping waits for him, and others read past it."""
    monkeypatch.setattr("orchestration.postgres.retention.WAIT", "500ms")
    warehouse.publish("r1")
    warehouse.publish("r2")
    reader.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    reader.execute("SELECT count(*) FROM marts.fct_open_items")
    with reading(warehouse, 2, isolation=psycopg.IsolationLevel.READ_COMMITTED):
        warehouse.publish("r3", keep_runs=1)
    assert "fct_open_items__1" in warehouse.parts()
    assert reader.execute("SELECT max(run_id) FROM marts.fct_open_items").fetchall() == [("r3",)]
    reader.rollback()
    warehouse.publish("r4", keep_runs=1)
    warehouse.publish("r5", keep_runs=1)
    assert {part.rpartition("__")[2] for part in warehouse.parts()} == {"5"}


def test_a_run_that_could_not_be_dropped_does_not_keep_later_ones(
    warehouse: Warehouse, reader: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run 10 stands before run 9 by name, but the server ends the detaching of run 9 first."""
    monkeypatch.setattr("orchestration.postgres.retention.WAIT", "300ms")
    warehouse.publish("r1")
    with psycopg.connect(warehouse.url, autocommit=True) as connection:
        connection.execute("ALTER TABLE marts_runs.runs ALTER number RESTART WITH 9")
    warehouse.publish("r9", keep_runs=1)
    reader.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    reader.execute("SELECT count(*) FROM marts.fct_open_items")
    for number in (10, 11):
        warehouse.publish(f"r{number}", keep_runs=1)
    assert "fct_open_items__9" in warehouse.parts()
    reader.rollback()
    for number in (12, 13):
        warehouse.publish(f"r{number}", keep_runs=1)
    assert {part.rpartition("__")[2] for part in warehouse.parts()} == {"13"}
    assert warehouse.rows("SELECT run_id FROM marts_runs.runs") == [("r13",)]


def test_a_query_reads_the_run_in_force_alone(warehouse: Warehouse) -> None:
    for number in (1, 2, 3):
        warehouse.publish(f"r{number}")
    plan = warehouse.rows("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT * FROM marts.fct_open_items")
    scanned = [line for (line,) in plan if "fct_open_items__" in line]
    assert len(scanned) == 3
    assert [line.split("__")[1][0] for line in scanned if "never executed" not in line] == ["3"]


def test_a_load_that_fails_leaves_the_old_run_and_nothing_of_its_own(warehouse: Warehouse) -> None:
    warehouse.publish("r1", marts("r1") | {"fct_ageing_snapshots": snapshots({"r1": 2})})
    before = warehouse.parts()
    twice = marts("r2")["fct_open_items"] + " UNION ALL " + marts("r2")["fct_open_items"]
    broken = {"fct_ageing_snapshots": snapshots({"r1": 2, "r2": 5}), "fct_open_items": twice}
    with pytest.raises(TargetError) as caught:
        warehouse.publish("r2", marts("r2") | broken)
    told = str(caught.value)
    assert told.startswith(
        "PostgreSQL (ENCOURS_POSTGRES_URL) did not get the marts: could not create unique index"
    )
    assert "\n" not in told
    assert told.endswith("it keeps those that it has; when that is put right, run encours publish.")
    assert warehouse.rows(RUNS) == [("r1", "r1", 2)]
    assert warehouse.parts() == before
    assert warehouse.rows("SELECT DISTINCT run_id FROM marts_runs.fct_ageing_snapshots") == [("r1",)]
    warehouse.publish("r3")
    assert warehouse.rows(RUNS) == [("r3", "r3", 2)]


def test_the_first_publication_that_fails_shows_nothing(warehouse: Warehouse) -> None:
    twice = marts("r1")["fct_open_items"] + " UNION ALL " + marts("r1")["fct_open_items"]
    with pytest.raises(TargetError):
        warehouse.publish("r1", marts("r1") | {"fct_open_items": twice})
    assert warehouse.parts() == []
    warehouse.publish("r2")
    assert warehouse.rows(RUNS) == [("r2", "r2", 2)]


def test_only_what_a_run_adds_to_history_is_loaded(warehouse: Warehouse) -> None:
    warehouse.publish("r1", {"fct_ageing_snapshots": snapshots({"r1": 3})})
    warehouse.publish("r2", {"fct_ageing_snapshots": snapshots({"r1": 3, "r2": 2})})
    loaded = "SELECT published_from, run_id, count(*) FROM marts_runs.fct_ageing_snapshots GROUP BY 1, 2 ORDER BY 1, 2"
    assert warehouse.rows(loaded) == [(1, "r1", 3), (2, "r2", 2)]
    assert warehouse.rows("SELECT sum(open_amount) FROM marts.fct_ageing_snapshots") == [(Decimal("5.00"),)]


def test_what_a_later_run_of_the_day_replaces_is_gone_from_history(
    warehouse: Warehouse, reader: psycopg.Connection[Any]
) -> None:
    shown = "SELECT run_id, count(*) FROM marts.fct_ageing_snapshots GROUP BY 1 ORDER BY 1"
    warehouse.publish("r1", {"fct_ageing_snapshots": snapshots({"r1": 3})})
    assert reader.execute(shown).fetchall() == [("r1", 3)]
    warehouse.publish("r2", {"fct_ageing_snapshots": snapshots({"r1": 1, "r2": 2})}, keep_runs=1)
    assert warehouse.rows(shown) == [("r1", 1), ("r2", 2)]
    assert reader.execute(shown).fetchall() == [("r1", 3)]
    reader.rollback()
    warehouse.publish("r3", {"fct_ageing_snapshots": snapshots({"r2": 2, "r3": 1})}, keep_runs=1)
    assert warehouse.rows(shown) == [("r2", 2), ("r3", 1)]
    assert warehouse.rows("SELECT count(*) FROM marts_runs.fct_ageing_snapshots") == [(3,)]


def test_publishing_a_run_again_shows_it_as_it_is(warehouse: Warehouse) -> None:
    queries = marts("r1") | {"fct_ageing_snapshots": snapshots({"r1": 2})}
    release = warehouse.release("r1", queries)
    for _ in range(2):
        publication.publish_release(warehouse.home, release, warehouse.settings, lambda mart: None)
    assert warehouse.rows(RUNS) == [("r1", "r1", 2)]
    assert warehouse.rows("SELECT count(*) FROM marts.fct_ageing_snapshots") == [(2,)]


def test_one_publisher_at_a_time(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "WAIT_SECONDS", 0.3)
    warehouse.publish("r1")
    with server.connected(warehouse.settings) as target, server.one_publisher(target):
        with pytest.raises(TargetError, match="another encours is publishing to schema marts; wait until"):
            warehouse.publish("r2")
        warehouse.publish("r3", schema_name="elsewhere")
    warehouse.publish("r4")
    assert warehouse.rows(RUNS) == [("r4", "r4", 2)]


def test_a_server_out_of_reach_is_named_without_its_password(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCOURS_POSTGRES_URL", "postgresql://encours:s3cret@127.0.0.1:1/marts")
    with pytest.raises(TargetError) as caught:
        warehouse.publish("r1")
    told = str(caught.value)
    assert "port 1 failed: Connection refused" in told
    assert "\n" not in told
    assert "s3cret" not in told


@pytest.mark.parametrize("url", ["postgresql://encours:s3cret%zz@db/marts", "s3cret"])
def test_what_is_no_url_is_not_repeated(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("ENCOURS_POSTGRES_URL", url)
    with pytest.raises(TargetError, match="what ENCOURS_POSTGRES_URL holds is no URL of a server") as caught:
        warehouse.publish("r1")
    assert "s3cret" not in str(caught.value)


def test_a_variable_that_is_not_set_is_named(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENCOURS_POSTGRES_URL")
    with pytest.raises(TargetError, match="the environment variable ENCOURS_POSTGRES_URL is not set"):
        warehouse.publish("r1")


def test_a_service_file_says_where_the_server_is(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    given = psycopg.conninfo.conninfo_to_dict(warehouse.url)
    file = tmp_path / "services.conf"
    file.write_text(
        "[warehouse]\n" + "".join(f"{key}={value}\n" for key, value in given.items()), encoding="utf-8"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    monkeypatch.delenv("ENCOURS_POSTGRES_URL")
    warehouse.publish("r1", service="warehouse")
    assert warehouse.rows(RUNS) == [("r1", "r1", 2)]


@pytest.mark.parametrize("service", ["nowhere", "'nowhere"])
def test_a_service_that_is_not_there_is_named(warehouse: Warehouse, service: str) -> None:
    with pytest.raises(TargetError) as caught:
        warehouse.publish("r1", service=service)
    told = str(caught.value)
    assert told.startswith(f"PostgreSQL (service {service}) did not get the marts:")
    assert f'"{service}" not found' in told
    assert "ENCOURS_POSTGRES_URL" not in told


def test_a_publisher_needs_no_more_than_to_make_schemas(
    warehouse: Warehouse, role: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher, bi = role("publisher"), role("bi")
    database = warehouse.url.rpartition("/")[2]
    own = urlsplit(warehouse.url)
    with psycopg.connect(warehouse.url, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE \"{publisher}\" LOGIN PASSWORD 'p'")
        monkeypatch.setenv(
            "ENCOURS_POSTGRES_URL", own._replace(netloc=f"{publisher}:p@{own.hostname}:{own.port}").geturl()
        )
        with pytest.raises(TargetError, match="permission denied for database"):
            warehouse.publish("r1", reader_role=bi)
        connection.execute(f'GRANT CREATE ON DATABASE {database} TO "{publisher}"')
        warehouse.publish("r2", reader_role=bi)
        connection.execute(f'REVOKE CREATE ON DATABASE {database} FROM "{publisher}"')
        # It sees how old other users' transactions are, too.
        connection.autocommit = False
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("SELECT 1")
        warehouse.publish("r3", reader_role=bi, keep_runs=1)
        assert connection.execute("SELECT run_id FROM marts.dim_runs").fetchall() == [("r2",)]
        connection.rollback()
    warehouse.publish("r4", reader_role=bi, keep_runs=1)
    assert warehouse.rows(RUNS, user=bi) == [("r4", "r4", 2)]
    assert warehouse.rows("SELECT run_id FROM marts_runs.runs") == [("r4",)]


def test_a_server_that_is_too_old_is_told_so(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LEAST_VERSION", 990000)
    with pytest.raises(TargetError, match=r"it is version 1\d, and 99 or later is needed"):
        warehouse.publish("r1")
    assert warehouse.rows("SELECT to_regnamespace('marts')") == [(None,)]
