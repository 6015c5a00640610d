"""Companies of the cases, what they deliver and when, and their marts as a user would read them.

Everything read is text, as a case writes it: ``"700.00"``, ``"2025-02-28"``; what is null is None.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from home.layout import Home
from ingestion.acceptance import accept
from orchestration.refresh import Refreshed, refresh
from orchestration.warehouse import database

Row = dict[str, Any]

COMPANY_MARK = b"{company}"
"""Stands for the company's id in what it delivers: files of two companies are never the same, byte for byte."""


@dataclass(frozen=True)
class Company:
    """A company of a case: the files that it has delivered by each day, by name."""

    company_id: str
    deliveries: Mapping[str, Mapping[str, bytes | None]]
    """Day (ISO) → file name → content, None where the file is taken away. A company that is the same on every day
    delivers on the day ``""``."""
    accepts: Mapping[str, str] = field(default_factory=dict)
    """Day → name of a held file that is let in on that day."""


def company(company_id: str, files: Mapping[str, bytes]) -> Company:
    """A company whose files are all there from the first day."""
    return Company(company_id, {"": files})


def deliver(home: Home, companies: Iterable[Company], day: str, *, hour: int = 12) -> None:
    """Put what the companies deliver on ``day`` into the inbox, dated that hour, and accept what they accept."""
    for one in companies:
        for name, content in one.deliveries.get(day, {}).items():
            path = home.inbox / one.company_id / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.replace(COMPANY_MARK, one.company_id.encode()))
            written_at = datetime.fromisoformat(f"{day or '2025-01-01'}T{hour}:00:00+00:00").timestamp()
            os.utime(path, (written_at, written_at))
        if day in one.accepts:
            accept(home, f"{one.company_id}/{one.accepts[day]}", accepted_at=datetime.now(UTC))


@dataclass(frozen=True)
class Build:
    """One refresh and a copy of the marts that it left."""

    refreshed: Refreshed
    database: Path

    def of(self, company_id: str) -> "Books":
        """The marts of one company."""
        return Books(self.database, company_id)


def build(home: Home, keep_in: Path, *, as_of: str, known_at: str) -> Build:
    """Refresh the home, and keep a copy of the database that it built in the folder ``keep_in``."""
    refreshed = refresh(home, as_of=date.fromisoformat(as_of), known_at=date.fromisoformat(known_at))
    keep_in.mkdir()
    return Build(refreshed, Path(shutil.copy(database(home), keep_in)))


@dataclass(frozen=True)
class Books:
    """One company's marts, as one refresh left them."""

    database: Path
    company_id: str

    def rows(self, query: str, *values: object) -> list[Row]:
        """The rows of a query in the schema ``marts``; ``$company`` in it is the company's id."""
        with duckdb.connect(self.database, read_only=True) as connection:
            connection.execute("USE marts")
            arguments: dict[str, object] = {f"p{n}": value for n, value in enumerate(values, 1)}
            if "$company" in query:
                arguments["company"] = self.company_id
            found = connection.execute(query, arguments)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, map(_text, row), strict=True)) for row in found.fetchall()]

    def open_items(self) -> list[Row]:
        """The rows of ``fct_open_items``, by document and entry date."""
        return self.rows(
            "SELECT * FROM fct_open_items WHERE company_id = $company ORDER BY document_ref, entry_date, due_date"
        )

    def open_amounts(self) -> dict[str, str]:
        """Document → open amount at the as-of date."""
        return _by_document(self.open_items(), "open_amount")

    def items_at(self, as_of: str, *, known_at: str | None = None) -> list[Row]:
        """The open items of ``fct_open_items_history`` at a date, in the latest set known by ``known_at``."""
        return self.rows(
            """
            SELECT items.document_ref, items.entry_date, items.account_code, history.*
            FROM fct_open_items_history history JOIN fct_items items USING (item_id)
            WHERE items.company_id = $company AND history.as_of_date = $p1 AND history.known_at_date = (
                SELECT max(known_at_date) FROM fct_ageing_snapshot_dates
                WHERE as_of_date = $p1 AND known_at_date <= $p2
            )
            ORDER BY items.document_ref, items.entry_date, items.due_date
            """,
            date.fromisoformat(as_of),
            date.fromisoformat(known_at or "9999-12-31"),
        )

    def open_at(self, as_of: str, *, known_at: str | None = None) -> dict[str, str]:
        """Document → open amount at a past date."""
        return _by_document(self.items_at(as_of, known_at=known_at), "open_amount")

    def buckets_at(self, as_of: str, *, known_at: str | None = None) -> dict[str, str]:
        """Bucket → open amount at a past date, from ``fct_ageing_snapshots``."""
        found = self.rows(
            """
            SELECT ageing_bucket_code, sum(open_amount) AS open_amount FROM fct_ageing_snapshots
            WHERE company_id = $company AND as_of_date = $p1 AND known_at_date = (
                SELECT max(known_at_date) FROM fct_ageing_snapshot_dates
                WHERE as_of_date = $p1 AND known_at_date <= $p2
            )
            GROUP BY ageing_bucket_code
            """,
            date.fromisoformat(as_of),
            date.fromisoformat(known_at or "9999-12-31"),
        )
        return {row["ageing_bucket_code"]: row["open_amount"] for row in found}

    def items(self) -> list[Row]:
        """The rows of ``fct_items``, by document and entry date."""
        return self.rows(
            "SELECT * FROM fct_items WHERE company_id = $company ORDER BY document_ref, entry_date, due_date"
        )

    def item(self, document_ref: str) -> Row:
        """The only item of a document."""
        (found,) = [row for row in self.items() if row["document_ref"] == document_ref]
        return found

    def settlements(self) -> list[tuple[str, str, str, str, str]]:
        """What the books say is settled: (debit document, credit document, amount, effective date, kind), in that order
        of columns and rows."""
        found = self.rows(
            """
            SELECT debit_document_ref, credit_document_ref, amount, effective_date, settlement_kind
            FROM fct_settlements WHERE company_id = $company AND status = 'booked'
            """
        )
        return sorted(tuple(row.values()) for row in found)

    def exceptions(self, reason_code: str | None = None) -> list[Row]:
        """The company's exceptions, of one reason or of all."""
        return self.rows(
            """
            SELECT * FROM fct_reconciliation_exceptions
            WHERE company_id = $company AND (reason_code = $p1 OR $p1 IS NULL) ORDER BY reason_code, object_id
            """,
            reason_code,
        )

    def control_totals(self, control_name: str | None = None) -> list[Row]:
        """The company's tie-outs of the last run, of one name or of all."""
        return self.rows(
            """
            SELECT control_name, subject, CAST(expected AS DECIMAL(18, 2)) AS expected,
                CAST(actual AS DECIMAL(18, 2)) AS actual, CAST(difference AS DECIMAL(18, 2)) AS difference,
                passed, is_blocking
            FROM fct_control_totals
            WHERE company_id = $company AND (control_name = $p1 OR $p1 IS NULL)
                AND run_id = (SELECT run_id FROM dim_runs WHERE is_current)
            ORDER BY control_name, subject
            """,
            control_name,
        )

    def failed_controls(self) -> list[Row]:
        """The company's tie-outs of the last run that do not agree."""
        return [row for row in self.control_totals() if not row["passed"]]


def _by_document(rows: list[Row], column: str) -> dict[str, str]:
    documents = [row["document_ref"] for row in rows]
    assert len(documents) == len(set(documents)), f"several items of one document: {documents}"
    return {row["document_ref"]: row[column] for row in rows}


def _text(value: object) -> object:
    return str(value) if isinstance(value, Decimal | date) else value
