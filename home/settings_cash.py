"""How little a bank account may hold: the table ``[cash]`` of ``encours.toml``."""

from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from home.section import Section

MEANING = "Balance below which the cash plan warns, in the currency of the account"


class MinimumBalance(Section):
    """What a company's accounts, or one account, must hold; an account's own counts before its company's."""

    company: str | None = Field(None, min_length=1, description="Company id.")
    account: str | None = Field(
        None, min_length=1, description="IBAN or local number, as statements write it; every one when absent."
    )
    minimum_balance: Decimal = Field(decimal_places=2, max_digits=18, description=f"{MEANING}.")

    @model_validator(mode="after")
    def _names_whom(self) -> Self:
        if self.company is None and self.account is None:
            raise ValueError("name the company or the account; what holds for all stands in [cash]")
        return self


class Cash(Section):
    """The cash plan."""

    minimum_balance: Decimal = Field(
        Decimal("0.00"),
        decimal_places=2,
        max_digits=18,
        description=f"{MEANING}; negative within an agreed overdraft.",
    )
    accounts: tuple[MinimumBalance, ...] = ()
