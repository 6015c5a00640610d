"""Case 12. With no auxiliary account the account itself names the third party: its code is the whole account,
its name the account's label. The doubtful account of the same name is the same third party, the supplier's is
another. Codes are told apart by case."""

from tests.golden.books import Build, company
from tests.golden.ledger import FEC_2025, entry, fec, receipt, sale


def _leg(account: str, amount: str, name: str, **said: str) -> tuple[str, str, str, dict[str, str]]:
    return (account, amount, "", {"account_name": name, **said})


NAMED_BY_ACCOUNT = company(
    "case12",
    {
        FEC_2025: fec(
            entry("VE", "2025-01-10", "F1", _leg("411MARTIN", "120.00", "Martin SA"), ("707000", "-120.00")),
            entry(
                "VE",
                "2025-02-10",
                "F2",
                _leg("416MARTIN", "60.00", "Martin SA douteux"),
                ("707000", "-60.00"),
            ),
            entry(
                "AC",
                "2025-03-10",
                "A1",
                _leg("401MARTIN", "-50.00", "Martin fournitures"),
                ("607000", "50.00"),
            ),
        )
    },
)
WITH_AUXILIARY = company(
    "case12-auxiliary",
    {FEC_2025: fec(sale("2025-01-10", "C1", "F1", "120.00", account="411MARTIN"))},
)
WITHOUT_LETTERS = company(
    "case12-numeric",
    {FEC_2025: fec(sale("2025-01-10", "", "F1", "120.00", account="411000123"))},
)
LETTERED_IN_TWO_CASES = company(
    "case12-letters",
    {
        FEC_2025: fec(
            sale("2025-01-10", "C1", "F1", "100.00", letter="a"),
            receipt("2025-02-10", "C1", "P1", "100.00", letter="A"),
        )
    },
)
CODED_IN_TWO_CASES = company(
    "case12-codes",
    {
        FEC_2025: fec(
            sale("2025-01-10", "a", "F1", "100.00", letter="X"),
            receipt("2025-02-10", "A", "P1", "100.00", letter="X"),
        )
    },
)


def test_the_account_is_the_third_party(as_of: dict[str, Build]) -> None:
    parties = (
        as_of["2025-12-31"]
        .of("case12")
        .rows("SELECT * FROM dim_third_parties WHERE company_id = $company ORDER BY third_party_id")
    )
    assert [(row["third_party_id"], row["kind"], row["third_party_code"]) for row in parties] == [
        ("case12/customer/411MARTIN", "customer", "411MARTIN"),
        ("case12/supplier/401MARTIN", "supplier", "401MARTIN"),
    ]
    assert parties[1]["name"] == "Martin fournitures"
    assert parties[0]["name"] == "Martin SA"


def test_the_doubtful_account_is_the_same_third_party(as_of: dict[str, Build]) -> None:
    items = {row["document_ref"]: row for row in as_of["2025-12-31"].of("case12").items()}
    assert items["F1"]["third_party_id"] == items["F2"]["third_party_id"] == "case12/customer/411MARTIN"
    assert items["A1"]["third_party_id"] == "case12/supplier/401MARTIN"
    assert {document: row["is_doubtful"] for document, row in items.items()} == {
        "F1": False,
        "F2": True,
        "A1": False,
    }
    assert {document: row["ledger_side"] for document, row in items.items()} == {
        "F1": "receivable",
        "F2": "receivable",
        "A1": "payable",
    }


def test_each_account_has_its_own_control_balance(as_of: dict[str, Build]) -> None:
    controls = as_of["2025-12-31"].of("case12").control_totals("open_items_equal_control_account")
    assert {row["subject"]: (row["expected"], row["actual"]) for row in controls} == {
        "401MARTIN": ("50.00", "50.00"),
        "411MARTIN": ("120.00", "120.00"),
        "416MARTIN": ("60.00", "60.00"),
    }


def test_letters_of_another_case_are_another_code(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case12-letters")
    assert books.settlements() == []
    assert books.open_amounts() == {"F1": "100.00", "P1": "-100.00"}


def test_third_parties_of_another_case_are_others(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case12-codes")
    assert {row["document_ref"]: row["third_party_id"] for row in books.items()} == {
        "F1": "case12-codes/customer/a",
        "P1": "case12-codes/customer/A",
    }
    assert books.settlements() == []


def test_an_auxiliary_account_goes_before_the_account(as_of: dict[str, Build]) -> None:
    (item,) = as_of["2025-12-31"].of("case12-auxiliary").items()
    assert (item["third_party_id"], item["account_code"]) == ("case12-auxiliary/customer/C1", "411MARTIN")


def test_a_numeric_account_is_its_own_third_party(as_of: dict[str, Build]) -> None:
    (item,) = as_of["2025-12-31"].of("case12-numeric").items()
    assert item["third_party_id"] == "case12-numeric/customer/411000123"
