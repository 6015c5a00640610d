"""The sets on which matching is measured say what their sources say, and their truths hold together."""

from datetime import date

import duckdb
import pytest

from benchmarks.matching import bulk, cash_application, lettered_ledgers
from benchmarks.matching.lettered_ledgers import Line


def line(row, letter, day, cents, account="411000", party="C1"):
    return Line(row, (account, party, letter), date.fromisoformat(day), cents)


def groups(*lines):
    return [[one.source_row for one in group] for group in lettered_ledgers.balanced_groups(lines)]


def test_a_code_that_comes_round_again_is_two_groups():
    assert groups(
        line(2, "AA", "2024-03-01", 30000),
        line(3, "AA", "2024-03-20", -30000),
        line(4, "AA", "2025-06-01", 45000),
        line(5, "AA", "2025-06-30", -45000),
    ) == [[2, 3], [4, 5]]


def test_a_code_is_cut_at_the_end_of_a_day_only():
    assert groups(
        line(2, "A", "2025-01-05", 1000),
        line(3, "A", "2025-01-05", -1000),
        line(4, "A", "2025-01-05", 500),
        line(5, "A", "2025-01-06", -500),
    ) == [[2, 3, 4, 5]]


def test_groups_that_do_not_balance_and_lines_without_a_mark_are_no_truth():
    assert (
        groups(
            line(2, "A", "2025-01-05", 1000),
            line(3, "A", "2025-01-06", -400),
            line(4, "", "2025-01-05", 700),
            line(5, "", "2025-01-05", -700),
        )
        == []
    )


def test_one_code_of_two_third_parties_is_two_groups():
    assert groups(
        line(2, "A", "2025-01-05", 1000, party="C1"),
        line(3, "A", "2025-01-05", 1000, party="C2"),
        line(4, "A", "2025-01-09", -1000, party="C1"),
        line(5, "A", "2025-01-09", -1000, party="C2"),
    ) == [[2, 4], [3, 5]]


def test_only_the_marks_are_taken_out(tmp_path):
    ledger = (
        "JournalCode|EcritureDate|CompteNum|CompAuxNum|Debit|Credit|EcritureLet|DateLet|ValidDate\n"
        "VE|20250105|411000|C1|10,50|0|AA|20250131|20250201\n"
        "é cut short|20250105\n"
    )
    path = tmp_path / "ledger.txt"
    path.write_bytes(ledger.encode("latin-1"))
    assert lettered_ledgers.without_marks(path) == ledger.replace("AA|20250131", "|").encode("latin-1")
    assert list(lettered_ledgers.ledger_lines(lettered_ledgers.rows_of(path))) == [
        line(2, "AA", "2025-01-05", 1050)
    ]


PROBLEM = {
    "invoices": [
        {
            "invoice_id": "INV-1",
            "customer_id": "CUST-1",
            "customer_name": "Sapphire",
            "invoice_date": "2025-03-17",
            "due_date": "2025-05-16",
            "amount": 35200.1,
            "description": "Staff",
        },
        {
            "invoice_id": "INV-2",
            "customer_id": "CUST-1",
            "customer_name": "Sapphire",
            "invoice_date": "2025-03-20",
            "due_date": "2025-05-20",
            "amount": -200.0,
            "description": "Credit Memo",
        },
    ],
    "payments": [
        {
            "payment_id": "PMT-1",
            "payment_date": "2025-05-15",
            "payer_name": "SAPPHIRE",
            "amount": 35000.1,
            "method": "EFT",
            "reference_info": "EFT-82250789",
        }
    ],
    "remittance_lines": [
        {"payment_id": "PMT-1", "invoice_ref": "INV-1", "amount": 35200.1, "memo": "Less credit"},
        {"payment_id": "PMT-1", "invoice_ref": "INV-2", "amount": -200.0, "memo": ""},
    ],
    "ground_truth": {"applications": []},
}


def test_payments_become_a_statement_and_invoices_a_ledger(tmp_path):
    (tmp_path / "inbox").mkdir()
    assert cash_application.write_home(PROBLEM, tmp_path) == date(2025, 5, 15)
    folder = tmp_path / "inbox" / cash_application.COMPANY
    assert (folder / "payments.csv").read_text(encoding="utf-8").splitlines()[1] == (
        'FR7630006000011234567890189,2025-05-15,SAPPHIRE,"EFT-82250789, INV-1 Less credit, INV-2",35000.10'
    )
    rows = [row.split("\t") for row in (folder / "123456789FEC20251231.txt").read_text().splitlines()[1:]]
    assert [(row[4], row[6], row[7], row[8], row[11], row[12]) for row in rows] == [
        ("411000", "CUST-1", "Sapphire", "INV-1", "35200,10", "0,00"),
        ("707000", "", "", "INV-1", "0,00", "35200,10"),
        ("411000", "CUST-1", "Sapphire", "INV-2", "0,00", "200,00"),
        ("707000", "", "", "INV-2", "200,00", "0,00"),
    ]
    invoices = (folder / "invoices.csv").read_text(encoding="utf-8").splitlines()
    assert invoices[2] == "CUST-1,customer,INV-2,credit_note,2025-03-20,2025-05-20,200.00"


@pytest.fixture(scope="module")
def made():
    with duckdb.connect() as connection:
        bulk.write(connection, 2_000, hidden_share=0.1, priced_share=0.2)
        yield connection


def test_every_line_of_the_bulk_set_is_the_sum_of_its_items(made):
    wrong = made.execute(
        """
        SELECT line FROM bulk.truth INNER JOIN bulk.items USING (item) INNER JOIN bulk.lines USING (line)
        GROUP BY line HAVING sum(items.cents) <> any_value(lines.cents) OR count(DISTINCT items.customer) > 1
        """
    ).fetchall()
    assert wrong == []
    assert made.execute("SELECT max(count(*)) OVER () FROM bulk.truth GROUP BY item LIMIT 1").fetchone() == (
        1,
    )


def test_the_bulk_set_has_the_shares_that_it_says():
    with duckdb.connect() as connection:
        assert bulk.write(connection, 2_000) == bulk.Sizes(2_000, 10_000, 1_000)
        counts = connection.execute(
            "SELECT scenario, count(DISTINCT line) FROM bulk.truth GROUP BY scenario ORDER BY scenario"
        ).fetchall()
    assert counts == [
        ("account and amount", 300),
        ("batch, all quoted", 100),
        ("batch, none quoted", 100),
        ("reference and amount", 1400),
    ]


def test_what_is_hidden_is_no_item_and_its_lines_have_no_truth(made):
    assert made.execute("SELECT count(*) FROM bulk.items").fetchone()[0] < 10_000
    assert made.execute("SELECT count(*) FROM bulk.truth ANTI JOIN bulk.items USING (item)").fetchone() == (
        0,
    )
    lines = made.execute(
        "SELECT count(*), (SELECT count(DISTINCT line) FROM bulk.truth) FROM bulk.lines"
    ).fetchone()
    assert lines[0] == 2_000
    assert 1_500 < lines[1] < 1_800  # 1,900 lines pay something; a tenth of the items that they pay is hidden


def test_only_the_lines_that_quote_name_their_documents(made):
    quoting = made.execute(
        """
        SELECT scenario, bool_and(contains(text, document_ref)), bool_or(contains(text, 'FA1'))
        FROM bulk.truth INNER JOIN bulk.items USING (item) INNER JOIN bulk.lines USING (line)
        GROUP BY scenario ORDER BY scenario
        """
    ).fetchall()
    assert quoting == [
        ("account and amount", False, False),
        ("batch, all quoted", True, True),
        ("batch, none quoted", False, False),
        ("reference and amount", True, True),
    ]


def test_the_same_arguments_make_the_same_bulk_set():
    def drawn():
        with duckdb.connect() as connection:
            bulk.write(connection, 500, seed=3)
            return connection.execute("SELECT * FROM bulk.lines ORDER BY line").fetchall()

    assert drawn() == drawn()
