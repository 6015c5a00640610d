"""Text that a spreadsheet shows and never computes (OWASP, "CSV Injection")."""

import re
from typing import Final

_CELL_STARTS: Final = re.compile(r"""((?:^|[;,|\t])[\s"']*)(?=[=+\-@\t\r])""")
"""Where a spreadsheet may see a cell begin: at the start, and after each separator that some country's settings use."""

_GUARDS: Final = re.compile(r"""((?:^|[;,|\t])[\s"']*)'(?=[=+\-@\t\r])""")
"""The apostrophes that ``guarded`` has put in."""


def guarded(text: str) -> str:
    """The text with an apostrophe before whatever a spreadsheet would take for a formula."""
    return _CELL_STARTS.sub(r"\1'", text)


def unguarded(text: str) -> str:
    """The text that ``guarded`` was given."""
    return _GUARDS.sub(r"\1", text)
