"""Stores to decide in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from decisions.store import Store, open_store
from home.layout import Home
from home.settings import Settings


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.at(tmp_path / "home")
    made.create()
    return made


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with open_store(home, Settings.model_validate({})) as opened:
        yield opened
