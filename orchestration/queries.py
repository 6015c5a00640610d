"""What the command line answers from the published marts and the reports of runs. Reads only."""

import difflib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

import duckdb

from home import lock
from home.layout import Home
from orchestration.errors import NothingHeldError, NothingPublishedError, UnknownThirdPartyError
from orchestration.listing import Column, Language, Listing, Value
from orchestration.publish import current_release
from orchestration.run import fault_notice
from orchestration.wording import column

SHOWN_TOTALS: Final = 5
"""Control totals that disagree and are named by ``status``; the report has all of them."""

SHORTEST_HASH: Final = 8
"""A name with fewer characters is not taken for the start of a hash."""


@dataclass(frozen=True)
class LastRun:
    """The newest run that left a report. ``outcome`` is that of ``run.json``, or running, or interrupted."""

    run_id: str
    outcome: str
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What could not be looked at in the inbox, one sentence each."""


@contextmanager
def published(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published marts, to read. Raises NothingPublishedError."""
    if not home.published_database.exists():
        raise NothingPublishedError(f"{home.root}: nothing is published yet; run encours refresh first.")
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("USE marts")
        yield connection


def last_run(home: Home) -> LastRun | None:
    """How the newest run went, or None when there was none."""
    folders = sorted(folder for folder in home.reports.glob("*Z-*") if folder.is_dir())
    if not folders:
        return None
    folder = folders[-1]
    try:
        content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return LastRun(folder.name, "running" if lock.holder(home) else "interrupted")
    reasons = content["blocking"] or ([content["reason"]] if content["reason"] else [])
    return LastRun(folder.name, content["outcome"], tuple(reasons), tuple(content.get("notes", ())))


def status(home: Home) -> Listing:
    """What is in force, how the last run went, and what needs attention, as facts with their values."""
    release = current_release(home)
    run = last_run(home)
    rows: list[tuple[Value, ...]] = []
    if run:
        rows += [("last run", run.run_id), ("outcome", run.outcome)]
        rows += [("reason", reason) for reason in run.reasons]
        if run.outcome == "blocked":
            rows += [("remedy", fault_notice(home.reports / run.run_id))]
        rows += [("left out", note) for note in run.notes]
        rows += [("report", str(home.reports / run.run_id / "report.html"))]
    if release is None:
        rows += [("marts", "nothing is published yet")]
        return Listing(f"{home.root}", _plain_columns("fact", "value"), rows)
    rows += [
        ("marts of run", release.run_id),
        ("as of", release.as_of_date),
        ("known at", release.known_at_date),
        ("verified", release.is_verified),
    ]
    with published(home) as connection:
        rows += [
            (f"files {state}", count)
            for state, count in connection.execute(
                "SELECT status, count(*) FROM fct_source_files GROUP BY status ORDER BY status"
            ).fetchall()
        ]
        quarantined = connection.execute("SELECT coalesce(sum(rows_quarantined), 0) FROM fct_source_files")
        rows += [("rows in quarantine", int(_single(quarantined)))]
        failed = connection.execute(
            "SELECT control_name, concat_ws(' ', company_id, subject), expected, actual FROM fct_control_totals "
            "WHERE run_id = ? AND NOT passed ORDER BY is_blocking DESC, 1, 2",
            [release.run_id],
        ).fetchall()
        rows += [("control totals that disagree", len(failed))]
        rows += [
            ("disagrees", f"{control} of {subject}: expected {expected:,.2f}, found {actual:,.2f}")
            for control, subject, expected, actual in failed[:SHOWN_TOTALS]
        ]
        rows += [
            (f"exceptions, {severity}", count)
            for severity, count in connection.execute(
                "SELECT severity, count(*) FROM fct_reconciliation_exceptions GROUP BY ALL ORDER BY ALL"
            ).fetchall()
        ]
    rows += [("database", str(home.published_database)), ("parquet", str(home.published_parquet))]
    return Listing(f"{home.root}", _plain_columns("fact", "value"), rows)


def aged_balance(home: Home, language: Language) -> Listing:
    """One row per third party with what it owes, or is owed, in each age band."""
    with published(home) as connection:
        buckets = connection.execute(
            f"SELECT ageing_bucket_code, label_{language}, ageing_bucket_code LIKE 'not_due%' "
            "FROM dim_ageing_buckets ORDER BY bucket_order"
        ).fetchall()
        names = [
            "company_id",
            "ledger_side",
            "third_party_code",
            "name",
            "total_amount",
            "overdue_amount",
        ]
        rows = connection.execute(
            f"SELECT {', '.join([*names, *(code for code, _, _ in buckets)])} FROM mart_aged_balance "
            "ORDER BY company_id, ledger_side DESC, total_amount DESC, third_party_code"
        ).fetchall()
        as_of = _single(connection.execute("SELECT as_of_date FROM dim_runs WHERE is_current"))
    columns = [column(name, language) for name in names]
    # What is not due is what the total leaves beside the other columns.
    columns += [Column(code, label, is_detail=is_not_due) for code, label, is_not_due in buckets]
    title = {"en": f"Aged balance as of {as_of}", "fr": f"Balance âgée au {as_of}"}[language]
    return Listing(title, columns, rows)


def statement(home: Home, customer: str, language: Language) -> Listing:
    """The open items of one third party, oldest first.

    ``customer`` is a code, an id (company/kind/code) or a part of a name. Raises UnknownThirdPartyError when none or
    several answer to it.
    """
    with published(home) as connection:
        third_party_id, name = third_party(connection, customer)
        names = [
            "company_id",
            "ledger_side",
            "document_ref",
            "item_type",
            "document_date",
            "due_date",
            "original_amount",
            "open_amount",
            "days_past_due",
            "ageing_bucket_code",
            "currency_code",
            "item_id",
        ]
        rows = connection.execute(
            f"SELECT {', '.join(names)} FROM fct_open_items WHERE third_party_id = ? "
            "ORDER BY due_date NULLS LAST, document_date, document_ref, item_id",
            [third_party_id],
        ).fetchall()
        as_of = _single(connection.execute("SELECT as_of_date FROM dim_runs WHERE is_current"))
    hidden = {"company_id", "ledger_side", "ageing_bucket_code", "currency_code", "item_id"}
    title = {"en": f"{name}: open items as of {as_of}", "fr": f"{name} : pièces ouvertes au {as_of}"}[
        language
    ]
    return Listing(title, [column(name, language, is_hidden=name in hidden) for name in names], rows)


def held_file(home: Home, file: str) -> str:
    """The path under ``inbox/`` of the one held file that ``file`` names: a path, a bare name, the start of a hash.

    Raises NothingHeldError when no held file answers to it, or several do, and NothingPublishedError.
    """
    with published(home) as connection:
        rows = connection.execute(
            "SELECT source_file, sha256, status FROM fct_source_files ORDER BY source_file, status"
        ).fetchall()
    wanted = file.removeprefix("inbox/")
    found = (
        [row for row in rows if row[0] == wanted]
        or [row for row in rows if PurePosixPath(row[0]).name == wanted]
        or [row for row in rows if len(wanted) >= SHORTEST_HASH and row[1].startswith(wanted.lower())]
    )
    held = sorted({path for path, _, state in found if state == "held"})
    if len(held) == 1:
        return str(held[0])
    if held:
        raise NothingHeldError(f"{file} may be {' or '.join(held)}: name it by its path under inbox/.")
    if found:
        path, _, state = found[-1]
        raise NothingHeldError(f"{path} is not held, it is {state}: there is nothing to accept.")
    waiting = [path for path, _, state in rows if state == "held"]
    known = f"held are {', '.join(waiting)}" if waiting else "no file is held"
    raise NothingHeldError(f"no file {file} was read by the last refresh; {known}.")


def third_party(connection: duckdb.DuckDBPyConnection, wanted: str) -> tuple[str, str]:
    """Id and name of the one third party that ``wanted`` names. Raises UnknownThirdPartyError."""
    rows = connection.execute(
        "SELECT third_party_id, third_party_code, coalesce(name, third_party_code) FROM dim_third_parties ORDER BY ALL"
    ).fetchall()
    low = wanted.casefold()
    found = (
        [row for row in rows if row[0] == wanted]
        or [row for row in rows if row[1].casefold() == low]
        or [row for row in rows if row[2].casefold() == low]
        or [row for row in rows if low in row[2].casefold()]
    )
    if len(found) == 1:
        return found[0][0], found[0][2]
    if found:
        some = ", ".join(row[0] for row in found[:5])
        raise UnknownThirdPartyError(
            f"{len(found)} third parties answer to {wanted}; name one by its id: {some}."
        )
    known = [text for row in rows for text in row[1:]]
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    raise UnknownThirdPartyError(
        f"no third party answers to {wanted}; "
        + (f"near it: {', '.join(near)}." if near else "name one by its code.")
    )


def _plain_columns(*names: str) -> list[Column]:
    return [Column(name, name.capitalize()) for name in names]


def dicts(relation: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows by the names of their columns."""
    names = [column[0] for column in relation.description or ()]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def _single(relation: duckdb.DuckDBPyConnection) -> Any:
    row = relation.fetchone()
    return row[0] if row else None
