"""What the details (records 05) of CFONB 120 tell of their movements, as columns: one value for each movement.

Here: each qualifier, and which party is the other side. Not here: which movement a detail belongs to.

Qualifiers: CFONB, Évolutions du relevé de compte 120 caractères, for transfers (August 2007) and SEPA direct debits
(March 2010).
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.formats.cfonb_records import INFORMATION, QUALIFIER, Cells, amounts, texts
from ingestion.formats.statements import decimal_of

FIRST_HALF: Final = slice(48, 83)
CURRENCY: Final = slice(48, 51)
DECIMALS: Final = 51
AMOUNT: Final = slice(52, 66)

SINGLE: Final[Mapping[str, tuple[str, slice]]] = {
    "payer": ("NPY", INFORMATION),
    "payer_account": ("CPY", FIRST_HALF),
    "ultimate_payer": ("NPO", INFORMATION),
    "payee": ("NBE", INFORMATION),
    "payee_account": ("CBE", FIRST_HALF),
    "ultimate_payee": ("NBU", INFORMATION),
    "end_to_end_id": ("RCN", FIRST_HALF),
    "mandate_id": ("RUM", FIRST_HALF),
    "structured_reference": ("LCS", INFORMATION),
    "operation_reference": ("REF", FIRST_HALF),
    "return_text": ("RET", INFORMATION),
}
"""Facts of which a movement has one: the qualifier, and where in the record the fact stands."""

FEE: Final = "FEE"
ORIGINAL: Final = "MMO"
UNTOLD: Final = frozenset({"BDB", "IBE", "IBU", "IPO", "IPY"})
"""Details that are no text: the creditor's bank, and the identifiers of the parties."""

NO_REFERENCE: Final = ["NOTPROVIDED", "NOT PROVIDED", "NONREF"]


class Details:
    """The details of ``count`` movements: records, and the movement (from 0, never falling) that each belongs to."""

    def __init__(self, cells: Cells, owners: Cells, count: int) -> None:
        self._cells = cells
        self._owners = owners
        self._count = count
        self._qualifiers = _keys(cells[:, QUALIFIER])

    def facts(self) -> dict[str, pa.Array]:
        """The columns named in ``SINGLE``; of several details of one qualifier the first holds."""
        found = {name: self._single(*place) for name, place in SINGLE.items()}
        for name in ("payer_account", "payee_account"):
            found[name] = pc.utf8_upper(pc.replace_substring(found[name], " ", ""))
        unsaid = pc.is_in(pc.utf8_upper(found["end_to_end_id"]), pa.array(NO_REFERENCE))
        found["end_to_end_id"] = _without(found["end_to_end_id"], unsaid)
        return found

    def remittance_text(self, labels: pa.Array) -> pa.Array:
        """The movement's label and all its details that are text, of known and unknown qualifiers, in their order."""
        known = [qualifier for qualifier, _ in SINGLE.values()]
        is_text = ~np.isin(self._qualifiers, _keys_of([*known, *UNTOLD, FEE, ORIGINAL]))
        is_fee = self._qualifiers == _keys_of([FEE])[0]
        parts = [labels, texts(self._cells[is_text, INFORMATION]), self._fees(np.flatnonzero(is_fee))]
        owners = np.concatenate((np.arange(self._count), self._owners[is_text], self._owners[is_fee]))
        whole = pa.concat_arrays(parts)
        is_filled = whole.is_valid().to_numpy(zero_copy_only=False)
        order = np.flatnonzero(is_filled)
        order = order[np.argsort(owners[order], kind="stable")]
        offsets = np.searchsorted(owners[order], np.arange(self._count + 1)).astype(np.int32)
        lists = pa.ListArray.from_arrays(pa.array(offsets), whole.take(pa.array(order)))
        joined = pc.binary_join(lists, " ")
        if pc.any(pc.match_substring(joined, "  ")).as_py():
            joined = pc.replace_substring_regex(joined, "  +", " ")
        return _without(joined, pc.equal(joined, ""))

    def original(self, currency: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Amount (units) and currency of the original payment, where it was in another currency."""
        at, found = self._first(ORIGINAL)
        cells = self._cells[at]
        units, is_bad = amounts(cells[:, AMOUNT], cells[:, DECIMALS], is_signed=False)
        stated = _spread(texts(cells[:, CURRENCY]), found, self._count)
        amount = _spread(pa.array(units, mask=is_bad), found, self._count)
        is_same = pc.fill_null(pc.equal(stated, currency), True)
        no_amount = amount.is_null()
        return _without(amount, is_same), _without(stated, pc.or_(is_same, no_amount))

    def _fees(self, at: Cells) -> pa.Array:
        cells = self._cells[at]
        units, is_bad = amounts(cells[:, AMOUNT], cells[:, DECIMALS], is_signed=False)
        currencies = texts(cells[:, CURRENCY]).to_pylist()
        return pa.array(
            [
                None if bad else f"{FEE} {currency or ''} {decimal_of(int(value)):.2f}"
                for value, bad, currency in zip(units, is_bad, currencies, strict=True)
            ],
            pa.string(),
        )

    def _single(self, qualifier: str, zone: slice) -> pa.Array:
        at, found = self._first(qualifier)
        if not len(at):
            return pa.nulls(self._count, pa.string())
        return _spread(texts(self._cells[at, zone]), found, self._count)

    def _first(self, qualifier: str) -> tuple[Cells, Cells]:
        """The first detail of that qualifier of each movement that has one, and the movements."""
        at = np.flatnonzero(self._qualifiers == _keys_of([qualifier])[0])
        owners, firsts = np.unique(self._owners[at], return_index=True)
        return at[firsts], owners


def counterparty(
    takes_payer: pa.Array, own_account: pa.Array, facts: Mapping[str, pa.Array]
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Name, account and ultimate party of the other side: the payer where ``takes_payer``, else the payee.

    A party that is named alone is the other side. The accounts overrule both where one of them is the statement's own,
    which is never the other side.
    """
    payer_is_told, payee_is_told = (
        pc.or_(facts[side].is_valid(), facts[f"{side}_account"].is_valid()) for side in ("payer", "payee")
    )
    payer_is_own, payee_is_own = (
        pc.fill_null(pc.equal(facts[f"{side}_account"], own_account), False) for side in ("payer", "payee")
    )
    takes_payer = pc.if_else(payee_is_told, takes_payer, True)
    takes_payer = pc.if_else(payer_is_told, takes_payer, False)
    takes_payer = pc.if_else(payee_is_own, True, pc.if_else(payer_is_own, False, takes_payer))
    is_own = pc.if_else(takes_payer, payer_is_own, payee_is_own)
    name, account, ultimate = (
        _without(pc.if_else(takes_payer, facts[payer], facts[payee]), is_own)
        for payer, payee in (
            ("payer", "payee"),
            ("payer_account", "payee_account"),
            ("ultimate_payer", "ultimate_payee"),
        )
    )
    return name, account, ultimate


def _keys(cells: Cells) -> Cells:
    wide = cells.astype(np.int64)
    return (wide[:, 0] << 42) + (wide[:, 1] << 21) + wide[:, 2]


def _keys_of(qualifiers: list[str]) -> Cells:
    return _keys(np.array([[ord(character) for character in qualifier] for qualifier in qualifiers]))


def _spread(values: pa.Array, owners: Cells, count: int) -> pa.Array:
    """Values of some movements as a column of all, null for the others."""
    places = np.zeros(count, np.int64)
    is_absent = np.ones(count, bool)
    places[owners], is_absent[owners] = np.arange(len(owners)), False
    return values.take(pa.array(places, mask=is_absent))


def _without(values: pa.Array, is_absent: pa.Array) -> pa.Array:
    return pc.if_else(pc.fill_null(is_absent, False), pa.scalar(None, values.type), values)
