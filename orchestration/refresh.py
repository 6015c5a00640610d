"""The daily refresh: take the lock, see whether anything has changed, run the job, say what came out.

Nothing heavy is imported until it is known that there is something to do.
"""

import gc
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from home import lock
from home.layout import Home
from ingestion.manifest import read_manifest
from orchestration.errors import RefreshFailedError, TargetError
from orchestration.publish import Release, current_release, is_whole
from orchestration.run import LOG_FILE, Outcome, Progress, Run, begin
from orchestration.targets import deliver
from orchestration.validator import Validator


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did. ``run_id`` is the published run's when nothing had changed, of no run when all is empty."""

    outcome: Outcome
    run_id: str
    seconds: float
    reasons: tuple[str, ...] = ()
    """What blocked it, one sentence each."""
    notes: tuple[str, ...] = ()
    """What could not be looked at in the inbox, one sentence each."""
    undelivered: tuple[str, ...] = ()
    """Why a server did not get the marts in force, one sentence each."""


def refresh(
    home: Home,
    *,
    as_of: date | None = None,
    known_at: date | None = None,
    progress: Progress | None = None,
    command: str = "encours refresh",
) -> Refreshed:
    """Bring the home's marts up to date.

    Raises HomeIsBusyError when another refresh is running, SettingsError when ``encours.toml`` cannot be used,
    and RefreshFailedError when the run stops; in each case the marts in force stay as they are. That a server did not
    get the marts stops nothing: it is told, and the next refresh tries again.
    """
    began = time.perf_counter()
    with lock.one_refresh_at_a_time(home, command=command):
        run = begin(home, as_of=as_of, known_at=known_at, progress=progress)
        release = current_release(home)
        if release and is_unchanged(run, release):
            undelivered = _catch_up(run, release)
            seconds = time.perf_counter() - began
            return Refreshed(Outcome.UNCHANGED, release.run_id, seconds, (), run.notes, undelivered)
        if not (release or run.has_files or read_manifest(home)):
            return Refreshed(Outcome.EMPTY, "", time.perf_counter() - began, notes=run.notes)
        _run_job(run)
        outcome = run.end()
    seconds = time.perf_counter() - began
    if outcome is Outcome.FAILED:
        raise RefreshFailedError(run.sentence) from run.failure
    undelivered = run.undelivered if outcome is Outcome.PUBLISHED else ()
    return Refreshed(outcome, run.context.run_id, seconds, run.blocking, run.notes, undelivered)


def is_unchanged(run: Run, release: Release) -> bool:
    """Whether the release was made from the same inputs, for the same dates, and is still whole."""
    wanted = (run.inputs, run.context.as_of_date, run.context.known_at_date)
    found = (release.inputs, release.as_of_date, release.known_at_date)
    return wanted == found and is_whole(run.home, release)


def _catch_up(run: Run, release: Release) -> tuple[str, ...]:
    """Give the release in force to a server that was out of reach, or is new. Returns why it did not get it."""
    try:
        deliver(run.home, run.settings, release, run.progress.step)
    except TargetError as error:
        return (str(error),)
    return ()


def _run_job(run: Run) -> None:
    """Run Dagster's job in this process, on the home's own instance. What stopped it is in ``run.failure``."""
    run.report_folder.mkdir(parents=True)
    run.progress.stage("Starting")
    with _noise_to(run.report_folder / LOG_FILE), _rare_collections(), Validator() as run.validator:
        from orchestration.definitions import JOB, build_definitions, run_tags
        from orchestration.instance import instance_of
        from orchestration.retention import forget_old_runs

        job = build_definitions(run.home).resolve_job_def(JOB)
        with instance_of(run.home) as instance:
            job.execute_in_process(
                instance=instance,
                resources={"run": run},
                tags=run_tags(run),
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
            forget_old_runs(run.home, instance)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage rarely: most of what a run makes, dbt's and Dagster's graphs, lives until the run ends."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 100, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _noise_to(path: Path) -> Iterator[None]:
    """Send everything that libraries log to a file: the screen is for the summary."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    logging.captureWarnings(capture=True)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.removeHandler(handler)
        handler.close()
