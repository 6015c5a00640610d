"""UBL 2.1, the Universal Business Language of OASIS: Invoice and CreditNote (Peppol BIS, XRechnung, the French CIUS).

Here: where each fact of ``e_invoice`` stands.
"""

import re
from pathlib import Path
from typing import Any, Final

from ingestion.formats.e_invoice import (
    CREDIT_NOTE_TYPES,
    EInvoice,
    Instalment,
    Party,
    Preceding,
    VatRow,
    accounts,
    amount,
    compact,
    day,
    discount_text,
    every,
    first,
    instalments_of,
    joined,
    land,
    load,
    own_text,
    parse,
    party,
    required,
    root_name,
    split_by_currency,
    text,
    total,
)
from ingestion.reading import FileRefusedError, Head, Reading, Sink

NAMESPACE: Final = re.compile(r"urn:oasis:names:specification:ubl:schema:xsd:(\w+)-2\b")
COMPONENTS: Final = frozenset(
    {"CommonAggregateComponents", "CommonBasicComponents", "CommonExtensionComponents"}
)
ENVELOPE: Final = "StandardBusinessDocument"
"""The header that the Peppol network puts around a document."""


class UblReader:
    """Reads UBL into ``e_invoices``."""

    kind = "e_invoice"
    tables = ("e_invoices",)

    def recognise(self, head: Head) -> bool:
        """Whether the root element is a UBL document, with or without the envelope of a network."""
        root = root_name(head.text)
        documents = set(NAMESPACE.findall(head.text)) - COMPONENTS if root else set()
        return root in documents or (root == ENVELOPE and bool(documents))

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land the document. Raises ``FileRefusedError`` when it is no invoice, or cannot be read."""
        del head
        return land(invoice_of(parse(load(path))), "UBL", sha256, sink)


READER: Final = UblReader()


def invoice_of(root: Any) -> EInvoice:
    """The facts of a document. Raises ``FileRefusedError`` when it is no invoice, or lacks its number or total."""
    enveloped = first(root, "Invoice", "CreditNote") if root.tag.endswith(ENVELOPE) else None
    document = root if enveloped is None else enveloped
    name = document.tag.rpartition("}")[2]
    if name not in ("Invoice", "CreditNote"):
        raise FileRefusedError(f"it is a UBL {name}, not an invoice", "Drop the invoice when it comes.")
    type_code = text(document, "InvoiceTypeCode", "CreditNoteTypeCode")
    currency = text(document, "DocumentCurrencyCode")
    taxes = every(document, "TaxTotal")
    own_tax, other_tax = split_by_currency(taxes, [first(one, "TaxAmount") for one in taxes], currency)
    sums = first(document, "LegalMonetaryTotal")
    gross = amount(sums, "TaxInclusiveAmount")
    payable = amount(sums, "PayableAmount")
    terms = every(document, "PaymentTerms")
    return EInvoice(
        line=document.sourceline,
        profile=text(document, "CustomizationID"),
        document_number=required(text(document, "ID"), "number"),
        type_code=type_code,
        is_credit_note=name == "CreditNote" or type_code in CREDIT_NOTE_TYPES,
        issue_date=day(document, "IssueDate"),
        currency_code=currency,
        tax_currency_code=text(document, "TaxCurrencyCode"),
        seller=_party(first(document, "AccountingSupplierParty/Party")),
        buyer=_party(first(document, "AccountingCustomerParty/Party")),
        payee_name=text(document, "PayeeParty/PartyName/Name"),
        payee_accounts=accounts(map(own_text, every(document, "PaymentMeans/PayeeFinancialAccount/ID"))),
        payee_bic=compact(text(document, "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/ID")),
        payer_account=compact(text(document, "PaymentMeans/PaymentMandate/PayerFinancialAccount/ID")),
        payment_reference=text(document, "PaymentMeans/PaymentID"),
        order_reference=text(document, "OrderReference/ID"),
        payment_terms=joined(
            part for one in terms for part in (*map(own_text, every(one, "Note")), _discount(one))
        ),
        net_amount=amount(sums, "TaxExclusiveAmount"),
        vat_amount=amount(own_tax, "TaxAmount"),
        tax_currency_vat_amount=amount(other_tax, "TaxAmount"),
        gross_amount=total(gross, payable),
        prepaid_amount=amount(sums, "PrepaidAmount"),
        payable_amount=payable,
        instalments=instalments_of(
            [one for one in map(_instalment, terms) if one.due_date],
            day(document, "DueDate", "PaymentMeans/PaymentDueDate"),
            gross if payable is None else payable,
        ),
        vat_rows=tuple(
            VatRow(
                text(row, "TaxCategory/ID"),
                amount(row, "TaxCategory/Percent", "Percent"),
                amount(row, "TaxableAmount"),
                amount(row, "TaxAmount"),
            )
            for row in every(own_tax, "TaxSubtotal")
        ),
        preceding=tuple(
            Preceding(number, day(one, "IssueDate"))
            for kind in ("InvoiceDocumentReference", "CreditNoteDocumentReference")
            for one in every(document, f"BillingReference/{kind}")
            if (number := text(one, "ID"))
        ),
    )


def _instalment(terms: Any) -> Instalment:
    """What the terms say of an instalment; the day of a mere discount is none."""
    part = amount(terms, "Amount")
    if part is None and first(terms, "SettlementDiscountPercent") is not None:
        return Instalment(None, None)
    return Instalment(day(terms, "InstallmentDueDate", "PaymentDueDate"), part)


def _party(node: Any) -> Party:
    return party(
        text(node, "PartyLegalEntity/RegistrationName", "PartyName/Name"),
        [
            (one.get("schemeID"), own_text(one))
            for path in ("PartyLegalEntity/CompanyID", "PartyIdentification/ID")
            for one in every(node, path)
        ],
        next(
            (
                text(scheme, "CompanyID")
                for scheme in every(node, "PartyTaxScheme")
                if text(scheme, "TaxScheme/ID") in ("VAT", "VA")
            ),
            None,
        ),
        text(node, "PostalAddress/Country/IdentificationCode"),
    )


def _discount(terms: Any) -> str | None:
    days = first(terms, "SettlementPeriod/DurationMeasure")
    if days is None or days.get("unitCode") != "DAY":
        return None
    return discount_text(text(terms, "SettlementDiscountPercent"), own_text(days))
