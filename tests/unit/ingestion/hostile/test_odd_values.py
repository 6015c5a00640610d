"""Amounts of thirty digits, days that never were, NUL bytes and two encodings in one file: a sentence for each."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.ingestion.hostile.explained import (
    assert_explained,
    assert_nothing_left_over,
    assert_one_sentence,
)
from tests.unit.ingestion.hostile.small_files import small_files

SMALL = small_files()
TEXT = [name for name, content in SMALL.items() if not content.startswith((b"PK", b"%PDF"))]

AMOUNTS: dict[str, tuple[bytes, str]] = {
    "fec": (b"1200,00", "{},00"),
    "fec cp1252": (b"1200,00", "{},00"),
    "fec xml": (b"<Debit>1200.00", "<Debit>{}.00"),
    "camt053": (b'<Amt Ccy="EUR">1047.30</Amt>', '<Amt Ccy="EUR">{}.30</Amt>'),
    "camt052": (b'<Amt Ccy="EUR">1047.30</Amt>', '<Amt Ccy="EUR">{}.30</Amt>'),
    "camt054": (b'<Amt Ccy="EUR">1047.30</Amt>', '<Amt Ccy="EUR">{}.30</Amt>'),
    "mt940": (b"C1047,30", "C{},30"),
    "mt942": (b"C1047,30", "C{},30"),
    "ofx": (b"<TRNAMT>1047.30", "<TRNAMT>{}.30"),
    "ofx xml": (b"<TRNAMT>1047.30", "<TRNAMT>{}.30"),
    "cfonb120": (b"0000000010473{", "{:x>13.12}{{"),
    "bai2": (b"16,165,104730,", "16,165,{},"),
    "bank_csv": (b";1047.30;", ";{}.30;"),
    "cii": (b"<ram:GrandTotalAmount>1305.50", "<ram:GrandTotalAmount>{}.50"),
    "ubl": (
        b"<cbc:TaxInclusiveAmount>1305.50",
        "<cbc:TaxInclusiveAmount>{}.50",
    ),
    "third_parties": (b"1000.00", "{}.00"),
    "invoices": (b"1200.00", "{}.00"),
    "disputes": (b"200.00", "{}.00"),
    "fx_rates": (b"1.0300", "{}.03"),
    "decisions": (b"150.00", "{}.00"),
}
"""Name → an amount in the small file, and how another one is written there."""

NO_AMOUNTS = ["9" * 30, "0x1F", "1e400", "NaN", "Infinity", "--5", "１２", "1 2 3 4 5", "=1+1"]

DATES: dict[str, tuple[bytes, str]] = {
    "fec": (b"20250110", "%Y%m%d"),
    "fec cp1252": (b"20250110", "%Y%m%d"),
    "fec xml": (b"<EcritureDate>2025-01-10", "<EcritureDate>%Y-%m-%d"),
    "camt053": (b"<BookgDt><Dt>2025-02-06", "<BookgDt><Dt>%Y-%m-%d"),
    "camt052": (b"<BookgDt><Dt>2025-02-06", "<BookgDt><Dt>%Y-%m-%d"),
    "camt054": (b"<BookgDt><Dt>2025-02-06", "<BookgDt><Dt>%Y-%m-%d"),
    "mt940": (b":61:2502060206", ":61:%y%m%d%m%d"),
    "mt942": (b":61:2501020102C", ":61:%y%m%d%m%dC"),
    "ofx": (b"<DTPOSTED>20250206", "<DTPOSTED>%Y%m%d"),
    "ofx xml": (b"<DTPOSTED>20250103", "<DTPOSTED>%Y%m%d"),
    "cfonb120": (b"05060225  060225", "05%d%m%y  060225"),
    "bai2": (b"1,250206,", "1,%y%m%d,"),
    "bank_csv": (b"2025-02-06;", "%Y-%m-%d;"),
    "cii": (b'format="102">20260131', 'format="102">%Y%m%d'),
    "ubl": (b"<cbc:IssueDate>2026-01-31", "<cbc:IssueDate>%Y-%m-%d"),
    "invoices": (b"2025-01-10,2025-02-10", "%Y-%m-%d,2025-02-10"),
    "disputes": (b"2025-02-11", "%Y-%m-%d"),
    "promises": (b"2025-03-01", "%Y-%m-%d"),
    "dunning_events": (b"2025-02-20", "%Y-%m-%d"),
    "fx_rates": (b"2025-01-10", "%Y-%m-%d"),
    "decisions": (b"2025-03-03", "%Y-%m-%d"),
}

NO_DAYS = [
    ("0000", "00", "00"),
    ("2999", "12", "31"),
    ("2025", "02", "30"),
    ("0001", "01", "01"),
    ("9999", "99", "99"),
]


def assert_told(desk: Any, content: bytes) -> Any:
    """The file is refused, or the rows it set aside are explained; its neighbour lands."""
    desk.drop("acme/FR7630006000011234567890189/hostile", content)
    desk.drop("acme/neighbour", SMALL["third_parties"] + b"PETIT;;;\n")
    record, neighbour = desk.take().new_files
    assert (neighbour.source_file, neighbour.status) == ("acme/neighbour", "landed")
    assert record.rows_read == record.rows_landed + record.rows_quarantined
    if record.status == "refused":
        assert_explained(desk, record)
    for row in desk.rows("quarantined_rows"):
        assert_one_sentence(row["reason"], row["remedy"])
    assert_nothing_left_over(desk)
    return record


def test_every_text_format_that_has_amounts_or_dates_is_tried() -> None:
    assert set(AMOUNTS) & set(SMALL) >= set(SMALL) - {
        "fec utf-16",
        "promises",
        "dunning_events",
        *_not_text(),
    }
    assert set(DATES) & set(SMALL) >= set(SMALL) - {"fec utf-16", "third_parties", *_not_text()}
    for name in set(AMOUNTS) & set(SMALL):
        assert AMOUNTS[name][0] in SMALL[name], name
    for name in set(DATES) & set(SMALL):
        assert DATES[name][0] in SMALL[name], name


def _not_text() -> set[str]:
    return set(SMALL) - set(TEXT)


@pytest.mark.parametrize("amount", NO_AMOUNTS)
@pytest.mark.parametrize("name", sorted(set(AMOUNTS) & set(SMALL)))
def test_what_is_no_amount_is_told_and_never_counted(desk: Any, name: str, amount: str) -> None:
    old, written = AMOUNTS[name]
    encoding = "cp1252" if name == "fec cp1252" else "utf-8"
    changed = SMALL[name].replace(old, written.format(amount).encode(encoding, "replace"), 1)
    record = assert_told(desk, changed)
    assert record.status == "refused" or record.rows_quarantined == 1, record


@pytest.mark.parametrize(("year", "month", "day"), NO_DAYS)
@pytest.mark.parametrize("name", sorted(set(DATES) & set(SMALL)))
def test_a_day_that_never_was_breaks_nothing(desk: Any, name: str, year: str, month: str, day: str) -> None:
    old, written = DATES[name]
    new = written.replace("%Y", year).replace("%y", year[2:]).replace("%m", month).replace("%d", day)
    assert_told(desk, SMALL[name].replace(old, new.encode(), 1))


def every(count: int, extra: bytes) -> Callable[[bytes], bytes]:
    return lambda content: extra.join(
        content[start : start + count] for start in range(0, len(content), count)
    )


BYTES: dict[str, Callable[[bytes], bytes]] = {
    "NUL between all bytes": every(1, b"\0"),
    "NUL here and there": every(97, b"\0"),
    "NUL before": lambda content: b"\0" * 100 + content,
    "NUL after": lambda content: content + b"\0" * 70_000,
    "bytes of no encoding": every(97, b"\x81\xfe\xff"),
    "two encodings": lambda content: (
        content[: len(content) // 2] + "é€".encode() + content[len(content) // 2 :] + "é€".encode("cp1252")
    ),
    "half of it in UTF-16": lambda content: (
        content[: len(content) // 2] + content[len(content) // 2 :].decode("latin-1").encode("utf-16-le")
    ),
    "a wrong byte order mark": lambda content: b"\xfe\xff" + content,
    "controls": every(97, b"\x0b\x0c\x1b\x1c\x1d\x1e\x85"),
    "separators of Unicode": every(97, "\u2028\u2029\u0085\u00a0".encode()),
    "lone surrogates": every(97, b"\xed\xa0\x80"),
    "carriage returns alone": lambda content: content.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
    "no line ends": lambda content: content.replace(b"\r", b"").replace(b"\n", b""),
    "all quotes": every(97, b'"'),
    "end of file sign": lambda content: content + b"\x1a",
    "twice": lambda content: content + content,
}


@pytest.mark.parametrize("change", BYTES)
@pytest.mark.parametrize("name", SMALL)
def test_bytes_that_do_not_belong_there_are_told_or_do_no_harm(desk: Any, name: str, change: str) -> None:
    assert_told(desk, BYTES[change](SMALL[name]))
