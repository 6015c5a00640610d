"""The files beside the ledger: third parties, invoices, and bank statements as camt.053."""

from dataclasses import dataclass
from decimal import Decimal
from html import escape


def table(*rows: str) -> bytes:
    """A CSV from its lines, the header first."""
    return "".join(f"{row}\n" for row in rows).encode()


@dataclass(frozen=True)
class Movement:
    """A booked line: its day, its signed amount (money in is positive) and its text."""

    day: str
    amount: str
    text: str


def statement(
    account: str, reference: str, from_day: str, to_day: str, opening_balance: str, *movements: Movement
) -> bytes:
    """A camt.053.001.02 with one statement; its closing balance is what the movements make of the opening one."""
    closing = Decimal(opening_balance) + sum(Decimal(movement.amount) for movement in movements)
    entries = "".join(
        f"<Ntry>{_money(Decimal(movement.amount))}<Sts>BOOK</Sts>"
        f"<BookgDt><Dt>{movement.day}</Dt></BookgDt><ValDt><Dt>{movement.day}</Dt></ValDt>"
        f"<NtryDtls><TxDtls><RmtInf><Ustrd>{escape(movement.text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for movement in movements
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>{reference}-{{company}}</MsgId><CreDtTm>{to_day}T20:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{reference}</Id><CreDtTm>{to_day}T20:00:00</CreDtTm>"
        f"<FrToDt><FrDtTm>{from_day}T00:00:00</FrDtTm><ToDtTm>{to_day}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{_balance('OPBD', Decimal(opening_balance), from_day)}{_balance('CLBD', closing, to_day)}"
        f"{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _money(amount: Decimal) -> str:
    side = "CRDT" if amount >= 0 else "DBIT"
    return f'<Amt Ccy="EUR">{abs(amount):.2f}</Amt><CdtDbtInd>{side}</CdtDbtInd>'


def _balance(code: str, amount: Decimal, day: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_money(amount)}<Dt><Dt>{day}</Dt></Dt></Bal>"
    )
