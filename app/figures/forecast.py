"""What customers will pay week by week, and how right that was at every month-end so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from app.figures.marts import PinnedHome, rows

Rows = Sequence[Mapping[str, Any]]

FIRST_WEEKS: Final = 4
"""Weeks after a month-end by which a forecast is judged."""


@dataclass(frozen=True)
class Record:
    """How good the forecast has been over the first weeks of all month-ends. Errors are by what came; None: nothing."""

    error: Decimal | None
    simple_error: Decimal | None
    """Of the better of the two simple forecasts."""
    held: Decimal | None
    """Share of the weeks within their band."""
    weeks: int


def weeks_ahead(home: PinnedHome, company_id: str, group: str) -> Rows:
    """Weeks 1 to 13, and 14: later, or never. week_number, week_start_date, week_end_date, expected, p10, p50, p90."""
    return rows(
        home,
        """
        SELECT week_number, week_start_date, week_end_date, expected_amount AS expected, p10_amount AS p10,
            p50_amount AS p50, p90_amount AS p90, base_currency AS currency_code
        FROM fct_collection_forecast_weeks WHERE company_id = $company AND customer_group = $group
        ORDER BY week_number
        """,
        {"company": company_id, "group": group},
    )


def past_weeks(home: PinnedHome, company_id: str, group: str) -> Rows:
    """Each whole week that has ended, as the last month-end before it had forecast it, with what came."""
    return rows(
        home,
        """
        SELECT origin_date, week_number, week_start_date, week_end_date, forecast_amount AS expected,
            p10_amount AS p10, p50_amount AS p50, p90_amount AS p90, actual_amount AS actual
        FROM fct_forecast_backtest
        WHERE company_id = $company AND customer_group = $group AND origin_date < week_start_date
        QUALIFY row_number() OVER (PARTITION BY week_start_date ORDER BY origin_date DESC) = 1
        ORDER BY week_start_date
        """,
        {"company": company_id, "group": group},
    )


def groups(home: PinnedHome, company_id: str) -> Sequence[str]:
    """The customer groups of a company; the first is all."""
    found = rows(
        home,
        "SELECT DISTINCT customer_group FROM fct_collection_forecast_weeks WHERE company_id = $company "
        "ORDER BY customer_group <> 'all', customer_group",
        {"company": company_id},
    )
    return [row["customer_group"] for row in found]


def record(home: PinnedHome, company_id: str, group: str) -> Record:
    """How good the forecast has been, over the month-ends whose first weeks have all ended."""
    [row] = rows(
        home,
        """
        WITH judged AS (
            FROM fct_forecast_backtest
            WHERE company_id = $company AND customer_group = $group AND week_number <= $weeks
            QUALIFY count(*) OVER (PARTITION BY origin_date) = $weeks
        )
        SELECT sum(abs(forecast_amount - actual_amount)) AS error,
            least(
                sum(abs(baseline_due_date_amount - actual_amount)),
                sum(abs(baseline_average_lateness_amount - actual_amount))
            ) AS simple_error,
            coalesce(sum(actual_amount), 0) AS came,
            count(*) FILTER (actual_amount BETWEEN p10_amount AND p90_amount) AS held, count(*) AS weeks
        FROM judged
        """,
        {"company": company_id, "group": group, "weeks": FIRST_WEEKS},
    )

    def of_what_came(amount: Decimal | None) -> Decimal | None:
        return amount / row["came"] if amount is not None and row["came"] else None

    return Record(
        of_what_came(row["error"]),
        of_what_came(row["simple_error"]),
        Decimal(row["held"]) / row["weeks"] if row["weeks"] else None,
        row["weeks"],
    )
