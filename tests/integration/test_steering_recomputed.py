"""Behaviour and indicators worked out again in plain Python from ``fct_items`` and ``fct_settlements``, on the samples,
for every date that the run speaks of: the same to the cent and to the hundredth of a day."""

from bisect import bisect_right
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import Any, NamedTuple

import duckdb
import pytest

from home.layout import Home

CENT = Decimal("0.01")
NIL = Decimal(0)


Key = tuple[str, str, str]
"""Company, level and whose figures they are."""


class Payment(NamedTuple):
    company_id: str
    side: str
    party: str
    owed: str
    amount: Decimal
    since: date
    days_to_pay: int | None
    days_late: int | None
    returned: date | None
    is_booked: bool


class Figures(NamedTuple):
    """What the marts say, and the facts that it is worked out from."""

    marts: duckdb.DuckDBPyConnection
    as_of: date
    dates: list[date]
    items: dict[str, dict[str, Any]]
    payments: list[Payment]
    settlements: list[dict[str, Any]]
    returns: list[tuple[str, str, date, Decimal]]
    sales: list[tuple[str, str, str, date, Decimal]]


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def before(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 - months
    return month_end(date(month // 12, month % 12 + 1, 1))


def mean(total: Decimal | int, weight: Decimal | int) -> Decimal | None:
    return (Decimal(total) / weight).quantize(CENT, ROUND_HALF_UP) if weight else None


def rows(marts: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = marts.execute(query)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def figures(refreshed: Home) -> Iterator[Figures]:
    with duckdb.connect(refreshed.published_database, read_only=True) as marts:
        as_of = rows(marts, "SELECT as_of_date FROM marts.dim_runs WHERE is_current")[0]["as_of_date"]
        items = {row["item_id"]: row for row in rows(marts, "SELECT * FROM marts.fct_items")}
        settlements = rows(marts, "SELECT * FROM marts.fct_settlements WHERE status <> 'proposed'")
        roles = dict(
            marts.execute("SELECT DISTINCT account_code, account_role FROM marts.fct_ledger_lines").fetchall()
        )
        for item in items.values():
            item["role"] = roles[item["account_code"]]
        for row in settlements:
            debit_owes = items[row["debit_item_id"] or row["credit_item_id"]]["ledger_side"] == "receivable"
            sides = (row["debit_item_id"], row["credit_item_id"])
            row["owed"], row["settling"] = sides if debit_owes else sides[::-1]
        booked_on = dict(
            marts.execute(
                "SELECT bank_transaction_id, booking_date FROM marts.fct_bank_transactions"
            ).fetchall()
        )
        came_back = returned_payments(items, settlements)
        first = min(item["entry_date"] for item in items.values())
        day, dates = month_end(first), [as_of]
        while day < as_of:
            dates.append(day)
            day = month_end(day + timedelta(days=1))
        yield Figures(
            marts,
            as_of,
            sorted(dates),
            items,
            list(payments_of(items, settlements, booked_on, came_back)),
            settlements,
            [
                (back["ledger_side"], back["third_party_id"], back["entry_date"], back["original_amount"])
                for back in map(items.__getitem__, came_back.values())
            ],
            list(sales_of(marts, items, as_of)),
        )


def returned_payments(items: dict[str, dict[str, Any]], settlements: list[dict[str, Any]]) -> dict[str, str]:
    """Payment that came back whole → the item that owes again."""
    settled = defaultdict(set)
    undone = defaultdict(set)
    for row in settlements:
        if row["settlement_kind"] == "payment" and row["owed"] and row["settling"]:
            owed = items[row["owed"]]
            settled[owed["third_party_id"], owed["document_ref"]].add(row["settling"])
        if row["settlement_kind"] == "return" and row["owed"] and row["settling"]:
            undone[row["owed"]].add(row["settling"])
    by_document = defaultdict(set)
    for item in items.values():
        if item["item_type"] == "payment" and item["original_amount"] < 0:
            by_document[item["third_party_id"], item["document_ref"]].add(item["item_id"])
    found: dict[str, str] = {}
    backs = [
        item for item in items.values() if item["item_type"] == "payment" and item["original_amount"] > 0
    ]
    for back in sorted(backs, key=lambda item: (item["entry_date"], item["item_id"])):
        document = (back["third_party_id"], back["document_ref"])
        for candidates in (by_document[document], settled[document], undone[back["item_id"]]):
            fit = [
                payment
                for payment in candidates
                if items[payment]["item_type"] == "payment"
                and -items[payment]["original_amount"] == back["original_amount"]
                and items[payment]["entry_date"] <= back["entry_date"]
                and payment not in found
            ]
            if fit:
                found[max(fit, key=lambda payment: items[payment]["entry_date"])] = back["item_id"]
                break
    return found


def payments_of(
    items: dict[str, dict[str, Any]],
    settlements: list[dict[str, Any]],
    booked_on: dict[str, date],
    came_back: dict[str, str],
) -> Iterator[Payment]:
    for row in settlements:
        if row["settlement_kind"] not in ("payment", "return") or row["owed"] is None:
            continue
        owed, paying = items[row["owed"]], items.get(row["settling"])
        day = paying["entry_date"] if paying else booked_on.get(row["bank_transaction_id"])
        if row["settlement_kind"] == "return" and (
            day is None or day < owed["entry_date"] or came_back.get(row["settling"]) == row["owed"]
        ):
            continue
        day = day or row["effective_date"]
        if owed["role"] == "customer_bill":
            day = max(day, owed["due_date"] or row["effective_date"])
        back = items.get(came_back.get(row["settling"], ""))
        is_dated = owed["due_date_source"] != "opening"
        yield Payment(
            row["company_id"],
            owed["ledger_side"],
            row["third_party_id"],
            row["owed"],
            row["amount"],
            max(day, row["effective_date"]),
            (day - owed["document_date"]).days if is_dated else None,
            (day - owed["due_date"]).days if owed["due_date"] else None,
            back["entry_date"] if back else None,
            row["status"] == "booked",
        )


def sales_of(
    marts: duckdb.DuckDBPyConnection, items: dict[str, dict[str, Any]], as_of: date
) -> Iterator[tuple[str, str, str, date, Decimal]]:
    deposits = {
        row["ledger_line_id"]
        for row in rows(
            marts,
            """
            SELECT owed.ledger_line_id FROM marts.fct_ledger_lines AS owed
            WHERE (company_id, journal_code, entry_number, entry_date) IN (
                SELECT company_id, journal_code, entry_number, entry_date FROM marts.fct_ledger_lines
                WHERE account_role = 'customer_advance' AND credit > 0
            )
            """,
        )
    }
    for item in items.values():
        is_sale = item["item_type"] in ("invoice", "credit_note") and item["ledger_line_id"] not in deposits
        if is_sale and item["entry_date"] <= as_of:
            yield (
                item["company_id"],
                item["ledger_side"],
                item["third_party_id"],
                item["entry_date"],
                item["original_amount"],
            )


def test_behaviour_is_what_the_settlements_say(figures: Figures) -> None:
    found = {
        (row["as_of_date"], row["ledger_side"], row["third_party_id"]): row
        for row in rows(figures.marts, "SELECT * FROM marts.fct_payment_behaviour")
    }
    expected = {}
    for day in figures.dates:
        start = before(day, 12)
        seen: dict[tuple[str, str], list[Payment]] = defaultdict(list)
        for payment in figures.payments:
            if (
                start < payment.since <= day
                and (payment.is_booked or day == figures.as_of)
                and not (payment.returned and payment.returned <= day)
            ):
                seen[payment.side, payment.party].append(payment)
        sold: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for _, side, party, on, amount in figures.sales:
            if start < on <= day:
                sold[side, party] += amount
        back: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
        for side, party, on, amount in figures.returns:
            if start < on <= day:
                back[side, party].append(amount)
        classes = weight_classes(sold, figures)
        for key in seen.keys() | sold.keys() | back.keys():
            expected[day, *key] = {
                **behaviour(day, seen[key], sold.get(key, NIL), back[key]),
                "weight_class": classes.get(key, "C"),
            }
    assert len(expected) > 300
    assert expected.keys() == found.keys()
    for key, wanted in expected.items():
        assert wanted == {name: found[key][name] for name in wanted}, key
    assert {row["weight_class"] for row in found.values()} == {"A", "B", "C"}
    assert sum(row["returned_count"] for row in found.values()) > 0


def weight_classes(sold: dict[tuple[str, str], Decimal], figures: Figures) -> dict[tuple[str, str], str]:
    """Side and third party → A, B or C, by what the larger ones of the same company and side make of the whole."""
    companies = {item["third_party_id"]: item["company_id"] for item in figures.items.values()}
    groups: dict[tuple[str, str], list[tuple[Decimal, str]]] = defaultdict(list)
    for (side, party), amount in sold.items():
        if amount > 0:
            groups[companies[party], side].append((-amount, party))
    classes = {}
    for (_, side), members in groups.items():
        whole, larger = -sum((amount for amount, _ in members), NIL), NIL
        for amount, party in sorted(members):
            part = larger / whole
            classes[side, party] = "A" if part < Decimal("0.8") else "B" if part < Decimal("0.95") else "C"
            larger -= amount
    return classes


def behaviour(day: date, seen: list[Payment], sold: Decimal, back: list[Decimal]) -> dict[str, Any]:
    due = [payment for payment in seen if payment.days_late is not None]
    late = [(payment.days_late or 0, payment.amount) for payment in due]
    dated = [(payment.days_to_pay, payment.amount) for payment in seen if payment.days_to_pay is not None]
    paid = sum((amount for _, amount in late), NIL)
    on_time = [amount for days, amount in late if days <= 0]
    recent = [(payment.days_late or 0, payment.amount) for payment in due if payment.since > before(day, 3)]
    earlier = [(payment.days_late or 0, payment.amount) for payment in due if payment.since <= before(day, 3)]
    now, then = weighted(recent), weighted(earlier)
    average = mean(sum(days for days, _ in late), len(late))
    last = max((payment.since for payment in seen), default=None)
    spread = None
    if late:
        total, squares = sum(days for days, _ in late), sum(days * days for days, _ in late)
        variance = mean(len(late) * squares - total * total, len(late) ** 2)
        spread = Decimal(sqrt(float(variance or 0))).quantize(Decimal("0.1"), ROUND_HALF_UP)
    lateness = weighted(late)
    return {
        "payment_count": len(seen),
        "document_count": len({payment.owed for payment in seen}),
        "paid_amount": sum((payment.amount for payment in seen), NIL),
        "average_days_to_pay": mean(sum(days for days, _ in dated), len(dated)),
        "weighted_days_to_pay": weighted(dated),
        "average_days_late": average,
        "weighted_days_late": lateness,
        "on_time_share": share(Decimal(len(on_time)), Decimal(len(late))),
        "weighted_on_time_share": share(sum(on_time, NIL), paid),
        "spread_days": spread,
        "trend_days": None if now is None or then is None else now - then,
        "last_payment_date": last,
        "last_payment_amount": sum((row.amount for row in seen if row.since == last), NIL) if seen else None,
        "returned_count": len(back),
        "returned_amount": sum(back, NIL),
        "sales_amount": sold,
        "behaviour_segment": segment(len(late), spread, lateness),
    }


def weighted(days: Iterable[tuple[int, Decimal]]) -> Decimal | None:
    known = list(days)
    return mean(sum((day * amount for day, amount in known), NIL), sum((amount for _, amount in known), NIL))


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP) if whole > 0 else None


def segment(count: int, spread: Decimal | None, lateness: Decimal | None) -> str:
    if count < 3 or spread is None or lateness is None:
        return "no_record"
    if lateness > 30:
        return "very_late"
    if spread > 30:
        return "irregular"
    return "prompt" if lateness <= -3 else "on_time" if lateness <= 5 else "late"


def test_indicators_are_what_items_and_settlements_say(figures: Figures) -> None:
    found = {
        (row["as_of_date"], row["company_id"], row["level"], row["level_key"]): row
        for row in rows(figures.marts, "SELECT * FROM marts.fct_receivable_kpis")
    }
    agencies = dict(
        figures.marts.execute("SELECT third_party_id, agency FROM marts.dim_third_parties").fetchall()
    )

    def keys_of(company: str, party: str) -> list[Key]:
        keys = [(company, "company", company), (company, "third_party", party)]
        return [*keys, (company, "agency", agencies[party])] if agencies[party] else keys

    begins: dict[str, date] = {}
    for item in figures.items.values():
        company = item["company_id"]
        begins[company] = min(begins.get(company, item["entry_date"]), item["entry_date"])
    sold: dict[Key, list[tuple[date, Decimal]]] = defaultdict(list)
    for company, side, party, on, amount in figures.sales:
        if side == "receivable":
            for key in keys_of(company, party):
                sold[key].append((on, amount))
    opened: dict[Key, Decimal] = defaultdict(Decimal)
    companies_opened = set()
    for item in figures.items.values():
        if item["item_type"] == "opening" and item["entry_date"] == begins[item["company_id"]]:
            companies_opened.add(item["company_id"])
            if item["ledger_side"] == "receivable" and item["role"] in ("customer", "customer_bill"):
                for key in keys_of(item["company_id"], item["third_party_id"]):
                    opened[key] += item["original_amount"]
    paid: dict[Key, list[Payment]] = defaultdict(list)
    for payment in figures.payments:
        if payment.side == "receivable" and payment.days_to_pay is not None:
            for key in keys_of(payment.company_id, payment.party):
                paid[key].append(payment)
    amounts = open_amounts(figures)

    def balances(day: date) -> dict[Key, list[Decimal]]:
        sums: dict[Key, list[Decimal]] = defaultdict(lambda: [NIL] * 5)
        for who, mine in amounts(day).items():
            for key in keys_of(*who):
                sums[key] = [one + other for one, other in zip(sums[key], mine, strict=True)]
        return sums

    expected = {}
    for day in figures.dates:
        now, opening = balances(day), balances(before(day, 3))
        for key in now.keys() | sold.keys():
            history = [(on, amount) for on, amount in sold.get(key, []) if on <= day]
            of_the_year = sum((amount for on, amount in history if on > before(day, 12)), NIL)
            is_listed = key in now or of_the_year or (key[1] == "company" and history)
            if not is_listed:
                continue
            # Before its first day a ledger is told by the entries that open it, and by nothing where none do.
            before_amount: Decimal | None = opening.get(key, [NIL])[0]
            if before(day, 3) < begins[key[0]]:
                before_amount = opened[key] if key[0] in companies_opened else None
            dated = [
                (payment.days_to_pay or 0, payment.amount)
                for payment in paid.get(key, [])
                if before(day, 12) < payment.since <= day
                and (payment.is_booked or day == figures.as_of)
                and not (payment.returned and payment.returned <= day)
            ]
            expected[(day, *key)] = {
                **indicators(day, begins[key[0]], now.get(key), history, before_amount),
                "weighted_days_to_pay": weighted(dated),
                "weighted_days_to_pay_reason": None if dated else "no_payments",
            }
    assert len(expected) > 300
    assert expected.keys() == found.keys()
    told = {"as_of_date", "company_id", "level", "level_key", "third_party_id", "base_currency"}
    for key, wanted in expected.items():
        assert wanted == {name: value for name, value in found[key].items() if name not in told}, key
    first_quarter = [
        row for row in found.values() if before(row["as_of_date"], 3) < begins[row["company_id"]]
    ]
    assert {row["collection_effectiveness_reason"] for row in first_quarter} == {"record_too_short"}
    assert {row["dso_count_back_reason"] for row in found.values()} >= {None, "credit_balance"}


def open_amounts(figures: Figures) -> Any:
    """Date → (company, customer) → what is open, not due, overdue, without a due date, and waiting."""
    changes: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    receivable = {
        item_id: item
        for item_id, item in figures.items.items()
        if item["ledger_side"] == "receivable" and item["role"] in ("customer", "customer_bill")
    }
    for item_id, item in receivable.items():
        changes[item_id].append((item["entry_date"], item["original_amount"]))
    for row in figures.settlements:
        if row["status"] == "booked":
            for item_id, sign in ((row["owed"], -1), (row["settling"], 1)):
                if item_id in receivable:
                    changes[item_id].append((row["effective_date"], sign * row["amount"]))
    running: dict[str, tuple[list[date], list[Decimal]]] = {}
    for item_id, moves in changes.items():
        moves.sort(key=lambda move: move[0])
        total, sums = NIL, []
        for _, amount in moves:
            total += amount
            sums.append(total)
        running[item_id] = ([on for on, _ in moves], sums)
    known: dict[date, dict[tuple[str, str], list[Decimal]]] = {}

    def at(day: date) -> dict[tuple[str, str], list[Decimal]]:
        if day not in known:
            parties: dict[tuple[str, str], list[Decimal]] = {}
            for item_id, (days, sums) in running.items():
                place = bisect_right(days, day)
                amount = sums[place - 1] if place else NIL
                if amount:
                    item = receivable[item_id]
                    sums_of = parties.setdefault((item["company_id"], item["third_party_id"]), [NIL] * 5)
                    sums_of[0] += amount
                    if amount < 0:
                        sums_of[4] += amount
                    elif item["due_date"]:
                        sums_of[1 if item["due_date"] >= day else 2] += amount
                    else:
                        sums_of[3] += amount
            known[day] = parties
        return known[day]

    return at


def indicators(
    day: date,
    begins: date,
    mine: list[Decimal] | None,
    sold: list[tuple[date, Decimal]],
    before_amount: Decimal | None,
) -> dict[str, Any]:
    outstanding, current, overdue, undated, unapplied = mine or [NIL] * 5
    year, quarter = before(day, 12), before(day, 3)
    sales = sum((amount for on, amount in sold if on > year), NIL)
    recent = sum((amount for on, amount in sold if on > quarter), NIL)

    def knows(start: date) -> bool:
        first = start + timedelta(days=1)
        return (begins.year, begins.month) <= (first.year, first.month)

    def days_of(amount: Decimal, of: Decimal, start: date) -> Decimal | None:
        return mean(amount * (day - start).days, of) if reason(of, start) is None else None

    def reason(of: Decimal, start: date) -> str | None:
        if outstanding < 0:
            return "credit_balance"
        if not knows(start):
            return "record_too_short"
        return None if of > 0 else "no_sales"

    dso, best = days_of(outstanding, sales, year), days_of(current, sales, year)
    to_collect = None if before_amount is None else before_amount + recent - current
    knows_opening = knows(quarter) and before_amount is not None
    back = counted_back(day, outstanding, sold)
    return {
        "outstanding_amount": outstanding,
        "current_amount": current,
        "overdue_amount": overdue,
        "undated_amount": undated,
        "unapplied_amount": unapplied,
        "overdue_share": share(overdue, current + overdue + undated),
        "sales_amount_12_months": sales,
        "sales_amount_3_months": recent,
        "dso_days": dso,
        "dso_reason": reason(sales, year),
        "dso_3_months_days": days_of(outstanding, recent, quarter),
        "dso_3_months_reason": reason(recent, quarter),
        "best_possible_dso_days": best,
        "average_days_delinquent": None if dso is None or best is None else dso - best,
        "dso_count_back_days": back,
        "dso_count_back_reason": None
        if back is not None
        else "credit_balance"
        if outstanding < 0
        else "record_used_up",
        "collection_effectiveness_index": mean(100 * (before_amount + recent - outstanding), to_collect)
        if knows_opening and before_amount is not None and to_collect is not None and to_collect > 0
        else None,
        "collection_effectiveness_reason": "record_too_short"
        if not knows_opening
        else None
        if to_collect is not None and to_collect > 0
        else "nothing_to_collect",
    }


def counted_back(day: date, balance: Decimal, sold: list[tuple[date, Decimal]]) -> Decimal | None:
    """Whole months backwards, then the fraction of the last (the algorithm of the documentation)."""
    if balance < 0:
        return None
    if not balance:
        return NIL
    months: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for on, amount in sold:
        months[on.year, on.month] += amount
    days, end = Decimal(0), day
    while months and (end.year, end.month) >= min(months):
        sales = months.get((end.year, end.month), NIL)
        if sales >= balance and sales > 0:
            return days + (balance / sales * end.day).quantize(CENT, ROUND_HALF_UP)
        balance, days = balance - sales, days + end.day
        end = end.replace(day=1) - timedelta(days=1)
    return None


def test_the_worked_example_of_days_counted_back() -> None:
    """2,500 at 30 November; 1,200 in November, 800 in October, 700 in September: 30 + 31 + 500/700 × 30 = 82.4."""
    sold = [
        (date(2025, 9, 3), Decimal(700)),
        (date(2025, 10, 3), Decimal(800)),
        (date(2025, 11, 3), Decimal(1200)),
    ]
    assert counted_back(date(2025, 11, 30), Decimal(2500), sold) == Decimal("82.43")
    assert counted_back(date(2025, 11, 30), Decimal(2701), sold) is None
