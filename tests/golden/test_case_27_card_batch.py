"""Case 27. The bank pays cards in net of its commission, which nobody has booked: one match, and the
commission is what the books lack."""

from tests.golden.books import Build, company
from tests.golden.documents import Movement, statement
from tests.golden.ledger import FEC_2025, entry, fec

ACCOUNT = "FR7630006000011234567890270"
COMPANY = company(
    "case27",
    {
        FEC_2025: fec(
            entry(
                "VE", "2025-01-21", "Z21", ("511500", "500.00"), ("707000", "-416.67"), ("445710", "-83.33")
            ),
            entry("BQ", "2025-01-22", "Z21", ("512000", "500.00"), ("511500", "-500.00")),
        ),
        "january.xml": statement(
            ACCOUNT,
            "JAN",
            "2025-01-01",
            "2025-01-31",
            "0.00",
            Movement("2025-01-22", "497.50", "REMISE CB"),
        ),
    },
)


def test_one_match_names_the_commission(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case27")
    (match,) = books.rows("SELECT * FROM fct_bank_matches WHERE company_id = $company")
    assert (match["bank_amount"], match["ledger_amount"]) == ("497.50", "500.00")
    assert (match["residual_amount"], match["residual_reason"]) == ("-2.50", "bank_fee")
    assert match["match_status"] == "matched"


def test_the_commission_is_the_only_exception(as_of: dict[str, Build]) -> None:
    (exception,) = as_of["2025-12-31"].of("case27").exceptions()
    assert (exception["reason_code"], exception["amount"]) == ("fee_not_booked", "2.50")
