"""What holds of any answer of the solver: random problems, and the truth taken away."""

from collections import Counter
from itertools import combinations
from math import comb
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation.solver import solve
from tests.unit.reconciliation.test_solver import GATE, Document, Pair, Payment, solved, tables

Problem = tuple[list[Payment], list[Document], list[Pair], list[tuple[str, str]]]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """A few pools of few amounts, so that sums coincide; ids are shared by the two sides now and then."""
    random = Random(draw(st.integers(0, 1 << 32)))
    pools = ["A", "B", "C"][: random.randint(1, 3)]
    step = random.choice([37, 100, 1000])
    documents = [
        Document(
            f"D{number:02}",
            random.choice([1, 1, 1, -1]) * random.randint(1, 40) * step,
            random.randint(0, 80),
            random.choice(pools),
            random.choice([None, None, "S", "T"]),
            random.choice([None, random.randint(10, 60)]),
        )
        for number in range(random.randint(1, 32))
    ]
    payments = []
    for number in range(random.randint(1, 8)):
        pool = random.choice(pools)
        own = [row.amount for row in documents if row.pool == pool]
        amount = sum(random.sample(own, min(len(own), random.randint(1, 4)))) or 5
        payments.append(
            Payment(f"P{number}", amount, random.randint(0, 90), pool, random.choice([None, None, "U"]))
        )
    payments += [
        Payment(row.name, -row.amount, row.day, row.pool)
        for row in documents
        if row.amount < 0 and random.random() < 0.3
    ]
    pairs = [
        Pair(
            payment.name,
            document.name,
            random.choice([-6.0, -1.0, 0.5, 7.5, 8.0, 12.0]),
            random.random() < 0.2,
            payment.amount == document.amount,
        )
        for payment in payments
        for document in documents
        if random.random() < 0.15
    ]
    rejected = [
        (random.choice(payments).name, random.choice(documents).name) for _ in range(random.randint(0, 4))
    ]
    return payments, documents, pairs, rejected


@given(problems(), st.sampled_from([0.0, GATE, 0.5, 100.0]), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_the_rows_changes_nothing(problem: Problem, gate: float, random: Random) -> None:
    shuffled = [random.sample(rows, len(rows)) for rows in problem]
    one = solve(*tables(*problem, use="lettering"), gate=gate)
    other = solve(*tables(*shuffled, use="lettering"), gate=gate)
    assert one[0].equals(other[0])
    assert one[1].equals(other[1])


@given(problems(), st.sampled_from([0.0, GATE, 0.5, 100.0]))
@settings(max_examples=150, deadline=None)
def test_nothing_is_consumed_twice_and_nobody_is_overruled(problem: Problem, gate: float) -> None:
    payments, documents, pairs, rejected = problem
    found = solved(*problem, use="lettering", gate=gate)
    taken = [name for group in found["matched"] for name in group.payments + group.documents]
    assert len(taken) == len(set(taken))
    amount_of = {
        "payment": {row.name: row.amount for row in payments},
        "document": {row.name: row.amount for row in documents},
    }
    exact = {(pair.payment, pair.document) for pair in pairs if pair.is_same_amount}
    proposed_for: Counter[str] = Counter()
    for status, groups in found.items():
        for group in groups:
            held = group.payments + group.documents
            assert not any(one in held and other in held for one, other in rejected if one != other)
            paid = sum(amount_of["payment"][name] for name in group.payments)
            owed = sum(amount_of["document"][name] for name in group.documents)
            if group.rule == "fuzzy":
                assert status == "proposed" or (group.payments[0], group.documents[0]) in exact
            else:
                assert paid == owed
            if status == "matched":
                assert (group.rank, group.alternatives) == (1, 0)
            else:
                assert not set(group.payments + group.documents) & set(taken)
                assert 1 <= group.rank <= 3
                if len(group.payments) == 1:
                    proposed_for[group.payments[0]] += 1
    assert all(count <= 3 for count in proposed_for.values())


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=9),
    st.integers(0, 511),
    st.sampled_from([1, 25, 99, 100]),
    st.sampled_from([0.005, GATE, 0.3]),
)
@settings(max_examples=200, deadline=None)
def test_a_sum_is_matched_exactly_where_the_definition_says(
    steps: list[int], subset: int, step: int, gate: float
) -> None:
    """One payment and one pool: matched if one combination reaches it and accidents are below the gate."""
    documents = [Document(f"D{number}", amount * step) for number, amount in enumerate(steps)]
    target = sum(row.amount for number, row in enumerate(documents) if subset >> number & 1) or step
    sets = [chosen for size in range(1, len(documents) + 1) for chosen in combinations(documents, size)]
    reaching = [chosen for chosen in sets if sum(row.amount for row in chosen) == target]
    found = solved([Payment("P1", target)], documents, gate=gate)
    expected: list[Any] = []
    if len(reaching) == 1 and len(reaching[0]) > 1 and _accidents(reaching[0], documents, sets) < gate:
        expected = [tuple(row.name for row in reaching[0])]
    assert [group.documents for group in found["matched"]] == expected
    if not expected:
        assert {group.documents for group in found["proposed"]} <= {
            tuple(row.name for row in chosen) for chosen in reaching
        }
        assert len(found["proposed"]) == min(len(reaching), 3)
        assert {group.alternatives for group in found["proposed"]} <= {len(reaching) - 1}


def _accidents(
    chosen: tuple[Document, ...], documents: list[Document], sets: list[tuple[Document, ...]]
) -> float:
    """How many combinations would reach the amount by accident, told slowly."""
    target = sum(row.amount for row in chosen)
    candidates = [row for row in documents if row.amount <= target + 5000]

    def plausible(size: int) -> float:
        return 1 / (size * (size + 1) * comb(len(candidates), size))

    totals = [
        (sum(row.amount for row in neighbour), len(neighbour))
        for neighbour in sets
        if all(row in candidates for row in neighbour)
    ]
    near = max(
        sum(
            plausible(size)
            for total, size in totals
            if total != target and abs(total - target) <= 5000 and (total - target) % cents == 0
        )
        / (100 // cents)
        for cents in (100, 1)
    )
    equal = Counter(row.amount for row in documents)
    twins = sum((equal[row.amount] - 1) / max(len(documents) - 1, 1) for row in chosen)
    return near / plausible(len(chosen)) / 100 + len(documents) * twins


def _parties(seed: int, coin: int, most: int) -> tuple[list[Payment], list[Document], dict[str, list[str]]]:
    """300 customers, each with less than ``most`` open documents, two to four of which a transfer pays; amounts are
    multiples of ``coin`` cents. With the documents of each transfer."""
    random = Random(seed)
    payments, documents, truth = [], [], {}
    for number in range(300):
        pool = f"party {number}"
        own = [
            Document(f"{pool}/{row}", round(random.lognormvariate(6, 1.2) * 100 / coin) * coin, 0, pool)
            for row in range(random.randrange(most // 2, most))
        ]
        paid = random.sample(own, random.randrange(2, 5))
        payments.append(Payment(f"{pool}/P", sum(row.amount for row in paid), 70, pool))
        documents += own
        truth[f"{pool}/P"] = sorted(row.name for row in paid)
    return payments, documents, truth


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_a_true_document_is_missing_accidents_stay_below_the_gate(seed: int) -> None:
    """Round amounts make accidental sums. With the truth there, every match is right; with one document of each
    transfer taken away, the gate holds, and it is the gate that does it."""
    payments, documents, truth = _parties(seed, coin=10, most=18)
    found = solved(payments, documents)["matched"]
    assert len(found) > 120
    assert all(list(group.documents) == truth[group.payments[0]] for group in found)

    random = Random(seed)
    hidden = {random.choice(names) for names in truth.values()}
    left = [row for row in documents if row.name not in hidden]
    assert len(solved(payments, left)["matched"]) < GATE * len(payments)
    assert len(solved(payments, left, gate=1000)["matched"]) > 2 * GATE * len(payments)


def test_where_amounts_are_odd_nothing_takes_the_place_of_the_missing_document() -> None:
    payments, documents, truth = _parties(1, coin=1, most=10)
    found = solved(payments, documents)["matched"]
    assert len(found) > 240
    assert all(list(group.documents) == truth[group.payments[0]] for group in found)
    hidden = {names[0] for names in truth.values()}
    assert solved(payments, [row for row in documents if row.name not in hidden])["matched"] == []


@pytest.mark.parametrize("days", [1, 60])
def test_large_pools_are_searched_within_bounds(days: int) -> None:
    """2,000 documents in one pool, of one month or two: nobody looks through their combinations, and the balance is
    still recognised."""
    random = Random(7)
    documents = [
        Document(f"D{number}", random.randrange(100, 1_000_000), random.randrange(days), "A")
        for number in range(2000)
    ]
    total = sum(row.amount for row in documents)
    payments = [Payment("P1", total, 60, "A"), Payment("P2", documents[0].amount * 2 + 1, 60, "A")]
    found = solved(payments, documents)
    assert [(group.payments, group.rule, len(group.documents)) for group in found["matched"]] == [
        (("P1",), "run", 2000)
    ]


def test_tables_have_the_columns_that_they_promise() -> None:
    groups, members = solve(*tables([], []), gate=GATE)
    assert groups.schema.names == [
        *("group_number", "use", "rule", "status", "rank", "alternatives"),
        *("accidents", "margin", "weight", "pool_size"),
    ]
    assert members.schema.names == ["group_number", "side", "object_id", "amount"]
    assert members.schema.field("amount").type == pa.int64()
