"""Real files that nobody of this project wrote, looked for in ENCOURS_CORPORA or beside the checkout."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def corpora() -> Path:
    folder = Path(os.environ.get("ENCOURS_CORPORA", ROOT.parent / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip("no corpora: name their folder in ENCOURS_CORPORA to run this")
    return folder
