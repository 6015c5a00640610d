"""How a table of any bank or software is read: a mapping of its columns to ours, as data.

Here: what a mapping may say, and what is wrong with one. Not here: how a file is read by it (``ingestion.mapping``),
nor any mapping (``ingestion/mappings/*.toml`` holds those that come with Encours, ``encours.toml`` those of a home).
"""

import difflib
import re
from collections.abc import Iterable
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from home.section import Section

BANK_FIELDS: Final[dict[str, str]] = {
    "booking_date": "day of the booking",
    "value_date": "day from which the bank counts the money; the day of the booking too, where that is empty",
    "amount": "signed amount, money in positive; or an amount whose direction stands in `direction`",
    "debit": "money out, whatever its sign",
    "credit": "money in, whatever its sign",
    "direction": "whether `amount` is money in or out: the usual words and letters, or those of `values`",
    "detail_amount": "amount of a row below a booking that details it",
    "balance": "balance after the booking",
    "currency": "currency of the amount",
    "account": "the account of the statement",
    "remittance_text": "text of the booking; several columns are joined",
    "counterparty_name": "the other side",
    "counterparty_iban": "the other side's account",
    "ultimate_counterparty_name": "on whose behalf the other side paid or received",
    "bank_entry_reference": "the bank's own number of the booking",
    "structured_reference": "creditor reference (ISO 11649, QR reference)",
    "end_to_end_id": "reference that the payer gave",
    "mandate_id": "mandate of a direct debit",
    "bank_transaction_code": "code of the kind of movement: ISO 20022 (PMNT-RCDT), or another list's with its name "
    "before (CFONB-05, GVC-166)",
    "proprietary_code": "the bank's own word for the kind of movement",
    "return_reason": "why a payment came back",
    "original_amount": "amount in the currency of the original transaction",
    "original_currency": "currency of the original transaction",
}

LEDGER_FIELDS: Final[dict[str, str]] = {
    "journal_code": "journal",
    "journal_name": "its name",
    "entry_number": "number of the entry",
    "entry_date": "accounting date; needed",
    "account_code": "account; needed",
    "account_name": "its name",
    "auxiliary_code": "code of the customer or supplier",
    "auxiliary_name": "its name",
    "document_ref": "number of the document",
    "document_date": "its date",
    "label": "text of the line; several columns are joined",
    "debit": "debit",
    "credit": "credit",
    "amount": "amount whose side stands in `direction`; without `direction` signed, debit positive",
    "direction": "debit or credit: the usual words and letters, or those of `values`",
    "letter_code": "lettering",
    "letter_date": "its date",
    "validation_date": "when the entry was validated",
    "amount_currency": "amount in the currency of the transaction",
    "currency_code": "that currency",
    "due_date": "due date",
}

INVOICE_FIELDS: Final[dict[str, str]] = {
    "company_id": "company; the file's when absent",
    "third_party_code": "code of the customer or supplier",
    "kind": "customer or supplier",
    "document_number": "number of the document; needed",
    "document_type": "invoice or credit_note; when absent, a negative total is a credit note",
    "issue_date": "its date",
    "due_date": "due date",
    "currency": "currency",
    "total_amount": "total with VAT",
    "vat_amount": "VAT",
    "payment_reference": "reference that the payer is asked to give",
    "order_reference": "number of the order",
}

THIRD_PARTY_FIELDS: Final[dict[str, str]] = {
    "company_id": "company; the file's when absent",
    "third_party_code": "code in the ledger; needed",
    "name": "name",
    "kind": "customer or supplier",
    "siren": "SIREN",
    "vat_number": "VAT number",
    "iban": "IBAN; several are separated by |",
    "payment_terms": "terms",
    "credit_limit": "credit limit",
    "currency": "currency",
    "segment": "segment",
    "agency": "agency",
    "sales_rep": "who looks after it",
    "email": "e-mail",
    "language": "language",
}

FIELDS: Final[dict[str, dict[str, str]]] = {
    "bank_statement": BANK_FIELDS,
    "ledger": LEDGER_FIELDS,
    "invoices": INVOICE_FIELDS,
    "third_parties": THIRD_PARTY_FIELDS,
}
"""What a file lands as → what its columns may be, with what each means."""

OUTSIDE: Final[dict[str, str]] = {
    "account": "account of the statement",
    "account_owner": "its holder",
    "currency": "its currency",
    "statement_reference": "the bank's reference of the statement",
    "opening_balance": "balance before the first movement",
    "closing_balance": "balance after the last movement",
    "from_date": "first day",
    "to_date": "last day",
}
"""What may be found in a statement outside its columns."""

JOINED: Final = frozenset({"remittance_text", "label"})
"""Texts that are joined of several columns; of all other fields the first column that is filled holds."""

NEEDED: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "bank_statement": (("booking_date", "value_date"), ("amount", "debit", "credit")),
    "ledger": (("entry_date",), ("account_code",), ("amount", "debit", "credit")),
    "invoices": (("document_number",), ("issue_date", "due_date", "total_amount")),
    "third_parties": (("third_party_code",),),
}
"""What a file lands as → sets of fields of which one at least needs a column."""

FIXED_PLACE: Final = re.compile(r"(?:(?P<record>\S+) +)?(?P<start>[1-9][0-9]*)-(?P<end>[1-9][0-9]*)")
"""A place in a line of fixed width: from and to, 1 = first; before it the record where it is not the row's own."""

Place = str | int
"""A column: its name, alternatives between |, * for any text; or its number, 1 = first."""


class Fitting(Section):
    """By what a table is recognised, and how its text stands in the file."""

    header: tuple[str, ...] = Field(
        (),
        description="Column names that stand in one row; every column that the mapping names, when empty.",
    )
    without: tuple[str, ...] = Field((), description="Column names that do not stand in that row.")
    pattern: str = Field(
        "",
        description="Regular expression found in the beginning of the file, its cells joined by ; (needed if "
        "there is no header).",
    )
    delimiter: str = Field("", max_length=1, description="Character between cells; found when empty.")
    encoding: str = Field("", description="Such as cp850 or mac-roman; found when empty.")

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        if self.encoding:
            try:
                "".encode(self.encoding)
            except LookupError:
                raise ValueError(f"encoding {self.encoding!r} is not known") from None
        check_expression("pattern", self.pattern)
        return self


class Mapping(Fitting):
    """How the tables of one bank or software are read."""

    name: str = Field(min_length=1, description="Any name; messages and the dialect of a file say it.")
    lands_as: Literal["bank_statement", "ledger", "invoices", "third_parties"] = Field(
        description="What it holds: bank_statement, ledger, invoices or third_parties."
    )
    layout: Literal["table", "fixed", "xml"] = Field(
        "table",
        description="table (text with a delimiter, or a sheet), fixed (lines with fixed places) or xml.",
    )
    sheet: str = Field("", description="Sheet of a workbook; the first that fits when empty.")
    record: str = Field(
        "", description="What lines of fixed width that are rows begin with, or their XML element."
    )
    date_formats: tuple[str, ...] = Field(
        ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"),
        min_length=1,
        description="With %d, %m, %b (name of the month), %Y and %y; a time after the date is passed over.",
    )
    decimal_mark: Literal[".", ","] = Field(
        ".", description="Before decimals. The other mark, ' and blanks may stand between thousands."
    )
    columns: dict[str, Place | tuple[Place, ...]] = Field(
        description="Our field = column name (alternatives between |, * for any text), number (1 = first), "
        "or several of them."
    )
    fixed: dict[str, str] = Field({}, description="Our field = what it is where no column says it.")
    values: dict[str, dict[str, str]] = Field(
        {}, description="Our field = { what is written = what it means }."
    )
    extract: dict[str, str] = Field(
        {},
        description="Our field = regular expression whose group is taken out of its column, or out of "
        "remittance_text.",
    )
    patterns: dict[str, str] = Field(
        {},
        description="Regular expressions for what stands outside the columns, as for pattern: account, currency, "
        "opening_balance…",
    )
    leave_out: dict[str, str] = Field(
        {}, description="Column name = regular expression; rows whose cell fits are left out and counted."
    )
    footer: str = Field(
        "", description="Regular expression; the row that fits ends the table, its cells joined by ;"
    )
    continuation_rows: bool = Field(
        False, description="Whether rows with neither date nor amount continue the text of the row above."
    )
    inverse_sign: bool = Field(False, description="Whether amounts are written as a card issuer sees them.")
    adds_up_lines: bool = Field(
        False, description="Whether rows are lines of invoices, to be added up to a row per document."
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        known = FIELDS[self.lands_as]
        for key in ("columns", "fixed", "values", "extract"):
            _check_known(key, getattr(self, key), known)
        _check_known("patterns", self.patterns, OUTSIDE)
        given = self.columns.keys() | self.fixed.keys()
        for choice in NEEDED[self.lands_as]:
            if not given & set(choice):
                raise ValueError(f"columns has no {' or '.join(choice)}, which {self.lands_as} needs")
        for key in ("extract", "patterns", "leave_out"):
            for field, expression in getattr(self, key).items():
                check_expression(f"{key}.{field}", expression, needs_group=key != "leave_out")
        check_expression("footer", self.footer)
        self._check_places()
        for form in self.date_formats:
            if not re.search(r"%[dmbYy]", form) or re.search(r"%[^dmbYy]", form):
                raise ValueError(f"date_formats {form!r} must be made of %d, %m or %b, and %Y or %y")
        return self

    def _check_places(self) -> None:
        if self.layout == "table":
            if (
                not self.header
                and not self.pattern
                and all(isinstance(place, int) for place in self.places())
            ):
                raise ValueError("without column names it needs a pattern to be recognised by")
            return
        if not self.record or not self.pattern:
            raise ValueError(f"layout {self.layout} needs a record and a pattern")
        for place in self.places():
            if isinstance(place, int) or (self.layout == "fixed" and not FIXED_PLACE.fullmatch(place)):
                raise ValueError(
                    f"column {place!r} of layout {self.layout} is no place such as {PLACES[self.layout]}"
                )

    def places(self) -> list[Place]:
        """Every column that the mapping names, in its order."""
        return [
            place
            for places in self.columns.values()
            for place in (places if isinstance(places, tuple) else (places,))
        ]


PLACES: Final = {"fixed": "9-16 or “ECR 9-16”", "xml": "AMOUNT or “ENTRY DATE”"}


def check_expression(key: str, expression: str, *, needs_group: bool = False) -> None:
    """Raises ``ValueError`` when it is no regular expression, or has no group where one is needed."""
    try:
        groups = re.compile(expression).groups
    except re.error as error:
        raise ValueError(f"{key} is no regular expression ({error})") from None
    if needs_group and not groups:
        raise ValueError(f"{key} needs a group in parentheses: what is taken")


def _check_known(key: str, names: Iterable[str], known: dict[str, str]) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
            raise ValueError(f"{key} knows no {name}; the nearest is {near}")
