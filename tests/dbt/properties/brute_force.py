"""Open items at any date by brute force: the rules of the books in plain Python, one posting at a time, from the
rules alone and without any code of the product. Slow and simple on purpose.

* A document that ``invoices.csv`` splits: a line of its whole amount is an item per instalment; any other owed line of
  it falls due with the instalment of its amount, else with the first one.
* An opening line of a year whose predecessor is known is no item: it stands for the earlier postings that it
  restates, and speaks of the year's first day whenever it is dated. Where the openings of an account restate more or
  less than the years before left, the difference is an item of its own. Where the year before is missing, the opening
  lines are items, and the difference takes back all that the earlier years left.
* A balance carried in one line stands for the one posting of which it is what is left; what cancels out beside that one
  stays open, as nobody said that it belongs together. Where there is no such posting, or more than one, it stands for
  all that is left.
* A letter makes a group within a fiscal year, account and third party; its lines in order of days are split where
  their balance returns to zero at the end of a day. Its lettered opening lines bring in what is left of the postings
  behind them, and the difference where together they are not that. One without a letter has the letter of its
  document's line of an earlier year, if that code did not balance there and is the only one: from the day on which it
  makes the code of its own year balance.
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


Instalments = tuple[tuple[date, int], ...]
"""The days on which a document falls due, in order, and how much of it on each."""


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
    instalments: Instalments = ()
    is_negative: bool = False
    """Whether it is written as a negative amount in the other column."""
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
    def speaks_of(self) -> date:
        """The day that it is about: its own, or the first one of the year that it opens."""
        return date(self.year, 1, 1) if self.is_opening else self.posted_on


@dataclass(frozen=True)
class Item:
    """A posting, an instalment of one, or what the openings of a year say more or less than the years before left."""

    name: str
    unit: Unit
    posted_on: date
    amount: int
    due_date: date | None
    piece: str | None = None
    number: str = ""
    row: int = 0
    part: int = 0
    line: Posting | None = None
    """None for a difference."""


Settlement = tuple[Item, Item, int, date]
"""Owed, settling, amount, effective date."""


def items_of(postings: Iterable[Posting]) -> list[Item]:
    """Every item ever posted."""
    postings = list(postings)
    years = sorted({posting.year for posting in postings})
    items: list[Item] = []
    for year in years:
        of_year = [posting for posting in postings if posting.year == year]
        openings = [posting for posting in of_year if posting.is_opening]
        restating = openings if year - 1 in years else []
        earlier = list(items)
        for posting in of_year:
            if posting not in restating:
                items += _items_of_line(posting, postings)
        if openings:
            for unit in sorted({*(one.unit for one in restating), *(one.unit for one in earlier)}):
                restated = sum(opening.amount for opening in restating if opening.unit == unit)
                left = sum(item.amount for item in earlier if item.unit == unit)
                if year > years[0] and restated != left:
                    day = date(year, 1, 1)
                    name = f"{unit.account} {unit.code} {day}"
                    items.append(Item(name, unit, day, restated - left, None))
    return items


def settlements_of(postings: Iterable[Posting]) -> list[Settlement]:
    """Every settlement that the lettering makes, in the order in which the replay finds them."""
    postings = list(postings)
    items = items_of(postings)
    left = {item: item.amount for item in items}
    found: list[Settlement] = []
    for group in groups_of(postings):
        found += _replay(_members(group, items, left), left)
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


def groups_of(postings: Iterable[Posting]) -> list[list[Posting]]:
    """The groups that the letters make, the first year's first."""
    postings = list(postings)
    restating = _restating(postings)
    by_code: dict[tuple[int, Unit, str], list[tuple[date, Posting]]] = defaultdict(list)
    for posting in postings:
        if posting.letter:
            day = posting.speaks_of if posting in restating else posting.posted_on
            by_code[posting.year, posting.unit, posting.letter].append((day, posting))
    for opening, (letter, proven_on) in letters_proven(postings).items():
        by_code[opening.year, opening.unit, letter].append((proven_on, opening))
    groups = []
    for code in sorted(by_code):
        group: list[Posting] = []
        for day in sorted({on for on, _ in by_code[code]}):
            group += [line for on, line in by_code[code] if on == day]
            if sum(line.amount for line in group) == 0:
                groups.append(group)
                group = []
        if group:
            groups.append(group)
    return groups


def letters_proven(postings: Iterable[Posting]) -> dict[Posting, tuple[str, date]]:
    """Opening line without a letter → the letter that stands on the line of an earlier year which it restates, and
    the day on which the code of its own year balances with it."""
    postings = list(postings)
    restating = _restating(postings)
    totals: dict[tuple[int, Unit, str], int] = defaultdict(int)
    for posting in postings:
        totals[posting.year, posting.unit, posting.letter] += posting.amount
    carried: dict[tuple[int, Unit, str], list[Posting]] = defaultdict(list)
    for opening in restating:
        letters = {
            one.letter
            for one in postings
            if one.letter
            and one not in restating
            and one.year < opening.year
            and (one.unit, one.piece) == (opening.unit, opening.piece)
            and totals[one.year, one.unit, one.letter]
        }
        if not opening.letter and len(letters) == 1:
            carried[opening.year, opening.unit, letters.pop()].append(opening)
    proven: dict[Posting, tuple[str, date]] = {}
    for code, openings in carried.items():
        lines = [one for one in postings if (one.year, one.unit, one.letter) == code]
        days = [one.speaks_of if one in restating else one.posted_on for one in lines]
        for day in sorted(set(days)):
            balance = sum(one.amount for one, on in zip(lines, days, strict=True) if on <= day)
            if balance + sum(opening.amount for opening in openings) == 0:
                proven |= dict.fromkeys(openings, (code[2], day))
                break
    return proven


def _restating(postings: list[Posting]) -> set[Posting]:
    """The opening lines that restate what is known."""
    years = {posting.year for posting in postings}
    return {posting for posting in postings if posting.is_opening and posting.year - 1 in years}


def _items_of_line(line: Posting, postings: list[Posting]) -> list[Item]:
    def item(name: str, amount: int, due_date: date | None, part: int = 0) -> Item:
        return Item(
            name, line.unit, line.posted_on, amount, due_date, line.piece, line.number, line.row, part, line
        )

    document_amount = sum(amount for _, amount in line.instalments)
    if line.amount > 0 and len(line.instalments) > 1 and document_amount == line.amount:
        return [
            item(f"{line.label}/{part}", amount, due, part)
            for part, (due, amount) in enumerate(line.instalments, 1)
        ]
    return [item(line.label, line.amount, _due_date(line, postings))]


def _due_date(line: Posting, postings: list[Posting]) -> date | None:
    """When it falls due; None for what is not owed, and for an opening dated by the year that it opens."""
    if line.amount < 0 or line.due:
        return line.due
    if line.instalments:
        restating = _restating(postings)
        alike = sorted(
            (
                one
                for one in postings
                if (one.unit, one.piece, one.amount) == (line.unit, line.piece, line.amount)
                and one not in restating
            ),
            key=lambda one: (one.posted_on, one.due or date.max, one.row),
        )
        of_its_amount = [due for due, amount in line.instalments if amount == line.amount]
        position = alike.index(line)
        return of_its_amount[position] if position < len(of_its_amount) else line.instalments[0][0]
    if line.is_opening and line.piece_date >= line.speaks_of:
        return None
    return line.piece_date + DEFAULT_TERMS


def _members(group: list[Posting], items: list[Item], left: dict[Item, int]) -> set[Item]:
    """The items that a group is about: those of its lines, those that its opening lines restate, and the difference
    where the opening lines together are not what is left of these (both legs of what is partly settled may be
    carried, so one line alone says nothing)."""
    own = {item for item in items if item.line in group}
    carried = [line for line in group if line not in {item.line for item in own}]
    behind = {item for line in carried for item in _behind(line, items, left)}
    if sum(line.amount for line in carried) == sum(left[item] for item in behind):
        return own | behind
    opened = {(line.unit, line.speaks_of) for line in carried}
    return (
        own | behind | {item for item in items if item.line is None and (item.unit, item.posted_on) in opened}
    )


def _behind(opening: Posting, items: list[Item], left: dict[Item, int]) -> set[Item]:
    """The items that an opening line stands for: of a balance, those of the one posting that it equals, else all."""
    labels = opening.restates or ()
    of_label = {label: {item for item in items if item.line and item.line.label == label} for label in labels}
    equal = [of_one for of_one in of_label.values() if sum(left[item] for item in of_one) == opening.amount]
    return equal[0] if len(equal) == 1 else {item for of_one in of_label.values() for item in of_one}


def _replay(members: set[Item], left: dict[Item, int]) -> list[Settlement]:
    happened: list[Settlement] = []
    posted: list[Item] = []
    for item in sorted(
        members, key=lambda one: (one.posted_on, one.amount < 0, one.number, one.row, one.part)
    ):
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
                    one.part,
                ),
            )
            amount = min(abs(left[item]), abs(left[other]))
            owed, settling = (item, other) if left[item] > 0 else (other, item)
            left[owed] -= amount
            left[settling] += amount
            happened.append((owed, settling, amount, item.posted_on))
        posted.append(item)
    return happened
