"""The replay of a lettering group, against cases worked by hand."""

import numpy as np

from samples.replay import replay

NO_DUE = 0


def settle(*items, group=7):
    """Items are (document, due, cents); returns the settlements as (debit, credit, cents, effective)."""
    document, due, cents = (np.array(column, dtype=np.int64) for column in zip(*items, strict=True))
    found = replay(np.full(len(items), group), document, due, cents)
    return list(
        zip(
            found.debit.tolist(),
            found.credit.tolist(),
            found.cents.tolist(),
            found.effective.tolist(),
            strict=True,
        )
    )


def test_a_partial_payment():
    assert settle((1, 10, 120_000), (2, NO_DUE, -50_000)) == [(0, 1, 50_000, 1)]


def test_an_over_payment_leaves_its_rest():
    assert settle((1, 10, 100_000), (2, NO_DUE, -110_000)) == [(0, 1, 100_000, 1)]


def test_a_credit_note_then_a_payment():
    assert settle((1, 10, 100_000), (2, NO_DUE, -20_000), (3, NO_DUE, -80_000)) == [
        (0, 1, 20_000, 1),
        (0, 2, 80_000, 2),
    ]


def test_what_is_posted_later_does_not_move_an_earlier_settlement():
    first_falls_due_last = settle((1, 120, 100_000), (2, NO_DUE, -100_000), (3, 60, 100_000))
    assert first_falls_due_last == [(0, 1, 100_000, 1)]


def test_the_earliest_due_is_settled_first():
    assert settle((1, 50, 1_000), (2, 40, 1_000), (3, NO_DUE, -1_500)) == [(0, 2, 500, 2), (1, 2, 1_000, 2)]


def test_the_same_document_comes_before_the_earliest_due():
    assert settle((1, 50, 1_000), (2, 40, 1_000), (1, NO_DUE, -1_000)) == [(0, 2, 1_000, 2)]


def test_instalments():
    parts = [(1, due, 100_000) for due in (28, 59, 89)]
    assert settle(*parts, (2, NO_DUE, -150_000)) == [(0, 3, 100_000, 3), (1, 3, 50_000, 3)]


def test_a_returned_debit_reopens():
    assert settle((1, 10, 60_000), (1, NO_DUE, -60_000), (1, 10, 60_000)) == [(0, 1, 60_000, 1)]


def test_groups_do_not_cross_and_lines_without_a_code_settle_nothing():
    component = np.array([1, 2, 2, 1, -1, -1])
    cents = np.array([300, 450, -450, -300, 80, -80])
    found = replay(component, np.arange(6), np.zeros(6, dtype=np.int64), cents)
    assert list(zip(found.debit.tolist(), found.credit.tolist(), strict=True)) == [(0, 3), (1, 2)]


def test_what_has_nothing_left_settles_nothing():
    assert settle((1, 10, 100), (2, NO_DUE, 0)) == []
    assert settle((1, 10, 100), (2, NO_DUE, 0), (3, NO_DUE, -60)) == [(0, 2, 60, 2)]
