"""Groups that may be matched, and which of them nothing contradicts.

A search finds every group that would settle its payment (or its document, or its natural set). A group is certain when
its search found no other, when no other group wants any of its rows, and when it is unlikely to be there by accident.
What is certain is taken; then others may have become the only ones. One payment and one document of the same amount are
no sum: they stand in the way of others, and the evidence for the pair decides, unless the payment names the document.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from reconciliation.pools import Book


class Group(NamedTuple):
    """Payments and documents, by object number and in order, that would settle each other.

    ``pool_size`` is how many candidates were searched, ``accidents`` how many such groups would be there by accident
    (None where that is not how it is judged), ``alternatives`` how many others are as good.
    """

    rule: str
    payments: tuple[int, ...]
    documents: tuple[int, ...]
    pool_size: int
    accidents: float | None = None
    alternatives: int = 0
    weight: float | None = None
    margin: float | None = None

    @property
    def objects(self) -> tuple[int, ...]:
        """All it holds, in order: what makes it the same group, however it was found.

        A credit note that is netted, or pays with the payment, is the same settlement told in two ways.
        """
        return tuple(sorted(self.payments + self.documents))

    @property
    def is_pair(self) -> bool:
        """Whether it is one payment and one document."""
        return len(self.payments) == len(self.documents) == 1


def judged(groups: Iterable[Group]) -> list[Group]:
    """The groups, each once, as it was found first; ``alternatives`` counts those that want one of its rows too."""
    number_of: dict[tuple[int, ...], int] = {}
    found: list[Group] = []
    for group in groups:
        number = number_of.setdefault(group.objects, len(found))
        if number == len(found):
            found.append(group)
        elif group.alternatives > found[number].alternatives:
            found[number] = found[number]._replace(alternatives=group.alternatives)
    wanted_by: dict[int, list[int]] = defaultdict(list)
    for number, group in enumerate(found):
        for row in group.objects:
            wanted_by[row].append(number)
    for number, group in enumerate(found):
        contested = [wanted_by[row] for row in group.objects if len(wanted_by[row]) > 1]
        if contested:
            rivals = len(set().union(*contested)) - 1
            found[number] = group._replace(alternatives=max(group.alternatives, rivals))
    return found


def certain(groups: Iterable[Group], book: Book, gate: float) -> list[Group]:
    """The groups that nothing contradicts, and that are there by accident less often than the gate says."""
    return [
        group
        for group in judged(groups)
        if group.alternatives == 0
        and group.accidents is not None
        and group.accidents < gate
        and (group.rule == "reference_combination" or (not group.is_pair and _agrees(group, book)))
        # Of many with many nobody knows which belongs to which: two salary runs of one day.
        and 1 in (len(group.payments), len(group.documents))
    ]


def _agrees(group: Group, book: Book) -> bool:
    """Whether neither the parties, nor the days, nor the texts of its payments speak against the group."""
    return (
        book.are_of_one_party(group.payments, group.documents)
        and (not book.window.of_claims or book.is_there_before_paid(group.payments, group.documents))
        and agrees_with_names(group, book)
    )


def agrees_with_names(group: Group, book: Book) -> bool:
    """Whether the group is what the texts of its payments name: all that they name and, with it, credit notes alone.

    What is no claim does not bear a name alone: others may stand beside it, and it says nothing once it is taken.
    """
    names = {document for payment in group.payments for document in book.named.get(payment, ())}
    if not book.window.of_claims:
        return all(document in group.documents or not book.free[document] for document in names)
    beside = names.symmetric_difference(group.documents)
    return book.names_other.isdisjoint(group.payments) and not (
        names and any(document in names or book.document_amount[document] > 0 for document in beside)
    )
