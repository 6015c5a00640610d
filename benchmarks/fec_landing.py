"""FEC text to landed Parquet, against DuckDB's own typed ``read_csv`` → ``COPY … TO parquet`` (zstd).

DuckDB reads the same file without bad rows; Encours reads it with 0.1 % of its rows bad, sets these aside, and hashes,
detects, checks and records the file as in every refresh. Each runs in a process of its own, in turn, so that both see
the same machine; times are of the work without the start of Python, memory is the peak of the process.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

LINES: Final = 2_000_000
BAD_EVERY: Final = 1_000
ROUNDS: Final = 3
TARGET_RATIO: Final = 2.0
TARGET_MEGABYTES: Final = 1024

HEADER: Final = (
    "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate "
    "EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"
).replace(" ", "\t")


def main() -> None:
    """Print both times, their ratio and the peak memory, of the median round."""
    with tempfile.TemporaryDirectory() as folder:
        good, bad = Path(folder, "good.txt"), Path(folder, "123456789FEC20251231.txt")
        _write(good, has_bad_rows=False)
        _write(bad, has_bad_rows=True)
        print(f"FEC landing: {LINES:,} lines, {bad.stat().st_size / 1e6:.0f} MB, 1 row in {BAD_EVERY:,} bad")
        rounds = [(_measured("duckdb", good), _measured("encours", bad)) for _ in range(ROUNDS)]
    for peer, own in rounds:
        print(
            f"  DuckDB {peer['seconds']:.2f} s   Encours {own['seconds']:.2f} s   {own['megabytes']:.0f} MB"
        )
    ratio = statistics.median(own["seconds"] / peer["seconds"] for peer, own in rounds)
    megabytes = max(own["megabytes"] for _, own in rounds)
    print(
        f"  ratio {ratio:.2f} (target at most {TARGET_RATIO}), peak {megabytes:.0f} MB (target {TARGET_MEGABYTES})"
    )


def _write(path: Path, *, has_bad_rows: bool) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{HEADER}\r\n")
        file.writelines(_lines(has_bad_rows=has_bad_rows))


def _lines(*, has_bad_rows: bool) -> Iterator[str]:
    first = date(2025, 1, 1)
    days = [f"{first + timedelta(days=number):%Y%m%d}" for number in range(365)]
    for number in range(LINES):
        entry, customer, day = number // 3, number * 7919 % 3000, days[number * 365 // LINES]
        cents = number * 104_729 % 5_000_000 + 100
        amount = f"{cents // 100},{cents % 100:02}"
        debit, credit = (amount, "0,00") if number % 2 else ("0,00", amount)
        if has_bad_rows and number % BAD_EVERY == 0:
            day = "20250230"
        yield (
            f"VE\tJournal des ventes\tVE{entry:08}\t{day}\t41100000\tClients ordinaires\tC{customer:05}\t"
            f"Société cliente {customer}\tFA2025-{entry:07}\t{day}\tFacture {entry} de la société {customer}\t"
            f"{debit}\t{credit}\t{'' if number % 4 else 'AA'}\t\t20251231\t\t\r\n"
        )


def _measured(engine: str, path: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.fec_landing", engine, str(path), folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _duckdb(path: Path, folder: Path) -> None:
    import duckdb

    types = dict.fromkeys(("EcritureDate", "PieceDate", "DateLet", "ValidDate"), "DATE")
    types |= dict.fromkeys(("Debit", "Credit", "Montantdevise"), "DECIMAL(18,2)") | {"CompteNum": "VARCHAR"}
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select * from read_csv(
                    '{path}', delim = '\t', quote = '', header = true, types = {types},
                    decimal_separator = ',', dateformat = '%Y%m%d'
                )
            ) to '{folder / "peer.parquet"}' (format parquet, compression zstd)
            """
        )


def _encours(path: Path, folder: Path) -> None:
    from home.layout import Home
    from home.settings import Settings
    from ingestion.intake import take_in

    home = Home.at(folder)
    home.create()
    (home.inbox / path.name).hardlink_to(path)
    (record,) = take_in(home, Settings(), seen_at=datetime.now(UTC)).new_files
    if (record.rows_landed, record.rows_quarantined) != (LINES - LINES // BAD_EVERY, LINES // BAD_EVERY):
        raise RuntimeError(f"{record.rows_landed} rows landed and {record.rows_quarantined} were set aside")


def _run(engine: str, path: Path, folder: Path) -> None:
    import duckdb  # noqa: F401 - imports are no part of the time
    import lxml.etree  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    started = time.perf_counter()
    {"duckdb": _duckdb, "encours": _encours}[engine](path, folder)
    seconds = time.perf_counter() - started
    # Linux counts kilobytes.
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": megabytes}))


if __name__ == "__main__":
    _run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
