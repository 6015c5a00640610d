"""The whole refresh of a generated group, at growing sizes: seconds and peak memory per stage, and whether it is right.

Each size gets a home of its own; the refresh runs as users run it, in a process of its own, whose own report says
what its stages cost. Memory is the process's highest so far, so a stage that adds nothing repeats the figure before.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from samples.generator import generate

AS_OF = date(2026, 6, 30)
SIZES = (200_000, 2_000_000, 4_000_000)
SHOWN = 12
"""How many of the items that differ an error lists: those of two or three third parties."""


class WrongOpenItemsError(Exception):
    """The open items of the marts are not those that the generator knows of; the message lists the first ones.

    ``differences``: a row per item that only one side tells like this, ``told_by`` (known or marts) and what it tells.
    """

    def __init__(self, home: Path, differences: pa.Table) -> None:
        counts = Counter(differences["told_by"].to_pylist())
        shown = [
            ", ".join(f"{name} {value}" for name, value in row.items())
            for row in differences.slice(0, SHOWN).to_pylist()
        ]
        super().__init__(
            f"{home}: {counts['known']:,} open items are not in the marts as they are known, "
            f"{counts['marts']:,} are in the marts only. The first ones:\n  " + "\n  ".join(shown)
        )


class NotVerifiedError(Exception):
    """A blocking check of the run failed; the message says which. A first run is published all the same."""


@dataclass(frozen=True)
class Stage:
    """One stage of a refresh, or the whole: seconds, and the highest memory so far in bytes."""

    name: str
    seconds: float
    peak_memory: int


@dataclass(frozen=True)
class Measured:
    """What a refresh of ``lines`` ledger lines and ``bank_transactions`` cost; the last stage is the whole.

    ``processor_seconds`` is the time on all processors together, which a busy machine changes least.
    ``open_items`` are those that the generator knows of; the marts hold these and no others.
    """

    lines: int
    bank_transactions: int
    stages: tuple[Stage, ...]
    processor_seconds: float
    unchanged_seconds: float
    open_items: int


def measure(home: Path, lines: int) -> Measured:
    """Generate a group in ``home``, refresh it, and refresh it again with nothing changed.

    Raises CalledProcessError when the refresh does not publish, NotVerifiedError when its own checks fail, and
    WrongOpenItemsError when the marts hold other open items than the generator knows of.
    """
    truth = generate(home / "inbox", lines=lines, as_of=AS_OF, with_faults=False)
    seconds, processor_seconds = _refresh(home)
    (report,) = home.glob("reports/*/run.json")
    run = json.loads(report.read_text(encoding="utf-8"))
    if run["blocking"]:
        raise NotVerifiedError(f"{home}: {'; '.join(run['blocking'])}")
    stages = [Stage(stage["stage"], stage["seconds"], stage["peak_memory_bytes"]) for stage in run["stages"]]
    around = seconds - sum(stage.seconds for stage in stages)
    whole = Stage("Whole command", seconds, run["peak_memory_bytes"])
    known = truth.open_items(AS_OF)
    _compare_open_items(home, known)
    return Measured(
        lines=truth.line_count,
        bank_transactions=len(truth.bank_transactions),
        stages=(Stage("Start, imports and summary", around, 0), *stages, whole),
        processor_seconds=processor_seconds,
        unchanged_seconds=_refresh(home)[0],
        open_items=len(known),
    )


def _refresh(home: Path) -> tuple[float, float]:
    """Run ``encours refresh`` on ``home``; returns its seconds, by the clock and on the processors."""
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", "refresh"]
    dates = ["--as-of", AS_OF.isoformat(), "--known-at", AS_OF.isoformat()]
    began, used = time.perf_counter(), _processor_seconds()
    subprocess.run(
        [*command, *dates],
        env={**os.environ, "ENCOURS_HOME": str(home)},
        cwd=Path(__file__).resolve().parents[1],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began, _processor_seconds() - used


def _processor_seconds() -> float:
    """What the processes that were waited for have used so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _compare_open_items(home: Path, known: pa.Table) -> None:
    """Raises WrongOpenItemsError unless the marts hold the items known to be open, and with the same columns."""
    columns = """company_id, ledger_side, third_party_code, account_code, document_ref, journal_code, entry_number,
        entry_date, document_date, original_amount, settled_amount, open_amount,
        CASE WHEN original_amount > 0 THEN due_date END AS due_date"""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{home / 'marts' / 'encours_marts.duckdb'}' AS published (READ_ONLY)")
        connection.register("known", known)
        differences = connection.sql(
            f"""
            WITH
                held AS (
                    SELECT *, split_part(third_party_id, '/', 3) AS third_party_code
                    FROM published.marts.fct_open_items
                ),
                missing AS (SELECT {columns} FROM known EXCEPT ALL SELECT {columns} FROM held),
                extra AS (SELECT {columns} FROM held EXCEPT ALL SELECT {columns} FROM known)
            SELECT 'known' AS told_by, * FROM missing
            UNION ALL
            SELECT 'marts' AS told_by, * FROM extra
            ORDER BY company_id, account_code, third_party_code, entry_date, entry_number, due_date, told_by
            """
        ).to_arrow_table()
    if len(differences):
        raise WrongOpenItemsError(home, differences)


def main(arguments: Sequence[str] = ()) -> int:
    """Measure each size and print what it cost. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole_refresh", description=__doc__)
    parser.add_argument(
        "--lines", type=int, nargs="+", default=SIZES, help=f"ledger lines (default: {SIZES})"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the homes go, and stay (default: a temporary folder)"
    )
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="encours-benchmark-") as temporary:
        folder: Path = given.folder or Path(temporary)
        for lines in given.lines:
            _print(measure(folder.resolve() / f"{lines}", lines))
    return 0


def _print(measured: Measured) -> None:
    millions = measured.lines / 1_000_000
    print(f"\n{measured.lines:,} ledger lines, {measured.bank_transactions:,} bank transactions")
    for stage in measured.stages:
        memory = f"{stage.peak_memory / 2**20:10,.0f} MB" if stage.peak_memory else ""
        print(f"  {stage.name:<28}{stage.seconds:8.1f} s {stage.seconds / millions:8.1f} s/million {memory}")
    print(f"  {'On the processors':<28}{measured.processor_seconds:8.1f} s")
    print(f"  {'Open items, all of them right':<28}{measured.open_items:8,}")
    print(f"  {'Again, nothing changed':<28}{measured.unchanged_seconds:8.1f} s", flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
