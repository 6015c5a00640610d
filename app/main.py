"""What a run of the script draws: sign-in, navigation, the page that is asked for."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from app.cached import overview_of
from app.deciding import OUTCOME, perform
from app.markup import for_markdown
from app.roles import Role
from app.session import Session, begin
from app.views import (
    aged_balance,
    bank_statement,
    cash_plan,
    customer,
    decisions,
    exceptions,
    forecast,
    indicators,
    overview,
    worklist,
)
from decisions.store import StoreError
from documents import formats
from documents.texts import LANGUAGES
from home.settings_file import SettingsError
from orchestration.errors import NothingPublishedError

PAGES: Final[tuple[tuple[str, Callable[[Session], None], str], ...]] = (
    ("overview", overview.show, ":material/dashboard:"),
    ("worklist", worklist.show, ":material/checklist:"),
    ("exceptions", exceptions.show, ":material/rule:"),
    ("aged", aged_balance.show, ":material/hourglass_bottom:"),
    ("customer", customer.show, ":material/person:"),
    ("indicators", indicators.show, ":material/monitoring:"),
    ("forecast", forecast.show, ":material/trending_up:"),
    ("cash", cash_plan.show, ":material/savings:"),
    ("bank", bank_statement.show, ":material/account_balance:"),
    ("journal", decisions.show, ":material/history_edu:"),
)
"""Name, which is its address, what draws it, and its icon; the first is shown first."""


SIDEBAR_WIDTH: Final = 250
"""Pixels: the names of the pages, and no more, so that the tables have the rest."""


def main() -> None:
    """Draw the page that is asked for."""
    st.set_page_config(
        page_title="Encours",
        page_icon=":material/account_balance_wallet:",
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    st.html(Path(__file__).with_name("style.css"))
    try:
        _show()
    except (SettingsError, StoreError, NothingPublishedError) as error:
        st.error(for_markdown(str(error)), icon=":material/error:")


def _show() -> None:
    session = begin()
    pages = {
        name: st.Page(
            partial(show, session),
            title=session.t(f"{name}.title"),
            icon=icon,
            url_path=name,
            default=name == "overview",
        )
        for name, show, icon in PAGES
    }
    st.session_state["pages"] = pages
    chosen = st.navigation(list(pages.values()))
    if st.session_state.setdefault("page", chosen.url_path) != chosen.url_path:
        st.session_state["page"] = chosen.url_path
        st.session_state.pop(OUTCOME, None)
    perform(session)
    _sidebar(session)
    chosen.run()


def _sidebar(session: Session) -> None:
    t = session.t
    run = overview_of(session.home).run
    with st.sidebar:
        st.segmented_control(
            t("language.label"),
            LANGUAGES,
            default=t.language,
            required=True,
            format_func=lambda code: t(f"language.{code}"),
            key="language",
            label_visibility="collapsed",
        )
        st.caption(t("overview.as_of_short", day=formats.day(run["as_of_date"], t.language)))
        role = t(f"role.{session.actor.role.name.lower()}")
        st.caption(for_markdown(f"{session.actor.name} · {role}"))
        if session.actor.role < Role.REVIEWER:
            st.caption(t("exceptions.read_only"))
        if session.settings.app.mode == "oidc":
            st.button(t("start.sign_out"), on_click=st.logout, icon=":material/logout:")
