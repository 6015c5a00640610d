"""How much a home keeps of what runs recorded about themselves. Nothing else depends on these records.

Balances as they were known, control totals and quality results are history, and stay for ever.
"""

import shutil
from typing import Final

import dagster as dg

from home.layout import Home
from orchestration.publish import current_release

KEPT_RUNS: Final = 30
"""A month of daily runs: some 80 MB on the sample group, at 2.5 MB in ``dagster/`` and 0.2 MB in ``reports/`` each."""


def forget_old_runs(home: Home, instance: dg.DagsterInstance) -> None:
    """Remove reports and Dagster's records of all but the last 30 runs; the report of the marts in force stays."""
    for run in instance.get_runs()[KEPT_RUNS:]:
        instance.delete_run(run.run_id)
        # Dagster empties a run's own file of events and lets it lie, as large as it was.
        for file in (home.dagster / "history" / "runs").glob(f"{run.run_id}.db*"):
            file.unlink()
    release = current_release(home)
    folders = sorted((folder for folder in home.reports.glob("*Z-*") if folder.is_dir()), reverse=True)
    for folder in folders[KEPT_RUNS:]:
        if not release or folder.name != release.run_id:
            shutil.rmtree(folder)
