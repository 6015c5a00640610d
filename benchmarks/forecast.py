"""The collection forecast against what came: on a public set of invoices with true settlement dates, and on samples.

Each set is made into the files that a firm exports, refreshed as users do, and read from ``fct_forecast_backtest``: at
every past month-end the forecast from what was known then, held against the weeks that followed. Two simple
forecasts are worked out again here, in plain Python from items and settlements, each in two ways: what should have come
already is expected in the first week, or no more.

``ENCOURS_CORPORA`` names the folder that holds ``ar/pthiagu2_DataMining``; without it the public set is left out.
"""

import csv
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import fmean

import duckdb

from home.layout import Home
from orchestration.refresh import refresh
from samples.generator import generate

PUBLIC_SET = Path("ar", "pthiagu2_DataMining", "WA_Fn-UseC_-Accounts-Receivable.csv")
SIREN = "999999999"
WEEKS = 4
SAMPLES = ((20_000, 1), (20_000, 2), (200_000, 1))
"""Ledger lines and seeds of the samples."""

FEC_COLUMNS = (
    *("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum"),
    *("CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet"),
    *("ValidDate", "Montantdevise", "Idevise"),
)


@dataclass(frozen=True)
class Invoice:
    """An invoice of the public set; amounts are cents."""

    customer: str
    number: str
    issued: date
    due: date
    settled: date
    cents: int


@dataclass(frozen=True)
class Scored:
    """Errors of the forecast and of the simple ones as parts of what came, and how many weeks the band held.

    Of whole companies over the first four weeks; ``later`` is of the weeks after them, ``groups`` of customer groups.
    """

    weeks: int
    forecast: float
    due_date: float
    due_date_at_once: float
    average_lateness: float
    average_lateness_at_once: float
    held: float
    later: float
    later_average_lateness: float
    later_held: float
    groups_held: float
    groups_later_held: float


def main() -> None:
    """Measure every set and print a table."""
    print(
        "set | weeks | forecast | due date | …at once | average lateness | …at once | below the best | P10–P90 holds"
        " | weeks 5 to 13: forecast | average lateness | P10–P90 holds | groups: weeks 1 to 4 | weeks 5 to 13"
    )
    for name, scored in _measured():
        simple = (
            *(scored.due_date, scored.due_date_at_once),
            *(scored.average_lateness, scored.average_lateness_at_once),
        )
        shares = " | ".join(f"{error:.1%}" for error in (scored.forecast, *simple))
        better = 1 - scored.forecast / min(simple)
        later = (scored.later, scored.later_average_lateness, scored.later_held)
        others = " | ".join(
            f"{share:.1%}" for share in (*later, scored.groups_held, scored.groups_later_held)
        )
        print(f"{name} | {scored.weeks} | {shares} | {better:.1%} | {scored.held:.1%} | {others}", flush=True)


def _measured() -> Iterator[tuple[str, Scored]]:
    corpora = os.environ.get("ENCOURS_CORPORA")
    if corpora:
        with tempfile.TemporaryDirectory(prefix="encours-forecast-") as folder:
            yield "public set", measure_public_set(Path(folder), Path(corpora) / PUBLIC_SET)
    for lines, seed in SAMPLES:
        with tempfile.TemporaryDirectory(prefix="encours-forecast-") as folder:
            home = _home(Path(folder))
            as_of = date(2026, 6, 30)
            generate(home.inbox, lines=lines, seed=seed, as_of=as_of)
            yield f"samples, {lines:,} lines, seed {seed}", _refreshed(home, as_of)


def measure_public_set(folder: Path, source: Path) -> Scored:
    """Write the invoices of ``source`` as a ledger and a list of invoices into a home in ``folder``, and refresh it."""
    home = _home(folder)
    invoices = read_public_set(source)
    write_ledgers(home.inbox / "public", invoices)
    return _refreshed(home, max(invoice.settled for invoice in invoices))


def read_public_set(source: Path) -> list[Invoice]:
    """The invoices of the public set, in the order of their settlement."""

    def day(text: str) -> date:
        return datetime.strptime(text, "%m/%d/%Y").date()

    with source.open(encoding="utf-8", newline="") as rows:
        found = [
            Invoice(
                row["customerID"],
                row["invoiceNumber"],
                day(row["InvoiceDate"]),
                day(row["DueDate"]),
                day(row["SettledDate"]),
                round(float(row["InvoiceAmount"]) * 100),
            )
            for row in csv.DictReader(rows)
        ]
    return sorted(found, key=lambda invoice: (invoice.settled, invoice.number))


def write_ledgers(folder: Path, invoices: Iterable[Invoice]) -> None:
    """A FEC per calendar year, with opening entries of what was still open, and ``invoices.csv`` with the due dates.

    Each payment has the letter of its invoice.
    """
    folder.mkdir(parents=True)
    invoices = list(invoices)
    letters = {invoice.number: _letters(number) for number, invoice in enumerate(invoices)}
    for year in range(invoices[0].issued.year, invoices[-1].settled.year + 1):
        lines = [line for entry in _entries(invoices, letters, year) for line in entry]
        with (folder / f"{SIREN}FEC{year}1231.txt").open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, FEC_COLUMNS, delimiter="\t", restval="", lineterminator="\r\n")
            writer.writeheader()
            writer.writerows(lines)
    with (folder / "invoices.csv").open("w", encoding="utf-8", newline="") as target:
        columns = ("document_number", "third_party_code", "issue_date", "due_date", "total_amount")
        rows = csv.writer(target, delimiter=";")
        rows.writerow(columns)
        for invoice in invoices:
            rows.writerow(
                (invoice.number, invoice.customer, invoice.issued, invoice.due, f"{invoice.cents / 100:.2f}")
            )


def _entries(
    invoices: list[Invoice], letters: dict[str, str], year: int
) -> Iterator[tuple[dict[str, str], ...]]:
    numbers = count(1)

    def entry(day: date, journal: str, other: str, invoice: Invoice, sign: int) -> tuple[dict[str, str], ...]:
        number = f"{journal}{next(numbers):06d}"
        is_lettered = invoice.settled.year == year
        common = {
            "JournalCode": journal,
            "JournalLib": {"AN": "A nouveaux", "VE": "Ventes", "BQ": "Banque"}[journal],
            "EcritureNum": number,
            "EcritureDate": f"{day:%Y%m%d}",
            "PieceRef": invoice.number if sign > 0 else f"R{invoice.number}",
            "PieceDate": f"{invoice.issued if sign > 0 else day:%Y%m%d}",
            "EcritureLib": f"{'Facture' if sign > 0 else 'Règlement'} {invoice.number}",
            "ValidDate": f"{day:%Y%m%d}",
        }
        amount = f"{invoice.cents / 100:.2f}".replace(".", ",")
        sides = ("Debit", "Credit") if sign > 0 else ("Credit", "Debit")
        return (
            {
                **common,
                "CompteNum": "411000",
                "CompteLib": "Clients",
                "CompAuxNum": invoice.customer,
                "CompAuxLib": invoice.customer,
                sides[0]: amount,
                sides[1]: "0,00",
                "EcritureLet": letters[invoice.number] if is_lettered else "",
                "DateLet": f"{invoice.settled:%Y%m%d}" if is_lettered else "",
            },
            {
                **common,
                "CompteNum": other,
                "CompteLib": {"AN": "Report à nouveau", "VE": "Ventes", "BQ": "Banque"}[journal],
                sides[0]: "0,00",
                sides[1]: amount,
            },
        )

    for invoice in invoices:
        if invoice.issued.year < year <= invoice.settled.year:
            yield entry(date(year, 1, 1), "AN", "110000", invoice, 1)
        if invoice.issued.year == year:
            yield entry(invoice.issued, "VE", "706000", invoice, 1)
        if invoice.settled.year == year:
            yield entry(invoice.settled, "BQ", "512000", invoice, -1)


def _letters(number: int) -> str:
    """A code of three letters."""
    return "".join(chr(65 + number // 26**place % 26) for place in (2, 1, 0))


def _home(folder: Path) -> Home:
    home = Home.at(folder / "home")
    home.create()
    return home


def _refreshed(home: Home, as_of: date) -> Scored:
    done = refresh(home, as_of=as_of, known_at=as_of)
    with duckdb.connect(home.published_database, read_only=True) as marts:
        try:
            return scored(marts)
        except ZeroDivisionError:
            raise SystemExit(f"no week of {home.root} can be scored: the run was {done.outcome}") from None


def scored(marts: duckdb.DuckDBPyConnection) -> Scored:
    """The forecasts at each origin whose four weeks have all ended.

    Raises ZeroDivisionError where there is none.
    """
    rows = marts.execute(
        f"""
        select origin_date, company_id, week_number, week_end_date, forecast_amount, p10_amount, p90_amount,
            actual_amount, baseline_due_date_amount, baseline_average_lateness_amount
        from marts.fct_forecast_backtest
        where customer_group = 'all' and week_number <= {WEEKS}
            and origin_date in (select origin_date from marts.fct_forecast_backtest where week_number = {WEEKS})
        """
    ).fetchall()
    others = _later_and_groups(marts)
    simple = _simple_forecasts(marts, sorted({row[0] for row in rows}))
    came = float(sum(row[7] for row in rows))

    def error(forecasts: Iterable[float]) -> float:
        actual = (float(row[7]) for row in rows)
        return sum(abs(one - other) for one, other in zip(forecasts, actual, strict=True)) / came

    def by_hand(name: str) -> float:
        return error(simple[name, row[0], row[1], row[2]] for row in rows)

    return Scored(
        weeks=len(rows),
        forecast=error(float(row[4]) for row in rows),
        due_date=by_hand("due date"),
        due_date_at_once=by_hand("due date, at once"),
        average_lateness=by_hand("average lateness"),
        average_lateness_at_once=by_hand("average lateness, at once"),
        held=fmean(row[5] <= row[7] <= row[6] for row in rows),
        later=others[True, True][0],
        later_average_lateness=others[True, True][1],
        later_held=others[True, True][2],
        groups_held=others[False, False][2],
        groups_later_held=others[False, True][2],
    )


def _later_and_groups(
    marts: duckdb.DuckDBPyConnection,
) -> dict[tuple[bool, bool], tuple[float, float, float]]:
    """Of whole companies, of later weeks → errors of the forecast and of average lateness, and what the band held."""
    return {
        (is_company, is_later): (error, average_lateness, held)
        for is_company, is_later, error, average_lateness, held in marts.execute(
            f"""
            select
                customer_group = 'all',
                week_number > {WEEKS},
                sum(abs(forecast_amount - actual_amount))::double / sum(actual_amount)::double,
                sum(abs(baseline_average_lateness_amount - actual_amount))::double / sum(actual_amount)::double,
                avg((actual_amount between p10_amount and p90_amount)::int)
            from marts.fct_forecast_backtest
            group by all
            """
        ).fetchall()
    }


def _simple_forecasts(
    marts: duckdb.DuckDBPyConnection, origins: list[date]
) -> dict[tuple[str, date, str, int], float]:
    """Simple forecast, origin, company and week → amount, worked out from the other marts."""
    owed = defaultdict(list)
    for origin, company, party, due, amount in marts.execute(
        """
        select as_of_date, items.company_id, items.third_party_id, items.due_date, history.open_amount
        from marts.fct_open_items_history as history
        inner join marts.fct_items as items on history.item_id = items.item_id
        where items.ledger_side = 'receivable' and history.open_amount > 0 and items.due_date is not null
            and history.ageing_bucket_code <> 'unapplied'
        """
    ).fetchall():
        owed[origin].append((company, party, due, float(amount)))
    payments = marts.execute(
        """
        select items.third_party_id, settlements.effective_date, settlements.effective_date - items.due_date
        from marts.fct_settlements as settlements
        inner join marts.fct_items as items on settlements.debit_item_id = items.item_id
        where settlements.settlement_kind = 'payment' and settlements.status = 'booked'
            and items.ledger_side = 'receivable' and items.due_date is not null
        """
    ).fetchall()
    found: dict[tuple[str, date, str, int], float] = defaultdict(float)
    for origin in origins:
        late = defaultdict(list)
        for party, paid_on, days in payments:
            if paid_on <= origin:
                late[party].append(days)
        everybody = fmean(days for each in late.values() for days in each) if late else 0.0
        tomorrow = origin + timedelta(days=1)
        monday = tomorrow - timedelta(days=tomorrow.weekday())
        for company, party, due, amount in owed[origin]:
            usual = due + timedelta(days=round(fmean(late[party]) if late.get(party) else everybody))
            for name, day in (("due date", due), ("average lateness", usual)):
                week = (max(day, tomorrow) - monday).days // 7 + 1
                found[f"{name}, at once", origin, company, week] += amount
                if day > origin:
                    found[name, origin, company, week] += amount
    return found


if __name__ == "__main__":
    main()
