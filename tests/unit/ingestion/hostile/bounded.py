"""An intake in a process of its own, whose highest memory is measured."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ingestion.hostile.explained import assert_one_sentence
from tests.unit.ingestion.hostile.small_files import small_files

LIMIT_MEGABYTES = 600
"""A file of records is read in blocks of 16 MB and a line may have 64; Python, Arrow and lxml alone take 130."""

INTAKE = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from home.layout import Home
from home.settings import Settings
from ingestion.intake import take_in
records = take_in(Home.at(sys.argv[1]), Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC)).new_files
peak = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
told = {record.source_file: [record.status, record.reason, record.remedy] for record in records}
print(json.dumps([peak // 1024, told]))
"""


def statuses_in_bounds(desk: Any, *, seconds: int = 300) -> dict[str, str]:
    """What an intake in a process of its own makes of the files in ``acme/``: name → status.

    Its memory must stay within the limit, what it refuses must be explained, and a small ledger beside them must land.
    """
    if not Path("/proc/self/status").exists():
        pytest.skip("only Linux tells the highest memory of a process: run this there")
    desk.drop("acme/neighbour", small_files()["fec"])
    done = subprocess.run(
        [sys.executable, "-c", INTAKE, str(desk.home.root)],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    megabytes, told = json.loads(done.stdout)
    statuses = {source_file.removeprefix("acme/"): status for source_file, (status, _, _) in told.items()}
    assert statuses.pop("neighbour") == "landed"
    assert megabytes < LIMIT_MEGABYTES, f"{megabytes} MB for {told}"
    for status, reason, remedy in told.values():
        if status == "refused":
            assert_one_sentence(reason, remedy)
    return statuses
