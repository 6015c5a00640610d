"""What docs/reviewing.md shows, done: its files of decisions are dropped as they stand, and change what they say."""

import re
from pathlib import Path

from tests.golden.books import Books, Build, Company, Row
from tests.golden.documents import Movement, statement
from tests.golden.ledger import FEC_2025, entry, fec, receipt, sale

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reviewing.md"
FIRST, AGAIN = re.findall(r"^```csv\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)

OTHERS = [sale("2025-01-13", f"C{n}", f"G{n}", f"{20 + 7 * n}.{n % 90 + 10}") for n in range(150)]
"""A usual number of other amounts: among few, one that stands twice proves little of any payer."""

ENTRIES = [
    *OTHERS,
    sale("2025-01-06", "DUVAL", "F101", "600.00"),
    sale("2025-01-07", "DUVAL", "F102", "600.00"),
    sale("2025-01-08", "ROUX", "F103", "400.00"),
    sale("2025-01-09", "ROUX", "F104", "555.00"),
    sale("2025-01-10", "MARTIN", "F105", "1440.00"),
    sale("2025-01-10", "PETIT", "F106", "1440.00"),
    receipt("2025-01-20", "DUVAL", "R1", "600.00"),
    receipt("2025-01-20", "DUVAL", "R2", "600.00"),
    receipt("2025-01-22", "ROUX", "R3", "400.00"),
    receipt("2025-01-23", "ROUX", "R4", "555.00"),
    entry("BQ", "2025-01-15", "D1", ("627000", "45.00"), ("512000", "-45.00")),
]
STATEMENT = statement(
    "FR7630006000011234567890189",
    "S1",
    "2025-01-01",
    "2025-01-31",
    "0.00",
    Movement("2025-01-15", "-45.00", "LOCATION COFFRE"),
    Movement("2025-01-21", "600.00", "REMISE CHEQUE"),
    Movement("2025-01-24", "950.00", "VIR RECU"),
    Movement("2025-01-28", "1440.00", "VIR RECU", "", (("1440.00", "Holding Bleue"),)),
)
COMPANY = Company(
    "maison",
    {
        "2025-01-31": {FEC_2025: fec(*ENTRIES), "january.xml": STATEMENT},
        "2025-03-10": {"decisions-march.csv": FIRST.encode()},
        "2025-04-30": {
            "decisions-april.csv": AGAIN.encode(),
            f"again/{FEC_2025}": fec(*reversed(ENTRIES), sale("2025-04-01", "ROUX", "F107", "99.00")),
        },
    },
)

CHEQUE, TRANSFER, SAFE = ("600.00", "950.00", "-45.00")


def _bank_groups(books: Books, amount: str, status: str = "matched") -> list[Row]:
    """The groups of the bank line of an amount: rule, what stands against it, and the residual."""
    return books.rows(
        """
        SELECT groups.match_rule, groups.residual_amount, json_extract_string(groups.evidence, '$.decided_by') AS who,
            string_agg(lines.entry_number, ', ' ORDER BY lines.entry_number) AS entries
        FROM fct_bank_matches groups
        JOIN fct_bank_match_members banked ON banked.match_id = groups.match_id AND banked.side = 'bank'
        JOIN fct_bank_transactions movements ON movements.bank_transaction_id = banked.object_id
        JOIN fct_bank_match_members booked ON booked.match_id = groups.match_id AND booked.side = 'ledger'
        JOIN fct_ledger_lines lines ON lines.ledger_line_id = booked.object_id
        WHERE groups.company_id = $company AND movements.amount = $p1 AND groups.match_status = $p2
        GROUP BY groups.match_id, groups.match_rule, groups.residual_amount, who
        """,
        amount,
        status,
    )


def _receipt(books: Books) -> list[tuple[str | None, ...]]:
    """What the transfer of Holding Bleue settles: status, document, on what the payer is known."""
    return [
        tuple(row.values())
        for row in books.rows(
            """
            SELECT groups.match_status, items.document_ref,
                json_extract_string(groups.evidence, '$.party_basis') AS party_basis
            FROM fct_item_matches groups JOIN fct_item_match_members members USING (match_id)
            JOIN fct_items items ON items.item_id = members.object_id
            WHERE groups.company_id = $company AND groups.use = 'receipt' AND groups.payment_amount = 1440
            ORDER BY groups.match_status, items.document_ref
            """
        )
    ]


def test_before_any_decision_two_are_equal_one_is_unexplained_and_one_is_matched(
    known_at: dict[str, Build],
) -> None:
    books = known_at["2025-01-31"].of("maison")
    assert _bank_groups(books, CHEQUE) == []
    assert len(_bank_groups(books, CHEQUE, "proposed")) == 2
    assert _bank_groups(books, TRANSFER) == []
    assert [(row["match_rule"], row["entries"]) for row in _bank_groups(books, SAFE)] == [
        ("amount", "BQ-20250115-D1")
    ]
    assert {status for status, *_ in _receipt(books)} <= {"proposed"}


def test_an_accepted_proposal_is_matched_and_its_rival_gone(known_at: dict[str, Build]) -> None:
    books = known_at["2025-03-10"].of("maison")
    assert _bank_groups(books, CHEQUE) == [
        {"match_rule": "decision", "residual_amount": "0.00", "who": "anne", "entries": "BQ-20250120-R1"}
    ]
    assert _bank_groups(books, CHEQUE, "proposed") == []


def test_two_entries_matched_by_hand_are_one_group_with_its_residual(known_at: dict[str, Build]) -> None:
    books = known_at["2025-03-10"].of("maison")
    assert _bank_groups(books, TRANSFER) == [
        {
            "match_rule": "decision",
            "residual_amount": "-5.00",
            "who": "anne",
            "entries": "BQ-20250122-R3, BQ-20250123-R4",
        }
    ]


def test_a_rejected_pair_is_in_no_group(known_at: dict[str, Build]) -> None:
    books = known_at["2025-03-10"].of("maison")
    assert _bank_groups(books, SAFE) == []
    assert _bank_groups(books, SAFE, "proposed") == []


def test_an_alias_tells_whose_receipt_it_is(known_at: dict[str, Build]) -> None:
    books = known_at["2025-03-10"].of("maison")
    assert _receipt(books) == [("matched", "F105", "alias")]


def test_what_is_taken_back_is_as_before_and_the_rest_holds_though_the_ledger_was_exported_again(
    known_at: dict[str, Build],
) -> None:
    books = known_at["2025-04-30"].of("maison")
    assert [row["match_rule"] for row in _bank_groups(books, SAFE)] == ["amount"]
    assert {status for status, *_ in _receipt(books)} <= {"proposed"}
    assert [row["entries"] for row in _bank_groups(books, CHEQUE)] == ["BQ-20250120-R1"]


def test_a_decision_about_what_is_not_there_is_told(known_at: dict[str, Build]) -> None:
    assert known_at["2025-03-10"].of("maison").exceptions("decision_without_object") == []
    (told,) = known_at["2025-04-30"].of("maison").exceptions("decision_without_object")
    assert told["object_id"] == "2025-04-anne-2"
