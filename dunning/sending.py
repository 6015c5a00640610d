"""Sending reminders, each at most once, whatever happens.

Before the server is given a message, the log has it on disk; what the server says of it follows. Killed in between,
the message is unknown, and stays so until a person says what became of it: ``dunning.log``.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final, Literal
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout

from dunning.action import Action
from dunning.errors import AddressError, AlreadyToldError, SendingError
from dunning.log import Log, Message, Result
from dunning.message import dated, recipient
from dunning.smtp import ClosingError, Line, LineLostError, Reply
from home.layout import Home
from home.settings import Settings

Outcome = Literal["sent", "failed", "unknown", "already"]
Compose = Callable[[Action], EmailMessage]

LINES: Final = 2
"""Lines tried for a message that no server was given: servers end a line after so many messages, or minutes."""

LOSSES: Final = 2
"""Lines lost one after the other, each with a message on it, before nothing more is sent."""


@dataclass(frozen=True)
class Told:
    """What came of an action."""

    action: Action
    outcome: Outcome
    why: str = ""
    """A clause where it did not go out."""


@contextmanager
def one_sender_at_a_time(home: Home) -> Iterator[None]:
    """Hold the home's right to send for the length of the block. Raises SendingError when another process has it."""
    lock = FileLock(home.sending_lock, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise SendingError(f"{home.root}: another encours dun is sending; wait until it has ended.") from None
    try:
        yield
    finally:
        lock.release()


def send(
    home: Home, settings: Settings, actions: Iterable[Action], compose: Compose, *, marts_known_at: datetime
) -> Iterator[Told]:
    """Send actions in their order, and give back what came of each, as it is known.

    ``compose`` makes the message of an action, just before it leaves. ``marts_known_at`` is when the run that made the
    actions began: whoever was written to since is not written to again. Raises SendingError when the server cannot be
    used, or refuses who writes, and LogError; what was sent by then is in the log.
    """
    with one_sender_at_a_time(home), Log(home.dunning_log) as log:
        sending = _Sending(settings, log, compose, marts_known_at)
        try:
            for action in actions:
                yield sending.told(action)
        finally:
            sending.close()


class _Sending:
    """The messages of one ``send``, over as many lines as it takes."""

    def __init__(self, settings: Settings, log: Log, compose: Compose, marts_known_at: datetime) -> None:
        self._smtp = settings.dunning.smtp
        self._zone = ZoneInfo(settings.time_zone)
        self._sender = parseaddr(self._smtp.sender)[1]
        self._copy = parseaddr(self._smtp.copy_to)[1]
        self._log, self._compose, self._marts_known_at = log, compose, marts_known_at
        self._known = log.of_actions()
        self._line: Line | None = None
        self._losses = 0
        self._next_at = time.monotonic()

    def close(self) -> None:
        """End the line, if there is one."""
        if self._line:
            self._line.close()
        self._line = None

    def told(self, action: Action) -> Told:
        """Send the message of an action, unless it has one already."""
        entry = self._known.get(action.action_id)
        if entry and entry.outcome != "failed":
            return Told(action, "already", f"it is {entry.outcome} already, {entry.message_id}")
        try:
            composed, to = self._compose(action), recipient(action)
        except AddressError as error:
            return Told(action, "failed", str(error))
        now = datetime.now(UTC)
        message_id = dated(composed, now, action.action_id)
        content = bytes(composed)
        message = Message(
            message_id=message_id,
            action=action,
            recipient=to,
            subject=str(composed["Subject"]),
            sha256=hashlib.sha256(content).hexdigest(),
            intended_at=now,
            sent_on=now.astimezone(self._zone).date(),
        )
        self._wait()
        try:
            return self._outcome(message, content)
        except AlreadyToldError as error:
            self.close()
            return Told(action, "already", str(error))

    def _outcome(self, message: Message, content: bytes) -> Told:
        try:
            reply = self._delivered(message, content)
        except LineLostError as error:
            self.close()
            self._losses += 1
            why = f"the line broke while the server had it ({error})"
            if self._losses >= LOSSES:
                raise SendingError(
                    f"{self._smtp.place}: the line broke twice while the server had a message ({error}); nothing "
                    "more is sent: encours dun --unknown lists what may have gone out."
                ) from None
            return Told(message.action, "unknown", why)
        self._losses = 0
        if reply.is_taken:
            return Told(message.action, "sent")
        if reply.is_about_sender:
            raise SendingError(
                f"{self._smtp.place}: the server refuses {self._sender} as sender ({reply}); correct "
                "dunning.smtp.sender, or try later."
            )
        if reply.is_about_copy:
            raise SendingError(
                f"{self._smtp.place}: the server refuses {self._copy}, which gets a copy of each message ({reply}); "
                "correct dunning.smtp.copy_to, or try later."
            )
        return Told(message.action, "failed", reply.sentence)

    def _delivered(self, message: Message, content: bytes) -> Reply:
        """What the server says of the message, which the log then says too."""
        is_intended = False

        def intend() -> None:
            nonlocal is_intended
            self._log.intend(message, self._marts_known_at)
            is_intended = True

        copies = [self._copy] if self._copy else []
        for _ in range(LINES):
            self._line = self._line or Line(self._smtp)
            try:
                reply = self._line.deliver(
                    self._sender, message.recipient, copies, content, before_data=intend
                )
            except ClosingError as error:
                self.close()
                why = str(error)
                continue
            if is_intended:
                outcome: Result = "sent" if reply.is_taken else "failed"
                self._log.tell(message.message_id, outcome, by="server", reply=str(reply))
            else:
                self._log.intend(message, self._marts_known_at, refused=str(reply))
            return reply
        raise SendingError(
            f"{self._smtp.place}: the server ends the line before it is given a message ({why}); try later."
        )

    def _wait(self) -> None:
        """Let as much time pass between messages as the settings ask for."""
        time.sleep(max(0.0, self._next_at - time.monotonic()))
        self._next_at = time.monotonic() + 60 / self._smtp.messages_per_minute
