"""What a failing test on the models is called, and the parse that homes share."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from home.layout import Home
from orchestration.dbt_runner import SMALL_BYTES, Dbt, _node_result, prepare, query_threads


def failed(
    name: str, kind: str = "", *, description: str = "", status: str = "fail", **arguments: Any
) -> str:
    node = SimpleNamespace(
        unique_id=f"test.encours.{name}",
        resource_type="test",
        schema="tests",
        name=name,
        description=description,
        attached_node="model.encours.fct_items",
        test_metadata=SimpleNamespace(name=kind, kwargs=arguments) if kind else None,
    )
    result = SimpleNamespace(
        node=node,
        status=status,
        execution_time=0.1,
        message="Binder Error: no such column\nline 2",
        failures=1200,
    )
    return _node_result(result).complaint


@pytest.mark.parametrize(
    ("complaint", "claim"),
    [
        (failed("x", "unique", column_name="item_id"), "no two rows of fct_items have the same item_id"),
        (
            failed("x", "unique_together", columns=["run_id", "subject"]),
            "no two rows of fct_items have the same run_id, subject",
        ),
        (
            failed("x", "primary_key", columns=["run_id", "subject"]),
            "every row of fct_items has a run_id, subject of its own",
        ),
        (failed("x", "not_null", column_name="item_id"), "every row of fct_items has its item_id"),
        (
            failed("x", "accepted_values", column_name="side", values=["bank", "file"]),
            "every side of fct_items is one of bank, file",
        ),
        (failed("assert_credits_wait_apart"), "credits wait apart"),
        (failed("x", description="Credits are kept\n apart."), "Credits are kept apart"),
    ],
)  # fmt: skip
def test_a_rule_that_is_broken_is_said_in_words(complaint: str, claim: str) -> None:
    assert complaint == f"The models break a rule (1,200 rows): {claim}"


def test_a_rule_that_cannot_be_checked_says_why() -> None:
    assert failed("assert_credits_wait_apart", status="error") == (
        "A rule of the models could not be checked (Binder Error: no such column line 2): credits wait apart"
    )


def test_a_new_home_begins_with_the_parse_made_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.dbt_runner.PREPARED", tmp_path / "share" / "parse.msgpack")

    def parses_from_nothing(name: str) -> bool:
        home = Home.at(tmp_path / name)
        Dbt(home)
        return "Unable to do partial parsing" in (home.warehouse / "dbt" / "dbt.log").read_text()

    assert parses_from_nothing("before")
    assert prepare() == tmp_path / "share" / "parse.msgpack"
    assert not parses_from_nothing("after")


def test_a_parse_made_ahead_that_cannot_be_read_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.dbt_runner.PREPARED", tmp_path / "unreadable")
    (tmp_path / "unreadable").mkdir()
    assert Dbt(Home.at(tmp_path / "home")).manifest["nodes"]


def test_queries_have_all_cores_where_there_is_much_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    home = Home.at(tmp_path)
    assert query_threads(home) == 1
    for table in ("ledger_lines", "bank_transactions"):
        (home.landing / table).mkdir(parents=True)
        with (home.landing / table / "0a.parquet").open("wb") as file:
            file.truncate(SMALL_BYTES // 2)
    assert query_threads(home) == 1
    with (home.landing / "bank_transactions" / "0b.parquet").open("wb") as file:
        file.truncate(1)
    assert query_threads(home) == 8
