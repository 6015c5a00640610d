"""What the suites find is told in Dagster on the asset that it is about, and the marts never block themselves."""

import dagster as dg

from orchestration.checks import built_check_results, built_check_specs, landed_check_specs
from quality.results import CheckResult

STATUS = dg.AssetKey(["marts", "fct_reconciliation_status"])


def result(claim: str, subject: str | None, *, passed: bool, detail: str) -> CheckResult:
    return CheckResult(
        "run-1",
        "reconciliation_status",
        claim,
        None,
        "warning",
        1,
        0 if passed else 1,
        passed,
        detail,
        (),
        subject,
    )


def test_a_breach_warns_on_the_mart_with_the_figures_of_each_account() -> None:
    claim = "oldest_line_is_within_threshold"
    found = [
        result(claim, "acme/FR1", passed=False, detail="a line is 46 days old; at the last run 44 days."),
        result(claim, "acme/FR2", passed=True, detail="0 of 12 lines unreconciled; no run before."),
    ]
    checks = {check.check_name: check for check in built_check_results(found)}
    broken = checks[f"reconciliation_status__{claim}"]
    assert (broken.asset_key, broken.passed, broken.severity) == (STATUS, False, dg.AssetCheckSeverity.WARN)
    assert broken.metadata["failed"].value == 1
    assert broken.metadata["checked"].value == 2
    assert broken.metadata["detail"].value == "- a line is 46 days old; at the last run 44 days."
    assert broken.metadata["told"].value == (
        "- acme/FR1: a line is 46 days old; at the last run 44 days.\n"
        "- acme/FR2: 0 of 12 lines unreconciled; no run before."
    )
    others = [check for name, check in checks.items() if check is not broken]
    assert others
    assert all(check.passed for check in others)


def test_every_claim_about_the_marts_is_a_check_that_does_not_block() -> None:
    specs = built_check_specs()
    assert {spec.name for spec in specs} == {check.check_name for check in built_check_results([])}
    assert {spec.asset_key for spec in specs} == {STATUS}
    assert [spec.name for spec in specs if spec.blocking or not spec.description] == []
    assert {spec.key for spec in specs}.isdisjoint(spec.key for spec in landed_check_specs())
