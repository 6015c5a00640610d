"""The solver by hand-worked cases: what each step matches, what it only proposes, and what would be an accident."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

import pyarrow as pa

from reconciliation.solver import DOCUMENTS, PAIRS, PAYMENTS, REJECTED, solve

FIRST_DAY = date(2025, 3, 1)
GATE = 0.02


class Payment(NamedTuple):
    """A payment: name, amount in cents, day after the first, pool and natural set."""

    name: str
    amount: int
    day: int = 10
    pool: str = "MARTIN"
    bundle: str | None = None


class Document(NamedTuple):
    """A document: the same, and the day it falls due."""

    name: str
    amount: int
    day: int = 0
    pool: str = "MARTIN"
    bundle: str | None = None
    due: int | None = None


class Pair(NamedTuple):
    """Evidence that a payment and a document belong together."""

    payment: str
    document: str
    weight: float = 0.0
    is_named: bool = False
    is_same_amount: bool = False


class Found(NamedTuple):
    """A group as a reader sees it: names of its members, payments before documents, and what was said of it."""

    payments: tuple[str, ...]
    documents: tuple[str, ...]
    rule: str
    rank: int
    alternatives: int


def solved(
    payments: Iterable[Payment],
    documents: Iterable[Document],
    pairs: Iterable[Pair] = (),
    rejected: Iterable[tuple[str, str]] = (),
    *,
    use: str = "receipt",
    gate: float = GATE,
) -> dict[str, list[Found]]:
    """The groups by status, in the order in which they come."""
    groups, members = solve(
        *tables(payments, documents, pairs, rejected, use=use),
        gate=gate,
    )
    names: dict[tuple[int, str], list[str]] = {}
    for member in members.to_pylist():
        names.setdefault((member["group_number"], member["side"]), []).append(member["object_id"])
    found: dict[str, list[Found]] = {"matched": [], "proposed": []}
    for group in groups.to_pylist():
        number = group["group_number"]
        sides = (tuple(names.get((number, side), [])) for side in ("payment", "document"))
        found[group["status"]].append(Found(*sides, group["rule"], group["rank"], group["alternatives"]))
    return found


def tables(
    payments: Iterable[Payment],
    documents: Iterable[Document],
    pairs: Iterable[Pair] = (),
    rejected: Iterable[tuple[str, str]] = (),
    *,
    use: str = "receipt",
) -> tuple[pa.Table, pa.Table, pa.Table, pa.Table]:
    payment_rows = [
        (use, row.name, row.pool, row.amount, FIRST_DAY + timedelta(days=row.day), row.bundle)
        for row in payments
    ]
    document_rows = [
        (
            *(use, row.name, row.pool, row.amount, FIRST_DAY + timedelta(days=row.day)),
            *(None if row.due is None else FIRST_DAY + timedelta(days=row.due), row.bundle),
        )
        for row in documents
    ]
    pair_rows = [(use, *pair) for pair in pairs]
    return (
        _table(payment_rows, PAYMENTS),
        _table(document_rows, DOCUMENTS),
        _table(pair_rows, PAIRS),
        _table(list(rejected), REJECTED),
    )


def _table(rows: list[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


# Combinations -------------------------------------------------------------------------------------


def test_one_payment_settles_the_documents_that_alone_add_up_to_it() -> None:
    """1,730.50 = 500.00 + 230.50 + 1,000.00; with 81.15 there is no other way."""
    documents = [
        Document("F1", 50000),
        Document("F2", 23050),
        Document("F3", 100000),
        Document("F4", 8115),
    ]
    found = solved([Payment("P1", 173050)], documents)
    assert found["matched"] == [Found(("P1",), ("F1", "F2", "F3"), "combination", 1, 0)]
    assert found["proposed"] == []


def test_several_payments_settle_one_document() -> None:
    found = solved(
        [Payment("P1", 40010), Payment("P2", 60020), Payment("P3", 7777)], [Document("F1", 100030)]
    )
    assert found["matched"] == [Found(("P1", "P2"), ("F1",), "combination", 1, 0)]


def test_a_credit_note_is_netted() -> None:
    """1,000.10 + 250.25 − 75.15 = 1,175.20."""
    documents = [Document("F1", 100010), Document("F2", 25025), Document("A1", -7515), Document("F3", 61999)]
    found = solved([Payment("P1", 117520)], documents)
    assert found["matched"] == [Found(("P1",), ("A1", "F1", "F2"), "combination", 1, 0)]


def test_two_ways_to_the_amount_are_both_proposed_and_neither_matched() -> None:
    """500 = 200 + 300 = 150 + 350, and no two of these amounts are equal."""
    documents = [Document(f"F{cents}", cents) for cents in (20000, 30000, 15000, 35000)]
    found = solved([Payment("P1", 50000)], documents)
    assert found["matched"] == []
    assert found["proposed"] == [
        Found(("P1",), ("F15000", "F35000"), "combination", 1, 1),
        Found(("P1",), ("F20000", "F30000"), "combination", 1, 1),
    ]


def test_a_document_of_the_very_amount_makes_a_sum_ambiguous() -> None:
    documents = [Document("F1", 20011), Document("F2", 30022), Document("F3", 50033)]
    found = solved([Payment("P1", 50033)], documents)
    assert found["matched"] == []
    assert {group.documents for group in found["proposed"]} == {("F1", "F2"), ("F3",)}


def test_a_sum_that_accidents_explain_is_proposed() -> None:
    """Eight documents of whole tens: sums with the same cents lie all about 380.00, so one that fits says little."""
    amounts = (1000, 2000, 4000, 8000, 16000, 32000, 64000)
    documents = [Document(f"F{cents}", cents) for cents in amounts]
    found = solved([Payment("P1", 38000)], documents)
    assert found["matched"] == []
    assert found["proposed"] == [Found(("P1",), ("F2000", "F32000", "F4000"), "combination", 1, 0)]


def test_a_sum_of_amounts_that_everybody_has_is_proposed() -> None:
    """49.90 is the price of a subscription: the one that is meant may be another than the one that is there."""
    others = [Document(f"G{number}", 4990, pool=f"party {number}") for number in range(20)]
    documents = [Document("F1", 4990), Document("F2", 23017), *others]
    found = solved([Payment("P1", 28007)], documents)
    assert found["matched"] == []
    assert found["proposed"] == [Found(("P1",), ("F1", "F2"), "combination", 1, 0)]
    rare = [Document("F1", 4991), Document("F2", 23017), *others]
    assert len(solved([Payment("P1", 28008)], rare)["matched"]) == 1


def test_two_payments_that_want_the_same_document_are_both_proposed() -> None:
    """P1 = F1 + F2, P2 = F2 + F3, and F2 is there once."""
    documents = [Document("F1", 10001), Document("F2", 20020), Document("F3", 40300)]
    found = solved([Payment("P1", 30021), Payment("P2", 60320)], documents)
    assert found["matched"] == []
    assert [group.documents for group in found["proposed"]] == [("F1", "F2"), ("F2", "F3")]
    assert {group.alternatives for group in found["proposed"]} == {1}


def test_what_is_certain_leaves_others_only_one_way() -> None:
    """P2 is F3 + F4 or F1 + F5. P1 can only be F1 + F2 + F6 … and then both want F1: nothing is certain.

    Once F5 is gone with P3 (F5 + F7), P2 can only be F3 + F4, and P1 is left alone with F1.
    """
    documents = [
        Document("F1", 10001),
        Document("F2", 20020),
        Document("F3", 35007),
        Document("F4", 14995),
        Document("F5", 40001),
        Document("F6", 300400),
        Document("F7", 905008),
    ]
    payments = [Payment("P1", 10001 + 20020 + 300400), Payment("P2", 50002)]
    assert solved(payments, documents)["matched"] == []
    found = solved([*payments, Payment("P3", 945009)], documents, gate=5)
    assert found["matched"] == []
    named = [Pair("P3", "F5", is_named=True), Pair("P3", "F7", is_named=True)]
    found = solved([*payments, Payment("P3", 945009)], documents, named)
    assert {(group.payments, group.documents) for group in found["matched"]} == {
        (("P1",), ("F1", "F2", "F6")),
        (("P2",), ("F3", "F4")),
        (("P3",), ("F5", "F7")),
    }
    assert found["proposed"] == []
