"""Case 10. Payment terms as people write them, on an invoice of 15 January 2025; the default where nothing is
known, and the default with a warning that names the customer where the terms cannot be read."""

import pytest

from tests.golden.books import Build, company
from tests.golden.documents import table
from tests.golden.ledger import FEC_2025, fec, purchase, sale

DUE_UNDER_TERMS = {
    "30": "2025-02-14",
    "60": "2025-03-16",
    "45 EOM": "2025-03-31",
    "EOM 45": "2025-03-17",
    "30 EOM 10": "2025-03-10",
    "30 net": "2025-02-14",
    "45 jours fin de mois": "2025-03-31",
    "0": "2025-01-15",
    # Several values may stand in one cell: the first is the customer's own.
    "60|30": "2025-03-16",
}
CUSTOMER_OF_TERMS = {terms: f"T{number}" for number, terms in enumerate(DUE_UNDER_TERMS, 1)}
COMPANY = company(
    "case10",
    {
        "third_parties.csv": table(
            "third_party_code,name,payment_terms",
            *(f"{code},Client {code},{terms}" for terms, code in CUSTOMER_OF_TERMS.items()),
            "EMPTY,Client sans conditions,",
            "ODD,Boulangerie Odette,au prochain passage",
        ),
        FEC_2025: fec(
            *(
                sale("2025-01-15", code, f"F-{code}", "120.00")
                for code in (*CUSTOMER_OF_TERMS.values(), "EMPTY", "ODD", "UNLISTED")
            )
        ),
    },
)

# One code, twice: the customer's terms are not the supplier's.
BOTH_KINDS = company(
    "case10-kinds",
    {
        "third_parties.csv": table(
            "kind,third_party_code,name,payment_terms", "customer,12,Douze,45 EOM", "supplier,12,Douze,60"
        ),
        FEC_2025: fec(sale("2025-01-15", "12", "F1", "120.00"), purchase("2025-01-15", "12", "A1", "120.00")),
    },
)


@pytest.mark.parametrize("terms", DUE_UNDER_TERMS)
def test_due_date_under_terms(as_of: dict[str, Build], terms: str) -> None:
    item = as_of["2025-12-31"].of("case10").item(f"F-{CUSTOMER_OF_TERMS[terms]}")
    assert (item["due_date"], item["due_date_source"]) == (DUE_UNDER_TERMS[terms], "terms")


@pytest.mark.parametrize("customer", ["EMPTY", "UNLISTED", "ODD"])
def test_the_default_holds_where_nothing_can_be_read(as_of: dict[str, Build], customer: str) -> None:
    item = as_of["2025-12-31"].of("case10").item(f"F-{customer}")
    assert (item["due_date"], item["due_date_source"]) == ("2025-02-14", "default")


def test_unreadable_terms_are_one_warning_that_names_the_customer(as_of: dict[str, Build]) -> None:
    (warning,) = as_of["2025-12-31"].of("case10").exceptions("terms_unreadable")
    for language in ("explanation_fr", "explanation_en"):
        assert "Boulangerie Odette" in warning[language]
        assert "au prochain passage" in warning[language]


def test_customer_and_supplier_of_one_code_have_terms_of_their_own(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case10-kinds")
    assert (books.item("F1")["due_date"], books.item("A1")["due_date"]) == ("2025-03-31", "2025-03-16")
