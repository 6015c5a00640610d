"""What several pages let people choose."""

from collections.abc import Iterable

import streamlit as st

from app import cached
from app.session import Session


def company_choice(session: Session, *, key: str) -> str | None:
    """The company that is looked at; None for all of them. Nothing is asked where there is only one."""
    found = cached.companies(session.home)
    names = {row["company_id"]: row["name"] for row in found}
    if len(names) < 2:
        return None
    everyone = ""
    chosen: str = st.selectbox(
        session.t("column.company"),
        [everyone, *names],
        format_func=lambda company: names[company] if company else session.t("choice.all_companies"),
        key=key,
    )
    return chosen or None


def one_company(session: Session, *, key: str) -> str:
    """The company that is looked at, where the figures of several make none together."""
    names = {row["company_id"]: row["name"] for row in cached.companies(session.home)}
    if len(names) < 2:
        return next(iter(names), "")
    chosen: str = st.selectbox(
        session.t("column.company"), list(names), format_func=names.__getitem__, key=key
    )
    return chosen


def one_or_all(session: Session, label: str, values: Iterable[str | None], *, key: str) -> str | None:
    """One of some values; None for all of them."""
    known = sorted({value for value in values if value})
    everything = ""
    chosen: str = st.selectbox(
        label, [everything, *known], format_func=lambda one: one or session.t("choice.all"), key=key
    )
    return chosen or None
