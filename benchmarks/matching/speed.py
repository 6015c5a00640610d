"""The engine and its peers on the bulk set, at growing sizes: seconds, memory, and how often they are right.

A line counts as right when the whole set of its items is.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from benchmarks.matching.homes import ROOT, found_pairs
from benchmarks.matching.scoring import FOUND, Score, score

PEERS: Final = ("pandas", "splink")
PEERS_PYTHON: Final = ROOT / ".venv-peers" / "bin" / "python"


@dataclass(frozen=True)
class Cost:
    """What it took to match a set, and what that was worth."""

    name: str
    seconds: float
    megabytes: float
    score: Score


def measure(
    home: Path, lines: int, *, seed: int = 1, hidden_share: float = 0.0, priced_share: float = 0.0
) -> Cost:
    """Match a bulk set with the engine, in a new home."""
    engine = (sys.executable, "-m", "benchmarks.matching.engine")
    _python(*engine, "fill", home, lines, seed, hidden_share, priced_share)
    cost = json.loads(_python(*engine, "run", home))
    database = home / "warehouse" / "encours.duckdb"
    true = true_pairs(database)
    scores = score(found_pairs(database, "receipt"), true)
    return Cost("encours", sum(cost["seconds"].values()), cost["megabytes"], scores.whole)


def true_pairs(database: Path) -> pa.Table:
    """What is true of the bulk set in a working database, as ``scoring.TRUE``."""
    with duckdb.connect(str(database), read_only=True) as connection:
        told: pa.Table = connection.sql(
            """
            SELECT
                md5('line' || truth.line) AS payment,
                md5('item' || truth.item) AS document,
                truth.scenario,
                CAST(items.cents AS DOUBLE) AS value
            FROM bulk.truth
            INNER JOIN bulk.items USING (item)
            """
        ).to_arrow_table()
    return told


def measure_peer(home: Path, peer: str) -> Cost:
    """Match the bulk set of a home with a peer."""
    with duckdb.connect(str(home / "warehouse" / "encours.duckdb"), read_only=True) as connection:
        for name in ("lines", "items", "customers"):
            connection.execute(f"COPY bulk.{name} TO '{home}/{name}.parquet'")
        cost: dict[str, Any] = json.loads(_python(PEERS_PYTHON, "benchmarks/peers/match.py", peer, home))
        found = connection.sql(
            f"""
            SELECT
                CAST(line AS VARCHAR) AS match_id,
                'matched' AS status,
                1 AS rank,
                '{peer}' AS rule,
                1.0 AS score,
                CAST(line AS VARCHAR) AS payment,
                CAST(item AS VARCHAR) AS document
            FROM '{home}/found.parquet'
            """
        ).to_arrow_table()
        true = connection.sql(
            """
            SELECT CAST(line AS VARCHAR) AS payment, CAST(item AS VARCHAR) AS document, scenario, 1.0 AS value
            FROM bulk.truth
            """
        ).to_arrow_table()
    return Cost(cost["name"], cost["seconds"], cost["megabytes"], score(found.cast(FOUND), true).whole)


def show(cost: Cost) -> None:
    """Print what one way to match cost."""
    told = cost.score
    print(
        f"  {cost.name:<20}{cost.seconds:8.1f} s {cost.megabytes:8,.0f} MB   "
        f"precision {told.payments}   recall {told.payments_recall.value:.4f}",
        flush=True,
    )


def _python(*command: object) -> str:
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    return done.stdout.splitlines()[-1] if done.stdout else ""
