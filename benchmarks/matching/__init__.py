"""Matching: how often it is right, how often it knows, and how fast it is.

Each set is made into files, refreshed as users refresh, and what the engine matched is held against what is true:

- ``generated``: our own groups of companies, with the truth of their generator;
- ``cash-application``: a public set of payments with remittance advice against open invoices;
- ``lettered``: real ledgers whose lettering is taken out, to be found again;
- ``calibration``: what scores should say, learnt on the seeds of the generated sets, and checked on each of them by
  what the others teach, and on the public sets;
- ``bulk``: bank lines against five times as many open items, made as tables: seconds and memory beside those of peers,
  and what happens where a share of the items is not there.
"""

import argparse
import itertools
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.matching import bulk
from benchmarks.matching.homes import Measured
from benchmarks.matching.report import show, write_errors
from benchmarks.matching.scoring import score

CORPORA: Final = Path(
    os.environ.get("ENCOURS_CORPORA") or Path(__file__).resolve().parents[3] / "shared" / "corpora"
)
"""Real files that nobody of the project made; the sets that need them are left out where there are none."""


@dataclass(frozen=True)
class Given:
    """What the command line says. ``folder`` is where homes and reports go."""

    folder: Path
    corpora: Path
    lines: Sequence[int]
    seeds: Sequence[int]
    hidden: Sequence[float]
    bulk_lines: Sequence[int]


def main(arguments: Sequence[str] = ()) -> None:
    """Measure every set, or those named, and print what came out."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.matching",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sets", nargs="*", help=", ".join(SETS))
    parser.add_argument(
        "--folder", type=Path, help="where homes and reports go, and stay (default: a temporary one)"
    )
    parser.add_argument("--corpora", type=Path, default=CORPORA, help=f"real files (default: {CORPORA})")
    parser.add_argument(
        "--lines", type=int, nargs="+", default=[20_000], help="sizes of generated (default: 20000)"
    )
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[1, 2, 3], help="of generated (default: 1 2 3)"
    )
    parser.add_argument(
        "--hidden",
        type=float,
        nargs="+",
        default=[0, 0.1, 0.3],
        help="shares left out of the ledgers (default: 0 0.1 0.3)",
    )
    parser.add_argument(
        "--bulk-lines",
        type=int,
        nargs="+",
        default=[20_000, 200_000],
        help="bank lines of bulk (20000 200000)",
    )
    given = parser.parse_args(arguments)
    unknown = set(given.sets) - set(SETS)
    if unknown:
        parser.error(f"no set {', '.join(sorted(unknown))}: there are {', '.join(SETS)}")
    with tempfile.TemporaryDirectory(prefix="encours-benchmark-") as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for name, measure in SETS.items():
            if not given.sets or name in given.sets:
                measure(
                    Given(
                        folder,
                        given.corpora,
                        given.lines,
                        given.seeds,
                        given.hidden,
                        given.bulk_lines,
                    )
                )


def _show(sets: Iterable[Measured]) -> None:
    """Print the scores of the sets, those of one title together; write what is wrong and missed beside each home."""
    by_title: dict[str, list[Measured]] = defaultdict(list)
    for measured in sets:
        home = measured.refreshed.home
        write_errors(home.with_name(f"{home.name}-{measured.use}.txt"), measured)
        by_title[measured.title].append(measured)
    for title, alike in by_title.items():
        show(title, score(_together(one.found for one in alike), _together(one.true for one in alike)))
        if unjudged := sum(one.unjudged for one in alike):
            print(f"  {'matched pairs that are not judged':<42}{unjudged:,}")
        seconds = [f"{one.refreshed.seconds:.2f}" for one in alike]
        print(f"  {'seconds of the engine':<42}{', '.join(seconds)}", flush=True)


def _together(tables: Iterable[pa.Table]) -> pa.Table:
    """The rows of all, told apart: what is alike in two homes has one identifier."""
    parts = []
    for number, table in enumerate(tables):
        for name in {"match_id", "payment", "document"} & set(table.column_names):
            column = table.column_names.index(name)
            told_apart = pc.binary_join_element_wise(str(number), table[name], "/")
            table = table.set_column(column, name, told_apart)
        parts.append(table)
    return pa.concat_tables(parts)


def _generated(given: Given) -> Iterator[Measured]:
    from benchmarks.matching import generated

    for lines in given.lines:
        for seed in given.seeds:
            for hidden in given.hidden:
                home = given.folder / f"generated-{lines}-{seed}-{hidden:.2f}"
                yield from generated.run(home, lines=lines, seed=seed, hidden_share=hidden)


def _is_there(given: Given) -> bool:
    if not given.corpora.is_dir():
        print(f"\nno real files in {given.corpora}: --corpora says where they are", flush=True)
    return given.corpora.is_dir()


def _cash_application(given: Given) -> Iterator[Measured]:
    from benchmarks.matching import cash_application

    if not _is_there(given):
        return
    for size in cash_application.SIZES:
        path = cash_application.problem_file(given.corpora, size)
        yield cash_application.run(path, given.folder / f"cash-application-{size}")


def _lettered(given: Given) -> Iterator[Measured]:
    from benchmarks.matching import lettered_ledgers

    if not _is_there(given):
        return
    for ledger in lettered_ledgers.LEDGERS:
        path = lettered_ledgers.ledger_file(given.corpora, ledger)
        yield lettered_ledgers.run(path, given.folder / f"lettered-{ledger.partition('__')[0]}")


def _calibration(given: Given) -> None:
    """Write the seed learnt and the picture of its check into the folder, and print the checks."""
    from benchmarks.matching import calibration

    def pairs_of(sets: Iterable[Measured]) -> pa.Table:
        return pa.concat_tables([calibration.GRADED.empty_table(), *map(calibration.graded, sets)])

    within = replace(given, folder=given.folder / "calibration")
    parts = [pairs_of(_generated(replace(within, seeds=[seed]))) for seed in given.seeds]
    learnt = calibration.learnt(pa.concat_tables(parts))
    calibration.write_seed(given.folder / "match_calibration.csv", learnt)
    calibration.show("calibration, generated sets, as scored now", pa.concat_tables(parts))
    if len(parts) > 1:
        checked = calibration.rescored_by_others(parts)
        calibration.show("calibration, generated sets, each seed as scored by what the others teach", checked)
        calibration.draw(
            given.folder / "calibration.svg", "Score and truth, each seed scored by the others", checked
        )
    public = pairs_of(itertools.chain(_cash_application(within), _lettered(within)))
    if len(public):
        calibration.show("calibration, public sets, as scored now", public)
        calibration.show(
            "calibration, public sets, as scored by what was learnt", calibration.rescored(public, learnt)
        )


def _bulk(given: Given) -> None:
    from benchmarks.matching import speed

    for lines in given.bulk_lines:
        print(f"\nbulk, {lines:,} bank lines against {lines * bulk.ITEMS_PER_LINE:,} items", flush=True)
        home = given.folder / f"bulk-{lines}"
        speed.show(speed.measure(home, lines))
        for peer in speed.PEERS:
            speed.show(speed.measure_peer(home, peer))
    for lines, hidden in itertools.product(given.bulk_lines, given.hidden):
        print(
            f"\nbulk, {lines:,} bank lines, a fifth of the items at usual prices, {hidden:.0%} of those paid hidden"
        )
        home = given.folder / f"bulk-{lines}-{hidden:.2f}"
        speed.show(speed.measure(home, lines, hidden_share=hidden, priced_share=0.2))


SETS: Final[dict[str, Callable[[Given], None]]] = {
    "generated": lambda given: _show(_generated(given)),
    "cash-application": lambda given: _show(_cash_application(given)),
    "lettered": lambda given: _show(_lettered(given)),
    "calibration": _calibration,
    "bulk": _bulk,
}
