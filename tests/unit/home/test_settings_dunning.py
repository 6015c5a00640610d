"""The reminders that encours.toml may ask for, and what is said when they cannot be."""

from decimal import Decimal
from pathlib import Path

import pytest

from home.settings_dunning import Dunning
from home.settings_file import SettingsError, parse
from home.tables import settings_tables

PATH = Path("encours.toml")


def level(number: int, days: int, **said: object) -> str:
    keys = {"level": number, "name": f"L{number}", "days_past_due": days} | said
    keys = {"channel": "email", "tone": "firm"} | keys
    lines = [f"{key} = {value!r}" for key, value in keys.items()]
    return "\n".join(["[[dunning.levels]]", *lines, ""])


def fault(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        parse(text, PATH)
    return str(caught.value)


def test_without_a_word_there_are_four_levels() -> None:
    rows = settings_tables(parse("", PATH), [])["dunning_levels"].to_pylist()
    assert [(row["level"], row["days_past_due"], row["channel"], row["tone"]) for row in rows] == [
        (1, 5, "email", "courteous"),
        (2, 15, "email", "firm"),
        (3, 30, "phone", "firm"),
        (4, 45, "registered_letter", "formal"),
    ]
    assert {row["segment"] for row in rows} == {None}


def test_the_models_read_a_row_per_level_and_segment() -> None:
    text = (
        "[dunning]\nlanguage = 'en'\ngrouping = 'level'\nworking_days_only = false\n"
        + level(0, -7, segments=["A", "B"], minimum_amount=5000)
        + "[[dunning.exclusions]]\nthird_party = 'acme/customer/C1'\nreason = 'Group company'\n"
    )
    tables = settings_tables(parse(text, PATH), [])
    assert tables["dunning_policy"].to_pylist() == [
        {"grouping": "level", "language": "en", "working_days_only": False}
    ]
    assert [
        (row["level"], row["segment"], row["wait_days"], row["minimum_amount"])
        for row in tables["dunning_levels"].to_pylist()
    ] == [(0, "A", 7, Decimal("5000.00")), (0, "B", 7, Decimal("5000.00"))]
    assert tables["dunning_exclusions"].to_pylist() == [
        {"segment": None, "third_party_id": "acme/customer/C1", "reason": "Group company"}
    ]


def test_a_segment_has_its_own_level_else_the_common_one() -> None:
    text = level(1, 5) + level(2, 15) + level(2, 30, name="Patient", segments=["Public"])
    dunning = parse(text, PATH).dunning
    assert [one.name for one in dunning.ladder("Public")] == ["L1", "Patient"]
    assert [one.name for one in dunning.ladder("PME")] == [one.name for one in dunning.ladder(None)]
    assert [one.name for one in dunning.ladder(None)] == ["L1", "L2"]


def test_nobody_need_be_reminded() -> None:
    assert parse("[dunning]\nlevels = []", PATH).dunning == Dunning(levels=())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (level(1, 5) + level(1, 9), "key dunning: level 1 stands 2 times for every customer; keep one."),
        (
            level(1, 5, segments=["A"]) + level(1, 9, segments=["B", "A"]),
            "key dunning: level 1 stands 2 times for A; keep one.",
        ),
        (
            level(1, 5) + level(2, 15) + level(2, 5, segments=["A"]),
            "key dunning: level 2 (L2) comes 5 days past due, and level 1 before it 5; let days_past_due grow",
        ),
        (level(1, -91), "key dunning.levels.1.days_past_due cannot be -91: "),
        (level(1, 5, channel="fax"), "key dunning.levels.1.channel cannot be "),
        (level(1, 5, tones="firm"), "unknown key dunning.levels.1.tones; the nearest known key is tone."),
        (
            "[[dunning.exclusions]]\nreason = 'r'",
            "an exclusion of everybody; write its segment or third_party",
        ),
        ("[[dunning.exclusions]]\nsegment = 's'", "key dunning.exclusions.1.reason is missing; add it."),
        ("[dunning]\npublic_holidays = 'Gallia'", "no calendar of public holidays has this name"),
    ],
)
def test_a_fault_names_key_and_remedy(text: str, expected: str) -> None:
    assert expected in fault(text)
