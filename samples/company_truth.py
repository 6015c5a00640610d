"""Tells the truth of one company from its exports and its bank account: the tables that ``Truth`` joins."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samples import bank
from samples.bank import Movements
from samples.book import Book, Lines, Small
from samples.chart import ACCOUNT_CODES, ACCOUNT_INDEX, ITEM_TYPES, PAYABLE, THIRD_PARTY
from samples.days import NO_DAY, Ints, due_days
from samples.documents import DocumentTable, instalment_amounts, instalment_days
from samples.exports import Export
from samples.fec_writer import account_text, entry_number_text
from samples.money import decimals
from samples.parties import Parties
from samples.profiles import Profile
from samples.scenarios import SCENARIOS

_THIRD_PARTY = np.array([ACCOUNT_INDEX[code] for code in THIRD_PARTY])
_PAYABLE = np.array([ACCOUNT_INDEX[code] for code in PAYABLE])


@dataclass(frozen=True)
class Booked:
    """The lines of the newest exports without their opening entries, year after year.

    ``components`` has one row per export, one column per line: equal for the lines that the export letters
    together, itself or through its opening entry, else -1. ``groups`` says what settles what whether it is
    lettered or not, and whatever opening entries make of it.
    """

    lines: Lines
    number: Ints
    source_row: Ints
    year_end: np.ndarray[tuple[int], np.dtype[np.datetime64]]
    components: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    groups: Ints


def booked_lines(exports: tuple[Export, ...], book: Book) -> Booked:
    """The lines of consecutive years, with what each year's export says of their lettering."""
    return Booked(
        lines=Lines.concatenate([e.lines.take(slice(e.opening_count, None)) for e in exports]),
        number=np.concatenate([e.number[e.opening_count :] for e in exports]).astype(np.int64),
        # The header is the first line of the file.
        source_row=np.concatenate([np.arange(e.opening_count, len(e)) + 2 for e in exports]),
        year_end=np.concatenate(
            [np.full(len(e) - e.opening_count, np.datetime64(e.year.end)) for e in exports]
        ),
        components=_components(exports),
        groups=np.concatenate([book.ledger(e.year).group for e in exports]).astype(np.int64),
    )


def _components(exports: tuple[Export, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Each export's components of the booked lines of all years: an opening line's are those of what it restates."""
    counts = [len(export) - export.opening_count for export in exports]
    components = np.full((len(exports), sum(counts)), -1, dtype=np.int64)
    # The row at which each line booked so far stands in the export at hand; -1 when no line there stands for it.
    row = np.zeros(0, dtype=np.int64)
    rows_before = 0
    for year, export in enumerate(exports):
        into = np.full(rows_before, -1, dtype=np.int64)
        into[export.carried_rows] = export.carried_into
        carried = np.where(row >= 0, into[row], -1)
        row = np.concatenate([carried, np.arange(export.opening_count, len(export))])
        components[year, : len(row)] = np.where(row >= 0, export.component[row], -1)
        rows_before = len(export)
    return components


def items_table(
    profile: Profile, booked: Booked, documents: DocumentTable, parties: Parties, scenarios: Ints
) -> pa.Table:
    """The rows of ``Truth.items`` for one company, without ``item``; ``scenarios`` are those of the groups."""
    rows = _in_order_of_settling(profile, booked, np.flatnonzero(np.isin(booked.lines.account, _THIRD_PARTY)))
    lines = booked.lines.take(rows)
    sign = _sides(lines)
    amount = lines.cents * sign
    day, due = documents.day[lines.document], documents.due_day[lines.document]
    is_advance = lines.account == ACCOUNT_INDEX["419100"]
    # What is owed without an invoice, a payment sent back for instance, falls due by the party's terms.
    due = np.where(np.isnat(due), due_days(day, parties.terms[lines.party]), due)
    due = np.where((amount > 0) & ~is_advance, due, NO_DAY)

    in_parts = documents.has_instalments[lines.document] & (amount > 0) & profile.has_invoice_file
    counts = np.where(in_parts, 3, 1)
    starts = (np.cumsum(counts) - counts)[in_parts]
    amount_parts, due_parts = instalment_amounts(amount[in_parts]), instalment_days(day[in_parts])
    repeated = np.repeat(np.arange(len(rows)), counts)
    rows, lines, sign = rows[repeated], lines.take(repeated), sign[repeated]
    amount, day, due = amount[repeated], day[repeated], due[repeated]
    for part in range(3):
        amount[starts + part], due[starts + part] = amount_parts[part], due_parts[part]

    numbers = [
        entry_number_text(profile, journal, number)
        for journal, number in zip(lines.journal.tolist(), booked.number[rows].tolist(), strict=True)
    ]
    components = booked.components[:, rows].T.ravel()
    group = booked.groups[rows]
    return pa.table(
        {
            "company_id": _take([profile.id], np.zeros(len(rows), dtype=np.int32)),
            "ledger_side": _take(["receivable", "payable"], (sign < 0).astype(np.int32)),
            "item_type": _take(list(ITEM_TYPES), lines.item_type),
            "third_party_code": _take(parties.codes, lines.party),
            "account_code": _take([account_text(profile, code) for code in ACCOUNT_CODES], lines.account),
            "document_ref": documents.references.take(pa.array(lines.document)),
            "journal_code": _take([code for code, _ in profile.journals], lines.journal),
            "entry_number": numbers,
            "entry_date": pa.array(lines.days),
            "document_date": pa.array(day),
            "due_date": pa.array(due),
            "original_amount": decimals(amount),
            "fiscal_year_end_date": pa.array(booked.year_end[rows]),
            "source_row": booked.source_row[rows],
            "lettering": pa.FixedSizeListArray.from_arrays(
                pa.array(components, mask=components < 0), len(booked.components)
            ),
            "group": pa.array(group, mask=group < 0),
            "scenario": _scenarios(scenarios, group),
        }
    )


def _sides(lines: Lines) -> Ints:
    """1 for a line on an account of the receivable side, -1 on the payable side."""
    return np.where(np.isin(lines.account, _PAYABLE), -1, 1)


def _in_order_of_settling(profile: Profile, booked: Booked, rows: Ints) -> Ints:
    """``rows`` by day; on the same day what is owed comes first, then by entry number (9 before 10) and row."""
    lines = booked.lines.take(rows)
    codes = [code for code, _ in profile.journals]
    ranks = np.array([sorted(codes).index(code) for code in codes])
    journal = ranks[lines.journal] if profile.numbers_by_journal else np.zeros(len(rows), dtype=np.int64)
    is_settling = lines.cents * _sides(lines) < 0
    return rows[np.lexsort((booked.source_row[rows], booked.number[rows], journal, is_settling, lines.day))]


def bank_table(
    profile: Profile,
    iban: str,
    movements: Movements,
    references: list[str],
    files: list[str | None],
    file_index: Ints,
    scenarios: Ints,
    left_out: Lines,
) -> pa.Table:
    """The rows of ``Truth.bank_transactions`` for one account; ``file_index`` says in which file each movement is.

    ``scenarios`` are those of the matches; ``left_out`` are ledger lines that the exports do not show.
    """
    return pa.table(
        {
            "company_id": _take([profile.id], np.zeros(len(movements), dtype=np.int32)),
            "iban": _take([iban], np.zeros(len(movements), dtype=np.int32)),
            "bank_entry_reference": pa.array(references, pa.string()),
            "detail_ordinal": detail_ordinals(movements),
            "booking_date": pa.array(movements.day),
            "amount": decimals(movements.cents),
            "transaction_kind": _take(list(bank.KINDS), movements.kind.astype(np.int32)),
            "match": movements.match,
            "scenario": _scenarios(scenarios, movements.match),
            "is_hidden": np.isin(movements.match, left_out.match),
            "source_file": pa.array(files, pa.string()).take(pa.array(file_index)),
        }
    )


def detail_ordinals(movements: Movements) -> Ints:
    """0 for a movement that is an entry of its own, 1, 2, 3… for the details of a batch."""
    starts = movements.entry_starts()
    lengths = np.diff(np.r_[starts, len(movements)])
    rank = np.arange(len(movements)) - np.repeat(starts, lengths)
    return np.where(movements.batch >= 0, rank + 1, 0)


def ledger_bank_table(profile: Profile, booked: Booked, scenarios: Ints) -> pa.Table:
    """The rows of ``Truth.ledger_bank_lines`` for one company; ``scenarios`` are those of the matches."""
    rows = np.flatnonzero(np.isin(booked.lines.account, [ACCOUNT_INDEX["512000"], ACCOUNT_INDEX["512100"]]))
    lines = booked.lines.take(rows)
    return pa.table(
        {
            "company_id": _take([profile.id], np.zeros(len(rows), dtype=np.int32)),
            "fiscal_year_end_date": pa.array(booked.year_end[rows]),
            "source_row": booked.source_row[rows],
            "journal_code": _take([code for code, _ in profile.journals], lines.journal),
            "entry_number": [
                entry_number_text(profile, journal, number)
                for journal, number in zip(lines.journal.tolist(), booked.number[rows].tolist(), strict=True)
            ],
            "entry_date": pa.array(lines.days),
            "account_code": _take([account_text(profile, code) for code in ACCOUNT_CODES], lines.account),
            "amount": decimals(lines.cents),
            "match": lines.match.astype(np.int64),
            "scenario": _scenarios(scenarios, lines.match),
        }
    )


def payments_table(
    profile: Profile,
    movements: Movements,
    references: list[str],
    paid: pa.Table,
    documents: DocumentTable,
    parties: Parties,
    scenarios: Ints,
    left_out: Lines,
) -> pa.Table:
    """The rows of ``Truth.payments`` for one company: those of ``paid`` whose movement is at the bank."""
    size = int(max(movements.id.max(initial=-1), max(paid["movement"].to_numpy(), default=-1))) + 1
    position = np.full(size, -1, dtype=np.int64)
    position[movements.id] = np.arange(len(movements))
    row = position[paid["movement"].to_numpy()]
    paid, row = paid.filter(pa.array(row >= 0)), row[row >= 0]
    document = paid["document"].to_numpy()
    return pa.table(
        {
            "company_id": _take([profile.id], np.zeros(len(row), dtype=np.int32)),
            "bank_entry_reference": pa.array(references, pa.string()).take(pa.array(row)),
            "detail_ordinal": detail_ordinals(movements)[row],
            "third_party_code": _take(parties.codes, documents.party[document].astype(np.int32)),
            "document_ref": documents.references.take(pa.array(document)),
            "amount": decimals(paid["cents"].to_numpy()),
            "scenario": _scenarios(scenarios, movements.match[row]),
            "is_hidden": np.isin(document, left_out.document[is_document(left_out)]),
        }
    )


def is_document(lines: Lines) -> npt.NDArray[np.bool_]:
    """Which lines are what an invoice or a credit note brings to a third party's account."""
    return np.isin(lines.item_type, [ITEM_TYPES.index("invoice"), ITEM_TYPES.index("credit_note")])


def _scenarios(scenarios: Ints, index: Ints | Small) -> pa.StringArray:
    """The name of the scenario of each group or match; none for -1."""
    known = index >= 0
    place = np.where(known, scenarios[np.maximum(index, 0)], 0).astype(np.int32)
    return pa.array(SCENARIOS, pa.string()).take(pa.array(place, mask=~known))


def _take(values: list[str], index: np.ndarray[tuple[int], np.dtype[np.int32]]) -> pa.StringArray:
    return pa.array(values, pa.string()).take(pa.array(index))
