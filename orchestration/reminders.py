"""The reminders of the run in force: read from the marts, written down, sent, and what a person says of each."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb

from dunning import files
from dunning.action import ON_PAPER, Action, Item
from dunning.errors import AddressError
from dunning.letters import Templates
from dunning.log import Entry, Log, Message, Result
from dunning.message import Sender, compose
from dunning.paper import as_pdf
from dunning.sending import Told, one_sender_at_a_time, send
from home.layout import Home
from home.settings import Settings
from home.settings_file import SettingsError
from orchestration.errors import NothingPublishedError, StaleMartsError, UnknownIdError
from orchestration.listing import Language
from orchestration.publish import Release, current_release
from orchestration.queries import dicts, published, third_party
from orchestration.run import today

SHORTEST_ID: Final = 6

ACTIONS: Final = """
    SELECT actions.*, parties.third_party_code, coalesce(parties.name, parties.third_party_code) AS customer_name,
        parties.vat_number, coalesce(companies.name, actions.company_id) AS company_name
    FROM fct_dunning_actions AS actions
        JOIN dim_third_parties AS parties ON actions.third_party_id = parties.third_party_id
        JOIN dim_companies AS companies ON actions.company_id = companies.company_id
    WHERE len($only) = 0 OR list_contains($only, actions.third_party_id)
    ORDER BY actions.company_id, actions.level DESC, actions.amount DESC, actions.action_id
"""
ITEMS: Final = """
    SELECT action_id, item_id, document_ref, document_date, due_date, days_past_due, dunning_amount, level
    FROM fct_dunning_items WHERE action_id IS NOT NULL ORDER BY due_date, document_date, document_ref, item_id
"""
ACCOUNTS: Final = """
    SELECT third_party_id, document_ref, item_type, document_date, entry_date, due_date, original_amount,
        projected_open_amount AS open_amount, disputed_amount, days_past_due, ageing_bucket_code
    FROM fct_open_items
    WHERE ledger_side = 'receivable' AND third_party_id IN (SELECT third_party_id FROM fct_dunning_actions)
        AND projected_open_amount <> 0
    ORDER BY due_date NULLS LAST, document_date, document_ref, item_id
"""
BUCKETS: Final = (
    "SELECT ageing_bucket_code, label_fr, label_en, is_overdue FROM dim_ageing_buckets ORDER BY bucket_order"
)


@dataclass(frozen=True)
class Reminders:
    """What is to be done by the marts in force, and what the log knows of it."""

    home: Home
    settings: Settings
    release: Release
    actions: Sequence[Action]
    templates: Templates
    sender: Sender
    known: Mapping[str, Entry]
    """Action id → its newest message."""

    def is_open(self, action: Action) -> bool:
        """Whether the action still has to be done."""
        entry = self.known.get(action.action_id)
        return entry is None or entry.outcome == "failed"


def reminders(home: Home, settings: Settings, language: Language, only: Sequence[str] = ()) -> Reminders:
    """The actions of the marts in force, those of some customers when ``only`` names any: a code, an id, a name.

    Raises NothingPublishedError, UnknownThirdPartyError and TemplateFaultError.
    """
    release = current_release(home)
    if release is None:
        raise NothingPublishedError(f"{home.root}: nothing is published yet; run encours refresh first.")
    try:
        with published(home) as connection:
            wanted = [third_party(connection, customer)[0] for customer in only]
            actions = dicts(connection.execute(ACTIONS, {"only": wanted}))
            items = dicts(connection.execute(ITEMS))
            accounts = dicts(connection.execute(ACCOUNTS))
            buckets = dicts(connection.execute(BUCKETS))
    except duckdb.CatalogException:
        raise NothingPublishedError(
            f"{home.root}: the marts in force are older than reminders; run encours refresh first."
        ) from None
    of_action, of_party = _by(items, "action_id"), _by(accounts, "third_party_id")
    templates = Templates(home.dunning_templates)
    templates.refuse_unknown()
    return Reminders(
        home=home,
        settings=settings,
        release=release,
        actions=[
            _action(
                row, release, language, of_action[row["action_id"]], of_party[row["third_party_id"]], buckets
            )
            for row in actions
        ],
        templates=templates,
        sender=_sender(settings),
        known=known(home),
    )


def known(home: Home) -> Mapping[str, Entry]:
    """Action id → its newest message, of all that ever had one."""
    if not home.dunning_log.exists():
        return {}
    with Log(home.dunning_log) as log:
        return log.of_actions()


def written(found: Reminders, on_step: Callable[[str], None]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Write down what is still to be done: action id → its file, and action id → why it has none.

    ``on_step`` is told whose it is at.

    Raises TemplateFaultError and OSError.
    """
    paths, faults = {}, {}
    for action in filter(found.is_open, found.actions):
        on_step(action.customer_name)
        try:
            path = files.write(found.home, action, found.templates, found.sender)
        except AddressError as error:
            faults[action.action_id] = str(error)
            continue
        if path:
            paths[action.action_id] = str(path)
    return paths, faults


def refuse_stale(found: Reminders) -> None:
    """Raise StaleMartsError unless the marts are of today, and verified: who has paid since must not be reminded."""
    release, day = found.release, today(found.home)
    if release.as_of_date != day or release.known_at_date != day:
        raise StaleMartsError(
            f"the marts are as of {release.as_of_date}, known on {release.known_at_date}, and today is {day}: run "
            "encours refresh first, or add --anyway."
        )
    if not release.is_verified:
        raise StaleMartsError(
            f"the marts of run {release.run_id} are not verified: see what encours status says, or add --anyway."
        )


def to_send(found: Reminders, faults: Collection[str]) -> Sequence[Action]:
    """The e-mails that are still to be sent, without the actions of ``faults``.

    Raises SettingsError when no server is named.
    """
    if not found.settings.dunning.smtp.host:
        raise SettingsError(
            f"{found.home.settings_file}: there is no mail server to send by; write host and sender in [dunning.smtp]."
        )
    return [
        action
        for action in found.actions
        if action.channel == "email" and found.is_open(action) and action.action_id not in faults
    ]


def sent(found: Reminders, actions: Sequence[Action], on_step: Callable[[str], None]) -> Sequence[Told]:
    """Send e-mails, and say what came of each; ``on_step`` is told of each. Raises DunningError."""
    # A template that fails shall do so before anything leaves.
    letters = {action.action_id: found.templates.letter(action) for action in actions}
    told = []
    for one in send(
        found.home,
        found.settings,
        actions,
        lambda action: compose(action, letters[action.action_id], found.sender),
        marts_known_at=found.release.started_at,
    ):
        told.append(one)
        on_step(f"{len(told)}/{len(actions)} {one.action.customer_name}")
    return told


def settle(found: Reminders, wanted: str, outcome: Result) -> str:
    """Keep a person's word that an action was done, or was not, and say of whom it was, in a clause.

    ``wanted`` is the id of an action or the Message-ID of a message, or its first characters. A person has the last
    word: what the server has taken may have come back. Raises UnknownIdError and DunningError.
    """
    with one_sender_at_a_time(found.home), Log(found.home.dunning_log) as log:
        is_long = len(wanted) >= SHORTEST_ID
        entries = {entry.action_id: entry for entry in log.named(wanted) if is_long}
        actions = {
            one.action_id: one for one in found.actions if is_long and one.action_id.startswith(wanted)
        }
        ids = entries.keys() | actions.keys()
        if len(ids) != 1:
            raise UnknownIdError(
                f"{len(ids) or 'no'} actions or messages answer to {wanted}; name one as encours dun or encours dun "
                "--unknown shows it."
            )
        [action_id] = ids
        entry, action = entries.get(action_id), actions.get(action_id)
        if entry and (entry.outcome != "failed" or entry.told_by == "person"):
            if entry.outcome != outcome:
                log.tell(entry.message_id, outcome, by="person")
            return entry.third_party_id
        if action is None or outcome == "failed":
            raise UnknownIdError(f"nothing went out of {wanted}: there is nothing to take back.")
        log.intend(_by_hand(found, action), found.release.started_at, done_by_hand=True)
        return action.third_party_id


def _by_hand(found: Reminders, action: Action) -> Message:
    now = datetime.now(UTC)
    content = as_pdf(action, found.templates.letter(action)) if action.channel in ON_PAPER else b""
    return Message(
        message_id=f"by-hand-{action.action_id}-{secrets.token_hex(4)}",
        action=action,
        recipient=action.customer_name,
        subject=action.level_name,
        sha256=hashlib.sha256(content).hexdigest(),
        intended_at=now,
        sent_on=now.astimezone(ZoneInfo(found.settings.time_zone)).date(),
    )


def _action(
    row: Mapping[str, Any],
    release: Release,
    language: Language,
    items: Sequence[Mapping[str, Any]],
    account: Sequence[Mapping[str, Any]],
    buckets: Sequence[Mapping[str, Any]],
) -> Action:
    return Action(
        action_id=row["action_id"],
        run_id=release.run_id,
        as_of_date=row["as_of_date"],
        company_id=row["company_id"],
        company_name=row["company_name"],
        currency=row["base_currency"],
        third_party_id=row["third_party_id"],
        customer_code=row["third_party_code"],
        customer_name=row["customer_name"],
        vat_number=row["vat_number"],
        level=row["level"],
        level_name=row["level_name"],
        channel=row["channel"],
        tone=row["tone"],
        language=row["language"],
        email=row["email"],
        amount=row["amount"],
        penalties=row["penalty_amount"] or Decimal("0.00"),
        compensation=row["fixed_compensation_amount"] or Decimal("0.00"),
        is_rate_published=row["is_rate_published"],
        credits=row["credit_amount"] or Decimal("0.00"),
        oldest_days=row["oldest_days_past_due"],
        why=row[f"why_{language}"],
        items=[
            Item(
                item_id=item["item_id"],
                document_ref=item["document_ref"] or "",
                document_date=item["document_date"],
                due_date=item["due_date"],
                days_past_due=item["days_past_due"],
                amount=item["dunning_amount"],
                level=item["level"],
            )
            for item in items
        ],
        account=account,
        buckets=buckets,
    )


def _sender(settings: Settings) -> Sender:
    smtp = settings.dunning.smtp
    # What is only looked at needs no server: its sender is filled in when it is sent.
    return Sender.of(smtp.sender or "sender@invalid.example", smtp.reply_to)


def _by(rows: Iterable[Mapping[str, Any]], key: str) -> Mapping[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found
