"""``disputes.csv``: documents that a customer contests, from when until when, why, and how much of them."""

from typing import Final

from ingestion.formats.own_csv import OwnCsv, as_it_is

READER: Final = OwnCsv(
    kind="disputes",
    telling=frozenset({"opened_on"}),
    foreign=frozenset({"promised_date", "sent_on"}),
    required=("document_number", "opened_on"),
    settle=as_it_is,
    date_column="opened_on",
)
