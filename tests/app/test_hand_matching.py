"""What is offered to match by hand, and what such a match leaves over."""

from decimal import Decimal

from app.figures.cases import Case, cases
from app.figures.hand_matching import is_matchable, open_lines, other_sides, own_side, total
from app.figures.marts import PinnedHome, rows


def first(marts: PinnedHome, side: str) -> Case:
    return next(one for one in cases(marts) if one.side == side and is_matchable(one) and one.proposals)


def test_a_bank_line_is_offered_what_its_proposal_names(marts: PinnedHome) -> None:
    case = first(marts, "bank")
    offered = {line.id for against in other_sides(case) for line in open_lines(marts, case, against)}
    assert case.best is None or set(case.best.documents) <= offered


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


def test_sums_are_exact(marts: PinnedHome) -> None:
    case = first(marts, "bank")
    lines = open_lines(marts, case, "documents")
    assert total(lines) == sum(line.amount for line in lines)
    assert total([]) == Decimal("0.00")
