"""The arithmetic of check digits, on numbers published as examples by the bodies that define them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.profile import prepare

IBANS = [
    "FR1420041010050500013M02606",
    "GB82 WEST 1234 5698 7654 32",
    "DE89370400440532013000",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
    "be68 5390 0754 7034",
]


@pytest.fixture(scope="module")
def evaluate(connect):
    with connect({}) as connection:
        prepare(connection)

        def run(macro: str, value: str | None) -> bool | None:
            row = connection.execute(f"select {macro}($1::varchar)", [value]).fetchone()
            return row[0]

        yield run


@pytest.mark.parametrize(
    ("macro", "value", "is_wrong"),
    [
        *[("has_wrong_iban", iban, False) for iban in IBANS],
        ("has_wrong_iban", "FR1420041010050500013M02616", True),
        ("has_wrong_iban", "00012345678", False),
        ("has_wrong_iban", "", False),
        ("has_wrong_iban", None, None),
        ("has_wrong_creditor_reference", "RF18 5390 0754 7034", False),
        ("has_wrong_creditor_reference", "RF18539007547043", True),
        ("has_wrong_creditor_reference", "RFACTURE 12", False),
        ("has_wrong_creditor_reference", "210000000003139471430009017", False),
        ("has_wrong_siren", "732829320", False),
        ("has_wrong_siren", "356 000 000", False),
        ("has_wrong_siren", "732829302", True),
        ("has_wrong_siren", "73282932000074", True),
        ("has_wrong_siren", "73282932O", True),
        ("has_wrong_siren", None, None),
        ("has_wrong_vat_number", "FR44 732 829 320", False),
        ("has_wrong_vat_number", "FR83404833048", False),
        ("has_wrong_vat_number", "FR44732829302", True),
        ("has_wrong_vat_number", "FRK7399859412", False),
        ("has_wrong_vat_number", "DE136695976", False),
        ("has_wrong_vat_number", "ESX1234567X", False),
        ("has_wrong_vat_number", "732829320", True),
        ("has_wrong_vat_number", None, None),
    ],
)
def test_known_numbers(macro, value, is_wrong, evaluate):
    assert evaluate(macro, value) is is_wrong


@settings(max_examples=200, deadline=None)
@given(iban=st.sampled_from([iban.replace(" ", "").upper() for iban in IBANS]), data=st.data())
def test_a_mistyped_digit_of_an_iban_is_caught(iban, data, evaluate):
    place = data.draw(st.sampled_from([place for place, symbol in enumerate(iban) if symbol.isdigit()]))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != iban[place]]))
    assert evaluate("has_wrong_iban", iban[:place] + other + iban[place + 1 :]) is True
