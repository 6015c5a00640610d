"""What comes in by week, seen from any date: nothing of later days is used, and sums are those of the items."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting import spread
from tests.unit.forecasting.books import MONDAY_15_JUNE, Books, monthly

ORIGINS = (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30))
FORECAST = ("expected_amount", "p10_amount", "p50_amount", "p90_amount")
BASELINES = ("due_date_amount", "average_lateness_amount")

DAYS = st.dates(date(2025, 11, 1), date(2026, 5, 30))


@st.composite
def random_books(draw: st.DrawFn) -> Books:
    """Invoices of a few customers, paid whole, in part, late, early or not, some of it returned, promised, disputed."""
    books = Books(ledger_days=draw(st.lists(DAYS, max_size=8)))
    for _ in range(draw(st.integers(1, 25))):
        due = draw(DAYS)
        amount = draw(st.integers(1, 100_000))
        item = books.invoice(
            due, customer=draw(st.sampled_from("ABCD")), amount=amount, group=draw(st.sampled_from("xy"))
        )
        left = amount
        for _ in range(draw(st.integers(0, 2))):
            part = draw(st.integers(0, left))
            paid_on = max(due + timedelta(days=draw(st.integers(-20, 60))), due - timedelta(days=30))
            returned_on = draw(st.none() | st.just(paid_on + timedelta(days=12)))
            if part:
                books.pay(
                    item,
                    paid_on,
                    part,
                    is_payment=draw(st.booleans()) or bool(returned_on),
                    is_booked=draw(st.booleans()),
                    returned_date=returned_on,
                )
            left -= part
        told_on = draw(DAYS)
        if draw(st.booleans()):
            books.disputes.append(
                {
                    "item_id": item,
                    "opened_on": told_on,
                    "closed_on": draw(st.none() | st.just(told_on + timedelta(days=30))),
                    "disputed_amount": draw(st.integers(1, amount)),
                }
            )
        if draw(st.booleans()):
            books.promises.append(
                {
                    "item_id": item,
                    "promised_on": told_on,
                    "promised_date": told_on + timedelta(days=draw(st.integers(0, 40))),
                    "promised_amount": draw(st.integers(1, amount)),
                    "owed_amount": amount,
                }
            )
    return books


def until(books: Books, day: date) -> Books:
    """The same books, with everything after a day deleted."""
    items = [row for row in books.items if row["entry_date"] <= day]
    known = {row["item_id"] for row in items}
    exits = [
        {
            **row,
            "returned_date": row["returned_date"]
            if row["returned_date"] and row["returned_date"] <= day
            else None,
        }
        for row in books.exits
        if row["exit_date"] <= day
    ]
    disputes = [
        {**row, "closed_on": row["closed_on"] if row["closed_on"] and row["closed_on"] <= day else None}
        for row in books.disputes
        if row["opened_on"] <= day and row["item_id"] in known
    ]
    promises = [row for row in books.promises if row["promised_on"] <= day and row["item_id"] in known]
    ledger_days = [one for one in books.ledger_days or [] if one <= day]
    return Books(items, exits, disputes, promises, books.working_days, ledger_days)


def forecasts(rows: list[dict[str, Any]], origin: date, columns: tuple[str, ...]) -> dict[Any, list[Any]]:
    return {
        (row["company_id"], row["customer_group"], row["week_number"]): [row[column] for column in columns]
        for row in rows
        if row["as_of_date"] == origin
    }


@given(random_books(), st.sampled_from(ORIGINS))
@settings(max_examples=30, deadline=None)
def test_what_comes_later_changes_no_forecast(books: Books, origin: date) -> None:
    """Sums in another order may round a cent to the other side; no more than that."""
    own = date(2026, 5, 31)
    whole = books.weeks(*ORIGINS, own)
    cut = until(books, origin).weeks(*(day for day in ORIGINS if day <= origin), own=own)
    expected = forecasts(whole, origin, (*FORECAST, *BASELINES))
    found = forecasts(cut, origin, (*FORECAST, *BASELINES))
    assert found.keys() == expected.keys()
    for key, amounts in expected.items():
        assert found[key] == pytest.approx(amounts, abs=1), key


@given(random_books())
@settings(max_examples=20, deadline=None)
def test_weeks_are_the_sums_of_their_items(books: Books) -> None:
    on = date(2026, 3, 31)
    of_items: dict[tuple[str, int], int] = {}
    group = {row["item_id"]: row["customer_group"] for row in books.items}
    for item, rows in books.item_weeks(on).items():
        for row in rows:
            for name in (group[item], "all"):
                key = name, row["week_number"]
                of_items[key] = of_items.get(key, 0) + row["expected_amount"]
    seen = books.weeks(on)
    assert {(row["customer_group"], row["week_number"]): row["expected_amount"] for row in seen} == of_items
    for row in seen:
        if row["week_number"] < 14:
            assert 0 <= row["p10_amount"] <= row["p50_amount"] <= row["p90_amount"]


def test_the_order_of_the_rows_does_not_matter() -> None:
    books = monthly(10, late=20)
    books.invoice(date(2026, 6, 20), customer="C2")
    turned = Books(books.items[::-1], books.exits[::-1])
    assert turned.item_weeks(MONDAY_15_JUNE) == books.item_weeks(MONDAY_15_JUNE)


def test_weeks_are_from_monday_to_sunday_and_the_first_one_begins_tomorrow() -> None:
    """As of Sunday 31 May: 1 June. As of Thursday 30 April: the week of Friday 1 May, whose Monday is 27 April."""
    books = Books()
    books.invoice(date(2026, 5, 20))
    starts = {
        (row["as_of_date"], row["week_number"]): (row["week_start_date"], row["week_end_date"])
        for row in books.weeks(date(2026, 4, 30), date(2026, 5, 31))
    }
    assert starts[date(2026, 5, 31), 1] == (date(2026, 6, 1), date(2026, 6, 7))
    assert starts[date(2026, 4, 30), 1] == (date(2026, 4, 27), date(2026, 5, 3))
    assert starts[date(2026, 4, 30), 14] == (date(2026, 7, 27), None)


def test_what_came_and_what_simple_forecasts_said() -> None:
    """By the end of April one was paid ten days late. Open: one due in week 2 and paid in week 3, one overdue."""
    books = Books()
    books.pay(books.invoice(date(2026, 4, 10)), date(2026, 4, 20))
    books.pay(books.invoice(date(2026, 5, 6), amount=5_000), date(2026, 5, 12), 5_000)
    books.invoice(date(2026, 4, 12), amount=700)
    rows = [
        row for row in books.weeks(date(2026, 4, 30), date(2026, 5, 31)) if row["customer_group"] == "all"
    ]
    of_april = [row for row in rows if row["as_of_date"] == date(2026, 4, 30)]
    assert [row["actual_amount"] for row in of_april[:5]] == [0, 0, 5_000, 0, 0]
    assert [row["actual_amount"] for row in of_april[5:]] == [None] * 9, "those weeks end after 31 May"
    assert [row["due_date_amount"] for row in of_april[:4]] == [0, 5_000, 0, 0]
    # Ten days after 6 May is 16 May, a Saturday of week 3; ten days after 12 April has passed.
    assert [row["average_lateness_amount"] for row in of_april[:4]] == [0, 0, 5_000, 0]


def test_weeks_that_the_books_do_not_cover_are_not_held_against_anything() -> None:
    """As of 30 June with books until Friday 22 May: of April, the weeks until 17 May are known, those after are not."""
    books = Books()
    books.pay(books.invoice(date(2026, 5, 6), amount=5_000), date(2026, 5, 12), 5_000)
    books.invoice(date(2026, 5, 20))
    books.ledger_days = [date(2026, 4, 6), date(2026, 5, 22), date(2026, 7, 1)]
    of_april = [
        row["actual_amount"]
        for row in books.weeks(date(2026, 4, 30), date(2026, 6, 30))
        if row["customer_group"] == "all" and row["as_of_date"] == date(2026, 4, 30)
    ]
    assert of_april == [0, 0, 5_000, *[None] * 11]


def test_weeks_that_the_books_do_not_cover_widen_no_band() -> None:
    """Books until 15 June, seen from the end of July: as wide as if nothing had been asked in between."""
    books = monthly(10, late=20)
    ends = [date(2026, month, 1) - timedelta(days=1) for month in range(2, 7)]
    own = date(2026, 8, 31)
    books.ledger_days = [*ends, MONDAY_15_JUNE]

    def bands(*days: date) -> dict[Any, list[Any]]:
        return forecasts(books.weeks(*days, own), own, FORECAST)

    assert bands(*ends) == bands(*ends, date(2026, 6, 30), date(2026, 7, 31))


def test_a_receipt_that_is_only_matched_is_no_error_of_the_forecast() -> None:
    """At the own date what is matched came: the band is as wide as if it were booked."""
    bands = []
    for is_booked in (True, False):
        books = monthly(10, late=20)
        for exit_ in books.exits:
            exit_["is_booked"] = is_booked or exit_["exit_date"] <= date(2026, 4, 30)
        ends = [date(2026, month, 1) - timedelta(days=1) for month in range(2, 6)]
        bands.append(forecasts(books.weeks(*ends, MONDAY_15_JUNE), MONDAY_15_JUNE, FORECAST))
    assert bands[0] == bands[1]


def test_a_book_without_anything_open_has_no_forecast() -> None:
    assert Books().weeks(MONDAY_15_JUNE) == []
    assert Books().item_weeks(MONDAY_15_JUNE) == {}


def test_the_band_is_as_wide_as_errors_were() -> None:
    """400 weeks that it would have held three times as wide, and not wider; without any, the first guess."""
    assert spread.widening(np.full(400, 3.0), np.zeros(400)) == pytest.approx(3, rel=1e-4)
    assert spread.widening(np.array([]), np.array([])) == pytest.approx(1.3, abs=0.1)


def test_errors_of_late_tell_more_than_those_of_years_ago() -> None:
    errors = np.repeat([3.0, 1.0], 400)
    assert spread.widening(errors, np.repeat([0, 1800], 400)) == pytest.approx(3, abs=0.1)
    assert spread.widening(errors, np.repeat([1800, 0], 400)) < 1.5


def of_equal_items(items: int, amount: int, chance: float) -> spread.Sums:
    """What items of one amount and one chance make together, were they independent."""
    return spread.Sums(
        np.array([items * amount * chance]),
        np.array([items * amount**2 * chance * (1 - chance)]),
        np.array([items * np.log1p(-chance)]),
    )


def test_where_nothing_is_likely_to_come_the_band_begins_at_nothing() -> None:
    """Five invoices of 100.00, each paid with 5 %: none is with 0.95⁵ = 77 %, one with 20 %, more with 2 %."""
    band = of_equal_items(5, 10_000, 0.05).quantiles(np.array([1.0]), np.array([50_000]))[0].tolist()
    assert band[:2] == [0, 0]
    assert 9_000 < band[2] < 13_000


def test_what_is_paid_in_bunches_comes_not_at_all_more_often() -> None:
    """Twenty with 10 %: none with 12 % if each by itself, with 59 % in bunches of four (a band twice as wide)."""
    twenty = of_equal_items(20, 10_000, 0.1)
    most = np.array([200_000])
    low, middle, high = twenty.quantiles(np.array([1.0]), most)[0].tolist()
    assert (low, middle > 0) == (0, True)
    wide = twenty.quantiles(np.array([2.0]), most)[0].tolist()
    assert wide[:2] == [0, 0]
    assert wide[2] > high


def test_a_band_is_widened_until_it_holds_what_came() -> None:
    """100 with 50 %, 50 expected with a deviation of 5: P90 is 56.4 items. 60 are held 1.56 times as wide."""
    many = of_equal_items(100, 100, 0.5)
    (found,) = many.needed(np.array([6_000.0])).tolist()
    assert found == pytest.approx(1.56, abs=0.08)
    high = many.quantiles(np.array([found]), np.array([10_000]))[0, 2]
    assert high == pytest.approx(6_000, abs=20)
    assert many.needed(np.array([5_000.0]))[0] < 0.4


def test_the_band_of_many_items_is_that_of_a_normal_sum() -> None:
    """Expected 1,000,000 with a deviation of 10,000: P10 and P90 are 12,816 off."""
    sums = spread.Sums(np.array([1_000_000.0]), np.array([1e8]), np.array([-1e5]))
    low, middle, high = sums.quantiles(np.array([1.0]), np.array([2_000_000]))[0].tolist()
    assert (low, middle, high) == (
        pytest.approx(987_184, abs=40),
        pytest.approx(1_000_000, abs=40),
        pytest.approx(1_012_816, abs=40),
    )


def test_the_band_holds_eight_weeks_in_ten_where_payments_are_drawn_by_chance() -> None:
    """3,000 invoices of 40 customers, each late by its own average and a spread of a week: no later week is used."""
    rng = np.random.default_rng(7)
    books = Books()
    for customer, due, amount in zip(
        rng.integers(0, 40, 3_000),
        rng.integers(0, 540, 3_000),
        rng.integers(1_000, 20_000, 3_000),
        strict=True,
    ):
        day = date(2025, 1, 1) + timedelta(days=int(due))
        item = books.invoice(day, customer=str(customer), amount=int(amount))
        books.pay(item, day + timedelta(days=max(-30, round(rng.normal(customer - 10, 7)))), int(amount))
    ends = [date(2025 + month // 12, month % 12 + 1, 1) - timedelta(days=1) for month in range(2, 18)]
    rows = [
        row
        for row in books.weeks(*ends)
        if row["customer_group"] == "all" and row["actual_amount"] is not None
    ]
    near = [row for row in rows if row["week_number"] <= 4 and row["as_of_date"] > ends[2]]
    actual = sum(row["actual_amount"] for row in near)

    def error(column: str) -> float:
        return sum(abs(row[column] - row["actual_amount"]) for row in near) / actual

    held = [row["p10_amount"] <= row["actual_amount"] <= row["p90_amount"] for row in near]
    assert len(list(groupby(near, key=lambda row: row["as_of_date"]))) > 10
    assert 0.7 <= np.mean(held) <= 0.92
    assert error("expected_amount") < 0.8 * min(error(column) for column in BASELINES)
