"""The two companies of the group: who they are, how their customers behave, what their exports look like."""

from dataclasses import dataclass
from typing import Final

from samples.parties import iban, siren

(
    PROMPT,
    LATE,
    PARTIAL,
    GROUPED,
    CHEQUE,
    DIRECT_DEBIT,
    BILL,
    DISPUTE,
    INSTALMENTS,
    DEPOSIT,
    SUBSCRIPTION,
    EXPORT,
) = range(12)
"""How a customer pays; the last two buy by the month, and in dollars."""

TRANSFERS, CHEQUES, BILLS, ASSETS = range(4)
"""How a supplier is paid; the last sells fixed assets, paid by transfer."""


@dataclass(frozen=True)
class Profile:
    """A company. Weights are relative; amounts are in cents excluding VAT.

    ``lines_per_sale`` and ``lines_per_purchase`` are how many ledger lines an invoice leads to with its
    payment and its opening lines, as measured on a sample of 200,000 lines.
    """

    id: str
    name: str
    siren: str
    iban: str
    savings_iban: str | None
    share_of_lines: float
    lines_per_sale: float
    lines_per_purchase: float
    third_party_bank: int
    code_format: tuple[str, str]
    customer_weights: tuple[float, ...]
    supplier_weights: tuple[float, ...]
    sale_account: str
    purchase_accounts: tuple[str, str]
    vat_rates: tuple[int, ...]
    median_sale: int
    median_purchase: int
    has_card_sales: bool
    pays_suppliers_in_batches: bool
    journals: tuple[tuple[str, str], ...]
    account_digits: int
    numbers_by_journal: bool
    details_openings: bool
    letters_on_month_end: bool
    has_invoice_file: bool
    fec_separator: str
    fec_encoding: str
    due_date_column: str | None
    csv_separator: str
    weekly_statements: bool
    camt_version: str


BRINDILLE: Final = Profile(
    id="brindille-conseil",
    name="Brindille Conseil",
    siren=siren(99_900_001),
    iban=iban(99_999, 1, 10_000_000_001),
    savings_iban=iban(99_999, 1, 10_000_000_019),
    share_of_lines=0.4,
    lines_per_sale=5.35,
    lines_per_purchase=4.9,
    third_party_bank=99_998,
    code_format=("C{:05d}", "F{:05d}"),
    customer_weights=(27, 18, 6, 14, 8, 9, 0, 5, 3, 4, 5, 2),
    supplier_weights=(85, 8, 0, 7),
    sale_account="706000",
    purchase_accounts=("611000", "606100"),
    vat_rates=(2000,),
    median_sale=180_000,
    median_purchase=90_000,
    has_card_sales=False,
    pays_suppliers_in_batches=False,
    journals=(
        ("AN", "À nouveaux"),
        ("VE", "Ventes"),
        ("AC", "Achats"),
        ("BQ", "Banque"),
        ("OD", "Opérations diverses"),
    ),
    account_digits=6,
    numbers_by_journal=False,
    details_openings=True,
    letters_on_month_end=True,
    has_invoice_file=True,
    fec_separator="\t",
    fec_encoding="utf-8",
    due_date_column=None,
    csv_separator=",",
    weekly_statements=False,
    camt_version="001.02",
)
"""A services firm: sends its invoices by file, carries its open items forward one by one."""

EMBRUNS: Final = Profile(
    id="comptoir-des-embruns",
    name="Comptoir des Embruns",
    siren=siren(99_900_002),
    iban=iban(99_999, 2, 10_000_000_002),
    savings_iban=None,
    share_of_lines=0.6,
    lines_per_sale=5.35,
    lines_per_purchase=4.9,
    third_party_bank=99_997,
    # Customer 12 and supplier 12 are two.
    code_format=("{:05d}", "{:05d}"),
    customer_weights=(22, 18, 6, 20, 16, 6, 8, 4, 0, 0, 0, 0),
    supplier_weights=(80, 8, 9, 3),
    sale_account="707000",
    purchase_accounts=("607000", "624100"),
    vat_rates=(2000, 1000, 550),
    median_sale=42_000,
    median_purchase=150_000,
    has_card_sales=True,
    pays_suppliers_in_batches=True,
    journals=(
        ("RAN", "Reports à nouveau"),
        ("VT", "Ventes"),
        ("HA", "Achats"),
        ("BP", "Banque principale"),
        ("OD", "Opérations diverses"),
    ),
    account_digits=8,
    numbers_by_journal=True,
    details_openings=False,
    letters_on_month_end=False,
    has_invoice_file=False,
    fec_separator="|",
    fec_encoding="cp1252",
    due_date_column="DateEcheance",
    csv_separator=";",
    weekly_statements=True,
    camt_version="001.08",
)
"""A distributor: sells over the counter too, carries one opening line per third party."""

PROFILES: Final = (BRINDILLE, EMBRUNS)
