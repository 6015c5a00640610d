"""Files made to fill the memory: lines without end, elements without number, headers without bounds."""

from typing import Any

import pytest

from tests.unit.ingestion.hostile.bounded import LIMIT_MEGABYTES, Taken, taken
from tests.unit.ingestion.hostile.explained import assert_one_sentence
from tests.unit.ingestion.hostile.small_files import small_files

SMALL = small_files()


def assert_refused_in_bounds(found: Taken) -> None:
    assert found.status == "refused", found
    assert_one_sentence(found.reason, found.remedy)
    assert found.megabytes < LIMIT_MEGABYTES, found


@pytest.mark.parametrize("name", ["fec", "nothing"])
def test_two_gigabytes_of_one_line_are_refused(desk: Any, name: str) -> None:
    path = desk.drop("acme/hostile", SMALL.get(name, b""))
    with path.open("r+b") as file:
        file.truncate(2 << 30)
    assert_refused_in_bounds(taken(desk))


@pytest.mark.parametrize("name", SMALL)
def test_a_line_that_does_not_end_is_refused_or_set_aside(desk: Any, name: str) -> None:
    middle = len(SMALL[name]) * 2 // 3
    path = desk.drop("acme/hostile", SMALL[name][:middle])
    with path.open("ab") as file:
        for _ in range(80):
            file.write(b"A" * (1 << 20))
        file.write(SMALL[name][middle:])
    found = taken(desk)
    assert found.megabytes < LIMIT_MEGABYTES, found
    if found.status == "refused":
        assert_one_sentence(found.reason, found.remedy)


XML = [name for name, content in SMALL.items() if content.lstrip().startswith(b"<")]


@pytest.mark.parametrize("name", XML)
def test_three_million_elements_that_nobody_knows_take_no_memory(desk: Any, name: str) -> None:
    end = SMALL[name].rindex(b"</")
    path = desk.drop("acme/hostile", SMALL[name][:end])
    with path.open("ab") as file:
        for _ in range(30):
            file.write(b"<x/>" * 100_000)
        file.write(SMALL[name][end:])
    found = taken(desk)
    assert found.megabytes < LIMIT_MEGABYTES, found
    if found.status == "refused":
        assert_one_sentence(found.reason, found.remedy)


@pytest.mark.parametrize("separator", [b",", b";", b"\t", b"|"])
def test_a_header_of_a_million_columns_is_refused(desk: Any, separator: bytes) -> None:
    columns = [
        b"JournalCode",
        b"EcritureDate",
        b"CompteNum",
        b"Debit",
        b"Credit",
        b"EcritureLib",
        b"document_number",
    ]
    header = separator.join([*columns, *(b"c%d" % number for number in range(1_000_000))])
    desk.drop("acme/hostile", header + b"\n" + separator * 1_000_006 + b"\n")
    assert_refused_in_bounds(taken(desk))


def test_a_cell_of_a_hundred_megabytes_is_refused_or_set_aside(desk: Any) -> None:
    desk.drop("acme/hostile", b'third_party_code,name\nA,"' + b"A\n" * (50 << 20) + b'"\nB,Durand\n')
    found = taken(desk)
    assert found.megabytes < LIMIT_MEGABYTES, found
    assert_one_sentence(found.reason, found.remedy)
