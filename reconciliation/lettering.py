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
from typing import Final

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


@dataclass(slots=True)
class _Item:
    item_id: str
    line_id: str
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
    group_of, balanced = _groups(members)
    groups_of_line = _lines_of_groups(items, restatements, group_of, balanced)
    return _replay_components(items, _components(groups_of_line))


def _groups(members: pa.Table) -> tuple[dict[str, str], set[str]]:
    lines = members["ledger_line_id"].to_pylist()
    groups = members["lettering_group"].to_pylist()
    balanced = {group for group, even in zip(groups, members["is_balanced"].to_pylist(), strict=True) if even}
    return dict(zip(lines, groups, strict=True)), balanced


def _lines_of_groups(
    items: pa.Table, restatements: pa.Table, group_of: dict[str, str], balanced: set[str]
) -> dict[str, list[str]]:
    """Line of an item → the groups it belongs to, its own and those it has through opening lines."""
    groups_of_line: dict[str, list[str]] = {}
    for line in items["ledger_line_id"].to_pylist():
        if line in group_of:
            groups_of_line[line] = [group_of[line]]

    openings: dict[str, dict[date, list[Posting]]] = defaultdict(lambda: defaultdict(list))
    for row in restatements.to_pylist():
        openings[row["unit_id"]][row["fiscal_year_end_date"]].append(_posting(row))
    lettered_units = {
        unit
        for unit, years in openings.items()
        if any(posting.line_id in group_of for postings in years.values() for posting in postings)
    }
    if not lettered_units:
        return groups_of_line

    originals: dict[str, dict[str, tuple[date, Posting]]] = defaultdict(dict)
    differences: dict[tuple[str, date], str] = {}
    in_units = pc.is_in(items["unit_id"], value_set=pa.array(sorted(lettered_units)))
    for row in items.filter(in_units).to_pylist():
        line, unit, year = row["ledger_line_id"], row["unit_id"], row["fiscal_year_end_date"]
        if row["is_opening_difference"]:
            differences[unit, year] = line
            continue
        earlier = originals[unit].get(line)
        amount = row["amount"] + (earlier[1].amount if earlier else 0)
        originals[unit][line] = (year, _posting(row | {"amount": amount}))

    for unit in sorted(lettered_units):
        settled = {line for line in originals[unit] if group_of.get(line) in balanced}
        for year in sorted(openings[unit]):
            left_open = [
                posting
                for line, (posted_in, posting) in originals[unit].items()
                if posted_in < year and line not in settled
            ]
            postings = openings[unit][year]
            for line, restated in restated_by(postings, left_open).items():
                group = group_of.get(line)
                if group is None:
                    continue
                behind = list(restated)
                if len(behind) != 1 and (unit, year) in differences:
                    behind.append(differences[unit, year])
                for original in behind:
                    groups_of_line.setdefault(original, []).append(group)
                    if group in balanced:
                        settled.add(original)
    return groups_of_line


def _posting(row: dict[str, object]) -> Posting:
    return Posting(row["ledger_line_id"], row["amount"], row["document_ref"], row["document_date"])  # type: ignore[arg-type]


def _components(groups_of_line: dict[str, list[str]]) -> dict[str, str]:
    """Line → the name of its component: groups that share a line are one."""
    parent: dict[str, str] = {}

    def root(group: str) -> str:
        while (above := parent.get(group, group)) != group:
            group = above
        return group

    for groups in groups_of_line.values():
        first = root(groups[0])
        for other in groups[1:]:
            second = root(other)
            if first != second:
                low, high = min(first, second), max(first, second)
                parent[high] = low
                first = low
    return {line: root(groups[0]) for line, groups in groups_of_line.items()}


def _replay_components(items: pa.Table, component_of: dict[str, str]) -> pa.Table:
    components: dict[str, list[_Item]] = defaultdict(list)
    columns = [items[name].to_pylist() for name in ITEMS.names]
    for item_id, line, _, _, entry_date, amount, document, _, due, number, row, _ in zip(
        *columns, strict=True
    ):
        component = component_of.get(line)
        if component is not None and amount != 0:
            components[component].append(
                _Item(item_id, line, entry_date, amount, document, due or entry_date, number or "", row)
            )
    settlements: list[tuple[str, str, int, date]] = []
    for component in sorted(components):
        settlements.extend(settle(components[component]))
    owed, settling, amounts, effective = zip(*settlements, strict=True) if settlements else ((), (), (), ())
    return pa.Table.from_arrays(
        [
            pa.array(owed, pa.string()),
            pa.array(settling, pa.string()),
            pa.array(amounts, pa.int64()),
            pa.array(effective, pa.date32()),
        ],
        schema=SETTLEMENTS,
    )


class _Waiting:
    """The open items of one side, in the order in which they are consumed."""

    def __init__(self) -> None:
        self._all: list[_Ranked] = []
        self._by_document: dict[str, list[_Ranked]] = defaultdict(list)

    def add(self, item: _Item) -> None:
        ranked = (item.due_date, item.entry_number, item.source_row, item.item_id, item)
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


_Ranked = tuple[date, str, int, str, _Item]


def settle(group: Iterable[_Item]) -> list[tuple[str, str, int, date]]:
    """Replays one group: (owed item, settling item, amount, effective date), in the order in which they happen.

    Lines come in order of accounting date; on one day what is owed comes before what settles it. A line consumes
    what is open on the other side, first the items of its own document, then by due date, entry and row.
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
