"""Validation in another process gives what it would give in this one, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from orchestration.validator import Validator
from quality.expectations import Profiled, validate
from quality.suites import load_suites

HOLD = """
import time
from orchestration.validator import Validator
with Validator() as validator:
    print(validator._child.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def profiles() -> list[Profiled]:
    """A profile per suite, in which one file of two breaks every claim about rows."""
    return [
        (
            suite,
            pd.DataFrame(
                {"source_file": ["a.txt", "b.txt"], "row_count": [3, 3]}
                | {column: [0, 2] for claim in suite.claims for column in claim.profile_columns}
                | {claim.name: [0, 2] for claim in suite.claims if claim.fails_when is not None}
            ),
            2,
        )
        for suite in load_suites()
    ]


def test_the_verdicts_are_those_of_this_process(profiles: list[Profiled]) -> None:
    here = validate(profiles)
    assert any(verdict.failing == {"b.txt"} for verdicts in here.values() for verdict in verdicts)
    with Validator() as validator:
        assert validator.validate(iter(profiles)) == here
        assert validator.validate(profiles[:1]) == {profiles[0][0].name: here[profiles[0][0].name]}, (
            "it can be asked again"
        )


def test_validation_goes_on_here_when_the_other_process_is_gone(profiles: list[Profiled]) -> None:
    with Validator() as validator:
        os.kill(validator._child.pid, signal.SIGKILL)
        assert validator.validate(profiles[:1]).keys() == {profiles[0][0].name}


def test_the_next_refresh_of_a_process_asks_the_same_one(profiles: list[Profiled]) -> None:
    with Validator() as first:
        first.validate(profiles[:1])
    with Validator() as second:
        assert second._child.pid == first._child.pid
        assert second.validate(profiles[1:2]).keys() == {profiles[1][0].name}


def test_one_that_was_broken_off_is_asked_no_more(profiles: list[Profiled]) -> None:
    with pytest.raises(KeyboardInterrupt), Validator() as first:
        raise KeyboardInterrupt
    assert first._child.poll() is not None
    with Validator() as second:
        assert second._child.pid != first._child.pid


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see processes; run it on Linux")
def test_it_ends_with_the_process_that_started_it() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split():
        assert time.monotonic() < until
        time.sleep(0.1)
