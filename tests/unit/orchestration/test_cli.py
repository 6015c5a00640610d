"""The command line before any mart exists: usage, homes, settings, exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from home.layout import Home
from home.lock import one_refresh_at_a_time
from home.settings_file import template
from orchestration.cli import main


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from orchestration.cli import main; main(['--help'], standalone_mode=False); "
        "heavy = {'dagster', 'dbt', 'great_expectations', 'duckdb', 'pyarrow', 'pandas'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for command in [
        "init",
        "demo",
        "refresh",
        "accept",
        "status",
        "exceptions",
        "explain",
        "aged-balance",
        "statement",
    ]:
        assert command in done.stdout


def test_init_makes_a_home_and_keeps_what_is_there(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "h")
    code, output = run("init", home.root)
    assert code == 0
    assert str(home.inbox) in output
    assert home.inbox.is_dir()
    assert home.settings_file.read_text(encoding="utf-8") == template()
    home.settings_file.write_text("time_zone = 'UTC'\n", encoding="utf-8")
    assert run("init", home.root)[0] == 0
    assert home.settings_file.read_text(encoding="utf-8") == "time_zone = 'UTC'\n"


@pytest.mark.parametrize("command", ["refresh", "status", "exceptions", "aged-balance"])
def test_a_home_that_does_not_exist_is_bad_usage(tmp_path: Path, command: str) -> None:
    code, output = run(command, "--home", tmp_path / "absent")
    assert code == 2
    assert "there is no home here; make one with encours init" in output
    assert not (tmp_path / "absent").exists()


def test_the_home_is_found_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_HOME", str(tmp_path / "from-environment"))
    assert str(tmp_path / "from-environment") in run("status")[1]


def test_a_fault_in_the_settings_is_bad_configuration(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.settings_file.write_text("[ageing]\noverdue = [1, 2, 3]\n", encoding="utf-8")
    code, output = run("refresh", "--home", tmp_path)
    assert code == 2
    assert output.splitlines() == [
        f"Error: {home.settings_file}: unknown key ageing.overdue; the nearest known key is overdue_days."
    ]


def test_a_date_that_is_none_is_bad_usage(tmp_path: Path) -> None:
    code, output = run("refresh", "--home", tmp_path, "--as-of", "30/06/2026")
    assert code == 2
    assert "'30/06/2026' is no date; write it as 2026-06-30." in output


def test_a_busy_home_is_a_failure_in_one_sentence(tmp_path: Path) -> None:
    script = (
        "import sys; from orchestration.cli import main; from home import lock; lock.WAIT_SECONDS = 0; "
        "main(['refresh', '--home', sys.argv[1]])"
    )
    with one_refresh_at_a_time(Home.at(tmp_path), command="encours refresh"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert "another refresh is running, process" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "command",
    [
        ["exceptions"],
        ["explain", "abcdef"],
        ["aged-balance"],
        ["statement", "ACME"],
        ["accept", "acme/2026.txt"],
    ],
)
def test_asking_before_anything_is_published(tmp_path: Path, command: list[str]) -> None:
    code, output = run(*command, "--home", tmp_path)
    assert code == 1
    assert "nothing is published yet; run encours refresh first." in output


def test_status_before_anything_is_published(tmp_path: Path) -> None:
    code, output = run("status", "--home", tmp_path)
    assert code == 0
    assert "nothing is published yet" in output


def test_an_empty_home_is_told_what_to_do(tmp_path: Path) -> None:
    code, output = run("refresh", "--home", tmp_path)
    assert code == 0
    assert output.startswith(f"{Home.at(tmp_path).inbox} is empty: drop a ledger (FEC)")
    assert len(output.splitlines()) == 1
    assert "nothing is published yet" in run("status", "--home", tmp_path)[1]


def test_the_demo_does_not_mix_with_files_of_your_own(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.create()
    (home.inbox / "mine.txt").write_text("mine", encoding="utf-8")
    code, output = run("demo", tmp_path)
    assert code == 2
    assert "already holds files" in output
    assert [path.name for path in home.inbox.iterdir()] == ["mine.txt"]


def test_a_traceback_comes_only_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_: Home) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("orchestration.queries.status", break_down)
    result = CliRunner().invoke(main, ["status", "--home", str(tmp_path)])
    assert (result.exit_code, result.output) == (
        1,
        "Error: ZeroDivisionError: division by zero; run again with --debug to see where.\n",
    )
    result = CliRunner().invoke(main, ["status", "--home", str(tmp_path), "--debug"])
    assert isinstance(result.exception, ZeroDivisionError)
