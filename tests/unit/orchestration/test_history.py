"""What published runs leave is never lost, and what others leave never counts."""

import shutil
from collections.abc import Callable

import duckdb
import pytest

from home.layout import Home
from home.tables import HISTORY, RunContext
from orchestration import history
from orchestration.publish import current_release, publish

Build = Callable[[str], RunContext]
THE_SWAP = "orchestration.publish._put_in_force"
AFTER_THE_SWAP = "orchestration.history.confirm"


def publish_run(home: Home, build: Build, run_id: str) -> None:
    publish(home, build(run_id), inputs="f00d", is_verified=True, descriptions={})


def settled(home: Home) -> tuple[str, ...]:
    """The runs that count as the next refresh finds them."""
    release = current_release(home)
    history.settle(home, release.run_id if release else None)
    assert not (home.history / "publishing").exists()
    return history.published_runs(home)


def files_of(home: Home, run_id: str) -> int:
    return len(list(home.history.glob(f"*/{run_id}.parquet")))


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def stopped(home: Home, build: Build, run_id: str, *, at: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(at, stop)
        with pytest.raises(KeyboardInterrupt):
            publish_run(home, build, run_id)


def test_history_holds_the_rows_of_the_run_alone(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    publish_run(home, build, "r2")
    for run_id in ("r1", "r2"):
        file = home.history / "fct_reconciliation_exceptions" / f"{run_id}.parquet"
        assert duckdb.sql(f"SELECT run_id, exception_id FROM '{file}'").fetchall() == [(run_id, "gap")]
        totals = home.history / "fct_control_totals" / f"{run_id}.parquet"
        assert duckdb.sql(f"SELECT DISTINCT run_id FROM '{totals}'").fetchall() == [(run_id,)]


def test_history_outlives_the_marts(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    publish_run(home, build, "r2")
    shutil.rmtree(home.marts)
    home.create()
    assert settled(home) == ("r1", "r2")
    publish_run(home, build, "r3")
    assert settled(home) == ("r1", "r2", "r3")
    assert files_of(home, "r1") == files_of(home, "r2") == files_of(home, "r3") == len(HISTORY)


def test_marts_older_than_the_history_take_nothing_away(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    shutil.copytree(home.marts, home.root / "backup", symlinks=True)
    publish_run(home, build, "r2")
    shutil.rmtree(home.marts)
    (home.root / "backup").rename(home.marts)
    assert settled(home) == ("r1", "r2")


def test_a_run_stopped_before_the_swap_does_not_count(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    stopped(home, build, "r2", at=THE_SWAP)
    assert files_of(home, "r2") == len(HISTORY)
    assert settled(home) == ("r1",)
    assert files_of(home, "r2") == 0


def test_a_run_stopped_after_the_swap_counts(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    stopped(home, build, "r2", at=AFTER_THE_SWAP)
    assert settled(home) == ("r1", "r2")


def test_publishing_settles_what_was_left_in_doubt(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    stopped(home, build, "r2", at=THE_SWAP)
    publish_run(home, build, "r3")
    assert settled(home) == ("r1", "r3")
    assert files_of(home, "r2") == 0


def test_without_marts_a_stopped_run_is_kept_when_it_is_whole(home: Home, build: Build) -> None:
    publish_run(home, build, "r1")
    stopped(home, build, "r2", at=AFTER_THE_SWAP)
    shutil.rmtree(home.marts)
    assert settled(home) == ("r1", "r2")
    (home.history / "publishing").write_text("r2", encoding="utf-8")
    (home.history / history.WRITTEN_LAST / "r2.parquet").unlink()
    assert settled(home) == ("r1",)
    assert files_of(home, "r2") == 0
    assert files_of(home, "r1") == len(HISTORY)
