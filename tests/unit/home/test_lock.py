"""One refresh at a time, and a killed one blocks nobody."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from home.layout import Home
from home.lock import WAIT_SECONDS, HomeIsBusyError, holder, one_refresh_at_a_time

HOLD = """
import sys, time
from home.layout import Home
from home.lock import one_refresh_at_a_time
with one_refresh_at_a_time(Home.at(sys.argv[1]), command="encours refresh --as-of 2026-06-30"):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_process_holds(home: Home) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(home.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_refresh_waits_and_then_names_the_holder(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with another_process_holds(home) as process:
        began = time.monotonic()
        with (
            pytest.raises(HomeIsBusyError) as caught,
            one_refresh_at_a_time(home, command="encours refresh", wait_seconds=0.5),
        ):
            pytest.fail("the lock was given twice")
        assert time.monotonic() - began >= 0.5
        message = str(caught.value)
        assert f"process {process.pid} on {os.uname().nodename}, since 20" in message
        assert "(encours refresh --as-of 2026-06-30)" in message
        assert "\n" not in message


def test_a_second_refresh_goes_on_when_the_first_ends_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.at(tmp_path)
    with another_process_holds(home) as process:
        ended: list[bool] = []

        # The first one ends while the second waits, and is gone before it looks again: how long a process takes to
        # die is the machine's affair (beside six busy ones, even starting one took 12 s at the lowest priority).
        def while_it_waits(seconds: float) -> None:
            process.kill()
            # Its exit status is not asked: where something else in the test process has reaped it, Python knows none.
            process.wait()
            ended.append(True)

        monkeypatch.setattr(time, "sleep", while_it_waits)
        with one_refresh_at_a_time(home, command="encours refresh", wait_seconds=WAIT_SECONDS):
            assert ended == [True]
            mine = holder(home)
        assert mine is not None
        assert mine.pid == os.getpid()


def test_a_killed_holder_blocks_nobody(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with another_process_holds(home) as process:
        process.kill()
        process.wait()
        with one_refresh_at_a_time(home, command="encours refresh", wait_seconds=0):
            mine = holder(home)
            assert mine is not None
            assert mine.pid == os.getpid()


def test_the_job_enters_what_its_own_process_holds(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with one_refresh_at_a_time(home, command="outer", wait_seconds=0):
        with one_refresh_at_a_time(home, command="inner", wait_seconds=0):
            pass
        still = holder(home)
        assert still is not None
        assert still.command == "outer"
    assert holder(home) is None


def test_nobody_holds_a_home_that_does_not_exist(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "absent")
    assert holder(home) is None
    assert not home.root.exists()
