"""What the truth calls open is what the ledger's own lines and lettering say."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

AS_OF = date(2026, 6, 30)
THIRD_PARTY = ("411", "413", "416", "419", "401", "403", "404")
DATES = [date(2025, 1, 31), date(2025, 7, 14), date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31), AS_OF]


def booked(sample, company_id):
    """Third-party lines without the opening entries, which restate lines that are there already."""
    rows = sample.rows(company_id)
    return [r for r in rows if r.account.startswith(THIRD_PARTY) and not (r.is_opening and r.party)]


def open_cents(sample, company_id, as_of, *key):
    """Open amounts as debit less credit, in cents, summed by the columns of ``key``."""
    sums = defaultdict(int)
    for item in sample.truth.open_items(as_of).to_pylist():
        if item["company_id"] == company_id:
            sign = 1 if item["ledger_side"] == "receivable" else -1
            sums[tuple(item[name] for name in key)] += sign * int(item["open_amount"] * 100)
    return dict(sums)


@pytest.mark.parametrize("as_of", DATES, ids=str)
def test_open_items_are_the_balance_of_each_account_and_third_party(clean, company_id, as_of):
    balances = defaultdict(int)
    for row in booked(clean, company_id):
        if row.day <= as_of:
            balances[row.account, row.party] += row.cents
    told = open_cents(clean, company_id, as_of, "account_code", "third_party_code")
    assert len(told) > 5
    assert {k: v for k, v in told.items() if v} == {k: v for k, v in balances.items() if v}


def test_items_are_the_lines_of_the_files(clean, company_id):
    items = defaultdict(int)
    for item in clean.truth.items.to_pylist():
        if item["company_id"] == company_id:
            sign = 1 if item["ledger_side"] == "receivable" else -1
            key = (
                item["fiscal_year_end_date"].year,
                item["source_row"],
                item["entry_number"],
                item["document_ref"],
            )
            items[key] += sign * int(item["original_amount"] * 100)
    assert items == {(r.year, r.row, r.number, r.piece): r.cents for r in booked(clean, company_id)}


def test_what_is_fully_lettered_is_gone_and_what_is_not_lettered_is_open(clean):
    """Line by line, where opening entries are detailed: an opening line carries on the line of the same piece."""
    company_id = "brindille-conseil"
    last_letter = {}
    carried = defaultdict(list)
    for row in clean.rows(company_id):
        if row.year == 2025 and row.party:
            carried[row.account, row.party, row.piece, row.cents].append((row.year, row.row))
            last_letter[row.year, row.row] = row.letter
    for row in clean.rows(company_id):
        if row.year == 2026 and row.party:
            if row.is_opening:
                origin = [
                    o
                    for o in carried[row.account, row.party, row.piece, row.cents]
                    if not last_letter[o].isupper()
                ]
                assert len(origin) == 1
                last_letter[origin[0]] = row.letter
            else:
                last_letter[row.year, row.row] = row.letter
    told = defaultdict(int, open_cents(clean, company_id, AS_OF, "fiscal_year_end_date", "source_row"))
    told = {(end.year, row): cents for (end, row), cents in told.items()}
    assert sum(code.isupper() for code in last_letter.values()) > 500
    for row in booked(clean, company_id):
        code = last_letter[row.year, row.row]
        if code == "":
            assert told[row.year, row.row] == row.cents
        elif code.isupper():
            assert (row.year, row.row) not in told
        else:
            assert abs(told.get((row.year, row.row), 0)) <= abs(row.cents)


def test_settlements_take_effect_with_the_later_of_two_lines_and_never_exceed_an_item(clean):
    items = clean.truth.items.to_pylist()
    used = defaultdict(Decimal)
    for s in clean.truth.settlements.to_pylist():
        debit, credit = items[s["debit_item"]], items[s["credit_item"]]
        for name in ("company_id", "account_code", "third_party_code"):
            assert debit[name] == credit[name]
        both_years = zip(debit["lettering"], credit["lettering"], strict=True)
        assert any(one is not None and one == other for one, other in both_years)
        assert s["effective_date"] == max(debit["entry_date"], credit["entry_date"])
        assert s["amount"] > 0
        used[s["debit_item"]] += s["amount"]
        used[s["credit_item"]] += s["amount"]
    assert len(used) > 500
    assert all(amount <= abs(items[item]["original_amount"]) for item, amount in used.items())


def test_what_a_year_letters_settles_there_however_the_next_year_opens(clean, company_id):
    """A code's lines in the file of 2025 leave one side only, also where one line opens 2026 for them all."""
    row_of = {
        i["item"]: (i["fiscal_year_end_date"].year, i["source_row"])
        for i in clean.truth.items.to_pylist()
        if i["company_id"] == company_id
    }
    code_of = {
        (r.year, r.row): (r.account, r.party, r.letter)
        for r in booked(clean, company_id)
        if r.year == 2025 and r.letter
    }
    settled, lettered = defaultdict(int), defaultdict(lambda: [0, 0])
    for s in clean.truth.settlements.to_pylist():
        if s["company_id"] == company_id:
            codes = [code_of.get(row_of[s[side]]) for side in ("debit_item", "credit_item")]
            if codes[0] is not None and codes[0] == codes[1]:
                settled[codes[0]] += int(s["amount"] * 100)
    for r in booked(clean, company_id):
        if (r.year, r.row) in code_of:
            lettered[r.account, r.party, r.letter][r.cents < 0] += abs(r.cents)
    assert any(code.islower() for _, _, code in lettered)
    assert settled == {code: min(debit, credit) for code, (debit, credit) in lettered.items()}


def test_what_cancels_out_beside_the_one_item_that_a_balance_is_stays_open(clean):
    """A line that opens 2026 with the amount of one item stands for it: nobody said what its neighbours are."""
    embruns = "comptoir-des-embruns"
    left = defaultdict(lambda: defaultdict(int))
    for item in clean.truth.open_items(date(2025, 12, 31)).to_pylist():
        if item["company_id"] == embruns:
            sign = 1 if item["ledger_side"] == "receivable" else -1
            owner = item["account_code"], item["third_party_code"]
            left[owner][item["source_row"]] += sign * int(item["open_amount"] * 100)
    still_open = {
        item["source_row"]
        for item in clean.truth.open_items(AS_OF).to_pylist()
        if item["company_id"] == embruns and item["fiscal_year_end_date"].year == 2025
    }
    beside = set()
    for opening in clean.rows(embruns):
        if opening.is_opening and opening.party and opening.year == 2026:
            rows = left[opening.account, opening.party]
            equal = [row for row, cents in rows.items() if cents == opening.cents]
            if len(equal) == 1:
                beside |= rows.keys() - equal
    assert beside
    assert beside <= still_open


def test_a_settlement_spans_two_years(clean, company_id):
    items = clean.truth.items.to_pylist()
    spans = [
        s
        for s in clean.truth.settlements.to_pylist()
        if s["company_id"] == company_id
        and items[s["debit_item"]]["entry_date"].year != items[s["credit_item"]]["entry_date"].year
    ]
    assert len(spans) > 10


def test_doubtful_bills_and_returned_debits_keep_their_document_and_due_date(clean):
    items = clean.truth.items.to_pylist()
    invoices = {
        (i["company_id"], i["document_ref"]): i
        for i in items
        if i["item_type"] == "invoice" and i["account_code"][:3] == "411"
    }
    moved = [i for i in items if i["account_code"][:3] in ("416", "413") and i["original_amount"] > 0]
    assert {i["account_code"][:3] for i in moved} == {"416", "413"}
    for item in moved:
        origin = invoices[item["company_id"], item["document_ref"]]
        assert (item["due_date"], item["document_date"]) == (origin["due_date"], origin["document_date"])


def test_instalments_are_items_that_add_up_to_the_invoice(clean):
    parts = defaultdict(list)
    for item in clean.truth.items.to_pylist():
        if (
            item["company_id"] == "brindille-conseil"
            and item["item_type"] == "invoice"
            and item["account_code"] == "411000"
        ):
            parts[item["document_ref"]].append(item)
    split = [items for items in parts.values() if len(items) > 1]
    assert split
    for items in split:
        assert len({item["due_date"] for item in items}) == len(items) == 3
        issued = items[0]["document_date"]
        assert [(item["due_date"] - issued).days for item in items] == [30, 60, 90]


def test_the_truth_is_written_beside_the_inbox(clean, tmp_path):
    clean.truth.write(tmp_path / "truth")
    written = pq.read_table(tmp_path / "truth" / "items.parquet")
    assert written.num_rows == len(clean.truth.items)
    assert {p.name for p in (tmp_path / "truth").iterdir()} == {
        "items.parquet",
        "settlements.parquet",
        "bank_transactions.parquet",
        "ledger_bank_lines.parquet",
        "payments.parquet",
        "disputes.parquet",
        "promises.parquet",
        "dunning_events.parquet",
        "truth.json",
    }
