"""Files made to fill the memory: lines without end, elements without number, headers without bounds.

The files of a test are taken in by one process: its highest memory is that of the worst of them.
"""

from pathlib import Path
from typing import Any

from ingestion.detection import find_reader, read_head
from ingestion.reading import Reader
from tests.unit.ingestion.hostile.bounded import statuses_in_bounds
from tests.unit.ingestion.hostile.small_files import small_files

SMALL = small_files()
MEGABYTE = 1 << 20


def test_two_gigabytes_of_one_line_are_refused(desk: Any) -> None:
    path = desk.drop("acme/ledger", SMALL["fec"])
    with path.open("r+b") as file:
        file.truncate(2 << 30)
    assert statuses_in_bounds(desk) == {"ledger": "refused"}


def test_a_line_that_does_not_end_fills_no_memory_whatever_reads_it(desk: Any, tmp_path: Path) -> None:
    by_reader = {type(reader_of(content, tmp_path)): content for content in SMALL.values()}
    for reader, content in by_reader.items():
        middle = len(content) * 2 // 3
        with desk.drop(f"acme/{reader.__name__}", content[:middle]).open("ab") as file:
            for _ in range(80):
                file.write(b"A" * MEGABYTE)
            file.write(content[middle:])
    statuses = statuses_in_bounds(desk)
    assert len(statuses) == len(by_reader)
    assert list(statuses.values()).count("refused") > len(by_reader) / 2


def reader_of(content: bytes, folder: Path) -> Reader:
    path = folder / "small"
    path.write_bytes(content)
    return find_reader(read_head(path))


def test_millions_of_elements_that_nobody_knows_fill_no_memory(desk: Any) -> None:
    for name, content in SMALL.items():
        if content.lstrip().startswith(b"<"):
            end = content.rindex(b"</")
            with desk.drop(f"acme/{name}", content[:end]).open("ab") as file:
                for _ in range(30):
                    file.write(b"<x/>" * 100_000)
                file.write(content[end:])
    assert len(statuses_in_bounds(desk)) >= 5


def test_a_header_of_a_million_columns_is_refused(desk: Any) -> None:
    columns = [
        b"JournalCode",
        b"EcritureDate",
        b"CompteNum",
        b"Debit",
        b"Credit",
        b"EcritureLib",
        b"document_number",
    ]
    separators = {"comma": b",", "semicolon": b";", "tab": b"\t", "pipe": b"|"}
    for name, separator in separators.items():
        header = separator.join([*columns, *(b"c%d" % number for number in range(1_000_000))])
        desk.drop(f"acme/{name}", header + b"\n" + separator * 1_000_006 + b"\n")
    assert statuses_in_bounds(desk) == dict.fromkeys(separators, "refused")


def test_a_cell_of_a_hundred_megabytes_is_refused(desk: Any) -> None:
    desk.drop("acme/cell", b'third_party_code,name\nA,"' + b"A\n" * (50 * MEGABYTE) + b'"\nB,Durand\n')
    assert statuses_in_bounds(desk) == {"cell": "refused"}
