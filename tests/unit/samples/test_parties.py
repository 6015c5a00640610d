"""Identifiers have the check digits that the published examples have, and stand in ranges nobody holds."""

from collections import Counter
from datetime import date

import numpy as np
import pytest

from samples.days import TERMS, due_days
from samples.parties import draw_parties, iban, siren, vat_number
from samples.profiles import BRINDILLE, PROFILES


def luhn_is_right(number):
    digits = [int(c) for c in reversed(number)]
    return sum(sum(divmod(2 * d, 10)) if i % 2 else d for i, d in enumerate(digits)) % 10 == 0


def iban_is_right(text):
    moved = text[4:] + text[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def test_published_examples():
    assert siren(73_282_932) == "732829320"
    assert vat_number("732829320") == "FR44732829320"
    assert iban(30_006, 1, 12_345_678_901) == "FR7630006000011234567890189"


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
def test_the_companies_are_valid_and_fictitious(profile):
    assert luhn_is_right(profile.siren)
    assert iban_is_right(profile.iban)
    assert profile.siren.startswith("999")
    assert profile.iban[4:9] == "99999"


def test_third_parties_are_valid_and_distinct():
    parties = draw_parties(
        np.random.default_rng(1),
        customers=400,
        suppliers=100,
        code_format=BRINDILLE.code_format,
        customer_weights=BRINDILLE.customer_weights,
        supplier_weights=BRINDILLE.supplier_weights,
        bank=99_998,
    )
    assert all(luhn_is_right(number) for number in parties.sirens)
    known = [number for number in parties.ibans if number]
    assert 380 < len(known) < 460
    assert all(iban_is_right(number) for number in known)
    own = [
        number
        for number, shared in zip(parties.ibans, parties.shares_iban, strict=True)
        if number and not shared
    ]
    for values in (parties.codes, parties.names, parties.sirens, own):
        assert len(set(values)) == len(values)
    shared = [number for number, shared in zip(parties.ibans, parties.shares_iban, strict=True) if shared]
    assert sorted(Counter(shared).values()) == [2] * (len(shared) // 2)
    assert len(shared) > 10
    assert any("é" in name or "œ" in name for name in parties.names)


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ("30", "2025-02-14"),
        ("30 net", "2025-02-14"),
        ("60", "2025-03-16"),
        ("45 EOM", "2025-03-31"),
        ("EOM 45", "2025-03-17"),
        ("EOM 30", "2025-03-02"),
        ("30 EOM 10", "2025-03-10"),
        ("", "2025-02-14"),
    ],
)
def test_terms(terms, due):
    day = np.array([date(2025, 1, 15)], dtype="datetime64[D]")
    assert due_days(day, np.array([TERMS.index(terms)])).tolist() == [date.fromisoformat(due)]
