"""Reminders as files for people: ``reports/<run_id>/dunning/``, an e-mail to open or a letter to print for each."""

import os
import re
from pathlib import Path
from typing import Final

from dunning.action import ON_PAPER, Action
from dunning.letters import Templates
from dunning.message import Sender, compose
from dunning.paper import as_pdf
from home.layout import Home

FOLDER: Final = "dunning"
ID_CHARACTERS: Final = 8
"""Of the action's id in a name: enough to tell the messages of one run apart."""


def folder(home: Home, run_id: str) -> Path:
    """Where the reminders of a run lie."""
    return home.reports / run_id / FOLDER


def write(home: Home, action: Action, templates: Templates, sender: Sender) -> Path | None:
    """Write what an action says, and give back where; None for one that is not in writing, such as a call.

    The file is there whole or not at all. Raises TemplateFaultError, AddressError and OSError.
    """
    if action.channel in ON_PAPER:
        suffix, content = "pdf", as_pdf(action, templates.letter(action))
    elif action.channel == "email":
        message = compose(action, templates.letter(action), sender)
        # Mail programs open it as a draft.
        message["X-Unsent"] = "1"
        suffix, content = "eml", bytes(message)
    else:
        return None
    path = folder(home, action.run_id) / f"{_name(action)}.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def _name(action: Action) -> str:
    """A name that says whose and what it is. Codes come from untrusted files: nothing in one leads elsewhere."""
    parts = (action.company_id, action.customer_code, str(action.level), action.action_id[:ID_CHARACTERS])
    return "-".join(re.sub(r"[^A-Za-z0-9]+", "_", part)[:40] for part in parts)
