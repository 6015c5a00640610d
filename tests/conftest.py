"""What every test may ask for: the corpora of real files, where there are any, and a PostgreSQL server."""

import os
from pathlib import Path

import pytest

from tests.postgres_server import postgres_server as postgres_server
from tests.postgres_server import postgres_url as postgres_url

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real exports; the test is skipped where it is not there."""
    folder = Path(os.environ.get("ENCOURS_CORPORA", REPOSITORY.parent / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"no corpora in {folder}; set ENCOURS_CORPORA to a folder of real exports")
    return folder
