"""Whatever the policy, the books and what was sent before: every late item is in one state of reminders, the one that a
plain reading of the policy gives it; the messages ask for what is to be done, each item once.

The models of reminders run on random rows in the place of what they read, in the database of the small books.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from dbt.cli.main import dbtRunnerResult
from hypothesis import given, settings
from hypothesis import strategies as st

from home.calendar import next_working_days
from home.settings import Settings
from home.settings_dunning import Dunning, DunningExclusion, DunningLevel
from home.tables import RunContext, settings_tables, working_days

MODELS = ("int_dunning__items_judged", "fct_dunning_items", "fct_dunning_actions", "int_controls__dunning")
ITEMS = 250
PARTIES = 40
SEGMENTS = ("", "Key", "Public")
CENT = Decimal("0.01")
NOTHING = Decimal("0.00")

Row = dict[str, Any]


@dataclass
class Books:
    """What the models of reminders read."""

    as_of: date
    dunning: Dunning
    parties: list[Row] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)
    advances: set[str] = field(default_factory=set)
    receipts: set[str] = field(default_factory=set)
    disputes: list[Row] = field(default_factory=list)
    promises: dict[str, date] = field(default_factory=dict)
    reminders: dict[str, Row] = field(default_factory=dict)


def random_policy(random: Random) -> Dunning:
    levels, days = [], random.choice([-10, 0, 3])
    for number in range(random.choice([0, 2, 3, 4])):
        # For everybody, for two segments of their own, for those alone, or for nobody at this number.
        for segments in random.choice([[()], [(), ("Key",)], [("Key", "Public")], []]):
            levels.append(
                DunningLevel(
                    level=2 * number if number > 2 else number,
                    name=f"Level {number}",
                    days_past_due=days,
                    channel=random.choice(["email", "letter", "phone", "registered_letter"]),
                    tone=random.choice(["courteous", "firm", "formal"]),
                    wait_days=random.randrange(12),
                    segments=segments,
                    minimum_amount=Decimal(random.choice([0, 0, 150])),
                )
            )
            days += random.randrange(1, 12)
    return Dunning(
        levels=tuple(levels),
        grouping=random.choice(["customer", "level"]),
        working_days_only=random.random() < 0.7,
        exclusions=(DunningExclusion(segment="Public", third_party="acme/customer/C5", reason="By hand"),),
    )


def random_books(random: Random) -> Books:
    as_of = date(2026, 1, 1) + timedelta(random.randrange(365))
    books = Books(as_of, random_policy(random))
    for number in range(PARTIES):
        books.parties.append(
            {
                "third_party_id": f"acme/customer/C{number}",
                "kind": "customer",
                "segment": random.choice(SEGMENTS),
                "email": random.choice([None, f"c{number}@example.com"]),
                "language": random.choice([None, "fr", "en", "de"]),
            }
        )
    for number in range(ITEMS):
        item_id = f"i{number:03}"
        due = as_of - timedelta(random.randrange(-15, 70))
        owed = Decimal(random.randrange(1, 20_000)) * CENT
        is_credit = random.random() < 0.08
        amount = -2 * owed if is_credit else owed
        late = (as_of - due).days
        row: Row = {
            "as_of_date": as_of,
            "item_id": item_id,
            "open_item_id": item_id,
            "company_id": "acme",
            "ledger_side": random.choices(["receivable", "payable"], [9, 1])[0],
            "third_party_id": random.choice([None, *[party["third_party_id"] for party in books.parties]]),
            "due_date": due,
            "days_past_due": None if is_credit else late,
            "status": "unapplied" if is_credit else "overdue" if late > 0 else "not_due",
            "open_amount": amount,
            "projected_open_amount": random.choices(
                [amount, (amount / 2).quantize(CENT), NOTHING], [8, 1, 1]
            )[0],
            "is_doubtful": random.random() < 0.05,
            "base_currency": "EUR",
        }
        books.items.append(row)
        if is_credit and random.random() < 0.4:
            books.advances.add(item_id)
        if random.random() < 0.5:
            books.receipts.add(item_id)
        for _ in range(random.choices([0, 1, 2], [18, 1, 1])[0]):
            books.disputes.append(
                {
                    "dispute_id": f"d{len(books.disputes)}",
                    "item_id": item_id,
                    "disputed_amount": max(CENT, (owed * random.choice([1, 2]) / 2).quantize(CENT)),
                }
            )
        if random.random() < 0.1:
            books.promises[item_id] = as_of + timedelta(random.randrange(20))
        if random.random() < 0.4:
            books.reminders[item_id] = {
                "item_id": item_id,
                "dunning_level": random.choices([None, 0, 1, 2, 6], [1, 2, 3, 2, 1])[0],
                "last_sent_on": as_of - timedelta(random.randrange(25)),
                "reminder_count": 1,
            }
    return books


def told(books: Books) -> dict[str, tuple[str, str, int | None, date | None, Decimal]]:
    """State, reason, level, date and amount of each item that is to be told of, as the policy reads."""
    parties = {row["third_party_id"]: row for row in books.parties}
    worked = next_working_days(books.as_of, books.as_of + timedelta(1500), "FR")
    disputed: dict[str, Decimal] = defaultdict(Decimal)
    for dispute in books.disputes:
        disputed[dispute["item_id"]] += dispute["disputed_amount"]
    credits: dict[str, Decimal] = defaultdict(Decimal)
    found, asked, levels = {}, defaultdict[str | None, Decimal](Decimal), {}
    for row in books.items:
        item_id, party = row["item_id"], parties.get(row["third_party_id"])
        if row["ledger_side"] == "payable":
            continue
        if row["status"] == "unapplied":
            if item_id not in books.advances:
                credits[row["third_party_id"]] += max(-row["projected_open_amount"], NOTHING)
            continue
        ladder = books.dunning.ladder(party["segment"] or None) if party else ()
        if row["status"] == "not_due" and not (ladder and row["days_past_due"] >= ladder[0].days_past_due):
            continue
        reminder = books.reminders.get(item_id, {})
        reached = -1 if reminder.get("dunning_level") is None else reminder["dunning_level"]
        rest = [
            level
            for level in ladder
            if level.level > reached and not (row["status"] == "overdue" and level.days_past_due <= 0)
        ]
        amount = max(row["projected_open_amount"] - disputed[item_id], NOTHING)
        if party is None:
            hold = "no_third_party"
        elif row["is_doubtful"]:
            hold = "doubtful"
        elif party["segment"] == "Public" and row["third_party_id"] == "acme/customer/C5":
            hold = "policy"
        elif row["projected_open_amount"] == 0:
            hold = "receipt_not_booked" if item_id in books.receipts else "payment_not_lettered"
        elif amount == 0:
            hold = "disputed"
        elif item_id in books.promises:
            hold = "promised"
        elif not rest:
            hold = "no_level" if reminder.get("dunning_level") is None else "last_level_sent"
        else:
            hold, levels[item_id] = None, (rest[0], ladder, reminder)
            asked[row["third_party_id"]] += amount
        found[item_id] = (row, hold, amount)

    answers = {}
    for item_id, (row, hold, amount) in found.items():
        if hold is None:
            level, ladder, reminder = levels[item_id]
            total = asked[row["third_party_id"]]
            if credits[row["third_party_id"]] >= total:
                hold = "covered_by_credit"
            elif total < level.minimum_amount:
                hold = "below_minimum"
        if hold in ("disputed", "promised"):
            answers[item_id] = (
                hold,
                hold,
                None,
                books.promises.get(item_id) if hold == "promised" else None,
                NOTHING,
            )
        elif hold:
            answers[item_id] = ("excluded", hold, None, None, NOTHING)
        else:
            day = row["due_date"] + timedelta(level.days_past_due)
            patience = day
            if reminder:
                before = [one for one in ladder if one.level == reminder["dunning_level"]] or [level]
                patience = reminder["last_sent_on"] + timedelta(before[0].wait_days)
            ready = max(day, patience)
            action = max(ready, books.as_of)
            if books.dunning.working_days_only:
                action = worked[action]
            if action == books.as_of:
                answers[item_id] = ("to_do", "due_today", level.level, None, amount)
            else:
                late = "not_a_working_day" if ready <= books.as_of else "reminded_recently"
                reason = "level_not_reached" if ready > books.as_of and patience <= day else late
                answers[item_id] = ("waiting", reason, level.level, action, amount)
    return answers


def judge(connection: duckdb.DuckDBPyConnection, compiled: Mapping[str, str], books: Books) -> None:
    """Put the books in the place of what the models of reminders read, and run those."""
    context = RunContext("r", books.as_of, books.as_of, datetime(2026, 1, 1, tzinfo=UTC))
    policy = Settings(dunning=books.dunning)
    tables = settings_tables(policy, [])
    posted = [{"item_id": item_id, "account_role": "customer_advance"} for item_id in books.advances]
    solved = [
        {
            "owed_item_id": item_id,
            "status": "matched",
            "effective_date": books.as_of,
            "bank_transaction_id": f"t{item_id}",
        }
        for item_id in books.receipts
    ]
    promises = [{"item_id": item_id, "promised_date": day} for item_id, day in books.promises.items()]
    given: dict[str, list[Row] | pa.Table] = {
        "run.context": [{"run_id": "r", "as_of_date": books.as_of}],
        "run.working_days": working_days(context, policy),
        **{f"settings.{name}": tables[name] for name in tables if name.startswith("dunning")},
        "marts.dim_third_parties": books.parties,
        "marts.fct_open_items": books.items,
        "marts.fct_late_penalties": [],
        "intermediate.int_items__posted": posted,
        "intermediate.int_settlements__solved": solved,
        "intermediate.int_follow_up__disputed_items": books.disputes,
        "intermediate.int_follow_up__promised_items": promises,
        "intermediate.int_dunning__reminders": list(books.reminders.values()),
    }
    for name, held in given.items():
        connection.execute(f"DELETE FROM {name}")
        table = held if isinstance(held, pa.Table) else pa.Table.from_pylist(held)
        if table.num_columns:
            connection.register("incoming", table)
            connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")
            connection.unregister("incoming")
    for model, sql in compiled.items():
        schema = "marts" if model.startswith("fct") else "intermediate"
        connection.execute(f"DELETE FROM {schema}.{model}")
        connection.execute(f"INSERT INTO {schema}.{model} BY NAME {sql}")


@pytest.fixture(scope="module")
def compiled(build: dbtRunnerResult) -> dict[str, str]:
    nodes = {result.node.name: result.node for result in build.result.results}
    return {model: nodes[model].compiled_code for model in MODELS}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_every_late_item_is_in_one_state(built: Any, compiled: dict[str, str], seed: int) -> None:
    books = random_books(Random(seed))
    with duckdb.connect(built.database) as connection:
        connection.execute("BEGIN")
        judge(connection, compiled, books)
        found = connection.execute(
            "SELECT item_id, state, reason, level, waiting_until_date, dunning_amount FROM marts.fct_dunning_items"
        ).fetchall()
        assert {item_id: tuple(rest) for item_id, *rest in found} == told(books)
        assert len(found) == len({item_id for item_id, *_ in found})
        failing = (
            "SELECT control_name, subject FROM intermediate.int_controls__dunning WHERE expected <> actual"
        )
        assert connection.execute(failing).fetchall() == []
        lost = [item_id for item_id, state, *_ in found if state in ("disputed", "excluded", "waiting")]
        late = {row["item_id"] for row in books.items if row["status"] == "overdue"}
        if late.intersection(lost):
            forgotten = min(late.intersection(lost))
            connection.execute("DELETE FROM marts.fct_dunning_items WHERE item_id = ?", [forgotten])
            connection.execute("DELETE FROM intermediate.int_controls__dunning")
            connection.execute(
                f"INSERT INTO intermediate.int_controls__dunning BY NAME {compiled['int_controls__dunning']}"
            )
            assert {subject for _, subject in connection.execute(failing).fetchall()} == {"items", "amount"}
        connection.execute("ROLLBACK")
