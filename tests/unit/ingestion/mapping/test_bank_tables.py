"""Bank statements read by a mapping of encours.toml, feature by feature, on files made by hand."""

import tomllib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from home.settings import Settings

NAME = 'name = "bank"\nlands_as = "bank_statement"\n'
PLAIN = NAME + 'columns = { booking_date = "Date", remittance_text = "Text", amount = "Amount" }\n'


def mapped(desk: Any, mapping: str, content: str | bytes, file: str = "acme/CH93/january.csv") -> Any:
    """The record of a file read by one configured mapping."""
    desk.settings = Settings.model_validate({"mappings": [tomllib.loads(mapping)]})
    desk.drop(file, content)
    (record,) = desk.take().new_files
    assert record.status == "landed", (record.reason, record.remedy)
    return record


def movements(desk: Any) -> list[tuple[str, Decimal, str | None]]:
    return [
        (row["booking_date"].isoformat(), row["amount"], row["remittance_text"])
        for row in desk.rows("bank_transactions")
    ]


def statement(desk: Any) -> dict[str, Any]:
    (row,) = desk.rows("bank_statements")
    return dict(row)


def test_a_table_lands_whole_with_its_account_from_the_folder(desk: Any) -> None:
    record = mapped(desk, PLAIN, "Date;Text;Amount\n2026-01-02;Rent;-900.00\n2026-01-05;Martin F12;840.5\n")
    assert movements(desk) == [
        ("2026-01-02", Decimal("-900.00"), "Rent"),
        ("2026-01-05", Decimal("840.50"), "Martin F12"),
    ]
    row = statement(desk)
    assert (row["account_number"], row["account_currency"], row["entry_count"]) == ("CH93", "EUR", 2)
    assert (row["from_date"], row["to_date"]) == (date(2026, 1, 2), date(2026, 1, 5))
    assert (record.kind, record.total_credit, record.total_debit) == (
        "bank_statement",
        Decimal("840.50"),
        900,
    )
    assert record.dialect == "mapping bank;semicolon;utf-8;lf;statements 1"
    assert [row["source_row"] for row in desk.rows("bank_transactions")] == [2, 3]


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_encoding_and_line_ends_are_found(desk: Any, mark: str, encoding: str, end: str) -> None:
    lines = ["Date,Libellé,Amount", '2026-01-02,"Loyer, février",-900.00', "2026-01-05,Café,840.50"]
    text = end.join(lines).replace(",", mark).replace(f"Loyer{mark}", "Loyer,") + end
    mapped(desk, PLAIN.replace('"Text"', '"Libellé"'), text.encode(encoding))
    assert [row[2] for row in movements(desk)] == ["Loyer, février", "Café"]


def test_an_encoding_that_is_named_is_taken(desk: Any) -> None:
    text = "Date;Libellé;Amount\n2026-01-02;Café à Orléans;-1.00\n"
    mapped(desk, PLAIN.replace('"Text"', '"Libellé"') + 'encoding = "cp850"\n', text.encode("cp850"))
    assert movements(desk)[0][2] == "Café à Orléans"


def test_the_header_is_found_wherever_it_stands_and_rows_may_be_ragged(desk: Any) -> None:
    text = (
        "Statement of account\n;;;\nfrom;2026-01-01\n\n"
        "Amount;Date;Text;Unused\n-1.00;2026-01-02;A\n2.00;2026-01-03\n;;;\n"
    )
    mapped(desk, PLAIN, text)
    assert movements(desk) == [("2026-01-02", Decimal(-1), "A"), ("2026-01-03", Decimal(2), None)]


def test_columns_without_header_go_by_number_and_the_file_by_a_pattern(desk: Any) -> None:
    mapping = (
        NAME + "pattern = '\\A[0-9-]+;'\ncolumns = { booking_date = 1, remittance_text = 3, amount = 2 }\n"
    )
    mapped(desk, mapping, "2026-01-02;-1.00;A\n2026-01-03;2.00;B\n")
    assert movements(desk) == [("2026-01-02", Decimal(-1), "A"), ("2026-01-03", Decimal(2), "B")]


def test_names_have_alternatives_and_wildcards_and_are_compared_without_accents(desk: Any) -> None:
    mapping = NAME + (
        'columns = { booking_date = "Date | Datum", credit = "Credit in * | Crédit en *", debit = "Débit en *" }\n'
        "patterns = { currency = 'crédit en ([A-Z]{3})' }\n"
    )
    mapped(desk, mapping, "DATUM;crédit en CHF;Debit en CHF\n2026-01-02;;5.00\n2026-01-03;7.00;\n")
    assert [row[1] for row in movements(desk)] == [Decimal(-5), Decimal(7)]
    assert statement(desk)["account_currency"] == "CHF"


def test_debit_and_credit_columns_decide_whatever_the_sign(desk: Any) -> None:
    mapping = NAME + 'columns = { booking_date = "Date", debit = "Out", credit = "In" }\n'
    text = (
        "Date;Out;In\n2026-01-02;-5.00;\n2026-01-02;6.00;\n"
        "2026-01-02;;+7.00\n2026-01-02;0.00;8.00\n2026-01-02;0.00;0.00\n"
    )
    mapped(desk, mapping, text)
    assert [row[1] for row in movements(desk)] == [-5, -6, 7, 8, 0]


def test_a_direction_decides_by_usual_words_or_by_those_of_the_mapping(desk: Any) -> None:
    mapping = NAME + (
        'columns = { booking_date = "Date", amount = "Amount", direction = "Way" }\n'
        'values = { direction = { raus = "debit" } }\n'
    )
    text = (
        "Date;Amount;Way\n2026-01-02;5.00;Soll\n2026-01-02;6.00;C\n"
        "2026-01-02;7.00;raus\n2026-01-02;8.00;sideways\n"
    )
    mapped(desk, mapping, text)
    assert [row[1] for row in movements(desk)] == [-5, 6, -7]
    (bad,) = desk.rows("quarantined_rows")
    assert (bad["source_row"], bad["reason"]) == (5, "Way: “sideways” is neither debit nor credit")


def test_a_card_is_read_with_its_signs_inverted(desk: Any) -> None:
    mapped(
        desk,
        PLAIN + "inverse_sign = true\n",
        "Date;Text;Amount\n2026-01-02;Shop;5.00\n2026-01-03;Refund;-2.00\n",
    )
    assert [row[1] for row in movements(desk)] == [-5, 2]


def test_texts_are_joined_and_other_fields_take_the_first_that_is_filled(desk: Any) -> None:
    mapping = NAME + (
        'columns = { booking_date = ["Booked", "Traded"], amount = "Amount", remittance_text = ["A", "B", "C"],'
        ' counterparty_name = "A", counterparty_iban = "B", bank_entry_reference = ["R1", "R2"] }\n'
    )
    text = "Booked;Traded;Amount;A;B;C;R1;R2\n;2026-01-02;1.00;Martin;de12 3456 7890 1234 5678 90;;;r\n"
    mapped(desk, mapping, text)
    (row,) = desk.rows("bank_transactions")
    assert row["booking_date"] == date(2026, 1, 2)
    assert row["remittance_text"] == "Martin de12 3456 7890 1234 5678 90"
    assert row["counterparty_iban"] == "DE12345678901234567890"
    assert (row["counterparty_name"], row["bank_entry_reference"]) == ("Martin", "r")


def test_what_stands_in_texts_and_around_the_table_is_taken_out_by_patterns(desk: Any) -> None:
    mapping = PLAIN + (
        "extract = { structured_reference = 'QRR ([0-9 ]+)', counterparty_name = '^(?:FROM|TO) ([A-Z]+)' }\n"
        "footer = '^Closing'\n"
        "[patterns]\naccount = 'IBAN;([A-Z0-9 ]+)'\naccount_owner = '^Owner;(.+)$'\ncurrency = 'in ([A-Z]{3})'\n"
        "opening_balance = 'Opening;([0-9.]+)'\nclosing_balance = 'Closing;+([0-9.]+)'\n"
        "from_date = 'from ([0-9-]+)'\nto_date = 'to ([0-9-]+)'\n"
    )
    text = (
        'Owner;Acme\nIBAN;="CH93 0076 2011"\nfrom 2026-01-01 to 2026-01-31 in CHF\nOpening;100.00\n'
        "Date;Text;Amount\n2026-01-02;FROM MARTIN QRR 21 00000 3;5.00\nClosing;;105.00\n2026-01-03;not read;1.00\n"
    )
    record = mapped(desk, mapping, text)
    row = statement(desk)
    assert (row["account_number"], row["account_owner"], row["account_currency"]) == (
        "CH9300762011",
        "Acme",
        "CHF",
    )
    assert (row["opening_balance"], row["closing_balance"], row["entry_total"]) == (100, 105, 5)
    assert (row["from_date"], row["to_date"]) == (date(2026, 1, 1), date(2026, 1, 31))
    (movement,) = desk.rows("bank_transactions")
    assert (movement["structured_reference"], movement["counterparty_name"]) == ("21000003", "MARTIN")
    assert "rows left out 2" in record.dialect


@pytest.mark.parametrize("order", [1, -1])
def test_a_running_balance_says_opening_and_closing_whichever_way_the_rows_go(desk: Any, order: int) -> None:
    mapping = PLAIN.replace('"Amount" }', '"Amount", balance = "Balance" }')
    rows = [
        "2026-01-02;A;-10.00;90.00",
        "2026-01-02;B;5.00;",
        "2026-01-03;C;5.00;100.00",
        "2026-01-04;D;1.00;101.00",
    ]
    mapped(desk, mapping, "\n".join(["Date;Text;Amount;Balance", *rows[::order]]))
    row = statement(desk)
    assert (row["opening_balance"], row["closing_balance"]) == (100, 101)


def test_a_row_with_a_balance_and_no_amount_is_no_movement_but_opens_the_statement(desk: Any) -> None:
    mapping = PLAIN.replace('"Amount" }', '"Amount", balance = "Balance" }')
    mapped(desk, mapping, "Date;Text;Amount;Balance\n2026-01-01;Brought forward;;50.00\n2026-01-02;A;5.00;\n")
    assert [row[2] for row in movements(desk)] == ["A"]
    assert (statement(desk)["opening_balance"], statement(desk)["closing_balance"]) == (50, 55)


def test_a_running_balance_that_the_amounts_contradict_throughout_turns_them(desk: Any) -> None:
    mapping = PLAIN.replace('"Amount" }', '"Amount", balance = "Balance" }')
    rows = [
        "2026-01-02;A;10.00;90.00",
        "2026-01-03;B;-5.00;95.00",
        "2026-01-04;C;3.00;92.00",
        "2026-01-05;D;1.00;91.00",
    ]
    record = mapped(desk, mapping, "\n".join(["Date;Text;Amount;Balance", *rows]))
    assert [row[1] for row in movements(desk)] == [-10, 5, -3, -1]
    assert (statement(desk)["opening_balance"], statement(desk)["closing_balance"]) == (100, 91)
    assert "signs turned, as the running balance says" in record.dialect


def test_a_running_balance_that_agrees_with_neither_sign_turns_nothing(desk: Any) -> None:
    mapping = PLAIN.replace('"Amount" }', '"Amount", balance = "Balance" }')
    rows = [
        "2026-01-02;A;10.00;90.00",
        "2026-01-03;B;-5.00;95.00",
        "2026-01-04;C;3.00;93.00",
        "2026-01-05;D;1.00;91.00",
    ]
    mapped(desk, mapping, "\n".join(["Date;Text;Amount;Balance", *rows]))
    assert [row[1] for row in movements(desk)] == [10, -5, 3, 1]


def test_rows_without_date_and_amount_continue_the_row_above(desk: Any) -> None:
    text = "Date;Text;Amount\n2026-01-02;A;5.00\n;more;\n;and more;\n2026-01-03;B;6.00\n;last;\n"
    record = mapped(desk, PLAIN + "continuation_rows = true\n", text)
    assert [row[2] for row in movements(desk)] == ["A more and more", "B last"]
    assert "rows that continue others 3" in record.dialect


def test_a_continuation_of_a_row_that_cannot_be_read_is_not_given_to_another(desk: Any) -> None:
    text = "Date;Text;Amount\n2026-01-02;A;5.00\n2026-02-31;B;6.00\n;of B;\n"
    mapped(desk, PLAIN + "continuation_rows = true\n", text)
    assert movements(desk) == [("2026-01-02", Decimal(5), "A")]
    assert [row["source_row"] for row in desk.rows("quarantined_rows")] == [3, 4]


DETAILED = NAME + (
    'columns = { booking_date = "Date", remittance_text = "Text", amount = "Amount", detail_amount = "Part" }\n'
)


def test_details_that_add_up_land_in_the_place_of_their_booking(desk: Any) -> None:
    text = "Date;Text;Amount;Part\n2026-01-02;Batch;-10.00;\n;Martin;;4.00\n;;;6.00\n2026-01-03;Other;1.00;\n"
    mapped(desk, DETAILED, text)
    rows = desk.rows("bank_transactions")
    shown = [
        (r["entry_ordinal"], r["detail_ordinal"], r["amount"], r["entry_amount"], r["remittance_text"])
        for r in rows
    ]
    assert shown == [(1, 1, -4, -10, "Martin"), (1, 2, -6, -10, "Batch"), (2, 0, 1, 1, "Other")]
    assert [r["source_row"] for r in rows] == [3, 4, 5]
    assert (statement(desk)["entry_count"], statement(desk)["entry_total"]) == (2, -9)


def test_a_booking_whose_details_do_not_add_up_lands_whole_with_their_texts(desk: Any) -> None:
    mapped(desk, DETAILED, "Date;Text;Amount;Part\n2026-01-02;Batch;10.00;\n;Martin;;4.00\n;Petit;;5.00\n")
    (row,) = desk.rows("bank_transactions")
    assert (row["amount"], row["detail_ordinal"], row["remittance_text"]) == (10, 0, "Batch Martin Petit")


def test_details_of_nothing_are_set_aside(desk: Any) -> None:
    mapped(desk, DETAILED, "Date;Text;Amount;Part\n;Martin;;4.00\n2026-01-02;A;10.00;\n")
    (bad,) = desk.rows("quarantined_rows")
    assert (bad["source_row"], bad["reason"]) == (2, "it details no booking: none stands above it")


def test_the_footer_and_rows_left_out_are_counted_and_nothing_else_is(desk: Any) -> None:
    mapping = PLAIN.replace('"Amount" }', '"Amount" }\nleave_out = { Status = "pending" }')
    text = "Date;Text;Amount;Status\n2026-01-02;A;5.00;booked\n2026-01-03;B;6.00;pending\nDisclaimer:\nNo warranty.\n"
    record = mapped(desk, mapping, text)
    assert movements(desk) == [("2026-01-02", Decimal(5), "A")]
    assert record.rows_quarantined == 0
    assert "rows left out 3" in record.dialect


def test_text_between_bookings_is_set_aside_with_its_line(desk: Any) -> None:
    mapped(desk, PLAIN, "Date;Text;Amount\n2026-01-02;A;5.00\n;what is this;\n2026-01-03;B;6.00\n")
    (bad,) = desk.rows("quarantined_rows")
    assert (bad["source_row"], bad["reason"], bad["raw"]) == (
        3,
        "the row has neither date nor amount",
        ";what is this;",
    )
    assert "continuation_rows, leave_out or footer" in bad["remedy"]
    assert len(movements(desk)) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-02-31;A;5.00", "Date: “2026-02-31” is no day of the calendar"),
        ("soon;A;5.00", "Date: “soon” is not a date of the form YYYY-MM-DD or DD.MM.YYYY or DD/MM/YYYY"),
        (";A;5.00", "the row has no date"),
        ("2026-01-02;A;", "the row has no amount"),
        ("2026-01-02;A;5,00", "Amount: “5,00” is not an amount with a point before its decimals"),
        ("2026-01-02;A;" + "9" * 30, f"Amount: “{'9' * 30}” is too large for an amount"),
        ("2026-01-02;A;5.00;rest", "the row has 4 cells where the header has 3"),
        ("2999-01-02;A;x", "Date: “2999-01-02” lies outside 1950 to 2100; Amount: “x” is not an amount with a point "
         "before its decimals"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_set_aside_with_its_reason(desk: Any, row: str, reason: str) -> None:
    record = mapped(desk, PLAIN, f"Date;Text;Amount\n2026-01-01;Good;1.00\n{row}\n2026-01-04;Good;2.00\n")
    (bad,) = desk.rows("quarantined_rows")
    assert (bad["source_row"], bad["reason"], bad["raw"]) == (3, reason, row)
    assert (record.rows_read, record.rows_landed, record.rows_quarantined) == (3, 2, 1)


def test_the_last_line_of_a_file_that_was_cut_is_set_aside(desk: Any) -> None:
    record = mapped(desk, PLAIN, "Date;Text;Amount\n2026-01-01;Good;1.00\n2026-01-02;Cut")
    assert (record.rows_landed, record.rows_quarantined) == (1, 1)


def test_a_value_date_that_is_none_leaves_the_booking_and_is_counted(desk: Any) -> None:
    mapping = PLAIN.replace('"Amount" }', '"Amount", value_date = "Value" }')
    record = mapped(
        desk, mapping, "Date;Text;Amount;Value\n2026-01-02;A;5.00;6666-76-20\n2026-01-03;B;5.00;2026-01-04\n"
    )
    assert [row["value_date"] for row in desk.rows("bank_transactions")] == [None, date(2026, 1, 4)]
    assert "value dates that cannot be read, left empty 1" in record.dialect


def test_accounts_and_currencies_of_one_file_are_statements_of_their_own(desk: Any) -> None:
    mapping = (
        NAME
        + 'columns = { booking_date = "Date", amount = "Amount", currency = "Ccy", account = "Account" }\n'
    )
    text = (
        "Account;Date;Amount;Ccy\nA1;2026-01-02;1.00;EUR\nB2;2026-01-02;2.00;EUR\n"
        "a 1;2026-01-03;4.00;USD\nA1;2026-01-04;8.00;€\n"
    )
    mapped(desk, mapping, text)
    rows = desk.rows("bank_statements")
    assert [(r["account_number"], r["account_currency"], r["entry_total"]) for r in rows] == [
        ("A1", "EUR", 9),
        ("B2", "EUR", 2),
        ("A1", "USD", 4),
    ]
    by_statement = [
        (r["statement_ordinal"], r["entry_ordinal"], r["amount"]) for r in desk.rows("bank_transactions")
    ]
    assert sorted(by_statement) == [(1, 1, 1), (1, 2, 8), (2, 1, 2), (3, 1, 4)]


def test_a_currency_that_is_none_is_set_aside(desk: Any) -> None:
    mapping = NAME + 'columns = { booking_date = "Date", amount = "Amount", currency = "Ccy" }\n'
    mapped(desk, mapping, "Date;Amount;Ccy\n2026-01-02;1.00;EUR\n2026-01-02;1.00;Euro?\n")
    (bad,) = desk.rows("quarantined_rows")
    assert bad["reason"] == "Ccy: “Euro?” is no currency"


def test_the_original_amount_is_kept_where_its_currency_is_another(desk: Any) -> None:
    mapping = NAME + (
        'columns = { booking_date = "Date", amount = "Amount", original_amount = "Was", original_currency = "In" }\n'
    )
    text = (
        "Date;Amount;Was;In\n2026-01-02;-9.00;-10.00;USD\n2026-01-02;-9.00;0.00;USD\n"
        "2026-01-02;-9.00;9.00;EUR\n2026-01-02;-9.00;;\n"
    )
    mapped(desk, mapping, text)
    shown = [(r["original_amount"], r["original_currency_code"]) for r in desk.rows("bank_transactions")]
    assert shown == [(10, "USD"), (None, None), (None, None), (None, None)]


def test_the_own_account_is_no_counterparty(desk: Any) -> None:
    mapping = NAME + (
        'columns = { booking_date = "Date", amount = "Amount", counterparty_iban = "With" }\n'
        'fixed = { account = "CH93 0076" }\n'
    )
    mapped(desk, mapping, "Date;Amount;With\n2026-01-02;1.00;ch930076\n2026-01-02;1.00;DE99\n")
    assert [row["counterparty_iban"] for row in desk.rows("bank_transactions")] == [None, "DE99"]


def test_a_table_with_a_header_and_no_row_is_an_empty_statement(desk: Any) -> None:
    record = mapped(desk, PLAIN, "Date;Text;Amount\n")
    assert (record.rows_read, statement(desk)["entry_count"]) == (0, 0)


def test_cells_may_hold_line_ends_and_rows_keep_the_line_they_begin_on(desk: Any) -> None:
    mapped(desk, PLAIN, 'Date;Text;Amount\n2026-01-02;"A\nB";5.00\n2026-01-03;C;x\n')
    assert movements(desk) == [("2026-01-02", Decimal(5), "A\nB")]
    assert [row["source_row"] for row in desk.rows("quarantined_rows")] == [4]


def test_statements_longer_than_a_block_keep_details_and_arithmetic_together(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.mapping.rows.BLOCK_ROWS", 3)
    mapping = DETAILED.replace('"Part" }', '"Part", balance = "Balance" }') + "continuation_rows = true\n"
    rows = ["Date;Text;Amount;Part;Balance"]
    for day in range(1, 9):
        rows += [f"2026-01-0{day};Batch;10.00;;{day * 10}.00", ";a;;4.00;", ";b;;6.00;", ";note;;;"]
    mapped(desk, mapping, "\n".join(rows))
    found = desk.rows("bank_transactions")
    assert [(r["entry_ordinal"], r["detail_ordinal"]) for r in found] == [
        (n, d) for n in range(1, 9) for d in (1, 2)
    ]
    assert {r["remittance_text"] for r in found} == {"a", "b"}
    assert (statement(desk)["opening_balance"], statement(desk)["closing_balance"]) == (0, 80)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('Date;Text;Amount\n2026-01-02;"open;5.00\n' + "x" * 200_000, "a quote that opens on line 2 is never closed"),
        ("Date;Text;Amount\n" + ";" * 2_000_000 + "\n", "line 2 is longer than any row of a table"),
        ("Date;Text;Amount\n2026-01-02;A;5.00\n" + ";x;\n" * 41_000, "of the rows from line 2 on none has an amount"),
        ("Date;Text;Amount\n2026-01-02;A;x\n", "none of its rows could be read; line 2: Amount: “x” is not an amount"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(desk: Any, content: str, words: str) -> None:
    desk.settings = Settings.model_validate(
        {"mappings": [tomllib.loads(PLAIN + "continuation_rows = true\n")]}
    )
    desk.drop("acme/CH93/january.csv", content)
    (record,) = desk.take().new_files
    assert record.status == "refused"
    assert record.reason.startswith(words)
    assert desk.rows("bank_transactions") == []


PLACES = {
    "companies": [{"id": "acme", "base_currency": "CHF"}, {"id": "bravo"}],
    "bank_accounts": [
        {"account": "CH93 0076", "company": "acme", "ledger_account": "1020", "currency": "USD"},
        {"account": "DE11", "company": "bravo", "ledger_account": "1200"},
        {"account": "DE22", "company": "bravo", "ledger_account": "1210"},
    ],
}


@pytest.mark.parametrize(
    ("file", "account", "currency"),
    [
        ("acme/january.csv", "CH930076", "USD"),
        ("bravo/january.csv", "bravo", "EUR"),
        ("bravo/DE22/january.csv", "DE22", "EUR"),
        ("acme/2026/savings bank/january.csv", "savingsbank", "CHF"),
    ],
)
def test_the_place_of_a_file_says_account_and_currency_where_the_file_does_not(
    desk: Any, file: str, account: str, currency: str
) -> None:
    desk.settings = Settings.model_validate(PLACES | {"mappings": [tomllib.loads(PLAIN)]})
    desk.drop(file, "Date;Text;Amount\n2026-01-02;A;5.00\n")
    desk.take()
    assert (statement(desk)["account_number"], statement(desk)["account_currency"]) == (account, currency)


def test_a_file_at_the_top_of_the_inbox_without_an_account_is_refused_until_it_is_placed(desk: Any) -> None:
    desk.settings = Settings.model_validate({"mappings": [tomllib.loads(PLAIN)]})
    content = "Date;Text;Amount\n2026-01-02;A;5.00\n"
    dropped = desk.drop("january.csv", content)
    (record,) = desk.take().new_files
    assert (record.status, record.reason) == ("refused", "nothing in it names the bank account")
    assert "inbox/<company id>/<account>/" in record.remedy
    dropped.unlink()
    desk.drop("acme/CH93/january.csv", content)
    (record,) = desk.take().new_files
    assert record.status == "landed"
    assert statement(desk)["account_number"] == "CH93"
