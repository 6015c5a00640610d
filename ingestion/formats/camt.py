"""camt.053, the bank statement of ISO 20022 (001.01 to 001.13), into ``bank_statements`` and ``bank_transactions``.

The file is read as a stream of entries. A stylesheet (``camt_entries.xsl``) says where each fact stands in an entry;
this module says what the facts mean. XML is read without entities, document type or network.

Reversals. ISO 20022 (camt.053, ``RvslInd``, usage): “If the CreditDebitIndicator is CRDT and ReversalIndicator is Yes,
the original operation was a debit entry”: the indicator is that of the reversal itself. Some banks leave the
indicator of the original operation (OCA/bank-statement-import #375). The statement's own balances tell which: the
reversals of a statement change sign when it adds up so, and not otherwise.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from ingestion.formats.values import read_date
from ingestion.reading import BadRow, DateSpan, FileRefusedError, Head, Reading, Sink, UnreadableError
from ingestion.schemas import BANK_AMOUNT, BANK_STATEMENTS, BANK_TRANSACTIONS

ROOT_SEARCHED: Final = 8 << 10
MESSAGE: Final = re.compile(r"<(?:[\w.-]+:)?BkToCstmrStmt(?:V01)?[\s>]")
NAMESPACE: Final = re.compile(r"camt\.053\.001\.(\d{2})")

BATCH: Final = 2000
"""Entries transformed at a time: the stylesheet's fixed cost vanishes, and memory stays small."""

SAFE: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""No entity, document type or network; libxml2's own limits on depth and size of a node hold."""

UNIT_DECIMALS: Final = 5
"""Amounts are counted in units of 0.00001, as ISO 20022 allows five decimals."""

AMOUNT: Final = re.compile(r"([+-]?)0*(\d{0,13})(?:\.(\d{0,5})0*)?")
NOTHING: Final = pa.scalar(Decimal("0.00000"), BANK_AMOUNT)
NO_REFERENCE: Final = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF"})

STYLESHEET: Final = files("ingestion.formats").joinpath("camt_entries.xsl")


class Entry(NamedTuple):
    """The cells of an ``Ntry``, in the order of the stylesheet. Empty text is absent."""

    amount: str
    currency: str
    direction: str
    reversal: str
    status: str
    booking_date: str
    value_date: str
    servicer_reference: str
    reference: str
    code: str
    proprietary_code: str
    information: str


class Detail(NamedTuple):
    """The cells of a ``TxDtls``, in the order of the stylesheet. Empty text is absent."""

    amount: str = ""
    currency: str = ""
    transaction_amount: str = ""
    transaction_currency: str = ""
    instructed_amount: str = ""
    instructed_currency: str = ""
    direction: str = ""
    servicer_reference: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    code: str = ""
    proprietary_code: str = ""
    debtor: str = ""
    debtor_account: str = ""
    ultimate_debtor: str = ""
    creditor: str = ""
    creditor_account: str = ""
    ultimate_creditor: str = ""
    unstructured: str = ""
    additional: str = ""
    structured_reference: str = ""
    information: str = ""
    return_code: str = ""
    return_information: str = ""


NO_DETAIL: Final = Detail()


@dataclass
class Statement:
    """A statement in the making: what is known when its first entry comes, and what its entries add up to in units."""

    ordinal: int
    own_account: str
    fallback_date: date | None
    entry_count: int = 0
    entry_units: int = 0
    reversal_units: int = 0
    span: DateSpan = field(default_factory=DateSpan)
    transactions: list[pa.Table] = field(default_factory=list)


@dataclass(frozen=True)
class Heading:
    """What a statement says beside its entries. Balances are in units, signed."""

    account_number: str
    account_currency: str | None
    account_owner: str | None
    reference: str | None
    sequence_number: str | None
    created_at: datetime | None
    from_date: date | None
    to_date: date | None
    opening: tuple[int, date | None] | None
    closing: tuple[int, date | None] | None


class CamtStatementReader:
    """Reads camt.053 into ``bank_transactions`` and ``bank_statements``."""

    kind = "bank_statement"
    tables = ("bank_transactions", "bank_statements")

    def recognise(self, head: Head) -> bool:
        """Whether the file begins as an XML document whose message is BkToCstmrStmt."""
        start = head.text.lstrip("\ufeff \t\r\n")
        return start.startswith("<") and bool(
            MESSAGE.search(start) or NAMESPACE.search(start[:ROOT_SEARCHED])
        )

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land every booked entry.

        Raises ``FileRefusedError`` when the XML is broken, has a document type or has no statement.
        """
        del head
        document = _Document(sha256, sink)
        try:
            namespace = _namespace(path)
            document.read(path, namespace)
        except etree.XMLSyntaxError as error:
            message = (error.msg or "not well-formed").split(", line ")[0]
            raise FileRefusedError(
                f"its XML is broken at line {error.lineno or 1}: {message}",
                "Download it again, or ask the bank for it again.",
            ) from None
        return document.reading(namespace)


READER: Final = CamtStatementReader()


def _namespace(path: Path) -> str:
    with path.open("rb") as file:
        _, root = next(iter(etree.iterparse(file, events=("start",), **SAFE)))
        if root.getroottree().docinfo.internalDTD is not None:
            raise FileRefusedError(
                "its XML declares a document type, which no bank statement does",
                "Ask the bank for plain camt.053.",
            )
        return etree.QName(root).namespace or ""


@cache
def _stylesheet(namespace: str) -> etree.XSLT:
    """The stylesheet with the prefix c bound to the file's own namespace, forbidden to read or write anything."""
    text = STYLESHEET.read_text(encoding="utf-8")
    bound = (
        text.replace('"urn:encours:namespace"', quoteattr(namespace)) if namespace else text.replace("c:", "")
    )
    return etree.XSLT(etree.XML(bound.encode()), access_control=etree.XSLTAccessControl.DENY_ALL)


class _Document:
    """A file as it is read: the statements done, and the totals of the manifest."""

    def __init__(self, sha256: str, sink: Sink) -> None:
        self._sha256 = sha256
        self._sink = sink
        self._statements: list[dict[str, Any]] = []
        self._rows_read = 0
        self._left_out = 0
        self._flipped = 0
        self._out_units = 0
        self._in_units = 0
        self._span = DateSpan()

    def read(self, path: Path, namespace: str) -> None:
        """Read the document through, a batch of entries at a time; what is read is dropped from the tree."""
        transform = _stylesheet(namespace)
        statement: Statement | None = None
        pending: list[Any] = []
        with path.open("rb") as file:
            for _, element in etree.iterparse(file, events=("end",), tag=("{*}Ntry", "{*}Stmt"), **SAFE):
                if etree.QName(element).localname == "Ntry":
                    pending.append(element)
                    if len(pending) < BATCH:
                        continue
                    node = element.getparent()
                else:
                    node = element
                statement = statement or _begin(node, len(self._statements) + 1)
                if pending:
                    self._take(str(transform(node, count=str(len(pending)))), pending, statement)
                    for entry in pending:
                        node.remove(entry)
                    pending = []
                if node is element:
                    self._finish(node, statement)
                    statement = None
                    node.getparent().remove(node)
        if pending:
            raise _misplaced(pending[0])

    def reading(self, namespace: str) -> Reading:
        """The file's own entry in the manifest. Raises ``FileRefusedError`` when there was no statement."""
        if not self._statements:
            raise FileRefusedError(
                "it is a camt.053 message without a statement", "Ask the bank for the file again."
            )
        self._sink.write("bank_statements", pa.Table.from_pylist(self._statements, BANK_STATEMENTS))
        version = NAMESPACE.search(namespace)
        dialect = [
            "camt.053",
            f"001.{version[1]}" if version else "no version",
            f"statements {len(self._statements)}",
        ]
        if self._left_out:
            dialect.append(f"entries not booked, left out {self._left_out}")
        if self._flipped:
            dialect.append(f"statements whose reversals bear the original's sign {self._flipped}")
        days = [row[name] for row in self._statements for name in ("from_date", "to_date") if row[name]]
        return Reading(
            dialect=";".join(dialect),
            rows_read=self._rows_read,
            total_debit=_decimal(self._out_units),
            total_credit=_decimal(self._in_units),
            period_start=self._span.start or min(days, default=None),
            period_end=self._span.end or max(days, default=None),
            median_date=self._span.median,
            account_numbers=tuple(dict.fromkeys(row["account_number"] for row in self._statements)),
        )

    def _take(self, cells: str, elements: Sequence[Any], statement: Statement) -> None:
        rows: list[tuple[Any, ...]] = []
        bad: list[BadRow] = []
        entries = list(_entries(cells))
        if len(entries) != len(elements):
            raise _misplaced(elements[0])
        for element, (entry, details) in zip(elements, entries, strict=True):
            if entry.status and entry.status != "BOOK":
                self._left_out += 1
                continue
            try:
                made = _transactions(entry, details, statement)
            except UnreadableError as problem:
                raw = etree.tostring(element, encoding="unicode", with_tail=False)
                bad.append(BadRow(element.sourceline, problem.reason, problem.remedy, raw))
                continue
            rows += [(self._sha256, element.sourceline, *row) for row in made]
        self._rows_read += len(rows) + len(bad)
        self._sink.quarantine(bad)
        if rows:
            statement.transactions.append(_transaction_table(rows))

    def _finish(self, node: Any, statement: Statement) -> None:
        heading = _heading(node)
        flips = _marks_the_original(heading, statement)
        for transactions in statement.transactions:
            rows = _with_reversals_turned(transactions) if flips else transactions
            self._sink.write("bank_transactions", rows)
            amount = rows.column("amount")
            self._in_units += _units_of(pc.sum(pc.if_else(pc.greater(amount, NOTHING), amount, NOTHING)))
            self._out_units -= _units_of(pc.sum(pc.if_else(pc.less(amount, NOTHING), amount, NOTHING)))
        if flips:
            self._flipped += 1
            statement.entry_units -= 2 * statement.reversal_units
        for day, count in statement.span.counts.items():
            self._span.add(day, count)
        opening, closing = heading.opening, heading.closing
        self._statements.append(
            {
                "source_sha256": self._sha256,
                "source_row": node.sourceline,
                "statement_ordinal": statement.ordinal,
                "statement_kind": "statement",
                "statement_reference": heading.reference,
                "sequence_number": heading.sequence_number,
                "account_number": heading.account_number,
                "account_currency": heading.account_currency,
                "account_owner": heading.account_owner,
                "created_at": heading.created_at,
                "from_date": heading.from_date or (opening and opening[1]) or statement.span.start,
                "to_date": heading.to_date or (closing and closing[1]) or statement.span.end,
                "opening_balance": _decimal(opening[0]) if opening else None,
                "opening_date": opening[1] if opening else None,
                "closing_balance": _decimal(closing[0]) if closing else None,
                "closing_date": closing[1] if closing else None,
                "entry_count": statement.entry_count,
                "entry_total": _decimal(statement.entry_units),
            }
        )


def _entries(cells: str) -> Iterator[tuple[Entry, list[Detail]]]:
    entry: Entry | None = None
    details: list[Detail] = []
    for line in cells.split("\n"):
        kind, *values = line.split("\t")
        if kind == "D":
            details.append(Detail._make(values))
            continue
        if entry:
            yield entry, details
        if kind == "E":
            entry, details = Entry._make(values), []


def _transactions(entry: Entry, details: Sequence[Detail], statement: Statement) -> list[tuple[Any, ...]]:
    """The rows of one booked entry, from ``statement_ordinal`` on, and the entry counted in its statement.

    Several details land in its stead when, signed, they add up to it; amounts that repeat the whole batch on each
    detail do not. Raises ``UnreadableError`` when the entry has no amount, direction or date.
    """
    units = _signed(entry.amount, entry.direction)
    if not entry.currency:
        raise UnreadableError("the amount of the entry has no currency", "Ask the bank for the file again.")
    booked = _day(entry.booking_date) or _day(entry.value_date) or statement.fallback_date
    if not booked:
        raise UnreadableError(
            "the entry has no date, nor has its statement", "Ask the bank for the file again."
        )
    valued = _day(entry.value_date)
    is_reversal = entry.reversal in ("true", "1")
    statement.entry_count += 1
    statement.entry_units += units
    if is_reversal:
        statement.reversal_units += units
    shares = _shares(entry, details, units) if len(details) > 1 else None
    if shares:
        parts = list(zip(range(1, len(details) + 1), shares, details, strict=True))
    else:
        parts = [(0, units, details[0] if len(details) == 1 else _common(details))]
    statement.span.add(booked, len(parts))
    return [
        (
            statement.ordinal,
            statement.entry_count,
            ordinal,
            detail.servicer_reference or entry.servicer_reference or entry.reference or None,
            entry.servicer_reference or entry.reference or None,
            None,
            booked,
            valued,
            share,
            entry.currency,
            units,
            is_reversal,
            detail.code or entry.code or None,
            detail.proprietary_code or entry.proprietary_code or None,
            detail.unstructured or detail.additional or detail.information or entry.information or None,
            detail.structured_reference or None,
            None if detail.end_to_end_id.upper() in NO_REFERENCE else detail.end_to_end_id or None,
            detail.mandate_id or None,
            *_counterparty(detail, share > 0, statement.own_account),
            " ".join(part for part in (detail.return_code, detail.return_information) if part) or None,
            *_original(detail, entry.currency),
        )
        for ordinal, share, detail in parts
    ]


def _misplaced(entry: Any) -> FileRefusedError:
    return FileRefusedError(
        f"the entries from line {entry.sourceline} on do not stand in a statement",
        "Ask the bank for the file again.",
    )


def _shares(entry: Entry, details: Sequence[Detail], units: int) -> list[int] | None:
    """Each detail's signed amount: the first of its amounts, in the entry's currency, by which all add up to it."""
    for place in (0, 2, 4):
        shares = []
        for detail in details:
            if not detail[place] or (detail[place + 1] and detail[place + 1] != entry.currency):
                break
            try:
                shares.append(_signed(detail[place], detail.direction or entry.direction))
            except UnreadableError:
                break
        if len(shares) == len(details) and sum(shares) == units:
            return shares
    return None


def _common(details: Sequence[Detail]) -> Detail:
    """What may be said of an entry whose details do not add up to it: all their texts, and nothing of one alone."""
    texts = dict.fromkeys(detail.unstructured or detail.additional for detail in details)
    references = dict.fromkeys(detail.structured_reference for detail in details)
    return NO_DETAIL._replace(
        unstructured=" ".join(text for text in texts if text),
        structured_reference=" ".join(reference for reference in references if reference),
    )


def _counterparty(
    detail: Detail, is_credit: bool, own_account: str
) -> tuple[str | None, str | None, str | None]:
    """Name, account and ultimate party of the other side: the debtor of a credit, the creditor of a debit.

    The accounts overrule the direction where one of them is the statement's own, as in reversals that keep the roles of
    the original payment.
    """
    debtor = (detail.debtor, detail.debtor_account, detail.ultimate_debtor)
    creditor = (detail.creditor, detail.creditor_account, detail.ultimate_creditor)
    expected, other = (debtor, creditor) if is_credit else (creditor, debtor)
    is_own = _bare(expected[1]) == own_account
    other_is_foreign = other[1] and _bare(other[1]) != own_account
    if other_is_foreign and own_account and (is_own or not any(expected)):
        expected = other
    elif is_own and expected[1]:
        expected = ("", "", "")
    return expected[0] or None, _bare(expected[1]) or None, expected[2] or None


def _original(detail: Detail, currency: str) -> tuple[int | None, str | None]:
    for amount, stated in (
        (detail.instructed_amount, detail.instructed_currency),
        (detail.transaction_amount, detail.transaction_currency),
        (detail.amount, detail.currency),
    ):
        if amount and stated and stated != currency:
            try:
                return _units(amount), stated
            except UnreadableError:
                continue
    return None, None


def _signed(amount: str, direction: str) -> int:
    if direction not in ("CRDT", "DBIT"):
        raise UnreadableError(f"“{direction}” is neither CRDT nor DBIT", "Ask the bank for the file again.")
    units = _units(amount)
    return units if direction == "CRDT" else -units


def _units(amount: str) -> int:
    match = AMOUNT.fullmatch(amount)
    if not match or not (match[2] or match[3] or "0" in amount):
        raise UnreadableError(f"“{amount}” is not an amount", "Ask the bank for the file again.")
    sign, whole, fraction = match.groups()
    units = int(f"{whole}{(fraction or '').ljust(UNIT_DECIMALS, '0')}")
    return -units if sign == "-" else units


def _decimal(units: int) -> Decimal:
    return Decimal(units).scaleb(-UNIT_DECIMALS)


def _units_of(amount: pa.Scalar) -> int:
    return int(amount.as_py().scaleb(UNIT_DECIMALS))


@lru_cache(maxsize=10_000)
def _day(text: str) -> date | None:
    """The day of a date or of a date and time, as the bank wrote it. Raises ``UnreadableError`` when it is neither."""
    return read_date(text[:10]) if text else None


def _bare(account: str) -> str:
    return account.replace(" ", "").upper()


def _transaction_table(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    arrays = [
        _amount_array(values) if item.type == BANK_AMOUNT else pa.array(values, item.type)
        for item, values in zip(BANK_TRANSACTIONS, columns, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=BANK_TRANSACTIONS.names)


def _amount_array(units: Sequence[int | None]) -> pa.Array:
    """Units as decimals with five places, by taking the integers for what they are."""
    whole = pa.array(units, pa.int64()).cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(BANK_AMOUNT, len(whole), whole.buffers(), whole.null_count)


def _marks_the_original(heading: Heading, statement: Statement) -> bool:
    """Whether the statement adds up only when its reversals are read as marked with the original's direction."""
    if not (statement.reversal_units and heading.opening and heading.closing):
        return False
    moved = heading.closing[0] - heading.opening[0]
    return moved != statement.entry_units and moved == statement.entry_units - 2 * statement.reversal_units


def _with_reversals_turned(rows: pa.Table) -> pa.Table:
    for name in ("amount", "entry_amount"):
        turned = pc.if_else(rows.column("is_reversal"), pc.negate(rows.column(name)), rows.column(name))
        rows = rows.set_column(rows.column_names.index(name), name, turned.cast(BANK_AMOUNT))
    return rows


def _begin(node: Any, ordinal: int) -> Statement:
    created = _moment(node)
    closing = _balance(node, ("CLBD",), None)
    fallback = _statement_day(node, "To") or (closing and closing[1]) or (created and created.date())
    return Statement(ordinal, _bare(_account(node) or ""), fallback or None)


def _heading(node: Any) -> Heading:
    account = _account(node)
    if not account:
        raise FileRefusedError(
            f"its statement on line {node.sourceline} names no account", "Ask the bank for the file again."
        )
    currency = _text(node, "Acct/Ccy") or _text_attribute(node, "Bal/Amt", "Ccy")
    return Heading(
        account_number=account,
        account_currency=currency,
        account_owner=_text(node, "Acct/Ownr/Nm") or _text(node, "Acct/Nm"),
        reference=_text(node, "Id"),
        sequence_number=_text(node, "ElctrncSeqNb") or _text(node, "LglSeqNb"),
        created_at=_moment(node),
        from_date=_statement_day(node, "Fr"),
        to_date=_statement_day(node, "To"),
        opening=_balance(node, ("OPBD", "PRCD"), currency),
        closing=_balance(node, ("CLBD",), currency),
    )


def _text(node: Any, path: str) -> str | None:
    found = node.findtext("/".join(f"{{*}}{step}" for step in path.split("/")))
    return " ".join(found.split()) or None if found else None


def _text_attribute(node: Any, path: str, name: str) -> str | None:
    found = node.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    return found.get(name) if found is not None else None


def _account(node: Any) -> str | None:
    for kind in ("IBAN", "Othr/Id", "PrtryAcct/Id", "BBAN", "UPIC"):
        if found := _text(node, f"Acct/Id/{kind}"):
            return _bare(found) if kind == "IBAN" else found
    return None


def _statement_day(node: Any, end: str) -> date | None:
    return _lenient_day(_text(node, f"FrToDt/{end}DtTm") or _text(node, f"FrToDt/{end}Dt"))


def _lenient_day(text: str | None) -> date | None:
    try:
        return _day(text) if text else None
    except UnreadableError:
        return None


def _moment(node: Any) -> datetime | None:
    """When the statement was made, in UTC; a time without zone is taken for UTC."""
    text = _text(node, "CreDtTm")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _balance(node: Any, codes: Sequence[str], currency: str | None) -> tuple[int, date | None] | None:
    """The first balance of the first code that has one, preferably in the account's currency: signed units and day.

    A balance that does not say whether it is credit or debit is credit.
    """
    balances = node.findall("{*}Bal")
    for code in codes:
        typed = [one for one in balances if (_text(one, "Tp/CdOrPrtry/Cd") or _text(one, "Tp/Cd")) == code]
        typed.sort(key=lambda one: _text_attribute(one, "Amt", "Ccy") != currency)
        for one in typed:
            try:
                units = _units(_text(one, "Amt") or "")
            except UnreadableError as problem:
                raise FileRefusedError(
                    f"its balance on line {one.sourceline} cannot be read: {problem.reason}", problem.remedy
                ) from None
            is_debit = _text(one, "CdtDbtInd") == "DBIT"
            return -units if is_debit else units, _lenient_day(_text(one, "Dt/Dt") or _text(one, "Dt/DtTm"))
    return None
