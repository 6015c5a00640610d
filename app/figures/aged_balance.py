"""The aged balance, from agency to third party to document."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.figures.marts import PinnedHome, rows

Rows = Sequence[Mapping[str, Any]]


def third_parties(home: PinnedHome) -> Rows:
    """One row per third party with a balance: ``mart_aged_balance`` with currency_code and company_name."""
    return rows(
        home,
        """
        SELECT balance.* REPLACE (coalesce(balance.name, third_party_code) AS name),
            companies.base_currency AS currency_code,
            coalesce(companies.name, company_id) AS company_name
        FROM mart_aged_balance AS balance JOIN dim_companies AS companies USING (company_id)
        ORDER BY total_amount DESC, third_party_id
        """,
    )


def documents(home: PinnedHome, third_party_ids: Sequence[str]) -> Rows:
    """The open items of third parties, the oldest first, with the third party's name and code."""
    return rows(
        home,
        """
        SELECT items.company_id, coalesce(companies.name, items.company_id) AS company_name, third_party_code,
            coalesce(parties.name, third_party_code) AS name, parties.agency, items.*
                EXCLUDE (company_id, as_of_date, open_item_id),
            companies.base_currency AS ledger_currency, label_fr, label_en
        FROM fct_open_items AS items
            JOIN dim_companies AS companies USING (company_id)
            JOIN dim_third_parties AS parties USING (third_party_id)
            JOIN dim_ageing_buckets USING (ageing_bucket_code)
        WHERE list_contains($ids, third_party_id)
        ORDER BY due_date NULLS LAST, document_date, document_ref, item_id
        """,
        {"ids": list(third_party_ids)},
    )
