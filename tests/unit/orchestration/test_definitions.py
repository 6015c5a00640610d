"""What Dagster loads: the asset graph, written out, and what surrounds it.

When models come or go, ``ENCOURS_WRITE_GOLDEN=1 pytest tests/unit/orchestration/test_definitions.py`` writes the
graph anew; the difference is read in review.
"""

import os
from pathlib import Path

import dagster as dg
import pytest

from home.layout import Home
from orchestration.definitions import JOB, build_definitions

GOLDEN = Path(__file__).with_name("asset_graph.txt")


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_definitions(Home.at(tmp_path_factory.mktemp("definitions")))


def graph_of(definitions: dg.Definitions) -> str:
    lines = []
    graph = definitions.resolve_asset_graph()
    for key in sorted(graph.get_all_asset_keys(), key=lambda key: (graph.get(key).group_name, key.path)):
        node = graph.get(key)
        parents = ", ".join(sorted(parent.to_user_string() for parent in node.parent_keys))
        lines.append(f"{node.group_name}: {key.to_user_string()}" + (f" <- {parents}" if parents else ""))
    return "\n".join(lines) + "\n"


def test_the_asset_graph_is_the_golden_one(definitions: dg.Definitions) -> None:
    graph = graph_of(definitions)
    if os.environ.get("ENCOURS_WRITE_GOLDEN"):
        GOLDEN.write_text(graph, encoding="utf-8")
    assert graph == GOLDEN.read_text(encoding="utf-8")


def test_the_job_has_four_steps_in_one_process(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def(JOB)
    assert {node.name for node in job.nodes} == {"landing", "models", "mart_checks", "published_marts"}
    assert job.executor_def is dg.in_process_executor


def test_nothing_is_published_before_the_verdict(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    blocking = [
        key
        for key in graph.asset_check_keys
        if graph.get(key).blocking  # type: ignore[attr-defined]
    ]
    assert [(key.asset_key.to_user_string(), key.name) for key in blocking] == [
        ("marts/fct_control_totals", "our_arithmetic_holds")
    ]
    published = graph.get(dg.AssetKey("published_marts"))
    assert {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"} == published.parent_keys


def test_it_runs_every_day_and_when_files_arrive(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    schedule = repository.get_schedule_def("daily_refresh")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 5 * * *", "Europe/Paris")
    sensor = repository.get_sensor_def("inbox")
    assert sensor.job_name == schedule.job_name == JOB


def test_the_published_marts_must_be_fresh(definitions: dg.Definitions) -> None:
    spec = definitions.resolve_asset_graph().get(dg.AssetKey("published_marts"))
    policy = spec.freshness_policy
    assert policy is not None
    assert policy.fail_window.to_timedelta().total_seconds() == 36 * 3600


def test_dagster_loads_the_home_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.definitions import defs

    monkeypatch.setenv("ENCOURS_HOME", str(tmp_path))
    loaded = defs()
    assert loaded.resolve_job_def(JOB).name == JOB
    assert (tmp_path / "warehouse").is_dir()
