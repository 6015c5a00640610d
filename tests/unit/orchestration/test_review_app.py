"""How the review application is started: for this machine only, unless people sign in."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from home.layout import Home
from home.settings import Settings
from orchestration import review_app
from orchestration.cli import main

LOCAL = Settings.model_validate({})
SIGNED_IN = Settings.model_validate({"app": {"mode": "oidc", "port": 9000}})


def options(arguments: list[str]) -> dict[str, str]:
    return dict(one.removeprefix("--").split("=", 1) for one in arguments if one.startswith("--"))


def test_without_sign_in_it_answers_to_this_machine_only(tmp_path: Path) -> None:
    arguments, environment = review_app.command(Home.at(tmp_path), LOCAL)
    assert options(arguments)["server.address"] == "127.0.0.1"
    assert environment == {"ENCOURS_HOME": str(tmp_path)}
    for host in ("0.0.0.0", "10.1.2.3", "::"):
        with pytest.raises(review_app.NotForOthersError):
            review_app.command(Home.at(tmp_path), LOCAL, host=host)


def test_with_sign_in_it_may_answer_to_others(tmp_path: Path) -> None:
    arguments, _ = review_app.command(Home.at(tmp_path), SIGNED_IN, host="0.0.0.0")
    given = options(arguments)
    assert given["server.address"] == "0.0.0.0"
    assert given["server.port"] == "9000"
    assert given["secrets.files"] == str(tmp_path / ".streamlit" / "secrets.toml")


def test_tables_leave_by_the_guarded_exports_only(tmp_path: Path) -> None:
    arguments, _ = review_app.command(Home.at(tmp_path), LOCAL)
    assert options(arguments)["client.disableDataExport"] == "true"


def test_pages_of_other_sites_are_kept_out_whatever_a_configuration_of_streamlit_says(tmp_path: Path) -> None:
    arguments, _ = review_app.command(Home.at(tmp_path), LOCAL)
    given = options(arguments)
    assert (given["server.enableCORS"], given["server.enableXsrfProtection"]) == ("true", "true")


def test_it_tells_nobody_of_its_use(tmp_path: Path) -> None:
    arguments, _ = review_app.command(Home.at(tmp_path), LOCAL)
    assert options(arguments)["browser.gatherUsageStats"] == "false"


def test_the_command_says_in_one_sentence_why_it_does_not_listen_to_others(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["app", "--home", str(tmp_path), "--host", "0.0.0.0"])
    assert done.exit_code == 1
    assert "without sign-in" in done.output
    assert len(done.output.strip().splitlines()) == 1
