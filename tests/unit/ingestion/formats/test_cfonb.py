"""CFONB 120: zones, details, files without lines, and sequences of records that banks break."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.detection import read_head
from ingestion.formats.cfonb import READER
from ingestion.reading import BadRow, FileRefusedError

IBAN = "FR7630006000011234567890189"
OTHER_IBAN = "FR1420041010050500013M02606"


def amount(cents: int) -> str:
    signs = "{ABCDEFGHI" if cents >= 0 else "}JKLMNOPQR"
    return f"{abs(cents) // 10:013}{signs[abs(cents) % 10]}"


def balance(
    code: str,
    cents: int,
    day: str = "310125",
    *,
    account: str = "12345678901",
    currency: str = "EUR2",
    bank: str = "30006",
) -> str:
    return f"{code}{bank}    00001{currency} {account}  {day}{'':50}{amount(cents)}".ljust(120)


def movement(
    cents: int,
    day: str = "150125",
    *,
    label: str = "VIR MARTIN",
    valued: str = "160125",
    code: str = "05",
    rejection: str = "  ",
    number: str = "0000000",
    reference: str = "",
    account: str = "12345678901",
    currency: str = "EUR2",
    written: str = "",
    bank: str = "30006",
) -> str:
    return (
        f"04{bank}A12300001{currency} {account}{code}{day}{rejection}{valued}{label:31}  {number}  "
        f"{written or amount(cents)}{reference}"
    ).ljust(120)


def detail(qualifier: str, text: str, *, account: str = "12345678901") -> str:
    return f"0530006A12300001EUR2 {account}05150125     {qualifier}{text}".ljust(120)


def file(*records: str, end: str = "\n") -> str:
    return "".join(record + end for record in records)


def whole(*records: str, moved: int = 84_000, end: str = "\n") -> str:
    """A statement of these records that adds up."""
    return file(balance("01", 10_000, "311224"), *records, balance("07", 10_000 + moved), end=end)


def read(desk: Any, content: str | bytes, *, status: str = "landed") -> list[dict[str, Any]]:
    desk.drop("acme/statement", content)
    (record,) = desk.take().new_files
    assert (record.status, record.kind) == (status, "bank_statement"), record.reason
    assert record.rows_read == record.rows_landed + record.rows_quarantined
    return desk.rows("bank_transactions")


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


def test_a_movement_lands_with_all_that_it_tells(desk: Any) -> None:
    details = [
        ("LIB", "FACTURE F1"),
        ("LIB", "SOLDE"),
        ("NPY", "Client Martin"),
        ("CPY", "FR14 2004 1010 0505 0001 3M02 606"),
        ("NPO", "Groupe Martin"),
        ("NBE", "ACME SA"),
        ("CBE", IBAN),
        ("LCC", "REGLEMENT   F1"),
        ("LC2", "ET AVOIR A2"),
        ("LCS", "RF18539007547034"),
        ("RCN", "E2E-1".ljust(35) + "SUPP"),
        ("REF", "BANK-REF-1".ljust(35) + "INSTR"),
        ("RUM", "MANDATE-1".ljust(35) + "RCUR"),
        ("MMO", "USD200000000091000"),
        ("FEE", "EUR200000000000150"),
        ("IPY", "123456789"),
        ("XYZ", "OTHER"),
    ]
    records = [movement(84_000, reference="REFERENCE"), *(detail(*one) for one in details)]
    (row,) = read(desk, whole(*records))
    del row["source_sha256"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "source_row": 2,
        "statement_ordinal": 1,
        "entry_ordinal": 1,
        "detail_ordinal": 0,
        "bank_entry_reference": "BANK-REF-1",
        "booking_date": date(2025, 1, 15),
        "value_date": date(2025, 1, 16),
        "amount": Decimal("840.00000"),
        "currency_code": "EUR",
        "entry_amount": Decimal("840.00000"),
        "is_reversal": False,
        "bank_transaction_code": "CFONB-05",
        "proprietary_code": "A123",
        "remittance_text": "VIR MARTIN FACTURE F1 SOLDE REGLEMENT F1 ET AVOIR A2 OTHER FEE EUR 1.50",
        "structured_reference": "RF18539007547034",
        "end_to_end_id": "E2E-1",
        "mandate_id": "MANDATE-1",
        "counterparty_name": "Client Martin",
        "counterparty_iban": OTHER_IBAN,
        "ultimate_counterparty_name": "Groupe Martin",
        "original_amount": Decimal("910.00000"),
        "original_currency_code": "USD",
    }


def test_the_statement_lands_under_the_iban_of_its_account(desk: Any) -> None:
    read(desk, whole(movement(84_000)))
    (row,) = desk.rows("bank_statements")
    del row["source_sha256"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "source_row": 1,
        "statement_ordinal": 1,
        "statement_kind": "statement",
        "account_number": IBAN,
        "account_currency": "EUR",
        "from_date": date(2024, 12, 31),
        "to_date": date(2025, 1, 31),
        "opening_balance": Decimal("100.00000"),
        "opening_date": date(2024, 12, 31),
        "closing_balance": Decimal("940.00000"),
        "closing_date": date(2025, 1, 31),
        "entry_count": 1,
        "entry_total": Decimal("840.00000"),
    }


@pytest.mark.parametrize(
    ("written", "decimals", "expected"),
    [
        ("0000000000123{", "2", "12.30"),
        ("0000000000123A", "2", "12.31"),
        ("0000000000123I", "2", "12.39"),
        ("0000000000123}", "2", "-12.30"),
        ("0000000000123J", "2", "-12.31"),
        ("0000000000123R", "2", "-12.39"),
        ("0000000000123é", "2", "12.30"),
        ("0000000000123è", "2", "-12.30"),
        ("          123J", "2", "-12.31"),
        ("0000000000123A", " ", "12.31"),
        ("0000000000123A", "0", "1231"),
        ("0000000000123A", "3", "1.231"),
        ("0000000000123A", "5", "0.01231"),
        ("00000000000000", "2", "0"),
        ("9999999999999I", "2", "999999999999.99"),
    ],
)
def test_the_last_character_of_an_amount_is_its_digit_and_sign(
    desk: Any, written: str, decimals: str, expected: str
) -> None:
    (row,) = read(desk, whole(movement(0, written=written, currency=f"EUR{decimals}")))
    assert row["amount"] == Decimal(expected)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (
            movement(0, written="00000000001234"),
            "the amount “00000000001234” has no sign in its last character",
        ),
        (movement(0, written="0000000000123Z"), "“0000000000123Z” is not an amount, or too large for one"),
        (
            movement(0, written="000000 0000123A"[:14]),
            "“000000 0000123” is not an amount, or too large for one",
        ),
        (
            movement(0, written="9999999999999I", currency="EUR0"),
            "“9999999999999I” is not an amount, or too large for one",
        ),
        (movement(1, currency="EUR7"), "“7” is no number of decimals"),
        (movement(1, "310225"), "“310225” is no day of the calendar (DDMMYY)"),
        (movement(1, "  CART"), "“  CART” is no day of the calendar (DDMMYY)"),
        (movement(1, valued="320125"), "“320125” is no day of the calendar (DDMMYY)"),
        (
            movement(1, account="99999999999"),
            "the movement is of account 00001 99999999999 EUR, but stands in a statement of 00001 12345678901 EUR",
        ),
        (
            movement(1, currency="USD2"),
            "the movement is of account 00001 12345678901 USD, but stands in a statement of 00001 12345678901 EUR",
        ),
        (
            detail("LIB", "TEXT", account="99999999999"),
            "the detail (05) follows no movement (04) of its account",
        ),
        ("02 SOMETHING ELSE", "“02 SOMETHING ELSE” begins no record (01, 04, 05 or 07)"),
    ],
)
def test_a_record_that_cannot_be_read_is_set_aside_and_the_rest_lands(
    desk: Any, record: str, reason: str
) -> None:
    rows = read(desk, whole(movement(84_000), record, movement(-500, label="FRAIS"), moved=83_500))
    assert [row["amount"] for row in rows] == [Decimal("840.00"), Decimal("-5.00")]
    assert set_aside(desk) == [(3, reason)]


def test_a_movement_that_cannot_be_read_is_set_aside_with_its_details(desk: Any) -> None:
    read(desk, whole(movement(1, "310225"), detail("LIB", "FACTURE F9"), movement(84_000)))
    (bad,) = desk.rows("quarantined_rows")
    assert bad["source_row"] == 2
    assert [line[:2] for line in bad["raw"].split("\n")] == ["04", "05"]
    assert "FACTURE F9" in bad["raw"]


def test_dates_that_are_missing(desk: Any) -> None:
    records = [movement(1, "000000"), movement(2, "      ", valued="000000"), movement(3, valued="000000")]
    rows = read(desk, whole(*records, moved=6))
    assert [(row["booking_date"], row["value_date"]) for row in rows] == [
        (date(2025, 1, 16), date(2025, 1, 16)),
        (date(2025, 1, 31), None),
        (date(2025, 1, 15), None),
    ]


def test_years_of_two_digits(desk: Any) -> None:
    rows = read(desk, whole(movement(1, "311299"), movement(2, "010100"), movement(3, "010179"), moved=6))
    assert [row["booking_date"].year for row in rows] == [1999, 2000, 2079]


@pytest.mark.parametrize(
    ("cents", "code", "rejection", "details", "expected"),
    [
        (100, "05", "  ", {"NPY": "CLIENT", "NBE": "ACME"}, ("CLIENT", None)),
        (-100, "06", "  ", {"NPY": "ACME", "NBE": "FOURNISSEUR"}, ("FOURNISSEUR", None)),
        (-100, "B1", "  ", {"NPY": "EDF"}, ("EDF", None)),
        # A direct debit that comes back: the payer is still the customer, though money goes out.
        (-100, "B3", "  ", {"NPY": "CLIENT", "NBE": "ACME"}, ("CLIENT", None)),
        (100, "06", "10", {"NPY": "ACME", "NBE": "FOURNISSEUR"}, ("FOURNISSEUR", None)),
        (100, "06", "  ", {"NPY": "ACME", "CPY": IBAN, "NBE": "X", "CBE": OTHER_IBAN}, ("X", OTHER_IBAN)),
        (100, "05", "  ", {"CPY": IBAN, "NPY": "ACME"}, (None, None)),
        (-100, "05", "  ", {"CBE": OTHER_IBAN.lower()}, (None, OTHER_IBAN)),
    ],
)
def test_the_other_side(
    desk: Any,
    cents: int,
    code: str,
    rejection: str,
    details: dict[str, str],
    expected: tuple[str | None, str | None],
) -> None:
    records = [movement(cents, code=code, rejection=rejection), *(detail(*one) for one in details.items())]
    (row,) = read(desk, whole(*records, moved=cents))
    assert (row["counterparty_name"], row["counterparty_iban"]) == expected


def test_a_payment_that_comes_back_says_why(desk: Any) -> None:
    rows = read(
        desk,
        whole(
            movement(-100, code="10", rejection="30"),
            detail("RET", "AM04 PROVISION INSUFFISANTE"),
            movement(-100, code="A3"),
            detail("RET", "MD01"),
            movement(-100, code="33", rejection="00"),
            moved=-300,
        ),
    )
    assert [row["return_reason"] for row in rows] == ["30 AM04 PROVISION INSUFFISANTE", "MD01", None]


def test_references_in_order_of_what_the_bank_says_itself(desk: Any) -> None:
    rows = read(
        desk,
        whole(
            movement(1, number="0001692", reference="CLIENT-REF"),
            movement(1, number="0001692"),
            movement(1),
            movement(1),
            detail("RCN", "NOTPROVIDED"),
            moved=4,
        ),
    )
    assert [row["bank_entry_reference"] for row in rows] == ["CLIENT-REF", "0001692", None, None]
    assert [row["end_to_end_id"] for row in rows] == [None] * 4


RECORDS = (movement(84_000, label="REGLEMENT ÉTÉ"), detail("LIB", "Payé à l'échéance"))


@pytest.mark.parametrize(
    "content",
    [
        whole(*RECORDS).encode("latin-1"),
        whole(*RECORDS).encode("utf-8"),
        whole(*RECORDS).encode("utf-8-sig"),
        whole(*RECORDS).encode("utf-16"),
        whole(*RECORDS, end="\r\n").encode("latin-1"),
        whole(*RECORDS, end="\r").encode("latin-1"),
        whole(*RECORDS, end="").encode("latin-1"),
        whole(*RECORDS, end="").encode("latin-1") + b"\r\n",
        "\n".join(line.rstrip() for line in whole(*RECORDS).split("\n")).encode("latin-1"),
        whole(*RECORDS, end="        \n\n").encode("latin-1"),
        b"\r\n\r\n" + whole(*RECORDS, end="\r\n").encode("latin-1") + b"\x1a",
        whole(*RECORDS).replace("  ", "\0\0").encode("latin-1"),
    ],
    ids=[
        "latin-1",
        "utf-8",
        "bom",
        "utf-16",
        "crlf",
        "cr",
        "glued",
        "glued+end",
        "trimmed",
        "longer",
        "blanks",
        "nul",
    ],
)
def test_every_way_of_writing_the_same_records(desk: Any, content: bytes) -> None:
    (row,) = read(desk, content)
    assert (row["amount"], row["remittance_text"]) == (
        Decimal("840.00"),
        "REGLEMENT ÉTÉ Payé à l'échéance",
    )
    assert desk.rows("quarantined_rows") == []
    assert desk.rows("bank_statements")[0]["closing_balance"] == Decimal("940.00")


def test_a_file_without_lines_counts_records(desk: Any) -> None:
    content = whole(movement(1), movement(1, "320125"), end="")
    read(desk, content)
    assert desk.rows("bank_transactions")[0]["source_row"] == 2
    assert [row for row, _ in set_aside(desk)] == [3]
    assert "source_row counts records" in desk.take().source_files.to_pylist()[0]["dialect"]


def test_what_stands_beyond_the_120_characters_is_left_out_and_counted(desk: Any) -> None:
    (row,) = read(desk, whole(movement(84_000), end="GARBAGE\n"))
    assert row["remittance_text"] == "VIR MARTIN"
    assert "lines cut after 120 characters 3" in desk.take().source_files.to_pylist()[0]["dialect"]


def test_without_a_currency_amounts_are_in_euros_and_the_dialect_says_so(desk: Any) -> None:
    lines = whole(movement(84_000), movement(0)).replace("EUR2", "    ")
    assert {row["currency_code"] for row in read(desk, lines)} == {"EUR"}
    assert desk.rows("bank_statements")[0]["account_currency"] == "EUR"
    (record,) = desk.take().source_files.to_pylist()
    assert "movements without currency, taken for EUR 2" in record["dialect"]


def test_accounts_and_currencies_stand_apart_and_statements_of_one_account_too(desk: Any) -> None:
    dollars = {"account": "0500013M026", "currency": "USD2", "bank": "20041"}
    content = (
        whole(movement(100), moved=100)
        + file(balance("01", 0, **dollars), movement(-7, **dollars), balance("07", -7, **dollars))
        + file(balance("01", 10_100), movement(200), movement(300), balance("07", 10_600, "280225"))
    )
    rows = read(desk, content)
    assert [(row["statement_ordinal"], row["entry_ordinal"], row["amount"]) for row in rows] == [
        (1, 1, Decimal("1.00")),
        (2, 1, Decimal("-0.07")),
        (3, 1, Decimal("2.00")),
        (3, 2, Decimal("3.00")),
    ]
    assert rows[1]["currency_code"] == "USD"
    assert [
        (row["account_currency"], row["opening_balance"], row["closing_balance"], row["entry_total"])
        for row in desk.rows("bank_statements")
    ] == [
        ("EUR", Decimal(100), Decimal(101), Decimal(1)),
        ("USD", Decimal(0), Decimal("-0.07"), Decimal("-0.07")),
        ("EUR", Decimal(101), Decimal(106), Decimal(5)),
    ]


def test_another_bank_code_in_a_movement_is_no_other_account(desk: Any) -> None:
    (row,) = read(desk, whole(movement(84_000, bank="10556")))
    assert row["amount"] == Decimal(840)
    assert "another bank code" in desk.take().source_files.to_pylist()[0]["dialect"]


def test_an_account_that_is_no_rib_keeps_its_own_number(desk: Any) -> None:
    content = file(balance("01", 0, account="1234567    "), balance("07", 0, account="1234567    "))
    read(desk, content)
    assert desk.rows("bank_statements")[0]["account_number"] == "30006000011234567"


def test_a_statement_without_an_account_is_set_aside_whole(desk: Any) -> None:
    nobody = {"account": "          I"}
    content = file(balance("01", 0, **nobody), movement(5, **nobody), balance("07", 5, **nobody)) + whole(
        movement(84_000)
    )
    assert len(read(desk, content)) == 1
    assert set_aside(desk) == [(row, "“          I” is no account number") for row in (1, 2)]


def test_movements_and_balances_outside_a_statement_are_set_aside(desk: Any) -> None:
    stray = file(movement(1), detail("LIB", "X"))
    content = (
        stray + whole(movement(84_000)) + file(balance("07", 5, account="99999999999"), detail("LIB", "Y"))
    )
    assert len(read(desk, content)) == 1
    assert set_aside(desk) == [
        (1, "the movement (04) stands in no statement: no old balance (01) opens it"),
        (6, "the new balance (07) closes no statement of its account"),
        (7, "the detail (05) follows no movement (04) of its account"),
    ]


def test_a_statement_that_the_next_one_cuts_off_is_set_aside_whole(desk: Any) -> None:
    content = file(balance("01", 0), movement(1), movement(2)) + whole(movement(84_000))
    rows = read(desk, content)
    assert [row["amount"] for row in rows] == [Decimal("840.00")]
    assert len(desk.rows("bank_statements")) == 1
    reason = "the statement that begins on line 1 has no new balance (07): movements may be missing"
    assert set_aside(desk) == [(row, reason) for row in (1, 2, 3)]


def test_a_balance_that_cannot_be_read_is_set_aside_and_its_movements_land(desk: Any) -> None:
    content = file(balance("01", 0, "  CART"), movement(1), balance("07", 1))
    assert len(read(desk, content)) == 1
    assert set_aside(desk) == [(1, "“  CART” is no day of the calendar (DDMMYY)")]
    (row,) = desk.rows("bank_statements")
    assert (row["opening_balance"], row["closing_balance"]) == (None, Decimal("0.01"))


def test_a_file_of_stray_records_alone_is_refused_with_the_first_reason(desk: Any) -> None:
    assert read(desk, file(movement(1)), status="refused") == []
    assert (
        desk.take()
        .source_files.to_pylist()[0]["reason"]
        .startswith("none of its rows could be read; line 1:")
    )


def test_a_file_that_ends_within_a_statement_is_refused(desk: Any) -> None:
    assert read(desk, whole(movement(1)) + file(balance("01", 0), movement(2)), status="refused") == []
    (record,) = desk.take().source_files.to_pylist()
    assert record["reason"] == (
        "it ends in the middle of the statement that begins on line 4: its new balance (07) is missing"
    )


TWO_STATEMENTS = whole(movement(100), detail("LIB", "UN"), moved=100) + file(
    balance("01", 10_100), movement(-200), movement(300), detail("NPY", "DEUX"), balance("07", 10_200)
)


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_file_cut_anywhere_never_lands_a_part_of_a_statement(end: str, tmp_path: Path) -> None:
    content = TWO_STATEMENTS.replace("\n", end).encode()
    path = tmp_path / "cut"
    outcomes: dict[tuple[int, ...], int] = {}
    reasons = set()
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
        outcomes[counts] = outcomes.get(counts, 0) + 1
        assert len(sink.rows("bank_transactions")) == sum(counts)
    assert reasons == {"it ends in the middle of the statement"}
    assert set(outcomes) == {(1,), (1, 2)}
    assert outcomes[(1, 2)]


days = st.dates(date(1990, 1, 1), date(2070, 12, 31))
cents = st.integers(-99_999_999_999_999, 99_999_999_999_999)
words = st.text(st.characters(codec="latin-1", categories=("L", "Nd", "Zs")), max_size=31)
entries = st.lists(st.tuples(days, days, cents, words, st.lists(words, max_size=3)), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statements=st.lists(entries, min_size=1, max_size=4), end=st.sampled_from(["\n", "\r\n", ""]))
def test_what_was_written_is_read_back(
    statements: list[list[tuple[date, date, int, str, list[str]]]], end: str, tmp_path: Path
) -> None:
    records: list[str] = []
    for number, movements in enumerate(statements):
        account = {"account": f"{number:011}"}
        total = 0
        records.append(balance("01", 0, **account))
        for booked, valued, value, label, texts in movements:
            total += value
            records.append(
                movement(value, f"{booked:%d%m%y}", valued=f"{valued:%d%m%y}", label=label, **account)
            )
            records += [detail("LIB", text, **account) for text in texts]
        records.append(balance("07", max(min(total, 10**14 - 1), 1 - 10**14), **account))
    path = tmp_path / "statement"
    path.write_bytes(file(*records, end=end).encode("latin-1"))
    sink = Kept()
    READER.read(path, read_head(path), "a" * 64, sink)
    assert sink.bad == []
    assert [
        (
            row["statement_ordinal"],
            row["entry_ordinal"],
            row["booking_date"],
            row["value_date"],
            row["amount"],
        )
        for row in sink.rows("bank_transactions")
    ] == [
        (number, ordinal, booked, valued, Decimal(value).scaleb(-2))
        for number, movements in enumerate(statements, 1)
        for ordinal, (booked, valued, value, _, _) in enumerate(movements, 1)
    ]
    assert [(row["remittance_text"] or "").split() for row in sink.rows("bank_transactions")] == [
        " ".join([label, *texts]).split() for movements in statements for *_, label, texts in movements
    ]
    assert [row["entry_count"] for row in sink.rows("bank_statements")] == [len(one) for one in statements]


def test_a_movement_and_its_details_may_stand_in_two_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    details = [detail("LIB", f"TEXTE {number}") for number in range(7)]
    content = whole(movement(1), *details, movement(2), *details, moved=3)
    path = tmp_path / "statement"
    path.write_text(content)
    found = []
    for size in (50, 121, 500, 1 << 20):
        monkeypatch.setattr("ingestion.formats.cfonb_records.BLOCK_BYTES", size)
        sink = Kept()
        READER.read(path, read_head(path), "a" * 64, sink)
        assert sink.bad == []
        found.append(
            [
                (row["source_row"], row["entry_ordinal"], row["amount"], row["remittance_text"])
                for row in sink.rows("bank_transactions")
            ]
        )
    text = "VIR MARTIN " + " ".join(f"TEXTE {number}" for number in range(7))
    assert found == [[(2, 1, Decimal("0.01"), text), (10, 2, Decimal("0.02"), text)]] * 4


def test_the_statement_of_a_year_reads_in_order(make_desk: Callable[[], Any]) -> None:
    first = date(2025, 1, 1)
    content = ""
    for number in range(365):
        day = f"{first + timedelta(number):%d%m%y}"
        content += file(
            balance("01", number * 10, day), movement(10, day), balance("07", number * 10 + 10, day)
        )
    desk = make_desk()
    rows = read(desk, content)
    assert [row["booking_date"] for row in rows] == [first + timedelta(number) for number in range(365)]
    statements = desk.rows("bank_statements")
    assert [row["opening_balance"] for row in statements[1:]] == [
        row["closing_balance"] for row in statements[:-1]
    ]
