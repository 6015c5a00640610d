"""Open items at any date by brute force: the rules of the books in plain Python, one posting at a time, from the
rules alone and without any code of the product. Slow and simple on purpose.

* An opening line of a year whose predecessor is known is no item: it stands for the earlier postings that it
  restates. Where the openings of an account restate more or less than the years before left, the difference is an
  item of its own.
* A letter makes a group within a fiscal year, account and third party; its lines in order of days are split where
  their balance returns to zero at the end of a day. A lettered opening line brings in what is left of the postings
  behind it.
* Groups are replayed year by year, posting by posting: what is owed before what settles it on one day, then by
  entry. Each consumes what is open on the other side: of its own piece first, then what is due first, then by entry
  (its day, its number, its row).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

DEFAULT_TERMS = timedelta(days=30)


@dataclass(frozen=True, order=True)
class Unit:
    """One third party on one account."""

    account: str
    party: str

    @property
    def code(self) -> str:
        """The third party's code: its auxiliary account, else what the account itself says after 411 or 401."""
        return self.party or f"4{self.account[1]}1{self.account[3:]}"


@dataclass(frozen=True)
class Posting:
    """A line on a third party's account. ``restates`` is None unless the line opens a year."""

    company_id: str
    unit: Unit
    posted_on: date
    amount: int
    piece: str
    piece_date: date
    due: date | None = None
    letter: str = ""
    number: str = ""
    row: int = 0
    restates: tuple[str, ...] | None = None
    remark: str = ""

    @property
    def label(self) -> str:
        """Names the posting in its company."""
        return f"L{self.row}"

    @property
    def year(self) -> int:
        """Its fiscal year, the calendar's."""
        return self.posted_on.year

    @property
    def is_opening(self) -> bool:
        """Whether it opens a year."""
        return self.restates is not None

    @property
    def due_date(self) -> date | None:
        """When it falls due; None for what is not owed, and for an opening dated by its own day."""
        if self.amount < 0 or self.due:
            return self.due
        if self.is_opening and self.piece_date >= self.posted_on:
            return None
        return self.piece_date + DEFAULT_TERMS


@dataclass(frozen=True)
class OpeningDifference:
    """What the openings of a year say more or less than the years before left."""

    unit: Unit
    posted_on: date
    amount: int
    piece: None = None
    due_date: None = None
    number: str = ""
    row: int = 0


Item = Posting | OpeningDifference
Settlement = tuple[Item, Item, int, date]


def items_of(postings: Iterable[Posting]) -> list[Item]:
    """Every item ever posted."""
    postings = list(postings)
    first_year = min((posting.year for posting in postings), default=0)
    items: list[Item] = [
        posting for posting in postings if not posting.is_opening or posting.year == first_year
    ]
    restating = [posting for posting in postings if posting.is_opening and posting.year > first_year]
    for year in sorted({posting.year for posting in restating}):
        opening_day = date(year, 1, 1)
        openings = [posting for posting in restating if posting.year == year]
        earlier = [item for item in items if item.posted_on < opening_day]
        for unit in sorted({one.unit for one in (*openings, *earlier)}):
            restated = sum(opening.amount for opening in openings if opening.unit == unit)
            left = sum(item.amount for item in earlier if item.unit == unit)
            if restated != left:
                items.append(OpeningDifference(unit, opening_day, restated - left))
    return items


def settlements_of(postings: Iterable[Posting]) -> list[Settlement]:
    """(owed, settling, amount, effective date) of every settlement that the lettering makes."""
    postings = list(postings)
    items = items_of(postings)
    left = {item: item.amount for item in items}
    found: list[Settlement] = []
    for year in sorted({posting.year for posting in postings}):
        for group in groups_of(posting for posting in postings if posting.year == year and posting.letter):
            members = {item for line in group for item in _behind(line, items, left)}
            found += _replay(members, left)
    return found


def left_by_day(postings: Iterable[Posting]) -> dict[Item, dict[date, int]]:
    """Item → day on which what is open of it changed → what is open of it from the end of that day on."""
    postings = list(postings)
    changes: dict[Item, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for item in items_of(postings):
        changes[item][item.posted_on] += item.amount
    for owed, settling, amount, effective in settlements_of(postings):
        changes[owed][effective] -= amount
        changes[settling][effective] += amount
    return {
        item: dict(zip(sorted(on), accumulate(on[day] for day in sorted(on)), strict=True))
        for item, on in changes.items()
    }


def left_at(postings: Iterable[Posting], day: date) -> dict[Item, int]:
    """Item → what is open of it at the end of a day; settled items are not in it."""
    left = {
        item: amounts[max(on for on in amounts if on <= day)]
        for item, amounts in left_by_day(postings).items()
        if item.posted_on <= day
    }
    return {item: amount for item, amount in left.items() if amount}


def groups_of(lettered: Iterable[Posting]) -> list[list[Posting]]:
    """The groups that the letters of one fiscal year make."""
    by_code: dict[tuple[Unit, str], list[Posting]] = defaultdict(list)
    for posting in lettered:
        by_code[posting.unit, posting.letter].append(posting)
    groups = []
    for lines in by_code.values():
        group: list[Posting] = []
        for day in sorted({line.posted_on for line in lines}):
            group += [line for line in lines if line.posted_on == day]
            if sum(line.amount for line in group) == 0:
                groups.append(group)
                group = []
        if group:
            groups.append(group)
    return groups


def _behind(line: Posting, items: list[Item], left: dict[Item, int]) -> list[Item]:
    """The items that a lettered line stands for: itself, or those that it restates, and where what is left of these
    is not its amount, the difference."""
    if line in items:
        return [line]
    behind: list[Item] = [
        item for item in items if isinstance(item, Posting) and item.label in (line.restates or ())
    ]
    if sum(left[item] for item in behind) != line.amount:
        behind += [
            item
            for item in items
            if isinstance(item, OpeningDifference)
            and (item.unit, item.posted_on) == (line.unit, line.posted_on)
        ]
    return behind


def _replay(members: set[Item], left: dict[Item, int]) -> list[Settlement]:
    happened: list[Settlement] = []
    posted: list[Item] = []
    for item in sorted(members, key=lambda one: (one.posted_on, one.amount < 0, one.number, one.row)):
        while left[item]:
            opposite = [other for other in posted if left[other] * left[item] < 0]
            if not opposite:
                break
            other = min(
                opposite,
                key=lambda one: (
                    one.piece is None or one.piece != item.piece,
                    one.due_date or one.posted_on,
                    one.posted_on,
                    one.number,
                    one.row,
                ),
            )
            amount = min(abs(left[item]), abs(left[other]))
            owed, settling = (item, other) if left[item] > 0 else (other, item)
            left[owed] -= amount
            left[settling] += amount
            happened.append((owed, settling, amount, item.posted_on))
        posted.append(item)
    return happened
