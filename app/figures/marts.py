"""The published marts, read at one release, so that a page never mixes the figures of two runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from home.layout import Home
from orchestration.errors import NothingPublishedError
from orchestration.publish import DATABASE_NAME
from orchestration.queries import published


@dataclass(frozen=True)
class PinnedHome(Home):
    """A home whose published marts stay those of one run, whatever is published meanwhile.

    The release before the one in force is kept on disk, so that a page in work can end what it has begun.
    """

    run_id: str
    release: Path

    @property
    def published_database(self) -> Path:
        """The marts of this run."""
        return self.release / DATABASE_NAME


def pinned(home: Home) -> PinnedHome | None:
    """The home at the release in force; None when nothing is published."""
    # The link is followed once: its folder is named after the run.
    release = (home.marts / "current").resolve()
    if not (release / DATABASE_NAME).exists():
        return None
    return PinnedHome(home.root, release.name, release)


def rows(home: PinnedHome, query: str, values: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
    """The rows of a query on the marts, as dictionaries; amounts are Decimal.

    Raises NothingPublishedError where the marts are older than the question.
    """
    with published(home) as connection:
        try:
            found = connection.execute(query, dict(values or {}))
        except (duckdb.CatalogException, duckdb.BinderException):
            raise NothingPublishedError(
                f"{home.root}: the marts in force are older than this page; run encours refresh first."
            ) from None
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
