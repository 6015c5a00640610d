"""Sign-in by OpenID Connect with a provider of the test's own, and what a reader may not."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from app.deciding import ASKED, Asked
from app.figures.marts import pinned
from app.roles import Actor, Role
from app.writes import Wish
from decisions.decision import NewDecision
from decisions.store import open_store
from home.layout import Home
from home.settings_file import load
from orchestration.review_app import command
from tests.app import conftest
from tests.app.grid_cells import settled
from tests.app.oidc_provider import SECRETS, Provider, provider

PEOPLE = """
[app]
mode = "oidc"
port = {port}
readers = ["*@acme.example"]
reviewers = ["anne@acme.example"]
"""


@pytest.fixture(scope="module")
def identities() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture(scope="module")
def signed(
    published: Home, identities: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Home, str]]:
    """A home with sign-in, and where its application answers."""
    home = Home.at(tmp_path_factory.mktemp("signed") / "home")
    shutil.copytree(published.root, home.root, symlinks=True)
    port = conftest.free_port()
    with home.settings_file.open("a", encoding="utf-8") as settings:
        settings.write(PEOPLE.format(port=port))
    secrets = home.root / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text(
        SECRETS.format(app=f"http://127.0.0.1:{port}", provider=identities.url), encoding="utf-8"
    )
    with conftest.serving(home, port=port) as address:
        yield home, address


def sign_in(
    visit: Callable[..., Page], address: str, identities: Provider, email: str, **claims: object
) -> Page:
    identities.email, identities.claims = email, dict(claims)
    page = visit(address)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(f"{address}/**")
    return page


def test_nothing_is_shown_before_sign_in(visit: Callable[..., Page], signed: tuple[Home, str]) -> None:
    _, address = signed
    page = visit(f"{address}/exceptions")
    page.get_by_role("button", name="Se connecter").wait_for()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    expect(page.get_by_text("Encours clients")).to_have_count(0)


def test_a_reviewer_signs_in_and_may_decide(
    visit: Callable[..., Page], signed: tuple[Home, str], identities: Provider
) -> None:
    home, address = signed
    page = sign_in(visit, address, identities, "Anne@acme.example")
    page.get_by_text("Anne@acme.example · réviseur").wait_for()
    page.get_by_role("link", name="Anomalies").click()
    page.get_by_role("heading", name="Anomalies", level=1).wait_for()
    settled(page)
    page.keyboard.press("t")
    expect(page.get_by_text("a affecté à Anne@acme.example").first).to_be_visible()
    with open_store(home, load(home)) as store:
        assert [(one.kind, one.reviewer) for one in store.decisions()] == [("assign", "Anne@acme.example")]


def test_a_reader_is_offered_no_decision(
    visit: Callable[..., Page], signed: tuple[Home, str], identities: Provider
) -> None:
    home, address = signed
    with open_store(home, load(home)) as store:
        head = store.head()
    page = sign_in(visit, address, identities, "rita@acme.example")
    page.get_by_text("rita@acme.example · lecteur").wait_for()
    page.get_by_role("link", name="Anomalies").click()
    page.get_by_role("heading", name="Anomalies", level=1).wait_for()
    settled(page)
    for key in "jaxtsmeu":
        page.keyboard.press(key)
        settled(page)
    for name in ("Accepter", "Rejeter", "Prendre", "À la main"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    with open_store(home, load(home)) as store:
        assert store.head() == head


@pytest.mark.parametrize(
    ("email", "claims"),
    [
        ("eve@other.example", {}),
        ("anne@acme.example", {"email_verified": False}),
        ("anne@acme.example", {"email_verified": "false"}),
    ],
)
def test_whoever_is_not_named_or_not_verified_sees_nothing(
    visit: Callable[..., Page],
    signed: tuple[Home, str],
    identities: Provider,
    email: str,
    claims: dict[str, object],
) -> None:
    _, address = signed
    page = sign_in(visit, address, identities, email, **claims)
    expect(page.get_by_text(f"{email} n'est pas parmi ceux")).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def exceptions_page() -> None:
    """The page of exceptions alone, as a run of the script draws it."""
    from app.deciding import perform
    from app.session import begin
    from app.views import exceptions

    session = begin()
    perform(session)
    exceptions.show(session)


@pytest.mark.parametrize(("role", "kept"), [(Role.READER, 0), (Role.REVIEWER, 1)])
def test_a_forged_call_of_a_reader_is_refused_by_the_server(
    copied: Home, monkeypatch: pytest.MonkeyPatch, role: Role, kept: int
) -> None:
    found = pinned(copied)
    assert found is not None
    monkeypatch.setenv("ENCOURS_HOME", str(copied.root))
    monkeypatch.setattr("app.session._local_actor", lambda _: Actor("mallory", role))
    page = AppTest.from_function(exceptions_page, default_timeout=60)
    forged = NewDecision(kind="comment", reviewer="anne", exception_id="e1", reason="forged")
    page.session_state[ASKED] = [Asked((Wish(forged, 0),), 0, None)]
    page.run()
    assert not page.exception
    with open_store(copied, load(copied)) as store:
        assert [(one.kind, one.reviewer) for one in store.decisions()] == [("comment", "mallory")] * kept
    if role is Role.READER:
        assert "mallory" in page.warning[0].value
        assert not [button for button in page.button if button.key in ("accept", "reject", "take", "snooze")]


def test_without_sign_in_nobody_else_is_served(copied: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    # Streamlit started by hand, past the command: it listens everywhere by default.
    monkeypatch.setenv("ENCOURS_HOME", str(copied.root))
    page = AppTest.from_function(exceptions_page, default_timeout=60).run()
    assert "mode" in page.error[0].value
    assert not page.title


def test_alone_on_a_machine_one_is_who_the_system_says_whatever_the_environment_says(
    copied: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCOURS_HOME", str(copied.root))
    monkeypatch.setattr("app.session.is_loopback", lambda _: True)
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "zoe")
    page = AppTest.from_function(exceptions_page, default_timeout=60)
    remark = NewDecision(kind="comment", reviewer="", exception_id="e1", reason="seen")
    page.session_state[ASKED] = [Asked((Wish(remark, 0),), 0, None)]
    page.run()
    with open_store(copied, load(copied)) as store:
        assert [one.reviewer for one in store.decisions()] == [copied.root.owner()]


def test_secrets_stay_in_the_home(signed: tuple[Home, str]) -> None:
    home, _ = signed
    arguments, environment = command(home, load(home))
    assert "secret of this test" not in " ".join([*arguments, *environment.values()])
    assert Path(home.root / ".streamlit" / "secrets.toml").exists()
