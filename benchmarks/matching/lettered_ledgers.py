"""Real ledgers that accountants have lettered: the marks are taken out, and the engine has to find them again.

The truth are the accountants' groups: lines of one account and third party with one code, in order of day, cut where
their balance returns to zero. A group that never does is no truth, and neither are lines that are no items. Where
neither of two lines that the engine matches has a mark, nothing says whether they belong together: they are not judged.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.matching.homes import Measured, found_pairs, refresh
from benchmarks.matching.scoring import TRUE

LEDGERS: Final = ("quadra__123456789FEC20190731.txt", "odicom__123456789FEC20200331.txt")
LARGE_GROUP: Final = 8
"""Lines above which a group is told apart: that many are rarely found by their sum."""

# Both files have one byte a character, or none above ASCII where it matters here: as Latin-1 they stay as they are.
_ENCODING: Final = "latin-1"
_LETTERING: Final = ("ecriturelet", "datelet")


@dataclass(frozen=True)
class Line:
    """A line of a ledger, with its mark if it has one."""

    source_row: int
    code: tuple[str, str, str]
    """Account, third party and letter."""
    day: date
    cents: int
    """Debit when positive."""


def ledger_file(corpora: Path, name: str) -> Path:
    """Where a lettered ledger lies."""
    return corpora / "fec" / "ekylibre_ekylibre" / name


def run(path: Path, home: Path) -> Measured:
    """Refresh ``home``, made anew of a ledger without its marks, and hold what the engine found against them."""
    folder = home / "inbox" / "acme"
    folder.mkdir(parents=True)
    (folder / path.name.rpartition("__")[2]).write_bytes(without_marks(path))
    lines = list(ledger_lines(rows_of(path)))
    refreshed = refresh(home, max(line.day for line in lines))
    true = _true(refreshed.database, balanced_groups(lines))
    found = found_pairs(refreshed.database, "lettering")
    # Of what accountants left open on both sides nobody knows what they would have said.
    lettered = pc.unique(pa.chunked_array([*true["payment"].chunks, *true["document"].chunks]))
    is_judged = pc.or_(
        pc.is_in(found["payment"], value_set=lettered), pc.is_in(found["document"], value_set=lettered)
    )
    return Measured(
        f"lettering removed, {path.name.partition('__')[0]}",
        "lettering",
        refreshed,
        true,
        found.filter(is_judged),
        pc.sum(pc.and_(pc.invert(is_judged), pc.equal(found["status"], "matched"))).as_py() or 0,
    )


def rows_of(path: Path) -> list[list[str]]:
    """The cells of a ledger, its header first; an empty row after the last line break stays."""
    text = path.read_bytes().decode(_ENCODING)
    separator = _separator(text)
    return [row.split(separator) for row in text.split("\n")]


def without_marks(path: Path) -> bytes:
    """A ledger with EcritureLet and DateLet emptied, and everything else as it was."""
    header, *rows = rows_of(path)
    marks = {number for number, name in enumerate(header) if name.strip().lower() in _LETTERING}
    emptied = [["" if number in marks else cell for number, cell in enumerate(row)] for row in rows]
    separator = _separator(path.read_bytes().decode(_ENCODING))
    return "\n".join(separator.join(row) for row in [header, *emptied]).encode(_ENCODING)


def _separator(text: str) -> str:
    return "\t" if "\t" in text.partition("\n")[0] else "|"


def ledger_lines(rows: list[list[str]]) -> Iterator[Line]:
    """The lines of a ledger with their marks; the letter of one that has none is empty."""
    place = {name.strip().lower(): number for number, name in enumerate(rows[0])}
    for source_row, row in enumerate(rows[1:], start=2):
        if len(row) < len(rows[0]):
            continue
        cell = {name: row[number].strip() for name, number in place.items()}
        yield Line(
            source_row,
            (cell["comptenum"], cell["compauxnum"], cell["ecriturelet"]),
            datetime.strptime(cell["ecrituredate"], "%Y%m%d").date(),
            _cents(cell["debit"]) - _cents(cell["credit"]),
        )


def _cents(amount: str) -> int:
    return int(Decimal(amount.replace(",", ".") or "0") * 100)


def balanced_groups(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """The balanced groups: lines of one code by day, cut at the end of each day on which their balance is zero."""
    by_code = defaultdict(list)
    for line in lines:
        if line.code[2]:
            by_code[line.code].append(line)
    for members in by_code.values():
        group: list[Line] = []
        for _, days_lines in groupby(sorted(members, key=lambda line: line.day), key=lambda line: line.day):
            group += days_lines
            if sum(line.cents for line in group) == 0:
                yield group
                group = []


def _true(database: Path, groups: Iterable[list[Line]]) -> pa.Table:
    members = pa.Table.from_pylist(
        [
            {"lettering": number, "source_row": line.source_row, "size": len(group)}
            for number, group in enumerate(groups)
            for line in group
        ]
    )
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.register("members", members)
        return (
            connection.execute(
                f"""
            WITH
                lettered AS (
                    SELECT
                        members.*,
                        items.item_id,
                        items.original_amount,
                        items.third_party_id,
                        lines.is_opening
                    FROM members
                    INNER JOIN marts.fct_ledger_lines AS lines ON members.source_row = lines.source_row
                    INNER JOIN marts.fct_items AS items ON lines.ledger_line_id = items.ledger_line_id
                ),
                described AS (
                    SELECT
                        lettering,
                        CASE
                            WHEN bool_or(is_opening) THEN 'with an opening line'
                            WHEN any_value(size) > {LARGE_GROUP} THEN 'more than {LARGE_GROUP} lines'
                            WHEN count(*) = 2 THEN '1:1'
                            WHEN count(*) FILTER (original_amount < 0) = 1 THEN 'one settles several'
                            WHEN count(*) FILTER (original_amount > 0) = 1 THEN 'several settle one'
                            ELSE 'several settle several'
                        END AS scenario,
                        sum(original_amount) FILTER (original_amount > 0) AS total
                    FROM lettered
                    GROUP BY lettering
                )
            SELECT
                payments.item_id AS payment,
                documents.item_id AS document,
                described.scenario,
                CAST(abs(payments.original_amount) * documents.original_amount / described.total AS DOUBLE) AS value
            FROM lettered AS payments
            INNER JOIN
                lettered AS documents
                ON payments.lettering = documents.lettering
                AND payments.original_amount < 0
                AND documents.original_amount > 0
            INNER JOIN described ON payments.lettering = described.lettering
            """
            )
            .to_arrow_table()
            .select(TRUE.names)
        )
