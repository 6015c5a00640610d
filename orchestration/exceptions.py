"""What someone must look at, as the command line lists it: filtered, sorted, and in short when there is much of it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import duckdb
import pyarrow as pa

from home.layout import Home
from orchestration.listing import SHORT_ID, Column, Language, Listing, Value
from orchestration.queries import last_run, published
from orchestration.wording import column

SHOWN: Final = 50
"""Exceptions that people are shown when they name no number: the worst."""

GRAVITY: Final = "list_position(['high', 'medium', 'low', 'info'], severity)"

SORTED: Final = {
    # A file that is refused has no amount, and may hold any.
    "severity": f"{GRAVITY}, abs(amount) DESC NULLS FIRST, exception_id",
    "amount": "abs(amount) DESC NULLS LAST, exception_id",
    "age": "age_days DESC, abs(amount) DESC NULLS LAST, exception_id",
}
"""How exceptions may be sorted, the worst first."""

COLUMNS: Final = (
    "severity",
    "company_id",
    "side",
    "object_id",
    "bank_account_id",
    "account_code",
    "reason_code",
    "reason",
    "amount",
    "currency_code",
    "age_days",
    "explanation",
    "status",
    "suggestion",
    "first_seen_date",
    "exception_id",
)
HIDDEN: Final = frozenset(COLUMNS) - {
    "severity",
    "company_id",
    "reason",
    "amount",
    "age_days",
    "explanation",
    "exception_id",
}
KEPT: Final = pa.schema(
    [
        (
            name,
            {"amount": pa.decimal128(18, 2), "age_days": pa.int32(), "first_seen_date": pa.date32()}.get(
                name, pa.string()
            ),
        )
        for name in (*COLUMNS, "reason_en", "reason_fr", "explanation_en", "explanation_fr")
        if name not in ("reason", "explanation")
    ]
)
"""The columns of an exception as a blocked run's report keeps them."""


@dataclass(frozen=True)
class Wanted:
    """Which exceptions are asked for; what is empty leaves out none."""

    company: str | None = None
    account: str | None = None
    """A bank account (its id, or the end of its IBAN or number) or a ledger account."""
    reasons: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    least_amount: Decimal | None = None
    """In the exception's own currency, whatever the sign; what has no amount is then left out."""
    older_than: int | None = None
    """Days."""
    sort: str = "severity"
    limit: int | None = None

    def condition(self) -> tuple[str, list[object]]:
        """The condition on ``fct_reconciliation_exceptions`` in SQL, and its values."""
        parts: list[str] = ["true"]
        values: list[object] = []
        if self.company is not None:
            parts.append("company_id = ?")
            values.append(self.company)
        if self.account is not None:
            number = self.account.replace(" ", "")
            parts.append("(account_code = ? OR bank_account_id = ? OR ends_with(bank_account_id, ?))")
            values += [number, number, number]
        for name, wanted in (
            ("reason_code", self.reasons),
            ("side", self.sides),
            ("severity", self.severities),
            ("status", self.statuses),
        ):
            if wanted:
                parts.append(f"list_contains(?, {name})")
                values.append(list(wanted))
        if self.least_amount is not None:
            parts.append("abs(amount) >= ?")
            values.append(self.least_amount)
        if self.older_than is not None:
            parts.append("age_days > ?")
            values.append(self.older_than)
        return " AND ".join(parts), values


@dataclass(frozen=True)
class Exceptions:
    """The exceptions asked for, and how many there are of each reason."""

    by_reason: Listing
    listed: Listing


def exceptions(home: Home, language: Language, wanted: Wanted) -> Exceptions:
    """What someone must look at: of the last run when it was blocked, else of the marts in force.

    Raises NothingPublishedError.
    """
    condition, values = wanted.condition()
    with _source(home, language) as (connection, remark):
        reasons = by_reason(connection, language, condition, values)
        selected = ", ".join(
            f"{name}_{language}" if name in ("reason", "explanation") else name for name in COLUMNS
        )
        limit = "" if wanted.limit is None else f" LIMIT {wanted.limit:d}"
        rows = connection.execute(
            f"SELECT {selected} FROM fct_reconciliation_exceptions WHERE {condition} "
            f"ORDER BY {SORTED[wanted.sort]}{limit}",
            values,
        ).fetchall()
        [(count,)] = connection.execute(
            f"SELECT count(*) FROM fct_reconciliation_exceptions WHERE {condition}", values
        ).fetchall()
    return Exceptions(reasons, _listed(rows, count, remark, language))


def by_reason(
    connection: duckdb.DuckDBPyConnection,
    language: Language,
    condition: str = "true",
    values: Sequence[object] = (),
) -> Listing:
    """How many exceptions there are of each reason and severity, and how old the oldest is, the gravest first."""
    rows = connection.execute(
        f"FROM (SELECT reason_{language}, severity, count(*), max(age_days) FROM fct_reconciliation_exceptions "
        f"WHERE {condition} GROUP BY ALL) ORDER BY {GRAVITY}, 3 DESC, 1",
        list(values),
    ).fetchall()
    title = {"en": "Exceptions by reason", "fr": "Anomalies par motif"}[language]
    columns = [
        column("reason", language),
        column("severity", language),
        Column("count", {"en": "Count", "fr": "Nombre"}[language]),
        Column("oldest_days", {"en": "Oldest (d)", "fr": "Plus ancienne (j)"}[language]),
    ]
    return Listing(title, columns, rows)


def _listed(rows: Sequence[Sequence[Value]], count: int, remark: str, language: Language) -> Listing:
    title = {"en": f"{count:,} exceptions", "fr": f"{count:,} anomalies".replace(",", "\u202f")}[language]
    if len(rows) < count:
        shown = {
            "en": f"The first {len(rows)} of {count:,}. --limit shows more, --reason, --severity, --account, "
            "--min-amount and --older-than choose, --format csv gives all.",
            "fr": f"Les {len(rows)} premières sur {count:,}. --limit en montre plus, --reason, --severity, --account, "
            "--min-amount et --older-than choisissent, --format csv donne tout.",
        }[language]
        remark = f"{remark} {shown}".strip()
    columns = [column(name, language, is_hidden=name in HIDDEN) for name in COLUMNS]
    columns[-1] = replace(columns[-1], shown_characters=SHORT_ID)
    return Listing(title, columns, rows, remark)


@contextmanager
def _source(home: Home, language: Language) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection in which ``fct_reconciliation_exceptions`` are those to be shown, and what is to be said of them."""
    run = last_run(home)
    if run is None or run.outcome != "blocked":
        with published(home) as connection:
            yield connection, ""
        return
    content = json.loads((home.reports / run.run_id / "results.json").read_text(encoding="utf-8"))
    with duckdb.connect() as connection:
        connection.register("kept", _kept(content["exceptions"]))
        connection.execute("CREATE VIEW fct_reconciliation_exceptions AS FROM kept")
        kept, count = len(content["exceptions"]), content["exception_count"]
        remark = {
            "en": f"Of run {run.run_id}, which was blocked: {run.reasons[0]}.",
            "fr": f"Du passage {run.run_id}, qui a été bloqué : {run.reasons[0]}.",
        }[language]
        if kept < count:
            remark += {
                "en": f" Of its {count:,} exceptions the worst {kept:,} are kept.",
                "fr": f" De ses {count} anomalies, les {kept} plus graves sont gardées.",
            }[language]
        yield connection, remark


def _kept(found: Sequence[dict[str, object]]) -> pa.Table:
    """Exceptions of ``results.json``, whose amounts and dates are texts."""
    texts = pa.schema([(name, pa.string()) for name in KEPT.names])
    rows = [{name: None if row.get(name) is None else str(row[name]) for name in KEPT.names} for row in found]
    return pa.Table.from_pylist(rows, schema=texts).cast(KEPT)
