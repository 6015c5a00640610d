"""The files beside the ledger: third parties, invoices, e-invoices, and what the bank sends, as camt."""

import io
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from facturx import generate_from_binary
from pypdf import PdfWriter


def table(*rows: str) -> bytes:
    """A CSV from its lines, the header first."""
    return "".join(f"{row}\n" for row in rows).encode()


@dataclass(frozen=True)
class Movement:
    """A booked line: its day, its signed amount (money in is positive), its text and the bank's reference; of a batch
    the details (amount and payer)."""

    day: str
    amount: str
    text: str
    reference: str = ""
    details: tuple[tuple[str, str], ...] = ()


def statement(
    account: str, reference: str, from_day: str, to_day: str, opening_balance: str, *movements: Movement
) -> bytes:
    """A camt.053.001.02 with one statement; its closing balance is what the movements make of the opening one."""
    closing = Decimal(opening_balance) + sum(Decimal(movement.amount) for movement in movements)
    balances = _balance("OPBD", Decimal(opening_balance), from_day) + _balance("CLBD", closing, to_day)
    return _camt("053", "BkToCstmrStmt", "Stmt", account, reference, from_day, to_day, balances, movements)


def report(account: str, reference: str, day: str, *movements: Movement) -> bytes:
    """A camt.052.001.02 of what was booked on a day so far."""
    return _camt("052", "BkToCstmrAcctRpt", "Rpt", account, reference, day, day, "", movements)


def notification(account: str, reference: str, day: str, *movements: Movement) -> bytes:
    """A camt.054.001.02 of movements of a day."""
    return _camt("054", "BkToCstmrDbtCdtNtfctn", "Ntfctn", account, reference, day, day, "", movements)


def _camt(
    message: str,
    element: str,
    word: str,
    account: str,
    reference: str,
    from_day: str,
    to_day: str,
    balances: str,
    movements: tuple[Movement, ...],
) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.02"><{element}>'
        f"<GrpHdr><MsgId>{reference}-{{company}}</MsgId><CreDtTm>{to_day}T20:00:00</CreDtTm></GrpHdr>"
        f"<{word}><Id>{reference}</Id><CreDtTm>{to_day}T20:00:00</CreDtTm>"
        f"<FrToDt><FrDtTm>{from_day}T00:00:00</FrDtTm><ToDtTm>{to_day}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{balances}{''.join(map(_entry, movements))}</{word}></{element}></Document>"
    ).encode()


def _entry(movement: Movement) -> str:
    details = "".join(
        f'<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>'
        f"<RltdPties><Dbtr><Nm>{escape(payer)}</Nm></Dbtr></RltdPties></TxDtls>"
        for amount, payer in movement.details
    )
    plain = f"<TxDtls><RmtInf><Ustrd>{escape(movement.text)}</Ustrd></RmtInf></TxDtls>"
    return (
        f"<Ntry>{_money(Decimal(movement.amount))}<Sts>BOOK</Sts>"
        f"<BookgDt><Dt>{movement.day}</Dt></BookgDt><ValDt><Dt>{movement.day}</Dt></ValDt>"
        f"{movement.reference and f'<AcctSvcrRef>{movement.reference}</AcctSvcrRef>'}"
        f"<NtryDtls>{details or plain}</NtryDtls></Ntry>"
    )


def _money(amount: Decimal) -> str:
    side = "CRDT" if amount >= 0 else "DBIT"
    return f'<Amt Ccy="EUR">{abs(amount):.2f}</Amt><CdtDbtInd>{side}</CdtDbtInd>'


def _balance(code: str, amount: Decimal, day: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_money(amount)}<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


@dataclass(frozen=True)
class Invoice:
    """An e-invoice: its number, parties (name and SIREN), total, and what falls due when (day → amount)."""

    number: str
    seller: tuple[str, str]
    buyer: tuple[str, str]
    total: str
    instalments: tuple[tuple[str, str], ...]
    vat: str = ""
    type_code: str = "380"
    issued: str = "2025-01-31"
    net: str = ""

    @property
    def amounts(self) -> tuple[str, str]:
        """Net and VAT of 20 %, unless said otherwise."""
        net = self.net or f"{Decimal(self.total) / Decimal('1.2'):.2f}"
        return net, self.vat or f"{Decimal(self.total) - Decimal(net):.2f}"


def cii(invoice: Invoice) -> bytes:
    """The invoice as CII, the XML of Factur-X."""
    net, vat = invoice.amounts
    parties = "".join(
        f"<ram:{role}><ram:Name>{escape(name)}</ram:Name>"
        f'<ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">{siren}</ram:ID></ram:SpecifiedLegalOrganization>'
        f"</ram:{role}>"
        for role, (name, siren) in (("SellerTradeParty", invoice.seller), ("BuyerTradeParty", invoice.buyer))
    )
    terms = "".join(
        f"<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>{_day(day)}</ram:DueDateDateTime>"
        f"<ram:PartialPaymentAmount>{amount}</ram:PartialPaymentAmount></ram:SpecifiedTradePaymentTerms>"
        for day, amount in invoice.instalments
    )
    standard = "urn:un:unece:uncefact:data:standard"
    return (
        f'<rsm:CrossIndustryInvoice xmlns:rsm="{standard}:CrossIndustryInvoice:100"'
        f' xmlns:ram="{standard}:ReusableAggregateBusinessInformationEntity:100"'
        f' xmlns:udt="{standard}:UnqualifiedDataType:100">'
        "<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>"
        "<ram:ID>urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended</ram:ID>"
        "</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>"
        f"<rsm:ExchangedDocument><ram:ID>{invoice.number}</ram:ID><ram:TypeCode>{invoice.type_code}</ram:TypeCode>"
        f"<ram:IssueDateTime>{_day(invoice.issued)}</ram:IssueDateTime></rsm:ExchangedDocument>"
        f"<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement>{parties}"
        "</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeDelivery/><ram:ApplicableHeaderTradeSettlement>"
        f"<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode><ram:ApplicableTradeTax>"
        f"<ram:CalculatedAmount>{vat}</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>"
        f"<ram:BasisAmount>{net}</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode></ram:ApplicableTradeTax>{terms}"
        "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"<ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount>"
        f'<ram:TaxTotalAmount currencyID="EUR">{vat}</ram:TaxTotalAmount>'
        f"<ram:GrandTotalAmount>{invoice.total}</ram:GrandTotalAmount>"
        f"<ram:DuePayableAmount>{invoice.total}</ram:DuePayableAmount>"
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>"
        "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
    ).encode()


def factur_x(invoice: Invoice) -> bytes:
    """The invoice as a Factur-X: a PDF, of one empty page here, with the XML attached."""
    page = PdfWriter()
    page.add_blank_page(595, 842)
    file = io.BytesIO()
    page.write(file)
    made: bytes = generate_from_binary(
        file.getvalue(), cii(invoice), flavor="factur-x", level="extended", check_xsd=False
    )
    return made


def _day(day: str) -> str:
    return f'<udt:DateTimeString format="102">{day.replace("-", "")}</udt:DateTimeString>'
