"""What the place of a bank's file says of it, where the file itself names no account or currency."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from home.settings import Company, Settings


@dataclass(frozen=True)
class Given:
    """What the place of a file says of it where the file itself does not: the account, and the currencies of the
    account and of its company ("" = nothing)."""

    account: str = ""
    account_currency: str = ""
    company_currency: str = ""


def given(source_file: str, settings: Settings) -> Given:
    """The account and currencies that go with a path below the inbox.

    The account is the innermost folder below the company's; in the company's own folder the only account that the
    settings give the company, else the folder's name; at the top of the inbox the only account of the settings, else
    none.
    """
    folders = PurePosixPath(source_file).parts[:-1]
    company = folders[0] if folders else ""
    listed = [one for one in settings.bank_accounts if one.company == company or not folders]
    account = folders[-1] if folders else ""
    if len(folders) < 2 and len(listed) == 1:
        account = listed[0].account
    account = _bare(account)
    currencies = [one.currency for one in settings.bank_accounts if _bare(one.account) == account]
    companies = [one for one in settings.companies if one.id == company] or settings.companies
    base = (
        companies[0].base_currency if len(companies) == 1 else Company.model_fields["base_currency"].default
    )
    return Given(account, (currencies[0] if currencies else None) or "", base)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)
