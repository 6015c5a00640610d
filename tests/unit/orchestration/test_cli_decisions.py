"""encours decisions: what the command line shows, checks, writes and takes in."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from decisions.decision import NewDecision
from decisions.store import open_store
from home.layout import Home
from home.settings_file import load
from orchestration.cli import main


def run(home: Home, *arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["decisions", *map(str, arguments), "--home", str(home.root)])
    return result.exit_code, result.output


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home in which Anne accepted a match, and Bruno took that back."""
    made = Home.at(tmp_path / "home")
    made.create()
    with open_store(made, load(made)) as store:
        accepted = NewDecision(
            kind="accept",
            company_id="acme",
            exception_id="3c32c74f900a682b",
            reviewer="anne",
            reason="=Slip of 20 January",
            pairs=(("b1", "l1"),),
        )
        store.append(accepted, expected=0)
        store.append(NewDecision(kind="undo", reviewer="bruno", payload={"sequence": 1}), expected=None)
    return made


def test_each_decision_is_listed_with_what_has_undone_it(home: Home) -> None:
    code, output = run(home, "list")
    assert code == 0
    first, second = [line.split() for line in output.splitlines() if "anne" in line or "bruno" in line]
    assert first[0] == "1"
    assert first[3:6] == ["anne", "accepted", "acme"]
    assert first[-1] == "2"
    assert second[3:5] == ["bruno", "undone"]


def test_programs_get_the_codes_and_a_spreadsheet_no_formula(home: Home) -> None:
    code, output = run(home, "list", "--format", "json", "--exception", "3c32")
    assert code == 0
    assert [(row["kind"], row["subject"], row["undone_by"]) for row in json.loads(output)] == [
        ("accept", "b1 = l1", 2),
        ("undo", "#1", None),
    ]
    assert json.loads(run(home, "list", "--format", "json", "--exception", "ffff")[1]) == []
    assert '"\'=Slip of 20 January"' in run(home, "list", "--format", "csv")[1]


def test_a_whole_chain_is_verified_with_its_head(home: Home) -> None:
    with open_store(home, load(home)) as store:
        head = store.head()
    assert run(home, "verify") == (0, f"2 decisions, each as it was made; the head is {head}.\n")
    assert run(home, "verify", "--head", head)[0] == 0


def test_a_head_that_was_noted_and_is_gone_fails(home: Home) -> None:
    code, output = run(home, "verify", "--head", "f00d")
    assert code == 1
    assert "no decision has the hash f00d; it is gone, or was written anew." in output


def test_an_edited_decision_fails_and_is_named(home: Home) -> None:
    with closing(sqlite3.connect(home.decisions)) as connection, connection:
        connection.execute("DROP TRIGGER encours_decisions_updated")
        connection.execute("UPDATE encours_decisions SET content = replace(content, 'anne', 'mallory')")
    code, output = run(home, "verify")
    assert code == 1
    assert output == (
        f"Error: {home.decisions}: decision 1 is not what was decided: its content does not give its hash.\n"
    )


def test_decisions_that_a_refresh_has_applied_and_that_are_gone_are_missed(home: Home) -> None:
    report = home.reports / "20260630T060000Z-abcdef" / "decisions.json"
    report.parent.mkdir()
    report.write_text('{"sequence": 5, "hash": "f00d"}')
    code, output = run(home, "verify")
    assert code == 1
    assert "decision 3 is missing: a refresh has applied 5, and 2 are here." in output


def test_what_is_exported_is_imported_elsewhere_once(home: Home, tmp_path: Path) -> None:
    other = Home.at(tmp_path / "other")
    other.create()
    file = tmp_path / "decisions.csv"
    assert run(home, "export", file) == (0, f"{file} holds 2 decisions.\n")
    assert run(other, "import", file)[1].startswith("2 decisions added, 0 were here already;")
    assert run(other, "import", file)[1].startswith("0 decisions added, 2 were here already;")
    assert run(other, "list", "--format", "json")[1] == run(home, "list", "--format", "json")[1]


def test_what_cannot_be_imported_or_named_ends_in_one_sentence(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "decisions.txt"
    assert run(home, "export", file)[0] == 2
    assert not file.exists()
    file.write_text("neither\n")
    code, output = run(home, "import", file)
    assert code == 1
    assert output.startswith(f"Error: {file}, line 1: the columns are not sequence,")
    assert output.count("\n") == 1


def test_an_environment_variable_that_is_not_set_is_named(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OUR_DECISIONS", raising=False)
    home.settings_file.write_text('[decisions]\nurl_variable = "OUR_DECISIONS"\n')
    code, output = run(home, "list")
    assert code == 1
    assert "decisions.url_variable names OUR_DECISIONS, which is not set; set it to the URL" in output
