"""Which encoding a text file is in, where its bytes leave a doubt."""

from pathlib import Path

import pytest

from ingestion.formats.text import blocks, find_encoding


@pytest.mark.parametrize(
    ("raw", "name", "text"),
    [
        ("déjà vu".encode()[:-1], "utf-8", "déjà v\n"),
        ("déjà".encode()[:-1], "utf-8 cut within a character", "déj\ufffd\n"),
        ("déjà €".encode()[:-2], "utf-8 cut within a character", "déjà \ufffd\n"),
        ("dejà".encode("cp1252"), "cp1252", "dejà\n"),
        ("déjà".encode("cp1252"), "cp1252", "déjà\n"),
        ("\ufeffdéjà".encode()[:-1], "utf-8-bom with broken characters", "déj\ufffd\n"),
    ],
)
def test_a_download_that_broke_off_within_a_character_keeps_its_encoding(
    tmp_path: Path, raw: bytes, name: str, text: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(raw)
    encoding = find_encoding(path, raw)
    assert encoding.name == name
    assert b"".join(block.data for block in blocks(path, encoding)).decode() == text
