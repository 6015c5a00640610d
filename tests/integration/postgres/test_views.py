"""What analysts build on the views goes on working, whatever a new version publishes; and who may read what."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from orchestration.errors import TargetError
from orchestration.postgres import patience, views
from tests.integration.postgres.conftest import Warehouse, marts, snapshots

WIDER = (
    "SELECT * FROM (VALUES ('a', 'acme/customer/1', 'EUR', 1200.00::DECIMAL(18, 2), 'r2'), "
    "('b', 'acme/customer/2', 'USD', -34.50, 'r2')) "
    "AS rows (item_id, third_party_id, currency_code, open_amount, run_id)"
)
NARROWER = (
    "SELECT * FROM (VALUES ('a', 1200.00::DECIMAL(18, 2), 'r2'), ('b', -34.50, 'r2')) "
    "AS rows (item_id, open_amount, run_id)"
)


def execute(warehouse: Warehouse, statement: str) -> None:
    with psycopg.connect(warehouse.url, autocommit=True) as connection:
        connection.execute(statement)


def columns_of(warehouse: Warehouse, view: str) -> list[str]:
    found = warehouse.rows(
        "SELECT column_name FROM information_schema.columns "
        f"WHERE table_schema = 'marts' AND table_name = '{view}' ORDER BY ordinal_position"
    )
    return [name for (name,) in found]


def test_a_new_column_comes_after_those_that_are_there(warehouse: Warehouse) -> None:
    warehouse.publish("r1")
    execute(
        warehouse, "CREATE VIEW public.owed AS SELECT third_party_id, open_amount FROM marts.fct_open_items"
    )
    warehouse.publish("r2", marts("r2") | {"fct_open_items": WIDER})
    assert columns_of(warehouse, "fct_open_items") == [
        "item_id",
        "third_party_id",
        "open_amount",
        "run_id",
        "currency_code",
    ]
    assert warehouse.rows("SELECT currency_code FROM marts.fct_open_items ORDER BY 1") == [("EUR",), ("USD",)]
    assert warehouse.rows("SELECT sum(open_amount) FROM public.owed") == [(Decimal("1165.50"),)]


def test_a_column_that_is_no_longer_published_is_empty_and_says_so(warehouse: Warehouse) -> None:
    warehouse.publish("r1")
    execute(
        warehouse, "CREATE VIEW public.owed AS SELECT third_party_id, open_amount FROM marts.fct_open_items"
    )
    warehouse.publish("r2", marts("r2") | {"fct_open_items": NARROWER})
    assert warehouse.rows("SELECT * FROM public.owed ORDER BY 2") == [
        (None, Decimal("-34.50")),
        (None, Decimal("1200.00")),
    ]
    said = "SELECT col_description('marts.fct_open_items'::regclass, 2)"
    assert warehouse.rows(said) == [("No longer published: empty since then.",)]


def test_a_mart_that_is_no_longer_published_is_empty_and_says_so(warehouse: Warehouse) -> None:
    warehouse.publish("r1")
    left = {mart: query for mart, query in marts("r2").items() if mart != "fct_open_items"}
    warehouse.publish("r2", left)
    assert warehouse.rows("SELECT * FROM marts.fct_open_items") == []
    said = "SELECT obj_description('marts.fct_open_items'::regclass, 'pg_class')"
    assert warehouse.rows(said) == [("No longer published: empty since then.",)]


def test_history_that_is_no_longer_published_is_empty_until_it_is_again(
    warehouse: Warehouse, reader: psycopg.Connection[Any]
) -> None:
    kept = "SELECT count(*) FROM marts.fct_ageing_snapshots"
    history = {"fct_ageing_snapshots": snapshots({"r1": 2})}
    warehouse.publish("r1", marts("r1") | history)
    assert reader.execute(kept).fetchall() == [(2,)]
    warehouse.publish("r2")
    assert warehouse.rows(kept) == [(0,)]
    assert reader.execute(kept).fetchall() == [(2,)]
    reader.rollback()
    warehouse.publish("r3", marts("r3") | history)
    assert warehouse.rows(kept) == [(2,)]


def test_a_load_that_fails_withdraws_nothing(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse.publish("r1", marts("r1") | {"fct_ageing_snapshots": snapshots({"r1": 2})})

    def fail(*given: object) -> None:
        raise TargetError("no view for anybody")

    monkeypatch.setattr(views, "offer", fail)
    with pytest.raises(TargetError):
        warehouse.publish("r2")
    assert warehouse.rows("SELECT count(*) FROM marts.fct_ageing_snapshots") == [(2,)]
    assert warehouse.rows("SELECT count(published_until) FROM marts_runs.fct_ageing_snapshots") == [(0,)]


def test_a_mart_that_is_no_longer_published_refuses_none_of_its_readers(
    warehouse: Warehouse, role: Callable[..., str]
) -> None:
    bi, other = role("bi"), role("other")
    published = "SELECT count(*) FROM marts.fct_open_items"
    warehouse.publish("r1", reader_role=bi)
    left = {mart: query for mart, query in marts("r2").items() if mart != "fct_open_items"}
    warehouse.publish("r2", left, reader_role=bi)
    assert warehouse.rows(published, user=bi) == [(0,)]
    warehouse.publish("r3", left | {"dim_runs": marts("r3")["dim_runs"]}, reader_role=other)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        warehouse.rows(published, user=bi)


def test_a_column_of_another_type_is_refused_with_the_remedy(warehouse: Warehouse) -> None:
    warehouse.publish("r1")
    changed = marts("r2")["fct_open_items"].replace("DECIMAL(18, 2)", "DECIMAL(18, 5)")
    with pytest.raises(TargetError) as caught:
        warehouse.publish("r2", marts("r2") | {"fct_open_items": changed})
    told = str(caught.value)
    assert "marts.fct_open_items.open_amount is numeric(18,2) there and numeric(18,5) now" in told
    assert "name another schema_name" in told
    assert warehouse.rows("SELECT DISTINCT run_id FROM marts.fct_open_items") == [("r1",)]


def test_a_view_that_must_change_while_it_is_read_changes_nothing_until_it_can(
    warehouse: Warehouse, reader: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.4)
    warehouse.publish("r1")
    reader.execute("SELECT count(*) FROM marts.fct_open_items")
    wider = marts("r2") | {"fct_open_items": WIDER}
    with pytest.raises(TargetError, match="somebody has been reading a mart that is to change"):
        warehouse.publish("r2", wider)
    assert warehouse.rows("SELECT DISTINCT run_id FROM marts.fct_open_items") == [("r1",)]
    reader.rollback()
    warehouse.publish("r3", wider)
    assert "currency_code" in columns_of(warehouse, "fct_open_items")


def test_a_view_that_somebody_dropped_is_made_again(warehouse: Warehouse) -> None:
    warehouse.publish("r1")
    execute(warehouse, "DROP VIEW marts.fct_open_items")
    warehouse.publish("r2")
    assert warehouse.rows("SELECT DISTINCT run_id FROM marts.fct_open_items") == [("r2",)]


def test_readers_read_every_mart_and_change_none(warehouse: Warehouse, role: Callable[..., str]) -> None:
    bi = role("bi")
    analyst = role("analyst", bi)
    warehouse.publish("r1", reader_role=bi)
    for mart in marts("r1"):
        assert warehouse.rows(f"SELECT count(*) > 0 FROM marts.{mart}", user=analyst) == [(True,)]
    for statement in (
        "DELETE FROM marts.dim_companies RETURNING 1",
        "UPDATE marts.dim_companies SET name = 'x' RETURNING 1",
        "SELECT * FROM marts_runs.current_run",
        "SELECT * FROM marts_runs.fct_open_items__1",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            warehouse.rows(statement, user=analyst)


def test_nobody_reads_who_was_not_let(warehouse: Warehouse, role: Callable[..., str]) -> None:
    bi, stranger = role("bi"), role("stranger")
    warehouse.publish("r1", reader_role=bi)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        warehouse.rows("SELECT * FROM marts.dim_companies", user=stranger)


def test_a_role_that_the_server_does_not_have_is_named(warehouse: Warehouse) -> None:
    with pytest.raises(
        TargetError, match=r"no role 'b\"i', .* reader_role; make it with CREATE ROLE \"b\"\"i\", or"
    ):
        warehouse.publish("r1", reader_role='b"i')
    assert warehouse.rows("SELECT to_regnamespace('marts')") == [(None,)]


def test_sales_people_see_their_agencies_and_finance_sees_all(
    warehouse: Warehouse, role: Callable[..., str]
) -> None:
    finance, sales = role("finance"), role("sales")
    controller = role("controller", finance)
    lyon, both, nobody = role("lyon", sales), role("both", sales), role("nobody", sales)
    roles = {"reader_role": finance, "sales_role": sales}
    warehouse.publish("r1", **roles)
    for user, agency in ((lyon, "Lyon"), (both, "Lyon"), (both, "Lille")):
        execute(warehouse, f"INSERT INTO marts_runs.agency_users VALUES ('{user}', '{agency}')")
    warehouse.publish("r2", **roles)
    names = "SELECT name FROM marts.dim_third_parties ORDER BY name"
    items = "SELECT item_id FROM marts.fct_open_items ORDER BY item_id"
    assert warehouse.rows(names, user=lyon) == [("Martin",)]
    assert warehouse.rows(items, user=lyon) == [("a",)]
    assert warehouse.rows(names, user=both) == [("Durand",), ("Martin",)]
    # Whom no row of agency_users names sees nothing, unless he reads everything.
    assert warehouse.rows(names, user=nobody) == []
    assert warehouse.rows(items, user=nobody) == []
    assert warehouse.rows(items, user=controller) == [("a",), ("b",)]
    # Companies are nobody's secret; what tells of bank accounts is not theirs to see.
    assert warehouse.rows("SELECT name FROM marts.dim_companies", user=nobody) == [("Acme SAS",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        warehouse.rows("SELECT * FROM marts.fct_bank_transactions", user=lyon)
    assert warehouse.rows("SELECT amount FROM marts.fct_bank_transactions", user=controller)


def test_another_view_is_no_way_round_the_agencies(warehouse: Warehouse, role: Callable[..., str]) -> None:
    finance, sales = role("finance"), role("sales")
    lyon = role("lyon", sales)
    warehouse.publish("r1", reader_role=finance, sales_role=sales)
    execute(warehouse, f"INSERT INTO marts_runs.agency_users VALUES ('{lyon}', 'Lyon')")
    execute(warehouse, "CREATE VIEW public.owed AS SELECT * FROM marts.fct_open_items")
    execute(warehouse, f'GRANT SELECT ON public.owed TO "{lyon}"')
    assert warehouse.rows("SELECT item_id FROM public.owed", user=lyon) == [("a",)]
    # A condition that tells what it is given would see the other rows, were it tried before the policy.
    execute(
        warehouse,
        "CREATE FUNCTION public.told(amount numeric) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS "
        "$$ BEGIN IF amount < 0 THEN RAISE EXCEPTION 'told'; END IF; RETURN true; END $$",
    )
    assert warehouse.rows("SELECT item_id FROM marts.fct_open_items WHERE told(open_amount)", user=lyon) == [
        ("a",)
    ]


def test_agencies_can_be_brought_in_later(warehouse: Warehouse, role: Callable[..., str]) -> None:
    finance, sales = role("finance"), role("sales")
    lyon = role("lyon", sales)
    warehouse.publish("r1", reader_role=finance)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        warehouse.rows("SELECT * FROM marts.dim_third_parties", user=lyon)
    warehouse.publish("r2", reader_role=finance, sales_role=sales)
    assert warehouse.rows("SELECT * FROM marts.dim_third_parties", user=lyon) == []


def test_who_is_taken_out_of_the_settings_reads_no_more(
    warehouse: Warehouse, role: Callable[..., str]
) -> None:
    finance, sales, bi = role("finance"), role("sales"), role("bi")
    warehouse.publish("r1", reader_role=finance, sales_role=sales)
    assert warehouse.rows("SELECT * FROM marts.fct_open_items", user=sales) == []
    # Its rows are no longer cut to agencies: whoever saw his own must not see everybody's.
    warehouse.publish("r2", reader_role=bi)
    for former in (sales, finance):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            warehouse.rows("SELECT * FROM marts.fct_open_items", user=former)
    assert len(warehouse.rows("SELECT * FROM marts.fct_open_items", user=bi)) == 2
