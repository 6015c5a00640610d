"""Which mappings there are: those of ``encours.toml``, and those that come with Encours.

Here: where they are kept, and what changes when one does. Not here: which of them fits a file (``fitting``).
"""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import Field

from home.mapping import Fitting, Mapping
from home.section import Section
from home.settings import Settings


class NotRead(Fitting):
    """A table that is known and holds nothing that Encours reads: what it is, and what to drop instead."""

    reason: str = Field(min_length=1)
    remedy: str = Field(min_length=1)


class BuiltIn(Section):
    """A file of ``ingestion/mappings``."""

    mappings: tuple[Mapping, ...] = ()
    not_read: tuple[NotRead, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """All mappings that a home may use."""

    configured: tuple[Mapping, ...]
    built_in: tuple[Mapping, ...]
    not_read: tuple[NotRead, ...]

    @classmethod
    def of(cls, settings: Settings) -> "Catalogue":
        """The mappings of the settings, and those that come with Encours."""
        known = built_in()
        return cls(settings.mappings, known.mappings, known.not_read)

    @property
    def fingerprint(self) -> str:
        """What changes when any mapping does."""
        return _digest(
            [item.model_dump(mode="json") for item in (*self.configured, *self.built_in, *self.not_read)]
        )


@cache
def built_in() -> BuiltIn:
    """What ``ingestion/mappings/*.toml`` hold."""
    texts = sorted(
        (item.name, item.read_text(encoding="utf-8"))
        for item in files("ingestion").joinpath("mappings").iterdir()
        if item.name.endswith(".toml")
    )
    parts = [BuiltIn.model_validate(tomllib.loads(text)) for _, text in texts]
    return BuiltIn(
        mappings=tuple(mapping for part in parts for mapping in part.mappings),
        not_read=tuple(item for part in parts for item in part.not_read),
    )


def fingerprint(mapping: Mapping, *more: str) -> str:
    """What changes when the mapping, or anything else that a reading depends on, does: 16 hexadecimal digits."""
    return _digest([mapping.model_dump(mode="json"), *more])[:16]


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
