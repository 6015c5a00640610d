"""The ``encours`` command. Heavy packages are imported by the commands that need them, so that help is instant."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec

import click

if TYPE_CHECKING:
    from decisions.store import Store
    from decisions.transfer import Form
    from home.layout import Home
    from orchestration.listing import Format, Language, Listing

DONE: Final = 0
FAILED: Final = 1
MISUSED: Final = 2
BLOCKED: Final = 3

P = ParamSpec("P")


class Failure(click.ClickException):
    """One sentence on the screen; the command failed."""

    exit_code = FAILED


class Misuse(Failure):
    """One sentence on the screen; the command or the configuration must change."""

    exit_code = MISUSED


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="encours", prog_name="encours")
def main() -> None:
    """Who owes what, since when, and what the bank says: from the files in HOME/inbox to marts for any BI tool.

    Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 a blocking check kept the old marts.
    """


@main.group("decisions")
def decisions_group() -> None:
    """What reviewers decided: kept for ever, in one chain."""


def _command(run: Callable[P, None], group: click.Group = main) -> click.Command:
    """A command with --debug, whose known errors end in one sentence and the exit code that belongs to them."""

    @wraps(run)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        if kwargs.pop("debug"):
            run(*args, **kwargs)
            return
        try:
            run(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            raise _failure(error) from None

    name = run.__name__.removeprefix(f"{group.name}_").replace("_", "-")
    debug = click.option("--debug", is_flag=True, help="Show where an error comes from.")
    return group.command(name)(debug(guarded))


_decisions_command = partial(_command, group=decisions_group)


def _failure(error: Exception) -> Failure:
    from decisions.decision import DecisionsError
    from dunning.errors import DunningError
    from home.lock import HomeIsBusyError
    from home.settings_file import SettingsError
    from ingestion.acceptance import NothingToAccept
    from ingestion.mapping.proposal_text import AlreadyReadError
    from ingestion.reading import FileRefusedError
    from orchestration.errors import ExpectedError

    text = " ".join(str(error).split())
    if isinstance(error, SettingsError):
        return Misuse(text)
    if isinstance(error, FileRefusedError):
        return Failure(f"{error.reason}: {error.remedy}")
    expected = ExpectedError | HomeIsBusyError | NothingToAccept | AlreadyReadError | DecisionsError
    if isinstance(error, expected | DunningError | OSError):
        return Failure(text)
    return Failure(f"{type(error).__name__}: {text}; run again with --debug to see where.")


home_option = click.option(
    "--home",
    "home_path",
    envvar="ENCOURS_HOME",
    default="encours-home",
    show_default=True,
    show_envvar=True,
    type=click.Path(file_okay=False),
    help="The folder that holds inbox, settings and marts.",
)
home_argument = click.argument(
    "home_path",
    metavar="[HOME]",
    envvar="ENCOURS_HOME",
    default="encours-home",
    type=click.Path(file_okay=False),
)
format_option = click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
company_option = click.option("--company", help="Company id.")
language_option = click.option(
    "--lang", "language", type=click.Choice(["en", "fr"]), default="en", show_default=True
)


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date; a usage error when it is not one."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date; write it as 2026-06-30.", param, ctx)


class Amount(click.ParamType[Decimal]):
    """An amount with a decimal point."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The amount; a usage error when it is not one."""
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            self.fail(f"{value!r} is no amount; write it as 1234.50.", param, ctx)
        return amount


@_command
@home_argument
def init(home_path: str) -> None:
    """Make a home with a commented encours.toml. What is there already stays."""
    from home.layout import Home

    home = Home.at(home_path)
    _init(home)
    click.echo(f"{home.root} is ready: drop files into {home.inbox}, then run encours refresh.")


@_command
@home_argument
@click.option(
    "--lines", default=20_000, show_default=True, type=click.IntRange(min=100), help="Ledger lines."
)
@click.option("--seed", default=1, show_default=True, help="Another seed, another group.")
@click.pass_context
def demo(context: click.Context, home_path: str, lines: int, seed: int) -> None:
    """Make a home with the exports of a fictitious group of companies, and refresh it."""
    from home.layout import Home
    from orchestration.run import today
    from samples.generator import generate

    home = Home.at(home_path)
    if any(home.inbox.glob("**/*.*")):
        raise Misuse(
            f"{home.inbox} already holds files; run encours refresh, or name another home for the demo."
        )
    _init(home)
    generate(home.inbox, lines=lines, seed=seed, as_of=today(home))
    _refresh(context, home)


@_command
def prepare() -> None:
    """Parse the models once, after an install: the first refresh of each home then starts three seconds sooner."""
    from orchestration.dbt_runner import prepare as parse_ahead

    click.echo(f"The models are parsed ahead: {parse_ahead()}.")


@_command
@home_option
@click.option("--as-of", type=Day(), help="The date that the figures speak of; today by default.")
@click.option("--known-at", type=Day(), help="What day it is; today by default.")
@click.pass_context
def refresh(context: click.Context, home_path: str, as_of: date | None, known_at: date | None) -> None:
    """Read what is new in the inbox and bring the marts up to date."""
    _refresh(context, _existing(home_path), as_of, known_at)


@_command
@home_option
@click.argument("target", required=False)
def publish(home_path: str, target: str | None) -> None:
    """Give the marts in force once more to a TARGET, or to all that encours.toml names."""
    from home import lock
    from home.settings_file import load
    from orchestration.screen import Screen
    from orchestration.targets import publish_again

    home = _existing(home_path)
    settings = load(home)
    with lock.one_refresh_at_a_time(home, command="encours publish"), Screen() as screen:
        screen.stage("Publishing again")
        release = publish_again(home, settings, target, screen.step)
        screen.end_stage()
    click.echo(f"Run {release.run_id}, as of {release.as_of_date}, is what readers see there.")


@_command
@home_option
@click.argument("file")
def accept(home_path: str, file: str) -> None:
    """Let in a FILE that was held back; the next refresh uses it."""
    from datetime import UTC

    from ingestion.acceptance import accept as accept_file
    from orchestration.queries import held_file

    home = _existing(home_path)
    record = accept_file(home, held_file(home, file), accepted_at=datetime.now(UTC))
    click.echo(f"{record.source_file} is accepted: the next encours refresh uses it.")


@_command
@home_option
@format_option
def status(home_path: str, form: "Format") -> None:
    """What is in force, how the last run went, what needs attention."""
    from orchestration import queries

    _show(queries.status(_existing(home_path)), form)


@_command
@home_option
@click.option("--company", help="Company id.")
@click.option("--account", help="Bank account (id, IBAN, or the end of one) or ledger account.")
@click.option("--reason", "reasons", multiple=True, help="Reason code; may be repeated.")
@click.option("--side", "sides", multiple=True, type=click.Choice(["bank", "ledger", "receivable", "file"]))
@click.option("--severity", "severities", multiple=True, type=click.Choice(["high", "medium", "low", "info"]))
@click.option("--status", "statuses", multiple=True, help="Status; may be repeated.")
@click.option(
    "--min-amount", "least_amount", type=Amount(), help="In the exception's currency, whatever the sign."
)
@click.option("--older-than", type=click.IntRange(min=0), help="Days.")
@click.option(
    "--sort", type=click.Choice(["severity", "amount", "age"]), default="severity", show_default=True
)
@click.option("--limit", type=click.IntRange(min=1), help="Rows; the worst 50 in tables, else all.")
@format_option
@language_option
def exceptions(
    home_path: str, form: "Format", language: "Language", limit: int | None, **wanted: Any
) -> None:
    """Everything that someone must look at, the worst first. `encours explain` tells more of each."""
    from orchestration import exceptions, screen

    if form == "table" and limit is None:
        limit = exceptions.SHOWN
    found = exceptions.exceptions(_existing(home_path), language, exceptions.Wanted(limit=limit, **wanted))
    if form == "table":
        screen.show(found.by_reason, language)
    _show(found.listed, form, language)


@_command
@home_option
@click.argument("wanted", metavar="ID")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@language_option
def explain(home_path: str, wanted: str, form: str, language: "Language") -> None:
    """Why a match or an exception: the rule, the evidence, the candidates, what would change it.

    ID is that of an exception, a match, a bank line, a ledger line or an item, or its first characters (six or more).
    """
    from orchestration import explanation_text, screen
    from orchestration.explanation import explain as explained_by

    explained = explained_by(_existing(home_path), wanted)
    if form == "json":
        click.echo(explanation_text.as_json(explained, language), nl=False)
    else:
        screen.show_sections(explanation_text.sections(explained, language), language)


@_command
@home_option
@format_option
@language_option
def aged_balance(home_path: str, form: "Format", language: "Language") -> None:
    """What each third party owes, or is owed, by age."""
    from orchestration import queries

    # A company's customers and its suppliers are not added up.
    _show(queries.aged_balance(_existing(home_path), language), form, language, sums_by=2)


@_command
@home_option
@company_option
@click.option("--agency", help="Agency, as in third_parties.csv.")
@click.option("--sales-rep", help="Sales representative, as in third_parties.csv.")
@click.option("--customer", help="A code, an id or a part of the name.")
@click.option("--due", "is_due", is_flag=True, help="Leave out calls and follow-ups whose day has not come.")
@click.option(
    "--limit", type=click.IntRange(min=1), help="Customers of each company, the most urgent; all by default."
)
@format_option
@language_option
def worklist(
    home_path: str,
    company: str | None,
    agency: str | None,
    sales_rep: str | None,
    customer: str | None,
    is_due: bool,
    limit: int | None,
    form: "Format",
    language: "Language",
) -> None:
    """Whom to look at today and why, the most urgent first: the revue de balance."""
    from orchestration.choosing import Chosen
    from orchestration.worklist_listing import worklist_listing

    chosen = Chosen(company, agency, sales_rep, customer)
    listing = worklist_listing(_existing(home_path), language, chosen, is_due=is_due, limit=limit)
    _show(listing, form, language, sums_by=1)


@_command
@home_option
@company_option
@click.option(
    "--group",
    "groups",
    multiple=True,
    help="Customer group (segment), or all; may be repeated. [default: all]",
)
@format_option
@language_option
def forecast(
    home_path: str, company: str | None, groups: tuple[str, ...], form: "Format", language: "Language"
) -> None:
    """What customers will pay of what they owe, week by week, and how sure that is."""
    from orchestration.forecast_listing import forecast_listing

    _show(forecast_listing(_existing(home_path), language, company, groups), form, language, sums_by=2)


@_command
@home_option
@company_option
@click.option("--agency", help="An agency's customers, as in third_parties.csv.")
@click.option("--customer", help="One customer: a code, an id or a part of the name.")
@format_option
@language_option
def kpis(
    home_path: str,
    company: str | None,
    agency: str | None,
    customer: str | None,
    form: "Format",
    language: "Language",
) -> None:
    """The indicators of receivables at each month-end: outstanding, overdue, DSO three ways, effectiveness."""
    from orchestration.kpi_listing import kpi_listing

    if agency is not None and customer is not None:
        raise click.UsageError("--agency and --customer are asked for one at a time.")
    by = 1 if agency is None and customer is None else 2
    _show(kpi_listing(_existing(home_path), language, company, agency, customer), form, language, sums_by=by)


@_command
@home_option
@click.argument("customer")
@format_option
@language_option
def statement(home_path: str, customer: str, form: "Format", language: "Language") -> None:
    """The open items of one CUSTOMER (or supplier): a code, an id or a part of the name."""
    from orchestration import queries

    _show(queries.statement(_existing(home_path), customer, language), form, language, sums_by=2)


@_command
@home_option
@click.argument("account")
@click.option("--as-of", type=Day(), help="A month-end, or the date of the marts, which is the default.")
@format_option
@language_option
def reconciliation_statement(
    home_path: str, account: str, as_of: date | None, form: "Format", language: "Language"
) -> None:
    """The bank reconciliation statement of one ACCOUNT: both balances, what each side lacks, the adjusted balances.

    ACCOUNT is an id, an IBAN or number, a ledger account, or a part of one.
    """
    from orchestration.reconciliation_statement import reconciliation_statement as statement_of

    listing = statement_of(_existing(home_path), account, as_of, language)
    if form == "table":
        from orchestration import screen

        screen.show_reconciliation(listing, language)
    else:
        _show(listing, form, language)


@_command
@home_option
@click.option(
    "--only", multiple=True, metavar="CUSTOMER", help="A code, an id or a part of the name; may be repeated."
)
@click.option("--send", "is_sending", is_flag=True, help="Send the e-mails; without it nothing leaves.")
@click.option("--yes", is_flag=True, help="Send without asking first.")
@click.option("--anyway", is_flag=True, help="Send even if the marts are not of today, or not verified.")
@click.option("--unknown", is_flag=True, help="List the messages that may have gone out or not.")
@click.option(
    "--done",
    multiple=True,
    metavar="ID",
    help="You posted the letter, made the call, or found the message gone.",
)
@click.option(
    "--not-done", multiple=True, metavar="ID", help="It never went out, or came back: it may be done again."
)
@format_option
@language_option
@click.pass_context
def dun(
    context: click.Context,
    home_path: str,
    only: tuple[str, ...],
    is_sending: bool,
    yes: bool,
    anyway: bool,
    unknown: bool,
    done: tuple[str, ...],
    not_done: tuple[str, ...],
    form: "Format",
    language: "Language",
) -> None:
    """Whom to remind today, with what words: write the e-mails and letters, and show them.

    Nothing leaves without --send. Each message is sent at most once, whatever happens: one of which nobody knows
    whether it went out is listed by --unknown, and waits for --done or --not-done.
    """
    from home.settings_file import load
    from orchestration import reminder_listing, reminders

    if sum(bool(asked) for asked in (is_sending, unknown, done or not_done)) > 1:
        raise click.UsageError("--send, --unknown and --done or --not-done are asked for one at a time.")
    home = _existing(home_path)
    if unknown:
        _show(reminder_listing.unknown_listing(home, language), form, language)
        return
    found = reminders.reminders(home, load(home), language, only)
    if done or not_done:
        for wanted in done:
            click.echo(f"{reminders.settle(found, wanted, 'sent')}: done; the next refresh knows it.")
        for wanted in not_done:
            click.echo(f"{reminders.settle(found, wanted, 'failed')}: not done; it may be done again.")
        return
    with _progress("Writing", form) as step:
        paths, faults = reminders.written(found, step)
    if not is_sending or form == "table":
        _show(reminder_listing.reminder_listing(found, language, paths, faults), form, language)
    if not is_sending:
        return
    if not anyway:
        reminders.refuse_stale(found)
    actions = reminders.to_send(found, faults)
    if not actions:
        click.echo("There is no e-mail to send.", err=True)
    elif not yes:
        smtp = found.settings.dunning.smtp
        count = f"{len(actions)} e-mail{'s' if len(actions) > 1 else ''}"
        click.confirm(f"Send {count} from {smtp.sender} by {smtp.place}?", abort=True, err=True)
    with _progress("Sending", form) as step:
        told = reminders.sent(found, actions, step)
    faults = {**faults, **{one.action.action_id: one.why for one in told if one.why}}
    _show(reminder_listing.reminder_listing(found, language, paths, faults, is_sent=True), form, language)
    if faults:
        context.exit(FAILED)


@_command
@home_option
@click.argument("file", type=click.Path(path_type=Path))
@language_option
def map(home_path: str, file: Path, language: "Language") -> None:
    """Propose how a FILE of a bank or a software is read: a mapping to paste into encours.toml.

    FILE is a path, a path below the inbox, or the name of a file in the inbox.
    """
    from home.layout import Home
    from home.settings_file import load
    from ingestion.mapping.catalogue import Catalogue
    from ingestion.mapping.proposal_text import proposed_text

    home = Home.at(home_path)
    path = _named(file, home)
    click.echo(proposed_text(path, Catalogue.of(load(home)), language), nl=False)


@_command
@home_option
@click.option("--host", help="Address to listen on; another than the loopback's needs sign-in.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port to listen on; that of encours.toml by default."
)
@click.option(
    "--browser/--no-browser", default=True, show_default=True, help="Open a browser, if there is one."
)
def app(home_path: str, host: str | None, port: int | None, browser: bool) -> None:
    """Serve the review application for controllers, until stopped with Ctrl-C."""
    from home.settings_file import load
    from orchestration import review_app

    home = _existing(home_path)
    review_app.serve(home, load(home), host=host, port=port, show_browser=browser)


@_decisions_command
@home_option
@click.option("--exception", "exception_id", help="Id of an exception, or its first characters.")
@format_option
@language_option
def decisions_list(home_path: str, exception_id: str | None, form: "Format", language: "Language") -> None:
    """All decisions, the oldest first, with those that were taken back."""
    from orchestration.decision_listing import decision_listing

    with _decisions(home_path) as store:
        _show(decision_listing(store.decisions(), exception_id, language), form, language)


@_decisions_command
@home_option
@click.option("--head", help="Hash of a decision, noted earlier, that must still be there.")
def decisions_verify(home_path: str, head: str | None) -> None:
    """Check that no decision was changed, removed, inserted or moved since it was made."""
    from decisions.chain import Broken
    from orchestration.decided import applied_heads

    with _decisions(home_path) as store:
        found = store.verify(applied_heads(_existing(home_path)))
        if isinstance(found, Broken):
            raise Failure(f"{store.name}: {found.why}")
        if head and all(row.hash != head for row in store.rows()):
            raise Failure(f"{store.name}: no decision has the hash {head}; it is gone, or was written anew.")
    if found.count:
        click.echo(f"{found.count} decisions, each as it was made; the head is {found.head}.")
    else:
        click.echo("Nobody has decided anything yet.")


@_decisions_command
@home_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "form", type=click.Choice(["csv", "json"]), help="By default what FILE ends in.")
def decisions_export(home_path: str, file: Path, form: "Form | None") -> None:
    """Write the whole chain to FILE, for another home or to keep."""
    from decisions.transfer import FORMS, export_file

    wanted = form or FORMS.get(file.suffix.lower())
    if wanted is None:
        raise click.BadParameter(f"{file} ends in neither .csv nor .json; add --format.", param_hint="FILE")
    with _decisions(home_path) as store:
        count = export_file(store, file, wanted)
    click.echo(f"{file} holds {count} decisions.")


@_decisions_command
@home_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def decisions_import(home_path: str, file: Path) -> None:
    """Add the decisions of an export that are not here yet: all or none."""
    from decisions.transfer import import_file

    with _decisions(home_path) as store:
        done = import_file(store, file)
    click.echo(
        f"{done.added} decisions added, {done.already} were here already; the next refresh applies them."
    )


def _decisions(home_path: str) -> "Store":
    from decisions.store import open_store
    from home.settings_file import load

    home = _existing(home_path)
    return open_store(home, load(home))


def _named(file: Path, home: "Home") -> Path:
    """The file that is named: where the path leads, else in the inbox."""
    for path in (file, home.inbox / file):
        if path.is_file():
            return path
    found = [path for path in home.inbox.rglob("*") if path.name == str(file) and path.is_file()]
    if len(found) == 1:
        return found[0]
    if found:
        raise click.BadParameter(
            f"the inbox holds {len(found)} files called {file}; name the folder too.", param_hint="FILE"
        )
    raise click.BadParameter(f"{file} does not exist, here or in {home.inbox}.", param_hint="FILE")


def _existing(home_path: str) -> "Home":
    from home.layout import Home

    home = Home.at(home_path)
    if not home.root.is_dir():
        raise Misuse(f"{home.root}: there is no home here; make one with encours init {home_path}.")
    return home


def _init(home: "Home") -> None:
    from home.settings_file import template

    home.create()
    if not home.settings_file.exists():
        home.settings_file.write_text(template(), encoding="utf-8")


def _refresh(
    context: click.Context, home: "Home", as_of: date | None = None, known_at: date | None = None
) -> None:
    from orchestration.refresh import refresh as run_refresh
    from orchestration.run import Outcome
    from orchestration.screen import Screen

    with Screen() as screen:
        done = run_refresh(
            home,
            as_of=as_of,
            known_at=known_at,
            progress=screen,
            command=" ".join(["encours", *sys.argv[1:]]),
        )
        screen.summarise(home, done)
    if done.outcome is Outcome.BLOCKED:
        context.exit(BLOCKED)
    if done.undelivered:
        context.exit(FAILED)


@contextmanager
def _progress(stage: str, form: "Format") -> Iterator[Callable[[str], None]]:
    """Tells people at a terminal of each step of a stage; programs, which are given CSV or JSON, of none."""
    if form != "table":
        yield lambda _: None
        return
    from orchestration.screen import Screen

    with Screen() as screen:
        screen.stage(stage)
        yield screen.step


def _show(
    listing: "Listing", form: "Format", language: "Language" = "en", sums_by: int | None = None
) -> None:
    if form == "csv":
        click.echo(listing.as_csv(), nl=False)
    elif form == "json":
        click.echo(listing.as_json(), nl=False)
    else:
        from orchestration import screen

        if sums_by is None:
            screen.show(listing, language)
        else:
            screen.show_sums(listing, language, by=sums_by)
