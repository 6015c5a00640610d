"""What the models read of the store: the dbt sources ``decisions.*``.

Decisions about matches come as rows of ``decisions.csv`` do, and reach the same models; a group of pairs has a row for
each; what was said with third parties has a table of its own. What was undone is not among them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from decisions.attention import attention
from decisions.decision import FOLLOW_UP, MATCHING, Decision

MADE: Final = pa.schema(
    [
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("company_id", pa.string(), nullable=False),
        pa.field("decision", pa.string(), nullable=False),
        pa.field("decision_ref", pa.string(), nullable=False),
        ("object_id", pa.string()),
        ("counterpart_id", pa.string()),
        ("iban", pa.string()),
        ("payer_name", pa.string()),
        ("third_party_id", pa.string()),
        pa.field("decided_by", pa.string(), nullable=False),
        pa.field("decided_on", pa.date32(), nullable=False),
        pa.field("decided_at", pa.timestamp("us", tz="UTC"), nullable=False),
        ("comment", pa.string()),
    ]
)
"""A row per pair, payer or reference that a decision in force speaks of, in the words of ``decisions.csv``.
``decided_on`` is the day of ``decided_at`` in the home's time zone; both never decrease with ``sequence``."""

ATTENTION: Final = pa.schema(
    [
        pa.field("exception_id", pa.string(), nullable=False),
        ("assigned_to", pa.string()),
        ("snoozed_until", pa.date32()),
    ]
)
"""A row per exception that somebody was assigned to, or that was snoozed."""

FOLLOW_UP_TOLD: Final = pa.schema(
    [
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("company_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("decision_ref", pa.string(), nullable=False),
        ("third_party_id", pa.string()),
        ("document_ref", pa.string()),
        ("item_id", pa.string()),
        ("promised_date", pa.date32()),
        ("amount", pa.decimal128(18, 2)),
        ("dispute_id", pa.string()),
        ("channel", pa.string()),
        ("outcome", pa.string()),
        ("remark", pa.string()),
        pa.field("decided_by", pa.string(), nullable=False),
        pa.field("decided_on", pa.date32(), nullable=False),
        pa.field("decided_at", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)
"""A row per promise, dispute, end of a dispute or contact with a third party (``kind``) that is in force."""

DECISION_TABLES: Final = {"made": MADE, "attention": ATTENTION, "follow_up": FOLLOW_UP_TOLD}


def decision_tables(in_force: Sequence[Decision], time_zone: str) -> dict[str, pa.Table]:
    """The dbt sources ``decisions.*`` of decisions in force, in their order."""
    looked_at = [
        {"exception_id": exception_id, "assigned_to": told.assignee, "snoozed_until": told.until}
        for exception_id, told in attention(in_force).items()
        if told.assignee or told.until
    ]
    zone = ZoneInfo(time_zone)
    return {
        "made": pa.Table.from_pylist(list(_made(in_force, zone)), schema=MADE),
        "attention": pa.Table.from_pylist(looked_at, schema=ATTENTION),
        "follow_up": pa.Table.from_pylist(list(_follow_up(in_force, zone)), schema=FOLLOW_UP_TOLD),
    }


def _told(in_force: Sequence[Decision], zone: ZoneInfo) -> Iterator[tuple[Decision, dict[str, Any]]]:
    """Each decision, and what a row of any table says of it."""
    # Where two machines decide, the clock of one may be behind: the order of the store is what happened.
    moments: Iterable[datetime] = accumulate((one.decided_at for one in in_force), max)
    for one, moment in zip(in_force, moments, strict=True):
        yield (
            one,
            {
                "sequence": one.sequence,
                "company_id": one.company_id,
                "decision_ref": f"encours{one.reference}",
                "decided_by": one.reviewer,
                "decided_on": moment.astimezone(zone).date(),
                "decided_at": moment.astimezone(UTC),
                **one.payload,
            },
        )


def _made(in_force: Sequence[Decision], zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    for one, told in _told(in_force, zone):
        if one.kind not in MATCHING:
            continue
        row = told | {"decision": one.kind, "comment": one.reason or None}
        if row.get("iban"):
            row["iban"] = re.sub(r"\s", "", row["iban"]).upper()
        for object_id, counterpart_id in one.pairs or [(None, None)]:
            yield row | {"object_id": object_id, "counterpart_id": counterpart_id}


def _follow_up(in_force: Sequence[Decision], zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    for one, told in _told(in_force, zone):
        if one.kind not in FOLLOW_UP:
            continue
        row = told | {"kind": one.kind, "remark": one.reason or None}
        if "promised_date" in row:
            row["promised_date"] = date.fromisoformat(row["promised_date"])
        if "amount" in row:
            row["amount"] = Decimal(row["amount"])
        yield row
