"""Several processes decide at once, and any of them may be killed: one chain, and nothing acknowledged is lost."""

import multiprocessing
import os
import random
import resource
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import pytest

from decisions.chain import Verified
from decisions.store import DecidedMeanwhileError, Store, StoreError, open_store
from home.layout import Home
from home.settings import Settings
from tests.unit.decisions.to_take import accept

REVIEWERS = 4
DECISIONS = 25
KILLS = 8
BATCH = 20
LARGEST_FILE = 200_000
"""Bytes: writing more to one file fails as it does on a full disk."""
SEED = 20260630

Start = Callable[..., tuple[BaseProcess, Connection]]


@pytest.fixture
def start() -> Start:
    """Starts a function in a process forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["decisions.store", "psycopg"])

    def started(target: Callable[..., None], *arguments: object) -> tuple[BaseProcess, Connection]:
        heard, told = multiprocessing.Pipe(duplex=False)
        process = context.Process(target=in_environment, args=(dict(os.environ), target, *arguments, told))
        process.start()
        # What the process no longer holds open has ended.
        told.close()
        return process, heard

    return started


def in_environment(environment: dict[str, str], target: Callable[..., None], *arguments: object) -> None:
    """The server that forks has the environment of the first test."""
    os.environ.update(environment)
    target(*arguments)


def review(home: Home, settings: Settings, reviewer: str, told: Connection) -> None:
    """Decide about every exception, as one who has seen no decision; say how many were this reviewer's."""
    decided = 0
    with open_store(home, settings) as store:
        for number in range(DECISIONS):
            with suppress(DecidedMeanwhileError):
                store.append(accept(f"E{number}", reviewer=reviewer), expected=0)
                decided += 1
    told.send(decided)


def test_of_reviewers_who_decide_at_once_one_decides_each_exception(
    home: Home, settings: Settings, start: Start
) -> None:
    """Nobody has opened the store before: they also make it at once."""
    started = [start(review, home, settings, f"reviewer {number}") for number in range(REVIEWERS)]
    decided = [heard.recv() for _, heard in started]
    for process, _ in started:
        process.join()
    with open_store(home, settings) as store:
        kept = store.decisions()
        assert store.verify() == Verified(DECISIONS, store.head())
    assert sum(decided) == DECISIONS
    assert sorted(one.exception_id or "" for one in kept) == sorted(
        f"E{number}" for number in range(DECISIONS)
    )


def decide_on_and_on(home: Home, settings: Settings, told: Connection) -> None:
    """Decide one, then several at once, and so on; say after each what the newest sequence is."""
    with open_store(home, settings) as store:
        told.send(store.newest())
        while True:
            told.send(store.append(accept(), expected=None).sequence)
            told.send(store.append_all([accept()] * BATCH)[-1].sequence)


def test_what_was_acknowledged_is_there_and_nothing_half_when_the_process_is_killed(
    home: Home, settings: Settings, store: Store, start: Start
) -> None:
    chance = random.Random(SEED)
    acknowledged = 0
    for _ in range(KILLS):
        process, heard = start(decide_on_and_on, home, settings)
        before = heard.recv()
        # After some decisions, at any point of the next one, however fast the machine is.
        acknowledged = [heard.recv() for _ in range(chance.randint(1, 6))][-1]
        assert acknowledged > before
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        acknowledged = max([acknowledged, *_all_heard(heard)])
        found = store.verify()
        assert isinstance(found, Verified)
        # One decision or one batch may have been kept without its acknowledgement getting out.
        assert found.count - acknowledged in (0, 1, BATCH)
        acknowledged = found.count
    assert acknowledged > KILLS * BATCH
    # A store that was left so takes the next decision.
    assert store.append(accept(), expected=None).sequence == acknowledged + 1


def _all_heard(heard: Connection) -> list[Any]:
    found: list[Any] = []
    with suppress(EOFError):
        while True:
            found.append(heard.recv())
    return found


def decide_until_the_disk_is_full(home: Home, settings: Settings, told: Connection) -> None:
    """Decide until the store refuses; say after each what the newest sequence is, and then why no more."""
    with open_store(home, settings) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
        try:
            while True:
                told.send(store.append(accept(reason="x" * 5_000), expected=None).sequence)
        except StoreError as error:
            told.send(str(error))


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_on_a_full_disk_nothing_half_is_kept_and_who_decides_is_told(
    home: Home, settings: Settings, store: Store, start: Start
) -> None:
    process, heard = start(decide_until_the_disk_is_full, home, settings)
    process.join()
    *acknowledged, sentence = _all_heard(heard)
    assert str(sentence).startswith(f"{home.decisions}: the store of decisions cannot be used (")
    assert store.verify() == Verified(len(acknowledged), store.head())
    assert acknowledged == [*range(1, len(acknowledged) + 1)] != []
    assert store.append(accept(), expected=None).sequence == len(acknowledged) + 1
