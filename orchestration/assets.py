"""The assets: what landed, the dbt models, and the published marts. One step each, all in one process."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from decisions.tables import DECISION_TABLES
from home.tables import HISTORY, SETTINGS
from ingestion.schemas import LANDED_TABLES
from orchestration import stages
from orchestration.checks import landed_check_results, landed_check_specs
from orchestration.dbt_runner import Dbt
from orchestration.run import Run

LANDED: Final = {
    "ledger_lines": "Ledger lines, as exported.",
    "bank_statements": "Bank statements with their balances.",
    "bank_transactions": "Booked bank entries, or the details of batches.",
    "third_parties": "Customers and suppliers.",
    "invoices": "Documents and their instalments.",
    "e_invoices": "Electronic invoices, one row per document.",
    "disputes": "Documents that customers contest.",
    "promises": "Promises to pay.",
    "dunning_events": "Reminders sent.",
    "fx_rates": "Exchange rates.",
    "decisions": "What reviewers decided about matches and payers.",
    "quarantined_rows": "Rows that could not be read, with reason and remedy.",
    "source_files": "Every file ever seen under the inbox.",
}
PUBLISHED_MARTS: Final = dg.AssetKey("published_marts")
FRESHNESS: Final = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=36), warn_window=timedelta(hours=26)
)
"""The refresh is daily: two hours late is worth a look, half a day late means that one was missed."""


def landed_assets() -> dg.AssetsDefinition:
    """One asset per landed table, with the claims about it as checks."""

    @dg.multi_asset(
        name="landing",
        specs=[
            dg.AssetSpec(
                ["landing", table], group_name="landing", kinds={"parquet"}, description=LANDED[table]
            )
            for table in LANDED_TABLES
        ]
        + [
            dg.AssetSpec(
                ["quality", "results"],
                group_name="landing",
                kinds={"duckdb"},
                description="What each expectation found in each landed file.",
            )
        ],
        check_specs=landed_check_specs(),
        required_resource_keys={"run"},
    )
    def landing(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        run: Run = context.resources.run
        stages.land(run)
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key)
        yield from landed_check_results(run.quality)

    return landing


def sources_of_the_home() -> list[dg.AssetSpec]:
    """What the models read beside the landed tables: settings and dates, and what earlier runs left."""
    configured = [["settings", table] for table in SETTINGS]
    configured += [["run", "context"], ["run", "working_days"]]
    configured += [["decisions", table] for table in DECISION_TABLES]
    return [
        *(
            dg.AssetSpec(
                key, group_name="configuration", description="What encours.toml and the run's dates say."
            )
            for key in configured
        ),
        dg.AssetSpec(["dunning", "sent"], group_name="history", description="Reminders sent from this home."),
        *(
            dg.AssetSpec(
                ["history", mart], group_name="history", description=f"What published runs left of {mart}."
            )
            for mart in HISTORY
        ),
    ]


class Translator(DagsterDbtTranslator):  # type: ignore[misc]
    """Groups follow the folders of the dbt project. Tests are summed up per model in ``checks``."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The model's schema: staging, intermediate or marts."""
        return str(dbt_resource_props["schema"])


def model_assets(dbt: Dbt) -> dg.AssetsDefinition:
    """One asset per seed and model of the dbt project."""

    @dbt_assets(  # type: ignore[untyped-decorator]
        manifest=dbt.manifest,
        name="models",
        # Two hundred tests as checks of their own would cost seconds in events.
        exclude="resource_type:test resource_type:unit_test",
        dagster_dbt_translator=Translator(),
        required_resource_keys={"run"},
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        for result in stages.build(context.resources.run, dbt):
            yield dg.MaterializeResult(
                asset_key=[result.schema, result.name], metadata={"seconds": result.seconds}
            )

    definition: dg.AssetsDefinition = models
    return definition


def published_marts(marts: list[dg.AssetKey], dbt: Dbt) -> dg.AssetsDefinition:
    """The asset that people read: made when the verdict on the marts lets it."""

    @dg.asset(
        key=PUBLISHED_MARTS,
        deps=marts,
        group_name="published",
        kinds={"duckdb", "parquet"},
        freshness_policy=FRESHNESS,
        description="What BI tools read: marts/encours_marts.duckdb and marts/parquet, replaced in one step.",
        required_resource_keys={"run"},
    )
    def publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        run: Run = context.resources.run
        release = stages.release(run, dbt)
        return dg.MaterializeResult(
            metadata={
                "run_id": release.run_id,
                "as_of_date": release.as_of_date.isoformat(),
                "known_at_date": release.known_at_date.isoformat(),
                "is_verified": release.is_verified,
                "database": dg.MetadataValue.path(run.home.published_database),
                "parquet": dg.MetadataValue.path(run.home.published_parquet),
            }
        )

    return publish
