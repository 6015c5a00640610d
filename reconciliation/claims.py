"""Groups that may be matched, and which of them nothing contradicts.

A claim is what one search found: every group that would settle its payment (or its document, or its bundle). A group is
certain when it is the only one of its claim, when no other group wants any of its rows, and when it is unlikely to be
there by accident. What is certain is taken; then others may have become the only ones.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from reconciliation.pools import Book

Members = tuple[tuple[int, ...], tuple[int, ...]]
"""Payments and documents of a group: what makes it the same group, however it was found."""


@dataclass(frozen=True)
class Group:
    """Payments and documents, by object number and in order, that would settle each other.

    ``accidents`` is how many such groups would be there by accident (None where that is not how it was judged),
    ``alternatives`` how many others are as good, ``pool_size`` how many candidates were searched.
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
    def members(self) -> Members:
        """Its payments and its documents."""
        return self.payments, self.documents

    @property
    def objects(self) -> tuple[int, ...]:
        """All its rows."""
        return self.payments + self.documents


@dataclass(frozen=True)
class Claim:
    """What one search found: how many groups, and these (some only, where there are very many)."""

    count: int
    groups: tuple[Group, ...]


def judged(claims: Iterable[Claim]) -> list[Group]:
    """Every group of the claims once, each with its ``alternatives``."""
    found: dict[Members, Group] = {}
    others: dict[Members, int] = {}
    wanted_by: dict[int, set[Members]] = defaultdict(set)
    for claim in claims:
        for group in claim.groups:
            members = group.members
            found.setdefault(members, group)
            others[members] = max(others.get(members, 0), claim.count - 1)
            for number in group.objects:
                wanted_by[number].add(members)
    for members, group in found.items():
        rivals = set[Members]().union(*(wanted_by[number] for number in group.objects))
        alternatives = max(others[members], len(rivals) - 1)
        if alternatives:
            found[members] = replace(group, alternatives=alternatives)
    return list(found.values())


def certain(claims: Iterable[Claim], book: Book, gate: float) -> list[Group]:
    """The groups of the claims that nothing contradicts, and that are accidents less often than the gate says.

    One payment and one document of the same amount are no sum: they count against others, and what is known of the pair
    decides, unless the payment names the document.
    """
    return [
        group
        for group in judged(claims)
        if group.alternatives == 0
        and group.accidents is not None
        and group.accidents < gate
        and (len(group.objects) > 2 or group.rule == "reference_combination")
        and agrees_with_names(group, book)
    ]


def agrees_with_names(group: Group, book: Book) -> bool:
    """Whether the group holds every free document that its payments name."""
    return all(
        document in group.documents or not book.free[document]
        for payment in group.payments
        for document in book.named.get(payment, ())
    )
