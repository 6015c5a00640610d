"""Random ledgers of third parties, as accountants leave them, with what only their author knows: which earlier postings
each opening line stands for.

Amounts are cents, positive for what is owed on either side of the ledger. Invoices, credit notes, payments and
refunds; lettering that balances, that does not, and whose codes come round again; several postings on one day; one or
several fiscal years, opened line by line, in one line, not at all, or with a mistake.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from tests.dbt.properties.brute_force import Posting, Unit, left_at
from tests.golden.ledger import Entry, entry, fec

LETTERS = ("a", "b", "A", "AA")
AMOUNTS = (10_000, 20_000, 20_000, 30_000, 50_000, 12_345, 99_999, 1)
ACCOUNTS = ("411000", "411100", "416000", "401000", "411DUPONT", "416DUPONT", "401DUPONT")


@dataclass
class Ledger:
    """A company's ledger: its postings on third parties' accounts, by fiscal year."""

    company_id: str
    years: tuple[int, ...]
    opens: str
    """How years after the first open: ``lines``, ``one line``, ``not at all``."""
    postings: list[Posting] = field(default_factory=list)

    def until(self, day: date) -> "Ledger":
        """The same ledger as it stood at the end of a day."""
        kept = [posting for posting in self.postings if posting.posted_on <= day]
        return replace(self, years=tuple(year for year in self.years if year <= day.year), postings=kept)

    def relabelled(self, *, without_letters: bool = False) -> "Ledger":
        """The same ledger with other labels, and perhaps with its lettering undone."""
        changed = [
            replace(posting, remark=" corrigé", letter="" if without_letters else posting.letter)
            for posting in self.postings
        ]
        return replace(self, postings=changed)

    def told(self) -> str:
        """The ledger as lines that a person can follow, for the message of a failing test."""
        return "\n".join(
            f"{one.label} {one.posted_on} {one.unit.account} {one.unit.code} {one.amount / 100:10.2f} [{one.letter:2}] "
            f"{one.piece} due {one.due_date}" + (f" restates {one.restates}" if one.is_opening else "")
            for one in self.postings
        )

    def files(self) -> dict[str, bytes]:
        """The ledger as a FEC a year; a year without a line has no file."""
        by_year = {year: [one for one in self.postings if one.year == year] for year in self.years}
        return {
            f"123456782FEC{year}1231.txt": fec(*map(_entry, postings))
            for year, postings in by_year.items()
            if postings
        }


def random_ledger(random: Random, company_id: str) -> Ledger:
    """One random ledger; the same for the same state of ``random``."""
    first_year = random.choice((2023, 2024, 2025, 2025))
    years = tuple(range(first_year, 2026))
    ledger = Ledger(company_id, years, random.choice(("lines", "one line", "not at all")))
    parties = random.sample(("C1", "C2", "MARTIN"), random.randint(1, 3))
    drawn = [(random.choice(ACCOUNTS), party) for party in parties for _ in range(random.randint(1, 2))]
    # An account that names its third party has no auxiliary.
    units = [Unit(account, "" if account[3:].isalpha() else party) for account, party in drawn]
    for year in years:
        if year > first_year:
            ledger.postings += _openings(random, ledger, year)
        elif random.random() < 0.3:
            ledger.postings += _first_openings(random, ledger, year, units)
        for unit in dict.fromkeys(units):
            ledger.postings += _year(random, ledger, year, unit)
    return ledger


def _year(random: Random, ledger: Ledger, year: int, unit: Unit) -> list[Posting]:
    """A year of one third party's account, lettered at random, some letters balanced by a last payment."""
    days = sorted(
        date(year, 1, 1) + timedelta(days=random.randrange(365)) for _ in range(random.randint(1, 5))
    )
    drafts: list[Posting] = []
    for number in range(random.randint(1, 9)):
        if drafts and random.random() < 0.07:
            drafts.append(drafts[-1])
            continue
        amount = random.choice((1, 1, 1, -1, -1)) * random.choice(AMOUNTS)
        piece = f"{unit.party}-{unit.account}-{year}-{number}"
        if random.random() < 0.25:
            # That of an earlier posting of another amount.
            named = [draft.piece for draft in drafts if draft.amount != amount]
            piece = random.choice(named or [piece])
        drafts.append(_posting(random, ledger, unit, random.choice(days), amount, piece=piece))
    lettered = _lettered(random, ledger, year, unit, drafts)
    return _numbered(ledger, lettered)


def _lettered(random: Random, ledger: Ledger, year: int, unit: Unit, drafts: list[Posting]) -> list[Posting]:
    drafts = [
        replace(draft, letter=random.choice(LETTERS[: random.randint(1, 4)]) if random.random() < 0.6 else "")
        for draft in drafts
    ]
    openings = [
        posting
        for posting in ledger.postings
        if posting.year == year and posting.unit == unit and posting.letter and posting.is_opening
    ]
    for letter in LETTERS:
        group = [posting for posting in (*openings, *drafts) if posting.letter == letter]
        balance = sum(posting.amount for posting in group)
        if group and balance and random.random() < 0.5:
            last = max(posting.posted_on for posting in group)
            day = min(last + timedelta(days=random.choice((0, 1, 40))), date(year, 12, 31))
            closing = _posting(random, ledger, unit, day, -balance, piece=f"X{unit.party}-{letter}-{year}")
            drafts.append(replace(closing, letter=letter))
    return drafts


def _openings(random: Random, ledger: Ledger, year: int) -> list[Posting]:
    """What restates the years before on 1 January, or nothing."""
    if ledger.opens == "not at all" or random.random() < 0.2:
        return []
    day = date(year, 1, 1)
    is_last_year = year == ledger.years[-1]
    left: dict[Unit, list[tuple[Posting, int]]] = {}
    for item, amount in left_at(ledger.postings, date(year - 1, 12, 31)).items():
        if isinstance(item, Posting):
            left.setdefault(item.unit, []).append((item, amount))
    drafts = []
    for unit, open_items in left.items():
        mistake = random.choice((0, 0, 0, 5_000, -1_500)) if is_last_year else 0
        letter = random.choice(("", "a", "b"))
        # All of a piece alike: nobody could tell which of two equal postings an opening line stands for.
        dropped_pieces = {item.piece for item, _ in open_items if mistake and random.random() < 0.3}
        lettered_pieces = {item.piece for item, _ in open_items if random.random() < 0.7}
        if ledger.opens == "one line":
            total = sum(amount for _, amount in open_items) + mistake
            # Where the sum is also the amount of one item, nobody can tell whether the line stands for it alone.
            if len(open_items) > 1 and any(total in (item.amount, amount) for item, amount in open_items):
                letter = ""
            if total:
                behind = tuple(item.label for item, _ in open_items)
                draft = _posting(random, ledger, unit, day, total, piece="SOLDE", restates=behind)
                drafts.append(replace(draft, letter=letter))
            continue
        for item, amount in open_items:
            if item.piece in dropped_pieces:
                continue
            draft = _posting(random, ledger, unit, day, amount, piece=item.piece, restates=(item.label,))
            dated = replace(draft, piece_date=random.choice((item.posted_on, day)))
            drafts.append(replace(dated, letter=letter if item.piece in lettered_pieces else ""))
    return _numbered(ledger, drafts)


def _first_openings(random: Random, ledger: Ledger, year: int, units: list[Unit]) -> list[Posting]:
    """Opening lines of the first year that is loaded: items of their own, dated by their piece or not at all."""
    day = date(year, 1, 1)
    drafts = []
    for number, unit in enumerate(dict.fromkeys(units)):
        draft = _posting(random, ledger, unit, day, random.choice(AMOUNTS), piece=f"R{number}", restates=())
        piece_date = random.choice((day, day - timedelta(days=random.randint(1, 200))))
        drafts.append(replace(draft, piece_date=piece_date, letter=random.choice(("", "a"))))
    return _numbered(ledger, drafts)


def _posting(
    random: Random,
    ledger: Ledger,
    unit: Unit,
    day: date,
    amount: int,
    *,
    piece: str,
    restates: tuple[str, ...] | None = None,
) -> Posting:
    due = (
        day + timedelta(days=random.choice((0, 10, 60, 90)))
        if restates is None and random.random() < 0.4
        else None
    )
    return Posting(
        company_id=ledger.company_id,
        unit=unit,
        posted_on=day,
        amount=amount,
        piece=piece,
        piece_date=day,
        due=due if amount > 0 else None,
        restates=restates,
    )


def _numbered(ledger: Ledger, drafts: list[Posting]) -> list[Posting]:
    """The drafts in the order of the books, in rows of their own; those of one day and piece are one entry."""
    first = len(ledger.postings) + 1
    ordered = sorted(drafts, key=lambda draft: draft.posted_on)
    entries = {
        key: f"{number:05}"
        for number, key in enumerate(dict.fromkeys((one.posted_on, one.piece) for one in ordered), first)
    }
    return [
        replace(draft, row=row, number=entries[draft.posted_on, draft.piece])
        for row, draft in enumerate(ordered, first)
    ]


def _entry(posting: Posting) -> Entry:
    is_payable = posting.unit.account.startswith("40")
    debit = -posting.amount if is_payable else posting.amount
    amount = f"{debit / 100:.2f}"
    if posting.is_opening:
        journal, counterpart = "AN", "101000"
    elif posting.amount > 0:
        journal, counterpart = ("AC", "607000") if is_payable else ("VE", "707000")
    else:
        journal, counterpart = "BQ", "512000"
    said = {
        "letter": posting.letter,
        "piece_date": posting.piece_date.isoformat(),
        "label": posting.label + posting.remark,
        "due": posting.due.isoformat() if posting.due else "",
    }
    lines = entry(
        journal,
        posting.posted_on.isoformat(),
        posting.piece,
        (posting.unit.account, amount, posting.unit.party, said),
        (counterpart, f"{-debit / 100:.2f}"),
    )
    return tuple(replace(line, number=posting.number) for line in lines)
