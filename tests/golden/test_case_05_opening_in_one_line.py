"""Case 5. A year may open each customer with one line. The items stay those of the year before; what the
opening line says more or less than they do is an item of its own, and a control total says so without
blocking. With the new year alone, the opening line is all there is; and before the opening comes, the years
simply go on."""

import pytest

from tests.golden.books import Build, Company, company
from tests.golden.ledger import CUSTOMERS, FEC_2024, FEC_2025, Entry, credit_note, fec, opening, receipt, sale

F6 = sale("2024-10-15", "C1", "F6", "1500.00")
F7 = sale("2024-12-20", "C1", "F7", "2000.00")
NEXT_SALE = sale("2025-11-03", "C9", "F100", "60.00", letter="Z")
NEXT_RECEIPT = receipt("2025-11-30", "C9", "P100", "60.00", letter="Z")


def _opened(
    company_id: str, *opened_by: tuple[str, ...], closing: tuple[Entry, ...] = (F6, F7), piece: str = "SOLDE"
) -> Company:
    """A company that leaves ``closing`` open in 2024, and opens 2025 by the legs given."""
    return company(
        company_id,
        {
            FEC_2024: fec(*closing),
            FEC_2025: fec(opening("2025-01-01", piece, *opened_by), NEXT_SALE, NEXT_RECEIPT),
        },
    )


AGREES = _opened("case05", (CUSTOMERS, "3500.00", "C1"))
SAYS_MORE = _opened("case05-more", (CUSTOMERS, "3600.00", "C1"))
OMITS_F6 = _opened("case05-omits", (CUSTOMERS, "2000.00", "C1"), piece="F7")
OMITS_A_CUSTOMER = _opened(
    "case05-omits-customer",
    (CUSTOMERS, "2000.00", "C2"),
    closing=(F6, sale("2024-12-20", "C2", "F7", "2000.00")),
)
# Names that say nothing of the year, and a first year that begins in October.
UNNAMED = company(
    "case05-unnamed",
    {
        "old.txt": fec(F6, F7),
        "new.txt": fec(opening("2025-01-01", "SOLDE", (CUSTOMERS, "3500.00", "C1")), NEXT_SALE, NEXT_RECEIPT),
    },
)
PER_ACCOUNT = _opened(
    "case05-account", (CUSTOMERS, "3500.00"), closing=(F6, sale("2024-12-20", "C2", "F7", "2000.00"))
)
PER_ACCOUNT_SAYS_MORE = _opened(
    "case05-account-more", (CUSTOMERS, "3600.00"), closing=(F6, sale("2024-12-20", "C2", "F7", "2000.00"))
)
LETTERED = company(
    "case05-lettered",
    {
        FEC_2024: fec(F6, F7),
        FEC_2025: fec(
            opening("2025-01-01", "SOLDE", (CUSTOMERS, "3500.00", "C1"), letter="A"),
            receipt("2025-02-10", "C1", "P6", "1500.00", letter="A"),
            receipt("2025-03-10", "C1", "P7", "2000.00", letter="A"),
        ),
    },
)
LETTERED_WITH_DIFFERENCE = company(
    "case05-lettered-more",
    {
        FEC_2024: fec(F6, F7),
        FEC_2025: fec(
            opening("2025-01-01", "SOLDE", (CUSTOMERS, "3600.00", "C1"), letter="A"),
            receipt("2025-02-10", "C1", "P6", "3600.00", letter="A"),
        ),
    },
)
# What is owed is F3. What cancels out beside it is an invoice with a payment that nobody lettered, or one in dispute
# and an advance for something else.
F1 = sale("2024-09-10", "C1", "F1", "1000.00", due="2024-11-30")
F3 = sale("2024-10-20", "C1", "F3", "500.00", due="2024-11-20")


def _forgotten(company_id: str, paid: str) -> Company:
    return company(
        company_id,
        {
            FEC_2024: fec(F1, F3, receipt("2024-12-05", "C1", "P1", "1000.00")),
            FEC_2025: fec(
                opening("2025-01-01", "SOLDE", (CUSTOMERS, "500.00", "C1"), letter="A"),
                receipt("2025-01-20", "C1", "P3", paid, letter="A"),
            ),
        },
    )


FORGOTTEN = _forgotten("case05-forgotten", "500.00")
FORGOTTEN_AND_PAID_IN_PART = _forgotten("case05-forgotten-part", "200.00")
DISPUTED = company(
    "case05-disputed",
    {
        FEC_2024: fec(receipt("2024-06-03", "C1", "A1", "1000.00"), F1, F3),
        FEC_2025: fec(
            opening("2025-01-01", "SOLDE", (CUSTOMERS, "500.00", "C1"), letter="A"),
            receipt("2025-01-20", "C1", "P3", "500.00", letter="A"),
        ),
    },
)
DEDUCTED = company(
    "case05-deducted",
    {
        FEC_2024: fec(F6, credit_note("2024-11-05", "C1", "A6", "200.00")),
        FEC_2025: fec(
            opening("2025-01-01", "SOLDE", (CUSTOMERS, "1300.00", "C1"), letter="A"),
            receipt("2025-02-10", "C1", "P6", "1300.00", letter="A"),
        ),
    },
)
ALONE_AND_PAID = company(
    "case05-alone-paid",
    {
        FEC_2025: fec(
            opening("2025-01-01", "F7", (CUSTOMERS, "2000.00", "C1"), letter="A", piece_date="2024-12-20"),
            receipt("2025-02-10", "C1", "P7", "2000.00", letter="A"),
        )
    },
)
ALONE = company(
    "case05-alone",
    {
        FEC_2025: fec(
            opening("2025-01-01", "F7", (CUSTOMERS, "2000.00", "C1"), piece_date="2024-12-20"),
            opening("2025-01-01", "SOLDE", (CUSTOMERS, "1500.00", "C2")),
            NEXT_SALE,
            NEXT_RECEIPT,
        )
    },
)
NOT_OPENED_YET = company(
    "case05-before",
    {FEC_2024: fec(F7), FEC_2025: fec(receipt("2025-01-15", "C1", "P7", "500.00"))},
)
OPENED_LATE = Company(
    "case05-late",
    {
        "2025-01-31": {
            FEC_2024: fec(F7),
            f"january/{FEC_2025}": fec(receipt("2025-01-15", "C1", "P7", "500.00")),
        },
        "2025-03-10": {
            f"march/{FEC_2025}": fec(
                opening("2025-01-01", "SOLDE", (CUSTOMERS, "2000.00", "C1")),
                receipt("2025-01-15", "C1", "P7", "500.00"),
            )
        },
    },
)

AGREEING = ["case05", "case05-account", "case05-unnamed"]
DIFFERING = {
    # Company → (third party, left open, restated, difference).
    "case05-more": ("customer/C1", "3500.00", "3600.00", "100.00"),
    "case05-omits": ("customer/C1", "3500.00", "2000.00", "-1500.00"),
    "case05-omits-customer": ("customer/C1", "1500.00", "0.00", "-1500.00"),
    "case05-account-more": ("customer/411000", "3500.00", "3600.00", "100.00"),
}


@pytest.mark.parametrize("company_id", [*AGREEING, *DIFFERING])
def test_the_items_stay_those_of_the_year_before(as_of: dict[str, Build], company_id: str) -> None:
    books = as_of["2025-12-31"].of(company_id)
    kept = {row["document_ref"]: row for row in books.open_items() if row["document_ref"] in ("F6", "F7")}
    assert {document: row["open_amount"] for document, row in kept.items()} == {
        "F6": "1500.00",
        "F7": "2000.00",
    }
    assert {document: row["document_date"] for document, row in kept.items()} == {
        "F6": "2024-10-15",
        "F7": "2024-12-20",
    }
    assert {document: row["due_date"] for document, row in kept.items()} == {
        "F6": "2024-11-14",
        "F7": "2025-01-19",
    }


@pytest.mark.parametrize("company_id", AGREEING)
def test_an_opening_that_agrees_adds_nothing(as_of: dict[str, Build], company_id: str) -> None:
    books = as_of["2025-12-31"].of(company_id)
    assert set(books.open_amounts()) == {"F6", "F7"}
    assert books.exceptions("opening_difference") == []
    (agreed,) = books.control_totals("openings_that_restate_closing")
    assert agreed["passed"]
    assert books.control_totals("opening_restates_closing") == []


@pytest.mark.parametrize("company_id", DIFFERING)
def test_a_difference_is_an_item_of_its_own(as_of: dict[str, Build], company_id: str) -> None:
    third_party, _, _, difference = DIFFERING[company_id]
    books = as_of["2025-12-31"].of(company_id)
    (item,) = [row for row in books.open_items() if row["document_ref"] not in ("F6", "F7")]
    assert "opening difference" in item["document_ref"]
    assert (item["item_type"], item["open_amount"]) == ("opening", difference)
    assert item["third_party_id"] == f"{company_id}/{third_party}"
    assert item["entry_date"] == "2025-01-01"
    # What is owed since nobody knows when has no age; a credit waits to be applied.
    assert item["ageing_bucket_code"] == ("undated" if difference == "100.00" else "unapplied")
    assert item["days_past_due"] is None


@pytest.mark.parametrize("company_id", DIFFERING)
def test_the_difference_is_not_there_before_the_opening(as_of: dict[str, Build], company_id: str) -> None:
    assert as_of["2025-12-31"].of(company_id).open_at("2024-12-31") == {"F6": "1500.00", "F7": "2000.00"}


@pytest.mark.parametrize("company_id", DIFFERING)
def test_a_control_total_fails_without_blocking(as_of: dict[str, Build], company_id: str) -> None:
    _, left_open, restated, difference = DIFFERING[company_id]
    books = as_of["2025-12-31"].of(company_id)
    (control,) = books.control_totals("opening_restates_closing")
    assert (control["expected"], control["actual"], control["difference"]) == (
        left_open,
        restated,
        difference,
    )
    assert not control["passed"]
    assert [row for row in books.failed_controls() if row["is_blocking"]] == []
    (exception,) = books.exceptions("opening_difference")
    assert exception["amount"] == difference


@pytest.mark.parametrize("company_id", [*AGREEING, *DIFFERING])
def test_open_items_equal_the_account_of_the_new_year(as_of: dict[str, Build], company_id: str) -> None:
    restated = DIFFERING[company_id][2] if company_id in DIFFERING else "3500.00"
    if company_id == "case05-omits-customer":
        restated = "2000.00"
    (control,) = as_of["2025-12-31"].of(company_id).control_totals("open_items_equal_control_account")
    assert (control["subject"], control["expected"], control["actual"]) == ("411000", restated, restated)


def test_lettering_on_the_one_line_reaches_the_items_behind_it(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case05-lettered")
    assert books.settlements() == [
        ("F6", "P6", "1500.00", "2025-02-10", "payment"),
        ("F7", "P7", "2000.00", "2025-03-10", "payment"),
    ]
    assert books.open_at("2025-01-31") == {"F6": "1500.00", "F7": "2000.00"}
    assert books.open_at("2025-02-28") == {"F7": "2000.00"}
    assert books.open_amounts() == {}


@pytest.mark.parametrize(
    ("company_id", "paid", "left"),
    [
        ("case05-forgotten", "500.00", {}),
        ("case05-forgotten-part", "200.00", {"F3": "300.00"}),
    ],
)
def test_a_mark_on_a_balance_settles_the_one_item_that_it_is(
    as_of: dict[str, Build], company_id: str, paid: str, left: dict[str, str]
) -> None:
    """F3 of 500 is what the year opens with, and what P3 pays, though nobody lettered F1 with P1."""
    books = as_of["2025-12-31"].of(company_id)
    assert books.open_at("2024-12-31") == {"F1": "1000.00", "F3": "500.00", "P1": "-1000.00"}
    assert books.open_amounts() == {"F1": "1000.00", "P1": "-1000.00"} | left
    assert books.settlements() == [("F3", "P3", paid, "2025-01-20", "payment")]


def test_a_payment_that_nobody_lettered_is_matched_and_not_booked(as_of: dict[str, Build]) -> None:
    """The books have F1 and P1 open, each for itself. What the engine is sure of counts in the projection alone."""
    items = {row["document_ref"]: row for row in as_of["2025-12-31"].of("case05-forgotten").open_items()}
    assert (items["F1"]["status"], items["F1"]["due_date"]) == ("overdue", "2024-11-30")
    assert (items["P1"]["status"], items["P1"]["ageing_bucket_code"]) == ("unapplied", "unapplied")
    assert {row["projected_open_amount"] for row in items.values()} == {"0.00"}


def test_a_disputed_invoice_and_an_advance_beside_the_balance_do_not_vanish(as_of: dict[str, Build]) -> None:
    """A1 came before F1 was there, for something else: it pays it neither in the books nor in the projection."""
    books = as_of["2025-12-31"].of("case05-disputed")
    assert books.settlements() == [("F3", "P3", "500.00", "2025-01-20", "payment")]
    assert {
        row["document_ref"]: (row["open_amount"], row["projected_open_amount"]) for row in books.open_items()
    } == {"F1": ("1000.00", "1000.00"), "A1": ("-1000.00", "-1000.00")}


def test_a_balance_that_no_item_is_holds_what_was_deducted_too(as_of: dict[str, Build]) -> None:
    """The customer took the credit note off and paid the rest; the mark says that nothing of the balance is left."""
    books = as_of["2025-12-31"].of("case05-deducted")
    assert books.settlements() == [
        ("F6", "A6", "200.00", "2024-11-05", "credit_note"),
        ("F6", "P6", "1300.00", "2025-02-10", "payment"),
    ]
    assert books.open_amounts() == {}


def test_with_the_new_year_alone_the_opening_line_is_the_item(as_of: dict[str, Build]) -> None:
    dated, undated = as_of["2025-12-31"].of("case05-alone").open_items()
    assert (dated["document_ref"], dated["item_type"], dated["open_amount"]) == ("F7", "opening", "2000.00")
    assert (dated["document_date"], dated["due_date"], dated["status"]) == (
        "2024-12-20",
        "2025-01-19",
        "overdue",
    )

    assert (undated["document_ref"], undated["item_type"], undated["open_amount"]) == (
        "SOLDE",
        "opening",
        "1500.00",
    )
    assert (undated["due_date"], undated["due_date_source"]) == (None, "opening")
    assert (undated["ageing_bucket_code"], undated["status"], undated["days_past_due"]) == (
        "undated",
        "undated",
        None,
    )


def test_a_letter_on_a_line_that_says_more_settles_the_difference_too(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case05-lettered-more")
    assert books.open_amounts() == {}
    assert sorted((amount, effective) for _, _, amount, effective, _ in books.settlements()) == [
        ("100.00", "2025-02-10"),
        ("1500.00", "2025-02-10"),
        ("2000.00", "2025-02-10"),
    ]


def test_with_the_new_year_alone_a_payment_settles_the_opening_line(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case05-alone-paid")
    assert books.settlements() == [("F7", "P7", "2000.00", "2025-02-10", "payment")]
    assert books.open_at("2025-01-31") == {"F7": "2000.00"}
    assert books.open_amounts() == {}


def test_before_the_opening_comes_the_years_go_on(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case05-before")
    assert books.open_amounts() == {"F7": "2000.00", "P7": "-500.00"}
    (control,) = books.control_totals("open_items_equal_control_account")
    assert (control["expected"], control["actual"]) == ("1500.00", "1500.00")


def test_the_opening_that_comes_late_changes_nothing(known_at: dict[str, Build]) -> None:
    open_in_march = {"F7": "2000.00", "P7": "-500.00"}
    for day in ("2025-01-31", "2025-03-10"):
        books = known_at[day].of("case05-late")
        assert books.open_amounts() == open_in_march
        (control,) = books.control_totals("open_items_equal_control_account")
        assert (control["expected"], control["actual"]) == ("1500.00", "1500.00")
        assert books.exceptions("opening_difference") == []
