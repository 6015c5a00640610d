"""The runner: every suite on every file that landed."""

from collections.abc import Callable, Iterable, Iterator

import duckdb

from quality.expectations import Profiled, Verdict, validate
from quality.profile import Profile, failing_rows, landed_file_count, prepare, profile
from quality.results import CheckResult, FailingRow
from quality.suites import Claim, Suite, load_suites

Validate = Callable[[Iterable[Profiled]], dict[str, list[Verdict]]]
"""What judges profiles: ``quality.expectations.validate``, or the same at work in another process."""


def check_landed(
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    suites: tuple[Suite, ...] | None = None,
    *,
    judge: Validate = validate,
) -> list[CheckResult]:
    """What each claim found in each landed file: one result per suite, claim and file, in that order.

    Reads ``landing.*`` and ``run.context``; writes nothing but temporary objects of this connection. A suite
    with no landed file of its kind gives no result. A claim about the table as a whole, and one that could
    not be evaluated (a landed table without a column, say), gives a single result without source file.
    Nothing is raised for what the data holds. ``suites`` are those of the package unless given; ``judge`` gives
    the verdicts on their profiles.
    """
    prepare(connection)
    profiles = [
        (suite, profile(connection, suite), count)
        for suite in (load_suites() if suites is None else suites)
        if (count := landed_file_count(connection, suite))
    ]
    if not profiles:
        return []
    verdicts = judge((suite, found.frame, count) for suite, found, count in profiles)
    return [
        result
        for suite, found, count in profiles
        for claim, verdict in zip(suite.claims, verdicts[suite.name], strict=True)
        for result in _results(connection, run_id, suite, claim, verdict, found, count)
    ]


def _results(
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    suite: Suite,
    claim: Claim,
    verdict: Verdict,
    found: Profile,
    file_count: int,
) -> Iterator[CheckResult]:
    def result(
        source_file: str | None,
        checked: int,
        failed: int | None,
        passed: bool,
        detail: str,
        rows: tuple[FailingRow, ...] = (),
    ) -> CheckResult:
        return CheckResult(
            run_id, suite.name, claim.name, source_file, claim.severity, checked, failed, passed, detail, rows
        )

    if verdict.exception is not None:
        cause = found.errors.get(claim.name, verdict.exception)
        yield result(None, 0, None, False, f"Could not be checked: {cause}")
    elif claim.is_about_table:
        detail = f"{len(found.frame):,} of {file_count:,} landed files were looked at."
        yield result(None, file_count, abs(file_count - len(found.frame)), verdict.passed, detail)
    elif claim.fails_when is None:
        for row in found.frame.to_dict("records"):
            passed = row["source_file"] not in verdict.failing
            detail = ", ".join(f"{column} is {row[column]:,}" for column in claim.profile_columns) + "."
            yield result(row["source_file"], 1, 0 if passed else 1, passed, detail)
    else:
        failing = failing_rows(connection, suite, claim) if found.frame[claim.name].any() else {}
        for row in found.frame.to_dict("records"):
            rows = failing.get(row["source_file"], ())
            yield result(
                row["source_file"],
                row["row_count"],
                row[claim.name],
                row["source_file"] not in verdict.failing,
                _detail(suite, row["row_count"], row[claim.name], rows),
                rows,
            )


def _detail(suite: Suite, checked: int, failed: int, rows: tuple[FailingRow, ...]) -> str:
    if not failed:
        return f"{checked:,} {suite.unit} checked, all right."
    first = rows[0]
    place = (
        "" if first.source_row is None else f", {'first ' if failed > 1 else ''}at line {first.source_row}"
    )
    return f"{failed:,} of {checked:,} {suite.unit} {'fail' if failed > 1 else 'fails'}{place}: {first.what}."
