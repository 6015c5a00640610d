"""Generates the exports of a fictitious group of two companies: ledgers, bank statements, third parties, invoices,
and what was said with customers about what they owe.

The same arguments give the same bytes. Nothing here is anybody's: names are invented, company numbers and
IBANs have right check digits but stand in ranges that are not given out.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from samples.bank import Movements, Statement, opening_balance, statements
from samples.book import Book, Lines
from samples.business import Business
from samples.camt_writer import bank_texts, entry_references, write_statement
from samples.company_truth import bank_table, booked_lines, items_table, ledger_bank_table, payments_table
from samples.csv_writer import write_follow_up, write_invoices, write_rates, write_third_parties
from samples.days import FiscalYear, fiscal_years
from samples.documents import DocumentTable
from samples.exports import Export, export_year
from samples.faults import cut_short, impossible_entry
from samples.fec_writer import account_text, write_fec
from samples.follow_up import FollowUp, follow_up
from samples.overheads import declare_vat, pay_bank, pay_staff, sell_over_the_counter
from samples.parties import LARGEST_COUNT, draw_parties, payers_at
from samples.profiles import BRINDILLE, EMBRUNS, PROFILES, Profile
from samples.purchases import buy
from samples.rates import draw_rates
from samples.sales import sell
from samples.treasury import move_money
from samples.truth import CompanyTruth, Fault, Truth

SMALLEST_WITH_OVERHEADS = 1_500
"""A company with fewer lines has no monthly entries: they would be all there is."""


_HIDING, _FOLLOW_UP = 1, 2
"""The courses of chance that say what is hidden, and what was said with customers."""


def generate(
    inbox: Path,
    *,
    lines: int = 20_000,
    seed: int = 1,
    as_of: date = date(2026, 6, 30),
    with_faults: bool = True,
    hidden_share: float = 0,
) -> Truth:
    """Write a group's exports to ``inbox/<company id>/`` and return their truth.

    ``lines`` is about how many ledger lines the newest exports hold together, 100 to 10,000,000; bank
    movements are about a tenth of that. The ledgers are the calendar year of ``as_of``, up to that day, and
    the year before. ``with_faults`` adds what a controller meets (``Truth.faults`` lists it): an older export
    beside the newest, an entry whose date does not exist, a week without a statement, whose download was cut
    short.

    ``hidden_share`` of the entries that move a bank account or bring an invoice or a credit note are left out
    of the ledgers: the bank's files are the same, and what they should be matched with is not there.
    ``is_hidden`` tells it in the truth.

    Raises ValueError when ``lines`` is below 100, or ``hidden_share`` is not from 0 to less than 1.
    """
    if lines < 100:
        raise ValueError(f"A sample has 100 ledger lines or more, not {lines}.")
    if not 0 <= hidden_share < 1:
        raise ValueError(f"A share from 0 to less than 1 can be hidden, not {hidden_share}.")
    parts = [
        _generate_company(
            inbox,
            profile,
            round(lines * profile.share_of_lines),
            [seed, number],
            as_of,
            with_faults,
            hidden_share,
        )
        for number, profile in enumerate(PROFILES)
    ]
    items = pa.concat_tables([part.items for part in parts])
    return Truth(
        seed=seed,
        as_of=as_of,
        companies=tuple(company for part in parts for company in part.companies),
        items=items.add_column(0, "item", pa.array(np.arange(len(items)))),
        bank_transactions=pa.concat_tables([part.bank_transactions for part in parts]),
        ledger_bank_lines=pa.concat_tables([part.ledger_bank_lines for part in parts]),
        payments=pa.concat_tables([part.payments for part in parts]),
        disputes=pa.concat_tables([part.told.disputes for part in parts]),
        promises=pa.concat_tables([part.told.promises for part in parts]),
        dunning_events=pa.concat_tables([part.told.dunning_events for part in parts]),
        line_count=sum(part.line_count for part in parts),
        files=tuple(file for part in parts for file in part.files),
        faults=tuple(fault for part in parts for fault in part.faults),
    )


def _trade(
    profile: Profile, lines: int, seed: list[int], as_of: date, years: tuple[FiscalYear, ...]
) -> Business:
    """A company that has traded until its books hold about ``lines`` lines."""
    rng = np.random.default_rng(seed)
    has_overheads = lines >= SMALLEST_WITH_OVERHEADS
    sales, purchases = _counts(profile, lines, has_overheads)
    customers = min(sales, max(12, sales // 25), LARGEST_COUNT // 3)
    suppliers = min(purchases, max(6, purchases // 40), LARGEST_COUNT // 3)
    parties = draw_parties(
        rng,
        customers=customers,
        suppliers=suppliers,
        code_format=profile.code_format,
        customer_weights=profile.customer_weights,
        supplier_weights=profile.supplier_weights,
        bank=profile.third_party_bank,
    )
    business = Business(
        profile,
        parties,
        payers_at(profile.third_party_bank),
        draw_rates(rng, years[0].start, as_of),
        rng,
        years[0].start,
        as_of,
        Book(as_of),
    )
    sell(business, sales, years)
    buy(business, purchases)
    if profile.has_card_sales:
        sell_over_the_counter(business, max(1, lines // 100))
    if has_overheads:
        pay_staff(business, max(1, lines // 400))
        pay_bank(business)
        if profile.savings_iban:
            move_money(business)
        declare_vat(business)
    return business


def _counts(profile: Profile, lines: int, has_overheads: bool) -> tuple[int, int]:
    """How many sales and purchase invoices make about ``lines`` lines with all that follows from them."""
    monthly = lines // 36 + 170 if has_overheads else 0
    till = max(1, lines // 100) * 6 if profile.has_card_sales else 0
    trade = max(20, lines - monthly - till - 20)
    return max(4, round(trade * 0.58 / profile.lines_per_sale)), max(
        3, round(trade * 0.42 / profile.lines_per_purchase)
    )


@dataclass(frozen=True)
class _Part:
    """What one company adds to the truth."""

    companies: tuple[CompanyTruth, ...]
    items: pa.Table
    bank_transactions: pa.Table
    ledger_bank_lines: pa.Table
    payments: pa.Table
    told: FollowUp
    line_count: int
    files: tuple[str, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class _Account:
    """A bank account: what moved on it up to the as-of date, and where its statements go."""

    iban: str
    folder: str
    reference_prefix: str
    movements: Movements
    opening: int
    paid: pa.Table


def _accounts(business: Business) -> list[_Account]:
    """The company's bank accounts that ever moved, the main one first."""
    profile, paid = business.profile, business.payments_table()
    movements = business.bank.movements(business.as_of)
    main = _Account(profile.iban, "bank", "", movements, opening_balance(movements), paid)
    if profile.savings_iban is None or len(business.savings) == 0:
        return [main]
    saved = business.savings.movements(business.as_of)
    return [
        main,
        _Account(profile.savings_iban, "livret", "L", saved, opening_balance(saved), paid.slice(0, 0)),
    ]


@dataclass(frozen=True)
class _Told:
    """The statements of an account, and the truth of what they tell."""

    paths: list[Path]
    faults: list[Fault]
    bank_transactions: pa.Table
    payments: pa.Table


def _write_statements(
    inbox: Path,
    business: Business,
    account: _Account,
    documents: DocumentTable,
    left_out: Lines,
    with_faults: bool,
) -> _Told:
    profile, parties, movements = business.profile, business.parties, account.movements
    scenarios = business.book.match_scenarios
    references = entry_references(movements, account.reference_prefix)
    texts = bank_texts(
        business.rng,
        movements,
        account.paid,
        documents,
        parties,
        business.payers,
        scenarios[movements.match],
    )
    made = statements(
        movements,
        opening=account.opening,
        start=business.start,
        end=business.as_of,
        weekly=profile.weekly_statements,
    )
    folder = inbox / profile.id / account.folder
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / _statement_name(profile, statement) for statement in made]
    for path, statement in zip(paths, made, strict=True):
        write_statement(path, profile, account.iban, statement, movements, references, texts)
    sources: list[str | None] = [_under(inbox, path) for path in paths]
    faults: list[Fault] = []
    if with_faults and profile is EMBRUNS:
        # The busiest week of the last quarter, so that a small sample has a gap too.
        missing = max(
            range(max(1, len(made) - 13), len(made) - 1), key=lambda week: made[week].last - made[week].first
        )
        cut_short(paths[missing])
        name, week = _under(inbox, paths[missing]), made[missing]
        faults.append(Fault("unreadable_file", name, "The download of this statement was cut short."))
        faults.append(Fault("statement_gap", name, f"No statement from {week.start} to {week.end}."))
        sources[missing] = None
    file_index = np.repeat(np.arange(len(made)), [statement.last - statement.first for statement in made])
    return _Told(
        paths,
        faults,
        bank_table(profile, account.iban, movements, references, sources, file_index, scenarios, left_out),
        payments_table(profile, movements, references, account.paid, documents, parties, scenarios, left_out),
    )


def _generate_company(
    inbox: Path,
    profile: Profile,
    lines: int,
    seed: list[int],
    as_of: date,
    with_faults: bool,
    hidden_share: float,
) -> _Part:
    years = fiscal_years(as_of)
    business = _trade(profile, lines, seed, as_of, years)
    # Drawn apart, so that everything else is as in the sample where nothing is hidden.
    left_out = business.book.leave_out(hidden_share, np.random.default_rng([*seed, _HIDING]))
    accounts = _accounts(business)
    opening_documents = business.documents.add(
        "RAN", np.array([year.start for year in years], dtype="datetime64[D]")
    ).tolist()

    def export(year: int, exported_on: date, previous: Export | None) -> Export:
        return export_year(
            profile,
            business.book,
            years[year],
            exported_on,
            opening_document=opening_documents[year],
            previous=previous,
            first_balances=_first_balances(accounts),
        )

    closed = export(0, as_of, None)
    current = export(1, as_of, closed)
    documents, parties = business.documents.table(), business.parties
    folder = inbox / profile.id
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    faults: list[Fault] = []

    def write_ledger(path: Path, exported: Export, extra_rows: tuple[str, ...] = ()) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        has_due_dates = profile.due_date_column is not None and exported.year == years[-1]
        write_fec(
            path, profile, exported, documents, parties, has_due_dates=has_due_dates, extra_rows=extra_rows
        )
        files.append(path)

    is_faulty = with_faults and profile is BRINDILLE
    current_path = folder / _fec_name(profile, years[1])
    write_ledger(folder / _fec_name(profile, years[0]), closed)
    write_ledger(current_path, current, impossible_entry(profile, as_of.year) if is_faulty else ())
    if is_faulty:
        faults.append(
            Fault("impossible_date", _under(inbox, current_path), "Two rows of an entry dated 31 February.")
        )
        earlier = as_of - timedelta(days=60)
        if earlier > years[1].start:
            older_path = folder / "archives" / f"{earlier:%Y-%m-%d}" / _fec_name(profile, years[1])
            write_ledger(older_path, export(1, earlier, closed))
            faults.append(
                Fault("older_export", _under(inbox, older_path), f"The same year as it stood on {earlier}.")
            )

    third_parties_path, invoices_path = folder / "third_parties.csv", folder / "invoices.csv"
    write_third_parties(third_parties_path, profile, parties)
    files.append(third_parties_path)
    if profile.has_invoice_file:
        write_invoices(invoices_path, profile, documents, parties, np.datetime64(as_of))
        files.append(invoices_path)
    if profile.savings_iban:
        rates_path = folder / "fx_rates.csv"
        write_rates(rates_path, profile, business.rates, years[0].start, as_of)
        files.append(rates_path)

    scenarios = business.book.match_scenarios
    told = [
        _write_statements(inbox, business, account, documents, left_out, with_faults) for account in accounts
    ]
    files += [path for one in told for path in one.paths]
    faults += [fault for one in told for fault in one.faults]

    booked = booked_lines((closed, current), business.book)
    items = items_table(profile, booked, documents, parties, business.book.group_scenarios)
    # Drawn apart, so that the other files are as they would be without.
    said = follow_up(profile.id, items, parties, np.random.default_rng([*seed, _FOLLOW_UP]), as_of)
    files += write_follow_up(folder, profile, said)
    company = CompanyTruth(
        profile.id,
        profile.name,
        profile.siren,
        profile.iban,
        account_text(profile, "512000"),
        profile.savings_iban,
        is_carried_in_one_line=not profile.details_openings,
    )
    return _Part(
        companies=(company,),
        items=items,
        bank_transactions=pa.concat_tables([one.bank_transactions for one in told]),
        ledger_bank_lines=ledger_bank_table(profile, booked, scenarios),
        payments=pa.concat_tables([one.payments for one in told]),
        told=said,
        line_count=len(closed) + len(current),
        files=tuple(_under(inbox, path) for path in files),
        faults=tuple(faults),
    )


def _first_balances(accounts: list[_Account]) -> dict[str, int]:
    """The balance sheet with which the first year opens, in cents: no third party owes or is owed anything."""
    equipment, loan = 15_000_000, 12_000_000
    banks = dict(zip(("512000", "512100"), (account.opening for account in accounts), strict=False))
    return {
        **banks,
        "215400": equipment,
        "164000": -loan,
        "101000": loan - equipment - sum(banks.values()),
    }


def _fec_name(profile: Profile, year: FiscalYear) -> str:
    return f"{profile.siren}FEC{year.end:%Y%m%d}.txt"


def _statement_name(profile: Profile, statement: Statement) -> str:
    return (
        f"releve-{statement.start:%Y-%m-%d}.xml"
        if profile.weekly_statements
        else f"releve-{statement.start:%Y-%m}.xml"
    )


def _under(inbox: Path, path: Path) -> str:
    return path.relative_to(inbox).as_posix()
