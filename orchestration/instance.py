"""Dagster's own storage, in the home."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import dagster as dg
from dagster._core.instance.config import dagster_instance_config
from dagster._core.instance.ref import InstanceRef

from home.layout import Home
from orchestration.event_log import KeptEventLog

CONFIGURATION: Final = """\
# Dagster sends nothing anywhere.
telemetry:
  enabled: false
# What a run prints goes to reports/<run_id>/. The default starts processes that outlive a killed run.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


@contextmanager
def instance_of(home: Home) -> Iterator[dg.DagsterInstance]:
    """The home's Dagster instance, which ``dagster dev`` with ``DAGSTER_HOME=<home>/dagster`` shows too."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    configuration = home.dagster / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(CONFIGURATION, encoding="utf-8")
    reference = InstanceRef.from_dir(str(home.dagster), overrides=_kept_open(home))
    with dg.DagsterInstance.from_ref(reference) as instance:
        yield instance


def _kept_open(home: Home) -> dict[str, Any]:
    """Dagster's own event log over kept connections, unless ``dagster.yaml`` names a storage of another kind."""
    configured, _ = dagster_instance_config(str(home.dagster))
    if configured.keys() & {"storage", "run_storage", "event_log_storage", "schedule_storage"}:
        return {}
    return {
        "event_log_storage": {
            "module": KeptEventLog.__module__,
            "class": KeptEventLog.__name__,
            "config": {"base_dir": str(home.dagster / "history" / "runs")},
        }
    }
