"""When Dagster refreshes by itself: every day, and when files or decisions have come to rest."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import dagster as dg

from home import lock
from home.layout import Home
from home.settings_file import load
from ingestion.intake import ScannedFile, scan
from orchestration.decided import last_decision
from orchestration.fingerprint import fingerprint
from orchestration.publish import current_release

DAILY: Final = "0 5 * * *"
STILL_SECONDS: Final = 30
"""A file that was written to less than this ago may still be on its way in."""

REVIEWED_SECONDS: Final = 300
"""Reviewers decide many times in a row: a refresh waits until they pause."""


def daily_refresh(home: Home, job_name: str) -> dg.ScheduleDefinition:
    """The refresh of every morning, in the home's time zone."""
    return dg.ScheduleDefinition(
        name="daily_refresh",
        job_name=job_name,
        cron_schedule=DAILY,
        execution_timezone=load(home).time_zone,
        description="Every morning before work begins.",
    )


def inbox_sensor(home: Home, job_name: str) -> dg.SensorDefinition:
    """A refresh for what is new in the inbox or was decided, once it has been still."""

    @dg.sensor(
        name="inbox",
        job_name=job_name,
        minimum_interval_seconds=30,
        description="New files that have come to rest.",
    )
    def inbox() -> dg.RunRequest | dg.SkipReason:
        return evaluate_inbox(home)

    return inbox


def evaluate_inbox(home: Home) -> dg.RunRequest | dg.SkipReason:
    """What the sensor does now: ask for a run, or say why not.

    The run key names the state of the inbox and the release it would replace: a state is tried once, and again when
    another one was published in between.
    """
    holder = lock.holder(home)
    if holder:
        return dg.SkipReason(f"A refresh is running: {holder}.")
    files = scan(home)
    restless = _restless_file(files)
    if restless:
        return dg.SkipReason(f"{restless} was written to less than {STILL_SECONDS} seconds ago.")
    settings = load(home)
    newest = last_decision(home, settings)
    if newest and _seconds_since(newest.decided_at) < REVIEWED_SECONDS:
        return dg.SkipReason(f"{newest.reviewer} has decided less than {REVIEWED_SECONDS} seconds ago.")
    inputs = fingerprint(home, settings, files, newest)
    release = current_release(home)
    if release and release.inputs == inputs:
        return dg.SkipReason("Nothing has changed since the marts were published.")
    return dg.RunRequest(run_key=f"{release.run_id if release else 'first'}/{inputs}")


def _restless_file(files: Iterable[ScannedFile]) -> str | None:
    for file in files:
        if _seconds_since(file.modified_at) < STILL_SECONDS:
            return file.source_file
    return None


def _seconds_since(moment: datetime) -> float:
    return (datetime.now(UTC) - moment).total_seconds()
