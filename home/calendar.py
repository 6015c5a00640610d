"""Which days are worked: week-ends, public holidays and a firm's own closed days are not.

The calendar reaches the models as data (the dbt source ``run.working_days``), for they know no holiday.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

ONE_DAY: Final = timedelta(days=1)
FRIDAY: Final = 4


def is_known(country: str) -> bool:
    """Whether there is a calendar of public holidays for an ISO 3166 code, such as ``FR`` or ``FR-57``."""
    try:
        _public_holidays(country, 2026, 2026)
    except NotImplementedError:
        return False
    return True


def next_working_days(
    first: date, last: date, country: str, closed: Collection[date] = ()
) -> dict[date, date]:
    """Each day of a range, both ends included, and the first working day that is not before it.

    ``country`` is an ISO 3166 code, empty for no public holidays. Raises NotImplementedError where it is not known.
    """
    # The last days of the range look for their working day beyond it.
    idle = _public_holidays(country, first.year, last.year + 1) | set(closed)
    found: dict[date, date] = {}
    day = first
    while day <= last:
        working = day
        while working.weekday() > FRIDAY or working in idle:
            working += ONE_DAY
        while day <= min(working, last):
            found[day] = working
            day += ONE_DAY
    return found


def _public_holidays(country: str, first_year: int, last_year: int) -> set[date]:
    if not country:
        return set()
    # Slow to import, and only a refresh asks.
    import holidays

    code, _, subdivision = country.partition("-")
    years = range(first_year, last_year + 1)
    return set(holidays.country_holidays(code, subdiv=subdivision or None, years=years))
