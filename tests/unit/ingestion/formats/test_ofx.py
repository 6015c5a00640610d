"""OFX 1 and 2 and QFX: the same facts from every way of writing them, and what banks get wrong."""

import contextlib
import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.detection import read_head
from ingestion.formats import ofx_elements
from ingestion.formats.ofx import READER
from ingestion.formats.ofx_entries import TRANSACTION_TYPES
from ingestion.reading import BadRow, FileRefusedError, Reading

KINDS = Path(__file__).resolve().parents[4] / "dbt_project" / "seeds" / "bank_transaction_kinds.csv"

SGML_HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\n\n"
XML_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE"?>\n'
SIGN_ON = (
    "<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20250201080000[+1:CET]"
    "<LANGUAGE>FRA</SONRS></SIGNONMSGSRSV1>"
)
ACCOUNT = "<BANKACCTFROM><BANKID>30006<BRANCHID>00001<ACCTID>12345678901<ACCTTYPE>CHECKING</BANKACCTFROM>"
IBAN = "FR7630006000011234567890189"
BALANCE = (
    "<LEDGERBAL><BALAMT>740.50<DTASOF>20250131</LEDGERBAL><AVAILBAL><BALAMT>9<DTASOF>20250131</AVAILBAL>"
)


def entry(
    amount: str | None = "-12.30",
    *,
    kind: str = "DEBIT",
    posted: str = "<DTPOSTED>20250115",
    reference: str = "F1",
    more: str = "",
) -> str:
    written = "" if amount is None else f"<TRNAMT>{amount}"
    return f"<STMTTRN>\n<TRNTYPE>{kind}\n{posted}\n{written}\n<FITID>{reference}\n{more}\n</STMTTRN>\n"


def statement(
    *entries: str,
    account: str = ACCOUNT,
    currency: str = "EUR",
    balance: str = BALANCE,
    days: str = "<DTSTART>20250101<DTEND>20250131",
    more: str = "",
) -> str:
    return (
        f"<STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>\n<STMTRS><CURDEF>{currency}{account}\n"
        f"<BANKTRANLIST>{days}\n{''.join(entries)}</BANKTRANLIST>{more}{balance}</STMTRS></STMTTRNRS>\n"
    )


def document(*statements: str, header: str = SGML_HEADER) -> str:
    return f"{header}<OFX>{SIGN_ON}\n<BANKMSGSRSV1>{''.join(statements)}</BANKMSGSRSV1></OFX>\n"


def read(desk: Any, content: str | bytes) -> list[dict[str, Any]]:
    desk.drop("acme/statement", content)
    (record,) = desk.take().new_files
    assert (record.status, record.reason) == ("landed", None)
    return desk.rows("bank_transactions")


def refusal(desk: Any, content: str | bytes) -> str:
    desk.drop("acme/statement", content)
    (record,) = desk.take().new_files
    assert record.status == "refused"
    assert record.remedy.endswith(".")
    assert desk.rows("bank_transactions") == []
    return record.reason


@dataclass
class Shelf:
    """A sink in memory."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)

    def write(self, table: str, rows: pa.Table) -> None:
        self.rows.setdefault(table, []).extend(rows.to_pylist())

    def quarantine(self, rows: Sequence[BadRow]) -> None:
        self.bad.extend(rows)


def shelved(path: Path) -> tuple[Shelf, Reading]:
    shelf = Shelf()
    return shelf, READER.read(path, read_head(path), "sha", shelf)


FULL = (
    "<DTUSER>20250113<TRNAMT>-1234,56<FITID>2025-01-15-0042<CHECKNUM>0007654<REFNUM>REF9"
    "<NAME>Fournisseur  Durand &amp; Fils<BANKACCTTO><BANKID>20041<BRANCHID>01005<ACCTID>0500013M026<ACCTTYPE>CHECKING"
    "</BANKACCTTO><MEMO>FACTURE F42"
)


def full(header: str, is_closed: bool) -> str:
    tags = f"<STMTTRN>\n<TRNTYPE>DIRECTDEBIT<DTPOSTED>20250115120000.000[+1:CET]<DTAVAIL>20250116{FULL}</STMTTRN>"
    content = document(statement(tags), header=header)
    if is_closed:
        for name in ("TRNTYPE", "DTPOSTED", "DTAVAIL", "TRNAMT", "FITID", "NAME", "MEMO", "CURDEF", "BALAMT"):
            before, *parts = content.split(f"<{name}>")
            closed = [part.replace("<", f"</{name}><", 1) for part in parts]
            content = f"<{name}>".join([before, *closed])
    return content


@pytest.mark.parametrize(
    ("header", "is_closed"), [(SGML_HEADER, False), (SGML_HEADER, True), (XML_HEADER, True)]
)
def test_an_entry_lands_with_all_that_it_tells(desk: Any, header: str, is_closed: bool) -> None:
    (row,) = read(desk, full(header, is_closed))
    del row["source_sha256"], row["source_row"]
    assert row == {
        "statement_ordinal": 1,
        "entry_ordinal": 1,
        "detail_ordinal": 0,
        "bank_entry_reference": "2025-01-15-0042",
        "entry_reference": None,
        "batch_reference": None,
        "booking_date": date(2025, 1, 15),
        "value_date": date(2025, 1, 16),
        "amount": Decimal("-1234.56000"),
        "currency_code": "EUR",
        "entry_amount": Decimal("-1234.56000"),
        "is_reversal": False,
        "bank_transaction_code": "OFX-DIRECTDEBIT",
        "proprietary_code": None,
        "remittance_text": "Fournisseur Durand & Fils FACTURE F42 0007654 REF9",
        "structured_reference": None,
        "end_to_end_id": None,
        "mandate_id": None,
        "counterparty_name": "Fournisseur Durand & Fils",
        "counterparty_iban": "FR1420041010050500013M02606",
        "ultimate_counterparty_name": None,
        "return_reason": None,
        "original_amount": None,
        "original_currency_code": None,
    }


def test_the_statement_lands_with_its_closing_balance_only(desk: Any) -> None:
    read(desk, document(statement(entry("-12.30"), entry("752.80"))))
    (row,) = desk.rows("bank_statements")
    del row["source_sha256"]
    assert row == {
        "source_row": 10,
        "statement_ordinal": 1,
        "statement_kind": "statement",
        "statement_reference": None,
        "sequence_number": None,
        "account_number": IBAN,
        "account_currency": "EUR",
        "account_owner": None,
        "created_at": datetime(2025, 2, 1, 7, tzinfo=UTC),
        "from_date": date(2025, 1, 1),
        "to_date": date(2025, 1, 31),
        "opening_balance": None,
        "opening_date": None,
        "closing_balance": Decimal("740.50000"),
        "closing_date": date(2025, 1, 31),
        "entry_count": 2,
        "entry_total": Decimal("740.50000"),
    }


def test_entries_name_their_line_and_count_on(desk: Any) -> None:
    rows = read(
        desk, document(statement(entry(reference="A"), entry(reference="B")), statement(entry(reference="C")))
    )
    assert [
        (row["statement_ordinal"], row["entry_ordinal"], row["bank_entry_reference"]) for row in rows
    ] == [
        (1, 1, "A"),
        (1, 2, "B"),
        (2, 1, "C"),
    ]
    lines = document(
        statement(entry(reference="A"), entry(reference="B")), statement(entry(reference="C"))
    ).split("\n")
    assert [row["source_row"] for row in rows] == [
        number for number, line in enumerate(lines, start=1) if line.startswith("<STMTTRN>")
    ]


# --- ways of writing ---


def test_a_file_may_stand_on_one_line_in_small_letters_or_without_header(desk: Any) -> None:
    whole = document(statement(entry("-1.00", reference="a"), entry("2.00", reference="b")))
    bare = whole.removeprefix(SGML_HEADER)
    variants = [
        whole.replace("\n", ""),
        whole.replace("\n", "\r\n"),
        whole.replace("\n", "\r\r\n"),
        bare,
        f"\r\n\r\n{bare} \r\n\x1a",
        bare.lower().replace("eur", "EUR").replace("debit", "DEBIT"),
        f"\n\n{whole}",
        XML_HEADER.replace("\n", "") + bare,
        XML_HEADER + bare.replace("<OFX>", "<!-- exported\n<STMTTRN> --><OFX xmlns='urn:ofx'>"),
    ]
    for number, content in enumerate(variants):
        desk.drop(f"acme/{number}", content)
    intake = desk.take()
    assert {record.reason for record in intake.new_files} == {None}
    for record in intake.new_files:
        rows = [row for row in desk.rows("bank_transactions") if row["source_sha256"] == record.source_sha256]
        assert [(row["bank_entry_reference"].lower(), row["amount"]) for row in rows] == [
            ("a", Decimal("-1.00000")),
            ("b", Decimal("2.00000")),
        ], record.source_file


@pytest.mark.parametrize(
    ("codec", "header"),
    [
        ("cp1252", SGML_HEADER),
        ("utf-8", SGML_HEADER),
        ("utf-8-sig", SGML_HEADER),
        ("utf-8", XML_HEADER.replace("UTF-8", "us-ascii")),
        ("cp1252", XML_HEADER),
        ("utf-16", XML_HEADER.replace("UTF-8", "UTF-16")),
        ("utf-16-le", SGML_HEADER),
    ],
)
def test_headers_lie_about_the_encoding_and_the_bytes_do_not(desk: Any, codec: str, header: str) -> None:
    content = document(statement(entry(more="<NAME>Société Générale – Œuvre n°1 €")), header=header)
    (row,) = read(desk, content.encode(codec))
    assert row["counterparty_name"] == "Société Générale – Œuvre n°1 €"


def test_an_alphabet_that_the_bytes_cannot_tell_is_taken_from_the_header(desk: Any) -> None:
    content = document(statement(entry(more="<NAME>Оплата")), header=SGML_HEADER.replace("1252", "1251"))
    (row,) = read(desk, content.encode("cp1251"))
    assert row["counterparty_name"] == "Оплата"
    assert desk.take().source_files.to_pylist()[0]["dialect"] == "OFX;102;cp1251;statements 1"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Durand &amp; Fils", "Durand & Fils"),
        ("Durand & Fils", "Durand & Fils"),
        ("AT&T &copy", "AT&T &copy"),
        ("L&#39;or &#xe9;t&#233;", "L'or été"),
        ("&lt;vide&gt;&nbsp;x", "<vide> x"),
        ("&#0;&#1;x &#xD800; &#9999999;", "x &#xD800; &#9999999;"),
        ("<![CDATA[ A < B && C > D ]]>", "A < B && C > D"),
        ("<![CDATA[</NAME><STMTTRN>]]>", "</NAME><STMTTRN>"),
        ("prix < 3 et > 2", "prix < 3 et > 2"),
        ("a <b and c> d <3", "a <b and c> d <3"),
        ("two\n  lines\tand   blanks", "two lines and blanks"),
        ("&bomb;", "&bomb;"),
        ("=1+1", "=1+1"),
    ],
)
def test_texts_are_read_as_people_meant_them(desk: Any, written: str, meant: str) -> None:
    (row,) = read(desk, document(statement(entry(more=f"<NAME>{written}"))))
    assert (row["counterparty_name"], row["amount"]) == (meant, Decimal("-12.30000"))


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("-34,56", "-34.56"),
        ("+123.00", "123"),
        ("-00000000001500.0000", "-1500"),
        ("  7 ", "7"),
        (".5", "0.5"),
        ("1 234,5", "1234.5"),
        ("1.234,50", "1234.5"),
        ("0", "0"),
        ("1.00001", "1.00001"),
        ("9999999999999.99", "9999999999999.99"),
    ],
)
def test_amounts_are_read_as_banks_write_them(desk: Any, written: str, amount: str) -> None:
    (row,) = read(desk, document(statement(entry(written))))
    assert row["amount"] == Decimal(amount)


def test_names_words_and_numbers_are_told_once(desk: Any) -> None:
    rows = read(
        desk,
        document(
            statement(
                entry(more="<NAME>MARTIN<MEMO>VIR MARTIN F12"),
                entry(more="<NAME>MARTIN<MEMO>F12"),
                entry(more="<NAME>MARTIN"),
                entry(more="<MEMO>F12"),
                entry(kind="CHECK", more="<CHECKNUM>1000"),
                entry(kind="CHECK", more="<CHECKNUM>319<NAME>CHEQUE 319"),
                entry(more="<CHECKNUM>0<REFNUM>000<NAME><MEMO>"),
                entry(reference="320132440098204633", more="<REFNUM>320132440098204633<NAME>DELTA"),
                entry(more="<PAYEE><NAME>Durand<ADDR1>rue X<CITY>Lyon</PAYEE><MEMO>loyer"),
                entry(more="<NAME>FOURNITURES DE BUREA<EXTDNAME>FOURNITURES DE BUREAU DU RHONE"),
            )
        ),
    )
    assert [(row["counterparty_name"], row["remittance_text"]) for row in rows] == [
        ("MARTIN", "VIR MARTIN F12"),
        ("MARTIN", "MARTIN F12"),
        ("MARTIN", "MARTIN"),
        (None, "F12"),
        (None, "1000"),
        ("CHEQUE 319", "CHEQUE 319"),
        (None, None),
        ("DELTA", "DELTA"),
        ("Durand", "Durand loyer"),
        ("FOURNITURES DE BUREAU DU RHONE", "FOURNITURES DE BUREAU DU RHONE"),
    ]


def test_references_that_are_none_stay_empty_and_types_of_its_own_are_kept(desk: Any) -> None:
    rows = read(
        desk,
        document(
            statement(
                entry(reference="0"),
                entry(reference=""),
                entry(reference="007", kind="credit"),
                entry(kind="VIREMENT"),
                entry(kind=""),
            )
        ),
    )
    assert [row["bank_entry_reference"] for row in rows] == [None, None, "007", "F1", "F1"]
    assert [(row["bank_transaction_code"], row["proprietary_code"]) for row in rows] == [
        ("OFX-DEBIT", None),
        ("OFX-DEBIT", None),
        ("OFX-CREDIT", None),
        (None, "VIREMENT"),
        (None, None),
    ]


def test_every_type_has_a_kind_or_tells_only_the_side() -> None:
    with KINDS.open(encoding="utf-8") as file:
        known = {code.removeprefix("OFX-") for code, _ in csv.reader(file) if code.startswith("OFX-")}
    assert known < TRANSACTION_TYPES
    assert TRANSACTION_TYPES - known == {"CREDIT", "DEBIT", "DEP", "DIV", "HOLD", "OTHER"}


# --- dates ---


@pytest.mark.parametrize(
    ("tags", "booked", "valued"),
    [
        ("<DTPOSTED>20250115", "2025-01-15", None),
        ("<DTPOSTED>20250115235959.999[-5:EST]", "2025-01-15", None),
        ("<DTPOSTED>20250115093914:014", "2025-01-15", None),
        ("<DTPOSTED>2025-01-15", "2025-01-15", None),
        ("<DTPOSTED>15/01/2025", "2025-01-15", None),
        ("<DTPOSTED>20250115<DTAVAIL>20250117", "2025-01-15", "2025-01-17"),
        ("<DTPOSTED>20250115<VALUEDATE>20250117", "2025-01-15", "2025-01-17"),
        ("<DTPOSTED>20250115<DTAVAIL>soon", "2025-01-15", None),
        ("<DTPOSTED><DTUSER>20250114<DTAVAIL>20250117", "2025-01-17", "2025-01-17"),
        ("<DTPOSTED>00000000<DTUSER>20250114", "2025-01-14", None),
        ("<DTUSER>0<DTPOSTED>0", "2025-01-31", None),
        ("", "2025-01-31", None),
    ],
)
def test_the_booking_date_falls_back_step_by_step(
    desk: Any, tags: str, booked: str, valued: str | None
) -> None:
    (row,) = read(desk, document(statement(entry(posted=tags))))
    assert row["booking_date"] == date.fromisoformat(booked)
    assert row["value_date"] == (date.fromisoformat(valued) if valued else None)


def test_a_statement_without_days_or_balance_lands_without(desk: Any) -> None:
    read(desk, document(statement(entry(), balance="", days="<DTSTART><DTEND>00000000")))
    (row,) = desk.rows("bank_statements")
    assert (row["from_date"], row["to_date"]) == (date(2025, 1, 15), date(2025, 1, 15))
    assert (row["closing_balance"], row["closing_date"]) == (None, None)


@pytest.mark.parametrize(
    ("balance", "note"),
    [
        ("<LEDGERBAL><BALAMT> <DTASOF></LEDGERBAL>", None),
        ("<LEDGERBAL><BALAMT>n/a<DTASOF>20250131</LEDGERBAL>", "“n/a” is not an amount"),
        (f"<LEDGERBAL><BALAMT>{'9' * 30}<DTASOF>20250131</LEDGERBAL>", "is too large for an amount"),
    ],
)
def test_a_balance_that_cannot_be_read_is_no_balance(desk: Any, balance: str, note: str | None) -> None:
    desk.drop("acme/statement", document(statement(entry(), balance=balance)))
    intake = desk.take()
    assert [record.status for record in intake.new_files] == ["landed"]
    assert desk.rows("bank_statements")[0]["closing_balance"] is None
    assert len(intake.notes) == (note is not None)
    assert all(
        "the statement on line 10 has no balance: " in said and note in said for said in intake.notes if note
    )


def test_a_balance_without_a_date_is_kept(desk: Any) -> None:
    read(desk, document(statement(entry(), balance="<LEDGERBAL><BALAMT>-5,5<DTASOF>99999999</LEDGERBAL>")))
    (row,) = desk.rows("bank_statements")
    assert (row["closing_balance"], row["closing_date"]) == (Decimal("-5.50000"), None)


# --- accounts ---


@pytest.mark.parametrize(
    ("account", "number"),
    [
        (ACCOUNT, IBAN),
        (ACCOUNT.replace("</BANK", "<ACCTKEY>89</BANK"), IBAN),
        (ACCOUNT.replace("</BANK", "<ACCTKEY>88</BANK"), "12345678901"),
        ("<BANKACCTFROM><BANKID>X<ACCTID>fr76 3000 6000 0112 3456 7890 189</BANKACCTFROM>", IBAN),
        ("<BANKACCTFROM><BANKID>30006<ACCTID>30006000011234567890189</BANKACCTFROM>", IBAN),
        (
            "<BANKACCTFROM><BANKID>30006<ACCTID>30006000011234567890188</BANKACCTFROM>",
            "30006000011234567890188",
        ),
        ("<BANKACCTFROM><BANKID>160000100<BRANCHID>00<ACCTID>12300 000012</BANKACCTFROM>", "12300000012"),
        ("<CCACCTFROM><ACCTID>4111-1111</CCACCTFROM>", "4111-1111"),
    ],
)
def test_french_accounts_are_known_by_iban_others_by_their_number(
    desk: Any, account: str, number: str
) -> None:
    read(desk, document(statement(entry(), account=account)))
    assert [row["account_number"] for row in desk.rows("bank_statements")] == [number]


def test_several_accounts_and_a_card_are_a_statement_each(desk: Any) -> None:
    card = (
        "<CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>USD<CCACCTFROM><ACCTID>4111</CCACCTFROM><BANKTRANLIST>"
        f"{entry('-3.00')}</BANKTRANLIST><LEDGERBAL><BALAMT>-3.00<DTASOF>20250131</LEDGERBAL></CCSTMTRS></CCSTMTTRNRS>"
        "</CREDITCARDMSGSRSV1>"
    )
    second = ACCOUNT.replace("12345678901", "12345678902")
    empty = statement(account="<BANKACCTFROM><BANKID>1<ACCTID>9200</BANKACCTFROM>")
    content = document(statement(entry("1.00")), statement(entry("2.00"), account=second), empty)
    rows = read(desk, content.replace("</BANKMSGSRSV1>", f"</BANKMSGSRSV1>{card}"))
    assert [(row["statement_ordinal"], row["amount"], row["currency_code"]) for row in rows] == [
        (1, Decimal("1.00000"), "EUR"),
        (2, Decimal("2.00000"), "EUR"),
        (4, Decimal("-3.00000"), "USD"),
    ]
    statements = desk.rows("bank_statements")
    assert [row["account_number"][-4:] for row in statements] == ["0189", "0286", "9200", "4111"]
    assert [row["entry_count"] for row in statements] == [1, 1, 0, 1]


def test_the_own_account_is_never_the_counterparty(desk: Any) -> None:
    to = "<BANKACCTTO><BANKID>{}<BRANCHID>{}<ACCTID>{}</BANKACCTTO>"
    rows = read(
        desk,
        document(
            statement(
                entry(more=to.format("30006", "00001", "12345678901")),
                entry(more=to.format("1", "2", "DE89370400440532013000")),
                entry(more=to.format("1", "2", "999988")),
                entry(),
            )
        ),
    )
    assert [row["counterparty_iban"] for row in rows] == [None, "DE89370400440532013000", None, None]


# --- currencies ---


def test_amounts_of_another_currency_become_the_accounts(desk: Any) -> None:
    own = "<{0}><CURRATE>{1}<CURSYM>{2}</{0}>"
    rows = read(
        desk,
        document(
            statement(
                entry("100.00", more=own.format("CURRENCY", "0,90909", "USD")),
                entry("50.00", more=own.format("CURRENCY", "1.00", "EUR")),
                entry("70.00", more=own.format("ORIGCURRENCY", "0.7", "usd")),
                entry("8.00"),
            )
        ),
    )
    assert [
        (row["amount"], row["currency_code"], row["original_amount"], row["original_currency_code"])
        for row in rows
    ] == [
        (Decimal("90.91000"), "EUR", Decimal("100.00000"), "USD"),
        (Decimal("50.00000"), "EUR", None, None),
        (Decimal("70.00000"), "EUR", None, "USD"),
        (Decimal("8.00000"), "EUR", None, None),
    ]


def test_a_yen_account_has_no_decimals(desk: Any) -> None:
    more = "<CURRENCY><CURRATE>163.456<CURSYM>EUR</CURRENCY>"
    (row,) = read(desk, document(statement(entry("1.00", more=more), currency="JPY")))
    assert row["amount"] == Decimal(163)


def test_without_currency_of_the_account_the_entrys_holds(desk: Any) -> None:
    more = "<CURRENCY><CURRATE>1.0000<CURSYM>AUD</CURRENCY>"
    desk.drop("acme/statement", document(statement(entry(more=more), entry(), currency="")))
    (record,) = desk.take().new_files
    assert (record.rows_read, record.rows_landed) == (2, 1)
    assert [row["currency_code"] for row in desk.rows("bank_transactions")] == ["AUD"]
    assert [row["reason"] for row in desk.rows("quarantined_rows")] == [
        "the amount of the entry has no currency"
    ]
    assert desk.rows("bank_statements")[0]["account_currency"] is None


# --- what is left out, set aside, refused ---


def test_pending_entries_are_left_out_and_counted(desk: Any) -> None:
    pending = (
        "<BANKTRANLISTP><DTASOF>20250131<STMTTRNP><TRNTYPE>DEBIT<DTTRAN>20250131<TRNAMT>-99.00<NAME>X</STMTTRNP>"
        "<STMTTRNP><TRNTYPE>DEBIT<TRNAMT>-1.00</STMTTRNP></BANKTRANLISTP>"
    )
    (row,) = read(desk, document(statement(entry("-5.00"), entry("-7.00", kind="HOLD"), more=pending)))
    assert row["amount"] == Decimal("-5.00000")
    (file,) = desk.take().source_files.to_pylist()
    assert file["dialect"] == "OFX;102;utf-8;entries not booked, left out 3;statements 1"
    assert (file["rows_read"], file["rows_landed"]) == (1, 1)
    assert desk.rows("bank_statements")[0]["closing_balance"] == Decimal("740.50000")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (entry("$120"), "“$120” is not an amount"),
        (entry(None), "the entry has no amount (TRNAMT)"),
        (entry(""), "the entry has no amount (TRNAMT)"),
        (entry("9" * 30), f"“{'9' * 30}” is too large for an amount"),
        (entry("1.000001"), "“1.000001” has more than 5 decimals"),
        (entry(posted="<DTPOSTED>20250230"), "“20250230” is no day of the calendar"),
        (entry(posted="<DTPOSTED>29990101"), "“29990101” lies outside 1950 to 2100"),
        (entry(posted="<DTPOSTED>tomorrow or so"), "“tomorrow o” is not a date"),
        (
            entry(more="<CORRECTFITID>F0<CORRECTACTION>DELETE"),
            "it corrects the entry F0 of another file, and what has landed stays",
        ),
        (entry(more="<TRNAMT>5.00"), "the entry has two amounts"),
        (
            entry(more="<CURRENCY><CURSYM>USD</CURRENCY>"),
            "the entry is in USD, and no rate says how much of the account's currency that is",
        ),
        (
            entry("9" * 13, more="<CURRENCY><CURRATE>99999999<CURSYM>USD</CURRENCY>"),
            "the entry is in USD, and no rate says how much of the account's currency that is",
        ),
    ],
)
def test_an_entry_that_cannot_be_read_is_set_aside_and_the_rest_lands(
    desk: Any, bad: str, reason: str
) -> None:
    (row,) = read(desk, document(statement(bad, entry("-7.00", reference="good"))))
    assert (row["bank_entry_reference"], row["entry_ordinal"]) == ("good", 1)
    (set_aside,) = desk.rows("quarantined_rows")
    assert (set_aside["reason"], set_aside["source_row"]) == (reason, 12)
    assert set_aside["remedy"].endswith(".")
    assert set_aside["raw"].strip() == bad.removesuffix("</STMTTRN>\n").strip()
    (file,) = desk.take().source_files.to_pylist()
    assert (file["rows_read"], file["rows_landed"], file["rows_quarantined"]) == (2, 1, 1)


def test_an_entry_without_any_date_is_set_aside(desk: Any) -> None:
    desk.drop("acme/statement", document(statement(entry(posted=""), entry(), days="")))
    desk.take()
    assert [row["reason"] for row in desk.rows("quarantined_rows")] == [
        "the entry has no date, nor has its statement"
    ]
    assert len(desk.rows("bank_transactions")) == 1


def test_an_entry_whose_end_is_missing_does_not_swallow_the_balance(desk: Any) -> None:
    content = document(
        statement(entry("-5.00").replace("</STMTTRN>", ""), entry("-6.00").replace("</STMTTRN>", ""))
    )
    assert [row["amount"] for row in read(desk, content)] == [Decimal("-5.00000"), Decimal("-6.00000")]
    assert desk.rows("bank_statements")[0]["closing_balance"] == Decimal("740.50000")


SIGNED_ON = f"{SGML_HEADER}<OFX>{SIGN_ON}</OFX>"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"{SGML_HEADER}<OFX></OFX>", "it is OFX without a statement"),
        (SIGNED_ON, "it is OFX, but the answer to a sign-on, not a bank's or a card's"),
        (
            SIGNED_ON.replace("<CODE>0<SEVERITY>INFO", "<CODE>15500<SEVERITY>ERROR<MESSAGE>Wrong  password"),
            "it holds no statement, but the bank's error 15500 (Wrong password)",
        ),
        (
            SIGNED_ON.replace(
                "</OFX>", "<STMTTRNRS><STATUS><CODE>2000<SEVERITY>ERROR</STATUS></STMTTRNRS></OFX>"
            ),
            "it holds no statement, but the bank's error 2000",
        ),
        (
            SIGNED_ON.replace("</OFX>", "<ACCTINFORS><ACCTINFO><BANKACCTINFO></ACCTINFO></ACCTINFORS></OFX>"),
            "it is OFX, but a list of accounts, not a bank's or a card's",
        ),
        (
            SIGNED_ON.replace("</OFX>", "<PROFRS><MSGSETLIST></PROFRS></OFX>"),
            "it is OFX, but the description of a bank's server, not a bank's or a card's",
        ),
        (
            SIGNED_ON.replace(
                "</OFX>", f"<INVSTMTRS><INVTRANLIST><INVBANKTRAN>{entry()}</INVBANKTRAN></INVSTMTRS></OFX>"
            ),
            "it is OFX, but an investment statement, not a bank's or a card's",
        ),
        (SIGNED_ON.replace("</OFX>", f"{entry()}</OFX>"), "the entry on line 8 stands in no statement"),
        (document(statement(entry(), account="")), "its statement on line 10 names no account"),
        (
            XML_HEADER.replace("<?OFX", '<!DOCTYPE OFX [<!ENTITY a "x">]>\n<?OFX')
            + document(statement(entry(more="<NAME>&a;")), header=""),
            "its XML declares a document type, which no bank statement does",
        ),
        (SGML_HEADER, "it ends in the middle of an OFX document, before </OFX>"),
        (
            document(statement(entry("$1"), entry("$2"))),
            "none of its rows could be read; line 12: “$1” is not an amount",
        ),
    ],
)
def test_what_is_no_statement_is_refused_by_what_it_is(desk: Any, content: str, reason: str) -> None:
    assert refusal(desk, content) == reason


def test_what_stands_beside_a_statement_is_left_out_with_a_word(desk: Any) -> None:
    investments = (
        f"<INVSTMTRS><INVTRANLIST><INVBANKTRAN>{entry('-9')}</INVBANKTRAN></INVTRANLIST></INVSTMTRS>"
    )
    error = "<STMTTRNRS><STATUS><CODE>2000<SEVERITY>ERROR<MESSAGE>closed</STATUS></STMTTRNRS>"
    content = document(statement(entry("-5.00"))).replace("</OFX>", f"{error}{investments}</OFX>")
    desk.drop("acme/statement", content)
    intake = desk.take()
    assert [row["amount"] for row in desk.rows("bank_transactions")] == [Decimal("-5.00000")]
    assert intake.notes == (
        "acme/statement: beside its statements it holds the bank's error 2000 (closed).",
        "acme/statement: the investment statement in it was left out.",
    )


def test_an_entry_longer_than_any_is_refused(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofx_elements, "PIECE_BYTES", 1 << 20)
    content = document(statement(entry(more=f"<MEMO>{'x' * (1 << 20)}")))
    assert (
        refusal(desk, content) == "an element on line 12 or below is longer than 1 MB, which none of OFX is"
    )


# --- whole files ---


def test_a_file_cut_at_any_byte_is_refused(tmp_path: Path) -> None:
    content = document(statement(entry("1.00"), entry("2.00"), more="<BAL><NAME>X</BAL>")).rstrip().encode()
    path = tmp_path / "cut"
    for length in range(content.index(b"<OFX>"), len(content)):
        path.write_bytes(content[:length])
        shelf = Shelf()
        with pytest.raises(FileRefusedError):
            READER.read(path, read_head(path), "sha", shelf)
        assert "bank_statements" not in shelf.rows
    path.write_bytes(content)
    assert shelved(path)[1].rows_read == 2


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029\x85")
)
ENTRIES = st.lists(
    st.tuples(
        st.integers(-(10**13), 10**13),
        st.dates(date(1950, 1, 1), date(2100, 12, 31)),
        TEXT,
        TEXT,
    ),
    max_size=12,
)


def written(cents: int, day: date, name: str, memo: str, is_xml: bool) -> str:
    def tag(key: str, value: str) -> str:
        return f"<{key}>{escape(value)}</{key}>\n" if is_xml else f"<{key}>{escape(value)}\n"

    amount = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    return (
        f"<STMTTRN>\n{tag('TRNTYPE', 'OTHER')}{tag('DTPOSTED', f'{day:%Y%m%d}')}{tag('TRNAMT', amount)}"
        f"{tag('FITID', 'X1')}{tag('NAME', name)}{tag('MEMO', memo)}</STMTTRN>\n"
    )


def words(text: str) -> str | None:
    return " ".join(text.split()) or None


@given(ENTRIES, st.booleans(), st.integers(400, 4000))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_is_read_in_pieces_of_any_size(
    tmp_path: Path, entries: list[tuple[int, date, str, str]], is_xml: bool, piece_bytes: int
) -> None:
    header = XML_HEADER if is_xml else SGML_HEADER
    body = "".join(written(*one, is_xml) for one in entries)
    path = tmp_path / "statement"
    path.write_text(document(statement(body), statement(body), header=header), encoding="utf-8", newline="")
    longest = max((len(written(*one, is_xml).encode()) for one in entries), default=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ofx_elements, "PIECE_BYTES", max(piece_bytes, longest + 100))
        shelf, reading = shelved(path)
    expected = [(Decimal(cents).scaleb(-2), day, words(name)) for cents, day, name, _ in entries]
    for ordinal in (1, 2):
        rows = [row for row in shelf.rows.get("bank_transactions", []) if row["statement_ordinal"] == ordinal]
        assert [(row["amount"], row["booking_date"], row["counterparty_name"]) for row in rows] == expected
        assert [row["entry_ordinal"] for row in rows] == list(range(1, len(entries) + 1))
        for row, (_, _, name, memo) in zip(rows, entries, strict=True):
            assert all((words(part) or "") in (row["remittance_text"] or "") for part in (name, memo))
    assert [row["closing_balance"] for row in shelf.rows["bank_statements"]] == [Decimal("740.5")] * 2
    lines = path.read_text(encoding="utf-8").split("\n")
    assert [row["source_row"] for row in shelf.rows.get("bank_transactions", [])] == [
        number for number, line in enumerate(lines, start=1) if line.startswith("<STMTTRN>")
    ]
    assert reading.rows_read == 2 * len(entries)
    assert (reading.total_credit or 0) - (reading.total_debit or 0) == 2 * sum(
        amount for amount, _, _ in expected
    )


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3000),
            st.one_of(st.binary(max_size=8), st.sampled_from([b"<", b">", b"</STMTTRN>"])),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_lands_or_is_refused_with_a_sentence(
    tmp_path: Path, damages: list[tuple[int, bytes]]
) -> None:
    content = document(statement(entry("1.00", more=FULL), entry("2.00"), entry("$3"))).encode()
    for at, what in damages:
        content = content[:at] + what + content[at + len(what) :]
    path = tmp_path / "statement"
    path.write_bytes(content)
    head = read_head(path)
    shelf = Shelf()
    with contextlib.suppress(FileRefusedError):
        reading = READER.read(path, head, "sha", shelf)
        assert reading.rows_read == len(shelf.rows.get("bank_transactions", [])) + len(shelf.bad)
