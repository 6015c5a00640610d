"""What is decided is kept, in one chain; who decides on what somebody else has decided meanwhile is told."""

import re
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from decisions import database
from decisions.chain import Verified
from decisions.decision import DecisionRefusedError, NewDecision, refuse_incoherent
from decisions.store import DecidedMeanwhileError, Store, StoreError, open_store
from home.layout import Home
from home.settings import Settings
from tests.unit.decisions.conftest import IN_POSTGRESQL, IN_THE_HOME, VARIABLE
from tests.unit.decisions.to_take import accept, undo


def said(kind: str, **payload: str) -> dict[str, object]:
    """What makes a decision one about what acme's customer MARTIN said."""
    told = {"third_party_id": "acme/customer/MARTIN", **payload}
    return {"kind": kind, "pairs": (), "reason": "Mme Roy", "payload": told}


FULL = 2
"""SQLite's number for synchronous = FULL."""


def test_an_empty_store_has_no_head_and_is_whole(store: Store) -> None:
    assert (store.head(), store.newest(), store.decisions(), store.verify()) == ("", 0, [], Verified(0, ""))


def test_what_was_decided_is_read_back_as_it_was_said_by_another_who_opens_the_store(
    home: Home, settings: Settings, store: Store
) -> None:
    said = NewDecision(
        kind="match",
        company_id="société n° 1",
        exception_id="E1",
        reviewer="anne@acme.example",
        reason='La banque a gardé 5 € ; "voir avis"\nle 12/03 \U0001f642',
        pairs=(("bank-1", "entry-1"), ("bank-1", "entry-2")),
    )
    paris = timezone(timedelta(hours=2))
    kept = store.append(said, expected=0, decided_at=datetime(2026, 3, 12, 9, 30, 0, 5, tzinfo=paris))
    with open_store(home, settings) as another:
        (read,) = another.decisions()
    assert read == kept
    assert (read.sequence, read.decided_at) == (1, datetime(2026, 3, 12, 7, 30, 0, 5, tzinfo=UTC))
    assert (read.kind, read.company_id, read.exception_id, read.reviewer, read.reason, read.pairs) == (
        said.kind,
        said.company_id,
        said.exception_id,
        said.reviewer,
        said.reason,
        said.pairs,
    )


def test_each_decision_holds_the_hash_of_the_one_before_it(store: Store) -> None:
    first, second = (store.append(accept(f"E{n}"), expected=0) for n in (1, 2))
    assert (first.previous_hash, second.previous_hash) == ("", first.hash)
    assert store.head() == second.hash


def test_the_second_of_two_reviewers_is_told_who_decided_and_nothing_is_written(store: Store) -> None:
    theirs = store.append(accept(reviewer="anne"), expected=0)
    with pytest.raises(
        DecidedMeanwhileError, match=r"anne decided about it meanwhile \(accept, #1\)"
    ) as told:
        store.append(accept(reviewer="bruno", pair=("bank-1", "entry-2")), expected=0)
    assert told.value.decision == theirs
    assert store.decisions() == [theirs]


def test_who_has_seen_the_decision_may_decide_otherwise(store: Store) -> None:
    store.append(accept(reviewer="anne"), expected=0)
    second = store.append(accept(reviewer="bruno", kind="reject"), expected=1)
    assert [one.sequence for one in store.decisions("E1")] == [1, second.sequence]


def test_another_exception_of_the_same_line_counts_when_the_reviewer_says_what_was_seen(store: Store) -> None:
    theirs = store.append(accept("E1", ("bank-1", "entry-1")), expected=0)
    with pytest.raises(DecidedMeanwhileError) as told:
        store.append(accept("E2", ("bank-2", "entry-1")), expected=0, seen=0)
    assert told.value.decision == theirs
    store.append(accept("E3", ("bank-3", "entry-3")), expected=0, seen=0)
    store.append(undo(theirs.sequence), expected=None)
    store.append(accept("E2", ("bank-2", "entry-1")), expected=0, seen=0)


def test_of_several_decisions_all_are_kept_or_none(store: Store) -> None:
    store.append(accept("E2"), expected=0)
    with pytest.raises(DecidedMeanwhileError):
        store.append_all([accept("E1"), accept("E2")], expected=[0, 0])
    with pytest.raises(DecisionRefusedError):
        store.append_all([accept("E1"), accept("E3", ("same", "same"))])
    assert store.newest() == 1
    assert [one.sequence for one in store.append_all([accept("E1"), accept("E2")], expected=[0, 1])] == [2, 3]
    assert store.verify() == Verified(3, store.head())


def test_an_undo_is_a_decision_and_ends_what_it_takes_back(store: Store) -> None:
    wrong = store.append(accept(), expected=0)
    taken_back = store.append(undo(wrong.sequence, "bruno"), expected=wrong.sequence)
    assert (taken_back.exception_id, taken_back.company_id) == ("E1", "acme")
    assert store.decisions() == [wrong, taken_back]
    assert store.in_force() == []


def test_who_undoes_what_was_decided_on_meanwhile_is_told(store: Store) -> None:
    wrong = store.append(accept(), expected=0)
    store.append(accept(kind="comment", pairs=(), reason="It is right"), expected=1)
    with pytest.raises(DecidedMeanwhileError):
        store.append(undo(wrong.sequence), expected=1)


def test_what_was_said_with_a_third_party_is_kept_and_can_be_undone(store: Store) -> None:
    kept = store.append(accept(**said("promise", promised_date="2026-06-30", amount="12.5")), expected=0)
    store.append(accept(**said("contact", channel="phone", outcome="called back")), expected=None)
    assert dict(kept.payload)["amount"] == "12.5"
    assert [one.kind for one in store.in_force()] == ["promise", "contact"]
    store.append(undo(kept.sequence), expected=None)
    assert [one.kind for one in store.in_force()] == ["contact"]
    assert store.verify() == Verified(3, store.head())


def test_only_what_stands_can_be_undone(store: Store) -> None:
    store.append(accept(), expected=0)
    store.append(undo(1, "bruno"), expected=None)
    for sequence, sentence in (
        (1, "bruno has taken back #1 already (#2)."),
        (2, "#2 is an undo itself; decide anew what should hold."),
        (7, "there is no decision #7; encours decisions list shows them."),
    ):
        with pytest.raises(DecisionRefusedError, match=re.escape(sentence)):
            store.append(undo(sequence), expected=None)
    assert store.newest() == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kind": "agree"}, "“agree” is no kind of decision"),
        ({"reviewer": " "}, "nobody is named"),
        ({"company_id": None}, "company_id is empty"),
        ({"exception_id": ""}, "an id is empty"),
        ({"pairs": ()}, "it names no pair"),
        ({"pairs": (("a", ""),)}, "is no pair"),
        ({"pairs": (("a", "b"), ("b", "a"))}, "a pair stands twice"),
        ({"payload": {"assignee": "bruno"}}, "must hold nothing"),
        ({"reason": "\0"}, "no character"),
        ({"reason": "\ud800"}, "no character"),
        ({"reason": "long" * 5_000}, "20000 characters"),
        ({"kind": "comment", "pairs": ()}, "it says nothing"),
        ({"kind": "comment", "reason": "Paid twice"}, "it is not about pairs"),
        (
            {"kind": "assign", "pairs": (), "payload": {"assignee": "bruno"}, "exception_id": None},
            "exception_id",
        ),
        ({"kind": "snooze", "pairs": (), "payload": {"until": "tomorrow"}}, "“tomorrow” is no day"),
        ({"kind": "undo", "pairs": (), "payload": {"sequence": "1"}}, "sequence is '1'"),
        ({"kind": "forget", "pairs": (), "payload": {"decision_ref": ""}}, "decision_ref is empty"),
        ({"kind": "alias", "pairs": (), "payload": {"iban": "FR76"}}, "iban, third_party_id or payer_name"),
        (
            {"kind": "alias", "pairs": (), "payload": {"iban": "FR76", "third_party_id": "MARTIN"}},
            "“MARTIN” is not company/kind/code",
        ),
        (said("promise", promised_date="tomorrow"), "“tomorrow” is no day"),
        (said("promise", promised_date="20260630"), "“20260630” is no day"),
        (said("promise", promised_date="2026-06-30", amount="0.00"), "“0.00” is no amount"),
        (said("promise", promised_date="2026-06-30", amount="1,50"), "“1,50” is no amount"),
        (
            said("promise", promised_date="2026-06-30", document_ref="F1", item_id="i1"),
            "and, if it matters, amount, document_ref",
        ),
        (said("dispute", document_ref="F1") | {"reason": " "}, "it does not say what is contested"),
        (said("dispute"), "document_ref, third_party_id"),
        (said("contact", channel="pigeon"), "“pigeon” is no channel"),
        (said("contact", channel="phone") | {"company_id": "nord"}, "is of another company than nord"),
        (said("contact", channel="phone") | {"company_id": None}, "company_id is empty"),
        ({"kind": "settle_dispute", "pairs": (), "payload": {}}, "must hold dispute_id"),
    ],
)
def test_a_decision_that_says_too_little_or_too_much_is_refused_with_the_remedy(
    changed: dict[str, object], sentence: str
) -> None:
    refuse_incoherent(accept())
    with pytest.raises(DecisionRefusedError, match=re.escape(sentence)):
        refuse_incoherent(accept(**changed))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE encours_decisions SET content = replace(content, 'anne', 'bruno')",
        "DELETE FROM encours_decisions WHERE sequence = 2",
        "INSERT INTO encours_decisions (sequence, content, previous_hash, hash) VALUES (4, '{}', 'x', 'y')",
        "INSERT INTO encours_decisions (sequence, content, previous_hash, hash) VALUES (3, '{}', 'x', 'y')",
    ],
)
def test_the_database_itself_lets_nobody_change_remove_or_insert(
    store: Store, by_hand: Callable[[str], None], statement: str
) -> None:
    store.append_all([accept("E1"), accept("E2")])
    with pytest.raises(DBAPIError, match=r"decisions are never changed|must follow the newest"):
        by_hand(statement)
    assert store.verify() == Verified(2, store.head())


def test_no_row_takes_the_place_of_another_in_sqlite(home: Home) -> None:
    """INSERT OR REPLACE deletes without asking the triggers against it."""
    with open_store(home, IN_THE_HOME) as store:
        store.append_all([accept("E1"), accept("E2")])
        with (
            pytest.raises(sqlite3.IntegrityError, match="must follow"),
            closing(sqlite3.connect(home.decisions)) as connection,
        ):
            connection.execute("INSERT OR REPLACE INTO encours_decisions SELECT * FROM encours_decisions")
        assert store.verify() == Verified(2, store.head())


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_the_table_cannot_be_emptied_in_postgresql(store: Store, by_hand: Callable[[str], None]) -> None:
    store.append(accept(), expected=0)
    with pytest.raises(DBAPIError, match="never changed or deleted"):
        by_hand("TRUNCATE encours_decisions")
    assert store.newest() == 1


def test_who_waited_for_another_writer_reads_what_that_one_wrote(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where transactions of the database see the state that they began with, unless they say otherwise."""
    database_name = postgres_url.rpartition("/")[2]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            f"ALTER DATABASE {database_name} SET default_transaction_isolation = 'repeatable read'"
        )
    monkeypatch.setenv(VARIABLE, postgres_url)
    with open_store(home, IN_POSTGRESQL) as store, ThreadPoolExecutor(4) as reviewers:
        list(reviewers.map(lambda n: store.append(accept(f"E{n}"), expected=0), range(24)))
        assert store.verify() == Verified(24, store.head())


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("as_reader_and_writer")
def test_to_read_and_add_is_all_that_a_reviewer_of_the_database_needs(home: Home, settings: Settings) -> None:
    with open_store(home, settings) as store:
        store.append(accept(), expected=0)
        assert store.verify() == Verified(1, store.head())
        assert ":***@" in store.name


def test_a_commit_of_the_file_waits_for_the_disk(home: Home) -> None:
    engine = database.sqlite_engine(home.decisions)
    with engine.connect() as connection:
        told = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        ]
    engine.dispose()
    assert told == ["wal", FULL]


def test_what_is_decided_after_the_file_was_restored_from_a_copy_is_in_the_restored_file(
    home: Home, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    with open_store(home, IN_THE_HOME) as store:
        kept = [store.append(accept("E1"), expected=0)]
        with closing(sqlite3.connect(home.decisions)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        store.append(accept("E2"), expected=0)
        copy.replace(home.decisions)
        kept.append(store.append(accept("E3"), expected=0))
    with open_store(home, IN_THE_HOME) as read:
        assert read.decisions() == kept
        assert read.verify() == Verified(2, kept[1].hash)


def test_a_server_that_is_not_there_is_told_without_the_password(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "postgresql://anne:secret@127.0.0.1:1/nowhere")
    with pytest.raises(
        StoreError, match=r"127.0.0.1:1/nowhere: the store of decisions cannot be used"
    ) as told:
        open_store(home, IN_POSTGRESQL)
    assert "secret" not in str(told.value)


def test_a_password_among_the_parameters_of_the_url_is_not_told(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "postgresql://anne@127.0.0.1:1/nowhere?password=secret")
    with pytest.raises(StoreError, match=r"127.0.0.1:1/nowhere: the store") as told:
        open_store(home, IN_POSTGRESQL)
    assert "secret" not in str(told.value)


def test_a_file_that_is_no_store_is_told_by_its_name(home: Home) -> None:
    home.decisions.write_text("not a database" * 100)
    with pytest.raises(
        StoreError, match=rf"{home.decisions}: the store of decisions cannot be used \(file is not"
    ):
        open_store(home, IN_THE_HOME)
    assert home.decisions.read_text() == "not a database" * 100


def test_a_variable_that_is_not_set_or_holds_no_url_is_told_without_what_it_holds(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.model_validate({"decisions": {"url_variable": "OUR_DECISIONS"}})
    monkeypatch.delenv("OUR_DECISIONS", raising=False)
    with pytest.raises(StoreError, match="OUR_DECISIONS, which is not set; set it"):
        open_store(home, settings)
    monkeypatch.setenv("OUR_DECISIONS", "secret:pass word")
    with pytest.raises(StoreError, match="OUR_DECISIONS holds no URL") as told:
        open_store(home, settings)
    assert "secret" not in str(told.value)
    assert not home.decisions.exists()


def test_a_driver_that_is_not_installed_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "postgresql://anne@127.0.0.1/reviewing")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        StoreError, match=r"need psycopg, which is not installed; install encours\[postgres\]"
    ):
        open_store(home, IN_POSTGRESQL)
