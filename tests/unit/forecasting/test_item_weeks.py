"""When an open item will be paid: from the customer's record, and what was said since."""

from datetime import date, timedelta

import pytest

from tests.unit.forecasting.books import MONDAY_15_JUNE, Books, monthly

ON = MONDAY_15_JUNE


def likeliest(rows: list[dict[str, object]]) -> object:
    return max(rows[:13], key=lambda row: row["probability"])["week_number"]


def test_an_item_is_paid_in_fourteen_weeks_to_the_cent() -> None:
    books = monthly(10, late=20)
    weeks = books.item_weeks(ON)
    assert {row["item_id"] for row in books.owed_at(ON)} == set(weeks)
    for rows in weeks.values():
        assert [row["week_number"] for row in rows] == list(range(1, 15))
        assert sum(row["probability"] for row in rows) == 1_000_000
        assert sum(row["expected_amount"] for row in rows) == 10_000


def test_who_pays_twenty_days_late_is_expected_twenty_days_late() -> None:
    """Due on Wednesday 10 June, twenty days late is Tuesday 30 June: the third week, as the first holds 16 June."""
    books = monthly(10, late=20)
    last = books.item_weeks(ON)[books.owed_at(ON)[0]["item_id"]]
    assert likeliest(last) == 3
    assert last[2]["probability"] > 700_000
    assert last[0]["probability"] < 50_000


def test_a_new_customer_is_expected_to_pay_as_the_others_do() -> None:
    books = monthly(10, late=20)
    new = books.invoice(date(2026, 6, 10), customer="new")
    assert likeliest(books.item_weeks(ON)[new]) == 3


def test_a_customer_with_a_record_of_its_own_is_not_taken_for_the_others() -> None:
    """Three who pay on the day, beside three who pay twenty days late."""
    books = Books()
    for customer in range(6):
        for month in range(1, 6):
            for day in (3, 17):
                due = date(2026, month, day)
                item = books.invoice(due, customer=str(customer))
                books.pay(item, due + timedelta(days=20 * (customer % 2)))
    prompt = books.invoice(date(2026, 6, 24), customer="0")
    late = books.invoice(date(2026, 6, 24), customer="1")
    weeks = books.item_weeks(ON)
    assert (likeliest(weeks[prompt]), likeliest(weeks[late])) == (2, 5)


def test_what_stays_open_tells_that_payment_is_not_sure() -> None:
    """The same payments beside invoices that nobody ever paid: less is expected of the next one."""

    def expected(never_paid: int) -> int:
        books = monthly(10, late=20)
        for number in range(never_paid):
            books.invoice(date(2025, 1 + number % 12, 10))
        last = max(row["item_id"] for row in books.owed_at(ON) if row["item_id"] < "I00090")
        return sum(row["expected_amount"] for row in books.item_weeks(ON)[last][:13])

    assert expected(0) > 9_500
    assert expected(120) < 6_000


def test_a_credit_note_is_no_payment() -> None:
    """Invoices that end by a credit note tell that the next one brings no cash."""
    books = monthly(10, late=20)
    for exit_ in books.exits:
        exit_["is_payment"] = False
    last = books.item_weeks(ON)[books.owed_at(ON)[0]["item_id"]]
    assert sum(row["expected_amount"] for row in last[:13]) < 2_000


def test_a_payment_that_came_back_is_none() -> None:
    kept, returned = monthly(10, late=20), monthly(10, late=20)
    for exit_ in returned.exits:
        exit_["returned_date"] = exit_["exit_date"] + timedelta(days=5)
    last = kept.owed_at(ON)[0]["item_id"]
    assert kept.item_weeks(ON)[last][2]["probability"] > 5 * returned.item_weeks(ON)[last][2]["probability"]


def test_what_falls_due_waits_for_the_customers_payment_day() -> None:
    """Due on any day, paid on the 10th that follows, or the Monday after a week-end: 12 June waits for 10 July."""
    books = Books()
    for month in range(1, 13):
        paid = date(2025 + month // 12, month % 12 + 1, 10)
        paid += timedelta(days={5: 2, 6: 1}.get(paid.weekday(), 0))
        for day in (12, 18, 21, 26, 27):
            books.pay(books.invoice(date(2025, month, day)), paid)
    item = books.invoice(date(2026, 6, 12))
    rows = books.item_weeks(ON)[item]
    assert likeliest(rows) == 4
    assert rows[3]["probability"] > 800_000


@pytest.mark.parametrize(("is_holiday", "expected"), [(False, 1), (True, 2)])
def test_no_money_comes_on_days_that_are_not_worked(is_holiday: bool, expected: int) -> None:
    """Always paid on the due date, and always from Monday to Friday: due on Friday 19 June, a holiday, it is paid on
    Monday."""
    books = Books()
    day = date(2026, 1, 1)
    while day < date(2026, 6, 1):
        if day.weekday() < 5:
            books.pay(books.invoice(day), day)
        day += timedelta(days=1)
    item = books.invoice(date(2026, 6, 19))
    if is_holiday:
        books.working_days = [{"day": date(2026, 6, 19), "next_working_day": date(2026, 6, 22)}]
    assert likeliest(books.item_weeks(ON)[item]) == expected


def on_each_working_day() -> Books:
    """An invoice due and paid on each Monday to Friday from January to May 2026."""
    books = Books()
    for number in range(151):
        day = date(2026, 1, 1) + timedelta(days=number)
        if day.weekday() < 5:
            books.pay(books.invoice(day), day)
    return books


def test_money_comes_on_saturdays_where_some_of_it_did() -> None:
    """One payment in twenty came on a Saturday. Due on Saturday 20 June, it is paid on it: in the first week."""
    books = on_each_working_day()
    for week in range(0, 21, 4):
        saturday = date(2026, 1, 3) + timedelta(weeks=week)
        books.pay(books.invoice(saturday), saturday)
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    books.working_days = [
        {"day": day, "next_working_day": day + timedelta(days=max(7 - day.weekday(), 0))}
        for day in days
        if day.weekday() >= 5
    ]
    item = books.invoice(date(2026, 6, 20))
    assert likeliest(books.item_weeks(ON)[item]) == 1


def test_the_days_of_payments_of_long_ago_tell_nothing() -> None:
    """Six payments on the first of a month, more than twenty years ago, make it nobody's payment day."""
    books = monthly(10, late=20)
    for customer in ("A1", "C2"):
        for month in range(1, 7):
            books.pay(books.invoice(date(2001, month, 1), customer=customer), date(2001, month, 1))
    item = books.invoice(date(2026, 6, 10), customer="C2")
    weeks = books.item_weeks(ON)
    assert (likeliest(weeks[item]), likeliest(weeks[item_of(books, "C1")])) == (3, 3)


def item_of(books: Books, customer: str) -> str:
    open_now = {row["item_id"] for row in books.owed_at(ON)}
    return next(
        row["item_id"]
        for row in books.items
        if row["item_id"] in open_now and row["third_party_id"].endswith(customer)
    )


def test_what_is_two_years_late_is_paid_as_what_was_so_late_before() -> None:
    """Invoices paid 800 days late are no reason to give one up that is 744 days late; nor is one that is 900."""
    books = Books()
    for month in range(1, 13):
        for day in (3, 17):
            due = date(2022, month, day)
            books.pay(books.invoice(due), due + timedelta(days=800))
    late, later = (books.invoice(ON - timedelta(days=days)) for days in (744, 900))
    weeks = books.item_weeks(ON)
    for item in (late, later):
        assert 20_000 < sum(row["probability"] for row in weeks[item][:13]) < 900_000


def test_what_the_books_do_not_cover_yet_tells_of_nobody_that_he_has_not_paid() -> None:
    """Books until 15 June, seen from the end of August: fifteen invoices of the summer are open as far as is known."""
    books = monthly(10, late=20, months=20)
    item = books.invoice(date(2026, 8, 20), customer="new")

    def chance(books_until: date) -> int:
        books.ledger_days = [books_until]
        return sum(row["probability"] for row in books.item_weeks(date(2026, 8, 31))[item][:4])

    not_known, not_paid = chance(MONDAY_15_JUNE), chance(date(2026, 8, 31))
    assert not_paid < 900_000 < 950_000 < not_known


def test_what_is_contested_waits_for_longer() -> None:
    books = monthly(10, late=20)
    item, other = (row["item_id"] for row in books.owed_at(ON)[:2])
    usual = books.item_weeks(ON)[other][2]["expected_amount"]
    books.disputes = [
        {"item_id": item, "opened_on": date(2026, 6, 1), "closed_on": None, "disputed_amount": 4_000}
    ]
    rows = books.item_weeks(ON)
    assert rows[item][2]["expected_amount"] == pytest.approx(usual * 0.6, abs=2)
    assert rows[item][13]["expected_amount"] >= 4_000
    assert rows[other][2]["expected_amount"] == usual


def test_a_dispute_that_is_closed_holds_nothing_up() -> None:
    books = monthly(10, late=20)
    item = books.owed_at(ON)[0]["item_id"]
    before = books.item_weeks(ON)
    books.disputes = [
        {"item_id": item, "opened_on": date(2026, 6, 1), "closed_on": ON, "disputed_amount": 4_000}
    ]
    assert books.item_weeks(ON) == before


def test_a_doubtful_item_is_not_expected() -> None:
    books = monthly(10, late=20)
    item = books.owed_at(ON)[0]["item_id"]
    next(row for row in books.items if row["item_id"] == item)["is_doubtful"] = True
    assert books.item_weeks(ON)[item][13]["probability"] == 1_000_000


def test_a_promise_is_kept_as_often_as_the_first_guess_says() -> None:
    """No promise before: six in ten are kept. Promised for Friday 10 July, the fourth week; else as usual."""
    books = monthly(10, late=20)
    item, other = (row["item_id"] for row in books.owed_at(ON)[:2])
    usual = books.item_weeks(ON)[other]
    books.promises = [promise(item, date(2026, 6, 12), date(2026, 7, 10))]
    rows = books.item_weeks(ON)[item]
    assert rows[3]["probability"] == pytest.approx(600_000 + 0.4 * usual[3]["probability"], abs=2)
    assert rows[2]["probability"] == pytest.approx(0.4 * usual[2]["probability"], abs=2)


@pytest.mark.parametrize("days", range(7))
def test_a_promise_for_ten_years_on_is_for_later(days: int) -> None:
    """A date that somebody mistyped, on whatever weekday it is seen: six in ten come after the thirteen weeks."""
    books = on_each_working_day()
    item, other = books.invoice(date(2026, 6, 20)), books.invoice(date(2026, 6, 20))
    books.promises = [promise(item, date(2026, 6, 12), date(2036, 4, 30))]
    weeks = books.item_weeks(ON + timedelta(days=days))
    later = weeks[item][13]["probability"]
    assert later == pytest.approx(600_000 + 0.4 * weeks[other][13]["probability"], abs=2)


def test_broken_promises_count_for_less() -> None:
    """Five broken ones beside the first guess of five: three in ten, of everybody's, (0 + 5 × 0.3) / 10 of C1's."""
    books = monthly(10, late=20)
    item, other = (row["item_id"] for row in books.owed_at(ON)[:2])
    usual = books.item_weeks(ON)[other]
    past = [row["item_id"] for row in books.items[:5]]
    books.promises = [promise(one, date(2025, 1, 11), date(2025, 1, 14)) for one in past]
    books.promises.append(promise(item, date(2026, 6, 12), date(2026, 7, 10)))
    rows = books.item_weeks(ON)[item]
    assert rows[3]["probability"] == pytest.approx(150_000 + 0.85 * usual[3]["probability"], abs=2)


@pytest.mark.parametrize(("paid_late", "is_payment", "kept"), [(0, True, 1), (1, True, 0), (0, False, 1)])
def test_a_promise_is_kept_until_its_day_by_payments_and_needs_no_payment_of_what_is_credited(
    paid_late: int, is_payment: bool, kept: int
) -> None:
    """Five of five kept: (5 + 3) / 10 of everybody's, (5 + 5 × 0.8) / 10 = 90 % of C1's. None: as of broken ones."""
    books = monthly(10, late=20)
    for exit_ in books.exits[:5]:
        exit_["is_payment"] = is_payment
    item, other = (row["item_id"] for row in books.owed_at(ON)[:2])
    usual = books.item_weeks(ON)[other]
    until = date(2025, 1, 30 - paid_late)
    books.promises = [promise(row["item_id"], date(2025, 1, 11), until) for row in books.items[:5]]
    books.promises.append(promise(item, date(2026, 6, 12), date(2026, 7, 10)))
    share = {1: 0.9, 0: 0.15}[kept]
    found = books.item_weeks(ON)[item][3]["probability"]
    assert found == pytest.approx(share * 1_000_000 + (1 - share) * usual[3]["probability"], abs=2)


def test_a_promise_of_several_invoices_is_one() -> None:
    """Five invoices in one promise, none paid in time: 0.6 × 5 of 6 of everybody's, 0.5 × 5 of 6 of C1's: 41.7 %."""
    books = monthly(10, late=20)
    item, other = (row["item_id"] for row in books.owed_at(ON)[:2])
    usual = books.item_weeks(ON)[other]
    broken = [promise(row["item_id"], date(2025, 1, 11), date(2025, 1, 14)) for row in books.items[:5]]
    books.promises = [{**row, "promise_id": "all of January"} for row in broken]
    books.promises.append(promise(item, date(2026, 6, 12), date(2026, 7, 10)))
    found = books.item_weeks(ON)[item][3]["probability"]
    assert found == pytest.approx(416_667 + 0.583333 * usual[3]["probability"], abs=2)


def promise(item: str, on: date, for_day: date) -> dict[str, object]:
    return {
        "item_id": item,
        "promised_on": on,
        "promised_date": for_day,
        "promised_amount": 10_000,
        "owed_amount": 10_000,
    }
