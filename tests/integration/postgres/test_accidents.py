"""A publisher that is killed, and a server whose disk is full: nothing is lost, and nothing half is ever seen."""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg
import pytest

from home.layout import Home
from home.settings_publishing import PostgreSQL
from orchestration.errors import TargetError
from orchestration.postgres.publication import publish_release
from orchestration.publish import Release
from tests.integration.postgres.conftest import Warehouse, marts, snapshots
from tests.postgres_server import binaries, server, server_folder

MOMENTS = 8
SEED = 20260701
MANY = 120_000
SHOWN = (
    "SELECT (SELECT min(run_id) FROM marts.dim_runs), (SELECT max(run_id) FROM marts.fct_open_items), "
    "(SELECT count(*) FROM marts.fct_open_items), (SELECT count(*) FROM marts.fct_ageing_snapshots)"
)


def many(run_id: str) -> dict[str, str]:
    """The marts of a run with a great many items and snapshots, which takes a while to load."""
    return marts(run_id) | {
        "fct_open_items": f"SELECT 'item ' || number AS item_id, 'acme/customer/1' AS third_party_id, "
        f"1.00::DECIMAL(18, 2) AS open_amount, '{run_id}' AS run_id FROM range({MANY}) AS rows (number)",
        "fct_ageing_snapshots": snapshots({"r1": 2, run_id: MANY}),
    }


def publish(home: Home, release: Release, settings: PostgreSQL) -> None:
    """Publish, saying nothing of the marts at work: what a process of its own does."""
    publish_release(home, release, settings, str)


@pytest.fixture
def start(warehouse: Warehouse) -> Callable[[Release, PostgreSQL], BaseProcess]:
    """Starts a publication in a process that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["orchestration.postgres.publication"])

    def start_process(release: Release, settings: PostgreSQL) -> BaseProcess:
        process = context.Process(target=publish, args=(warehouse.home, release, settings))
        process.start()
        return process

    return start_process


def test_killed_at_eight_moments(
    warehouse: Warehouse, start: Callable[[Release, PostgreSQL], BaseProcess]
) -> None:
    warehouse.publish("r1", marts("r1") | {"fct_ageing_snapshots": snapshots({"r1": 2})})
    release = warehouse.release("r2", many("r2"))
    elsewhere = warehouse.settings.model_copy(update={"schema_name": "elsewhere"})
    start(release, elsewhere).join()
    began = time.monotonic()
    start(release, elsewhere).join()
    length = time.monotonic() - began

    before, after = ("r1", "r1", 2, 2), ("r2", "r2", MANY, MANY + 2)
    moments = random.Random(SEED)
    seen = []
    for moment in range(MOMENTS):
        process = start(release, warehouse.settings)
        process.join((moment + moments.random()) / MOMENTS * length)
        process.kill()
        process.join()
        (shown,) = warehouse.rows(SHOWN)
        assert shown in (before, after)
        assert not seen or shown == after or seen[-1] == before
        seen.append(shown)
    assert seen[0] == before

    warehouse.publish("r3", many("r3"))
    assert warehouse.rows(SHOWN) == [("r3", "r3", MANY, MANY + 2)]
    in_force = {
        number
        for (number,) in warehouse.rows("SELECT number FROM marts_runs.runs WHERE in_force_at IS NOT NULL")
    }
    assert warehouse.rows("SELECT count(*) FROM marts_runs.runs WHERE in_force_at IS NULL") == [(0,)]
    assert {int(part.rpartition("__")[2]) for part in warehouse.parts()} <= in_force


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that can write 4 MB to a file: what comes after fails as on a full disk."""
    if binaries() is None:
        pytest.skip(
            "the disk of a server that is given cannot be filled: install Debian's postgresql to run this"
        )
    wal = {"min_wal_size": "4MB", "max_wal_size": "8MB", "fsync": "off"}
    with server_folder() as folder, server(folder, wal, largest_file=4 << 20, wal_segment_size=1) as url:
        monkeypatch.setenv("ENCOURS_POSTGRES_URL", url)
        yield url


def test_a_full_disk_leaves_the_old_run_and_the_space_it_had(tmp_path: Path, small_disk: str) -> None:
    home = Home.at(tmp_path / "home")
    home.create()
    warehouse = Warehouse(home, small_disk, PostgreSQL.model_validate({}))
    warehouse.publish("r1", marts("r1") | {"fct_ageing_snapshots": snapshots({"r1": 2})})
    before = warehouse.parts()
    with pytest.raises(TargetError, match="could not extend file") as caught:
        warehouse.publish("r2", many("r2"))
    assert "\n" not in str(caught.value)
    assert warehouse.rows(SHOWN) == [("r1", "r1", 2, 2)]
    assert warehouse.parts() == before
    warehouse.publish("r3", marts("r3") | {"fct_ageing_snapshots": snapshots({"r1": 2, "r3": 1})})
    assert warehouse.rows(SHOWN) == [("r3", "r3", 2, 3)]


def test_a_server_that_stops_in_the_middle_leaves_the_old_run(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every connection is ended while the marts are loaded, as by a restart of the server."""
    warehouse.publish("r1", marts("r1") | {"fct_ageing_snapshots": snapshots({"r1": 2})})
    release = warehouse.release("r2", many("r2"))

    def end_connections(mart: str) -> None:
        if mart == "dim_companies":
            with psycopg.connect(warehouse.url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'encours' "
                    "AND datname = current_database()"
                )

    with pytest.raises(TargetError, match="did not get the marts"):
        publish_release(warehouse.home, release, warehouse.settings, end_connections)
    assert warehouse.rows(SHOWN) == [("r1", "r1", 2, 2)]
    warehouse.publish("r3", many("r3"))
    assert warehouse.rows(SHOWN) == [("r3", "r3", MANY, MANY + 2)]
    assert warehouse.rows("SELECT count(*) FROM marts_runs.runs WHERE in_force_at IS NULL") == [(0,)]
