"""``encours exceptions``: what is asked for, the worst first, in short for people and whole for programs."""

import csv
import io
import json
import re
from collections import Counter
from decimal import Decimal

import duckdb
import pytest
from click.testing import CliRunner

from home.layout import Home
from orchestration.cli import main

GRAVITY = ["high", "medium", "low", "info"]


def run(home: Home, *arguments: str) -> str:
    result = CliRunner().invoke(main, ["exceptions", *arguments, "--home", str(home.root)])
    assert result.exit_code == 0, result.output
    return result.stdout


def found(home: Home, *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(home, *arguments, "--format", "csv"))))


def ask(home: Home, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        connection.execute("USE marts")
        return connection.execute(query).fetchall()


def test_all_are_those_of_the_mart_in_both_languages(refreshed: Home) -> None:
    for language in ("en", "fr"):
        expected = ask(
            refreshed,
            f"SELECT exception_id, explanation_{language}, reason_{language} FROM fct_reconciliation_exceptions",
        )
        rows = found(refreshed, "--lang", language)
        assert sorted((row["exception_id"], row["explanation"], row["reason"]) for row in rows) == sorted(
            expected
        )


def test_people_see_how_many_of_each_reason_and_the_worst(refreshed: Home) -> None:
    rows = found(refreshed, "--lang", "fr")
    printed = run(refreshed, "--lang", "fr", "--limit", "2")
    for reason, count in Counter((row["reason"], row["severity"]) for row in rows).items():
        words = {"high": "haute", "medium": "moyenne", "low": "faible", "info": "info"}
        assert re.search(rf"{re.escape(reason[0])} +{words[reason[1]]} +{count}\b", printed), reason
    assert f"{len(rows)} anomalies" in printed
    assert f"Les 2 premières sur {len(rows)}." in " ".join(printed.split())
    assert all(row["exception_id"][:8] in printed for row in rows[:2])
    assert not any(row["exception_id"][:8] in printed for row in rows[2:])
    assert not re.search(r"\b(high|medium|low)\b", printed)


def test_the_gravest_and_largest_come_first(refreshed: Home) -> None:
    rows = found(refreshed)
    keys = [(GRAVITY.index(row["severity"]), -abs(Decimal(row["amount"] or "Infinity"))) for row in rows]
    assert keys == sorted(keys)
    assert len({row["severity"] for row in rows}) > 1
    amounts = [abs(Decimal(row["amount"])) for row in found(refreshed, "--sort", "amount") if row["amount"]]
    assert amounts == sorted(amounts, reverse=True)
    ages = [int(row["age_days"]) for row in found(refreshed, "--sort", "age", "--limit", "5")]
    assert ages == sorted((int(row["age_days"]) for row in rows), reverse=True)[:5]


def test_filters_leave_what_they_say(refreshed: Home) -> None:
    rows = found(refreshed)
    company = rows[-1]["company_id"]
    reasons = sorted({row["reason_code"] for row in rows})[:2]
    account = next(row["bank_account_id"] for row in rows if row["bank_account_id"])
    ledger_account = next(
        row["account_code"] for row in rows if row["side"] == "ledger" and row["account_code"]
    )
    age = sorted(int(row["age_days"]) for row in rows)[len(rows) // 2]
    for arguments, keeps in (
        (["--company", company], lambda row: row["company_id"] == company),
        (["--reason", reasons[0], "--reason", reasons[1]], lambda row: row["reason_code"] in reasons),
        (["--side", "bank"], lambda row: row["side"] == "bank"),
        (["--severity", "low", "--severity", "info"], lambda row: row["severity"] in ("low", "info")),
        (["--status", "open"], lambda row: True),
        (["--status", "closed"], lambda row: False),
        (["--min-amount", "100"], lambda row: row["amount"] and abs(Decimal(row["amount"])) >= 100),
        (["--older-than", str(age)], lambda row: int(row["age_days"]) > age),
        (["--account", account[-6:]], lambda row: row["bank_account_id"].endswith(account[-6:])),
        (["--account", ledger_account], lambda row: row["account_code"] == ledger_account),
        (
            ["--side", "bank", "--min-amount", "100"],
            lambda row: row["side"] == "bank" and abs(Decimal(row["amount"] or 0)) >= 100,
        ),
    ):
        assert found(refreshed, *arguments) == [row for row in rows if keeps(row)], arguments


def test_every_bank_and_ledger_bank_line_is_matched_or_told_once(refreshed: Home) -> None:
    """What a reader of the published marts alone can check."""
    lines = ask(
        refreshed,
        """
        WITH lines AS (
            SELECT 'bank' AS side, bank_transaction_id AS id FROM fct_bank_transactions
            UNION ALL SELECT 'ledger', ledger_line_id FROM fct_ledger_lines
            WHERE account_role = 'bank' AND NOT is_restatement
        )
        SELECT
            (SELECT count(*) FROM fct_bank_match_members AS members JOIN fct_bank_matches USING (match_id)
                WHERE match_status = 'matched' AND members.side = lines.side AND object_id = id),
            (SELECT count(*) FROM fct_reconciliation_exceptions AS told
                WHERE told.side = lines.side AND object_id = id)
        FROM lines
        """,
    )
    assert Counter(lines).keys() == {(1, 0), (0, 1)}


def test_proposals_are_named_best_first(refreshed: Home) -> None:
    rows = [json.loads(row["suggestion"]) for row in found(refreshed) if row["suggestion"] != "[]"]
    assert rows, "the samples hold lines for which there are proposals"
    for proposals in rows:
        assert [one["score"] for one in proposals] == sorted(
            (one["score"] for one in proposals), reverse=True
        )
        for one in proposals:
            sides = {"payment": Decimal(0), "document": Decimal(0)}
            for member in one["members"]:
                sides[member["side"]] += Decimal(member["amount"])
            assert Decimal(one["residual"]) == sides["payment"] - sides["document"]


def test_an_amount_that_is_none_is_refused(refreshed: Home) -> None:
    for amount in ("much", "NaN", "1,5"):
        result = CliRunner().invoke(
            main, ["exceptions", "--min-amount", amount, "--home", str(refreshed.root)]
        )
        assert result.exit_code == 2
        assert "is no amount" in result.output


@pytest.mark.parametrize("form", ["csv", "json"])
def test_programs_are_given_all_unless_they_ask_for_fewer(refreshed: Home, form: str) -> None:
    def count(*arguments: str) -> int:
        text = run(refreshed, "--format", form, *arguments)
        return len(json.loads(text)) if form == "json" else len(list(csv.DictReader(io.StringIO(text))))

    [(all_of_them,)] = ask(refreshed, "SELECT count(*) FROM fct_reconciliation_exceptions")
    assert count() == all_of_them
    assert count("--limit", "3") == 3
