"""MT940 and MT942: fields, structures of :86:, envelopes, and what banks break."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.detection import read_head
from ingestion.formats import text as text_module
from ingestion.formats.mt940 import READER
from ingestion.reading import BadRow, FileRefusedError, Reading

ACCOUNT = "DE89370400440532013000"


def statement(
    *fields: str,
    opening: str = ":60F:C250131EUR100,00",
    closing: str = ":62F:C250228EUR940,00",
    account: str = f":25:{ACCOUNT}",
    end: str = "-\n",
) -> str:
    lines = [":20:STARTUMS", account, ":28C:00004/00001", opening, *fields, closing]
    return "".join(f"{line}\n" for line in lines if line) + end


def read(desk: Any, content: str | bytes, *, status: str = "landed") -> list[dict[str, Any]]:
    desk.drop("acme/statement", content)
    (record,) = desk.take().new_files
    assert (record.status, record.kind) == (status, "bank_statement"), record.reason
    assert record.rows_read == record.rows_landed + record.rows_quarantined
    return desk.rows("bank_transactions")


def told(desk: Any, field: str) -> Any:
    (record,) = desk.take().source_files.to_pylist()
    return record[field]


def set_aside(desk: Any) -> list[tuple[int, str]]:
    return [(row["source_row"], row["reason"]) for row in desk.rows("quarantined_rows")]


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.tables: dict[str, list[pa.Table]] = {}
        self.bad: list[BadRow] = []

    def write(self, table: str, rows: pa.Table) -> None:
        self.tables.setdefault(table, []).append(rows)

    def quarantine(self, rows: Sequence[BadRow]) -> None:
        self.bad += rows

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [row for rows in self.tables.get(table, []) for row in rows.to_pylist()]


def read_alone(path: Path) -> tuple[Kept, Reading]:
    sink = Kept()
    return sink, READER.read(path, read_head(path), "a" * 64, sink)


ENTRY = ":61:2502150214CR840,00NTRFKREF+//BANK-1"
INFORMATION = (
    ":86:166?00SEPA-GUTSCHRIFT?109310?20EREF+E2E-1?21KREF+KUNDE-7?22MREF+MANDAT-3?23CRED+DE98ZZZ099999\n"
    "99999?24SVWZ+FACTURE F1 SOLDE ET AVO?25IR A2?26ABWA+Groupe Martin?30BNPAFRPPXXX?31FR142004101005\n"
    "0500013M02606?32Client Martin SARL au capit?33al de 8000 EUR?34000"
)


def test_an_entry_lands_with_all_that_it_tells(desk: Any) -> None:
    (row,) = read(desk, statement(ENTRY, INFORMATION))
    del row["source_sha256"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "source_row": 5,
        "statement_ordinal": 1,
        "entry_ordinal": 1,
        "detail_ordinal": 0,
        "bank_entry_reference": "BANK-1",
        "booking_date": date(2025, 2, 14),
        "value_date": date(2025, 2, 15),
        "amount": Decimal("840.00000"),
        "currency_code": "EUR",
        "entry_amount": Decimal("840.00000"),
        "is_reversal": False,
        "bank_transaction_code": "GVC-166",
        "proprietary_code": "SEPA-GUTSCHRIFT",
        "remittance_text": "FACTURE F1 SOLDE ET AVOIR A2",
        "end_to_end_id": "E2E-1",
        "mandate_id": "MANDAT-3",
        "counterparty_name": "Client Martin SARL au capital de 8000 EUR",
        "counterparty_iban": "FR1420041010050500013M02606",
        "ultimate_counterparty_name": "Groupe Martin",
    }


def test_the_statement_lands_with_its_balances(desk: Any) -> None:
    more = [":86:FREE TEXT OF THE STATEMENT", ":64:C250228EUR940,00", ":65:C250301EUR940,00"]
    content = statement(ENTRY, end="".join(f"{line}\n" for line in more) + "-\n")
    read(desk, content)
    (row,) = desk.rows("bank_statements")
    del row["source_sha256"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "source_row": 1,
        "statement_ordinal": 1,
        "statement_kind": "statement",
        "statement_reference": "STARTUMS",
        "sequence_number": "00004/00001",
        "account_number": ACCOUNT,
        "account_currency": "EUR",
        "from_date": date(2025, 1, 31),
        "to_date": date(2025, 2, 28),
        "opening_balance": Decimal("100.00000"),
        "opening_date": date(2025, 1, 31),
        "closing_balance": Decimal("940.00000"),
        "closing_date": date(2025, 2, 28),
        "entry_count": 1,
        "entry_total": Decimal("840.00000"),
    }


@pytest.mark.parametrize(
    ("mark", "amount", "is_reversal"),
    [
        ("C", "1.00", False),
        ("D", "-1.00", False),
        ("RC", "-1.00", True),
        ("RD", "1.00", True),
        ("CR", "1.00", False),
        ("DR", "-1.00", False),
        ("RCR", "-1.00", True),
        ("RDR", "1.00", True),
        ("DD", "-1.00", False),
        ("c", "1.00", False),
        ("rd", "1.00", True),
    ],
)
def test_the_mark_says_which_way_the_money_went(
    desk: Any, mark: str, amount: str, *, is_reversal: bool
) -> None:
    """RC takes back a credit, so money goes out; RD takes back a debit. A letter behind is of the currency."""
    (row,) = read(desk, statement(f":61:250215{mark}1,00NTRFNONREF"))
    assert (row["amount"], row["is_reversal"]) == (Decimal(amount), is_reversal)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1,", "1"),
        ("0,5", "0.5"),
        ("000000001234,56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1.234.567,8", "1234567.8"),
        ("1234.56", "1234.56"),
        ("1234", "1234"),
        ("1,234", "1.234"),
        ("1,23456", "1.23456"),
        ("9999999999999,99", "9999999999999.99"),
    ],
)
def test_amounts_as_banks_write_them(desk: Any, written: str, expected: str) -> None:
    (row,) = read(desk, statement(f":61:250215C{written}NTRFNONREF"))
    assert row["amount"] == Decimal(expected)


@pytest.mark.parametrize(
    ("days", "booked", "valued"),
    [
        ("2502150216", date(2025, 2, 16), date(2025, 2, 15)),
        ("250215", date(2025, 2, 15), date(2025, 2, 15)),
        ("250215    ", date(2025, 2, 15), date(2025, 2, 15)),
        ("2502150000", date(2025, 2, 15), date(2025, 2, 15)),
        ("2501011231", date(2024, 12, 31), date(2025, 1, 1)),
        ("2412310102", date(2025, 1, 2), date(2024, 12, 31)),
        ("2402280229", date(2024, 2, 29), date(2024, 2, 28)),
        ("9912310101", date(2000, 1, 1), date(1999, 12, 31)),
        ("000000", date(2025, 2, 28), None),
        # Interest is reckoned with months of thirty days.
        ("2502300303", date(2025, 3, 3), date(2025, 2, 28)),
        ("2402300301", date(2024, 3, 1), date(2024, 2, 29)),
    ],
)
def test_the_entry_date_is_of_the_year_that_brings_it_nearest(
    desk: Any, days: str, booked: date, valued: date | None
) -> None:
    (row,) = read(desk, statement(f":61:{days}C1,00NTRFNONREF"))
    assert (row["booking_date"], row["value_date"]) == (booked, valued)


def test_a_value_date_of_30_february_is_counted_in_the_dialect(desk: Any) -> None:
    read(desk, statement(":61:2502300303C1,00NTRFNONREF"))
    assert "value dates of 29 to 31 February, taken for its last day 1" in told(desk, "dialect")


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (":61:250230C1,00NTRFNONREF", "“250230” is no day of the calendar (YYMMDD)"),
        (":61:2502150230C1,00NTRFNONREF", "“0230” is no day of the calendar (MMDD)"),
        (":61:2504310501C1,00NTRFNONREF", "“250431” is no day of the calendar (YYMMDD)"),
        (":61:250215C1.234NTRFNONREF", "whether “1.234” has thousands or decimals is not clear"),
        (":61:250215C1,123456NTRFNONREF", "“1,123456” has more than 5 decimals"),
        (":61:250215C12345678901234,00NTRFNONREF", "“12345678901234,00” is too large for an amount"),
        (":61:250215X1,00NTRFNONREF", "“250215X1,00NTRFNONREF” is not an entry"),
        (":61:", "“” is not an entry"),
        (f":61:250215C{'9' * 400},00NTRFNONREF", f"“{'9' * 25}…” is too large for an amount"),
    ],
)
def test_an_entry_that_cannot_be_read_is_set_aside_with_its_information(
    desk: Any, field: str, reason: str
) -> None:
    rows = read(desk, statement(ENTRY, field, ":86:WHAT IT WAS", ":61:250216D5,00NCHGNONREF"))
    assert [row["amount"] for row in rows] == [Decimal("840.00"), Decimal("-5.00")]
    assert set_aside(desk) == [(6, reason)]
    assert desk.rows("quarantined_rows")[0]["raw"].endswith("\n:86:WHAT IT WAS")


@pytest.mark.parametrize(
    ("rest", "code", "proprietary", "end_to_end", "bank"),
    [
        ("NTRFNONREF//B-1", "SWIFT-TRF", "NTRF", None, "B-1"),
        ("NCHK16703074", "SWIFT-CHK", "NCHK", "16703074", None),
        ("NSTON", "SWIFT-STO", "NSTO", None, None),
        ("FRTICUSTOMER REF", "SWIFT-RTI", "FRTI", "CUSTOMER REF", None),
        ("S103REF-9", "SWIFT-103", "S103", "REF-9", None),
        ("N654NONREF", None, "N654", None, None),
        ("NZ10NONREF", None, "NZ10", None, None),
        ("S   X", None, "S", None, None),
        ("", None, None, None, None),
        ("NMSCNONREF//", "SWIFT-MSC", "NMSC", None, None),
        (
            "NTRFBIPI-dvT1FzfMqvzF5HaU4oetlH7SGRkonU//20220706",
            "SWIFT-TRF",
            "NTRF",
            "BIPI-dvT1FzfMqvzF5HaU4oetlH7SGRkonU",
            "20220706",
        ),
        # Deutsche Bank and Commerzbank: a blank before the kind of transaction
        (" NRTIKREF+//2016021783252833", "SWIFT-RTI", "NRTI", None, "2016021783252833"),
        # PostFinance: no reference of the bank either
        ("FMSC01916//NONREF", "SWIFT-MSC", "FMSC", "01916", None),
        ("NTRFNOT PROVIDED", "SWIFT-TRF", "NTRF", None, None),
    ],
)
def test_types_and_references(
    desk: Any, rest: str, code: str | None, proprietary: str | None, end_to_end: str | None, bank: str | None
) -> None:
    (row,) = read(desk, statement(f":61:250215C1,00{rest}"))
    assert (
        row["bank_transaction_code"],
        row["proprietary_code"],
        row["end_to_end_id"],
        row["bank_entry_reference"],
    ) == (code, proprietary, end_to_end, bank)


@pytest.mark.parametrize(
    ("field", "number"),
    [
        (":25:DE89370400440532013000", "DE89370400440532013000"),
        (":25:NL34 RABO 0142 6233 93 EUR", "NL34RABO0142623393"),
        (":25:DE89370400440532013000EUR", "DE89370400440532013000"),
        (":25:51210600/9223382012EUR", "51210600/9223382012"),
        (":25:UBRTHUHB/123456789150ABCDEF002/HUF", "UBRTHUHB/123456789150ABCDEF002"),
        (":25:COBADEFF/DE89370400440532013000", "DE89370400440532013000"),
        (":25P:DE89370400440532013000\nCOBADEFFXXX", "DE89370400440532013000"),
        (":25:MU17BOMM0101101030300200000MUR", "MU17BOMM0101101030300200000MUR"),
        (":25:1222333444", "1222333444"),
        (":25://AT39364/12345678912/EUR", "AT39364/12345678912"),
    ],
)
def test_accounts_as_banks_name_them(desk: Any, field: str, number: str) -> None:
    read(desk, statement(ENTRY, account=field))
    (row,) = desk.rows("bank_statements")
    assert (row["account_number"], row["account_currency"]) == (number, "EUR")


def folded(text: str) -> str:
    """As it is sent: in lines of 65 characters."""
    return "\n".join(text[start : start + 65] for start in range(0, len(text), 65))


@pytest.mark.parametrize(
    ("information", "expected"),
    [
        # ABN AMRO
        (
            folded(
                "/TRTP/SEPA OVERBOEKING/IBAN/NL23ABNA0000000000/BIC/ABNANL2A/NAME"
                "/J. JANSEN/REMI/FACTUUR 123/EREF/NOTPROVIDED"
            ),
            {
                "remittance_text": "FACTUUR 123",
                "counterparty_name": "J. JANSEN",
                "counterparty_iban": "NL23ABNA0000000000",
                "proprietary_code": "SEPA OVERBOEKING",
            },
        ),
        # ING
        (
            folded(
                "/RTRN/MS03//EREF/20120501P0123478//MARF/MND-120123//CSID/NL32ZZZ999999991234"
                "//CNTP/NL32INGB0000012345/INGBNL2A/J.Janssen///REMI/USTD//CONTRIBUTIE FEB 2014/"
            ),
            {
                "return_reason": "MS03",
                "end_to_end_id": "20120501P0123478",
                "mandate_id": "MND-120123",
                "counterparty_name": "J.Janssen",
                "counterparty_iban": "NL32INGB0000012345",
                "remittance_text": "CONTRIBUTIE FEB 2014",
            },
        ),
        (
            "/EREF/15814//CNTP/NL32INGB0000012345/INGBNL2A/J.Janssen///REMI/STRD/CUR/9001123412341234/",
            {
                "end_to_end_id": "15814",
                "structured_reference": "9001123412341234",
                "remittance_text": "9001123412341234",
                "counterparty_name": "J.Janssen",
                "counterparty_iban": "NL32INGB0000012345",
            },
        ),
        # Rabobank
        (
            folded(
                "/EREF/02-04-2013 22:56 1120000153447185/BENM//NAME/Nespresso Nederland B.V."
                "/REMI/674725433/ISDT/2013-04-03"
            ),
            {
                "end_to_end_id": "02-04-2013 22:56 1120000153447185",
                "counterparty_name": "Nespresso Nederland B.V.",
                "remittance_text": "674725433",
            },
        ),
        (
            "/ORDP//NAME/Stichting Geld/ADDR/TOERNOOIVELD 100/ULTD//NAME/Echte Betaler/REMI/Gratis geld",
            {
                "counterparty_name": "Stichting Geld",
                "ultimate_counterparty_name": "Echte Betaler",
                "remittance_text": "Gratis geld",
            },
        ),
        # Zürcher Kantonalbank
        (
            "?ZKB:2214 Testcard Services SA\nMusterstrasse 1\n?ZI:?9:1",
            {"remittance_text": "Testcard Services SA Musterstrasse 1", "proprietary_code": "ZKB-2214"},
        ),
        # Polish banks
        (
            "020~00BKO PRZELEW~20FAKTURA 12/2025~3010205558~31PL61109010140000071219812874~32JAN NOWAK",
            {
                "remittance_text": "FAKTURA 12/2025",
                "counterparty_name": "JAN NOWAK",
                "counterparty_iban": "PL61109010140000071219812874",
                "proprietary_code": "BKO PRZELEW",
                "bank_transaction_code": "GVC-020",
            },
        ),
        # German, before SEPA
        (
            folded(
                "051?00UEBERWEISUNG?100599?20Gehalt Oktober?21Firma Mustermann GmbH"
                "?3050060400?310847564700?32MUELLER?34339"
            ),
            {
                "remittance_text": "Gehalt Oktober Firma Mustermann GmbH",
                "counterparty_name": "MUELLER",
                "counterparty_iban": "50060400/0847564700",
                "proprietary_code": "UEBERWEISUNG",
                "bank_transaction_code": "GVC-051",
            },
        ),
        # German, keywords broken across sub-fields
        (
            folded(
                "105?00LASTSCHRIFT?20EREF+ 1234567890123 PAYPAL ?21MREF+ 12AB234CD6E7F CRED+ A"
                "?22B12CDE0000000000000000034 S?23VWZ+ SPOTIFY, Ihr Einkauf"
            ),
            {
                "remittance_text": "SPOTIFY, Ihr Einkauf",
                "end_to_end_id": "1234567890123 PAYPAL",
                "mandate_id": "12AB234CD6E7F",
                "proprietary_code": "LASTSCHRIFT",
                "bank_transaction_code": "GVC-105",
            },
        ),
        # German, keywords with colons
        (
            "166?00GUTSCHRIFT?20SVWZ: RECHNUNG 77 EREF: E-77?32KUNDE",
            {
                "remittance_text": "RECHNUNG 77",
                "end_to_end_id": "E-77",
                "counterparty_name": "KUNDE",
                "proprietary_code": "GUTSCHRIFT",
                "bank_transaction_code": "GVC-166",
            },
        ),
        # German, a question mark and a plus in the text
        (
            "166?00GUTSCHRIFT?20SVWZ+WARUM? 1+1 IST 2?32KUNDE",
            {
                "remittance_text": "WARUM? 1+1 IST 2",
                "counterparty_name": "KUNDE",
                "proprietary_code": "GUTSCHRIFT",
                "bank_transaction_code": "GVC-166",
            },
        ),
        # German, a payment that comes back
        (
            "159?00RETOURE?20EREF+TFNR 40005 00005?21MTLG:Grund nicht spezifiziert?34914",
            {
                "remittance_text": "MTLG:Grund nicht spezifiziert",
                "end_to_end_id": "TFNR 40005 00005",
                "return_reason": "914 MTLG:Grund nicht spezifiziert",
                "proprietary_code": "RETOURE",
                "bank_transaction_code": "GVC-159",
            },
        ),
        # A party in lines: account, name, details (Komercijalna banka)
        (
            "/ORDP/300000000460495\n/IVOTEHNA DOOEL SKOPJE\n/747//747\n/Uplata po faktura 747",
            {
                "remittance_text": "747 747 Uplata po faktura 747",
                "counterparty_name": "IVOTEHNA DOOEL SKOPJE",
                "counterparty_iban": "300000000460495",
            },
        ),
        ("/ORDP/STICHTING GELD", {"counterparty_name": "STICHTING GELD"}),
        # The text goes on in ?60 where ?29 ended.
        (
            "166?20SVWZ+AAAAAAAAAAAAAAAAAAAAAA?29BBBBBBBBBBBBBBBBBBBBBBBBBBB?60CC",
            {"remittance_text": f"{'A' * 22}{'B' * 27}CC", "bank_transaction_code": "GVC-166"},
        ),
        ("999PN5477SCHECK-NR. 0000016703074", {"remittance_text": "999PN5477SCHECK-NR. 0000016703074"}),
        ("GIRO AUS KONTO\n25-9034-2", {"remittance_text": "GIRO AUS KONTO 25-9034-2"}),
        (f"{'X' * 65}\nY\nZ", {"remittance_text": f"{'X' * 65}Y Z"}),
    ],
)
def test_the_structures_of_information(desk: Any, information: str, expected: dict[str, Any]) -> None:
    (row,) = read(desk, statement(":61:250215C840,00N654NONREF", f":86:{information}"))
    facts = {
        name: row[name]
        for name in (
            "remittance_text",
            "counterparty_name",
            "counterparty_iban",
            "ultimate_counterparty_name",
            "end_to_end_id",
            "mandate_id",
            "structured_reference",
            "return_reason",
            "proprietary_code",
            "bank_transaction_code",
        )
        if row[name] is not None
    }
    assert facts == {"proprietary_code": "N654", **expected}


def test_what_stands_beneath_the_entry(desk: Any) -> None:
    rows = read(
        desk,
        statement(
            ":61:250215C1,00NTRFNONREF\nEinkauf Maestro Karte",
            ":86:?ZKB:2218 CAFE",
            ":61:250215C1,00N123EREF\nNL91ABNA0417164300",
            ":86:/EREF/123/ORDP//NAME/Stichting/REMI/Geld",
            ":61:250215C1,00NTRFNONREF//B\n/OCMT/USD4,5//CHGS/EUR0,5/",
            ":61:250215C1,00NTRFNL91ABNA0417164300",
            ":61:250215C1,00NTRFNONREF//B\n/OCMT/USD1.234/",
            ":61:250215C1,00NTRFEREF//B\n/TRCD/00100/",
        ),
    )
    assert rows[-1]["proprietary_code"] == "00100"
    assert [row["remittance_text"] for row in rows] == [
        "Einkauf Maestro Karte CAFE",
        "Geld",
        None,
        None,
        None,
        None,
    ]
    assert [row["counterparty_iban"] for row in rows] == [
        None,
        "NL91ABNA0417164300",
        None,
        "NL91ABNA0417164300",
        None,
        None,
    ]
    assert [(row["original_amount"], row["original_currency_code"]) for row in rows] == [
        (None, None),
        (None, None),
        (Decimal("4.50"), "USD"),
        (None, None),
        (None, None),
        (None, None),
    ]


def test_the_account_itself_is_never_the_other_side(desk: Any) -> None:
    (row,) = read(desk, statement(ENTRY, f":86:166?00X?31{ACCOUNT}?32SOMEBODY"))
    assert (row["counterparty_name"], row["counterparty_iban"]) == ("SOMEBODY", None)


def test_the_account_itself_without_its_bank_is_not_the_other_side_either(desk: Any) -> None:
    content = statement(ENTRY, ":86:000>20OMSCHRIJVING\n>310666666666", account=":25:TRIODOSBANK/0666666666")
    (row,) = read(desk, content)
    assert (row["remittance_text"], row["counterparty_iban"]) == ("OMSCHRIJVING", None)


def test_non_swift_lines_of_an_entry(desk: Any) -> None:
    content = statement(
        ":NS:22ACME GMBH\n30COBADEFF",
        ":61:250215C840,00S051NONREF",
        ":NS:01RECHNUNG 1\n02SKONTO\n15KUNDE\n16AG\n17GUTSCHRIFT",
        opening=":60F:C250131EUR100,00",
    )
    (row,) = read(desk, content)
    assert (row["remittance_text"], row["counterparty_name"]) == ("RECHNUNG 1 SKONTO GUTSCHRIFT", "KUNDE AG")


WHOLE = statement(ENTRY, ":86:RÉGLEMENT DE L'ÉTÉ")
BARE = WHOLE.removesuffix("-\n")
ENVELOPE = "{1:F01COBADEFFAXXX0000000000}{2:O9401200250228COBADEFFAXXX00000000002502281200N}{4:\n"


@pytest.mark.parametrize(
    "content",
    [
        WHOLE.encode(),
        WHOLE.encode("latin-1"),
        WHOLE.encode("utf-8-sig"),
        WHOLE.encode("utf-16"),
        WHOLE.replace("\n", "\r\n").encode("latin-1"),
        WHOLE.replace("\n", "\r").encode("latin-1"),
        BARE.encode(),
        BARE.rstrip().encode(),
        b"\n\n" + WHOLE.encode() + b"\n\n",
        b"\x01\n" + BARE.encode() + b"-\x03\n",
        (ENVELOPE + BARE + "-}{5:{CHK:ABCDEF123456}}\n").encode(),
        ("ABNANL2A\n940\nABNANL2A\n" + WHOLE + "ABNANL2A\n").encode(),
        (":940:\n" + WHOLE).encode(),
        WHOLE.replace("R", "R\0").encode(),
    ],
    ids=[
        "utf-8",
        "latin-1",
        "bom",
        "utf-16",
        "crlf",
        "cr",
        "no end mark",
        "no line end",
        "blank lines",
        "control",
        "swift",
        "abn",
        "rabo",
        "nul",
    ],
)
def test_every_way_of_wrapping_the_same_statement(desk: Any, content: bytes) -> None:
    (row,) = read(desk, content)
    assert (row["amount"], row["remittance_text"]) == (Decimal(840), "RÉGLEMENT DE L'ÉTÉ")
    assert desk.rows("quarantined_rows") == []
    assert len(desk.rows("bank_statements")) == 1


@pytest.mark.parametrize(
    "between", ["-\n", "", "-}\n", "-}{5:{CHK:1}}\n" + ENVELOPE, "-}" + ENVELOPE, "\n-\n\n"]
)
def test_statements_of_one_file_stand_apart(desk: Any, between: str) -> None:
    first = statement(":61:250215C1,00NTRFNONREF", end="").removesuffix("\n" if between[:1] == "\n" else "")
    second = statement(
        ":61:250216C2,00NTRFNONREF", ":61:250217C3,00NTRFNONREF", closing=":62F:C250228EUR7,", end=""
    )
    rows = read(desk, first + between + second)
    assert [(row["statement_ordinal"], row["entry_ordinal"], row["amount"]) for row in rows] == [
        (1, 1, Decimal(1)),
        (2, 1, Decimal(2)),
        (2, 2, Decimal(3)),
    ]
    assert [row["closing_balance"] for row in desk.rows("bank_statements")] == [Decimal(940), Decimal(7)]


def test_a_statement_may_follow_without_a_reference_of_its_own(desk: Any) -> None:
    second = statement(":61:250216C2,00NTRFNONREF").removeprefix(":20:STARTUMS\n")
    read(desk, BARE + second)
    assert [row["entry_total"] for row in desk.rows("bank_statements")] == [Decimal(840), Decimal(2)]


def test_pages_of_a_statement_chain(desk: Any) -> None:
    pages = (
        statement(":61:250215C1,00NTRFNONREF", closing=":62M:C250215EUR101,")
        + statement(":61:250216C2,00NTRFNONREF", opening=":60M:C250215EUR101,", closing=":62F:C250216EUR103,")
    ).replace("00004/00001", "4/1", 1)
    read(desk, pages)
    rows = desk.rows("bank_statements")
    assert [(row["sequence_number"], row["opening_balance"], row["closing_balance"]) for row in rows] == [
        ("4/1", Decimal(100), Decimal(101)),
        ("00004/00001", Decimal(101), Decimal(103)),
    ]
    assert all(row["opening_balance"] + row["entry_total"] == row["closing_balance"] for row in rows)


REPORT = """:20:ST170119CYC/1
:25:PL61109010140000071219812874
:28C:1/1
:34F:PLND0,
:34F:PLNC0,
:13D:1701191815+0130
:61:1701190119D5,00NCHGNONREF
:61:1701190119C0,01NTRFNONREF
:61:170119EC7,00NTRFNONREF
:61:170119ED8,00NTRFNONREF
:90D:1PLN5,00
:90C:1PLN0,01
-
"""


def test_a_report_of_movements_so_far_has_no_balances_and_leaves_out_what_is_expected(desk: Any) -> None:
    rows = read(desk, REPORT)
    assert [row["amount"] for row in rows] == [Decimal(-5), Decimal("0.01")]
    (row,) = desk.rows("bank_statements")
    assert (
        row["statement_kind"],
        row["account_currency"],
        row["opening_balance"],
        row["closing_balance"],
    ) == (
        "report",
        "PLN",
        None,
        None,
    )
    assert row["created_at"] == datetime(2017, 1, 19, 16, 45, tzinfo=UTC)
    assert told(desk, "dialect").startswith("mt942;")
    assert "entries not booked, left out 2" in told(desk, "dialect")


def test_a_report_that_counts_otherwise_than_it_lists_is_noted(desk: Any) -> None:
    desk.drop("acme/report", REPORT.replace(":90D:1PLN5,00", ":90D:2PLN6,50"))
    (note,) = desk.take().notes
    assert note == (
        "acme/report: The report on line 1 counts 2 entries of 6,50 (:90D:), but lists 1 of 5.00. "
        "Nothing was left out; ask the bank."
    )


def test_a_statement_that_the_next_one_cuts_off_is_set_aside_whole(desk: Any) -> None:
    content = statement(ENTRY, ":86:X", closing="", end="") + WHOLE
    assert len(read(desk, content)) == 1
    reason = "the statement that begins on line 1 has no closing balance (:62F:): entries may be missing"
    assert set_aside(desk) == [(1, reason), (5, reason)]
    assert len(desk.rows("bank_statements")) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (statement(ENTRY, account=""), "the statement that begins on line 1 names no account (:25:)"),
        (
            statement(ENTRY, opening=":60F:C250131100,00", closing=":62F:C250228940,00"),
            "the statement that begins on line 1 names no currency",
        ),
    ],
)
def test_a_statement_of_nobody_knows_what_is_set_aside_whole(desk: Any, content: str, reason: str) -> None:
    assert len(read(desk, content + WHOLE)) == 1
    assert {said for _, said in set_aside(desk)} == {reason}


def test_what_stands_outside_or_in_the_wrong_place_is_set_aside(desk: Any) -> None:
    content = (
        ENTRY
        + "\n"
        + statement(":86:TO NOTHING", ENTRY, ":25:OTHER")
        + ":61:250215C1,00NTRFNONREF\n:86:X\n:62F:C250228EUR1,00\n"
    )
    assert len(read(desk, content)) == 1
    assert set_aside(desk) == [
        (1, "the entry stands outside a statement: no :20: opens it"),
        (6, "the information (:86:) follows no entry (:61:)"),
        (8, "the field :25: stands among the entries"),
        (11, "the entry stands outside a statement: no :20: opens it"),
        (13, "the closing balance stands outside a statement"),
    ]


def test_a_balance_that_cannot_be_read_is_set_aside_and_the_entries_land(desk: Any) -> None:
    assert len(read(desk, statement(ENTRY, opening=":60F:C250230EUR100,00"))) == 1
    assert set_aside(desk) == [(4, "“250230” is no day of the calendar (YYMMDD)")]
    (row,) = desk.rows("bank_statements")
    assert (row["opening_balance"], row["closing_balance"]) == (None, Decimal(940))


def test_a_time_of_day_broken_at_the_margin_is_no_field(desk: Any) -> None:
    margin = "X" * 53
    rows = read(
        desk,
        statement(ENTRY, f":86:{margin}2017-01-01T20\n:25:11 ABC", ENTRY, ":86:SHORT T13\n:12:11", ENTRY),
    )
    assert [row["remittance_text"] for row in rows] == [
        f"{margin}2017-01-01T20:25:11 ABC",
        "SHORT T13 :12:11",
        None,
    ]


def test_a_file_that_ends_within_a_statement_is_refused(desk: Any) -> None:
    assert read(desk, WHOLE + statement(ENTRY, closing="", end=""), status="refused") == []
    assert told(desk, "reason") == (
        "it ends in the middle of the statement that begins on line 9: its closing balance (:62F:) is missing"
    )


@pytest.mark.parametrize("kind", ["statements", "reports", "swift"])
def test_a_file_cut_anywhere_never_lands_a_part_of_a_statement(kind: str, tmp_path: Path) -> None:
    two = statement(ENTRY, INFORMATION) + statement(ENTRY, ":86:X", ENTRY, closing=":62F:C250228EUR7,25")
    content = {
        "statements": two,
        "reports": REPORT + REPORT,
        "swift": ENVELOPE + BARE + "-}" + ENVELOPE + BARE + "-}",
    }[kind].encode()
    whole = {"statements": (1, 2), "reports": (2, 2), "swift": (1, 1)}[kind]
    path = tmp_path / "cut"
    reasons = set()
    outcomes = set()
    for length in range(1, len(content) + 1):
        path.write_bytes(content[:length])
        head = read_head(path)
        if not READER.recognise(head):
            continue
        sink = Kept()
        try:
            READER.read(path, head, "a" * 64, sink)
        except FileRefusedError as refusal:
            reasons.add(refusal.reason.partition(" that begins")[0])
            continue
        counts = tuple(row["entry_count"] for row in sink.rows("bank_statements"))
        assert len(sink.rows("bank_transactions")) == sum(counts)
        outcomes.add(counts)
    assert reasons == {"it ends in the middle of the statement"}
    assert outcomes == {whole[:1], whole}


days = st.dates(date(1990, 1, 1), date(2070, 12, 31))
shifts = st.integers(-170, 170)
cents = st.integers(-99_999_999_999, 99_999_999_999)
words = st.text(st.characters(codec="ascii", categories=("Lu", "Ll", "Nd")), min_size=1, max_size=20)
entries = st.lists(st.tuples(days, shifts, cents, st.booleans(), words, words), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statements=st.lists(entries, min_size=1, max_size=4), block=st.sampled_from([64, 500, 1 << 20]))
def test_what_was_written_is_read_back(
    statements: list[list[tuple[date, int, int, bool, str, str]]],
    block: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text_module, "BLOCK_BYTES", block)
    content = ""
    expected = []
    for number, rows in enumerate(statements, 1):
        fields = []
        for ordinal, (valued, shift, value, is_reversal, text, name) in enumerate(rows, 1):
            booked = date.fromordinal(valued.toordinal() + shift)
            mark = ("RD" if value > 0 else "RC") if is_reversal else ("C" if value > 0 else "D")
            amount = f"{abs(value) // 100},{abs(value) % 100:02}"
            fields.append(f":61:{valued:%y%m%d}{booked:%m%d}{mark}{amount}NTRFNONREF//{text}")
            fields.append(f":86:166?00X?20SVWZ+{text}?32{name}")
            expected.append(
                (number, ordinal, booked, valued, Decimal(value).scaleb(-2), is_reversal, text, name)
            )
        content += statement(*fields)
    path = tmp_path / "statement"
    path.write_text(content.replace("\n", "\r\n"), newline="")
    sink, _ = read_alone(path)
    assert sink.bad == []
    assert [
        (
            row["statement_ordinal"],
            row["entry_ordinal"],
            row["booking_date"],
            row["value_date"],
            row["amount"],
            row["is_reversal"],
            row["remittance_text"],
            row["counterparty_name"],
        )
        for row in sink.rows("bank_transactions")
    ] == expected
    lines = content.split("\n")
    assert all(lines[row["source_row"] - 1].startswith(":61:") for row in sink.rows("bank_transactions"))
    assert [row["entry_count"] for row in sink.rows("bank_statements")] == [len(one) for one in statements]
    assert all(lines[row["source_row"] - 1] == ":20:STARTUMS" for row in sink.rows("bank_statements"))
