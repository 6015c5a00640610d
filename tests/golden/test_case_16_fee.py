"""Case 16. The bank kept a fee from a transfer that the books show in full: within the fee table one match
names it, beyond it nothing is matched and the proposal names what is not explained."""

from tests.golden.books import Build, Company, company
from tests.golden.documents import Movement, statement
from tests.golden.ledger import FEC_2025, fec, receipt, sale

ACCOUNT = "FR7630006000011234567890160"
REFERENCE = "F2025-0016"


def _received(company_id: str, amount: str) -> Company:
    return company(
        company_id,
        {
            FEC_2025: fec(
                sale("2025-01-10", "MARTIN", REFERENCE, "1000.00", letter="A"),
                receipt("2025-01-24", "MARTIN", REFERENCE, "1000.00", letter="A"),
            ),
            "january.xml": statement(
                ACCOUNT,
                "JAN",
                "2025-01-01",
                "2025-01-31",
                "0.00",
                Movement("2025-01-24", amount, f"VIR MARTIN {REFERENCE}"),
            ),
        },
    )


WITHIN = _received("case16", "985.00")
BEYOND = _received("case16-sixty", "940.00")


def test_one_match_names_the_fee(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case16")
    (match,) = books.rows("SELECT * FROM fct_bank_matches WHERE company_id = $company")
    assert (match["bank_amount"], match["ledger_amount"]) == ("985.00", "1000.00")
    assert (match["residual_amount"], match["residual_reason"]) == ("-15.00", "bank_fee")
    assert (match["match_status"], match["match_cardinality"]) == ("matched", "1:1")


def test_what_the_books_lack_is_one_exception(as_of: dict[str, Build]) -> None:
    (exception,) = as_of["2025-12-31"].of("case16").exceptions()
    assert (exception["reason_code"], exception["amount"]) == ("fee_not_booked", "15.00")


def test_more_than_the_fee_table_allows_is_proposed_and_not_explained(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case16-sixty")
    (match,) = books.rows("SELECT * FROM fct_bank_matches WHERE company_id = $company")
    assert match["match_status"] == "proposed"
    assert (match["residual_amount"], match["residual_reason"]) == ("-60.00", "unexplained")


def test_both_lines_are_exceptions_that_hold_the_proposal(as_of: dict[str, Build]) -> None:
    exceptions = as_of["2025-12-31"].of("case16-sixty").exceptions()
    assert sorted(exception["side"] for exception in exceptions) == ["bank", "ledger"]
    assert all("60.00" in exception["suggestion"] for exception in exceptions)
