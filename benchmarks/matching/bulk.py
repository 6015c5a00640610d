"""Bank lines against five times as many open items, as plain tables: the set on which speed is measured.

70 % of the lines quote the document they pay, 15 % come from a known account and have a document's amount, 10 % pay
two to six documents of one customer (half of these quote them all), 5 % pay nothing that is open.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from samples.days import Ints

ITEMS_PER_LINE: Final = 5
ITEMS_PER_CUSTOMER: Final = 10
QUOTED, KNOWN_ACCOUNT, BATCH = 0.70, 0.15, 0.10
LARGEST_BATCH: Final = 6
MEDIAN_CENTS: Final = 80_000
PRICE_POINTS: Final = (9_900, 12_000, 24_000, 49_900, 60_000, 99_900, 120_000, 240_000)
"""What a subscription or a catalogue asks: amounts that many items share."""

FIRST_DAY: Final = date(2026, 1, 1)
LAST_DAY: Final = date(2026, 6, 30)


@dataclass(frozen=True)
class Sizes:
    """How many rows a set has."""

    lines: int
    items: int
    customers: int


def write(
    connection: duckdb.DuckDBPyConnection,
    lines: int,
    *,
    seed: int = 1,
    hidden_share: float = 0.0,
    priced_share: float = 0.0,
) -> Sizes:
    """Make the tables of a set in schema ``bulk``, the same for the same arguments.

    ``customers``: customer (number), name, iban. ``items``: item, customer, document_ref, cents, day, due_day.
    ``lines``: line, cents, day, text, name, iban (null for those that show none). ``truth``: line, item, scenario; a
    line that pays nothing has no row. ``hidden_share`` of the items that are paid are then not among the items: their
    lines have no right answer but none, and no row in ``truth``. ``priced_share`` of all items have one of a few
    amounts; the others are drawn freely, to the cent.
    """
    rng = np.random.default_rng(seed)
    items = lines * ITEMS_PER_LINE
    customers = max(1, items // ITEMS_PER_CUSTOMER)
    connection.execute("CREATE SCHEMA bulk")
    # Many customers with a few items, a few with many.
    weights = rng.gamma(2.0, size=customers)
    customer = np.sort(rng.choice(customers, size=items, p=weights / weights.sum()))
    cents = np.maximum(100, np.rint(MEDIAN_CENTS * np.exp(rng.normal(0, 1.0, items)))).astype(np.int64)
    has_price = rng.random(items) < priced_share
    cents[has_price] = rng.choice(PRICE_POINTS, size=int(has_price.sum()))
    days = (LAST_DAY - FIRST_DAY).days
    day = rng.integers(0, days - 30, items)
    number = rng.permutation(items)
    line, item, scenario = _payments(rng, customer, lines)
    paid = np.bincount(line, weights=cents[item], minlength=lines).astype(np.int64)
    noise = paid == 0
    paid[noise] = rng.integers(1_000, 500_000, int(noise.sum()))
    latest = np.zeros(lines, dtype=np.int64)
    np.maximum.at(latest, line, day[item])
    latest[noise] = rng.integers(0, days - 30, int(noise.sum()))
    payer = np.full(lines, -1, dtype=np.int64)
    payer[line] = customer[item]
    # Half of the noise comes from customers.
    payer[noise] = np.where(
        rng.random(int(noise.sum())) < 0.5, rng.integers(0, customers, int(noise.sum())), -1
    )
    quotes = np.zeros(lines, dtype=bool)
    quotes[line] = np.isin(scenario, (0, 2))
    shows_account = ~quotes | (rng.random(lines) < 0.5)
    is_hidden = np.zeros(items, dtype=bool)
    is_hidden[item] = rng.random(len(item)) < hidden_share
    tables = {
        "customers": {"customer": np.arange(customers)},
        "items": {
            "item": np.arange(items),
            "customer": customer,
            "cents": cents,
            "day": _days(day),
            "number": number,
        },
        "lines": {
            "line": np.arange(lines),
            "cents": paid,
            "day": _days(np.minimum(latest + rng.integers(1, 31, lines), days)),
            "payer": payer,
            "shows_account": shows_account,
        },
        "payments": {"line": line, "item": item, "scenario": scenario},
        "hidden": {"item": np.flatnonzero(is_hidden)},
    }
    for name, columns in tables.items():
        connection.register(f"drawn_{name}", pa.table(columns))
    connection.execute(_TABLES)
    for name in tables:
        connection.unregister(f"drawn_{name}")
    return Sizes(lines, items - int(is_hidden.sum()), customers)


def _days(numbers: Ints) -> pa.Array:
    return pa.array(np.datetime64(FIRST_DAY, "D") + numbers)


def _payments(rng: np.random.Generator, customer: Ints, lines: int) -> tuple[Ints, Ints, Ints]:
    """Which line pays which items, and how: 0 quoted, 1 known account, 2 batch quoted, 3 batch not quoted."""
    single = round(lines * (QUOTED + KNOWN_ACCOUNT))
    batches = round(lines * BATCH)
    # A customer's items stand side by side: a batch is a choice among them.
    starts = np.searchsorted(customer, customer, side="left")
    ends = np.searchsorted(customer, customer, side="right")
    is_free = np.ones(len(customer), dtype=bool)
    batch_lines: list[int] = []
    batch_items: list[int] = []
    candidates = rng.permutation(len(customer))
    sizes = rng.integers(2, LARGEST_BATCH + 1, batches)
    place = 0
    for batch in range(batches):
        while True:
            first = candidates[place]
            place += 1
            pool = np.arange(starts[first], ends[first])
            pool = pool[is_free[pool]]
            if len(pool) >= sizes[batch]:
                break
        chosen = rng.choice(pool, size=sizes[batch], replace=False)
        is_free[chosen] = False
        batch_lines += [single + batch] * len(chosen)
        batch_items += chosen.tolist()
    free = np.flatnonzero(is_free)
    singles = rng.choice(free, size=single, replace=False)
    line = np.r_[np.arange(single), np.array(batch_lines, dtype=np.int64)]
    item = np.r_[singles, np.array(batch_items, dtype=np.int64)]
    scenario = np.where(
        line < round(lines * QUOTED), 0, np.where(line < single, 1, np.where((line - single) % 2 == 0, 2, 3))
    )
    return line, item, scenario


_TABLES: Final = """
CREATE TABLE bulk.customers AS
    SELECT
        customer,
        ['ATELIER', 'BOULANGERIE', 'COMPTOIR', 'DOMAINE', 'ETABLISSEMENTS', 'FERME', 'GARAGE', 'LIBRAIRIE',
         'MENUISERIE', 'PHARMACIE'][1 + customer % 10]
        || ' ' || ['ABRIAL', 'BERTHON', 'CASTAING', 'DUVERGER', 'ESTEVE', 'FOURNIER', 'GALLARD', 'HUBERT', 'JOUVE',
         'LEMOINE', 'MARCHAND', 'NOIRET', 'OLLIVIER'][1 + customer // 10 % 13]
        || ' ' || lpad(CAST(customer // 130 AS VARCHAR), 4, '0') AS name,
        'FR7630004' || lpad(CAST(customer AS VARCHAR), 18, '0') AS iban
    FROM drawn_customers;
CREATE TABLE bulk.items AS
    SELECT
        item,
        customer,
        'FA' || CAST(10000000 + number AS VARCHAR) AS document_ref,
        cents,
        day,
        day + 30 AS due_day
    FROM drawn_items;
CREATE TABLE bulk.lines AS
    WITH
        quoted AS (
            SELECT payments.line, string_agg(items.document_ref, ' ' ORDER BY items.document_ref) AS quoted
            FROM drawn_payments AS payments
            INNER JOIN bulk.items USING (item)
            WHERE payments.scenario IN (0, 2)
            GROUP BY payments.line
        )
    SELECT
        lines.line,
        lines.cents,
        lines.day,
        'VIR SEPA RECU '
        || coalesce('FACTURE ' || quoted.quoted, 'VIREMENT ' || CAST(lines.line % 97 AS VARCHAR)) AS text,
        CASE WHEN lines.shows_account THEN coalesce(customers.name, 'TIERS INCONNU') END AS name,
        CASE
            WHEN lines.shows_account
            THEN coalesce(customers.iban, 'FR7630099' || lpad(CAST(lines.line AS VARCHAR), 18, '0'))
        END AS iban
    FROM drawn_lines AS lines
    LEFT JOIN quoted USING (line)
    LEFT JOIN bulk.customers ON lines.payer = customers.customer;
CREATE TABLE bulk.truth AS
    SELECT
        line,
        item,
        ['reference and amount', 'account and amount', 'batch, all quoted', 'batch, none quoted'][1 + scenario]
            AS scenario
    FROM drawn_payments
    WHERE line NOT IN (SELECT line FROM drawn_payments INNER JOIN drawn_hidden USING (item));
DELETE FROM bulk.items WHERE item IN (SELECT item FROM drawn_hidden);
"""
