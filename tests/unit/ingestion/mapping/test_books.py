"""Ledgers, invoices and third parties read by a mapping of encours.toml, on files made by hand."""

import tomllib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from home.settings import Settings

LEDGER = 'name = "books"\nlands_as = "ledger"\ndate_formats = ["%d/%m/%Y"]\ndecimal_mark = ","\n'
SIDED = (
    LEDGER
    + 'columns = { entry_date = "Date", account_code = "Compte", debit = "Débit", credit = "Crédit" }\n'
)


def taken(desk: Any, mapping: str, content: str | bytes) -> Any:
    desk.settings = Settings.model_validate({"mappings": [tomllib.loads(mapping)]})
    desk.drop("acme/export.csv", content)
    (record,) = desk.take().new_files
    return record


def sides(desk: Any) -> list[tuple[str, Decimal, Decimal]]:
    return [(row["account_code"], row["debit"], row["credit"]) for row in desk.rows("ledger_lines")]


def test_a_ledger_lands_with_debits_and_credits_as_they_stand(desk: Any) -> None:
    text = (
        "Date;Compte;Débit;Crédit\n02/01/2026;411000;1 200,50;\n02/01/2026;706000;;1 200,50\n"
        "03/01/2026;411000;-5,00;0\n"
    )
    record = taken(desk, SIDED, text)
    assert sides(desk) == [
        ("411000", Decimal("1200.50"), 0),
        ("706000", 0, Decimal("1200.50")),
        ("411000", Decimal("-5.00"), 0),
    ]
    assert (record.kind, record.total_debit, record.total_credit) == (
        "ledger",
        Decimal("1195.50"),
        Decimal("1200.50"),
    )
    assert (record.period_start, record.period_end) == (date(2026, 1, 2), date(2026, 1, 3))
    assert record.dialect == "mapping books;semicolon;utf-8;lf"


@pytest.mark.parametrize(
    ("columns", "header", "rows"),
    [
        ('amount = "Montant", direction = "Sens"', "Montant;Sens", ("5,00;D", "7,00;C")),
        ('amount = "Montant", direction = "Sens"', "Montant;Sens", ("5,00;1", "7,00;-1")),
        ('amount = "Solde"', "Solde", ("5,00", "-7,00")),
    ],
)
def test_amounts_may_have_a_side_or_a_sign(
    desk: Any, columns: str, header: str, rows: tuple[str, str]
) -> None:
    mapping = LEDGER + f'columns = {{ entry_date = "Date", account_code = "Compte", {columns} }}\n'
    taken(desk, mapping, f"Date;Compte;{header}\n02/01/2026;411;{rows[0]}\n02/01/2026;706;{rows[1]}\n")
    assert sides(desk) == [("411", 5, 0), ("706", 0, 7)]


def test_ledger_lines_that_cannot_be_read_are_set_aside_with_every_reason(desk: Any) -> None:
    text = (
        "Date;Compte;Débit;Crédit\n02/01/2026;411;5,00;\n31/02/2026;411;x;\n02/01/2026;;5,00;\n"
        "02/01/2026;411;;\n02/01/2026;411;5,001;\n02/01/2026;706;;5,00\n"
    )
    record = taken(desk, SIDED, text)
    assert (record.rows_read, record.rows_landed) == (6, 2)
    assert [(row["source_row"], row["reason"]) for row in desk.rows("quarantined_rows")] == [
        (
            3,
            "Date: “31/02/2026” is no day of the calendar; "
            "Débit: “x” is not an amount with a comma before its decimals",
        ),
        (4, "Compte is empty"),
        (5, "the row has no amount"),
        (6, "Débit: “5,001” has more than 2 decimals"),
    ]


def test_titles_and_footers_of_a_ledger_are_left_out_and_text_between_lines_is_set_aside(desk: Any) -> None:
    text = (
        "Date;Compte;Débit;Crédit\nJournal VE;;;\n02/01/2026;411;5,00;\nSuite;;;\n02/01/2026;706;;5,00\n"
        "Edité par X;;;\n"
    )
    record = taken(desk, SIDED, text)
    (bad,) = desk.rows("quarantined_rows")
    assert (bad["source_row"], bad["reason"]) == (4, "the row has neither date, amount nor number")
    assert "rows left out 2" in record.dialect


def test_lines_of_fixed_width_take_what_their_entry_says(desk: Any) -> None:
    mapping = (
        'name = "fixed"\nlands_as = "ledger"\nlayout = "fixed"\nrecord = "L"\npattern = \'\\AENTRIES\'\n'
        'date_formats = ["%Y%m%d"]\n'
        'columns = { journal_code = "E 2-3", entry_date = "E 4-11", account_code = "2-7", debit = "8-13",'
        ' credit = "14-19" }\n'
    )
    text = "ENTRIES\nEVE20260102\nL411000  5.00\nL706000        5.00\nX ignored\nEAC20260103\nL401000        7.00\n"
    taken(desk, mapping, text)
    shown = [
        (r["journal_code"], r["entry_date"].day, r["account_code"], r["debit"], r["credit"])
        for r in desk.rows("ledger_lines")
    ]
    assert shown == [("VE", 2, "411000", 5, 0), ("VE", 2, "706000", 0, 5), ("AC", 3, "401000", 0, 7)]
    assert [r["source_row"] for r in desk.rows("ledger_lines")] == [3, 4, 7]


XML = (
    'name = "xml"\nlands_as = "ledger"\nlayout = "xml"\nrecord = "line"\npattern = "<books"\n'
    'columns = { journal_code = "journal code", entry_date = "entry date", account_code = "account", debit = "debit",'
    ' credit = "credit", label = "text" }\n'
)


def test_xml_records_take_attributes_and_children_of_their_own_and_of_what_stands_around(desk: Any) -> None:
    text = (
        '<?xml version="1.0"?>\n<books><journal code="VE"><entry date="2026-01-02">\n'
        '<line account="411" debit="5.00"><text>A &amp; B</text></line>\n'
        '<line account="706" credit="5.00"/></entry></journal></books>'
    )
    taken(desk, XML, text)
    rows = desk.rows("ledger_lines")
    assert [(r["journal_code"], r["account_code"], r["debit"], r["credit"], r["label"]) for r in rows] == [
        ("VE", "411", 5, 0, "A & B"),
        ("VE", "706", 0, 5, None),
    ]
    assert [r["source_row"] for r in rows] == [3, 4]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<books><line account='411'", "its XML is broken at line 1"),
        ('<?xml version="1.0" encoding="x"?><books/>', "its XML declares an encoding that cannot be read"),
        ('<!DOCTYPE books [<!ENTITY a "b">]><books><line/></books>', "its XML declares a document type"),
        ("<books>" + "<a>" * 200 + "</a>" * 200 + "</books>", "its XML is nested too deeply on line 1"),
        ("<books><line><text>" + "x" * 3_000_000 + "</text></line></books>", "it holds an endless value on line 1"),
        ("<books><line a='" + "x" * 5_000_000, "it holds an endless tag on line 1"),
    ],
)  # fmt: skip
def test_xml_that_is_broken_or_made_to_do_harm_is_refused(desk: Any, text: str, words: str) -> None:
    record = taken(desk, XML, text)
    assert (record.status, desk.rows("ledger_lines")) == ("refused", [])
    assert record.reason.startswith(words)


INVOICES = (
    'name = "sales"\nlands_as = "invoices"\n'
    'columns = { document_number = ["Number", "Id"], third_party_code = "Customer", kind = "Kind", issue_date = "Date",'
    ' due_date = "Due", total_amount = "Total", currency = "Ccy" }\n'
)


def test_invoices_land_and_negative_totals_are_credit_notes(desk: Any) -> None:
    text = (
        "Number;Id;Customer;Kind;Date;Due;Total;Ccy\nF1;1;MARTIN;;2026-01-02;2026-02-02;100.00;EUR\n"
        ";2;PETIT;fournisseur;2026-01-03;;-20.00;EUR\n"
    )
    taken(desk, INVOICES, text)
    rows = desk.rows("invoices")
    assert [(r["document_number"], r["third_party_code"], r["kind"], r["document_type"]) for r in rows] == [
        ("F1", "MARTIN", "customer", "invoice"),
        ("2", "PETIT", "supplier", "credit_note"),
    ]
    assert [(r["issue_date"].day, r["due_date"], r["total_amount"]) for r in rows] == [
        (2, date(2026, 2, 2), 100),
        (3, None, -20),
    ]


def test_invoices_that_say_nothing_are_set_aside(desk: Any) -> None:
    text = (
        "Number;Id;Customer;Kind;Date;Due;Total;Ccy\nF1;;MARTIN;;2026-01-02;;;\nF2;;MARTIN;;;;;EUR\n"
        ";;MARTIN;;2026-01-02;;5.00;\nF3;;MARTIN;broker;2026-01-02;;5.00;\nF4;;MARTIN;;;;5.00;\n"
    )
    taken(desk, INVOICES, text)
    assert [row["document_number"] for row in desk.rows("invoices")] == ["F1", "F4"]
    assert [(row["source_row"], row["reason"]) for row in desk.rows("quarantined_rows")] == [
        (3, "the row has neither a date nor an amount"),
        (4, "Number is empty"),
        (5, "Kind: “broker” is not customer or supplier"),
    ]


def test_invoice_lines_are_added_up_by_document_and_counted(desk: Any) -> None:
    mapping = INVOICES + "adds_up_lines = true\n"
    text = (
        "Number;Id;Customer;Kind;Date;Due;Total;Ccy\nF1;;MARTIN;;2026-01-02;;100.00;EUR\nF2;;PETIT;;2026-01-03;;1.00;EUR\n"
        "F1;;MARTIN;;2026-01-02;;0.50;EUR\nF1;;MARTIN;;2026-01-02;;x;EUR\n"
    )
    record = taken(desk, mapping, text)
    assert [(r["source_row"], r["document_number"], r["total_amount"]) for r in desk.rows("invoices")] == [
        (2, "F1", Decimal("100.50")),
        (3, "F2", Decimal("1.00")),
    ]
    assert (record.rows_read, record.rows_landed, record.rows_quarantined) == (3, 2, 1)
    assert "lines added up 3" in record.dialect


def test_third_parties_land_with_words_translated(desk: Any) -> None:
    mapping = (
        'name = "contacts"\nlands_as = "third_parties"\n'
        'columns = { third_party_code = "No", name = "Name", kind = "Type", company_id = "Company" }\n'
        'values = { kind = { CL = "customer", FO = "supplier" } }\n'
    )
    record = taken(
        desk, mapping, "No;Name;Type;Company\n1;Martin;CL;acme\n2;Petit;FO;bravo\n;Nobody;CL;acme\n"
    )
    assert [(r["third_party_code"], r["kind"], r["company_id"]) for r in desk.rows("third_parties")] == [
        ("1", "customer", "acme"),
        ("2", "supplier", "bravo"),
    ]
    assert (record.company_ids, record.names_every_company) == (("acme", "bravo"), True)


@pytest.mark.parametrize("mapping", [SIDED, INVOICES])
def test_a_header_without_a_row_is_refused(desk: Any, mapping: str) -> None:
    header = (
        "Date;Compte;Débit;Crédit\n" if mapping is SIDED else "Number;Id;Customer;Kind;Date;Due;Total;Ccy\n"
    )
    record = taken(desk, mapping, header)
    assert (record.status, record.reason) == ("refused", "it holds a header and no row")
