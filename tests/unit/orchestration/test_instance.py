"""Dagster's storage in a home: what a refresh writes, Dagster's own pages read."""

from pathlib import Path

import dagster as dg
import pytest

from home.layout import Home
from orchestration.event_log import KeptEventLog
from orchestration.instance import instance_of


@dg.asset
def figures() -> int:
    """Something to materialize."""
    return 1


def materialized(instance: dg.DagsterInstance) -> int:
    return len(instance.fetch_materializations(dg.AssetKey("figures"), limit=10).records)


@pytest.mark.filterwarnings("ignore:.*IO manager")
def test_what_is_written_over_kept_connections_is_there_for_dagster_itself(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    for _ in range(2):
        with instance_of(home) as instance:
            assert isinstance(instance.event_log_storage, KeptEventLog)
            assert dg.materialize([figures], instance=instance).success
    with dg.DagsterInstance.from_config(str(home.dagster)) as its_own:
        assert not isinstance(its_own.event_log_storage, KeptEventLog)
        assert materialized(its_own) == 2
        assert {run.status for run in its_own.get_runs()} == {dg.DagsterRunStatus.SUCCESS}
    assert not list((home.dagster / "history" / "runs").glob("*-wal"))


def test_a_storage_that_the_operator_chose_stays(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.dagster.mkdir(parents=True)
    (home.dagster / "dagster.yaml").write_text(
        f"storage:\n  sqlite:\n    base_dir: {tmp_path / 'elsewhere'}\n", encoding="utf-8"
    )
    with instance_of(home) as instance:
        assert not isinstance(instance.event_log_storage, KeptEventLog)
        dg.materialize([figures], instance=instance)
    assert list((tmp_path / "elsewhere").rglob("*.db"))
