"""The generated ledgers are ledgers: balanced, numbered, carried forward and lettered as an accountant does it."""

from collections import defaultdict
from datetime import date, timedelta

AS_OF = date(2026, 6, 30)


def test_every_entry_and_every_journal_balances_to_the_cent(clean, company_id):
    entries, journals = defaultdict(int), defaultdict(int)
    for row in clean.rows(company_id):
        entries[row.year, row.journal, row.number] += row.cents
        journals[row.year, row.journal] += row.cents
    assert len(entries) > 1_000
    assert len(journals) == 10
    assert not any(entries.values())
    assert not any(journals.values())


def test_entries_are_numbered_without_a_gap(clean, company_id):
    numbers = defaultdict(set)
    for row in clean.rows(company_id):
        digits = int(row.number.removeprefix(row.journal))
        numbers[row.year, row.journal if row.number.startswith(row.journal) else None].add(digits)
    for used in numbers.values():
        assert used == set(range(1, len(used) + 1))


def test_each_year_opens_as_the_one_before_closed(clean, company_id):
    closing, opening = defaultdict(int), defaultdict(int)
    for row in clean.rows(company_id):
        if row.year == 2025:
            is_result = row.account[0] in "67"
            closing["120", ""] += row.cents if is_result else 0
            closing[row.account, row.party] += 0 if is_result else row.cents
        elif row.is_opening:
            opening["120" if row.account.startswith("120") else row.account, row.party] += row.cents
    assert {key: value for key, value in opening.items() if value} == {k: v for k, v in closing.items() if v}


def test_one_company_carries_items_forward_one_by_one_and_the_other_one_line_per_third_party(clean):
    def lines_per_party(company_id):
        counts = defaultdict(int)
        for row in clean.rows(company_id):
            if row.year == 2026 and row.is_opening and row.party:
                counts[row.account, row.party] += 1
        return counts

    assert max(lines_per_party("brindille-conseil").values()) > 3
    assert set(lines_per_party("comptoir-des-embruns").values()) == {1}


def test_upper_case_codes_balance_and_lower_case_ones_do_not(clean, company_id):
    groups = defaultdict(list)
    for row in clean.rows(company_id):
        if row.letter:
            assert row.party
            groups[row.year, row.account, row.party, row.letter].append(row)
    complete = [rows for (*_, code), rows in groups.items() if code.isupper()]
    partial = [rows for (*_, code), rows in groups.items() if code.islower()]
    assert len(complete) > 300
    assert len(partial) > 5
    assert all(sum(row.cents for row in rows) == 0 for rows in complete)
    for rows in partial:
        assert sum(row.cents for row in rows) != 0
        assert {row.cents > 0 for row in rows} == {True, False}


def test_codes_start_again_in_each_account_third_party_and_year(clean, company_id):
    first = {(row.year, row.account, row.party) for row in clean.rows(company_id) if row.letter == "AA"}
    lettered = {(row.year, row.account, row.party) for row in clean.rows(company_id) if row.letter.isupper()}
    assert first == lettered
    assert len(first) > 20


def test_the_last_three_weeks_are_not_lettered_and_the_last_weeks_not_validated(clean, company_id):
    rows = [row for row in clean.rows(company_id) if row.year == 2026]
    assert {row.letter for row in rows if row.day > AS_OF - timedelta(days=21)} == {""}
    assert any(row.letter for row in rows if row.day > AS_OF - timedelta(days=40))
    assert all((row.valid_day is None) == (row.day > AS_OF - timedelta(days=45)) for row in rows)
    assert all(row.valid_day for row in clean.rows(company_id) if row.year == 2025)


def test_lettering_is_never_dated_before_its_lines(clean, company_id):
    for row in clean.rows(company_id):
        assert row.letter_day is None or row.letter_day >= row.day


def test_due_dates_stand_in_one_year_of_one_company(clean):
    told = [row for row in clean.rows("comptoir-des-embruns") if row.due]
    assert {row.year for row in told} == {2026}
    assert {row.account[:3] for row in told} == {"411", "401", "404"}
    assert not any(row.due for row in clean.rows("brindille-conseil"))


def test_every_behaviour_shows(large):
    rows = large.rows("brindille-conseil") + large.rows("comptoir-des-embruns")
    accounts = {row.account[:4] for row in rows}
    assert {
        "4110",
        "4130",
        "4160",
        "4191",
        "4010",
        "4030",
        "4040",
        "5115",
        "6270",
        "4210",
        "4455",
    } <= accounts
    returned = [
        row for row in rows if row.account.startswith("411") and row.cents > 0 and row.journal in ("BQ", "BP")
    ]
    # What came back bears the invoice's number; what was posted twice and taken back, the transfer's.
    assert {row.piece[:2] for row in returned} == {"FA", "VI"}
