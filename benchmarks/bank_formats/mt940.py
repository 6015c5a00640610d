"""MT940, a statement a day, with the German structure of :86: (?00 to ?33)."""

from itertools import groupby
from pathlib import Path

from benchmarks.bank_formats.movements import OPENING_CENTS, Movement, as_amount, movements

LINE = 65


def write_sample(path: Path, entries: int) -> None:
    """Statements that chain, of ``entries`` entries together."""
    balance = OPENING_CENTS
    with path.open("w", encoding="ascii", newline="") as file:
        for number, (day, grouped) in enumerate(groupby(movements(entries), lambda one: one.day), 1):
            file.write(
                f":20:STARTUMS\r\n:25:10020030/1234567\r\n:28C:{number}/1\r\n"
                f":60F:{_balance(balance)}{day:%y%m%d}EUR{_amount(balance)}\r\n"
            )
            for movement in grouped:
                balance += movement.cents
                file.write(_entry(movement))
            file.write(f":62F:{_balance(balance)}{day:%y%m%d}EUR{_amount(balance)}\r\n-\r\n")


def _balance(cents: int) -> str:
    return "C" if cents >= 0 else "D"


def _amount(cents: int) -> str:
    return as_amount(abs(cents)).replace(".", ",")


def _entry(movement: Movement) -> str:
    code, words = ("166", "SEPA-GUTSCHRIFT") if movement.cents > 0 else ("177", "SEPA-UEBERWEISUNG")
    text = (
        f"{code}?00{words}?109310?20EREF+E2E{movement.number}?21SVWZ+{movement.text[:22]}"
        f"?22{movement.text[22:]}?30BNPAFRPP?31{movement.iban}?32{movement.name}"
    )
    return (
        f":61:{movement.day:%y%m%d}{movement.day:%m%d}{_balance(movement.cents)}{_amount(movement.cents)}"
        f"NTRFNONREF//{movement.number:016}\r\n:86:{_folded(text)}\r\n"
    )


def _folded(text: str) -> str:
    """Lines of 65 characters at most, broken between sub-fields."""
    lines = [""]
    for part in text.split("?"):
        piece = f"?{part}" if lines[0] else part
        if len(lines[-1]) + len(piece) > LINE:
            lines.append("")
        lines[-1] += piece
    return "\r\n".join(lines)
