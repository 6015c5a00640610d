"""The small files that other tests break are sound; their names say nothing of what they are."""

from typing import Any

import pytest

from ingestion.detection import find_reader, read_head
from ingestion.formats import readers
from tests.unit.ingestion.hostile.small_files import small_files

SMALL = small_files()


@pytest.mark.parametrize("name", SMALL)
def test_the_small_file_lands_whole_under_a_wrong_name(desk: Any, name: str) -> None:
    desk.drop("acme/FR7630006000011234567890189/holiday.jpg", SMALL[name])
    (record,) = desk.take().new_files
    assert (record.status, record.reason, record.rows_quarantined) == ("landed", None, 0)
    assert record.rows_landed >= 1


def test_every_reader_has_a_small_file(desk: Any) -> None:
    heads = [read_head(desk.drop(f"acme/{number}", content)) for number, content in enumerate(SMALL.values())]
    assert {find_reader(head) for head in heads} >= set(readers())
