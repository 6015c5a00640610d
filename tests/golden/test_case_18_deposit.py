"""Case 18. One bank line for three cheques: one match of three where nothing else adds up to it, a proposal
where another combination does."""

from tests.golden.books import Build, Company, company
from tests.golden.documents import Movement, statement
from tests.golden.ledger import FEC_2025, entry, fec

ACCOUNT = "FR7630006000011234567890180"
DRAWERS = ("Durand", "Martin", "Petit", "Moreau")
CHEQUES = ("500.00", "230.50", "1000.00")


def _deposited(company_id: str, *amounts: str) -> Company:
    return company(
        company_id,
        {
            FEC_2025: fec(
                *(
                    entry(
                        "BQ",
                        "2025-01-21",
                        f"CHQ{number}",
                        ("512000", amount, "", {"label": f"Remise chèque {drawer}"}),
                        ("707000", f"-{amount}"),
                    )
                    for number, (drawer, amount) in enumerate(zip(DRAWERS, amounts, strict=False), 1)
                )
            ),
            "january.xml": statement(
                ACCOUNT,
                "JAN",
                "2025-01-01",
                "2025-01-31",
                "0.00",
                Movement("2025-01-23", "1730.50", "REMISE CHEQUES 3 CHQ"),
            ),
        },
    )


ONLY = _deposited("case18", *CHEQUES)
# 730.50 and 1,000.00 are 1,730.50 too.
SEVERAL = _deposited("case18-several", *CHEQUES, "730.50")


def test_one_match_of_three(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case18")
    (match,) = books.rows("SELECT * FROM fct_bank_matches WHERE company_id = $company")
    assert (match["match_status"], match["match_cardinality"], match["residual_amount"]) == (
        "matched",
        "1:n",
        "0.00",
    )
    members = books.rows("SELECT * FROM fct_bank_match_members WHERE match_id = $p1", match["match_id"])
    assert sorted(row["amount"] for row in members if row["side"] == "ledger") == sorted(CHEQUES)
    assert [row["amount"] for row in members if row["side"] == "bank"] == ["1730.50"]
    assert books.exceptions() == []


def test_where_another_combination_adds_up_all_are_proposed(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case18-several")
    matches = books.rows("SELECT * FROM fct_bank_matches WHERE company_id = $company")
    assert {match["match_status"] for match in matches} == {"proposed"}
    members = {
        tuple(
            row["amount"]
            for row in books.rows(
                "SELECT amount FROM fct_bank_match_members WHERE match_id = $p1 AND side = 'ledger' ORDER BY amount",
                match["match_id"],
            )
        )
        for match in matches
    }
    assert members == {("230.50", "500.00", "1000.00"), ("730.50", "1000.00")}
    (exception,) = [row for row in books.exceptions() if row["side"] == "bank"]
    assert (exception["reason_code"], exception["amount"]) == ("ambiguous", "1730.50")
