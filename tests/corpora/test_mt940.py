"""Every MT940 and MT942 file of the corpora: what lands, against the expected result beside it and a published parser.

The expected results are those of mt-940 5.0, kept as pickled objects; they are read as plain data.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import mt940
import pyarrow.parquet as pq
import pytest
import yaml

from home.layout import Home
from home.settings import Settings
from ingestion.intake import Intake, take_in
from ingestion.landing import landed_files

OUTSIDE = "the entry stands outside a statement: no :20: opens it"
CUT = "it ends in the middle of the statement that begins on line {}: its closing balance (:62F:) is missing"
STRAY_CLOSING = "the closing balance stands outside a statement"
NOTHING = "it holds no statement"

REFUSED = {
    "betterplace__amount_formats.sta": CUT.format(1),
    "betterplace__currency_in_25.sta": CUT.format(1),
    "betterplace__empty_86.sta": NOTHING,
    "betterplace__empty_entry_date.sta": f"none of its rows could be read; line 1: {OUTSIDE}",
    "betterplace__empty_line.sta": CUT.format(2),
    "betterplace__missing_crlf_at_end.sta": f"none of its rows could be read; line 1: {STRAY_CLOSING}",
    "cmxl__account_balance_credit.sta": CUT.format(1),
    "cmxl__account_balance_debit.sta": CUT.format(1),
    "cmxl__account_identification_iban.sta": CUT.format(1),
    "cmxl__account_identification_legacy.sta": CUT.format(1),
    "cmxl__available_balance.sta": NOTHING,
    "cmxl__closing_balance.sta": f"none of its rows could be read; line 1: {STRAY_CLOSING}",
    "cmxl__reference.sta": CUT.format(1),
    "cmxl__statement_details.sta": f"none of its rows could be read; line 1: {OUTSIDE}",
    "cmxl__statement_line.sta": f"none of its rows could be read; line 1: {OUTSIDE}",
    "cmxl__statement_number.sta": CUT.format(1),
    "self-provided__account_identification.sta": CUT.format(4),
    "self-provided__empty_non_swift.sta": NOTHING,
    "self-provided__gv_codes.sta": CUT.format(1),
    "self-provided__invalid_statement.sta": "its content is of no kind that Encours knows",
    "self-provided__sparkassen.sta": f"none of its rows could be read; line 1: {OUTSIDE}",
}
"""Files that are parts of a statement, or none."""

SET_ASIDE = {
    "betterplace__empty_entry_date.sta": {1: OUTSIDE},
    "betterplace__missing_crlf_at_end.sta": {1: STRAY_CLOSING},
    "betterplace__sepa_snippet_broken.sta": {6: "the field :25: stands among the entries"},
    "cmxl__closing_balance.sta": {1: STRAY_CLOSING},
    "cmxl__statement_details.sta": {1: OUTSIDE},
    "cmxl__statement_line.sta": {1: OUTSIDE},
    # After the end mark of its only statement.
    "self-provided__multiline.sta": {38: OUTSIDE},
    "self-provided__sparkassen.sta": {1: OUTSIDE},
}
"""The lines that are set aside, by file."""

NAMED_OTHERWISE = {"sberbank__171011_01234945.sta", "self-provided__raphaelm.sta"}
"""Their names stand in lines :NS:15 and 16, which mt-940 leaves as they are."""


class Pickled(yaml.SafeLoader):
    """Reads what mt-940's objects held, as plain data; no object is made."""


def _object(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    return loader.construct_mapping(node) if isinstance(node, yaml.MappingNode) else None


def _call(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> Any:
    given = loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else [None]
    if name == "decimal.Decimal":
        return Decimal(given[0])
    if name == "mt940.models.Date":
        high, low, month, day = given[0]
        return date(high * 256 + low, month, day)
    return None


Pickled.add_multi_constructor("tag:yaml.org,2002:python/object:", _object)
Pickled.add_multi_constructor("tag:yaml.org,2002:python/object/apply:", _call)


def squeezed(text: str | None) -> str:
    return re.sub(r"\s", "", text or "")


class Landed:
    """The files of the corpora, landed side by side."""

    def __init__(self, corpora: Path, folder: Path) -> None:
        self.home = Home.at(folder)
        self.home.create()
        self.files = sorted(
            path for path in (corpora / "mt940").rglob("*") if path.suffix in (".sta", ".txt")
        )
        for path in self.files:
            target = self.home.inbox / path.stem / path.name
            target.parent.mkdir()
            target.write_bytes(path.read_bytes())
        self.intake: Intake = take_in(self.home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))
        self.records = {Path(record.source_file).name: record for record in self.intake.new_files}

    def rows(self, table: str, name: str) -> list[dict[str, Any]]:
        sha256 = self.records[name].source_sha256
        found = [path for path in landed_files(self.home, table) if path.stem == sha256]
        return [row for path in found for row in pq.read_table(path).to_pylist()]


@pytest.fixture(scope="module")
def landed(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Landed:
    return Landed(corpora, tmp_path_factory.mktemp("home"))


def test_every_file_lands_or_says_why_not(landed: Landed) -> None:
    assert len(landed.files) >= 43
    reasons = {name: record.reason for name, record in landed.records.items() if record.status != "landed"}
    assert reasons == REFUSED
    set_aside = {
        name: {row["source_row"]: row["reason"] for row in rows}
        for name in landed.records
        if (rows := landed.rows("quarantined_rows", name))
    }
    assert set_aside == SET_ASIDE
    assert all(
        record.rows_read == record.rows_landed + record.rows_quarantined for record in landed.records.values()
    )


def test_entries_are_those_expected(landed: Landed) -> None:
    compared = reversals = 0
    for path in landed.files:
        result = path.with_suffix(".yml")
        if path.name in REFUSED or not result.exists():
            continue
        whole = yaml.load(result.read_text(encoding="utf-8"), Loader=Pickled)
        expected = [one["data"] for one in whole["transactions"] if "amount" in one["data"]]
        rows = landed.rows("bank_transactions", path.name)
        outside = set(SET_ASIDE.get(path.name, {}).values()) & {OUTSIDE}
        assert len(rows) == len(expected) - len(outside), path.name
        for row, one in zip(rows, expected, strict=False):
            # The reversal of a credit is money out; mt-940 5.0 left it positive.
            amount = one["amount"]["amount"] * (-1 if one["status"] == "RC" else 1)
            assert row["amount"] == amount, path.name
            assert row["is_reversal"] == (one["status"] in ("RC", "RD")), path.name
            reversals += row["is_reversal"]
            assert (row["value_date"], row["booking_date"]) == (
                one["date"],
                one.get("entry_date") or one["date"],
            ), path.name
            if path.name not in NAMED_OTHERWISE:
                assert squeezed(row["counterparty_name"]) == squeezed(one.get("applicant_name")), path.name
            assert squeezed(one.get("purpose")) in squeezed(row["remittance_text"]), path.name
            if reference := one.get("end_to_end_reference"):
                # Where a sub-field ends early, mt-940 goes on into the next: ours is the beginning of its.
                assert squeezed(reference).startswith(squeezed(row["end_to_end_id"])) or reference == "NONREF"
            assert squeezed(row["mandate_id"]) == squeezed(one.get("additional_position_reference"))
            assert squeezed(row["bank_entry_reference"]) == squeezed(one.get("bank_reference"))
            compared += 1
    assert compared >= 165
    assert reversals


def test_statements_are_those_of_mt_940(landed: Landed) -> None:
    """Opening, entries and closing of each, with all fixes of its next release: the default merges statements."""
    compared = 0
    for path in landed.files:
        if path.name in REFUSED:
            continue
        statements = landed.rows("bank_statements", path.name)
        rows = landed.rows("bank_transactions", path.name)
        # What stands outside of statements it takes for the last one's.
        content = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        parsed = mt940.parse_statements(
            content.partition("\n-\n:61:")[0] if path.name in SET_ASIDE else content,
            options=mt940.Options.all(),
        )
        assert len(parsed) == len(statements), path.name
        for number, (one, statement) in enumerate(zip(parsed, statements, strict=True), 1):
            assert statement["statement_reference"] == one.data["transaction_reference"], path.name
            balances = [
                one.data.get(f"final_{name}_balance") or one.data.get(f"intermediate_{name}_balance")
                for name in ("opening", "closing")
            ]
            if path.name != "self-provided__raphaelm.sta":
                # It takes the digits of an amount without currency for the currency.
                assert [statement["opening_balance"], statement["closing_balance"]] == [
                    balance.amount.amount if balance else None for balance in balances
                ], path.name
            assert [row["amount"] for row in rows if row["statement_ordinal"] == number] == [
                entry.data["amount"].amount for entry in one if "amount" in entry.data
            ], path.name
            compared += 1
    assert compared >= 50


def test_statements_add_up_where_the_bank_made_them(landed: Landed) -> None:
    """The amounts of these were changed by hand when the samples were made, or entries left out."""
    by_hand = {
        "betterplace__sepa_snippet.sta",
        "betterplace__sepa_snippet_broken.sta",
        "mBank__with_newline_in_tnr.sta",
        "self-provided__details_60-63.sta",
        "self-provided__malformed_details.sta",
        "self-provided__overly_long_details.sta",
        "self-provided__raiffeisen-cmi.sta",
        "self-provided__whitespace.sta",
    }
    differing = {
        path.name
        for path in landed.files
        for row in landed.rows("bank_statements", path.name)
        if row["statement_kind"] == "statement"
        and row["opening_balance"] + row["entry_total"] != row["closing_balance"]
    }
    assert differing == by_hand
    statements = sum(len(landed.rows("bank_statements", path.name)) for path in landed.files)
    assert statements >= 50
