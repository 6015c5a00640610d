"""The running balance of a statement beside its amounts.

Here: whether the two agree, which way the rows go, and what they say of opening and closing. All in units.
"""

from dataclasses import dataclass

import numpy as np

from ingestion.mapping.cells import Mask, Numbers


@dataclass
class Arithmetic:
    """The running balance of one statement: whether it agrees with the amounts, read from the top or from the bottom,
    and what it says of the beginning and the end. All in units."""

    sum: int = 0
    first: tuple[int, int, int] | None = None
    last: tuple[int, int, int] | None = None
    disagreements_down: int = 0
    disagreements_up: int = 0
    first_day: int | None = None
    last_day: int = 0

    def take(self, amount: Numbers, balance: Numbers, has_balance: Mask, day: Numbers) -> None:
        """Go on with the next rows, in the order of the file."""
        if not len(amount):
            return
        self.first_day = int(day[0]) if self.first_day is None else self.first_day
        self.last_day = int(day[-1])
        after = np.cumsum(amount) + self.sum
        before = after - amount
        at = np.flatnonzero(has_balance)
        known = [(int(balance[i]), int(before[i]), int(after[i])) for i in (at[[0, -1]] if len(at) else at)]
        balances, befores, afters = balance[at], before[at], after[at]
        if self.last is not None and len(at):
            balances = np.concatenate([[self.last[0]], balances])
            befores = np.concatenate([[self.last[1]], befores])
            afters = np.concatenate([[self.last[2]], afters])
        down, up = disagreements(balances, befores, afters)
        self.disagreements_down += down
        self.disagreements_up += up
        if known:
            self.first = self.first or known[0]
            self.last = known[-1]
        self.sum = int(after[-1])

    @property
    def newest_first(self) -> bool:
        """Whether the rows go back in time."""
        if self.disagreements_down != self.disagreements_up:
            return self.disagreements_up < self.disagreements_down
        return self.first_day is not None and self.first_day > self.last_day

    def balances(self) -> tuple[int, int] | None:
        """Opening and closing balance; None when no row has a balance."""
        if self.first is None or self.last is None:
            return None
        if self.newest_first:
            return self.last[0] - (self.sum - self.last[1]), self.first[0] + self.first[1]
        return self.first[0] - self.first[2], self.last[0] + self.sum - self.last[2]


def disagreements(balances: Numbers, befores: Numbers, afters: Numbers) -> tuple[int, int]:
    """How often a balance is not what the one above it and the amounts make it, read downwards and upwards."""
    steps = np.diff(balances)
    return int(np.count_nonzero(steps != np.diff(afters))), int(np.count_nonzero(-steps != np.diff(befores)))
