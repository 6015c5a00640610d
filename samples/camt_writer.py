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
from samples.days import Ints
from samples.documents import DocumentTable
from samples.parties import Parties, Payers
from samples.profiles import Profile
from samples.scenarios import SCENARIO_INDEX

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
    bank.CHEQUE_RETURN: ("PMNT", "ICHQ", "UPCQ"),
    bank.TRANSFER_BACK: ("PMNT", "RCDT", "RRTN"),
    bank.OWN_TRANSFER: ("PMNT", "ICDT", "BOOK"),
    bank.INTEREST: ("ACMT", "MCOP", "INTR"),
    bank.COMMISSION: ("ACMT", "MDOP", "COMM"),
    bank.DEBIT_OUT: ("PMNT", "RDDT", "ESDD"),
}
"""ISO bank transaction codes: domain, family, subfamily."""

_TEXTS: Final = {
    bank.BILL_IN: "EFFET LCR ENCAISSE",
    bank.BILL_OUT: "EFFET DOMICILIE",
    bank.SALARIES_OUT: "VIR SALAIRES",
    bank.TAXES_OUT: "PRLV SEPA CHARGES ET TAXES",
    bank.FEES: "COTISATION ET FRAIS DE TENUE DE COMPTE",
    bank.LOAN: "ECHEANCE PRET",
    bank.OWN_TRANSFER: "VIREMENT DE COMPTE A COMPTE",
    bank.INTEREST: "INTERETS CREDITEURS",
    bank.COMMISSION: "COMMISSION D INTERVENTION",
    bank.DEBIT_OUT: "PRLV SEPA ABONNEMENT TELECOM",
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


def entry_references(movements: Movements, prefix: str) -> list[str]:
    """The bank's own reference of each movement: its day and a number; the same for all details of a batch.

    ``prefix`` tells the accounts of one company apart.
    """
    starts = movements.entry_starts()
    lengths = np.diff(np.r_[starts, len(movements)])
    numbers = np.repeat(np.arange(1, len(starts) + 1), lengths).tolist()
    return [
        f"{prefix}{str(day).replace('-', '')}{number:08d}"
        for day, number in zip(movements.day.tolist(), numbers, strict=True)
    ]


def bank_texts(
    rng: np.random.Generator,
    movements: Movements,
    paid: pa.Table,
    documents: DocumentTable,
    parties: Parties,
    payers: Payers,
    scenarios: Ints,
) -> BankTexts:
    """What the bank tells about ``movements``; ``paid`` says which documents each pays (movement, document, cents).

    Of the customers who send a transfer, half write the whole reference, others its digits, a word or
    nothing. Names are cut to what the payer's bank has room for. ``scenarios`` are those of the movements, as
    indexes into ``SCENARIOS``: where one says so, a digit of the reference is wrong, or there is none.
    """
    widths = rng.choice([24, 27, 32, 35, 70], len(parties), p=[0.1, 0.1, 0.1, 0.3, 0.4]).tolist()
    names = [bank_ascii(name)[:width].strip() for name, width in zip(parties.names, widths, strict=True)]
    payer_names = [bank_ascii(name)[:35] for name in payers.names]
    references = _references_paid(movements, paid, documents)
    own = documents.references.take(pa.array(np.maximum(movements.document, 0))).to_pylist()
    is_misread = scenarios == SCENARIO_INDEX["reference_misread"]
    is_unknown = scenarios == SCENARIO_INDEX["suspense"]
    habits = rng.choice(4, len(movements), p=[0.5, 0.2, 0.1, 0.2])
    habits = np.where(is_misread & (habits > 1), 1, np.where(is_unknown, 3, habits)).tolist()
    slips = np.where(is_misread, rng.integers(1, 1_000, len(movements)), 0).tolist()
    texts = BankTexts([], [], [], [])
    columns = zip(
        movements.kind.tolist(),
        movements.party.tolist(),
        movements.payer.tolist(),
        movements.document.tolist(),
        movements.count.tolist(),
        own,
        references,
        habits,
        slips,
        strict=True,
    )
    for kind, party, payer, document, count, reference, pays, habit, slip in columns:
        name = payer_names[payer] if payer >= 0 else names[party] if party >= 0 else ""
        end_to_end = reference if document >= 0 else ""
        if kind == bank.TRANSFER_IN:
            if slip:
                pays = end_to_end = misread(pays, slip)
            said = (pays, " ".join(r.split("-")[-1] for r in pays.split()), "REGLEMENT FACTURE", "")[habit]
            remittance = f"VIR SEPA RECU {name} {said}"[:140].strip()
            end_to_end = end_to_end if habit == 0 else "NOTPROVIDED"
        elif kind == bank.CHEQUE_DEPOSIT:
            remittance = f"REMISE CHEQUES {count} CHQ"
        elif kind == bank.DIRECT_DEBIT_IN:
            remittance = f"PRELEVEMENT {reference}"
        elif kind == bank.RETURN:
            remittance = f"REJET PRELEVEMENT {reference} {name}"
        elif kind == bank.CHEQUE_RETURN:
            remittance, end_to_end = f"REJET CHEQUE IMPAYE {name}", ""
        elif kind == bank.TRANSFER_BACK:
            remittance = f"VIR SEPA RETOURNE {reference} {name}"
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
        texts.iban.append(payers.ibans[payer] if payer >= 0 else parties.ibans[party] if party >= 0 else "")
    return texts


def misread(reference: str, slip: int) -> str:
    """``reference`` with a slip of the pen in its number: two digits swapped, else its last digit lost.

    ``slip`` chooses which.
    """
    head, _, number = reference.rpartition("-")
    swappable = [place for place in range(len(number) - 1) if number[place] != number[place + 1]]
    if slip % 3 == 0 or not swappable:
        return f"{head}-{number[:-1]}"
    place = swappable[slip % len(swappable)]
    return f"{head}-{number[:place]}{number[place + 1]}{number[place]}{number[place + 2 :]}"


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
    iban: str,
    statement: Statement,
    movements: Movements,
    references: list[str],
    texts: BankTexts,
) -> None:
    """Write a statement of account ``iban``; ``references`` and ``texts`` are those of all ``movements``."""
    rows = movements.take(slice(statement.first, statement.last))
    starts = rows.entry_starts()
    ends = np.r_[starts[1:], len(rows)] if len(starts) else starts
    sums = np.add.reduceat(rows.cents, starts) if len(starts) else starts
    out = StringIO()
    _write_head(out, profile, iban, statement, sums)
    for start, end, cents in zip(starts.tolist(), ends.tolist(), sums.tolist(), strict=True):
        _write_entry(out, profile, rows, statement.first, start, end, cents, references, texts)
    out.write("</Stmt></BkToCstmrStmt></Document>\n")
    path.write_text(out.getvalue(), encoding="utf-8", newline="\n")


def _money(cents: int) -> str:
    return f"{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _signed(cents: int) -> str:
    sign = "CRDT" if cents >= 0 else "DBIT"
    return f'<Amt Ccy="EUR">{_money(cents)}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'


def _write_head(out: StringIO, profile: Profile, iban: str, statement: Statement, sums: Ints) -> None:
    reference = f"{iban[-13:]}-{statement.end:%Y%m%d}"
    created = f"{statement.end}T23:30:00"
    credit, debit = sums[sums > 0], sums[sums < 0]
    bic = "BIC" if profile.camt_version == "001.02" else "BICFI"
    out.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.{profile.camt_version}"><BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>{reference}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>{reference}</Id><ElctrncSeqNb>{statement.number}</ElctrncSeqNb><CreDtTm>{created}</CreDtTm>"
        f"<FrToDt><FrDtTm>{statement.start}T00:00:00</FrDtTm><ToDtTm>{statement.end}T23:59:59</ToDtTm></FrToDt>\n"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy><Ownr><Nm>{escape(profile.name)}</Nm></Ownr>"
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
        # What comes back names the same party as what went.
        is_debtor = (cents > 0) != (kind in (bank.RETURN, bank.CHEQUE_RETURN, bank.TRANSFER_BACK))
        side = "Dbtr" if is_debtor else "Cdtr"
        name = f"<Nm>{escape(texts.name[row])}</Nm>"
        out.write(f"<RltdPties><{side}>{name if is_old else f'<Pty>{name}</Pty>'}</{side}>")
        if texts.iban[row]:
            out.write(f"<{side}Acct><Id><IBAN>{texts.iban[row]}</IBAN></Id></{side}Acct>")
        out.write("</RltdPties>")
    out.write(f"<RmtInf><Ustrd>{escape(texts.remittance[row])}</Ustrd></RmtInf>")
    if kind in (bank.RETURN, bank.TRANSFER_BACK):
        out.write(f"<RtrInf><Rsn><Cd>{'AM04' if kind == bank.RETURN else 'AC01'}</Cd></Rsn></RtrInf>")
    out.write("</TxDtls>")
