"""The seed that says which kind of movement a bank transaction code is, asked as ``fct_bank_transactions`` asks it."""

import csv
from pathlib import Path

import pytest

SEED = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "bank_transaction_kinds.csv"
KINDS = {
    *("transfer", "direct_debit", "cheque", "card", "bill", "cash", "fee", "interest", "loan", "return"),
    *("internal", "other"),
}


@pytest.fixture(scope="module")
def kinds() -> dict[str, str]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return {row["code_prefix"]: row["transaction_kind"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("PMNT-RCDT-ESCT", "transfer"),
        ("PMNT-IRCT-ESCT", "transfer"),
        ("PMNT-ICDT-SALA", "transfer"),
        ("PMNT-RCDT-RRTN", "return"),
        ("PMNT-RRCT-RPCR", "return"),
        ("PMNT-IDDT-ESDD", "direct_debit"),
        ("PMNT-IDDT-UPDD", "return"),
        ("PMNT-RDDT-PRDD", "return"),
        ("PMNT-RCHQ-CCHQ", "cheque"),
        ("PMNT-RCHQ-UPCQ", "return"),
        ("PMNT-CCRD-POSD", "card"),
        ("PMNT-CCRD-CWDL", "cash"),
        ("PMNT-MCRD-COME", "fee"),
        ("PMNT-MCRD-UPCT", "return"),
        ("PMNT-CNTR-CDPT", "cash"),
        ("PMNT-CNTR-CHKD", "cheque"),
        ("PMNT-DRFT-STAM", "bill"),
        ("PMNT-DRFT-UDFT", "return"),
        ("PMNT-RCCN-ICCT", "internal"),
        ("PMNT-MDOP-FEES", "fee"),
        ("PMNT-RCDT-TAXE", "other"),
        ("PMNT-OTHR-OTHR", "other"),
        ("CAMT-ACCB-ZABA", "internal"),
        ("ACMT-MDOP-CHRG", "fee"),
        ("ACMT-ACOP-INTR", "interest"),
        ("LDAS-FTLN-PPAY", "loan"),
        ("LDAS-MGLN-INTR", "interest"),
        ("LDAS-FTDP-DPST", "internal"),
        ("FORX-SPOT-OTHR", "other"),
        ("SECU-SETT-TRAD", "other"),
        ("SECU-CUST-CHRG", "fee"),
        ("XTND-NTAV-NTAV", "other"),
    ],
)
def test_a_code_of_iso_20022_is_of_its_kind(kinds: dict[str, str], code: str, kind: str) -> None:
    prefixes = [prefix for prefix in kinds if code.startswith(prefix)]
    assert (kinds[max(prefixes, key=len)] if prefixes else "other") == kind


def test_every_kind_is_one_of_those_that_the_mart_names(kinds: dict[str, str]) -> None:
    assert set(kinds.values()) <= KINDS
