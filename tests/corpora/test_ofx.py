"""Every OFX file of the corpora: landed to the cent by a count that shares no code with the reader, or refused."""

import json
import re
import shutil
import subprocess
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from home.layout import Home
from home.settings import Settings
from ingestion.intake import take_in
from ingestion.landing import landed_files

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".venv-peers" / "bin" / "python"

INVESTMENT = "it is OFX, but an investment statement, not a bank's or a card's"
SIGN_ON = "it is OFX, but the answer to a sign-on, not a bank's or a card's"

REFUSED = {
    "account_listing_aggregation": "it is OFX, but a list of accounts, not a bank's or a card's",
    "bank_small": "it is OFX without a statement",
    "error_message": "it holds no statement, but the bank's error 2000 (General Server Error)",
    "fail_nice__decimal_error": "none of its rows could be read; line 34: “$120” is not an amount",
    "fidelity": INVESTMENT,
    "fidelity-savings": INVESTMENT,
    "investment_401k": INVESTMENT,
    "investment_medium": INVESTMENT,
    "invstmtrs": INVESTMENT,
    "ofx_invalid": "its content is of no kind that Encours knows",
    "ofx_without_newlines": "its statement on line 1 names no account",
    "profrs": "it holds no statement, but the bank's error 15500 (Signon invalid)",
    "signon_fail": (
        "it holds no statement, but the bank's error 15500 (Your request could not be processed because you supplied "
        "an invalid identification code or your password was incorrect)"
    ),
    "signon_success": SIGN_ON,
    "signon_success_no_message": SIGN_ON,
    "td_ameritrade": INVESTMENT,
    "tiaacref": INVESTMENT,
    "vanguard": INVESTMENT,
    "vanguard401k": INVESTMENT,
}

QUARANTINED = {
    "fail_nice__date_missing": [(48, "“20120231” is no day of the calendar")],
    "fail_nice__decimal_error": [(34, "“$120” is not an amount")],
}


def texts(content: str, tag: str) -> list[str]:
    return [found.strip() for found in re.findall(rf"<{tag}>([^<\r\n]*)", content, re.IGNORECASE)]


def plain_statements(content: str) -> list[dict[str, Any]]:
    """What the statements of a file hold, by expressions on its text."""
    found = []
    for _, body in re.findall(r"<((?:CC)?STMTRS)>(.*?)</\1>", content, re.DOTALL):
        entries = re.findall(r"<STMTTRN>(.*?)</STMTTRN>", body, re.DOTALL)
        ledger = "".join(re.findall(r"<LEDGERBAL>.*?</LEDGERBAL>", body, re.DOTALL))
        found.append(
            {
                "amounts": [money(texts(one, "TRNAMT")[0]) for one in entries],
                "days": [(texts(one, "DTPOSTED") or [""])[0][:8] for one in entries],
                "references": [(texts(one, "FITID") or [""])[0] for one in entries],
                "end": (texts(body, "DTEND") or [""])[0][:8],
                "currency": texts(body, "CURDEF")[0] or texts(body, "CURSYM")[0],
                "account": texts(body, "ACCTID")[0].replace(" ", ""),
                "balance": next((money(text) for text in texts(ledger, "BALAMT") if text), None),
            }
        )
    return found


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


@pytest.fixture
def files(corpora: Path) -> list[Path]:
    found = sorted((corpora / "ofx").rglob("*.ofx"))
    assert found
    return found


def test_every_file_lands_whole_or_is_refused_by_name(files: list[Path], tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.create()
    for file in files:
        (home.inbox / file.stem).mkdir()
        shutil.copyfile(file, home.inbox / file.stem / file.name)
    intake = take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))

    def landed(table: str) -> dict[str, list[dict[str, Any]]]:
        return {path.stem: pq.read_table(path).to_pylist() for path in landed_files(home, table)}

    transactions, statements = landed("bank_transactions"), landed("bank_statements")
    set_aside = landed("quarantined_rows")
    records = {Path(record.source_file).stem: record for record in intake.new_files}
    assert {stem: record.reason for stem, record in records.items() if record.status == "refused"} == REFUSED
    assert set(records) == {file.stem for file in files}
    for stem, record in records.items():
        content = (home.inbox / record.source_file).read_bytes().decode("cp1252")
        bad = [(row["source_row"], row["reason"]) for row in set_aside.get(record.source_sha256, [])]
        assert bad == QUARANTINED.get(stem, []), stem
        if record.status == "refused":
            continue
        expected = plain_statements(content)
        rows, headings = transactions[record.source_sha256], statements[record.source_sha256]
        assert [row["closing_balance"] for row in headings] == [one["balance"] for one in expected], stem
        for ordinal, one in enumerate(expected, start=1):
            own = [row for row in rows if row["statement_ordinal"] == ordinal]
            lines = list(zip(one["amounts"], one["days"], one["references"], strict=True))
            lines = [line for line in lines if not (bad and line[1] == "20120231")]
            assert [row["amount"] for row in own] == [line[0] for line in lines], stem
            days = [
                datetime.strptime(day or one["end"], "%Y%m%d").replace(tzinfo=UTC).date()
                for _, day, _ in lines
            ]
            assert [row["booking_date"] for row in own] == days, stem
            assert [row["bank_entry_reference"] or "" for row in own] == [line[2] for line in lines], stem
            assert {row["currency_code"] for row in own} <= {one["currency"]}, stem
            account = headings[ordinal - 1]["account_number"]
            assert account == one["account"] or account[14:25] == one["account"], stem
    assert sum(record.rows_landed for record in records.values()) == 29
    assert Counter(record.status for record in records.values())["refused"] == len(REFUSED)


def test_a_french_account_is_known_by_its_iban(corpora: Path, tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.create()
    shutil.copyfile(corpora / "ofx" / "ekylibre_ekylibre" / "ofx_non_utf8.ofx", home.inbox / "statement")
    take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))
    (path,) = landed_files(home, "bank_statements")
    assert pq.read_table(path).column("account_number").to_pylist() == ["FR7698765001111231231234509"]
    (path,) = landed_files(home, "bank_transactions")
    assert pq.read_table(path).column("counterparty_name").to_pylist() == ["PRLV SEPA MUTUELLE N°123"]


ORACLE = """
import json, sys
from bankstatementparser import OfxParser
for path in sys.stdin.read().splitlines():
    try:
        entries = OfxParser(path).parse().to_dict("records")
        said = [[str(one["amount"]), one["date"], one["transaction_id"]] for one in entries]
    except Exception as error:
        said = str(error)
    print(json.dumps(said))
"""

ORACLE_FAILS = {
    "ofx_non_utf8": "File encoding is not valid UTF-8",
    "fail_nice__date_missing": "three entries, two of them without a date",
}


@pytest.mark.skipif(
    not PEERS.exists(), reason="the published parsers are not installed: make peers runs this"
)
def test_a_published_parser_finds_the_same_entries(files: list[Path], tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.create()
    files = [file for file in files if file.stem not in REFUSED]
    for file in files:
        (home.inbox / file.stem).mkdir()
        shutil.copyfile(file, home.inbox / file.stem / file.name)
    intake = take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))
    landed = {path.stem: pq.read_table(path).to_pylist() for path in landed_files(home, "bank_transactions")}
    ours = {
        Path(record.source_file).stem: [
            (row["amount"], row["booking_date"], row["bank_entry_reference"])
            for row in landed[record.source_sha256]
        ]
        for record in intake.new_files
    }
    done = subprocess.run(
        [PEERS, "-c", ORACLE], input="\n".join(map(str, files)), capture_output=True, text=True, check=True
    )
    agreed = 0
    for file, line in zip(files, done.stdout.splitlines(), strict=True):
        said = json.loads(line)
        if file.stem in ORACLE_FAILS:
            assert isinstance(said, str) or len(said) != len(ours[file.stem]), (
                "the peer reads it now: compare it"
            )
            continue
        expected = [(Decimal(amount), day_of(day), reference) for amount, day, reference in said]
        assert ours[file.stem] == expected, file
        agreed += len(expected)
    assert agreed == 26


def day_of(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
