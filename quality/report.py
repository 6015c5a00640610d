"""The report of a run, for people (``report.html``) and for programs (``results.json``).

Everything it shows is given; it reads no data and decides nothing. The page is one file without scripts or
external resources, and every value in it is escaped: names and labels come from untrusted files.
"""

import json
from collections import Counter
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
from quality.suites import load_built_suites, load_suites

ROWS_SHOWN: Final = 200
"""Rows of one table of the page; ``results.json`` holds them all."""

EXCEPTIONS_SHOWN: Final = 50
"""Exceptions that the page shows, the worst: all are in the marts."""


def write_report(
    folder: Path,
    *,
    context: RunContext,
    results: Sequence[CheckResult],
    control_totals: Iterable[Mapping[str, Any]],
    exceptions: Iterable[Mapping[str, Any]],
    exception_counts: Iterable[Mapping[str, Any]],
    is_published: bool,
    blocking: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Path:
    """Write ``report.html`` and ``results.json`` into ``folder``, made if absent; return the page's path.

    ``control_totals`` and ``exceptions`` are rows with the columns of ``fct_control_totals`` and
    ``fct_reconciliation_exceptions``, exceptions the worst first, as many as are to be kept; ``exception_counts`` are
    all of them by reason and severity: reason_code, reason_fr, reason_en, severity, exception_count. ``results.json``
    holds the checks and control totals that failed and the exceptions that were given; the page shows the first 200,
    and the first 50 exceptions. ``is_published`` is false when the old marts were kept;
    ``blocking`` are the sentences that say why they were, or why marts published for want of older ones are
    not verified; ``notes`` say what in the inbox could not be looked at. Each file is written aside and renamed, so
    that a reader never sees half of it.
    """
    totals = [dict(row) for row in control_totals]
    counts = [dict(row) for row in exception_counts]
    findings = {
        **asdict(context),
        "is_published": is_published,
        "blocking": list(blocking),
        "notes": list(notes),
        "check_count": len(results),
        "failed_checks": _gravest_first(result for result in results if not result.passed),
        "checked": _checked_by_place(results),
        "control_total_count": len(totals),
        "failed_control_totals": sorted(
            (row for row in totals if not row["passed"]), key=lambda row: not row["is_blocking"]
        ),
        "exception_count": sum(row["exception_count"] for row in counts),
        "exceptions_by_reason": counts,
        "exceptions": [dict(row) for row in exceptions],
    }
    folder.mkdir(parents=True, exist_ok=True)
    _write_whole(
        folder / "results.json", json.dumps(findings, ensure_ascii=False, default=_json_value) + "\n"
    )
    page = folder / "report.html"
    _write_whole(page, _as_html(findings))
    return page


def _gravest_first(results: Iterable[CheckResult]) -> list[dict[str, Any]]:
    """Results as rows, those that could not be evaluated first, then errors, then warnings."""
    ordered = sorted(results, key=lambda result: (result.is_evaluated, result.severity != "error"))
    return [
        asdict(result)
        | {
            "is_evaluated": result.is_evaluated,
            "failing_rows": [row._asdict() for row in result.failing_rows],
        }
        for result in ordered
    ]


def _write_whole(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _json_value(value: object) -> str:
    """Dates in ISO form; amounts as text, because a JSON number is read as binary floating point."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written to results.json")


def _as_html(findings: dict[str, Any]) -> str:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["amount"] = amount_text
    failed = [result for result in findings["failed_checks"] if result["is_evaluated"]]
    return environment.from_string(
        files("quality").joinpath("report_page.html").read_text(encoding="utf-8")
    ).render(
        findings
        | {
            "started_at": findings["started_at"].astimezone(UTC),
        },
        failed=failed,
        not_evaluated=[result for result in findings["failed_checks"] if not result["is_evaluated"]],
        severity_counts=Counter(result["severity"] for result in failed),
        reasons={
            (suite.name, claim.name): claim.reason
            for suite in (*load_suites(), *load_built_suites())
            for claim in suite.claims
        },
        rows_shown=ROWS_SHOWN,
        exceptions_shown=EXCEPTIONS_SHOWN,
    )


def amount_text(value: Decimal | int | None) -> str:
    """``1,234.50``: thousands apart, two decimals, more only where they are not zero; empty for null."""
    if value is None:
        return ""
    text = f"{Decimal(value):,f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def _checked_by_place(results: Sequence[CheckResult]) -> list[dict[str, Any]]:
    """Per file, or subject of a mart, and suite: how many rows and claims were checked, and how many claims broke."""

    def place(result: CheckResult) -> tuple[str, str]:
        return result.source_file or result.subject or "", result.suite

    of_places = sorted((result for result in results if place(result)[0]), key=place)
    checked = []
    for (name, suite), group in groupby(of_places, key=place):
        claims = list(group)
        checked.append(
            {
                "source_file": name,
                "suite": suite,
                "row_count": max(result.checked_count for result in claims),
                "claim_count": len(claims),
                "failed_count": sum(not result.passed for result in claims),
            }
        )
    return checked
