"""Which earlier postings an opening line stands for.

A fiscal year opens by restating what the year before left open: item by item, or in one line per third party. The
lettering of the new year is written on these opening lines, and has to reach the postings behind them.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Posting:
    """A line of one third party's account: an original, or an opening line that restates originals.

    ``amount`` is what is left of it, in cents; ``original_amount`` what was posted.
    """

    line_id: str
    amount: int
    document_ref: str | None
    document_date: date | None
    original_amount: int


Key = Callable[[Posting], Hashable | None]


def _by_document_and_amount(posting: Posting) -> Hashable | None:
    return None if posting.document_ref is None else (posting.document_ref, posting.amount)


def _by_document_and_original_amount(posting: Posting) -> Hashable | None:
    return None if posting.document_ref is None else (posting.document_ref, posting.original_amount)


def _by_date_and_amount(posting: Posting) -> Hashable | None:
    return None if posting.document_date is None else (posting.document_date, posting.amount)


def _by_amount(posting: Posting) -> Hashable | None:
    return posting.amount


def restated_by(
    openings: Iterable[Posting], originals: Iterable[Posting], settled: Iterable[Posting] = ()
) -> dict[str, tuple[str, ...]]:
    """For each opening line, the originals it restates; an empty tuple where nothing is left to restate.

    ``originals`` are the postings that the earlier years did not close, oldest first, ``settled`` those that they did.
    An opening line takes the original of the same document of which its amount is left, else the one of the same
    document posted with its amount (some packages carry both legs of what is partly settled, so this one may have
    nothing left), else all that is left of the same document, else the settled one of the same document posted with its
    amount (carried though it was lettered, it is none of what is open), else the only one of its document date and
    amount, else the only one of its amount: what cancels out beside that one is open still, and nobody said that it
    belongs together. Lines that none of these finds restate together everything that is left (a balance carried in one
    line).
    """
    free = {posting.line_id: posting for posting in originals}
    found: dict[str, tuple[str, ...]] = {}
    waiting = _paired(list(openings), free, found, _by_document_and_amount, only_when_unique=False)
    waiting = _paired(waiting, free, found, _by_document_and_original_amount, only_when_unique=False)
    free = {line_id: posting for line_id, posting in free.items() if posting.amount}
    waiting = _paired_with_documents(waiting, free, found)
    closed = {posting.line_id: posting for posting in settled}
    waiting = _paired(waiting, closed, found, _by_document_and_original_amount, only_when_unique=False)
    waiting = _paired(waiting, free, found, _by_date_and_amount, only_when_unique=True)
    waiting = _paired(waiting, free, found, _by_amount, only_when_unique=True)
    rest = tuple(free)
    found.update((posting.line_id, rest) for posting in waiting)
    return found


def _paired(
    waiting: list[Posting],
    free: dict[str, Posting],
    found: dict[str, tuple[str, ...]],
    key: Key,
    *,
    only_when_unique: bool,
) -> list[Posting]:
    """Pairs opening lines and originals of one key, oldest first; returns the lines that still wait."""
    offered: dict[Hashable, deque[str]] = defaultdict(deque)
    for posting in free.values():
        if (value := key(posting)) is not None:
            offered[value].append(posting.line_id)
    asked = Counter(key(posting) for posting in waiting)
    still: list[Posting] = []
    for posting in waiting:
        value = key(posting)
        candidates = offered.get(value)
        if not candidates or (only_when_unique and (len(candidates) > 1 or asked[value] > 1)):
            still.append(posting)
            continue
        original = candidates.popleft()
        del free[original]
        found[posting.line_id] = (original,)
    return still


def _paired_with_documents(
    waiting: list[Posting], free: dict[str, Posting], found: dict[str, tuple[str, ...]]
) -> list[Posting]:
    """A document carried at what is left of it: its opening lines take every original of that document."""
    documents: dict[str, tuple[str, ...]] = {}
    for posting in free.values():
        if posting.document_ref is not None:
            documents[posting.document_ref] = (*documents.get(posting.document_ref, ()), posting.line_id)
    still: list[Posting] = []
    for posting in waiting:
        if posting.document_ref is None or posting.document_ref not in documents:
            still.append(posting)
            continue
        found[posting.line_id] = documents[posting.document_ref]
        for original in documents[posting.document_ref]:
            free.pop(original, None)
    return still
