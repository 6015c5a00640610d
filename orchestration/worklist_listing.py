"""The work list as the command line shows it: whom to look at today and why, the most urgent first."""

from typing import Final

from home.layout import Home
from orchestration.choosing import Chosen, conditions, steering_marts
from orchestration.listing import Language, Listing
from orchestration.wording import column

COLUMNS: Final = (
    "company_id",
    "name",
    "third_party_code",
    "third_party_id",
    "agency",
    "sales_rep",
    "priority_score",
    "overdue_amount",
    "oldest_days_past_due",
    "outstanding_amount",
    "expected_amount",
    "next_action",
    "next_action_code",
    "next_action_date",
    "is_due",
    "last_action",
    "last_action_date",
    "last_action_remark",
    "comment",
    "reminder_amount",
    "broken_promise_amount",
    "returned_amount",
    "disputed_amount",
    "promised_amount",
    "promised_date",
    "credit_amount",
    "credit_limit",
    "headroom_amount",
    "advice",
    "amount_score",
    "age_score",
    "risk_score",
    "segment",
    "base_currency",
)
SHOWN: Final = frozenset(
    {
        "company_id",
        "name",
        "agency",
        "sales_rep",
        "overdue_amount",
        "oldest_days_past_due",
        "outstanding_amount",
        "expected_amount",
        "next_action",
        "next_action_date",
        "last_action_date",
    }
)
DETAILS: Final = frozenset({"agency", "sales_rep", "last_action_date"})


def worklist_listing(
    home: Home, language: Language, chosen: Chosen, *, is_due: bool = False, limit: int | None = None
) -> Listing:
    """One row per customer with something to do, the most urgent of each company first; at most ``limit`` of each.

    ``is_due`` leaves out calls and follow-ups whose day has not come. Raises NothingPublishedError,
    UnknownChoiceError and UnknownThirdPartyError.
    """
    told = {"next_action": f"next_action_{language}", "next_action_code": "next_action"}
    selected = ", ".join(told.get(name, name) for name in COLUMNS)
    with steering_marts(home) as connection:
        condition, values = conditions(connection, chosen)
        if is_due:
            condition += " AND is_due"
        first = "" if limit is None else f"QUALIFY row_number() OVER own <= {limit:d}"
        rows = connection.execute(
            f"SELECT {selected} FROM mart_collection_worklist WHERE {condition} "
            f"WINDOW own AS (PARTITION BY company_id ORDER BY priority_rank) {first} "
            "ORDER BY company_id, priority_rank",
            values,
        ).fetchall()
        [(count,)] = connection.execute(
            f"SELECT count(*) FROM mart_collection_worklist WHERE {condition}", values
        ).fetchall()
        [(as_of,)] = connection.execute("SELECT as_of_date FROM dim_runs WHERE is_current").fetchall()
    title = {"en": f"Work list as of {as_of}", "fr": f"Revue de balance au {as_of}"}[language]
    columns = [
        column(name, language, is_hidden=name not in SHOWN, is_detail=name in DETAILS) for name in COLUMNS
    ]
    return Listing(title, columns, rows, _remark(len(rows), count, language))


def _remark(shown: int, count: int, language: Language) -> str:
    if not count:
        return {"en": "There is nothing to do here.", "fr": "Il n'y a rien à faire ici."}[language]
    if shown < count:
        return {
            "en": f"{shown} of {count}: the most urgent of each company. --limit shows more.",
            "fr": f"{shown} sur {count} : les plus urgents de chaque société. --limit en montre plus.",
        }[language]
    return ""
