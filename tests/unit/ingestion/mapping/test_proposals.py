"""A mapping proposed from a file: pasted into encours.toml, the file lands as it should."""

import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from home.settings import Settings
from home.settings_file import parse
from ingestion.mapping.catalogue import Catalogue
from ingestion.mapping.proposal_text import AlreadyReadError, proposed_text
from ingestion.reading import FileRefusedError

NOTHING = Catalogue((), (), ())


def pasted(desk: Any, content: str | bytes, file: str = "acme/CH93/january.csv") -> tuple[str, Any]:
    """What is proposed for a file, and the record of the file once that stands in encours.toml."""
    path = desk.drop(file, content)
    text = proposed_text(path, NOTHING, "en")
    desk.settings = parse(text, Path("encours.toml"))
    (record,) = [one for one in desk.take().new_files if one.source_file == file]
    return text, record


def movements(desk: Any) -> list[tuple[str, Decimal, str | None]]:
    return [
        (row["booking_date"].isoformat(), row["amount"], row["remittance_text"])
        for row in desk.rows("bank_transactions")
    ]


FRENCH = """Relevé de compte;;;
Compte : FR76 3000 6000 0112 3456 7890 189;;;
Solde initial;1 000,00;;
Date opération;Date valeur;Libellé;Débit;Crédit
02/01/2026;03/01/2026;LOYER JANVIER;900,00;
13/01/2026;13/01/2026;VIR MARTIN F12;;1 840,50
Solde final;1 940,50;;
"""

GERMAN = """Buchungstag;Valuta;Auftraggeber/Empfänger;Verwendungszweck;Betrag;Währung;Saldo
31.01.26;31.01.26;Stadtwerke;Strom;-120,00;EUR;880,00
30.01.26;30.01.26;Martin GmbH;Rechnung 4711;1.000,00;EUR;1.000,00
"""

AMERICAN = """Transaction Date,Description,Withdrawals,Deposits,Balance
01/13/2026,Rent,900.00,,"1,100.00"
01/14/2026,Martin,,"1,840.50","2,940.50"
"""

MARKED = """Date;Label;Amount;D/C
2026-01-02;Rent;900.00;D
2026-01-03;Martin;1840.50;C
"""

NAMELESS = """2026-01-02;A1;900.00;;1100.00
2026-01-03;B22;;1840.50;2940.50
2026-01-04;C;40.50;;2900.00
"""

UNKNOWN_NAMES = """Kiedy;Co;Ile
02.01.2026;czynsz;-900,00
13.01.2026;Martin;1840,50
"""

CONTINUED = """Date;Text;Amount
2026-01-02;Rent;-900.00
;for January;
2026-01-03;Martin;1840.50
"""


@pytest.mark.parametrize(
    ("content", "expected", "balances"),
    [
        (
            FRENCH,
            [("2026-01-02", "-900.00", "LOYER JANVIER"), ("2026-01-13", "1840.50", "VIR MARTIN F12")],
            ("1000.00", "1940.50"),
        ),
        (GERMAN, [("2026-01-31", "-120.00", "Strom"), ("2026-01-30", "1000.00", "Rechnung 4711")], ("0.00", "880.00")),
        (AMERICAN, [("2026-01-13", "-900.00", "Rent"), ("2026-01-14", "1840.50", "Martin")], ("2000.00", "2940.50")),
        (MARKED, [("2026-01-02", "-900.00", "Rent"), ("2026-01-03", "1840.50", "Martin")], None),
        (
            NAMELESS,
            [("2026-01-02", "-900.00", "A1"), ("2026-01-03", "1840.50", "B22"), ("2026-01-04", "-40.50", "C")],
            ("2000.00", "2900.00"),
        ),
        (UNKNOWN_NAMES, [("2026-01-02", "-900.00", "czynsz"), ("2026-01-13", "1840.50", "Martin")], None),
        (CONTINUED, [("2026-01-02", "-900.00", "Rent for January"), ("2026-01-03", "1840.50", "Martin")], None),
    ],
)  # fmt: skip
def test_a_statement_lands_by_what_is_proposed_for_it(
    desk: Any, content: str, expected: list[tuple[str, str, str]], balances: tuple[str, str] | None
) -> None:
    _, record = pasted(desk, content)
    assert (record.status, record.rows_quarantined) == ("landed", 0), record.reason
    assert movements(desk) == [(day, Decimal(amount), text) for day, amount, text in expected]
    (row,) = desk.rows("bank_statements")
    found = (row["opening_balance"], row["closing_balance"])
    assert found == (tuple(map(Decimal, balances)) if balances else (None, None))


def test_the_account_above_the_table_is_found_and_what_is_missing_is_said(desk: Any) -> None:
    text, record = pasted(desk, FRENCH)
    assert record.account_numbers == ("FR7630006000011234567890189",)
    assert "names the account" not in text
    assert "# The file does not say its currency" in text
    other, _ = pasted(desk, MARKED, "acme/CH93/marked.csv")
    assert "# Nothing in the file names the account" in other
    assert "# The file holds no balance" in other


def test_what_is_not_sure_is_said_above_its_line(desk: Any) -> None:
    lines = pasted(desk, UNKNOWN_NAMES)[0].splitlines()
    above = {line.split(" = ")[0]: lines[index - 1] for index, line in enumerate(lines) if " = " in line}
    assert above["booking_date"] == above["amount"] == "# Told by what it holds, not by its name: check it."
    ambiguous = MARKED.replace("2026-01-02", "02/01/2026").replace("2026-01-03", "03/01/2026")
    lines = pasted(desk, ambiguous, "acme/CH93/b.csv")[0].splitlines()
    above = {line.split(" = ")[0]: lines[index - 1] for index, line in enumerate(lines) if " = " in line}
    assert above["date_formats"] == "# The file does not tell the day from the month: check it."
    assert 'date_formats = ["%d/%m/%Y"]' in lines


def test_the_proposal_shows_how_the_first_rows_would_land(desk: Any) -> None:
    text, _ = pasted(desk, MARKED + "2026-01-04;Lost;x;C\n")
    assert text.endswith(
        "# As it would land (2 rows, 1 set aside):\n"
        "#     2026-01-02  -900.00  …  Rent\n"
        "#     2026-01-03  1840.50  …  Martin\n"
        "# Line 4 would be set aside: Amount: “x” is not an amount with a point before its decimals\n"
    )


def test_it_is_said_in_french_too(desk: Any) -> None:
    path = desk.drop("acme/a.csv", MARKED)
    text = proposed_text(path, NOTHING, "fr")
    assert "# Rien dans le fichier ne nomme le compte" in text
    assert "# Tel qu’il serait repris (2 lignes, 0 écartées) :" in text
    assert tomllib.loads(text) == tomllib.loads(proposed_text(path, NOTHING, "en"))


def test_a_ledger_and_a_list_of_invoices_are_known_by_their_columns(desk: Any) -> None:
    ledger = (
        "Date;Journal;Compte;Libellé;Débit;Crédit\n02/01/2026;VE;411000;F1;1 200,00;\n"
        "02/01/2026;VE;706000;F1;;1 200,00\n"
    )
    _, record = pasted(desk, ledger, "acme/ledger.csv")
    assert (record.kind, record.status, record.total_debit) == ("ledger", "landed", 1200)
    invoices = "Invoice number,Customer,Invoice date,Due date,Total\nF1,MARTIN,2026-01-13,2026-02-13,120.00\n"
    text, record = pasted(desk, invoices, "acme/invoices.csv")
    assert (record.kind, record.status, record.rows_landed) == ("invoices", "landed", 1)
    assert '# Write supplier for purchases.\nkind = "customer"' in text


def test_a_file_that_a_mapping_reads_already_is_said_to_be_read(desk: Any) -> None:
    path = desk.drop(
        "acme/a.csv", "Booked At;Text;Credit/Debit Amount;Balance;Valuta Date\n2026-01-02;A;5;5;2026-01-02\n"
    )
    text = proposed_text(path, Catalogue.of(Settings()), "en")
    assert text.startswith("# The mapping “Raiffeisen” reads this file already")


def test_a_format_of_its_own_needs_no_mapping(desk: Any) -> None:
    path = desk.drop("acme/a.csv", "third_party_code,name\nA,Martin\n")
    with pytest.raises(AlreadyReadError, match=r"a\.csv: it is read without a mapping \(third_parties\)"):
        proposed_text(path, NOTHING, "en")


@pytest.mark.parametrize("content", ["a;b\nc;d\n", "1;2\n3;4\n", "Date;Text\n2026-01-02;x\n"])
def test_what_is_no_table_with_dates_and_amounts_is_said_to_be_none(desk: Any, content: str) -> None:
    with pytest.raises(FileRefusedError, match="nothing in it looks like a table with dates and amounts"):
        proposed_text(desk.drop("acme/a.csv", content), NOTHING, "en")


QONTO = """Status,Settlement date (UTC),Operation date (UTC),Operation date (local),Total amount (incl. VAT),Currency,\
Amount (incl. VAT),Local currency,Counterparty name,IBAN,Reference,Total VAT amount,VAT rate,Transaction ID
settled,04-02-2026 10:11:12,03-02-2026 23:30:00,04-02-2026 00:30:00,1200.50,EUR,1200.50,EUR,DUPONT,FR76,F2026-001,,,t-1
settled,03-02-2026 10:11:12,01-02-2026 10:00:00,01-02-2026 11:00:00,-350.00,EUR,-380.00,USD,EDF,FR76,FACT 7,,,t-2
processing,,05-02-2026 10:00:00,05-02-2026 11:00:00,-99.00,EUR,-110.00,USD,AWS,FR76,,,,t-3
"""

PAYPAL = """Date,Heure,Nom,Type,État,Devise,Avant commission,Commission,Net,Numéro de transaction,N° facture,Solde
03/02/2026,10:11:12,DUPONT,Paiement,Terminé,EUR,"1 200,50","-35,16","1 165,34",1AB,F2026-001,"1 165,34"
04/02/2026,10:11:12,,Virement,Terminé,EUR,"-1 000,00","0,00","-1 000,00",2AB,,"165,34"
05/02/2026,10:11:12,X,Autorisation,En attente,EUR,"-10,00","0,00","-10,00",3AB,,"165,34"
"""

BOURSOBANK = """dateOp;dateVal;label;category;amount;comment;accountNum;accountbalance
2026-02-04;2026-02-03;CARTE AMAZON;Achats;-29,99;;00040123456;1500.00
2026-02-03;2026-02-03;VIR DUPONT F2026-001;Virements;1 200,50;;00040123456;1500.00
2026-02-02;2026-02-02;PRLV EDF;Energie;-350,00;;00040123456;1500.00
"""

LCL = """04/02/2026;1200,50;Virement;;VIREMENT DUPONT;;
03/02/2026;-350,00;Prélèvement;;PRLV EDF;;
04/02/2026;12345,67;;01234 012345A;;;
"""

BNP = """Compte de chèques;Compte de chèques;****1234;05/02/2026;;12345,67
04/02/2026;Virement recu;VIR SEPA RECU;VIR SEPA RECU /DE DUPONT;1200,50
03/02/2026;Prelevement;PRLV SEPA;PRLV SEPA EDF ECHEANCE;-350,00
"""

DEUTSCHE = """Buchungstag;Wert;Umsatzart;Begünstigter / Auftraggeber;Verwendungszweck;Betrag;Soll;Haben;Währung
03.02.2026;03.02.2026;SEPA Überweisung;DUPONT;F2026-001;1.200,50;;1.200,50;EUR
04.02.2026;05.02.2026;SEPA Lastschrift;EDF;Rechnung 1;-350,00;-350,00;;EUR
Kontostand;05.02.2026;;;12.345,67;EUR;;;
"""

N26 = """Booking Date,Value Date,Partner Name,Partner Iban,Type,Payment Reference,Amount (EUR),Original Amount
2026-02-03,2026-02-03,DUPONT,FR7630006000011234567890189,Credit Transfer,F2026-001,1200.50,
2026-02-04,2026-02-04,AWS,,Presentment,-,-92.40,-100.00
"""


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (QONTO, [("2026-02-04", "1200.50", "F2026-001"), ("2026-02-01", "-350.00", "FACT 7")]),
        (PAYPAL, [("2026-02-03", "1165.34", "F2026-001"), ("2026-02-04", "-1000.00", None)]),
        (
            BOURSOBANK,
            [
                ("2026-02-04", "-29.99", "CARTE AMAZON"),
                ("2026-02-03", "1200.50", "VIR DUPONT F2026-001"),
                ("2026-02-02", "-350.00", "PRLV EDF"),
            ],
        ),
        (LCL, [("2026-02-04", "1200.50", "VIREMENT DUPONT"), ("2026-02-03", "-350.00", "PRLV EDF")]),
        (
            BNP,
            [
                ("2026-02-04", "1200.50", "VIR SEPA RECU /DE DUPONT"),
                ("2026-02-03", "-350.00", "PRLV SEPA EDF ECHEANCE"),
            ],
        ),
        (DEUTSCHE, [("2026-02-03", "1200.50", "F2026-001"), ("2026-02-04", "-350.00", "Rechnung 1")]),
        (N26, [("2026-02-03", "1200.50", "F2026-001"), ("2026-02-04", "-92.40", "-")]),
    ],
    ids=["Qonto", "PayPal", "BoursoBank", "LCL", "BNP", "Deutsche Bank", "N26"],
)
def test_bookings_alone_land_of_what_banks_put_into_their_tables(
    desk: Any, content: str, expected: list[tuple[str, str, str | None]]
) -> None:
    """Entries that are pending, balances, fees and the amounts of other currencies are none."""
    text, record = pasted(desk, content)
    assert (record.status, record.rows_quarantined) == ("landed", 0), record.reason
    assert movements(desk) == [(day, Decimal(amount), said) for day, amount, said in expected]
    assert [row["opening_balance"] for row in desk.rows("bank_statements")] == [
        Decimal(0) if content == PAYPAL else None
    ]
    if content == N26:
        assert {row["currency_code"] for row in desk.rows("bank_transactions")} == {"EUR"}
    assert ("pending, refused" in text) == (content in (QONTO, PAYPAL))


def test_pieces_and_due_dates_of_a_french_ledger_are_found(desk: Any) -> None:
    sage = (
        "Code journal\tDate de pièce\tN° de pièce\tN° compte général\tN° compte tiers\tLibellé écriture\t"
        "Date d'échéance\tMontant débit\tMontant crédit\tLettrage\n"
        "VEN\t15/01/2026\tF2026-001\t41100000\tDUPONT\tFacture\t28/02/2026\t1200,50\t\t\n"
        "VEN\t15/01/2026\tF2026-001\t70600000\t\tFacture\t\t\t1200,50\t\n"
    )
    _, record = pasted(desk, sage, "acme/sage.txt")
    assert (record.kind, record.status, record.rows_quarantined) == ("ledger", "landed", 0), record.reason
    receivable, revenue = desk.rows("ledger_lines")
    assert (receivable["document_ref"], receivable["auxiliary_code"]) == ("F2026-001", "DUPONT")
    assert receivable["due_date"] == date(2026, 2, 28)
    assert (receivable["debit"], revenue["credit"]) == (Decimal("1200.50"), Decimal("1200.50"))


def test_a_list_of_invoices_is_no_statement(desk: Any) -> None:
    content = (
        "Date,Transaction type,Num,Customer,Due date,Amount,Status\n"
        '01/15/2026,Invoice,1001,Dupont,02/14/2026,"1,200.50",Open\n'
        "01/20/2026,Credit Memo,1002,Martin,,-50.00,Open\n"
        "01/21/2026,Invoice,1003,Martin,02/20/2026,70.00,Draft\n"
    )
    _, record = pasted(desk, content, "acme/invoices.csv")
    assert (record.kind, record.status, record.rows_landed) == ("invoices", "landed", 2), record.reason


def test_a_balance_of_accounts_is_no_ledger_and_said_in_one_sentence(desk: Any) -> None:
    path = desk.drop("acme/a.csv", "Compte;Intitulé;Débit;Crédit\n411000;Clients;1200,50;0,00\n")
    with pytest.raises(FileRefusedError, match="nothing in it looks like a table with dates and amounts"):
        proposed_text(path, NOTHING, "en")


CREDIT_AGRICOLE = """Compte courant carte n° 12345678901;
Date;Libellé;Débit euros;Crédit euros;
05/02/2026;"VIREMENT
DUPONT
";;1 200,50;
04/02/2026;PRLV EDF;350,00;;
"""


def test_tables_of_two_accounts_in_one_file_are_not_taken_for_one(desk: Any) -> None:
    _, record = pasted(desk, CREDIT_AGRICOLE, "acme/1/a.csv")
    assert record.status == "landed", record.reason
    both = CREDIT_AGRICOLE + "\n" + CREDIT_AGRICOLE.replace("Compte courant", "Livret A")
    desk.drop("acme/1/b.csv", both)
    (refused,) = [one for one in desk.take().new_files if one.source_file.endswith("b.csv")]
    assert refused.reason == "a second table begins on line 9, perhaps of another account"


def test_the_mapping_that_asks_for_more_columns_reads_a_file_that_two_fit(desk: Any) -> None:
    short, _ = pasted(desk, "Date;Libellé;Montant\n13/01/2026;A;1,50\n", "acme/1/short.csv")
    longer = "Date;Date valeur;Libellé;Montant;Solde\n13/01/2026;14/01/2026;A;1,50;1,50\n"
    text = proposed_text(desk.drop("acme/2/longer.csv", longer), NOTHING, "en")
    desk.settings = parse(short + text, Path("encours.toml"))
    (record,) = [one for one in desk.take().new_files if one.source_file == "acme/2/longer.csv"]
    assert (record.status, record.dialect.split(";")[0]) == ("landed", "mapping longer"), record.reason


def test_a_mapping_by_column_names_comes_before_one_by_the_form_of_rows(desk: Any) -> None:
    nameless, record = pasted(desk, BNP, "acme/1/nameless.csv")
    assert record.status == "landed", record.reason
    named = BNP.replace("Compte de chèques;", "Compte;").replace(
        "12345,67\n",
        "12345,67\nDate operation;Libelle court;Type operation;Libelle operation;Montant operation\n",
    )
    text = proposed_text(desk.drop("acme/2/named.csv", named), NOTHING, "en")
    desk.settings = parse(nameless + text, Path("encours.toml"))
    (record,) = [one for one in desk.take().new_files if one.source_file == "acme/2/named.csv"]
    assert (record.status, record.dialect.split(";")[0]) == ("landed", "mapping named"), record.reason


cents = st.integers(-(10**7), 10**7).map(lambda number: Decimal(number).scaleb(-2))
words = st.text("abcdefgh éÜß,'&", min_size=1, max_size=20).map(lambda text: f"x{' '.join(text.split())}x")


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, list[tuple[date, Decimal, str]], str]:
    """A random statement, written by random habits, and its rows; the mark between its cells."""
    start = draw(st.dates(date(2000, 1, 1), date(2060, 12, 31)))
    count = draw(st.integers(3, 12))
    days = [start + timedelta(days=draw(st.integers(0, 3)) + index) for index in range(count)]
    amounts = [draw(cents) for _ in range(count)]
    texts = [draw(words) for _ in range(count)]
    form = draw(st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y%m%d", "%d.%m.%y"]))
    mark = draw(st.sampled_from([".", ","]))
    between = draw(st.sampled_from(["", "'", " ", "," if mark == "." else "."]))
    delimiter = draw(st.sampled_from(";\t|"))
    is_split, has_balance, is_reversed = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())

    def money(value: Decimal) -> str:
        return f"{value:,.2f}".replace(",", "@").replace(".", mark).replace("@", between)

    header = [
        "Datum",
        "Libellé",
        *(["Débit", "Crédit"] if is_split else ["Amount"]),
        *(["Saldo"] if has_balance else []),
    ]
    rows = []
    balance = Decimal(1000)
    for day, amount, text in zip(days, amounts, texts, strict=True):
        balance += amount
        cells = [day.strftime(form), f'"{text}"']
        cells += (
            [money(-amount), ""]
            if is_split and amount < 0
            else ["", money(amount)]
            if is_split
            else [money(amount)]
        )
        rows.append(delimiter.join([*cells, *([money(balance)] if has_balance else [])]))
    found = list(zip(days, amounts, texts, strict=True))
    order = -1 if is_reversed else 1
    preamble = draw(st.sampled_from(["", "Kontoauszug\n\n", "IBAN: CH9300762011623852957\n"]))
    return preamble + "\n".join([delimiter.join(header), *rows[::order]]) + "\n", found[::order], form


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statements())
def test_a_random_statement_comes_back_as_it_was_written(
    make_desk: Callable[[], Any], statement: tuple[str, list[tuple[date, Decimal, str]], str]
) -> None:
    content, expected, form = statement
    # With two digits of the year and every day below 13, day and month can be told by nobody.
    assume(form != "%d.%m.%y" or any(day.day > 12 for day, _, _ in expected))
    desk = make_desk()
    _, record = pasted(desk, content)
    assert record.status == "landed", record.reason
    found = [
        (row["booking_date"], row["amount"], row["remittance_text"]) for row in desk.rows("bank_transactions")
    ]
    assert found == expected
