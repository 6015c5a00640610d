"""The bank reconciliation statement (*état de rapprochement*) of an account at a month-end."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

import streamlit as st

from app import cached, markup
from app.exports import Field, Kind, Sheet, as_csv, as_xlsx
from app.session import Session
from app.views.aged_balance import XLSX
from documents import formats
from documents.texts import Language
from orchestration.listing import Listing

DETAILS: Final[Mapping[str, str]] = {
    "counterparty_name": "counterparty",
    "reference": "reference",
    "cleared_on": "cleared_on",
}
"""What is shown where a side has it, under which heading."""

SHOWN: Final = 500
"""Items of a category that the page lists; the files have all."""

KINDS: Final[Mapping[str, Kind]] = {"object_date": "date", "cleared_on": "date", "amount": "amount"}
FILED: Final = (
    "side",
    "category",
    "object_date",
    "label",
    "counterparty_name",
    "reference",
    "amount",
    "cleared_on",
    "currency_code",
)


def show(session: Session) -> None:
    """Draw the page."""
    t = session.t
    st.title(t("bank.title"))
    accounts = cached.statement_accounts(session.home)
    if not accounts:
        st.info(t("bank.none"))
        return
    first, second, _ = st.columns([2, 1, 1])
    with first:
        account = st.selectbox(
            t("column.account"),
            accounts,
            format_func=lambda one: " · ".join(
                part for part in (one.company_name, one.ledger_account, formats.iban(one.number)) if part
            ),
            key="bank_account",
        )
    with second:
        day = st.selectbox(
            t("bank.date"),
            account.days,
            format_func=lambda one: formats.day(one, t.language),
            key=f"bank_day_{account.bank_account_id}",
        )
    listing = cached.statement(session.home, account.bank_account_id, day, t.language)
    rows: list[dict[str, Any]] = [
        dict(zip([column.name for column in listing.columns], row, strict=True)) for row in listing.rows
    ]
    *_, difference = rows
    money = formats.amount(difference["amount"], account.currency_code, t.language)
    if difference["amount"] == 0:
        st.success(t("bank.agrees", amount=money), icon=":material/check_circle:")
    else:
        st.error(t("bank.differs", amount=money), icon=":material/error:")
    if listing.remark:
        st.warning(formats.localised(listing.remark, t.language), icon=":material/schedule:")
    _sides(session, rows[:-1], account.currency_code)
    _exports(session, listing, rows, f"{t('bank.file')}-{account.ledger_account or account.number}", day)


def _sides(session: Session, rows: list[dict[str, Any]], currency: str) -> None:
    """Either side from its balance over what it lacks to its adjusted balance."""
    t = session.t
    for side, group in groupby(rows, key=lambda row: row["side"]):
        balance, *items, adjusted = list(group)
        shown = [key for key in DETAILS if any(row[key] for row in items)]
        headings: list[tuple[str, markup.Align]] = [
            (t("column.date"), "left"),
            (t("column.text"), "left"),
            *((t(f"column.{DETAILS[key]}"), "left") for key in shown),
            (t("column.amount"), "right"),
        ]
        st.subheader(t(f"bank.side_{side}"))
        lines = [_total(session, t(f"bank.balance_{side}"), balance, currency, len(shown))]
        for category, some in groupby(items, key=lambda row: row["category"]):
            listed = list(some)
            total = sum((row["amount"] for row in listed), Decimal("0.00"))
            name = t.counted("bank.section", len(listed), name=t(f"bank.{category}"))
            lines.append(markup.Row((name, formats.amount(total, currency, t.language)), "section"))
            lines += [
                markup.Row(
                    (
                        markup.Cell(formats.day(row["object_date"], t.language), "nowrap"),
                        row["label"] or "",
                        *(markup.Cell(_detail(row[key], t.language), "nowrap quiet") for key in shown),
                        formats.amount(row["amount"], currency, t.language),
                    )
                )
                for row in listed[:SHOWN]
            ]
            if len(listed) > SHOWN:
                lines.append(
                    markup.Row(
                        ("", t("bank.more", count=t.number(len(listed) - SHOWN)), *[""] * len(shown), "")
                    )
                )
        lines.append(_total(session, t(f"bank.adjusted_{side}"), adjusted, currency, len(shown)))
        st.html(markup.table(headings, lines))


def _detail(value: str | date | None, language: Language) -> str:
    return formats.day(value, language) if isinstance(value, date) else value or ""


def _total(session: Session, label: str, row: Mapping[str, Any], currency: str, details: int) -> markup.Row:
    language = session.t.language
    day = markup.Cell(formats.day(row["object_date"], language), "nowrap")
    return markup.Row(
        (day, label, *[""] * details, formats.amount(row["amount"], currency, language)), "total"
    )


def _exports(session: Session, listing: Listing, rows: list[dict[str, Any]], name: str, day: date) -> None:
    t = session.t
    columns = {column.name: column for column in listing.columns}

    def sheet() -> Sheet:
        told = [{key: columns[key].words.get(str(row[key]), row[key]) for key in FILED} for row in rows]
        fields = [
            Field(key, columns[key].label or t("column.currency"), KINDS.get(key, "text")) for key in FILED
        ]
        return Sheet(t("bank.sheet"), fields, told)

    st.space("small")
    with st.container(horizontal=True):
        st.download_button(
            t("export.xlsx"),
            lambda: as_xlsx([sheet()]),
            file_name=f"{name}-{day.isoformat()}.xlsx",
            mime=XLSX,
            icon=":material/table_view:",
            on_click="ignore",
            key="bank_xlsx",
        )
        st.download_button(
            t("export.csv"),
            lambda: as_csv(sheet()),
            file_name=f"{name}-{day.isoformat()}.csv",
            mime="text/csv",
            icon=":material/csv:",
            on_click="ignore",
            key="bank_csv",
        )
