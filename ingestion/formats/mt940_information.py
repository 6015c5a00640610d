"""The field :86: of MT940 and MT942, information to the account owner, in the structures that banks give it.

Here: what the text says of its entry. Not here: the entry itself.

- German: a Geschäftsvorfallcode of three digits and sub-fields ``?00`` to ``?63`` (Deutsche Kreditwirtschaft,
  DFÜ-Abkommen, Anlage 3, chapter 8), ``?20`` to ``?29`` and ``?60`` to ``?63`` with the SEPA keywords ``EREF+``,
  ``SVWZ+``…; Polish banks use the same with another mark than ``?``.
- SWIFT: words between slashes, as Dutch banks use them: ``/TRTP/`` ``/NAME/`` ``/REMI/`` ``/CNTP/``…
- Zürcher Kantonalbank: ``?ZKB:`` and a code before the text.
- Everything else is text.
"""

import re
from typing import Final, NamedTuple

LINE: Final = 65
"""A longer text of :86: goes on in the next line, in the middle of a word."""

SUBFIELD: Final = 27
"""A longer text of ``?20`` to ``?29`` or ``?32`` goes on in the next sub-field, in the middle of a word."""

PURPOSE: Final = frozenset(f"{number}" for number in range(20, 30))
MORE_PURPOSE: Final = frozenset(f"{number}" for number in range(60, 66))
"""These go on where ``?29`` ended, if there is one."""

SUBFIELDS: Final = (
    PURPOSE | MORE_PURPOSE | {"00", "10", "30", "31", "32", "33", "34", "35", "36", "38", "70", "71"}
)

IN_ORDER: Final = re.compile(
    r"([0-9]{3})(?:\?00([^?]*+))?(?:\?10[^?]*+)?((?:\?2[0-9][^?]*+)*+)(?:\?30([^?]*+))?(?:\?31([^?]*+))?"
    r"(?:\?32([^?]*+))?(?:\?33([^?]*+))?(?:\?34([^?]*+))?((?:\?6[0-5][^?]*+)*+)"
)
"""The sub-fields as nearly all banks write them; taken apart by pattern, which halves the time."""

KEYWORDS: Final = frozenset(
    {
        "EREF",
        "KREF",
        "MREF",
        "CRED",
        "DEBT",
        "SVWZ",
        "ABWA",
        "ABWE",
        "IBAN",
        "COAM",
        "OAMT",
        "PURP",
        "BREF",
        "RREF",
        "SQTP",
        "MDAT",
        "DDAT",
        "ORCR",
        "ORMR",
    }
)
NAMES: Final = frozenset({"ABWA", "ABWE"})
COLON_KEYWORD: Final = re.compile(r"(?<![A-Z])(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN): ?")

RETURN_CODES: Final = frozenset(
    {"009", "059", "108", "109", "110", "111", "159", "160", "181", "182", "183", "184", "193", "199"}
)
"""Geschäftsvorfallcodes of payments that come back."""

SLASHED: Final = re.compile(
    r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|PREF|MARF|CSID|BENM|ORDP|CNTP|RTRN|ULTD|ULTC|ULTB|INIT|PURP|CD|ISDT|SVCL|ADDR"
    r"|ACCW|IREF|CREF|TRCD)/"
)
PARTIES: Final = frozenset({"BENM", "ORDP"})
SHORTEST_ACCOUNT: Final = 8
"""A first line of a party that is shorter is no account."""
ULTIMATE_PARTIES: Final = frozenset({"ULTD", "ULTC", "ULTB"})

ZKB: Final = re.compile(r"\?ZKB:([0-9]+)\s*(.*?)\s*(?:\?ZI:\S*)?", re.DOTALL)


class Information(NamedTuple):
    """What :86: tells. ``code`` is that of a known list (``GVC-166``), ``proprietary_code`` the bank's own."""

    text: str = ""
    code: str | None = None
    proprietary_code: str = ""
    end_to_end_id: str = ""
    customer_reference: str = ""
    mandate_id: str = ""
    structured_reference: str = ""
    name: str = ""
    account: str = ""
    originator: str = ""
    recipient: str = ""
    return_reason: str = ""


NOTHING: Final = Information()


def read_information(value: str) -> Information:
    """What a field :86: says, without the mark of its message's end."""
    if value[:3].isdigit() and value[4:6].isdigit() and not value[3].isalnum() and value[3] != " ":
        return _german(value.replace("\n", ""))
    text = unfolded(value)
    if text.startswith("/"):
        parts = SLASHED.split(text)
        if len(parts) > 1:
            return _slashed(parts)
    elif match := ZKB.fullmatch(text):
        return Information(text=match[2], proprietary_code=f"ZKB-{match[1]}")
    return Information(text=text)


def unfolded(value: str) -> str:
    """A text of several lines in one; a full line goes on in the next without a blank."""
    if "\n" in value:
        value = "".join([line if len(line) >= LINE else f"{line} " for line in value.split("\n")])
    return " ".join(value.split())


def _german(value: str) -> Information:
    if match := IN_ORDER.fullmatch(value):
        code, posting, purpose, bank, account, name, more, reason, rest = match.groups("")
        first = [part[2:] for part in purpose.split("?")[1:]]
        second = [part[2:] for part in rest.split("?")[1:]] if rest else []
        own_iban, goes_on = "", "?29" in purpose
    else:
        fields = _subfields(value[4:], value[3])
        said = fields.get
        code, posting, bank, account = value[:3], said("00", ""), said("30", ""), said("31", "")
        name, more, reason, own_iban = said("32", ""), said("33", ""), said("34", ""), said("38", "")
        first = [content for key, content in fields.items() if key in PURPOSE]
        second = [content for key, content in fields.items() if key in MORE_PURPOSE]
        goes_on = "29" in fields
    purpose = "".join([one if len(one) >= SUBFIELD else f"{one}\n" for one in first])
    if second:
        purpose += "" if goes_on else "\n"
        purpose += "".join([one if len(one) >= SUBFIELD else f"{one}\n" for one in second])
    text, references = _purpose(purpose)
    told = references.get
    if more:
        name = f"{name}{more}" if len(name) >= SUBFIELD else f"{name} {more}"
    if bank.isdigit() and account.isdigit():
        account = f"{bank}/{account}"
    return Information(
        text,
        f"GVC-{code}",
        posting.strip(),
        told("EREF", ""),
        told("KREF", ""),
        told("MREF", ""),
        "",
        " ".join(name.split()),
        own_iban or told("IBAN", "").removesuffix("BIC") or account,
        told("ABWA", ""),
        told("ABWE", ""),
        f"{reason} {text}".strip() if code in RETURN_CODES else "",
    )


def _subfields(value: str, mark: str) -> dict[str, str]:
    """Sub-fields in any order and with any mark; where the number is of none, the mark was part of a text."""
    fields: dict[str, str] = {}
    last = ""
    for part in value.split(mark):
        key = part[:2]
        if key in SUBFIELDS:
            fields[key] = f"{fields[key]} {part[2:]}" if key in fields else part[2:]
            last = key
        elif last and part:
            fields[last] += mark + part
    return fields


def _purpose(purpose: str) -> tuple[str, dict[str, str]]:
    """Text and references by their keyword; full sub-fields of the purpose are joined, others end in a line break.

    A reference ends where its sub-field is not full: what follows is text.
    """
    if "+" not in purpose:
        if "REF:" not in purpose and "SVWZ:" not in purpose:
            return " ".join(purpose.split()), {}
        purpose = COLON_KEYWORD.sub(r"\1+", purpose)
    found = {"": "", "SVWZ": ""}
    key = said = ""
    *heads, tail = purpose.split("+")
    for head in heads:
        if head[-4:] in KEYWORDS:
            found[key] = said + head[:-4]
            key = head[-4:]
            said = found.get(key, "")
        else:
            said += f"{head}+"
    found[key] = said + tail
    text = f"{found.pop('')} {found.pop('SVWZ')}"
    for key, value in found.items():
        reference = value.strip()
        if "\n" in reference:
            reference, _, rest = reference.partition("\n")
            if key in NAMES:
                reference = f"{reference} {rest}"
            else:
                text += f" {rest}"
        found[key] = reference
    return " ".join(text.split()), found


def _slashed(parts: list[str]) -> Information:
    """From the text before the first word, then words and what follows each."""
    found: dict[str, str] = {}
    party = ""
    for word, rest in zip(parts[1::2], parts[2::2], strict=True):
        content = rest.strip("/ ")
        if word in PARTIES or word in ULTIMATE_PARTIES or word == "INIT":
            party = word
        if word == "NAME" and party in ULTIMATE_PARTIES:
            found.setdefault("ultimate", content)
        elif word == "NAME" and party == "INIT":
            continue
        elif content:
            found.setdefault(word, content)
    account, name = found.get("IBAN", ""), found.get("NAME", "")
    if other := found.get("CNTP"):
        account, _, name, *_ = [*other.split("/"), "", "", ""]
    text, structured = found.get("REMI", ""), ""
    if not name and (other_party := found.get("BENM") or found.get("ORDP")):
        account, name, more = _party(account, other_party)
        text = f"{text} {more}".strip()
    if text.startswith("STRD/"):
        structured = text.rpartition("/")[2]
        text = structured
    text = text.removeprefix("USTD//")
    return Information(
        text=" ".join(part for part in (parts[0].strip(), text.strip()) if part),
        proprietary_code=found.get("TRTP", "") or found.get("TRCD", ""),
        end_to_end_id=found.get("EREF", ""),
        customer_reference=found.get("PREF", ""),
        mandate_id=found.get("MARF", ""),
        structured_reference=structured,
        name=name.strip(),
        account=account,
        originator=found.get("ultimate", ""),
        return_reason=found.get("RTRN", ""),
    )


def _party(account: str, party: str) -> tuple[str, str, str]:
    """Account, name and what is left of a party in lines: its account where it has one, its name, and details."""
    first, *lines = [line for line in re.split(r"\s*/+", party) if line]
    if lines and len(first) >= SHORTEST_ACCOUNT and first.isalnum() and any(map(str.isdigit, first)):
        account, first, *lines = account or first, *lines
    return account, first, " ".join(lines)
