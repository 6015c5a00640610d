"""What reviewers decided, as a run reads it, and the word that each run leaves of it in ``reports/<run_id>/``.

The store is opened where there is one: a home in which nobody ever decided pays nothing for it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from decisions.chain import Broken, Row, Verified, decision, verify
from decisions.decision import Decision, in_force
from home.layout import Home
from home.settings import Settings
from orchestration.errors import ExpectedError

if TYPE_CHECKING:
    from decisions.store import Store

APPLIED: Final = "decisions.json"
"""Report of the newest decision that a run has read: its sequence and its hash."""


class BrokenChainError(ExpectedError):
    """The store of decisions was tampered with, is damaged, or is another than before."""


@dataclass(frozen=True)
class Decided:
    """What the store held when a run began."""

    in_force: tuple[Decision, ...]
    count: int
    head: str

    @property
    def report(self) -> dict[str, object]:
        """What ``reports/<run_id>/decisions.json`` says."""
        return {"sequence": self.count, "hash": self.head}


def last_decision(home: Home, settings: Settings) -> Decision | None:
    """The newest decision, if there is one. Raises StoreError."""
    if _is_new(home, settings):
        return None
    with _store(home, settings) as store:
        return store.last()


def decided(home: Home, settings: Settings, *, until: int) -> Decided:
    """What is in force by the decisions up to the sequence ``until``.

    Raises StoreError, and BrokenChainError when a decision is not what was decided, or one that an earlier run has
    applied is gone: marts that quietly lack what people decided are worse than yesterday's.
    """
    name, rows = str(home.decisions), list[Row]()
    if not _is_new(home, settings):
        with _store(home, settings) as store:
            name, rows = store.name, store.rows()
    found = verify(rows, applied_heads(home))
    if isinstance(found, Broken):
        remedy = (
            "stop the application, then restore the store from a copy, or import an export into a new one"
        )
        if isinstance(verify(rows), Verified):
            remedy += f"; to go on without them, remove {home.reports}/*/{APPLIED}"
        raise BrokenChainError(f"{name}: {found.why.rstrip('.')}; {remedy}.")
    rows = rows[:until]
    return Decided(tuple(in_force(map(decision, rows))), len(rows), rows[-1].hash if rows else "")


def applied_heads(home: Home) -> Mapping[int, str]:
    """Sequence → hash of the newest decision that each run whose reports are kept has read, the newest run's last."""
    heads = {}
    for report in sorted(home.reports.glob(f"*/{APPLIED}")):
        told = json.loads(report.read_text(encoding="utf-8"))
        if told["sequence"]:
            heads[told["sequence"]] = told["hash"]
    return heads


def applied_sequence(home: Home, run_id: str) -> int | None:
    """The newest decision that a run has read (0: none); None when its report is no longer there."""
    report = home.reports / run_id / APPLIED
    if not report.exists():
        return None
    return int(json.loads(report.read_text(encoding="utf-8"))["sequence"])


def _is_new(home: Home, settings: Settings) -> bool:
    return not settings.decisions.url_variable and not home.decisions.exists()


def _store(home: Home, settings: Settings) -> "Store":
    # SQLAlchemy takes a fifth of a second.
    from decisions.store import open_store

    return open_store(home, settings)
