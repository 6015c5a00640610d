"""The indicators of receivables as the command line shows them: a row per month-end, what cannot be said empty."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from home.layout import Home
from orchestration.choosing import company, one_of, steering_marts
from orchestration.listing import Language, Listing, Value
from orchestration.queries import third_party
from orchestration.wording import column

COLUMNS: Final = (
    "company_id",
    "level_key",
    "as_of_date",
    "outstanding_amount",
    "overdue_amount",
    "overdue_share",
    "dso_days",
    "dso_count_back_days",
    "best_possible_dso_days",
    "average_days_delinquent",
    "collection_effectiveness_index",
    "weighted_days_to_pay",
    "dso_3_months_days",
    "current_amount",
    "undated_amount",
    "unapplied_amount",
    "sales_amount_12_months",
    "sales_amount_3_months",
    "dso_reason",
    "dso_3_months_reason",
    "dso_count_back_reason",
    "collection_effectiveness_reason",
    "weighted_days_to_pay_reason",
    "base_currency",
)
SHOWN: Final = 12
"""So many of them are for people, the others for programs."""

REASONED: Final = (
    "dso_reason",
    "dso_count_back_reason",
    "collection_effectiveness_reason",
    "weighted_days_to_pay_reason",
)

REASONS: Final[dict[str, dict[Language, str]]] = {
    "record_too_short": {
        "en": "the ledger begins within the period",
        "fr": "la comptabilité commence dans la période",
    },
    "no_sales": {"en": "nothing was sold in the period", "fr": "rien n'a été vendu sur la période"},
    "credit_balance": {
        "en": "more waits to be applied than is owed",
        "fr": "les crédits à affecter dépassent le dû",
    },
    "record_used_up": {
        "en": "all sales on record do not make up the balance",
        "fr": "toutes les ventes connues n'épuisent pas le solde",
    },
    "nothing_to_collect": {"en": "there was nothing to collect", "fr": "il n'y avait rien à encaisser"},
    "no_payments": {
        "en": "nothing was paid in the twelve months",
        "fr": "rien n'a été réglé dans les douze mois",
    },
}


def kpi_listing(
    home: Home,
    language: Language,
    company_id: str | None = None,
    agency: str | None = None,
    customer: str | None = None,
) -> Listing:
    """Indicators at each month-end, oldest first, then at the own date: of companies, an agency or a customer.

    Raises NothingPublishedError, UnknownChoiceError and UnknownThirdPartyError.
    """
    with steering_marts(home) as connection:
        level, keys, names = "company", [], {}
        if agency is not None:
            known = "SELECT DISTINCT agency FROM dim_third_parties WHERE agency IS NOT NULL ORDER BY 1"
            level, keys = "agency", [one_of(connection, "agency", agency, known)]
        elif customer is not None:
            third_party_id, name = third_party(connection, customer)
            level, keys, names = "third_party", [third_party_id], {third_party_id: name}
        condition, values = "level = ?", [level]
        if keys:
            condition += " AND level_key = ?"
            values += keys
        if company_id is not None:
            condition += " AND company_id = ?"
            values.append(company(connection, company_id))
        rows = connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM fct_receivable_kpis WHERE {condition} "
            "ORDER BY company_id, level_key, as_of_date",
            values,
        ).fetchall()
    title = {"en": "Indicators of receivables", "fr": "Indicateurs du poste clients"}[language]
    columns = [
        replace(
            column(name, language, is_hidden=place >= SHOWN, is_detail=name == "overdue_amount"),
            is_added=False,
            is_share=name == "overdue_share",
        )
        for place, name in enumerate(COLUMNS)
    ]
    # A company is its own key.
    columns[1] = replace(columns[1], is_hidden=level == "company", words=names)
    return Listing(title, columns, rows, _remark(rows, language))


def _remark(rows: Sequence[Sequence[Value]], language: Language) -> str:
    """Why something is left empty."""
    places = [COLUMNS.index(name) for name in REASONED]
    found = {row[place] for row in rows for place in places} - {None}
    if not found:
        return ""
    why = "; ".join(words[language] for reason, words in REASONS.items() if reason in found)
    return {"en": f"Empty where {why}.", "fr": f"Vide lorsque {why}."}[language]
