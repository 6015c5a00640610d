"""What the marts say of a day stays the same when all that came after it is taken out of the inputs: behaviour,
indicators, risk and what the law asks, of a company with two years and of one whose books end on that day."""

from collections.abc import Mapping

import pytest

from tests.golden.books import Build, Company, company
from tests.golden.documents import table
from tests.golden.ledger import (
    FEC_2024,
    FEC_2025,
    Entry,
    credit_note,
    entry,
    fec,
    opening,
    payment,
    purchase,
    receipt,
    returned,
    sale,
)

DAY = "2025-04-01"


def _year(year: int) -> list[Entry]:
    """Twelve months of sales and purchases that are paid, in part, late, returned, moved or never."""
    entries = []
    for month in range(1, 13):
        day, key, letter = f"{year}-{month:02}", f"{year % 100}{month:02}", chr(64 + month)
        paid = f"{year}-{month + 2:02}" if month < 11 else f"{year}-12"
        entries += [
            sale(f"{day}-05", "C1", f"A{key}", "1200.00", letter=letter),
            receipt(f"{paid}-09", "C1", f"RA{key}", "1200.00", letter=letter),
            sale(f"{day}-12", "C2", f"B{key}", "600.00", letter=f"B{letter}"),
            receipt(f"{paid}-20", "C2", f"RB{key}", "450.00", letter=f"B{letter}"),
            credit_note(f"{day}-25", "C2", f"KB{key}", "30.00", letter=f"B{letter}"),
            purchase(f"{day}-03", "F1", f"P{key}", "360.00", letter=f"P{letter}"),
            payment(f"{paid}-15", "F1", f"RP{key}", "360.00", letter=f"P{letter}"),
            entry(
                *("VE", f"{day}-16", f"S{key}"),
                ("411000", "240.00", "C3", {"letter": f"S{letter}"}),
                ("706000", "-200.00"),
                ("445740", "-40.00"),
            ),
            receipt(f"{paid}-25", "C3", f"RS{key}", "120.00", letter=f"S{letter}"),
        ]
        if month in (2, 7):
            entries += [
                sale(f"{day}-08", "C4", f"D{key}", "960.00", letter=f"D{letter}"),
                receipt(f"{day}-20", "C4", f"D{key}", "960.00", letter=f"D{letter}"),
                returned(f"{paid}-02", "C4", f"D{key}", "960.00"),
                sale(f"{day}-10", "C5", f"E{key}", "480.00", letter=f"E{letter}"),
                entry(
                    *("OD", f"{paid}-28", f"E{key}"),
                    ("411000", "-480.00", "C5", {"letter": f"E{letter}"}),
                    ("416000", "480.00", "C5", {}),
                ),
            ]
    return entries


def _company(company_id: str, until: str) -> Company:
    """The company whose books and files end on a day."""
    years = {
        FEC_2024: [
            opening("2024-01-01", "AN24", ("411000", "700.00", "C1"), piece_date="2023-11-20"),
            *_year(2024),
        ],
        FEC_2025: _year(2025),
    }
    disputes = [("C2,B2412,2025-01-20,,100.00", "2025-01-20"), ("C3,S2502,2025-05-20,,", "2025-05-20")]
    promises = [
        ("C2,B2501,2025-03-20,2025-02-20,150.00", "2025-02-20"),
        ("C4,D2502,2025-07-31,2025-06-20,", "2025-06-20"),
    ]
    return company(
        company_id,
        {
            **{
                name: fec(*(one for one in entries if one[0].date <= until))
                for name, entries in years.items()
            },
            "disputes.csv": table(
                "third_party_code,document_number,opened_on,closed_on,amount,reason",
                *(f"{told},{{company}}" for told, on in disputes if on <= until),
            ),
            "promises.csv": table(
                "third_party_code,document_number,promised_date,promised_on,amount",
                *(told for told, on in promises if on <= until),
            ),
            "third_parties.csv": table(
                "third_party_code,name,kind,segment,agency,credit_limit",
                *(
                    f"C{n},{{company}} {n},customer,{'PME' if n < 4 else 'GE'},Lyon,1000.00"
                    for n in range(1, 6)
                ),
            ),
        },
    )


WHOLE = _company("ahead-whole", "2025-12-31")
ENDED = _company("ahead-ended", DAY)

LEFT_OUT = {"item_id", "settlement_id", "dispute_id", "promise_id"}
"""Keys that are made of the company's id."""

MARTS: Mapping[str, int] = {
    "fct_payment_behaviour": 50,
    "fct_receivable_kpis": 50,
    "fct_credit_exposure": 5,
    "fct_provision_matrix": 5,
    "fct_doubtful_receivables": 2,
    "fct_payment_terms_disclosure": 28,
    "fct_late_penalties": 50,
    "fct_payment_term_breaches": 10,
    "fct_vat_on_receipts": 10,
    "fct_disputes": 1,
    "fct_promises": 1,
}
"""Mart → rows that it has at least."""


def _rows(build: Build, company_id: str, mart: str) -> list[tuple[str, ...]]:
    found = build.of(company_id).rows(f"SELECT * FROM {mart} WHERE company_id = $company")
    return sorted(
        tuple(
            f"{name}={value}".replace(company_id, "company")
            for name, value in row.items()
            if name not in LEFT_OUT
        )
        for row in found
    )


@pytest.mark.parametrize("mart", MARTS)
def test_what_comes_after_a_day_changes_nothing_of_it(as_of: dict[str, Build], mart: str) -> None:
    whole = _rows(as_of[DAY], "ahead-whole", mart)
    assert len(whole) >= MARTS[mart]
    assert whole == _rows(as_of[DAY], "ahead-ended", mart)
