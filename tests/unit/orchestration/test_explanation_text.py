"""The decisions that an explanation offers have an effect: rows that nobody could apply are not printed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from orchestration.explanation import Explained, Line, Match, Member
from orchestration.explanation_text import decisions, evidence_told

DAY = date(2026, 3, 2)


def _member(side: str, object_id: str, *, is_line: bool = True) -> Member:
    line = Line("bank_line", object_id, "acme", DAY, Decimal("5.00"), "EUR", "512000", None, None, None)
    return Member(
        "payment" if side == "payment" else "document", object_id, Decimal("5.00"), line if is_line else None
    )


def _explained(*members: Member) -> Explained:
    match = Match(
        id="4f2a91c0",
        use="bank",
        company_id="acme",
        status="matched",
        rule="offset",
        rule_label={},
        rule_explanation={},
        score=Decimal("0.999"),
        cardinality="offset",
        payment_amount=Decimal(0),
        document_amount=Decimal(0),
        residual_amount=Decimal(0),
        residual_reason=None,
        evidence={},
        members=members,
    )
    return Explained("match", match.id, DAY, [], None, [match], [], [], [])


def _pairs(explained: Explained) -> list[tuple[str, str, str]]:
    return [(row["decision"], row["object_id"], row["counterpart_id"]) for row in decisions(explained, "en")]


def test_lines_of_one_side_that_undo_each_other_can_be_kept_apart() -> None:
    assert _pairs(_explained(_member("payment", "debit"), _member("payment", "returned"))) == [
        ("reject", "debit", "returned")
    ]


def test_what_an_account_opened_with_is_no_line_that_a_decision_can_name() -> None:
    opening = _member("document", "opening/acme/FR1", is_line=False)
    assert _pairs(_explained(_member("payment", "cheque"), opening)) == []


def test_every_member_of_a_group_is_in_a_pair() -> None:
    explained = _explained(
        _member("payment", "p1"),
        _member("payment", "p2"),
        _member("document", "d1"),
        _member("document", "d2"),
    )
    assert _pairs(explained) == [("reject", "p1", "d1"), ("reject", "p1", "d2"), ("reject", "p2", "d1")]
    [match] = explained.matches
    proposed = replace(explained, matches=[replace(match, status="proposed")])
    assert [decision for decision, *_ in _pairs(proposed)] == ["accept"] * 3 + ["reject"] * 3


def test_one_of_something_is_told_in_the_singular() -> None:
    (match,) = _explained(_member("payment", "p1")).matches
    of_one = replace(match, evidence={"words_shared": 1, "days": -1, "accidents": Decimal("0.5")})
    assert list(evidence_told(of_one, "en")) == [
        "1 word of the name is the same.",
        "1 day lies between them.",
        "By chance alone 0.5 such solutions are expected.",
    ]
    assert list(evidence_told(of_one, "fr")) == [
        "1 mot du nom est le même.",
        "1 jour les sépare.",
        "Le seul hasard donnerait 0,5 solution de ce genre.",
    ]
    of_more = replace(match, evidence={"words_shared": 2, "days": 0})
    assert list(evidence_told(of_more, "en")) == [
        "2 words of the name are the same.",
        "0 days lie between them.",
    ]
    assert list(evidence_told(of_more, "fr")) == ["2 mots du nom sont les mêmes.", "0 jour les sépare."]
