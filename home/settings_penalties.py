"""What is owed for paying late: the table ``[penalties]`` of ``encours.toml``."""

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from home.section import Section
from home.settings_dunning import Segment


class LegalRate(Section):
    """Rates of a half-year that the product does not know yet; of two for the same half-year, this one counts."""

    from_date: date = Field(description="First day: 1 January or 1 July.")
    ecb_percent: Decimal = Field(
        ge=-5,
        le=50,
        decimal_places=2,
        description="Rate of the European Central Bank for its main refinancing operations on that day.",
    )
    legal_percent: Decimal = Field(
        ge=0,
        le=50,
        decimal_places=2,
        description="Legal rate of interest between professionals for that half-year, as decreed.",
    )

    @model_validator(mode="after")
    def _begins_a_half_year(self) -> Self:
        if (self.from_date.month, self.from_date.day) not in ((1, 1), (7, 1)):
            raise ValueError("the rates of a half-year begin on 1 January or 1 July; write one of these days")
        return self


class Penalties(Section):
    """Late payment penalties (article L441-10 of the Code de commerce), computed on both sides."""

    contractual_percent: Decimal = Field(
        Decimal("0.00"),
        ge=0,
        le=100,
        decimal_places=2,
        description="Yearly rate of your terms of sale, raised to three times the legal rate where it is less; "
        "0 is the law's own, that of the European Central Bank and ten points.",
    )
    fixed_compensation: Decimal = Field(
        Decimal("40.00"),
        ge=0,
        decimal_places=2,
        max_digits=18,
        description="Compensation for the costs of collection, once for each invoice paid late (article D441-5).",
    )
    compensation_currency: str = Field(
        "EUR",
        pattern="^[A-Z]{3}$",
        description="Currency of fixed_compensation; companies that keep their books in another one claim none.",
    )
    consumer_segments: tuple[Segment, ...] = Field(
        (),
        description="Segments of customers who are no professionals: they owe neither penalties nor compensation.",
    )
    rates: tuple[LegalRate, ...] = ()
