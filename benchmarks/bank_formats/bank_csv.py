"""A bank's table as CSV, for the built-in mapping “English table”."""

from pathlib import Path

from benchmarks.bank_formats.movements import OPENING_CENTS, as_amount, movements


def write_sample(path: Path, entries: int) -> None:
    """A header and ``entries`` rows with their running balance."""
    balance = OPENING_CENTS
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("Date;Label;Amount;Currency;Balance;Partner Name;Bank Account\r\n")
        for movement in movements(entries):
            balance += movement.cents
            file.write(
                f"{movement.day};{movement.text};{as_amount(movement.cents)};EUR;{as_amount(balance)};"
                f"{movement.name};{movement.iban}\r\n"
            )
