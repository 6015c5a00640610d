"""Case 4. An invoice of one year is carried into the next by an opening line, and paid there: the letter
stands on the opening line. It is one item, with the date of its own year, counted once on every day."""

import pytest

from tests.golden.books import Build, company
from tests.golden.ledger import CUSTOMERS, FEC_2024, FEC_2025, fec, opening, receipt, sale

INVOICE = sale("2024-12-10", "C1", "F5", "2000.00")
RECEIPT = receipt("2025-01-20", "C1", "P5", "2000.00", letter="BB")

DATED_BY_OPENING = company(
    "case04",
    {
        FEC_2024: fec(INVOICE),
        FEC_2025: fec(opening("2025-01-01", "F5", (CUSTOMERS, "2000.00", "C1"), letter="BB"), RECEIPT),
    },
)
DATED_BY_PIECE = company(
    "case04-dated",
    {
        FEC_2024: fec(INVOICE),
        FEC_2025: fec(
            opening("2025-01-01", "F5", (CUSTOMERS, "2000.00", "C1"), letter="BB", piece_date="2024-12-10"),
            RECEIPT,
        ),
    },
)
# The years close in June: the files' names say so, and the opening lines stand on 1 July.
YEARS_TO_JUNE = company(
    "case04-june",
    {
        "123456782FEC20240630.txt": fec(sale("2024-05-10", "C1", "F5", "2000.00")),
        "123456782FEC20250630.txt": fec(
            opening("2024-07-01", "F5", (CUSTOMERS, "2000.00", "C1"), letter="BB"),
            receipt("2024-07-20", "C1", "P5", "2000.00", letter="BB"),
        ),
    },
)
both = pytest.mark.parametrize("company_id", ["case04", "case04-dated"])


@both
def test_it_is_one_item_with_its_own_date(as_of: dict[str, Build], company_id: str) -> None:
    item = as_of["2025-12-31"].of(company_id).item("F5")
    assert (item["document_date"], item["entry_date"], item["due_date"]) == (
        "2024-12-10",
        "2024-12-10",
        "2025-01-09",
    )
    assert (item["original_amount"], item["settled_date"]) == ("2000.00", "2025-01-20")


@both
def test_it_counts_once_before_across_and_after_the_opening(as_of: dict[str, Build], company_id: str) -> None:
    books = as_of["2025-12-31"].of(company_id)
    assert books.open_at("2024-12-31") == {"F5": "2000.00"}
    assert as_of["2025-01-10"].of(company_id).open_amounts() == {"F5": "2000.00"}
    assert books.open_at("2025-01-31") == {}
    (balance,) = (
        as_of["2025-01-10"]
        .of(company_id)
        .rows("SELECT total_amount, overdue_1 FROM mart_aged_balance WHERE company_id = $company")
    )
    # Due on 9 January, one day before.
    assert balance == {"total_amount": "2000.00", "overdue_1": "2000.00"}


@both
def test_the_payment_settles_the_original(as_of: dict[str, Build], company_id: str) -> None:
    books = as_of["2025-12-31"].of(company_id)
    assert books.settlements() == [("F5", "P5", "2000.00", "2025-01-20", "payment")]
    (settlement,) = books.rows("SELECT days_to_pay FROM fct_settlements WHERE company_id = $company")
    assert settlement["days_to_pay"] == 41


@both
def test_the_opening_line_stays_in_the_ledger_as_a_restatement(
    as_of: dict[str, Build], company_id: str
) -> None:
    lines = (
        as_of["2025-12-31"]
        .of(company_id)
        .rows(
            """
        SELECT entry_date, is_opening, is_restatement, ledger_line_id FROM fct_ledger_lines
        WHERE company_id = $company AND account_code = '411000' AND document_ref = 'F5' ORDER BY entry_date
        """
        )
    )
    assert [(row["entry_date"], row["is_opening"], row["is_restatement"]) for row in lines] == [
        ("2024-12-10", False, False),
        ("2025-01-01", True, True),
    ]
    assert len({row["ledger_line_id"] for row in lines}) == 2


@both
def test_opening_and_closing_agree(as_of: dict[str, Build], company_id: str) -> None:
    books = as_of["2025-12-31"].of(company_id)
    assert [row for row in books.failed_controls() if "restate" in row["control_name"]] == []
    assert books.exceptions("opening_difference") == []


def test_years_that_close_in_june(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case04-june")
    assert [(row["document_ref"], row["entry_date"]) for row in books.items()] == [
        ("F5", "2024-05-10"),
        ("P5", "2024-07-20"),
    ]
    assert books.open_at("2024-06-30") == {"F5": "2000.00"}
    assert books.open_at("2024-07-31") == {}
    assert books.settlements() == [("F5", "P5", "2000.00", "2024-07-20", "payment")]
    assert books.exceptions("opening_difference") == []
