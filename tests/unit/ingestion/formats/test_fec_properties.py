"""Random ledgers in random dialects land as they were meant, and damage never breaks a reading."""

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ingestion.formats.fec_lines import (
    CODES,
    DAYS,
    MONEY,
    TITLES,
    never_a_fault,
    property_of_ledgers,
    texts,
)

LINE = st.fixed_dictionaries(
    {
        "journal_code": CODES,
        "journal_name": texts(),
        "entry_number": texts(),
        "entry_date": DAYS,
        "account_code": CODES,
        "account_name": texts(),
        "auxiliary_code": st.none() | CODES,
        "auxiliary_name": texts(),
        "document_ref": texts(),
        "document_date": st.none() | DAYS,
        "label": texts(),
        "debit": MONEY,
        "credit": MONEY,
        "letter_code": st.none() | CODES,
        "letter_date": st.none() | DAYS,
        "validation_date": st.none() | DAYS,
        "amount_currency": st.none() | MONEY,
        "currency_code": st.none() | st.sampled_from(["EUR", "USD"]),
        "due_date": st.none() | DAYS,
    }
)

DIALECT = st.fixed_dictionaries(
    {
        "separator": st.sampled_from(["\t", "|", ";"]),
        "end": st.sampled_from(["\n", "\r\n", "\r"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]),
        "day": st.sampled_from(["%Y%m%d", "%Y-%m-%d", "%d/%m/%Y"]),
        "mark": st.sampled_from([",", "."]),
        "thousands": st.sampled_from(["", " ", "\u00a0"]),
        "padding": st.integers(0, 3),
        "is_quoted": st.booleans(),
        "order": st.permutations(list(TITLES)),
    }
)


def written(value: Any, dialect: dict[str, Any]) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.strftime(dialect["day"])
    if isinstance(value, Decimal):
        return f"{value:,.2f}".translate({ord(","): dialect["thousands"], ord("."): dialect["mark"]})
    return str(value)


def rendered(lines: list[dict[str, Any]], dialect: dict[str, Any]) -> bytes:
    def cell(text: str) -> str:
        if dialect["separator"] == ";" and dialect["is_quoted"]:
            return '"' + text.replace('"', '""') + '"'
        return " " * dialect["padding"] + text + " " * dialect["padding"]

    rows = [[TITLES[name] for name in dialect["order"]]]
    rows += [[written(line[name], dialect) for name in dialect["order"]] for line in lines]
    text = "".join(dialect["separator"].join(map(cell, row)) + dialect["end"] for row in rows)
    return text.encode(dialect["encoding"])


@property_of_ledgers
@given(lines=st.lists(LINE, min_size=1, max_size=8), dialect=DIALECT)
def test_random_lines_land_equal_in_every_dialect(
    make_desk: Callable[[], Any], lines: list[dict[str, Any]], dialect: dict[str, Any]
) -> None:
    desk = make_desk()
    desk.drop("acme/ledger", rendered(lines, dialect))
    (record,) = desk.take().new_files
    assert (record.status, record.rows_quarantined) == ("landed", 0), (
        record.reason,
        desk.rows("quarantined_rows"),
    )
    assert [{name: row[name] for name in TITLES} for row in desk.rows("ledger_lines")] == lines
    assert record.total_debit == sum(line["debit"] for line in lines)


@property_of_ledgers
@given(
    lines=st.lists(LINE, min_size=1, max_size=5),
    dialect=DIALECT,
    seed=st.integers(0, 2**32),
    wounds=st.integers(1, 12),
)
def test_damage_is_refused_or_set_aside_and_never_a_fault(
    make_desk: Callable[[], Any], lines: list[dict[str, Any]], dialect: dict[str, Any], seed: int, wounds: int
) -> None:
    chance = random.Random(seed)
    content = bytearray(rendered(lines, dialect))
    for _ in range(wounds):
        place = chance.randrange(len(content))
        hurt = chance.choice(["flip", "cut", "insert", "repeat"])
        if hurt == "flip":
            content[place] = chance.randrange(256)
        elif hurt == "cut":
            del content[place : place + chance.randrange(1, 20)]
        elif hurt == "insert":
            content[place:place] = bytes(
                chance.choice([b"\t", b"\n", b"\r", b'"', b"\0", b"\xff", b";", b"|", b"\x1f"])
            )
        else:
            content[place:place] = content[place : place + 40]
        content = content or bytearray(b" ")
    never_a_fault(make_desk, bytes(content))
