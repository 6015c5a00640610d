"""What is decided in the store the next refresh does, as it does what a decisions.csv says; nothing is done twice."""

import csv
import io
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pytest

from decisions.decision import NewDecision
from decisions.pending import pending
from decisions.store import Store, open_store
from home.layout import Home
from home.settings_file import load
from orchestration.errors import RefreshFailedError
from orchestration.publish import current_release
from orchestration.refresh import refresh
from orchestration.run import Outcome
from tests.golden.books import deliver
from tests.golden.test_reviewing import COMPANY, FIRST

DAY = date(2025, 3, 10)
DECIDED_AT = datetime(2025, 3, 8, 9, tzinfo=UTC)
"""On the day that the page's file names."""

SAID = list(csv.DictReader(io.StringIO(FIRST)))
OF_A_RUN = ("run_id", "started_at", "finished_at", "first_seen_at")
OF_THE_FILE = ("evidence", "age_days")
"""What says by which reference a decision goes."""

COMPARED = (
    "fct_bank_matches",
    "fct_bank_match_members",
    "fct_item_matches",
    "fct_item_match_members",
    "fct_settlements",
    "fct_open_items",
    "fct_bank_reconciliation_statement_items",
    "fct_reconciliation_exceptions",
)


def refreshed(home: Home) -> Outcome:
    return refresh(home, as_of=DAY, known_at=DAY).outcome


def rows(home: Home, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        connection.execute("USE marts")
        return connection.execute(query).fetchall()


def marts_of(home: Home) -> dict[str, list[str]]:
    """Every row of what decisions change, sorted, without what names the run or the file."""
    but = (*OF_A_RUN, *OF_THE_FILE)
    return {
        mart: sorted(map(str, rows(home, f"SELECT COLUMNS(c -> c NOT IN {but}) FROM {mart}")))
        for mart in COMPARED
    }


def exceptions_of(home: Home) -> dict[str, dict[str, Any]]:
    """Object → its row of ``fct_reconciliation_exceptions``."""
    names = ("exception_id", "object_id", "reason_code", "suggestion", "status", "assigned_to")
    found = rows(home, f"SELECT {', '.join(names)} FROM fct_reconciliation_exceptions")
    return {row[1]: dict(zip(names, row, strict=True)) for row in found}


def home_at(folder: Path) -> Home:
    home = Home.at(folder)
    home.create()
    deliver(home, [COMPANY], "2025-01-31")
    return home


def store_of(home: Home) -> Store:
    return open_store(home, load(home))


def decided_as_the_file_says(exceptions: dict[str, dict[str, Any]], of_the_payer: str) -> list[NewDecision]:
    """The decisions of the page's file, as a reviewer would take them at the exceptions; the alias at a receipt."""
    news = []
    for _, group in groupby(SAID, key=lambda row: row["decision_ref"]):
        lines = list(group)
        first = lines[0]
        payer = {name: first[name] for name in ("payer_name", "third_party_id") if first[name]}
        exception = exceptions.get(first["object_id"] or of_the_payer)
        news.append(
            NewDecision(
                kind=first["decision"],  # type: ignore[arg-type]
                company_id=first["company_id"],
                exception_id=exception["exception_id"] if exception else None,
                reviewer=first["decided_by"],
                reason=first["comment"],
                pairs=tuple(
                    (line["object_id"], line["counterpart_id"]) for line in lines if line["object_id"]
                ),
                payload=payer,
            )
        )
    return news


@dataclass
class Told:
    """What happened, step by step, in one home: a refresh costs seconds, and each builds on the one before."""

    home: Home
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    marts: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    exceptions: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    effects: dict[str, str] = field(default_factory=dict)

    def refresh(self, step: str) -> None:
        self.outcomes[step] = refreshed(self.home)
        self.marts[step] = marts_of(self.home)
        self.exceptions[step] = exceptions_of(self.home)


CHEQUE, CHEQUE_ENTRY = SAID[0]["object_id"], SAID[0]["counterpart_id"]
TRANSFER = SAID[1]["object_id"]
SAFE, SAFE_ENTRY = SAID[3]["object_id"], SAID[3]["counterpart_id"]
NOTHING = "encours#6"
"""The decision that names an id which nothing has."""


@pytest.fixture(scope="module")
def by_file(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The books of docs/reviewing.md with its decisions.csv."""
    home = home_at(tmp_path_factory.mktemp("by_file") / "home")
    deliver(home, [COMPANY], "2025-03-10")
    assert refreshed(home) is Outcome.PUBLISHED
    return home


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The same books, decided on in the store."""
    told = Told(home_at(tmp_path_factory.mktemp("in_the_store") / "home"))
    told.refresh("before")
    with store_of(told.home) as store:
        ((receipt,),) = rows(
            told.home, "SELECT bank_transaction_id FROM fct_bank_transactions WHERE amount = 1440"
        )
        store.append_all(decided_as_the_file_says(told.exceptions["before"], receipt), decided_at=DECIDED_AT)
        effects = pending(store.decisions(), told.exceptions["before"].values(), applied=0)
        told.effects = {exception_id: one.effect for exception_id, one in effects.items()}
    told.refresh("decided")
    told.outcomes["again"] = refreshed(told.home)
    with store_of(told.home) as store:
        store.append_all(
            [
                NewDecision(kind="undo", reviewer="bruno", payload={"sequence": 3}),
                NewDecision(
                    kind="reject", company_id="maison", reviewer="anne", pairs=((TRANSFER, "f" * 32),)
                ),
            ],
            decided_at=DECIDED_AT,
        )
    told.refresh("undone")
    (told.home.inbox / "maison" / "later.csv").write_text(
        "company_id,decision,decision_ref,object_id,counterpart_id,decided_by,decided_on\n"
        f"maison,reject,later,{CHEQUE},{CHEQUE_ENTRY},bruno,2025-03-09\n"
    )
    with store_of(told.home) as store:
        about = {"exception_id": told.exceptions["undone"][NOTHING]["exception_id"], "reviewer": "anne"}
        store.append_all(
            [
                NewDecision(kind="assign", payload={"assignee": "bruno"}, **about),
                NewDecision(kind="snooze", payload={"until": "2025-04-01"}, **about),
            ],
            decided_at=DECIDED_AT,
        )
    told.refresh("both")
    return told


def matched_with(told: Told, step: str, line: str) -> set[str]:
    """The lines that are in a group with a line, proposed or matched."""
    members = [row.split("'") for row in told.marts[step]["fct_bank_match_members"]]
    groups = {match_id for _, match_id, _, _, _, object_id, *_ in members if object_id == line}
    return {object_id for _, match_id, _, _, _, object_id, *_ in members if match_id in groups} - {line}


def test_what_is_decided_in_the_store_makes_the_marts_that_a_file_makes(told: Told, by_file: Home) -> None:
    assert told.outcomes["before"] is told.outcomes["decided"] is Outcome.PUBLISHED
    assert told.marts["decided"] == marts_of(by_file)
    assert told.marts["decided"] != told.marts["before"]


def test_the_pending_effect_is_what_the_refresh_then_did(told: Told) -> None:
    before, after = told.exceptions["before"], told.exceptions["decided"]
    matched = {one for one, effect in told.effects.items() if effect == "matched"}
    assert {before[CHEQUE]["exception_id"], before[TRANSFER]["exception_id"]} <= matched
    assert matched.isdisjoint(row["exception_id"] for row in after.values())
    # The bank kept five euros of the transfer: what is left of the match is an exception of its own.
    untouched = {row["exception_id"] for row in before.values()} - set(told.effects)
    assert untouched <= {row["exception_id"] for row in after.values()}


def test_a_refresh_without_a_new_decision_has_nothing_to_do(told: Told) -> None:
    assert told.outcomes["again"] is Outcome.UNCHANGED


def test_what_is_undone_is_as_it_was_before(told: Told) -> None:
    assert told.outcomes["undone"] is Outcome.PUBLISHED
    assert matched_with(told, "decided", SAFE) == set()
    assert matched_with(told, "undone", SAFE) == matched_with(told, "before", SAFE) == {SAFE_ENTRY}


def test_a_decision_about_what_is_not_there_is_told(told: Told) -> None:
    faults = [
        row for row in told.exceptions["undone"].values() if row["reason_code"] == "decision_without_object"
    ]
    assert [row["object_id"] for row in faults] == [NOTHING]


def test_a_file_of_a_later_day_goes_before_the_store(told: Told) -> None:
    assert matched_with(told, "undone", CHEQUE) == {CHEQUE_ENTRY}
    assert CHEQUE_ENTRY not in matched_with(told, "both", CHEQUE)


def test_an_exception_says_who_looks_at_it_and_that_it_is_snoozed(told: Told) -> None:
    said = {
        object_id: (row["status"], row["assigned_to"]) for object_id, row in told.exceptions["both"].items()
    }
    assert said.pop(NOTHING) == ("snoozed", "bruno")
    assert set(said.values()) == {("open", None)}


def test_each_run_notes_the_newest_decision_that_it_has_applied(told: Told) -> None:
    release = current_release(told.home)
    assert release is not None
    with store_of(told.home) as store:
        noted = json.loads((told.home.reports / release.run_id / "decisions.json").read_text())
        assert noted == {"sequence": store.newest(), "hash": store.head()}


def test_a_refresh_does_nothing_of_a_chain_that_was_tampered_with(told: Told, tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    shutil.copytree(told.home.root, home.root, symlinks=True)
    before = current_release(home)
    with closing(sqlite3.connect(home.decisions)) as connection, connection:
        connection.execute("DROP TRIGGER encours_decisions_updated")
        connection.execute(
            "UPDATE encours_decisions SET content = replace(content, 'anne', 'mallory'), hash = 'f00d' "
            "WHERE sequence = (SELECT max(sequence) FROM encours_decisions)"
        )
    with pytest.raises(
        RefreshFailedError,
        match="is not what was decided: its content does not give its hash; stop the application, then restore",
    ):
        refreshed(home)
    assert current_release(home) == before
