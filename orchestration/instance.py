"""Dagster's own storage, in the home."""

from typing import Final

import dagster as dg

from home.layout import Home

CONFIGURATION: Final = """\
# Dagster sends nothing anywhere.
telemetry:
  enabled: false
# What a run prints goes to reports/<run_id>/. The default starts processes that outlive a killed run.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


def instance_of(home: Home) -> dg.DagsterInstance:
    """The home's Dagster instance, which ``dagster dev`` with ``DAGSTER_HOME=<home>/dagster`` shows too."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    configuration = home.dagster / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(CONFIGURATION, encoding="utf-8")
    return dg.DagsterInstance.from_config(str(home.dagster))
