"""Writes an export as a FEC, the French statutory ledger file (article A47 A-1 of the LPF)."""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.book import Small
from samples.chart import ACCOUNT_CODES, ACCOUNTS, LABELS, PURCHASES, SALES
from samples.days import Days, Ints
from samples.documents import DocumentTable
from samples.exports import Export, letter_text
from samples.parties import Parties
from samples.profiles import Profile

COLUMNS: Final = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
)  # fmt: skip

_CHUNK: Final = 200_000
_CENTS: Final = pa.array([f",{cents:02d}" for cents in range(100)])


def entry_number_text(profile: Profile, journal: int, number: int) -> str:
    """An entry's number as the export writes it."""
    return f"{profile.journals[journal][0]}{number:07d}" if profile.numbers_by_journal else str(number)


def account_names(profile: Profile) -> list[str]:
    """The names of the accounts; with the number of each bank account, where there are several."""
    names = dict(ACCOUNTS)
    if profile.savings_iban:
        for code, iban in (("512000", profile.iban), ("512100", profile.savings_iban)):
            names[code] += f" {iban[14:25]}"
    return list(names.values())


def account_text(profile: Profile, code: str) -> str:
    """An account number with as many digits as the company uses."""
    return code.ljust(profile.account_digits, "0")


def write_fec(
    path: Path,
    profile: Profile,
    export: Export,
    documents: DocumentTable,
    parties: Parties,
    *,
    has_due_dates: bool,
    extra_rows: tuple[str, ...] = (),
) -> None:
    """Write ``export`` to ``path``, lines ended by CR LF. ``extra_rows`` are written after the last, as they are."""
    names = (
        [*COLUMNS, profile.due_date_column] if has_due_dates and profile.due_date_column else list(COLUMNS)
    )
    with path.open("wb") as file:
        file.write((profile.fec_separator.join(names) + "\r\n").encode(profile.fec_encoding))
        for start in range(0, len(export), _CHUNK):
            rows = slice(start, min(start + _CHUNK, len(export)))
            columns = _columns(profile, export, documents, parties, rows)
            if not has_due_dates:
                columns.pop()
            columns[-1] = pc.binary_join_element_wise(columns[-1], "\r\n", "")
            # The rows of a string array stand one after the other in its buffer: that is the file's text.
            joined = pc.binary_join_element_wise(*columns, profile.fec_separator)
            size = int(np.frombuffer(joined.buffers()[1], dtype=np.int32)[len(joined)])
            text = joined.buffers()[2].slice(0, size).to_pybytes()
            file.write(
                text if profile.fec_encoding == "utf-8" else text.decode().encode(profile.fec_encoding)
            )
        for row in extra_rows:
            file.write(f"{row}\r\n".encode(profile.fec_encoding))


def _columns(
    profile: Profile, export: Export, documents: DocumentTable, parties: Parties, rows: slice
) -> list[pa.StringArray]:
    """The cells of the chosen rows, column by column; the due date last."""
    lines = export.lines.take(rows)
    document_rows = pa.array(lines.document)
    is_invoice = np.isin(lines.journal, (SALES, PURCHASES)) & (lines.party >= 0)
    due = np.where(is_invoice, documents.due_day[lines.document], np.datetime64("NaT"))
    cents = lines.cents
    return [
        _lookup([code for code, _ in profile.journals], lines.journal),
        _lookup([name for _, name in profile.journals], lines.journal),
        _numbers(profile, export, rows),
        _dates(lines.days),
        _lookup([account_text(profile, code) for code in ACCOUNT_CODES], lines.account),
        _lookup(account_names(profile), lines.account),
        _lookup(["", *parties.codes], lines.party + 1),
        _lookup(["", *parties.names], lines.party + 1),
        documents.references.take(document_rows),
        _dates(documents.day[lines.document]),
        pc.binary_join_element_wise(
            _lookup(list(LABELS), lines.label),
            _lookup(["", *(f" {name}" for name in parties.names)], lines.entry_party + 1),
            _named(documents, lines.named),
            "",
        ),
        _amounts(np.maximum(cents, 0)),
        _amounts(np.maximum(-cents, 0)),
        _letters(export.letter[rows]),
        _dates(export.letter_day[rows]),
        _dates(export.validation_day[rows]),
        _currency_amounts(lines.currency_cents),
        _lookup(["", "USD"], (lines.currency_cents != 0).astype(np.int32)),
        _dates(due),
    ]


def _lookup(values: list[str], index: np.ndarray[tuple[int], np.dtype[np.int32]]) -> pa.StringArray:
    return pa.array(values, pa.string()).take(pa.array(index))


def _named(documents: DocumentTable, named: Small) -> pa.StringArray:
    """What a label adds: a blank and the reference of a document, or nothing."""
    reference = documents.references.take(pa.array(named, mask=named < 0))
    return pc.fill_null(pc.binary_join_element_wise("", reference, " "), "")


def _numbers(profile: Profile, export: Export, rows: slice) -> pa.StringArray:
    number = pa.array(export.number[rows]).cast(pa.string())
    if not profile.numbers_by_journal:
        return number
    code = _lookup([code for code, _ in profile.journals], export.lines.journal[rows])
    return pc.binary_join_element_wise(code, pc.utf8_lpad(number, 7, "0"), "")


def _dates(days: Days) -> pa.StringArray:
    """Days as YYYYMMDD; nothing for no day."""
    distinct, index = np.unique(days, return_inverse=True)
    texts = ["" if np.isnat(day) else str(day).replace("-", "") for day in distinct]
    return _lookup(texts, index.astype(np.int32))


def _letters(codes: np.ndarray[tuple[int], np.dtype[np.int32]]) -> pa.StringArray:
    distinct, index = np.unique(codes, return_inverse=True)
    return _lookup([letter_text(code) for code in distinct.tolist()], index.astype(np.int32))


def _currency_amounts(cents: Ints) -> pa.StringArray:
    """Signed like the line, debit positive; nothing where the line is in euros."""
    distinct, index = np.unique(cents, return_inverse=True)
    texts = [
        f"{'-' if amount < 0 else ''}{abs(amount) // 100},{abs(amount) % 100:02d}" if amount else ""
        for amount in distinct.tolist()
    ]
    return _lookup(texts, index.astype(np.int32))


def _amounts(cents: Ints) -> pa.StringArray:
    """Amounts with a comma and two decimals, exactly."""
    return pc.binary_join_element_wise(
        pa.array(cents // 100).cast(pa.string()), _CENTS.take(pa.array(cents % 100)), ""
    )
