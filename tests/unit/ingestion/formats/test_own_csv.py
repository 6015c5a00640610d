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


def test_disputes_land(desk: Any) -> None:
    content = (
        "document_number;reason;opened_on;closed_on;amount;third_party_code\n"
        "F10;Quantité;2025-02-03;;250.00;MARTIN\n"
        "F11;;03/02/2025;2025-02-10;;\n"
    )
    first, second = landed(desk, content, "disputes")
    assert first == {
        "source_row": 2,
        "company_id": None,
        "third_party_code": "MARTIN",
        "document_number": "F10",
        "opened_on": date(2025, 2, 3),
        "closed_on": None,
        "reason": "Quantité",
        "amount": Decimal(250),
    }
    assert (second["opened_on"], second["closed_on"], second["amount"]) == (
        date(2025, 2, 3),
        date(2025, 2, 10),
        None,
    )


def test_a_promise_is_for_a_document_or_for_all_that_a_customer_owes(desk: Any) -> None:
    content = (
        "company_id,third_party_code,document_number,promised_on,promised_date,amount\n"
        "acme,MARTIN,,2025-02-03,2025-02-14,1200.00\n"
        ",,F10,,2025-02-14,\n"
    )
    first, second = landed(desk, content, "promises")
    assert first == {
        "source_row": 2,
        "company_id": "acme",
        "third_party_code": "MARTIN",
        "document_number": None,
        "promised_on": date(2025, 2, 3),
        "promised_date": date(2025, 2, 14),
        "amount": Decimal(1200),
    }
    assert (second["document_number"], second["promised_on"]) == ("F10", None)


def test_dunning_events_land_in_the_senders_words(desk: Any) -> None:
    content = "third_party_code,sent_on,level,channel,outcome\nMARTIN,2025-02-03,mise en demeure,LRAR,avisé\n"
    assert landed(desk, content, "dunning_events") == [
        {
            "source_row": 2,
            "company_id": None,
            "third_party_code": "MARTIN",
            "document_number": None,
            "sent_on": date(2025, 2, 3),
            "level": "mise en demeure",
            "channel": "LRAR",
            "outcome": "avisé",
        }
    ]


DECISION_HEADER = (
    "decision,decision_ref,object_id,counterpart_id,amount,"
    "iban,payer_name,third_party_id,decided_by,decided_on\n"
)


def test_decisions_land_as_one_row_per_pair_payer_or_reference(desk: Any) -> None:
    content = DECISION_HEADER + (
        "Match,R1,b1,l1,150.00,,,,ana,2025-03-03\n"
        "rejeter,R2,b2,l2,,,,,ana,2025-03-03\n"
        "alias,R3,,,,fr76 3000 6000,,acme/customer/MARTIN,bob,03/03/2025\n"
        "alias,R4,,,,,Groupe Martin,acme/supplier/M/2,bob,2025-03-03\n"
        "forget,R1,,,,,,,bob,2025-03-04\n"
    )
    rows = landed(desk, content, "decisions")
    shown = ("decision", "decision_ref", "object_id", "counterpart_id", "amount", "iban", "third_party_id")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("match", "R1", "b1", "l1", Decimal(150), None, None),
        ("reject", "R2", "b2", "l2", None, None, None),
        ("alias", "R3", None, None, None, "FR7630006000", "acme/customer/MARTIN"),
        ("alias", "R4", None, None, None, None, "acme/supplier/M/2"),
        ("forget", "R1", None, None, None, None, None),
    ]
    assert [(row["payer_name"], row["decided_by"], row["decided_on"]) for row in rows[2:]] == [
        (None, "bob", date(2025, 3, 3)),
        ("Groupe Martin", "bob", date(2025, 3, 3)),
        (None, "bob", date(2025, 3, 4)),
    ]


@pytest.mark.parametrize(
    ("row", "reason", "remedy"),
    [
        (
            "maybe,R,b,l,,,,,ana,2025-03-03",
            "decision: “maybe” is not accept or reject or match or",
            "Write accept",
        ),
        ("accept,,b,l,,,,,ana,2025-03-03", "decision_ref is empty", "Fill in decision_ref."),
        ("accept,R,b,l,,,,,,2025-03-03", "decided_by is empty", "Fill in decided_by."),
        ("accept,R,b,l,,,,,ana,", "decided_on is empty", "Fill in decided_on."),
        (
            "accept,R,b,,,,,,ana,2025-03-03",
            "counterpart_id is empty, and accept is about two ids",
            "Fill in both",
        ),
        ("match,R,b,b,,,,,ana,2025-03-03", "object_id and counterpart_id are the same", "Write the id"),
        ("match,R,b,l,0,,,,ana,2025-03-03", "amount: 0 settles nothing", "Leave amount empty"),
        (
            "reject,R,b,l,5,,,,ana,2025-03-03",
            "amount is filled in, but reject is about the whole pair",
            "Leave amount empty.",
        ),
        (
            "accept,R,b,l,,,,a/customer/M,ana,2025-03-03",
            "third_party_id is filled in, but accept is about two ids",
            "Leave third_party_id empty.",
        ),
        (
            "alias,R,b,,,FR76,,a/customer/M,ana,2025-03-03",
            "object_id is filled in, but alias is about a payer",
            "Leave object_id empty.",
        ),
        ("alias,R,,,,,,a/customer/M,ana,2025-03-03", "neither iban nor payer_name is filled in", "Write one"),
        (
            "alias,R,,,,FR76,M,a/customer/M,ana,2025-03-03",
            "both iban and payer_name are filled in",
            "Write one",
        ),
        (
            "alias,R,,,,FR76,,MARTIN,ana,2025-03-03",
            "third_party_id: “MARTIN” is not company/kind/code",
            "Write it",
        ),
        (
            "forget,R,b,,,,,,ana,2025-03-03",
            "object_id is filled in, but forget ends the whole decision of its decision_ref",
            "Leave object_id empty.",
        ),
    ],
)
def test_a_decision_that_cannot_be_meant_is_set_aside(desk: Any, row: str, reason: str, remedy: str) -> None:
    desk.drop("acme/decisions.csv", DECISION_HEADER + row + "\nreject,R0,b,l,,,,,ana,2025-03-03\n")
    desk.take()
    (told,) = desk.rows("quarantined_rows")
    assert told["source_row"] == 2
    assert told["reason"].startswith(reason)
    assert told["remedy"].startswith(remedy)
    assert [kept["decision_ref"] for kept in desk.rows("decisions")] == ["R0"]


def test_exchange_rates_keep_every_digit_and_need_no_company(desk: Any) -> None:
    desk.drop("third_parties.csv", "company_id,third_party_code\nacme,A\nother,B\n")
    desk.drop(
        "rates.csv",
        "rate_date,currency,base_currency,rate\n"
        "2025-02-03,usd,EUR,1.0335\n2025-02-03,IDR,EUR,16845.67\n2025-02-03,EUR,IDR,0.000059362434977800\n",
    )
    assert set(desk.status(desk.take()).values()) == {"landed"}
    assert [(row["currency"], row["base_currency"], row["rate"]) for row in desk.rows("fx_rates")] == [
        ("USD", "EUR", Decimal("1.0335")),
        ("IDR", "EUR", Decimal("16845.67")),
        ("EUR", "IDR", Decimal("0.0000593624349778")),
    ]


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        ("document_number,opened_on", "F1,", "opened_on is empty"),
        ("document_number,opened_on", "F1,00000000", "opened_on is empty"),
        ("document_number,opened_on", ",2025-02-03", "document_number is empty"),
        ("third_party_code,document_number,promised_date", "A,F1,", "promised_date is empty"),
        (
            "third_party_code,document_number,promised_date",
            ",,2025-02-03",
            "the row names neither a document nor a third party",
        ),
        ("third_party_code,document_number,sent_on", "A,F1,soon", "sent_on: “soon” is not a date"),
        (
            "third_party_code,document_number,sent_on",
            ",,2025-02-03",
            "the row names neither a document nor a third party",
        ),
        ("rate_date,currency,base_currency,rate", "2025-02-03,USD,,1.1", "base_currency is empty"),
        (
            "rate_date,currency,base_currency,rate",
            "2025-02-03,dollar,EUR,1.1",
            "currency: “DOLLAR” is not a currency code",
        ),
        ("rate_date,currency,base_currency,rate", "2025-02-03,USD,EUR,0", "rate: 0 is not above zero"),
        ("rate_date,currency,base_currency,rate", "2025-02-03,USD,EUR,-1.10", "rate: -1.1 is not above zero"),
        (
            "rate_date,currency,base_currency,rate",
            "2025-02-03,USD,EUR,5.9E-05",
            "rate: “5.9E-05” is not an amount",
        ),
        (
            "rate_date,currency,base_currency,rate",
            f"2025-02-03,USD,EUR,0.{'1' * 19}",
            f"rate: “0.{'1' * 19}” has more than 18 decimals",
        ),
        (
            "rate_date,currency,base_currency,rate",
            f"2025-02-03,USD,EUR,{'9' * 30}",
            f"rate: “{'9' * 30}” is too large for an amount",
        ),
    ],
)
def test_a_row_without_what_its_meaning_needs_is_set_aside(
    desk: Any, header: str, row: str, reason: str
) -> None:
    desk.drop("acme/file", f"{header}\n{row}\n")
    desk.take()
    assert [bad["reason"] for bad in desk.rows("quarantined_rows")] == [reason]


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("opened_on,amount", "document_number"),
        ("promised_on,promised_date", None),
        ("rate_date,rate", "currency, base_currency"),
    ],
)
def test_a_header_without_a_column_that_is_needed_names_it(
    desk: Any, header: str, missing: str | None
) -> None:
    desk.drop("acme/file", f"{header}\n2025-02-03,2025-02-04\n")
    (record,) = desk.take().new_files
    assert record.status == "refused"
    assert record.remedy == (
        f"Add the column {missing}." if missing else "Fill in document_number or third_party_code."
    )


def test_a_quote_that_is_never_closed_refuses_a_large_file(desk: Any) -> None:
    desk.drop("acme/file", 'third_party_code,name\nA,Martin\nB,"Durand\n' + "C,Petit\n" * 20_000)
    (record,) = desk.take().new_files
    assert (record.reason, record.remedy) == (
        "the row on line 3 has a cell of more than 128 KB",
        "Close the quotes of that row, or shorten its text.",
    )
    assert desk.rows("third_parties") == []


def test_a_header_without_end_is_refused(desk: Any) -> None:
    columns = ",".join(f"column{number}" for number in range(10_000))
    desk.drop("acme/file", f"\ufeff\nthird_party_code,{columns}\nA\n")
    (record,) = desk.take().new_files
    assert record.reason == "its header does not end within 64 KB"


def test_of_many_unknown_columns_some_are_named(desk: Any) -> None:
    columns = ",".join(f"column{number}" for number in range(1000))
    desk.drop("acme/file", f"third_party_code,{columns}\nA{',' * 1000}\n")
    intake = desk.take()
    assert intake.new_files[0].status == "landed"
    assert len(intake.notes) == 20
