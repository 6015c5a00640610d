"""third_parties.csv and invoices.csv: what is mandatory, what is tolerated, what is set aside."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest


def landed(desk: Any, content: bytes | str, table: str) -> list[dict[str, Any]]:
    desk.drop("acme/file", content)
    (record,) = desk.take().new_files
    assert (record.status, record.kind, record.reason) == ("landed", table, None)
    return [
        {name: value for name, value in row.items() if name != "source_sha256"} for row in desk.rows(table)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(("separator", "end"), [(",", "\n"), (";", "\r\n")])
def test_third_parties_land_in_any_order_of_columns(
    desk: Any, separator: str, end: str, encoding: str
) -> None:
    lines = [
        ["Name", "third_party_code", "company_id", "iban", "payment_terms", "credit_limit", "KIND"],
        ["Société Été", "MARTIN", "acme", "FR76 1|FR76 2", "30 EOM 10", '"10000,50"', "customer"],
        ["", "EDF", "", "", "", "", "Supplier"],
        ["", "DUPONT", "", "", "", "2000.00", ""],
    ]
    content = "".join(separator.join(line) + end for line in lines).encode(encoding)
    first, second, third = landed(desk, content, "third_parties")
    assert first == {
        "source_row": 2,
        "company_id": "acme",
        "third_party_code": "MARTIN",
        "name": "Société Été",
        "kind": "customer",
        "siren": None,
        "vat_number": None,
        "iban": "FR76 1|FR76 2",
        "payment_terms": "30 EOM 10",
        "credit_limit": Decimal("10000.50"),
        "currency": None,
        "segment": None,
        "agency": None,
        "sales_rep": None,
        "email": None,
        "language": None,
    }
    assert (second["third_party_code"], second["kind"], second["name"]) == ("EDF", "supplier", None)
    assert (third["kind"], third["credit_limit"]) == ("customer", Decimal(2000))


def test_instalments_of_an_invoice_land_as_rows(desk: Any) -> None:
    content = (
        "document_number,due_date,total_amount,document_type,third_party_code,issue_date,vat_amount\n"
        "F10,2025-02-28,1000.00,,MARTIN,2025-01-31,166.67\n"
        "F10,2025-03-31,1000.00,Credit note,MARTIN,,\n"
    )
    first, second = landed(desk, content, "invoices")
    assert first == {
        "source_row": 2,
        "company_id": None,
        "third_party_code": "MARTIN",
        "kind": "customer",
        "document_number": "F10",
        "document_type": "invoice",
        "issue_date": date(2025, 1, 31),
        "due_date": date(2025, 2, 28),
        "currency": None,
        "total_amount": Decimal(1000),
        "vat_amount": Decimal("166.67"),
        "payment_reference": None,
        "order_reference": None,
    }
    assert (second["document_type"], second["issue_date"]) == ("credit_note", None)


def test_a_quoted_cell_may_hold_separators_and_line_breaks(desk: Any) -> None:
    rows = landed(desk, 'third_party_code,name\nA,"Dupont, et\nfils"\nB,"""Le Bon"""\n', "third_parties")
    assert [(row["source_row"], row["name"]) for row in rows] == [(2, "Dupont, et\nfils"), (4, '"Le Bon"')]


def test_unknown_columns_are_named_with_the_nearest_known_one_and_do_no_harm(desk: Any) -> None:
    desk.drop("acme/file", "third_party_code,payment_term,colour\nA,30,blue\n")
    assert desk.take().notes == (
        "acme/file: third_parties.csv has no column “payment_term”, so it has no effect; the nearest known column is "
        "payment_terms.",
        "acme/file: third_parties.csv has no column “colour”, so it has no effect.",
    )
    assert desk.take().notes == ()


def test_unknown_columns_stand_in_the_dialect(desk: Any) -> None:
    landed(desk, "third_party_code,colour\nA,blue\n", "third_parties")
    assert desk.take().source_files.to_pylist()[0]["dialect"] == (
        "third_parties.csv;comma;utf-8;2 columns;lf;unknown columns colour"
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",customer,,,", "document_number is empty"),
        ("F1,client?,2025-01-01,,", "kind: “client?” is not customer or supplier"),
        ("F1,,2025-02-30,,", "issue_date: “2025-02-30” is no day of the calendar"),
        ("F1,,2025-01-01,ten,", "total_amount: “ten” is not an amount"),
        ("F1,,2025-01-01,1.00,receipt", "document_type: “receipt” is not invoice or credit_note"),
        ("F1,,,,", "the row has neither a date nor an amount"),
        ("F1,,2025-01-01", "the row has 3 cells where the header has 5"),
        ("F1,,2025-01-01,1.00,,x", "the row has 6 cells where the header has 5"),
    ],
)
def test_a_bad_row_is_set_aside_and_the_others_land(desk: Any, row: str, reason: str) -> None:
    good = "F0,,2025-01-01,1.00,"
    desk.drop(
        "acme/file", f"document_number,kind,issue_date,total_amount,document_type\n{good}\n\n{row}\n{good}\n"
    )
    desk.take()
    assert [row["source_row"] for row in desk.rows("invoices")] == [2, 5]
    assert [(bad["source_row"], bad["reason"], bad["raw"]) for bad in desk.rows("quarantined_rows")] == [
        (4, reason, row)
    ]


def test_a_column_that_gives_no_meaning_twice_or_not_at_all_is_refused(desk: Any) -> None:
    desk.drop("acme/file", "third_party_code,name,name\nA,B,C\n")
    assert desk.take().new_files[0].reason == "its header names name twice"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("company_id,third_party_code,document_number,opened_on,closed_on,reason,amount", "disputes.csv"),
        ("company_id,third_party_code,document_number,promised_on,promised_date,amount", "promises.csv"),
        ("company_id,third_party_code,document_number,sent_on,level,channel,outcome", "dunning_events.csv"),
        ("rate_date;currency;base_currency;rate", "fx_rates.csv"),
    ],
)
def test_files_of_later_versions_are_refused_by_name(desk: Any, header: str, name: str) -> None:
    desk.drop("acme/file", header + "\n")
    assert desk.take().new_files[0].reason == f"it looks like {name}, which is not read yet"
