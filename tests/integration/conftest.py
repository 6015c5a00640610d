"""A small group of companies, refreshed once, and once more a month later; tests work on copies of their homes."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from home.layout import Home
from orchestration.cli import main
from orchestration.refresh import refresh
from orchestration.run import Outcome
from samples.generator import generate
from tests.made_once import made_once

AS_OF = date(2026, 6, 30)
A_MONTH_LATER, KNOWN_LATER = date(2026, 7, 31), date(2026, 8, 1)
ASKED_LATER = ("--as-of", f"{A_MONTH_LATER}", "--known-at", f"{KNOWN_LATER}")
OF_NO_COMPANY = "elsewhere.csv"
"""A file that lies beside the folders of the companies."""


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose marts are published, as of 2026-06-30. Not to be changed."""

    def make(folder: Path) -> None:
        home = Home.at(folder)
        home.create()
        generate(home.inbox, lines=1_500, seed=7, as_of=AS_OF)
        done = refresh(home, as_of=AS_OF, known_at=AS_OF)
        assert done.outcome is Outcome.PUBLISHED

    return Home.at(made_once(tmp_path_factory, "refreshed", make))


@dataclass(frozen=True)
class Again:
    """A home after its second run, and what ``encours refresh`` printed of it."""

    home: Home
    printed: str


@pytest.fixture(scope="session")
def refreshed_again(refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> Again:
    """The home a month later, known the day after, with an invoice less and a file of no company. Not to be changed."""

    def make(folder: Path) -> None:
        home = Home.at(folder / "home")
        shutil.copytree(refreshed.root, home.root, symlinks=True)
        invoices = next(home.inbox.rglob("invoices.csv"))
        lines = invoices.read_text(encoding="utf-8").splitlines(keepends=True)
        invoices.write_text("".join(lines[:-1]), encoding="utf-8")
        (home.inbox / OF_NO_COMPANY).write_text("third_party_code,name\nC1,Un\n", encoding="utf-8")
        done = CliRunner().invoke(main, ["refresh", *ASKED_LATER, "--home", str(home.root)])
        assert done.exit_code == 0, done.output
        (folder / "printed.txt").write_text(done.stdout, encoding="utf-8")

    folder = made_once(tmp_path_factory, "refreshed_again", make)
    return Again(Home.at(folder / "home"), (folder / "printed.txt").read_text(encoding="utf-8"))


@pytest.fixture
def copy(refreshed: Home, tmp_path: Path) -> Callable[[str], Home]:
    """Copies the refreshed home under a name."""

    def copy_to(name: str) -> Home:
        shutil.copytree(refreshed.root, tmp_path / name, symlinks=True)
        return Home.at(tmp_path / name)

    return copy_to
