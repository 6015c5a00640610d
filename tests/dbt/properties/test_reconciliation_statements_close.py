"""Whatever bank and books say and whatever is matched, both adjusted balances of a reconciliation statement are equal
at every date, its balances are the true ones, and its items are the lines that were outstanding on that day.

Each example is many random companies in one database: statements of all days, some of them missing, some told twice; a
ledger of one year or of two, whose opening entries may restate another balance; matches across all of it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.conftest import Project

COMPANIES = 40
AS_OF = date(2025, 4, 10)
NEW_YEAR = date(2025, 1, 1)
MODELS = (
    "path:models/intermediate/reconciliation fct_bank_matches fct_bank_match_members fct_bank_reconciliation "
    "fct_bank_reconciliation_statements fct_bank_reconciliation_statement_items"
)
LEFT_OUT = "int_reconciliation__line_states"
"""Reads the exceptions."""

Row = dict[str, Any]


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


@dataclass
class Line:
    """A bank or a ledger line; ``group`` is the matched group that takes it."""

    line_id: str
    day: date
    cents: int
    group: str | None = None


class Company:
    """What a company's bank and ledger really were, and the rows that tell of it."""

    def __init__(self, random: Random, company_id: str) -> None:
        self.random = random
        self.company_id = company_id
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.has_year_before = random.random() < 0.5
        self.start = random.choice((NEW_YEAR, NEW_YEAR + timedelta(days=random.randrange(40))))
        if self.has_year_before and random.random() < 0.5:
            self.start = NEW_YEAR - timedelta(days=random.randrange(1, 20))
        self.add("int_companies__known", base_currency="EUR")
        self.add(
            "int_bank__accounts",
            bank_account_id=f"{company_id}/FR1",
            account_number="FR1",
            currency_code="EUR",
            ledger_account="BANK",
            has_statements=True,
        )
        self.bank_opening = random.randint(-500_000, 500_000)
        self.bank = [
            Line(f"b-{company_id}-{number}", self.day(self.start), self.cents()) for number in range(25)
        ]
        self.periods = self.statements()
        self.shown = [
            line for line in self.bank if any(one <= line.day <= last for one, last in self.periods)
        ]
        self.books = self.ledger()
        self.matches()

    def add(self, model: str, **columns: object) -> None:
        self.rows[model].append({"company_id": self.company_id, **columns})

    def day(self, first: date) -> date:
        return first + timedelta(days=self.random.randrange((AS_OF - first).days + 8))

    def cents(self) -> int:
        return self.random.choice((1, -1)) * self.random.randint(1, 90_000)

    def bank_at(self, day: date) -> int:
        """The true balance at the end of a day."""
        return self.bank_opening + sum(line.cents for line in self.bank if line.day <= day)

    def statements(self) -> list[tuple[date, date]]:
        """The periods that statements show; the first is always there."""
        periods, first = [], self.start
        while first <= AS_OF:
            last = first + timedelta(days=self.random.choice((0, 6, 13, 30)))
            if not periods or self.random.random() < 0.75:
                periods.append((first, last))
            first = last + timedelta(days=1)
        told = periods + [
            (one + timedelta(days=1), last - timedelta(days=1))
            for one, last in periods
            if (last - one).days > 4 and self.random.random() < 0.3
        ]
        for order, (one, last) in enumerate(sorted(told), start=1):
            statement_id = f"s-{self.company_id}-{order}"
            self.add(
                "int_bank__statements_chained",
                statement_id=statement_id,
                account_number="FR1",
                account_currency="EUR",
                statement_kind="statement",
                statement_order=order,
                from_date=one,
                to_date=last,
                opening_balance=_money(self.bank_at(one - timedelta(days=1))),
                closing_balance=_money(self.bank_at(last)),
            )
            is_whole = (one, last) in periods
            for line in self.bank:
                if one <= line.day <= last:
                    row = {
                        "booking_date": line.day,
                        "amount": _money(line.cents),
                        "statement_id": statement_id,
                    }
                    self.add("int_bank__lines_keyed", statement_kind="statement", **row)
                    if is_whole:
                        self.add(
                            "int_bank__transactions",
                            bank_transaction_id=line.line_id,
                            bank_account_id=f"{self.company_id}/FR1",
                            account_number="FR1",
                            currency_code="EUR",
                            **row,
                        )
        return periods

    def ledger(self) -> list[Line]:
        """Entries of one year or two; the opening of the second may be wrong by ``restated_wrongly``."""
        first = date(2024, 12, 1) if self.has_year_before else NEW_YEAR
        lines = [Line(f"l-{self.company_id}-{number}", self.day(first), self.cents()) for number in range(25)]
        self.books_opening = self.random.choice((self.bank_opening, self.cents()))
        self.restated_wrongly = self.random.choice((0, 0, 777)) if self.has_year_before else 0
        left = self.books_opening + sum(line.cents for line in lines if line.day < NEW_YEAR)
        for year in (2024, 2025) if self.has_year_before else (2025,):
            self.add(
                "int_ledger__fiscal_years",
                fiscal_year_end_date=date(year, 12, 31),
                fiscal_year_start_date=date(year, 1, 1),
                previous_year_end_date=date(2024, 12, 31) if self.has_year_before and year == 2025 else None,
            )
            opens_later_year = self.has_year_before and year == 2025
            self.add("int_ledger__opening_entries", fiscal_year_end_date=date(year, 12, 31))
            self.ledger_line(
                Line(
                    f"an-{self.company_id}-{year}",
                    date(year, 1, 1),
                    left + self.restated_wrongly if opens_later_year else self.books_opening,
                ),
                is_opening=True,
                opens_later_year=opens_later_year,
            )
        for line in lines:
            self.ledger_line(line)
        return lines

    def ledger_line(self, line: Line, *, is_opening: bool = False, opens_later_year: bool = False) -> None:
        self.add(
            "int_ledger__lines_identified",
            ledger_line_id=line.line_id,
            account_code="BANK",
            entry_date=line.day,
            fiscal_year_end_date=date(line.day.year, 12, 31),
            fiscal_year_start_date=date(line.day.year, 1, 1),
            is_opening=is_opening,
            opens_later_year=opens_later_year,
            balance_amount=_money(line.cents),
        )

    def books_at(self, day: date) -> int:
        balance = self.books_opening + sum(line.cents for line in self.books if line.day <= day)
        return balance + (self.restated_wrongly if day >= NEW_YEAR else 0)

    def matches(self) -> None:
        """Groups of one to three lines on either side, or of one side; some are proposals."""
        bank, books = self.random.sample(self.shown, len(self.shown)), self.random.sample(self.books, 25)
        for number in range(self.random.randrange(12)):
            taken = [bank.pop() for _ in range(min(len(bank), self.random.randrange(3)))]
            booked = [books.pop() for _ in range(min(len(books), self.random.randrange(3)))]
            if not taken and not booked:
                continue
            match_id = f"m-{self.company_id}-{number}"
            is_matched = self.random.random() < 0.8
            paid, owed = sum(line.cents for line in taken), sum(line.cents for line in booked)
            self.add(
                "int_matching__groups",
                match_id=match_id,
                use="bank",
                bank_account_id=f"{self.company_id}/FR1",
                match_status="matched" if is_matched else "proposed",
                match_cardinality="n:m" if taken and booked else "offset",
                payment_amount=_money(paid),
                document_amount=_money(owed),
                residual_amount=_money(paid - owed),
                rank=1,
            )
            members = [("payment", line) for line in taken] + [("document", line) for line in booked]
            if taken and not booked and self.random.random() < 0.3:
                members.append(("document", Line(f"opening/{self.company_id}/FR1", self.start, paid)))
            for side, line in members:
                line.group = match_id if is_matched else None
                self.rows["int_matching__members"].append(
                    {
                        "match_id": match_id,
                        "side": side,
                        "object_id": line.line_id,
                        "amount": _money(line.cents),
                    }
                )

    def known_until(self, day: date) -> date:
        """The last day that statements tell the balance of, at most the day."""
        return max(
            (min(last, day) for one, last in self.periods if one <= day),
            default=self.start - timedelta(days=1),
        )

    def missing_at(self, day: date) -> int:
        """Movements that no statement shows and that a later one has in its balance."""
        return (
            self.bank_at(self.known_until(day))
            - self.bank_opening
            - sum(line.cents for line in self.shown if line.day <= day)
        )

    def outstanding(self, lines: list[Line], day: date) -> int:
        """What of these lines was there by the day, and of its group something was not."""
        last_days: dict[str, date] = defaultdict(lambda: date.min)
        for line in (*self.shown, *self.books):
            if line.group:
                last_days[line.group] = max(last_days[line.group], line.day)
        return sum(
            line.cents
            for line in lines
            if self.start <= line.day <= day and (line.group is None or last_days[line.group] > day)
        )


@pytest.fixture(scope="module")
def inputs(built: Project) -> list[Any]:
    """The nodes that the models read and that are none of them."""
    nodes = {**built.manifest.nodes, **built.manifest.sources}
    names = set(MODELS.split()[1:])
    inside = {
        key
        for key, node in nodes.items()
        if node.resource_type == "model"
        and (node.name in names or "intermediate/reconciliation/" in node.original_file_path)
        and node.name != LEFT_OUT
    }
    parents = {parent for key in inside for parent in nodes[key].depends_on.nodes} - inside
    return [nodes[key] for key in sorted(parents)]


# Without shrinking: a failure names company and date, and each example costs a build.
@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_statements_close(built: Project, inputs: list[Any], seed: int) -> None:
    random = Random(seed)
    companies = {f"c{number:02}": Company(random, f"c{number:02}") for number in range(COMPANIES)}
    with TemporaryDirectory() as folder:
        project = Project(Path(folder), built.manifest)
        _give(project, built, inputs, companies)
        done = project.invoke("run", "--select", *MODELS.split(), "--exclude", LEFT_OUT)
        assert done.success, [result.message for result in done.result.results]
        with duckdb.connect(project.database, read_only=True) as connection:
            found = (
                connection.sql("FROM marts.fct_bank_reconciliation_statements").to_arrow_table().to_pylist()
            )
            pairs = connection.execute(
                "SELECT match_id, sum(matched_amount) FROM marts.fct_bank_reconciliation GROUP BY match_id"
            ).fetchall()
            matches = connection.execute(
                "SELECT match_id, bank_amount, ledger_amount FROM marts.fct_bank_matches"
            )
            sides = {match_id: (bank, ledger) for match_id, bank, ledger in matches.fetchall()}
    assert {row["company_id"] for row in found} == set(companies)
    assert any(row["statement_gap"] for row in found)
    assert any(row["ledger_gap"] for row in found)
    for row in found:
        company, day = companies[row["company_id"]], row["as_of_date"]
        expected = {
            "bank_balance": company.bank_at(company.known_until(day)),
            "ledger_balance": company.books_at(day),
            "bank_not_in_ledger": company.outstanding(company.shown, day),
            "ledger_not_at_bank": company.outstanding(company.books, day),
            "statement_gap": -company.missing_at(day),
            "ledger_gap": -company.restated_wrongly if company.start <= NEW_YEAR <= day else 0,
            "difference": 0,
        }
        assert {name: row[name] for name in expected} == {
            name: _money(cents) for name, cents in expected.items()
        }, (row["company_id"], day)
    for match_id, amount in pairs:
        bank, ledger = sides[match_id]
        if bank * ledger > 0:
            assert abs(amount) == min(abs(bank), abs(ledger)), match_id


def _give(project: Project, built: Project, inputs: list[Any], companies: dict[str, Company]) -> None:
    """The inputs as tables of their own in the project's database, with the companies' rows."""
    with duckdb.connect(project.database) as connection:
        connection.execute(f"ATTACH '{built.database}' AS other (READ_ONLY)")
        for node in inputs:
            name = node.identifier if node.resource_type == "source" else node.alias
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {node.schema}")
            if node.resource_type == "source":
                connection.execute(f"CREATE TABLE {node.schema}.{name} AS FROM other.{node.schema}.{name}")
                continue
            # A view can be described, but not read from here: it names the database that it was made in.
            [(columns,)] = connection.execute(
                """
                SELECT string_agg(concat('"', column_name, '" ', data_type), ', ') FROM duckdb_columns()
                WHERE database_name = 'other' AND schema_name = $1 AND table_name = $2
                """,
                [node.schema, name],
            ).fetchall()
            connection.execute(f"CREATE TABLE {node.schema}.{name} ({columns})")
            if rows := [row for company in companies.values() for row in company.rows[node.name]]:
                connection.register("given", pa.Table.from_pylist(rows))
                connection.execute(f"INSERT INTO {node.schema}.{name} BY NAME FROM given")
        connection.execute("UPDATE run.context SET as_of_date = $1", [AS_OF])
