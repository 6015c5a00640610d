"""How right a set of matches is: precision, recall, F1 and share of value, with exact intervals.

What is scored are pairs of a payment and a document; a match of one payment and three documents is three pairs. A pair
is right when the truth holds it. A payment is right when its pairs are those of the truth, none more and none less.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa
from scipy.stats import beta

CONFIDENCE: Final = 0.95

FOUND: Final = pa.schema(
    [
        ("match_id", pa.string()),
        ("status", pa.string()),
        ("rank", pa.int64()),
        ("rule", pa.string()),
        ("score", pa.float64()),
        ("payment", pa.string()),
        ("document", pa.string()),
    ]
)
"""A row per pair of a match. ``status`` is matched or proposed; ``rank`` orders a payment's proposals, 1 = best."""

TRUE: Final = pa.schema(
    [
        ("payment", pa.string()),
        ("document", pa.string()),
        ("scenario", pa.string()),
        ("value", pa.float64()),
    ]
)
"""A row per pair that belongs together; ``value`` weighs it where shares of value are told."""

NO_COUNTERPART: Final = "no counterpart"
"""The scenario of a payment that the truth gives no document: whatever is found for it is wrong."""


@dataclass(frozen=True)
class Rate:
    """``hits`` of ``of``; nothing of nothing is no rate at all."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share, between 0 and 1. Raises ZeroDivisionError when there is nothing to share."""
        return self.hits / self.of

    @property
    def interval(self) -> tuple[float, float]:
        """Clopper and Pearson's interval at 95 %: never narrower than it says, also for few or none.

        Source: Clopper, Pearson, Biometrika 26 (1934).
        """
        tail = (1 - CONFIDENCE) / 2
        low = beta.ppf(tail, self.hits, self.of - self.hits + 1) if self.hits else 0.0
        high = beta.isf(tail, self.hits + 1, self.of - self.hits) if self.hits < self.of else 1.0
        return float(low), float(high)

    def __str__(self) -> str:
        if not self.of:
            return "none"
        low, high = self.interval
        return f"{self.value:.4f} [{low:.4f}, {high:.4f}] of {self.of:,}"


@dataclass(frozen=True)
class Score:
    """What a set of matches is worth. ``best`` counts what is matched and, where nothing is, the best-ranked proposal.

    ``precision``, ``recall``: of pairs. Of the payments matched, ``pure`` have no wrong pair, and ``payments`` have all
    that are right besides; ``pure_recall`` and ``payments_recall`` are the same, of payments that have a counterpart.
    ``recall_any`` also counts proposals of lower rank. ``value``: share of the true value that the right pairs hold.
    """

    precision: Rate
    pure: Rate
    payments: Rate
    pure_recall: Rate
    payments_recall: Rate
    recall: Rate
    best_precision: Rate
    best_recall: Rate
    recall_any: Rate
    value: float
    best_value: float

    @property
    def f1(self) -> float:
        """Of the pairs matched."""
        return _f1(self.precision, self.recall)

    @property
    def best_f1(self) -> float:
        """Of the pairs matched or best proposed."""
        return _f1(self.best_precision, self.best_recall)


def _f1(precision: Rate, recall: Rate) -> float:
    # Wrong ones are those found less the hits, missed ones those true less the hits.
    return 2 * precision.hits / (precision.of + recall.of) if precision.of + recall.of else 1.0


@dataclass(frozen=True)
class Scores:
    """The score of a whole set, and of its parts by the scenario of the truth and by the rule that matched."""

    whole: Score
    by_scenario: dict[str, Score]
    by_rule: dict[str, dict[str, Rate]]
    """Per rule: the precision of the pairs ``matched`` and of the best ``proposed``."""


def score(found: pa.Table, true: pa.Table) -> Scores:
    """Hold ``found`` (schema ``FOUND``) against ``true`` (schema ``TRUE``). Rows told twice count once."""
    with _judged(found, true) as connection:
        parts = dict(_parts(connection))
        rules = connection.execute(
            """
            SELECT
                rule, status, count(*) FILTER (is_true), count(*)
            FROM judged
            WHERE is_best
            GROUP BY rule, status
            ORDER BY rule, status
            """
        ).fetchall()
    by_rule: dict[str, dict[str, Rate]] = {}
    for rule, status, hits, of in rules:
        by_rule.setdefault(rule, {})[status] = Rate(hits, of)
    whole = parts.pop(None)
    return Scores(whole, {name: parts[name] for name in sorted(filter(None, parts))}, by_rule)


@contextmanager
def _judged(found: pa.Table, true: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.register("found", found.select(FOUND.names).cast(FOUND))
        connection.register("told", true.select(TRUE.names).cast(TRUE))
        connection.execute(_JUDGED)
        yield connection


def wrong_pairs(found: pa.Table, true: pa.Table) -> pa.Table:
    """The pairs matched or best proposed that the truth does not hold; the columns of ``FOUND``, and scenario."""
    with _judged(found, true) as connection:
        return connection.sql(
            f"""
            SELECT {", ".join(FOUND.names)}, scenario FROM judged WHERE is_best AND NOT is_true
            ORDER BY status, rule, match_id, payment, document
            """
        ).to_arrow_table()


def missed_pairs(found: pa.Table, true: pa.Table) -> pa.Table:
    """The pairs of ``true`` that are not matched; the columns of ``TRUE``, and ``proposed_rank`` where proposed."""
    with _judged(found, true) as connection:
        return connection.sql(
            f"""
            SELECT {", ".join(TRUE.names)}, proposed_rank FROM sought WHERE NOT is_matched
            ORDER BY scenario, payment, document
            """
        ).to_arrow_table()


# What is matched stands before what is proposed; of proposals alike in rank the more probable one counts, and of equals
# always the same one.
_JUDGED: Final = f"""
CREATE TABLE truths AS
    SELECT payment, document, min(scenario) AS scenario, max(value) AS value FROM told GROUP BY payment, document;
CREATE TABLE scenarios AS SELECT payment, min(scenario) AS scenario FROM truths GROUP BY payment;
CREATE TABLE best AS
    SELECT payment, arg_min(match_id, (status <> 'matched', rank, -score, match_id)) AS match_id
    FROM found
    WHERE status = 'matched' OR rank = 1
    GROUP BY payment;
CREATE TABLE judged AS
    SELECT
        pairs.*,
        truths.payment IS NOT NULL AS is_true,
        pairs.status = 'matched' OR best.match_id IS NOT NULL AS is_best,
        coalesce(scenarios.scenario, '{NO_COUNTERPART}') AS scenario
    FROM (SELECT DISTINCT * FROM found) AS pairs
    LEFT JOIN truths USING (payment, document)
    LEFT JOIN best USING (payment, match_id)
    LEFT JOIN scenarios ON pairs.payment = scenarios.payment;
CREATE TABLE sought AS
    SELECT
        truths.*,
        coalesce(bool_or(judged.status = 'matched'), false) AS is_matched,
        coalesce(bool_or(judged.is_best), false) AS is_best,
        count(judged.payment) > 0 AS is_found,
        min(judged.rank) FILTER (judged.status = 'proposed') AS proposed_rank
    FROM truths
    LEFT JOIN judged USING (payment, document)
    GROUP BY ALL;
CREATE TABLE payments AS
    SELECT
        judged.payment,
        judged.scenario,
        bool_and(judged.is_true) AS is_pure,
        bool_and(judged.is_true) AND count(DISTINCT judged.document) = any_value(known.documents) AS is_right
    FROM judged
    LEFT JOIN (SELECT payment, count(*) AS documents FROM truths GROUP BY payment) AS known USING (payment)
    WHERE judged.status = 'matched'
    GROUP BY judged.payment, judged.scenario;
"""


def _parts(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str | None, Score]]:
    """The score per scenario, and that of the whole under None."""
    rows = connection.execute(
        """
        WITH
            counted AS (
                SELECT
                    scenario,
                    count(*) FILTER (status = 'matched' AND is_true) AS matched_hits,
                    count(*) FILTER (status = 'matched') AS matched,
                    count(*) FILTER (is_best AND is_true) AS best_hits,
                    count(*) FILTER (is_best) AS best
                FROM judged
                GROUP BY ROLLUP (scenario)
                UNION ALL BY NAME
                SELECT
                    scenario,
                    count(*) FILTER (is_right) AS payments_right,
                    count(*) FILTER (is_pure) AS payments_pure,
                    count(*) AS payments
                FROM payments
                GROUP BY ROLLUP (scenario)
                UNION ALL BY NAME
                SELECT
                    scenario,
                    count(*) FILTER (is_matched) AS truths_matched,
                    count(*) FILTER (is_best) AS truths_best,
                    count(*) FILTER (is_found) AS truths_found,
                    count(*) AS truths,
                    count(DISTINCT payment) AS payments_true,
                    sum(value) FILTER (is_matched) AS matched_value,
                    sum(value) FILTER (is_best) AS best_value,
                    sum(value) AS value
                FROM sought
                GROUP BY ROLLUP (scenario)
            )
        SELECT scenario, coalesce(sum(columns(* EXCLUDE (scenario))), 0) FROM counted GROUP BY scenario
        """
    )
    names = [column[0] for column in rows.description or ()]
    for scenario, *sums in rows.fetchall():
        yield scenario, _score(dict(zip(names[1:], sums, strict=True)))


def _score(counted: dict[str, float]) -> Score:
    def rate(hits: str, of: str) -> Rate:
        return Rate(int(counted[hits]), int(counted[of]))

    value = counted["value"]
    return Score(
        precision=rate("matched_hits", "matched"),
        pure=rate("payments_pure", "payments"),
        payments=rate("payments_right", "payments"),
        pure_recall=rate("payments_pure", "payments_true"),
        payments_recall=rate("payments_right", "payments_true"),
        recall=rate("truths_matched", "truths"),
        best_precision=rate("best_hits", "best"),
        best_recall=rate("truths_best", "truths"),
        recall_any=rate("truths_found", "truths"),
        value=counted["matched_value"] / value if value else 0.0,
        best_value=counted["best_value"] / value if value else 0.0,
    )
