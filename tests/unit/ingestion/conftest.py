"""A home of its own for each test, and the means to drop files in its inbox and read what landed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from home.layout import Home
from home.settings import Settings
from ingestion.intake import Intake, take_in
from ingestion.landing import landed_files
from ingestion.schemas import LANDED_TABLES

SEEN_AT = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)


@dataclass
class Desk:
    """A home at work: files are dropped, an intake runs, landed rows are looked at."""

    home: Home
    settings: Settings = field(default_factory=Settings)

    def drop(self, source_file: str, content: bytes | str) -> Path:
        path = self.home.inbox / source_file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def take(self, *, seen_at: datetime = SEEN_AT) -> Intake:
        return take_in(self.home, self.settings, seen_at=seen_at)

    def rows(self, table: str) -> list[dict[str, Any]]:
        schema = LANDED_TABLES[table]
        tables: Sequence[pa.Table] = [pq.read_table(path) for path in landed_files(self.home, table)]
        for landed in tables:
            assert landed.schema.equals(schema), f"{table} landed as {landed.schema}"
        return pa.concat_tables([schema.empty_table(), *tables]).to_pylist()

    def status(self, intake: Intake) -> dict[str, str]:
        return {row["source_file"]: row["status"] for row in intake.source_files.to_pylist()}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    home = Home.at(tmp_path / "home")
    home.create()
    return Desk(home)


@pytest.fixture
def make_desk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Desk]:
    """For property tests, which need a fresh home for each example."""

    def make() -> Desk:
        home = Home.at(tmp_path_factory.mktemp("home"))
        home.create()
        return Desk(home)

    return make
