"""Random ledgers of third parties, as accountants leave them, with what only their author knows: which earlier postings
each opening line stands for.

Amounts are cents, positive for what is owed on either side of the ledger. Invoices, some of them in instalments, credit
notes, payments and refunds, several third parties to an entry, negative amounts; lettering that balances, that does
not, whose codes come round again, or that stands on the line of the year before; one or several fiscal years, one of
them perhaps missing, opened line by line, in one line, late, not at all, or with a mistake; exports of part of a year.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tests.dbt.properties.brute_force import Instalments, Posting, Unit, left_at, letters_proven
from tests.golden.documents import table
from tests.golden.ledger import COLUMNS, Entry, Leg, Line, entry, fec

LETTERS = ("a", "b", "A", "AA")
LETTERS_ACROSS_YEARS = ("K", "L")
"""Those that stand on the line of the year before."""

AMOUNTS = (10_000, 20_000, 20_000, 30_000, 50_000, 12_345, 99_999, 1)
ACCOUNTS = ("411000", "411100", "416000", "401000", "411DUPONT", "416DUPONT", "401DUPONT")
YEARS = ((2025,), (2025,), (2024, 2025), (2024, 2025), (2023, 2024, 2025), (2023, 2025))


class NegativeLine(Line):
    """A line whose amount stands in the other column, negative."""

    def cells(self) -> list[str]:
        """The eighteen cells of the law's format."""
        cells = super().cells()
        debit, credit = COLUMNS.index("Debit"), COLUMNS.index("Credit")
        cells[debit], cells[credit] = (
            f"-{cell}".replace("-0,00", "0,00") for cell in (cells[credit], cells[debit])
        )
        return cells


@dataclass
class Ledger:
    """A company's ledger: its postings on third parties' accounts, by fiscal year."""

    company_id: str
    years: tuple[int, ...]
    opens: str
    """How years after the first open: ``lines``, ``one line``, ``not at all``."""
    postings: list[Posting] = field(default_factory=list)
    interim_day: date | None = None
    """The last day of an export of a part of the last year, which is there too."""
    opens_after: date | None = None
    """The opening lines of the last year are in no export before this day."""

    def until(self, day: date) -> "Ledger":
        """The same ledger as it was exported at the end of a day. Opening lines speak of their year's first day."""
        kept = [
            posting
            for posting in self.postings
            if posting.speaks_of <= day and not self._is_missing(posting, day)
        ]
        years = tuple(year for year in self.years if year <= day.year)
        return replace(self, years=years, postings=kept, interim_day=None)

    def _is_missing(self, posting: Posting, day: date) -> bool:
        is_late = self.opens_after is not None and day < self.opens_after
        return is_late and posting.is_opening and posting.year == self.years[-1] > self.years[0]

    def is_explained_by(self, day: date) -> bool:
        """Whether all that is said of the days until ``day`` was said by then: neither opening lines nor what proves
        a letter of the year before came later."""
        proven = letters_proven(self.postings).values()
        return not any(self._is_missing(posting, day) for posting in self.postings) and all(
            proven_on <= day for _, proven_on in proven
        )

    def relabelled(self, *, without_letters: bool = False) -> "Ledger":
        """The same ledger with other labels, and perhaps with its lettering undone."""
        changed = [
            replace(posting, remark=" corrigé", letter="" if without_letters else posting.letter)
            for posting in self.postings
        ]
        return replace(self, postings=changed, interim_day=None)

    def told(self) -> str:
        """The ledger as lines that a person can follow, for the message of a failing test."""
        return "\n".join(
            f"{one.label} {one.posted_on} {one.unit.account} {one.unit.code} {one.amount / 100:10.2f} [{one.letter:2}] "
            f"{one.number} {one.piece} of {one.piece_date} due {one.due}"
            + (
                f" in {[(str(due), amount / 100) for due, amount in one.instalments]}"
                if one.instalments
                else ""
            )
            + (f" restates {one.restates}" if one.is_opening else "")
            for one in self.postings
        )

    def files(self) -> dict[str, bytes]:
        """The ledger as a FEC a year, and its documents' instalments; a year without a line has no file."""
        files = {}
        for year in self.years:
            postings = [one for one in self.postings if one.year == year]
            if postings:
                files[f"123456782FEC{year}1231.txt"] = _export(postings)
            interim = [one for one in postings if self.interim_day and one.posted_on <= self.interim_day]
            if year == self.years[-1] and 0 < len(interim) < len(postings):
                last_day = max(one.posted_on for one in interim)
                if last_day < max(one.posted_on for one in postings):
                    # Named by its own last day, and not lettered yet.
                    name = f"123456782FEC{last_day:%Y%m%d}.txt"
                    files[name] = _export(replace(one, letter="") for one in interim)
        if documents := {(one.unit, one.piece): one.instalments for one in self.postings if one.instalments}:
            files["invoices.csv"] = table(
                "company_id,kind,third_party_code,document_number,due_date,total_amount",
                *(
                    f"{self.company_id},{'supplier' if unit.account.startswith('40') else 'customer'},{unit.code},"
                    f"{piece},{due},{_text(amount)}"
                    for (unit, piece), instalments in documents.items()
                    for due, amount in instalments
                ),
            )
        return files


def random_ledger(random: Random, company_id: str) -> Ledger:
    """One random ledger; the same for the same state of ``random``."""
    years = random.choice(YEARS)
    ledger = Ledger(company_id, years, random.choice(("lines", "one line", "not at all")))
    parties = random.sample(("C1", "C2", "MARTIN"), random.randint(1, 3))
    drawn = [(random.choice(ACCOUNTS), party) for party in parties for _ in range(random.randint(1, 2))]
    # An account that names its third party has no auxiliary.
    units = [Unit(account, "" if account[3:].isalpha() else party) for account, party in drawn]
    for year in years:
        if year > years[0]:
            # Before the list is read: it gives some of the postings a letter.
            openings = _openings(random, ledger, year)
            ledger.postings += openings
        elif random.random() < 0.3:
            ledger.postings += _first_openings(random, ledger, year, units)
        for unit in dict.fromkeys(units):
            ledger.postings += _year(random, ledger, year, unit)
        # Before the next year opens: the order of a day, which numbers tell, decides what it finds left.
        of_year = [posting for posting in ledger.postings if posting.year == year]
        before = [posting for posting in ledger.postings if posting.year != year]
        ledger.postings = [*before, *_joined_entries(random, of_year)]
    if random.random() < 0.3:
        ledger.interim_day = _day_of(random, years[-1])
    if random.random() < 0.2:
        ledger.opens_after = _day_of(random, years[-1])
    return ledger


def _day_of(random: Random, year: int) -> date:
    return date(year, 1, 1) + timedelta(days=random.randrange(365))


def _year(random: Random, ledger: Ledger, year: int, unit: Unit) -> list[Posting]:
    """A year of one third party's account, lettered at random, some letters balanced by a last payment."""
    days = sorted(_day_of(random, year) for _ in range(random.randint(1, 5)))
    drafts: list[Posting] = []
    for number in range(random.randint(1, 9)):
        if drafts and random.random() < 0.07:
            drafts.append(drafts[-1])
            continue
        amount = random.choice((1, 1, 1, -1, -1)) * random.choice(AMOUNTS)
        draft = _posting(
            random,
            ledger,
            unit,
            random.choice(days),
            amount,
            piece=f"{unit.party}-{unit.account}-{year}-{number}",
        )
        if amount > 0 and random.random() < 0.2:
            draft = replace(draft, instalments=_instalments(random, draft))
        elif (named := [one for one in drafts if one.amount != amount]) and random.random() < 0.25:
            # The document of an earlier posting of another amount.
            other = random.choice(named)
            draft = replace(draft, piece=other.piece, instalments=other.instalments)
        drafts.append(draft)
    lettered = _lettered(random, ledger, year, unit, drafts)
    return _numbered(ledger, [*lettered, *_settled_across_years(random, ledger, year, unit)])


def _instalments(random: Random, draft: Posting) -> Instalments:
    """Its amount in parts, sometimes of another sum than the ledger's."""
    count = random.choice((1, 2, 2, 3, 3, 11))
    if draft.amount < count:
        return ()
    each = draft.amount // count
    amounts = [*[each] * (count - 1), draft.amount - each * (count - 1) + random.choice((0, 0, 0, 100))]
    return tuple(
        (draft.posted_on + timedelta(days=30 * number), amount) for number, amount in enumerate(amounts, 1)
    )


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


def _settled_across_years(random: Random, ledger: Ledger, year: int, unit: Unit) -> list[Posting]:
    """What settles, whole or in part, at once or in two payments, the opening lines whose letter stands on the line of
    an earlier year; the code may come round again."""
    drafts: list[Posting] = []
    earlier = [one for one in ledger.postings if one.unit == unit and one.year < year]
    for letter in LETTERS_ACROSS_YEARS:
        pieces = {one.piece for one in earlier if one.letter == letter}
        owed = sum(
            one.amount
            for one in ledger.postings
            if one.is_opening
            and one.year == year
            and one.unit == unit
            and one.piece in pieces
            and not one.letter
        )
        if abs(owed) < 2:
            continue
        parts = random.choice(([-owed], [-owed // 2, -owed + owed // 2], [-owed // 2]))
        again = random.choice(([], [], [7_000], [7_000, -7_000]))
        days = sorted(_day_of(random, year) for _ in (*parts, *again))
        drafts += [
            replace(
                _posting(random, ledger, unit, day, amount, piece=f"{letter}{unit.party}-{number}-{year}"),
                letter=letter,
            )
            for number, (day, amount) in enumerate(zip(days, (*parts, *again), strict=True))
            if amount
        ]
    return drafts


def _openings(random: Random, ledger: Ledger, year: int) -> list[Posting]:
    """What restates the years before, or where the one before is missing is all that is known of it; or nothing."""
    if ledger.opens == "not at all" or random.random() < 0.2:
        return []
    day = date(year, 1, 1) if random.random() < 0.7 else _day_of(random, year)
    is_last_year = year == ledger.years[-1]
    restates = year - 1 in ledger.years
    left: dict[Unit, dict[str, int]] = {}
    lines = {posting.label: posting for posting in ledger.postings}
    for item, amount in left_at(ledger.postings, date(year - 1, 12, 31)).items():
        if item.line:
            of_unit = left.setdefault(item.unit, {})
            of_unit[item.line.label] = of_unit.get(item.line.label, 0) + amount
    drafts = []
    for unit, open_amounts in left.items():
        open_items = [(lines[label], amount) for label, amount in open_amounts.items() if amount]
        mistake = random.choice((0, 0, 0, 5_000, -1_500)) if is_last_year else 0
        letter = random.choice(("", "a", "b"))
        # All of a piece alike: nobody could tell which of two equal postings an opening line stands for.
        dropped_pieces = {item.piece for item, _ in open_items if mistake and random.random() < 0.3}
        lettered_pieces = {item.piece for item, _ in open_items if random.random() < 0.7}
        if ledger.opens == "one line":
            total = sum(amount for _, amount in open_items) + mistake
            if total:
                behind = tuple(item.label for item, _ in open_items)
                draft = _posting(random, ledger, unit, day, total, piece="SOLDE", restates=behind)
                drafts.append(replace(draft, letter=letter))
            continue
        across_years = (
            _lettered_before(random, ledger, [item for item, _ in open_items]) if restates else set()
        )
        for item, amount in open_items:
            if item.piece in dropped_pieces:
                continue
            draft = _posting(random, ledger, unit, day, amount, piece=item.piece, restates=(item.label,))
            draft = replace(draft, piece_date=random.choice((item.posted_on, day)))
            if item.piece in lettered_pieces - across_years:
                draft = replace(draft, letter=letter)
            drafts.append(replace(draft, instalments=() if restates else item.instalments))
    return _numbered(ledger, drafts)


def _lettered_before(random: Random, ledger: Ledger, lines: list[Posting]) -> set[str]:
    """The pieces of which lines of earlier years are given a letter now, as what settles them comes in a later one."""
    pieces: set[str] = set()
    for line in lines:
        letter = random.choice(LETTERS_ACROSS_YEARS)
        is_used = any(
            (one.unit, one.year, one.letter) == (line.unit, line.year, letter) and one.piece not in pieces
            for one in ledger.postings
        )
        if line.letter == "" and not line.is_opening and not is_used and random.random() < 0.4:
            ledger.postings = [replace(one, letter=letter) if one == line else one for one in ledger.postings]
            pieces.add(line.piece)
    return pieces


def _first_openings(random: Random, ledger: Ledger, year: int, units: list[Unit]) -> list[Posting]:
    """Opening lines of the first year that is loaded: items of their own, dated by their piece or not at all."""
    day = date(year, 1, 1) if random.random() < 0.7 else _day_of(random, year)
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
        is_negative=random.random() < 0.1,
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


def _joined_entries(random: Random, postings: list[Posting]) -> list[Posting]:
    """The postings, some of one day and kind in one entry, whatever their third parties."""
    numbers: dict[Kind, str] = {}
    joined = []
    for posting in postings:
        kind = _kind(posting)
        if kind not in numbers:
            numbers[kind] = posting.number if random.random() < 0.4 else ""
        joined.append(replace(posting, number=numbers[kind] or posting.number))
    return joined


Kind = tuple[date, str, str]
"""What lines of one entry have in common here: the day, the journal and the counterpart account."""


def _kind(posting: Posting) -> Kind:
    is_payable = posting.unit.account.startswith("40")
    if posting.is_opening:
        return posting.posted_on, "AN", "101000"
    if posting.amount > 0:
        return posting.posted_on, *(("AC", "607000") if is_payable else ("VE", "707000"))
    return posting.posted_on, "BQ", "512100" if is_payable else "512000"


def _export(postings: Iterable[Posting]) -> bytes:
    entries: dict[tuple[Kind, str], list[Posting]] = {}
    for posting in postings:
        entries.setdefault((_kind(posting), posting.number), []).append(posting)
    return fec(*(_entry(kind, number, lines) for (kind, number), lines in entries.items()))


def _entry(kind: Kind, number: str, postings: list[Posting]) -> Entry:
    day, journal, counterpart = kind
    legs: list[Leg] = []
    total = 0
    for posting in postings:
        debit = -posting.amount if posting.unit.account.startswith("40") else posting.amount
        total += debit
        said = {
            "piece": posting.piece,
            "letter": posting.letter,
            "piece_date": posting.piece_date.isoformat(),
            "label": posting.label + posting.remark,
            "due": posting.due.isoformat() if posting.due else "",
        }
        legs.append((posting.unit.account, _text(debit), posting.unit.party, said))
    lines = entry(journal, day.isoformat(), postings[0].piece, *legs, (counterpart, _text(-total)))
    negative = [posting.is_negative for posting in postings] + [False]
    return tuple(
        (NegativeLine if is_negative else Line)(**{**vars(line), "number": number})
        for line, is_negative in zip(lines, negative, strict=True)
    )


def _text(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"
