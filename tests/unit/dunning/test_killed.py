"""The process that sends is killed in the middle of 500 messages, again and again: none is sent twice."""

import multiprocessing
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from dunning.action import Action
from dunning.log import Log
from dunning.message import POLICY
from dunning.sending import send
from home.layout import Home
from home.settings import Settings
from tests.unit.dunning.actions import make_action
from tests.unit.dunning.mail_server import HOST, mail_server

MESSAGES = 500
KILLS_AT_A_STAGE = {"mail": 2, "rcpt": 2, "data": 4}
KILLS_ANY_TIME = 6
SEED = 20260630
MARTS = datetime(2026, 6, 30, 6, tzinfo=UTC)


def compose(action: Action) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["Subject"] = "Relance"
    message["From"] = "compta@acme.example"
    message["To"] = action.email
    message.set_content("Payez.")
    return message


def send_all(home: Home, settings: Settings) -> None:
    actions = map(make_action, range(MESSAGES))
    for _ in send(home, settings, actions, compose, marts_known_at=MARTS):
        pass


@pytest.fixture
def start() -> Callable[[Home, Settings], BaseProcess]:
    """Starts the sender in a process forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["dunning.sending"])

    def started(home: Home, settings: Settings) -> BaseProcess:
        process = context.Process(target=send_all, args=(home, settings))
        process.start()
        return process

    return started


def test_none_of_500_is_sent_twice_and_each_is_sent_or_listed_as_unknown(
    tmp_path: Path, start: Callable[[Home, Settings], BaseProcess]
) -> None:
    home, chance = Home.at(tmp_path), random.Random(SEED)
    stages = [*Counter(KILLS_AT_A_STAGE).elements(), *["any time"] * KILLS_ANY_TIME]
    chance.shuffle(stages)
    killed_with_a_message = 0
    with mail_server() as server:
        smtp = {
            "host": HOST,
            "port": server.port,
            "security": "none",
            "sender": "compta@acme.example",
            "messages_per_minute": 60_000,
        }
        settings = Settings.model_validate({"dunning": {"smtp": smtp}})
        for stage in stages:
            # Some are left for the last, however many a fast machine sends while a kill is on its way.
            more = chance.randrange(1, MESSAGES // len(stages) - 8)
            kill = Kill(stage, len(server.delivered) + more, chance.random() / 100)
            server.before = partial(kill.before, server.delivered)
            process = start(home, settings)
            kill.process = process
            kill.may_begin.set()
            process.join(60)
            assert process.exitcode == -signal.SIGKILL, stage
            killed_with_a_message += stage == "data"
        server.before = lambda stage, address: None
        last = start(home, settings)
        last.join(60)
        assert last.exitcode == 0
        delivered = Counter(server.recipients)
    with Log(home.dunning_log) as log:
        entries = log.of_actions()
        unknown = {entry.recipient for entry in log.unknown()}
    everybody = {f"customer{number}@creperie.example" for number in range(MESSAGES)}
    assert max(delivered.values()) == 1
    assert {entry.recipient for entry in entries.values()} == everybody
    assert everybody - set(delivered) <= unknown
    # The server had these when the sender was killed: without the log they would have been sent again.
    assert killed_with_a_message == KILLS_AT_A_STAGE["data"] <= len(unknown & set(delivered))
    assert len(unknown) <= len(stages)
    assert all(entry.outcome == "sent" for entry in entries.values() if entry.recipient not in unknown)
    assert len({entry.message_id for entry in entries.values()}) == MESSAGES


class Kill:
    """Kills the sender at a stage of a message, before the server answers, or a little later."""

    def __init__(self, stage: str, after: int, delay: float) -> None:
        self.process: BaseProcess | None = None
        self.may_begin = threading.Event()
        self._stage, self._after, self._delay = stage, after, delay
        self._timer: threading.Timer | None = None

    def before(self, delivered: list[object], stage: str, address: str) -> None:
        self.may_begin.wait(60)
        if len(delivered) < self._after:
            return
        if self._stage == "any time":
            # Once; the server goes on meanwhile.
            if self._timer is None:
                self._timer = threading.Timer(self._delay, self._kill)
                self._timer.start()
        elif stage == self._stage:
            self._kill()

    def _kill(self) -> None:
        assert self.process is not None
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        # Whatever the server answers now, nobody hears. Only the main thread may ask the process for its end:
        # the fork server tells it once.
        while _runs(self.process.pid):
            time.sleep(0.001)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"
