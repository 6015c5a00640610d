"""A file cut at any byte: refused where the format says how it ends, else no more lands than stands before the cut."""

import os
from typing import Any

import pytest

from tests.unit.ingestion.hostile.explained import assert_explained, assert_nothing_left_over
from tests.unit.ingestion.hostile.small_files import small_files

SMALL = small_files()
PLACE = "acme/FR7630006000011234567890189"

HAS_NO_END = {
    "mt940",
    "bank_csv",
    "third_parties",
    "invoices",
    "disputes",
    "promises",
    "dunning_events",
    "fx_rates",
    "decisions",
} | {name for name in SMALL if name.startswith("fec") and name != "fec xml"}
"""Formats in which nothing tells the last record, or statement, from one before it."""


STEP = 1 if "ENCOURS_FUZZ" in os.environ else 11
"""Every byte takes minutes; the end, where most formats say that it is one, is always cut at each."""


@pytest.mark.parametrize("name", SMALL)
def test_a_file_cut_at_any_byte_never_passes_for_another(desk: Any, name: str) -> None:
    whole = SMALL[name]
    desk.drop(f"{PLACE}/whole", whole)
    lengths = sorted({*range(1, len(whole), STEP), *range(max(1, len(whole) - 150), len(whole))})
    cuts = {desk.drop(f"{PLACE}/{length:06}", whole[:length]).name: length for length in lengths}
    records = {record.source_file.removeprefix(f"{PLACE}/"): record for record in desk.take().new_files}
    tables = {table: _rows_by_file(desk, table) for table in records["whole"].tables}
    sha256 = records["whole"].source_sha256
    for cut, length in cuts.items():
        record = records[cut]
        assert record.rows_read == record.rows_landed + record.rows_quarantined, length
        if record.status == "refused":
            assert_explained(desk, record)
            continue
        if name not in HAS_NO_END:
            for by_file in tables.values():
                assert by_file.get(record.source_sha256, []) == by_file[sha256], (
                    f"{length} of {len(whole)} bytes landed as if whole"
                )
        counted = next(iter(tables.values()))
        landed, full = counted.get(record.source_sha256, []), counted[sha256]
        assert [*landed[:-1], *full[len(landed[:-1]) :]] == full, length
        assert len(landed) <= len(full), length
    assert_nothing_left_over(desk)


def _rows_by_file(desk: Any, table: str) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in desk.rows(table):
        rows.setdefault(row.pop("source_sha256"), []).append(row)
    return rows
