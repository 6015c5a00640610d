"""What encours.toml may say, and what is said when it says something else."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from home.layout import Home
from home.settings import Settings
from home.settings_file import SettingsError, load, parse, template
from home.settings_publishing import PostgreSQL, Publishing
from home.tables import settings_tables

PATH = Path("encours.toml")


def fault(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        parse(text, PATH)
    message = str(caught.value)
    assert message.startswith("encours.toml: ")
    assert "\n" not in message
    return message


def uncommented(text: str) -> str:
    """The template with its keys in force; the explanations stay comments."""
    return re.sub(r"^#(?=[\w\[])", "", text, flags=re.MULTILINE)


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert load(Home.at(tmp_path)) == Settings.model_validate({})


def test_the_template_as_written_says_nothing(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.settings_file.write_text(template(), encoding="utf-8")
    assert load(home) == Settings.model_validate({})


def test_the_template_shows_the_defaults() -> None:
    shown = parse(uncommented(template()), PATH)
    examples = ("companies", "bank_accounts", "partial_exports", "mappings", "reconciliation_thresholds")
    assert shown.publishing.postgresql == PostgreSQL.model_validate({})
    assert len(shown.dunning.exclusions) == len(shown.penalties.rates) == len(shown.cash.accounts) == 1
    unset = dict.fromkeys(examples, ()) | {
        "publishing": Publishing.model_validate({}),
        "dunning": shown.dunning.model_copy(update={"exclusions": ()}),
        "cash": shown.cash.model_copy(update={"accounts": ()}),
        "penalties": shown.penalties.model_copy(update={"rates": ()}),
    }
    assert shown.model_copy(update=unset) == Settings.model_validate({})
    assert [len(getattr(shown, name)) for name in examples] == [1] * 5


def test_the_template_shows_every_key() -> None:
    shown = parse(uncommented(template()), PATH)

    def given(model: object) -> None:
        fields = type(model).model_fields  # type: ignore[attr-defined]
        assert model.model_fields_set == set(fields)  # type: ignore[attr-defined]
        for name in fields:
            value = getattr(model, name)
            for part in value if isinstance(value, tuple) else (value,):
                if hasattr(part, "model_fields_set"):
                    given(part)

    given(shown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[ageing]\noverdu_days = [1, 2, 3]",
            "unknown key ageing.overdu_days; the nearest known key is overdue_days.",
        ),
        ("timezone = 'Europe/Paris'", "unknown key timezone; the nearest known key is time_zone."),
        ("[[companies]]\nid = 'a'\nnom = 'A'", "unknown key companies.1.nom; the nearest known key is name."),
        ("[[companies]]\nname = 'A'", "key companies.1.id is missing; add it."),
        ("time_zone = 'Mars/Olympus'", "'Mars/Olympus' is no known time zone"),
        ("[ageing]\noverdue_days = [30, 20, 90]", "[30, 20, 90] must be positive and increase"),
        ("[ageing]\nnot_due_days = [0, 20]", "[0, 20] must be positive and increase"),
        (
            "[[companies]]\nid = 'a'\nfiscal_year_end = '13-31'",
            "write the last day of the fiscal year as MM-DD",
        ),
        ("[[companies]]\nid = 'a'\n[[companies]]\nid = 'a'", "the id 'a' stands 2 times; keep one."),
        ("a = ", "not valid TOML"),
        (
            "[[cash.accounts]]\nminimum_balance = 5",
            "name the company or the account; what holds for all stands in",
        ),
        (
            "[[companies]]\nid = 'acme'\n[[cash.accounts]]\ncompany = 'acne'\nminimum_balance = 5",
            "companies does not have 'acne'; the nearest is 'acme'.",
        ),
        (
            "[[companies]]\nid = 'acme'\n[[bank_accounts]]\naccount = 'FR76'\ncompany = 'acne'\nledger_account = '512'",
            "belongs to company 'acne', which companies does not have; the nearest is 'acme'.",
        ),
        (
            "[[bank_accounts]]\naccount = 'FR 76'\ncompany = 'a'\nledger_account = '512'\n"
            "[[bank_accounts]]\naccount = 'FR76'\ncompany = 'b'\nledger_account = '512'",
            "the account 'FR76' stands 2 times; keep one.",
        ),
        (
            "[[partial_exports]]\nfile = 'x'\nfrom_date = 2026-02-01\nto_date = 2026-01-01",
            "'x' starts after it ends; swap from_date and to_date.",
        ),
        (
            "[[reconciliation_thresholds]]\nlargest_count = 5\nreason = 'r'",
            "key reconciliation_thresholds.1.since is missing; add it.",
        ),
        (
            "[[reconciliation_thresholds]]\nlargest_count = 5\nsince = 2026-01-01",
            "key reconciliation_thresholds.1.reason is missing; add it.",
        ),
        (
            "[[reconciliation_thresholds]]\nsince = 2026-01-01\nreason = 'r'",
            "that of every account allows anything; write largest_amount, largest_count or oldest_days.",
        ),
        (
            "[[reconciliation_thresholds]]\naccount = 'FR 1'\nlargest_count = 5\nsince = 2026-01-01\nreason = 'r'\n"
            "[[reconciliation_thresholds]]\naccount = 'FR1'\noldest_days = 9\nsince = 2026-01-01\nreason = 'r'",
            "FR1 has 2 thresholds since 2026-01-01; keep one.",
        ),
        (
            "[matching]\nlargest_fees = 5",
            "unknown key matching.largest_fees; the nearest known key is largest_fee.",
        ),
        ("[matching]\nlargest_fee = 5.005", "key matching.largest_fee cannot be 5.005: "),
        ("[matching]\ndays_before = -1", "key matching.days_before cannot be -1: "),
        (
            "[matching]\ndiscount_percent = 2",
            "key matching.discount_days: 0 lets nobody take the discount of discount_percent; write its days.",
        ),
        ("[account_roles]\ncustomer = ['411', '401']", "the prefix '401' stands under customer and supplier"),
    ],
)
def test_a_fault_is_one_sentence_that_names_key_and_remedy(text: str, expected: str) -> None:
    assert expected in fault(text)


def test_a_bank_account_of_any_company_is_fine_when_no_company_is_configured() -> None:
    text = "[[bank_accounts]]\naccount = 'FR76'\ncompany = 'any'\nledger_account = '512'"
    assert parse(text, PATH).bank_accounts[0].company == "any"


def test_the_models_read_one_exact_row_of_matching() -> None:
    text = "[matching]\ndays_after = 90\nlargest_fee = 12.1\ndiscount_percent = 2\ndiscount_days = 8"
    assert settings_tables(parse(text, PATH), [])["matching"].to_pylist() == [
        {
            "days_before": 10,
            "days_after": 90,
            "largest_fee": Decimal("12.10"),
            "largest_rounding": Decimal("0.05"),
            "largest_exchange_percent": Decimal("3.00"),
            "discount_percent": Decimal("2.00"),
            "discount_days": 8,
            "largest_accidents": Decimal("0.0200"),
        }
    ]


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.settings_file.write_bytes(b"\xef\xbb\xbftime_zone = 'UTC'\n")
    assert load(home).time_zone == "UTC"


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.settings_file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"encours\.toml: cannot be read .* save it as UTF-8 text"):
        load(home)


def test_a_database_is_published_to_when_its_table_is_there() -> None:
    assert parse("", PATH).publishing.postgresql is None
    named = parse("[publishing.postgresql]", PATH).publishing.postgresql
    assert named is not None
    assert (named.url_variable, named.schema_name, named.keep_runs) == ("ENCOURS_POSTGRES_URL", "marts", 3)


@pytest.mark.parametrize(
    "line",
    [
        'password = "s3cret"',
        'url = "postgresql://encours:s3cret@db.acme.example/encours"',
        'url_variable = "postgresql://encours:s3cret@db.acme.example/encours"',
        'service = "host=db.acme.example password=s3cret"',
    ],
)
def test_a_password_in_the_settings_is_refused_and_not_repeated(line: str) -> None:
    told = fault(f"[publishing.postgresql]\n{line}\n")
    assert told.startswith(
        "encours.toml: key publishing.postgresql: user names and passwords do not belong in encours.toml"
    )
    assert "url_variable" in told
    assert "s3cret" not in told


def test_sales_people_need_somebody_who_reads_everything() -> None:
    assert "needs a reader_role" in fault('[publishing.postgresql]\nsales_role = "sales"\n')
    both = '[publishing.postgresql]\nsales_role = "bi"\nreader_role = "bi"\n'
    assert "are the same; name two roles" in fault(both)
