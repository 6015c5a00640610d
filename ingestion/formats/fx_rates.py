"""``fx_rates.csv``: exchange rates, quoted as the European Central Bank does.

One unit of ``base_currency`` is worth ``rate`` units of ``currency``. Rates are of no company.
"""

import re
from typing import Any, Final

from ingestion.formats.own_csv import OwnCsv
from ingestion.reading import UnreadableError

CODE: Final = re.compile(r"[A-Z]{3}")


def _settle(row: dict[str, Any]) -> None:
    """Raises ``UnreadableError`` for a currency without its ISO 4217 code, and for a rate that no currency can have."""
    for name in ("currency", "base_currency"):
        row[name] = row[name].upper()
        if not CODE.fullmatch(row[name]):
            raise UnreadableError(
                f"{name}: “{row[name]}” is not a currency code", "Write three letters, such as EUR."
            )
    if row["rate"] <= 0:
        raise UnreadableError(
            f"rate: {row['rate'].normalize():f} is not above zero", "Correct the rate in the source."
        )


READER: Final = OwnCsv(
    kind="fx_rates",
    telling=frozenset({"rate_date", "rate"}),
    foreign=frozenset(),
    required=("rate_date", "currency", "base_currency", "rate"),
    settle=_settle,
    date_column="rate_date",
)
