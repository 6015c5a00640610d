"""What an e-invoice says, whatever its syntax, and how it lands in ``e_invoices``.

Here: the facts of a document, how XML is read safely, and how its texts, days and amounts are understood. Where each
fact stands is told by ``cii`` and ``ubl``.

Amounts of an invoice or a credit note are positive. A document whose total is negative says the opposite of what its
type says (EN 16931 allows both forms for one fact), so it lands as the opposite type with positive amounts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from lxml import etree

from ingestion.formats.values import read_amount, read_date
from ingestion.reading import FileRefusedError, Reading, Sink, UnreadableError
from ingestion.schemas import E_INVOICES

LARGEST: Final = 50 << 20
"""Bytes of XML. Attachments are embedded as text, so an invoice of a page may weigh some megabytes."""

MOST_TAGS: Final = 1_000_000
"""Tags and attributes of a document: they are what takes memory, some 250 MB at this number."""

SAFE: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""No entity, document type or network; libxml2's own limits on depth and size of a node hold."""

HEAD: Final = 4096

SEND_AGAIN: Final = "Ask its sender for the invoice again."
WITHOUT_ATTACHMENTS: Final = "Ask its sender for the invoice without the documents that are attached to it."

ROOT: Final = re.compile(
    r"\s*+(?:(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?:\[.*?\])?+\s*+>)\s*+)*+<(?:[\w.-]++:)?([\w.-]++)",
    re.DOTALL,
)
"""The name of the first element, behind whatever may stand before it. Possessive, so that its time is linear."""

AMOUNT: Final = re.compile(r"[+-]?[0-9]*\.?[0-9]*")
DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[TZ+-].*)?|([0-9]{8})(?:[0-9]{4}|[0-9]{6})?")
DECIMALS: Final = 5

CREDIT_NOTE_TYPES: Final = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
)
"""The codes of UN/CEFACT 1001 that EN 16931 lists for credit notes, and the two that French e-invoicing adds."""

SELF_BILLED_TYPES: Final = frozenset({"261", "389", "471", "473", "500", "501", "502", "527"})
"""The codes of documents that the buyer writes for the seller."""

SIREN_SCHEME: Final = "0002"
SIRET_SCHEME: Final = "0009"


@dataclass(frozen=True)
class Party:
    """A seller or a buyer. The SIREN is that of its legal id, of its SIRET or of its French VAT number."""

    name: str | None
    siren: str | None
    vat_number: str | None
    country_code: str | None


@dataclass(frozen=True)
class Instalment:
    """What falls due on a day; the amount where it is stated."""

    due_date: date | None
    amount: Decimal | None


@dataclass(frozen=True)
class VatRow:
    """A row of the VAT breakdown. The rate is in percent; the category is a code of UN/CEFACT 5305 (S, Z, E, AE …)."""

    category_code: str | None
    rate: Decimal | None
    net_amount: Decimal | None
    vat_amount: Decimal | None


@dataclass(frozen=True)
class Preceding:
    """An earlier invoice that the document refers to: the one that a credit note corrects, or a prepayment."""

    document_number: str
    issue_date: date | None


@dataclass(frozen=True)
class EInvoice:
    """The facts of one document, with the signs that stand in the file.

    ``line`` is that of its root element, ``profile`` the rule set that it says it follows.
    """

    line: int
    profile: str | None
    document_number: str
    type_code: str | None
    is_credit_note: bool
    issue_date: date | None
    currency_code: str | None
    tax_currency_code: str | None
    seller: Party
    buyer: Party
    payee_name: str | None
    payee_accounts: tuple[str, ...]
    payee_bic: str | None
    payer_account: str | None
    payment_reference: str | None
    order_reference: str | None
    payment_terms: str | None
    net_amount: Decimal | None
    vat_amount: Decimal | None
    tax_currency_vat_amount: Decimal | None
    gross_amount: Decimal
    prepaid_amount: Decimal | None
    payable_amount: Decimal | None
    instalments: tuple[Instalment, ...]
    vat_rows: tuple[VatRow, ...]
    preceding: tuple[Preceding, ...]


def root_name(start: str) -> str | None:
    """The local name of the root element of a text that begins so, or None when it is no XML."""
    match = ROOT.match(start.removeprefix("\ufeff"))
    return match[1] if match else None


def load(path: Path) -> bytes:
    """The content of an XML file; of one that is too large, enough for ``parse`` to say so."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def parse(data: bytes) -> Any:
    """The root element. Raises ``FileRefusedError`` when the XML is broken, too large or has a document type."""
    if len(data) > LARGEST:
        raise FileRefusedError(f"its XML is larger than {LARGEST >> 20} MB", WITHOUT_ATTACHMENTS)
    if data.count(b"<") > MOST_TAGS or data.count(b"=") > MOST_TAGS:
        raise FileRefusedError(f"its XML has more than {MOST_TAGS:,} tags, as no invoice has", SEND_AGAIN)
    try:
        root = etree.fromstring(data.removeprefix(b"\xef\xbb\xbf").lstrip(), etree.XMLParser(**SAFE))
    except etree.XMLSyntaxError as error:
        raise _broken(error, data) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _document_type()
    return root


def _broken(error: etree.XMLSyntaxError, data: bytes) -> FileRefusedError:
    message = (error.msg or "not well-formed").split(", line ")[0].rstrip(" .")
    if "<!DOCTYPE" in data[:HEAD].decode("latin-1").replace("\0", ""):
        return _document_type()
    if re.search("too long|huge", message):
        return FileRefusedError(
            f"its XML holds a value of more than 10 MB at line {error.lineno}", WITHOUT_ATTACHMENTS
        )
    return FileRefusedError(f"its XML is broken at line {error.lineno or 1}: {message}", SEND_AGAIN)


def _document_type() -> FileRefusedError:
    return FileRefusedError(
        "its XML declares a document type, which no invoice does", "Ask its sender for a plain file."
    )


def land(invoice: EInvoice, syntax: str, sha256: str, sink: Sink) -> Reading:
    """Land the one document of a file."""
    notes = []
    if invoice.gross_amount < 0:
        what = "credit note" if invoice.is_credit_note else "invoice"
        other = "an invoice" if invoice.is_credit_note else "a credit note"
        notes.append(
            f"{what} {invoice.document_number} has a negative total: it lands as {other}, with positive amounts."
        )
    sink.write("e_invoices", pa.Table.from_pylist([_row(invoice, sha256)], E_INVOICES))
    return Reading(
        dialect=f"{syntax};{invoice.profile}" if invoice.profile else syntax,
        rows_read=1,
        period_start=invoice.issue_date,
        period_end=invoice.issue_date,
        median_date=invoice.issue_date,
        notes=tuple(notes),
        party_ids=tuple(
            dict.fromkeys(
                identifier
                for party in (invoice.seller, invoice.buyer)
                for identifier in (party.siren, party.vat_number)
                if identifier
            )
        ),
    )


def _row(invoice: EInvoice, sha256: str) -> dict[str, Any]:
    is_negative = invoice.gross_amount < 0

    def signed(amount: Decimal | None) -> Decimal | None:
        return -amount if is_negative and amount is not None else amount

    return {
        "source_sha256": sha256,
        "source_row": invoice.line,
        "document_number": invoice.document_number,
        "type_code": invoice.type_code,
        "document_type": "credit_note" if invoice.is_credit_note != is_negative else "invoice",
        "is_self_billed": invoice.type_code in SELF_BILLED_TYPES,
        "issue_date": invoice.issue_date,
        "currency_code": invoice.currency_code,
        "tax_currency_code": invoice.tax_currency_code,
        "seller_name": invoice.seller.name,
        "seller_siren": invoice.seller.siren,
        "seller_vat_number": invoice.seller.vat_number,
        "seller_country_code": invoice.seller.country_code,
        "buyer_name": invoice.buyer.name,
        "buyer_siren": invoice.buyer.siren,
        "buyer_vat_number": invoice.buyer.vat_number,
        "buyer_country_code": invoice.buyer.country_code,
        "payee_name": invoice.payee_name,
        "payee_accounts": list(invoice.payee_accounts),
        "payee_bic": invoice.payee_bic,
        "payer_account": invoice.payer_account,
        "payment_reference": invoice.payment_reference,
        "order_reference": invoice.order_reference,
        "payment_terms": invoice.payment_terms,
        "net_amount": signed(invoice.net_amount),
        "vat_amount": signed(invoice.vat_amount),
        "tax_currency_vat_amount": signed(invoice.tax_currency_vat_amount),
        "gross_amount": signed(invoice.gross_amount),
        "prepaid_amount": signed(invoice.prepaid_amount),
        "payable_amount": signed(invoice.payable_amount),
        "instalments": [
            {"due_date": one.due_date, "amount": signed(one.amount)} for one in invoice.instalments
        ],
        "vat_breakdown": [
            {
                "category_code": one.category_code,
                "rate": one.rate,
                "net_amount": signed(one.net_amount),
                "vat_amount": signed(one.vat_amount),
            }
            for one in invoice.vat_rows
        ],
        "preceding_invoices": [
            {"document_number": one.document_number, "issue_date": one.issue_date}
            for one in invoice.preceding
        ],
    }


def first(node: Any, *paths: str) -> Any:
    """The first element that one of the paths (local names, separated by ``/``) leads to, or None."""
    for path in paths:
        if node is not None and (found := node.find(_in_any_namespace(path))) is not None:
            return found
    return None


def every(node: Any, path: str) -> list[Any]:
    """Every element that the path leads to, in the order of the file."""
    return [] if node is None else list(node.iterfind(_in_any_namespace(path)))


def _in_any_namespace(path: str) -> str:
    return "/".join(f"{{*}}{step}" for step in path.split("/"))


def text(node: Any, *paths: str) -> str | None:
    """The first text that one of the paths leads to, blanks collapsed; None when there is none."""
    return next((found for path in paths if (found := own_text(first(node, path)))), None)


def own_text(node: Any) -> str | None:
    """The text of an element itself, blanks collapsed; None when there is none."""
    return " ".join(node.text.split()) or None if node is not None and node.text else None


def amount(node: Any, *paths: str) -> Decimal | None:
    """The amount that the first of the paths leads to. Raises ``FileRefusedError`` when it is no decimal number."""
    return own_amount(first(node, *paths))


def own_amount(node: Any) -> Decimal | None:
    """The amount of an element itself. Raises ``FileRefusedError`` when it is no decimal number."""
    written = own_text(node)
    if written is None:
        return None
    if not AMOUNT.fullmatch(written):
        raise _unreadable(node, f"“{written}” is not an amount")
    try:
        return read_amount(written, DECIMALS)
    except UnreadableError as problem:
        raise _unreadable(node, problem.reason) from None


def day(node: Any, *paths: str) -> date | None:
    """The day that the first of the paths leads to. Raises ``FileRefusedError`` when it is no day."""
    found = first(node, *paths)
    written = own_text(found)
    if written is None:
        return None
    match = DAY.fullmatch(written)
    if not match:
        raise _unreadable(found, f"“{written}” is not a date")
    try:
        return read_date(match[1] or match[2])
    except UnreadableError as problem:
        raise _unreadable(found, problem.reason) from None


def required(value: str | None, name: str) -> str:
    """The value. Raises ``FileRefusedError`` when there is none."""
    if value is None:
        raise FileRefusedError(f"the invoice has no {name}", SEND_AGAIN)
    return value


def total(*amounts: Decimal | None) -> Decimal:
    """The first amount that is stated. Raises ``FileRefusedError`` when none is."""
    for stated in amounts:
        if stated is not None:
            return stated
    raise FileRefusedError("the invoice has no total", SEND_AGAIN)


def _unreadable(node: Any, reason: str) -> FileRefusedError:
    name = etree.QName(node).localname
    return FileRefusedError(f"{name} on line {node.sourceline}: {reason}", SEND_AGAIN)


def party(
    name: str | None,
    ids: Iterable[tuple[str | None, str | None]],
    vat_number: str | None,
    country: str | None,
) -> Party:
    """A party from its name, its ids (scheme and value), its VAT number and its country."""
    vat = compact(vat_number)
    siren = next(
        (
            digits[:9]
            for scheme, value in ids
            if (digits := compact(value) or "").isdecimal()
            and (scheme, len(digits)) in ((SIREN_SCHEME, 9), (SIREN_SCHEME, 14), (SIRET_SCHEME, 14))
        ),
        None,
    )
    if siren is None and vat and re.fullmatch("FR[0-9A-Z]{2}[0-9]{9}", vat):
        siren = vat[4:]
    return Party(name, siren, vat, country)


def compact(identifier: str | None) -> str | None:
    """An account or registration number without blanks, dots and hyphens, in capitals."""
    return re.sub(r"[\s.-]", "", identifier).upper() or None if identifier else None


def accounts(written: Iterable[str | None]) -> tuple[str, ...]:
    """Account numbers, each once."""
    return tuple(dict.fromkeys(account for one in written if (account := compact(one))))


def instalments_of(
    dated: Sequence[Instalment], due_date: date | None, payable: Decimal | None
) -> tuple[Instalment, ...]:
    """The instalments as stated, else the one due date of the whole document.

    One alone that has no amount is all there is to pay.
    """
    stated = list(dated) or ([Instalment(due_date, None)] if due_date else [])
    if len(stated) == 1 and stated[0].amount is None:
        return (Instalment(stated[0].due_date, payable),)
    return tuple(stated)


def joined(texts: Iterable[str | None]) -> str | None:
    """The texts that are there, each once, in one."""
    return " ".join(dict.fromkeys(one for one in texts if one)) or None


def split_by_currency(
    holders: Sequence[Any], amounts: Sequence[Any], currency: str | None
) -> tuple[Any, Any]:
    """Of VAT totals, the holder of the one in the document's currency, and of the one in another: element or None.

    ``holders`` and ``amounts`` go together; an amount without currency is in the document's.
    """
    pairs = [
        (holder, amount.get("currencyID"))
        for holder, amount in zip(holders, amounts, strict=True)
        if amount is not None
    ]
    own = next((holder for holder, code in pairs if code in (None, currency)), None)
    if own is None and len(pairs) == 1:
        own = pairs[0][0]
    return own, next((holder for holder, _ in pairs if holder is not own), None)


def discount_text(percent: str | None, days: str | None) -> str | None:
    """An early-payment discount as the German XRechnung writes it in plain text, so that both forms read alike."""
    return f"#SKONTO#TAGE={days}#PROZENT={percent}#" if percent and days else None
