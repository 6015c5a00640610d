"""What the models are given of decisions: rows as a decisions.csv has them, and who looks at what."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from decisions.chain import chained, decision
from decisions.decision import Decision, NewDecision
from decisions.tables import decision_tables
from tests.unit.decisions.to_take import accept

LATE = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
"""The first of April in Paris."""


def decided(new: NewDecision, sequence: int, at: datetime = LATE) -> Decision:
    return decision(chained(new, sequence=sequence, decided_at=at, previous_hash=""))


def test_each_pair_of_a_group_is_a_row_of_one_reference() -> None:
    group = accept(kind="match", pairs=(("b1", "l1"), ("b1", "l2")), reason="The bank kept 5 euros")
    made = decision_tables([decided(group, 7)], "Europe/Paris")["made"].to_pylist()
    same = {
        "sequence": 7,
        "company_id": "acme",
        "decision": "match",
        "decision_ref": "encours#7",
        "iban": None,
        "payer_name": None,
        "third_party_id": None,
        "decided_by": "anne",
        "decided_on": date(2026, 4, 1),
        "decided_at": LATE,
        "comment": "The bank kept 5 euros",
    }
    assert made == [
        same | {"object_id": "b1", "counterpart_id": "l1"},
        same | {"object_id": "b1", "counterpart_id": "l2"},
    ]


def test_a_payer_and_what_a_file_said_are_rows_without_a_pair() -> None:
    alias = NewDecision(
        kind="alias",
        company_id="acme",
        reviewer="anne",
        payload={"iban": "fr76 3000 6000", "third_party_id": "acme/customer/MARTIN"},
    )
    forget = NewDecision(
        kind="forget", company_id="acme", reviewer="anne", payload={"decision_ref": "2025-03-anne-1"}
    )
    first, second = decision_tables([decided(alias, 1), decided(forget, 2)], "UTC")["made"].to_pylist()
    assert (first["iban"], first["third_party_id"], first["object_id"]) == (
        "FR7630006000",
        "acme/customer/MARTIN",
        None,
    )
    assert (second["decision"], second["decision_ref"]) == ("forget", "2025-03-anne-1")


def test_the_order_of_the_store_holds_where_a_clock_was_behind() -> None:
    behind = LATE - timedelta(days=2)
    made = decision_tables([decided(accept("E1"), 1), decided(accept("E2"), 2, behind)], "Europe/Paris")[
        "made"
    ]
    assert [(row["decided_on"], row["decided_at"]) for row in made.to_pylist()] == [
        (date(2026, 4, 1), LATE)
    ] * 2


def test_remarks_are_no_rows_and_who_looks_is() -> None:
    about = {"exception_id": "E1", "reviewer": "anne"}
    tables = decision_tables(
        [
            decided(NewDecision(kind="comment", reason="Ask the bank", **about), 1),
            decided(NewDecision(kind="assign", payload={"assignee": "bruno"}, **about), 2),
            decided(NewDecision(kind="snooze", payload={"until": "2026-05-01"}, **about), 3),
        ],
        "UTC",
    )
    assert tables["made"].num_rows == 0
    assert tables["attention"].to_pylist() == [
        {"exception_id": "E1", "assigned_to": "bruno", "snoozed_until": date(2026, 5, 1)}
    ]


def test_what_was_said_with_third_parties_has_rows_of_its_own() -> None:
    martin = {"third_party_id": "acme/customer/MARTIN"}
    about = {"reviewer": "anne", "company_id": "acme"}
    tables = decision_tables(
        [
            decided(
                NewDecision(
                    kind="promise",
                    reason="Mme Roy",
                    payload=martin | {"promised_date": "2026-04-30", "amount": "1250.5"},
                    **about,
                ),
                1,
            ),
            decided(accept("E1"), 2),
            decided(NewDecision(kind="contact", payload=martin | {"channel": "phone"}, **about), 3),
            decided(NewDecision(kind="settle_dispute", payload={"dispute_id": "d1"}, **about), 4),
        ],
        "Europe/Paris",
    )
    assert [row["sequence"] for row in tables["made"].to_pylist()] == [2]
    rows = tables["follow_up"].to_pylist()
    assert [(row["kind"], row["decision_ref"], row["third_party_id"], row["dispute_id"]) for row in rows] == [
        ("promise", "encours#1", martin["third_party_id"], None),
        ("contact", "encours#3", martin["third_party_id"], None),
        ("settle_dispute", "encours#4", None, "d1"),
    ]
    assert (rows[0]["promised_date"], rows[0]["amount"], rows[0]["remark"]) == (
        date(2026, 4, 30),
        Decimal("1250.50"),
        "Mme Roy",
    )
    assert (rows[0]["decided_on"], rows[0]["decided_at"]) == (date(2026, 4, 1), LATE)
