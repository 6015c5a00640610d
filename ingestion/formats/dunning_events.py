"""``dunning_events.csv``: reminders already sent, for one document or for all that a customer owes."""

from typing import Final

from ingestion.formats.follow_up import need_subject
from ingestion.formats.own_csv import OwnCsv

READER: Final = OwnCsv(
    kind="dunning_events",
    telling=frozenset({"sent_on"}),
    foreign=frozenset({"opened_on", "promised_date"}),
    required=("sent_on",),
    settle=need_subject,
    date_column="sent_on",
)
