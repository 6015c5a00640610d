"""The replay of lettering at growing sizes: seconds that grow with the lines, whatever their groups look like.

Three ledgers: one letter on every line (a counter's receipts, say), groups of five lines, and opening lines half of
which no earlier posting explains. The peer is the same rule written plainly, which looks at every open line for each
line; it agrees on what it settles, and is only asked at the smallest sizes, as its time grows with the square.
"""

import random
import time
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Final

import pyarrow as pa

from reconciliation.lettering import ITEMS, MEMBERS, RESTATEMENTS, SETTLEMENTS, replay
from reconciliation.openings import Posting, restated_by

FIRST_DAY: Final = date(2025, 1, 1)
YEAR_END: Final = date(2025, 12, 31)
ONE_LETTER: Final = (25_000, 50_000, 100_000, 200_000)
GROUPS_OF_FIVE: Final = (100_000, 200_000, 400_000, 800_000)
OPENINGS: Final = (8_000, 16_000, 32_000, 64_000)
PEER_LINES: Final = (1_000, 2_000, 4_000)

Tables = tuple[pa.Table, pa.Table]
"""Items and members, as ``reconciliation.lettering.replay`` takes them."""


def main() -> None:
    """Print seconds at each size, and how many times as long twice the lines take."""
    print("Lettering replay")
    _grows("one letter on all lines", ONE_LETTER, lambda count: _replayed(_lettered(count, count)))
    _grows("groups of five lines", GROUPS_OF_FIVE, lambda count: _replayed(_lettered(count, 5)))
    _grows("opening lines", OPENINGS, _restated)
    for count in PEER_LINES:
        tables = _lettered(count, count)
        own, peer = _replayed(tables), _settled_plainly(tables)
        if own[1] != peer[1]:
            raise RuntimeError(f"replay and peer settle {count:,} lines differently")
        print(
            f"  {count:>9,} lines of one letter: {own[0]:.3f} s, plainly {peer[0]:.3f} s, ratio {own[0] / peer[0]:.3f}"
        )


def _grows(what: str, sizes: Iterable[int], measured: Callable[[int], tuple[float, object]]) -> None:
    print(f"  {what}")
    before: float | None = None
    for count in sizes:
        seconds, _ = measured(count)
        growth = "" if before is None else f"   {seconds / before:.1f} times the half"
        print(f"  {count:>9,} lines   {seconds:7.3f} s   {seconds / count * 1e6:5.1f} µs a line{growth}")
        before = seconds


def _lettered(count: int, group_size: int) -> Tables:
    """Lines of random days, amounts and documents; ``group_size`` of them to a letter."""
    drawn = random.Random(1)
    days = [FIRST_DAY + timedelta(days=drawn.randrange(300)) for _ in range(count)]
    amounts = [drawn.choice((1, -1)) * drawn.randrange(1, 10_000) for _ in range(count)]
    names = [f"L{number:07}" for number in range(count)]
    items = {
        "item_id": names,
        "ledger_line_id": names,
        "unit_id": ["acme/customer/C1|411000"] * count,
        "fiscal_year_end_date": [YEAR_END] * count,
        "entry_date": days,
        "amount": amounts,
        "document_ref": [f"F{drawn.randrange(count)}" for _ in range(count)],
        "document_date": days,
        "due_date": [day + timedelta(days=30) for day in days],
        "entry_number": names,
        "source_row": list(range(count)),
        "is_opening_difference": [False] * count,
    }
    groups = [f"C1|411000|2025-12-31|{number // group_size:06}|0" for number in range(count)]
    members = {"ledger_line_id": names, "lettering_group": groups, "is_balanced": [False] * count}
    return pa.table(items, schema=ITEMS), pa.table(members, schema=MEMBERS)


def _replayed(tables: Tables) -> tuple[float, list[tuple[object, ...]]]:
    began = time.perf_counter()
    found = replay(*tables, RESTATEMENTS.empty_table())
    seconds = time.perf_counter() - began
    return seconds, sorted(zip(*(found[name].to_pylist() for name in SETTLEMENTS.names), strict=True))


def _settled_plainly(tables: Tables) -> tuple[float, list[tuple[object, ...]]]:
    """One letter's lines settled by the rule as it is said: each looks at all that is open on the other side."""
    began = time.perf_counter()
    lines = tables[0].to_pylist()
    left = {line["item_id"]: line["amount"] for line in lines}
    found: list[tuple[object, ...]] = []
    posted: list[dict[str, object]] = []
    for line in sorted(lines, key=lambda one: (one["entry_date"], one["amount"] < 0, one["entry_number"])):
        while left[line["item_id"]]:
            opposite = [one for one in posted if left[one["item_id"]] * left[line["item_id"]] < 0]
            if not opposite:
                break
            other = min(
                opposite,
                key=lambda one: (
                    one["document_ref"] != line["document_ref"],
                    one["due_date"],
                    one["entry_date"],
                    one["entry_number"],
                ),
            )
            owed, settling = (line, other) if left[line["item_id"]] > 0 else (other, line)
            amount = min(left[owed["item_id"]], -left[settling["item_id"]])
            left[owed["item_id"]] -= amount
            left[settling["item_id"]] += amount
            found.append((owed["item_id"], settling["item_id"], amount, line["entry_date"]))
        posted.append(line)
    return time.perf_counter() - began, sorted(found)


def _restated(count: int) -> tuple[float, object]:
    def posting(name: str, number: int, amount: int, document: str) -> Posting:
        return Posting(f"{name}{number}", amount, document, FIRST_DAY, original_amount=amount)

    half = range(count // 2)
    unknown = [posting("U", number, 2 * count + number, f"U{number}") for number in half]
    known = [posting("A", number, number, f"F{number}") for number in half]
    originals = [posting("O", number, number, f"F{number}") for number in half]
    began = time.perf_counter()
    found = restated_by([*unknown, *known], originals)
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
