"""The matching that needs the whole problem in view: combinations, natural sets, the best pairing, and proposals.

``solve`` goes in steps, each of which takes out what it matches: sums of documents that a payment names, natural
sets, sums of a pool, pairs. A step matches only what is the one possibility and unlikely to be there by accident; what
else could be is proposed.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reconciliation.bundles import bundled, parts_of_bundles, periods
from reconciliation.groups import Group, certain
from reconciliation.pairing import sure_pairs
from reconciliation.pools import DOCUMENTS, PAIRS, PAYMENTS, REJECTED, Book, Window
from reconciliation.proposals import proposals
from reconciliation.sums import named, unnamed

__all__ = ["DOCUMENTS", "GROUPS", "MEMBERS", "PAIRS", "PAYMENTS", "REJECTED", "WINDOWS", "Window", "solve"]

GROUPS: Final = pa.schema(
    [
        ("group_number", pa.int64()),
        ("use", pa.string()),
        ("rule", pa.string()),
        ("status", pa.string()),
        ("rank", pa.int32()),
        ("alternatives", pa.int64()),
        ("accidents", pa.float64()),
        ("margin", pa.float64()),
        ("weight", pa.float64()),
        ("pool_size", pa.int64()),
    ]
)
"""One row per group. ``rule``: reference_combination, bundle, combination, run, fuzzy. ``status``: matched, proposed.
``rank``: 1 = the best for its payment; equal candidates share it. ``alternatives``: how many others are as good.
``accidents``, ``margin``, ``weight``: null where the rule does not judge by them."""

MEMBERS: Final = pa.schema(
    [
        ("group_number", pa.int64()),
        ("side", pa.string()),
        ("object_id", pa.string()),
        ("amount", pa.int64()),
    ]
)
"""One row per object of a group, ``side`` payment or document, the whole of its amount in cents."""

WINDOWS: Final[Mapping[str, Window]] = {
    "bank": Window(10, 60, of_claims=False),
    "lettering": Window(60, 400),
    "receipt": Window(60, 400),
}
"""A bank line follows its booking by days, a cheque by weeks; a customer pays in advance, or a year late."""


def solve(
    payments: pa.Table,
    documents: pa.Table,
    pairs: pa.Table,
    rejected: pa.Table,
    *,
    gate: Decimal | float,
    windows: Mapping[str, Window] = WINDOWS,
) -> tuple[pa.Table, pa.Table]:
    """The groups of payments and documents that settle each other, as tables of ``GROUPS`` and ``MEMBERS``.

    The arguments have the columns of ``PAYMENTS``, ``DOCUMENTS``, ``PAIRS`` and ``REJECTED``. ``gate`` is the largest
    number of accidental solutions at which a sum is matched. Matched groups are disjoint, and no proposed group holds a
    member of a matched one. The answer does not depend on the order of the rows.
    """
    tables = [(GROUPS.empty_table(), MEMBERS.empty_table())]
    for use in sorted(pc.unique(payments["use"]).to_pylist()):
        of_use = [table.filter(pc.equal(table["use"], use)) for table in (payments, documents, pairs)]
        book = Book(of_use[0], of_use[1], of_use[2], rejected, windows[use])
        matched, possible = _matched(book, float(gate))
        found = [_Found(group, "matched", 1) for group in sorted(matched, key=attrgetter("objects"))]
        found += [_Found(group, "proposed", rank) for group, rank in proposals(book, possible)]
        first_number = sum(len(groups) for groups, _ in tables)
        tables.append((_groups_table(use, found, first_number), _members_table(book, found, first_number)))
    return pa.concat_tables(groups for groups, _ in tables), pa.concat_tables(
        members for _, members in tables
    )


class _Found(NamedTuple):
    """A group and what is said of it."""

    group: Group
    status: str
    rank: int


def _matched(book: Book, gate: float) -> tuple[list[Group], list[Group]]:
    """The groups that are certain, whose rows are taken, and the groups that are possible with what is left."""
    matched = _taken(certain(named(book), book, gate), book)
    matched += _taken(certain(bundled(book), book, gate), book)
    matched += _taken(certain(parts_of_bundles(book), book, gate), book)
    possible: list[Group] = []
    changed = np.ones(book.pool_count, np.bool_)
    while changed.any():
        unchanged = [group for group in possible if not changed[book.pool_of[group.payments[0]]]]
        searched = [*unnamed(book, changed), *periods(book, changed)]
        possible = unchanged + searched
        found = _taken(certain(searched, book, gate) or sure_pairs(book), book)
        matched += found
        changed = book.pools_joined_with(chain.from_iterable(group.objects for group in found))
    return matched, [*named(book), *bundled(book), *parts_of_bundles(book), *possible]


def _taken(groups: list[Group], book: Book) -> list[Group]:
    book.take(chain.from_iterable(group.objects for group in groups))
    return groups


def _groups_table(use: str, found: list[_Found], first_number: int) -> pa.Table:
    rows = [
        (
            *(number, use, group.rule, status, rank, group.alternatives),
            *(group.accidents, group.margin, group.weight, group.pool_size),
        )
        for number, (group, status, rank) in enumerate(found, first_number)
    ]
    return _table(rows, GROUPS)


def _members_table(book: Book, found: list[_Found], first_number: int) -> pa.Table:
    used = pa.array(sorted({member for group, _, _ in found for member in group.objects}), pa.int64())
    ids = dict(zip(used.to_pylist(), book.ids.take(used).to_pylist(), strict=True))
    rows = [
        (number, side, ids[member], int(amounts[member]))
        for number, (group, _, _) in enumerate(found, first_number)
        for side, objects, amounts in (
            ("payment", group.payments, book.payment_amount),
            ("document", group.documents, book.document_amount),
        )
        for member in objects
    ]
    return _table(rows, MEMBERS)


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
