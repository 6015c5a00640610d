"""Working days, by the calendar on the wall."""

from datetime import UTC, date, datetime

from home.calendar import is_known, next_working_days
from home.settings import Settings
from home.settings_dunning import Dunning
from home.tables import RunContext, working_days


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_easter_and_its_week_end_wait_for_tuesday() -> None:
    found = next_working_days(day("2026-04-02"), day("2026-04-08"), "FR")
    assert {worked.isoformat() for worked in found.values()} == {
        "2026-04-02",
        "2026-04-03",
        "2026-04-07",
        "2026-04-08",
    }
    assert found[day("2026-04-04")] == found[day("2026-04-06")] == day("2026-04-07")


def test_the_holidays_of_the_code_du_travail_are_idle() -> None:
    """Article L3133-1, those of 2026 that fall between Monday and Friday."""
    found = next_working_days(day("2026-01-01"), day("2026-12-31"), "FR")
    idle = {held for held, worked in found.items() if held != worked and held.weekday() < 5}
    on_weekdays = "01-01 04-06 05-01 05-08 05-14 05-25 07-14 11-11 12-25"
    assert idle == {day(f"2026-{text}") for text in on_weekdays.split()}


def test_the_last_days_look_beyond_the_range() -> None:
    assert next_working_days(day("2026-12-31"), day("2027-01-01"), "FR") == {
        day("2026-12-31"): day("2026-12-31"),
        day("2027-01-01"): day("2027-01-04"),
    }


def test_a_firm_is_closed_on_its_own_days_and_may_work_on_holidays() -> None:
    closed = [day("2026-07-15")]
    assert next_working_days(day("2026-07-14"), day("2026-07-14"), "FR", closed) == {
        day("2026-07-14"): day("2026-07-16")
    }
    assert next_working_days(day("2026-07-14"), day("2026-07-14"), "") == {
        day("2026-07-14"): day("2026-07-14")
    }


def test_calendars_are_known_by_country_and_place() -> None:
    assert [is_known(name) for name in ("FR", "FR-57", "BE", "FR-nowhere", "Gallia")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    good_friday = day("2026-04-03")
    assert next_working_days(good_friday, good_friday, "FR-57")[good_friday] == day("2026-04-07")


def test_the_models_have_every_day_around_the_as_of_date() -> None:
    context = RunContext("r", day("2026-06-27"), day("2026-06-27"), datetime(2026, 6, 27, tzinfo=UTC))
    settings = Settings(dunning=Dunning(closed_days=(day("2026-06-29"),)))
    rows = working_days(context, settings).to_pylist()
    assert rows[0] == {"day": day("2016-06-26"), "next_working_day": day("2016-06-27")}
    rows = [row for row in rows if row["day"] >= day("2026-06-27")]
    assert rows[0] == {"day": day("2026-06-27"), "next_working_day": day("2026-06-30")}
    assert rows[3] == {"day": day("2026-06-30"), "next_working_day": day("2026-06-30")}
    assert (len(rows), rows[-1]["day"]) == (1501, day("2030-08-05"))
