"""Real ledgers side by side in one home: open items equal the accounts' balances read from the raw files."""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from home.layout import Home
from orchestration.refresh import Outcome, refresh

RECEIVABLE = ("411", "413", "416", "419")
PAYABLE = ("401", "403", "404", "405", "409")
NOT_ITEMS = ("4096", "4097", "4098", "4196", "4197", "4198")
FAULTY = "987654321FEC20251231.txt"


def _amount(cell: str) -> Decimal:
    return Decimal(cell.strip().replace(",", ".") or "0")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    lines = text.split("\n")
    separator = "\t" if "\t" in lines[0] else "|"
    header = [cell.strip().lower() for cell in lines[0].split(separator)]
    for line in lines[1:]:
        if line.strip():
            yield dict(zip(header, (cell.strip() for cell in line.split(separator)), strict=True))


def _is_readable(row: dict[str, str]) -> bool:
    try:
        date.fromisoformat(row["ecrituredate"])
        for column in ("piecedate", "datelet", "validdate"):
            if row[column]:
                date.fromisoformat(row[column])
        _amount(row["debit"])
        _amount(row["credit"])
    except (ValueError, ArithmeticError):
        return False
    return True


def _control_balances(path: Path) -> dict[str, Decimal]:
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for row in filter(_is_readable, _rows(path)):
        account = row["comptenum"]
        if account.startswith(NOT_ITEMS):
            continue
        movement = _amount(row["debit"]) - _amount(row["credit"])
        if account.startswith(RECEIVABLE):
            balances[account] += movement
        elif account.startswith(PAYABLE):
            balances[account] -= movement
    return {account: balance for account, balance in balances.items() if balance}


@pytest.fixture(scope="module")
def ledgers(corpora: Path) -> dict[str, Path]:
    """Company → its export."""
    found = {
        path.stem.lower().split("fec")[0].strip("_-") or "minimal": path
        for path in corpora.glob("fec/*/*.txt")
    }
    assert len(found) == len(list(corpora.glob("fec/*/*.txt")))
    return found


@pytest.fixture(scope="module")
def marts(
    ledgers: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    home = Home.at(tmp_path_factory.mktemp("ledgers"))
    home.create()
    for company, path in ledgers.items():
        (home.inbox / company).mkdir()
        shutil.copy(path, home.inbox / company / path.name)
    refreshed = refresh(home, as_of=date(2026, 11, 22), known_at=date(2026, 11, 22))
    assert refreshed.outcome is Outcome.PUBLISHED
    with duckdb.connect(home.published_database, read_only=True) as connection:
        yield connection


def test_open_items_equal_the_control_accounts(
    ledgers: dict[str, Path], marts: duckdb.DuckDBPyConnection
) -> None:
    rows = marts.sql(
        "select company_id, account_code, sum(open_amount) from marts.fct_open_items"
        " group by company_id, account_code having sum(open_amount) <> 0"
    ).fetchall()
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for company, account, amount in rows:
        found[company][account] = amount
    assert found == {
        company: balances for company, path in ledgers.items() if (balances := _control_balances(path))
    }


def test_every_line_is_landed_or_quarantined(
    ledgers: dict[str, Path], marts: duckdb.DuckDBPyConnection
) -> None:
    rows = marts.sql(
        "select company_id, rows_landed, rows_quarantined from marts.fct_source_files"
    ).fetchall()
    expected = {
        (company, sum(map(_is_readable, _rows(path))), sum(not _is_readable(row) for row in _rows(path)))
        for company, path in ledgers.items()
    }
    assert set(rows) == expected
    assert any(quarantined for _, _, quarantined in expected)


def test_the_faulty_file_is_reported_and_not_fatal(marts: duckdb.DuckDBPyConnection) -> None:
    failed = marts.sql(
        "select subject, difference, is_blocking from marts.fct_control_totals"
        f" where control_name = 'debits_equal_credits' and not passed and subject like 'file %{FAULTY}'"
    ).fetchall()
    assert failed == [(failed[0][0], Decimal("10.00000"), False)]
    assert marts.sql("select is_verified from marts.dim_runs where is_current").fetchall() == [(True,)]
    reasons = marts.sql("select reason_code from marts.fct_reconciliation_exceptions").fetchall()
    assert ("rows_quarantined",) in reasons


def test_every_lettered_customer_line_of_quadra_is_settled(marts: duckdb.DuckDBPyConnection) -> None:
    settled = marts.sql(
        """
        select count(*), count(items.settled_date), count(distinct (lines.third_party_id, lines.letter_code))
        from marts.fct_ledger_lines as lines
        inner join marts.fct_items as items on lines.ledger_line_id = items.ledger_line_id
        where lines.source_file like '%quadra%' and lines.account_code like '411%' and lines.letter_code is not null
        """
    ).fetchone()
    assert settled == (3000, 3000, 1310)
    in_settlements = marts.sql(
        """
        select count(distinct items.item_id)
        from marts.fct_items as items
        inner join marts.fct_ledger_lines as lines on items.ledger_line_id = lines.ledger_line_id
        where
            lines.source_file like '%quadra%' and lines.account_code like '411%' and lines.letter_code is not null
            and (
                items.item_id in (select debit_item_id from marts.fct_settlements)
                or items.item_id in (select credit_item_id from marts.fct_settlements)
            )
        """
    ).fetchone()
    assert in_settlements == (3000,)
