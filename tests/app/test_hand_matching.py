"""What is offered to match by hand, and what such a match leaves over."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import get_args

from app.figures.cases import Case, cases
from app.figures.hand_matching import (
    Against,
    OpenLine,
    is_matchable,
    open_lines,
    other_sides,
    own_side,
    total,
)
from app.figures.marts import PinnedHome, rows


def first(marts: PinnedHome, side: str) -> Case:
    return next(one for one in cases(marts) if one.side == side and is_matchable(one) and one.proposals)


def test_a_bank_line_is_offered_what_its_proposal_names(marts: PinnedHome) -> None:
    case = next(one for one in cases(marts) if one.side == "bank" and one.best and one.best.documents)
    offered = {line.id for against in other_sides(case) for line in open_lines(marts, case, against)}
    assert case.best
    assert set(case.best.documents) <= offered


def test_a_line_is_among_those_of_its_own_side(marts: PinnedHome) -> None:
    for side in ("bank", "ledger"):
        case = first(marts, side)
        own = {line.id: line for line in open_lines(marts, case, own_side(case))}
        assert own[str(case.object_id)].amount == case.amount


def test_documents_are_signed_as_the_bank_signs_them(marts: PinnedHome) -> None:
    case = first(marts, "bank")
    found = {line.id: line.amount for line in open_lines(marts, case, "documents")}
    expected = {
        row["item_id"]: row["projected_open_amount"] * (1 if row["ledger_side"] == "receivable" else -1)
        for row in rows(
            marts,
            "SELECT item_id, ledger_side, projected_open_amount FROM fct_open_items "
            "WHERE company_id = $company AND projected_open_amount <> 0",
            {"company": case.company_id},
        )
    }
    assert found == expected


def test_the_nearest_amount_is_offered_first(marts: PinnedHome) -> None:
    case = first(marts, "bank")
    assert case.amount is not None
    distances = [abs(line.amount - case.amount) for line in open_lines(marts, case, "ledger")]
    assert distances == sorted(distances)


def test_a_file_cannot_be_matched(marts: PinnedHome) -> None:
    assert not [one for one in cases(marts) if one.side == "file" and is_matchable(one)]


def test_nothing_is_offered_that_is_in_another_currency(marts: PinnedHome) -> None:
    case = first(marts, "bank")
    assert case.currency_code == "EUR"
    in_dollars = replace(case, currency_code="USD")
    for against in get_args(Against):
        assert {line.currency_code for line in open_lines(marts, case, against)} == {"EUR"}
        assert not open_lines(marts, in_dollars, against)


def line(amount: str) -> OpenLine:
    return OpenLine("l1", date(2026, 6, 30), Decimal(amount), "EUR", "411000", None, None, None)


def test_sums_are_exact() -> None:
    assert str(total([line("0.10"), line("0.20"), line("-1234567890123.35")])) == "-1234567890123.05"
    assert str(total([])) == "0.00"
