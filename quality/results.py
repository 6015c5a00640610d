"""What a check of what landed, or of what came out, found."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import pyarrow as pa

from home.tables import QUALITY_RESULTS

Severity = Literal["error", "warning"]


class FailingRow(NamedTuple):
    """A row that breaks a claim: where it stands and what is wrong with it.

    ``source_row`` is the physical line in the file; null when the claim is about the file as a whole.
    """

    source_file: str
    source_row: int | None
    what: str


@dataclass(frozen=True)
class CheckResult:
    """One claim about one landed file, or about one ``subject`` of a mart (or about the whole table, without either).

    ``expectation`` names the claim, for example ``amount_is_one_sided``. ``checked_count`` counts what the
    claim is about: lines, entries, statements, documents or files. A claim that could not be evaluated is
    told apart from one that is broken: ``is_evaluated`` is false, ``failed_count`` is null and ``detail``
    gives the cause. ``failing_rows`` are the first 20 in file order.
    """

    run_id: str
    suite: str
    expectation: str
    source_file: str | None
    severity: Severity
    checked_count: int
    failed_count: int | None
    passed: bool
    detail: str
    failing_rows: tuple[FailingRow, ...] = ()
    subject: str | None = None

    @property
    def is_evaluated(self) -> bool:
        """Whether the claim could be evaluated at all."""
        return self.failed_count is not None


def results_table(results: Iterable[CheckResult]) -> pa.Table:
    """The results with the columns of ``home.tables.QUALITY_RESULTS``, one row each, in the order given."""
    rows = [{name: getattr(result, name) for name in QUALITY_RESULTS.names} for result in results]
    return pa.Table.from_pylist(rows, schema=QUALITY_RESULTS)
