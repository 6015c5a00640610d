"""A refresh in progress: what it speaks of, what its stages cost, and what it leaves in ``reports/<run_id>/``."""

import json
import resource
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from home.layout import Home
from home.settings import Settings
from home.settings_file import load
from home.tables import RunContext
from ingestion.intake import scan
from orchestration.fingerprint import fingerprint
from quality.results import CheckResult

BLOCKING: Final = "blocking.json"
"""Report of what keeps a run's marts from being published, one sentence each; empty when nothing does."""


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
    progress: Progress = field(default_factory=Silent)
    quality: list[CheckResult] = field(default_factory=list)
    """What the suites found in what landed."""
    stages: list[dict[str, Any]] = field(default_factory=list)
    """Name, seconds and peak memory of each stage so far."""
    failure: BaseException | None = None
    """What stopped the run, as it was raised: Dagster wraps it."""

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
            raise
        finally:
            self.stages.append(
                {
                    "stage": title,
                    "seconds": round(time.perf_counter() - began, 3),
                    "peak_memory_bytes": peak_memory_bytes(),
                }
            )

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

    Both dates are today in the home's time zone unless given. Raises SettingsError.
    """
    settings = load(home)
    now = datetime.now(UTC)
    day = now.astimezone(ZoneInfo(settings.time_zone)).date()
    context = RunContext(
        run_id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        as_of_date=as_of or day,
        known_at_date=known_at or day,
        started_at=now,
    )
    home.create()
    return Run(
        home=home,
        settings=settings,
        context=context,
        inputs=fingerprint(home, settings, scan(home)),
        progress=progress or Silent(),
    )


def today(home: Home) -> date:
    """What day it is in the home's time zone. Raises SettingsError."""
    return datetime.now(ZoneInfo(load(home).time_zone)).date()


def peak_memory_bytes() -> int:
    """The most memory this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
