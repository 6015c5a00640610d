"""Great Expectations at work on a profile: the only module that imports it, and only when it runs.

The import costs about three seconds, so nothing else here may need it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from quality.suites import Suite


@dataclass(frozen=True)
class Verdict:
    """What Great Expectations says of one expectation of a suite.

    ``failing`` are the source files, or the subjects, whose row of the profile breaks it. ``exception`` says why it
    could not be evaluated (a missing column, say); then neither ``passed`` nor ``failing`` means anything.
    """

    claim: str
    passed: bool
    failing: frozenset[str]
    exception: str | None


Profiled = tuple[Suite, pd.DataFrame, int]
"""A suite, its profile, and how many rows the profile is to have. Its first column names what a row is about."""


def validate(profiles: Iterable[Profiled]) -> dict[str, list[Verdict]]:
    """The verdicts on each suite and its profile, in a fresh ephemeral context.

    By suite name, in the order of the suite's claims (Great Expectations reports exceptions first).
    """
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("profiles")
    verdicts: dict[str, list[Verdict]] = {}
    for suite, frame, count in profiles:
        asset = source.add_dataframe_asset(suite.name)
        batch = asset.add_batch_definition_whole_dataframe("run").get_batch({"dataframe": frame})
        validation = batch.validate(
            gx.ExpectationSuite(name=suite.name, expectations=[claim.expectation for claim in suite.claims]),
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": [frame.columns[0]],
                "return_unexpected_index_query": False,
            },
            expectation_parameters={"landed_file_count": count, "subject_count": count},
        )
        found = [_verdict(result, frame.columns[0]) for result in validation.results]
        by_claim = {verdict.claim: verdict for verdict in found}
        verdicts[suite.name] = [by_claim[claim.name] for claim in suite.claims]
    return verdicts


def _verdict(result: Any, key: str) -> Verdict:
    return Verdict(
        claim=result.expectation_config.meta["claim"],
        passed=bool(result.success),
        failing=frozenset(row[key] for row in result.result.get("unexpected_index_list") or ()),
        exception=_exception(result.exception_info),
    )


def _exception(info: dict[str, Any]) -> str | None:
    """The first exception's message; Great Expectations gives one record, or one per metric."""
    records = [info] if "raised_exception" in info else list(info.values())
    return next(
        (str(record["exception_message"]).strip() for record in records if record["raised_exception"]), None
    )
