"""A refresh in progress: what it speaks of, what its stages cost, and what it leaves in ``reports/<run_id>/``."""

import json
import logging
import resource
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from home.layout import Home
from home.settings import Settings
from home.settings_file import load
from home.tables import RunContext
from ingestion.inbox import scan_inbox
from orchestration.decided import last_decision
from orchestration.errors import ExpectedError, NotPublishedError
from orchestration.fingerprint import fingerprint
from orchestration.publish import current_release
from orchestration.validator import Validator
from quality.results import CheckResult

BLOCKING: Final = "blocking.json"
"""Report of what keeps a run's marts from being published, one sentence each; empty when nothing does."""

LOG_FILE: Final = "refresh.log"
LOG: Final = logging.getLogger("encours")


class Outcome(Enum):
    """How a refresh ended."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    """Nothing lies in the inbox, and nothing ever did: there is nothing to publish."""

    BLOCKED = "blocked"
    FAILED = "failed"


class Progress(Protocol):
    """Who is told how far a refresh is."""

    def stage(self, title: str) -> None:
        """A stage begins."""

    def step(self, text: str) -> None:
        """Something within the stage begins: a file, a model, a test."""


class Silent:
    """Nobody is told."""

    def stage(self, title: str) -> None:
        """Say nothing."""

    def step(self, text: str) -> None:
        """Say nothing."""


@dataclass
class Run:
    """One refresh of one home. The clock was read once, when it began."""

    home: Home
    settings: Settings
    context: RunContext
    inputs: str
    """Fingerprint of what the run is made from, as found when it began."""
    decisions_until: int
    """Sequence of the newest decision when it began: what is decided while it works is for the next run."""
    has_files: bool = True
    """Whether anything lay in the inbox when it began."""
    notes: tuple[str, ...] = ()
    """A sentence for each thing in the inbox that could not be looked at."""
    validator: Validator | None = None
    """Who validates what landed in another process; without one it is done in this one."""
    progress: Progress = field(default_factory=Silent)
    quality: list[CheckResult] = field(default_factory=list)
    """What the suites found in what landed, and then in the marts."""
    stages: list[dict[str, Any]] = field(default_factory=list)
    """Name, seconds and peak memory of each stage so far."""
    failure: BaseException | None = None
    """What stopped the run, as it was raised: Dagster wraps it."""

    began: float = field(default_factory=time.perf_counter)

    @property
    def report_folder(self) -> Path:
        """``reports/<run_id>/``."""
        return self.home.reports / self.context.run_id

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Time a stage, and keep what stopped it."""
        self.progress.stage(title)
        began = time.perf_counter()
        try:
            yield
        except BaseException as error:
            self.failure = error
            LOG.exception("%s: stopped", title)
            raise
        finally:
            self.stages.append(
                {
                    "stage": title,
                    "seconds": round(time.perf_counter() - began, 3),
                    "peak_memory_bytes": peak_memory_bytes(),
                }
            )

    @property
    def blocking(self) -> tuple[str, ...]:
        """What keeps the marts of the run from being published, one sentence each."""
        try:
            return tuple(json.loads((self.report_folder / BLOCKING).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return ()

    @property
    def told(self) -> str:
        """What stopped the run."""
        told = " ".join(str(self.failure or "the job failed").split()).rstrip(".")
        if self.failure and not isinstance(self.failure, ExpectedError | OSError):
            told = f"{type(self.failure).__name__}: {told}"
        return told

    @property
    def sentence(self) -> str:
        """What stopped the run before it published, and where to read more."""
        return (
            f"{self.told}; the marts in force stay as they are; more is in {self.report_folder / LOG_FILE}."
        )

    @property
    def undelivered(self) -> tuple[str, ...]:
        """Why a server did not get the marts that the run has published in the home, one sentence each."""
        return (f"{self.told}.",) if self.failure else ()

    def end(self) -> Outcome:
        """How the run ended, which ``reports/<run_id>/run.json`` then says too, with what each stage cost."""
        release = current_release(self.home)
        if release and release.run_id == self.context.run_id:
            outcome = Outcome.PUBLISHED
        elif self.blocking and (self.failure is None or isinstance(self.failure, NotPublishedError)):
            outcome = Outcome.BLOCKED
        else:
            outcome = Outcome.FAILED
        self.write_report(
            "run.json",
            {
                "run_id": self.context.run_id,
                "as_of_date": self.context.as_of_date,
                "known_at_date": self.context.known_at_date,
                "started_at": self.context.started_at.isoformat(),
                "outcome": outcome.value,
                "reason": self.sentence if outcome is Outcome.FAILED else None,
                "undelivered": self.undelivered if outcome is Outcome.PUBLISHED else (),
                "blocking": self.blocking,
                "notes": self.notes,
                "seconds": round(time.perf_counter() - self.began, 3),
                "stages": self.stages,
                "peak_memory_bytes": peak_memory_bytes(),
            },
        )
        return outcome

    def write_report(self, name: str, content: object) -> None:
        """Write ``reports/<run_id>/<name>`` as JSON, whole or not at all."""
        self.report_folder.mkdir(parents=True, exist_ok=True)
        aside = self.report_folder / f".{name}"
        aside.write_text(json.dumps(content, default=str, ensure_ascii=False, indent=2), encoding="utf-8")
        aside.replace(self.report_folder / name)


def begin(
    home: Home, *, as_of: date | None = None, known_at: date | None = None, progress: Progress | None = None
) -> Run:
    """A new run on the home's files, settings and dates as they are now.

    Both dates are today in the home's time zone unless given. Raises SettingsError, StoreError and LogError.
    """
    settings = load(home)
    newest = last_decision(home, settings)
    now = datetime.now(UTC)
    day = now.astimezone(ZoneInfo(settings.time_zone)).date()
    context = RunContext(
        run_id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        as_of_date=as_of or day,
        known_at_date=known_at or day,
        started_at=now,
    )
    home.create()
    found = scan_inbox(home)
    return Run(
        home=home,
        settings=settings,
        context=context,
        inputs=fingerprint(home, settings, found.files, newest),
        decisions_until=newest.sequence if newest else 0,
        has_files=bool(found.files),
        notes=found.notes,
        progress=progress or Silent(),
    )


def today(home: Home) -> date:
    """What day it is in the home's time zone. Raises SettingsError."""
    return datetime.now(ZoneInfo(load(home).time_zone)).date()


def fault_notice(report_folder: Path) -> str:
    """What to do about a run that was blocked, or published unverified."""
    return (
        f"This is a fault of Encours, not of your files: please report it, with {LOG_FILE} and dbt.log from "
        f"{report_folder}."
    )


def peak_memory_bytes() -> int:
    """The most memory this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
