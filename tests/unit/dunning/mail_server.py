"""A real mail server on this machine, which does with a message what its recipient's address says."""

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER, PASSWORD = "compta", "right"
OK = "250 OK"


@dataclass
class MailServer:
    """What the server was given, in order: recipients with the bytes of the message."""

    port: int
    delivered: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    before: Callable[[str, str], str | None] = lambda stage, address: None
    """Called with mail, rcpt or data, and the address, before the server answers; what it gives back is the answer."""

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.before("mail", address):
            return answer
        if address.startswith("refused"):
            return "550 5.7.1 not you"
        if address.startswith("closing"):
            return "421 4.3.2 come again"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return OK

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.before("rcpt", address):
            return answer
        if address.startswith("later"):
            return "450 4.2.0 greylisted, try later"
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        if address.startswith("closing"):
            return "421 4.3.2 come again"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return OK

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        [first, *_] = envelope.rcpt_tos
        if first.startswith("full"):
            return "452 4.3.1 no room"
        if first.startswith("spam"):
            return "554 5.7.1 we do not like it"
        if first.startswith("lost"):
            server.transport.abort()  # type: ignore[union-attr]
            return OK
        assert isinstance(envelope.content, bytes)
        self.delivered.append((tuple(envelope.rcpt_tos), envelope.content))
        return self.before("data", first) or OK

    @property
    def recipients(self) -> list[str]:
        """First recipient of each message."""
        return [to[0] for to, _ in self.delivered]


@contextmanager
def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, sign_in: bool = False
) -> Iterator[MailServer]:
    """A server on a free port, in a thread."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    server = MailServer(port)
    options: dict[str, Any] = {"command_call_limit": {"*": 10_000}}
    if starttls:
        options |= {"tls_context": starttls, "require_starttls": True}
    if sign_in:
        options |= {"auth_required": True, "auth_require_tls": not tls, "authenticator": _signed_in}
    controller = Controller(server, hostname=HOST, port=port, ssl_context=tls, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _signed_in(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=is_right, handled=False)


def certificate(folder: Path, name: str = HOST) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate that it has signed itself, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names: x509.GeneralName = x509.DNSName(name)
    if name == HOST:
        names = x509.IPAddress(ipaddress.ip_address(name))
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "server.pem", folder / "server.key"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public
