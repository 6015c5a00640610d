"""The reminders of the run in force, and the messages that may have gone out or not, as the command line shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from dunning import files
from dunning.log import Log
from dunning.sending import one_sender_at_a_time
from home.layout import Home
from orchestration.listing import SHORT_ID, Column, Language, Listing, Value
from orchestration.reminders import Reminders, known
from orchestration.wording import column

COLUMNS: Final = (
    "company_id",
    "name",
    "third_party_code",
    "level_name",
    "channel",
    "amount",
    "currency_code",
    "item_count",
    "outcome",
    "detail",
    "why",
    "action_id",
    "email",
    "file",
)
HIDDEN: Final = ("company_id", "third_party_code", "currency_code", "item_count", "email", "file")

REMARKS: Final[dict[str, dict[Language, str]]] = {
    "written": {
        "en": "{count} written in {folder}.",
        "fr": "{count} dans {folder}.",
    },
    "nobody": {
        "en": "There is nobody to remind today.",
        "fr": "Il n'y a personne à relancer aujourd'hui.",
    },
    "rates": {
        "en": "{count} ask for penalties at the rate of an earlier half-year: write that of the current one into "
        "penalties.rates of encours.toml.",
        "fr": "{count} demandent des pénalités au taux d'un semestre antérieur : écrivez celui du semestre en cours "
        "dans penalties.rates d'encours.toml.",
    },
    "nothing_sent": {
        "en": "Nothing has left: --send sends the e-mails, --done ID tells what you did by hand.",
        "fr": "Rien n'est parti : --send envoie les courriels, --done ID note ce que vous avez fait.",
    },
}


def reminder_listing(
    found: Reminders,
    language: Language,
    paths: Mapping[str, str],
    faults: Mapping[str, str],
    *,
    is_sent: bool = False,
) -> Listing:
    """Who is to be reminded of what, how and why, and what became of it; where what is written lies."""
    rows: list[tuple[Value, ...]] = []
    entries = known(found.home)
    for action in found.actions:
        entry = entries.get(action.action_id)
        fault = faults.get(action.action_id)
        rows.append(
            (
                action.company_id,
                action.customer_name,
                action.customer_code,
                action.level_name,
                action.channel,
                action.amount,
                action.currency,
                len(action.items),
                entry.outcome if entry else "failed" if fault else "to_do",
                fault or (entry.reply if entry and entry.outcome == "failed" else None),
                action.why,
                action.action_id,
                action.email,
                paths.get(action.action_id),
            )
        )
    remark = []
    if paths:
        folder = files.folder(found.home, found.release.run_id)
        remark.append(REMARKS["written"][language].format(count=len(paths), folder=folder))
    unpublished = sum(1 for action in found.actions if action.penalties and not action.is_rate_published)
    if unpublished:
        remark.append(REMARKS["rates"][language].format(count=unpublished))
    if not rows:
        remark.append(REMARKS["nobody"][language])
    elif not is_sent:
        remark.append(REMARKS["nothing_sent"][language])
    title = {
        "en": f"Reminders as of {found.release.as_of_date}",
        "fr": f"Relances au {found.release.as_of_date}",
    }[language]
    hidden = {*HIDDEN, *(() if any(row[9] for row in rows) else ("detail",))}
    return Listing(title, _columns(COLUMNS, hidden, language), rows, " ".join(remark))


def unknown_listing(home: Home, language: Language) -> Listing:
    """The messages of which nobody knows whether they went out, with what a mail server's log calls them.

    Raises SendingError while another process sends: the last one may still be on its way.
    """
    entries = []
    if home.dunning_log.exists():
        with one_sender_at_a_time(home), Log(home.dunning_log) as log:
            entries = [*log.unknown()]
    names = ("message_id", "recipient", "subject", "intended_at", "third_party_id", "action_id")
    rows = [
        (one.message_id, one.recipient, one.subject, one.intended_at, one.third_party_id, one.action_id)
        for one in entries
    ]
    title = {"en": "Messages that may have gone out or not", "fr": "Messages peut-être partis, peut-être non"}
    remark = {
        "en": "Look for the Message-ID in the log of your mail server, then encours dun --done ID or --not-done ID.",
        "fr": "Cherchez le Message-ID dans le journal de votre serveur, puis encours dun --done ID ou --not-done ID.",
    }
    return Listing(
        title[language],
        _columns(names, {"third_party_id", "action_id"}, language),
        rows,
        remark[language] if rows else "",
    )


def _columns(names: Sequence[str], hidden: set[str], language: Language) -> list[Column]:
    columns = [column(name, language, is_hidden=name in hidden) for name in names]
    return [replace(one, shown_characters=SHORT_ID) if one.name == "action_id" else one for one in columns]
