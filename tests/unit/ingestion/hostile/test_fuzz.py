"""Real and small files, mutated at random: each is read or explained, and nothing is left in between.

``ENCOURS_FUZZ=5000 pytest -n 2 tests/unit/ingestion/hostile/test_fuzz.py`` runs 5,000 new mutations of each format
instead of the same few every time.
"""

import os
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from tests.unit.ingestion.hostile.explained import assert_nothing_left_over, assert_one_sentence
from tests.unit.ingestion.hostile.small_files import small_files

EXAMPLES = int(os.environ.get("ENCOURS_FUZZ", "0"))
LARGEST_SEED = 100_000

CORPORA = Path(os.environ.get("ENCOURS_CORPORA", REPOSITORY.parent / "shared" / "corpora"))

GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fec": (("fec", "fec cp1252", "fec utf-16"), ("fec/**/*",)),
    "fec xml": (("fec xml",), ()),
    "camt": (("camt052", "camt053", "camt054"), ("camt/**/*",)),
    "cfonb": (("cfonb120",), ("cfonb/**/*",)),
    "mt940": (("mt940", "mt942"), ("mt940/**/*.sta",)),
    "ofx": (("ofx", "ofx xml"), ("ofx/**/*",)),
    "bai2": (("bai2",), ("bai2/**/*",)),
    "tables": (("bank_csv",), ("bankcsv/**/*.csv", "ledger_other/**/*", "export/**/*", "ar/**/*")),
    "workbooks": (("bank xlsx",), ("bankcsv/**/*.xlsx",)),
    "e-invoices": (("cii", "ubl"), ("einvoice/**/*.xml",)),
    "factur-x": (("factur-x",), ("einvoice/**/*.pdf",)),
    "own csv": (
        ("third_parties", "invoices", "disputes", "promises", "dunning_events", "fx_rates", "decisions"),
        (),
    ),
}
"""Format → the small files of it, and where the corpora have real ones."""


def seeds(group: str) -> list[bytes]:
    small, patterns = GROUPS[group]
    real = [path for pattern in patterns for path in sorted(CORPORA.glob(pattern)) if path.is_file()]
    return [small_files()[name] for name in small] + [
        path.read_bytes() for path in real if path.stat().st_size <= LARGEST_SEED
    ]


Mutation = Callable[[bytes], bytes]

places = st.floats(0, 1, exclude_max=True)
lengths = st.integers(1, 200)
OTHERS = [content for content in small_files().values() if len(content) < LARGEST_SEED]
SEPARATORS = [b"\n", b"\r", b"\r\n", b"\n\n", b"\x85", b"\x0b", b"\0", b""]
CODECS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp500", "utf-7"]
TOKENS = [
    *(bytes([one]) for one in b"-<>&\"';,\t|:/\0\xc3E{}\x1a"),
    *(b"00000000", b"29991231", b"NaN", b"=1+1", b"]]>", b"<!--", b"\xff\xfe", b"\xef\xbb\xbf", b"9" * 30),
]


def at(content: bytes, place: float) -> int:
    return int(place * (len(content) + 1))


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, Mutation]:
    """A change of a file, and the words for it."""
    kind = draw(st.sampled_from(["cut", "behead", "flip", "delete", "double", "splice", "insert", "digits", "lines",
                                 "ends", "encode", "swap", "empty"]))  # fmt: skip
    place, length, other = draw(places), draw(lengths), draw(st.sampled_from(OTHERS))
    token, seed = draw(st.sampled_from(TOKENS)), draw(st.integers(0, 255))

    def mutate(content: bytes) -> bytes:
        start = at(content, place)
        end = start + length
        lines = content.splitlines(keepends=True) or [b""]
        line = min(at(content, place) * len(lines) // (len(content) + 1), len(lines) - 1)
        match kind:
            case "cut":
                return content[:start]
            case "behead":
                return content[start:]
            case "flip":
                return content[:start] + bytes([seed]) + content[start + 1 :]
            case "delete":
                return content[:start] + content[end:]
            case "double":
                return content[:end] + content[start:]
            case "splice":
                return content[:start] + other[at(other, place) :][: length * 10] + content[end:]
            case "insert":
                return content[:start] + token + content[start:]
            case "digits":
                return (
                    content[:start]
                    + re.sub(rb"[0-9]", b"%d" % (seed % 10), content[start:end])
                    + content[end:]
                )
            case "lines":
                return b"".join(lines[:line] + lines[line : line + 1] * (seed % 4) + lines[line + 1 :])
            case "ends":
                return re.sub(rb"\r\n|\r|\n", SEPARATORS[seed % len(SEPARATORS)], content)
            case "encode":
                text = content.decode("utf-8" if seed % 2 else "cp1252", "replace")
                return text.encode(CODECS[seed % len(CODECS)], "replace")
            case "swap":
                return b"".join(lines[line:] + lines[:line])
            case _:
                return content.replace(content[start:end], b"") if content[start:end] else content

    return f"{kind} at {place:.6f}, {length}, {token!r}, {seed}", mutate


def check(desk: Any, content: bytes) -> None:
    """Read it, or explain it: nothing else."""
    desk.drop("acme/FR7630006000011234567890189/file", content)
    (record,) = desk.take().new_files
    assert record.status in ("landed", "refused")
    assert record.rows_read == record.rows_landed + record.rows_quarantined
    assert_nothing_left_over(desk)
    if record.status == "refused":
        assert_one_sentence(record.reason, record.remedy)
        assert record.rows_landed == 0
        assert bool(record.tables) == bool(record.rows_quarantined)
    bad = desk.rows("quarantined_rows")
    for row in bad:
        assert_one_sentence(row["reason"], row["remedy"])
    assert len(bad) == record.rows_quarantined
    landed = {table: desk.rows(table) for table in record.tables}
    if "bank_transactions" in landed and record.status == "landed":
        amounts = [row["amount"] for row in landed["bank_transactions"]]
        assert len(amounts) == record.rows_landed
        assert sum(amounts, Decimal(0)) == record.total_credit - record.total_debit
        ordinals = {row["statement_ordinal"] for row in landed["bank_statements"]}
        assert {row["statement_ordinal"] for row in landed["bank_transactions"]} <= ordinals
    files = {path.name.split(".")[0] for path in desk.home.landing.glob("*/*.parquet")}
    assert files <= ({record.source_sha256} if record.tables else set())


@pytest.mark.parametrize("group", GROUPS)
def test_a_mutated_file_is_read_or_explained(make_desk: Callable[[], Any], group: str) -> None:
    contents = seeds(group)

    @settings(
        max_examples=EXAMPLES or 40,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(seed=st.integers(0, len(contents) - 1), changes=st.lists(mutations(), min_size=1, max_size=3))
    def mutated(seed: int, changes: list[tuple[str, Mutation]]) -> None:
        content = contents[seed]
        for _, mutate in changes:
            content = mutate(content)
        check(make_desk(), content)

    mutated()
