"""Whose file it is: folder, then a ledger's name, then the account's owner, then the only company known."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from home.settings import BankAccount, Company, Settings
from ingestion.manifest import SourceFile
from ingestion.ownership import Owner, closing_date_in_name, owners
from tests.unit.ingestion.formats.invoice_documents import cii


def file(source_file: str, kind: str = "ledger", **facts: Any) -> SourceFile:
    day = datetime(2025, 1, 1, tzinfo=UTC)
    return SourceFile(source_file, "0" * 64, 1, day, day, 1, kind, "landed", **facts)


def owner(one: SourceFile, *others: SourceFile, settings: Settings | None = None) -> Owner:
    return owners([one, *others], settings or Settings())[0]


UNKNOWN = Owner(None, is_unknown=True)
TWO_COMPANIES = Settings(companies=(Company(id="acme"), Company(id="beta")))


def test_the_first_folder_under_the_inbox_is_the_company() -> None:
    assert owner(file("acme/2025/123456789FEC20251231.txt")) == Owner("acme")


def test_a_folder_that_is_no_configured_company_says_nothing() -> None:
    assert owner(file("archive/x.txt"), settings=TWO_COMPANIES) == UNKNOWN
    assert owner(file("archive/123456789FEC20251231.txt"), settings=TWO_COMPANIES) == Owner("123456789")
    assert owner(file("beta/123456789FEC20251231.txt"), settings=TWO_COMPANIES) == Owner("beta")


@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("123456789FEC20251231.txt", "123456789"),
        ("123456789fec20251231.txt", "123456789"),
        ("123456789_FEC_20251231.txt", "123456789"),
        ("quadra__123456789FEC20190731.txt", "quadra__123456789"),
        ("exemple_FEC.txt", "exemple"),
    ],
)
def test_what_stands_before_fec_in_a_ledgers_name_is_the_company(name: str, company: str) -> None:
    assert owner(file(name)) == Owner(company)


@pytest.mark.parametrize("name", ["FEC20251231.txt", "fec-minimal.txt", "infections.txt", "ledger.txt"])
def test_a_name_that_says_nothing_leaves_the_owner_unknown(name: str) -> None:
    assert owner(file(name)) == UNKNOWN


def test_a_name_says_nothing_of_a_file_that_is_no_ledger() -> None:
    assert owner(file("123456789FEC20251231.xml", "bank_statement")) == UNKNOWN


def test_a_statement_belongs_to_the_owner_of_its_account() -> None:
    settings = Settings(
        companies=TWO_COMPANIES.companies,
        bank_accounts=(BankAccount(account="FR76 3000 6000", company="beta", ledger_account="512000"),),
    )
    assert owner(
        file("x.xml", "bank_statement", account_numbers=("FR7630006000",)), settings=settings
    ) == Owner("beta")
    assert owner(file("x.xml", "bank_statement", account_numbers=("FR99",)), settings=settings) == UNKNOWN


@pytest.mark.parametrize(
    ("parties", "expected"),
    [
        (("123456782", "FR11123456782"), Owner("beta")),
        (("BE0999999999", "FR11123456782"), Owner("beta")),
        (("987654321",), Owner("987654321")),
        (("555555556",), UNKNOWN),
        # An invoice from one company to another is in both ledgers.
        (("123456782", "987654321"), Owner(None)),
    ],
)
def test_an_e_invoice_belongs_to_its_seller_or_its_buyer(parties: tuple[str, ...], expected: Owner) -> None:
    settings = Settings(
        companies=(
            Company(id="acme"),
            Company(id="beta", siren="123456782", vat_number="FR11123456782"),
            Company(id="987654321"),
        )
    )
    assert owner(file("x.pdf", "e_invoice", party_ids=parties), settings=settings) == expected
    assert owner(file("acme/x.pdf", "e_invoice", party_ids=parties), settings=settings) == Owner("acme")


def test_a_company_seen_under_its_siren_owns_the_e_invoices_that_name_it() -> None:
    ledgers = [file("123456782FEC20251231.txt"), file("987654321FEC20251231.txt")]
    assert owner(file("x.xml", "e_invoice", party_ids=("123456782",)), *ledgers) == Owner("123456782")


def test_an_e_invoice_that_names_no_company_is_held_and_says_what_would_place_it(desk: Any) -> None:
    desk.settings = TWO_COMPANIES
    desk.drop("x.xml", cii())
    (row,) = desk.take().source_files.to_pylist()
    assert (row["status"], row["company_id"]) == ("held", None)
    assert row["remedy"] == (
        "Move it to inbox/<company id>/x.xml, or name the company's siren or vat_number "
        "(123456782 or FR11123456782 or 987654321) in encours.toml."
    )
    desk.settings = Settings(companies=(Company(id="acme"), Company(id="beta", siren="987654321")))
    (row,) = desk.take().source_files.to_pylist()
    assert (row["status"], row["company_id"]) == ("landed", "beta")


def test_the_only_company_configured_owns_the_rest() -> None:
    assert owner(
        file("x.xml", "bank_statement"), settings=Settings(companies=(Company(id="acme"),))
    ) == Owner("acme")


def test_the_only_company_seen_in_other_files_owns_the_rest() -> None:
    assert owner(file("x.xml", "bank_statement"), file("acme/ledger.txt")) == Owner("acme")
    assert owner(file("x.xml", "bank_statement"), file("acme/a.txt"), file("beta/b.txt")) == UNKNOWN
    assert owner(file("x.xml", "bank_statement"), file("t.csv", "invoices", company_ids=("acme",))) == Owner(
        "acme"
    )


def test_rows_that_all_name_their_company_need_no_owner() -> None:
    rows = file("t.csv", "invoices", company_ids=("acme", "beta"), names_every_company=True)
    assert owner(rows) == Owner(None)
    assert owner(file("t.csv", "invoices", company_ids=("acme", "beta"))) == UNKNOWN


@pytest.mark.parametrize(
    ("name", "closing"),
    [
        ("a/123456789FEC20251231.txt", date(2025, 12, 31)),
        ("123456789FEC_20250630_2.txt", date(2025, 6, 30)),
        ("123456789FEC20251331.txt", None),
        ("exemple_FEC.txt", None),
    ],
)
def test_the_closing_date_is_read_from_the_name(name: str, closing: date | None) -> None:
    assert closing_date_in_name(name) == closing


def test_a_file_nobody_owns_is_held_until_something_says_whose_it_is(desk: Any) -> None:
    desk.drop("third.csv", "third_party_code\nA\n")
    (row,) = desk.take().source_files.to_pylist()
    assert (row["status"], row["company_id"]) == ("held", None)
    assert row["reason"] == "nothing says which company it belongs to"
    assert row["remedy"] == "Move it to inbox/<company id>/third.csv."
    assert (row["rows_read"], row["rows_landed"]) == (1, 1)

    desk.settings = Settings(companies=(Company(id="acme"),))
    (row,) = desk.take().source_files.to_pylist()
    assert (row["status"], row["company_id"], row["reason"]) == ("landed", "acme", None)
