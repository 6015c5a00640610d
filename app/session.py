"""What a run of the page script begins with: who is at work, in which language, on which figures."""

import os
import pwd
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import ip_address
from typing import cast
from zoneinfo import ZoneInfo

import streamlit as st

from app.figures.marts import PinnedHome, pinned
from app.markup import for_markdown
from app.roles import Actor, Role, role_of
from app.texts import texts
from decisions.store import Store, open_store
from documents import formats
from documents.texts import LANGUAGES, Language, Texts
from home.layout import Home
from home.settings import Settings
from home.settings_file import load


@dataclass(frozen=True)
class Session:
    """One reader of the pages, at one run of the script."""

    home: PinnedHome
    settings: Settings
    t: Texts
    actor: Actor

    @property
    def language(self) -> Language:
        """The language of the page."""
        return self.t.language

    def moment(self, value: datetime) -> str:
        """A moment as the page writes it, in the home's time zone."""
        return formats.moment(value, self.settings.time_zone, self.language)

    def today(self) -> date:
        """What day it is in the home's time zone."""
        return datetime.now(ZoneInfo(self.settings.time_zone)).date()

    @property
    def may_decide(self) -> bool:
        """Whether the page offers decisions at all; what counts is ``app.writes``."""
        return self.actor.role >= Role.REVIEWER

    @property
    def store(self) -> Store:
        """The store of decisions, shared by all sessions."""
        return _store(str(self.home.root), self.settings)


def begin() -> Session:
    """The session, once somebody is there who may read; else what to do is told, and the script stops."""
    home = Home.at(os.environ["ENCOURS_HOME"])
    settings = load(home)
    t = texts(_language(settings))
    actor = _local_actor(t) if settings.app.mode == "local" else _signed_in(settings, t)
    release = pinned(home)
    if release is None:
        st.title("Encours")
        st.info(t("start.nothing_published", home=for_markdown(str(home.root))))
        st.stop()
    if st.session_state.setdefault("run_id", release.run_id) != release.run_id:
        st.session_state["run_id"] = release.run_id
        st.toast(t("start.new_figures"), icon=":material/update:")
    return Session(release, settings, t, actor)


def _language(settings: Settings) -> Language:
    """The one that was chosen, else the browser's, else the settings'."""
    chosen = st.session_state.get("language")
    if chosen in LANGUAGES:
        return cast(Language, chosen)
    asked = (st.context.locale or "").partition("-")[0].lower()
    return cast(Language, asked) if asked in LANGUAGES else settings.app.language


def _local_actor(t: Texts) -> Actor:
    """The person at this machine. Refused where the server listens to others: nobody has signed in."""
    if not is_loopback(st.get_option("server.address")):
        st.error(t("start.not_loopback"))
        st.stop()
    return Actor(_user_name(os.getuid()), Role.ADMIN)


def _user_name(number: int) -> str:
    """Not from the environment, where anybody may be named; a user whom the machine has no name for is its number."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def is_loopback(address: str | None) -> bool:
    """Whether a server that listens there is reached from its own machine only."""
    if address == "localhost":
        return True
    try:
        return address is not None and ip_address(address).is_loopback
    except ValueError:
        return False


def _signed_in(settings: Settings, t: Texts) -> Actor:
    """Whoever the identity provider vouches for, if the settings name them."""
    if "is_logged_in" not in st.user:
        st.error(t("start.no_provider"))
        st.stop()
    if not st.user["is_logged_in"]:
        st.title("Encours")
        st.write(t("start.sign_in_first"))
        st.button(t("start.sign_in"), type="primary", on_click=st.login)
        st.stop()
    email = str(st.user.get("email") or "")
    # Some providers write the claim as text; those that leave it out have nothing to say.
    is_verified = str(st.user.get("email_verified", True)).casefold() == "true"
    role = role_of(email, settings.app) if is_verified else None
    if role is None:
        st.title("Encours")
        st.warning(t("start.unknown_person", email=for_markdown(email or "?")))
        st.button(t("start.sign_out"), on_click=st.logout)
        st.stop()
    return Actor(email, role)


@st.cache_resource(hash_funcs={Settings: lambda settings: settings.model_dump_json(include={"decisions"})})
def _store(root: str, settings: Settings) -> Store:
    return open_store(Home.at(root), settings)
