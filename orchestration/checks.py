"""Asset checks: the claims about what landed, and the verdict on the marts that gates their publication."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import dagster as dg

from orchestration import stages
from orchestration.dbt_runner import Dbt, NodeResult
from orchestration.run import Run
from quality.results import CheckResult
from quality.suites import Claim, Suite, load_built_suites, load_suites

CONTROL_TOTALS: Final = dg.AssetKey(["marts", "fct_control_totals"])
VERDICT: Final = "our_arithmetic_holds"
"""The one check that gates publication: blocking control totals, and tests on the models."""

AGREEMENT: Final = "control_totals_agree"
TESTS: Final = "keys_and_identities_hold"
ROWS_SHOWN: Final = 20


def landed_check_specs() -> list[dg.AssetCheckSpec]:
    """One check per claim of the quality suites, on the landed table that it is about."""
    return _claim_specs("landing", load_suites())


def landed_check_results(results: Iterable[CheckResult]) -> Iterator[dg.AssetCheckResult]:
    """One result per claim, over all files, with file and line of the first rows that break it."""
    return _claim_results("landing", load_suites(), results)


def built_check_specs() -> list[dg.AssetCheckSpec]:
    """One check per claim about what came out, on the mart that it is about."""
    return _claim_specs("marts", load_built_suites())


def built_check_results(results: Iterable[CheckResult]) -> Iterator[dg.AssetCheckResult]:
    """One result per claim, over all subjects, with the figures of each beside those of the last run."""
    return _claim_results("marts", load_built_suites(), results)


def _claim_specs(schema: str, suites: Iterable[Suite]) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(_check_name(suite, claim), asset=[schema, suite.table], description=claim.reason)
        for suite in suites
        for claim in suite.claims
    ]


def _claim_results(
    schema: str, suites: Iterable[Suite], results: Iterable[CheckResult]
) -> Iterator[dg.AssetCheckResult]:
    by_claim: dict[tuple[str, str], list[CheckResult]] = defaultdict(list)
    for result in results:
        by_claim[result.suite, result.expectation].append(result)
    for suite in suites:
        for claim in suite.claims:
            found = by_claim[suite.name, claim.name]
            broken = [result for result in found if not result.passed]
            yield dg.AssetCheckResult(
                asset_key=[schema, suite.table],
                check_name=_check_name(suite, claim),
                passed=not broken,
                severity=_severity(claim.severity == "error"),
                metadata=_failing_rows(broken)
                | _told(found)
                | {"checked": sum(result.checked_count for result in found)},
            )


def mart_checks(dbt: Dbt) -> dg.AssetChecksDefinition:
    """The checks on the marts, in one step: the verdict, the control totals, the claims, and the tests of each mart."""
    tested = tested_marts(dbt.manifest)

    @dg.multi_asset_check(
        name="mart_checks",
        required_resource_keys={"run"},
        specs=[
            dg.AssetCheckSpec(
                VERDICT,
                asset=CONTROL_TOTALS,
                blocking=True,
                description="Every blocking control total agrees and no test on the models fails.",
            ),
            dg.AssetCheckSpec(
                AGREEMENT, asset=CONTROL_TOTALS, description="Every control total of the run agrees."
            ),
            *built_check_specs(),
            *(
                dg.AssetCheckSpec(TESTS, asset=key, description="Every dbt test on the model passes.")
                for key in tested.values()
            ),
        ],
    )
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        run: Run = context.resources.run
        verdict = stages.verify(run, dbt)
        yield dg.AssetCheckResult(
            asset_key=CONTROL_TOTALS,
            check_name=VERDICT,
            passed=verdict.is_verified,
            # A warning blocks nothing: on a first run there are no marts to keep.
            severity=_severity(not stages.may_publish(run, verdict)),
            metadata={"failing": _list(verdict.blocking)},
        )
        yield dg.AssetCheckResult(
            asset_key=CONTROL_TOTALS,
            check_name=AGREEMENT,
            passed=not verdict.disagreeing,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"failing": _list(verdict.disagreeing)},
        )
        yield from built_check_results(run.quality)
        by_model: dict[str, list[NodeResult]] = defaultdict(list)
        for test in verdict.tests:
            by_model[test.tested_model or ""].append(test)
        for model, key in tested.items():
            broken = [test for test in by_model[model] if test.status not in ("success", "pass")]
            yield dg.AssetCheckResult(
                asset_key=key,
                check_name=TESTS,
                passed=not broken,
                severity=_severity(any(test.is_failed for test in broken)),
                metadata={
                    "tests": len(by_model[model]),
                    "failing": _list([test.complaint for test in broken]),
                },
            )

    return checks


def tested_marts(manifest: Mapping[str, Any]) -> dict[str, dg.AssetKey]:
    """Unique id of each mart that has data tests of its own → its asset key."""
    attached = {
        node.get("attached_node") for node in manifest["nodes"].values() if node["resource_type"] == "test"
    }
    return {
        unique_id: dg.AssetKey([node["schema"], node["name"]])
        for unique_id, node in sorted(manifest["nodes"].items())
        if unique_id in attached and node["schema"] == "marts"
    }


def _check_name(suite: Suite, claim: Claim) -> str:
    return f"{suite.name}__{claim.name}"


def _severity(is_error: bool) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN


def _failing_rows(broken: Sequence[CheckResult]) -> dict[str, Any]:
    if not broken:
        return {}
    rows = [
        dg.TableRecord({"file": row.source_file, "line": row.source_row or 0, "what": row.what})
        for result in broken
        for row in result.failing_rows
    ]
    schema = dg.TableSchema([dg.TableColumn("file"), dg.TableColumn("line", "int"), dg.TableColumn("what")])
    return {
        "failed": sum(result.failed_count or 0 for result in broken),
        "detail": _list([result.detail for result in broken]),
        "failing_rows": dg.MetadataValue.table(rows[:ROWS_SHOWN], schema),
    }


def _told(found: Sequence[CheckResult]) -> dict[str, Any]:
    """What each subject of a mart is like, beside what it was at the last run."""
    told = [f"{result.subject}: {result.detail}" for result in found if result.subject]
    return {"told": _list(told)} if told else {}


def _list(sentences: Sequence[str]) -> dg.MarkdownMetadataValue:
    shown = [f"- {sentence}" for sentence in sentences[:ROWS_SHOWN]]
    if len(sentences) > ROWS_SHOWN:
        shown.append(f"- and {len(sentences) - ROWS_SHOWN} more in the report")
    return dg.MetadataValue.md("\n".join(shown))
