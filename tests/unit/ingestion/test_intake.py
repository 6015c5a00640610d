"""An intake: everything new once, nothing lost, nothing half-written, whatever happens."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.formats.third_parties import READER as THIRD_PARTIES
from ingestion.intake import FileProgress, take_in
from ingestion.landing import landed_files

CSV = "third_party_code,name\nA,Alpha\nB,Beta\n"
FEC = "JournalCode\tEcritureNum\tEcritureDate\tCompteNum\tDebit\tCredit\nVE\t1\t20250101\t411\t5,00\t0,00\n"
LATER = datetime(2026, 7, 2, tzinfo=UTC)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_intake_of_the_same_inbox_changes_nothing(desk: Any) -> None:
    desk.drop("acme/a.csv", CSV)
    first = desk.take()
    before = everything(desk.home.landing)
    second = desk.take(seen_at=LATER)
    assert second.new_files == ()
    assert second.source_files.equals(first.source_files)
    assert everything(desk.home.landing) == before


def test_the_same_content_twice_lands_once(desk: Any) -> None:
    desk.drop("acme/a.csv", CSV)
    desk.drop("acme/copy/b.csv", CSV)
    intake = desk.take()
    assert desk.status(intake) == {"acme/a.csv": "landed", "acme/copy/b.csv": "duplicate"}
    copy = intake.source_files.to_pylist()[1]
    assert copy["reason"] == "it has the same content as acme/a.csv"
    assert (copy["rows_read"], copy["rows_landed"], copy["rows_quarantined"]) == (0, 0, 0)
    assert len(landed_files(desk.home, "third_parties")) == 1


def test_a_copy_that_comes_later_is_the_duplicate(desk: Any) -> None:
    desk.drop("acme/z.csv", CSV)
    desk.take()
    desk.drop("acme/a.csv", CSV)
    assert desk.status(desk.take()) == {"acme/z.csv": "landed", "acme/a.csv": "duplicate"}


def test_a_held_file_that_is_moved_to_its_folder_lands_there_and_stays_there(desk: Any) -> None:
    path = desk.drop("a.csv", CSV)
    assert desk.status(desk.take()) == {"a.csv": "held"}
    (desk.home.inbox / "acme").mkdir()
    path.rename(desk.home.inbox / "acme" / "a.csv")
    moved = {"a.csv": "duplicate", "acme/a.csv": "landed"}
    assert desk.status(desk.take()) == moved
    (desk.home.inbox / "acme" / "a.csv").unlink()
    assert desk.status(desk.take()) == moved


def test_a_file_moved_to_another_company_belongs_to_that_one(desk: Any) -> None:
    path = desk.drop("wrong/a.csv", CSV)
    desk.take()
    (desk.home.inbox / "right").mkdir()
    path.rename(desk.home.inbox / "right" / "a.csv")
    assert desk.status(desk.take()) == {"wrong/a.csv": "duplicate", "right/a.csv": "landed"}


def test_new_content_under_an_old_name_is_another_file(desk: Any) -> None:
    desk.drop("acme/a.csv", CSV)
    desk.take()
    desk.drop("acme/a.csv", CSV + "C,Gamma\n")
    intake = desk.take(seen_at=LATER)
    rows = intake.source_files.to_pylist()
    assert [(row["source_file"], row["intake_number"], row["rows_landed"]) for row in rows] == [
        ("acme/a.csv", 1, 2),
        ("acme/a.csv", 2, 3),
    ]
    assert len(intake.new_files) == 1
    assert len(desk.rows("third_parties")) == 5


def test_what_lies_under_a_path_today_is_told_from_what_lay_there(desk: Any) -> None:
    desk.drop("acme/a.csv", CSV)
    desk.take()
    desk.drop("acme/a.csv", CSV + "C,Gamma\n")
    rows = desk.take().source_files.to_pylist()
    assert [(row["rows_landed"], row["is_present"]) for row in rows] == [(2, False), (3, True)]


def test_the_intake_number_counts_only_intakes_that_saw_something_new(desk: Any) -> None:
    desk.drop("acme/a.csv", CSV)
    desk.take()
    desk.take()
    desk.drop("acme/b.csv", CSV + "C,Gamma\n")
    assert [record.intake_number for record in desk.take().new_files] == [2]


def test_what_was_seen_stays_known_when_the_inbox_is_cleared(desk: Any) -> None:
    path = desk.drop("acme/a.csv", CSV)
    desk.take()
    path.unlink()
    assert desk.status(desk.take()) == {"acme/a.csv": "landed"}
    assert len(desk.rows("third_parties")) == 2


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_landing(
    desk: Any, monkeypatch: Any
) -> None:
    desk.drop("acme/1.csv", CSV)
    desk.drop("acme/2.txt", "nonsense")
    desk.drop("acme/3.txt", FEC)

    def fail(*_: Any) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(type(THIRD_PARTIES), "_row", fail)
    intake = desk.take()
    assert desk.status(intake) == {"acme/1.csv": "refused", "acme/2.txt": "refused", "acme/3.txt": "landed"}
    assert intake.new_files[0].reason == "reading it failed (ZeroDivisionError: oops)"
    assert desk.rows("third_parties") == []
    assert len(desk.rows("ledger_lines")) == 1
    assert not list((desk.home.landing / ".tmp").iterdir())


def test_a_reader_that_loses_a_row_is_found_out(desk: Any, monkeypatch: Any) -> None:
    hand_over = type(THIRD_PARTIES)._hand_over
    monkeypatch.setattr(
        type(THIRD_PARTIES), "_hand_over", lambda self, rows, bad, sink: hand_over(self, rows[:-1], bad, sink)
    )
    desk.drop("acme/a.csv", CSV)
    (record,) = desk.take().new_files
    assert (record.status, record.reason) == (
        "refused",
        "2 rows were read, but 1 landed and 0 were set aside",
    )
    assert landed_files(desk.home, "third_parties") == []


def test_a_file_that_changes_while_it_is_read_waits(desk: Any, monkeypatch: Any) -> None:
    path = desk.drop("acme/a.csv", CSV)
    read = type(THIRD_PARTIES).read

    def read_and_change(self: Any, *arguments: Any) -> Any:
        reading = read(self, *arguments)
        path.write_text(CSV + "C,Gamma\n")
        return reading

    with monkeypatch.context() as patch:
        patch.setattr(type(THIRD_PARTIES), "read", read_and_change)
        intake = desk.take()
    assert intake.new_files == ()
    assert intake.notes == ("acme/a.csv changed while it was read: it is left for the next refresh.",)
    assert landed_files(desk.home, "third_parties") == []
    assert [record.rows_landed for record in desk.take().new_files] == [3]


def test_a_refused_file_is_tried_again_by_another_version(desk: Any, monkeypatch: Any) -> None:
    desk.drop("acme/a.txt", "nonsense")
    assert len(desk.take().new_files) == 1
    assert desk.take().new_files == ()
    monkeypatch.setattr("ingestion.intake.VERSION", "99")
    (again,) = desk.take(seen_at=LATER).new_files
    assert (again.intake_number, again.first_seen_at) == (1, datetime(2026, 7, 1, 6, tzinfo=UTC))
    assert len(desk.take().source_files) == 1


def test_a_landed_file_torn_by_a_power_cut_is_read_again(desk: Any) -> None:
    desk.drop("acme/a.csv", CSV)
    desk.take()
    (landed,) = landed_files(desk.home, "third_parties")
    landed.write_bytes(landed.read_bytes()[:100])
    assert landed_files(desk.home, "third_parties") == []
    desk.take()
    assert len(desk.rows("third_parties")) == 2


def test_a_record_torn_by_a_kill_costs_one_reading(desk: Any) -> None:
    desk.drop("acme/a.csv", CSV)
    desk.take()
    desk.drop("acme/b.csv", CSV + "C,Gamma\n")
    desk.take()
    manifest = desk.home.landing / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-30])
    assert desk.status(desk.take()) == {"acme/a.csv": "landed", "acme/b.csv": "landed"}
    assert len(desk.rows("third_parties")) == 5
    assert len(desk.take().source_files) == 2


def test_progress_names_each_new_file(desk: Any) -> None:
    desk.drop("acme/a.csv", CSV)
    desk.drop("acme/b.txt", "nonsense")
    seen: list[FileProgress] = []
    take_in(desk.home, desk.settings, seen_at=LATER, on_progress=seen.append)
    assert [(step.source_file, step.position, step.count, step.status) for step in seen] == [
        ("acme/a.csv", 1, 2, "reading"),
        ("acme/a.csv", 1, 2, "landed"),
        ("acme/b.txt", 2, 2, "reading"),
        ("acme/b.txt", 2, 2, "refused"),
    ]


def test_file_times_come_from_the_files_and_seen_times_from_the_caller(desk: Any) -> None:
    path = desk.drop("acme/a.csv", CSV)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (row,) = desk.take(seen_at=LATER).source_files.to_pylist()
    assert row["modified_at"] == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert row["first_seen_at"] == LATER


KILLED = """
import sys
from datetime import UTC, datetime
from home.layout import Home
from home.settings import Settings
from ingestion.intake import take_in
print("ready", flush=True)
take_in(Home.at(sys.argv[1]), Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))
"""


@pytest.mark.parametrize("after", [0.005, 0.02, 0.05, 0.1, 0.2])
def test_a_killed_intake_leaves_nothing_half_landed(desk: Any, after: float) -> None:
    for number in range(60):
        rows = "".join(f"C{number}-{row},Name\n" for row in range(200))
        desk.drop(f"acme/{number}.csv", "third_party_code,name\n" + rows)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(desk.home.root)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(desk.rows("third_parties")) % 200 == 0
    intake = desk.take()
    assert set(desk.status(intake).values()) == {"landed"}
    assert len(desk.rows("third_parties")) == 12_000
    assert (
        len(landed_files(desk.home, "third_parties"))
        == len(list((desk.home.landing / "third_parties").iterdir()))
        == 60
    )
    assert not (desk.home.landing / ".tmp").exists() or not list((desk.home.landing / ".tmp").iterdir())


def test_a_thousand_small_files_are_taken_in_one_go_and_not_again(desk: Any, monkeypatch: Any) -> None:
    for number in range(1000):
        desk.drop(f"acme/{number:04}.csv", f"third_party_code,credit_limit\nC{number},{number}.00\n")
    assert len(desk.take().new_files) == 1000
    monkeypatch.setattr("ingestion.intake.read_head", lambda path: pytest.fail(f"{path} was read again"))
    intake = desk.take()
    assert intake.new_files == ()
    assert len(intake.source_files) == 1000
    assert sum(row["credit_limit"] for row in desk.rows("third_parties")) == Decimal(sum(range(1000)))
