"""Case 3. Lettering codes come round again: in a later year, later in the same year, under another third
party, on another account. Each use is a group of its own, and no settlement crosses from one to another."""

import pytest

from tests.golden.books import Build, company
from tests.golden.ledger import FEC_2024, FEC_2025, fec, opening, receipt, sale

FIRST = (
    sale("2024-03-01", "C1", "F3", "300.00", letter="AA"),
    receipt("2024-03-20", "C1", "P3", "300.00", letter="AA"),
)
SECOND = (
    sale("2025-06-02", "C1", "F4", "450.00", letter="AA"),
    receipt("2025-06-20", "C1", "P4", "450.00", letter="AA"),
)
IN_ANOTHER_YEAR = company(
    "case03-years",
    {
        FEC_2024: fec(*FIRST),
        FEC_2025: fec(opening("2025-01-01", "AN1", ("512000", "300.00")), *SECOND),
    },
)
IN_THE_SAME_YEAR = company(
    "case03-one-year",
    {
        FEC_2025: fec(
            sale("2025-03-03", "C1", "F3", "300.00", letter="AA"),
            receipt("2025-03-20", "C1", "P3", "300.00", letter="AA"),
            *SECOND,
        )
    },
)
# The two uses are worth the same, so that only the dates can tell them apart.
OF_EQUAL_AMOUNTS = company(
    "case03-equal",
    {
        FEC_2025: fec(
            sale("2025-03-03", "C1", "F3", "300.00", letter="AA", due="2025-09-30"),
            receipt("2025-03-20", "C1", "P3", "300.00", letter="AA"),
            sale("2025-06-02", "C1", "F4", "300.00", letter="AA", due="2025-06-30"),
            receipt("2025-06-20", "C1", "P4", "300.00", letter="AA"),
        )
    },
)
UNDER_TWO_THIRD_PARTIES = company(
    "case03-parties",
    {
        FEC_2025: fec(
            sale("2025-03-03", "C1", "F3", "300.00", letter="AA"),
            receipt("2025-03-20", "C2", "P3", "300.00", letter="AA"),
        )
    },
)
ON_TWO_ACCOUNTS = company(
    "case03-accounts",
    {
        FEC_2025: fec(
            sale("2025-03-03", "C1", "F3", "300.00", letter="AA"),
            receipt("2025-03-20", "C1", "P3", "300.00", letter="AA", account="411100"),
        )
    },
)


@pytest.mark.parametrize(
    ("company_id", "paid_on"), [("case03-years", "2024-03-20"), ("case03-one-year", "2025-03-20")]
)
def test_two_settlements_and_none_crosses(as_of: dict[str, Build], company_id: str, paid_on: str) -> None:
    books = as_of["2025-12-31"].of(company_id)
    assert books.settlements() == [
        ("F3", "P3", "300.00", paid_on, "payment"),
        ("F4", "P4", "450.00", "2025-06-20", "payment"),
    ]
    assert books.open_amounts() == {}


def test_equal_amounts_do_not_cross_either(as_of: dict[str, Build]) -> None:
    assert as_of["2025-12-31"].of("case03-equal").settlements() == [
        ("F3", "P3", "300.00", "2025-03-20", "payment"),
        ("F4", "P4", "300.00", "2025-06-20", "payment"),
    ]


@pytest.mark.parametrize("company_id", ["case03-parties", "case03-accounts"])
def test_one_code_in_two_places_is_two_groups(as_of: dict[str, Build], company_id: str) -> None:
    books = as_of["2025-12-31"].of(company_id)
    assert books.settlements() == []
    assert books.open_amounts() == {"F3": "300.00", "P3": "-300.00"}
