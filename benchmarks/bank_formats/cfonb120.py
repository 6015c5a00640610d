"""A CFONB 120 statement: a record 04 and a record 05 (NPY, the other party's name) for each entry."""

from datetime import date
from pathlib import Path

from benchmarks.bank_formats.movements import FIRST_DAY, LAST_DAY, OPENING_CENTS, Movement, movements

BANK, BRANCH, ACCOUNT = "30006", "00001", "12345678901"
CREDIT_ENDS = "{ABCDEFGHI"
DEBIT_ENDS = "}JKLMNOPQR"


def write_sample(path: Path, entries: int) -> None:
    """One statement of ``entries`` entries, whose old and new balance agree with them."""
    closing = OPENING_CENTS + sum(movement.cents for movement in movements(entries))
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(_balance("01", FIRST_DAY, OPENING_CENTS))
        file.writelines(map(_entry, movements(entries)))
        file.write(_balance("07", LAST_DAY, closing))


def _balance(kind: str, day: date, cents: int) -> str:
    return f"{kind}{BANK}    {BRANCH}EUR2 {ACCOUNT}  {day:%d%m%y}{'':50}{_overpunched(cents)}{'':16}\n"


def _entry(movement: Movement) -> str:
    code = "05" if movement.cents > 0 else "06"
    start = f"{BANK}0000{BRANCH}EUR2 {ACCOUNT}{code}{movement.day:%d%m%y}"
    return (
        f"04{start}  {movement.day:%d%m%y}{movement.text[:31]:31}  {movement.number % 10_000_000:07}  "
        f"{_overpunched(movement.cents)}{movement.reference:16}\n"
        f"05{start}     NPY{movement.name:70}  \n"
    )


def _overpunched(cents: int) -> str:
    whole, last = divmod(abs(cents), 10)
    return f"{whole:013}{(CREDIT_ENDS if cents >= 0 else DEBIT_ENDS)[last]}"
