"""Whatever asks, the server judges: a reader writes nothing, nobody decides in another's name."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from app.roles import Actor, Role
from app.writes import NotAllowedError, Wish, contact, dispute, promise, settled_dispute, write
from decisions.decision import NewDecision
from decisions.store import DecidedMeanwhileError, Store, open_store
from home.layout import Home
from home.settings import Settings

READER = Actor("rita", Role.READER)
ANNE = Actor("anne", Role.REVIEWER)
BRUNO = Actor("bruno", Role.REVIEWER)
ZOE = Actor("zoe", Role.ADMIN)


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    home = Home.at(tmp_path_factory.mktemp("store"))
    with open_store(home, Settings.model_validate({})) as opened:
        yield opened


def accepting(reviewer: str = "", exception: str = "e1", pair: tuple[str, str] = ("b1", "l1")) -> NewDecision:
    return NewDecision(
        kind="accept", reviewer=reviewer, company_id="acme", exception_id=exception, pairs=(pair,)
    )


def undoing(sequence: int) -> NewDecision:
    return NewDecision(kind="undo", reviewer="", payload={"sequence": sequence})


@pytest.mark.parametrize(
    "new",
    [
        accepting(),
        NewDecision(kind="comment", reviewer="", exception_id="e1", reason="hello"),
        NewDecision(kind="assign", reviewer="", exception_id="e1", payload={"assignee": "rita"}),
        undoing(1),
    ],
    ids=lambda new: new.kind,
)
def test_a_reader_writes_nothing(store: Store, new: NewDecision) -> None:
    write(ANNE, store, [Wish(accepting(), 0)], seen=0)
    with pytest.raises(NotAllowedError) as refused:
        write(READER, store, [Wish(new, 1)], seen=1)
    assert refused.value.needed is Role.REVIEWER
    assert len(store.decisions()) == 1


def test_nobody_decides_in_anothers_name(store: Store) -> None:
    [kept] = write(ANNE, store, [Wish(accepting(reviewer="bruno"), 0)], seen=0)
    assert kept.reviewer == "anne"


def test_only_an_administrator_takes_back_what_another_decided(store: Store) -> None:
    write(ANNE, store, [Wish(accepting(), 0)], seen=0)
    with pytest.raises(NotAllowedError) as refused:
        write(BRUNO, store, [Wish(undoing(1), 1)], seen=1)
    assert refused.value.needed is Role.ADMIN
    assert [one.kind for one in store.in_force()] == ["accept"]
    write(ZOE, store, [Wish(undoing(1), 1)], seen=1)
    assert store.in_force() == []


def test_one_takes_back_ones_own(store: Store) -> None:
    write(ANNE, store, [Wish(accepting(), 0)], seen=0)
    write(ANNE, store, [Wish(undoing(1), 1)], seen=1)
    assert store.in_force() == []


def test_the_second_of_two_is_told_and_nothing_of_theirs_is_kept(store: Store) -> None:
    write(ANNE, store, [Wish(accepting(), 0)], seen=0)
    wishes = [Wish(accepting(exception="e2", pair=("b2", "l2")), 0), Wish(accepting(), 0)]
    with pytest.raises(DecidedMeanwhileError) as told:
        write(BRUNO, store, wishes, seen=0)
    assert told.value.decision.reviewer == "anne"
    assert len(store.decisions()) == 1


def test_what_was_said_with_a_customer_is_kept_as_said(store: Store) -> None:
    martin = "acme/customer/MARTIN"
    asked = [
        promise(martin, date(2026, 7, 10), amount=Decimal("500.50"), remark="Mme Roy"),
        dispute(martin, "F12", "Two pallets short", amount=Decimal(80)),
        settled_dispute("acme", "d1", "Credit note sent"),
        contact(martin, "phone", "Nobody there", "no answer"),
    ]
    kept = write(ANNE, store, asked, seen=0)
    assert [(one.kind, one.reviewer, one.company_id, one.reason, dict(one.payload)) for one in kept] == [
        (
            "promise",
            "anne",
            "acme",
            "Mme Roy",
            {"third_party_id": martin, "promised_date": "2026-07-10", "amount": "500.50"},
        ),
        (
            "dispute",
            "anne",
            "acme",
            "Two pallets short",
            {"third_party_id": martin, "document_ref": "F12", "amount": "80"},
        ),
        ("settle_dispute", "anne", "acme", "Credit note sent", {"dispute_id": "d1"}),
        (
            "contact",
            "anne",
            "acme",
            "Nobody there",
            {"third_party_id": martin, "channel": "phone", "outcome": "no answer"},
        ),
    ]
    with pytest.raises(NotAllowedError):
        write(READER, store, asked, seen=4)
