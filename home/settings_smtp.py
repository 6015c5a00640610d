"""How reminders leave by e-mail: the table ``[dunning.smtp]`` of ``encours.toml``. A password never stands there."""

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from home.section import Section

SECURITIES: Final = {"starttls": 587, "tls": 465, "none": 25}
"""Security → the port that servers listen on for it."""


def _address(value: str) -> str:
    name, address = parseaddr(value)
    try:
        # Mail servers take letters without accents; those of a name beside the address are encoded.
        is_address = not value or bool(
            value.isprintable() and address.isascii() and Address(name, addr_spec=address).domain
        )
    except (ValueError, IndexError, HeaderParseError):
        is_address = False
    if not is_address:
        raise ValueError(
            "write an address, such as Accounts <accounts@acme.example>; a domain with accents as xn--…"
        )
    return value


MailAddress = Annotated[str, AfterValidator(_address)]


class Smtp(Section):
    """The mail server by which encours dun --send sends; nothing can be sent without its host and sender."""

    host: str = Field("", description="Name of the mail server.")
    port: int = Field(0, ge=0, le=65535, description="Port; 0: 587 for starttls, 465 for tls, 25 for none.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="starttls or tls: nothing is sent unless the line is encrypted and the certificate is right; none: "
        "in the clear, and without user.",
    )
    sender: MailAddress = Field(
        "",
        description="Who writes, such as Accounts <accounts@acme.example>; the company's name stands beside an address "
        "without one.",
    )
    reply_to: MailAddress = Field("", description="Where answers go; to the sender when empty.")
    copy_to: MailAddress = Field("", description="Who gets a blind copy of each message, such as an archive.")
    user: str = Field("", description="Who signs in; nobody does when empty.")
    password_variable: str = Field(
        "ENCOURS_SMTP_PASSWORD",
        pattern="^[A-Za-z_][A-Za-z0-9_]*$",
        description="Environment variable that holds the password of user.",
    )
    messages_per_minute: int = Field(
        30,
        ge=1,
        le=60_000,
        description="As fast as this, at most; servers refuse who is faster than they like.",
    )

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.security == "none" and self.user:
            raise ValueError(
                "a password does not travel in the clear; choose security starttls or tls, or no user"
            )
        if bool(self.host) != bool(self.sender):
            raise ValueError("sending needs both host and sender; write the other one too")
        return self

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port or SECURITIES[self.security]}"
