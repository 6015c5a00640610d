"""Case 14. Two identical lines of one statement are two movements; the same lines again in an overlapping
file are the same movements. Where two files disagree about a day, the fuller one counts and a control total
says so. Statements that chain do not overlap, even on one day."""

import pytest

from tests.golden.books import Books, Build, Company, company
from tests.golden.documents import Movement, statement

ACCOUNT = "FR7630006000011234567890189"
EARLIER = Movement("2025-01-03", "100.00", "VIR DUPONT")
TWIN = Movement("2025-01-05", "-20.00", "CB PARKING")
BETWEEN = Movement("2025-01-08", "50.00", "VIR MARTIN")
LATER = Movement("2025-01-12", "70.00", "VIR DURAND")


def _overlapping(company_id: str, *, twins_in_b: int) -> Company:
    return company(
        company_id,
        {
            "a.xml": statement(
                ACCOUNT, "A", "2025-01-01", "2025-01-10", "1000.00", EARLIER, TWIN, TWIN, BETWEEN
            ),
            "b.xml": statement(
                ACCOUNT, "B", "2025-01-05", "2025-01-15", "1100.00", *[TWIN] * twins_in_b, BETWEEN, LATER
            ),
        },
    )


AGREEING = _overlapping("case14", twins_in_b=2)
B_HAS_ONE = _overlapping("case14-one", twins_in_b=1)
B_HAS_THREE = _overlapping("case14-three", twins_in_b=3)
FEE = Movement("2025-01-05", "-5.00", "FRAIS DE TENUE")
CHAINED = company(
    "case14-chain",
    {
        "a.xml": statement(ACCOUNT, "A", "2025-01-05", "2025-01-05", "100.00", FEE),
        "b.xml": statement(ACCOUNT, "B", "2025-01-05", "2025-01-05", "95.00", FEE),
    },
)

MONTHLY_FEE = Movement("2025-01-20", "-5.00", "FRAIS DE TENUE")
# The month again in one file, after two that chain.
AGAIN_IN_ONE = company(
    "case14-month",
    {
        "a.xml": statement(ACCOUNT, "A", "2025-01-01", "2025-01-10", "1000.00", EARLIER, TWIN, TWIN, BETWEEN),
        "b.xml": statement(ACCOUNT, "B", "2025-01-11", "2025-01-31", "1110.00", LATER, MONTHLY_FEE),
        "month.xml": statement(
            ACCOUNT,
            "M",
            "2025-01-01",
            "2025-01-31",
            "1000.00",
            EARLIER,
            TWIN,
            TWIN,
            FEE,
            BETWEEN,
            LATER,
            MONTHLY_FEE,
        ),
    },
)
THREE_ON_ONE_DAY = company(
    "case14-three-chained",
    {
        f"{number}.xml": statement(ACCOUNT, f"S{number}", "2025-01-05", "2025-01-05", balance, FEE)
        for number, balance in enumerate(("100.00", "95.00", "90.00"))
    },
)


def _days(books: Books) -> list[tuple[str, str]]:
    rows = books.rows(
        "SELECT booking_date, CAST(amount AS DECIMAL(18, 2)) AS amount FROM fct_bank_transactions "
        "WHERE company_id = $company ORDER BY booking_date, amount"
    )
    return [(row["booking_date"], row["amount"]) for row in rows]


@pytest.mark.parametrize(("company_id", "twins"), [("case14", 2), ("case14-one", 2), ("case14-three", 3)])
def test_the_fullest_file_says_how_many(as_of: dict[str, Build], company_id: str, twins: int) -> None:
    assert _days(as_of["2025-12-31"].of(company_id)) == [
        ("2025-01-03", "100.00"),
        *[("2025-01-05", "-20.00")] * twins,
        ("2025-01-08", "50.00"),
        ("2025-01-12", "70.00"),
    ]


@pytest.mark.parametrize("company_id", ["case14", "case14-one", "case14-three", "case14-chain"])
def test_each_movement_has_an_id_of_its_own(as_of: dict[str, Build], company_id: str) -> None:
    rows = (
        as_of["2025-12-31"]
        .of(company_id)
        .rows("SELECT bank_transaction_id FROM fct_bank_transactions WHERE company_id = $company")
    )
    assert len({row["bank_transaction_id"] for row in rows}) == len(rows)


def test_a_control_total_says_that_the_files_disagree_on_that_day(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case14-three")
    failed = [row for row in books.control_totals("overlapping_statements_agree") if not row["passed"]]
    assert [row["subject"] for row in failed] == [f"{ACCOUNT} 2025-01-05"]
    assert {failed[0]["expected"], failed[0]["actual"]} == {"3.00", "2.00"}
    assert not failed[0]["is_blocking"]


def test_files_that_agree_pass_that_control(as_of: dict[str, Build]) -> None:
    controls = as_of["2025-12-31"].of("case14").control_totals("overlapping_statements_agree")
    assert [row["subject"] for row in controls if not row["passed"]] == []
    assert f"{ACCOUNT} 2025-01-05" in [row["subject"] for row in controls]


def test_statements_that_chain_do_not_overlap(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case14-chain")
    assert _days(books) == [("2025-01-05", "-5.00"), ("2025-01-05", "-5.00")]
    assert [row for row in books.failed_controls() if "statement" in row["control_name"]] == []


def test_a_month_again_in_one_file_adds_only_what_it_alone_shows(as_of: dict[str, Build]) -> None:
    assert _days(as_of["2025-12-31"].of("case14-month")) == [
        ("2025-01-03", "100.00"),
        ("2025-01-05", "-20.00"),
        ("2025-01-05", "-20.00"),
        ("2025-01-05", "-5.00"),
        ("2025-01-08", "50.00"),
        ("2025-01-12", "70.00"),
        ("2025-01-20", "-5.00"),
    ]


def test_three_statements_of_one_day_chain(as_of: dict[str, Build]) -> None:
    assert _days(as_of["2025-12-31"].of("case14-three-chained")) == [("2025-01-05", "-5.00")] * 3
