"""What each command prints, for people and for programs."""

import csv
import email
import io
import json
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from email.policy import default
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from home.layout import Home
from orchestration.cli import main
from orchestration.publish import current_release
from tests.integration.conftest import A_MONTH_LATER, ASKED_LATER, OF_NO_COMPANY, Again

Copy = Callable[[str], Home]


def run(home: Home, *arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "--home", str(home.root)])
    assert result.exit_code == 0, result.output
    return result.stdout


def ask(home: Home, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        return connection.execute(query).fetchall()


def as_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def later(refreshed_again: Again, tmp_path: Path) -> Home:
    """A copy of the home after its second run."""
    shutil.copytree(refreshed_again.home.root, tmp_path / "later", symlinks=True)
    return Home.at(tmp_path / "later")


def test_the_aged_balance_adds_up_to_the_mart(refreshed: Home) -> None:
    [(total,)] = ask(refreshed, "SELECT sum(total_amount) FROM marts.mart_aged_balance")
    rows = as_rows(run(refreshed, "aged-balance", "--format", "csv"))
    codes = [code for (code,) in ask(refreshed, "SELECT ageing_bucket_code FROM marts.dim_ageing_buckets")]
    assert sum(Decimal(row["total_amount"]) for row in rows) == total
    assert sum(Decimal(row[code]) for row in rows for code in codes) == total
    table = run(refreshed, "aged-balance")
    assert "Aged balance as of 2026-06-30" in table
    balances = ask(
        refreshed, "SELECT sum(total_amount) FROM marts.mart_aged_balance GROUP BY company_id, ledger_side"
    )
    assert {f"{balance:,.2f}" for (balance,) in balances} <= set(
        re.findall(r"^ +Total +([\d,.-]+)", table, re.M)
    )
    french = run(refreshed, "aged-balance", "--lang", "fr")
    assert "Balance âgée au 2026-06-30" in french
    assert ", clients" in french
    assert ", fournisseurs" in french
    assert not re.search("receivable|payable|customers|suppliers", french)


def test_a_statement_lists_the_open_items_of_one_customer(refreshed: Home) -> None:
    [(third_party_id, name, total, count)] = ask(
        refreshed,
        "SELECT third_party_id, name, total_amount, item_count FROM marts.mart_aged_balance "
        "WHERE ledger_side = 'receivable' ORDER BY item_count DESC, third_party_id LIMIT 1",
    )
    rows = json.loads(run(refreshed, "statement", str(third_party_id), "--format", "json"))
    assert len(rows) == count
    assert sum(Decimal(row["open_amount"]) for row in rows) == total
    assert str(name) in run(refreshed, "statement", str(third_party_id))


def test_an_unknown_customer_is_told_who_comes_near(refreshed: Home) -> None:
    [(name,)] = ask(refreshed, "SELECT max(name) FROM marts.dim_third_parties")
    result = CliRunner().invoke(main, ["statement", f"{name}x", "--home", str(refreshed.root)])
    assert result.exit_code == 1
    assert str(name) in result.output


def test_every_reconciliation_statement_closes_at_zero(refreshed: Home) -> None:
    """At every month-end of every account, the week without a statement named where there is one."""
    differing = ask(
        refreshed,
        "SELECT bank_account_id, as_of_date FROM marts.fct_bank_reconciliation_statements WHERE difference <> 0",
    )
    assert differing == []
    accounts = ask(
        refreshed,
        "SELECT bank_account_id, count(*), sum(statement_gap) FROM marts.fct_bank_reconciliation_statements GROUP BY 1",
    )
    assert len(accounts) >= 2
    assert all(count >= 18 for _, count, _ in accounts)
    assert any(gap for _, _, gap in accounts)
    for account, _, _ in accounts:
        rows = as_rows(run(refreshed, "reconciliation-statement", str(account), "--format", "csv"))
        for side in ("bank", "ledger"):
            *items, adjusted = [Decimal(row["amount"]) for row in rows if row["side"] == side]
            assert sum(items) == adjusted
        assert Decimal(rows[-1]["amount"]) == 0
        assert "Difference  0.00" in run(refreshed, "reconciliation-statement", str(account))


def test_status_says_what_is_in_force(refreshed: Home) -> None:
    release = current_release(refreshed)
    assert release is not None
    facts = {row["fact"]: row["value"] for row in json.loads(run(refreshed, "status", "--format", "json"))}
    assert facts["marts of run"] == facts["last run"] == release.run_id
    assert facts["outcome"] == "published"
    assert facts["as of"] == "2026-06-30"
    assert facts["verified"] is True
    assert facts["rows in quarantine"] >= 1
    assert facts["database"] == str(refreshed.published_database)


def test_a_killed_run_shows_in_the_status(copy: Copy) -> None:
    home = copy("interrupted")
    (home.reports / "20990101T000000Z-abcdef").mkdir()
    facts = {row["fact"]: row["value"] for row in json.loads(run(home, "status", "--format", "json"))}
    assert (facts["last run"], facts["outcome"]) == ("20990101T000000Z-abcdef", "interrupted")
    assert facts["verified"] is True


def test_a_blocked_run_shows_its_own_findings(copy: Copy) -> None:
    home = copy("blocked")
    report = home.reports / "20990101T000000Z-abcdef"
    report.mkdir()
    reason = "no_line_is_lost of acme: expected 3, found 2"
    (report / "run.json").write_text(
        json.dumps({"outcome": "blocked", "blocking": [reason], "reason": None, "seconds": 1.0}),
        encoding="utf-8",
    )
    finding = {
        "exception_id": "e1", "severity": "error", "company_id": "acme", "side": "file", "object_id": "acme/a.txt",
        "reason_code": "file_refused", "reason_en": "File refused", "reason_fr": "Fichier refusé",
        "amount": "-12.50", "currency_code": "EUR", "age_days": 3,
        "explanation_en": "Read me.", "explanation_fr": "Lisez-moi.", "first_seen_date": "2026-06-27",
    }  # fmt: skip
    (report / "results.json").write_text(
        json.dumps({"exception_count": 9, "exceptions": [finding]}), encoding="utf-8"
    )
    facts = [(row["fact"], row["value"]) for row in json.loads(run(home, "status", "--format", "json"))]
    assert ("outcome", "blocked") in facts
    assert ("reason", reason) in facts
    assert any(fact == "remedy" and f"dbt.log from {report}" in value for fact, value in facts)
    [row] = as_rows(run(home, "exceptions", "--format", "csv"))
    assert (row["amount"], row["explanation"]) == ("-12.50", "Read me.")
    printed = run(home, "exceptions")
    assert "which was blocked" in printed
    assert "Of its 9 exceptions the worst 1 are kept." in " ".join(printed.split())


def test_a_refresh_ends_with_a_summary(refreshed_again: Again) -> None:
    home, output = refreshed_again.home, refreshed_again.printed
    [(outstanding,)] = ask(
        home,
        "SELECT sum(total_amount) FROM marts.mart_aged_balance WHERE ledger_side = 'receivable' "
        "GROUP BY company_id ORDER BY company_id LIMIT 1",
    )
    assert f"{outstanding:,.2f}" in output
    for label in (
        f"Outstanding as of {A_MONTH_LATER}",
        "Overdue",
        "> 90 d late",
        "Unapplied credits",
        "landed",
        "refused",
    ):
        assert label in output
    for label in ("control totals agree", "Exceptions", str(home.published_database), "Done in "):
        assert label in output


def test_a_second_refresh_says_that_nothing_has_changed(later: Home) -> None:
    assert run(later, "refresh", *ASKED_LATER).startswith("Nothing has changed since run ")


def test_accept_lets_in_what_is_held_alone(later: Home) -> None:
    home = later
    [(in_force,)] = ask(
        home,
        "SELECT max(source_file) FROM marts.fct_source_files WHERE status = 'landed' AND kind = 'ledger'",
    )

    def refused(file: str) -> str:
        result = CliRunner().invoke(main, ["accept", file, "--home", str(home.root)])
        assert result.exit_code == 1, result.output
        assert not list((home.landing / "acceptances").glob("*.json"))
        return result.output

    assert f"{in_force} is not held, it is landed" in refused(str(in_force))
    assert f"no file nowhere.txt was read by the last refresh; held are {OF_NO_COMPANY}." in refused(
        "nowhere.txt"
    )
    assert f"{OF_NO_COMPANY} is accepted" in run(home, "accept", OF_NO_COMPANY)
    assert len(list((home.landing / "acceptances").glob("*.json"))) == 1


def test_exit_code_of_a_blocked_refresh(refreshed: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestration.refresh import Refreshed
    from orchestration.run import Outcome

    blocked = Refreshed(Outcome.BLOCKED, "r2", 1.0, ("no_line_is_lost of acme: expected 3, found 2",))
    monkeypatch.setattr("orchestration.refresh.refresh", lambda *_, **__: blocked)
    result = CliRunner().invoke(main, ["refresh", "--home", str(refreshed.root)])
    assert result.exit_code == 3
    assert "A blocking check failed: the marts in force stay as they are." in result.output
    assert "no_line_is_lost of acme: expected 3, found 2" in result.output


def test_reminders_ask_for_what_the_marts_say(copy: Copy) -> None:
    home = copy("reminded")
    expected = ask(
        home, "SELECT action_id, amount, item_count, channel, email FROM marts.fct_dunning_actions ORDER BY 1"
    )
    assert len(expected) > 5
    rows = as_rows(run(home, "dun", "--format", "csv"))
    found = [
        (
            row["action_id"],
            Decimal(row["amount"]),
            int(row["item_count"]),
            row["channel"],
            row["email"] or None,
        )
        for row in rows
    ]
    assert sorted(found) == expected
    assert {row["outcome"] for row in rows} == {"to_do"}
    documents = ask(
        home,
        "SELECT action_id, document_ref, dunning_amount FROM marts.fct_dunning_items WHERE action_id IS NOT NULL",
    )
    assert {row["channel"] for row in rows if not row["file"]} <= {"phone"}
    for row in rows:
        if not row["file"]:
            continue
        text = _words(row["file"])
        own = [
            (document, amount) for action_id, document, amount in documents if action_id == row["action_id"]
        ]
        assert own
        for document, amount in own:
            assert str(document) in text
            assert re.sub(r"\D", "", str(amount)) in re.sub(r"[\s.,]", "", text)
    assert not home.dunning_log.exists()


def _words(file: str) -> str:
    if file.endswith(".pdf"):
        return "\n".join(page.extract_text() for page in PdfReader(file).pages)
    message = email.message_from_bytes(Path(file).read_bytes(), policy=default)
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
