"""The scorer against cases worked by hand: the benchmarks are worth what it is."""

import pyarrow as pa
import pytest

from benchmarks.matching.scoring import FOUND, NO_COUNTERPART, TRUE, Rate, missed_pairs, score, wrong_pairs


def found(*rows):
    return pa.Table.from_pylist(
        [dict(zip(FOUND.names, row, strict=True)) for row in rows],
        schema=FOUND,
    )


def true(*rows):
    return pa.Table.from_pylist(
        [dict(zip(TRUE.names, row, strict=True)) for row in rows],
        schema=TRUE,
    )


TRUTH = true(
    ("p1", "a", "plain", 100.0),
    ("p2", "b", "batch", 30.0),
    ("p2", "c", "batch", 70.0),
    ("p3", "d", "plain", 50.0),
    ("p4", "e", "plain", 250.0),
)
MATCHES = found(
    ("m1", "matched", 1, "reference", 0.99, "p1", "a"),
    # One of the two documents, and one that is another payment's.
    ("m2", "matched", 1, "combination", 0.95, "p2", "b"),
    ("m2", "matched", 1, "combination", 0.95, "p2", "e"),
    # The right one comes second.
    ("m3", "proposed", 1, "fuzzy", 0.60, "p3", "x"),
    ("m4", "proposed", 2, "fuzzy", 0.40, "p3", "d"),
    # Proposed alone, and right.
    ("m5", "proposed", 1, "amount", 0.70, "p4", "e"),
    # A payment of nothing that we know of.
    ("m6", "matched", 1, "amount", 0.90, "p9", "z"),
)


def test_what_is_matched():
    whole = score(MATCHES, TRUTH).whole
    assert whole.precision == Rate(2, 4)  # p1-a and p2-b of these, p2-e and p9-z
    assert whole.recall == Rate(2, 5)
    assert whole.payments == Rate(1, 3)  # p1 of p1, p2, p9
    assert whole.pure == Rate(1, 3)
    assert whole.payments_recall == Rate(1, 4)  # p1 of p1, p2, p3, p4
    assert whole.pure_recall == Rate(1, 4)
    assert whole.value == pytest.approx(130 / 500)
    assert whole.f1 == pytest.approx(2 * 0.5 * 0.4 / 0.9)


def test_the_best_proposal_counts_where_nothing_is_matched():
    whole = score(MATCHES, TRUTH).whole
    assert whole.best_precision == Rate(3, 6)
    assert whole.best_recall == Rate(3, 5)
    assert whole.recall_any == Rate(4, 5)
    assert whole.best_value == pytest.approx(380 / 500)
    assert whole.best_f1 == pytest.approx(2 * 0.5 * 0.6 / 1.1)


def test_a_scenario_answers_for_its_payments():
    scenarios = score(MATCHES, TRUTH).by_scenario
    assert scenarios["plain"].precision == Rate(1, 1)
    assert scenarios["plain"].recall == Rate(1, 3)
    assert scenarios["batch"].precision == Rate(1, 2)
    assert scenarios[NO_COUNTERPART].precision == Rate(0, 1)
    assert scenarios[NO_COUNTERPART].recall == Rate(0, 0)


def test_a_rule_answers_for_its_pairs():
    rules = score(MATCHES, TRUTH).by_rule
    assert rules["combination"] == {"matched": Rate(1, 2)}
    assert rules["amount"] == {"matched": Rate(0, 1), "proposed": Rate(1, 1)}
    assert rules["fuzzy"] == {"proposed": Rate(0, 1)}


def test_wrong_and_missed_pairs_are_named():
    wrong = wrong_pairs(MATCHES, TRUTH)
    assert list(zip(wrong["payment"].to_pylist(), wrong["document"].to_pylist(), strict=True)) == [
        ("p9", "z"),
        ("p2", "e"),
        ("p3", "x"),
    ]
    missed = missed_pairs(MATCHES, TRUTH)
    assert {(row["payment"], row["document"]): row["proposed_rank"] for row in missed.to_pylist()} == {
        ("p2", "c"): None,
        ("p3", "d"): 2,
        ("p4", "e"): 1,
    }


def test_a_part_of_what_is_right_is_pure_but_not_wholly_right():
    part = found(("m1", "matched", 1, "amount", 0.9, "p2", "b"))
    whole = score(part, TRUTH).whole
    assert (whole.pure, whole.payments) == (Rate(1, 1), Rate(0, 1))


def test_a_match_beside_a_proposal_is_not_counted_twice():
    both = found(
        ("m1", "matched", 1, "reference", 0.99, "p1", "a"), ("m2", "proposed", 1, "fuzzy", 0.5, "p1", "b")
    )
    whole = score(both, true(("p1", "a", "plain", 1.0))).whole
    assert whole.best_precision == Rate(1, 1)


def test_of_proposals_of_equal_rank_the_more_probable_one_counts():
    both = found(
        ("m1", "proposed", 1, "fuzzy", 0.4, "p1", "b"), ("m2", "proposed", 1, "fuzzy", 0.6, "p1", "a")
    )
    assert score(both, true(("p1", "a", "plain", 1.0))).whole.best_precision == Rate(1, 1)


def test_a_row_told_twice_counts_once():
    twice = found(*[("m1", "matched", 1, "reference", 0.99, "p1", "a")] * 2)
    whole = score(twice, true(*[("p1", "a", "plain", 1.0)] * 2)).whole
    assert (whole.precision, whole.recall) == (Rate(1, 1), Rate(1, 1))


def test_nothing_found_and_nothing_true():
    whole = score(found(), TRUTH).whole
    assert (whole.precision, whole.recall, whole.f1) == (Rate(0, 0), Rate(0, 5), 0.0)
    assert score(found(), true()).whole.f1 == 1.0


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # 1 - 0.025 ** (1 / 598): the "rule of three" of matching, by the formula for no error at all.
        (598, 598, 0.99385, 1.0),
        (0, 10, 0.0, 0.30850),
        # Clopper and Pearson's own chart, and any table of the binomial since: 8 of 10.
        (8, 10, 0.44390, 0.97479),
    ],
)
def test_intervals_are_those_of_the_tables(hits, of, low, high):
    assert Rate(hits, of).interval == pytest.approx((low, high), abs=5e-6)
