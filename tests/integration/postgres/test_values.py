"""What arrives is what was published: every type, exact, with its key, its indexes and its descriptions."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from orchestration.errors import TargetError
from orchestration.postgres.marts import NUL_SHOWN, Mart
from tests.integration.postgres.conftest import Warehouse, marts, snapshots

ODD_VALUES = """
    SELECT * FROM (VALUES
        ('1', 9999999999999999.99::DECIMAL(18, 2), 999999999999999999999999999999999.99999::DECIMAL(38, 5),
            0.9999::DECIMAL(5, 4), DATE '2024-02-29', TIMESTAMPTZ '2024-03-31 01:59:59.123456+00', true, 7, 8::BIGINT,
            'Société é€ "quoted",
two lines'),
        ('2', -0.01, -0.00001, -0.9999, DATE '0001-01-01', TIMESTAMPTZ '1900-01-01 00:00:00+00', false, -7, -8, ''),
        ('3', 10000.00, 10000, 0.1000, DATE '9999-12-31', TIMESTAMPTZ '2100-01-01 00:00:00+00', true, 0, 0, 'NULL'),
        ('4', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
    ) AS odd (odd_id, amount, total, score, day, moment, flag, days, row_count, label)
"""


def test_every_value_arrives_as_it_was(warehouse: Warehouse) -> None:
    warehouse.publish("r1", marts("r1") | {"fct_odd": ODD_VALUES})
    first, second, third, fourth = warehouse.rows("SELECT * FROM marts.fct_odd ORDER BY odd_id")
    assert first[1:] == (
        Decimal("9999999999999999.99"),
        Decimal("999999999999999999999999999999999.99999"),
        Decimal("0.9999"),
        date(2024, 2, 29),
        datetime(2024, 3, 31, 1, 59, 59, 123456, tzinfo=UTC),
        True,
        7,
        8,
        'Société é€ "quoted",\ntwo lines',
    )
    assert second[1:4] == (Decimal("-0.01"), Decimal("-0.00001"), Decimal("-0.9999"))
    assert (second[4], second[9]) == (date(1, 1, 1), "")
    assert third[1:] == (
        Decimal("10000.00"),
        Decimal("10000.00000"),
        Decimal("0.1000"),
        date(9999, 12, 31),
        datetime(2100, 1, 1, tzinfo=UTC),
        True,
        0,
        0,
        "NULL",
    )
    assert fourth == ("4", *[None] * 9)


def test_amounts_are_exact_numbers_to_whoever_asks_for_their_type(warehouse: Warehouse) -> None:
    warehouse.publish("r1", marts("r1") | {"fct_odd": ODD_VALUES})
    types = warehouse.rows(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = 'marts.fct_odd'::regclass AND attnum > 0 ORDER BY attnum"
    )
    assert [name for (name,) in types] == [
        "text",
        "numeric(18,2)",
        "numeric(38,5)",
        "numeric(5,4)",
        "date",
        "timestamp with time zone",
        "boolean",
        "integer",
        "bigint",
        "text",
    ]


def test_two_thousand_amounts_of_every_length(warehouse: Warehouse) -> None:
    chosen = random.Random(20260701)
    amounts = [
        Decimal(chosen.choice([-1, 1]) * chosen.randrange(10 ** chosen.randint(1, 18))).scaleb(-2)
        for _ in range(2_000)
    ]
    values = ", ".join(f"({number}, {amount}::DECIMAL(18, 2))" for number, amount in enumerate(amounts))
    warehouse.publish("r1", {"fct_odd": f"SELECT * FROM (VALUES {values}) AS rows (number, amount)"})
    assert warehouse.rows("SELECT amount FROM marts.fct_odd ORDER BY number") == [(a,) for a in amounts]


def test_a_character_that_the_server_cannot_hold_is_shown_as_such(warehouse: Warehouse) -> None:
    warehouse.publish("r1", {"fct_odd": "SELECT 'before' || chr(0) || 'after' AS label"})
    assert warehouse.rows("SELECT label FROM marts.fct_odd") == [(f"before{NUL_SHOWN}after",)]


def test_a_type_that_cannot_be_published_is_named(warehouse: Warehouse) -> None:
    with pytest.raises(TargetError, match=r"fct_odd\.span is of type INTERVAL"):
        warehouse.publish("r1", {"fct_odd": "SELECT INTERVAL 1 DAY AS span"})


def test_keys_hold_and_what_marts_are_joined_by_is_indexed(warehouse: Warehouse) -> None:
    warehouse.publish("r1", marts("r1") | {"fct_ageing_snapshots": snapshots({"r1": 2})})
    indexes = warehouse.rows(
        "SELECT tablename, regexp_replace(indexdef, '.* USING btree ', ''), indexdef LIKE '%UNIQUE%' FROM pg_indexes "
        "WHERE schemaname = 'marts_runs' AND tablename ~ '^(fct_open_items|fct_ageing)' ORDER BY 1, 3 DESC, 2"
    )
    assert indexes == [
        ("fct_ageing_snapshots", "(known_at_date, third_party_id, published_from) NULLS NOT DISTINCT", True),
        ("fct_ageing_snapshots", "(third_party_id)", False),
        ("fct_open_items__1", "(item_id)", True),
        ("fct_open_items__1", "(third_party_id)", False),
    ]


def test_a_key_with_nulls_is_a_key_all_the_same(warehouse: Warehouse) -> None:
    once = "SELECT NULL::VARCHAR AS item_id, 1.00::DECIMAL(18, 2) AS open_amount"
    warehouse.publish("r1", marts("r1") | {"fct_open_items": once})
    assert warehouse.rows("SELECT count(*) FROM marts.fct_open_items") == [(1,)]
    with pytest.raises(TargetError, match="could not create unique index"):
        warehouse.publish("r2", marts("r2") | {"fct_open_items": f"{once} UNION ALL {once}"})


def test_views_and_columns_say_what_they_hold(warehouse: Warehouse) -> None:
    said = [
        "COMMENT ON TABLE marts.fct_open_items IS 'What''s open.'",
        "COMMENT ON COLUMN marts.fct_open_items.open_amount IS 'Base currency.'",
    ]
    view = "'marts.fct_open_items'::regclass"
    told = f"SELECT obj_description({view}, 'pg_class'), col_description({view}, 3)"
    warehouse.publish("r1", statements=said)
    assert warehouse.rows(told) == [("What's open.", "Base currency.")]
    warehouse.publish("r2", statements=[said[0].replace("open.", "open now."), said[1]])
    assert warehouse.rows(told) == [("What's open now.", "Base currency.")]


def test_a_row_that_is_lost_on_the_way_keeps_the_old_run(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.publish("r1")
    selected = Mart.selected

    def selected_but_one(mart: Mart, *given: object) -> str:
        return f"{selected(mart, *given)} LIMIT {1 if mart.name == 'fct_open_items' else 100}"  # type: ignore[arg-type]

    monkeypatch.setattr(Mart, "selected", selected_but_one)
    with pytest.raises(TargetError, match="rows of fct_open_items is 1 there, 2 as published"):
        warehouse.publish("r2")
    assert warehouse.rows("SELECT count(*), min(run_id) FROM marts.fct_open_items") == [(2, "r1")]


def test_an_amount_that_changes_on_the_way_keeps_the_old_run(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.publish("r1")
    selected = Mart.selected
    monkeypatch.setattr(
        Mart,
        "selected",
        lambda mart, *given: selected(mart, *given).replace(
            '"open_amount"', "open_amount + 0.01 AS open_amount"
        ),
    )
    with pytest.raises(
        TargetError, match=r"sum of open_amount of fct_open_items is 1165\.52 there, 1165\.50 as"
    ):
        warehouse.publish("r2")
    assert warehouse.rows("SELECT sum(open_amount) FROM marts.fct_open_items") == [(Decimal("1165.50"),)]
