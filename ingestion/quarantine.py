"""Quarantine: what could not be read, for people: ``quarantine/<source file>.<hash>/rows.csv`` or ``reason.txt``.

The CSV opens in a spreadsheet, so its cells can never be taken for formulas. What the models read of the same rows
is the landed table ``quarantined_rows``.
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from home.layout import Home
from ingestion.formula_guard import guarded
from ingestion.reading import BadRow

ROWS: Final = "rows.csv"
REASON: Final = "reason.txt"

LONGEST_MESSAGE: Final = 400
"""Characters: enough for any sentence that quotes a cell; a cell may have a million."""

LONGEST_NAME_BYTES: Final = 240
"""File systems allow 255; a dot and eight characters of the hash follow."""


def one_line(message: str) -> str:
    """A message for people without line breaks and control characters, its middle left out when it is very long.

    It may quote whatever stands in a file.
    """
    if message.isprintable() and len(message) <= LONGEST_MESSAGE:
        return message
    begin, end = message[: LONGEST_MESSAGE * 3 // 4], message[LONGEST_MESSAGE * 3 // 4 :]
    if len(end) > LONGEST_MESSAGE // 4:
        end = f"…{end[-LONGEST_MESSAGE // 4 :]}"
    return " ".join("".join(one if one.isprintable() else " " for one in begin + end).split())


def folder(home: Home, source_file: str, sha256: str) -> Path:
    """The folder of one source file: its path under the inbox (a very long name cut) and the beginning of its hash."""
    path = home.quarantine / source_file
    name = path.name.encode()[:LONGEST_NAME_BYTES].decode(errors="ignore")
    return path.with_name(f"{name}.{sha256[:8]}")


def rows_file(home: Home, source_file: str, sha256: str) -> Path:
    """The CSV of the rows that could not be read."""
    return folder(home, source_file, sha256) / ROWS


def write_refusal(home: Home, source_file: str, sha256: str, reason: str, remedy: str) -> Path:
    """Say in ``reason.txt`` why a whole file was refused."""
    target = folder(home, source_file, sha256) / REASON
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{source_file}: {reason}\n{remedy}\n", encoding="utf-8")
    return target


def keep_only(home: Home, source_file: str, sha256: str, name: str | None) -> None:
    """Remove what an earlier reading of the same content left and the last one did not."""
    place = folder(home, source_file, sha256)
    for left in {ROWS, REASON} - {name}:
        (place / left).unlink(missing_ok=True)
    if name is None and place.is_dir() and not any(place.iterdir()):
        place.rmdir()


class RowsFile:
    """A CSV of rows that could not be read: line, reason, remedy and the row itself."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(["line", "reason", "remedy", "raw"])

    def write(self, rows: Sequence[BadRow]) -> None:
        """Add rows."""
        self._writer.writerows(
            [row.source_row, guarded(row.reason), guarded(row.remedy), guarded(row.raw)] for row in rows
        )

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
