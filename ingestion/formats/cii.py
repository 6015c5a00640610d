"""CII, the Cross Industry Invoice of UN/CEFACT: Factur-X and ZUGFeRD 2 (D16B), XRechnung, and ZUGFeRD 1.

Here: where each fact of ``e_invoice`` stands. ZUGFeRD 1 has the same things under other names.
"""

from collections.abc import Sequence
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
    own_amount,
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

ROOTS: Final = ("CrossIndustryInvoice", "CrossIndustryDocument")
ORDER: Final = "SCRDMCCBDACIOMessageStructure"


class CiiReader:
    """Reads bare CII into ``e_invoices``."""

    kind = "e_invoice"
    tables = ("e_invoices",)

    def recognise(self, head: Head) -> bool:
        """Whether the root element is a CII invoice, or an order of the same family."""
        return root_name(head.text) in (*ROOTS, ORDER)

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land the document. Raises ``FileRefusedError`` when it is an order, or cannot be read."""
        del head
        return land(invoice_of(parse(load(path))), "CII", sha256, sink)


READER: Final = CiiReader()


def invoice_of(root: Any) -> EInvoice:
    """The facts of a document. Raises ``FileRefusedError`` when it is an order, or lacks its number or total."""
    if root.tag.endswith(ORDER):
        raise FileRefusedError("it is an order (Order-X), not an invoice", "Drop the invoice when it comes.")
    document = first(root, "ExchangedDocument", "HeaderExchangedDocument")
    trade = first(root, "SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
    agreement = first(trade, "ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
    settlement = first(trade, "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
    sums = first(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
    type_code = text(document, "TypeCode")
    currency = text(settlement, "InvoiceCurrencyCode")
    taxes = every(sums, "TaxTotalAmount")
    own_tax, other_tax = split_by_currency(taxes, taxes, currency)
    gross = amount(sums, "GrandTotalAmount")
    payable = amount(sums, "DuePayableAmount")
    terms = every(settlement, "SpecifiedTradePaymentTerms")
    means = every(settlement, "SpecifiedTradeSettlementPaymentMeans")
    return EInvoice(
        line=root.sourceline,
        profile=text(
            root,
            "ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID",
            "SpecifiedExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID",
        ),
        document_number=required(text(document, "ID"), "number"),
        type_code=type_code,
        is_credit_note=type_code in CREDIT_NOTE_TYPES,
        issue_date=day(document, "IssueDateTime/DateTimeString", "IssueDateTime"),
        currency_code=currency,
        tax_currency_code=text(settlement, "TaxCurrencyCode"),
        seller=_party(first(agreement, "SellerTradeParty")),
        buyer=_party(first(agreement, "BuyerTradeParty")),
        payee_name=text(settlement, "PayeeTradeParty/Name"),
        payee_accounts=accounts(
            text(one, f"PayeePartyCreditorFinancialAccount/{kind}")
            for one in means
            for kind in ("IBANID", "ProprietaryID")
        ),
        payee_bic=compact(
            text(
                settlement,
                "SpecifiedTradeSettlementPaymentMeans/PayeeSpecifiedCreditorFinancialInstitution/BICID",
            )
        ),
        payer_account=compact(
            text(settlement, "SpecifiedTradeSettlementPaymentMeans/PayerPartyDebtorFinancialAccount/IBANID")
        ),
        payment_reference=text(settlement, "PaymentReference"),
        order_reference=text(
            agreement, "BuyerOrderReferencedDocument/IssuerAssignedID", "BuyerOrderReferencedDocument/ID"
        ),
        payment_terms=joined(part for one in terms for part in (text(one, "Description"), _discount(one))),
        net_amount=amount(sums, "TaxBasisTotalAmount"),
        vat_amount=own_amount(own_tax),
        tax_currency_vat_amount=own_amount(other_tax),
        gross_amount=total(gross, payable),
        prepaid_amount=amount(sums, "TotalPrepaidAmount"),
        payable_amount=payable,
        instalments=_instalments(terms, gross if payable is None else payable),
        vat_rows=tuple(
            VatRow(
                text(row, "CategoryCode"),
                amount(row, "RateApplicablePercent", "ApplicablePercent"),
                amount(row, "BasisAmount"),
                amount(row, "CalculatedAmount"),
            )
            for row in every(settlement, "ApplicableTradeTax")
            if text(row, "TypeCode") in (None, "VAT")
        ),
        preceding=tuple(
            Preceding(number, day(one, "FormattedIssueDateTime/DateTimeString", "IssueDateTime"))
            for one in every(settlement, "InvoiceReferencedDocument")
            if (number := text(one, "IssuerAssignedID", "ID"))
        ),
    )


def _party(node: Any) -> Party:
    legal = first(node, "SpecifiedLegalOrganization/ID")
    ids = [] if legal is None else [legal]
    return party(
        text(node, "Name"),
        [(one.get("schemeID"), own_text(one)) for one in (*ids, *every(node, "GlobalID"))],
        next(
            (
                own_text(one)
                for one in every(node, "SpecifiedTaxRegistration/ID")
                if one.get("schemeID") == "VA"
            ),
            None,
        ),
        text(node, "PostalTradeAddress/CountryID"),
    )


def _discount(terms: Any) -> str | None:
    days = first(terms, "ApplicableTradePaymentDiscountTerms/BasisPeriodMeasure")
    if days is None or days.get("unitCode") != "DAY":
        return None
    return discount_text(
        text(terms, "ApplicableTradePaymentDiscountTerms/CalculationPercent"), own_text(days)
    )


def _instalments(terms: Sequence[Any], payable: Any) -> tuple[Instalment, ...]:
    """The terms that have a day or an amount; those that only offer a discount are no instalment beside others."""
    stated = [
        (
            Instalment(
                day(one, "DueDateDateTime/DateTimeString", "DueDateDateTime"),
                amount(one, "PartialPaymentAmount"),
            ),
            first(one, "ApplicableTradePaymentDiscountTerms") is not None,
        )
        for one in terms
    ]
    dated = [(one, offers) for one, offers in stated if one.due_date or one.amount is not None]
    firm = [one for one, offers in dated if not offers or one.amount is not None]
    return instalments_of(firm or [one for one, _ in dated][-1:], None, payable)
