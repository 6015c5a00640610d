"""Many small files of every format: each is read once, and a second intake opens none of them."""

import json
import subprocess
import sys
from collections import Counter
from typing import Any

from tests.unit.ingestion.hostile.small_files import small_files

COPIES = 6

INTAKE = """
import json, sys, time
from datetime import UTC, datetime
inbox, opened = sys.argv[1] + "/inbox/", []
sys.addaudithook(
    lambda event, arguments: event == "open" and str(arguments[0]).startswith(inbox) and opened.append(arguments[0])
)
from home.layout import Home
from home.settings import Settings
from ingestion.intake import take_in
from ingestion import inbox as scanning
scanning.SETTLED_NANOSECONDS = 0
told = []
for day in (1, 2):
    records = take_in(Home.at(sys.argv[1]), Settings(), seen_at=datetime(2026, 7, day, tzinfo=UTC)).new_files
    told.append([[record.status for record in records], len(set(opened))])
    opened.clear()
print(json.dumps(told))
"""


def test_a_second_intake_opens_no_file(desk: Any) -> None:
    count = 0
    for number in range(COPIES):
        for name, content in small_files().items():
            if name in ("bank xlsx", "factur-x", "fec utf-16"):
                continue
            # A line end more makes it another file, and the same statement.
            desk.drop(f"acme/FR7630006000011234567890189/{number}/{name}", content + b"\n" * number)
            count += 1
    done = subprocess.run(
        [sys.executable, "-c", INTAKE, str(desk.home.root)], capture_output=True, text=True, check=True
    )
    (first, opened), (second, opened_again) = json.loads(done.stdout)
    assert Counter(first) == {"landed": count}
    assert (second, opened_again) == ([], 0)
    assert opened == count
