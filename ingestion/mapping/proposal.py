"""A mapping proposed from a file: what its columns may be, by their names and by what they hold.

Here: the guesses, each of which is said where it is not sure, and never used unseen: a person pastes the mapping into
``encours.toml``. Not here: how a file is read by a mapping.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final

import numpy as np

from home.mapping import NEEDED, Mapping
from ingestion.mapping.arithmetic import disagreements
from ingestion.mapping.cells import read_date, read_units
from ingestion.mapping.fitting import Candidate, Search
from ingestion.mapping.names import folded
from ingestion.mapping.tables import Delimited, Sheet
from ingestion.mapping.words import DIRECTIONS, DOCUMENT_TYPES
from ingestion.reading import FileRefusedError, Head, UnreadableError

FORMATS: Final = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%d%m%Y", "%d.%m.%y",
    "%d/%m/%y", "%m/%d/%y", "%d-%b-%Y", "%d %b %Y", "%d. %b %Y", "%b %d, %Y", "%d-%b-%y",
)  # fmt: skip
"""Forms of dates, in the order in which they are tried: the day first where nothing tells it from the month."""

CURRENCY: Final = re.compile(r"[A-Z]{3}|[a-z]{3}")
IBAN: Final = re.compile(r"[A-Za-z]{2}[0-9X]{2}[0-9A-Za-z ]{8,32}")
IN_CURRENCY: Final = re.compile(r"^(?P<name>.*\S)\s+(?P<word>in|en)\s+(?P<code>[A-Z]{3})$")
IN_PARENTHESES: Final = re.compile(r"^(?P<name>.*\S)\s*\((?P<said>[^()]*)\)$")
IN_EUROS: Final = re.compile(r"^(?P<name>.*\S)\s+(?:en\s+)?euros?$", re.IGNORECASE)
LIKE_NUMBER: Final = re.compile(r"[-+(]?[^\d]{0,4}\d[\d.,'’\s]*[-)]?.{0,4}")
FEWEST_ROLES: Final = 2
FEWEST_BALANCES: Final = 2
FEWEST_NAMES: Final = 3
"""Columns of known names by which a table without rows is known to be one."""

DATES: Final = frozenset(
    {"booking_date", "value_date", "entry_date", "document_date", "issue_date", "due_date"}
)
AMOUNTS: Final = frozenset(
    {"debit", "credit", "amount", "balance", "detail_amount", "total_amount", "vat_amount"}
)

MONEY: Final = ("debit", "credit", "amount", "total_amount")
"""Amounts by which it is told how numbers are written: a balance may be written in another way."""

STATUS: Final = frozenset({"status", "state", "statut", "etat", "stato"})
"""Names, folded, of columns that say how far a row has come."""

NOT_BOOKED: Final = (
    "pending", "processing", "authorized", "declined", "reverted", "failed", "canceled", "cancelled", "draft", "voided",
    "deleted", "en attente", "en cours", "refusé", "refusée", "annulé", "annulée", "rejeté", "rejetée", "échoué",
    "brouillon", "umsatz vorgemerkt", "vorgemerkt",
)  # fmt: skip
"""What a status says of a row that is no booking and no invoice."""

EITHER: Final = frozenset({"counterparty_name", "counterparty_iban"})
"""Fields of which payer and payee may have a column each."""

TEXT_FIELDS: Final = frozenset({"remittance_text", "label"})
NEEDED_WORDS: Final = {"bank_statement": "bank statement", "ledger": "ledger", "invoices": "list of invoices"}

VALUES: Final = {
    "account": r"([0-9A-Z][0-9A-Z .-]*[0-9A-Z])",
    "currency": r"([A-Z]{3})",
    "opening_balance": r"([-+]?[0-9][0-9.,'’ ]*)",
    "closing_balance": r"([-+]?[0-9][0-9.,'’ ]*)",
    "from_date": r"([0-9][0-9./-]+[0-9])",
    "to_date": r"([0-9][0-9./-]+[0-9])",
}
"""How what stands beside a table looks."""


@dataclass
class Proposal:
    """A mapping as it would stand in ``encours.toml``, key by key; ``doubts`` are keys of what is not sure, with the
    reason, and ``missing`` what the file does not say, each by the name of its sentence."""

    content: dict[str, Any]
    doubts: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether it names every column that is needed."""
        given = self.content["columns"].keys() | self.content.get("fixed", {}).keys()
        return all(given & set(choice) for choice in NEEDED[self.content["lands_as"]])

    @property
    def mapping(self) -> Mapping:
        """The mapping itself."""
        return Mapping.model_validate(self.content)


def propose(head: Head, name: str) -> Proposal:
    """The mapping proposed for a file that begins so, under the name given.

    Raises ``FileRefusedError`` when nothing in it looks like a table with dates and amounts.
    """
    samples = [sample for candidate in Search(head).candidates for sample in _samples(candidate)]
    for sample in sorted(samples, key=lambda sample: sample.score, reverse=True):
        if sample.rows or sample.known >= FEWEST_NAMES:
            proposal = _Guess(sample, name).proposal()
            if proposal.is_whole:
                return proposal
    raise FileRefusedError(
        "nothing in it looks like a table with dates and amounts",
        "Export it as CSV or XLSX with a header, or write a mapping by hand.",
    )


@cache
def roles() -> dict[str, dict[str, list[str]]]:
    """What a file lands as (and “outside” of its table) → field → the names that its column has, folded."""
    said = tomllib.loads(files("ingestion.mapping").joinpath("roles.toml").read_text(encoding="utf-8"))
    return {
        kind: {name: [folded(word) for word in words] for name, words in fields.items()}
        for kind, fields in said.items()
    }


@dataclass
class Sample:
    """A table as it may be: the index of its header among the first rows (-1: none), and the rows of data below."""

    candidate: Candidate
    header: int
    kind: str

    @cached_property
    def names(self) -> list[str]:
        """The column names, as they stand."""
        return self.candidate.cells[self.header] if self.header >= 0 else []

    @cached_property
    def below(self) -> list[list[str]]:
        """The rows below the header that hold anything."""
        return [cells for cells in self.candidate.cells[self.header + 1 :] if any(cells)]

    @cached_property
    def rows(self) -> list[list[str]]:
        """The rows below the header that have a date, and a number beside it; without header those of which most
        have their first date in the same place."""
        found = [cells for cells in self.below if _is_data(cells)]
        if self.header >= 0 or not found:
            return found
        places = [next(index for index, cell in enumerate(cells) if _is_date(cell)) for cells in found]
        usual = max(places, key=places.count)
        return [cells for cells, place in zip(found, places, strict=True) if place == usual]

    @cached_property
    def known(self) -> int:
        """How many columns have a name that is known."""
        words = {word for names in roles()[self.kind].values() for word in names}
        return sum(folded(_bare_name(name)) in words for name in self.names)

    @property
    def score(self) -> tuple[int, int, int]:
        """Names that are known, rows of data, and a header before none."""
        order = -list(NEEDED_WORDS).index(self.kind)
        return (self.known, len(self.rows), order)

    def column(self, index: int) -> list[str]:
        """The cells of a column in the rows of data that fill it."""
        return [cells[index] for cells in self.rows if index < len(cells) and cells[index]]

    @property
    def width(self) -> int:
        """The number of columns."""
        return max(map(len, [self.names, *self.rows]), default=0)


def _samples(candidate: Candidate) -> Iterator[Sample]:
    for kind, needed in NEEDED_FIELDS.items():
        for index, cells in enumerate(candidate.cells):
            sample = Sample(candidate, index, kind)
            if sample.known >= FEWEST_ROLES and _names_any(cells, kind, needed):
                yield sample
    first = next((index for index, cells in enumerate(candidate.cells) if _is_data(cells)), None)
    if first is not None:
        has_names = first > 0 and len(candidate.cells[first - 1]) >= len(candidate.cells[first]) - 1
        yield Sample(candidate, first - 1 if has_names else -1, "bank_statement")


NEEDED_FIELDS: Final = {
    "bank_statement": ("booking_date", "debit", "credit", "amount"),
    "ledger": ("account_code",),
    "invoices": ("document_number",),
}
"""Of these fields one at least has a column whose name is known."""


def _names_any(cells: Sequence[str], kind: str, fields: Sequence[str]) -> bool:
    words = {word for name in fields for word in roles()[kind][name]}
    return any(folded(_bare_name(cell)) in words for cell in cells)


def _bare_name(name: str) -> str:
    """The name without its currency, and without what stands behind it in parentheses."""
    for expression in (IN_CURRENCY, IN_PARENTHESES, IN_EUROS):
        if match := expression.match(name):
            return match["name"]
    return name


def _is_data(cells: Sequence[str]) -> bool:
    return any(map(_is_date, cells)) and any(
        LIKE_NUMBER.fullmatch(cell) and not _is_date(cell) for cell in cells
    )


def _is_date(cell: str) -> bool:
    return any(_fits_date(cell, form) for form in FORMATS)


def _fits_date(cell: str, form: str) -> bool:
    if not any(mark.isdigit() for mark in cell):
        return False
    try:
        return read_date(cell, (form,), strict=True) is not None
    except UnreadableError:
        return False


class _Guess:
    """The guesses on one sample."""

    def __init__(self, sample: Sample, name: str) -> None:
        self._sample = sample
        self._name = name
        self._doubts: dict[str, str] = {}
        self._missing: list[str] = []
        self._patterns: dict[str, str] = {}
        self._fixed: dict[str, str] = {}
        self._used: set[int] = set()
        self._columns: dict[str, list[int]] = {}
        self._formats: list[str] = []
        self._mark = self._decimal_mark()

    def proposal(self) -> Proposal:
        sample = self._sample
        self._by_name()
        if sample.kind == "bank_statement":
            self._by_content()
            self._look_outside()
        elif sample.kind == "invoices":
            self._fixed["kind"] = "customer"
            self._doubts["fixed"] = "kind"
        for name in DATES & self._columns.keys():
            self._learn_formats(self._columns[name])
        content: dict[str, Any] = {"name": self._name, "lands_as": sample.kind}
        if isinstance(sample.candidate.table, Sheet):
            content["sheet"] = sample.candidate.table.name
        elif isinstance(sample.candidate.table, Delimited):
            content["delimiter"] = sample.candidate.table.delimiter
        if sample.header < 0:
            content["pattern"] = self._shape()
            self._doubts["pattern"] = "shape"
        if not self._formats:
            self._doubts["date_formats"] = "no date"
        content["date_formats"] = tuple(self._formats) or ("%Y-%m-%d",)
        content["decimal_mark"] = self._mark
        content |= self._rows_between()
        content |= self._rows_without_booking()
        content["columns"] = {name: self._place(places) for name, places in self._columns.items()}
        content |= {
            key: value for key, value in (("fixed", self._fixed), ("patterns", self._patterns)) if value
        }
        unused = [name for index, name in enumerate(sample.names) if name and index not in self._used]
        return Proposal(content, self._doubts, self._missing, unused)

    # Columns.

    def _by_name(self) -> None:
        sample = self._sample
        header = [folded(_bare_name(name)) for name in sample.names]
        for name, words in roles()[sample.kind].items():
            found = [
                index
                for word in words
                for index, cell in enumerate(header)
                if cell == word and index not in self._used and self._fits(name, index)
            ]
            # Words that differ in accents alone name the same column.
            found = list(dict.fromkeys(found))
            if not found:
                continue
            if name in TEXT_FIELDS:
                found.sort()
            elif name in DATES:
                # The day is the one here, not the one in Greenwich.
                found.sort(key=lambda index: "utc" in folded(sample.names[index]))
                if len(sample.column(found[0])) == len(sample.rows):
                    found = found[:1]
            elif name not in EITHER:
                found = found[:1]
            self._take(name, found)
        if {"debit", "credit"} <= self._columns.keys() and "amount" in self._columns:
            self._drop("amount")
            self._drop("direction")
        if "remittance_text" not in self._columns and "proprietary_code" in self._columns:
            self._columns["remittance_text"] = self._columns.pop("proprietary_code")
        if sample.kind == "ledger" and "entry_number" in self._columns:
            # Where one column numbers entries and documents, items need it as the number of their document.
            self._columns.setdefault("document_ref", self._columns["entry_number"])
        self._drop_balances_that_do_not_follow()

    def _drop_balances_that_do_not_follow(self) -> None:
        """A balance that the amounts do not lead to is that of another moment, the same in every row, say."""
        if "balance" not in self._columns or len(self._currencies()) > 1:
            return
        units = [self._signed(cells) for cells in self._sample.rows]
        steps = len(units) - 1
        turned = [-unit for unit in units]
        (balance, *_) = self._columns["balance"]
        wrong = min(self._disagreements(units, balance), self._disagreements(turned, balance))
        if any(units) and steps >= FEWEST_BALANCES and wrong * 2 > steps:
            self._drop("balance")

    def _currencies(self) -> set[str]:
        return {cell for index in self._columns.get("currency", ()) for cell in self._sample.column(index)}

    def _signed(self, cells: Sequence[str]) -> int:
        """The amount of a row, as far as the columns known by name say it."""
        read = {
            name: next(
                (unit for index in self._columns.get(name, ()) if (unit := self._units(cells, index))), 0
            )
            for name in ("amount", "debit", "credit")
        }
        direction = next(
            (cells[index] for index in self._columns.get("direction", ()) if index < len(cells)), ""
        )
        if direction:
            said = DIRECTIONS.get(direction) or DIRECTIONS.get(folded(direction))
            return abs(read["amount"]) * (-1 if said == "debit" else 1)
        return read["amount"] + abs(read["credit"]) - abs(read["debit"])

    def _fits(self, name: str, index: int) -> bool:
        """Whether what a column holds may be what its name says; an empty one may be anything."""
        cells = self._sample.column(index)
        if not cells:
            return True
        if name in DATES:
            # A total may stand below the last date.
            return sum(map(_is_date, cells)) >= max(1, len(cells) - 1)
        if name in AMOUNTS:
            return all(self._is_amount(cell) for cell in cells)
        if name == "currency":
            return all(CURRENCY.fullmatch(cell) for cell in cells)
        if name == "direction":
            return all(cell in DIRECTIONS or folded(cell) in DIRECTIONS for cell in cells)
        if name == "document_type":
            return all(folded(cell) in DOCUMENT_TYPES for cell in cells)
        if name == "account":
            return len(set(cells)) == 1 and bool(re.search("[0-9]{4}", cells[0]))
        return not all(map(_is_date, cells))

    def _by_content(self) -> None:
        """What no name says: columns of dates and amounts, told by what they hold."""
        sample = self._sample
        free = [index for index in range(sample.width) if index not in self._used and sample.column(index)]
        dated = [index for index in free if all(map(_is_date, sample.column(index)))]
        for name in ("booking_date", "value_date"):
            if name not in self._columns and dated:
                self._take(name, [dated.pop(0)])
                self._doubts[f"columns.{name}"] = "content"
        if not {"debit", "credit", "amount"} & self._columns.keys():
            self._amounts_by_content([i for i in free if i not in self._used])
        if "remittance_text" not in self._columns:
            texts = [
                i for i in free if i not in self._used and not all(map(self._is_amount, sample.column(i)))
            ]
            if texts:
                longest = max(texts, key=lambda index: sum(map(len, sample.column(index))))
                self._take("remittance_text", [longest])
                self._doubts["columns.remittance_text"] = "content"

    def _amounts_by_content(self, free: Sequence[int]) -> None:
        numeric = [index for index in free if all(map(self._is_amount, self._sample.column(index)))]
        rows = len(self._sample.rows)
        best: tuple[int, int, int, dict[str, list[int]]] | None = None
        for places, units in self._readings(numeric):
            taken = {index for used in places.values() for index in used}
            readings = [(rows, places)]
            for balance in numeric:
                wrong = self._disagreements(units, balance)
                if balance not in taken and any(units) and wrong * 2 < rows - 1:
                    readings.append((wrong, places | {"balance": [balance]}))
            for wrong, named in readings:
                rank = (wrong, -len(set(units)), -len(named))
                if best is None or rank < best[:3]:
                    best = (*rank, named)
        if best is None:
            return
        for name, used in best[3].items():
            self._take(name, used)
            if best[0]:
                self._doubts[f"columns.{name}"] = "content"

    def _readings(self, numeric: Sequence[int]) -> Iterator[tuple[dict[str, list[int]], list[int]]]:
        """Each way in which columns may be amounts, and the amounts of all rows that way."""
        rows = self._sample.rows
        for index in numeric:
            units = [self._units(cells, index) for cells in rows]
            if all(unit is not None for unit in units):
                yield {"amount": [index]}, [unit or 0 for unit in units]
        for first in numeric:
            for second in numeric:
                pairs = [(self._units(cells, first), self._units(cells, second)) for cells in rows]
                if first != second and all((one is None) != (other is None) for one, other in pairs):
                    yield (
                        {"debit": [first], "credit": [second]},
                        [abs(other or 0) - abs(one or 0) for one, other in pairs],
                    )

    def _disagreements(self, units: Sequence[int], balance: int) -> int:
        known = [self._units(cells, balance) for cells in self._sample.rows]
        at = [index for index, value in enumerate(known) if value is not None]
        after = np.cumsum(np.array(units, np.int64))
        before = after - np.array(units, np.int64)
        balances = np.array([known[index] for index in at], np.int64)
        if len(at) < FEWEST_BALANCES:
            return len(units) + 1
        return min(disagreements(balances, before[at], after[at]))

    def _units(self, cells: Sequence[str], index: int) -> int | None:
        try:
            return read_units(cells[index], self._mark) if index < len(cells) and cells[index] else None
        except UnreadableError:
            return None

    def _is_amount(self, cell: str) -> bool:
        try:
            read_units(cell, self._mark)
        except UnreadableError:
            return False
        return True

    def _take(self, name: str, places: list[int]) -> None:
        self._columns[name] = places
        self._used.update(places)

    def _drop(self, name: str) -> None:
        self._used.difference_update(self._columns.pop(name, ()))

    def _place(self, places: Sequence[int]) -> Any:
        listed = tuple(self._place_of(index) for index in places)
        return listed[0] if len(listed) == 1 else listed

    def _place_of(self, index: int) -> str | int:
        names = self._sample.names
        if self._sample.header < 0 or index >= len(names) or not names[index]:
            return index + 1
        if match := IN_CURRENCY.match(names[index]):
            self._patterns.setdefault(
                "currency", rf"{_escaped(match['name'])} {match['word']} ([A-Z]{{3}})\b"
            )
            return f"{match['name']} {match['word']} *"
        is_money = any(index in self._columns.get(name, ()) for name in MONEY)
        match = IN_PARENTHESES.match(names[index]) if is_money else None
        if match and re.fullmatch("[A-Z]{3}", match["said"]):
            self._patterns.setdefault("currency", rf"{_escaped(match['name'])} ?\(([A-Z]{{3}})\)")
        alike = [folded(name) for name in names]
        is_clear = alike.index(alike[index]) == index and alike[index] and "|" not in names[index]
        return names[index] if is_clear and "*" not in names[index] else index + 1

    # How dates and amounts are written.

    def _learn_formats(self, places: Sequence[int]) -> None:
        cells = [cell for index in places for cell in self._sample.column(index)]
        fitting = [form for form in FORMATS if cells and all(_fits_date(cell, form) for cell in cells)]
        if not fitting:
            fitting = [form for form in FORMATS if any(_fits_date(cell, form) for cell in cells)]
            self._formats += [form for form in fitting if form not in self._formats]
            return
        if fitting[0] not in self._formats:
            self._formats.append(fitting[0])
        # Nobody writes the month first and a comma before decimals.
        if len(fitting) > 1 and cells and self._mark == ".":
            self._doubts["date_formats"] = "day or month"

    def _decimal_mark(self) -> str:
        header = [folded(_bare_name(name)) for name in self._sample.names]
        words = {word for name in MONEY for word in roles()[self._sample.kind].get(name, ())}
        money = [index for index, name in enumerate(header) if name in words]
        votes = self._votes(money)
        return "," if votes[","] > votes["."] else "."

    def _votes(self, money: Sequence[int]) -> dict[str, int]:
        """How often each mark stands before decimals: in the columns given, else in all."""
        votes = {".": 0, ",": 0}
        is_open = False
        for cells in self._sample.rows:
            for cell in [cells[index] for index in money if index < len(cells)] if money else cells:
                if not LIKE_NUMBER.fullmatch(cell) or _is_date(cell):
                    continue
                marks = re.findall(r"[.,]", cell)
                tail = re.search(r"[.,]([0-9]+)\D*$", cell)
                if len(set(marks)) == 2:
                    votes[marks[-1]] += 1
                elif len(marks) > 1:
                    votes["." if marks[0] == "," else ","] += 1
                elif tail and len(tail[1]) != 3:
                    votes[marks[0]] += 1
                elif tail:
                    is_open = True
        if money and not any(votes.values()):
            return self._votes([])
        if is_open and not any(votes.values()):
            self._doubts["decimal_mark"] = "thousands"
        return votes

    # What stands beside the rows of data.

    def _rows_between(self) -> dict[str, Any]:
        """Details, continuations and totals: rows below the header that have no date."""
        sample = self._sample
        if sample.kind != "bank_statement":
            return {}
        amounts = [index for name in ("amount", "debit", "credit") for index in self._columns.get(name, ())]
        detail = self._columns.get("detail_amount", [])
        seen = 0
        content: dict[str, Any] = {}
        for cells in sample.below:
            if _is_data(cells) and not self._is_total(cells):
                seen += 1
                continue
            filled = [index for index, cell in enumerate(cells) if cell]
            if self._is_total(cells) and seen >= len(sample.rows) - 1:
                text = cells[self._columns["booking_date"][0]]
                content["footer"] = f"^{';' * cells.index(text)}{_escaped(text)}(;|$)"
                self._doubts["footer"] = "total"
                break
            if any(map(_is_date, cells)):
                continue
            if seen and any(index in amounts and self._is_amount(cells[index]) for index in filled):
                text = next((cell for cell in cells if cell and not self._is_amount(cell)), "")
                if text and seen >= len(sample.rows):
                    before = ";" * cells.index(text)
                    content["footer"] = f"^{before}{_escaped(text)}(;|$)"
                    self._doubts["footer"] = "total"
            elif seen and seen < len(sample.rows) and not any(index in detail for index in filled):
                content["continuation_rows"] = True
        return content

    def _is_total(self, cells: Sequence[str]) -> bool:
        """Whether something else stands where the other rows have their date, in a row with a date elsewhere."""
        places = self._columns.get("booking_date", [])
        if len(places) != 1 or places[0] >= len(cells) or not _is_data(cells):
            return False
        return bool(cells[places[0]]) and not _is_date(cells[places[0]])

    def _rows_without_booking(self) -> dict[str, Any]:
        """Rows that a status marks as no booking; and, without header, a last row that has no text where all others
        have one, for it is a balance."""
        sample = self._sample
        for index, name in enumerate(sample.names):
            words = {cell.casefold() for cell in sample.column(index)}
            is_status = folded(_bare_name(name)) in STATUS
            if words & set(NOT_BOOKED) or (is_status and words):
                self._doubts["leave_out"] = "not booked"
                return {"leave_out": {str(self._place_of(index)): rf"(?i)^({'|'.join(NOT_BOOKED)})$"}}
        texts = self._columns.get("remittance_text", [])
        if sample.header < 0 and len(texts) == 1 and len(sample.column(texts[0])) == len(sample.rows) - 1:
            last = sample.rows[-1]
            if not "".join(last[texts[0] : texts[0] + 1]):
                self._doubts["leave_out"] = "no text"
                return {"leave_out": {str(texts[0] + 1): "^$"}}
        return {}

    def _look_outside(self) -> None:
        sample = self._sample
        words = roles()["outside"]
        around = sample.candidate.cells[: max(sample.header, 0)]
        around += [cells for cells in sample.below if not _is_data(cells)]
        for name, known in words.items():
            if name in self._columns:
                continue
            found = [
                (known.index(folded(label)), label, value, is_apart)
                for label, value, is_apart in _labelled(around)
                if folded(label) in known and re.fullmatch(VALUES[name], value)
            ]
            if found:
                _, label, _, is_apart = min(found)
                between = ":?;+" if is_apart else r"\s*:\s*"
                self._patterns[name] = rf"(?:^|;)\s*{_escaped(label)}{between}{VALUES[name]}"
        if "account" not in self._columns and "account" not in self._patterns:
            if any(IBAN.fullmatch(cell) for cells in around for cell in cells):
                self._patterns["account"] = r"(?:^|;)([A-Z]{2}[0-9X]{2}[0-9A-Z ]{8,32})(?:;|$)"
                self._doubts["patterns.account"] = "content"
            else:
                self._missing.append("account")
        # Names of columns may hold the currency.
        for places in self._columns.values():
            self._place(places)
        if "currency" not in self._columns and "currency" not in self._patterns:
            self._missing.append("currency")
        if "balance" not in self._columns and "closing_balance" not in self._patterns:
            self._missing.append("balance")

    def _shape(self) -> str:
        """A pattern for the first row of a table without header."""
        parts = []
        for cell in self._sample.rows[0]:
            if _is_date(cell):
                parts.append(re.sub(r"[0-9]+", lambda digits: f"[0-9]{{{len(digits[0])}}}", _escaped(cell)))
            elif cell and self._is_amount(cell):
                parts.append(r"[-+0-9.,'’ ]+")
            else:
                parts.append(r"[^;\n]*")
        begins = r"\A" if self._sample.rows[0] == self._sample.candidate.cells[0] else "(?m)^"
        return rf"{begins}{';'.join(parts)}(?:\n|\Z)"


def _labelled(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str, bool]]:
    """Labels and the values behind them, in the same cell after a colon or in the next cell that is filled."""
    for cells in rows:
        for index, cell in enumerate(cells):
            label, colon, value = cell.partition(":")
            if colon and value.strip():
                yield label.strip(), value.strip(), False
            following = next((text for text in cells[index + 1 :] if text), "")
            if cell and following:
                yield cell.rstrip(": "), following, True


def _escaped(text: str) -> str:
    """The text as a regular expression that people can read: only what means something else there is escaped."""
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text)
