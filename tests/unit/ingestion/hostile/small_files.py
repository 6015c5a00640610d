"""A small sound file of every format that is read: what is broken, cut and mixed up by the tests of hostile files."""

import importlib
import re
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl

from tests.unit.ingestion.formats.fec_lines import COLUMNS
from tests.unit.ingestion.formats.invoice_documents import cii, ubl

ENTRIES = 10
"""As many as have a batch among them."""

BANK_FORMATS = ("camt053", "cfonb120", "mt940", "ofx", "bai2", "bank_csv")

FEC_LINES = (
    "VE Ventes 1 20250110 411000 Clients MARTIN Société_Martin F1 20250110 Facture_1 1200,00 0,00 A 20250205 20250131",
    "VE Ventes 1 20250110 706000 Ventes - - F1 20250110 Facture_1 0,00 1200,00 - - 20250131",
    "BQ Banque 2 20250205 512000 Banque - - V1 20250205 Virement 1200,00 0,00 - - -",
    "BQ Banque 2 20250205 411000 Clients MARTIN Société_Martin V1 20250205 Virement 0,00 1200,00 A 20250205 -",
)


@cache
def small_files() -> dict[str, bytes]:
    """Name of the format → a file of it."""
    return {
        "fec": fec("\t").encode(),
        "fec cp1252": fec("|").replace("\n", "\r\n").encode("cp1252"),
        "fec utf-16": fec(";").encode("utf-16"),
        "fec xml": fec_xml().encode(),
        **{name: _bank_file(name) for name in BANK_FORMATS},
        "camt052": _camt("052", "BkToCstmrAcctRpt", "Rpt"),
        "camt054": _camt("054", "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
        "mt942": mt942().encode(),
        "ofx xml": ofx_xml().encode(),
        "bank xlsx": workbook(),
        "cii": cii().encode(),
        "ubl": ubl().encode(),
        "factur-x": _factur_x(),
        "third_parties": (
            "third_party_code;name;payment_terms;credit_limit\nMARTIN;Société Martin;30 EOM 10;1000.00\nDURAND;;;\n"
        ).encode(),
        "invoices": (
            b"document_number,issue_date,due_date,total_amount\nF1,2025-01-10,2025-02-10,1200.00\nF2,,2025-03-01,\n"
        ),
        "disputes": b"document_number,opened_on,amount\nF1,2025-02-11,200.00\nF2,2025-03-02,\n",
        "promises": b"third_party_code,document_number,promised_date\nMARTIN,F1,2025-03-01\nDURAND,,2025-03-02\n",
        "dunning_events": (
            b"third_party_code,document_number,sent_on,level\nMARTIN,F1,2025-02-20,1\nDURAND,,2025-03-20,2\n"
        ),
        "decisions": (
            b"decision,decision_ref,object_id,counterpart_id,amount,decided_by,decided_on,iban,third_party_id\n"
            b"match,R1,b1,l1,150.00,ana,2025-03-03,,\nalias,R2,,,,ana,2025-03-04,FR76 1,acme/customer/M\n"
        ),
        "fx_rates": b"rate_date,currency,base_currency,rate\n2025-01-10,USD,EUR,1.0300\n2025-01-13,USD,EUR,1.0198\n",
    }


def fec(separator: str) -> str:
    """A ledger of two entries: a sale, and its payment."""
    rows = [[cell.replace("_", " ").replace("-", "") for cell in line.split(" ")] for line in FEC_LINES]
    padded = [row + [""] * (len(COLUMNS) - len(row)) for row in rows]
    return "".join(separator.join(row) + "\n" for row in (COLUMNS, *padded))


def fec_xml() -> str:
    """The same sale in XML."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<comptabilite><exercice><DateCloture>2025-12-31</DateCloture>\n"
        "<journal><JournalCode>VE</JournalCode><JournalLib>Ventes</JournalLib>\n"
        "<ecriture><EcritureNum>1</EcritureNum><EcritureDate>2025-01-10</EcritureDate>"
        "<EcritureLib>Facture 1</EcritureLib><PieceRef>F1</PieceRef><PieceDate>2025-01-10</PieceDate>\n"
        "<ligne><CompteNum>411000</CompteNum><CompteLib>Clients</CompteLib><CompAuxNum>MARTIN</CompAuxNum>"
        "<Debit>1200.00</Debit></ligne>\n"
        "<ligne><CompteNum>706000</CompteNum><CompteLib>Ventes</CompteLib><Credit>1200.00</Credit></ligne>\n"
        "</ecriture></journal></exercice></comptabilite>\n"
    )


def mt942() -> str:
    """An interim report of a day, without balances."""
    return (
        ":20:REPORT1\r\n:25:10020030/1234567\r\n:28C:1/1\r\n:34F:EURD0,00\r\n:34F:EURC0,00\r\n:13D:2501021200+0100\r\n"
        ":61:2501020102D12,50NTRFNONREF//1\r\n:86:177?00SEPA-UEBERWEISUNG?20SVWZ+Loyer?32Durand\r\n"
        ":61:2501020102C1047,30NTRFNONREF//2\r\n:86:166?00SEPA-GUTSCHRIFT?20SVWZ+F1?32Martin\r\n"
        ":90D:1EUR12,50\r\n:90C:1EUR1047,30\r\n-\r\n"
    )


def ofx_xml() -> str:
    """Two movements in OFX 2."""
    movements = "".join(
        f"<STMTTRN><TRNTYPE>{kind}</TRNTYPE><DTPOSTED>{day}</DTPOSTED><TRNAMT>{amount}</TRNAMT><FITID>{number}</FITID>"
        f"<NAME>Martin</NAME><MEMO>F{number}</MEMO></STMTTRN>\n"
        for number, (kind, day, amount) in enumerate(
            (("DEBIT", "20250102", "-12.50"), ("CREDIT", "20250103", "1047.30")), 1
        )
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<?OFX OFXHEADER="200" VERSION="220" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
        "<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>"
        "<DTSERVER>20250201</DTSERVER><LANGUAGE>FRA</LANGUAGE></SONRS></SIGNONMSGSRSV1>\n"
        "<BANKMSGSRSV1><STMTTRNRS><TRNUID>1</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>"
        "<STMTRS><CURDEF>EUR</CURDEF><BANKACCTFROM><BANKID>30006</BANKID><BRANCHID>00001</BRANCHID>"
        "<ACCTID>12345678901</ACCTID><ACCTTYPE>CHECKING</ACCTTYPE></BANKACCTFROM>\n"
        f"<BANKTRANLIST><DTSTART>20250101</DTSTART><DTEND>20250131</DTEND>\n{movements}</BANKTRANLIST>\n"
        "<LEDGERBAL><BALAMT>2034.80</BALAMT><DTASOF>20250131</DTASOF></LEDGERBAL>"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    )


def workbook() -> bytes:
    """The rows of the bank's CSV as a workbook."""
    header, *rows = [line.split(";") for line in _bank_file("bank_csv").decode().splitlines()]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(header)
    for day, text, amount, currency, balance, *others in rows:
        sheet.append([date.fromisoformat(day), text, float(amount), currency, float(balance), *others])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _camt(kind: str, message: str, statement: str) -> bytes:
    content = _bank_file("camt053").decode()
    content = content.replace("camt.053", f"camt.{kind}").replace("BkToCstmrStmt", message)
    return re.sub(r"(</?)Stmt>", rf"\1{statement}>", content).encode()


def _bank_file(name: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "sample")
        _write_sample(name, path, ENTRIES)
        return path.read_bytes()


def _factur_x() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "samples")
        _write_sample("factur_x", path, 1)
        return next(path.iterdir()).read_bytes()


def _write_sample(name: str, path: Path, entries: int) -> None:
    importlib.import_module(f"benchmarks.bank_formats.{name}").write_sample(path, entries)
