"""A fiscal year of the ledger as exported on a day: opening entries, lettering and validation as they stood then."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from samples.book import Book, Lines, Small
from samples.chart import ACCOUNT_CODES, ACCOUNT_INDEX, ITEM_TYPE_INDEX, LABEL_INDEX, OPENING, THIRD_PARTY
from samples.days import NO_DAY, Days, FiscalYear, Ints, month_end
from samples.profiles import Profile

LETTERED_AFTER: Final = timedelta(days=21)
"""The accountant letters three weeks behind."""

FORGOTTEN: Final = 40
"""Of as many complete groups one is never lettered."""

VALIDATED_AFTER: Final = timedelta(days=45)
"""Entries become final a month and a half behind."""

_THIRD_PARTY: Final = np.array([ACCOUNT_INDEX[code] for code in THIRD_PARTY])


@dataclass(frozen=True)
class Export:
    """The rows of one general ledger file. The first ``opening_count`` rows are the opening entry.

    ``number`` is the entry's; ``letter`` is 0 for none, n for the nth code of the account and third party, -n
    for the nth partial one; ``component`` is the same for all lines that are lettered together, else -1.
    ``carried_rows`` are the rows of the year before that the opening entry restates, ``carried_into`` the
    opening row of each (-1 when they cancel out, and no opening row is left).
    """

    year: FiscalYear
    lines: Lines
    opening_count: int
    number: Small
    letter: Small
    letter_day: Days
    validation_day: Days
    component: Ints
    carried_rows: Ints
    carried_into: Ints

    def __len__(self) -> int:
        return len(self.lines)


def export_year(
    profile: Profile,
    book: Book,
    year: FiscalYear,
    exported_on: date,
    *,
    opening_document: int,
    previous: Export | None,
    first_balances: dict[str, int],
) -> Export:
    """The export of ``year`` as it stood on ``exported_on``.

    ``previous`` is the closed year before, which the opening entry restates; the first year opens with
    ``first_balances`` instead (account → cents, debit positive). ``opening_document`` is the piece of opening
    lines that restate no document of their own.
    """
    booked = book.ledger(year)
    booked = booked.take(booked.days <= np.datetime64(exported_on))
    none = np.zeros(0, dtype=np.int64)
    if previous is None:
        accounts = np.array([ACCOUNT_INDEX[code] for code in first_balances], dtype=np.int64)
        opening = _opening_lines(year, accounts, np.array(list(first_balances.values())), opening_document)
        carried_rows, carried_into = none, none
    else:
        opening, carried_rows, carried_into = _restate(
            profile, book, previous, year, opening_document, booked
        )
    lines = Lines.concatenate([opening, booked])

    closed = exported_on > year.end
    lettered_until = year.end if closed else exported_on - LETTERED_AFTER
    validated_until = year.end if closed else exported_on - VALIDATED_AFTER
    letter, letter_day, component = _letter(
        profile, lines, np.datetime64(lettered_until), max(1, book.group_count)
    )
    is_valid = lines.days <= np.datetime64(validated_until)
    # A closed year's entries are all final; those of the current one with the month they belong to.
    validated_on = np.full(len(lines), np.datetime64(year.end) + 75) if closed else month_end(lines.days) + 15
    return Export(
        year=year,
        lines=lines,
        opening_count=len(opening),
        number=_numbers(profile, lines, len(opening)),
        letter=letter,
        letter_day=letter_day,
        validation_day=np.where(is_valid, validated_on, NO_DAY),
        component=component,
        carried_rows=carried_rows,
        carried_into=carried_into,
    )


def _opening_lines(
    year: FiscalYear,
    accounts: Ints | Small,
    cents: Ints,
    document: int | Small,
    party: int | Ints | Small = -1,
    group: int | Ints | Small = -1,
    currency_cents: Ints | None = None,
) -> Lines:
    size = len(accounts)

    def column(value: int | Ints | Small) -> Small:
        return np.broadcast_to(np.asarray(value, dtype=np.int32), size).copy()

    return Lines(
        day=column(int(np.datetime64(year.start, "D").astype(np.int64))),
        journal=column(OPENING),
        entry=column(-1),
        account=column(accounts),
        party=column(party),
        entry_party=column(party),
        document=column(document),
        label=column(LABEL_INDEX["Report à nouveau"]),
        named=column(-1),
        item_type=column(ITEM_TYPE_INDEX["other"]),
        group=column(group),
        match=column(-1),
        cents=np.asarray(cents, dtype=np.int64),
        currency_cents=np.zeros(size, dtype=np.int64) if currency_cents is None else currency_cents,
    )


def _restate(
    profile: Profile, book: Book, previous: Export, year: FiscalYear, document: int, booked: Lines
) -> tuple[Lines, Ints, Ints]:
    """The opening lines of ``year``, the rows of ``previous`` they carry, and which opening row each went into.

    Where one opening line stands for all of a third party's open items, whatever settles one of those settles
    the opening line: the lines of ``booked`` that belong with them join its group.
    """
    lines = previous.lines
    balances = np.zeros(len(ACCOUNT_CODES), dtype=np.int64)
    np.add.at(balances, lines.account, lines.cents)
    is_result = np.array([code[0] in "67" for code in ACCOUNT_CODES])
    balances[ACCOUNT_INDEX["120000"]] += balances[is_result].sum()
    balances[is_result] = 0
    balances[_THIRD_PARTY] = 0
    accounts = np.flatnonzero(balances)
    general = _opening_lines(year, accounts, balances[accounts], document)

    rows = np.flatnonzero(np.isin(lines.account, _THIRD_PARTY) & (previous.letter <= 0))
    carried = lines.take(rows)
    if profile.details_openings:
        items = _opening_lines(
            year,
            carried.account,
            carried.cents,
            carried.document,
            carried.party,
            carried.group,
            carried.currency_cents,
        )
        return Lines.concatenate([general, items]), rows, len(general) + np.arange(len(rows))

    parties = int(max(lines.party.max(initial=0), booked.party.max(initial=0))) + 2
    owner = carried.account.astype(np.int64) * parties + carried.party
    owners, position = np.unique(owner, return_inverse=True)
    cents = np.zeros(len(owners), dtype=np.int64)
    np.add.at(cents, position, carried.cents)
    group = book.new_groups(len(owners))
    kept = np.flatnonzero(cents)
    items = _opening_lines(
        year, owners[kept] // parties, cents[kept], document, owners[kept] % parties, group[kept]
    )
    into = np.full(len(owners), -1, dtype=np.int64)
    into[kept] = len(general) + np.arange(len(kept))

    remains = into[position] >= 0
    _join_groups(booked, carried.take(remains), group[position[remains]], parties, book.group_count)
    return Lines.concatenate([general, items]), rows, into[position]


def _join_groups(booked: Lines, carried: Lines, new_group: Ints, parties: int, group_count: int) -> None:
    """Move the lines of ``booked`` that belong with a carried line into that line's new group."""

    def keys(lines: Lines) -> Ints:
        owner: Ints = lines.account.astype(np.int64) * parties + lines.party
        return owner * group_count + lines.group

    old, first = np.unique(keys(carried), return_index=True)
    if len(old) == 0:
        return
    key = keys(booked)
    found = np.minimum(np.searchsorted(old, key), len(old) - 1)
    joins = (old[found] == key) & (booked.party >= 0)
    booked.group[joins] = new_group[first[found[joins]]]


def _numbers(profile: Profile, lines: Lines, opening_count: int) -> Small:
    """Entry numbers: one sequence for all journals, or one for each. The opening entry is the first."""
    numbers = np.ones(len(lines), dtype=np.int32)
    booked = lines.take(slice(opening_count, None))
    if not profile.numbers_by_journal:
        numbers[opening_count:] = booked.entry + 2
        return numbers
    for journal in np.unique(booked.journal).tolist():
        rows = np.flatnonzero(booked.journal == journal)
        _, rank = np.unique(booked.entry[rows], return_inverse=True)
        numbers[opening_count + rows] = rank + 1
    return numbers


def _letter(
    profile: Profile, lines: Lines, until: np.datetime64, group_count: int
) -> tuple[Small, Days, Ints]:
    """Letter what settles each other among the lines up to ``until``.

    A group that balances gets a code, unless it is forgotten; of those that do not, two in three get a partial
    one. Codes count from the start in each account and third party, in the order in which their groups were
    complete.
    """
    letter = np.zeros(len(lines), dtype=np.int32)
    letter_day = np.full(len(lines), NO_DAY)
    component = np.full(len(lines), -1, dtype=np.int64)
    rows = np.flatnonzero((lines.group >= 0) & (lines.party >= 0) & (lines.days <= until))
    if len(rows) == 0:
        return letter, letter_day, component
    parties = int(lines.party.max()) + 2
    owner = lines.account[rows].astype(np.int64) * parties + lines.party[rows]
    key = owner * group_count + lines.group[rows]
    order = np.argsort(key, kind="stable")
    rows, key = rows[order], key[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    cents = lines.cents[rows]
    balance = np.add.reduceat(cents, starts)
    has_both = np.logical_or.reduceat(cents > 0, starts) & np.logical_or.reduceat(cents < 0, starts)
    last_day = np.maximum.reduceat(lines.day[rows], starts)
    number = key[starts] % group_count
    is_complete = has_both & (balance == 0) & (number % FORGOTTEN != 0)
    is_partial = has_both & (balance != 0) & (number % 3 != 0)

    codes = np.zeros(len(starts), dtype=np.int32)
    group_owner = owner[order][starts]
    for chosen, sign in ((is_complete, 1), (is_partial, -1)):
        index = np.flatnonzero(chosen)
        index = index[np.lexsort((last_day[index], group_owner[index]))]
        if len(index):
            first = np.r_[True, group_owner[index][1:] != group_owner[index][:-1]]
            position = np.arange(len(index))
            codes[index] = sign * (position - np.maximum.accumulate(np.where(first, position, 0)) + 1)

    lengths = np.diff(np.r_[starts, len(rows)])
    letter[rows] = np.repeat(codes, lengths)
    is_lettered = letter[rows] != 0
    component[rows[is_lettered]] = key[is_lettered]
    done = last_day.astype("datetime64[D]")
    month_by_month = np.minimum(month_end(done), until)
    done = month_by_month if profile.letters_on_month_end else np.where(is_partial, NO_DAY, done)
    letter_day[rows] = np.where(is_lettered, np.repeat(done, lengths), NO_DAY)
    return letter, letter_day, component


def letter_text(code: int) -> str:
    """The lettering code as written: AA, AB, … ZZ, AAA, …; in lower case when partial; nothing for 0."""
    if code == 0:
        return ""
    number, width = abs(code) - 1, 2
    while number >= 26**width:
        number -= 26**width
        width += 1
    text = "".join(chr(ord("A") + number // 26**place % 26) for place in reversed(range(width)))
    return text if code > 0 else text.lower()
