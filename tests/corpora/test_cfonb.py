"""Every CFONB file of the corpora: what lands, against a count by a few lines of Python and a published parser."""

import json
import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from home.layout import Home
from home.settings import Settings
from ingestion.intake import take_in
from ingestion.landing import landed_files

PEERS = Path(__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"

NO_OPENING = "the movement (04) stands in no statement: no old balance (01) opens it"
NO_MOVEMENT = "the detail (05) follows no movement (04) of its account"
NO_STATEMENT = "the new balance (07) closes no statement of its account"
NO_CLOSING = "the statement that begins on line 1 has no new balance (07): movements may be missing"

SET_ASIDE = {
    "cfonb__import_cfonb_multiple_account_numbers.csv": {
        2: "the movement is of account 00978 1111111111I EUR, "
        "but stands in a statement of 00978 9837485442I EUR"
    },
    "cfonb__import_cfonb_with_no_valid_account_number.csv": dict.fromkeys(
        (1, 2, 3, 13), "“          I” is no account number"
    ),
    "end_of_statement_without_beginning.txt": {9: NO_STATEMENT},
    "invalid_date.txt": {1: "“  CART” is no day of the calendar (DDMMYY)", 9: NO_STATEMENT},
    "new_statement_without_previous_ended.txt": {1: NO_CLOSING, 3: NO_CLOSING},
    "operation.txt": {1: NO_OPENING},
    "operation_already_defined.txt": {1: NO_OPENING, 6: NO_OPENING},
    "operation_detail_without_operation.txt": {3: NO_MOVEMENT},
    "operation_out_of_statement.txt": {1: NO_OPENING},
    "operation_unstarted.txt": dict.fromkeys((1, 2, 3, 4), NO_MOVEMENT),
}
"""The lines that are set aside, by file."""

REFUSED = {
    "cfonb__import_cfonb_with_no_valid_account_number.csv": "none of its rows could be read",
    # A list of names.
    "cfonb__import_cfonb_wrong_content.csv": "it",
    "cfonb.240-complex-test.txt": "it looks like a CFONB 240 list of operations",
    "operation.txt": "none of its rows could be read",
    "operation_already_defined.txt": "none of its rows could be read",
    "operation_unstarted.txt": "none of its rows could be read",
}
"""Files that do not land, by why."""


def signed(zone: str) -> Decimal:
    last = zone[-1]
    place = "{ABCDEFGHI}JKLMNOPQR".index(last)
    return Decimal(f"{'-' if place > 9 else ''}{zone[:-1]}{place % 10}").scaleb(-2)


def day(zone: str) -> date:
    return datetime.strptime(zone, "%d%m%y").replace(tzinfo=UTC).date()


def counted(path: Path) -> tuple[list[tuple[date, date, Decimal]], list[tuple[Decimal, Decimal]]]:
    """The movements that are not set aside (booked, valued, amount), and each statement's balances."""
    left_out = SET_ASIDE.get(path.name, {})
    movements, balances = [], []
    opening = None
    for number, line in enumerate(path.read_text(encoding="latin-1").splitlines(), 1):
        if line[:2] == "04" and number not in left_out:
            movements.append((day(line[34:40]), day(line[42:48]), signed(line[90:104])))
        elif line[:2] == "01":
            opening = None if number in left_out else signed(line[90:104])
        elif line[:2] == "07" and number not in left_out:
            balances.append((opening, signed(line[90:104])))
    return movements, balances


def test_every_file_lands_as_counted_or_says_why_not(corpora: Path, tmp_path: Path) -> None:
    files = sorted(path for path in (corpora / "cfonb").rglob("*") if path.is_file())
    assert len(files) >= 20
    home = Home.at(tmp_path)
    home.create()
    for path in files:
        target = home.inbox / path.stem / path.name
        target.parent.mkdir()
        target.write_bytes(path.read_bytes())
    intake = take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))
    landed: dict[str, dict[str, list[dict[str, Any]]]] = {
        table: {path.stem: pq.read_table(path).to_pylist() for path in landed_files(home, table)}
        for table in ("bank_transactions", "bank_statements", "quarantined_rows")
    }
    for record in intake.new_files:
        path = home.inbox / record.source_file
        set_aside = landed["quarantined_rows"].get(record.source_sha256, [])
        assert {row["source_row"]: row["reason"] for row in set_aside} == SET_ASIDE.get(path.name, {})
        if path.name in REFUSED:
            assert (record.status, (record.reason or "")[: len(REFUSED[path.name])]) == (
                "refused",
                REFUSED[path.name],
            )
            continue
        assert (record.status, record.reason) == ("landed", None), path.name
        movements, balances = counted(path)
        rows = landed["bank_transactions"][record.source_sha256]
        assert [(row["booking_date"], row["value_date"], row["amount"]) for row in rows] == movements, (
            path.name
        )
        statements = landed["bank_statements"][record.source_sha256]
        assert [(row["opening_balance"], row["closing_balance"]) for row in statements] == balances, path.name
        assert record.rows_read == len(movements) + len(set_aside)


READ_WITH_PEER = """
import json, sys
from decimal import Decimal
from cfonb import StatementReader
found = []
for statement in StatementReader().parse(open(sys.argv[1])):
    for line in statement.lines:
        found.append([line.operation_date, line.value_date, str(Decimal(str(line.amount))), line.operation_code])
print(json.dumps(found))
"""


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("silarhi_cfonb-parser", "complex-test.txt"),
        ("silarhi_cfonb-parser", "non-strict-test.txt"),
        ("silarhi_cfonb-parser", "simple-test.txt"),
        ("ekylibre_ekylibre", "cfonb__import_cfonb.csv"),
    ],
)
def test_movements_are_those_of_python_cfonb(corpora: Path, tmp_path: Path, folder: str, name: str) -> None:
    """On files that it reads, blank lines taken out for it. It merges the statements of one account, so order is not
    compared, and stops at details without a qualifier and at stray records.
    """
    if not PEERS.exists():
        pytest.skip("the published parsers are not installed: make peers runs this")
    home = Home.at(tmp_path / "home")
    home.create()
    content = (corpora / "cfonb" / folder / name).read_bytes()
    (home.inbox / "acme").mkdir()
    (home.inbox / "acme" / name).write_bytes(content)
    take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))
    ours = [
        row for path in landed_files(home, "bank_transactions") for row in pq.read_table(path).to_pylist()
    ]
    plain = tmp_path / "plain"
    lines = [line.ljust(120)[:120] for line in content.decode("latin-1").splitlines() if line.strip()]
    plain.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    done = subprocess.run([PEERS, "-c", READ_WITH_PEER, plain], check=True, capture_output=True, text=True)
    assert sorted(
        [
            str(row["booking_date"]),
            str(row["value_date"]),
            str(row["amount"].normalize()),
            row["bank_transaction_code"][6:],
        ]
        for row in ours
    ) == sorted(
        [booked, valued, str(Decimal(amount).normalize()), code]
        for booked, valued, amount, code in json.loads(done.stdout)
    )
