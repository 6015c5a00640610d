"""What is shown to the person who decides, for each payment that nothing settles for certain."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from math import log
from typing import Final

from reconciliation.groups import Group, judged
from reconciliation.pairing import LEAST_PROPOSED, MOST_PROPOSED, likely_pairs
from reconciliation.pools import Book

LEAST_ACCIDENTS: Final = 0.0001
"""However rare, an accident is possible: no sum is likelier than this allows."""

Preference = tuple[int, bool, float, int]
"""What orders the proposals of one payment: less comes first."""


def proposals(book: Book, possible: list[Group]) -> list[tuple[Group, int]]:
    """For each payment that is left the likeliest groups, each once, with its rank; equal ones share their rank."""
    best: dict[tuple[int, ...], tuple[Preference, Group]] = {}
    for group in chain(likely_pairs(book), _sums(book, possible)):
        preference = _preference(group, book)
        if group.objects not in best or preference < best[group.objects][0]:
            best[group.objects] = preference, group
    of_payment: dict[int, list[tuple[Preference, tuple[int, ...]]]] = defaultdict(list)
    for preference, group in best.values():
        for payment in group.payments:
            of_payment[payment].append((preference, group.objects))
    ranks: dict[tuple[int, ...], int] = {}
    for ordered in map(sorted, of_payment.values()):
        place = 1
        for number, (preference, objects) in enumerate(ordered[:MOST_PROPOSED]):
            if preference != ordered[place - 1][0]:
                place = number + 1
            ranks[objects] = min(place, ranks.get(objects, place))
    return [(best[objects][1], ranks[objects]) for objects in sorted(ranks)]


def _sums(book: Book, possible: list[Group]) -> Iterator[Group]:
    """The groups that searches found, but for those of one payment and one document where there is evidence on the
    pair."""
    for group in judged(possible):
        if group.accidents is not None and not (group.is_pair and book.has_pair(group.objects)):
            yield group


def _preference(group: Group, book: Book) -> Preference:
    """What orders the proposals of one payment: less comes first.

    What reaches the amount comes before what does not, unless there are so many ways to reach it that it says
    nothing; a sum of invoices that were all there when they were paid before one that holds a later invoice; then
    the odds, of a pair by its evidence, of a sum against the others that are as good and the accidents; and of two
    sums that of fewer rows, since there are more sets of many.
    """
    is_early = False
    if group.weight is None:
        is_early = book.window.of_claims and not book.is_there_before_paid(group.payments, group.documents)
        odds = -log(max(group.alternatives + (group.accidents or 0.0), LEAST_ACCIDENTS))
        place = 0 if odds >= LEAST_PROPOSED else 2
    else:
        odds = group.weight
        is_exact = book.payment_amount[group.payments[0]] == book.document_amount[group.documents[0]]
        place = 0 if is_exact else 1
    return place, is_early, -round(odds, 6), len(group.objects)
