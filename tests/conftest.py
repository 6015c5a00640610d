"""What every test may ask for: the corpora of real files, where there are any, and a PostgreSQL server."""

import os
from pathlib import Path

import pytest

from tests.postgres_server import postgres_server as postgres_server
from tests.postgres_server import postgres_url as postgres_url

REPOSITORY = Path(__file__).resolve().parent.parent

LONGEST = (
    "tests/integration/test_kill.py",
    "tests/integration/test_decisions.py",
    "tests/golden/test_case_05_opening_in_one_line.py",
    "tests/dbt/test_unit_tests.py",
    "tests/app/test_reviewing.py",
    "tests/dbt/properties/test_open_items_on_every_day.py",
    "tests/integration/bi/test_ways.py",
    "tests/integration/test_refresh.py",
    "tests/integration/test_cli.py",
    "tests/app/test_pages.py",
    "tests/app/test_signing_in.py",
)
"""Files that take a minute or more, the longest first: begun last, one of them would keep one worker busy alone."""


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a quarter of the time, a test waits for a browser, a server or a child."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; the others stay in their order."""

    def place(item: pytest.Item) -> int:
        file = item.path.relative_to(REPOSITORY).as_posix()
        return LONGEST.index(file) if file in LONGEST else len(LONGEST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real exports; the test is skipped where it is not there."""
    folder = Path(os.environ.get("ENCOURS_CORPORA", REPOSITORY.parent / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"no corpora in {folder}; set ENCOURS_CORPORA to a folder of real exports")
    return folder
