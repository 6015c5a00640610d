"""``third_parties.csv``: customers and suppliers, with their terms, bank accounts and who looks after them."""

from typing import Any, Final

from ingestion.formats.follow_up import TELLING_COLUMNS
from ingestion.formats.own_csv import OwnCsv, one_of

KINDS: Final = {
    "customer": "customer",
    "customers": "customer",
    "client": "customer",
    "supplier": "supplier",
    "suppliers": "supplier",
    "fournisseur": "supplier",
}


def settle_kind(row: dict[str, Any]) -> None:
    """A third party is a customer unless said otherwise."""
    one_of(row, "kind", KINDS, "customer")


READER: Final = OwnCsv(
    kind="third_parties",
    telling=frozenset({"third_party_code"}),
    foreign=TELLING_COLUMNS | {"document_number"},
    required=("third_party_code",),
    settle=settle_kind,
)
