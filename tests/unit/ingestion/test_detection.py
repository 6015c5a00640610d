"""What a file is comes from its content; what is not read is said to be what it is."""

import gzip
import io
import zipfile
from typing import Any

import pytest


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("ledger.txt", "JournalCode")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t\n", "it holds nothing but blanks"),
        (b"\xef\xbb\xbf\n", "it holds nothing but blanks"),
        (_zip(), "it is a ZIP archive or an office document"),
        (gzip.compress(b"JournalCode", mtime=0), "it is a gzip archive"),
        (bytes(range(256)) * 40, "it is a binary file of no known kind"),
        (b"Hello, world\nthis is a letter\n", "its content is of no kind that Encours knows"),
        (b"<a><b/></a>", "it is XML of no known kind"),
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", "it is a web page"),
        (
            b"3100000120181220E    300661077100020030401".ljust(240) + b"\n",
            "it looks like a CFONB 240 list of operations",
        ),
        (
            b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><x/></Document>',
            "it looks like a payment order (pain)",
        ),
    ],
)
def test_what_is_not_read_is_refused_by_name_with_a_remedy(desk: Any, content: bytes, reason: str) -> None:
    desk.drop("acme/statement.camt053.xml", content)
    (record,) = desk.take().new_files
    assert (record.status, record.kind) == ("refused", "unknown")
    assert record.reason.removesuffix(", which is not read yet") == reason
    assert record.remedy.endswith(".")
    folder = f"acme/statement.camt053.xml.{record.source_sha256[:8]}"
    said = (desk.home.quarantine / folder / "reason.txt").read_text(encoding="utf-8")
    assert said == f"acme/statement.camt053.xml: {record.reason}\n{record.remedy}\n"


def test_the_name_and_extension_of_a_file_say_nothing(desk: Any) -> None:
    desk.drop("acme/picture.png", "third_party_code,name\nA,B\n")
    assert desk.take().new_files[0].kind == "third_parties"
