"""A line to the mail server: encrypted and signed in, or none; what it says of a message, in one sentence."""

import os
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dunning.action import clean
from dunning.errors import SendingError
from home.settings_smtp import SECURITIES, Smtp

TIMEOUT_SECONDS: Final = 60.0
"""RFC 5321 has a server take minutes over a message; none that is well does."""

CLOSING: Final = 421
"""The server ends the line: RFC 5321, 3.8."""


class LineLostError(Exception):
    """The line to the server broke; the message is one clause."""


class ClosingError(LineLostError):
    """The line ended before the server was given anything of the message."""


@dataclass(frozen=True)
class Reply:
    """What the server says of a message."""

    code: int
    text: str
    is_taken: bool
    is_about_sender: bool = False
    """Whether it refused who writes, and so will refuse every other message."""
    is_about_copy: bool = False
    """Whether it refused the address that gets a copy of each message."""

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()

    @property
    def sentence(self) -> str:
        """What a refusal means."""
        lasts = "for now; it is sent again by the next encours dun --send" if 400 <= self.code < 500 else ""
        lasts = lasts or "for good; correct the address, or ask the server's postmaster"
        return f"the server refused it ({self}) {lasts}"


class Line:
    """A connection to the mail server of the settings. To be closed.

    Raises SendingError when the server cannot be reached, the line cannot be encrypted, the certificate is not right,
    or the user is refused.
    """

    def __init__(self, settings: Smtp) -> None:
        self._settings = settings
        self._server = self._connected(_password(settings))

    def close(self) -> None:
        """End the line."""
        try:
            self._server.quit()
        except (OSError, smtplib.SMTPException):
            self._server.close()

    def deliver(
        self,
        sender: str,
        recipient: str,
        copies: Sequence[str],
        content: bytes,
        *,
        before_data: Callable[[], None],
    ) -> Reply:
        """Give a message to the server, for its recipient and whoever gets a copy. ``before_data`` is
        called when only the message itself is still to follow.

        Raises ClosingError when the server ended the line before that, and LineLostError when it broke after: then
        nobody knows whether the message goes out.
        """
        try:
            refusal = self._envelope(sender, recipient, copies)
        except (OSError, smtplib.SMTPException) as error:
            raise ClosingError(_clause(error)) from None
        if refusal:
            if refusal.code == CLOSING:
                raise ClosingError(str(refusal))
            self._reset()
            return refusal
        before_data()
        try:
            code, text = self._server.data(content)
        except smtplib.SMTPDataError as error:
            return _reply(error.smtp_code, error.smtp_error, is_taken=False)
        except (OSError, smtplib.SMTPException) as error:
            raise LineLostError(_clause(error)) from None
        return _reply(code, text, is_taken=code // 100 == 2)

    def _envelope(self, sender: str, recipient: str, copies: Sequence[str]) -> Reply | None:
        code, text = self._server.mail(sender)
        if code // 100 != 2:
            return _reply(code, text, is_taken=False, is_about_sender=True)
        for place, one in enumerate((recipient, *copies)):
            code, text = self._server.rcpt(one)
            if code // 100 != 2:
                return _reply(code, text, is_taken=False, is_about_copy=place > 0)
        return None

    def _reset(self) -> None:
        try:
            self._server.rset()
        except (OSError, smtplib.SMTPException):
            # The next message finds the line closed, and says so.
            self._server.close()

    def _connected(self, password: str) -> smtplib.SMTP:
        settings, place = self._settings, self._settings.place
        port = settings.port or SECURITIES[settings.security]
        context = ssl.create_default_context()
        server: smtplib.SMTP | None = None
        try:
            if settings.security == "tls":
                server = smtplib.SMTP_SSL(settings.host, port, timeout=TIMEOUT_SECONDS, context=context)
            else:
                server = smtplib.SMTP(settings.host, port, timeout=TIMEOUT_SECONDS)
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.user:
                server.login(settings.user, password)
            server.ehlo_or_helo_if_needed()
        except BaseException as error:
            if server:
                server.close()
            if isinstance(error, OSError | smtplib.SMTPException):
                raise SendingError(_why_no_line(error, settings, place)) from error
            raise
        return server


def _password(settings: Smtp) -> str:
    if not settings.user:
        return ""
    password = os.environ.get(settings.password_variable)
    if not password:
        raise SendingError(
            f"{settings.place}: {settings.password_variable} is not set; put the password of {settings.user} into that "
            "environment variable."
        )
    return password


def _why_no_line(error: Exception, settings: Smtp, place: str) -> str:
    told = _clause(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"{place}: the server's certificate is not right ({clean(error.verify_message)}); name the server as its "
            "certificate does, or let SSL_CERT_FILE name the authority that has signed it."
        )
    if isinstance(error, ssl.SSLError):
        return (
            f"{place}: the line cannot be encrypted ({told}); security tls is for port 465, starttls for 587."
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        wanted = "STARTTLS" if settings.security == "starttls" and "STARTTLS" in told else "sign-in"
        return f"{place}: the server offers no {wanted} here ({told}); set port and security as your provider says."
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return (
            f"{place}: the server refused the user {settings.user} or the password ({told}); correct "
            f"dunning.smtp.user, or what {settings.password_variable} holds."
        )
    if isinstance(error, socket.gaierror):
        return f"{place}: nobody knows this server ({told}); correct dunning.smtp.host."
    return (
        f"{place}: the mail server does not answer ({told}); correct host, port and security, or try later."
    )


def _reply(
    code: int,
    text: bytes | str,
    *,
    is_taken: bool,
    is_about_sender: bool = False,
    is_about_copy: bool = False,
) -> Reply:
    told = text.decode(errors="replace") if isinstance(text, bytes) else text
    return Reply(code, clean(told), is_taken, is_about_sender, is_about_copy)


def _clause(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return str(_reply(error.smtp_code, error.smtp_error, is_taken=False))
    return clean(str(error)).rstrip(".") or type(error).__name__
