"""The mappings that come with Encours, and what encours.toml may say of one."""

from pathlib import Path

import pytest

from home.mapping import FIELDS, Mapping
from home.settings_file import SettingsError, parse
from ingestion.mapping.bank_rows import TEXTS
from ingestion.mapping.books import TABLES
from ingestion.mapping.catalogue import built_in, fingerprint
from ingestion.mapping.names import folded, position
from ingestion.mapping.proposal import roles
from ingestion.schemas import BANK_TRANSACTIONS, LANDED_TABLES

BANK_ONLY = {
    "debit",
    "credit",
    "direction",
    "balance",
    "currency",
    "account",
    "detail_amount",
    "original_currency",
}


def test_the_fields_of_mappings_are_the_columns_that_land() -> None:
    for kind, table in TABLES.items():
        landed = set(LANDED_TABLES[table].names[2:])
        extra = {"amount", "direction"} if kind == "ledger" else set()
        assert FIELDS[kind].keys() == landed | extra
    assert FIELDS["bank_statement"].keys() - BANK_ONLY <= set(BANK_TRANSACTIONS.names)
    assert set(TEXTS) <= FIELDS["bank_statement"].keys()


def test_the_names_of_columns_that_proposals_know_are_of_known_fields() -> None:
    for kind, names in roles().items():
        if kind != "outside":
            assert names.keys() <= FIELDS[kind].keys()


def test_built_in_mappings_have_names_of_their_own() -> None:
    names = [mapping.name for mapping in built_in().mappings]
    assert len(names) == len(set(names))


def test_what_is_known_and_not_read_says_what_it_is_and_what_to_drop() -> None:
    for item in built_in().not_read:
        assert item.reason.startswith("it ")
        assert item.remedy.endswith(".")


def test_no_built_in_mapping_fits_the_header_of_another() -> None:
    listed = [mapping for mapping in built_in().mappings if mapping.header]
    for mapping in listed:
        header = [folded(str(name).split("|")[0].replace("*", "CHF")) for name in mapping.header]
        for other in listed:
            fits = all(position(name, header) is not None for name in other.header)
            barred = any(position(name, header) is not None for name in other.without)
            assert other is mapping or not fits or barred, (mapping.name, other.name)


def test_a_fingerprint_changes_with_anything_that_a_mapping_says() -> None:
    columns = {"booking_date": "Date", "amount": "Amount"}
    said = {"name": "a", "lands_as": "bank_statement", "columns": columns}
    prints = {
        fingerprint(Mapping.model_validate(said | change), *place)
        for change, place in (
            ({}, ()),
            ({"inverse_sign": True}, ()),
            ({"columns": columns | {"balance": "Balance"}}, ()),
            ({}, ("CH93",)),
        )
    }
    assert len(prints) == 4


@pytest.mark.parametrize(
    ("name", "header", "expected"),
    [
        ("Débit", ["date", "debit"], 1),
        ("Crédit en *", ["creditenchf"], 0),
        ("Soll | Belastung", ["belastung", "soll"], 1),
        ("N° de transaction", ["ndetransaction"], 0),
        ("Дата", ["дата"], 0),
        ("*", ["", "x"], 1),
        (3, [], 2),
        ("Datum", ["datumvaluta"], None),
    ],
)
def test_columns_are_found_by_name_alternative_wildcard_and_number(
    name: str | int, header: list[str], expected: int | None
) -> None:
    assert position(name, header) == expected


BANK = '[[mappings]]\nname = "a"\nlands_as = "bank_statement"\n'
PLAIN = BANK + 'columns = { booking_date = "Date", amount = "Amount" }\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BANK, "key mappings.1.columns is missing; add it."),
        (PLAIN + "colums = 1", "unknown key mappings.1.colums; the nearest known key is columns."),
        (BANK + 'columns = { date = "D", amount = "A" }', "columns knows no date; the nearest is value_date"),
        (BANK + 'columns = { booking_date = "D" }', "columns has no amount or debit or credit, which"),
        (PLAIN + 'extract = { remittance_text = "x" }', "extract.remittance_text needs a group in parentheses"),
        (PLAIN + 'patterns = { account = "(" }', "patterns.account is no regular expression"),
        (PLAIN + 'patterns = { acount = "(x)" }', "patterns knows no acount; the nearest is account"),
        (PLAIN + 'date_formats = ["%d.%m.%Y %H"]', "date_formats '%d.%m.%Y %H' must be made of %d, %m or %b"),
        (PLAIN + 'encoding = "klingon"', "encoding 'klingon' is not known"),
        (PLAIN + 'layout = "fixed"', "layout fixed needs a record and a pattern"),
        (PLAIN + 'layout = "fixed"\nrecord = "L"\npattern = "x"', "column 'Date' of layout fixed is no place"),
        (BANK + "columns = { booking_date = 1, amount = 2 }", "without column names it needs a pattern"),
        (PLAIN + 'delimiter = ";;"', "should have at most 1 character"),
        (PLAIN + PLAIN, "key mappings: the name 'a' stands 2 times; keep one."),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_an_error_of_one_sentence(text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text, Path("encours.toml"))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).count("booking_date") <= 1
