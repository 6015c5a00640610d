"""Every bank table, ledger and export of the corpora that is no format of its own: landed by a built-in mapping,
against counts and sums made by a few lines of Python that share no code, or refused with the expected reason."""

import csv
import io
import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from home.layout import Home
from home.settings import Settings
from ingestion.intake import Intake, take_in
from ingestion.landing import landed_files

Total = tuple[int, Decimal]


@pytest.fixture(scope="module")
def landed(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Intake]:
    home = Home.at(tmp_path_factory.mktemp("home"))
    home.create()
    for folder in ("bankcsv", "ledger_other", "export"):
        for file in (corpora / folder).rglob("*"):
            if file.is_file():
                target = home.inbox / "acme" / folder / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
    return home, take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))


def rows_of(home: Home, table: str) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in landed_files(home, table):
        for row in pq.read_table(path).to_pylist():
            rows[row["source_sha256"]].append(row)
    return rows


def text_of(path: Path, encoding: str = "utf-8-sig") -> str:
    return path.read_bytes().replace(b"\0", b"").decode(encoding)


def money(text: str, decimal_mark: str = ".") -> Decimal:
    """Digits, sign and decimal mark of whatever stands around them."""
    bare = re.sub(rf"[^0-9{re.escape(decimal_mark)}-]", "", text).replace(decimal_mark, ".")
    return Decimal(bare or "0")


def table_below(text: str, first_name: str) -> list[dict[str, str]]:
    """The rows below the line that begins with a name, by column."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.replace('"', "").startswith(first_name))
    mark = max(";\t,", key=lines[start].count)
    names = next(csv.reader([lines[start]], delimiter=mark))
    cells = csv.reader(io.StringIO("\n".join(lines[start + 1 :])), delimiter=mark)
    return [dict(zip([name.strip() for name in names], row, strict=False)) for row in cells]


DATE = re.compile(r"[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{2,4}.*|(19|20)[0-9]{6}")


def in_and_out(rows: list[dict[str, str]], credit: str, debit: str) -> Total:
    """Money in less money out, of the rows with a date and an amount."""
    amounts = [
        abs(money(row.get(credit, ""))) - abs(money(row.get(debit, "")))
        for row in rows
        if (row.get(credit) or row.get(debit)) and any(DATE.fullmatch(cell) for cell in row.values())
    ]
    return len(amounts), sum(amounts, Decimal(0))


def signed(rows: list[dict[str, str]], column: str) -> Total:
    amounts = [money(row[column]) for row in rows if row.get(column)]
    return len(amounts), sum(amounts, Decimal(0))


def ubs(path: Path) -> Total:
    """Bookings begin with a date; debit and credit are the sixth and seventh cell, or the sixth is signed."""
    lines = csv.reader(io.StringIO(text_of(path)), delimiter=";")
    rows = [row for row in lines if row and re.match(r"[0-9]{4}-", row[0])]
    is_signed = "format2" in path.name
    amounts = [money(row[5]) if is_signed else abs(money(row[6])) - abs(money(row[5])) for row in rows]
    return len(amounts), sum(amounts, Decimal(0))


def positions(path: Path, credit: int, debit: int | None = None) -> Total:
    """Without header: rows that begin with a date."""
    rows = [row for row in csv.reader(io.StringIO(text_of(path)), delimiter=";") if row and row[0]]
    amounts = [money(row[credit]) - (abs(money(row[debit])) if debit else 0) for row in rows]
    return len(amounts), sum(amounts, Decimal(0))


BY_HAND = {
    "balance.csv": (2, "1500.00"),
    "debit_credit.csv": (2, "1500.00"),
    "debit_credit_amount.csv": (4, "1500.00"),
    "empty_statement_en.csv": (0, "0"),
    "empty_statement_en.xlsx": (0, "0"),
    "meta_data_separated_credit_debit.csv": (4, "1069.32"),
    "meta_data_separated_credit_debit.xlsx": (4, "1069.32"),
    "multi_currency.csv": (2, "1491.50"),
    "original_currency.csv": (1, "1525.00"),
    "original_currency_empty.csv": (1, "1525.00"),
    "original_currency_no_header.csv": (1, "1525.00"),
    "sample_statement_credit_card_inverse_sign_en.csv": (2, "-1491.50"),
    "sample_statement_en.csv": (2, "1491.50"),
    "sample_statement_en.xlsx": (2, "1491.50"),
    "sample_statement_en_empty_values.xlsx": (3, "-2207.68"),
}
"""Small enough to be counted by hand. The one with inverse signs does not say so: only a mapping of one's own can."""

UNDER = {
    "postfinance_example_format1_20030903": ("Data;", "Accreditamento", "Debito"),
    "postfinance_example_format1_20160407": ("Buchungsdatum", "Gutschrift", "Lastschrift"),
    "postfinance_example_format1_20160707": ("Data di", "Accredito", "Addebito"),
    "postfinance_example_format1_20161114": ("Data di", "Accredito", "Addebito"),
    "postfinance_example_format1_20170929": ("Buchungsdatum", "Gutschrift", "Lastschrift"),
    "postfinance_example_format1_CreditCard": ("Datum", "Gutschrift in CHF", "Lastschrift in CHF"),
    "postfinance_example_format2_20090401": ("Data\t", "Accredito", "Addebito"),
    "postfinance_example_format2_CreditCard_20241118-DE": ("Rech", "Gutschrift in CHF", "Lastschrift in CHF"),
    "postfinance_example_format2_CreditCard_20241118-EN": ("Invoicing", "Credit in CHF", "Debit in CHF"),
    "postfinance_example_format2_CreditCard_20241118-FR": ("Période de", "Crédit en CHF", "Débit en CHF"),
    "postfinance_example_format2_CreditCard_20241118-IT": ("Per", "Accredito in CHF", "Addebito in CHF"),
    "postfinance_example_format3": ("BookingDate", "CreditAmount", "DebitAmount"),
    "postfinance_example_format4": ("Data;", "Accredito in CHF", "Addebito in CHF"),
    "postfinance_example_format5": ("Data;", "Accredito in CHF", "Addebito in CHF"),
    "postfinance_example_format6_20240215-DE": ("Datum", "Gutschrift in CHF", "Lastschrift in CHF"),
    "postfinance_example_format6_20240222-IT": ("Data;", "Accredito in CHF", "Addebito in CHF"),
    "postfinance_example_format6_20240226-FR": ("Date;", "Crédit en CHF", "Débit en CHF"),
    "postfinance_example_format6_20240228-EN": ("Date;", "Credit in CHF", "Debit in CHF"),
    "postfinance_example_format6_20240228-FR": ("Date;", "Crédit en CHF", "Débit en CHF"),
    "postfinance_example_format6_20240407": ("Data;", "Accredito in CHF", "Addebito in CHF"),
}
"""How the header's line begins, and the columns of money in and money out."""


def expected_movements(path: Path) -> Total:
    name = path.name.removeprefix("csv_")
    if path.name in BY_HAND:
        count, total = BY_HAND[path.name]
        return count, Decimal(total)
    if name.startswith("ubs"):
        return ubs(path)
    if name == "example_format1_20080304.csv":
        return positions(path, 2)
    if name == "postfinance_example_format1_20121101-B.csv":
        return positions(path, 2, 3)
    if name.startswith("example"):
        first = "IBAN" if "format5" in name or "format6" in name else "Booked"
        return signed(table_below(text_of(path), first), "Credit/Debit Amount")
    first, credit, debit = next(value for key, value in UNDER.items() if name.startswith(key))
    return in_and_out(table_below(text_of(path), first), credit, debit)


def test_every_bank_table_lands_with_its_bookings_and_their_sum(landed: tuple[Home, Intake]) -> None:
    home, intake = landed
    statements, transactions = rows_of(home, "bank_statements"), rows_of(home, "bank_transactions")
    count = 0
    for record in intake.new_files:
        path = home.inbox / record.source_file
        if path.parent.name != "bankcsv" or path.name == "csv_postfinance_example_format1_20170731-SBU.csv":
            continue
        count += 1
        assert (record.status, record.kind, record.rows_quarantined) == ("landed", "bank_statement", 0), (
            record
        )
        found = statements[record.source_sha256]
        bookings = sum(row["entry_count"] for row in found), sum(row["entry_total"] for row in found)
        assert bookings == expected_movements(path), path.name
        movements = transactions[record.source_sha256]
        assert sum((row["amount"] for row in movements), Decimal(0)) == bookings[1]
        assert (record.total_credit or 0) - (record.total_debit or 0) == bookings[1]
    assert count == 58


RUNNING_BALANCE = {
    "csv_example_format2_20101028.csv": ("3331.82", "4993.47"),
    "csv_example_format4_20171215.csv": ("19847.09", "19538.89"),
    "csv_example_format5_20250326.csv": ("1028.68", "1045.86"),
    "csv_postfinance_example_format1_20030903-B.csv": ("50078.40", "50086.10"),
    "csv_postfinance_example_format1_20121101-B.csv": ("15656.03", "2046.43"),
    "csv_postfinance_example_format1_20170929.csv": ("17522.88", "16498.83"),
    "csv_postfinance_example_format3_20101031.csv": ("5485.83", "5831.73"),
    "csv_ubs_example_format3_de_20221108.csv": ("3709.59", "2225.24"),
    "csv_ubs_example_format3_fr_20251022.csv": ("5684.83", "6084.83"),
    "debit_credit_amount.csv": ("10.00", "1510.00"),
    "sample_statement_en_empty_values.xlsx": ("9705.75", "7498.07"),
}
"""Opening and closing balance, worked out from the first and the last row by hand, whichever way the file goes."""


def test_running_balances_and_preambles_say_where_statements_open_and_close(
    landed: tuple[Home, Intake],
) -> None:
    home, intake = landed
    statements = rows_of(home, "bank_statements")
    by_name = {Path(record.source_file).name: statements[record.source_sha256] for record in intake.new_files}
    for name, (opening, closing) in RUNNING_BALANCE.items():
        (row,) = by_name[name]
        assert (row["opening_balance"], row["closing_balance"]) == (Decimal(opening), Decimal(closing)), name
        assert row["opening_balance"] + row["entry_total"] == row["closing_balance"]
    assert (
        sum(
            row["opening_balance"] is not None
            and row["opening_balance"] + row["entry_total"] == row["closing_balance"]
            for rows in by_name.values()
            for row in rows
        )
        == 21
    )


def test_details_of_a_booking_land_in_its_stead_and_add_up_to_it(landed: tuple[Home, Intake]) -> None:
    home, intake = landed
    (record,) = [one for one in intake.new_files if "wdetails" in one.source_file]
    rows = rows_of(home, "bank_transactions")[record.source_sha256]
    batch = [row for row in rows if row["bank_entry_reference"] == "2024311PH0004021"]
    assert [row["detail_ordinal"] for row in batch] == list(range(1, len(batch) + 1))
    assert sum(row["amount"] for row in batch) == Decimal("3019.10")
    assert {row["entry_amount"] for row in batch} == {Decimal("3019.10")}
    assert len(batch) == 7


def plain_ledger(path: Path) -> tuple[int, Decimal, Decimal]:
    """Lines, debits and credits of a ledger, by the least code that reads it."""
    name = path.name
    if name.endswith(".isa"):
        lines = [line for line in text_of(path, "cp850").split("\r\n") if line.startswith("MVT")]
        cells = [(money(line[46:59], ","), money(line[59:72], ",")) for line in lines]
    elif name.endswith(".ecx"):
        found = ElementTree.parse(path).getroot().iter("LIGNE")
        amounts = [(Decimal(one.attrib["MONTANTREF"].strip()), one.attrib["SENS"]) for one in found]
        cells = [(amount, Decimal(0)) if side == "1" else (Decimal(0), amount) for amount, side in amounts]
    else:
        text = text_of(path, "latin-1" if "epicea" in name else "utf-8")
        mark = "," if "isacompta" in name else ";"
        names, *rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if row]
        lines_ = [dict(zip(names, row, strict=False)) for row in rows]
        if "Montant" in names:
            cells = [
                (money(one["Montant"], ","), Decimal(0))
                if one["Sens"] == "D"
                else (Decimal(0), money(one["Montant"], ","))
                for one in lines_
            ]
        else:
            debit, credit = (
                next(n for n in names if n.lower().startswith(word))
                for word in (("d\xe9bit", "debit"), ("cr\xe9dit", "credit"))
            )
            cells = [(money(one[debit]), money(one[credit])) for one in lines_]
    return len(cells), sum((d for d, _ in cells), Decimal(0)), sum((c for _, c in cells), Decimal(0))


def test_every_ledger_lands_to_the_line_and_to_the_cent(landed: tuple[Home, Intake]) -> None:
    _, intake = landed
    home = landed[0]
    count = 0
    for record in intake.new_files:
        path = home.inbox / record.source_file
        if path.parent.name != "ledger_other" or record.kind != "ledger" or "coala" in path.name:
            continue
        count += 1
        assert (record.status, record.rows_quarantined) == ("landed", 0), record
        assert (record.rows_landed, record.total_debit, record.total_credit) == plain_ledger(path), path.name
    assert count == 7


def test_fixed_width_and_xml_records_take_what_stands_around_them(landed: tuple[Home, Intake]) -> None:
    home, intake = landed
    lines = rows_of(home, "ledger_lines")
    by_name = {Path(record.source_file).name: lines[record.source_sha256] for record in intake.new_files}
    taken = (
        "journal_code",
        "entry_number",
        "entry_date",
        "account_code",
        "label",
        "debit",
        "credit",
        "letter_code",
    )
    shown = [str(by_name["isagri__isacompta__export.isa"][3][name]) for name in taken]
    assert shown == ["VE", "2", "2008-05-03", "411MARLO", "Facture 070002", "15.52", "0.00", "AAD"]
    shown = [str(by_name["sage__i_seven__journal_entries.ecx"][9][name]) for name in taken]
    assert shown == ["18", "001", "2018-01-02", "512300000", "Prlt - Samsic", "0.00", "282.18", "None"]


DOCUMENTS = {
    "credit_memo_data.csv": ("invoices", {"_fivetran_deleted": "FALSE"}, "total_amount"),
    "invoice_data.csv": ("invoices", {"_fivetran_deleted": "FALSE"}, "total_amount"),
    "customer_data.csv": ("third_parties", {"_fivetran_deleted": "FALSE"}, None),
    "xero_contact_data.csv": ("third_parties", {}, None),
    "smartbusiness-clienti.csv": ("third_parties", {}, None),
}


def test_invoices_and_third_parties_of_exports_land(landed: tuple[Home, Intake]) -> None:
    home, intake = landed
    tables = {name: rows_of(home, name) for name in ("invoices", "third_parties")}
    by_name = {Path(record.source_file).name: record for record in intake.new_files}
    for name, (table, kept, amount) in DOCUMENTS.items():
        record = by_name[name]
        text = text_of(home.inbox / record.source_file)
        mark = max(";,", key=text.split("\n")[0].count)
        wanted = [
            row
            for row in csv.DictReader(io.StringIO(text), delimiter=mark)
            if all(row[column] == value for column, value in kept.items())
        ]
        rows = tables[table][record.source_sha256]
        assert (record.status, len(rows), record.rows_quarantined) == ("landed", len(wanted), 0), name
        if amount:
            assert sum(row["total_amount"] for row in rows) == sum(money(row[amount]) for row in wanted)


def test_xero_invoices_are_of_customers_and_suppliers(landed: tuple[Home, Intake]) -> None:
    home, intake = landed
    (record,) = [one for one in intake.new_files if one.source_file.endswith("xero_invoice_data.csv")]
    wanted = [
        row
        for row in csv.DictReader(io.StringIO(text_of(home.inbox / record.source_file)))
        if row["status"] not in ("VOIDED", "DELETED", "DRAFT")
    ]
    rows = rows_of(home, "invoices")[record.source_sha256]
    for kind, word in (("customer", "ACCREC"), ("supplier", "ACCPAY")):
        found = [row["total_amount"] for row in rows if row["kind"] == kind]
        expected = [money(row["total"]) for row in wanted if row["type"] == word]
        assert (len(found), sum(found)) == (len(expected), sum(expected))
    assert record.rows_landed == len(wanted)


def test_invoice_lines_are_added_up_by_document(landed: tuple[Home, Intake]) -> None:
    home, intake = landed
    invoices = rows_of(home, "invoices")
    found = [one for one in intake.new_files if "dettagliata" in one.source_file]
    assert len(found) == 2
    for record in found:
        totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        text = text_of(home.inbox / record.source_file)
        for row in csv.DictReader(io.StringIO(text), delimiter=";"):
            totals[row["number"], row["client_number"]] += money(row["position_total"])
        rows = invoices[record.source_sha256]
        landed_totals = {
            (row["document_number"], row["third_party_code"]): row["total_amount"] for row in rows
        }
        assert landed_totals == dict(totals)


REFUSED = {
    "csv_postfinance_example_format1_20170731-SBU.csv": "it lists payments of invoices",
    "ekylibre__incoming_payments.csv": "it lists payments of customers",
    "ekylibre__sales.csv": "it lists articles sold",
    "smartbusiness-prodotti.csv": "it lists products or services",
    "smartbusiness-servizi.csv": "it lists products or services",
    "deposit_data.csv": "it lists deposits at the bank",
    "deposit_line_data.csv": "it lists the lines of deposits",
    "invoice_line_data.csv": "it lists the lines of invoices",
    "invoice_linked_txn_data.csv": "it links payments with invoices",
    "payment_data.csv": "it lists payments of customers",
    "payment_line_data.csv": "it shares payments out to invoices",
    "refund_receipt_data.csv": "it lists refunds to customers",
    "sales_receipt_data.csv": "it lists sales that were paid at once",
    "xero_account_data.csv": "it is a list of accounts",
    "xero_bank_transaction_data.csv": "it lists bank movements by internal numbers",
    "xero_credit_note_data.csv": "it lists credit notes by internal numbers",
    "xero_invoice_line_item_data.csv": "it lists the lines of invoices",
    "xero_organization_data.csv": "it describes the company",
}


def test_what_holds_nothing_that_is_read_is_refused_by_what_it_is(landed: tuple[Home, Intake]) -> None:
    _, intake = landed
    refused = {Path(one.source_file).name: one for one in intake.new_files if one.status != "landed"}
    assert refused.keys() == REFUSED.keys()
    for name, words in REFUSED.items():
        assert (refused[name].reason or "").startswith(words), name
        assert (refused[name].remedy or "").startswith(("Drop", "Write"))
