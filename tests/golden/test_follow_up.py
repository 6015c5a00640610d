"""What docs/follow-up.md says of promises and disputes, worked by hand; what is said later changes nothing before."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest

from tests.golden.books import Books, Build, Company, Row, company
from tests.golden.documents import table
from tests.golden.ledger import FEC_2025, Entry, credit_note, entry, fec, receipt, returned, sale

COMPANY = company(
    "suivi",
    {
        FEC_2025: fec(
            # In two payments, the last on the last day.
            sale("2025-01-10", "KEPT", "K1", "1000.00", letter="A"),
            receipt("2025-03-10", "KEPT", "PK1", "400.00", letter="A"),
            receipt("2025-03-20", "KEPT", "PK2", "600.00", letter="A"),
            # Some of it in time, the rest 26 days late.
            sale("2025-01-10", "PARTLY", "P1", "1000.00", letter="A"),
            receipt("2025-03-15", "PARTLY", "PP1", "400.00", letter="A"),
            receipt("2025-04-15", "PARTLY", "PP2", "600.00", letter="A"),
            sale("2025-01-10", "NEVER", "N1", "750.00"),
            # All of it, three weeks late.
            sale("2025-01-10", "LATE", "L1", "500.00", letter="A"),
            receipt("2025-04-10", "LATE", "PL1", "500.00", letter="A"),
            # A credit note leaves less to pay.
            sale("2025-01-10", "CREDITED", "C1", "500.00", letter="A"),
            credit_note("2025-03-05", "CREDITED", "AC1", "120.00", letter="A"),
            receipt("2025-03-12", "CREDITED", "PC1", "380.00", letter="A"),
            # Paid in time, and returned by the bank.
            sale("2025-01-10", "RETURNED", "R1", "300.00", letter="A"),
            receipt("2025-03-12", "RETURNED", "PR1", "300.00", letter="A"),
            returned("2025-03-25", "RETURNED", "R1", "300.00"),
            # The example of the page: all that it owed, 1,200.00 of 1,600.00.
            sale("2025-02-01", "MARTIN", "F1", "1000.00", letter="A", due="2025-03-01"),
            sale("2025-02-10", "MARTIN", "F2", "600.00", letter="B", due="2025-03-10"),
            receipt("2025-03-15", "MARTIN", "PM1", "900.00", letter="A"),
            receipt("2025-04-08", "MARTIN", "PM2", "100.00", letter="A"),
            receipt("2025-04-08", "MARTIN", "PM3", "200.00", letter="B"),
            # It pays what it likes of what it owed that day; what came since does not count.
            sale("2025-02-01", "OTHERS", "O1", "400.00"),
            sale("2025-02-02", "OTHERS", "O2", "300.00", letter="A"),
            sale("2025-03-07", "OTHERS", "O3", "100.00", letter="B"),
            receipt("2025-03-15", "OTHERS", "PO2", "300.00", letter="A"),
            receipt("2025-03-16", "OTHERS", "PO3", "100.00", letter="B"),
            sale("2025-01-10", "EDGE", "E1", "200.00"),
            sale("2025-01-10", "EDGE", "E2", "210.00"),
            # Contested in part until the middle of April; in whole until a credit note; and moved to doubtful.
            sale("2025-01-10", "PART", "D1", "1000.00"),
            sale("2025-01-10", "WHOLE", "D2", "800.00", letter="A"),
            credit_note("2025-04-20", "WHOLE", "AD2", "800.00", letter="A"),
            sale("2025-01-10", "DOUBTFUL", "D3", "900.00", letter="A"),
            entry(
                "OD",
                "2025-03-31",
                "D3",
                ("411000", "-900.00", "DOUBTFUL", {"letter": "A"}),
                ("416000", "900.00", "DOUBTFUL", {}),
            ),
        ),
        "promises.csv": table(
            "third_party_code,document_number,promised_on,promised_date,amount",
            "KEPT,K1,2025-03-01,2025-03-20,",
            "PARTLY,P1,2025-03-01,2025-03-20,1000.00",
            "NEVER,N1,2025-03-01,2025-03-20,",
            "LATE,L1,2025-03-01,2025-03-20,",
            "CREDITED,C1,2025-03-01,2025-03-20,",
            "RETURNED,R1,2025-03-01,2025-03-20,",
            "MARTIN,,2025-03-05,2025-03-31,1200.00",
            "OTHERS,,2025-03-05,2025-03-31,400.00",
            "EDGE,E1,2025-03-05,2025-03-31,",
            "EDGE,E2,2025-03-05,2025-04-01,",
            ",NOTHING,2025-03-05,2025-04-01,",
        ),
        "disputes.csv": table(
            "third_party_code,document_number,opened_on,closed_on,reason,amount",
            "PART,D1,2025-03-01,2025-04-15,Price,250.00",
            "WHOLE,D2,2025-03-02,,Never delivered,",
            "DOUBTFUL,D3,2025-03-03,,Broken,100.00",
            "PART,D9,2025-03-04,,Price,",
        ),
    },
)


def _promises(books: Books) -> dict[str, tuple[object, ...]]:
    """Third party's code (and document where it has several promises) → status, kept, at stake, days late."""
    rows = books.rows("SELECT * FROM fct_promises WHERE company_id = $company")
    told = {}
    for row in rows:
        code = str(row["third_party_id"]).rpartition("/")[2]
        name = str(row["document_ref"]) if code == "EDGE" else code
        told[name] = (row["status"], row["kept_amount"], row["amount_at_stake"], row["days_late"])
    assert len(told) == len(rows)
    return told


def test_promises_on_the_first_of_april(as_of: dict[str, Build]) -> None:
    assert _promises(as_of["2025-04-01"].of("suivi")) == {
        "KEPT": ("kept", "1000.00", "0.00", 0),
        "PARTLY": ("partly_kept", "400.00", "600.00", 12),
        "NEVER": ("broken", "0.00", "750.00", 12),
        "LATE": ("broken", "0.00", "500.00", 12),
        "CREDITED": ("kept", "380.00", "0.00", 0),
        "RETURNED": ("broken", "0.00", "300.00", 12),
        "MARTIN": ("partly_kept", "900.00", "300.00", 1),
        "OTHERS": ("partly_kept", "300.00", "100.00", 1),
        "E1": ("broken", "0.00", "200.00", 1),
        "E2": ("open", "0.00", "210.00", None),
    }


def test_promises_a_month_later(as_of: dict[str, Build]) -> None:
    assert _promises(as_of["2025-05-01"].of("suivi")) == {
        "KEPT": ("kept", "1000.00", "0.00", 0),
        "PARTLY": ("partly_kept", "400.00", "0.00", 26),
        "NEVER": ("broken", "0.00", "750.00", 42),
        "LATE": ("broken", "0.00", "0.00", 21),
        "CREDITED": ("kept", "380.00", "0.00", 0),
        "RETURNED": ("broken", "0.00", "300.00", 42),
        "MARTIN": ("partly_kept", "900.00", "0.00", 8),
        "OTHERS": ("partly_kept", "300.00", "100.00", 31),
        "E1": ("broken", "0.00", "200.00", 31),
        "E2": ("broken", "0.00", "210.00", 30),
    }


def test_a_promise_covers_what_was_owed_oldest_first(as_of: dict[str, Build]) -> None:
    rows = (
        as_of["2025-05-01"]
        .of("suivi")
        .rows(
            "SELECT promised_amount, owed_amount FROM fct_promises"
            " WHERE company_id = $company AND document_ref IS NULL ORDER BY promised_amount"
        )
    )
    assert [tuple(row.values()) for row in rows] == [("400.00", "400.00"), ("1200.00", "1200.00")]


def _broken(books: Books) -> dict[str, tuple[object, ...]]:
    return {
        str(row["explanation_en"]).partition(" promised ")[0].removeprefix("Tiers "): (
            row["amount"],
            row["age_days"],
            row["side"],
        )
        for row in books.exceptions("promise_broken")
        if "E1" not in str(row["explanation_en"])
    }


def test_a_promise_that_passes_unpaid_is_an_exception_from_the_next_day_until_it_is_paid(
    as_of: dict[str, Build],
) -> None:
    in_april, in_may = (_broken(as_of[day].of("suivi")) for day in ("2025-04-01", "2025-05-01"))
    assert in_april == {
        "PARTLY": ("600.00", 11, "receivable"),
        "NEVER": ("750.00", 11, "receivable"),
        "LATE": ("500.00", 11, "receivable"),
        "RETURNED": ("300.00", 11, "receivable"),
        "MARTIN": ("300.00", 0, "receivable"),
        "OTHERS": ("100.00", 0, "receivable"),
    }
    assert in_may.keys() == {"NEVER", "RETURNED", "OTHERS", "EDGE"}


def _disputes(books: Books) -> dict[object, tuple[object, ...]]:
    return {
        row["document_ref"]: (row["status"], row["disputed_amount"], row["amount_at_stake"], row["age_days"])
        for row in books.rows("SELECT * FROM fct_disputes WHERE company_id = $company")
    }


def test_disputes_are_open_until_closed_or_settled(as_of: dict[str, Build]) -> None:
    assert _disputes(as_of["2025-04-01"].of("suivi")) == {
        "D1": ("open", "250.00", "250.00", 31),
        "D2": ("open", "800.00", "800.00", 30),
        "D3": ("open", "100.00", "100.00", 29),
    }
    assert _disputes(as_of["2025-05-01"].of("suivi")) == {
        "D1": ("closed", "250.00", "0.00", 45),
        "D2": ("settled", "800.00", "0.00", 60),
        "D3": ("open", "100.00", "100.00", 59),
    }


def _flags(books: Books) -> dict[object, tuple[object, ...]]:
    return {
        (row["document_ref"], row["account_code"]): (
            row["is_disputed"],
            row["disputed_amount"],
            row["is_promised"],
        )
        for row in books.open_items()
        if row["is_disputed"] or row["is_promised"]
    }


def test_open_items_say_what_is_disputed_and_promised(as_of: dict[str, Build]) -> None:
    assert _flags(as_of["2025-04-01"].of("suivi")) == {
        ("D1", "411000"): (True, "250.00", False),
        ("D2", "411000"): (True, "800.00", False),
        ("D3", "416000"): (True, "100.00", False),
        ("E2", "411000"): (False, "0.00", True),
    }
    assert _flags(as_of["2025-05-01"].of("suivi")) == {("D3", "416000"): (True, "100.00", False)}


def test_what_names_a_document_that_nobody_has_is_told(as_of: dict[str, Build]) -> None:
    books = as_of["2025-04-01"].of("suivi")
    for reason, document in (
        ("dispute_without_document", "D9 (PART)"),
        ("promise_without_document", "NOTHING"),
    ):
        (exception,) = books.exceptions(reason)
        assert document in str(exception["explanation_fr"])
        assert document in str(exception["explanation_en"])


TWIN_DAYS = ("2025-04-01", "2025-05-01")


def _twin(company_id: str, *, until: str, books_until: str = "2025-12-31") -> Company:
    """A company of random books; what is said after a day is left out, and what ends after it has not ended.

    Nothing is booked after ``books_until``.
    """
    random = Random(20250401)
    entries: list[Entry] = []
    promises, disputes = [], []

    def day(number: int) -> str:
        return f"2025-{1 + number // 28:02}-{1 + number % 28:02}"

    for number in range(60):
        party, piece, cents = f"C{number % 12}", f"F{number}", random.randint(10_000, 90_000)
        amount = f"{cents // 100}.{cents % 100:02}"
        entries.append(sale(day(random.randint(0, 60)), party, piece, amount, letter=f"A{number}"))
        if random.random() < 0.6:
            part = cents if random.random() < 0.6 else cents // 2
            paid = f"{part // 100}.{part % 100:02}"
            entries.append(
                receipt(day(random.randint(61, 160)), party, f"P{number}", paid, letter=f"A{number}")
            )
        for _ in range(2):
            told = amount if random.random() < 0.5 else ""
            document = piece if random.random() < 0.7 else ""
            start = random.randint(30, 160)
            due = day(start + random.randint(5, 60))
            promises.append((day(start), f"{party},{document},{day(start)},{due},{told}"))
            start = random.randint(30, 160)
            ended = day(start + random.randint(5, 60)) if random.random() < 0.6 else ""
            disputes.append((day(start), f"{party},{piece},{day(start)}", ended, told))
    return company(
        company_id,
        {
            FEC_2025: fec(*(one for one in entries if one[0].date <= books_until)),
            "promises.csv": table(
                "third_party_code,document_number,promised_on,promised_date,amount",
                *(row for said, row in promises if said <= until),
            ),
            "disputes.csv": table(
                "third_party_code,document_number,opened_on,closed_on,amount",
                *(
                    f"{row},{closed if closed <= until else ''},{amount}"
                    for opened, row, closed, amount in disputes
                    if opened <= until
                ),
            ),
        },
    )


ALL_THAT_WAS_SAID = _twin("suivi-tout", until="2025-12-31")
SAID_BY_APRIL = _twin("suivi-avril", until=TWIN_DAYS[0])
SAID_BY_MAY = _twin("suivi-mai", until=TWIN_DAYS[1])


@pytest.mark.parametrize(("day", "company_id"), zip(TWIN_DAYS, ("suivi-avril", "suivi-mai"), strict=True))
def test_what_is_said_later_changes_no_figure(as_of: dict[str, Build], day: str, company_id: str) -> None:
    def figures(books: Books) -> dict[str, list[Row]]:
        return {
            "promises": books.rows(
                "SELECT document_ref, promised_on, promised_date, promised_amount, owed_amount, kept_amount, status,"
                " amount_at_stake, days_late FROM fct_promises WHERE company_id = $company ORDER BY ALL"
            ),
            "disputes": books.rows(
                "SELECT document_ref, opened_on, closed_on, disputed_amount, status, amount_at_stake, age_days"
                " FROM fct_disputes WHERE company_id = $company ORDER BY ALL"
            ),
            "items": books.rows(
                "SELECT document_ref, open_amount, is_disputed, disputed_amount, is_promised"
                " FROM fct_open_items WHERE company_id = $company ORDER BY ALL"
            ),
            "exceptions": books.rows(
                "SELECT reason_code, amount, age_days, explanation_fr FROM fct_reconciliation_exceptions"
                " WHERE company_id = $company AND reason_code = 'promise_broken' ORDER BY ALL"
            ),
        }

    then, known_later = (figures(as_of[day].of(one)) for one in (company_id, "suivi-tout"))
    assert then == known_later
    assert all(then.values())
    assert {row["status"] for row in then["promises"]} >= {"kept", "broken", "open"}


MONTH_END = "2025-03-31"
ALL_UNTIL_MONTH_END = _twin("suivi-mars", until=MONTH_END, books_until=MONTH_END)


def test_what_came_after_a_month_end_changes_nothing_of_its_forecast(as_of: dict[str, Build]) -> None:
    """What is forecast at the end of March, as told in May: of all the books, and of those that stop in March."""
    build = as_of["2025-05-01"]
    figures = """
        customer_group, week_number, expected_amount, p10_amount, p50_amount, p90_amount, due_date_amount,
        average_lateness_amount
        FROM intermediate.int_forecast__weeks
        WHERE company_id = $company AND as_of_date = $p1 ORDER BY customer_group, week_number
    """
    day = date.fromisoformat(MONTH_END)
    then, known_later = (build.of(one).rows(f"SELECT {figures}", day) for one in ("suivi-mars", "suivi-tout"))
    assert then == known_later
    assert sum(int(str(row["p90_amount"])) > 0 for row in then if row["p90_amount"] is not None) > 10

    held_against = build.of("suivi-tout").rows(
        """
        SELECT customer_group, week_number, forecast_amount, p90_amount, actual_amount FROM fct_forecast_backtest
        WHERE company_id = $company AND origin_date = $p1 ORDER BY customer_group, week_number
        """,
        day,
    )
    weeks = {(row["customer_group"], row["week_number"]): row for row in then}
    assert len(held_against) >= 4 * 2
    for row in held_against:
        week = weeks[row["customer_group"], row["week_number"]]
        assert Decimal(row["forecast_amount"]) == Decimal(week["expected_amount"]) / 100
        assert Decimal(row["p90_amount"]) == Decimal(week["p90_amount"]) / 100
    assert sum(Decimal(row["actual_amount"]) for row in held_against) > 0
