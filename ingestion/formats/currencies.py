"""How many decimals the amounts of a currency have (ISO 4217, list of 2026-01-01).

Here: the currencies that do not have two. Not here: rates.
"""

from typing import Final

DECIMALS: Final = {
    "BHD": 3,
    "BIF": 0,
    "CLF": 4,
    "CLP": 0,
    "DJF": 0,
    "GNF": 0,
    "IQD": 3,
    "ISK": 0,
    "JOD": 3,
    "JPY": 0,
    "KMF": 0,
    "KRW": 0,
    "KWD": 3,
    "LYD": 3,
    "OMR": 3,
    "PYG": 0,
    "RWF": 0,
    "TND": 3,
    "UGX": 0,
    "UYI": 0,
    "UYW": 4,
    "VND": 0,
    "VUV": 0,
    "XAF": 0,
    "XOF": 0,
    "XPF": 0,
}


def decimals_of(currency_code: str) -> int:
    """The decimals of a currency: 2 unless the list says otherwise."""
    return DECIMALS.get(currency_code, 2)
