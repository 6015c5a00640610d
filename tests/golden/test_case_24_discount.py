"""Case 24. Two per cent within ten days: 1,176.00 closes an invoice of 1,200.00, and the 24.00 kept back are
20.00 of discount granted and 4.00 of VAT."""

from tests.golden.books import Build, Company, company
from tests.golden.documents import Movement, statement, table
from tests.golden.ledger import FEC_2025, Entry, entry, fec, receipt, sale

ACCOUNT = "FR7630006000011234567890240"
TERMS = table("third_party_code,name,payment_terms", "C1,Client C1,2/10 net 30")
INVOICE = "F2025-0016"
CAPITAL = entry("BQ", "2025-01-06", "APPORT", ("512000", "5000.00"), ("101000", "-5000.00"))


def _paid_on(company_id: str, day: str, *entries: Entry) -> Company:
    return company(
        company_id,
        {
            "third_parties.csv": TERMS,
            FEC_2025: fec(CAPITAL, *entries),
            "january.xml": statement(
                ACCOUNT,
                "JAN",
                "2025-01-01",
                "2025-01-31",
                "0.00",
                Movement("2025-01-06", "5000.00", "VIR APPORT EN CAPITAL"),
                Movement(day, "1176.00", f"VIR CLIENT C1 {INVOICE}"),
            ),
        },
    )


def _discount(letter: str) -> Entry:
    return entry(
        "OD",
        "2025-01-31",
        "ESC1",
        ("411000", "-24.00", "C1", {"letter": letter}),
        ("665000", "20.00"),
        ("445710", "4.00"),
    )


NOT_BOOKED = _paid_on("case24", "2025-01-20", sale("2025-01-10", "C1", INVOICE, "1200.00"))
TOO_LATE = _paid_on("case24-late", "2025-01-24", sale("2025-01-10", "C1", INVOICE, "1200.00"))
NOT_LETTERED = _paid_on(
    "case24-ledger",
    "2025-01-20",
    sale("2025-01-10", "C1", INVOICE, "1200.00"),
    receipt("2025-01-20", "C1", INVOICE, "1176.00"),
)
LETTERED = _paid_on(
    "case24-lettered",
    "2025-01-20",
    sale("2025-01-10", "C1", INVOICE, "1200.00", letter="A"),
    receipt("2025-01-20", "C1", "VIR1", "1176.00", letter="A"),
    _discount("A"),
)


def test_the_books_say_payment_and_discount(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case24-lettered")
    assert books.open_amounts() == {}
    assert books.settlements() == [
        (INVOICE, "ESC1", "24.00", "2025-01-31", "discount"),
        (INVOICE, "VIR1", "1176.00", "2025-01-20", "payment"),
    ]
    assert books.exceptions() == []


def test_a_receipt_less_the_discount_settles_the_invoice(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case24")
    settled = books.rows("SELECT * FROM fct_settlements WHERE company_id = $company ORDER BY amount")
    assert [(row["amount"], row["settlement_kind"], row["status"]) for row in settled] == [
        ("24.00", "discount", "matched"),
        ("1176.00", "payment", "matched"),
    ]
    (item,) = books.open_items()
    assert (item["open_amount"], item["projected_open_amount"]) == ("1200.00", "0.00")


def test_the_discount_to_be_booked_is_told_with_its_vat(as_of: dict[str, Build]) -> None:
    exceptions = as_of["2025-12-31"].of("case24").exceptions()
    assert {row["reason_code"] for row in exceptions} == {"receipt_not_booked", "discount_not_booked"}
    (discount,) = [row for row in exceptions if row["reason_code"] == "discount_not_booked"]
    assert discount["amount"] == "24.00"
    for language in ("explanation_fr", "explanation_en"):
        assert "20.00" in discount[language]
        assert "4.00" in discount[language]


def test_a_booked_payment_less_the_discount_settles_the_invoice(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case24-ledger")
    settled = books.rows("SELECT * FROM fct_settlements WHERE company_id = $company ORDER BY amount")
    assert [(row["amount"], row["settlement_kind"], row["status"]) for row in settled] == [
        ("24.00", "discount", "matched"),
        ("1176.00", "payment", "matched"),
    ]
    assert {row["projected_open_amount"] for row in books.open_items()} == {"0.00"}


def test_after_the_ten_days_it_is_a_short_payment(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case24-late")
    (item,) = books.open_items()
    settled = books.rows("SELECT settlement_kind FROM fct_settlements WHERE company_id = $company")
    assert "discount" not in {row["settlement_kind"] for row in settled}
    assert item["projected_open_amount"] in ("24.00", "1200.00")
