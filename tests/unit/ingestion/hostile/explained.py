"""What a message to a person must be, whatever file it is about."""

import re
from typing import Any

from ingestion.quarantine import folder

PROGRAMMERS_WORDS = re.compile(
    r"Traceback|[a-z](Error|Exception|Warning)\b|\bNone(Type)?\b|<class|object at 0x|\\x[0-9a-f]{2}|fault of Encours"
)


def assert_one_sentence(reason: str | None, remedy: str | None) -> None:
    """A reason of one sentence, a remedy of its own, and no word that only a programmer understands."""
    assert reason
    assert remedy
    assert not PROGRAMMERS_WORDS.search(reason), reason
    assert not PROGRAMMERS_WORDS.search(remedy), remedy
    assert not re.search(r"[\r\n\0]", reason + remedy)
    assert not reason.endswith("."), reason
    assert re.match(r"[A-ZÀ-Ý]", remedy), remedy
    assert remedy.endswith("."), remedy
    assert len(reason) < 600, reason


def assert_explained(desk: Any, record: Any) -> None:
    """A refused file has its sentence in the manifest and in the quarantine, and nothing of it landed."""
    assert record.status == "refused", record
    assert_one_sentence(record.reason, record.remedy)
    place = folder(desk.home, record.source_file, record.source_sha256)
    if record.rows_quarantined:
        assert (place / "rows.csv").stat().st_size
    else:
        said = (place / "reason.txt").read_bytes().decode()
        assert said == f"{record.source_file}: {record.reason}\n{record.remedy}\n"


def assert_nothing_left_over(desk: Any) -> None:
    """No file half-written in the landing's workshop."""
    workshop = desk.home.landing / ".tmp"
    assert not workshop.exists() or not list(workshop.iterdir())
