"""The runner on what came out: every suite about the marts, on the rows of the run.

A suite here (``suites/built/*.json``) is over the rows of ``subjects/built/<suite>.sql``, each of which is one thing
that somebody answers for: its columns ``subject`` (what it is called) and ``told`` (its figures beside those of the
last run). What the marts say is nobody's fault, so a breach warns and keeps nothing from being published.
"""

from collections.abc import Iterator

import duckdb
import pandas as pd

from quality.expectations import validate
from quality.landed import Validate
from quality.results import CheckResult
from quality.suites import Claim, Suite, load_built_suites

SUBJECT = "subject"


def check_built(
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    suites: tuple[Suite, ...] | None = None,
    *,
    judge: Validate = validate,
) -> list[CheckResult]:
    """What each claim found in each subject of the marts: one result per suite, claim and subject, in that order.

    Reads ``marts.*``, ``run.context`` and ``settings.*``; writes nothing. A suite that has nothing to speak of (no bank
    account, say) gives no result, one whose marts cannot be read a result per claim without subject, which says why.
    """
    found: dict[str, tuple[Suite, pd.DataFrame, int]] = {}
    results: list[CheckResult] = []
    for suite in load_built_suites() if suites is None else suites:
        try:
            frame, count = _rows(connection, suite), _count(connection, suite)
        except duckdb.Error as error:
            cause = str(error).splitlines()[0]
            results += [_not_checked(run_id, suite, claim, cause) for claim in suite.claims]
            continue
        if count or len(frame):
            found[suite.name] = (suite, frame, count)
    if not found:
        return results
    verdicts = judge(
        (suite, frame[[SUBJECT, *_counted(suite)]], count) for suite, frame, count in found.values()
    )
    for suite, frame, count in found.values():
        for claim, verdict in zip(suite.claims, verdicts[suite.name], strict=True):
            if verdict.exception is not None:
                results.append(_not_checked(run_id, suite, claim, verdict.exception))
            elif claim.is_about_table:
                detail = f"{len(frame):,} {suite.unit} were looked at, of {count:,} known."
                results.append(
                    CheckResult(
                        run_id,
                        suite.name,
                        claim.name,
                        None,
                        claim.severity,
                        count,
                        0 if verdict.passed else 1,
                        verdict.passed,
                        detail,
                    )
                )
            else:
                results += _of_subjects(run_id, suite, claim, frame, verdict.failing)
    return results


def _of_subjects(
    run_id: str, suite: Suite, claim: Claim, frame: pd.DataFrame, failing: frozenset[str]
) -> Iterator[CheckResult]:
    for row in frame.to_dict("records"):
        passed = row[SUBJECT] not in failing
        yield CheckResult(
            run_id,
            suite.name,
            claim.name,
            None,
            claim.severity,
            1,
            0 if passed else 1,
            passed,
            row["told"] if passed else f"{row[_what(claim)]}; {row['told']}",
            subject=row[SUBJECT],
        )


def _not_checked(run_id: str, suite: Suite, claim: Claim, cause: str) -> CheckResult:
    detail = f"Could not be checked: {cause}"
    return CheckResult(run_id, suite.name, claim.name, None, claim.severity, 0, None, False, detail)


def _counted(suite: Suite) -> list[str]:
    return [claim.name for claim in suite.claims if claim.fails_when is not None]


def _what(claim: Claim) -> str:
    return f"{claim.name}__what"


def _rows(connection: duckdb.DuckDBPyConnection, suite: Suite) -> pd.DataFrame:
    """A row per subject: its name, its figures in words, and per claim 1 or 0 and what is wrong."""
    claims = "".join(
        f",\n case when {claim.fails_when} then 1 else 0 end as {claim.name}"
        f",\n case when {claim.fails_when} then {claim.what} end as {_what(claim)}"
        for claim in suite.claims
        if claim.fails_when is not None
    )
    frame: pd.DataFrame = connection.execute(
        f"with subjects as ({suite.subject}) select subject, told{claims} from subjects order by subject"
    ).df()
    return frame


def _count(connection: duckdb.DuckDBPyConnection, suite: Suite) -> int:
    assert suite.count is not None
    row = connection.execute(suite.count).fetchone()
    return int(row[0]) if row else 0
