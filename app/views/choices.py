"""What several pages let people choose."""

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
