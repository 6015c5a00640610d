"""The tables that a home gives the models beside what landed: settings, the run's context, and history.

They are the dbt sources ``settings.*``, ``run.*``, ``dunning.sent``, ``quality.results`` and ``history.*``. History is
what a published run leaves for the next (``history/<mart>/<run_id>.parquet``).
"""

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import pyarrow as pa

from home.calendar import next_working_days
from home.settings import Settings

AMOUNT: Final = pa.decimal128(18, 2)
UTC: Final = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class RunContext:
    """What a run speaks of: the clock is read once, at the edge, and is an input from there on."""

    run_id: str
    as_of_date: date
    known_at_date: date
    started_at: datetime


RUN_CONTEXT: Final = pa.schema(
    [
        ("run_id", pa.string()),
        ("as_of_date", pa.date32()),
        ("known_at_date", pa.date32()),
        ("started_at", UTC),
        ("default_payment_terms", pa.string()),
        ("largest_shrink_percent", pa.decimal128(5, 2)),
    ]
)

WORKING_DAYS: Final = pa.schema([("day", pa.date32()), ("next_working_day", pa.date32())])
"""A row per day from ten years before the as-of date on; ``next_working_day`` is the day itself where it is worked."""

DAYS_BEFORE: Final = timedelta(days=3_653)
"""As far back as payments tell on which days money comes in."""

DAYS_AHEAD: Final = timedelta(days=1_500)
"""Further than the days and the waits of any two reminders together."""

SETTINGS: Final[dict[str, pa.Schema]] = {
    "companies": pa.schema(
        [
            ("company_id", pa.string()),
            ("name", pa.string()),
            ("base_currency", pa.string()),
            ("fiscal_year_end", pa.string()),
            ("siren", pa.string()),
            ("vat_number", pa.string()),
        ]
    ),
    "bank_accounts": pa.schema(
        [
            ("account_number", pa.string()),
            ("company_id", pa.string()),
            ("ledger_account", pa.string()),
            ("currency_code", pa.string()),
        ]
    ),
    "account_roles": pa.schema([("account_role", pa.string()), ("prefix", pa.string())]),
    "ageing_buckets": pa.schema(
        [
            ("ageing_bucket_code", pa.string()),
            ("bucket_order", pa.int32()),
            ("from_days", pa.int32()),
            ("to_days", pa.int32()),
            ("is_overdue", pa.bool_()),
            ("label_fr", pa.string()),
            ("label_en", pa.string()),
        ]
    ),
    "opening_journals": pa.schema([("journal_code", pa.string()), ("pattern", pa.string())]),
    "partial_exports": pa.schema(
        [
            ("source_file", pa.string()),
            ("journal_code", pa.string()),
            ("from_date", pa.date32()),
            ("to_date", pa.date32()),
        ]
    ),
    "reconciliation_thresholds": pa.schema(
        [
            ("account", pa.string()),
            ("largest_amount", AMOUNT),
            ("largest_count", pa.int64()),
            ("oldest_days", pa.int32()),
            ("since", pa.date32()),
            ("reason", pa.string()),
        ]
    ),
    "matching": pa.schema(
        [
            ("days_before", pa.int32()),
            ("days_after", pa.int32()),
            ("largest_fee", AMOUNT),
            ("largest_rounding", AMOUNT),
            ("largest_exchange_percent", pa.decimal128(5, 2)),
            ("discount_percent", pa.decimal128(5, 2)),
            ("discount_days", pa.int32()),
            ("largest_accidents", pa.decimal128(6, 4)),
        ]
    ),
    "penalties": pa.schema(
        [
            ("contractual_percent", pa.decimal128(7, 2)),
            ("fixed_compensation", AMOUNT),
            ("compensation_currency", pa.string()),
        ]
    ),
    "consumer_segments": pa.schema([("segment", pa.string())]),
    "minimum_balances": pa.schema(
        [("company_id", pa.string()), ("account_number", pa.string()), ("minimum_balance", AMOUNT)]
    ),
    "legal_rates": pa.schema(
        [
            ("from_date", pa.date32()),
            ("ecb_percent", pa.decimal128(7, 2)),
            ("legal_percent", pa.decimal128(7, 2)),
        ]
    ),
    "dunning_policy": pa.schema(
        [("grouping", pa.string()), ("language", pa.string()), ("working_days_only", pa.bool_())]
    ),
    "dunning_levels": pa.schema(
        [
            ("level", pa.int32()),
            ("segment", pa.string()),
            ("name", pa.string()),
            ("days_past_due", pa.int32()),
            ("channel", pa.string()),
            ("tone", pa.string()),
            ("wait_days", pa.int32()),
            ("minimum_amount", AMOUNT),
        ]
    ),
    "dunning_exclusions": pa.schema(
        [("segment", pa.string()), ("third_party_id", pa.string()), ("reason", pa.string())]
    ),
}

DUNNING_SENT: Final = pa.schema(
    [
        pa.field("action_id", pa.string(), nullable=False),
        pa.field("company_id", pa.string(), nullable=False),
        pa.field("third_party_id", pa.string(), nullable=False),
        pa.field("item_id", pa.string(), nullable=False),
        ("document_ref", pa.string()),
        pa.field("sent_at", UTC, nullable=False),
        pa.field("sent_on", pa.date32(), nullable=False),
        pa.field("level", pa.int32(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
    ]
)
"""A row per item of each message that was sent, or may have been: what the home's log holds. ``level`` is the item's
own (``fct_dunning_items.level``), also where the message speaks in the words of a higher one; ``sent_on`` is the day of
``sent_at`` in the home's time zone. ``outcome`` is sent, unknown (counts as sent, for nothing is sent twice) or failed
(counts as not sent)."""

QUALITY_RESULTS: Final = pa.schema(
    [
        ("run_id", pa.string()),
        ("suite", pa.string()),
        ("expectation", pa.string()),
        ("source_file", pa.string()),
        ("subject", pa.string()),
        ("severity", pa.string()),
        ("checked_count", pa.int64()),
        ("failed_count", pa.int64()),
        ("passed", pa.bool_()),
        ("detail", pa.string()),
    ]
)

HISTORY: Final[dict[str, pa.Schema]] = {
    "dim_runs": pa.schema(
        [
            ("run_id", pa.string()),
            ("as_of_date", pa.date32()),
            ("known_at_date", pa.date32()),
            ("started_at", UTC),
            ("finished_at", UTC),
            ("is_verified", pa.bool_()),
        ]
    ),
    "fct_open_items_history": pa.schema(
        [
            ("run_id", pa.string()),
            ("as_of_date", pa.date32()),
            ("known_at_date", pa.date32()),
            ("item_id", pa.string()),
            ("open_amount", AMOUNT),
            ("days_past_due", pa.int32()),
            ("ageing_bucket_code", pa.string()),
        ]
    ),
    "fct_ageing_snapshots": pa.schema(
        [
            ("run_id", pa.string()),
            ("as_of_date", pa.date32()),
            ("known_at_date", pa.date32()),
            ("company_id", pa.string()),
            ("ledger_side", pa.string()),
            ("third_party_id", pa.string()),
            ("currency_code", pa.string()),
            ("ageing_bucket_code", pa.string()),
            ("open_amount", AMOUNT),
            ("item_count", pa.int64()),
        ]
    ),
    "fct_ageing_snapshot_dates": pa.schema(
        [
            ("run_id", pa.string()),
            ("as_of_date", pa.date32()),
            ("known_at_date", pa.date32()),
            ("total", AMOUNT),
        ]
    ),
    "fct_control_totals": pa.schema(
        [
            ("run_id", pa.string()),
            ("company_id", pa.string()),
            ("control_name", pa.string()),
            ("subject", pa.string()),
            ("expected", pa.decimal128(38, 5)),
            ("actual", pa.decimal128(38, 5)),
            ("difference", pa.decimal128(38, 5)),
            ("passed", pa.bool_()),
            ("is_blocking", pa.bool_()),
        ]
    ),
    "fct_quality_results": QUALITY_RESULTS,
    "fct_reconciliation_status": pa.schema(
        [
            ("run_id", pa.string()),
            ("as_of_date", pa.date32()),
            ("known_at_date", pa.date32()),
            ("company_id", pa.string()),
            ("bank_account_id", pa.string()),
            ("ledger_account", pa.string()),
            ("currency_code", pa.string()),
            ("has_statements", pa.bool_()),
            ("statement_gap_count", pa.int64()),
            ("line_count", pa.int64()),
            ("line_amount", AMOUNT),
            ("matched_count", pa.int64()),
            ("matched_amount", AMOUNT),
            ("proposed_count", pa.int64()),
            ("proposed_amount", AMOUNT),
            ("unreconciled_count", pa.int64()),
            ("unreconciled_amount", AMOUNT),
            ("waiting_count", pa.int64()),
            ("waiting_amount", AMOUNT),
            ("oldest_days", pa.int32()),
            ("previous_run_id", pa.string()),
            ("previous_proposed_count", pa.int64()),
            ("previous_unreconciled_count", pa.int64()),
            ("previous_unreconciled_amount", AMOUNT),
            ("previous_oldest_days", pa.int32()),
            ("previous_statement_gap_count", pa.int64()),
        ]
    ),
    "fct_reconciliation_exceptions": pa.schema(
        [("run_id", pa.string()), ("exception_id", pa.string()), ("first_seen_date", pa.date32())]
    ),
}
"""Mart → the columns of it that a published run leaves behind (``run_id`` says which run)."""


def run_context(context: RunContext, settings: Settings) -> pa.Table:
    """The one-row table ``run.context``."""
    row = {
        "run_id": context.run_id,
        "as_of_date": context.as_of_date,
        "known_at_date": context.known_at_date,
        "started_at": context.started_at,
        "default_payment_terms": settings.default_payment_terms,
        "largest_shrink_percent": Decimal(str(settings.exports.largest_shrink_percent)),
    }
    return pa.Table.from_pylist([row], schema=RUN_CONTEXT)


def working_days(context: RunContext, settings: Settings) -> pa.Table:
    """The table ``run.working_days``: the calendar of the home around the as-of date."""
    dunning = settings.dunning
    days = next_working_days(
        context.as_of_date - DAYS_BEFORE,
        context.as_of_date + DAYS_AHEAD,
        dunning.public_holidays,
        dunning.closed_days,
    )
    return pa.table([pa.array(days.keys()), pa.array(days.values())], schema=WORKING_DAYS)


def ageing_buckets(settings: Settings) -> list[dict[str, object]]:
    """The age bands, in order: a partition of the integers, then the two that stand outside the scale.

    ``from_days`` and ``to_days`` are days past due, both included, null where the band is open.
    """
    near, far = settings.ageing.not_due_days
    first, second, third = settings.ageing.overdue_days

    def band(code: str, low: int | None, high: int | None, fr: str, en: str) -> dict[str, object]:
        overdue = low is not None and low > 0
        return {
            "ageing_bucket_code": code,
            "from_days": low,
            "to_days": high,
            "is_overdue": overdue,
            "label_fr": fr,
            "label_en": en,
        }

    rows = [
        band("not_due_3", None, -far - 1, f"À échoir > {far} j", f"Due in > {far} d"),
        band("not_due_2", -far, -near - 1, f"À échoir {near + 1}–{far} j", f"Due in {near + 1}–{far} d"),
        band("not_due_1", -near, 0, f"À échoir 0–{near} j", f"Due in 0–{near} d"),
        band("overdue_1", 1, first, f"Échu 1–{first} j", f"1–{first} d late"),
        band("overdue_2", first + 1, second, f"Échu {first + 1}–{second} j", f"{first + 1}–{second} d late"),
        band("overdue_3", second + 1, third, f"Échu {second + 1}–{third} j", f"{second + 1}–{third} d late"),
        band("overdue_4", third + 1, None, f"Échu > {third} j", f"> {third} d late"),
        band("unapplied", None, None, "Crédits non affectés", "Unapplied credits"),
        band("undated", None, None, "Échéance inconnue", "Due date unknown"),
    ]
    return [row | {"bucket_order": order} for order, row in enumerate(rows, start=1)]


def settings_tables(settings: Settings, source_files: Iterable[str]) -> dict[str, pa.Table]:
    """The dbt sources ``settings.*``.

    ``source_files`` are the paths under ``inbox/`` that were ever seen: a partial export is declared by a glob
    and given to the models as one row per file it names and journal it holds (null = all journals).
    """
    partial = [
        {"source_file": path, "journal_code": journal, "from_date": part.from_date, "to_date": part.to_date}
        for part in settings.partial_exports
        for path in sorted(set(source_files))
        if fnmatch.fnmatchcase(path, part.file)
        for journal in (part.journals or (None,))
    ]
    rows: dict[str, Sequence[Mapping[str, object]]] = {
        "companies": [
            {
                "company_id": company.id,
                "name": company.name,
                "base_currency": company.base_currency,
                "fiscal_year_end": company.fiscal_year_end,
                "siren": company.siren,
                "vat_number": company.vat_number,
            }
            for company in settings.companies
        ],
        "bank_accounts": [
            {
                "account_number": account.account.replace(" ", ""),
                "company_id": account.company,
                "ledger_account": account.ledger_account,
                "currency_code": account.currency,
            }
            for account in settings.bank_accounts
        ],
        "account_roles": [
            {"account_role": role, "prefix": prefix}
            for role, prefixes in settings.account_roles.model_dump().items()
            for prefix in prefixes
        ],
        "ageing_buckets": ageing_buckets(settings),
        "opening_journals": [
            {"journal_code": code, "pattern": None} for code in settings.opening.journal_codes
        ]
        + [{"journal_code": None, "pattern": pattern} for pattern in settings.opening.journal_patterns],
        "partial_exports": partial,
        "reconciliation_thresholds": [
            limit.model_dump() | {"account": limit.account.replace(" ", "") if limit.account else None}
            for limit in settings.reconciliation_thresholds
        ],
        "matching": [settings.matching.model_dump()],
        "penalties": [settings.penalties.model_dump(exclude={"rates", "consumer_segments"})],
        "consumer_segments": [
            {"segment": segment.strip()} for segment in settings.penalties.consumer_segments
        ],
        "minimum_balances": [
            {"minimum_balance": settings.cash.minimum_balance},
            *(
                {
                    "company_id": one.company,
                    "account_number": one.account.replace(" ", "") if one.account else None,
                    "minimum_balance": one.minimum_balance,
                }
                for one in settings.cash.accounts
            ),
        ],
        "legal_rates": [rate.model_dump() for rate in settings.penalties.rates],
        "dunning_policy": [
            settings.dunning.model_dump(include={"grouping", "language", "working_days_only"})
        ],
        "dunning_levels": [
            one.model_dump() | {"segment": segment}
            for one in settings.dunning.levels
            for segment in one.segments or (None,)
        ],
        "dunning_exclusions": [
            {
                "segment": one.segment or None,
                "third_party_id": one.third_party or None,
                "reason": one.reason,
            }
            for one in settings.dunning.exclusions
        ],
    }
    return {name: pa.Table.from_pylist(list(rows[name]), schema=schema) for name, schema in SETTINGS.items()}
