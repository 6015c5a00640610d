"""``promises.csv``: what a customer said it would pay, by when; for one document, or for all that it owes."""

from typing import Final

from ingestion.formats.follow_up import need_subject
from ingestion.formats.own_csv import OwnCsv

READER: Final = OwnCsv(
    kind="promises",
    telling=frozenset({"promised_date"}),
    foreign=frozenset({"opened_on", "sent_on"}),
    required=("promised_date",),
    settle=need_subject,
    date_column="promised_date",
)
