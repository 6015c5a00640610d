"""``python -m samples FOLDER``: writes a fictitious group's exports, and their truth when asked."""

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from samples.generator import generate


def main() -> int:
    """Write a sample as the command line says, and print what was written. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m samples", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write: the inbox of a home")
    parser.add_argument(
        "--lines", type=int, default=20_000, help="about how many ledger lines (default: 20000)"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed makes another group (default: 1)")
    parser.add_argument(
        "--as-of", type=date.fromisoformat, default=date(2026, 6, 30), help="last day (2026-06-30)"
    )
    parser.add_argument("--clean", action="store_true", help="without the faults that a controller meets")
    parser.add_argument(
        "--truth", type=Path, help="a folder outside the inbox for what is true of the sample"
    )
    arguments = parser.parse_args()
    if arguments.lines < 100:
        parser.error(f"--lines is 100 or more, not {arguments.lines}")
    folder: Path = arguments.folder.resolve()
    truth_folder: Path | None = arguments.truth and arguments.truth.resolve()
    if truth_folder and truth_folder.is_relative_to(folder):
        parser.error("--truth lies inside FOLDER, where it would be read as an export: name a folder outside")
    started = time.perf_counter()
    truth = generate(
        folder,
        lines=arguments.lines,
        seed=arguments.seed,
        as_of=arguments.as_of,
        with_faults=not arguments.clean,
    )
    if truth_folder:
        truth.write(truth_folder)
    out = sys.stdout
    out.write(
        f"{truth.line_count:,} ledger lines and {len(truth.bank_transactions):,} bank transactions "
        f"in {len(truth.files)} files under {folder}, in {time.perf_counter() - started:.1f} s\n"
    )
    for company in truth.companies:
        out.write(f"  {company.company_id}: {company.name}, SIREN {company.siren}, {company.iban}\n")
    for fault in truth.faults:
        out.write(f"  fault: {fault.file}: {fault.detail}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
