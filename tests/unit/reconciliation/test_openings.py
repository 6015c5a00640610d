"""Which earlier postings an opening line restates: by document and amount, by document, by amount, or all together."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from reconciliation.openings import Posting, restated_by

DAY = date(2024, 12, 10)
OPENING_DAY = date(2025, 1, 1)


def _posting(
    line_id: str, amount: int, document: str | None = None, day: date | None = OPENING_DAY
) -> Posting:
    return Posting(line_id, amount, document, day, original_amount=amount)


def test_what_is_left_comes_before_what_was_posted() -> None:
    partly_settled = Posting("O1", 700, "F1", DAY, original_amount=1200)
    whole = Posting("O2", 1200, "F1", DAY, original_amount=1200)
    openings = [_posting("A1", 1200, "F1"), _posting("A2", 700, "F1")]
    assert restated_by(openings, [partly_settled, whole]) == {"A1": ("O2",), "A2": ("O1",)}


def test_both_legs_of_what_is_partly_settled_may_be_carried() -> None:
    invoice = Posting("O1", 700, "F1", DAY, original_amount=1200)
    payment = Posting("O2", 0, "P1", DAY, original_amount=-500)
    openings = [_posting("A1", 1200, "F1"), _posting("A2", -500, "P1")]
    assert restated_by(openings, [invoice, payment]) == {"A1": ("O1",), "A2": ("O2",)}


def test_what_is_carried_though_it_was_settled_is_none_of_what_is_open() -> None:
    settled = Posting("O1", 0, "F1", DAY, original_amount=300)
    left = [_posting("O2", -500, "F2", DAY)]
    assert restated_by([_posting("A1", 300, "F1")], left, [settled]) == {"A1": ("O1",)}
    assert restated_by([_posting("A1", 300, "F1")], [*left, _posting("O3", 300, "F1")], [settled]) == {
        "A1": ("O3",)
    }
    assert restated_by([_posting("A1", 200, "F1")], left, [settled]) == {"A1": ("O2",)}


def test_what_has_nothing_left_is_not_found_by_its_amount() -> None:
    used_up = Posting("O1", 0, "F1", DAY, original_amount=123)
    assert restated_by([_posting("A1", 123)], [used_up, _posting("O2", 100, "F2", DAY)]) == {"A1": ("O2",)}


def test_by_document_and_amount() -> None:
    openings = [_posting("A1", 200, "F2"), _posting("A2", 100, "F1")]
    originals = [_posting("O1", 100, "F1", DAY), _posting("O2", 200, "F2", DAY)]
    assert restated_by(openings, originals) == {"A1": ("O2",), "A2": ("O1",)}


def test_of_equals_in_the_order_of_both() -> None:
    openings = [_posting("A1", 100, "F1"), _posting("A2", 100, "F1")]
    originals = [_posting("O1", 100, "F1", DAY), _posting("O2", 100, "F1", DAY)]
    assert restated_by(openings, originals) == {"A1": ("O1",), "A2": ("O2",)}


def test_a_document_carried_at_what_is_left_takes_all_its_postings() -> None:
    openings = [_posting("A1", 700, "F1"), _posting("A2", 50, "F2")]
    originals = [
        _posting("O1", 1200, "F1", DAY),
        _posting("O2", -500, "F1", DAY),
        _posting("O3", 50, "F2", DAY),
    ]
    assert restated_by(openings, originals) == {"A1": ("O1", "O2"), "A2": ("O3",)}


def test_without_document_by_date_and_amount_or_by_an_amount_that_is_the_only_one() -> None:
    other_day = date(2024, 11, 2)
    openings = [_posting("A1", 100, None, DAY), _posting("A2", 300, "AN")]
    originals = [
        _posting("O1", 100, "F1", other_day),
        _posting("O2", 100, "F2", DAY),
        _posting("O3", 300, "F3", other_day),
    ]
    assert restated_by(openings, originals) == {"A1": ("O2",), "A2": ("O3",)}


def test_of_equal_amounts_none_is_guessed() -> None:
    """Two invoices of one amount and two lines that name neither: each stands for both together."""
    openings = [_posting("A1", 100, "AN"), _posting("A2", 100, "AN")]
    originals = [_posting("O1", 100, "F1", DAY), _posting("O2", 100, "F2", DAY)]
    assert restated_by(openings, originals) == {"A1": ("O1", "O2"), "A2": ("O1", "O2")}


def test_one_line_takes_everything_left() -> None:
    originals = [_posting("O1", 1500, "F6", DAY), _posting("O2", 2000, "F7", DAY)]
    assert restated_by([_posting("A1", 3500, "SOLDE")], originals) == {"A1": ("O1", "O2")}


def test_nothing_left_is_nothing() -> None:
    assert restated_by([_posting("A1", 3500, "SOLDE")], []) == {"A1": ()}
    assert restated_by([], [_posting("O1", 1, "F1")]) == {}


POSTINGS = st.lists(
    st.tuples(
        st.sampled_from([100, 200, -100]),
        st.sampled_from([None, "F1", "F2", "F3"]),
        st.sampled_from([None, DAY, OPENING_DAY]),
    ),
    max_size=8,
)


@given(POSTINGS, POSTINGS)
def test_every_opening_line_has_an_answer_and_every_original_one_place(
    opened: list[tuple[int, str | None, date | None]], posted: list[tuple[int, str | None, date | None]]
) -> None:
    openings = [_posting(f"A{number}", *said) for number, said in enumerate(opened)]
    originals = [_posting(f"O{number}", *said) for number, said in enumerate(posted)]
    found = restated_by(openings, originals)
    assert set(found) == {opening.line_id for opening in openings}
    known = {original.line_id for original in originals}
    behind = [set(restated) for restated in found.values() if restated]
    for restated in found.values():
        assert set(restated) <= known
        assert len(set(restated)) == len(restated)
    for one in behind:
        # Two opening lines stand for the same postings or for none in common.
        assert all(one == other or not one & other for other in behind)


@given(st.permutations(range(6)))
def test_documents_are_found_in_any_order(order: list[int]) -> None:
    originals = [_posting(f"O{number}", 100 * (number + 1), f"F{number}", DAY) for number in range(6)]
    openings = [_posting(f"A{number}", 100 * (number + 1), f"F{number}") for number in order]
    assert restated_by(openings, originals) == {f"A{number}": (f"O{number}",) for number in range(6)}


FORGOTTEN = [_posting("O1", 30333, "F1", DAY), _posting("O2", -30333, "V1", DAY)]


def test_a_balance_that_is_one_item_stands_for_it_alone() -> None:
    """What cancels out beside it may be an invoice and a forgotten payment, or a dispute and an advance."""
    latest = _posting("O3", 14366, "F3", DAY)
    assert restated_by([_posting("A1", 14366, "AN")], [*FORGOTTEN, latest]) == {"A1": ("O3",)}


def test_a_balance_that_two_items_could_be_stands_for_all() -> None:
    twins = [_posting("O3", 14366, "F3", DAY), _posting("O4", 14366, "F4", DAY)]
    others = [_posting("O5", -14366, "A5", DAY)]
    assert restated_by([_posting("A1", 14366, "AN")], [*FORGOTTEN, *twins, *others]) == {
        "A1": ("O1", "O2", "O3", "O4", "O5")
    }


def test_of_several_lines_each_takes_the_one_of_its_amount() -> None:
    """F2 is restated by its own line. What is left adds up to the other line by accident."""
    originals = [
        _posting("O1", 300, "F1"),
        _posting("O2", 500, "F2"),
        _posting("O3", -200, "V1"),
        _posting("O4", 100),
    ]
    openings = [_posting("A1", 500, "F2"), _posting("A2", 100, "AN", DAY), _posting("A3", 300, "F1")]
    assert restated_by(openings, originals) == {"A1": ("O2",), "A2": ("O4",), "A3": ("O1",)}
