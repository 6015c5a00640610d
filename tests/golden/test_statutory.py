"""What the law asks to be published or claimed: the table of unpaid invoices (D441-6), penalties across a change of
rate (L441-10), terms beyond the longest that is allowed, and VAT that is due when the money comes (269-2-c)."""

from decimal import Decimal

import pytest

from tests.golden.books import Build, company
from tests.golden.documents import table as written
from tests.golden.ledger import (
    FEC_2024,
    FEC_2025,
    Entry,
    credit_note,
    entry,
    fec,
    purchase,
    receipt,
    returned,
    sale,
)

# Everything is due 30 days after its document. On 31 December 2024:
TERMS = company(
    "statutory-terms",
    {
        FEC_2024: fec(
            sale("2024-12-20", "C1", "S1", "1200.00"),  # due 2025-01-19
            sale("2024-11-20", "C1", "S2", "600.00"),  # due 2024-12-20: 11 days late
            sale("2024-10-15", "C2", "S3", "240.00"),  # due 2024-11-14: 47
            sale("2024-09-15", "C2", "S4", "360.00"),  # due 2024-10-15: 77
            sale("2024-07-01", "C2", "S5", "480.00"),  # due 2024-07-31: 153
            sale("2024-08-01", "C3", "S6", "720.00"),  # due 2024-08-31: 122, in dispute until February
            sale("2024-06-03", "C1", "S7", "1400.00", letter="A"),
            credit_note("2024-06-10", "C1", "A7", "200.00", letter="A"),
            receipt("2024-07-02", "C1", "R7", "1200.00", letter="A"),
            purchase("2024-12-31", "F1", "P1", "150.00"),  # due 2025-01-30
            purchase("2024-11-01", "F1", "P2", "90.00"),  # due 2024-12-01: 30 days late
            purchase("2024-10-31", "F2", "P3", "60.00"),  # due 2024-11-30: 31
        ),
        "disputes.csv": (
            b"third_party_code,document_number,opened_on,closed_on,reason\n"
            b"C3,S6,2024-09-15,2025-02-01,damaged in {company}\n"
            b"C1,S2,2024-12-01,2024-12-15,settled before the closing\n"
        ),
    },
)


def table(build: Build, year: str, side: str) -> dict[str, tuple[str, ...]]:
    """Band → count, amount, share, and the disputed count and amount."""
    found = build.of("statutory-terms").rows(
        """
        SELECT lateness_band, document_count, amount, share, disputed_document_count, disputed_amount
        FROM fct_payment_terms_disclosure
        WHERE company_id = $company AND fiscal_year_end_date = $p1 AND ledger_side = $p2 ORDER BY band_order
        """,
        year,
        side,
    )
    return {row["lateness_band"]: tuple(map(str, list(row.values())[1:])) for row in found}


def test_invoices_to_customers_unpaid_at_the_closing(as_of: dict[str, Build]) -> None:
    # Sales less credit notes: 1200 + 600 + 240 + 360 + 480 + 720 + 1400 - 200 = 4800.
    assert table(as_of["2025-12-31"], "2024-12-31", "receivable") == {
        "not_late": ("1", "1200.00", "0.250000", "0", "0.00"),
        "late_1_30": ("1", "600.00", "0.125000", "0", "0.00"),
        "late_31_60": ("1", "240.00", "0.050000", "0", "0.00"),
        "late_61_90": ("1", "360.00", "0.075000", "0", "0.00"),
        "late_91_plus": ("1", "480.00", "0.100000", "1", "720.00"),
        "late_total": ("4", "1680.00", "0.350000", "1", "720.00"),
        "undated": ("0", "0.00", "0.000000", "0", "0.00"),
    }


def test_invoices_of_suppliers_unpaid_at_the_closing(as_of: dict[str, Build]) -> None:
    assert table(as_of["2025-12-31"], "2024-12-31", "payable") == {
        "not_late": ("1", "150.00", "0.500000", "0", "0.00"),
        "late_1_30": ("1", "90.00", "0.300000", "0", "0.00"),
        "late_31_60": ("1", "60.00", "0.200000", "0", "0.00"),
        "late_61_90": ("0", "0.00", "0.000000", "0", "0.00"),
        "late_91_plus": ("0", "0.00", "0.000000", "0", "0.00"),
        "late_total": ("2", "150.00", "0.500000", "0", "0.00"),
        "undated": ("0", "0.00", "0.000000", "0", "0.00"),
    }


# On 31 December 2024, with sales of 1000 + 600 + 500 = 2100: the deposit that is asked for is none.
PARTS = company(
    "statutory-parts",
    {
        FEC_2024: fec(
            sale("2024-10-15", "C1", "P1", "1000.00"),  # due 2024-11-14: 47 days late, 300 in dispute
            sale("2024-10-20", "C2", "I1", "600.00"),  # one half due 2024-11-30: 31, the other 2025-01-15
            sale("2024-11-05", "C4", "FA2024-0501", "500.00"),  # due 2024-12-05: 26, paid and not lettered
            receipt("2024-12-10", "C4", "R1", "500.00", label="Virement FA2024-0501 {company}"),
            entry(
                "VE",
                "2024-12-02",
                "D1",  # due 2025-01-01
                ("411000", "240.00", "C3", {}),
                ("419100", "-200.00"),
                ("445710", "-40.00"),
            ),
        ),
        "invoices.csv": written(
            "third_party_code,document_number,issue_date,due_date,total_amount,order_reference",
            "C2,I1,2024-10-20,2024-11-30,300.00,{company}",
            "C2,I1,2024-10-20,2025-01-15,300.00,{company}",
        ),
        "disputes.csv": (
            b"third_party_code,document_number,opened_on,closed_on,amount,reason\n"
            b"C1,P1,2024-11-01,,300.00,short delivery to {company}\n"
        ),
    },
)


def test_a_part_in_dispute_an_instalment_a_deposit_and_a_payment_that_nobody_lettered(
    as_of: dict[str, Build],
) -> None:
    found = (
        as_of["2025-12-31"]
        .of("statutory-parts")
        .rows(
            """
            SELECT lateness_band, document_count, amount, share, matched_amount, disputed_document_count,
                disputed_amount
            FROM fct_payment_terms_disclosure
            WHERE company_id = $company AND fiscal_year_end_date = '2024-12-31' AND ledger_side = 'receivable'
                AND (document_count > 0 OR disputed_document_count > 0)
            ORDER BY band_order
            """
        )
    )
    assert [tuple(map(str, row.values())) for row in found] == [
        ("not_late", "2", "540.00", "0.257143", "0.00", "0", "0.00"),
        ("late_1_30", "1", "500.00", "0.238095", "500.00", "0", "0.00"),
        ("late_31_60", "2", "1000.00", "0.476190", "0.00", "1", "300.00"),
        ("late_total", "3", "1500.00", "0.714286", "500.00", "1", "300.00"),
    ]


PENALTIES = company(
    "statutory-penalties",
    {
        FEC_2024: fec(
            # Due on 15 June 2024; 400 come on 10 July, the rest on 9 August.
            sale("2024-05-16", "C1", "F1", "1000.00", letter="A"),
            receipt("2024-07-10", "C1", "R1", "400.00", letter="A"),
            receipt("2024-08-09", "C1", "R2", "600.00", letter="A"),
            # Due on 15 June, and paid that day.
            sale("2024-05-16", "C1", "F2", "500.00", letter="B"),
            receipt("2024-06-15", "C1", "R3", "500.00", letter="B"),
            # Due on 1 January 2025, and never paid.
            sale("2024-12-02", "C1", "F3", "365.00"),
        )
    },
)


def penalties(build: Build, document: str) -> list[tuple[str, ...]]:
    found = build.of("statutory-penalties").rows(
        """
        SELECT from_date, to_date, days, principal_amount, rate_percent, penalty_amount, fixed_compensation, is_running
        FROM fct_late_penalties WHERE company_id = $company AND document_ref = $p1 ORDER BY from_date
        """,
        document,
    )
    return [tuple(map(str, row.values())) for row in found]


def test_penalties_change_their_rate_on_the_first_of_july(as_of: dict[str, Build]) -> None:
    # The ECB's rate was 4.50 on 1 January 2024 and 4.25 on 1 July. 1000 x 14.50 % x 15 / 365 = 5.9589;
    # 1000 x 14.25 % x 10 / 365 = 3.9041; 600 x 14.25 % x 30 / 365 = 7.0274.
    assert penalties(as_of["2025-12-31"], "F1") == [
        ("2024-06-16", "2024-06-30", "15", "1000.00", "14.50", "5.96", "40.00", "False"),
        ("2024-07-01", "2024-07-10", "10", "1000.00", "14.25", "3.90", "0.00", "False"),
        ("2024-07-11", "2024-08-09", "30", "600.00", "14.25", "7.03", "0.00", "False"),
    ]


def test_what_is_paid_on_its_day_costs_nothing(as_of: dict[str, Build]) -> None:
    assert penalties(as_of["2025-12-31"], "F2") == []


def test_what_is_unpaid_goes_on_costing_until_the_as_of_date(as_of: dict[str, Build]) -> None:
    # 365 x 13.15 % x 180 / 365 = 23.67; 365 x 12.15 % x 184 / 365 = 22.356.
    assert penalties(as_of["2025-12-31"], "F3") == [
        ("2025-01-02", "2025-06-30", "180", "365.00", "13.15", "23.67", "40.00", "False"),
        ("2025-07-01", "2025-12-31", "184", "365.00", "12.15", "22.36", "0.00", "True"),
    ]
    assert penalties(as_of["2025-01-10"], "F3") == [
        ("2025-01-02", "2025-01-10", "9", "365.00", "13.15", "1.18", "40.00", "True")
    ]


# The latest lawful day of 10 January 2024 is 16 March: 60 days give 10 March, 45 days and the end of the month 29
# February, the end of the month and 45 days 16 March.
BREACHES = company(
    "statutory-breaches",
    {
        FEC_2024: fec(
            sale("2024-01-10", "C1", "LATEST", "100.00", letter="A", due="2024-03-16"),
            receipt("2024-03-16", "C1", "R1", "100.00", letter="A"),
            sale("2024-01-10", "C1", "TERM", "100.00", letter="B", due="2024-04-30"),
            receipt("2024-03-10", "C1", "R2", "100.00", letter="B"),
            sale("2024-01-10", "C1", "PAYMENT", "100.00", letter="C", due="2024-02-10"),
            receipt("2024-03-20", "C1", "R3", "100.00", letter="C"),
            purchase("2024-01-10", "F1", "BOTH", "100.00", due="2024-04-30"),
        )
    },
)


def test_terms_and_payments_beyond_the_longest_allowed(as_of: dict[str, Build]) -> None:
    found = (
        as_of["2025-12-31"]
        .of("statutory-breaches")
        .rows("SELECT * FROM fct_payment_term_breaches WHERE company_id = $company ORDER BY document_ref")
    )
    assert {row["latest_lawful_date"] for row in found} == {"2024-03-16"}
    assert [
        (row["document_ref"], row["breach_kind"], row["term_days_over"], row["payment_days_over"])
        for row in found
    ] == [
        ("BOTH", "term_and_payment", 45, 655),
        ("PAYMENT", "payment", 0, 4),
        ("TERM", "term", 45, 0),
    ]


def service(date: str, party: str, piece: str, amount: str, vat: str, **said: str) -> Entry:
    """An invoice whose VAT is due when it is paid."""
    net = str(Decimal(vat) - Decimal(amount))
    return entry("VE", date, piece, ("411000", amount, party, said), ("706000", net), ("445740", f"-{vat}"))


VAT = company(
    "statutory-vat",
    {
        FEC_2025: fec(
            service("2025-01-15", "C1", "S1", "1200.00", "200.00", letter="A"),
            receipt("2025-02-10", "C1", "R1", "400.00", letter="A"),
            receipt("2025-03-05", "C1", "R2", "800.00", letter="A"),
            entry("OD", "2025-02-28", "TVA02", ("445740", "66.67"), ("445710", "-66.67")),
            entry("OD", "2025-03-31", "TVA03", ("445740", "133.33"), ("445710", "-133.33")),
            # Paid, returned, and paid again.
            service("2025-03-15", "C2", "S2", "600.00", "100.00", letter="B"),
            receipt("2025-04-02", "C2", "S2", "600.00", letter="B"),
            returned("2025-04-10", "C2", "S2", "600.00", letter="C"),
            receipt("2025-05-20", "C2", "S2", "600.00", letter="C"),
            # A deposit on goods: 360 claimed, of which nobody says the VAT; paid in June.
            entry(
                "VE", "2025-06-02", "D1", ("411000", "360.00", "C3", {"letter": "D"}), ("419100", "-360.00")
            ),
            receipt("2025-06-12", "C3", "R4", "360.00", letter="D"),
            # Goods: due when they are delivered.
            sale("2025-06-15", "C3", "G1", "120.00", letter="E"),
            receipt("2025-07-15", "C3", "R5", "120.00", letter="E"),
        )
    },
)


def test_vat_is_due_when_the_money_comes(as_of: dict[str, Build]) -> None:
    found = (
        as_of["2025-12-31"]
        .of("statutory-vat")
        .rows(
            """
            SELECT document_ref, basis, event_kind, event_date, month_end_date, receipt_amount, vat_amount
            FROM fct_vat_on_receipts WHERE company_id = $company ORDER BY event_date
            """
        )
    )
    assert [tuple(row.values()) for row in found] == [
        ("S1", "service", "receipt", "2025-02-10", "2025-02-28", "400.00", "66.67"),
        ("S1", "service", "receipt", "2025-03-05", "2025-03-31", "800.00", "133.33"),
        ("S2", "service", "receipt", "2025-04-02", "2025-04-30", "600.00", "100.00"),
        ("S2", "service", "return", "2025-04-10", "2025-04-30", "-600.00", "-100.00"),
        ("S2", "service", "receipt", "2025-05-20", "2025-05-31", "600.00", "100.00"),
        ("D1", "deposit", "receipt", "2025-06-12", "2025-06-30", "360.00", None),
    ]


@pytest.mark.parametrize(
    ("date", "due", "passed"), [("2025-04-01", "200.00", True), ("2025-12-31", "300.00", False)]
)
def test_vat_that_became_due_is_held_against_what_the_books_moved(
    as_of: dict[str, Build], date: str, due: str, passed: bool
) -> None:
    (control,) = as_of[date].of("statutory-vat").control_totals("vat_on_receipts_moved")
    assert (control["expected"], control["actual"], control["passed"]) == (due, "200.00", passed)
    assert not control["is_blocking"]
