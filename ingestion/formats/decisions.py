"""``decisions.csv``: what reviewers decided about matches, and whose payments a payer's are.

Rows of one ``decision_ref`` are one decision. Nothing is ever taken out of it but by ``forget``.
"""

import re
from typing import Any, Final

from ingestion.formats.own_csv import OwnCsv, one_of
from ingestion.reading import UnreadableError

DECISIONS: Final = {
    "accept": "accept",
    "accepter": "accept",
    "reject": "reject",
    "rejeter": "reject",
    "match": "match",
    "rapprocher": "match",
    "alias": "alias",
    "forget": "forget",
    "oublier": "forget",
}
PAIR: Final = ("object_id", "counterpart_id")
PAYER: Final = ("iban", "payer_name", "third_party_id")

THIRD_PARTY: Final = re.compile(r".+/(customer|supplier)/.+")


def _settle(row: dict[str, Any]) -> None:
    """Raises ``UnreadableError`` for a row that leaves open what is decided, or says more than its decision can."""
    one_of(row, "decision", DECISIONS, "")
    decision: str = row["decision"]
    if decision == "alias":
        _settle_alias(row)
    elif decision == "forget":
        _leave_empty(row, (*PAIR, "amount", *PAYER), "forget ends the whole decision of its decision_ref")
    else:
        _settle_pair(row)


def _settle_pair(row: dict[str, Any]) -> None:
    decision = row["decision"]
    _leave_empty(row, PAYER, f"{decision} is about two ids")
    for name in PAIR:
        if row[name] is None:
            raise UnreadableError(
                f"{name} is empty, and {decision} is about two ids",
                "Fill in both, as fct_bank_match_members and fct_reconciliation_exceptions show them.",
            )
    if row["object_id"] == row["counterpart_id"]:
        raise UnreadableError("object_id and counterpart_id are the same", "Write the id of each side.")
    if decision == "reject":
        _leave_empty(row, ("amount",), "reject is about the whole pair")
    if row["amount"] == 0:
        raise UnreadableError("amount: 0 settles nothing", "Leave amount empty, or write what is settled.")


def _settle_alias(row: dict[str, Any]) -> None:
    _leave_empty(row, (*PAIR, "amount"), "alias is about a payer")
    if (row["iban"] is None) == (row["payer_name"] is None):
        found = "neither iban nor payer_name is" if row["iban"] is None else "both iban and payer_name are"
        raise UnreadableError(f"{found} filled in", "Write one of them; for both, write two rows.")
    if row["third_party_id"] is None or not THIRD_PARTY.fullmatch(row["third_party_id"]):
        raise UnreadableError(
            f"third_party_id: “{row['third_party_id'] or ''}” is not company/kind/code",
            "Write it as dim_third_parties shows it, such as acme/customer/MARTIN.",
        )
    if row["iban"]:
        row["iban"] = re.sub(r"\s", "", row["iban"]).upper()


def _leave_empty(row: dict[str, Any], names: tuple[str, ...], reason: str) -> None:
    filled = [name for name in names if row[name] is not None]
    if filled:
        raise UnreadableError(f"{filled[0]} is filled in, but {reason}", f"Leave {filled[0]} empty.")


READER: Final = OwnCsv(
    kind="decisions",
    telling=frozenset({"decision", "decided_on"}),
    foreign=frozenset(),
    required=("decision", "decision_ref", "decided_by", "decided_on"),
    settle=_settle,
    date_column="decided_on",
)
