"""BAI2: what the records mean, how banks write them, and totals that tell when a line is missing."""

import contextlib
import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import bai2.bai2
import pyarrow as pa
import pytest
from bai2.constants import TypeCodeLevel, TypeCodes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.detection import read_head
from ingestion.formats import bai2 as bai2_reader
from ingestion.formats.bai2 import ITEMS, READER, RETURNS
from ingestion.reading import BadRow, FileRefusedError, Reading

KINDS = Path(__file__).resolve().parents[4] / "dbt_project" / "seeds" / "bank_transaction_kinds.csv"

FILE_HEADER = "01,BANK,ACME,250201,0630,1,80,1,2/"
GROUP_HEADER = "02,ACME,BANK,1,250131,2400,EUR,2/"
SUMMARY = "010,10000,,,015,22770,,/"


def account(
    *transactions: str,
    number: str = "12345678",
    currency: str = "",
    summary: str = SUMMARY,
    summary_total: int = 32770,
    moved: int | None = None,
    shift: int = 0,
    miscount: int = 0,
) -> tuple[str, int]:
    """An account and its control total; ``moved`` are its transactions where their lines do not say it plainly."""
    lines = "\n".join((f"03,{number},{currency},{summary}", *transactions))
    if moved is None:
        moved = sum(int(line.split(",")[2] or 0) for line in lines.split("\n") if line.startswith("16"))
    total = summary_total + moved + shift
    return f"{lines}\n49,{total},{lines.count(chr(10)) + 2 + miscount}/", total


def group(
    *accounts: tuple[str, int], header: str = GROUP_HEADER, shift: int = 0, children: int = 0
) -> tuple[str, int]:
    lines = "\n".join((header, *(one for one, _ in accounts)))
    total = sum(amount for _, amount in accounts) + shift
    return f"{lines}\n98,{total},{len(accounts) + children},{lines.count(chr(10)) + 2}/", total


def document(*groups: tuple[str, int], header: str = FILE_HEADER, shift: int = 0, children: int = 0) -> str:
    lines = "\n".join((header, *(one for one, _ in groups)))
    total = sum(amount for _, amount in groups) + shift
    return f"{lines}\n99,{total},{len(groups) + children},{lines.count(chr(10)) + 2}/\n"


def with_transactions(*transactions: str, **options: Any) -> str:
    return document(group(account(*transactions, **options)))


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


def test_a_transaction_lands_with_all_that_it_tells(desk: Any) -> None:
    (row,) = read(desk, with_transactions("16,195,12770,V,250202,,B-77,INV-2025/42,MARTIN SA, LYON/"))
    del row["source_sha256"]
    assert row == {
        "source_row": 4,
        "statement_ordinal": 1,
        "entry_ordinal": 1,
        "detail_ordinal": 0,
        "bank_entry_reference": "B-77",
        "entry_reference": None,
        "batch_reference": None,
        "booking_date": date(2025, 1, 31),
        "value_date": date(2025, 2, 2),
        "amount": Decimal("127.70000"),
        "currency_code": "EUR",
        "entry_amount": Decimal("127.70000"),
        "is_reversal": False,
        "bank_transaction_code": "BAI-195",
        "proprietary_code": None,
        "remittance_text": "MARTIN SA, LYON",
        "structured_reference": None,
        "end_to_end_id": "INV-2025/42",
        "mandate_id": None,
        "counterparty_name": None,
        "counterparty_iban": None,
        "ultimate_counterparty_name": None,
        "return_reason": None,
        "original_amount": None,
        "original_currency_code": None,
    }


def test_the_account_lands_with_its_ledger_balances(desk: Any) -> None:
    read(desk, with_transactions("16,195,12770,,,,/", number="FR76 3000 6000 0112 3456 7890 189"))
    (row,) = desk.rows("bank_statements")
    del row["source_sha256"]
    assert row == {
        "source_row": 3,
        "statement_ordinal": 1,
        "statement_kind": "statement",
        "statement_reference": None,
        "sequence_number": None,
        "account_number": "FR7630006000011234567890189",
        "account_currency": "EUR",
        "account_owner": None,
        "created_at": datetime(2025, 2, 1, 6, 30, tzinfo=UTC),
        "from_date": date(2025, 1, 31),
        "to_date": date(2025, 1, 31),
        "opening_balance": Decimal("100.00000"),
        "opening_date": date(2025, 1, 31),
        "closing_balance": Decimal("227.70000"),
        "closing_date": date(2025, 1, 31),
        "entry_count": 1,
        "entry_total": Decimal("127.70000"),
    }


@pytest.mark.parametrize(
    ("modifier", "kind"),
    [("1", "report"), ("2", "statement"), ("3", "report"), ("4", "statement"), ("", "statement")],
)
def test_days_that_are_not_over_are_reports(desk: Any, modifier: str, kind: str) -> None:
    header = f"02,ACME,BANK,1,250131,1200,EUR,{modifier}/"
    read(desk, document(group(account("16,195,1,,,,/"), header=header)))
    assert [row["statement_kind"] for row in desk.rows("bank_statements")] == [kind]


@pytest.mark.parametrize(
    ("of_account", "of_group", "currency", "amount"),
    [
        ("", "", "USD", "12.34"),
        ("", "CAD", "CAD", "12.34"),
        ("EUR", "CAD", "EUR", "12.34"),
        ("jpy", "", "JPY", "1234"),
        ("KWD", "", "KWD", "1.234"),
        ("CLF", "", "CLF", "0.1234"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(
    desk: Any, of_account: str, of_group: str, currency: str, amount: str
) -> None:
    header = f"02,ACME,BANK,1,250131,,{of_group},2/"
    one = account("16,409,1234,,,,/", currency=of_account, summary="015,-1234,,/", summary_total=-1234)
    (row,) = read(desk, document(group(one, header=header)))
    assert (row["currency_code"], row["amount"]) == (currency, -Decimal(amount))
    assert desk.rows("bank_statements")[0]["closing_balance"] == -Decimal(amount)


@pytest.mark.parametrize(
    ("code", "amount"),
    [
        ("108", 1),
        ("399", 1),
        ("400", -1),
        ("475", -1),
        ("699", -1),
        ("708", 1),
        ("722", 1),
        ("760", -1),
        ("920", 1),
        ("959", 1),
        ("960", -1),
        ("999", -1),
    ],
)
def test_the_type_code_says_whether_money_came_or_went(desk: Any, code: str, amount: int) -> None:
    rows = read(desk, with_transactions(f"16,{code},100,,,,/", f"16,{code},-200,,,,/"))
    assert [row["amount"] for row in rows] == [Decimal(amount), Decimal(-2 * amount)]
    assert rows[0]["bank_transaction_code"] == f"BAI-{code}"


PUBLISHED = {
    code: one.transaction.value
    for code, one in TypeCodes.items()
    if one.level == TypeCodeLevel.detail and one.transaction and one.transaction.value != "misc"
}


def test_every_published_code_of_a_transaction_has_its_side(desk: Any) -> None:
    rows = read(desk, with_transactions(*(f"16,{code},1,,,,/" for code in PUBLISHED if code not in ITEMS)))
    sides = {row["bank_transaction_code"][4:]: "credit" if row["amount"] > 0 else "debit" for row in rows}
    assert sides == {code: side for code, side in PUBLISHED.items() if code not in ITEMS}
    assert len(sides) > 250


def test_the_kinds_of_movements_know_published_codes_and_every_return() -> None:
    with KINDS.open(encoding="utf-8") as file:
        kinds = {
            code.removeprefix("BAI-"): kind
            for code, kind in list(csv.reader(file))[1:]
            if code.startswith("BAI-")
        }
    assert all(any(known.startswith(code) for known in TypeCodes) for code in kinds)
    assert {code: kinds.get(code) for code in RETURNS} == dict.fromkeys(RETURNS, "return")
    assert {code: kinds[code] for code in ("115", "142", "195", "354", "475", "495", "555", "698")} == {
        "115": "cheque",
        "142": "transfer",
        "195": "transfer",
        "354": "interest",
        "475": "cheque",
        "495": "transfer",
        "555": "return",
        "698": "fee",
    }


def test_returns_keep_their_reason_and_reversals_are_marked(desk: Any) -> None:
    rows = read(
        desk,
        with_transactions(
            '16,557,100,,,,ACH Credit Receipt Return,Reason: "R02", Return of Client Ref/',
            "16,555,100,,,,DEPOSITED ITEM RETURNED/",
            "16,552,100,,,,R02/",
            "16,699,100,,,,R02/",
        ),
    )
    assert [(row["return_reason"], row["is_reversal"]) for row in rows] == [
        ("R02", False),
        (None, False),
        (None, True),
        (None, False),
    ]


# --- ways of writing ---


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["16,195,5,,B,C,one, two/three/"], (None, "B", "C", "one, two/three")),
        (["16,195,5,,B,C,08/18/23 Invoice"], (None, "B", "C", "08/18/23 Invoice")),
        (["16,195,5,,B,C"], (None, "B", "C", None)),
        (["16,195,5,,B"], (None, "B", None, None)),
        (["16,195,5"], (None, None, None, None)),
        (["16,195,5/"], (None, None, None, None)),
        (["16,195,5,,000,0,  two   blanks  /"], (None, None, None, "two blanks")),
        (["16,195,5,,B,/", "88,TEXT, MORE/", "88,/AND, MORE/"], (None, "B", None, "TEXT, MORE /AND, MORE")),
        (["16,195,5,,B,C/", "88,TEXT"], (None, "B", "C", "TEXT")),
        (["16,195,5,,B,C,a", "88,b: c", "88:d"], (None, "B", "C", "a b: c d")),
        (["16,195,5,,B,C,a      /", "88,        b/"], (None, "B", "C", "a b")),
        (["16,195/", "88,5,,B/", "88,C/", "88,t/"], (None, "B", "C", "t")),
        (["16,195,5,V,250203/", "88,1200,B,C,t/"], (date(2025, 2, 3), "B", "C", "t")),
        (["16,195,5,v,20250203,,B,C,t/"], (date(2025, 2, 3), "B", "C", "t")),
        (["16,195,5,V,,,B,C,t/"], (None, "B", "C", "t")),
        (["16,195,5,V,991399,,B,C,t/"], (None, "B", "C", "t")),
        (["16,195,5,S,1,2,2,B,C,t/"], (None, "B", "C", "t")),
        (["16,195,5,D,2,0,3,1,2,B,C,t/"], (None, "B", "C", "t")),
        (["16,195,5,D/", "88,1,0,5,B,C/", "88,t/"], (None, "B", "C", "t")),
        (["16,195,5,0,B,C,t/"], (None, "B", "C", "t")),
        (["16,195,5,Z,B,C,t/   "], (None, "B", "C", "t")),
        (["16,195,+000000000005,2,B,C,t/"], (None, "B", "C", "t")),
    ],
)
def test_a_transaction_may_be_written_in_many_ways(
    desk: Any, lines: list[str], told: tuple[date | None, str | None, str | None, str | None]
) -> None:
    (row,) = read(desk, with_transactions("\n".join(lines), moved=5))
    assert row["amount"] == Decimal("0.05")
    names = ("value_date", "bank_entry_reference", "end_to_end_id", "remittance_text")
    assert tuple(row[name] for name in names) == told
    assert desk.take().source_files.to_pylist()[0]["dialect"] == "BAI2;version 2;utf-8;statements 1"


@pytest.mark.parametrize(
    ("summary", "balances"),
    [
        ("010,100,,,015,200,,/", ("1", "2")),
        ("010,100,,,015,200,,,/", ("1", "2")),
        ("010,100,,,015,200/", ("1", "2")),
        ("010,100,4,0,015,200,,Z/", ("1", "2")),
        ("010,100,,,,015,200,,/", ("1", "2")),
        (",,,,015,200,,,010,100,,/", ("1", "2")),
        ("010,100,,015,200,/", ("1", "2")),
        ("010,100/\n88,,,015,200,,/", ("1", "2")),
        ("010/\n88,100,,,015/\n88,200/", ("1", "2")),
        ("010,100,4,S,50,25,25,015,200,,V,250201,1200/", ("1", "2")),
        ("010,100,15,D,3,0,20,1,30,3,50,015,200,,D,0/", ("1", "2")),
        ("010,-100,,,040,300,,,015,,,/", ("-1", None)),
        ("040,300,,/", (None, None)),
        ("/", (None, None)),
    ],
)
def test_balances_are_found_in_every_form_of_summary(
    desk: Any, summary: str, balances: tuple[str | None, str | None]
) -> None:
    cells = summary.replace("/", "").replace("\n88", "").split(",")
    total = sum(int(amount) for amount in ("100", "-100", "200", "300") if amount in cells)
    one = account("16,195,5,,,,/", summary=summary, summary_total=total)
    read(desk, document(group(one)))
    (row,) = desk.rows("bank_statements")
    expected = tuple(balance and Decimal(balance) for balance in balances)
    assert (row["opening_balance"], row["closing_balance"]) == expected


def test_records_may_share_a_line_be_padded_or_broken_anywhere(desk: Any) -> None:
    plain = document(
        group(
            account("16,195,5,,,,one/", "16,451,3,,,,111111     ACH 1111   2222/", "88,  333/", number="1")
        ),
        group(account(number="2")),
    )
    joined = (
        plain.replace("/\n02", "/   02")
        .replace("/\n16", "/ 16")
        .replace("/\n49", "/\t49")
        .replace("/\n03", "/ 03")
    )
    variants = {
        "plain": plain,
        "crlf": plain.replace("\n", "\r\n"),
        "padded": "".join(f"{line:<80}\n" for line in plain.split("\n")),
        "joined": joined.replace("/\n98", "/ 98").replace("/\n99", "/ 99"),
        "broken": plain.replace("1111   2222/", "1111\n2222      /"),
        "blank lines": plain.replace("\n", "\n\n") + "\x1a",
        "unfinished": plain.replace("one/", "one"),
    }
    for name, content in variants.items():
        desk.drop(f"acme/{name}", content)
    intake = desk.take()
    assert {record.source_file: record.reason for record in intake.new_files} == {
        f"acme/{name}": None for name in variants
    }
    for record in intake.new_files:
        rows = [row for row in desk.rows("bank_transactions") if row["source_sha256"] == record.source_sha256]
        assert [(row["amount"], row["remittance_text"]) for row in rows] == [
            (Decimal("0.05"), "one"),
            (Decimal("-0.03"), "111111 ACH 1111 2222 333"),
        ], record.source_file
        assert record.dialect == "BAI2;version 2;utf-8;statements 2"


def test_a_text_that_looks_like_a_record_stays_a_text(desk: Any) -> None:
    rows = read(desk, with_transactions("16,195,5,,,,PAID 08/ 16,000 EUR/ 99 BOTTLES/"))
    assert [row["remittance_text"] for row in rows] == ["PAID 08/ 16,000 EUR/ 99 BOTTLES"]


def test_version_3_and_several_files_in_one_are_read(desk: Any) -> None:
    third = with_transactions("16,195,5,,,,/").replace(FILE_HEADER, "01,BANK,ACME,20250201,2400,1,,,3/")
    rows = read(desk, third + with_transactions("16,195,7,,,,/", number="2"))
    assert [row["amount"] for row in rows] == [Decimal("0.05"), Decimal("0.07")]
    assert [row["created_at"].hour for row in desk.rows("bank_statements")] == [23, 6]


# --- batches ---


def test_items_stand_for_the_deposit_that_they_add_up_to(desk: Any) -> None:
    rows = read(
        desk,
        with_transactions(
            "16,115,500,,L1,,/",
            "16,116,200,,,C1,/",
            "16,116,300,,,C2,/",
            "16,115,500,,L2,,/",
            "16,116,200,,,C3,/",
            "16,195,700,,W,,/",
            "16,451,60,,A,,/",
            "16,452,60,,,I,/",
        ),
    )
    assert [
        (row["entry_ordinal"], row["detail_ordinal"], row["amount"], row["entry_amount"]) for row in rows
    ] == [
        (1, 1, Decimal(2), Decimal(5)),
        (1, 2, Decimal(3), Decimal(5)),
        (2, 0, Decimal(5), Decimal(5)),
        (3, 0, Decimal(2), Decimal(2)),
        (4, 0, Decimal(7), Decimal(7)),
        (5, 1, Decimal("-0.6"), Decimal("-0.6")),
    ]
    (statement,) = desk.rows("bank_statements")
    assert (statement["entry_count"], statement["entry_total"]) == (5, Decimal("18.4"))


def test_a_long_account_lands_in_batches_that_split_no_deposit(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bai2_reader, "BATCH", 2)
    deposits = ["16,115,500,,,,/", *["16,116,100,,,,/"] * 5]
    rows = read(desk, with_transactions(*["16,116,1,,,,/"] * 5, *deposits, *deposits))
    assert [(row["entry_ordinal"], row["detail_ordinal"]) for row in rows] == [
        *((ordinal, 0) for ordinal in range(1, 6)),
        *((6, place) for place in range(1, 6)),
        *((7, place) for place in range(1, 6)),
    ]


def test_items_of_another_account_or_behind_a_bad_deposit_are_entries(desk: Any) -> None:
    content = document(
        group(
            account("16,115,500,,,,/", number="1"),
            account("16,116,500,,,,/", number="2"),
            account("16,115,300,X,,,/", "16,116,300,,,,/", number="3"),
        )
    )
    rows = read(desk, content)
    assert [(row["statement_ordinal"], row["entry_ordinal"], row["detail_ordinal"]) for row in rows] == [
        (1, 1, 0),
        (2, 1, 0),
        (3, 1, 0),
    ]


# --- what is left out, set aside, refused ---


@pytest.mark.parametrize(
    ("status", "note"),
    [("2", "it is a deletion of what an earlier file said."), ("4", "it is a test.")],
)
def test_groups_that_delete_or_test_are_left_out_with_a_word(desk: Any, status: str, note: str) -> None:
    left_out = group(account("16,195,7,,,,/"), header=f"02,ACME,BANK,{status},250131,,,2/")
    desk.drop("acme/statement", document(left_out, group(account("16,195,5,,,,/"))))
    intake = desk.take()
    assert [row["amount"] for row in desk.rows("bank_transactions")] == [Decimal("0.05")]
    assert len(desk.rows("bank_statements")) == 1
    assert intake.notes == (f"acme/statement: the group on line 2 was left out: {note}",)


def test_records_without_money_are_left_out_and_counted(desk: Any) -> None:
    rows = read(desk, with_transactions("16,890,,,,,RATE CHANGED/", "16,195,5,,,,/"))
    assert len(rows) == 1
    (file,) = desk.take().source_files.to_pylist()
    assert file["dialect"] == "BAI2;version 2;utf-8;records without money, left out 1;statements 1"
    assert (file["rows_read"], file["rows_landed"]) == (1, 1)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("16,195,,,,,no amount/", "the entry has no amount"),
        ("16,195,100,X,B,C,t/", "“X” is no funds type"),
        ("16,195,100,D,many,B,C,t/", "“many” is no number of distributions"),
        ("16,015,100,,,,/", "the type code “015” does not say whether money came or went"),
        ("16,905,100,,,,/", "the type code “905” does not say whether money came or went"),
        ("16,,100,,,,/", "the type code “” does not say whether money came or went"),
        (f"16,195,{'9' * 30},,,,/", f"“{'9' * 30}” is too large for an amount"),
    ],
)
def test_a_transaction_that_cannot_be_read_is_set_aside_and_the_rest_lands(
    desk: Any, bad: str, reason: str
) -> None:
    (row,) = read(desk, with_transactions(bad, "88,more/", "16,195,7,,,,/"))
    assert (row["amount"], row["entry_ordinal"]) == (Decimal("0.07"), 1)
    (set_aside,) = desk.rows("quarantined_rows")
    assert (set_aside["reason"], set_aside["source_row"]) == (reason, 4)
    assert set_aside["raw"] == f"{bad.removesuffix('/')}\n88,more"
    (file,) = desk.take().source_files.to_pylist()
    assert (file["rows_read"], file["rows_landed"], file["rows_quarantined"]) == (2, 1, 1)


def test_a_line_that_is_no_record_is_set_aside(desk: Any) -> None:
    content = with_transactions("16,195,7,,,,/").replace("\n49,", "\n04,what is this/\n49,")
    assert len(read(desk, content)) == 1
    (set_aside,) = desk.rows("quarantined_rows")
    assert (set_aside["source_row"], set_aside["reason"]) == (5, "the line is no record of BAI2")
    assert set_aside["raw"] == "04,what is this"


def test_without_a_day_of_the_group_the_value_date_holds(desk: Any) -> None:
    header = "02,ACME,BANK,1,000000,,EUR,2/"
    content = document(group(account("16,195,5,V,250203,,,,/", "16,195,7,,,,/"), header=header))
    (row,) = read(desk, content)
    assert row["booking_date"] == date(2025, 2, 3)
    assert [one["reason"] for one in desk.rows("quarantined_rows")] == [
        "the entry has no date, nor has its group"
    ]


ONE = "16,195,5,,,,/"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            with_transactions(ONE, shift=1),
            "the control total of the account 12345678 is 32776 (line 5), but its amounts add up to 32775: lines are "
            "missing or changed",
        ),
        (
            with_transactions(ONE, ONE).replace(f"{ONE}\n", "", 1),
            "the control total of the account 12345678 is 32780 (line 5), but its amounts add up to 32775: lines are "
            "missing or changed",
        ),
        (
            document(group(account(ONE), shift=-5)),
            "the control total of the group on line 2 is 32770 (line 6), but its accounts add up to 32775: lines are "
            "missing or changed",
        ),
        (
            document(group(account(ONE)), shift=100),
            "the control total of the file is 32875 (line 7), but its groups add up to 32775: lines are missing or "
            "changed",
        ),
        (
            document(group(account(ONE), children=1)),
            "line 6 says that there are 2 accounts, but there are 1: lines are missing",
        ),
        (
            document(group(account(ONE)), children=2),
            "line 7 says that there are 3 groups, but there are 1: lines are missing",
        ),
        (
            with_transactions("16,195,1.50,,,,/", moved=150),
            "“1.50” on line 4 is not an amount of BAI2, which has no decimal mark",
        ),
        (
            with_transactions(ONE).replace("015,22770,,/", "015,22770,X,Y/"),
            "its account on line 3 cannot be read: “Y” is no funds type",
        ),
        (
            with_transactions(ONE).replace("015,22770", "15,22770"),
            "its account on line 3 cannot be read: “15” is no type code",
        ),
        (
            with_transactions(ONE).replace("015,22770", f"015,{'9' * 30}"),
            f"its account on line 3 cannot be read: “{'9' * 30}” is too large for an amount",
        ),
        (with_transactions(ONE, number=""), "its account on line 3 has no number"),
        (
            with_transactions(ONE).replace("49,32775,3/\n", ""),
            "the account that begins on line 3 has no end (49) before line 5",
        ),
        (
            document(group(account(ONE)), group(account(ONE))).replace("98,32775,1,5/\n", "", 1),
            "the group that begins on line 2 has no end (98) before line 6",
        ),
        (
            with_transactions(ONE).replace("98,32775,1,5/\n", ""),
            "the group that begins on line 2 has no end (98) before line 6",
        ),
        (
            with_transactions(ONE) + with_transactions(ONE).removeprefix(f"{FILE_HEADER}\n"),
            "the group (02) on line 8 stands in no file (01)",
        ),
        (
            with_transactions(ONE).replace(f"{GROUP_HEADER}\n", ""),
            "the account (03) on line 2 stands in no group (02)",
        ),
        (
            with_transactions(ONE).replace(f"03,12345678,,{SUMMARY}\n", ""),
            "the transaction (16) on line 3 stands in no account (03)",
        ),
        (
            with_transactions(ONE).removeprefix(f"{FILE_HEADER}\n"),
            "the group (02) on line 1 stands in no file (01)",
        ),
        (
            with_transactions(ONE).replace("49,32775,3/", "49,,3/"),
            "the trailer (49) on line 5 has no control total",
        ),
        (
            with_transactions(ONE).replace("80,1,2/", "80,1,1/"),
            "it is BAI of version 1, and versions 2 and 3 are read",
        ),
        (FILE_HEADER.replace("01,", "00,"), "its first record, on line 1, is no file header (01)"),
        (FILE_HEADER, "it ends before its last record (99)"),
        (
            with_transactions(ONE, *(f"88,{number}/" for number in range(10_001))),
            "the record on line 4 goes on over more than 10,000 lines",
        ),
    ],
)
def test_a_file_that_does_not_add_up_is_refused_with_the_total_that_tells(
    desk: Any, content: str, reason: str
) -> None:
    assert refusal(desk, content) == reason


def test_a_wrong_count_of_records_is_only_reported(desk: Any) -> None:
    assert len(read(desk, with_transactions(ONE, miscount=3))) == 1
    (file,) = desk.take().source_files.to_pylist()
    assert file["dialect"] == "BAI2;version 2;utf-8;record counts that differ 1;statements 1"


# --- whole files ---


def test_a_file_cut_at_any_byte_is_refused_or_lands_whole(tmp_path: Path) -> None:
    content = document(
        group(account(ONE, "16,409,-3,V,250101,,B,C,text/", "88,more/")), group(account(ONE))
    ).encode()
    path = tmp_path / "cut"
    path.write_bytes(content)
    whole = shelved(path)[0].rows
    assert len(whole["bank_transactions"]) == 3
    last = content.rindex(b"99,") + len(b"99,65547")
    for length in range(40, len(content)):
        path.write_bytes(content[:length])
        if length < last:
            with pytest.raises(FileRefusedError):
                shelved(path)
        else:
            assert shelved(path)[0].rows == whole


WORD = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P"), exclude_characters=",/:\"'"),
    min_size=1,
    max_size=9,
)
TRANSACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["108", "142", "195", "409", "475", "699"]),
        st.integers(0, 10**12),
        st.sampled_from(["", "Z", "0", "1", "2", "V,250203,", "S,1,2,3", "D,2,0,5,1,6"]),
        st.one_of(st.just(""), WORD),
        st.one_of(st.just(""), WORD),
        st.lists(WORD, max_size=6),
        st.integers(0, 5),
    ),
    max_size=8,
)


@given(st.lists(st.lists(TRANSACTIONS, min_size=1, max_size=3), min_size=1, max_size=3), st.integers(1, 9))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_published_parser_finds_the_same(
    tmp_path: Path, drawn: list[list[list[tuple[str, int, str, str, str, list[str], int]]]], batch: int
) -> None:
    def lines(
        code: str, amount: int, funds: str, bank: str, customer: str, words: list[str], cut: int
    ) -> list[str]:
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        first = f"16,{code},{amount},{funds},{bank},{customer},{head}"
        return [first, f"88,{tail}"] if tail and head else [f"{first}{tail}"]

    content = document(
        *(
            group(
                *(
                    account(*(line for one in transactions for line in lines(*one)), number=str(number))
                    for number, transactions in enumerate(accounts, 1)
                )
            )
            for accounts in drawn
        )
    )
    path = tmp_path / "statement"
    path.write_text(content, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bai2_reader, "BATCH", batch)
        shelf, reading = shelved(path)
    parsed = bai2.bai2.parse_from_string(content)
    expected = [
        (
            one.type_code.code,
            one.amount * (1 if one.type_code.transaction.value == "credit" else -1),
            one.bank_reference and one.bank_reference.strip("0") and one.bank_reference,
            one.customer_reference and one.customer_reference.strip("0") and one.customer_reference,
            one.text and " ".join(one.text.split()),
        )
        for section in parsed.children
        for each in section.children
        for one in each.children
    ]
    rows = shelf.rows.get("bank_transactions", [])
    assert [
        (
            row["bank_transaction_code"].removeprefix("BAI-"),
            row["amount"] * 100,
            row["bank_entry_reference"] or None,
            row["end_to_end_id"] or None,
            row["remittance_text"],
        )
        for row in rows
    ] == [
        (code, amount, bank or None, customer or None, text or None)
        for code, amount, bank, customer, text in expected
    ]
    assert reading.rows_read == len(expected)
    assert [row["account_number"] for row in shelf.rows["bank_statements"]] == [
        each.header.customer_account_number for section in parsed.children for each in section.children
    ]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 400),
            st.one_of(st.binary(max_size=6), st.sampled_from([b"\n", b"/\n88,", b",", b"/ 16,"])),
        ),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_lands_or_is_refused_with_a_sentence(
    tmp_path: Path, damages: list[tuple[int, bytes]]
) -> None:
    content = document(
        group(account(ONE, "16,409,-3,V,250101,,B,C,text/", "88,more/")), group(account(ONE))
    ).encode()
    for at, what in damages:
        content = content[:at] + what + content[at + len(what) :]
    path = tmp_path / "statement"
    path.write_bytes(content)
    shelf = Shelf()
    with contextlib.suppress(FileRefusedError):
        reading = READER.read(path, read_head(path), "sha", shelf)
        assert reading.rows_read == len(shelf.rows.get("bank_transactions", [])) + len(shelf.bad)
        assert shelf.rows["bank_statements"]
