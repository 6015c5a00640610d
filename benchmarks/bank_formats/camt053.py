"""A camt.053.001.08 statement: one entry in ten is a batch of four details."""

from pathlib import Path

from benchmarks.bank_formats.movements import (
    FIRST_DAY,
    IBAN,
    LAST_DAY,
    OPENING_CENTS,
    OWNER,
    Movement,
    as_amount,
    movements,
)

BATCH_EVERY = 10


def write_sample(path: Path, entries: int) -> None:
    """One statement of ``entries`` booked entries."""
    closing = OPENING_CENTS
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">\n'
            "<BkToCstmrStmt><GrpHdr><MsgId>MSG1</MsgId><CreDtTm>2026-01-01T06:00:00</CreDtTm></GrpHdr>\n"
            f"<Stmt><Id>STMT1</Id><CreDtTm>2026-01-01T06:00:00</CreDtTm>\n"
            f"<FrToDt><FrDtTm>{FIRST_DAY}T00:00:00</FrDtTm><ToDtTm>{LAST_DAY}T23:59:59</ToDtTm></FrToDt>\n"
            f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy><Ownr><Nm>{OWNER}</Nm></Ownr></Acct>\n"
            f"{_balance('OPBD', OPENING_CENTS, str(FIRST_DAY))}"
        )
        closing += sum(movement.cents for movement in movements(entries))
        file.write(_balance("CLBD", closing, str(LAST_DAY)))
        file.writelines(map(_entry, movements(entries)))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")


def _balance(code: str, cents: int, day: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{as_amount(abs(cents))}</Amt>'
        f"<CdtDbtInd>{'CRDT' if cents >= 0 else 'DBIT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
    )


def _entry(movement: Movement) -> str:
    direction = "CRDT" if movement.cents > 0 else "DBIT"
    family, sub = ("RCDT", "ESCT") if movement.cents > 0 else ("ICDT", "ESCT")
    cents = abs(movement.cents)
    shares = (cents,)
    if movement.number % BATCH_EVERY == 0 and cents >= 4:
        shares = (cents - 3 * (cents // 4), *[cents // 4] * 3)
    details = "".join(_detail(movement, share, direction) for share in shares)
    return (
        f'<Ntry><NtryRef>{movement.number}</NtryRef><Amt Ccy="EUR">{movement.amount}</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{movement.day}</Dt></BookgDt>"
        f"<ValDt><Dt>{movement.day}</Dt></ValDt><AcctSvcrRef>SVC{movement.number:010}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd>\n"
        f"<NtryDtls>{details}</NtryDtls></Ntry>\n"
    )


def _detail(movement: Movement, cents: int, direction: str) -> str:
    party = "Dbtr" if direction == "CRDT" else "Cdtr"
    return (
        f"<TxDtls><Refs><EndToEndId>E2E{movement.number}</EndToEndId></Refs>"
        f'<Amt Ccy="EUR">{as_amount(cents)}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<RltdPties><{party}><Pty><Nm>{movement.name}</Nm></Pty></{party}>"
        f"<{party}Acct><Id><IBAN>{movement.iban}</IBAN></Id></{party}Acct></RltdPties>"
        f"<RmtInf><Ustrd>{movement.text}</Ustrd></RmtInf></TxDtls>"
    )
