"""The replay of lettering groups: which item settled which, how much of it, and since when.

An accountant's mark says that some lines belong together. Replayed in the order in which they were posted, each line
consumes the opposite lines that were there already; so a settlement is effective on the later of its two accounting
dates, and nothing posted later changes an earlier balance.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from reconciliation.openings import Posting, restated_by

ITEMS: Final = pa.schema(
    [
        ("item_id", pa.string()),
        ("ledger_line_id", pa.string()),
        ("unit_id", pa.string()),
        ("fiscal_year_end_date", pa.date32()),
        ("entry_date", pa.date32()),
        ("amount", pa.int64()),
        ("document_ref", pa.string()),
        ("document_date", pa.date32()),
        ("due_date", pa.date32()),
        ("entry_number", pa.string()),
        ("source_row", pa.int64()),
        ("is_opening_difference", pa.bool_()),
    ]
)
"""Items of lettered accounts. ``unit_id`` is one third party's account; ``amount`` in cents, positive = owed."""

MEMBERS: Final = pa.schema(
    [("ledger_line_id", pa.string()), ("lettering_group", pa.string()), ("is_balanced", pa.bool_())]
)
"""Which lettering group each lettered line is in, opening lines included."""

RESTATEMENTS: Final = pa.schema(
    [
        ("ledger_line_id", pa.string()),
        ("unit_id", pa.string()),
        ("fiscal_year_end_date", pa.date32()),
        ("amount", pa.int64()),
        ("document_ref", pa.string()),
        ("document_date", pa.date32()),
    ]
)
"""Opening lines that restate items of earlier years."""

SETTLEMENTS: Final = pa.schema(
    [
        ("owed_item_id", pa.string()),
        ("settling_item_id", pa.string()),
        ("amount", pa.int64()),
        ("effective_date", pa.date32()),
    ]
)
"""One row per pair of items: ``amount`` > 0 in cents, consumed of both. A pair occurs once."""


Codes = npt.NDArray[np.int64]
"""Numbers that stand for groups or components, one per row of a table; -1 for none."""


@dataclass(slots=True)
class _Item:
    item_id: str
    entry_date: date
    left: int
    document_ref: str | None
    due_date: date
    entry_number: str
    source_row: int


def replay(items: pa.Table, members: pa.Table, restatements: pa.Table) -> pa.Table:
    """The settlements that lettering says, as a table of ``SETTLEMENTS``.

    ``items``, ``members`` and ``restatements`` have the columns of ``ITEMS``, ``MEMBERS`` and ``RESTATEMENTS``.
    Groups that share a line, directly or through the opening lines that restate it, are replayed as one.
    """
    groups = members["lettering_group"].combine_chunks().dictionary_encode()
    group_codes = groups.indices.to_numpy(zero_copy_only=False)
    links = _links_through_openings(items, members, restatements, group_codes)
    component = _components(items, members, group_codes, len(groups.dictionary), links)
    replayed = (component >= 0) & (items["amount"].to_numpy() != 0)
    return _replay_components(items.filter(pa.array(replayed)), component[replayed])


def _links_through_openings(
    items: pa.Table, members: pa.Table, restatements: pa.Table, group_codes: Codes
) -> list[tuple[str, int]]:
    """The groups that an item's line belongs to through the opening lines that restate it: (line, group)."""
    lettered = pc.is_in(restatements["ledger_line_id"], value_set=members["ledger_line_id"])
    units = pc.unique(restatements.filter(lettered)["unit_id"])
    openings: dict[str, dict[date, list[Posting]]] = defaultdict(lambda: defaultdict(list))
    for row in restatements.filter(pc.is_in(restatements["unit_id"], value_set=units)).to_pylist():
        openings[row["unit_id"]][row["fiscal_year_end_date"]].append(_posting(row))

    # What a balanced group of its own year settled is not left open: most lines, so they go first.
    balanced_lines = members.filter(members["is_balanced"])["ledger_line_id"]
    may_be_open = pc.invert(pc.is_in(items["ledger_line_id"], value_set=balanced_lines))
    candidates = items.filter(pc.and_(may_be_open, pc.is_in(items["unit_id"], value_set=units)))

    originals: dict[str, dict[str, tuple[date, Posting]]] = defaultdict(dict)
    differences: dict[tuple[str, date], str] = {}
    for row in candidates.to_pylist():
        line, unit, year = row["ledger_line_id"], row["unit_id"], row["fiscal_year_end_date"]
        if row["is_opening_difference"]:
            differences[unit, year] = line
            continue
        instalments_before = originals[unit].get(line)
        amount = row["amount"] + (instalments_before[1].amount if instalments_before else 0)
        originals[unit][line] = (year, _posting(row | {"amount": amount}))

    concerned = pa.array([line for unit in originals.values() for line in unit], pa.string())
    concerned = pa.concat_arrays([concerned, restatements["ledger_line_id"].combine_chunks()])
    lookup = pc.is_in(members["ledger_line_id"], value_set=concerned)
    lines = members.filter(lookup)
    codes = group_codes[lookup.to_numpy()]
    group_of = dict(zip(lines["ledger_line_id"].to_pylist(), codes.tolist(), strict=True))
    balanced = set(codes[lines["is_balanced"].to_numpy()].tolist())

    links: list[tuple[str, int]] = []
    for unit in sorted(openings):
        settled: set[str] = set()
        for year in sorted(openings[unit]):
            left_open = [
                posting
                for line, (posted_in, posting) in originals[unit].items()
                if posted_in < year and line not in settled
            ]
            for line, restated in restated_by(openings[unit][year], left_open).items():
                group = group_of.get(line)
                if group is None:
                    continue
                behind = list(restated)
                if len(behind) != 1 and (unit, year) in differences:
                    behind.append(differences[unit, year])
                links.extend((original, group) for original in behind)
                if group in balanced:
                    settled.update(behind)
    return links


def _posting(row: dict[str, object]) -> Posting:
    return Posting(row["ledger_line_id"], row["amount"], row["document_ref"], row["document_date"])  # type: ignore[arg-type]


def _components(
    items: pa.Table, members: pa.Table, group_codes: Codes, group_count: int, links: list[tuple[str, int]]
) -> Codes:
    """For each item the number of its component, -1 for none: groups that share a line are one."""
    lines = items["ledger_line_id"]
    of_item = _looked_up(lines, members["ledger_line_id"], group_codes)
    if not links:
        return of_item

    parent = list(range(group_count))

    def root(group: int) -> int:
        while parent[group] != group:
            parent[group] = parent[parent[group]]
            group = parent[group]
        return group

    linked = dict(reversed(links))
    linked_lines = pa.array(list(linked), pa.string())
    own = _looked_up(pa.chunked_array([linked_lines]), members["ledger_line_id"], group_codes)
    own_group = dict(zip(linked, own.tolist(), strict=True))
    for line, group in links:
        other = own_group[line] if own_group[line] >= 0 else linked[line]
        first, second = sorted((root(group), root(other)))
        parent[second] = first

    through_openings = _looked_up(lines, linked_lines, np.array(list(linked.values()), np.int64))
    of_item = np.where(of_item >= 0, of_item, through_openings)
    roots = np.array([root(group) for group in range(group_count)], np.int64)
    return np.where(of_item >= 0, roots[of_item], -1)


def _looked_up(wanted: pa.ChunkedArray, keys: pa.Array, values: Codes) -> Codes:
    """``values`` of the rows of ``keys`` that equal each of ``wanted``; -1 where none does."""
    positions = pc.fill_null(pc.index_in(wanted, value_set=keys), -1).to_numpy()
    if not len(values):
        return np.full(len(positions), -1, np.int64)
    return np.where(positions >= 0, values[positions], -1).astype(np.int64)


def _replay_components(items: pa.Table, component: Codes) -> pa.Table:
    """Replays every component; those of one item on each side, most of them, all at once."""
    amounts = items["amount"].to_numpy()
    order = np.lexsort((amounts < 0, component))
    items, component, amounts = items.take(pa.array(order)), component[order], amounts[order]
    _, first, size = np.unique(component, return_index=True, return_counts=True)
    owed_count = np.add.reduceat(amounts > 0, first, dtype=np.int64) if len(first) else first
    pairs = first[(size == 2) & (owed_count == 1)]
    days = items["entry_date"].cast(pa.int32()).to_numpy()
    paired = pa.table(
        {
            "owed_item_id": items["item_id"].take(pa.array(pairs)),
            "settling_item_id": items["item_id"].take(pa.array(pairs + 1)),
            "amount": pa.array(np.minimum(amounts[pairs], -amounts[pairs + 1])),
            "effective_date": pa.array(np.maximum(days[pairs], days[pairs + 1])).cast(pa.date32()),
        },
        schema=SETTLEMENTS,
    )
    mixed = (owed_count > 0) & (owed_count < size) & (size > 2)
    return pa.concat_tables([paired, _replay_mixed(items, np.repeat(mixed, size), np.repeat(first, size))])


def _replay_mixed(items: pa.Table, chosen: Any, component: Codes) -> pa.Table:
    wanted = items.filter(pa.array(chosen, pa.bool_()))
    names = ("item_id", "entry_date", "amount", "document_ref", "due_date", "entry_number", "source_row")
    columns = [wanted[name].to_pylist() for name in names]
    rows = (
        _Item(item_id, entry_date, amount, document, due or entry_date, number or "", row)
        for item_id, entry_date, amount, document, due, number, row in zip(*columns, strict=True)
    )
    settlements: list[tuple[str, str, int, date]] = []
    for _, group in groupby(zip(component[chosen].tolist(), rows, strict=True), key=itemgetter(0)):
        settlements.extend(settle(item for _, item in group))
    happened = zip(*settlements, strict=True) if settlements else [()] * len(SETTLEMENTS)
    arrays = [pa.array(values, field.type) for values, field in zip(happened, SETTLEMENTS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SETTLEMENTS)


class _Waiting:
    """The open items of one side, in the order in which they are consumed."""

    def __init__(self) -> None:
        self._all: list[_Ranked] = []
        self._by_document: dict[str, list[_Ranked]] = defaultdict(list)

    def add(self, item: _Item) -> None:
        ranked = (item.due_date, item.entry_date, item.entry_number, item.source_row, item.item_id, item)
        heappush(self._all, ranked)
        if item.document_ref is not None:
            heappush(self._by_document[item.document_ref], ranked)

    def next_for(self, document_ref: str | None) -> _Item | None:
        """The next open item: of this document if there is one, else the first due."""
        own = self._first(self._by_document.get(document_ref, [])) if document_ref is not None else None
        return own or self._first(self._all)

    @staticmethod
    def _first(heap: "list[_Ranked]") -> _Item | None:
        while heap and heap[0][-1].left == 0:
            heappop(heap)
        return heap[0][-1] if heap else None


_Ranked = tuple[date, date, str, int, str, _Item]


def settle(group: Iterable[_Item]) -> list[tuple[str, str, int, date]]:
    """Replays one group: (owed item, settling item, amount, effective date), in the order in which they happen.

    Lines come in order of accounting date; on one day what is owed comes before what settles it. A line consumes
    what is open on the other side, first the items of its own document, then by due date, entry (its date, then its
    number) and row.
    """
    happened: list[tuple[str, str, int, date]] = []
    owed, settling = _Waiting(), _Waiting()
    arrivals = sorted(
        group,
        key=lambda item: (item.entry_date, item.left < 0, item.entry_number, item.source_row, item.item_id),
    )
    for item in arrivals:
        is_owed = item.left > 0
        opposite = settling if is_owed else owed
        while item.left and (other := opposite.next_for(item.document_ref)):
            amount = min(abs(item.left), abs(other.left))
            debt, credit = (item, other) if is_owed else (other, item)
            debt.left -= amount
            credit.left += amount
            happened.append((debt.item_id, credit.item_id, amount, item.entry_date))
        if item.left:
            (owed if is_owed else settling).add(item)
    return happened
