"""What ``encours.toml`` may say, with the defaults that hold when it says nothing.

The chart of accounts here is the French PCG by default; another country's works by naming its prefixes. Models
never hold an account prefix: they read the tables that ``home.settings_tables`` makes of these settings.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from home.mapping import Mapping
from home.section import Section
from home.settings_app import App
from home.settings_cash import Cash
from home.settings_decisions import Decisions
from home.settings_dunning import Dunning
from home.settings_penalties import Penalties
from home.settings_publishing import Publishing


def _month_day(value: str) -> str:
    try:
        date.fromisoformat(f"2024-{value}")
    except ValueError:
        raise ValueError("write the last day of the fiscal year as MM-DD, for example 12-31") from None
    return value


MonthDay = Annotated[str, AfterValidator(_month_day)]


class Company(Section):
    """One legal entity."""

    id: str = Field(
        min_length=1, description="Any identifier; the name of its folder under inbox/, or its SIREN."
    )
    name: str | None = Field(None, description="Name shown in reports; the id when absent.")
    siren: str | None = Field(
        None,
        pattern="^[0-9]{9}$",
        description="SIREN by which e-invoices name the company; the id when that is one.",
    )
    vat_number: str | None = Field(
        None,
        pattern="^[A-Z]{2}[0-9A-Z+*]{2,13}$",
        description="VAT number by which e-invoices name the company.",
    )
    base_currency: str = Field("EUR", pattern="^[A-Z]{3}$", description="ISO 4217 code of the ledger.")
    fiscal_year_end: MonthDay | None = Field(
        None,
        description="Last day of the fiscal year, MM-DD; read from each export's name and dates when absent.",
    )


class BankAccount(Section):
    """A bank account and the ledger account that mirrors it."""

    account: str = Field(min_length=1, description="IBAN or local number, as statements write it.")
    company: str = Field(min_length=1, description="Company id.")
    ledger_account: str = Field(min_length=1, description="Ledger account, for example 512100.")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="ISO 4217 code; the company's when absent."
    )


class PartialExport(Section):
    """A ledger export that holds only a part of its fiscal year, and replaces only that part."""

    file: str = Field(
        min_length=1, description="Glob of paths under inbox/, for example acme/*-december.txt."
    )
    journals: tuple[str, ...] = Field((), description="Journal codes it holds; all when empty.")
    from_date: date | None = Field(None, description="First entry date it holds.")
    to_date: date | None = Field(None, description="Last entry date it holds.")


class AccountRoles(Section):
    """Account prefixes per role; the longest matching prefix wins. Defaults: French PCG."""

    customer: tuple[str, ...] = ("411",)
    customer_bill: tuple[str, ...] = ("413",)
    customer_doubtful: tuple[str, ...] = ("416",)
    customer_advance: tuple[str, ...] = ("419", "4191")
    supplier: tuple[str, ...] = ("401", "404")
    supplier_bill: tuple[str, ...] = ("403", "405")
    supplier_advance: tuple[str, ...] = ("409", "4091")
    accrual: tuple[str, ...] = ("408", "418", "4096", "4097", "4098", "4196", "4197", "4198")
    other_third_party: tuple[str, ...] = ("467",)
    vat: tuple[str, ...] = ("445",)
    vat_output: tuple[str, ...] = ("44571",)
    vat_output_unpaid: tuple[str, ...] = ("44574",)
    suspense: tuple[str, ...] = ("471", "472", "473", "474", "475")
    revaluation: tuple[str, ...] = ("476", "477")
    receivable_depreciation: tuple[str, ...] = ("491",)
    collection: tuple[str, ...] = ("511",)
    bank: tuple[str, ...] = ("512",)
    overdraft: tuple[str, ...] = ("519",)
    cash: tuple[str, ...] = ("53",)
    internal_transfer: tuple[str, ...] = ("58",)
    bank_fee: tuple[str, ...] = ("627",)
    bad_debt: tuple[str, ...] = ("654",)
    rounding: tuple[str, ...] = ("658", "758")
    discount: tuple[str, ...] = ("665", "765")
    exchange: tuple[str, ...] = ("656", "756", "666", "766")
    equity: tuple[str, ...] = ("1",)
    expense: tuple[str, ...] = ("6",)
    income: tuple[str, ...] = ("7",)
    fixed_asset: tuple[str, ...] = ("2",)


class Ageing(Section):
    """Where the age bands end. Codes and columns are numbered, so that they mean the same band for ever."""

    not_due_days: tuple[int, int] = Field(
        (30, 60), description="Days to maturity at which the first two bands end."
    )
    overdue_days: tuple[int, int, int] = Field(
        (30, 60, 90), description="Days late at which the first three bands end."
    )


class Opening(Section):
    """How the entries that open a fiscal year are recognised."""

    journal_codes: tuple[str, ...] = Field(
        (), description="Journal codes that hold opening entries, beside the patterns."
    )
    journal_patterns: tuple[str, ...] = Field(
        (
            r"^(an|ran|anou|anv|ano|a\.n\.?|an[0-9]+)$",
            r"((^|[^a-z])[aà].?nouveau|^nouveaux?$|report.*nouveau|bilan d.?ouverture|bilan d[eé]but"
            r"|soldes? d.?ouverture|^ouverture|opening (balance|entr))",
        ),
        description="Regular expressions, tried without regard to case on journal code and journal name.",
    )


class Exports(Section):
    """When a new export of a fiscal year is held back."""

    largest_shrink_percent: float = Field(
        2.0, ge=0, le=100, description="More missing lines than this: held."
    )


class Matching(Section):
    """How far apart, in time and in money, what belongs together may lie."""

    days_before: int = Field(
        10, ge=0, le=366, description="Days by which a payment may precede the date of what it settles."
    )
    days_after: int = Field(
        60, ge=0, le=3660, description="Days by which a payment may follow the date of what it settles."
    )
    largest_fee: Decimal = Field(
        Decimal("30.00"),
        ge=0,
        decimal_places=2,
        max_digits=18,
        description="Largest difference taken for a bank fee, in the currency of the payment.",
    )
    largest_rounding: Decimal = Field(
        Decimal("0.05"),
        ge=0,
        decimal_places=2,
        max_digits=18,
        description="Largest difference taken for rounding, in the currency of the payment.",
    )
    largest_exchange_percent: Decimal = Field(
        Decimal("3.00"),
        ge=0,
        le=100,
        decimal_places=2,
        description="Largest difference taken for exchange, in percent of a document in another currency.",
    )
    discount_percent: Decimal = Field(
        Decimal("0.00"),
        ge=0,
        le=100,
        decimal_places=2,
        description="Discount granted for early payment, in percent of the document; 0 grants none.",
    )
    discount_days: int = Field(
        0, ge=0, le=366, description="Days after the document date within which the discount may be taken."
    )
    largest_accidents: Decimal = Field(
        Decimal("0.0200"),
        ge=0,
        le=1,
        decimal_places=4,
        description="Accidental matches to expect, at most, where one is applied with nobody's consent.",
    )


class ReconciliationThreshold(Section):
    """How much of a bank account may stay unreconciled before a check warns. The account's own comes first."""

    account: str | None = Field(
        None,
        min_length=1,
        description="IBAN, local number or ledger account; every account that has none of its own when absent.",
    )
    largest_amount: Decimal | None = Field(
        None,
        ge=0,
        decimal_places=2,
        max_digits=18,
        description="Unreconciled amount, in the currency of the account.",
    )
    largest_count: int | None = Field(
        None, ge=0, description="Unreconciled lines, of the bank and the ledger."
    )
    oldest_days: int | None = Field(None, ge=0, description="Age of the oldest line that needs somebody.")
    since: date = Field(description="First as-of date for which it holds; the latest one counts.")
    reason: str = Field(min_length=1, description="Why, and who decided: shown where the check warns.")


class Settings(Section):
    """The whole of ``encours.toml``."""

    time_zone: str = Field("Europe/Paris", description="IANA zone in which today is read.")
    default_payment_terms: str = Field(
        "30", description="Terms of third parties that have none, as people write them."
    )
    companies: tuple[Company, ...] = ()
    bank_accounts: tuple[BankAccount, ...] = ()
    partial_exports: tuple[PartialExport, ...] = ()
    mappings: tuple[Mapping, ...] = ()
    account_roles: AccountRoles = Field(default_factory=AccountRoles)
    ageing: Ageing = Field(default_factory=lambda: Ageing.model_validate({}))
    opening: Opening = Field(default_factory=lambda: Opening.model_validate({}))
    exports: Exports = Field(default_factory=lambda: Exports.model_validate({}))
    reconciliation_thresholds: tuple[ReconciliationThreshold, ...] = ()
    matching: Matching = Field(default_factory=lambda: Matching.model_validate({}))
    dunning: Dunning = Field(default_factory=lambda: Dunning.model_validate({}))
    penalties: Penalties = Field(default_factory=lambda: Penalties.model_validate({}))
    cash: Cash = Field(default_factory=lambda: Cash.model_validate({}))
    app: App = Field(default_factory=lambda: App.model_validate({}))
    decisions: Decisions = Field(default_factory=lambda: Decisions.model_validate({}))
    publishing: Publishing = Field(default_factory=lambda: Publishing.model_validate({}))
