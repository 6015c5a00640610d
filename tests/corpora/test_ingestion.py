"""Every ledger of the corpora, against counts made by a few lines of Python that share no code; and all files."""

import csv
import io
import shutil
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from home.layout import Home
from home.settings import Settings
from ingestion.intake import Intake, take_in
from ingestion.landing import landed_files


def taken_in(home: Home, files: list[Path]) -> Intake:
    home.create()
    for file in files:
        folder = home.inbox / file.stem
        folder.mkdir()
        shutil.copyfile(file, folder / file.name)
    return take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))


def rows_of(home: Home, table: str) -> dict[str, list[dict[str, Any]]]:
    return {path.stem: pq.read_table(path).to_pylist() for path in landed_files(home, table)}


def plain_lines(file: Path) -> tuple[list[dict[str, str]], int]:
    """The readable lines of a ledger by column, and how many were not."""
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    separator = "|" if "|" in text.split("\n")[0] else "\t"
    header, *rows = csv.reader(io.StringIO(text), delimiter=separator, quoting=csv.QUOTE_NONE)
    names = [name.strip().lower() for name in header]
    lines = [dict(zip(names, (cell.strip() for cell in row), strict=True)) for row in rows if any(row)]
    return [line for line in lines if is_readable(line)], sum(not is_readable(line) for line in lines)


def is_readable(line: dict[str, str]) -> bool:
    try:
        datetime.strptime(line["ecrituredate"], "%Y%m%d").replace(tzinfo=UTC)
        money(line["debit"]), money(line["credit"])
    except (ValueError, InvalidOperation):
        return False
    return bool(line["comptenum"])


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", ".") or "0")


def test_every_ledger_lands_to_the_line_and_to_the_cent(corpora: Path, tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    files = sorted((corpora / "fec").rglob("*.txt"))
    assert files
    intake = taken_in(home, files)
    assert {row["status"] for row in intake.source_files.to_pylist()} == {"landed"}
    landed, set_aside = rows_of(home, "ledger_lines"), rows_of(home, "quarantined_rows")
    for record in intake.new_files:
        readable, unreadable = plain_lines(home.inbox / record.source_file)
        rows = landed[record.source_sha256]
        assert (len(rows), len(set_aside.get(record.source_sha256, []))) == (len(readable), unreadable), (
            record
        )
        assert record.rows_read == len(readable) + unreadable
        assert record.total_debit == sum(money(line["debit"]) for line in readable)
        assert record.total_credit == sum(money(line["credit"]) for line in readable)
        balances: Counter[str] = Counter()
        for line in readable:
            balances[line["comptenum"]] += money(line["debit"]) - money(line["credit"])  # type: ignore[assignment]
        for row in rows:
            balances[row["account_code"]] -= row["debit"] - row["credit"]
        assert not any(balances.values())
        assert [row["label"] or "" for row in rows] == [" ".join([line["ecriturelib"]]) for line in readable]
        assert Counter(row["letter_code"] or "" for row in rows) == Counter(
            line["ecriturelet"] for line in readable
        )


def test_the_faulty_ledger_is_reported_and_not_fatal(corpora: Path, tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    taken_in(home, [corpora / "fec" / "adh-studio_fec-validator" / "987654321FEC20251231.txt"])
    (bad,) = rows_of(home, "quarantined_rows").values()
    assert [(row["source_row"], row["reason"]) for row in bad] == [
        (10, "EcritureDate: “20250230” is no day of the calendar"),
        (11, "EcritureDate: “20250230” is no day of the calendar"),
    ]


def test_nothing_of_the_corpora_ends_in_a_fault(corpora: Path, tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.create()
    for file in corpora.rglob("*"):
        if file.is_file():
            target = home.inbox / file.relative_to(corpora)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    intake = take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))
    assert [record for record in intake.new_files if "fault of Encours" in (record.remedy or "")] == []
    assert all(
        record.rows_read == record.rows_landed + record.rows_quarantined for record in intake.new_files
    )
