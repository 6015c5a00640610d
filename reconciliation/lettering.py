"""The replay of lettering groups: which item settled which, how much of it, and since when.

An accountant's mark says that some lines belong together. Replayed in the order in which they were posted, each line
consumes the opposite lines that were there already; so a settlement is effective on the later of its two accounting
dates, and nothing posted later changes an earlier balance.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from itertools import groupby
from operator import itemgetter
from typing import Final

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


Settlement = tuple[str, str, int, date]
"""Owed item, settling item, amount in cents, effective date."""


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
    Groups are replayed fiscal year by fiscal year: a group that holds opening lines takes what the years before left
    of the items behind them, so that the lettering of a later year never changes a settlement of an earlier one.
    """
    groups = (
        members["lettering_group"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    )
    opening_positions = pc.index_in(
        restatements["ledger_line_id"], value_set=members["ledger_line_id"]
    ).drop_null()
    carried = np.unique(groups[opening_positions.to_numpy()])

    group_of_item = _looked_up(items["ledger_line_id"], members["ledger_line_id"], groups)
    apart = (group_of_item >= 0) & ~np.isin(group_of_item, carried) & (items["amount"].to_numpy() != 0)
    settled = _replay_apart(items.filter(pa.array(apart)), group_of_item[apart])
    if not len(carried):
        return settled
    later = _replay_carried(items, group_of_item, _consumed(settled), members, groups, restatements)
    happened = pa.concat_tables([settled, later]).group_by(
        ["owed_item_id", "settling_item_id"], use_threads=False
    )
    summed = happened.aggregate([("amount", "sum"), ("effective_date", "max")])
    return summed.rename_columns(SETTLEMENTS.names).cast(SETTLEMENTS)


def _looked_up(wanted: pa.ChunkedArray, keys: pa.Array, values: Codes) -> Codes:
    """``values`` of the rows of ``keys`` that equal each of ``wanted``; -1 where none does."""
    positions = pc.fill_null(pc.index_in(wanted, value_set=keys), -1).to_numpy()
    if not len(values):
        return np.full(len(positions), -1, np.int64)
    return np.where(positions >= 0, values[positions], -1).astype(np.int64)


def _replay_apart(items: pa.Table, group: Codes) -> pa.Table:
    """Replays groups that hold no opening line; those of one item on each side, most of them, all at once."""
    amounts = items["amount"].to_numpy()
    order = np.lexsort((amounts < 0, group))
    items, amounts = items.take(pa.array(order)), amounts[order]
    _, first, size = np.unique(group[order], return_index=True, return_counts=True)
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


def _replay_mixed(items: pa.Table, chosen: npt.NDArray[np.bool_], group: Codes) -> pa.Table:
    rows = zip(group[chosen].tolist(), _item_objects(items.filter(pa.array(chosen, pa.bool_()))), strict=True)
    settlements: list[Settlement] = []
    for _, members in groupby(rows, key=itemgetter(0)):
        settlements.extend(settle(item for _, item in members))
    return _settlements_table(settlements)


def _item_objects(items: pa.Table) -> Iterator[_Item]:
    names = ("item_id", "entry_date", "amount", "document_ref", "due_date", "entry_number", "source_row")
    columns = [items[name].to_pylist() for name in names]
    for item_id, entry_date, amount, document, due, number, row in zip(*columns, strict=True):
        yield _Item(item_id, entry_date, amount, document, due or entry_date, number or "", row)


def _settlements_table(settlements: list[Settlement]) -> pa.Table:
    happened = zip(*settlements, strict=True) if settlements else [()] * len(SETTLEMENTS)
    arrays = [pa.array(values, field.type) for values, field in zip(happened, SETTLEMENTS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SETTLEMENTS)


def _consumed(settlements: pa.Table) -> dict[str, int]:
    """Item → what settlements took of it, always positive."""
    taken: dict[str, int] = defaultdict(int)
    amounts = settlements["amount"].to_pylist()
    for side in ("owed_item_id", "settling_item_id"):
        for item_id, amount in zip(settlements[side].to_pylist(), amounts, strict=True):
            taken[item_id] += amount
    return taken


@dataclass(slots=True)
class _Line:
    """A line of the ledger and the items it became (several where it has instalments)."""

    posted_in: date
    group: int
    document_ref: str | None
    document_date: date | None
    amount: int
    items: list[_Item]

    @property
    def left(self) -> int:
        """What earlier settlements left of it."""
        return sum(item.left for item in self.items)


@dataclass
class _Unit:
    """One third party's account: what its opening lines of each year may stand for."""

    lines: dict[str, _Line]
    differences: dict[date, str]
    openings: dict[date, list[Posting]]


def _replay_carried(
    items: pa.Table,
    group_of_item: Codes,
    consumed: dict[str, int],
    members: pa.Table,
    groups: Codes,
    restatements: pa.Table,
) -> pa.Table:
    """Replays the groups that hold opening lines, year by year, with what is left of the items behind these."""
    group_of_opening, balanced = _opening_groups(members, groups, restatements)
    carried = np.array(sorted(set(group_of_opening.values())), np.int64)
    balanced_lines = members.filter(members["is_balanced"])["ledger_line_id"]
    # What a balanced group of its own year settled is not left open: most lines, so they stay out, but for those of a
    # document that is carried all the same.
    may_be_open = pc.invert(pc.is_in(items["ledger_line_id"], value_set=balanced_lines))
    is_named = pc.is_in(items["document_ref"], value_set=restatements["document_ref"], skip_nulls=True)
    wanted = pc.or_(may_be_open, is_named).to_numpy() | np.isin(group_of_item, carried)
    units = _units(
        items.filter(pa.array(wanted)), group_of_item[wanted], consumed, restatements, group_of_opening
    )

    settlements: list[Settlement] = []
    for _, unit in sorted(units.items()):
        closed = {line_id for line_id, line in unit.lines.items() if line.group in balanced and not line.left}
        for year in sorted(unit.openings):
            earlier = [
                Posting(line_id, line.left, line.document_ref, line.document_date, line.amount)
                for line_id, line in unit.lines.items()
                if line.posted_in < year
            ]
            restated = restated_by(
                unit.openings[year],
                [posting for posting in earlier if posting.line_id not in closed],
                [posting for posting in earlier if posting.line_id in closed],
            )
            of_group: dict[int, set[str]] = defaultdict(set)
            carried_amount: dict[int, int] = defaultdict(int)
            for opening in unit.openings[year]:
                if (group := group_of_opening.get(opening.line_id)) is not None:
                    of_group[group].update(restated[opening.line_id])
                    carried_amount[group] += opening.amount
            for group, amount in carried_amount.items():
                is_different = amount != sum(unit.lines[line_id].left for line_id in of_group[group])
                if is_different and year in unit.differences:
                    of_group[group].add(unit.differences[year])
            for line_id, line in unit.lines.items():
                if line.posted_in == year and line.group in of_group:
                    of_group[line.group].add(line_id)
            for group, line_ids in sorted(of_group.items()):
                settlements.extend(
                    settle(item for line_id in line_ids for item in unit.lines[line_id].items if item.left)
                )
                if group in balanced:
                    closed.update(line_id for line_id in line_ids if not unit.lines[line_id].left)
    return _settlements_table(settlements)


def _opening_groups(
    members: pa.Table, groups: Codes, restatements: pa.Table
) -> tuple[dict[str, int], set[int]]:
    """The group of each lettered opening line, and which of all groups are balanced."""
    is_opening = pc.is_in(members["ledger_line_id"], value_set=restatements["ledger_line_id"])
    lines = members.filter(is_opening)["ledger_line_id"].to_pylist()
    of_opening = dict(zip(lines, groups[is_opening.to_numpy()].tolist(), strict=True))
    return of_opening, set(np.unique(groups[members["is_balanced"].to_numpy()]).tolist())


def _units(
    items: pa.Table,
    group_of_item: Codes,
    consumed: dict[str, int],
    restatements: pa.Table,
    group_of_opening: dict[str, int],
) -> dict[str, _Unit]:
    units: dict[str, _Unit] = {}
    openings: dict[str, list[tuple[date, Posting]]] = defaultdict(list)
    for row in restatements.to_pylist():
        line_id, amount = row["ledger_line_id"], row["amount"]
        posting = Posting(line_id, amount, row["document_ref"], row["document_date"], amount)
        openings[row["unit_id"]].append((row["fiscal_year_end_date"], posting))
    for unit_id, postings in openings.items():
        if any(posting.line_id in group_of_opening for _, posting in postings):
            units[unit_id] = _Unit({}, {}, defaultdict(list))
            for year, posting in postings:
                units[unit_id].openings[year].append(posting)

    of_units = pc.is_in(items["unit_id"], value_set=pa.array(list(units), pa.string()))
    concerned = items.filter(of_units)
    rows = zip(
        concerned.select(
            ["unit_id", "ledger_line_id", "fiscal_year_end_date", "document_date", "is_opening_difference"]
        ).to_pylist(),
        group_of_item[of_units.to_numpy()].tolist(),
        _item_objects(concerned),
        strict=True,
    )
    for row, group, item in rows:
        unit, line_id, year = units[row["unit_id"]], row["ledger_line_id"], row["fiscal_year_end_date"]
        line = unit.lines.setdefault(
            line_id, _Line(year, group, item.document_ref, row["document_date"], 0, [])
        )
        line.amount += item.left
        taken = consumed.get(item.item_id, 0)
        item.left -= taken if item.left > 0 else -taken
        line.items.append(item)
        if row["is_opening_difference"]:
            unit.differences[year] = line_id
    return units


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


def settle(group: Iterable[_Item]) -> list[Settlement]:
    """Replays one group: (owed item, settling item, amount, effective date), in the order in which they happen.

    Lines come in order of accounting date; on one day what is owed comes before what settles it, and of one line the
    instalment that falls due first. A line consumes what is open on the other side, first the items of its own
    document, then by due date, entry (its date, then its number) and row.
    """
    happened: list[Settlement] = []
    owed, settling = _Waiting(), _Waiting()
    arrivals = sorted(
        group,
        key=lambda item: (
            *(item.entry_date, item.left < 0, item.entry_number, item.source_row),
            *(item.due_date, item.item_id),
        ),
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
