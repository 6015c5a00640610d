"""The scan: what counts as a file, and what is not read again."""

import os
from pathlib import Path
from typing import Any

import pytest

from ingestion.inbox import scan_inbox
from ingestion.intake import scan


def names(desk: Any) -> list[str]:
    return [file.source_file for file in scan(desk.home)]


def age(*paths: Path) -> None:
    for path in paths:
        os.utime(path, (1_700_000_000, 1_700_000_000))


def test_files_are_found_in_folders_with_their_hash_and_size(desk: Any) -> None:
    desk.drop("acme/2025/é à.txt", "abc")
    (file,) = scan(desk.home)
    assert (file.source_file, file.size_bytes) == ("acme/2025/é à.txt", 3)
    assert file.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_hidden_and_temporary_files_are_passed_over(desk: Any) -> None:
    for name in (
        ".DS_Store",
        "~$book.xlsx",
        "a.tmp",
        "b.part",
        "c.CRDOWNLOAD",
        "Thumbs.db",
        ".git/config",
        "__MACOSX/x",
    ):
        desk.drop(name, "x")
    desk.drop("kept.txt", "x")
    assert names(desk) == ["kept.txt"]


def test_links_that_lead_outside_the_inbox_are_passed_over(desk: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    inside = desk.drop("acme/a.txt", "x")
    (desk.home.inbox / "outside.txt").symlink_to(secret)
    (desk.home.inbox / "folder").symlink_to(tmp_path)
    (desk.home.inbox / "inside.txt").symlink_to(inside)
    (desk.home.inbox / "nowhere.txt").symlink_to(tmp_path / "missing")
    assert names(desk) == ["acme/a.txt", "inside.txt"]


def test_what_is_no_regular_file_is_passed_over(desk: Any) -> None:
    os.mkfifo(desk.home.inbox / "pipe.txt")
    assert names(desk) == []


def test_a_missing_inbox_is_an_empty_one(desk: Any) -> None:
    desk.home.inbox.rmdir()
    assert names(desk) == []


def test_an_unchanged_file_is_not_read_again(desk: Any, monkeypatch: Any) -> None:
    age(desk.drop("a.txt", "x"))
    monkeypatch.setattr("ingestion.inbox.SETTLED_NANOSECONDS", -1)
    before = scan(desk.home)
    with monkeypatch.context() as patch:
        patch.setattr("ingestion.inbox._hash", lambda path: pytest.fail(f"{path} was read again"))
        assert scan(desk.home) == before
    desk.drop("a.txt", "y")
    age(desk.home.inbox / "a.txt")
    assert scan(desk.home)[0].sha256 != before[0].sha256


def test_a_file_just_written_is_hashed_again_next_time(desk: Any, monkeypatch: Any) -> None:
    desk.drop("a.txt", "x")
    scan(desk.home)
    hashed: list[Path] = []
    monkeypatch.setattr("ingestion.inbox._hash", lambda path: hashed.append(path) or "0" * 64)
    scan(desk.home)
    assert len(hashed) == 1


def test_a_broken_cache_only_costs_time(desk: Any) -> None:
    desk.drop("a.txt", "x")
    before = scan(desk.home)
    (desk.home.warehouse / "inbox_hashes.json").write_text('{"a.txt": 5')
    assert scan(desk.home) == before


def test_a_file_that_vanishes_meanwhile_is_no_error(desk: Any, monkeypatch: Any) -> None:
    desk.drop("a.txt", "x")
    desk.drop("b.txt", "x")

    def vanish(path: Path) -> str:
        if path.name == "a.txt":
            raise FileNotFoundError(path)
        return "0" * 64

    monkeypatch.setattr("ingestion.inbox._hash", vanish)
    found = scan_inbox(desk.home)
    assert [file.source_file for file in found.files] == ["b.txt"]
    assert found.notes == ()


def test_a_file_without_permission_is_named_and_the_others_go_on(desk: Any, monkeypatch: Any) -> None:
    desk.drop("acme/a.csv", "third_party_code\nA\n")
    desk.drop("acme/b.csv", "third_party_code\nB\n")

    def forbid(path: Path) -> str:
        if path.name == "a.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return "0" * 64

    monkeypatch.setattr("ingestion.inbox._hash", forbid)
    intake = desk.take()
    assert intake.notes == (
        "acme/a.csv cannot be read (Permission denied): give the user that runs Encours the right to read it.",
    )
    assert desk.status(intake) == {"acme/b.csv": "landed"}


def test_a_name_that_is_no_text_is_said_so_and_the_others_go_on(desk: Any) -> None:
    Path(os.fsdecode(os.fsencode(desk.home.inbox) + b"/caf\xe9.txt")).write_text("x")
    desk.drop("kept.csv", "third_party_code\nA\n")
    intake = desk.take()
    assert intake.notes == (r"'caf\udce9.txt' has a name that is not valid text: rename it.",)
    assert len(intake.new_files) == 1
