"""Every data test of the project is shown to fail on a bad row, and to be silent on the small books."""

from dataclasses import dataclass
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunnerResult

SPOILED = {
    "assert_every_content_lands_once": """
        insert into landing.source_files by name
        select * replace ('elsewhere.txt' as source_file) from landing.source_files where source_sha256 = 'bank-1'
    """,
    "assert_one_full_export_is_in_force_per_fiscal_year": """
        update intermediate.int_files__ledger_exports_ranked set export_status = 'in_force'
        where source_file = 'acme/short.txt'
    """,
    "assert_original_is_settled_plus_open": """
        update marts.fct_open_items set settled_amount = settled_amount + 0.01 where document_ref = 'P4'
    """,
    "assert_open_amount_is_original_less_its_settlements": """
        update marts.fct_settlements set effective_date = date '2026-07-01' where letter_code = 'EE'
    """,
    "assert_settlements_never_exceed_their_items": """
        update marts.fct_settlements set amount = 1200.01 where letter_code = 'a'
    """,
    "assert_no_settlement_precedes_its_items": """
        update marts.fct_settlements set effective_date = date '2026-05-14' where letter_code = 'EE'
    """,
    "assert_every_day_number_is_in_one_bucket": """
        update marts.dim_ageing_buckets set from_days = 32 where from_days = 31
    """,
    "assert_every_open_item_is_in_its_bucket": """
        update marts.fct_open_items set ageing_bucket_code = 'overdue_1' where days_past_due = 91
    """,
    "assert_credits_wait_apart": """
        update marts.fct_open_items set ageing_bucket_code = 'overdue_1', status = 'overdue' where open_amount < 0
    """,
    "assert_projected_amount_is_open_less_what_is_matched": """
        update marts.fct_open_items set projected_open_amount = projected_open_amount + 0.01 where document_ref = 'P4'
    """,
    "assert_every_bank_line_is_matched_or_explained_once": """
        delete from marts.fct_reconciliation_exceptions where reason_code = 'before_first_statement'
    """,
    "assert_receipts_settle_at_most_what_was_received": """
        insert into marts.fct_settlements by name
        select bank_transaction_id, amount_base + 0.01 as amount, 'matched' as status
        from marts.fct_bank_transactions where amount_base > 0 limit 1
    """,
    "assert_aged_balance_columns_add_up": """
        update marts.mart_aged_balance set overdue_4 = 0 where third_party_code = 'MARTIN'
    """,
    "assert_snapshots_add_up_to_their_sets": """
        delete from marts.fct_ageing_snapshots where ageing_bucket_code = 'unapplied' and known_at_date = '2026-03-31'
    """,
    "assert_bank_pairs_add_up_to_the_smaller_side": """
        insert into marts.fct_bank_reconciliation select * from marts.fct_bank_reconciliation limit 1
    """,
    "assert_reconciliation_statements_are_their_items": """
        delete from marts.fct_bank_reconciliation_statement_items where category = 'statement_gap'
    """,
    "assert_no_line_is_in_two_matched_groups": """
        insert into marts.fct_bank_match_members select * from marts.fct_bank_match_members limit 1
    """,
    "assert_every_line_of_an_account_is_in_one_state": """
        update marts.fct_reconciliation_status set matched_amount = matched_amount + 0.01 where matched_count > 0
    """,
    "assert_joins_neither_multiply_nor_lose_rows": """
        insert into marts.fct_open_items select * from marts.fct_open_items limit 1
    """,
}
"""Singular test → one statement that makes a mart of the small books wrong."""


@dataclass(frozen=True)
class DataTest:
    name: str
    sql: str
    kind: str | None
    column: str | None
    relation: str | None


def _data_tests(build: dbtRunnerResult) -> dict[str, DataTest]:
    nodes = [result.node for result in build.result.results if result.node.resource_type == "test"]
    relation_of = {
        result.node.unique_id: f"{result.node.schema}.{result.node.name}"
        for result in build.result.results
        if result.node.resource_type != "test"
    }
    return {node.name: _data_test(node, relation_of) for node in nodes}


def _data_test(node: Any, relation_of: dict[str, str]) -> DataTest:
    kind = getattr(getattr(node, "test_metadata", None), "name", None)
    column = getattr(node, "column_name", None)
    if kind in ("unique_together", "primary_key"):
        column = node.test_metadata.kwargs["columns"][0]
    return DataTest(
        node.name, node.compiled_code, kind, column, relation_of.get(getattr(node, "attached_node", None))
    )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"select * from ({sql}\n) limit 5").fetchall()


def _hold(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Make a relation that is a view a table of the same rows, to be made wrong."""
    schema, name = relation.split(".")
    is_view = connection.execute(
        "select 1 from duckdb_views() where schema_name = ? and view_name = ?", [schema, name]
    ).fetchone()
    if is_view:
        connection.execute(f"create temp table held as select * from {relation}")
        connection.execute(f"drop view {relation}")
        connection.execute(f"create table {relation} as select * from held")


def _spoil(connection: duckdb.DuckDBPyConnection, test: DataTest) -> None:
    """Make the tested relation break the claim of a generic test."""
    _hold(connection, str(test.relation))
    known = f"{test.column} is not null"
    match test.kind:
        case "unique" | "unique_together" | "primary_key":
            connection.execute(
                f"insert into {test.relation} select * from {test.relation} where {known} limit 1"
            )
        case "not_null":
            connection.execute(f"update {test.relation} set {test.column} = null")
        case "accepted_values" | "relationships":
            connection.execute(f"update {test.relation} set {test.column} = 'nonsense' where {known}")
        case _:
            raise AssertionError(f"nothing shows that {test.name} can fail")


def test_every_singular_test_is_shown_to_fail(build: dbtRunnerResult) -> None:
    singular = {test.name for test in _data_tests(build).values() if test.kind is None}
    assert singular == set(SPOILED)


@pytest.mark.parametrize("name", SPOILED)
def test_a_singular_test_fails_on_bad_rows(
    build: dbtRunnerResult, marts: duckdb.DuckDBPyConnection, name: str
) -> None:
    test = _data_tests(build)[name]
    assert _rows(marts, test.sql) == []
    marts.execute(SPOILED[name])
    assert _rows(marts, test.sql) != []


@pytest.mark.parametrize("day", [-400, 0, 4000])
def test_a_day_in_two_bands_or_in_none_is_found(
    build: dbtRunnerResult, marts: duckdb.DuckDBPyConnection, day: int
) -> None:
    sql = _data_tests(build)["assert_every_day_number_is_in_one_bucket"].sql
    held = "ageing_bucket_code not in ('unapplied', 'undated') "
    held += f"and {day} between coalesce(from_days, {day}) and coalesce(to_days, {day})"
    marts.execute(f"insert into marts.dim_ageing_buckets select * from marts.dim_ageing_buckets where {held}")
    assert (day, 2) in marts.execute(sql).fetchall()
    marts.execute(f"delete from marts.dim_ageing_buckets where {held}")
    assert (day, 0) in marts.execute(sql).fetchall()


def test_a_key_of_which_a_part_is_missing_is_found(build: dbtRunnerResult, built: Any) -> None:
    keys = [test for test in _data_tests(build).values() if test.kind == "primary_key"]
    with duckdb.connect(built.database) as connection:
        for test in keys:
            connection.execute("BEGIN")
            _hold(connection, str(test.relation))
            connection.execute(
                f"insert into {test.relation} select * replace (null as {test.column}) from {test.relation} limit 1"
            )
            assert _rows(connection, test.sql) != [], test.name
            connection.execute("ROLLBACK")
    assert len(keys) > 20


def test_every_generic_test_fails_on_bad_rows(build: dbtRunnerResult, built: Any) -> None:
    silent = []
    generic = [test for test in _data_tests(build).values() if test.kind is not None]
    with duckdb.connect(built.database) as connection:
        for test in generic:
            connection.execute("BEGIN")
            _spoil(connection, test)
            if not _rows(connection, test.sql):
                silent.append(test.name)
            connection.execute("ROLLBACK")
    assert len(generic) > 60
    assert silent == []
