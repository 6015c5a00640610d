"""Records of past runs do not pile up."""

from collections.abc import Callable

import dagster as dg
import pytest

from home.layout import Home
from home.tables import RunContext
from orchestration import retention
from orchestration.instance import instance_of
from orchestration.publish import publish
from orchestration.retention import forget_old_runs


@dg.job
def nothing() -> None:
    pass


def test_the_last_runs_are_kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "KEPT_RUNS", 2)
    with instance_of(home) as instance:
        runs = [nothing.execute_in_process(instance=instance).run_id for _ in range(4)]
        forget_old_runs(home, instance)
        assert [run.run_id for run in instance.get_runs()] == runs[:1:-1]
        assert instance.all_logs(runs[3]) != []
    events = {file.stem for file in (home.dagster / "history" / "runs").glob("*.db")}
    assert events == {runs[2], runs[3], "index"}


def test_the_last_reports_and_that_of_the_marts_are_kept(
    home: Home, build: Callable[[str], RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "KEPT_RUNS", 2)
    runs = [f"2026070{day}T040000Z-abcdef" for day in range(1, 6)]
    for run_id in runs:
        (home.reports / run_id).mkdir()
        (home.reports / run_id / "run.json").write_text("{}", encoding="utf-8")
    publish(home, build(runs[1]), inputs="", is_verified=True, descriptions={})
    with instance_of(home) as instance:
        forget_old_runs(home, instance)
    assert sorted(folder.name for folder in home.reports.iterdir()) == [runs[1], runs[3], runs[4]]
