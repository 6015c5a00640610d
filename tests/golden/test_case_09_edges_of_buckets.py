"""Case 9. What is due today is not overdue; one day late begins the first band, 31 days the second. Every
number of days is in exactly one band, however early or late."""

from datetime import date, timedelta

import pytest

from tests.golden.books import Build, company
from tests.golden.ledger import FEC_2025, fec, sale

AS_OF = date(2025, 12, 31)
BAND_OF_DAYS = {
    -400: "not_due_3",
    -61: "not_due_3",
    -60: "not_due_2",
    -31: "not_due_2",
    -30: "not_due_1",
    -1: "not_due_1",
    0: "not_due_1",
    1: "overdue_1",
    30: "overdue_1",
    31: "overdue_2",
    60: "overdue_2",
    61: "overdue_3",
    90: "overdue_3",
    91: "overdue_4",
    4000: "overdue_4",
}
DUE_ON_31_MARCH = company(
    "case09",
    {FEC_2025: fec(sale("2025-01-15", "C1", "F1", "100.00", due="2025-03-31"))},
)
DUE_ALL_OVER = company(
    "case09-days",
    {
        FEC_2025: fec(
            *(
                sale("2025-01-15", "C1", f"F{days}", "100.00", due=str(AS_OF - timedelta(days=days)))
                for days in BAND_OF_DAYS
            )
        )
    },
)


@pytest.mark.parametrize(
    ("day", "days_late", "band", "status"),
    [
        ("2025-04-01", 1, "overdue_1", "overdue"),
        ("2025-05-01", 31, "overdue_2", "overdue"),
    ],
)
def test_days_late_at_the_as_of_date(
    as_of: dict[str, Build], day: str, days_late: int, band: str, status: str
) -> None:
    (item,) = as_of[day].of("case09").open_items()
    assert (item["days_past_due"], item["ageing_bucket_code"], item["status"]) == (days_late, band, status)


@pytest.mark.parametrize(
    ("day", "days_late", "band"), [("2025-03-31", 0, "not_due_1"), ("2025-04-30", 30, "overdue_1")]
)
def test_days_late_at_a_month_end(as_of: dict[str, Build], day: str, days_late: int, band: str) -> None:
    (item,) = as_of["2025-12-31"].of("case09").items_at(day)
    assert (item["days_past_due"], item["ageing_bucket_code"]) == (days_late, band)


def test_each_edge_is_in_its_band(as_of: dict[str, Build]) -> None:
    items = as_of["2025-12-31"].of("case09-days").open_items()
    assert {row["days_past_due"]: row["ageing_bucket_code"] for row in items} == BAND_OF_DAYS
    assert {row["days_past_due"]: row["status"] for row in items} == {
        days: "overdue" if days > 0 else "not_due" for days in BAND_OF_DAYS
    }


def test_the_bands_are_a_partition_of_the_integers(as_of: dict[str, Build]) -> None:
    bands = (
        as_of["2025-12-31"]
        .of("case09")
        .rows("SELECT * FROM dim_ageing_buckets WHERE ageing_bucket_code NOT IN ('unapplied', 'undated')")
    )
    for days in range(-10_000, 10_000):
        holding = [
            band["ageing_bucket_code"]
            for band in bands
            if (band["from_days"] is None or band["from_days"] <= days)
            and (band["to_days"] is None or days <= band["to_days"])
        ]
        assert len(holding) == 1, f"{days} days are in {holding}"
        assert BAND_OF_DAYS.get(days, holding[0]) == holding[0]
