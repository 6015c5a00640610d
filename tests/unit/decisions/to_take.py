"""Decisions to take."""

from typing import Any

from decisions.decision import NewDecision


def accept(
    exception_id: str = "E1", pair: tuple[str, str] = ("bank-1", "entry-1"), **other: Any
) -> NewDecision:
    return NewDecision(
        **{
            "kind": "accept",
            "company_id": "acme",
            "exception_id": exception_id,
            "reviewer": "anne",
            "pairs": (pair,),
            **other,
        }
    )


def undo(sequence: int, reviewer: str = "anne") -> NewDecision:
    return NewDecision(kind="undo", reviewer=reviewer, payload={"sequence": sequence})
