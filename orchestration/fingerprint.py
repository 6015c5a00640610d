"""Whether anything has changed since the marts were published: a digest of all that they are made from.

Dates are not in it: a new day alone must not look like new files to the sensor.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from decisions.decision import Decision
from dunning.log import log_position
from home.layout import Home
from home.settings import Settings
from ingestion.inbox import ScannedFile

SOURCES: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = (
    "orchestration",
    "ingestion",
    "decisions",
    "dunning",
    "home",
    "quality",
    "forecasting",
    "reconciliation",
    "dbt_project",
    "dbt_profiles",
)
CODE: Final = {".py", ".sql", ".yml", ".csv", ".json", ".toml", ".xsl"}

NOT_OF_THE_MARTS: Final[Mapping[str, bool | Mapping[str, bool]]] = {
    "app": True,
    "publishing": True,
    "dunning": {"smtp": True},
}
"""Settings that say who looks at the marts, where they go and how mail leaves, and change no figure."""


def fingerprint(home: Home, settings: Settings, files: Sequence[ScannedFile], newest: Decision | None) -> str:
    """The digest of files (place and content), acceptances, decisions (by the newest), reminders, settings and code.

    Raises LogError when the log of reminders cannot be read.
    """
    content = {
        "files": sorted([file.source_file, file.sha256] for file in files),
        "acceptances": sorted(path.name for path in (home.landing / "acceptances").glob("*.json")),
        "decisions": newest.hash if newest else "",
        "reminders": log_position(home),
        "settings": settings.model_dump(mode="json", exclude=NOT_OF_THE_MARTS),
        "code": _code_digest(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@cache
def _code_digest() -> str:
    digest = hashlib.sha256()
    for path in _code_files():
        digest.update(str(path.relative_to(SOURCES)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _code_files() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((SOURCES / package).rglob("*")):
            if path.suffix in CODE and "target" not in path.parts:
                yield path
