"""Writes ``docs/settings.md`` from the settings themselves: ``python docs/generate_settings.py``."""

from pathlib import Path
from typing import Final

from home.settings_file import template

PAGE: Final = Path(__file__).with_name("settings.md")

INTRODUCTION: Final = """\
# Settings

`encours.toml` in the home. Every key is optional, and so is the file: without it, any FEC and bank statement works.
`encours init` writes the file below, with all of it commented out; take away the `#` of what you want to change, and of
the table's name above it. A key that is not known is an error that names the nearest known one, and nothing is
refreshed until it is corrected.

What people set first:

    [[companies]]
    id = "acme"                  # the folder under inbox/
    name = "Acme SAS"
    fiscal_year_end = "06-30"

    [[bank_accounts]]
    account = "FR7630006000011234567890189"
    company = "acme"
    ledger_account = "512100"

Once companies are named, only their folders are taken for companies. Repeat `[[companies]]`, `[[bank_accounts]]` and
`[[partial_exports]]` as often as needed.

Account roles are prefixes; the longest that matches an account wins. Charts of accounts other than the French one work
by naming theirs. Changing a setting changes the figures of the next refresh, also those of past dates; balances that
were published on earlier days keep what they said, under the day on which they were known.

All keys, with their meaning and default:
"""


def page() -> str:
    """The whole page."""
    return f"{INTRODUCTION}\n```toml\n{template().rstrip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
