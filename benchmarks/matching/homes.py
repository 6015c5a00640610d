"""Homes that a benchmark makes: a refresh as users run it, and what its engine has found and cost."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

ROOT: Final = Path(__file__).resolve().parents[2]
ENGINE: Final = ("int_matching__", "int_receipts__")
"""What the names of the engine's models begin with."""

PUBLISHED_EXIT_CODES: Final = (0, 3)
"""3 is said of a first run whose checks do not all hold; it publishes all the same."""

_BUILT: Final = re.compile(r"OK created \S+ \S+ model \S+\.(\w+).*\[.*in ([0-9.]+)s\]")


@dataclass(frozen=True)
class Refreshed:
    """A home after its refresh. ``engine_seconds`` is the time of the engine's models, by name."""

    home: Path
    is_verified: bool
    engine_seconds: dict[str, float]

    @property
    def seconds(self) -> float:
        """Of all models of the engine."""
        return sum(self.engine_seconds.values())

    @property
    def database(self) -> Path:
        """The working database."""
        return self.home / "warehouse" / "encours.duckdb"


@dataclass(frozen=True)
class Measured:
    """What is true of one use in a refreshed home, as ``scoring.TRUE``, beside what the engine found."""

    title: str
    use: str
    refreshed: Refreshed
    true: pa.Table
    found: pa.Table
    """As ``scoring.FOUND``."""
    unjudged: int = 0
    """Pairs matched that are neither right nor wrong to find; they are not among ``found``."""


def refresh(home: Path, as_of: date) -> Refreshed:
    """Run ``encours refresh`` on ``home`` for ``as_of``. Raises RuntimeError when it publishes nothing."""
    dates = ["--as-of", as_of.isoformat(), "--known-at", as_of.isoformat()]
    done = subprocess.run(
        [sys.executable, "-c", "from orchestration.cli import main; main()", "refresh", *dates],
        env={**os.environ, "ENCOURS_HOME": str(home)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode not in PUBLISHED_EXIT_CODES:
        raise RuntimeError(f"{home}: the refresh ended with {done.returncode}: {done.stdout[-2000:]}")
    (report,) = home.glob("reports/*")
    return Refreshed(home, done.returncode == 0, _engine_seconds(report / "dbt.log"))


def _engine_seconds(log: Path) -> dict[str, float]:
    built = _BUILT.findall(log.read_text(encoding="utf-8"))
    return {name: float(seconds) for name, seconds in built if name.startswith(ENGINE)}


def found_pairs(database: Path, use: str) -> pa.Table:
    """The pairs of the engine's groups of one use, as ``scoring.FOUND``.

    A bank or receipt's pair is of its two sides. In lettering a credit note stands on either side, so that there the
    pair is of what settles and what is owed; so is the pair of two lines of one side.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            """
            WITH
                members AS (
                    SELECT
                        groups.match_id,
                        groups.match_status AS status,
                        groups.rank,
                        groups.match_rule AS rule,
                        CAST(groups.match_score AS DOUBLE) AS score,
                        members.object_id,
                        CASE
                            WHEN groups.use = 'lettering' OR groups.match_cardinality = 'offset'
                            THEN (members.side = 'payment') = (members.amount > 0)
                            ELSE members.side = 'payment'
                        END AS is_payment
                    FROM intermediate.int_matching__groups AS groups
                    INNER JOIN intermediate.int_matching__members AS members ON groups.match_id = members.match_id
                    WHERE groups.use = ?
                )
            SELECT
                payments.match_id,
                payments.status,
                payments.rank,
                payments.rule,
                payments.score,
                payments.object_id AS payment,
                documents.object_id AS document
            FROM members AS payments
            INNER JOIN
                members AS documents
                ON payments.match_id = documents.match_id AND payments.is_payment AND NOT documents.is_payment
            """,
            [use],
        ).to_arrow_table()
