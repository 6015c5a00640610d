"""Whom to remind, when and in what tone: the table ``[dunning]`` of ``encours.toml``.

The defaults are what French firms do: two e-mails, a call, then formal notice (article 1344 of the Code civil) by
registered letter. A reminder before the due date is a matter of taste: there is none by default.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from home.section import Section
from home.settings_smtp import Smtp

FRANCE: Final = "FR"

Segment = Annotated[str, Field(min_length=1)]


def _known_calendar(value: str) -> str:
    # The library is slow to import, and the default is known.
    if value not in ("", FRANCE):
        from home.calendar import is_known

        if not is_known(value):
            raise ValueError(
                "no calendar of public holidays has this name; write an ISO 3166 code, for example FR, FR-57 or BE"
            )
    return value


class DunningLevel(Section):
    """One reminder. Each document goes up from one number to the next, however late it is when it is first seen."""

    level: int = Field(
        ge=0,
        le=99,
        description="Its place. Levels with the same number are one level, for different segments.",
    )
    name: str = Field(min_length=1, description="As your people call it.")
    days_past_due: int = Field(
        ge=-90, le=730, description="Days past due from which it is sent; negative: before the due date."
    )
    channel: Literal["email", "letter", "phone", "registered_letter"] = Field(
        description="email, letter, phone or registered_letter. Without an e-mail address, email is a letter."
    )
    tone: Literal["courteous", "firm", "formal"] = Field(description="courteous, firm or formal.")
    wait_days: int = Field(
        7, ge=0, le=365, description="Days after it, at least, before the same document is reminded of again."
    )
    segments: tuple[Segment, ...] = Field(
        (),
        description="Segments of customers that it holds for; every customer whose segment has no level of this "
        "number when empty.",
    )
    minimum_amount: Decimal = Field(
        Decimal("0.00"),
        ge=0,
        decimal_places=2,
        max_digits=18,
        description="Customers of whom less than this is to be asked, in all, are not sent it.",
    )


class DunningExclusion(Section):
    """Customers whom nobody reminds, and why: those of a segment, or one of them."""

    segment: str = Field("", description="Segment of customers; any when empty.")
    third_party: str = Field(
        "", description="One customer, company/customer/code as the marts write it; all of them when empty."
    )
    reason: str = Field(min_length=1, description="Why: shown beside each of their documents.")

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not (self.segment or self.third_party):
            raise ValueError("an exclusion of everybody; write its segment or third_party")
        return self


LEVELS: Final = (
    DunningLevel(
        level=1, name="Relance courtoise", days_past_due=5, channel="email", tone="courteous", wait_days=7
    ),
    DunningLevel(level=2, name="Relance ferme", days_past_due=15, channel="email", tone="firm", wait_days=10),
    DunningLevel(
        level=3, name="Appel téléphonique", days_past_due=30, channel="phone", tone="firm", wait_days=10
    ),
    DunningLevel(
        level=4,
        name="Mise en demeure",
        days_past_due=45,
        channel="registered_letter",
        tone="formal",
        wait_days=15,
    ),
)


class Dunning(Section):
    """Reminders: whom, when, how. Nothing is ever sent by a refresh."""

    grouping: Literal["customer", "level"] = Field(
        "customer",
        description="customer: what a customer is sent by one channel is one message, in the words of its highest "
        "level, formal notice apart; level: one message per level.",
    )
    language: Literal["fr", "en"] = Field(
        "fr", description="For customers whose language nobody knows, or who read another one."
    )
    working_days_only: bool = Field(
        True, description="Whether reminders wait over week-ends, public holidays and closed_days."
    )
    public_holidays: Annotated[str, AfterValidator(_known_calendar)] = Field(
        FRANCE, description="Whose: an ISO 3166 code, such as FR, FR-57 (Moselle) or BE; none when empty."
    )
    closed_days: tuple[date, ...] = Field((), description="Other days on which your firm does not work.")
    levels: tuple[DunningLevel, ...] = LEVELS
    exclusions: tuple[DunningExclusion, ...] = ()
    smtp: Smtp = Field(default_factory=lambda: Smtp.model_validate({}))

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        for fault in (*self._levels_told_twice(), *self._levels_out_of_order()):
            raise ValueError(fault)
        return self

    def _levels_told_twice(self) -> Iterator[str]:
        told = Counter((one.level, segment) for one in self.levels for segment in one.segments or (None,))
        for (level, segment), count in told.items():
            if count > 1:
                yield f"level {level} stands {count} times for {segment or 'every customer'}; keep one"

    def _levels_out_of_order(self) -> Iterator[str]:
        segments = {segment for one in self.levels for segment in one.segments}
        for segment in (None, *sorted(segments)):
            for low, high in pairwise(self.ladder(segment)):
                if low.days_past_due >= high.days_past_due:
                    yield (
                        f"level {high.level} ({high.name}) comes {high.days_past_due} days past due, and level "
                        f"{low.level} before it {low.days_past_due}; let days_past_due grow with the level"
                    )

    def ladder(self, segment: str | None) -> tuple[DunningLevel, ...]:
        """The levels that hold for a segment, in their order: at each number its own, else the common one."""
        chosen: dict[int, DunningLevel] = {}
        for one in self.levels:
            if segment in one.segments or (not one.segments and one.level not in chosen):
                chosen[one.level] = one
        return tuple(chosen[level] for level in sorted(chosen))
