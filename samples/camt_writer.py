"""Writes bank statements as ISO 20022 camt.053, versions 001.02 and 001.08."""

import unicodedata
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples import bank
from samples.bank import Movements, Statement
from samples.documents import DocumentTable
from samples.parties import Parties
from samples.profiles import Profile

_CODES: Final = {
    bank.TRANSFER_IN: ("PMNT", "RCDT", "ESCT"),
    bank.CHEQUE_DEPOSIT: ("PMNT", "RCHQ", "BCHQ"),
    bank.DIRECT_DEBIT_IN: ("PMNT", "IDDT", "ESDD"),
    bank.RETURN: ("PMNT", "IDDT", "PRDD"),
    bank.BILL_IN: ("PMNT", "DRFT", "STAM"),
    bank.CARDS_IN: ("PMNT", "MCRD", "POSP"),
    bank.TRANSFER_OUT: ("PMNT", "ICDT", "ESCT"),
    bank.CHEQUE_OUT: ("PMNT", "ICHQ", "CCHQ"),
    bank.BILL_OUT: ("PMNT", "DRFT", "STAM"),
    bank.SALARIES_OUT: ("PMNT", "ICDT", "SALA"),
    bank.TAXES_OUT: ("PMNT", "RDDT", "ESDD"),
    bank.FEES: ("ACMT", "MDOP", "CHRG"),
    bank.LOAN: ("LDAS", "CSLN", "PPAY"),
}
"""ISO bank transaction codes: domain, family, subfamily."""

_TEXTS: Final = {
    bank.BILL_IN: "EFFET LCR ENCAISSE",
    bank.BILL_OUT: "EFFET DOMICILIE",
    bank.SALARIES_OUT: "VIR SALAIRES",
    bank.TAXES_OUT: "PRLV SEPA CHARGES ET TAXES",
    bank.FEES: "COTISATION ET FRAIS DE TENUE DE COMPTE",
    bank.LOAN: "ECHEANCE PRET",
}


@dataclass(frozen=True)
class BankTexts:
    """What a bank tells about each movement, in parallel lists; empty where it tells nothing."""

    remittance: list[str]
    end_to_end: list[str]
    name: list[str]
    iban: list[str]


def bank_ascii(text: str) -> str:
    """``text`` as banks print it: capitals without accents."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
    return plain.encode("ascii", "ignore").decode().upper()


def entry_references(movements: Movements) -> list[str]:
    """The bank's own reference of each movement: its day and a number; the same for all details of a batch."""
    starts = movements.entry_starts()
    lengths = np.diff(np.r_[starts, len(movements)])
    numbers = np.repeat(np.arange(1, len(starts) + 1), lengths).tolist()
    return [
        f"{str(day).replace('-', '')}{number:08d}"
        for day, number in zip(movements.day.tolist(), numbers, strict=True)
    ]


def bank_texts(
    rng: np.random.Generator,
    movements: Movements,
    paid: pa.Table,
    documents: DocumentTable,
    parties: Parties,
) -> BankTexts:
    """What the bank tells about ``movements``; ``paid`` says which documents each pays (movement, document, cents).

    Of the customers who send a transfer, half write the whole reference, others its digits, a word or
    nothing.
    """
    names = [bank_ascii(name) for name in parties.names]
    references = _references_paid(movements, paid, documents)
    own = documents.references.take(pa.array(np.maximum(movements.document, 0))).to_pylist()
    habits = rng.choice(4, len(movements), p=[0.5, 0.2, 0.1, 0.2]).tolist()
    texts = BankTexts([], [], [], [])
    columns = zip(
        movements.kind.tolist(),
        movements.party.tolist(),
        movements.document.tolist(),
        movements.count.tolist(),
        own,
        references,
        habits,
        strict=True,
    )
    for kind, party, document, count, reference, pays, habit in columns:
        name = names[party] if party >= 0 else ""
        end_to_end = reference if document >= 0 else ""
        if kind == bank.TRANSFER_IN:
            said = (pays, " ".join(r.split("-")[-1] for r in pays.split()), "REGLEMENT FACTURE", "")[habit]
            remittance = f"VIR SEPA RECU {name} {said}"[:140].strip()
            end_to_end = end_to_end if habit == 0 else "NOTPROVIDED"
        elif kind == bank.CHEQUE_DEPOSIT:
            remittance = f"REMISE CHEQUES {count} CHQ"
        elif kind == bank.DIRECT_DEBIT_IN:
            remittance = f"PRELEVEMENT {reference}"
        elif kind == bank.RETURN:
            remittance = f"REJET PRELEVEMENT {reference} {name}"
        elif kind == bank.CARDS_IN:
            remittance = f"REMISE CB {count} OPERATIONS {reference}"
        elif kind == bank.CHEQUE_OUT:
            remittance = f"CHEQUE {reference}"
        elif kind == bank.TRANSFER_OUT:
            remittance = (
                f"VIR SEPA EMIS {name} {pays}"[:140].strip()
                if count == 1
                else f"VIR SEPA EMIS {count} OPERATIONS"
            )
        else:
            remittance = _TEXTS[kind]
        texts.remittance.append(remittance)
        texts.end_to_end.append(end_to_end)
        texts.name.append(name)
        texts.iban.append(parties.ibans[party] if party >= 0 else "")
    return texts


def _references_paid(movements: Movements, paid: pa.Table, documents: DocumentTable) -> list[str]:
    """The references of the documents that each movement pays, as a payer would write them one after the other."""
    references = documents.references.take(paid["document"].combine_chunks())
    listed = (
        pa.table({"movement": paid["movement"], "reference": references})
        .sort_by("movement")
        .group_by("movement", use_threads=False)
        .aggregate([("reference", "list")])
    )
    joined = pc.binary_join(listed["reference_list"].combine_chunks(), " ").to_pylist()
    by_movement = dict(zip(listed["movement"].to_pylist(), joined, strict=True))
    return [by_movement.get(movement, "") for movement in movements.id.tolist()]


def write_statement(
    path: Path,
    profile: Profile,
    statement: Statement,
    movements: Movements,
    references: list[str],
    texts: BankTexts,
) -> None:
    """Write one statement to ``path``. ``references`` and ``texts`` are those of all ``movements``."""
    rows = movements.take(slice(statement.first, statement.last))
    starts = rows.entry_starts()
    ends = np.r_[starts[1:], len(rows)] if len(starts) else starts
    sums = np.add.reduceat(rows.cents, starts) if len(starts) else starts
    out = StringIO()
    _write_head(out, profile, statement, sums)
    for start, end, cents in zip(starts.tolist(), ends.tolist(), sums.tolist(), strict=True):
        _write_entry(out, profile, rows, statement.first, start, end, cents, references, texts)
    out.write("</Stmt></BkToCstmrStmt></Document>\n")
    path.write_text(out.getvalue(), encoding="utf-8", newline="\n")


def _money(cents: int) -> str:
    return f"{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _signed(cents: int) -> str:
    sign = "CRDT" if cents >= 0 else "DBIT"
    return f'<Amt Ccy="EUR">{_money(cents)}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'


def _write_head(
    out: StringIO, profile: Profile, statement: Statement, sums: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> None:
    reference = f"{profile.siren}-{statement.end:%Y%m%d}"
    created = f"{statement.end}T23:30:00"
    credit, debit = sums[sums > 0], sums[sums < 0]
    bic = "BIC" if profile.camt_version == "001.02" else "BICFI"
    out.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.{profile.camt_version}"><BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>{reference}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>{reference}</Id><ElctrncSeqNb>{statement.number}</ElctrncSeqNb><CreDtTm>{created}</CreDtTm>"
        f"<FrToDt><FrDtTm>{statement.start}T00:00:00</FrDtTm><ToDtTm>{statement.end}T23:59:59</ToDtTm></FrToDt>\n"
        f"<Acct><Id><IBAN>{profile.iban}</IBAN></Id><Ccy>EUR</Ccy><Ownr><Nm>{escape(profile.name)}</Nm></Ownr>"
        f"<Svcr><FinInstnId><{bic}>FICTFRPPXXX</{bic}></FinInstnId></Svcr></Acct>\n"
    )
    for code, cents, day in (
        ("OPBD", statement.opening, statement.start),
        ("CLBD", statement.closing, statement.end),
    ):
        out.write(
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_signed(cents)}<Dt><Dt>{day}</Dt></Dt></Bal>\n"
        )
    out.write(
        f"<TxsSummry><TtlCdtNtries><NbOfNtries>{len(credit)}</NbOfNtries><Sum>{_money(int(credit.sum()))}</Sum>"
        f"</TtlCdtNtries><TtlDbtNtries><NbOfNtries>{len(debit)}</NbOfNtries><Sum>{_money(int(debit.sum()))}</Sum>"
        "</TtlDbtNtries></TxsSummry>\n"
    )


def _write_entry(
    out: StringIO,
    profile: Profile,
    rows: Movements,
    offset: int,
    start: int,
    end: int,
    cents: int,
    references: list[str],
    texts: BankTexts,
) -> None:
    kind, day = int(rows.kind[start]), rows.day[start]
    is_batch = int(rows.batch[start]) >= 0
    status = "BOOK" if profile.camt_version == "001.02" else "<Cd>BOOK</Cd>"
    domain, family, subfamily = _CODES[kind]
    # Banks value what comes in a day later, and what goes out at once.
    value_day = np.busday_offset(day, 1) if cents > 0 else day
    out.write(
        f"<Ntry>{_signed(cents)}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{value_day}</Dt></ValDt>"
        f"<AcctSvcrRef>{references[offset + start]}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{subfamily}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        "<NtryDtls>"
    )
    if is_batch:
        out.write(f"<Btch><NbOfTxs>{end - start}</NbOfTxs></Btch>")
    for row in range(start, end):
        _write_detail(out, profile, kind, int(rows.cents[row]), offset + row, is_batch, texts)
    out.write("</NtryDtls>")
    if is_batch:
        out.write(f"<AddtlNtryInf>REMISE PRELEVEMENTS {end - start} OPERATIONS</AddtlNtryInf>")
    out.write("</Ntry>\n")


def _write_detail(
    out: StringIO, profile: Profile, kind: int, cents: int, row: int, is_batch: bool, texts: BankTexts
) -> None:
    is_old = profile.camt_version == "001.02"
    out.write("<TxDtls>")
    if texts.end_to_end[row]:
        out.write(f"<Refs><EndToEndId>{escape(texts.end_to_end[row])}</EndToEndId></Refs>")
    if is_batch:
        money = f'<Amt Ccy="EUR">{_money(cents)}</Amt>'
        out.write(f"<AmtDtls><TxAmt>{money}</TxAmt></AmtDtls>" if is_old else _signed(cents))
    if texts.name[row]:
        # A returned debit names the same debtor as the debit did.
        side = "Dbtr" if cents > 0 or kind == bank.RETURN else "Cdtr"
        name = f"<Nm>{escape(texts.name[row])}</Nm>"
        out.write(f"<RltdPties><{side}>{name if is_old else f'<Pty>{name}</Pty>'}</{side}>")
        if texts.iban[row]:
            out.write(f"<{side}Acct><Id><IBAN>{texts.iban[row]}</IBAN></Id></{side}Acct>")
        out.write("</RltdPties>")
    out.write(f"<RmtInf><Ustrd>{escape(texts.remittance[row])}</Ustrd></RmtInf>")
    if kind == bank.RETURN:
        out.write("<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>")
    out.write("</TxDtls>")
