"""The rows of one use as arrays of numbers, and which of them may belong together.

A pool is what may belong together at all: one party's account, one bank account. Within it a payment reaches the
documents of its window of days. The same object may be a payment and a document (a credit note settles, and is netted):
it has one number, and is consumed once. Numbers follow the ids, so nothing depends on the order of the rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reconciliation.combinations import LARGEST_AMOUNT

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PAYMENTS: Final = pa.schema(
    [
        ("use", pa.string()),
        ("payment_id", pa.string()),
        ("pool_id", pa.string()),
        ("party_id", pa.string()),
        ("amount", pa.int64()),
        ("day", pa.date32()),
        ("bundle_id", pa.string()),
        ("names_other", pa.bool_()),
        ("same_amount", pa.int64()),
        ("row_count", pa.int64()),
    ]
)
"""What pays. ``party_id`` who pays, null where nobody knows; ``amount`` in cents, with the sign of the documents it
settles; ``bundle_id`` a natural set (the details of one bank batch), or null. A payment that may be of several pools
has a row in each. ``names_other``: whether its text names a document that is not here. ``same_amount`` says how many
rows of its use have its amount, ``row_count`` how many there are: with those that have nothing to meet, which may be
left out."""

DOCUMENTS: Final = pa.schema(
    [
        ("use", pa.string()),
        ("document_id", pa.string()),
        ("pool_id", pa.string()),
        ("party_id", pa.string()),
        ("amount", pa.int64()),
        ("day", pa.date32()),
        ("due_date", pa.date32()),
        ("bundle_id", pa.string()),
        ("not_before", pa.date32()),
        ("same_amount", pa.int64()),
        ("row_count", pa.int64()),
        ("place", pa.int64()),
    ]
)
"""What is paid. ``party_id`` by whom, or null; ``amount`` in cents, negative for a credit note; ``bundle_id`` a natural
set (a deposit slip, an entry), or null; ``not_before`` the first day on which something may settle it, or null: money
that went back is not settled by what came before. ``same_amount`` and ``row_count`` as above; ``place`` tells in which
order the books have them, or is null."""

PAIRS: Final = pa.schema(
    [
        ("use", pa.string()),
        ("payment_id", pa.string()),
        ("document_id", pa.string()),
        ("weight", pa.float64()),
        ("is_named", pa.bool_()),
        ("is_same_amount", pa.bool_()),
    ]
)
"""Candidates with their evidence: ``weight`` is the natural-log odds that the two belong together, ``is_named`` whether
the payment's text names the document. A pair occurs once."""

REJECTED: Final = pa.schema([("payment_id", pa.string()), ("document_id", pa.string())])
"""Pairs that a reviewer refused: no group holds both."""


class Window(NamedTuple):
    """Days about a document in which its payment may fall: document − before ≤ payment ≤ document + after.

    ``of_claims``: whether the documents are claims. Claims bear names of their own, are there before they are paid, and
    are paid together where they fall due together. The lines of a bank account are not: several speak of one invoice,
    they are booked before the money moves or after, and those that follow one another have nothing in common.
    """

    days_before: int
    days_after: int
    of_claims: bool = True


@dataclass(frozen=True)
class Rows:
    """The rows of one side, in order of pool, day and object; one array position per row.

    ``frequency`` is the share of all other rows of the side that have the same amount. ``bundle`` is -1 for none;
    ``place`` orders the rows of a day where the books tell how, and is 0 where they do not.
    """

    object_number: Numbers
    pool: Numbers
    amount: Numbers
    day: Numbers
    due_day: Numbers
    bundle: Numbers
    place: Numbers
    frequency: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.object_number)

    def where(self, wanted: "Flags | Numbers") -> "Rows":
        """Some of the rows, in their order."""
        return replace(self, **{name: getattr(self, name)[wanted] for name in Rows.__annotations__})


@dataclass(frozen=True)
class Pairs:
    """Candidate pairs by object number, in order of payment and document; ``candidate_count`` is how many the payment
    of the pair has."""

    payment: Numbers
    document: Numbers
    weight: npt.NDArray[np.float64]
    is_named: Flags
    is_same_amount: Flags
    candidate_count: Numbers


class Book:
    """What there is to match in one use, and what of it is still free.

    Rows of amount 0, or beyond ``LARGEST_AMOUNT``, take part in no search.
    """

    def __init__(
        self, payments: pa.Table, documents: pa.Table, pairs: pa.Table, rejected: pa.Table, window: Window
    ) -> None:
        self.window = window
        of_payments = pc.is_in(documents["pool_id"], value_set=payments["pool_id"])
        of_pairs = pc.is_in(documents["document_id"], value_set=pairs["document_id"])
        documents = documents.filter(pc.or_(of_payments, of_pairs))

        self.ids = _sorted_distinct(payments["payment_id"], documents["document_id"])
        pools = _sorted_distinct(payments["pool_id"], documents["pool_id"])
        self.pool_count = len(pools)
        payment_object = _numbers(payments["payment_id"], self.ids)
        document_object = _numbers(documents["document_id"], self.ids)
        self.free = np.ones(len(self.ids), np.bool_)
        self.payment_amount = _by_object(payment_object, payments["amount"], len(self.ids))
        self.document_amount = _by_object(document_object, documents["amount"], len(self.ids))
        self.payments = _rows(payments, payment_object, pools, payments["day"])
        due = pc.coalesce(documents["due_date"], documents["day"])
        self.documents = _rows(documents, document_object, pools, due)
        self.pool_of, self._region = self._regions()
        self._rejected = self._pair_keys(
            _numbers(rejected["payment_id"], self.ids), _numbers(rejected["document_id"], self.ids)
        )
        self._rejected.sort()
        self.names_other = frozenset(payment_object[payments["names_other"].to_numpy()].tolist())
        parties = _sorted_distinct(payments["party_id"], documents["party_id"])
        self._payment_party = np.full(len(self.ids), -1, np.int64)
        self._payment_party[payment_object] = _numbers(payments["party_id"], parties)
        self._document_party = np.full(len(self.ids), -1, np.int64)
        self._document_party[document_object] = _numbers(documents["party_id"], parties)
        self._paid_on = np.full(len(self.ids), np.iinfo(np.int64).max)
        self._paid_on[payment_object] = _days(payments["day"])
        self._there_since = np.full(len(self.ids), np.iinfo(np.int64).min)
        self._there_since[document_object] = _days(documents["day"])
        self._not_before = np.full(len(self.ids), np.iinfo(np.int64).min)
        is_limited = documents["not_before"].is_valid().to_numpy()
        self._not_before[document_object[is_limited]] = _days(documents["not_before"].drop_null())
        self._limited = frozenset(
            [
                *document_object[is_limited].tolist(),
                *np.divmod(self._rejected, max(len(self.ids), 1))[1].tolist(),
            ]
        )
        self.pairs = self._known_pairs(pairs)
        self._pairs_known = np.sort(self._pair_keys(self.pairs.payment, self.pairs.document))
        self.named: dict[int, set[int]] = {}
        is_named = self.pairs.is_named
        for payment, document in zip(
            self.pairs.payment[is_named].tolist(), self.pairs.document[is_named].tolist(), strict=True
        ):
            self.named.setdefault(payment, set()).add(document)

    def free_rows(self, rows: Rows) -> Rows:
        """Those of the rows that nothing has taken yet."""
        return rows.where(self.free[rows.object_number])

    def has_pair(self, objects: tuple[int, ...]) -> bool:
        """Whether there is evidence on these two objects."""
        key = objects[0] * len(self.ids) + objects[1]
        at = int(np.searchsorted(self._pairs_known, key))
        return at < len(self._pairs_known) and self._pairs_known[at] == key

    def free_pairs(self) -> Flags:
        """Which of the pairs nothing has taken a side of yet."""
        return self.free[self.pairs.payment] & self.free[self.pairs.document]

    def take(self, objects: Iterable[int]) -> None:
        """These are free no more."""
        self.free[list(objects)] = False

    def pools_joined_with(self, objects: Iterable[int]) -> Flags:
        """Which pools hold a row of these objects, or share objects with such a pool, and so on."""
        regions = np.unique(self._region[self.pool_of[list(objects)]])
        return np.isin(self._region, regions)

    def may_meet(self, one: Numbers, other: Numbers) -> Flags:
        """Whether a group may hold both objects of each position: they differ, no reviewer parted them, and neither
        was paid before the day from which the other may be."""
        allowed: Flags = one != other
        allowed &= self._paid_on[one] >= self._not_before[other]
        allowed &= self._paid_on[other] >= self._not_before[one]
        if len(self._rejected):
            keys = self._pair_keys(one, other)
            found = self._rejected[np.minimum(np.searchsorted(self._rejected, keys), len(self._rejected) - 1)]
            allowed &= found != keys
        return allowed

    def may_be_together(self, objects: tuple[int, ...]) -> bool:
        """Whether a group may hold all these objects."""
        if len(set(objects)) < len(objects):
            return False
        if self._limited.isdisjoint(objects):
            return True
        numbers = np.array(objects)
        one, other = np.triu_indices(len(numbers), 1)
        return bool(self.may_meet(numbers[one], numbers[other]).all())

    def is_there_before_paid(self, payments: tuple[int, ...], documents: tuple[int, ...]) -> bool:
        """Whether none of the claims among the documents is of a later day than one of the payments.

        A credit note is told late: the customer has taken it off before.
        """
        claims = [document for document in documents if self.document_amount[document] > 0]
        return not claims or bool(self._paid_on[list(payments)].min() >= self._there_since[claims].max())

    def are_of_one_party(self, payments: tuple[int, ...], documents: tuple[int, ...]) -> bool:
        """Whether the parties known of the payments are those known of the documents; none are known of either, too."""
        paying = {*self._payment_party[list(payments)].tolist()} - {-1}
        paid = {*self._document_party[list(documents)].tolist()} - {-1}
        return not paying or not paid or paying == paid

    def in_window(self, targets: Rows, items: Rows, *, of_payments: bool) -> tuple[Numbers, Numbers]:
        """First and past-the-last position of the items that each target reaches in its pool and window.

        ``of_payments`` says that the targets are payments and the items documents; else it is the other way round.
        """
        days_about = self.window.days_before, self.window.days_after
        before, after = days_about if of_payments else reversed(days_about)
        days = np.concatenate([targets.day, items.day])
        lowest = int(days.min(initial=0)) - before - after
        span = int(days.max(initial=0)) + before + after - lowest + 1
        keys = items.pool * span + items.day - lowest
        wanted = targets.pool * span + targets.day - lowest
        return (
            np.searchsorted(keys, wanted - after, "left"),
            np.searchsorted(keys, wanted + before, "right"),
        )

    def _regions(self) -> tuple[Numbers, Numbers]:
        """A pool of each object (-1 = in none), and for each pool a number that pools with a common object share."""
        pool_of = np.full(len(self.ids), -1, np.int64)
        links = []
        for rows in (self.payments, self.documents):
            pool_of[rows.object_number] = rows.pool
        for rows in (self.payments, self.documents):
            links.append(np.stack([rows.pool, pool_of[rows.object_number]]))
        one, other = np.concatenate(links, axis=1)
        graph = coo_array(
            (np.ones(len(one), np.int8), (one, other)), shape=(self.pool_count, self.pool_count)
        )
        _, region = connected_components(graph, directed=False)
        return pool_of, region.astype(np.int64)

    def _known_pairs(self, pairs: pa.Table) -> Pairs:
        payment, document = _numbers(pairs["payment_id"], self.ids), _numbers(pairs["document_id"], self.ids)
        known = (payment >= 0) & (document >= 0)
        known[known] = self.may_meet(payment[known], document[known])
        order = np.flatnonzero(known)
        order = order[np.lexsort((document[order], payment[order]))]
        return Pairs(
            payment[order],
            document[order],
            pairs["weight"].to_numpy()[order],
            pairs["is_named"].to_numpy()[order],
            pairs["is_same_amount"].to_numpy()[order],
            np.bincount(payment[order], minlength=1)[payment[order]],
        )

    def _pair_keys(self, one: Numbers, other: Numbers) -> Numbers:
        return np.minimum(one, other) * len(self.ids) + np.maximum(one, other)


def _rows(table: pa.Table, object_number: Numbers, pools: pa.Array, due: pa.ChunkedArray) -> Rows:
    pool, amount = _numbers(table["pool_id"], pools), table["amount"].to_numpy()
    bundle = _numbers(table["bundle_id"], _sorted_distinct(table["bundle_id"]))
    days, due_days = _days(table["day"]), _days(due)
    place = np.zeros(len(table), np.int64)
    if "place" in table.column_names:
        place = pc.fill_null(table["place"], 0).to_numpy()
    frequency = (table["same_amount"].to_numpy() - 1) / np.maximum(table["row_count"].to_numpy() - 1, 1)
    rows = Rows(object_number, pool, amount, days, due_days, bundle, place, frequency)
    order = np.lexsort((object_number, days, pool))
    takes_part = (amount[order] != 0) & (np.abs(amount[order]) <= LARGEST_AMOUNT)
    return rows.where(order[takes_part])


def _days(dates: pa.ChunkedArray) -> Numbers:
    """Days since 1970."""
    days: Numbers = dates.cast(pa.int32()).to_numpy().astype(np.int64)
    return days


def _sorted_distinct(*columns: pa.ChunkedArray) -> pa.Array:
    """The values of the columns, each once, in order; nulls left out."""
    chunks = [chunk for column in columns for chunk in column.chunks]
    values = pc.unique(pa.chunked_array(chunks, pa.string())).drop_null()
    return values.take(pc.sort_indices(values))


def _numbers(values: pa.ChunkedArray, among: pa.Array) -> Numbers:
    """The position of each value among these; -1 for those that are not there."""
    positions = pc.fill_null(pc.index_in(values, value_set=among), -1)
    numbers: Numbers = positions.to_numpy().astype(np.int64)
    return numbers


def _by_object(object_number: Numbers, amounts: pa.ChunkedArray, size: int) -> Numbers:
    by_object = np.zeros(size, np.int64)
    by_object[object_number] = amounts.to_numpy()
    return by_object
