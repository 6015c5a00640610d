"""encours accept: the file that is let in, by path, name or hash."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion.acceptance import NothingToAccept, accept

AT = datetime(2026, 7, 1, 8, tzinfo=UTC)


def test_a_file_is_accepted_by_path_name_or_hash_and_the_next_intake_says_so(desk: Any) -> None:
    desk.drop("acme/2025.csv", "third_party_code\nA\n")
    (seen,) = desk.take().source_files.to_pylist()
    assert seen["is_accepted"] is False
    sha256 = seen["source_sha256"]
    for file in ("acme/2025.csv", "inbox/acme/2025.csv", "2025.csv", sha256[:12]):
        assert accept(desk.home, file, accepted_at=AT).source_sha256 == sha256
    said = json.loads((desk.home.landing / "acceptances" / f"{sha256}.json").read_text())
    assert said == {"source_file": "acme/2025.csv", "accepted_at": "2026-07-01T08:00:00+00:00"}
    assert desk.take().source_files.to_pylist()[0]["is_accepted"] is True


def test_of_several_contents_under_a_path_the_newest_is_accepted(desk: Any) -> None:
    desk.drop("acme/a.csv", "third_party_code\nA\n")
    desk.take()
    desk.drop("acme/a.csv", "third_party_code\nB\n")
    (second,) = desk.take().new_files
    assert accept(desk.home, "acme/a.csv", accepted_at=AT).source_sha256 == second.source_sha256


def test_a_name_that_fits_none_or_several_is_said_so(desk: Any) -> None:
    desk.drop("acme/a.csv", "third_party_code\nA\n")
    desk.drop("beta/a.csv", "third_party_code\nB\n")
    desk.drop("acme/b.txt", "nonsense")
    desk.take()
    with pytest.raises(NothingToAccept, match=r"no file x\.csv has been seen"):
        accept(desk.home, "x.csv", accepted_at=AT)
    with pytest.raises(NothingToAccept, match=r"a\.csv may be acme/a\.csv or beta/a\.csv"):
        accept(desk.home, "a.csv", accepted_at=AT)
    with pytest.raises(NothingToAccept, match=r"acme/b\.txt was refused"):
        accept(desk.home, "b.txt", accepted_at=AT)
