"""Real bank statements, each beside a small ledger: every reconciliation statement closes at 0.00, and what the
balances of a file do not explain is named as a gap."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from home.layout import Home
from orchestration.refresh import Outcome, refresh

FOLDERS = ("camt", "cfonb", "ofx")
COLUMNS = (
    "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate "
    "EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"
)


def _ledger(number: int) -> str:
    """Of 2000, older than any statement, and of no other company: the bank account holds as much ever since."""
    entry = "BQ\tBanque\t1\t20000105\t{}\t\t\tA1\t20000105\tApport\t{},00\t{},00\t\t\t20000105\t\t"
    return "\n".join(
        [
            COLUMNS.replace(" ", "\t"),
            entry.format("512000\tBanque", number, 0),
            entry.format("101000\tCapital", 0, number),
            "",
        ]
    )


@pytest.fixture(scope="module")
def marts(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A company for each file, so that nothing of one file is taken for a part of another."""
    home = Home.at(tmp_path_factory.mktemp("statements"))
    home.create()
    files = [path for folder in FOLDERS for path in sorted((corpora / folder).rglob("*")) if path.is_file()]
    for number, path in enumerate(files, start=1):
        inbox = home.inbox / f"c{number:03}"
        inbox.mkdir()
        shutil.copy(path, inbox / path.name)
        (inbox / f"{200_000_000 + number}FEC20001231.txt").write_text(_ledger(number), encoding="utf-8")
    refreshed = refresh(home, as_of=date(2026, 11, 22), known_at=date(2026, 11, 22))
    assert refreshed.outcome is Outcome.PUBLISHED
    with duckdb.connect(home.published_database, read_only=True) as connection:
        connection.execute("USE marts")
        yield connection


def test_every_statement_closes_at_zero(marts: duckdb.DuckDBPyConnection) -> None:
    accounts, differing = marts.execute(
        "SELECT count(DISTINCT bank_account_id), count(*) FILTER (difference <> 0) "
        "FROM fct_bank_reconciliation_statements"
    ).fetchall()[0]
    assert accounts > 25
    assert differing == 0


def test_a_gap_is_named_where_the_file_does_not_add_up_and_nowhere_else(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    named = marts.execute(
        "SELECT DISTINCT company_id FROM fct_bank_reconciliation_statement_items WHERE category = 'statement_gap'"
    ).fetchall()
    odd = marts.execute(
        "SELECT DISTINCT controls.company_id FROM fct_control_totals AS controls "
        "INNER JOIN fct_bank_reconciliation_statements AS statements USING (company_id) "
        "WHERE control_name IN ('statement_arithmetic', 'statement_continuity') AND NOT passed"
    ).fetchall()
    assert len(named) > 5
    assert sorted(named) == sorted(odd)


def test_what_the_bank_shows_and_the_ledger_lacks_is_listed(marts: duckdb.DuckDBPyConnection) -> None:
    """With no entry since, every movement of the statements is an item at the end."""
    counts = marts.execute(
        "SELECT bank_account_id, "
        "(SELECT count(*) FROM fct_bank_transactions AS transactions "
        "WHERE transactions.bank_account_id = statements.bank_account_id AND amount <> 0), "
        "(SELECT count(*) FROM fct_bank_reconciliation_statement_items AS items "
        "WHERE items.bank_account_id = statements.bank_account_id AND items.as_of_date = statements.as_of_date "
        "AND category = 'bank_not_in_ledger') "
        "FROM fct_bank_reconciliation_statements AS statements WHERE as_of_date = DATE '2026-11-22'"
    ).fetchall()
    assert sum(shown for _, shown, _ in counts) > 40
    assert [account for account, shown, listed in counts if shown != listed] == []
