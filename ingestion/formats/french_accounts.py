"""French bank accounts: the RIB that files of French banks give, and the IBAN that it makes.

Here: the RIB's key and the IBAN (ISO 13616: ``FR``, check digits, then the RIB). Not here: any format.
"""

import re
from typing import Final

from stdnum import iban

BANK_OR_BRANCH: Final = re.compile(r"[0-9]{5}")
ACCOUNT: Final = re.compile(r"[0-9A-Z]{11}")

DIGITS_OF_LETTERS: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
"""The digit that stands for each letter of an account number in the key: A and J 1, B, K and S 2, … I, R and Z 9."""


def rib_key(bank_code: str, branch_code: str, account_number: str) -> str:
    """The two digits that end a RIB: 97 less the remainder of the whole number, the key's place included, by 97
    (norm of the Comité français d'organisation et de normalisation bancaires)."""
    account = account_number.translate(DIGITS_OF_LETTERS)
    return f"{97 - int(f'{bank_code}{branch_code}{account}00') % 97:02d}"


def iban_of(bank_code: str, branch_code: str, account_number: str) -> str | None:
    """The IBAN of a French account, or None where the three are not five digits, five digits and eleven digits or
    letters, so that they are no RIB."""
    account = account_number.upper()
    if not (
        BANK_OR_BRANCH.fullmatch(bank_code)
        and BANK_OR_BRANCH.fullmatch(branch_code)
        and ACCOUNT.fullmatch(account)
    ):
        return None
    rib = f"{bank_code}{branch_code}{account}{rib_key(bank_code, branch_code, account)}"
    return f"FR{iban.calc_check_digits(f'FR00{rib}')}{rib}"
