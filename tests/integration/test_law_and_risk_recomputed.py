"""Late payment penalties, the table of unpaid invoices and the exposure worked out again in plain Python from items,
settlements and open items, on the samples: day by day, and to the cent."""

import csv
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from home.layout import Home
from tests.integration.test_steering_recomputed import returned_payments, rows

NIL = Decimal(0)
CENT = Decimal("0.01")
RATES = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "legal_rates.csv"
ADVANCES = ("customer_advance", "supplier_advance")
OWED = ("invoice", "opening", "transfer", "payment")


class Books(NamedTuple):
    """What the marts say, and the facts that it is worked out from."""

    marts: duckdb.DuckDBPyConnection
    as_of: date
    items: dict[str, dict[str, Any]]
    settlements: list[dict[str, Any]]
    came_back: dict[str, str]
    disputed: dict[str, Decimal]

    def changes(self, *statuses: str) -> dict[str, tuple[list[date], list[Decimal]]]:
        """Item → days on which it changed, and what was open in the evening of each."""
        moves: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for item_id, item in self.items.items():
            moves[item_id][item["entry_date"]] += item["original_amount"]
        for row in self.settlements:
            if row["status"] in statuses:
                for item_id, sign in ((row["owed"], -1), (row["settling"], 1)):
                    if item_id:
                        moves[item_id][row["effective_date"]] += sign * row["amount"]
        return {
            item_id: (sorted(of_days), list(accumulate(of_days[day] for day in sorted(of_days))))
            for item_id, of_days in moves.items()
        }


@pytest.fixture(scope="module")
def books(refreshed: Home) -> Iterator[Books]:
    with duckdb.connect(refreshed.published_database, read_only=True) as marts:
        as_of = rows(marts, "SELECT as_of_date FROM marts.dim_runs WHERE is_current")[0]["as_of_date"]
        items = {row["item_id"]: row for row in rows(marts, "SELECT * FROM marts.fct_items")}
        roles = dict(
            marts.execute("SELECT DISTINCT account_code, account_role FROM marts.fct_ledger_lines").fetchall()
        )
        for item in items.values():
            item["role"] = roles[item["account_code"]]
        settlements = rows(marts, "SELECT * FROM marts.fct_settlements WHERE status <> 'proposed'")
        for row in settlements:
            debit_owes = items[row["debit_item_id"] or row["credit_item_id"]]["ledger_side"] == "receivable"
            sides = (row["debit_item_id"], row["credit_item_id"])
            row["owed"], row["settling"] = sides if debit_owes else sides[::-1]
        disputed = dict(
            marts.execute(
                "SELECT item_id, disputed_amount FROM marts.fct_open_items WHERE is_disputed"
            ).fetchall()
        )
        yield Books(marts, as_of, items, settlements, returned_payments(items, settlements), disputed)


def open_on(known: tuple[list[date], list[Decimal]], day: date) -> Decimal:
    place = bisect_right(known[0], day)
    return known[1][place - 1] if place else NIL


def test_penalties_are_the_interest_of_each_day(books: Books) -> None:
    with RATES.open(encoding="utf-8") as file:
        rates = {
            date.fromisoformat(row["from_date"]): Decimal(row["ecb_percent"]) + 10
            for row in csv.DictReader(file)
        }
    last_known = max(rates)

    def rate_on(day: date) -> tuple[Decimal, bool]:
        start = day.replace(month=1 if day.month < 7 else 7, day=1)
        return rates.get(start, rates[last_known]), start in rates

    backs = set(books.came_back.values())
    expected = {}
    for item_id, known in books.changes("booked", "matched").items():
        item = books.items[item_id]
        is_owed = item["item_type"] in OWED and (item["item_type"] != "payment" or item_id in backs)
        if not is_owed or item["original_amount"] <= 0 or not item["due_date"] or item["role"] in ADVANCES:
            continue
        begins = item["entry_date"] if item["item_type"] in ("invoice", "opening") else date.min
        days = []
        for number in range(1, (books.as_of - item["due_date"]).days + 1):
            day = item["due_date"] + timedelta(number)
            evening = max(day - timedelta(1), begins)
            principal = open_on(known, evening) - books.disputed.get(item_id, NIL)
            if principal > 0 and item["entry_date"] <= books.as_of:
                days.append((day, principal, *rate_on(day)))
        if days:
            expected[item_id] = days
    found = defaultdict(list)
    for row in rows(books.marts, "SELECT * FROM marts.fct_late_penalties ORDER BY item_id, from_date"):
        found[row["item_id"]].append(row)
    assert len(expected) > 100
    assert found.keys() == expected.keys()
    for item_id, stretches in found.items():
        told = [
            (
                row["from_date"] + timedelta(number),
                row["principal_amount"],
                row["rate_percent"],
                row["is_rate_published"],
            )
            for row in stretches
            for number in range(row["days"])
        ]
        assert told == expected[item_id], item_id
        for row in stretches:
            interest = row["principal_amount"] * row["rate_percent"] * row["days"] / 36500
            assert row["penalty_amount"] == interest.quantize(CENT, ROUND_HALF_UP)
    # One compensation for each document, whatever its items are.
    compensations = defaultdict(Decimal)
    for stretches in found.values():
        for row in stretches:
            compensations[row["document_id"]] += row["fixed_compensation"]
    assert set(compensations.values()) == {Decimal(40)}
    assert {row["ledger_side"] for stretches in found.values() for row in stretches} == {
        "receivable",
        "payable",
    }
    assert any(item_id in found for item_id in backs)
    assert any(item_id in found for item_id in books.disputed)


BANDS = {
    "not_late": (-99999, 0),
    "late_1_30": (1, 30),
    "late_31_60": (31, 60),
    "late_61_90": (61, 90),
    "late_91_plus": (91, 99999),
    "late_total": (1, 99999),
}


def test_the_table_of_unpaid_invoices_is_what_was_open(books: Books) -> None:
    booked, projected = books.changes("booked"), books.changes("booked", "matched")
    found = rows(books.marts, "SELECT * FROM marts.fct_payment_terms_disclosure")
    matched = NIL
    for row in found:
        amounts: list[tuple[Decimal, Decimal, Decimal]] = []
        for item_id, item in books.items.items():
            if (
                item["company_id"] != row["company_id"]
                or item["ledger_side"] != row["ledger_side"]
                or item["item_type"] not in OWED
                or item["role"] in ADVANCES
            ):
                continue
            amount = open_on(booked[item_id], row["closing_date"])
            late = (row["closing_date"] - item["due_date"]).days if item["due_date"] else None
            low, high = BANDS.get(row["lateness_band"], (0, 0))
            is_in = (
                late is None
                if row["lateness_band"] == "undated"
                else late is not None and low <= late <= high
            )
            if amount > 0 and is_in:
                disputed = books.disputed.get(item_id, NIL) if row["closing_date"] == books.as_of else NIL
                lettered = amount - open_on(projected[item_id], row["closing_date"])
                amounts.append((amount - disputed, disputed, min(lettered, amount - disputed)))
        whole = sum((one + other for one, other, _ in amounts), NIL)
        assert row["amount"] + row["disputed_amount"] == whole, row
        if row["closing_date"] == books.as_of:
            assert row["amount"] == sum((one for one, _, _ in amounts), NIL), row
            assert row["matched_amount"] == sum((one for *_, one in amounts), NIL), row
            matched += row["matched_amount"]
    assert matched > 0
    assert {row["is_closed"] for row in found} == {True, False}
    sales = {
        (row["company_id"], row["sales"])
        for row in rows(
            books.marts,
            """
            SELECT company_id, sales_amount_12_months AS sales FROM marts.fct_receivable_kpis
            WHERE level = 'company' AND as_of_date IN (
                SELECT fiscal_year_end_date FROM marts.fct_payment_terms_disclosure
            )
            """,
        )
    }
    # Of a calendar year, sales are those of the indicators.
    traded = {
        (row["company_id"], row["traded_amount"])
        for row in found
        if row["is_closed"] and row["ledger_side"] == "receivable"
    }
    assert traded == sales


def test_exposure_is_what_is_open_and_discounted(books: Books) -> None:
    backs = {payment: books.items[item_id]["entry_date"] for payment, item_id in books.came_back.items()}
    expected: dict[str, dict[str, Any]] = defaultdict(
        lambda: {
            "receivable_amount": NIL,
            "bill_amount": NIL,
            "unapplied_amount": NIL,
            "discounted_amount": NIL,
            "doubtful_amount": NIL,
            "overdue_amount": NIL,
            "oldest_overdue_days": None,
        }
    )
    for row in rows(books.marts, "SELECT * FROM marts.fct_open_items"):
        role, amount = books.items[row["item_id"]]["role"], row["projected_open_amount"]
        if role not in ("customer", "customer_bill", "customer_doubtful") or not amount:
            continue
        mine = expected[row["third_party_id"]]
        part = "unapplied" if amount < 0 else "bill" if role == "customer_bill" else "receivable"
        mine[f"{part}_amount"] += amount
        if role == "customer_doubtful" and amount > 0:
            mine["doubtful_amount"] += amount
        if row["status"] == "overdue":
            mine["overdue_amount"] += amount
            mine["oldest_overdue_days"] = max(mine["oldest_overdue_days"] or 0, row["days_past_due"])
    for row in books.settlements:
        bill = books.items.get(row["owed"] or "")
        if (
            bill
            and bill["role"] == "customer_bill"
            and row["status"] == "booked"
            and row["settlement_kind"] == "payment"
            and row["effective_date"] <= books.as_of < bill["due_date"]
            and backs.get(row["settling"], date.max) > books.as_of
        ):
            expected[row["third_party_id"]]["discounted_amount"] += row["amount"]
    limits = dict(
        books.marts.execute("SELECT third_party_id, credit_limit FROM marts.dim_third_parties").fetchall()
    )
    returned = dict(
        books.marts.execute(
            """
            SELECT third_party_id, returned_count FROM marts.fct_payment_behaviour
            WHERE as_of_date = ? AND ledger_side = 'receivable'
            """,
            [books.as_of],
        ).fetchall()
    )
    broken = dict(
        books.marts.execute(
            """
            SELECT third_party_id, count(*) FROM marts.fct_promises
            WHERE status IN ('broken', 'partly_kept') AND amount_at_stake > 0 GROUP BY third_party_id
            """
        ).fetchall()
    )
    found = {
        row["third_party_id"]: row for row in rows(books.marts, "SELECT * FROM marts.fct_credit_exposure")
    }
    assert len(expected) > 5
    assert found.keys() == expected.keys()
    for party, mine in expected.items():
        row = found[party]
        exposure = mine["receivable_amount"] + mine["bill_amount"] + mine["discounted_amount"]
        limit, owed = limits[party], mine["receivable_amount"] + mine["bill_amount"]
        share = mine["overdue_amount"] / owed if owed else NIL
        used = exposure / limit if limit else None
        count, promises = returned.get(party, 0), broken.get(party, 0)
        wanted = {
            **mine,
            "exposure_amount": exposure,
            "credit_limit": limit,
            "headroom_amount": None if limit is None else limit - exposure,
            "returned_count": count,
            "broken_promise_count": promises,
            "overdue_points": int((share * 30).quantize(Decimal(1), ROUND_HALF_UP)),
            "limit_points": 20
            if limit is not None and exposure > limit
            else 10
            if used is not None and used.quantize(Decimal("0.0001"), ROUND_HALF_UP) >= Decimal("0.8")
            else 0,
            "returned_points": 15 if count >= 2 else 8 if count else 0,
            "promise_points": 10 if promises >= 2 else 5 if promises else 0,
        }
        assert wanted == {name: row[name] for name in wanted}, party
        assert row["risk_score"] == sum(
            row[f"{part}_points"] for part in ("overdue", "lateness", "limit", "returned", "promise")
        )
    assert any(row["overdue_amount"] for row in found.values())
