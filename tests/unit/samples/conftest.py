"""Two generated groups, and a plain reading of their files that shares nothing with the product or the generator."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from samples.generator import generate
from samples.truth import Truth

AS_OF = date(2026, 6, 30)
BRINDILLE, EMBRUNS = "brindille-conseil", "comptoir-des-embruns"
DIALECTS = {BRINDILLE: ("\t", "utf-8"), EMBRUNS: ("|", "cp1252")}


@dataclass(frozen=True)
class Row:
    """A ledger line; ``cents`` is debit less credit."""

    row: int
    year: int
    journal: str
    number: str
    day: date
    account: str
    party: str
    piece: str
    cents: int
    letter: str
    letter_day: date | None
    valid_day: date | None
    due: date | None

    @property
    def is_opening(self) -> bool:
        return self.journal in ("AN", "RAN")


@dataclass(frozen=True)
class Entry:
    """A bank entry, with the signed amounts of its details when it is a batch."""

    day: date
    amount: Decimal
    reference: str
    details: list[Decimal]


@dataclass(frozen=True)
class Statement:
    version: str
    iban: str
    first: date
    last: date
    opening: Decimal
    closing: Decimal
    entries: list[Entry]


def cents(text: str) -> int:
    euros, decimals = text.split(",")
    assert len(decimals) == 2
    return int(euros) * 100 + int(decimals)


def day(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:])) if text else None


def fec_rows(path: Path, company_id: str) -> Iterator[Row]:
    separator, encoding = DIALECTS[company_id]
    lines = path.read_bytes().decode(encoding).split("\r\n")
    assert lines.pop() == ""
    names = lines[0].split(separator)
    for number, line in enumerate(lines[1:], start=2):
        cell = dict(zip(names, line.split(separator), strict=True))
        assert cell["Debit"] == "0,00" or cell["Credit"] == "0,00"
        entry_day = day(cell["EcritureDate"])
        assert entry_day is not None
        yield Row(
            row=number,
            year=entry_day.year,
            journal=cell["JournalCode"],
            number=cell["EcritureNum"],
            day=entry_day,
            account=cell["CompteNum"],
            party=cell["CompAuxNum"],
            piece=cell["PieceRef"],
            cents=cents(cell["Debit"]) - cents(cell["Credit"]),
            letter=cell["EcritureLet"],
            letter_day=day(cell["DateLet"]),
            valid_day=day(cell["ValidDate"]),
            due=day(cell.get("DateEcheance", "")),
        )


def camt_statement(path: Path) -> Statement:
    root = ElementTree.fromstring(path.read_bytes())
    namespace = root.tag[1:].split("}")[0]

    def text(node: ElementTree.Element, where: str) -> str:
        found = node.findtext(where, namespaces={"": namespace})
        assert found is not None, where
        return found

    def all_of(node: ElementTree.Element, where: str) -> list[ElementTree.Element]:
        return node.findall(where, {"": namespace})

    def signed(node: ElementTree.Element) -> Decimal:
        return {"CRDT": 1, "DBIT": -1}[text(node, "CdtDbtInd")] * Decimal(text(node, "Amt"))

    (node,) = all_of(root, "BkToCstmrStmt/Stmt")
    balances = {text(balance, "Tp/CdOrPrtry/Cd"): signed(balance) for balance in all_of(node, "Bal")}
    entries = []
    for entry in all_of(node, "Ntry"):
        details = []
        if all_of(entry, "NtryDtls/Btch"):
            for detail in all_of(entry, "NtryDtls/TxDtls"):
                has_sign = bool(all_of(detail, "CdtDbtInd"))
                details.append(signed(detail) if has_sign else Decimal(text(detail, "AmtDtls/TxAmt/Amt")))
            assert len(details) == int(text(entry, "NtryDtls/Btch/NbOfTxs"))
        booked = date.fromisoformat(text(entry, "BookgDt/Dt"))
        entries.append(Entry(booked, signed(entry), text(entry, "AcctSvcrRef"), details))
    return Statement(
        version=namespace[-6:],
        iban=text(node, "Acct/Id/IBAN"),
        first=date.fromisoformat(text(node, "FrToDt/FrDtTm")[:10]),
        last=date.fromisoformat(text(node, "FrToDt/ToDtTm")[:10]),
        opening=balances["OPBD"],
        closing=balances["CLBD"],
        entries=entries,
    )


@dataclass(frozen=True)
class Sample:
    """A generated inbox and its truth."""

    inbox: Path
    truth: Truth

    def rows(self, company_id: str) -> list[Row]:
        """The rows of the newest export of each year, in order."""
        paths = sorted((self.inbox / company_id).glob("*FEC*.txt"))
        assert len(paths) == 2
        return [row for path in paths for row in fec_rows(path, company_id)]

    def statements(self, company_id: str, account: str = "bank") -> list[Statement]:
        """All statements of an account, in order: those in ``bank``, or those of the savings account in ``livret``."""
        return [camt_statement(path) for path in sorted((self.inbox / company_id / account).glob("*.xml"))]


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A group whose files are all in order."""
    inbox = tmp_path_factory.mktemp("clean")
    return Sample(inbox, generate(inbox, lines=12_000, seed=3, as_of=AS_OF, with_faults=False))


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A group large enough to hold every situation."""
    inbox = tmp_path_factory.mktemp("large")
    return Sample(inbox, generate(inbox, lines=40_000, seed=4, as_of=AS_OF, with_faults=False))


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A group with the faults that a controller meets."""
    inbox = tmp_path_factory.mktemp("faulty")
    return Sample(inbox, generate(inbox, lines=3_000, seed=3, as_of=AS_OF))


@pytest.fixture(params=[BRINDILLE, EMBRUNS])
def company_id(request: pytest.FixtureRequest) -> str:
    company: str = request.param
    return company
