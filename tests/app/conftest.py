"""A refreshed home of two named companies, the application served over it, and a real browser in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.figures.marts import PinnedHome, pinned
from home.layout import Home
from home.settings_file import load
from orchestration.refresh import refresh
from orchestration.review_app import command
from orchestration.run import Outcome
from samples.generator import generate
from tests.made_once import made_once

AS_OF = date(2026, 6, 30)
SETTINGS = """
[[companies]]
id = "brindille-conseil"
name = "Brindille Conseil"

[[companies]]
id = "comptoir-des-embruns"
name = "Comptoir des Embruns"
"""
CHROMIUM = os.environ.get("ENCOURS_TEST_CHROMIUM", "/usr/bin/chromium")
STARTS_WITHIN = 120
"""Seconds in which the server must answer on a busy machine."""

expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose marts are published, as of 2026-06-30. Not to be changed."""

    def make(folder: Path) -> None:
        home = Home.at(folder)
        home.create()
        home.settings_file.write_text(SETTINGS, encoding="utf-8")
        generate(home.inbox, lines=6_000, seed=7, as_of=AS_OF)
        done = refresh(home, as_of=AS_OF, known_at=AS_OF)
        assert done.outcome is Outcome.PUBLISHED

    return Home.at(made_once(tmp_path_factory, "review", make))


@pytest.fixture(scope="session")
def marts(published: Home) -> PinnedHome:
    """The marts of the published home. Not to be changed."""
    found = pinned(published)
    assert found is not None
    return found


@pytest.fixture
def copied(published: Home, tmp_path: Path) -> Home:
    """A home of one's own, with the same marts."""
    shutil.copytree(published.root, tmp_path / "home", symlinks=True)
    return Home.at(tmp_path / "home")


@contextmanager
def serving(home: Home, port: int | None = None) -> Iterator[str]:
    """The address of the application of a home, served as ``encours app`` does, until the end."""
    port = port or free_port()
    arguments, environment = command(home, load(home), port=port, show_browser=False)
    log = home.root / "app.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            arguments, env=os.environ | environment, stdout=output, stderr=subprocess.STDOUT, cwd=home.root
        )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends:
        if server.poll() is not None:
            break
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the application does not answer:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def address(published: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the application of the published home answers; for tests that decide nothing."""
    own = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(published.root, own, symlinks=True)
    with serving(Home.at(own)) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium; the test is skipped where there is none."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}; install Debian's chromium, or set ENCOURS_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
        )
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each for somebody else: ``visit(url, locale="fr-FR")``."""
    contexts: list[BrowserContext] = []

    def opened(url: str, *, locale: str = "fr-FR", title: str | None = None) -> Page:
        context = browser.new_context(locale=locale, viewport={"width": 1440, "height": 1000})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(url)
        if title:
            page.get_by_role("heading", name=title, level=1).wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """``AppTest`` puts what it runs in the place of ``__main__``, which processes that later tests start begin with."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
