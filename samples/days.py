"""Days as numpy arrays: working days, month ends, fiscal years and payment terms."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]

NO_DAY: Final = np.datetime64("NaT", "D")

TERMS: Final = ("30", "45 EOM", "EOM 45", "30 EOM 10", "60", "30 net", "EOM 30", "", "2/10 net 30")
"""Payment terms as people write them. Nothing means the default: 30 days."""

WITH_DISCOUNT: Final = TERMS.index("2/10 net 30")
"""Of two per cent, for who pays within ten days."""

_STEPS: Final = (
    (30, False, 0),
    (45, True, 0),
    (0, True, 45),
    (30, True, 10),
    (60, False, 0),
    (30, False, 0),
    (0, True, 30),
    (30, False, 0),
    (30, False, 0),
)
"""Per terms: days before, whether to go to the end of that month, days after."""


@dataclass(frozen=True)
class FiscalYear:
    """One fiscal year, both days included."""

    start: date
    end: date


def fiscal_years(as_of: date) -> tuple[FiscalYear, FiscalYear]:
    """The calendar year that holds ``as_of``, and the one before it first."""
    return (
        FiscalYear(date(as_of.year - 1, 1, 1), date(as_of.year - 1, 12, 31)),
        FiscalYear(date(as_of.year, 1, 1), date(as_of.year, 12, 31)),
    )


# The fixed holidays of France; those that follow Easter are left out.
_HOLIDAYS: Final = np.array(
    [
        f"{year}-{day}"
        for year in range(2000, 2100)
        for day in ("01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25")
    ],
    dtype="datetime64[D]",
)
_WORKING: Final = np.busdaycalendar("1111100", _HOLIDAYS)


def working(days: Days) -> Days:
    """The same days, week-ends and holidays moved to the next working day."""
    return np.busday_offset(days, 0, roll="forward", busdaycal=_WORKING)


def next_weekday(days: Days, weekdays: str) -> Days:
    """The same days, moved to the next of ``weekdays``, for example ``Tue Fri``, that is no holiday."""
    return np.busday_offset(days, 0, roll="forward", weekmask=weekdays, holidays=_HOLIDAYS)


def month_end(days: Days) -> Days:
    """The last day of each day's month."""
    return (days.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1


def month_ends(start: date, end: date) -> Days:
    """The month ends from ``start`` to ``end``, both included."""
    months = np.arange(np.datetime64(start, "M"), np.datetime64(end, "M") + 1)
    ends = month_end(months.astype("datetime64[D]"))
    return ends[ends <= np.datetime64(end)]


def draw_working_days(rng: np.random.Generator, start: date, end: date, count: int) -> Days:
    """``count`` working days from ``start`` to ``end``, in order."""
    span = max(1, int(np.busday_count(start, np.datetime64(end) + 1, busdaycal=_WORKING)))
    first = np.full(count, np.datetime64(start, "D"))
    return np.busday_offset(first, np.sort(rng.integers(0, span, count)), roll="forward", busdaycal=_WORKING)


def due_days(documents: Days, terms: Ints) -> Days:
    """The due day of each document day under its index into ``TERMS``.

    ``45 EOM`` adds the days and then goes to the end of the month; ``EOM 45`` the other way round; ``30 EOM
    10`` adds ten days after the month's end.
    """
    due = np.empty(len(documents), dtype="datetime64[D]")
    for index, (before, to_month_end, after) in enumerate(_STEPS):
        chosen = terms == index
        days = documents[chosen] + before
        due[chosen] = (month_end(days) if to_month_end else days) + after
    return due
