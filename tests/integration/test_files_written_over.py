"""The most ordinary thing: a newer export, or a corrected file, saved over the old one."""

import os
from datetime import date
from pathlib import Path

import duckdb

from home.layout import Home
from orchestration.refresh import refresh
from orchestration.run import Outcome

HEADER = (
    "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef\tPieceDate"
    "\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise"
)


def _sale(number: int, amount: str, entry_date: str = "20250110") -> list[str]:
    def line(account: str, auxiliary: str, debit: str, credit: str) -> str:
        cells = [
            "VE",
            "Ventes",
            f"VE{number}",
            entry_date,
            account,
            account,
            auxiliary,
            auxiliary,
            f"F{number}",
        ]
        return "\t".join([*cells, entry_date, "Facture", debit, credit, "", "", "", "", ""])

    return [line("411000", "C1", amount, "0,00"), line("707000", "", "0,00", amount)]


def _ledger(path: Path, *sales: list[str], spoiled: bool = False) -> None:
    rows = [row for sale in sales for row in sale]
    if spoiled:
        rows.append(rows[-1].replace("20250110", "20259999"))
    _write(path, "\n".join([HEADER, *rows]) + "\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    later = path.stat().st_mtime + 60 if path.exists() else None
    path.write_text(text, encoding="utf-8")
    if later is not None:
        os.utime(path, (later, later))


def _refresh(home: Home, day: date) -> duckdb.DuckDBPyConnection:
    assert refresh(home, as_of=day, known_at=day).outcome is Outcome.PUBLISHED
    return duckdb.connect(home.published_database, read_only=True)


def test_every_kind_of_file_may_be_saved_over_the_old_one(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.create()
    company = home.inbox / "acme"
    _ledger(company / "123456789FEC20251231.txt", _sale(1, "100,00"), spoiled=True)
    _write(company / "third_parties.csv", "third_party_code,name,payment_terms\nC1,Un,30\n")
    _write(company / "invoices.csv", "third_party_code,document_number,due_date\nC1,F1,2025-02-28\n")
    _write(company / "broken.xml", "<Document")
    with _refresh(home, date(2025, 3, 31)) as marts:
        reasons = "select reason_code from marts.fct_reconciliation_exceptions order by 1"
        assert marts.sql(reasons).fetchall() == [("file_refused",), ("rows_quarantined",)]
        assert marts.sql("select open_amount, due_date from marts.fct_open_items").fetchall() == [
            (100, date(2025, 2, 28))
        ]

    _ledger(company / "123456789FEC20251231.txt", _sale(1, "100,00"), _sale(2, "50,00", "20250205"))
    _write(company / "third_parties.csv", "third_party_code,name,payment_terms\nC1,Un SARL,60\n")
    _write(company / "invoices.csv", "third_party_code,document_number,due_date\nC1,F1,2025-03-15\n")
    (company / "broken.xml").unlink()
    with _refresh(home, date(2025, 4, 30)) as marts:
        assert marts.sql("select open_amount, due_date from marts.fct_open_items order by 1").fetchall() == [
            (50, date(2025, 4, 6)),
            (100, date(2025, 3, 15)),
        ]
        assert marts.sql("select name from marts.dim_third_parties").fetchall() == [("Un SARL",)]
        assert marts.sql("select reason_code from marts.fct_reconciliation_exceptions").fetchall() == []
        ledgers = "select status from marts.fct_source_files where kind = 'ledger' order by first_seen_at"
        assert marts.sql(ledgers).fetchall() == [("superseded",), ("landed",)]
