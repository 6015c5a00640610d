"""Whoever edits, removes, inserts or moves a decision is found out, and told at which one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.chain import Broken, Row, Verified, chained, decision, hash_of, verify
from decisions.decision import NewDecision
from decisions.store import Store
from tests.unit.decisions.to_take import accept, undo

MORNING: Final = datetime(2026, 3, 12, 8, tzinfo=UTC)


def chain(news: list[NewDecision]) -> list[Row]:
    rows: list[Row] = []
    for number, new in enumerate(news, start=1):
        head = rows[-1].hash if rows else ""
        at = MORNING + timedelta(minutes=number)
        rows.append(chained(new, sequence=number, decided_at=at, previous_hash=head))
    return rows


ROWS: Final = chain(
    [
        accept("E1"),
        accept("E2", reason="Chèque n° 12 ; « remise »"),
        NewDecision(kind="comment", exception_id="E1", reviewer="bruno", reason="Is it?"),
        undo(1),
        accept("E1", ("bank-1", "entry-2")),
        NewDecision(kind="assign", exception_id="E2", reviewer="anne", payload={"assignee": "bruno"}),
    ]
)
HEADS: Final = {4: ROWS[3].hash, 6: ROWS[5].hash}
"""What refreshes have applied, as they noted it."""


def test_the_content_is_canonical_json_and_its_hash_what_anybody_works_out() -> None:
    (row,) = chain([accept(reason="Chèque « 12 »\n")])
    assert row.content == (
        '{"company_id":"acme","decided_at":"2026-03-12T08:01:00.000000Z","exception_id":"E1","kind":"accept",'
        '"pairs":[["bank-1","entry-1"]],"payload":{},"previous_hash":"","reason":"Chèque « 12 »\\n",'
        '"reviewer":"anne","sequence":1}'
    )
    # printf '%s' "$content" | sha256sum
    assert row.hash == "dd3dace57aa1af0776cf532e1c93d67ff9a5951ab5f6b068b1cee8bb0d5a0a47"


def test_a_chain_as_it_was_made_is_whole() -> None:
    assert verify(ROWS, HEADS) == Verified(6, ROWS[-1].hash)
    assert verify([]) == Verified(0, "")


places = st.integers(0, len(ROWS) - 1)


@given(places, st.data())
def test_an_edited_row_is_found(place: int, data: st.DataObject) -> None:
    row = ROWS[place]
    field = data.draw(st.sampled_from(["content", "hash", "previous_hash"]))
    text: str = getattr(row, field)
    at = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 3))
    edited = text[:at] + data.draw(st.text(max_size=3)) + text[at + length :]
    found = verify([*ROWS[:place], replace(row, **{field: edited}), *ROWS[place + 1 :]])
    assert isinstance(found, Broken) == (edited != text)
    assert edited == text or (isinstance(found, Broken) and found.sequence == place + 1)


@given(places, st.sampled_from(["E9", None]))
def test_a_row_that_is_found_under_another_exception_is_found_out(
    place: int, exception_id: str | None
) -> None:
    moved = replace(ROWS[place], exception_id=exception_id)
    expected = Verified(6, ROWS[-1].hash) if moved == ROWS[place] else None
    found = verify([*ROWS[:place], moved, *ROWS[place + 1 :]])
    assert found == expected or (expected is None and isinstance(found, Broken))


@given(places)
def test_an_edit_with_its_own_hash_made_anew_is_found_at_the_next_row_or_by_what_was_applied(
    place: int,
) -> None:
    row = ROWS[place]
    content = row.content.replace("anne", "ANNE").replace("bruno", "BRUNO")
    found = verify(
        [*ROWS[:place], replace(row, content=content, hash=hash_of(content)), *ROWS[place + 1 :]], HEADS
    )
    assert isinstance(found, Broken)
    assert found.sequence in (place + 1, place + 2)


@given(places)
def test_a_chain_written_anew_from_some_row_on_is_found_by_what_was_applied(place: int) -> None:
    news: list[NewDecision] = [decision(row) for row in ROWS]
    forged = chain([*news[:place], replace(news[place], reviewer="mallory"), *news[place + 1 :]])
    assert isinstance(verify(forged), Verified)
    found = verify(forged, HEADS)
    assert isinstance(found, Broken)
    assert found.why.endswith("is another than a refresh has applied.")


@given(places)
def test_a_removed_row_is_found(place: int) -> None:
    found = verify([*ROWS[:place], *ROWS[place + 1 :]], HEADS)
    assert isinstance(found, Broken)
    assert found.sequence == place + 1
    assert f"decision {place + 1} is missing" in found.why


def test_that_the_newest_are_gone_shows_only_by_what_is_known_from_elsewhere() -> None:
    assert verify(ROWS[:4]) == Verified(4, ROWS[3].hash)
    assert verify(ROWS[:4], HEADS) == Broken(
        5, "decision 5 is missing: a refresh has applied 6, and 4 are here."
    )


@given(st.integers(0, len(ROWS)), places)
def test_an_inserted_row_is_found(before: int, copied: int) -> None:
    other = chained(
        accept("E7"),
        sequence=before + 1,
        decided_at=MORNING,
        previous_hash=ROWS[before - 1].hash if before else "",
    )
    for inserted in (ROWS[copied], other):
        found = verify(
            [*ROWS[:before], inserted, *ROWS[before:]], HEADS | {7: "of a seventh that is not this"}
        )
        assert isinstance(found, Broken)


@given(places, places)
def test_rows_that_changed_places_are_found(first: int, second: int) -> None:
    rows = list(ROWS)
    rows[first], rows[second] = rows[second], rows[first]
    found = verify(rows)
    assert isinstance(found, Broken) == (first != second)


@pytest.mark.parametrize(
    ("taken_back", "why"),
    [
        (9, "decision 3 takes back 9, which was not made before it."),
        (3, "decision 3 takes back 3, which was not made before it."),
        (1, "decision 3 takes back 1, which 2 has taken back."),
        (2, "decision 3 takes back 2, which is an undo itself."),
    ],
)
def test_an_undo_of_what_cannot_be_undone_is_found(taken_back: int, why: str) -> None:
    assert verify(chain([accept(), undo(1), undo(taken_back)])) == Broken(3, why)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "decision 1 is no decision: it cannot be read"),
        ("{}", "decision 1 is no decision: it cannot be read"),
        ("null", "decision 1 is no decision: it cannot be read"),
        ("[" * 100_000, "decision 1 is no decision: it cannot be read"),
        (ROWS[0].content.replace(":1}", ":1.0}"), "decision 1 is no decision: it cannot be read"),
        (ROWS[0].content.replace("00Z", "00+00:00"), "decision 1 is no decision: 2026-03-12T08:01:00.0000"),
        (ROWS[0].content.replace("00Z", "00"), "decision 1 is no decision: 2026-03-12T08:01:00.0000"),
        (ROWS[0].content + " ", "decision 1 is not kept as decisions are"),
        (
            ROWS[0].content.replace('"accept"', '"undo"'),
            "decision 1 is no decision: undo: it is not about pairs",
        ),
        (
            ROWS[0].content.replace('[["bank-1","entry-1"]]', "[]"),
            "decision 1 is no decision: accept: it names no",
        ),
    ],
)
def test_what_no_store_would_keep_is_told_though_its_hash_is_right(content: str, why: str) -> None:
    found = verify([replace(ROWS[0], content=content, hash=hash_of(content))])
    assert isinstance(found, Broken)
    assert found.why.startswith(why)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE encours_decisions SET content = replace(content, 'anne', 'bruno') WHERE sequence = 2", 2),
        ("DELETE FROM encours_decisions WHERE sequence = 2", 2),
        ("UPDATE encours_decisions SET sequence = 99 WHERE sequence = 3", 3),
        ("UPDATE encours_decisions SET exception_id = 'E9' WHERE sequence = 1", 1),
    ],
)
def test_who_puts_the_guards_aside_and_edits_the_table_is_found_out(
    store: Store, by_hand: Callable[[str], None], statement: str, broken_at: int
) -> None:
    store.append_all([accept("E1"), accept("E2"), accept("E3")])
    if store.name.startswith("postgresql"):
        by_hand("ALTER TABLE encours_decisions DISABLE TRIGGER USER")
    else:
        for guard in ("updated", "deleted"):
            by_hand(f"DROP TRIGGER encours_decisions_{guard}")
    assert store.verify() == Verified(3, store.head())
    by_hand(statement)
    found = store.verify()
    assert isinstance(found, Broken)
    assert found.sequence == broken_at
