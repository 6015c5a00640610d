"""What people see of a table on a narrow terminal, in a pipe, and of what could not be looked at."""

import io
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from home.layout import Home
from orchestration import screen
from orchestration.listing import Column, Listing
from orchestration.refresh import Refreshed
from orchestration.run import Outcome
from orchestration.screen import PIPE_WIDTH, Screen, show_sums

BALANCES = Listing(
    "Aged balance",
    [
        Column("company_id"),
        Column("ledger_side", words={"receivable": "customers", "payable": "suppliers"}),
        Column("third_party_code", "Code"),
        Column("name", "Third party"),
        Column("total_amount", "Total"),
        Column("not_due_1", "Due in 0–30 d", is_detail=True),
        Column("overdue_1", "1–30 d late"),
        Column("overdue_4", "> 90 d late"),
    ],
    [
        ("a", "receivable", "C1", "Un", Decimal("100.00"), Decimal("10.00"), Decimal("20.00"), Decimal("70.00")),
        ("a", "receivable", "C2", "Deux", Decimal("200.00"), Decimal("20.00"), Decimal("40.00"), Decimal("140.00")),
        ("a", "payable", "F1", "Trois", Decimal("5.00"), Decimal("5.00"), Decimal("0.00"), Decimal("0.00")),
    ],
)  # fmt: skip


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> Console:
    out = Console(width=width, record=True, force_terminal=True, file=io.StringIO(), highlight=False)
    monkeypatch.setattr(screen, "console", lambda: out)
    return out


def test_sums_stand_apart_for_what_may_not_be_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    out = on_a_terminal(monkeypatch, 120)
    show_sums(BALANCES, "en", by=2)
    customers, _, suppliers = out.export_text().partition("suppliers")
    assert "Aged balance, a, customers" in customers
    assert "300.00" in customers
    assert "5.00" in suppliers
    assert "305.00" not in customers + suppliers
    assert "1–30 d late" in customers
    assert "late" not in suppliers, "a column of nothing but zeros is left out"


def test_a_narrow_terminal_loses_the_detail_first_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    out = on_a_terminal(monkeypatch, 40)
    show_sums(BALANCES, "en", by=2)
    customers = out.export_text().partition("suppliers")[0]
    assert "140.00" in customers
    assert "20.00" in customers
    assert "0–30 d" not in customers.partition("Without")[0]
    assert "Without Due in 0–30 d: the terminal is too narrow." in " ".join(customers.split())
    assert max(map(len, customers.splitlines())) <= 40


def test_a_pipe_is_given_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    amounts = [Decimal("123456789.12")] * 14
    columns = [*BALANCES.columns[:4], *(Column(f"band_{i}", f"Band {i}") for i in range(14))]
    assert not sys.stdout.isatty()
    show_sums(Listing("Wide", columns, [("a", "receivable", "C1", "Un", *amounts)]), "en", by=2)
    printed = capsys.readouterr().out
    assert printed.count("123,456,789.12") == 28
    assert max(map(len, printed.splitlines())) > PIPE_WIDTH


def test_an_empty_inbox_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home.at(tmp_path)
    Screen().summarise(home, Refreshed(Outcome.EMPTY, "", 0.1))
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{home.inbox} is empty: drop a ledger (FEC)")


def test_what_could_not_be_looked_at_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = (
        "acme/a.txt cannot be read (Permission denied): give the user that runs Encours the right to read it."
    )
    Screen().summarise(Home.at(tmp_path), Refreshed(Outcome.UNCHANGED, "r1", 0.1, notes=(note,)))
    assert note in capsys.readouterr().out


def test_a_blocked_run_is_called_a_fault_of_encours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home.at(tmp_path)
    Screen().summarise(home, Refreshed(Outcome.BLOCKED, "r2", 1.0, ("no_line_is_lost of acme: lost",)))
    printed = capsys.readouterr().out
    assert "no_line_is_lost of acme: lost" in printed
    assert "a fault of Encours, not of your files" in printed
    assert f"refresh.log and dbt.log from {home.reports / 'r2'}" in printed
