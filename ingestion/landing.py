"""Landing: typed, append-only Parquet, ``landing/<table>/<sha256 of the source file>.parquet``.

What was read by a mapping has the fingerprint of it in the name too, ``<sha256>.<basis>.parquet``: the same content
under a changed mapping lands anew, and of several readings of a content the latest counts.

A file's tables are written aside and moved into place once the whole file is read; the manifest's record, written
last, makes them count. Nothing that counts is ever rewritten or deleted. Tables are not forced to the disk one by one,
which would take two thirds of the time of small files: one that a power cut tore is known by its size, and read again.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from home.layout import Home
from ingestion.manifest import LandedTable, SourceFile, readings_in_force
from ingestion.quarantine import RowsFile, one_line, rows_file
from ingestion.reading import BadRow
from ingestion.schemas import LANDED_TABLES

RAW_CHARACTERS: Final = 2000

FEW_ROWS: Final = 2000
"""Up to which zstd saves nothing that counts: setting it up for each column takes half the time of a small file, when
it is written and each time that it is read."""


def landed_files(home: Home, table: str) -> list[Path]:
    """The Parquet files of a table that are complete and count, sorted by name."""
    return sorted(
        path(home, table, record.source_sha256, record.basis)
        for record in readings_in_force(home).values()
        if table in record.tables and is_whole(home, table, record)
    )


def path(home: Home, table: str, sha256: str, basis: str = "") -> Path:
    """Where a table of one source file lies."""
    return home.landing / table / f"{sha256}{basis and f'.{basis}'}.parquet"


def is_whole(home: Home, table: str, record: SourceFile) -> bool:
    """Whether the Parquet file is there with the size it was recorded with (a power cut may leave a shorter one)."""
    try:
        size = path(home, table, record.source_sha256, record.basis).stat().st_size
    except FileNotFoundError:
        return False
    return size == record.tables[table].size_bytes


def workshop(home: Home) -> Path:
    """Where files are written aside: in the landing folder, so that moving them is one rename."""
    return home.landing / ".tmp"


def clear_workshop(home: Home) -> None:
    """Remove what a killed run left half-written."""
    shutil.rmtree(workshop(home), ignore_errors=True)


class FileLanding:
    """The tables of one source file in the making: the ``Sink`` of its reader. Use as a context manager; what is not
    committed leaves nothing behind."""

    def __init__(
        self, home: Home, sha256: str, source_file: str, tables: Sequence[str], basis: str = ""
    ) -> None:
        self._home = home
        self._sha256 = sha256
        self._basis = basis
        self._source_file = source_file
        self._tables = tables
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._rows_file: RowsFile | None = None
        self._rows = dict.fromkeys((*tables, "quarantined_rows"), 0)
        self.first_bad_row: BadRow | None = None

    @property
    def rows_landed(self) -> int:
        """Rows of the table that is counted, so far."""
        return self._rows[self._tables[0]]

    @property
    def rows_quarantined(self) -> int:
        """Rows set aside, so far."""
        return self._rows["quarantined_rows"]

    def __enter__(self) -> Self:
        workshop(self._home).mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()
        if self._rows_file:
            self._rows_file.close()
        for aside in (*map(self._aside, self._writers), self._rows_aside):
            aside.unlink(missing_ok=True)

    def write(self, table: str, rows: pa.Table) -> None:
        """Add rows. Raises ``ValueError`` when they break the table's schema."""
        schema = LANDED_TABLES[table]
        if rows.column_names != schema.names:
            raise ValueError(f"{table} has the columns {schema.names}, not {rows.column_names}")
        for field in schema:
            if not field.nullable and rows.column(field.name).null_count:
                raise ValueError(f"{table}.{field.name} must not be empty")
        types = [rows.schema.field(field.name).type for field in schema]
        stored = pa.schema(
            [pa.field(field.name, kind, field.nullable) for field, kind in zip(schema, types, strict=True)]
        )
        self._writer(table, stored, len(rows)).write_table(rows.cast(stored))
        self._rows[table] += len(rows)

    def quarantine(self, rows: Sequence[BadRow]) -> None:
        """Set rows aside: as a table for the models, and as a CSV for people."""
        if not rows:
            return
        rows = [replace(row, reason=one_line(row.reason), remedy=one_line(row.remedy)) for row in rows]
        if not self._rows_file:
            self._rows_file = RowsFile(self._rows_aside)
            self.first_bad_row = rows[0]
        self._rows_file.write(rows)
        records = [
            {
                "source_sha256": self._sha256,
                "source_row": row.source_row,
                "reason": row.reason,
                "remedy": row.remedy,
                "raw": row.raw[:RAW_CHARACTERS],
            }
            for row in rows
        ]
        self.write("quarantined_rows", pa.Table.from_pylist(records, LANDED_TABLES["quarantined_rows"]))

    def commit(self) -> dict[str, LandedTable]:
        """Move everything into place, and say what is there now. The caller then writes the manifest's record."""
        for table in self._tables:
            self._writer(table, LANDED_TABLES[table], 0)
        landed: dict[str, LandedTable] = {}
        for table, writer in self._writers.items():
            writer.close()
            aside = self._aside(table)
            landed[table] = LandedTable(self._rows[table], aside.stat().st_size)
            target = path(self._home, table, self._sha256, self._basis)
            target.parent.mkdir(parents=True, exist_ok=True)
            aside.replace(target)
        if self._rows_file:
            self._rows_file.close()
            target = rows_file(self._home, self._source_file, self._sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._rows_aside.replace(target)
        return landed

    def _aside(self, table: str) -> Path:
        return workshop(self._home) / f"{self._sha256}.{table}.parquet"

    @property
    def _rows_aside(self) -> Path:
        return workshop(self._home) / f"{self._sha256}.rows.csv"

    def _writer(self, table: str, schema: pa.Schema, first_rows: int) -> pq.ParquetWriter:
        if table not in self._writers:
            self._writers[table] = pq.ParquetWriter(
                self._aside(table),
                schema,
                compression="zstd" if first_rows > FEW_ROWS else "snappy",
                store_schema=False,
                store_decimal_as_integer=True,
                use_dictionary=_dictionaries(schema),
                # Every run reads every row, so nothing would ever be skipped by them; they take a third of the time.
                write_statistics=False,
            )
        return self._writers[table]


def _dictionaries(schema: pa.Schema) -> list[str] | bool:
    """The columns to write with a dictionary: all, unless the reader has encoded some texts and left others plain.

    These then hold mostly distinct values, for which a dictionary costs time and space, as it does for row numbers.
    """
    if not any(pa.types.is_dictionary(item.type) for item in schema):
        return True
    return [item.name for item in schema if item.type != pa.string() and item.name != "source_row"]
