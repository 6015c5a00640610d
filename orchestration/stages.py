"""The four stages of a refresh, in order, without Dagster: land, build, verify, publish.

Each takes the run and does one thing to the home; what a stage leaves for the next is in the working database.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from dunning.log import sent_table
from ingestion.intake import FileProgress, take_in
from orchestration import history
from orchestration.dbt_runner import Dbt, NodeResult
from orchestration.decided import APPLIED, decided
from orchestration.errors import BlockedError, NotPublishedError
from orchestration.exceptions import GRAVITY, SORTED
from orchestration.publish import Release, current_release, descriptions_of, publish
from orchestration.run import BLOCKING, Run
from orchestration.targets import deliver, has_targets
from orchestration.warehouse import connect, prepare, store_quality_results
from quality.report import write_report
from quality.results import CheckResult, results_table

EXCEPTIONS_KEPT: Final = 1_000
"""Exceptions in a run's ``results.json``, the worst: a ledger without statements has one for each bank line."""


@dataclass(frozen=True)
class Verdict:
    """What the checks on the marts say, one sentence per thing that fails."""

    blocking: tuple[str, ...]
    """Our own arithmetic: blocking control totals and failing tests."""
    disagreeing: tuple[str, ...]
    """Every control total that does not agree, blocking or not."""
    tests: tuple[NodeResult, ...]

    @property
    def is_verified(self) -> bool:
        """Whether nothing that blocks has failed."""
        return not self.blocking


def land(run: Run) -> None:
    """Take in what is new in the inbox, make the working database, and check what has landed."""
    with run.stage("Reading files"):
        intake = take_in(
            run.home,
            run.settings,
            seen_at=run.context.started_at,
            on_progress=lambda file: _tell(run, file),
        )
        if any(note not in run.notes for note in intake.notes):
            # A file changed on the way: what is published must not pass for made from the inbox as it was found.
            run.inputs = ""
        told = decided(run.home, run.settings, until=run.decisions_until)
        run.write_report(APPLIED, told.report)
        run.notes = intake.notes
        release = current_release(run.home)
        history.settle(run.home, release.run_id if release else None)
        prepare(
            run.home,
            run.settings,
            run.context,
            intake.source_files,
            history.published_runs(run.home),
            told.in_force,
            sent_table(run.home),
        )
    with run.stage("Checking what landed"):
        # With it come pandas and, where no other process has it ready, Great Expectations: seconds.
        from quality.landed import check_landed

        run.quality = _checked(run, check_landed)


def _checked(run: Run, check: Callable[..., list[CheckResult]]) -> list[CheckResult]:
    """What the suites of ``check`` find in the working database, which keeps it for ``fct_quality_results``."""
    from quality.expectations import validate

    judge = run.validator.validate if run.validator else validate
    with connect(run.home) as connection:
        found = check(connection, run.context.run_id, judge=judge)
        store_quality_results(connection, results_table(found))
    return found


def _tell(run: Run, file: FileProgress) -> None:
    if file.status == "reading":
        run.progress.step(f"{file.position}/{file.count} {file.source_file}")


def build(run: Run, dbt: Dbt) -> list[NodeResult]:
    """Build every model in the working database."""
    with run.stage("Building models"):
        return dbt.run_models(run.report_folder, run.progress.step)


def verify(run: Run, dbt: Dbt) -> Verdict:
    """Run the suites and the tests on the marts, read the control totals, and leave what was found in the reports."""
    with run.stage("Checking the marts"):
        from quality.built import check_built

        run.quality = [*run.quality, *_checked(run, check_built)]
        tests = dbt.run_tests(run.report_folder, run.progress.step)
        with connect(run.home, read_only=True) as connection:
            totals = connection.execute(
                """
                SELECT control_name, concat_ws(' ', company_id, subject), expected, actual, is_blocking
                FROM marts.fct_control_totals
                WHERE run_id = ? AND NOT passed ORDER BY control_name, company_id, subject
                """,
                [run.context.run_id],
            ).fetchall()
        disagreeing = {
            f"{control} of {subject}: expected {expected}, found {actual}": is_blocking
            for control, subject, expected, actual, is_blocking in totals
        }
        blocking = [sentence for sentence, is_blocking in disagreeing.items() if is_blocking]
        blocking += [test.complaint for test in tests if test.is_failed]
        run.write_report(BLOCKING, blocking)
        verdict = Verdict(tuple(blocking), tuple(disagreeing), tuple(tests))
        _write_findings(run, blocking, is_published=may_publish(run, verdict))
    return verdict


def may_publish(run: Run, verdict: Verdict) -> bool:
    """Whether the run's marts replace those in force: when verified, or when there are none to keep."""
    return verdict.is_verified or current_release(run.home) is None


def release(run: Run, dbt: Dbt) -> Release:
    """Publish the run's marts, marked as verified or not as ``verify`` found them.

    Raises BlockedError when the working database holds no marts that this run has built and may publish, and
    TargetError when they are published in the home, and a server did not get them.
    """
    with run.stage("Publishing"):
        findings = run.report_folder / BLOCKING
        if not findings.exists():
            raise BlockedError(
                f"{run.home.root}: run {run.context.run_id} has checked no marts; refresh all of it."
            )
        blocking = json.loads(findings.read_text(encoding="utf-8"))
        if blocking and current_release(run.home):
            raise BlockedError(f"{run.home.root}: {blocking[0]}; the marts in force stay.")
        try:
            published = publish(
                run.home,
                run.context,
                inputs=run.inputs,
                is_verified=not blocking,
                descriptions=descriptions_of(dbt.manifest),
            )
        except NotPublishedError as error:
            run.write_report(BLOCKING, [*blocking, str(error)])
            _write_findings(run, run.blocking, is_published=False)
            raise
    if has_targets(run.settings):
        with run.stage("Publishing to PostgreSQL"):
            deliver(run.home, run.settings, published, run.progress.step)
    return published


def _write_findings(run: Run, blocking: Sequence[str], *, is_published: bool) -> None:
    """The report for people and ``results.json``, of a run whether it publishes or not."""
    with connect(run.home, read_only=True) as connection:
        write_report(
            run.report_folder,
            context=run.context,
            results=run.quality,
            control_totals=_rows(
                connection,
                "SELECT * FROM marts.fct_control_totals WHERE run_id = ? "
                "ORDER BY control_name, company_id, subject",
                [run.context.run_id],
            ),
            exceptions=_rows(
                connection,
                f"SELECT * FROM marts.fct_reconciliation_exceptions ORDER BY {SORTED['severity']} LIMIT ?",
                [EXCEPTIONS_KEPT],
            ),
            exception_counts=_rows(
                connection,
                "FROM (SELECT reason_code, reason_fr, reason_en, severity, count(*) AS exception_count "
                f"FROM marts.fct_reconciliation_exceptions GROUP BY ALL) ORDER BY {GRAVITY}, 5 DESC, 1",
                [],
            ),
            is_published=is_published,
            blocking=blocking,
            notes=run.notes,
        )


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: list[object]
) -> Iterator[dict[str, object]]:
    found = connection.execute(query, values)
    names = [column[0] for column in found.description or ()]
    for row in found.fetchall():
        yield dict(zip(names, row, strict=True))
