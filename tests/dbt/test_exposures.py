"""What the project says of who reads the marts is what they read."""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

READERS = {
    "review_application": ("app", "*.py"),
    "superset_dashboard": ("bi/superset/datasets", "*.yaml"),
}


def test_exposures_name_the_marts_that_are_read(parsed: Any) -> None:
    exposures: dict[str, Any] = {exposure.name: exposure for exposure in parsed.exposures.values()}
    marts = {
        node.name
        for node in parsed.nodes.values()
        if node.resource_type == "model" and node.config.schema == "marts"
    }
    assert set(exposures) == set(READERS)
    for name, (folder, pattern) in READERS.items():
        text = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / folder).rglob(pattern))
        read = marts & set(re.findall(r"\b(?:dim|fct|mart)_\w+", text))
        assert read
        assert {node.rpartition(".")[2] for node in exposures[name].depends_on.nodes} == read, name
