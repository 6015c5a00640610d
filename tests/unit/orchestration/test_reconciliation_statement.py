"""Which account and date a bank reconciliation statement is of, and what people and programs are given of it."""

import json
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from click.testing import CliRunner

from home.layout import Home
from orchestration.cli import main
from orchestration.errors import NoReconciliationStatementError, UnknownBankAccountError
from orchestration.reconciliation_statement import reconciliation_statement

MARTS = """
    CREATE SCHEMA marts;
    USE marts;
    CREATE TABLE dim_bank_accounts AS FROM (VALUES
        ('acme/FR7630001', 'acme', 'FR7630001', 'EUR', '512100'),
        ('acme/FR7630002', 'acme', 'FR7630002', 'EUR', '512100'),
        ('acme/FR7640001', 'acme', 'FR7640001', 'USD', '512400'),
        ('acme/FR7650001', 'acme', 'FR7650001', 'EUR', NULL)
    ) AS rows (bank_account_id, company_id, iban, currency_code, ledger_account);
    CREATE TABLE fct_bank_reconciliation_statements AS FROM (VALUES
        ('acme/FR7630001', 'acme', '512100', 'EUR', DATE '2026-05-31', DATE '2026-05-31',
         0::DECIMAL(18, 5), 0::DECIMAL(18, 5), 0::DECIMAL(18, 5), 0::DECIMAL(18, 5), 0::DECIMAL(18, 5)),
        ('acme/FR7630001', 'acme', '512100', 'EUR', DATE '2026-06-30', DATE '2026-06-26', 1030, 1000, 980, 1000, 0)
    ) AS rows (bank_account_id, company_id, ledger_account, currency_code, as_of_date, last_statement_date,
        bank_balance, adjusted_bank_balance, ledger_balance, adjusted_ledger_balance, difference);
    CREATE TABLE fct_bank_reconciliation_statement_items AS FROM (VALUES
        ('bank', 'ledger_not_at_bank', DATE '2026-06-29', 'Cheque [12]', NULL, 'CH12', -30::DECIMAL(18, 5),
         DATE '2026-07-02', 'l1', 'm1', NULL, NULL, NULL),
        ('ledger', 'residual', DATE '2026-06-20', NULL, NULL, NULL, -15, NULL, 'm2', 'm2', 'bank_fee', 'Écart', 'Gap'),
        ('ledger', 'bank_not_in_ledger', DATE '2026-06-25', 'VIR F1', 'Martin', 'R1', 35, NULL, 'b1', NULL, NULL,
         NULL, NULL)
    ) AS rows (adjusted_side, category, object_date, label, counterparty_name, reference, amount, cleared_on,
        object_id, match_id, residual_reason, explanation_fr, explanation_en);
    ALTER TABLE fct_bank_reconciliation_statement_items ADD COLUMN bank_account_id VARCHAR DEFAULT 'acme/FR7630001';
    ALTER TABLE fct_bank_reconciliation_statement_items ADD COLUMN as_of_date DATE DEFAULT DATE '2026-06-30';
    ALTER TABLE fct_bank_reconciliation_statement_items ADD COLUMN age_days INTEGER DEFAULT 1;
    ALTER TABLE fct_bank_reconciliation_statement_items ADD COLUMN currency_code VARCHAR DEFAULT 'EUR';
    CREATE TABLE fct_bank_match_members AS FROM (VALUES ('m2', 'bank', 'b2')) AS rows (match_id, side, object_id);
    CREATE TABLE fct_bank_transactions AS FROM (VALUES ('b2', 'VIR F7', 'Durand', 'R7'))
        AS rows (bank_transaction_id, remittance_text, counterparty_name, bank_entry_reference);
"""
"""At the bank 1,030 less a cheque of 30; in the books 980 with 35 not booked and a fee of 15: 1,000 on both sides."""


@pytest.fixture
def reconciled(home: Home) -> Home:
    home.published_database.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(home.published_database) as connection:
        connection.execute(MARTS)
    return home


@pytest.mark.parametrize(
    "wanted",
    ["acme/FR7630001", "FR76 3000 1", "fr7630001", "30001", "ACME/fr7630001", "FR7630002", "512100", "FR763"],
)
def test_an_account_is_found_by_id_number_or_part(reconciled: Home, wanted: str) -> None:
    """The second account of a ledger account is reconciled with the first."""
    listing = reconciliation_statement(reconciled, wanted)
    amounts = [row[6] for row in listing.rows]
    assert amounts == [1030, -30, 1000, 980, 35, -15, 1000, 0]


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (
            "FR76",
            "4 bank accounts answer to FR76; name one by its id: "
            "acme/FR7630001, acme/FR7630002, acme/FR7640001, acme/FR7650001.",
        ),
        ("FR7630003", "no bank account answers to FR7630003; known are FR7630002, FR7630001, FR7650001."),
        (
            " ",
            "no bank account answers to  ; "
            "known are acme/FR7630001, acme/FR7630002, acme/FR7640001, acme/FR7650001.",
        ),
    ],
)
def test_an_account_that_none_or_several_answer_to(reconciled: Home, wanted: str, sentence: str) -> None:
    with pytest.raises(UnknownBankAccountError) as error:
        reconciliation_statement(reconciled, wanted)
    assert str(error.value) == sentence


def test_no_bank_account_is_known(reconciled: Home) -> None:
    with duckdb.connect(reconciled.published_database) as connection:
        connection.execute("DELETE FROM marts.dim_bank_accounts")
    with pytest.raises(UnknownBankAccountError, match="drop a bank statement into the inbox"):
        reconciliation_statement(reconciled, "512100")


@pytest.mark.parametrize(
    ("wanted", "as_of", "sentence"),
    [
        ("FR7650001", None, "no ledger account mirrors it; name one in encours.toml"),
        ("FR7640001", None, "it needs a ledger of its company and a statement that tells its balance"),
        (
            "FR7630001",
            date(2026, 6, 10),
            "acme/FR7630001 has no statement as of 2026-06-10: there is one at each month-end from 2026-05-31 to "
            "2026-06-30, the nearest as of 2026-05-31.",
        ),
    ],
)
def test_an_account_without_a_statement_is_told_why(
    reconciled: Home, wanted: str, as_of: date | None, sentence: str
) -> None:
    with pytest.raises(NoReconciliationStatementError) as error:
        reconciliation_statement(reconciled, wanted, as_of)
    assert sentence in str(error.value)


def test_an_earlier_date_has_its_own_statement(reconciled: Home) -> None:
    listing = reconciliation_statement(reconciled, "FR7630001", date(2026, 5, 31))
    assert [row[1] for row in listing.rows] == [
        "balance",
        "adjusted_balance",
        "balance",
        "adjusted_balance",
        "difference",
    ]
    assert listing.remark == ""


def _printed(home: Home, *arguments: str) -> str:
    result = CliRunner().invoke(
        main, ["reconciliation-statement", "FR7630001", *arguments, "--home", str(home.root)]
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def test_people_read_either_side_down_to_its_adjusted_balance(reconciled: Home) -> None:
    text = _printed(reconciled)
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    assert lines[0] == "Bank reconciliation statement as of 2026-06-30: acme, FR7630001, 512100, in EUR"
    bank, _, books = "\n".join(lines).partition("In the books")
    assert "balance 2026-06-30 1,030.00" in bank
    assert "not at the bank 2026-06-29 Cheque [12] CH12 -30.00 2026-07-02" in bank
    assert "adjusted balance 2026-06-30 1,000.00" in bank
    assert "balance 2026-06-30 980.00" in books
    assert "not in the books 2026-06-25 VIR F1 Martin R1 35.00" in books
    assert "difference of a match 2026-06-20 bank fee · VIR F7 Durand R7 -15.00" in books
    assert lines[-2:] == ["Difference 0.00", "The bank's statements end on 2026-06-26."]


def test_french_controllers_read_french(reconciled: Home) -> None:
    text = _printed(reconciled, "--lang", "fr")
    assert "État de rapprochement au 2026-06-30 : acme, FR7630001, 512100, en EUR" in text
    assert "1\u202f030,00" in text
    assert "absent de la banque" in text
    assert "frais bancaires · VIR F7" in text
    assert "solde rectifié" in text
    assert "Écart  0,00" in text
    assert "Les relevés de la banque s'arrêtent au 2026-06-26." in text


def test_programs_are_given_codes_and_every_amount(reconciled: Home) -> None:
    rows = json.loads(_printed(reconciled, "--format", "json"))
    by_side = {
        side: sum(
            Decimal(row["amount"])
            for row in rows
            if row["side"] == side and row["category"] != "adjusted_balance"
        )
        for side in ("bank", "ledger")
    }
    assert by_side == {"bank": 1000, "ledger": 1000}
    assert {row["category"] for row in rows if row["object_id"]} == {
        "ledger_not_at_bank",
        "bank_not_in_ledger",
        "residual",
    }
    assert {row["amount"] for row in rows if row["category"] == "difference"} == {"0.00"}
