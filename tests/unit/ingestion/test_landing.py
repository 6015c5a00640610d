"""Landing keeps to the canonical schemas and leaves nothing of what is not committed."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.formats import readers
from ingestion.landing import FileLanding, landed_files
from ingestion.schemas import LANDED_TABLES

HASH = "ab" * 32


def third_parties(code: str | None) -> pa.Table:
    row = {"source_sha256": HASH, "source_row": 2, "third_party_code": code, "kind": "customer"}
    return pa.Table.from_pylist([row], LANDED_TABLES["third_parties"])


def landing(desk: Any) -> FileLanding:
    return FileLanding(desk.home, HASH, "acme/a.csv", ("third_parties",))


def test_what_is_not_committed_leaves_nothing(desk: Any) -> None:
    with landing(desk) as file:
        file.write("third_parties", third_parties("A"))
    assert not [path for path in desk.home.landing.rglob("*") if path.is_file()]


def test_a_committed_table_counts_once_its_record_is_written(desk: Any) -> None:
    with landing(desk) as file:
        file.write("third_parties", third_parties("A"))
        landed = file.commit()["third_parties"]
    path = desk.home.landing / "third_parties" / f"{HASH}.parquet"
    assert (landed.rows, landed.size_bytes) == (1, path.stat().st_size)
    assert landed_files(desk.home, "third_parties") == []


def test_an_empty_table_lands_with_its_schema(desk: Any) -> None:
    with landing(desk) as file:
        file.commit()
    landed = pq.read_table(desk.home.landing / "third_parties" / f"{HASH}.parquet")
    assert landed.schema.equals(LANDED_TABLES["third_parties"])
    assert len(landed) == 0


def test_rows_that_break_the_schema_do_not_land(desk: Any) -> None:
    with landing(desk) as file:
        with pytest.raises(ValueError, match=r"third_parties\.third_party_code must not be empty"):
            file.write("third_parties", third_parties(None))
        with pytest.raises(ValueError, match="has the columns"):
            file.write("third_parties", third_parties("A").select(["source_row"]))


def test_every_reader_lands_in_tables_of_the_schemas() -> None:
    own_files = {
        "third_parties",
        "invoices",
        "disputes",
        "promises",
        "dunning_events",
        "fx_rates",
        "decisions",
    }
    assert {reader.kind for reader in readers()} == {"ledger", "bank_statement", "e_invoice", *own_files}
    assert {table for reader in readers() for table in reader.tables} <= set(LANDED_TABLES)
