"""A small group of companies, refreshed once; tests work on copies of its home."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from home.layout import Home
from orchestration.refresh import refresh
from orchestration.run import Outcome
from samples.generator import generate
from tests.made_once import made_once

AS_OF = date(2026, 6, 30)


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


@pytest.fixture
def copy(refreshed: Home, tmp_path: Path) -> Callable[[str], Home]:
    """Copies the refreshed home under a name."""

    def copy_to(name: str) -> Home:
        shutil.copytree(refreshed.root, tmp_path / name, symlinks=True)
        return Home.at(tmp_path / name)

    return copy_to
