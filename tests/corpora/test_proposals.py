"""The mapping that is proposed for each bank table of the corpora, against the built-in mapping that reads it."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from ingestion.detection import read_head
from ingestion.mapping.catalogue import built_in
from ingestion.mapping.fitting import Fit, Search
from ingestion.mapping.place import Given
from ingestion.mapping.proposal import propose
from ingestion.mapping.reader import MappedReader
from ingestion.reading import BadRow, FileRefusedError, Head


class Shelf:
    def __init__(self) -> None:
        self.tables: dict[str, list[pa.Table]] = {}

    def write(self, table: str, rows: pa.Table) -> None:
        self.tables.setdefault(table, []).append(rows)

    def quarantine(self, rows: list[BadRow]) -> None:
        pass


def movements(fit: Fit | None, head: Head) -> list[tuple[Any, Any]] | None:
    if fit is None:
        return None
    shelf = Shelf()
    MappedReader(fit, Given("account", "", "EUR")).read(head.path, head, "", shelf)
    return [
        (row["booking_date"], row["amount"])
        for table in shelf.tables.get("bank_transactions", [])
        for row in table.to_pylist()
    ]


def test_what_is_proposed_lands_the_bookings_that_the_built_in_mapping_lands(corpora: Path) -> None:
    same, other = [], []
    for path in sorted((corpora / "bankcsv").rglob("*.*")):
        head = read_head(path)
        try:
            expected = movements(Search(head).only(built_in().mappings), head)
        except FileRefusedError:
            continue
        if expected is None:
            continue
        fit = Search(head).only([propose(head, "proposed").mapping])
        (same if movements(fit, head) == expected else other).append(path.name)
    # 2026-11-22: all 58, among them the two statements without a row. Three fewer would be a fault worth a look.
    assert len(same) >= 56, other
