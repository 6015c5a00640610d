"""Encours at work: ``python -m benchmarks.bank_formats.own PATH`` lands a file, or a folder of files, in a new home.

Prints one line of JSON with what was found and what it cost; the time is that of a whole intake (hash, recognition,
reading, Parquet, manifest) without the start of Python.
"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.bank_formats.movements import IBAN
from home.layout import Home
from home.settings import Settings
from ingestion.formats import readers
from ingestion.intake import take_in
from ingestion.landing import landed_files
from ingestion.manifest import SourceFile


def main(path: Path) -> None:
    """Land what lies there, and print what landed."""
    readers()
    with tempfile.TemporaryDirectory() as folder:
        home = Home.at(folder)
        home.create()
        place = home.inbox / "acme" / IBAN
        place.mkdir(parents=True)
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            (place / file.name).hardlink_to(file)
        started = time.perf_counter()
        records = take_in(home, Settings(), seen_at=datetime.now(UTC)).new_files
        seconds = time.perf_counter() - started
        entries, total = _found(home, records)
    measured = {
        "name": f"encours {version('encours')}",
        "seconds": seconds,
        "megabytes": peak_kilobytes() / 1024,
        "entries": entries,
        "total": str(total),
    }
    print(json.dumps(measured))


def _found(home: Home, records: Sequence[SourceFile]) -> tuple[int, Decimal]:
    """How many entries (or invoices) landed whole, and their signed sum. Raises ``RuntimeError`` when some did not."""
    for record in records:
        if record.status != "landed" or record.rows_quarantined:
            raise RuntimeError(f"{record.source_file}: {record.status}, {record.reason}")
    if invoices := [pq.read_table(file) for file in landed_files(home, "e_invoices")]:
        return sum(map(len, invoices)), _total(invoices, "gross_amount")
    statements = [pq.read_table(file) for file in landed_files(home, "bank_statements")]
    return sum(pc.sum(rows.column("entry_count")).as_py() for rows in statements), _total(
        statements, "entry_total"
    )


def _total(tables: Sequence[pa.Table], amount: str) -> Decimal:
    return sum((pc.sum(rows.column(amount)).as_py() for rows in tables), Decimal(0))


def peak_kilobytes() -> int:
    """The highest memory of this process so far; Linux tells it apart from what the parent held."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise OSError("the system does not tell the highest memory of a process")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
