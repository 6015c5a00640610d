"""The replay of lettering groups: which credit settled which debit, one line after the other.

A plain reference: it reads as the rule is written, and shares nothing with the models that it is there to
check.
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from samples.days import Ints


@dataclass(frozen=True)
class Settlements:
    """One row per settlement: the rows of the debit and the credit item, cents, and the row it takes effect with."""

    debit: Ints
    credit: Ints
    cents: Ints
    effective: Ints

    @classmethod
    def concatenate(cls, parts: list[Self]) -> Self:
        """The settlements of all parts, in order."""
        return cls(
            **{
                field.name: np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(cls)
            }
        )


def replay(component: Ints, document: Ints, due: Ints, cents: Ints) -> Settlements:
    """Settle the items of each lettering group in their order, which is the order of the arrays.

    ``component`` is the lettering group (-1 for none), ``due`` a day as an integer, ``cents`` debit when
    positive; an item of nothing settles nothing. An item consumes only opposite items that stand before it:
    first those of the same document, then by due day, then in order. So a settlement takes effect with the
    later of its two items.
    """
    rows = np.flatnonzero((component >= 0) & (cents != 0))
    rows = rows[np.argsort(component[rows], kind="stable")]
    starts = np.flatnonzero(np.r_[True, component[rows][1:] != component[rows][:-1]]) if len(rows) else rows
    lengths = np.diff(np.r_[starts, len(rows)])

    first = rows[starts[lengths == 2]]
    second = rows[starts[lengths == 2] + 1]
    opposite = (cents[first] > 0) != (cents[second] > 0)
    first, second = first[opposite], second[opposite]
    is_debit = cents[first] > 0
    parts = [
        Settlements(
            debit=np.where(is_debit, first, second),
            credit=np.where(is_debit, second, first),
            cents=np.minimum(np.abs(cents[first]), np.abs(cents[second])),
            effective=second,
        )
    ]
    for start, length in zip(starts[lengths > 2].tolist(), lengths[lengths > 2].tolist(), strict=True):
        parts.append(_replay_group(rows[start : start + length].tolist(), document, due, cents))
    joined = Settlements.concatenate(parts)
    order = np.lexsort((joined.credit, joined.debit))
    return Settlements(
        joined.debit[order], joined.credit[order], joined.cents[order], joined.effective[order]
    )


def _replay_group(rows: list[int], document: Ints, due: Ints, cents: Ints) -> Settlements:
    settled: list[tuple[int, int, int, int]] = []
    waiting: dict[int, int] = {}
    for row in rows:
        left = int(cents[row])
        opposite = [other for other, amount in waiting.items() if (amount > 0) != (left > 0)]
        opposite.sort(key=lambda other: (document[other] != document[row], due[other], other))
        for other in opposite:
            amount = min(abs(left), abs(waiting[other]))
            sign = 1 if left > 0 else -1
            left -= sign * amount
            waiting[other] += sign * amount
            settled.append((row, other, amount, row) if sign > 0 else (other, row, amount, row))
            if waiting[other] == 0:
                del waiting[other]
            if left == 0:
                break
        if left:
            waiting[row] = left
    columns = np.array(settled, dtype=np.int64).reshape(-1, 4)
    return Settlements(columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 3])
