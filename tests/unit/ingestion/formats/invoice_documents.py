"""Invoices in CII and UBL for the tests, with every fact that lands, each said once and worked by hand."""

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
  <ram:ID>urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended</ram:ID>
</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument>
  <ram:ID> F-2026/001 </ram:ID><ram:TypeCode>380</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20260131</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:IncludedSupplyChainTradeLineItem><ram:SpecifiedLineTradeSettlement>
  <ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode></ram:ApplicableTradeTax>
  <ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>1.00</ram:LineTotalAmount>
  </ram:SpecifiedTradeSettlementLineMonetarySummation>
</ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeAgreement>
  <ram:SellerTradeParty><ram:GlobalID schemeID="0009">123 456 782 00077</ram:GlobalID>
    <ram:Name>Le  Fournisseur</ram:Name>
    <ram:PostalTradeAddress><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress>
    <ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">77/1</ram:ID></ram:SpecifiedTaxRegistration>
    <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR 11 123456782</ram:ID></ram:SpecifiedTaxRegistration>
  </ram:SellerTradeParty>
  <ram:BuyerTradeParty><ram:GlobalID schemeID="0088">98765432101</ram:GlobalID><ram:Name>Le Client</ram:Name>
    <ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">987654321</ram:ID></ram:SpecifiedLegalOrganization>
  </ram:BuyerTradeParty>
  <ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>PO-9</ram:IssuerAssignedID></ram:BuyerOrderReferencedDocument>
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement>
  <ram:PaymentReference>RF18539007547034</ram:PaymentReference>
  <ram:TaxCurrencyCode>CHF</ram:TaxCurrencyCode><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
  <ram:PayeeTradeParty><ram:Name>Le Factor</ram:Name></ram:PayeeTradeParty>
  <ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode>
    <ram:PayerPartyDebtorFinancialAccount><ram:IBANID>FR1420041010050500013M02606</ram:IBANID>
    </ram:PayerPartyDebtorFinancialAccount>
    <ram:PayeePartyCreditorFinancialAccount><ram:IBANID>FR76 3000 6000 0112 3456 7890 189</ram:IBANID>
    </ram:PayeePartyCreditorFinancialAccount>
    <ram:PayeeSpecifiedCreditorFinancialInstitution><ram:BICID>AGRIFRPP</ram:BICID>
    </ram:PayeeSpecifiedCreditorFinancialInstitution>
  </ram:SpecifiedTradeSettlementPaymentMeans>
  <ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode>
    <ram:PayeePartyCreditorFinancialAccount><ram:IBANID>DE89370400440532013000</ram:IBANID>
    </ram:PayeePartyCreditorFinancialAccount>
  </ram:SpecifiedTradeSettlementPaymentMeans>
  <ram:ApplicableTradeTax><ram:CalculatedAmount>200.00</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>
    <ram:BasisAmount>1000.00</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode>
    <ram:RateApplicablePercent>20.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>
  <ram:ApplicableTradeTax><ram:CalculatedAmount>5.50</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>
    <ram:BasisAmount>100.00</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode>
    <ram:RateApplicablePercent>5.5</ram:RateApplicablePercent></ram:ApplicableTradeTax>
  {terms}
  <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:LineTotalAmount>1100.00</ram:LineTotalAmount><ram:TaxBasisTotalAmount>1100.00</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="CHF">195.10</ram:TaxTotalAmount>
    <ram:TaxTotalAmount currencyID="EUR">205.50</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>1305.50</ram:GrandTotalAmount><ram:TotalPrepaidAmount>305.50</ram:TotalPrepaidAmount>
    <ram:DuePayableAmount>1000.00</ram:DuePayableAmount>
  </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  <ram:InvoiceReferencedDocument><ram:IssuerAssignedID>F-2025/090</ram:IssuerAssignedID>
    <ram:FormattedIssueDateTime><udt:DateTimeString format="102">20251231</udt:DateTimeString>
    </ram:FormattedIssueDateTime>
  </ram:InvoiceReferencedDocument>
</ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""


def cii_terms(day: str = "", amount: str = "", text: str = "", discount: str = "") -> str:
    """The terms of one instalment in CII."""
    parts = [
        text and f"<ram:Description>{text}</ram:Description>",
        day
        and f'<ram:DueDateDateTime><udt:DateTimeString format="102">{day}</udt:DateTimeString></ram:DueDateDateTime>',
        amount and f"<ram:PartialPaymentAmount>{amount}</ram:PartialPaymentAmount>",
        discount
        and "<ram:ApplicableTradePaymentDiscountTerms>"
        f'<ram:BasisPeriodMeasure unitCode="DAY">10</ram:BasisPeriodMeasure>'
        f"<ram:CalculationPercent>{discount}</ram:CalculationPercent></ram:ApplicableTradePaymentDiscountTerms>",
    ]
    return f"<ram:SpecifiedTradePaymentTerms>{''.join(parts)}</ram:SpecifiedTradePaymentTerms>"


TWO_INSTALMENTS = cii_terms("20260228", "400.00", "En deux fois") + cii_terms("20260331", "600.00")


def cii(terms: str = TWO_INSTALMENTS) -> str:
    """The CII invoice, with other terms."""
    return CII.replace("{terms}", terms)


def to_zugferd_1(document: str) -> str:
    """A CII document with the names that ZUGFeRD 1 had for the same things."""
    for new, old in (
        (
            "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
            "urn:ferd:CrossIndustryDocument:invoice:1p0",
        ),
        ("CrossIndustryInvoice", "CrossIndustryDocument"),
        ("rsm:ExchangedDocumentContext", "rsm:SpecifiedExchangedDocumentContext"),
        ("rsm:ExchangedDocument>", "rsm:HeaderExchangedDocument>"),
        ("rsm:SupplyChainTradeTransaction", "rsm:SpecifiedSupplyChainTradeTransaction"),
        ("ApplicableHeaderTrade", "ApplicableSupplyChainTrade"),
        ("SettlementHeaderMonetarySummation", "SettlementMonetarySummation"),
        ("RateApplicablePercent", "ApplicablePercent"),
        ("IssuerAssignedID", "ID"),
        ("</ram:FormattedIssueDateTime>", "</ram:IssueDateTime>"),
    ):
        document = document.replace(new, old)
    return document.replace(
        '<ram:FormattedIssueDateTime><udt:DateTimeString format="102">20251231</udt:DateTimeString>',
        "<ram:IssueDateTime>2025-12-31T00:00:00",
    )


UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ID>F-2026/001</cbc:ID><cbc:IssueDate>2026-01-31</cbc:IssueDate><cbc:DueDate>2026-03-02</cbc:DueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cbc:TaxCurrencyCode>CHF</cbc:TaxCurrencyCode>
<cac:OrderReference><cbc:ID>PO-9</cbc:ID></cac:OrderReference>
<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>F-2025/090</cbc:ID><cbc:IssueDate>2025-12-31</cbc:IssueDate>
</cac:InvoiceDocumentReference></cac:BillingReference>
<cac:AccountingSupplierParty><cac:Party>
  <cac:PartyIdentification><cbc:ID schemeID="0009">12345678200077</cbc:ID></cac:PartyIdentification>
  <cac:PartyName><cbc:Name>La Marque</cbc:Name></cac:PartyName>
  <cac:PostalAddress><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
  <cac:PartyTaxScheme><cbc:CompanyID>LOCAL1</cbc:CompanyID><cac:TaxScheme><cbc:ID>LOC</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  <cac:PartyTaxScheme><cbc:CompanyID>FR11123456782</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
  </cac:PartyTaxScheme>
  <cac:PartyLegalEntity><cbc:RegistrationName>Le Fournisseur</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
  <cac:PartyName><cbc:Name>Le Client</cbc:Name></cac:PartyName>
  <cac:PartyLegalEntity><cbc:CompanyID schemeID="0002">987654321</cbc:CompanyID></cac:PartyLegalEntity>
</cac:Party></cac:AccountingCustomerParty>
<cac:PayeeParty><cac:PartyName><cbc:Name>Le Factor</cbc:Name></cac:PartyName></cac:PayeeParty>
<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentID>RF18539007547034</cbc:PaymentID>
  <cac:PayeeFinancialAccount><cbc:ID>FR76 3000 6000 0112 3456 7890 189</cbc:ID>
    <cac:FinancialInstitutionBranch><cbc:ID>AGRIFRPP</cbc:ID></cac:FinancialInstitutionBranch></cac:PayeeFinancialAccount>
  <cac:PaymentMandate><cac:PayerFinancialAccount><cbc:ID>FR1420041010050500013M02606</cbc:ID></cac:PayerFinancialAccount></cac:PaymentMandate>
</cac:PaymentMeans>
<cac:PaymentMeans><cac:PayeeFinancialAccount><cbc:ID>DE89370400440532013000</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
{terms}
<cac:TaxTotal><cbc:TaxAmount currencyID="CHF">195.10</cbc:TaxAmount></cac:TaxTotal>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">205.50</cbc:TaxAmount>
  <cac:TaxSubtotal><cbc:TaxableAmount>1000.00</cbc:TaxableAmount><cbc:TaxAmount>200.00</cbc:TaxAmount>
    <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20.00</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal>
  <cac:TaxSubtotal><cbc:TaxableAmount>100.00</cbc:TaxableAmount><cbc:TaxAmount>5.50</cbc:TaxAmount>
    <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>5.5</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal>
</cac:TaxTotal>
<cac:LegalMonetaryTotal>
  <cbc:LineExtensionAmount>1100.00</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount>1100.00</cbc:TaxExclusiveAmount>
  <cbc:TaxInclusiveAmount>1305.50</cbc:TaxInclusiveAmount><cbc:PrepaidAmount>305.50</cbc:PrepaidAmount>
  <cbc:PayableAmount>1000.00</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
</Invoice>
"""


def ubl_terms(day: str = "", amount: str = "", text: str = "", discount: str = "") -> str:
    """The terms of one instalment in UBL."""
    parts = [
        text and f"<cbc:Note>{text}</cbc:Note>",
        discount and f"<cbc:SettlementDiscountPercent>{discount}</cbc:SettlementDiscountPercent>",
        amount and f"<cbc:Amount>{amount}</cbc:Amount>",
        day and f"<cbc:PaymentDueDate>{day}</cbc:PaymentDueDate>",
        discount
        and '<cac:SettlementPeriod><cbc:DurationMeasure unitCode="DAY">10</cbc:DurationMeasure></cac:SettlementPeriod>',
    ]
    return f"<cac:PaymentTerms>{''.join(parts)}</cac:PaymentTerms>"


def ubl(terms: str | None = None) -> str:
    """The UBL invoice, in two instalments or with other terms."""
    two = ubl_terms("2026-02-28", "400.00", "En deux fois") + ubl_terms("2026-03-31", "600.00")
    return UBL.replace("{terms}", two if terms is None else terms)


def ubl_credit_note(document: str | None = None) -> str:
    """The same document as a UBL credit note, which has its due date with the means of payment."""
    return (
        (document or ubl())
        .replace("<Invoice ", "<CreditNote ")
        .replace("</Invoice>", "</CreditNote>")
        .replace("xsd:Invoice-2", "xsd:CreditNote-2")
        .replace("InvoiceTypeCode>380<", "CreditNoteTypeCode>381<")
        .replace("/cbc:InvoiceTypeCode", "/cbc:CreditNoteTypeCode")
        .replace("<cbc:DueDate>2026-03-02</cbc:DueDate>", "")
        .replace("<cbc:PaymentID>", "<cbc:PaymentDueDate>2026-03-02</cbc:PaymentDueDate><cbc:PaymentID>")
    )
