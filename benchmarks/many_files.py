"""A folder of thousands of small files of many formats, in one refresh: does the time grow with their number alone?

Each size gets a home of its own, refreshed twice as users do it, in a process of its own. The second refresh has
nothing to do: how many files of the inbox it opens is counted by Python itself.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

SIZES: Final = (1250, 2500, 5000)
ENTRIES: Final = 20
COMPANIES: Final = 25

STATEMENTS: Final = {
    "camt053": b"11234567890189",
    "cfonb120": b"12345678901",
    "mt940": b"1234567",
    "ofx": b"12345678901",
    "bai2": b"12345678901",
}
"""Format → the account number in its sample, which is another in each file."""

REFRESH: Final = """
import sys
inbox, opened = sys.argv.pop(1), []
sys.addaudithook(lambda event, arguments: event == "open" and str(arguments[0]).startswith(inbox) and opened.append(1))
from orchestration.cli import main
try:
    main()
finally:
    print("opened", len(opened), file=sys.stderr)
"""


def main(arguments: Sequence[str] = ()) -> None:
    """Print, for each size, what the first refresh costs stage by stage, and what the second one does."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_files", description=__doc__)
    parser.add_argument(
        "--files", type=int, nargs="+", default=SIZES, help=f"numbers of files (default: {SIZES})"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the homes go, and stay (default: a temporary folder)"
    )
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="encours-benchmark-") as temporary:
        folder: Path = given.folder or Path(temporary)
        for count in given.files:
            _measure(folder.resolve() / f"{count}", count)


def _measure(home: Path, count: int) -> None:
    for path, content in small_files(count):
        target = home / "inbox" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    time.sleep(2.5)  # A file changed less than two seconds ago is read again by the next refresh, to be sure.
    seconds, opened = _refresh(home)
    (report,) = home.glob("reports/*/run.json")
    stages = json.loads(report.read_text(encoding="utf-8"))["stages"]
    again, opened_again = _refresh(home)
    print(f"\n{count:,} files: {seconds:.1f} s, {1000 * seconds / count:.1f} ms a file, {opened:,} openings")
    for stage in stages:
        print(
            f"  {stage['stage']:<28}{stage['seconds']:8.1f} s {1000 * stage['seconds'] / count:8.2f} ms a file"
        )
    print(f"  {'Again, nothing changed':<28}{again:8.1f} s {opened_again:,} files opened", flush=True)


def small_files(count: int) -> Iterator[tuple[str, bytes]]:
    """``count`` files, path under the inbox and content: statements, invoices, parties and ledgers in turn."""
    samples = {name: _sample(name) for name in STATEMENTS}
    for number in range(count):
        company = f"c{number % COMPANIES:02}"
        kind = number % 10
        if kind < 6:
            name = list(STATEMENTS)[(number // 10 * 6 + kind) % len(STATEMENTS)]
            account = STATEMENTS[name]
            yield (
                f"{company}/{number}.{name}",
                samples[name].replace(account, b"%0*d" % (len(account), number)),
            )
        elif kind < 8:
            yield f"{company}/{number}-invoices.csv", _invoices(number)
        elif kind < 9:
            yield f"{company}/{number}-third_parties.csv", _third_parties(number)
        else:
            yield f"ledger{number // 100:02}/{number}.txt", _ledger(2025 - number // 10 % 10, number)


def _sample(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample")
        importlib.import_module(f"benchmarks.bank_formats.{name}").write_sample(path, ENTRIES)
        return path.read_bytes()


def _invoices(number: int) -> bytes:
    rows = (
        f"F{number}-{row},C{row},2025-01-10,2025-02-{row + 1:02},{row + 1}00.00\n" for row in range(ENTRIES)
    )
    return ("document_number,third_party_code,issue_date,due_date,total_amount\n" + "".join(rows)).encode()


def _third_parties(number: int) -> bytes:
    rows = (f"C{number}-{row},Société {number} {row},30 EOM\n" for row in range(ENTRIES))
    return ("third_party_code,name,payment_terms\n" + "".join(rows)).encode()


def _ledger(year: int, number: int) -> bytes:
    header = "JournalCode|EcritureNum|EcritureDate|CompteNum|CompAuxNum|PieceRef|EcritureLib|Debit|Credit"
    rows = (
        f"VE|{row}|{year}01{row + 1:02}|{account}|F{number}-{row}|Facture {row}|{amounts}\n"
        for row in range(ENTRIES // 2)
        for account, amounts in ((f"411000|C{row}", "120,00|0,00"), ("706000|", "0,00|120,00"))
    )
    return f"{header}\n{''.join(rows)}".encode()


def _refresh(home: Path) -> tuple[float, int]:
    """Run ``encours refresh`` on ``home``: its seconds, and how often it opened a file of the inbox."""
    command = [sys.executable, "-c", REFRESH, str(home / "inbox"), "refresh", "--as-of", "2026-06-30"]
    began = time.perf_counter()
    done = subprocess.run(
        [*command, "--known-at", "2026-06-30"],
        env={**os.environ, "ENCOURS_HOME": str(home)},
        cwd=Path(__file__).resolve().parents[1],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return time.perf_counter() - began, int(done.stderr.rsplit("opened", 1)[-1])


if __name__ == "__main__":
    main(sys.argv[1:])
