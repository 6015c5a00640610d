"""Scores are learnt as the share of pairs that were right, and held against it."""

import csv
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from benchmarks.matching.calibration import (
    GRADED,
    PRIOR,
    SEED,
    Bin,
    bins,
    draw,
    learn,
    learnt,
    read_seed,
    rescored,
    rescored_by_others,
    write_seed,
)
from benchmarks.matching.scoring import Rate


def pairs(*rows):
    """Of each row (use, rule, band, alternatives, score, right, wrong) as many pairs, right and wrong ones."""
    return pa.Table.from_pylist(
        [
            {
                "use": use,
                "match_rule": rule,
                "evidence_band": band,
                "share": 1 / alternatives,
                "score": score,
                "is_right": is_right,
            }
            for use, rule, band, alternatives, score, right, wrong in rows
            for is_right in [True] * right + [False] * wrong
        ],
        schema=GRADED,
    )


def test_a_score_is_the_share_that_was_right_with_a_few_pairs_of_its_rule_beside():
    taught = learn(
        pairs(
            ("bank", "fuzzy", "alone", 1, 0.5, 30, 10),
            ("receipt", "fuzzy", "alone", 1, 0.5, 5, 5),
            ("bank", "run", "alone", 1, 0.5, 40, 0),
        )
    )
    band = 75 / 90
    fuzzy = (35 + PRIOR * band) / (50 + PRIOR)
    assert taught == pytest.approx(
        {
            ("any", "any", "alone"): band,
            ("any", "fuzzy", "alone"): fuzzy,
            ("any", "run", "alone"): (40 + PRIOR * band) / (40 + PRIOR),
            ("bank", "fuzzy", "alone"): (30 + PRIOR * fuzzy) / (40 + PRIOR),
            ("receipt", "fuzzy", "alone"): (5 + PRIOR * fuzzy) / (10 + PRIOR),
            ("bank", "run", "alone"): (40 + PRIOR * (40 + PRIOR * band) / (40 + PRIOR)) / (40 + PRIOR),
        }
    )


def test_equally_good_ones_share_a_score():
    # Of two equals one is right each time: as a pair each has one half, together they are certain.
    taught = learn(pairs(("bank", "fuzzy", "several", 2, 0.5, 50, 50)))
    assert taught["bank", "fuzzy", "several"] == pytest.approx(1.0)
    half = rescored(pairs(("bank", "fuzzy", "several", 2, 0.9, 1, 0)), taught)
    assert half["score"].to_pylist() == pytest.approx([0.5])


def test_a_cell_that_was_never_seen_has_the_score_of_its_rule_else_of_its_band():
    taught = learn(pairs(("bank", "fuzzy", "alone", 1, 0.5, 19, 1), ("bank", "run", "alone", 1, 0.5, 0, 20)))
    unseen = pairs(("receipt", "fuzzy", "alone", 1, 0.1, 1, 0), ("receipt", "bundle", "alone", 1, 0.1, 1, 0))
    assert rescored(unseen, taught)["score"].to_pylist() == pytest.approx(
        [(19 + PRIOR * 19 / 40) / (20 + PRIOR), 19 / 40]
    )


def test_a_band_that_no_pair_shows_keeps_the_score_in_force():
    told = learnt(pairs(("bank", "run", "alone", 1, 0.5, 3, 1)))
    assert told["any", "any", "alone"] == pytest.approx(3 / 4)
    for band in ("matched", "residual", "several", "other"):
        assert told["any", "any", band] == read_seed(SEED)["any", "any", band]


def test_each_part_is_scored_by_the_others_alone():
    never, always = (pairs(("bank", "run", "alone", 1, 0.5, *counts)) for counts in ((0, 30), (30, 0)))
    told = rescored_by_others([never, always])
    assert told["score"].to_pylist() == pytest.approx([1.0] * 30 + [0.0] * 30)
    assert told["is_right"].to_pylist() == [False] * 30 + [True] * 30


def test_the_seed_says_bands_first_and_never_that_a_rule_cannot_err(tmp_path):
    path = tmp_path / "match_calibration.csv"
    write_seed(path, {("bank", "run", "alone"): 1.0, ("any", "any", "alone"): 0.8})
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["use", "match_rule", "evidence_band", "score"],
            ["any", "any", "alone", "0.8000"],
            ["bank", "run", "alone", "0.9999"],
        ]
    assert read_seed(path) == {("any", "any", "alone"): 0.8, ("bank", "run", "alone"): 0.9999}


def test_a_bin_holds_its_lower_bound_and_the_last_one_certainty():
    table = pairs(
        ("bank", "run", "matched", 1, 1.0, 3, 0),
        ("bank", "run", "matched", 1, 0.9, 1, 0),
        ("bank", "run", "alone", 1, 0.5, 1, 1),
    )
    high, middle = bins(table, [(0.9, 1.0), (0.5, 0.9), (0.0, 0.5)])
    assert high == Bin(0.9, 1.0, pytest.approx(0.975), Rate(4, 4))
    assert middle == Bin(0.5, 0.9, pytest.approx(0.5), Rate(1, 2))


def test_the_picture_shows_a_point_per_tenth_at_its_place(tmp_path):
    path = tmp_path / "picture.svg"
    draw(
        path,
        "Score and truth",
        pairs(("bank", "run", "alone", 1, 0.5, 1, 1), ("bank", "run", "alone", 1, 0.8, 3, 1)),
    )
    circles = ElementTree.parse(path).findall(".//{http://www.w3.org/2000/svg}circle")
    assert [(one.get("cx"), one.get("cy")) for one in circles] == [("266.0", "266.0"), ("392.0", "161.0")]
