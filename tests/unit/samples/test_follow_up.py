"""What was said with customers follows from how they pay, and changes nothing else."""

from collections import Counter
from datetime import date, timedelta

import pytest

from samples.generator import generate
from samples.truth import Truth

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return generate(tmp_path_factory.mktemp("said"), lines=12_000, seed=3, as_of=AS_OF, with_faults=False)


def _payments(truth: Truth) -> dict[tuple[str, str], list[tuple[date, int]]]:
    """Company and document → its payments, by what settles what."""
    of_group, paid = {}, {}
    rows = [
        row
        for row in truth.items.to_pylist()
        if row["ledger_side"] == "receivable" and row["group"] is not None
    ]
    for row in rows:
        if row["item_type"] == "invoice":
            of_group[row["company_id"], row["group"]] = row["document_ref"]
    for row in rows:
        if row["item_type"] == "payment" and row["original_amount"] < 0:
            document = of_group.get((row["company_id"], row["group"]))
            paid.setdefault((row["company_id"], document), []).append(
                (row["entry_date"], -int(row["original_amount"] * 100))
            )
    return paid


def _invoiced(truth: Truth) -> dict[tuple[str, str], int]:
    """Company and document → its amount, in cents."""
    return {
        (row["company_id"], row["document_ref"]): int(row["original_amount"] * 100)
        for row in truth.items.to_pylist()
        if row["item_type"] == "invoice" and row["ledger_side"] == "receivable"
    }


def test_a_promise_is_what_its_payments_made_of_it(truth: Truth) -> None:
    paid = _payments(truth)
    invoiced = _invoiced(truth)
    for promise in truth.promises.to_pylist():
        document = promise["company_id"], promise["document_number"]
        came = [
            cents
            for day, cents in paid.get(document, [])
            if promise["promised_on"] < day <= promise["promised_date"]
        ]
        if sum(came) >= invoiced[document]:
            expected = "kept"
        elif promise["promised_date"] >= AS_OF:
            expected = "open"
        else:
            expected = "partly_kept" if came else "broken"
        assert promise["status"] == expected, promise
    assert set(truth.promises["status"].to_pylist()) == {"kept", "partly_kept", "broken", "open"}


def test_what_is_said_is_about_invoices_that_were_late_by_then(truth: Truth) -> None:
    due = {
        (row["company_id"], row["document_ref"]): row["due_date"]
        for row in truth.items.to_pylist()
        if row["item_type"] == "invoice" and row["ledger_side"] == "receivable"
    }
    told = [
        *((row, row["opened_on"]) for row in truth.disputes.to_pylist()),
        *((row, row["promised_on"]) for row in truth.promises.to_pylist()),
        *((row, row["sent_on"]) for row in truth.dunning_events.to_pylist()),
    ]
    assert len(told) > 100
    assert all(due[row["company_id"], row["document_number"]] < day <= AS_OF for row, day in told)


def test_reminders_grow_firmer_and_stop_when_it_is_paid(truth: Truth) -> None:
    paid = _payments(truth)
    invoiced = _invoiced(truth)
    levels: dict[tuple[str, str], list[str]] = {}
    for event in truth.dunning_events.to_pylist():
        document = event["company_id"], event["document_number"]
        levels.setdefault(document, []).append(event["level"])
        before = sum(cents for day, cents in paid.get(document, []) if day <= event["sent_on"])
        assert before < invoiced[document]
        assert event["sent_on"] <= AS_OF - timedelta(days=7)
    assert all(told == ["1", "2", "3"][: len(told)] for told in levels.values())
    assert Counter(map(len, levels.values())).keys() == {1, 2, 3}


def test_a_dispute_ends_before_it_is_forgotten(truth: Truth) -> None:
    statuses = Counter(truth.disputes["status"].to_pylist())
    assert statuses.keys() == {"open", "settled", "closed"}
    for row in truth.disputes.to_pylist():
        assert (row["closed_on"] is not None) == (row["status"] == "closed")
        assert row["closed_on"] is None or row["opened_on"] < row["closed_on"] <= AS_OF
