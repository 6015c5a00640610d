"""Case 11. A direct debit is returned by the bank. What is owed again is owed since the invoice's due date,
and both the settlement and its return stay to be seen. Where the accountant undoes the lettering instead, the
invoice itself is open again, and the snapshots taken before keep what they said."""

import pytest

from tests.golden.books import Build, Company, company
from tests.golden.ledger import FEC_2025, fec, receipt, returned, sale


def _returned(
    company_id: str, *, debit_piece: str, return_piece: str, letter: str = "", due: str = ""
) -> Company:
    return company(
        company_id,
        {
            FEC_2025: fec(
                # Due on 28 February, by the ledger's own column or 30 days after the document.
                sale("2025-01-29", "C1", "F11", "600.00", letter="EE", due=due),
                receipt("2025-03-05", "C1", debit_piece, "600.00", letter="EE"),
                returned("2025-03-10", "C1", return_piece, "600.00", letter=letter),
            )
        },
    )


PIECE_OF_INVOICE = _returned("case11", debit_piece="L11", return_piece="F11", due="2025-02-28")
DUE_BY_TERMS = _returned("case11-terms", debit_piece="L11", return_piece="F11")
PIECE_OF_DEBIT = _returned("case11-debit", debit_piece="L11", return_piece="L11", due="2025-02-28")
ONE_PIECE = _returned("case11-piece", debit_piece="F11", return_piece="F11", due="2025-02-28")
ALSO_LETTERED = _returned(
    "case11-lettered", debit_piece="L11", return_piece="F11", letter="EE", due="2025-02-28"
)
VARIANTS = ["case11", "case11-terms", "case11-debit", "case11-piece", "case11-lettered"]

UNDONE = Company(
    "case11-undone",
    {
        "2025-03-10": {
            f"march/{FEC_2025}": fec(
                sale("2025-01-29", "C1", "F11", "600.00", letter="EE"),
                receipt("2025-03-05", "C1", "L11", "600.00", letter="EE"),
            )
        },
        "2025-04-30": {
            f"april/{FEC_2025}": fec(
                sale("2025-01-29", "C1", "F11", "600.00"),
                receipt("2025-03-05", "C1", "L11", "600.00", letter="EF"),
                returned("2025-03-12", "C1", "L11", "600.00", letter="EF"),
            )
        },
    },
)


@pytest.mark.parametrize("company_id", VARIANTS)
def test_what_is_owed_again_is_late_since_the_invoice_was_due(
    as_of: dict[str, Build], company_id: str
) -> None:
    books = as_of["2025-12-31"].of(company_id)
    (item,) = books.open_items()
    assert (item["entry_date"], item["open_amount"], item["due_date"]) == (
        "2025-03-10",
        "600.00",
        "2025-02-28",
    )
    (in_march,) = books.items_at("2025-03-31")
    assert (in_march["entry_date"], in_march["open_amount"]) == ("2025-03-10", "600.00")
    assert (in_march["days_past_due"], in_march["ageing_bucket_code"]) == (31, "overdue_2")


@pytest.mark.parametrize("company_id", VARIANTS)
def test_the_settlement_and_the_return_stay_visible(as_of: dict[str, Build], company_id: str) -> None:
    books = as_of["2025-12-31"].of(company_id)
    (settlement,) = books.rows(
        """
        SELECT debit.entry_date AS invoiced_on, credit.entry_date AS debited_on, amount, effective_date, settlement_kind
        FROM fct_settlements
        JOIN fct_items debit ON debit_item_id = debit.item_id JOIN fct_items credit ON credit_item_id = credit.item_id
        WHERE fct_settlements.company_id = $company
        """
    )
    assert list(settlement.values()) == ["2025-01-29", "2025-03-05", "600.00", "2025-03-05", "payment"]
    returns = [row for row in books.items() if row["entry_date"] == "2025-03-10"]
    assert [(row["item_type"], row["original_amount"]) for row in returns] == [("payment", "600.00")]


def test_before_the_return_nothing_was_open(as_of: dict[str, Build]) -> None:
    assert as_of["2025-12-31"].of("case11").open_at("2025-02-28") == {"F11": "600.00"}


def test_with_the_lettering_undone_the_invoice_is_open_again(known_at: dict[str, Build]) -> None:
    books = known_at["2025-04-30"].of("case11-undone")
    (item,) = books.open_items()
    assert (item["document_ref"], item["open_amount"], item["due_date"]) == ("F11", "600.00", "2025-02-28")
    assert item["days_past_due"] == 61
    assert books.settlements() == [("L11", "L11", "600.00", "2025-03-12", "return")]


def test_snapshots_taken_before_keep_what_they_said(known_at: dict[str, Build]) -> None:
    assert known_at["2025-03-10"].of("case11-undone").open_amounts() == {}
    books = known_at["2025-04-30"].of("case11-undone")
    assert books.open_at("2025-03-10", known_at="2025-03-10") == {}
    assert books.open_at("2025-03-31") == {"F11": "600.00"}
    assert books.open_at("2025-02-28") == {"F11": "600.00"}
