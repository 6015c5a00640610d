"""What a camt statement says beside its entries: account, period, balances."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from ingestion.formats.camt_entries import ASK_AGAIN, bare, day_of, units_of
from ingestion.formats.statements import Balance, Heading
from ingestion.reading import FileRefusedError, UnreadableError


def read_heading(node: Any, kind: str, row: int) -> Heading:
    """The heading of a statement of that kind, which begins on line ``row``.

    Raises ``FileRefusedError`` when it names no account, or when a balance that it needs is no amount.
    """
    account = _account(node)
    if not account:
        raise FileRefusedError(f"its statement on line {row} names no account", ASK_AGAIN)
    currency = _text(node, "Acct/Ccy") or _text_attribute(node, "Bal/Amt", "Ccy")
    try:
        opening = _balance(node, ("OPBD", "PRCD"), currency)
        closing = _balance(node, ("CLBD",), currency)
    except UnreadableError as problem:
        raise FileRefusedError(
            f"a balance of its statement on line {row} cannot be read: {problem.reason}", problem.remedy
        ) from None
    return Heading(
        account_number=account,
        account_currency=currency,
        account_owner=_text(node, "Acct/Ownr/Nm") or _text(node, "Acct/Nm"),
        reference=_text(node, "Id"),
        sequence_number=_text(node, "ElctrncSeqNb") or _text(node, "LglSeqNb"),
        created_at=_moment(node),
        from_date=_period_end(node, "Fr"),
        to_date=_period_end(node, "To"),
        opening=opening,
        closing=closing,
        kind=kind,
    )


def _text(node: Any, path: str) -> str | None:
    found = node.findtext("/".join(f"{{*}}{step}" for step in path.split("/")))
    return " ".join(found.split()) or None if found else None


def _text_attribute(node: Any, path: str, name: str) -> str | None:
    found = node.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    return found.get(name) if found is not None else None


def _account(node: Any) -> str | None:
    for kind in ("IBAN", "Othr/Id", "PrtryAcct/Id", "BBAN", "UPIC"):
        if found := _text(node, f"Acct/Id/{kind}"):
            return bare(found) if kind == "IBAN" else found
    return None


def _period_end(node: Any, end: str) -> date | None:
    return _lenient_day(_text(node, f"FrToDt/{end}DtTm") or _text(node, f"FrToDt/{end}Dt"))


def _lenient_day(text: str | None) -> date | None:
    try:
        return day_of(text) if text else None
    except UnreadableError:
        return None


def _moment(node: Any) -> datetime | None:
    """When the statement was made, in UTC; a time without zone is taken for UTC."""
    text = _text(node, "CreDtTm")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _balance(node: Any, codes: Sequence[str], currency: str | None) -> Balance | None:
    """The first balance of the first code that has one, preferably in the account's currency.

    A balance that does not say whether it is credit or debit is credit.
    """
    balances = node.findall("{*}Bal")
    for code in codes:
        typed = [one for one in balances if (_text(one, "Tp/CdOrPrtry/Cd") or _text(one, "Tp/Cd")) == code]
        typed.sort(key=lambda one: _text_attribute(one, "Amt", "Ccy") != currency)
        for one in typed:
            units = units_of(_text(one, "Amt") or "")
            is_debit = _text(one, "CdtDbtInd") == "DBIT"
            day = _lenient_day(_text(one, "Dt/Dt") or _text(one, "Dt/DtTm"))
            return Balance(-units if is_debit else units, day)
    return None
