"""Whether a score says how often it is right, and the scores that say so: the seed ``match_calibration``.

A match's score depends on its use, its rule and the strength of its evidence. The score of such a cell is how often its
pairs were right where the truth is known. It is learnt on generated sets, and checked on each seed by what the others
teach.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from benchmarks.matching.homes import ROOT, Measured
from benchmarks.matching.scoring import Rate

PRIOR: Final = 10
"""As many pairs of the cell's rule and band over all uses count beside its own, and as many of its band over all rules
beside these: a few hits in a row prove little."""

BANDS: Final = ((0.9, 1.0), (0.5, 0.9), (0.0, 0.5))
"""Of scores; the last is there to be looked at."""

GRADED: Final = pa.schema(
    [
        ("use", pa.string()),
        ("match_rule", pa.string()),
        ("evidence_band", pa.string()),
        ("share", pa.float64()),
        ("score", pa.float64()),
        ("is_right", pa.bool_()),
    ]
)
"""A row per pair found. ``share``: of equally good alternatives, one has this share of the cell's score."""

SEED: Final = ROOT / "dbt_project" / "seeds" / "match_calibration.csv"
"""The scores in force."""

Cell = tuple[str, str, str]
"""Use, rule, evidence band; ``any`` for all uses, and for all uses and rules."""


def graded(measured: Measured) -> pa.Table:
    """The pairs of a set with what their score is made of, and whether they are right."""
    with duckdb.connect(str(measured.refreshed.database), read_only=True) as connection:
        connection.register("found", measured.found)
        connection.register("true_pairs", measured.true.select(["payment", "document"]))
        rows: pa.Table = connection.sql(
            """
            WITH
                groups AS (
                    SELECT
                        match_id,
                        use,
                        match_rule,
                        1 + coalesce(CAST(evidence ->> '$.alternatives' AS INTEGER), 0) AS alternatives,
                        evidence_band,
                        CAST(match_score AS DOUBLE) AS score,
                        match_status
                    FROM intermediate.int_matching__groups
                    WHERE match_rule <> 'decision'
                )
            SELECT DISTINCT
                found.match_id,
                found.payment,
                found.document,
                groups.use,
                groups.match_rule,
                groups.evidence_band,
                CASE WHEN groups.match_status = 'matched' THEN 1.0 ELSE 1.0 / groups.alternatives END AS share,
                groups.score,
                true_pairs.payment IS NOT NULL AS is_right
            FROM found
            INNER JOIN groups USING (match_id)
            LEFT JOIN (SELECT DISTINCT payment, document FROM true_pairs) AS true_pairs USING (payment, document)
            """
        ).to_arrow_table()
    return rows.select(GRADED.names).cast(GRADED)


def learn(pairs: pa.Table) -> dict[Cell, float]:
    """The score of each cell of ``GRADED`` pairs, of each rule and band over all uses, and of each band over all rules.

    A score is at most 1, also where the first of several equals is right more often than its share says.
    """
    with duckdb.connect() as connection:
        connection.register("pairs", pairs)
        counted = connection.execute(
            """
            SELECT
                coalesce(use, 'any'),
                coalesce(match_rule, 'any'),
                evidence_band,
                count(*) FILTER (is_right),
                sum(share)
            FROM pairs
            GROUP BY
                GROUPING SETS ((use, match_rule, evidence_band), (match_rule, evidence_band), (evidence_band))
            ORDER BY grouping(use, match_rule) DESC
            """
        ).fetchall()
    scores: dict[Cell, float] = {}
    for use, rule, band, hits, shares in counted:
        general = scores.get(("any", rule if use != "any" else "any", band))
        known = (hits, shares) if general is None else (hits + PRIOR * general, shares + PRIOR)
        scores[use, rule, band] = min(1.0, known[0] / known[1])
    return scores


def learnt(pairs: pa.Table) -> dict[Cell, float]:
    """What the pairs teach; a band that none of them has keeps the score in force, since each match needs one."""
    in_force = read_seed(SEED)
    bands = {cell: score for cell, score in in_force.items() if cell[:2] == ("any", "any")}
    return {**bands, **learn(pairs)}


def score_of(cell: Cell, scores: Mapping[Cell, float]) -> float:
    """The score of a cell: its own, else that of its rule, else that of its band."""
    use, rule, band = cell
    known = (scores.get(one) for one in ((use, rule, band), ("any", rule, band)))
    return next((score for score in known if score is not None), scores["any", "any", band])


def rescored(pairs: pa.Table, scores: Mapping[Cell, float]) -> pa.Table:
    """``pairs`` with the scores that these cells give them."""
    told = [
        score_of((row["use"], row["match_rule"], row["evidence_band"]), scores) * row["share"]
        for row in pairs.select(["use", "match_rule", "evidence_band", "share"]).to_pylist()
    ]
    return pairs.set_column(pairs.column_names.index("score"), "score", pa.array(told, pa.float64()))


def rescored_by_others(parts: Sequence[pa.Table]) -> pa.Table:
    """The pairs of all parts, two at least, each scored by what the other parts teach."""
    return pa.concat_tables(
        rescored(part, learnt(pa.concat_tables([*parts[:number], *parts[number + 1 :]])))
        for number, part in enumerate(parts)
    )


def read_seed(path: Path) -> dict[Cell, float]:
    """The scores of a seed ``match_calibration``."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["use"], row["match_rule"], row["evidence_band"]): float(row["score"])
            for row in csv.DictReader(file)
        }


def write_seed(path: Path, scores: Mapping[Cell, float]) -> None:
    """Write the scores as the seed ``match_calibration``: those of bands first. No score says that it cannot err."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("use", "match_rule", "evidence_band", "score"))
        for cell, score in sorted(scores.items(), key=lambda one: (one[0][0] != "any", one[0])):
            rows.writerow((*cell, f"{min(score, 0.9999):.4f}"))


@dataclass(frozen=True)
class Bin:
    """The pairs scored from ``low`` to below ``high`` (1 included): their mean score, and how often they were right."""

    low: float
    high: float
    mean_score: float
    observed: Rate


def bins(pairs: pa.Table, bounds: Iterable[tuple[float, float]]) -> list[Bin]:
    """What is observed of the pairs in each of these ranges of scores; none of those that are empty."""
    found = []
    with duckdb.connect() as connection:
        connection.register("pairs", pairs)
        for low, high in bounds:
            mean, hits, count = connection.execute(
                """
                SELECT avg(score), count(*) FILTER (is_right), count(*)
                FROM pairs
                WHERE score >= $low AND (score < $high OR $high = 1)
                """,
                {"low": low, "high": high},
            ).fetchall()[0]
            if count:
                found.append(Bin(low, high, mean, Rate(hits, count)))
    return found


def show(title: str, pairs: pa.Table) -> None:
    """Print, per range of scores and per cell, the mean score beside what was observed."""
    print(f"\n{title}")
    for one in bins(pairs, BANDS):
        print(f"  scored {one.low:.1f} to {one.high:.1f}:  mean {one.mean_score:.4f}  right {one.observed}")
    with duckdb.connect() as connection:
        connection.register("pairs", pairs)
        for use, rule, band, mean, hits, count in connection.execute(
            """
            SELECT use, match_rule, evidence_band, avg(score), count(*) FILTER (is_right), count(*)
            FROM pairs
            GROUP BY ALL
            ORDER BY ALL
            """
        ).fetchall():
            print(f"  {use:<10}{rule:<22}{band:<10}  mean {mean:.4f}  right {Rate(hits, count)}", flush=True)


_SIZE: Final = 420
_MARGIN: Final = 56


def draw(path: Path, title: str, pairs: pa.Table) -> None:
    """Draw the reliability diagram: per tenth of the scores, how often pairs were right, with the 95 % interval."""
    points = bins(pairs, [(tenth / 10, (tenth + 1) / 10) for tenth in range(10)])
    path.write_text(_svg(title, points), encoding="utf-8")


def _svg(title: str, points: Sequence[Bin]) -> str:
    def x(share: float) -> float:
        return round(_MARGIN + share * _SIZE, 1)

    def y(share: float) -> float:
        return round(_MARGIN + (1 - share) * _SIZE, 1)

    grid = "".join(
        f'<path d="M{x(tick)} {y(0)}V{y(1)}M{x(0)} {y(tick)}H{x(1)}" stroke="#ddd"/>'
        f'<text x="{x(tick)}" y="{y(0) + 18}" text-anchor="middle">{tick:.1f}</text>'
        f'<text x="{x(0) - 8}" y="{y(tick) + 4}" text-anchor="end">{tick:.1f}</text>'
        for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    )
    marks = "".join(
        f'<path d="M{x(one.mean_score)} {y(one.observed.interval[0])}V{y(one.observed.interval[1])}" '
        'stroke="#1f5fa8" stroke-width="2"/>'
        f'<circle cx="{x(one.mean_score)}" cy="{y(one.observed.value)}" r="4.5" fill="#1f5fa8">'
        f"<title>{one.observed}</title></circle>"
        f'<text x="{x(one.mean_score) - 8}" y="{y(one.observed.value) - 8}" text-anchor="end">'
        f"{one.observed.of:,}</text>"
        for one in points
    )
    side = _SIZE + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" font-family="sans-serif" font-size="12">'
        f'<rect width="{side}" height="{side}" fill="#fff"/>'
        f'<text x="{side / 2}" y="28" text-anchor="middle" font-size="15">{title}</text>{grid}'
        f'<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="#888" stroke-dasharray="5 4"/>{marks}'
        f'<text x="{side / 2}" y="{side - 14}" text-anchor="middle">score of the match</text>'
        f'<text transform="translate(16 {side / 2}) rotate(-90)" text-anchor="middle">'
        "share of pairs that are right</text></svg>\n"
    )
