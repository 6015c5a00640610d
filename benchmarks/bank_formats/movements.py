"""The same account's movements for every format: deterministic, a year of them, half of them money in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

FIRST_DAY: Final = date(2025, 1, 1)
LAST_DAY: Final = date(2025, 12, 31)
OPENING_CENTS: Final = 10_000_000
IBAN: Final = "FR7630006000011234567890189"
OWNER: Final = "ENTREPRISE DURAND SAS"


@dataclass(frozen=True)
class Movement:
    """One booked entry: ``cents`` is signed, money in is positive; ``number`` counts from 1."""

    number: int
    day: date
    cents: int
    name: str
    iban: str
    reference: str

    @property
    def text(self) -> str:
        """What the payer wrote."""
        return f"FACTURE {self.reference} DU {self.day:%d/%m/%Y}"

    @property
    def amount(self) -> str:
        """The amount without its sign, as 1234.56."""
        return as_amount(abs(self.cents))


def movements(count: int) -> Iterator[Movement]:
    """``count`` movements from the first to the last day of 2025, in order of day."""
    for index in range(count):
        cents = index * 104_729 % 5_000_000 + 1
        yield Movement(
            number=index + 1,
            day=FIRST_DAY + timedelta(days=index * 365 // count),
            cents=cents if index % 2 else -cents,
            name=f"SOCIETE CLIENTE {index * 7919 % 3000}",
            iban=f"FR76300040000{index * 7919 % 3000:014}",
            reference=f"FA2025-{index:07}",
        )


def total_cents(count: int) -> int:
    """The sum of the movements."""
    return sum(movement.cents for movement in movements(count))


def as_amount(cents: int) -> str:
    """Cents as 1234.56, with a sign when they are less than none."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
