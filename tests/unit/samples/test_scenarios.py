"""What the truth calls a situation is in the files as it happens in practice."""

import csv
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from samples.generator import generate
from samples.scenarios import SCENARIOS
from tests.unit.samples.conftest import AS_OF, BRINDILLE, EMBRUNS, Sample, cents, fec_rows


@dataclass(frozen=True)
class Told:
    """What a bank tells of a movement."""

    name: str
    iban: str
    text: str


@pytest.fixture(scope="session")
def told(large):
    """Company and bank reference → what the bank tells of an entry that is no batch."""
    found = {}
    for path in large.inbox.glob("*/*/*.xml"):
        root = ElementTree.fromstring(path.read_bytes())
        space = root.tag.split("}")[0] + "}"
        for entry in root.iter(f"{space}Ntry"):
            details = list(entry.iter(f"{space}TxDtls"))
            if len(details) == 1:
                found[path.parts[-3], entry.findtext(f"{space}AcctSvcrRef")] = Told(
                    next((node.text for node in details[0].iter(f"{space}Nm")), ""),
                    next((node.text for node in details[0].iter(f"{space}IBAN")), ""),
                    next(details[0].iter(f"{space}Ustrd")).text,
                )
    return found


@pytest.fixture(scope="session")
def third_parties(large):
    """Company, kind and code → row of third_parties.csv."""
    found = {}
    for company_id, separator in ((BRINDILLE, ","), (EMBRUNS, ";")):
        path = large.inbox / company_id / "third_parties.csv"
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter=separator):
                found[company_id, row["kind"], row["third_party_code"]] = row
    return found


def bank_of(sample, scenario):
    """The bank's rows of a scenario by company and match."""
    return of(sample.truth.bank_transactions, scenario)


def ledger_of(sample, scenario):
    """The ledger's rows of a scenario by company and match."""
    return of(sample.truth.ledger_bank_lines, scenario)


def of(table, scenario):
    found = defaultdict(list)
    for row in table.to_pylist():
        if row["scenario"] == scenario:
            found[row["company_id"], row["match"]].append(row)
    return found


def paid(sample, scenario):
    """What each movement of a scenario pays, by company and reference."""
    found = defaultdict(list)
    for row in sample.truth.payments.to_pylist():
        if row["scenario"] == scenario:
            found[row["company_id"], row["bank_entry_reference"]].append(row)
    return found


def total(rows):
    return sum((row["amount"] for row in rows), Decimal(0))


def test_every_situation_shows(large):
    tables = (large.truth.bank_transactions, large.truth.ledger_bank_lines, large.truth.items)
    shown = {scenario for table in tables for scenario in table["scenario"].to_pylist()}
    assert shown - {None} == set(SCENARIOS)


def test_receipts_of_the_last_days_are_at_the_bank_and_not_in_the_books(large):
    booked = {(row["company_id"], row["match"]) for row in large.truth.ledger_bank_lines.to_pylist()}
    receipts = [
        row for row in large.truth.bank_transactions.to_pylist() if row["transaction_kind"] == "transfer_in"
    ]
    waiting = [row for row in receipts if (row["company_id"], row["match"]) not in booked]
    assert len(waiting) > 20
    assert all(row["booking_date"] > AS_OF - timedelta(days=14) for row in waiting)
    assert {row["booking_date"] for row in receipts if row not in waiting} & {
        row["booking_date"] for row in waiting
    }
    pays = {(row["company_id"], row["bank_entry_reference"]) for row in large.truth.payments.to_pylist()}
    assert sum((row["company_id"], row["bank_entry_reference"]) in pays for row in waiting) > 20


def test_a_discount_is_two_per_cent_of_the_invoice_within_ten_days_of_it(large, third_parties):
    items = {}
    for row in large.truth.items.to_pylist():
        items[row["company_id"], row["document_ref"]] = row
    bank = {
        (row["company_id"], row["bank_entry_reference"]): row
        for row in large.truth.bank_transactions.to_pylist()
    }
    found = paid(large, "discount")
    assert len(found) > 3
    for key, (row,) in found.items():
        invoice = items[row["company_id"], row["document_ref"]]
        two_per_cent = invoice["original_amount"] / 50
        assert abs(invoice["original_amount"] - row["amount"] - two_per_cent) <= Decimal("0.005")
        assert (bank[key]["booking_date"] - invoice["document_date"]).days <= 10
        customer = third_parties[row["company_id"], "customer", row["third_party_code"]]
        assert customer["payment_terms"] == "2/10 net 30"


def test_dollars_come_at_another_rate_than_they_were_billed(large):
    """And the exchange difference closes the customer's account once it is booked."""
    sums = defaultdict(int)
    for company in (BRINDILLE, EMBRUNS):
        groups = defaultdict(list)
        for row in large.truth.items.to_pylist():
            if row["company_id"] == company and row["scenario"] == "exchange":
                groups[row["group"]].append(row)
        for rows in groups.values():
            kinds = {row["item_type"]: row["original_amount"] for row in rows}
            if len(kinds) == 3:
                assert sum(kinds.values()) == 0
                sums["closed"] += 1
                sums["different"] += kinds["invoice"] != -kinds["payment"]
    assert sums["closed"] > 5
    assert sums["closed"] == sums["different"]
    rates = (large.inbox / BRINDILLE / "fx_rates.csv").read_text(encoding="utf-8").splitlines()
    assert rates[1].startswith('2025-01-01,"USD","EUR",1.')
    assert rates[-1].startswith(f'{AS_OF},"USD","EUR",1.')


def test_dollars_stand_in_the_ledger_beside_the_euros(large):
    path = next((large.inbox / BRINDILLE).glob("*FEC20251231.txt"))
    names, *lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    in_dollars = [row for row in rows if row["Idevise"]]
    assert {row["Idevise"] for row in in_dollars} == {"USD"}
    for row in in_dollars:
        euros, dollars = cents(row["Debit"]) - cents(row["Credit"]), row["Montantdevise"].replace(",", "")
        assert 1.0 < int(dollars) / euros < 1.25
    assert {row["CompteNum"] for row in in_dollars} == {"411000"}


def test_somebody_else_pays(large, told, third_parties):
    found = paid(large, "other_payer")
    assert len(found) > 20
    ibans = {row["iban"] for row in third_parties.values()}
    for (company_id, reference), rows in found.items():
        customer = third_parties[company_id, "customer", rows[0]["third_party_code"]]
        assert told[company_id, reference].iban not in ibans
        assert told[company_id, reference].name.split()[0] != customer["name"].upper().split()[0]


def test_two_customers_share_an_account(large, told, third_parties):
    owners = defaultdict(set)
    for (company_id, kind, code), row in third_parties.items():
        if row["iban"] and kind == "customer":
            owners[company_id, row["iban"]].add(code)
    found = paid(large, "shared_iban")
    assert len(found) > 10
    for (company_id, reference), rows in found.items():
        codes = owners[company_id, told[company_id, reference].iban]
        assert len(codes) == 2
        assert rows[0]["third_party_code"] in codes


def test_a_reference_is_misread(large, told):
    found = paid(large, "reference_misread")
    assert len(found) > 10
    for (company_id, reference), rows in found.items():
        number = rows[-1]["document_ref"].split("-")[1]
        said = told[company_id, reference].text.split()[-1].split("-")[-1]
        assert said != number
        assert Counter(said) == Counter(number) or number.startswith(said)


def test_names_are_cut_and_in_capitals_without_accents(large, told):
    names = {row.name for row in told.values() if row.name}
    assert all(name == name.upper() and name.isascii() for name in names)
    assert {24, 35} <= {len(name) for name in names}
    assert max(map(len, names)) > 35


def entry_accounts(sample, company_id):
    """Year, journal and entry number → accounts."""
    found = defaultdict(set)
    for path in sorted((sample.inbox / company_id).glob("*FEC*.txt")):
        for row in fec_rows(path, company_id):
            found[row.year, row.journal, row.number].add(row.account[:3])
    return found


def test_what_nobody_can_place_waits_in_suspense(large, told):
    accounts = {company_id: entry_accounts(large, company_id) for company_id in (BRINDILLE, EMBRUNS)}
    lines = [row for rows in ledger_of(large, "suspense").values() for row in rows]
    assert len(lines) > 5
    for row in lines:
        entry = (row["fiscal_year_end_date"].year, row["journal_code"], row["entry_number"])
        assert accounts[row["company_id"]][entry] == {"512", "471"}
    assert not any(re.search("[0-9]", told[key].text) for key in paid(large, "suspense"))


def test_what_is_posted_twice_is_at_the_bank_once_and_taken_back_later(large):
    bank, ledger = bank_of(large, "posted_twice"), ledger_of(large, "posted_twice")
    again = {key: rows for key, rows in ledger.items() if key not in bank}
    assert len(again) >= 3
    for rows in again.values():
        assert total(rows) == 0 if len(rows) == 2 else rows[0]["entry_date"] > AS_OF - timedelta(days=60)
    assert 2 in {len(rows) for rows in again.values()}


def test_lost_cheques_are_cancelled_and_written_again(large):
    assert bank_of(large, "void_and_reissue") == {}
    lost = ledger_of(large, "void_and_reissue")
    assert len(lost) > 3
    assert all(total(rows) == 0 for rows in lost.values() if len(rows) == 2)
    assert sum(len(rows) == 2 for rows in lost.values()) > 3


def test_some_cheques_never_come_to_the_bank(large):
    assert bank_of(large, "never_presented") == {}
    assert len(ledger_of(large, "never_presented")) > 2


def test_a_wrong_payment_comes_back(large):
    """Booked with its return, or both cancel out at the bank."""
    bank, ledger = bank_of(large, "wrong_payment"), ledger_of(large, "wrong_payment")
    unbooked = {key: rows for key, rows in bank.items() if key not in ledger}
    assert unbooked
    assert all(total(rows) == 0 for rows in unbooked.values() if len(rows) == 2)
    assert {len(rows) for rows in unbooked.values()} >= {2}
    booked = {key: rows for key, rows in bank.items() if key in ledger}
    assert booked
    assert all(total(rows) == total(ledger[key]) for key, rows in booked.items())


def test_money_moves_between_two_accounts_of_one_company(large):
    bank = bank_of(large, "internal_transfer")
    assert len({row["iban"] for rows in bank.values() for row in rows}) == 2
    signed = [row["amount"] for rows in bank.values() for row in rows]
    assert sum(signed) == 0
    assert len(signed) == 36
    rows = [row for row in large.rows(BRINDILLE) if row.account == "580000"]
    assert sum(row.cents for row in rows if row.year == 2026) == 0


def test_several_customers_pay_the_same_amount_on_the_same_day(large):
    customers = defaultdict(set)
    movements = {
        (row["company_id"], row["bank_entry_reference"]): row
        for row in large.truth.bank_transactions.to_pylist()
    }
    for key, rows in paid(large, "subscription").items():
        movement = movements[key]
        customers[movement["booking_date"], movement["amount"]].add(rows[0]["third_party_code"])
    assert sum(len(codes) > 1 for codes in customers.values()) > 2


def test_one_entry_for_many_bank_lines_and_one_bank_line_for_many_entries(large):
    for scenario, bank_lines, ledger_lines in (
        ("salaries", range(2, 6), {1}),
        ("cheque_deposit", {1}, range(1, 9)),
        ("direct_debit_batch", range(1, 101), {1}),
    ):
        bank, ledger = bank_of(large, scenario), ledger_of(large, scenario)
        both = bank.keys() & ledger.keys()
        assert len(both) > 30
        assert {len(bank[key]) for key in both} <= set(bank_lines)
        assert {len(ledger[key]) for key in both} <= set(ledger_lines)
        assert max(len(bank[key]) + len(ledger[key]) for key in both) > 3
        assert all(total(bank[key]) == total(ledger[key]) for key in both)


def test_what_comes_back_has_both_legs(large):
    for scenario, kind in (("returned_debit", "return"), ("returned_cheque", "cheque_return")):
        rows = [row for rows in bank_of(large, scenario).values() for row in rows]
        assert {kind} <= {row["transaction_kind"] for row in rows}
        assert all(row["amount"] < 0 for row in rows if row["transaction_kind"] == kind)
        assert ledger_of(large, scenario)


def test_pairs_that_are_not_lettered_are_open_and_of_one_third_party(large):
    items = {row["item"]: row for row in large.truth.open_items(AS_OF).to_pylist()}
    pairs = large.truth.unlettered(AS_OF).to_pylist()
    assert len(pairs) > 100
    for pair in pairs:
        payment, document = items[pair["payment_item"]], items[pair["document_item"]]
        for name in ("company_id", "account_code", "third_party_code", "group"):
            assert payment[name] == document[name]
        assert payment["open_amount"] < 0
        assert document["open_amount"] > 0 or document["item_type"] == "credit_note"
        assert payment["scenario"] == pair["scenario"]
    old = [pair for pair in pairs if items[pair["payment_item"]]["entry_date"] < AS_OF - timedelta(days=60)]
    assert old
    assert {"one_invoice", "several_invoices", "part_payment", "instalments"} <= {
        pair["scenario"] for pair in pairs
    }


def test_hiding_leaves_the_bank_as_it_is(tmp_path):
    whole = generate(tmp_path / "whole", lines=4_000, seed=2, as_of=AS_OF, with_faults=False)
    hidden = generate(
        tmp_path / "hidden", lines=4_000, seed=2, as_of=AS_OF, with_faults=False, hidden_share=0.2
    )
    for path in (tmp_path / "whole").rglob("*.xml"):
        assert (tmp_path / "hidden" / path.relative_to(tmp_path / "whole")).read_bytes() == path.read_bytes()
    assert not any(whole.bank_transactions["is_hidden"].to_pylist() + whole.payments["is_hidden"].to_pylist())

    lines = [len(truth.ledger_bank_lines) for truth in (whole, hidden)]
    assert 0.15 < 1 - lines[1] / lines[0] < 0.25
    booked = {(row["company_id"], row["match"]) for row in hidden.ledger_bank_lines.to_pylist()}
    before = {(row["company_id"], row["match"]) for row in whole.ledger_bank_lines.to_pylist()}
    for row in hidden.bank_transactions.to_pylist():
        key = (row["company_id"], row["match"])
        assert key in booked or row["is_hidden"] or key not in before
    documents = {(row["company_id"], row["document_ref"]) for row in hidden.items.to_pylist()}
    paid_for = [row for row in hidden.payments.to_pylist() if row["is_hidden"]]
    assert 0.1 < len(paid_for) / len(hidden.payments) < 0.3
    gone = [row for row in paid_for if (row["company_id"], row["document_ref"]) not in documents]
    assert len(gone) > 0.8 * len(paid_for)
    for company_id in (BRINDILLE, EMBRUNS):
        balances = Counter()
        for row in Sample(tmp_path / "hidden", hidden).rows(company_id):
            balances[row.year, row.journal, row.number] += row.cents
        assert not any(balances.values())


@pytest.mark.parametrize("share", [-0.1, 1, 1.5])
def test_no_share_or_all_of_it_cannot_be_hidden(tmp_path, share):
    with pytest.raises(ValueError, match="from 0 to less than 1"):
        generate(tmp_path, hidden_share=share, as_of=date(2026, 6, 30))
