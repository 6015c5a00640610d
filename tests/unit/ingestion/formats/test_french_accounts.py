"""The RIB and the IBAN of French accounts, against published pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban

from ingestion.formats.french_accounts import iban_of, rib_key


@pytest.mark.parametrize(
    ("bank", "branch", "account", "expected"),
    [
        ("30006", "00001", "12345678901", "FR7630006000011234567890189"),
        ("20041", "01005", "0500013M026", "FR1420041010050500013M02606"),
        ("20041", "01005", "0500013m026", "FR1420041010050500013M02606"),
    ],
)
def test_a_rib_makes_its_iban(bank: str, branch: str, account: str, expected: str) -> None:
    assert iban_of(bank, branch, account) == expected
    assert rib_key(bank, branch, account.upper()) == expected[-2:]


@pytest.mark.parametrize(
    ("bank", "branch", "account"),
    [
        ("121099999", "", "999988"),
        ("3000", "00001", "12345678901"),
        ("30006", "0001", "12345678901"),
        ("30006", "00001", "1234567890"),
        ("30006", "00001", "1234-678901"),
        ("３０００６", "00001", "12345678901"),
        ("", "", ""),
    ],
)
def test_what_is_no_rib_has_no_iban(bank: str, branch: str, account: str) -> None:
    assert iban_of(bank, branch, account) is None


@given(st.from_regex(r"\A[0-9]{5}\Z"), st.from_regex(r"\A[0-9]{5}\Z"), st.from_regex(r"\A[0-9A-Z]{11}\Z"))
def test_the_key_and_the_check_digits_hold(bank: str, branch: str, account: str) -> None:
    found = iban_of(bank, branch, account)
    assert found
    assert iban.is_valid(found)
    translated = "".join(
        digit if digit.isdigit() else str((ord(digit) - ord("A") + (digit >= "S")) % 9 + 1)
        for digit in account
    )
    assert (89 * int(bank) + 15 * int(branch) + 3 * int(translated) + int(found[-2:])) % 97 == 0
