"""camt.052 and camt.054 beside camt.053. A report counts until a statement covers its day; the details of a
notification stand in the stead of their batch; a movement keeps its id whoever tells of it; nothing counts twice."""

import random
from collections import defaultdict
from decimal import Decimal

import pytest

from tests.golden.books import Build, Company, company
from tests.golden.documents import Movement, notification, report, statement

ACCOUNT = "FR7630006000011234567890189"
OPENING = Movement("2025-01-03", "100.00", "VIR DUPONT")
BATCH = Movement("2025-01-15", "1000.00", "REMISE PRLV", "B1")
DETAILED = Movement(
    "2025-01-15", "1000.00", "REMISE PRLV", "B1", (("600.00", "Martin"), ("400.00", "Durand"))
)
FEE = Movement("2025-01-15", "-5.00", "FRAIS")
LATER = Movement("2025-01-20", "70.00", "VIR MARTIN", "V1")

DAY_BY_DAY = Company(
    "announced",
    {
        "2025-01-31": {
            "early.xml": statement(ACCOUNT, "S1", "2025-01-01", "2025-01-10", "500.00", OPENING),
            "morning.xml": report(ACCOUNT, "R1", "2025-01-15", BATCH, FEE),
            "evening.xml": report(ACCOUNT, "R2", "2025-01-15", BATCH, FEE, FEE),
        },
        "2025-03-10": {"details.xml": notification(ACCOUNT, "N1", "2025-01-15", DETAILED)},
        "2025-04-30": {
            "late.xml": statement(ACCOUNT, "S2", "2025-01-11", "2025-01-31", "600.00", BATCH, FEE, FEE, LATER)
        },
    },
)

STATEMENTS = {
    "s1.xml": statement(ACCOUNT, "S1", "2025-01-01", "2025-01-10", "500.00", OPENING),
    "s2.xml": statement(ACCOUNT, "S2", "2025-01-11", "2025-01-31", "600.00", BATCH, FEE, FEE, LATER),
}
ALONE = company("announced-not", STATEMENTS)
# Notified in two messages, reported again, reported otherwise than booked, notified where two may be meant.
WITH_EVERYTHING = company(
    "announced-twice",
    {
        **STATEMENTS,
        "report.xml": report(ACCOUNT, "R1", "2025-01-15", BATCH, FEE),
        "other.xml": report(ACCOUNT, "R2", "2025-01-20", Movement("2025-01-20", "71.00", "VIR MARTIN", "V1")),
        "details.xml": notification(ACCOUNT, "N1", "2025-01-15", DETAILED),
        "again.xml": notification(ACCOUNT, "N2", "2025-01-15", DETAILED),
        "fee.xml": notification(ACCOUNT, "N3", "2025-01-15", FEE),
        "after.xml": report(ACCOUNT, "R3", "2025-02-03", Movement("2025-02-03", "9.00", "VIR", "W1")),
    },
)

LAST_COVERED = "2025-01-20"


def _month(chance: random.Random) -> list[Movement]:
    """A month of receipts, often alike, with or without reference, some of them batches."""
    found = []
    for number in range(chance.randrange(5, 25)):
        day = f"2025-01-{chance.randrange(1, 29):02}"
        shares = [chance.choice((10, 20, 30)) for _ in range(chance.choice((1, 1, 2, 3)))]
        reference = chance.choice(("", f"REF{number}"))
        details = tuple((f"{share}.00", chance.choice(("Martin", "Durand"))) for share in shares)
        found.append(Movement(day, f"{sum(shares)}.00", chance.choice(("VIR", "REMISE")), reference, details))
    return sorted(found, key=lambda one: one.day)


def _files(account: str, movements: list[Movement], chance: random.Random) -> dict[str, dict[str, bytes]]:
    """Statements of the first three weeks without details, and what was announced of the month."""
    plain = [Movement(one.day, one.amount, one.text, one.reference) for one in movements]
    early = [one for one in plain if one.day <= "2025-01-09"]
    late = [one for one in plain if "2025-01-09" < one.day <= LAST_COVERED]
    between = f"{sum(int(one.amount[:-3]) for one in early)}.00"
    statements = {
        f"{account}-s1.xml": statement(account, "S1", "2025-01-01", "2025-01-09", "0.00", *early),
        f"{account}-s2.xml": statement(account, "S2", "2025-01-10", LAST_COVERED, between, *late),
    }
    announced = {}
    for number in range(chance.randrange(2, 12)):
        day = chance.choice(movements).day
        writer = chance.choice((report, notification))
        of_day = [one for one in (plain if writer is report else movements) if one.day == day]
        told = of_day[: chance.randrange(1, 4)] if writer is report else chance.sample(of_day, 1)
        announced[f"{account}-a{number}.xml"] = writer(account, f"A{number}", day, *told)
    return {"statements": statements, "announced": announced}


MONTHS = {f"FR{number:02}RANDOM": _month(random.Random(number)) for number in range(30)}
FILES = [_files(account, month, random.Random(account)) for account, month in MONTHS.items()]
RANDOM_ALONE = company(
    "announced-random-not", {name: file for one in FILES for name, file in one["statements"].items()}
)
RANDOM = company(
    "announced-random",
    {name: file for one in FILES for part in one.values() for name, file in part.items()},
)

MOVEMENTS = """
    SELECT bank_transaction_id AS id, booking_date AS day, CAST(amount AS DECIMAL(18, 2)) AS amount,
        counterparty_name AS payer, source_file
    FROM fct_bank_transactions WHERE company_id = $company ORDER BY booking_date, amount, bank_transaction_id
"""


def _told(known_at: dict[str, Build], day: str) -> list[dict[str, str]]:
    return known_at[day].of("announced").rows(MOVEMENTS)


def test_what_reports_show_counts_until_a_statement_does(known_at: dict[str, Build]) -> None:
    assert [(row["day"], row["amount"]) for row in _told(known_at, "2025-01-31")] == [
        ("2025-01-03", "100.00"),
        ("2025-01-15", "-5.00"),
        ("2025-01-15", "-5.00"),
        ("2025-01-15", "1000.00"),
    ]


def test_details_stand_in_the_stead_of_the_batch(known_at: dict[str, Build]) -> None:
    assert [(row["amount"], row["payer"]) for row in _told(known_at, "2025-03-10")][1:] == [
        ("-5.00", None),
        ("-5.00", None),
        ("400.00", "Durand"),
        ("600.00", "Martin"),
    ]


def test_the_statement_changes_neither_movements_nor_ids(known_at: dict[str, Build]) -> None:
    before, after = (_told(known_at, day) for day in ("2025-03-10", "2025-04-30"))
    assert [row["id"] for row in after[:-1]] == [row["id"] for row in before]
    assert [(row["amount"], row["source_file"]) for row in after[1:]] == [
        ("-5.00", "announced/late.xml"),
        ("-5.00", "announced/late.xml"),
        ("400.00", "announced/details.xml"),
        ("600.00", "announced/details.xml"),
        ("70.00", "announced/late.xml"),
    ]


def test_the_movements_of_a_statement_are_its_total(known_at: dict[str, Build]) -> None:
    totals = (
        known_at["2025-04-30"]
        .of("announced")
        .rows(
            "SELECT CAST(sum(amount) AS DECIMAL(18, 2)) AS total FROM fct_bank_transactions "
            "WHERE company_id = $company GROUP BY statement_id ORDER BY min(booking_date)"
        )
    )
    assert [row["total"] for row in totals] == ["100.00", "1060.00"]


def test_every_line_is_accounted_for_and_nothing_is_missing_on_the_statement(
    known_at: dict[str, Build],
) -> None:
    books = known_at["2025-04-30"].of("announced")
    (lines,) = books.control_totals("bank_lines_count_or_are_explained")
    assert (lines["expected"], lines["actual"], lines["is_blocking"]) == ("12.00", "12.00", True)
    (announced,) = books.control_totals("announced_movements_are_on_statements")
    assert (announced["expected"], announced["actual"]) == ("3.00", "3.00")


@pytest.mark.parametrize("day", ["2025-01-31", "2025-03-10", "2025-04-30"])
def test_reports_are_neither_gaps_nor_out_of_balance(known_at: dict[str, Build], day: str) -> None:
    books = known_at[day].of("announced")
    assert [row["reason_code"] for row in books.exceptions() if "statement" in row["reason_code"]] == []


def test_covered_days_hold_what_the_statements_say_whatever_else_there_is(as_of: dict[str, Build]) -> None:
    by_day = """
        SELECT booking_date, CAST(sum(amount) AS DECIMAL(18, 2)) AS amount FROM fct_bank_transactions
        WHERE company_id = $company GROUP BY booking_date ORDER BY booking_date
    """
    alone, all_told = (
        as_of["2025-12-31"].of(name).rows(by_day) for name in ("announced-not", "announced-twice")
    )
    assert all_told[:-1] == alone
    assert all_told[-1] == {"booking_date": "2025-02-03", "amount": "9.00"}
    assert sum(Decimal(row["amount"]) for row in alone) == 1160


def test_a_report_that_says_otherwise_than_the_statement_is_told(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("announced-twice")
    (announced,) = books.control_totals("announced_movements_are_on_statements")
    assert (announced["expected"], announced["actual"], announced["is_blocking"]) == ("3.00", "2.00", False)
    (lines,) = books.control_totals("bank_lines_count_or_are_explained")
    assert lines["passed"]


def test_whatever_is_announced_covered_days_hold_what_the_statements_say(as_of: dict[str, Build]) -> None:
    """Thirty accounts, at random. On later days nothing counts that did not happen, and nothing twice."""

    def sums(company_id: str) -> dict[tuple[str, str], int]:
        rows = (
            as_of["2025-12-31"]
            .of(company_id)
            .rows(
                """
            SELECT split_part(bank_account_id, '/', 2) AS account, booking_date AS day, CAST(sum(amount) AS BIGINT)
                AS amount
            FROM fct_bank_transactions WHERE company_id = $company GROUP BY ALL
            """
            )
        )
        return {(row["account"], row["day"]): row["amount"] for row in rows}

    alone, with_all = sums("announced-random-not"), sums("announced-random")
    happened: defaultdict[tuple[str, str], int] = defaultdict(int)
    for account, month in MONTHS.items():
        for one in month:
            happened[account, one.day] += int(one.amount[:-3])
    assert {key: amount for key, amount in with_all.items() if key[1] <= LAST_COVERED} == alone
    assert alone == {key: amount for key, amount in happened.items() if key[1] <= LAST_COVERED}
    later = {key: amount for key, amount in with_all.items() if key[1] > LAST_COVERED}
    assert len(later) > 20
    assert [key for key, amount in later.items() if not 0 < amount <= happened[key]] == []
    controls = as_of["2025-12-31"].of("announced-random").control_totals("bank_lines_count_or_are_explained")
    assert len(controls) == len(MONTHS)
    assert [row for row in controls if not row["passed"]] == []


def test_most_batches_have_their_details(as_of: dict[str, Build]) -> None:
    rows = (
        as_of["2025-12-31"]
        .of("announced-random")
        .rows(
            "SELECT count(counterparty_name) AS named, count(*) AS count FROM fct_bank_transactions "
            "WHERE company_id = $company"
        )
    )
    assert rows[0]["named"] > rows[0]["count"] // 5
