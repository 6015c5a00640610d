"""The collection forecast as the command line shows it: thirteen weeks with their band, and what comes later."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from home.layout import Home
from orchestration.choosing import company, one_of, steering_marts
from orchestration.listing import Language, Listing
from orchestration.wording import column

COLUMNS: Final = (
    "company_id",
    "customer_group",
    "week_number",
    "week_start_date",
    "week_end_date",
    "expected_amount",
    "p10_amount",
    "p50_amount",
    "p90_amount",
    "cumulative_amount",
    "base_currency",
)
NOT_ADDED: Final = ("p10_amount", "p50_amount", "p90_amount", "cumulative_amount")
"""A band of thirteen weeks is narrower than their bands together."""


def forecast_listing(
    home: Home, language: Language, company_id: str | None = None, groups: Sequence[str] = ()
) -> Listing:
    """A row per company, customer group and week; of the whole company (group ``all``) where no group is named.

    Raises NothingPublishedError and UnknownChoiceError.
    """
    with steering_marts(home) as connection:
        known = "SELECT DISTINCT customer_group FROM fct_collection_forecast_weeks ORDER BY 1"
        wanted = [one_of(connection, "customer_group", group, known) for group in groups] or ["all"]
        condition = "list_contains(?, customer_group)"
        values: list[object] = [wanted]
        if company_id is not None:
            condition += " AND company_id = ?"
            values.append(company(connection, company_id))
        rows = connection.execute(
            f"""
            SELECT company_id, customer_group, week_number, week_start_date, week_end_date, expected_amount,
                p10_amount, p50_amount, p90_amount,
                CAST(sum(expected_amount) OVER (
                    PARTITION BY company_id, customer_group ORDER BY week_number
                ) AS DECIMAL(18, 2)) AS cumulative_amount,
                base_currency
            FROM fct_collection_forecast_weeks WHERE {condition}
            ORDER BY company_id, customer_group <> 'all', customer_group, week_number
            """,
            values,
        ).fetchall()
        [(as_of,)] = connection.execute("SELECT as_of_date FROM dim_runs WHERE is_current").fetchall()
    title = {"en": f"Collection forecast as of {as_of}", "fr": f"Prévision d'encaissement au {as_of}"}
    remark = {
        "en": "Week 14 is later, or never. Nine weeks in ten bring more than P10, one in ten more than P90.",
        "fr": "La semaine 14 : plus tard, ou jamais. Neuf semaines sur dix dépassent P10, une sur dix P90.",
    }
    columns = [
        replace(
            column(name, language, is_hidden=name == "base_currency", is_detail=name == "week_end_date"),
            is_added=name not in NOT_ADDED,
        )
        for name in COLUMNS
    ]
    return Listing(title[language], columns, rows, remark[language])
