"""The report of a run, for people (``report.html``) and for programs (``results.json``).

Everything it shows is given; it reads no data and decides nothing. The page is one file without scripts or
external resources, and every value in it is escaped: names and labels come from untrusted files.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from home.tables import RunContext
from quality.results import CheckResult
from quality.suites import load_suites

ROWS_SHOWN: Final = 200
"""Rows of one table of the page; ``results.json`` holds them all."""

SEVERITIES: Final = ("error", "warning")
"""The gravest first."""


def write_report(
    folder: Path,
    *,
    context: RunContext,
    results: Sequence[CheckResult],
    control_totals: Iterable[Mapping[str, Any]],
    exceptions: Iterable[Mapping[str, Any]],
    is_published: bool,
) -> Path:
    """Write ``report.html`` and ``results.json`` into ``folder``, made if absent; return the page's path.

    ``control_totals`` and ``exceptions`` are rows with the columns of ``fct_control_totals`` and
    ``fct_reconciliation_exceptions``; of the control totals the failed ones are shown, of all rows
    ``results.json`` keeps every one. ``is_published`` is false when a blocking control kept the old marts.
    Each file is written aside and renamed, so that a reader never sees half of it.
    """
    totals = [dict(row) for row in control_totals]
    found = [dict(row) for row in exceptions]
    folder.mkdir(parents=True, exist_ok=True)
    _write_whole(folder / "results.json", _as_json(context, results, totals, found, is_published))
    page = folder / "report.html"
    _write_whole(page, _as_html(context, results, totals, found, is_published))
    return page


def _write_whole(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _as_json(
    context: RunContext,
    results: Sequence[CheckResult],
    totals: list[dict[str, Any]],
    found: list[dict[str, Any]],
    is_published: bool,
) -> str:
    document = {
        **asdict(context),
        "is_published": is_published,
        "checks": [
            asdict(result)
            | {
                "is_evaluated": result.is_evaluated,
                "failing_rows": [row._asdict() for row in result.failing_rows],
            }
            for result in results
        ],
        "control_totals": totals,
        "exceptions": found,
    }
    return json.dumps(document, indent=1, ensure_ascii=False, default=_json_value) + "\n"


def _json_value(value: object) -> str:
    """Dates in ISO form; amounts as text, because a JSON number is read as binary floating point."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written to results.json")


def _as_html(
    context: RunContext,
    results: Sequence[CheckResult],
    totals: list[dict[str, Any]],
    found: list[dict[str, Any]],
    is_published: bool,
) -> str:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["amount"] = amount_text
    failed = sorted(
        (result for result in results if not result.passed and result.is_evaluated),
        key=lambda result: SEVERITIES.index(result.severity),
    )
    template = files("quality").joinpath("report_page.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        context=context,
        started_at=context.started_at.astimezone(UTC),
        is_published=is_published,
        failed=failed,
        not_evaluated=[result for result in results if not result.is_evaluated],
        checked=_checked_by_file(results),
        check_count=len(results),
        error_count=sum(result.severity == "error" for result in failed),
        warning_count=sum(result.severity == "warning" for result in failed),
        totals_count=len(totals),
        failed_totals=sorted(
            (row for row in totals if not row["passed"]), key=lambda row: not row["is_blocking"]
        ),
        exceptions=sorted(found, key=lambda row: row["severity"] != "error"),
        exception_counts=_counts(row["reason_code"] for row in found),
        reasons={(suite.name, claim.name): claim.reason for suite in load_suites() for claim in suite.claims},
        rows_shown=ROWS_SHOWN,
    )


def amount_text(value: Decimal | int | None) -> str:
    """``1,234.50``: thousands apart, two decimals, more only where they are not zero; empty for null."""
    if value is None:
        return ""
    text = f"{Decimal(value):,f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def _checked_by_file(results: Sequence[CheckResult]) -> list[dict[str, Any]]:
    """Per file and suite: how many rows were checked against how many claims, and how many claims broke."""

    def place(result: CheckResult) -> tuple[str, str]:
        return result.source_file or "", result.suite

    of_files = sorted((result for result in results if result.source_file is not None), key=place)
    checked = []
    for (source_file, suite), group in groupby(of_files, key=place):
        claims = list(group)
        checked.append(
            {
                "source_file": source_file,
                "suite": suite,
                "row_count": max(result.checked_count for result in claims),
                "claim_count": len(claims),
                "failed_count": sum(not result.passed for result in claims),
            }
        )
    return checked


def _counts(values: Iterable[str]) -> list[tuple[str, int]]:
    """How often each value comes, the most frequent first."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
