"""Starts the review application. It is a process of Streamlit's own, which takes the place of the command."""

import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from home.layout import Home
from home.settings import Settings
from orchestration.errors import ExpectedError

LOOPBACK: Final = "127.0.0.1"


class AppNotInstalledError(ExpectedError):
    """What the application needs is not there."""


class NotForOthersError(ExpectedError):
    """The application would be open to whoever reaches the machine."""


def command(
    home: Home,
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    show_browser: bool = True,
) -> tuple[list[str], Mapping[str, str]]:
    """The command that serves the application of a home, and what its environment holds besides.

    Without sign-in it listens on the loopback address only. Raises NotForOthersError when ``host`` is another one, and
    AppNotInstalledError.
    """
    is_local = settings.app.mode == "local"
    if is_local and host not in (None, LOOPBACK):
        raise NotForOthersError(
            f'without sign-in the application listens on {LOOPBACK} only; set mode = "oidc" under [app] in '
            f"{home.settings_file}, or leave out --host {host}."
        )
    app = find_spec("app")
    if find_spec("streamlit") is None or app is None or app.origin is None:
        raise AppNotInstalledError("the application is not installed; install encours[app].")
    folder = Path(app.origin).parent
    options = {
        "server.address": host or LOOPBACK,
        "server.port": port or settings.app.port,
        "server.headless": str(not (is_local and show_browser)).lower(),
        "server.fileWatcherType": "none",
        # A config.toml of the folder or of the user could let other sites' pages speak to the application.
        "server.enableCORS": "true",
        "server.enableXsrfProtection": "true",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        # Streamlit's own download of a table guards nothing against formulas; the pages have theirs.
        "client.disableDataExport": "true",
        "theme.base": folder / "theme.toml",
        "secrets.files": home.root / ".streamlit" / "secrets.toml",
    }
    arguments = [sys.executable, "-m", "streamlit", "run", str(folder / "script" / "review.py")]
    arguments += [f"--{name}={value}" for name, value in options.items()]
    return arguments, {"ENCOURS_HOME": str(home.root)}


def serve(home: Home, settings: Settings, **options: object) -> None:
    """Serve the application until it is stopped; this process becomes it. Raises as ``command`` does."""
    arguments, environment = command(home, settings, **options)  # type: ignore[arg-type]
    os.execve(arguments[0], arguments, os.environ | environment)  # noqa: S606
