"""What Dagster loads: one job of a few steps over one home.

``build_definitions`` makes all of it for any home: tests rebuild the code location instead of patching it.
"""

import os
from collections.abc import Iterator
from datetime import date
from typing import Final

import dagster as dg

from home import lock
from home.layout import Home
from orchestration.assets import landed_assets, model_assets, published_marts, sources_of_the_home
from orchestration.automation import daily_refresh, inbox_sensor
from orchestration.checks import mart_checks
from orchestration.dbt_runner import Dbt
from orchestration.retention import forget_old_runs
from orchestration.run import Run, begin

JOB: Final = "refresh"
AS_OF_TAG: Final = "as_of_date"
KNOWN_AT_TAG: Final = "known_at_date"
WAIT_SECONDS: Final = 600.0
"""A scheduled run waits for one that a person started rather than give up the day."""


def build_definitions(home: Home) -> dg.Definitions:
    """Assets, checks, job, schedule and sensor of one home. Parses the dbt project."""
    home.create()
    dbt = Dbt(home)
    models = model_assets(dbt)
    marts = sorted(key for key in models.keys if key.path[0] == "marts")
    job = dg.define_asset_job(JOB, selection=dg.AssetSelection.all(), description="The daily refresh.")
    return dg.Definitions(
        assets=[landed_assets(), *sources_of_the_home(), models, published_marts(marts, dbt)],
        asset_checks=[mart_checks(dbt)],
        jobs=[job],
        schedules=[daily_refresh(home, JOB)],
        sensors=[inbox_sensor(home, JOB)],
        resources={"run": run_resource(home)},
        executor=dg.in_process_executor,
    )


def run_resource(home: Home) -> dg.ResourceDefinition:
    """The refresh in progress, for as long as Dagster's run lasts; it holds the home's lock."""

    @dg.resource(description="The refresh in progress.")
    def run(context: dg.InitResourceContext) -> Iterator[Run]:
        tags = context.run.tags if context.run else {}
        with lock.one_refresh_at_a_time(home, command="dagster", wait_seconds=WAIT_SECONDS):
            this = begin(home, as_of=_date(tags.get(AS_OF_TAG)), known_at=_date(tags.get(KNOWN_AT_TAG)))
            if context.run and context.instance:
                context.instance.add_run_tags(context.run.run_id, run_tags(this))
            try:
                yield this
            finally:
                # Dagster may also enter the resource to look at outputs, when nothing is run.
                if this.stages:
                    this.end()
                    if context.instance:
                        forget_old_runs(home, context.instance)

    return run


def run_tags(run: Run) -> dict[str, str]:
    """What a Dagster run of the refresh is tagged with."""
    return {
        "run_id": run.context.run_id,
        AS_OF_TAG: run.context.as_of_date.isoformat(),
        KNOWN_AT_TAG: run.context.known_at_date.isoformat(),
    }


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of the home that ``ENCOURS_HOME`` names, as ``dagster dev`` and ``dg`` load them."""
    return build_definitions(Home.at(os.environ.get("ENCOURS_HOME", "encours-home")))
