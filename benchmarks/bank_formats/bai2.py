"""A BAI2 file: a group a day, whose control totals and record counts agree."""

from itertools import groupby
from pathlib import Path

from benchmarks.bank_formats.movements import OPENING_CENTS, movements


def write_sample(path: Path, entries: int) -> None:
    """Groups of one account, of ``entries`` entries together."""
    balance = OPENING_CENTS
    file_total = groups = 0
    records = 2
    with path.open("w", encoding="ascii", newline="") as file:
        file.write("01,BNPAFRPP,DURAND,260101,0600,1,,,2/\n")
        for day, grouped in groupby(movements(entries), lambda one: one.day):
            lines = []
            total = opening = balance
            for movement in grouped:
                balance += movement.cents
                total += abs(movement.cents)
                code = "165" if movement.cents > 0 else "455"
                lines.append(
                    f"16,{code},{abs(movement.cents)},0,{movement.number},{movement.reference},{movement.text}/\n"
                    f"88,{movement.name}\n"
                )
            total += balance
            held = 2 * len(lines) + 2
            file.write(
                f"02,DURAND,BNPAFRPP,1,{day:%y%m%d},,EUR,2/\n03,12345678901,EUR,010,{opening},,,015,{balance},,/\n"
            )
            file.writelines(lines)
            file.write(f"49,{total},{held}/\n98,{total},1,{held + 2}/\n")
            file_total += total
            groups += 1
            records += held + 2
        file.write(f"99,{file_total},{groups},{records}/\n")
