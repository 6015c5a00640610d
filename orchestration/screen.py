"""What people see while a refresh runs, and when it has ended."""

import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.status import Status

from home.layout import Home
from orchestration.listing import Language, Listing, Value, escape, fit, least_width, sum_row
from orchestration.refresh import Refreshed
from orchestration.run import Outcome, fault_notice
from orchestration.summary import Summary, summary_of

PIPE_WIDTH: Final = 160
"""Columns of a table that goes to a file or another program, which has no width of its own."""

LEAST_COLUMNS: Final = 3
"""So many columns are shown however narrow the terminal is; its lines are then broken."""


def console() -> Console:
    """Standard output; as wide as tables need when it is not a terminal."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def show(listing: Listing, language: Language) -> None:
    """Print a listing as a table."""
    _print_table(console(), listing, language)


def show_sections(sections: Iterable[str | Listing], language: Language) -> None:
    """Print paragraphs and tables, an empty line before each but the first."""
    out = console()
    for position, section in enumerate(sections):
        if position:
            out.print()
        if isinstance(section, Listing):
            _print_table(out, section, language)
        else:
            # A line of a paragraph may be copied: the terminal breaks it, not we.
            for line in section.splitlines():
                out.print(escape(line), soft_wrap=True)


def show_sums(listing: Listing, language: Language, *, by: int = 0) -> None:
    """Print a table for each combination of the first ``by`` columns, with a row of sums where there is what to add."""
    out = console()
    if not listing.rows:
        _print_table(out, replace(listing, columns=listing.columns[by:]), language)
    for key, group in groupby(listing.rows, key=lambda row: tuple(row[:by])):
        rows = [row[by:] for row in group]
        names = [column.shown(part, language) for column, part in zip(listing.columns, key, strict=False)]
        columns = [
            replace(column, is_hidden=column.is_hidden or all(row[index] == 0 for row in rows))
            for index, column in enumerate(listing.columns[by:])
        ]
        part = Listing(", ".join([listing.title, *names]), columns, rows, listing.remark)
        sums = sum_row(rows, len(part.columns), "Total")
        added = [value if column.is_added else None for column, value in zip(columns, sums, strict=True)]
        is_sum = any(isinstance(value, Decimal) for value in added)
        _print_table(out, part, language, total_row=added if is_sum else None)


def show_reconciliation(listing: Listing, language: Language) -> None:
    """Print a bank reconciliation statement: either side from its balance to its adjusted one, then the difference."""
    out = console()
    out.print(listing.title, markup=False, soft_wrap=True, style="bold")
    *sided, difference = listing.rows
    columns = listing.columns[1:]
    for side, group in groupby(sided, key=lambda row: row[0]):
        *rows, adjusted = [row[1:] for row in group]
        part = Listing(listing.columns[0].shown(side, language), columns, rows)
        _print_table(out, part, language, total_row=adjusted)
    shown = {
        column.name: column.shown(cell, language)
        for column, cell in zip(listing.columns, difference, strict=True)
    }
    out.print(f"{shown['category'].capitalize()}  {shown['amount']}", style="bold")
    if listing.remark:
        out.print(listing.remark, markup=False, soft_wrap=True)


def _print_table(
    out: Console, listing: Listing, language: Language, *, total_row: Sequence[Value] | None = None
) -> None:
    """Print a table that fits: on a narrow terminal without the columns that people can do without, then the last."""
    table = listing.as_table(language, total_row=total_row)
    left_out = []
    while out.is_terminal and least_width(table) > out.width:
        shown = [column for column in listing.columns if not column.is_hidden]
        if len(shown) <= LEAST_COLUMNS:
            break
        dropped = next((column for column in shown if column.is_detail), shown[-1])
        left_out.append(dropped.label)
        listing = listing.without(dropped)
        table = listing.as_table(language, total_row=total_row)
    if left_out:
        names = ", ".join(left_out)
        table.caption = {
            "en": f"Without {names}: the terminal is too narrow. --format csv has all.",
            "fr": f"Sans {names} : le terminal est trop étroit. --format csv donne tout.",
        }[language]
    if not out.is_terminal:
        out.width = max(PIPE_WIDTH, least_width(table))
    fit(table, out.width)
    out.print(table)


class Screen:
    """The progress of a refresh: the stage at work with what it is at, and a line per stage that is done.

    Use as a context manager.
    """

    def __init__(self) -> None:
        self._console = console()
        self._status: Status | None = None
        self._stage = ""
        self._began = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def stage(self, title: str) -> None:
        """A stage begins; the one before has ended."""
        self.end_stage()
        self._stage, self._began = title, time.perf_counter()
        if self._console.is_terminal:
            self._status = self._console.status(title)
            self._status.start()

    def step(self, text: str) -> None:
        """Something within the stage begins."""
        if self._status:
            self._status.update(f"{self._stage} [dim]{escape(text)}[/dim]")

    def summarise(self, home: Home, done: Refreshed) -> None:
        """Say what came out."""
        self.end_stage()
        self._stop()
        for note in done.notes:
            self._console.print(f"[yellow]Left out[/yellow]    {escape(note)}", soft_wrap=True)
        if done.outcome is Outcome.EMPTY:
            self._console.print(
                f"{home.inbox} is empty: drop a ledger (FEC) or bank statements (camt.053) into it, one folder per "
                "company, and run encours refresh again.",
                soft_wrap=True,
            )
            return
        if done.outcome is Outcome.UNCHANGED:
            self._console.print(
                f"Nothing has changed since run {done.run_id}: the marts stay as they are ({done.seconds:.1f} s)."
            )
            self._tell_undelivered(done)
            return
        if done.outcome is Outcome.BLOCKED:
            self._console.print(
                "[bold red]A blocking check failed: the marts in force stay as they are.[/bold red]"
            )
            self._complain(home, done)
            self._console.print(
                f"What was found: {home.reports / done.run_id / 'report.html'}", soft_wrap=True
            )
            return
        self._print(home, summary_of(home), done)
        self._tell_undelivered(done)

    def _print(self, home: Home, summary: Summary, done: Refreshed) -> None:
        out = self._console
        if not summary.is_verified:
            out.print(
                "[bold red]Not verified: a blocking check failed, and there were no marts to keep.[/bold red]"
            )
            self._complain(home, done)
        out.print()
        _print_table(out, summary.balances, "en")
        _print_table(out, summary.buckets, "en")
        _print_table(out, summary.exceptions, "en")
        out.print(f"Files       {summary.files}")
        out.print(f"Checks      {summary.checks}")
        out.print(f"Marts       {home.published_database}", soft_wrap=True)
        out.print(f"Report      {home.reports / done.run_id / 'report.html'}", soft_wrap=True)
        out.print(f"Done in {done.seconds:.1f} s: run {done.run_id}, as of {summary.as_of_date}.")

    def _tell_undelivered(self, done: Refreshed) -> None:
        for sentence in done.undelivered:
            self._console.print(f"[bold red]Not delivered[/bold red] {escape(sentence)}", soft_wrap=True)

    def _complain(self, home: Home, done: Refreshed) -> None:
        for reason in done.reasons:
            self._console.print(f"  {escape(reason)}", soft_wrap=True)
        self._console.print(fault_notice(home.reports / done.run_id), soft_wrap=True)

    def end_stage(self) -> None:
        """The stage at work is done."""
        if self._stage:
            self._stop()
            seconds = time.perf_counter() - self._began
            self._console.print(f"[green]✓[/green] {self._stage} [dim]{seconds:.1f} s[/dim]")
            self._stage = ""

    def _stop(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None
