"""Traps of exports as they come: named by their own end, under one name every year, with an instalment whose
amount is not known, with opening entries posted weeks later, lettered on the line of the year before. The
figures hold, and a fault of the input never blocks (``test_cases_together``)."""

from tests.golden.books import Build, company
from tests.golden.documents import Movement, statement, table
from tests.golden.ledger import (
    CUSTOMERS,
    FEC_2024,
    FEC_2025,
    UNREADABLE_ROW,
    Entry,
    fec,
    opening,
    receipt,
    sale,
)

ACCOUNT = "FR7630006000011234567890189"


def _invoices(*months: int) -> list[Entry]:
    """An invoice of 100 on the 10th of each month of 2025, F1 in January."""
    return [sale(f"2025-{month:02}-10", "C1", f"F{month}", "100.00") for month in months]


# January to March, then January to June: the second replaces the first, whatever their names say.
INTERIM = company(
    "trap-interim",
    {
        "123456782FEC20250331.txt": fec(*_invoices(1, 2, 3)),
        "123456782FEC20250630.txt": fec(*_invoices(1, 2, 3, 4, 5, 6)),
    },
)
# The years close in June, nothing says so, and the middle of the lines moves over the end of December.
YEAR_TO_JUNE = company(
    "trap-june",
    {
        "autumn.txt": fec(*[sale(f"2024-{m:02}-10", "C1", f"F{m}", "100.00") for m in (7, 8, 9)]),
        "spring.txt": fec(
            *[sale(f"2024-{m:02}-10", "C1", f"F{m}", "100.00") for m in (7, 8, 9)], *_invoices(1, 2, 3, 4, 5)
        ),
    },
)
ONE_NAME = company(
    "trap-one-name",
    {
        "2024/fec.txt": fec(sale("2024-03-10", "C1", "F1", "100.00")) + UNREADABLE_ROW,
        "2025/fec.txt": fec(
            opening("2025-01-01", "F1", (CUSTOMERS, "100.00", "C1")), sale("2025-03-10", "C1", "F2", "50.00")
        )
        + UNREADABLE_ROW,
    },
)
NO_AMOUNT = company(
    "trap-instalment",
    {
        "invoices.csv": table(
            "third_party_code,document_number,issue_date,due_date,total_amount,order_reference",
            "C1,F10,2025-01-31,2025-02-28,1500.00,{company}",
            "C1,F10,2025-01-31,2025-03-31,1500.00,{company}",
            "C1,F10,2025-01-31,2025-04-30,,{company}",
        ),
        FEC_2025: fec(sale("2025-01-31", "C1", "F10", "3000.00")),
    },
)
LATE_OPENING = company(
    "trap-late-opening",
    {
        FEC_2024: fec(
            sale("2024-03-10", "C1", "F1", "100.00"),
            sale("2024-04-10", "C2", "F2", "200.00"),
        ),
        FEC_2025: fec(
            opening("2025-01-01", "F1", (CUSTOMERS, "100.00", "C1")),
            opening("2025-02-15", "F2", (CUSTOMERS, "200.00", "C2")),
            sale("2025-03-10", "C1", "F3", "30.00"),
        ),
    },
)
LETTERED_ON_ITS_OWN_LINE = company(
    "trap-letter",
    {
        FEC_2024: fec(sale("2024-11-10", "C1", "F1", "100.00", letter="BB")),
        FEC_2025: fec(
            opening("2025-01-01", "F1", (CUSTOMERS, "100.00", "C1")),
            receipt("2025-02-05", "C1", "P1", "100.00", letter="BB"),
        ),
    },
)
FEE = Movement("2025-01-10", "-5.00", "FRAIS DE TENUE")
NINE_AND_TEN = company(
    "trap-references",
    {
        "9.xml": statement(ACCOUNT, "REL-9", "2025-01-10", "2025-01-10", "100.00", FEE),
        "10.xml": statement(ACCOUNT, "REL-10", "2025-01-10", "2025-01-10", "95.00", FEE),
    },
)
SHARED_DAY = company(
    "trap-shared-day",
    {
        "a.xml": statement(
            ACCOUNT, "R1", "2025-01-01", "2025-01-10", "100.00", Movement("2025-01-05", "5.00", "VIR DUPONT")
        ),
        "b.xml": statement(
            ACCOUNT, "R2", "2025-01-10", "2025-01-20", "500.00", Movement("2025-01-15", "1.00", "VIR MARTIN")
        ),
    },
)


def test_interim_exports_named_by_their_own_end_are_one_year(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("trap-interim")
    assert books.open_amounts() == {f"F{month}": "100.00" for month in range(1, 7)}
    assert books.exceptions() == []


def test_a_year_to_june_without_settings_is_one_year(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("trap-june")
    assert books.open_amounts() == {f"F{month}": "100.00" for month in (1, 2, 3, 4, 5, 7, 8, 9)}
    assert books.exceptions() == []


def test_bad_rows_of_two_years_are_two_exceptions(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("trap-one-name")
    assert books.open_amounts() == {"F1": "100.00", "F2": "50.00"}
    assert len(books.exceptions("rows_quarantined")) == 2


def test_an_instalment_without_amount_leaves_the_invoice_whole(as_of: dict[str, Build]) -> None:
    (item,) = as_of["2025-12-31"].of("trap-instalment").open_items()
    assert (item["open_amount"], item["due_date"]) == ("3000.00", "2025-02-28")


def test_an_opening_entry_dated_later_speaks_of_the_first_day(as_of: dict[str, Build]) -> None:
    books = as_of["2025-01-10"].of("trap-late-opening")
    assert books.open_amounts() == {"F1": "100.00", "F2": "200.00"}
    assert books.failed_controls() == []


def test_a_letter_on_the_line_of_the_year_before_settles_it(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("trap-letter")
    assert books.open_items() == []
    assert books.settlements() == [("F1", "P1", "100.00", "2025-02-05", "payment")]
    assert as_of["2025-01-10"].of("trap-letter").open_amounts() == {"F1": "100.00"}


def test_two_fees_of_statements_nine_and_ten_are_two(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("trap-references")
    (fees,) = books.rows("SELECT count(*) AS count FROM fct_bank_transactions WHERE company_id = $company")
    assert fees["count"] == 2
    assert books.exceptions("statement_gap") == []


def test_a_gap_is_seen_where_statements_share_a_day(as_of: dict[str, Build]) -> None:
    (gap,) = as_of["2025-12-31"].of("trap-shared-day").exceptions("statement_gap")
    assert (gap["amount"], gap["object_id"]) == ("395.00", f"{ACCOUNT} 2025-01-10")
