"""An OFX 1.02 statement, in SGML."""

from pathlib import Path

from benchmarks.bank_formats.movements import (
    FIRST_DAY,
    LAST_DAY,
    OPENING_CENTS,
    Movement,
    as_amount,
    movements,
)


def write_sample(path: Path, entries: int) -> None:
    """One statement of ``entries`` entries."""
    closing = OPENING_CENTS + sum(movement.cents for movement in movements(entries))
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(
            "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\n"
            "COMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
            "<OFX>\n<SIGNONMSGSRSV1>\n<SONRS>\n<STATUS>\n<CODE>0\n<SEVERITY>INFO\n</STATUS>\n"
            "<DTSERVER>20260101060000\n<LANGUAGE>FRA\n</SONRS>\n</SIGNONMSGSRSV1>\n"
            "<BANKMSGSRSV1>\n<STMTTRNRS>\n<TRNUID>1\n<STATUS>\n<CODE>0\n<SEVERITY>INFO\n</STATUS>\n<STMTRS>\n"
            "<CURDEF>EUR\n<BANKACCTFROM>\n<BANKID>30006\n<BRANCHID>00001\n<ACCTID>12345678901\n"
            "<ACCTTYPE>CHECKING\n</BANKACCTFROM>\n"
            f"<BANKTRANLIST>\n<DTSTART>{FIRST_DAY:%Y%m%d}\n<DTEND>{LAST_DAY:%Y%m%d}\n"
        )
        file.writelines(map(_entry, movements(entries)))
        file.write(
            f"</BANKTRANLIST>\n<LEDGERBAL>\n<BALAMT>{as_amount(closing)}\n<DTASOF>{LAST_DAY:%Y%m%d}\n</LEDGERBAL>\n"
            "</STMTRS>\n</STMTTRNRS>\n</BANKMSGSRSV1>\n</OFX>\n"
        )


def _entry(movement: Movement) -> str:
    return (
        f"<STMTTRN>\n<TRNTYPE>{'CREDIT' if movement.cents > 0 else 'DEBIT'}\n<DTPOSTED>{movement.day:%Y%m%d}\n"
        f"<TRNAMT>{as_amount(movement.cents)}\n<FITID>{movement.number:010}\n<NAME>{movement.name[:32]}\n"
        f"<MEMO>{movement.text}\n</STMTTRN>\n"
    )
