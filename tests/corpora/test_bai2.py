"""Every BAI2 file of the corpora: landed by a count that shares no code with the reader, or refused and why."""

import re
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import bai2.bai2
import pyarrow.parquet as pq
import pytest

from home.layout import Home
from home.settings import Settings
from ingestion.intake import take_in
from ingestion.landing import landed_files

WRONG_TOTAL = (
    "the control total of the account 107049932 is -1260161341762 (line 22), but its amounts add up to 7999960: lines "
    "are missing or changed"
)
REFUSED = {
    "sample-parseError": "its first record, on line 1, is no file header (01)",
    "sample4-continuations-newline-delimited": WRONG_TOTAL,
    "sample5-issue113": WRONG_TOTAL,
}
ENTRIES = {"sample1": 17, "sample2": 4, "sample3": 26}

ORACLE_FAILS = {
    "sample2": "Type code '190500000' is not supported yet",
    "sample3": "invalid literal for int",
}
"""The specification's own example and records that share a line: the published parser reads neither."""


def plain_amounts(text: str) -> list[Decimal]:
    """The transactions of a file, by an expression on its text."""
    found = re.findall(r"(?:^|/\s+)16,([0-9]{3}),([+-]?[0-9]+),", text, re.MULTILINE)
    return [Decimal(amount).scaleb(-2) * (1 if code < "400" else -1) for code, amount in found]


def plain_balances(text: str) -> list[tuple[Decimal | None, Decimal | None]]:
    """Opening and closing ledger balances of the accounts of a file, by expressions on its text."""
    accounts = re.split(r"(?:^|/\s+)03,", text, flags=re.MULTILINE)[1:]
    return [(balance(one, "010"), balance(one, "015")) for one in accounts]


def balance(account: str, code: str) -> Decimal | None:
    header = re.split(r"\s(?:16|49),", account)[0]
    found = re.search(rf",{code},([+-]?[0-9]+)", header)
    return Decimal(found[1]).scaleb(-2) if found else None


@pytest.fixture
def taken(corpora: Path, tmp_path: Path) -> dict[str, Any]:
    files = sorted((corpora / "bai2").rglob("*.txt"))
    assert files
    home = Home.at(tmp_path)
    home.create()
    for file in files:
        (home.inbox / file.stem).mkdir()
        shutil.copyfile(file, home.inbox / file.stem / file.name)
    intake = take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))

    def landed(table: str) -> dict[str, list[dict[str, Any]]]:
        return {path.stem: pq.read_table(path).to_pylist() for path in landed_files(home, table)}

    transactions, statements = landed("bank_transactions"), landed("bank_statements")
    return {
        Path(record.source_file).stem: (
            record,
            (home.inbox / record.source_file).read_text(encoding="utf-8"),
            transactions.get(record.source_sha256, []),
            statements.get(record.source_sha256, []),
        )
        for record in intake.new_files
    }


def test_every_file_lands_whole_or_is_refused_by_name(taken: dict[str, Any]) -> None:
    assert {
        stem: record.reason for stem, (record, *_) in taken.items() if record.status == "refused"
    } == REFUSED
    for stem, (record, text, transactions, statements) in taken.items():
        if stem in REFUSED:
            continue
        assert record.rows_quarantined == 0
        assert len(transactions) == ENTRIES[stem]
        assert [row["amount"] for row in transactions] == plain_amounts(text), stem
        assert [(row["opening_balance"], row["closing_balance"]) for row in statements] == plain_balances(
            text
        ), stem
        assert "differ" not in record.dialect


def test_accounts_with_both_balances_add_up(taken: dict[str, Any]) -> None:
    statements = taken["sample3"][3]
    assert len(statements) == 15
    assert all(row["opening_balance"] + row["entry_total"] == row["closing_balance"] for row in statements)


def test_the_published_parser_finds_the_same(taken: dict[str, Any]) -> None:
    agreed = 0
    for stem, (_, text, transactions, _) in taken.items():
        if stem in ORACLE_FAILS:
            with pytest.raises(Exception, match=ORACLE_FAILS[stem]):
                bai2.bai2.parse_from_string(text)
            continue
        try:
            parsed = bai2.bai2.parse_from_string(text)
        except Exception:
            assert stem in REFUSED
            continue
        found = [one for group in parsed.children for account in group.children for one in account.children]
        assert [(row["bank_transaction_code"], abs(row["amount"]) * 100) for row in transactions] == [
            (f"BAI-{one.type_code.code}", one.amount) for one in found
        ]
        assert [row["remittance_text"] for row in transactions] == [
            one.text and " ".join(one.text.split()) for one in found
        ]
        agreed += len(found)
    assert agreed == ENTRIES["sample1"]
