"""Case 25. 1,000 USD booked at 909.09 and received at 925.93: nothing stays open, and 16.84 are an exchange
gain, not money to be given back."""

from tests.golden.books import Books, Build, Company, company
from tests.golden.documents import Movement, statement
from tests.golden.ledger import FEC_2025, Entry, entry, fec, sale

ACCOUNT = "FR7630006000011234567890250"
INVOICE = "F2025-0017"
CAPITAL = entry("BQ", "2025-01-06", "APPORT", ("512000", "5000.00"), ("101000", "-5000.00"))
BILLED = {"currency": "USD", "amount_currency": "1000.00"}
PAID = {"currency": "USD", "amount_currency": "-1000.00"}


def _company(company_id: str, *entries: Entry) -> Company:
    return company(
        company_id,
        {
            FEC_2025: fec(CAPITAL, *entries),
            "february.xml": statement(
                ACCOUNT,
                "FEB",
                "2025-01-01",
                "2025-02-28",
                "0.00",
                Movement("2025-01-06", "5000.00", "VIR APPORT EN CAPITAL"),
                Movement("2025-02-10", "925.93", f"VIR INTL CLIENT C1 {INVOICE} USD 1000.00"),
            ),
        },
    )


def _received(letter: str = "") -> Entry:
    return entry(
        "BQ",
        "2025-02-10",
        INVOICE,
        ("411000", "-925.93", "C1", {"letter": letter, **PAID}),
        ("512000", "925.93"),
    )


GAIN_BOOKED = _company(
    "case25",
    sale("2025-01-10", "C1", INVOICE, "909.09", letter="A", **BILLED),
    _received("A"),
    entry("OD", "2025-02-28", "CHG1", ("411000", "16.84", "C1", {"letter": "A"}), ("766000", "-16.84")),
)
NOT_LETTERED = _company("case25-open", sale("2025-01-10", "C1", INVOICE, "909.09", **BILLED), _received())
NOT_BOOKED = _company("case25-bank", sale("2025-01-10", "C1", INVOICE, "909.09", **BILLED))


def _settled(books: Books) -> set[tuple[str, str]]:
    found = books.rows("SELECT amount, settlement_kind FROM fct_settlements WHERE company_id = $company")
    return {(row["amount"], row["settlement_kind"]) for row in found}


def test_nothing_stays_open_and_the_gain_is_an_exchange_difference(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case25")
    assert books.open_amounts() == {}
    assert _settled(books) == {("909.09", "payment"), ("16.84", "exchange")}
    assert books.exceptions() == []


def test_before_it_is_lettered_the_projection_says_so(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case25-open")
    assert [(row["open_amount"], row["projected_open_amount"]) for row in books.open_items()] == [
        ("909.09", "0.00"),
        ("-925.93", "0.00"),
    ]
    assert ("16.84", "exchange") in _settled(books)


def test_before_it_is_booked_the_projection_says_so(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case25-bank")
    (item,) = books.open_items()
    assert (item["open_amount"], item["projected_open_amount"]) == ("909.09", "0.00")
    assert ("909.09", "payment") in _settled(books)
    assert {(row["reason_code"], row["amount"]) for row in books.exceptions()} == {
        ("receipt_not_booked", "925.93"),
        ("exchange_not_booked", "16.84"),
    }
