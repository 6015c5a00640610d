"""The codes that readers give movements, and the kinds that the models make of them."""

import csv
from pathlib import Path

import pytest

from ingestion.formats.cfonb import RETURNS
from ingestion.formats.mt940_information import RETURN_CODES

SEED = Path(__file__).resolve().parents[4] / "dbt_project" / "seeds" / "bank_transaction_kinds.csv"


@pytest.fixture(scope="module")
def kinds() -> dict[str, str]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return {row["code_prefix"]: row["transaction_kind"] for row in csv.DictReader(file)}


def test_what_readers_take_for_a_return_is_one_and_nothing_else_of_its_list_is(kinds: dict[str, str]) -> None:
    for name, codes in (("CFONB", set(RETURNS.to_pylist())), ("GVC", set(RETURN_CODES))):
        returns = {code for code, kind in kinds.items() if kind == "return" and code.startswith(f"{name}-")}
        assert returns == {f"{name}-{code}" for code in codes}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("CFONB-01", "cheque"),
        ("CFONB-05", "transfer"),
        ("CFONB-10", "return"),
        ("CFONB-62", "fee"),
        ("CFONB-B1", "direct_debit"),
        ("GVC-105", "direct_debit"),
        ("GVC-109", "return"),
        ("GVC-166", "transfer"),
        ("GVC-808", "fee"),
        ("SWIFT-CHK", "cheque"),
        ("SWIFT-RTI", "return"),
        ("SWIFT-TRF", "transfer"),
    ],
)
def test_codes_of_each_list_have_their_kind(kinds: dict[str, str], code: str, kind: str) -> None:
    assert kinds[code] == kind


def test_no_code_of_these_lists_is_the_beginning_of_another(kinds: dict[str, str]) -> None:
    """The longest prefix wins, so a code that begins another one would take its kind where that is not listed."""
    flat = sorted(code for code in kinds if code.startswith(("CFONB-", "GVC-", "SWIFT-")))
    assert {len(code) for code in flat} == {len("CFONB-05"), len("GVC-166"), len("SWIFT-TRF")}
    assert len(flat) == len(set(flat))
