"""``encours worklist``, ``forecast`` and ``kpis``: what the marts say, for whom it is asked, in both languages."""

import csv
import io
import json
import re
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from documents import formats
from home.layout import Home
from orchestration.cli import main
from orchestration.listing import plain


def run(home: Home, *arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "--home", str(home.root)])
    assert result.exit_code == 0, result.output
    return result.stdout


def found(home: Home, *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(home, *arguments, "--format", "csv"))))


def refused(home: Home, *arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "--home", str(home.root)])
    assert result.exit_code == 1
    return result.output


def ask(home: Home, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        connection.execute("USE marts")
        return connection.execute(query).fetchall()


def as_text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


# --- the work list ---


def test_the_work_list_is_that_of_the_mart_in_its_order(refreshed: Home) -> None:
    for language in ("en", "fr"):
        expected = ask(
            refreshed,
            f"SELECT third_party_id, next_action, next_action_{language}, overdue_amount, expected_amount, is_due "
            "FROM mart_collection_worklist ORDER BY company_id, priority_rank",
        )
        rows = found(refreshed, "worklist", "--lang", language)
        names = (
            "third_party_id",
            "next_action_code",
            "next_action",
            "overdue_amount",
            "expected_amount",
            "is_due",
        )
        told = [tuple(row[name] for name in names) for row in rows]
        assert told == [tuple(map(as_text, row)) for row in expected]


def test_filters_of_the_work_list_leave_what_they_say(refreshed: Home) -> None:
    rows = found(refreshed, "worklist")
    some = next(row for row in rows if row["agency"] and row["sales_rep"])
    for arguments, keeps in (
        (["--agency", some["agency"].upper()], lambda row: row["agency"] == some["agency"]),
        (["--sales-rep", some["sales_rep"]], lambda row: row["sales_rep"] == some["sales_rep"]),
        (["--customer", some["third_party_id"]], lambda row: row["third_party_id"] == some["third_party_id"]),
        (["--company", some["company_id"]], lambda row: row["company_id"] == some["company_id"]),
        (["--due"], lambda row: row["is_due"] == "true"),
    ):
        assert found(refreshed, "worklist", *arguments) == [row for row in rows if keeps(row)], arguments
    firsts = [next(of_company) for _, of_company in groupby(rows, key=lambda row: row["company_id"])]
    assert found(refreshed, "worklist", "--limit", "1") == firsts
    printed = " ".join(run(refreshed, "worklist", "--limit", "1", "--lang", "fr").split())
    assert f"{len(firsts)} sur {len(rows)}" in printed


def test_people_read_the_work_list_with_its_sums(refreshed: Home) -> None:
    printed = run(refreshed, "worklist", "--lang", "fr")
    assert "Revue de balance au 2026-06-30" in printed
    sums = ask(refreshed, "SELECT sum(overdue_amount) FROM mart_collection_worklist GROUP BY company_id")
    for (amount,) in sums:
        assert re.search(rf"Total +{re.escape(plain(amount, 'fr'))}", printed)  # type: ignore[arg-type]
    assert not re.search("call_about|review_limit|apply_credit|receivable", printed)


def test_a_customer_with_nothing_to_do_is_told_so(refreshed: Home) -> None:
    [(idle,), *_] = ask(
        refreshed,
        "SELECT third_party_id FROM dim_third_parties ANTI JOIN mart_collection_worklist USING (third_party_id) "
        "WHERE kind = 'customer' ORDER BY 1",
    )
    assert "There is nothing to do here." in run(refreshed, "worklist", "--customer", str(idle))


def test_names_that_nobody_has_are_refused_with_those_near(refreshed: Home) -> None:
    [(agency,), *_] = ask(
        refreshed, "SELECT agency FROM dim_third_parties WHERE agency IS NOT NULL ORDER BY 1"
    )
    assert f"near it: {agency}" in refused(refreshed, "worklist", "--agency", f"{agency}x")
    assert "no company is called nowhere" in refused(refreshed, "forecast", "--company", "nowhere")
    assert "no customer group is called -" in refused(refreshed, "forecast", "--group", "-")
    assert "no third party answers" in refused(refreshed, "kpis", "--customer", "Ω")


# --- the forecast ---


def test_the_forecast_adds_up_to_what_is_open_and_never_adds_its_band(refreshed: Home) -> None:
    rows = found(refreshed, "forecast")
    expected = ask(
        refreshed,
        "SELECT company_id, sum(expected_amount) FROM fct_collection_forecast GROUP BY 1 ORDER BY 1",
    )
    printed = run(refreshed, "forecast")
    for company_id, total in expected:
        weeks = [row for row in rows if row["company_id"] == company_id]
        assert [row["week_number"] for row in weeks] == [str(number) for number in range(1, 15)]
        assert sum(Decimal(row["expected_amount"]) for row in weeks) == total
        assert Decimal(weeks[-1]["cumulative_amount"]) == total
        assert [row["p50_amount"] for row in weeks].count("") == 1
        assert re.search(rf"Total +{re.escape(plain(total, 'en'))} *$", printed, re.M)  # type: ignore[arg-type]


def test_groups_of_customers_make_the_company(refreshed: Home) -> None:
    groups = [
        str(group)
        for (group,) in ask(
            refreshed, "SELECT DISTINCT customer_group FROM fct_collection_forecast ORDER BY 1"
        )
    ]
    assert len(groups) > 1
    arguments = [part for group in groups for part in ("--group", group)]
    of_groups = found(refreshed, "forecast", *arguments)
    whole = sum(Decimal(row["expected_amount"]) for row in found(refreshed, "forecast"))
    assert sum(Decimal(row["expected_amount"]) for row in of_groups) == whole
    assert {row["customer_group"] for row in of_groups} == set(groups)
    assert "tous les clients" in run(refreshed, "forecast", "--lang", "fr")


# --- the indicators ---


@pytest.mark.parametrize("level", ["company", "agency", "third_party"])
def test_indicators_are_those_of_the_mart(refreshed: Home, level: str) -> None:
    [(key,), *_] = ask(
        refreshed,
        f"SELECT level_key FROM fct_receivable_kpis WHERE level = '{level}' GROUP BY 1 ORDER BY count(*) DESC, 1",
    )
    option = {"company": "--company", "agency": "--agency", "third_party": "--customer"}[level]
    rows = found(refreshed, "kpis", option, str(key))
    names = (
        "as_of_date",
        "outstanding_amount",
        "overdue_share",
        "dso_days",
        "dso_reason",
        "weighted_days_to_pay",
    )
    expected = ask(
        refreshed,
        f"SELECT {', '.join(names)} FROM fct_receivable_kpis WHERE level = '{level}' AND level_key = '{key}' "
        "ORDER BY company_id, as_of_date",
    )
    assert [tuple(row[name] for name in names) for row in rows] == [
        tuple(map(as_text, row)) for row in expected
    ]
    assert len(rows) > 12


def test_people_read_shares_in_percent_and_why_something_is_empty(refreshed: Home) -> None:
    [(company_id, share), *_] = ask(
        refreshed,
        "SELECT company_id, overdue_share FROM fct_receivable_kpis "
        "WHERE level = 'company' AND as_of_date = DATE '2026-06-30' ORDER BY 1",
    )
    for language, why in (("en", "the ledger begins within"), ("fr", "la comptabilité commence dans")):
        printed = run(refreshed, "kpis", "--company", str(company_id), "--lang", language)
        assert formats.share(share, 1, language) in printed  # type: ignore[arg-type]
        assert why in " ".join(printed.split())
        assert "Total" not in printed


def test_one_agency_or_one_customer(refreshed: Home) -> None:
    result = CliRunner().invoke(
        main, ["kpis", "--agency", "a", "--customer", "b", "--home", str(refreshed.root)]
    )
    assert result.exit_code == 2


# --- all of them ---


@pytest.mark.parametrize("command", ["worklist", "forecast", "kpis"])
def test_programs_are_given_amounts_as_texts_and_nulls(refreshed: Home, command: str) -> None:
    rows = json.loads(run(refreshed, command, "--format", "json"))
    amounts = [value for row in rows for name, value in row.items() if name.endswith("_amount")]
    assert amounts
    assert all(value is None or re.fullmatch(r"-?\d+\.\d\d", value) for value in amounts)


@pytest.mark.parametrize("command", ["worklist", "forecast", "kpis"])
def test_marts_of_before_say_so(refreshed: Home, tmp_path: Path, command: str) -> None:
    home = Home.at(tmp_path)
    home.published_database.parent.mkdir(parents=True)
    with duckdb.connect(home.published_database) as connection:
        connection.execute("CREATE SCHEMA marts")
    assert "older than this command; run encours refresh first" in " ".join(refused(home, command).split())
