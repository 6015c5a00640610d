"""Moving decisions from one store to another: the whole chain as CSV or JSON, and back.

What is exported is what was decided, with its hashes, and nothing is made anew: a decision that anybody has touched on
the way no longer gives its hash, and is refused.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from decisions.chain import NotADecisionError, Row, decision, moment_told, row_of
from decisions.decision import Decision
from decisions.store import Adopted, NotAdoptedError, Store
from ingestion.formula_guard import guarded, unguarded

Form = Literal["csv", "json"]
FORMS: Final[Mapping[str, Form]] = {".csv": "csv", ".json": "json"}

COLUMNS: Final = (
    "sequence",
    "decided_at",
    "kind",
    "company_id",
    "exception_id",
    "reviewer",
    "reason",
    "pairs",
    "payload",
    "previous_hash",
    "hash",
)
"""Of an export. ``pairs`` and ``payload`` are JSON, in a cell of CSV too, where what is null is empty."""

NULLABLE: Final = ("company_id", "exception_id")
LARGEST_CELL: Final = 1 << 24


@dataclass(frozen=True)
class Told:
    """A decision as an export tells it."""

    place: str
    """Where it stands, for messages: line 3, entry 2."""
    values: Mapping[str, Any]


def as_json(decisions: Iterable[Decision]) -> str:
    """A list of objects with the names of ``COLUMNS``."""
    return json.dumps([_values(one) for one in decisions], ensure_ascii=False, indent=1) + "\n"


def as_csv(decisions: Iterable[Decision]) -> str:
    """Comma separated, with a header; text that a spreadsheet would run is given a leading apostrophe."""
    text = io.StringIO()
    # Every text is quoted: a carriage return in one would otherwise end the line.
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(COLUMNS)
    for one in decisions:
        writer.writerow(map(_cell, _values(one).values()))
    return text.getvalue()


def export_file(store: Store, path: Path, form: Form) -> int:
    """Write all decisions to a file, which is there whole or as it was, and say how many. Raises OSError."""
    decisions = store.decisions()
    text = as_csv(decisions) if form == "csv" else as_json(decisions)
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_bytes(text.encode())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return len(decisions)


def import_file(store: Store, path: Path) -> Adopted:
    """Add the decisions of an export that the store does not hold yet: all or none.

    Raises NotAdoptedError when the file is no export, does not chain, or differs from what the store holds, and OSError
    when it cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAdoptedError(f"{path}: it is not UTF-8; export the decisions again.") from None
    rows = []
    for told in _read(path, text):
        try:
            rows.append(_row(told.values))
        except (NotADecisionError, TypeError, ValueError, KeyError, RecursionError) as error:
            what = " ".join(str(error).split()) or type(error).__name__
            raise NotAdoptedError(
                f"{path}, {told.place}: it is no decision ({what}); export the decisions again."
            ) from None
    try:
        return store.adopt(rows)
    except NotAdoptedError as error:
        raise NotAdoptedError(f"{path}: {error}") from None


def _values(one: Decision) -> dict[str, Any]:
    return {
        "sequence": one.sequence,
        "decided_at": moment_told(one.decided_at),
        "kind": one.kind,
        "company_id": one.company_id,
        "exception_id": one.exception_id,
        "reviewer": one.reviewer,
        "reason": one.reason,
        "pairs": [list(pair) for pair in one.pairs],
        "payload": dict(one.payload),
        "previous_hash": one.previous_hash,
        "hash": one.hash,
    }


def _cell(value: object) -> str | int:
    if value is None:
        return ""
    if isinstance(value, int):
        return value
    return guarded(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _read(path: Path, text: str) -> Iterator[Told]:
    if text.lstrip()[:1] == "[":
        return _read_json(path, text)
    return _read_csv(path, text)


def _read_json(path: Path, text: str) -> Iterator[Told]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAdoptedError(f"{path}: it is no JSON ({error}); export the decisions again.") from None
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or set(entry) != set(COLUMNS):
            raise NotAdoptedError(
                f"{path}, entry {number}: it has not the names {', '.join(COLUMNS)}; export the decisions again."
            )
        yield Told(f"entry {number}", entry)


def _read_csv(path: Path, text: str) -> Iterator[Told]:
    # The limit is the process's: what reads other files after this one keeps its own.
    limit = csv.field_size_limit(LARGEST_CELL)
    try:
        yield from _csv_rows(path, text)
    finally:
        csv.field_size_limit(limit)


def _csv_rows(path: Path, text: str) -> Iterator[Told]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise NotAdoptedError(
                f"{path}, line 1: the columns are not {','.join(COLUMNS)}; name a file that encours decisions export "
                "has written."
            )
        first = reader.line_num + 1
        for cells in reader:
            if len(cells) != len(COLUMNS):
                raise NotAdoptedError(
                    f"{path}, line {first}: {len(cells)} cells where there must be {len(COLUMNS)}; export the "
                    "decisions again."
                )
            values: dict[str, Any] = dict(zip(COLUMNS, map(unguarded, cells), strict=True))
            values |= {name: values[name] or None for name in NULLABLE}
            yield Told(f"line {first}", values)
            first = reader.line_num + 1
    except csv.Error as error:
        raise NotAdoptedError(
            f"{path}, line {reader.line_num}: it is no CSV ({error}); export the decisions again."
        ) from None


def _row(values: Mapping[str, Any]) -> Row:
    """The row that an export tells of, with the hash that it claims. Raises NotADecisionError."""
    content = dict(values)
    claimed = content.pop("hash")
    if isinstance(content["sequence"], str):
        content["sequence"] = int(content["sequence"])
        content["pairs"], content["payload"] = json.loads(content["pairs"]), json.loads(content["payload"])
    row = row_of(content)
    decision(row)
    if row.hash != claimed:
        raise NotADecisionError("its content does not give its hash")
    return row
