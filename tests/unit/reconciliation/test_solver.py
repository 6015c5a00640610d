"""The solver by hand-worked cases: what each step matches, what it only proposes, and what would be an accident."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from math import log
from random import Random
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
    names_other: bool = False
    party: str | None = None


class Document(NamedTuple):
    """A document: the same, the day it falls due, and its place in the books."""

    name: str
    amount: int
    day: int = 0
    pool: str = "MARTIN"
    bundle: str | None = None
    due: int | None = None
    place: int | None = None
    not_before: int | None = None
    party: str | None = None


class Pair(NamedTuple):
    """Evidence that a payment and a document belong together."""

    payment: str
    document: str
    weight: float = -5.0
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
    payments, documents = list(payments), list(documents)
    payments_of, documents_of = (Counter(row.amount for row in rows) for rows in (payments, documents))
    payment_rows = [
        (
            *(use, row.name, row.pool, row.party, row.amount, _day(row.day), row.bundle),
            *(row.names_other, payments_of[row.amount], len(payments)),
        )
        for row in payments
    ]
    document_rows = [
        (
            *(use, row.name, row.pool, row.party, row.amount, _day(row.day)),
            *(_day(row.due), row.bundle, _day(row.not_before)),
            *(documents_of[row.amount], len(documents), row.place),
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


def _day(number: int | None) -> date | None:
    return None if number is None else FIRST_DAY + timedelta(days=number)


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


def test_a_credit_note_may_be_told_after_it_was_taken_off() -> None:
    """Paid on day 10 without what the credit note of day 20 takes back; an invoice of day 20 is not paid on day 10."""
    documents = [Document("F1", 100010), Document("F2", 25025), Document("A1", -7515, day=20)]
    for day, status in ((0, "matched"), (20, "proposed")):
        documents[1] = documents[1]._replace(day=day)
        found = solved([Payment("P1", 117520, day=10)], documents)
        assert found[status] == [Found(("P1",), ("A1", "F1", "F2"), "combination", 1, 0)]


def test_two_ways_to_the_amount_are_both_proposed_and_neither_matched() -> None:
    """500 = 200 + 300 = 150 + 350, and no two of these amounts are equal."""
    documents = [Document(f"F{cents}", cents) for cents in (20000, 30000, 15000, 35000)]
    found = solved([Payment("P1", 50000)], documents)
    assert found["matched"] == []
    assert found["proposed"] == [
        Found(("P1",), ("F15000", "F35000"), "combination", 1, 1),
        Found(("P1",), ("F20000", "F30000"), "combination", 1, 1),
    ]


def test_all_ways_are_counted_though_three_are_shown() -> None:
    """Five of ten documents of 100.00: 252 ways."""
    documents = [Document(f"F{number}", 10000) for number in range(10)]
    found = solved([Payment("P1", 50000)], documents)
    assert found["matched"] == []
    assert [(len(group.documents), group.rank, group.alternatives) for group in found["proposed"]] == [
        (5, 1, 251)
    ] * 3


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


def test_documents_a_little_greater_than_the_payment_are_accidents_too() -> None:
    """300.00 = 100.00 + 200.00, and invoices of 301.00 to 305.00 stand beside: so could one of 300.00 that is missing.
    The same with credit notes that a refund pays out."""
    for sign in (1, -1):
        documents = [
            Document(f"F{units}", sign * units * 100) for units in (100, 200, 301, 302, 303, 304, 305)
        ]
        found = solved([Payment("P1", sign * 30000)], documents)
        assert found["matched"] == []
        assert found["proposed"] == [Found(("P1",), ("F100", "F200"), "combination", 1, 0)]
        assert len(solved([Payment("P1", sign * 30000)], documents[:2])["matched"]) == 1


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


def test_documents_outside_the_window_are_no_candidates() -> None:
    """A receipt reaches documents up to 60 days younger and 400 days older than itself."""
    documents = [Document("F1", 50001), Document("F2", 23052, day=70)]
    for day, status in ((10, "proposed"), (69, "proposed"), (70, "matched"), (400, "matched")):
        found = solved([Payment("P1", 73053, day=day)], documents)
        assert found[status] == [Found(("P1",), ("F1", "F2"), "combination", 1, 0)]
    for day in (9, 401):
        assert solved([Payment("P1", 73053, day=day)], documents) == {"matched": [], "proposed": []}


def test_payments_outside_the_window_are_no_candidates() -> None:
    """Instalments come until 400 days after the document, and up to 60 days before it."""
    documents = [Document("F1", 100030)]
    for day, status in ((-60, "proposed"), (-1, "proposed"), (0, "matched"), (400, "matched")):
        payments = [Payment("P1", 40010, day=day), Payment("P2", 60020, day=100)]
        found = solved(payments, documents)
        assert found[status] == [Found(("P1", "P2"), ("F1",), "combination", 1, 0)]
    for day in (-61, 401):
        payments = [Payment("P1", 40010, day=day), Payment("P2", 60020, day=100)]
        assert solved(payments, documents) == {"matched": [], "proposed": []}


def test_what_another_party_paid_is_no_part_of_a_line_of_the_books() -> None:
    documents = [Document("L1", 73053, party="MARTIN")]
    for party, status in (("MARTIN", "matched"), (None, "matched"), ("DURAND", "proposed")):
        payments = [Payment("B1", 50001, party="MARTIN"), Payment("B2", 23052, party=party)]
        found = solved(payments, documents, use="bank")
        assert found[status] == [Found(("B1", "B2"), ("L1",), "combination", 1, 0)]


def test_the_books_may_hold_a_movement_before_the_bank_does_or_after() -> None:
    documents = [Document("L1", 50001, day=9), Document("L2", 23052, day=11)]
    found = solved([Payment("B1", 73053, day=10)], documents, use="bank")
    assert found["matched"] == [Found(("B1",), ("L1", "L2"), "combination", 1, 0)]


def test_the_documents_of_another_pool_are_no_candidates() -> None:
    documents = [Document("F1", 50001), Document("F2", 23052, pool="DURAND")]
    assert solved([Payment("P1", 73053)], documents) == {"matched": [], "proposed": []}


def test_a_payment_of_which_two_pools_could_be_the_payer_is_proposed_in_both() -> None:
    """An IBAN that two customers share: the same 730.53 is open on either account."""
    documents = [
        *(Document("F1", 50001), Document("F2", 23052)),
        *(Document("G1", 40003, pool="DURAND"), Document("G2", 33050, pool="DURAND")),
    ]
    payments = [Payment("P1", 73053), Payment("P1", 73053, pool="DURAND")]
    found = solved(payments, documents)
    assert found["matched"] == []
    assert [group.documents for group in found["proposed"]] == [("F1", "F2"), ("G1", "G2")]
    assert len(solved(payments, documents[:3])["matched"]) == 1


def test_a_sum_without_a_document_that_the_payment_names_is_proposed() -> None:
    """The payment says F3, so F1 + F2 is an accident, however well it fits; also where another payment has settled
    F3, here or before."""
    documents = [Document("F1", 50001), Document("F2", 23052), Document("F3", 81234)]
    naming = [Pair("P1", "F3", is_named=True)]
    found = solved([Payment("P1", 73053)], documents, naming)
    assert found["matched"] == []
    assert found["proposed"][0].documents == ("F1", "F2")
    others = [Payment("P1", 73053), Payment("P2", 81234)]
    evidence = [*naming, Pair("P2", "F3", weight=12.0, is_same_amount=True)]
    for found in (
        solved(others, documents, evidence),
        solved([Payment("P1", 73053, names_other=True)], documents[:2]),
    ):
        assert ("P1",) not in [group.payments for group in found["matched"]]
        assert Found(("P1",), ("F1", "F2"), "combination", 1, 0) in found["proposed"]
    assert solved([Payment("P1", 73053)], documents[:2])["matched"][0].documents == ("F1", "F2")


def test_money_that_went_back_is_not_settled_by_what_came_before_it() -> None:
    """120.05 paid on day 10, F1 of 80.00 and 40.05 that went back on day 12 are no sum; one if it was on day 8."""
    for went_back, matched in ((12, []), (8, [Found(("P1",), ("F1", "R1"), "combination", 1, 0)])):
        documents = [Document("F1", 8000), Document("R1", 4005, went_back, not_before=went_back + 1)]
        found = solved([Payment("P1", 12005, 10)], documents)
        assert found["matched"] == matched
        assert found["proposed"] == []
    slip = [Document("R1", 4005, 12, bundle="S", not_before=13), Document("R2", 8000, 12, bundle="S")]
    assert solved([Payment("P1", 12005, 12)], slip) == {"matched": [], "proposed": []}
    assert len(solved([Payment("P1", 12005, 13)], slip)["matched"]) == 1


# Documents that the payment names -----------------------------------------------------------------


def test_the_named_documents_that_add_up_are_matched_and_the_others_left() -> None:
    """The text says F1, F2 and F3; 730.53 is F1 + F2. What else is in the pool does not matter."""
    documents = [
        *(Document("F1", 50001), Document("F2", 23052), Document("F3", 81234)),
        *(Document("G1", 40003), Document("G2", 33050)),
    ]
    named = [Pair("P1", name, is_named=True) for name in ("F1", "F2", "F3")]
    found = solved([Payment("P1", 73053)], documents, named)
    assert found["matched"] == [Found(("P1",), ("F1", "F2"), "reference_combination", 1, 0)]


def test_a_credit_note_joins_the_named_documents() -> None:
    documents = [Document("F1", 50001), Document("F2", 23052), Document("A1", -7007), Document("G1", 66046)]
    named = [Pair("P1", name, is_named=True) for name in ("F1", "F2")]
    found = solved([Payment("P1", 66046)], documents, named)
    assert found["matched"] == [Found(("P1",), ("A1", "F1", "F2"), "reference_combination", 1, 0)]


def test_what_a_payment_names_is_not_there_by_accident() -> None:
    """49.90 is everybody's price; the text says which one is meant. The credit note could be anybody's."""
    others = [Document(f"G{number}", 4990, pool=f"party {number}") for number in range(20)]
    documents = [Document("F1", 4990), Document("F2", 23017), Document("A1", -777), *others]
    named = [Pair("P1", name, is_named=True) for name in ("F1", "F2")]
    found = solved([Payment("P1", 28007)], documents, named)
    assert found["matched"] == [Found(("P1",), ("F1", "F2"), "reference_combination", 1, 0)]
    credits = [row._replace(amount=-777) for row in others]
    found = solved([Payment("P1", 27230)], [*documents[:3], *credits], named)
    assert found["matched"] == []
    assert found["proposed"][0] == Found(("P1",), ("A1", "F1", "F2"), "reference_combination", 1, 0)


def test_credit_notes_alone_are_not_what_the_payment_names() -> None:
    """A refund of the credit note's amount, with a text that names two invoices."""
    documents = [Document("F1", 50001), Document("F2", 23052), Document("A1", -7007)]
    named = [Pair("P1", name, is_named=True) for name in ("F1", "F2")]
    found = solved([Payment("P1", -7007)], documents, named)
    assert found["matched"] == []
    assert [(group.rule, group.documents) for group in found["proposed"]] == [("combination", ("A1",))]


def test_named_documents_that_add_up_in_two_ways_are_proposed() -> None:
    """F1 + F2 = F3 + F4, and all four are named."""
    documents = [Document("F1", 50001), Document("F2", 23052), Document("F3", 40003), Document("F4", 33050)]
    named = [Pair("P1", document.name, is_named=True) for document in documents]
    found = solved([Payment("P1", 73053)], documents, named)
    assert found["matched"] == []
    assert [group.alternatives for group in found["proposed"]] == [1, 1]


def test_two_payments_that_name_the_same_documents_are_proposed() -> None:
    """One of the two is told twice; the books cannot say which."""
    documents = [Document("F1", 50001), Document("F2", 23052)]
    named = [Pair(payment, name, is_named=True) for payment in ("P1", "P2") for name in ("F1", "F2")]
    found = solved([Payment("P1", 73053), Payment("P2", 73053)], documents, named)
    assert found["matched"] == []
    assert {group.payments for group in found["proposed"]} == {("P1",), ("P2",)}


# Natural sets -------------------------------------------------------------------------------------


def _many(pool: str = "512", count: int = 40) -> list[Document]:
    """Documents of other amounts, too many for every combination to be searched."""
    return [Document(f"X{number}", 1_000_003 + 10_007 * number, pool=pool) for number in range(count)]


def test_a_deposit_is_the_cheques_of_its_slip() -> None:
    slip = [Document(f"C{cents}", cents, pool="512", bundle="slip 7") for cents in (50000, 23050, 100000)]
    found = solved([Payment("B1", 173050, pool="512")], [*slip, *_many()], use="bank")
    assert found["matched"] == [Found(("B1",), ("C100000", "C23050", "C50000"), "bundle", 1, 0)]


def test_two_slips_of_one_total_are_proposed() -> None:
    slips = [
        Document(f"{slip}{cents}", cents, pool="512", bundle=slip)
        for slip, amounts in (("S", (50000, 23050)), ("T", (41000, 32050)))
        for cents in amounts
    ]
    found = solved([Payment("B1", 73050, pool="512")], [*slips, *_many()], use="bank")
    assert found["matched"] == []
    assert [(group.rule, group.alternatives) for group in found["proposed"]] == [("bundle", 1)] * 2


def test_a_single_line_of_the_same_amount_makes_a_slip_ambiguous() -> None:
    slip = [Document("C1", 50000, pool="512", bundle="S"), Document("C2", 23050, pool="512", bundle="S")]
    found = solved(
        [Payment("B1", 73050, pool="512")], [*slip, Document("D1", 73050, pool="512"), *_many()], use="bank"
    )
    assert found["matched"] == []


def test_of_several_slips_of_one_day_each_is_what_was_booked_one_after_the_other() -> None:
    """Two deposits of one day: the first two cheques, and the next three. In no other order do they add up."""
    cheques = [
        Document(f"C{number}", cents, pool="512", bundle="2025-03-01 Remise de", place=10 - number)
        for number, cents in enumerate((69162, 141878, 36728, 27649, 59547))
    ]
    others = [Document(f"O{number}", 7013 + 211 * number, pool="512") for number in range(40)]
    slips = [Payment("B1", 69162 + 141878, pool="512"), Payment("B2", 36728 + 27649 + 59547, pool="512")]
    found = solved(slips, [*cheques, *others], use="bank")
    assert [(group.payments, group.documents, group.rule) for group in found["matched"]] == [
        (("B1",), ("C0", "C1"), "bundle"),
        (("B2",), ("C2", "C3", "C4"), "bundle"),
    ]
    apart = [cheques[0], cheques[1]._replace(place=0), *cheques[2:]]
    found = solved(slips, [*apart, *others], use="bank")
    assert [group.payments for group in found["matched"]] == [("B2",)]


def test_payments_that_follow_one_another_are_no_run() -> None:
    """Two transfers of two customers are what a cheque is worth, by accident."""
    transfers = [
        Payment(f"B{number:02}", cents, day=number, pool="512")
        for number, cents in enumerate((18037, 26801, *(7013 + 211 * number for number in range(30))))
    ]
    assert solved(transfers, [Document("C1", 18037 + 26801, day=1, pool="512")])["matched"] == []


def test_documents_that_follow_one_another_are_paid_together_but_not_by_a_bank_line() -> None:
    amounts = (18037, 26801, *(7013 + 211 * number for number in range(30)))
    documents = [Document(f"D{number:02}", cents, due=number) for number, cents in enumerate(amounts)]
    payment = Payment("P1", 18037 + 26801)
    assert solved([payment], documents)["matched"] == [Found(("P1",), ("D00", "D01"), "run", 1, 0)]
    assert solved([payment], documents, use="bank")["matched"] == []


def test_the_details_of_a_batch_are_one_entry_and_a_batch_may_be_another_batch() -> None:
    """The second is proposed: of many with many nobody knows which belongs to which."""
    batch = [Payment(f"B{cents}", cents, pool="512", bundle="batch 1") for cents in (12345, 67890, 11111)]
    found = solved(batch, [Document("E1", 91346, pool="512"), *_many()], use="bank")
    assert found["matched"] == [Found(("B11111", "B12345", "B67890"), ("E1",), "bundle", 1, 0)]
    entry = [Document("E1", 81346, pool="512", bundle="E"), Document("E2", 10000, pool="512", bundle="E")]
    found = solved(batch, [*entry, *_many()], use="bank")
    assert found["matched"] == []
    assert found["proposed"][0] == Found(("B11111", "B12345", "B67890"), ("E1", "E2"), "bundle", 1, 0)


def test_a_set_that_is_partly_outside_the_window_is_none() -> None:
    slip = [Document("C1", 50000, pool="512", bundle="S"), Document("C2", 23050, 71, "512", "S")]
    documents = [*slip, *_many()]
    assert solved([Payment("B1", 73050, 60, "512")], documents, use="bank")["matched"] == []
    documents[1] = slip[1]._replace(day=70)
    assert len(solved([Payment("B1", 73050, 60, "512")], documents, use="bank")["matched"]) == 1
    assert solved([Payment("B1", 73050, 61, "512")], documents, use="bank")["matched"] == []


def test_a_set_among_others_of_nearly_its_total_is_proposed() -> None:
    """The bank counted 730.50; slips of 731.50, 732.50 and 733.50 lie beside: another may be missing. So do, with other
    cents, 257 cheques of 730.51 to 733.09: one of the very cents may be."""
    slips = [
        Document(f"{slip}{cents}", cents, pool="512", bundle=slip)
        for slip, total in (("S", 73050), ("T", 73150), ("U", 73250), ("V", 73350))
        for cents in (50001, total - 50001)
    ]
    payment = Payment("B1", 73050, pool="512")
    assert len(solved([payment], [*slips[:4], *_many()], use="bank")["matched"]) == 1
    of_other_cents = [Document(f"Y{cents}", 73050 + cents, pool="512") for cents in range(260) if cents % 100]
    for crowd in (slips, slips[:2] + of_other_cents):
        found = solved([payment], [*crowd, *_many()], use="bank")
        assert found["matched"] == []
        assert found["proposed"][0].rule == "bundle"


def test_a_set_whose_total_everybody_has_is_proposed() -> None:
    """Slips of 73.05 come every day somewhere: this one may be another than the one that is meant."""
    others = [
        Document(f"{pool}{cents}", cents, pool=pool, bundle="S")
        for pool in ("A", "B", "C")
        for cents in (5000, 2305)
    ]
    slip = [Document("C1", 5001, pool="512", bundle="S"), Document("C2", 2304, 5, pool="512", bundle="S")]
    small = [Document(f"Y{number}", 4000 + 7 * number, 2, pool="512") for number in range(30)]
    payments = [Payment("B1", 7305, pool="512"), *(Payment(f"Z{pool}", 1, pool=pool) for pool in "ABC")]
    found = solved(payments, [*slip, *small], use="bank")
    assert found["matched"] == [Found(("B1",), ("C1", "C2"), "bundle", 1, 0)]
    found = solved(payments, [*slip, *small, *others], use="bank")
    assert found["matched"] == []
    assert found["proposed"] == [Found(("B1",), ("C1", "C2"), "bundle", 1, 0)]


# Large pools --------------------------------------------------------------------------------------


def _ledger(count: int = 30, seed: int = 5) -> list[Document]:
    """Documents of one customer, three a month, each due in the order of its number."""
    draw = Random(seed)
    return [
        Document(f"F{number:02}", draw.randrange(20_000, 900_000), day=number * 10, due=number * 10 + 30)
        for number in range(count)
    ]


def test_in_a_large_pool_an_unbroken_run_is_matched() -> None:
    documents = _ledger()
    paid = documents[5:9]
    found = solved([Payment("P1", sum(row.amount for row in paid), day=300)], documents)
    assert found["matched"] == [Found(("P1",), ("F05", "F06", "F07", "F08"), "run", 1, 0)]


def test_runs_go_by_due_date() -> None:
    """Entered in order of number, F05 and F20 fall due one after the other."""
    documents = _ledger()
    documents[20] = documents[20]._replace(due=documents[5].due)
    paid = documents[5].amount + documents[20].amount
    assert len(solved([Payment("P1", paid, day=300)], documents)["matched"]) == 1
    documents[20] = documents[20]._replace(due=230)
    assert solved([Payment("P1", paid, day=300)], documents) == {"matched": [], "proposed": []}


def test_in_a_large_pool_a_calendar_month_is_matched() -> None:
    """Three documents of June, between which others fall due."""
    documents = [row._replace(due=(7 * number) % 31 + 300) for number, row in enumerate(_ledger())]
    month = [row for row in documents if (FIRST_DAY + timedelta(days=row.day)).month == 6]
    assert len(month) == 3
    found = solved([Payment("P1", sum(row.amount for row in month), day=300)], documents)
    assert found["matched"] == [Found(("P1",), tuple(row.name for row in month), "run", 1, 0)]


def test_a_pool_says_how_many_were_searched() -> None:
    documents = _ledger()
    groups, _ = solve(*tables([Payment("P1", documents[0].amount, day=300)], documents), gate=GATE)
    assert groups["pool_size"].to_pylist() == [
        sum(row.amount <= documents[0].amount + 5000 for row in documents)
    ]


# Pairs --------------------------------------------------------------------------------------------


SURE = 8.0


def test_a_pair_of_overwhelming_evidence_is_matched() -> None:
    """Weight 6.9 is 999 to 1."""
    for weight, status in ((log(999) + 0.01, "matched"), (log(999) - 0.01, "proposed")):
        pair = Pair("P1", "F1", weight, is_same_amount=True)
        found = solved([Payment("P1", 50001)], [Document("F1", 50001)], [pair])
        assert [group.rule for group in found[status]] == ["fuzzy"]


def test_a_pair_that_another_comes_near_is_proposed() -> None:
    """The margin is 4.6, 99 to 1."""
    for other, status in ((SURE + 3 - log(99) - 0.01, "matched"), (SURE + 3 - log(99) + 0.01, "proposed")):
        pairs = [
            Pair("P1", "F1", SURE + 3, is_same_amount=True),
            Pair("P1", "F2", other, is_same_amount=True),
        ]
        found = solved([Payment("P1", 50001)], [Document("F1", 50001), Document("F2", 50001)], pairs)
        assert found[status][0] == Found(("P1",), ("F1",), "fuzzy", 1, 0)


def test_a_pair_whose_amounts_differ_without_a_name_is_proposed() -> None:
    """Nothing says where the 60 went."""
    found = solved([Payment("P1", 94000)], [Document("F1", 100000)], [Pair("P1", "F1", 12.0)])
    assert found == {"matched": [], "proposed": [Found(("P1",), ("F1",), "fuzzy", 1, 0)]}


def test_a_pair_is_proposed_where_the_payment_names_another_document() -> None:
    documents = [Document("F1", 50001), Document("F2", 60000)]
    pairs = [Pair("P1", "F1", 12.0, is_same_amount=True), Pair("P1", "F2", 1.0, is_named=True)]
    found = solved([Payment("P1", 50001)], documents, pairs)
    assert found["matched"] == []
    assert [group.documents for group in found["proposed"]] == [("F1",), ("F2",)]


def test_what_reaches_the_amount_is_proposed_before_what_does_not() -> None:
    """However likely it is that the payment has to do with the others."""
    documents = [Document(f"F{number}", 70001 + 1000 * number) for number in range(3)]
    pairs = [Pair("P1", f"F{number}", 5.0) for number in range(3)]
    exact = Pair("P1", "G1", 0.0, is_same_amount=True)
    found = solved([Payment("P1", 50001)], [*documents, Document("G1", 50001)], [*pairs, exact])
    assert [(group.documents, group.rank) for group in found["proposed"]] == [
        (("F0",), 2),
        (("F1",), 2),
        (("G1",), 1),
    ]


def test_two_of_the_same_are_both_proposed() -> None:
    """Two customers each owe 500.00, and a transfer of 500.00 says nothing of who paid."""
    payments = [Payment("P1", 50000, pool="none")]
    documents = [Document("F1", 50000, pool="A"), Document("G1", 50000, pool="B")]
    pairs = [Pair("P1", name, SURE, is_same_amount=True) for name in ("F1", "G1")]
    found = solved(payments, documents, pairs)
    assert found["matched"] == []
    assert found["proposed"] == [
        Found(("P1",), ("F1",), "fuzzy", 1, 1),
        Found(("P1",), ("G1",), "fuzzy", 1, 1),
    ]


def test_at_most_three_proposals_the_likeliest_first() -> None:
    documents = [Document(f"F{number}", 70001 + 1000 * number) for number in range(5)]
    pairs = [Pair("P1", f"F{number}", 3.0 - number / 2) for number in range(5)]
    found = solved([Payment("P1", 50001)], documents, pairs)
    assert [(group.documents, group.rank) for group in found["proposed"]] == [
        (("F0",), 1),
        (("F1",), 2),
        (("F2",), 3),
    ]


def test_a_pair_is_proposed_before_sums_that_say_nothing() -> None:
    """500.00 is five of ten invoices of 100.00 in 252 ways; an invoice of 510.00 is likelier than any of them."""
    documents = [Document(f"F{number}", 10000) for number in range(10)]
    found = solved([Payment("P1", 50000)], [*documents, Document("G1", 51000)], [Pair("P1", "G1", 1.0)])
    assert [(group.documents, group.rank) for group in found["proposed"] if group.rank == 1] == [(("G1",), 1)]


def test_of_two_sums_the_one_of_fewer_documents_comes_first() -> None:
    documents = [Document(f"F{cents}", cents) for cents in (50001, 23052, 10007, 40003, 23043)]
    found = solved([Payment("P1", 73053)], documents)
    assert [(group.documents, group.rank) for group in found["proposed"]] == [
        (("F10007", "F23043", "F40003"), 2),
        (("F23052", "F50001"), 1),
    ]


def test_what_was_there_when_it_was_paid_is_proposed_first() -> None:
    """The same 730.53 twice: F1 with F2, and F3 with F4, which came after the payment."""
    documents = [Document("F1", 50001), Document("F2", 23052)]
    later = [Document("F3", 40003, day=30), Document("F4", 33050, day=30)]
    (first, second) = solved([Payment("P1", 73053, day=20)], [*later, *documents])["proposed"]
    assert (first.documents, first.rank, second.documents, second.rank) == (("F1", "F2"), 1, ("F3", "F4"), 2)


def test_what_is_right_in_less_than_one_of_ten_is_not_proposed() -> None:
    documents = [Document("F1", 70001), Document("F2", 80001)]
    pairs = [Pair("P1", "F1", -log(9) - 0.01), Pair("P1", "F2", -log(9) + 0.01)]
    assert [group.documents for group in solved([Payment("P1", 50001)], documents, pairs)["proposed"]] == [
        ("F2",)
    ]


def test_what_pairs_take_leaves_a_sum_alone() -> None:
    """P1 is F1 + F2 or F3 + F4; F3 is P2's beyond doubt."""
    documents = [Document("F1", 50001), Document("F2", 23052), Document("F3", 40003), Document("F4", 33050)]
    payments = [Payment("P1", 73053), Payment("P2", 40003)]
    assert solved(payments, documents)["matched"] == []
    found = solved(payments, documents, [Pair("P2", "F3", SURE, is_same_amount=True)])
    assert {(group.payments, group.documents) for group in found["matched"]} == {
        (("P1",), ("F1", "F2")),
        (("P2",), ("F3",)),
    }


# Decisions, and what holds of any answer ----------------------------------------------------------


def test_a_rejected_pair_is_in_no_group() -> None:
    documents = [Document("F1", 50001), Document("F2", 23052), Document("F3", 40003), Document("F4", 33050)]
    named = [Pair("P1", name, 9.0, is_named=True) for name in ("F1", "F2")]
    found = solved([Payment("P1", 73053)], documents, named, [("P1", "F2")])
    assert found["matched"] == [] or found["matched"][0].documents == ("F3", "F4")
    assert all("F2" not in group.documents for group in found["proposed"])
    slip = [row._replace(bundle="S") for row in documents[:2]]
    found = solved([Payment("P1", 73053)], [*slip, *_many("MARTIN")], rejected=[("P1", "F2")])
    assert found == {"matched": [], "proposed": []}


def test_what_is_rejected_stands_in_nobodys_way() -> None:
    """P1 is F1 + F2, or F3 less a credit note that a reviewer parted from it."""
    documents = [Document("F1", 50001), Document("F2", 23052), Document("F3", 80060), Document("A1", -7007)]
    assert solved([Payment("P1", 73053)], documents)["matched"] == []
    found = solved([Payment("P1", 73053)], documents, rejected=[("A1", "F3")])
    assert found["matched"] == [Found(("P1",), ("F1", "F2"), "combination", 1, 0)]


def test_a_rejected_pair_is_in_no_group_on_the_same_side_either() -> None:
    """A credit note that a reviewer parted from F1 is not netted against it within another payment."""
    payments = [Payment("P1", 42994), Payment("A1", 7007)]
    documents = [Document("F1", 50001), Document("A1", -7007), Document("F2", 91919)]
    assert len(solved(payments, documents, use="lettering")["matched"]) == 1
    assert solved(payments, documents, use="lettering", rejected=[("A1", "F1")])["matched"] == []


def test_a_credit_note_is_consumed_once() -> None:
    """A1 could be netted in P1's sum, or be paid out by itself against F3 and F4."""
    payments = [Payment("P1", 42994), Payment("A1", 7007)]
    documents = [Document("F1", 50001), Document("A1", -7007), Document("F3", 3003), Document("F4", 4004)]
    found = solved(payments, documents, use="lettering")
    assert found["matched"] == []
    assert {group.payments + group.documents for group in found["proposed"]} >= {
        ("P1", "A1", "F1"),
        ("A1", "F3", "F4"),
    }


def test_uses_do_not_meet() -> None:
    """The same ids and pools in two uses are two problems."""
    payments, documents = [Payment("P1", 73053)], [Document("F1", 50001), Document("F2", 23052)]
    both = [
        pa.concat_tables(pair)
        for pair in zip(
            tables(payments, documents), tables(payments, documents, use="lettering"), strict=True
        )
    ]
    groups, members = solve(both[0], both[1], both[2], both[3], gate=GATE)
    assert groups["use"].to_pylist() == ["lettering", "receipt"]
    assert groups["group_number"].to_pylist() == [0, 1]
    assert members["group_number"].to_pylist() == [0, 0, 0, 1, 1, 1]


def test_members_have_their_whole_amounts() -> None:
    documents = [Document("F1", 50001), Document("A1", -7007)]
    _, members = solve(*tables([Payment("P1", 42994)], documents), gate=GATE)
    assert [tuple(row.values()) for row in members.to_pylist()] == [
        (0, "payment", "P1", 42994),
        (0, "document", "A1", -7007),
        (0, "document", "F1", 50001),
    ]


def test_nothing_to_solve() -> None:
    assert solved([], []) == {"matched": [], "proposed": []}
    assert solved([Payment("P1", 100)], []) == {"matched": [], "proposed": []}
    assert solved([], [Document("F1", 100)], [Pair("P1", "F1", 9.0)]) == {"matched": [], "proposed": []}
    zeros = [Document("F1", 0), Document("F2", 100), Document("F3", 0)]
    assert [group.documents for group in solved([Payment("P1", 100)], zeros)["proposed"]] == [("F2",)]


def test_a_pair_of_opposite_signs_settles_nothing() -> None:
    """Money in against a credit note that it names, and a payment sent back against money in."""
    likely = [Pair("P1", "A1", weight=9.0), Pair("P2", "F1", weight=9.0)]
    found = solved(
        [Payment("P1", 40527), Payment("P2", -9903)], [Document("A1", -117722), Document("F1", 5005)], likely
    )
    assert found == {"matched": [], "proposed": []}
