"""A reminder as an e-mail: plain text, simple HTML, and the statement of account as PDF."""

import re
import secrets
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from documents import statement_pdf
from dunning.account import statement
from dunning.action import Action, clean
from dunning.demand import FIGURES, Demand
from dunning.errors import AddressError
from dunning.letters import Letter
from dunning.texts import texts

TEXT_WIDTH: Final = 76
POLICY: Final = SMTP.clone(cte_type="7bit")
"""Seven bits: some servers on the way know no others."""

ADDRESS: Final = re.compile(r"([\w.!#$%&'*+/=?^`{|}~-]+)@([\w-]+(?:\.[\w-]+)+)")


@dataclass(frozen=True)
class Sender:
    """Who writes: the address, the name beside it (that of the company when empty), where answers go."""

    address: str
    name: str = ""
    reply_to: str = ""

    @classmethod
    def of(cls, sender: str, reply_to: str = "") -> "Sender":
        """From ``Accounts <accounts@acme.example>``, or an address alone."""
        name, address = parseaddr(sender)
        return cls(address, name, reply_to)


def recipient(action: Action) -> str:
    """The one address that an action goes to, in ASCII. Raises AddressError."""
    found = ADDRESS.fullmatch((action.email or "").strip())
    try:
        if found:
            return f"{found[1].encode('ascii').decode()}@{found[2].encode('idna').decode()}"
    except UnicodeError:
        pass
    raise AddressError(
        f"{clean(action.customer_name)} ({clean(action.customer_code)}): {clean(action.email)!r} is not one e-mail "
        "address; correct it in third_parties.csv and refresh."
    )


def compose(action: Action, letter: Letter, sender: Sender) -> EmailMessage:
    """The e-mail, as yet without date and Message-ID. Raises AddressError."""
    message = EmailMessage(policy=POLICY)
    name = clean(action.customer_name)
    message["Subject"] = letter.subject
    message["From"] = Address(clean(sender.name) or clean(action.company_name), addr_spec=sender.address)
    message["To"] = Address(name, addr_spec=recipient(action))
    if sender.reply_to:
        answered, address = parseaddr(sender.reply_to)
        message["Reply-To"] = Address(answered, addr_spec=address)
    message.set_content(as_text(letter))
    message.add_alternative(as_html(letter, action.language), subtype="html")
    file = texts(action.language)("file.statement")
    message.add_attachment(
        statement_pdf.as_pdf(statement(action)),
        maintype="application",
        subtype="pdf",
        filename=f"{file}-{action.as_of_date.isoformat()}.pdf",
    )
    return message


def dated(message: EmailMessage, sent_at: datetime, action_id: str) -> str:
    """Give a message its date and a Message-ID that no other has, which is returned."""
    domain = message["From"].addresses[0].domain
    message_id = f"<{re.sub(r'[^A-Za-z0-9]', '', action_id)}.{secrets.token_hex(8)}@{domain}>"
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = message_id
    return message_id


def as_text(letter: Letter) -> str:
    """The letter as plain text."""
    parts = [*map(_wrapped, letter.before), "\n".join(_table(letter.demand)), *map(_wrapped, letter.after)]
    return "\n\n".join(parts) + "\n"


def as_html(letter: Letter, language: str) -> str:
    """The letter as a page of HTML, in which every text is escaped."""
    return _frame().render(letter=letter, language=language, figures=FIGURES, br=Markup("<br>"))


def _wrapped(paragraph: str) -> str:
    lines = (textwrap.fill(line, TEXT_WIDTH, break_on_hyphens=False) for line in paragraph.splitlines())
    return "\n".join(lines)


def _table(told: Demand) -> Iterator[str]:
    """Columns side by side; below them the sums, each under the last one."""
    rows = [told.headings, *told.rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(told.headings))]
    widths[-1] = max(widths[-1], *(len(amount) for _, amount in told.sums))
    for row in rows:
        cells = [
            cell.rjust(width) if place in FIGURES else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells)
    before = sum(widths[:-1]) + 2 * (len(widths) - 2)
    for name, amount in told.sums:
        if len(name) > before:
            yield name
            name = ""
        yield f"{name.ljust(before)}  {amount.rjust(widths[-1])}"


@cache
def _frame() -> Template:
    environment = Environment(
        loader=PackageLoader("dunning", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("frame.html")
