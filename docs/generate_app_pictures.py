"""Takes the pictures of ``docs/app.md`` with a real browser: ``python docs/generate_app_pictures.py HOME``.

The home is changed: decisions are made in it. Take one that ``encours demo`` has made, and name its companies in
``encours.toml``. ENCOURS_TEST_CHROMIUM names the browser, Debian's chromium by default.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from home.layout import Home
from home.settings_file import load
from orchestration.review_app import command

PICTURES: Final = Path(__file__).with_name("images")
CHROMIUM: Final = os.environ.get("ENCOURS_TEST_CHROMIUM", "/usr/bin/chromium")
LARGEST: Final = 300_000
"""Bytes of a picture."""


def take(home: Home) -> None:
    """Write all pictures."""
    with served(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )

        def opened(name: str, locale: str) -> Page:
            page = browser.new_context(locale=locale, viewport={"width": 1440, "height": 900}).new_page()
            page.goto(f"{address}/{name}")
            page.get_by_role("heading", level=1).wait_for()
            rest(page)
            return page

        keep(opened("", "fr-FR"), "app-overview", height=1180)
        keep(opened("worklist", "fr-FR"), "app-worklist", height=1060)
        keep(opened("indicators", "en-GB"), "app-indicators", height=1060)
        keep(opened("forecast", "fr-FR"), "app-forecast", height=1140)
        page = opened("exceptions", "fr-FR")
        page.get_by_placeholder("Rechercher").fill("grandpré")
        page.get_by_placeholder("Rechercher").press("Enter")
        rest(page)
        keep(page, "app-exceptions")
        page.get_by_role("button", name="À la main").click()
        rest(page)
        box = page.get_by_test_id("data-grid-canvas").nth(1).bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 18, box["y"] + 53)
        rest(page)
        page.get_by_role("radio", name="frais bancaires").click()
        rest(page)
        keep(page, "app-match-by-hand", height=1320)
        page = opened("exceptions", "en-GB")
        page.get_by_placeholder("Search").fill("match proposed")
        page.get_by_placeholder("Search").press("Enter")
        rest(page)
        page.get_by_role("button", name="equal cases").click()
        rest(page)
        keep(page, "app-equal-cases")
        page.get_by_role("button", name="Accept").click()
        rest(page)
        keep(page, "app-accepted")
        page.get_by_role("link", name="Decisions").click()
        rest(page)
        keep(page, "app-decisions", height=640)
        page = opened("aged", "en-GB")
        box = page.get_by_test_id("data-grid-canvas").first.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 18, box["y"] + 53)
        rest(page)
        keep(page, "app-aged-balance", height=1000)
        keep(opened("customer", "fr-FR"), "app-customer", height=1180)
        keep(opened("bank", "en-GB"), "app-bank")
        browser.close()


def rest(page: Page) -> None:
    """Wait until the page has drawn all that it says."""
    page.wait_for_timeout(1_500)
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')")
    page.wait_for_timeout(500)


def keep(page: Page, name: str, *, height: int = 900) -> None:
    """Write what the page shows."""
    page.set_viewport_size({"width": 1440, "height": height})
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    page.mouse.move(5, 5)
    rest(page)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    if path.stat().st_size > LARGEST:
        sys.exit(f"{path} has {path.stat().st_size} bytes; at most {LARGEST} are kept.")


@contextmanager
def served(home: Home) -> Iterator[str]:
    """The application of the home, as somebody called anne starts it."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    arguments, environment = command(home, load(home), port=port, show_browser=False)
    server = subprocess.Popen(arguments, env=os.environ | environment | {"LOGNAME": "anne"})  # noqa: S603
    try:
        while server.poll() is None:
            try:
                with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                    break
            except (URLError, OSError):
                time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    take(Home.at(sys.argv[1]))
