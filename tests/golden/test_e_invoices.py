"""E-invoices give the ledger's documents their due dates: a customer's by our number, a supplier's by whose it is.

As case 8, with a Factur-X in the place of invoices.csv.
"""

from tests.golden.books import Build, company
from tests.golden.documents import Invoice, cii, factur_x, table
from tests.golden.ledger import FEC_2025, fec, purchase, receipt, sale

US = ("Nous SAS", "123456782")
MARTIN = ("Martin SARL", "999999990")
PAPER = ("Papier SA", "444444440")
STEEL = ("Acier SA", "555555556")

COMPANY = company(
    US[1],
    {
        "third_parties.csv": table(
            "third_party_code,kind,name,siren",
            "PAPER,supplier,Papier,444 444 440",
            "STEEL,supplier,Acier,555555556",
        ),
        # F12 is told by both: what people write down counts before what the invoice said.
        "invoices.csv": table("document_number,due_date,total_amount", "F12,2025-09-30,1200.00"),
        "F10.pdf": factur_x(
            Invoice("F10", US, MARTIN, "3000.00", (("2025-02-28", "1000.00"), ("2025-03-31", "2000.00")))
        ),
        "F11.xml": cii(Invoice("F11", US, MARTIN, "600.00", (("2025-06-15", "600.00"),))),
        "F12.pdf": factur_x(Invoice("F12", US, MARTIN, "1200.00", (("2025-06-30", "1200.00"),))),
        # A credit note has no due date, whatever it says.
        "A13.xml": cii(Invoice("A13", US, MARTIN, "60.00", (("2025-06-30", "60.00"),), type_code="381")),
        # Two suppliers used the number 12.
        "paper.pdf": factur_x(Invoice("12", PAPER, US, "240.00", (("2025-04-10", "240.00"),))),
        "steel.pdf": factur_x(Invoice("12", STEEL, US, "360.00", (("2025-05-20", "360.00"),))),
        # Its VAT is not what its rows say, and its total not net and VAT.
        "wrong.xml": cii(
            Invoice("F14", US, MARTIN, "120.00", (("2025-07-31", "120.00"),), net="100.00", vat="21.00")
        ),
        "order.pdf": b"%PDF-1.7\n",
        FEC_2025: fec(
            sale("2025-01-31", "C1", "F10", "3000.00", letter="A"),
            receipt("2025-03-05", "C1", "P10", "1500.00", letter="A"),
            sale("2025-01-31", "C1", "F11", "600.00"),
            sale("2025-01-31", "C1", "F12", "1200.00"),
            sale("2025-01-31", "C1", "F14", "120.00"),
            purchase("2025-01-31", "PAPER", "12", "240.00"),
            purchase("2025-01-31", "STEEL", "12", "360.00"),
        ),
    },
)


def test_due_dates_and_instalments_stand_in_open_items(as_of: dict[str, Build]) -> None:
    rows = as_of["2025-12-31"].of(US[1]).open_items()
    assert sorted(
        (row["document_ref"], row["due_date"], row["open_amount"], row["due_date_source"])
        for row in rows
        if row["ledger_side"] == "receivable"
    ) == [
        ("F10", "2025-03-31", "1500.00", "invoice"),
        ("F11", "2025-06-15", "600.00", "invoice"),
        ("F12", "2025-09-30", "1200.00", "invoice"),
        ("F14", "2025-07-31", "120.00", "invoice"),
    ]


def test_before_the_payment_both_instalments_are_open(as_of: dict[str, Build]) -> None:
    items = as_of["2025-12-31"].of(US[1]).items_at("2025-02-28")
    assert [(row["open_amount"], row["days_past_due"]) for row in items if row["document_ref"] == "F10"] == [
        ("1000.00", 0),
        ("2000.00", -31),
    ]


def test_each_supplier_has_the_due_date_of_its_own_number_12(as_of: dict[str, Build]) -> None:
    rows = as_of["2025-12-31"].of(US[1]).open_items()
    assert {
        row["third_party_id"]: (row["due_date"], row["open_amount"])
        for row in rows
        if row["ledger_side"] == "payable"
    } == {
        f"{US[1]}/supplier/PAPER": ("2025-04-10", "240.00"),
        f"{US[1]}/supplier/STEEL": ("2025-05-20", "360.00"),
    }


def test_an_invoice_that_does_not_add_up_is_told(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of(US[1])
    (total,) = books.control_totals("e_invoice_total")
    assert (total["subject"], total["expected"], total["actual"]) == (
        "F14 Nous SAS",
        "120.00",
        "121.00",
    )
    assert (total["passed"], total["is_blocking"]) == (False, False)
    (count,) = books.control_totals("e_invoices_that_add_up")
    assert (count["expected"], count["actual"]) == ("7.00", "6.00")


def test_a_pdf_that_is_none_is_refused_and_the_rest_goes_on(as_of: dict[str, Build]) -> None:
    (exception,) = as_of["2025-12-31"].of(US[1]).exceptions("file_refused")
    assert "its PDF is damaged" in exception["explanation_en"]
