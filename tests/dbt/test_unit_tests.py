"""The rules that SQL holds, each on a few rows by hand: every dbt unit test is a test here.

They stand beside the models in ``_<folder>__unit_tests.yml`` and run here, not in the daily job.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"
NAMES = sorted(
    test["name"]
    for file in MODELS.rglob("_*__unit_tests.yml")
    for test in yaml.safe_load(file.read_text(encoding="utf-8"))["unit_tests"]
)


@pytest.fixture(scope="session")
def outcomes(built: Any) -> dict[str, tuple[str, str]]:
    """Unit test → status and message, from one run of all."""
    outcome = built.invoke("test", "--select", "test_type:unit")
    return {result.node.name: (str(result.status), result.message or "") for result in outcome.result.results}


@pytest.mark.parametrize("name", NAMES)
def test_rule(outcomes: dict[str, tuple[str, str]], name: str) -> None:
    status, message = outcomes[name]
    assert status == "pass", message
