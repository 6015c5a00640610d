"""The book in which a company's entries are posted, and the ledger that it makes of them.

An entry is posted with the legs that balance it. Posting is by many entries at once: a leg is an array of
lines.
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt

from samples.chart import ACCOUNT_INDEX, ITEM_TYPE_INDEX, LABEL_INDEX, THIRD_PARTY
from samples.days import Days, FiscalYear, Ints
from samples.scenarios import SCENARIO_INDEX

Small = npt.NDArray[np.int32]

_BANKS = [ACCOUNT_INDEX[code] for code in ("512000", "512100")]
_DOCUMENTS = [ITEM_TYPE_INDEX[name] for name in ("invoice", "credit_note")]


class UnbalancedEntryError(ValueError):
    """An entry was posted whose debits and credits differ."""


@dataclass(frozen=True)
class Leg:
    """Lines on one account. Each array has one value per line.

    ``cents`` is debit when positive; lines of zero are left out. ``entry`` says which entry of the posting a
    line belongs to: one line per entry when absent. ``party`` and ``document`` default to those of the entry.
    ``group`` names the lines that settle each other; ``match`` the bank transactions that a bank line
    mirrors; ``currency_cents`` are the same amount in the currency that was billed, where it is another.
    """

    account: str
    cents: Ints
    entry: Ints | None = None
    party: Ints | None = None
    document: Ints | None = None
    group: Ints | None = None
    match: Ints | None = None
    currency_cents: Ints | None = None
    item_type: str = "other"


@dataclass(frozen=True)
class Lines:
    """Ledger lines in parallel columns. Indexes that do not apply are -1; days count from 1970-01-01."""

    day: Small
    journal: Small
    entry: Small
    account: Small
    party: Small
    entry_party: Small
    document: Small
    label: Small
    named: Small
    item_type: Small
    group: Small
    match: Small
    cents: Ints
    currency_cents: Ints

    def __len__(self) -> int:
        return len(self.cents)

    def take(self, rows: Ints | slice | npt.NDArray[np.bool_]) -> Self:
        """The same columns at the given rows."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @classmethod
    def concatenate(cls, parts: list[Self]) -> Self:
        """The rows of all parts, in order."""
        return cls(
            **{
                field.name: np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(cls)
            }
        )

    @property
    def days(self) -> Days:
        """``day`` as dates."""
        return self.day.astype("datetime64[D]")


class Book:
    """A company's entries up to ``as_of``: what is posted for a later day is not booked yet, and left out."""

    def __init__(self, as_of: date) -> None:
        self._as_of = np.datetime64(as_of)
        self._parts: list[Lines] = []
        self._entries = 0
        self._group_scenarios = np.zeros(0, dtype=np.int64)
        self._match_scenarios = np.zeros(0, dtype=np.int64)

    def new_groups(self, count: int, scenario: str = "one_invoice") -> Ints:
        """Identifiers for ``count`` sets of lines that settle each other, all of one scenario."""
        first = len(self._group_scenarios)
        self._group_scenarios = np.append(
            self._group_scenarios, np.full(count, SCENARIO_INDEX[scenario], dtype=np.int64)
        )
        return np.arange(first, first + count)

    def new_matches(self, count: int, scenario: str | Ints) -> Ints:
        """Identifiers for ``count`` sets of bank transactions and the ledger lines that mirror them.

        ``scenario`` is a name for all of them, or an index into ``SCENARIOS`` for each.
        """
        first = len(self._match_scenarios)
        index = (
            np.full(count, SCENARIO_INDEX[scenario], dtype=np.int64)
            if isinstance(scenario, str)
            else scenario
        )
        self._match_scenarios = np.append(self._match_scenarios, index)
        return np.arange(first, first + count)

    def label_groups(self, groups: Ints, scenario: str | Ints) -> None:
        """Give ``groups`` another scenario: a name for all of them, or an index into ``SCENARIOS`` for each."""
        self._group_scenarios[groups] = SCENARIO_INDEX[scenario] if isinstance(scenario, str) else scenario

    @property
    def group_scenarios(self) -> Ints:
        """Per group handed out, an index into ``SCENARIOS``."""
        return self._group_scenarios

    @property
    def match_scenarios(self) -> Ints:
        """Per match handed out, an index into ``SCENARIOS``."""
        return self._match_scenarios

    @property
    def group_count(self) -> int:
        """How many groups were handed out."""
        return len(self._group_scenarios)

    def post(
        self,
        journal: int,
        days: Days,
        label: str,
        *legs: Leg,
        document: Ints,
        party: Ints | None = None,
        named: Ints | None = None,
    ) -> None:
        """Post one entry per day of ``days``, each with one document and perhaps one third party.

        ``named`` is another document that the labels name, -1 for none.

        Raises UnbalancedEntryError when the legs of an entry do not sum to zero.
        """
        count = len(days)
        booked = days <= self._as_of
        balance = np.zeros(count, dtype=np.int64)
        nobody = np.full(count, -1, dtype=np.int64)
        entry_party = nobody if party is None else party
        entry_named = nobody if named is None else named
        for leg in legs:
            entry = np.arange(count) if leg.entry is None else leg.entry
            np.add.at(balance, entry, leg.cents)
            rows = np.flatnonzero(booked[entry] & (leg.cents != 0))
            entry = entry[rows]

            def column(given: Ints | None, default: Ints, rows: Ints = rows, entry: Ints = entry) -> Small:
                return (default[entry] if given is None else given[rows]).astype(np.int32)

            def constant(value: int, size: int = len(rows)) -> Small:
                return np.full(size, value, dtype=np.int32)

            self._parts.append(
                Lines(
                    day=days[entry].astype(np.int64).astype(np.int32),
                    journal=constant(journal),
                    entry=(self._entries + entry).astype(np.int32),
                    account=constant(ACCOUNT_INDEX[leg.account]),
                    party=column(leg.party, entry_party) if leg.account in THIRD_PARTY else constant(-1),
                    entry_party=column(leg.party, entry_party),
                    document=column(leg.document, document),
                    label=constant(LABEL_INDEX[label]),
                    named=entry_named[entry].astype(np.int32),
                    item_type=constant(ITEM_TYPE_INDEX[leg.item_type]),
                    group=column(leg.group, nobody),
                    match=column(leg.match, nobody),
                    cents=leg.cents[rows],
                    currency_cents=(
                        np.zeros(len(rows), dtype=np.int64)
                        if leg.currency_cents is None
                        else leg.currency_cents[rows]
                    ),
                )
            )
        if balance.any():
            raise UnbalancedEntryError(f"{label}: {np.count_nonzero(balance)} entries do not balance")
        self._entries += count

    def leave_out(self, share: float, rng: np.random.Generator) -> Lines:
        """Take out ``share`` of the entries that move a bank account or bring an invoice or a credit note.

        Returns their lines.
        """
        lines = Lines.concatenate(self._parts)
        counts = np.isin(lines.account, _BANKS) | np.isin(lines.item_type, _DOCUMENTS)
        entries = np.unique(lines.entry[counts])
        chosen = entries[rng.random(len(entries)) < share]
        is_out = np.isin(lines.entry, chosen)
        self._parts = [lines.take(~is_out)]
        return lines.take(is_out)

    def monthly_balance(self, account: str, ends: Days) -> Ints:
        """The sum of what was posted on ``account`` in each month of ``ends``, in cents."""
        sums = np.zeros(len(ends), dtype=np.int64)
        months = ends.astype("datetime64[M]")
        for part in self._parts:
            if len(part) and part.account[0] == ACCOUNT_INDEX[account]:
                position = np.searchsorted(months, part.days.astype("datetime64[M]"))
                known = position < len(months)
                np.add.at(sums, position[known], part.cents[known])
        return sums

    def ledger(self, year: FiscalYear) -> Lines:
        """The lines of one fiscal year in the order of the books; ``entry`` then counts 0, 1, 2… within the year."""
        low, high = np.datetime64(year.start), np.datetime64(year.end)
        lines = Lines.concatenate(
            [part.take((part.days >= low) & (part.days <= high)) for part in self._parts]
        )
        lines = lines.take(np.lexsort((lines.entry, lines.journal, lines.day)))
        if len(lines) == 0:
            return lines
        starts = np.r_[True, lines.entry[1:] != lines.entry[:-1]]
        lines.entry[:] = np.cumsum(starts) - 1
        return lines
