"""The documents that ledger lines refer to: invoices, credit notes, transfers, cheques, pay slips."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from samples.days import NO_DAY, Days, Ints

INVOICE, CREDIT_NOTE, OTHER = range(3)


@dataclass(frozen=True)
class DocumentTable:
    """All documents of a company in parallel columns; a document's id is its row."""

    references: pa.StringArray
    kind: Ints
    day: Days
    due_day: Days
    party: Ints
    total: Ints
    vat: Ints
    has_instalments: np.ndarray[tuple[int], np.dtype[np.bool_]]


class Documents:
    """Documents as they are issued. References are numbered by year and day, as an invoicing system does."""

    def __init__(self) -> None:
        self._references: list[pa.StringArray] = []
        self._columns: list[
            tuple[Ints, Days, Days, Ints, Ints, Ints, np.ndarray[tuple[int], np.dtype[np.bool_]]]
        ] = []
        self._used: dict[tuple[str, int], int] = {}
        self._count = 0

    def add(
        self,
        prefix: str,
        days: Days,
        *,
        kind: int = OTHER,
        due: Days | None = None,
        party: Ints | None = None,
        total: Ints | None = None,
        vat: Ints | None = None,
        has_instalments: np.ndarray[tuple[int], np.dtype[np.bool_]] | None = None,
    ) -> Ints:
        """Issue one document per day of ``days``; returns their ids, in the order given."""
        count = len(days)
        years = days.astype("datetime64[Y]").astype(np.int64) + 1970
        numbers = np.empty(count, dtype=np.int64)
        order = np.argsort(days, kind="stable")
        for year in np.unique(years).tolist():
            chosen = order[years[order] == year]
            used = self._used.get((prefix, year), 0)
            numbers[chosen] = np.arange(used + 1, used + 1 + len(chosen))
            self._used[prefix, year] = used + len(chosen)
        self._references.append(
            pa.array(
                [f"{prefix}{y}-{n:06d}" for y, n in zip(years.tolist(), numbers.tolist(), strict=True)],
                pa.string(),
            )
        )
        zeros = np.zeros(count, dtype=np.int64)
        self._columns.append(
            (
                np.full(count, kind, dtype=np.int64),
                days,
                np.full(count, NO_DAY) if due is None else due,
                zeros - 1 if party is None else party,
                zeros if total is None else total,
                zeros if vat is None else vat,
                np.zeros(count, dtype=np.bool_) if has_instalments is None else has_instalments,
            )
        )
        first = self._count
        self._count += count
        return np.arange(first, self._count)

    def table(self) -> DocumentTable:
        """All documents issued so far."""
        columns = [np.concatenate(column) for column in zip(*self._columns, strict=True)]
        return DocumentTable(pa.concat_arrays(self._references), *columns)


def instalment_amounts(total: Ints) -> tuple[Ints, Ints, Ints]:
    """``total`` in three parts, in cents; the last takes what does not divide."""
    part = total // 3
    return part, part, total - 2 * part


def instalment_days(issued: Days) -> tuple[Days, Days, Days]:
    """When three instalments of a document fall due: 30, 60 and 90 days after it."""
    return issued + 30, issued + 60, issued + 90
