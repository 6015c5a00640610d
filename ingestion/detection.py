"""What a file is, from what it says and never from its name.

Here: the choice of a reader, and one clear sentence for a file that has none. Not here: how any format is read.
"""

import codecs
import re
from pathlib import Path
from typing import Final

from home.settings import Settings
from ingestion.formats import readers
from ingestion.formats.text import BOMS, looks_wide
from ingestion.mapping.catalogue import Catalogue
from ingestion.mapping.fitting import Search
from ingestion.mapping.place import Given
from ingestion.mapping.reader import MappedReader
from ingestion.reading import FileRefusedError, Head, Reader

HEAD_BYTES: Final = 64 << 10

CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f]")
"""Characters that text does not hold, or hardly; a form feed and an end-of-file sign it may."""

BINARY_KINDS: Final = (
    (
        b"PK\x03\x04",
        "a ZIP archive or an office document",
        "Unpack it, or save the sheet as CSV, and drop what it holds.",
    ),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document", "Save it as CSV or text, and drop that."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it, and drop what it holds."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it, and drop what it holds."),
    (b"\x89PNG", "a picture", "Drop the data that it shows."),
    (b"\xff\xd8\xff", "a picture", "Drop the data that it shows."),
    (
        b"SQLite format 3\x00",
        "a SQLite database",
        "Export its tables as one of the formats that Encours reads.",
    ),
    (b"PAR1", "a Parquet file", "Drop the export that it was made from."),
)

TEXT_KINDS: Final = (
    (
        r"\A\s*31[0-9]{14}[A-Z]",
        "a CFONB 240 list of operations",
        "It details operations that the account's statement shows: drop the CFONB 120 or camt.053 statement.",
    ),
)

XML_KINDS: Final = (
    (
        r"pain\.\d{3}",
        "a payment order (pain)",
        "It says what was ordered, not what happened: drop the bank statement.",
    ),
    (r"<!DOCTYPE\s+html|<html\b", "a web page", "Download the file itself: the page may ask to log in."),
)

GENERAL_REMEDY: Final = (
    "Drop a ledger, a bank statement, an e-invoice or one of the CSV files that docs/inputs.md lists, "
    "or remove it."
)


def read_head(path: Path) -> Head:
    """The first 64 KiB, as bytes and as text where they are text."""
    with path.open("rb") as file:
        raw = file.read(HEAD_BYTES)
    return Head(raw, _text(raw), path)


def find_reader(head: Head, catalogue: Catalogue | None = None, given: Given | None = None) -> Reader:
    """The reader of a file that begins so: a mapping of ``encours.toml``, else a format, else a built-in mapping.

    ``catalogue`` holds the mappings (without it, the built-in ones), ``given`` what the file's place says of it. Raises
    ``FileRefusedError``, which names what the file looks like where that is clear.
    """
    if not head.raw:
        raise FileRefusedError("the file is empty", "Export it again.")
    mappings = catalogue or Catalogue.of(Settings())
    search = Search(head)
    if fit := search.only(mappings.configured):
        return MappedReader(fit, given or Given())
    for reader in readers():
        if reader.recognise(head):
            return reader
    if fit := search.only(mappings.built_in):
        return MappedReader(fit, given or Given())
    for item in mappings.not_read:
        if search.fits(item):
            raise FileRefusedError(item.reason, item.remedy)
    raise _refusal(head, search, mappings)


def _text(raw: bytes) -> str:
    for bom, codec, _ in BOMS:
        if raw.startswith(bom):
            return raw[len(bom) :].decode(codec, "ignore")
    if wide := looks_wide(raw):
        return raw.decode(wide, "ignore")
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(raw)
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return "" if len(CONTROLS.findall(text)) > len(text) / 10 else text.replace("\0", "")


def _refusal(head: Head, search: Search, mappings: Catalogue) -> FileRefusedError:
    if search.is_workbook:
        return _unmapped("it is a workbook that no mapping fits", head, search, mappings)
    for start, name, remedy in BINARY_KINDS:
        if head.raw.startswith(start):
            return FileRefusedError(f"it is {name}", remedy)
    text = head.text.lstrip("\ufeff")
    if not text:
        return FileRefusedError("it is a binary file of no known kind", GENERAL_REMEDY)
    if not text.strip():
        return FileRefusedError("it holds nothing but blanks", "Export it again.")
    if text.lstrip().startswith("<"):
        for pattern, name, remedy in XML_KINDS:
            if re.search(pattern, text, re.IGNORECASE):
                return FileRefusedError(
                    f"it looks like {name}, which is not read yet" if "page" not in name else f"it is {name}",
                    remedy,
                )
        return FileRefusedError("it is XML of no known kind", GENERAL_REMEDY)
    for pattern, name, remedy in TEXT_KINDS:
        if re.search(pattern, text, re.DOTALL | re.MULTILINE):
            return FileRefusedError(f"it looks like {name}, which is not read yet", remedy)
    if search.is_table:
        return _unmapped("it is a table that no mapping fits", head, search, mappings)
    return FileRefusedError("its content is of no kind that Encours knows", GENERAL_REMEDY)


def _unmapped(reason: str, head: Head, search: Search, mappings: Catalogue) -> FileRefusedError:
    nearest = search.nearest(mappings.configured)
    return FileRefusedError(
        f"{reason}; {nearest}" if nearest else reason,
        f"Run encours map {head.path.name}, and paste the mapping that it proposes into encours.toml.",
    )
