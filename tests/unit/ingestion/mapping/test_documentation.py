"""The example of docs/inputs.md, and its tables of fields."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from home.mapping import FIELDS, OUTSIDE, Mapping
from home.settings import Settings
from ingestion.mapping.catalogue import built_in

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "inputs.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## CSV, XLSX and other tables\n")[2].partition("\n## ")[0]


def test_the_example_lands_as_it_says(desk: Any) -> None:
    (table,) = re.findall(r"```csv\n(.*?)```", SECTION, re.DOTALL)
    (mapping,) = re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL)
    desk.settings = Settings.model_validate(tomllib.loads(mapping))
    desk.drop("acme/january.csv", table)
    (record,) = desk.take().new_files
    assert (record.status, record.rows_quarantined) == ("landed", 0)
    rows = desk.rows("bank_transactions")
    assert [
        (row["booking_date"], row["amount"], row["remittance_text"], row["end_to_end_id"]) for row in rows
    ] == [
        (date(2026, 1, 2), -900, "LOYER Janvier", None),
        (date(2026, 1, 13), 1840.5, "VIREMENT MARTIN REF F12 suite du motif", "F12"),
    ]
    (statement,) = desk.rows("bank_statements")
    assert statement["account_number"] == "FR7630006000011234567890189"
    assert statement["opening_balance"] + statement["entry_total"] == statement["closing_balance"] == 1940.5


@pytest.mark.parametrize("kind", [*FIELDS, "outside"])
def test_every_field_is_documented(kind: str) -> None:
    assert [name for name in FIELDS.get(kind, OUTSIDE) if f"`{name}`" not in SECTION] == []


def test_every_key_is_named_or_shown_in_the_settings() -> None:
    settings = (Path(__file__).resolve().parents[4] / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [key for key in Mapping.model_fields if f"#{key} = " not in settings] == []


def test_every_bank_and_software_that_is_built_in_is_named() -> None:
    brands = {mapping.name.split()[0] for mapping in built_in().mappings} - {"English"}
    assert [brand for brand in brands if brand not in SECTION] == []
