"""The FEC in every dialect, and the traps that real exports set."""

import unicodedata
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from tests.unit.ingestion.formats.fec_lines import COLUMNS, LANDED_SALE

SALE = [
    "VE",
    "Ventes",
    "VE1",
    "20250110",
    "41100000",
    "Clients",
    "MARTIN",
    "Société Martin & Fils",
    "F1",
    "20250110",
    "Facture n°1 à échéance",
    "1200,50",
    "0,00",
    "A",
    "20250205",
    "20250131",
    "-10,00",
    "USD",
]
INCOME = [
    "VE",
    "Ventes",
    "VE1",
    "20250110",
    "70600000",
    "Services",
    "",
    "",
    "F1",
    "20250110",
    "Facture n°1",
    "0,00",
    "1200,50",
    "",
    "",
    "20250131",
    "",
    "",
]


def fec(*rows: list[str], separator: str = "\t", end: str = "\n", header: list[str] | None = None) -> str:
    return "".join(separator.join(row) + end for row in [header or COLUMNS, *rows])


def row(**cells: str) -> list[str]:
    return [cells.get(name, cell) for name, cell in zip(COLUMNS, SALE, strict=True)]


def landed(desk: Any, content: bytes | str, name: str = "acme/ledger.txt") -> list[dict[str, Any]]:
    desk.drop(name, content)
    intake = desk.take()
    assert [(record.status, record.reason) for record in intake.new_files] == [("landed", None)]
    return desk.rows("ledger_lines")


def quarantined(desk: Any, content: bytes | str) -> list[tuple[int, str]]:
    desk.drop("acme/ledger.txt", content)
    desk.take()
    return [(bad["source_row"], bad["reason"]) for bad in desk.rows("quarantined_rows")]


ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-bom": "utf-8-sig",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "cp1252": "cp1252",
    "iso-8859-15": "iso-8859-15",
}


@pytest.mark.parametrize(
    ("encoding", "separator", "end", "is_signed"),
    list(product(ENCODINGS, ["\t", "|", ";"], ["\n", "\r\n", "\r"], [False, True])),
)
def test_the_same_lines_land_alike_in_every_dialect(
    desk: Any, encoding: str, separator: str, end: str, is_signed: bool
) -> None:
    sale, income, header = SALE, INCOME, list(COLUMNS)
    if encoding == "iso-8859-15":
        sale = [cell.replace("n°1", "1 €") for cell in sale]
    if encoding == "cp1252":
        sale = [cell.replace("n°1", "1 € œuvre") for cell in sale]
    if is_signed:
        header[11:13] = ["Montant", "Sens"]
        sale, income = [*sale[:11], "1200,50", "D", *sale[13:]], [*income[:11], "1200,50", "C", *income[13:]]
    content = fec(sale, income, separator=separator, end=end, header=header).encode(ENCODINGS[encoding])
    if encoding == "utf-16-le":
        content = b"\xff\xfe" + content

    first, second = landed(desk, content)

    assert {name: first[name] for name in LANDED_SALE} == LANDED_SALE | {"label": sale[10]}
    assert (second["debit"], second["credit"], second["auxiliary_code"]) == (
        Decimal(0),
        Decimal("1200.50"),
        None,
    )
    assert (first["source_row"], second["source_row"]) == (2, 3)
    dialect = desk.take().source_files.to_pylist()[0]["dialect"]
    amounts = "montant-sens" if is_signed else "debit-credit"
    names = {"\t": "tab", "|": "pipe", ";": "semicolon", "\n": "lf", "\r\n": "crlf", "\r": "cr"}
    assert dialect == f"fec;{names[separator]};{encoding};{amounts};18 columns;{names[end]}"


def test_utf_16_is_told_without_a_mark(desk: Any) -> None:
    assert landed(desk, fec(SALE).encode("utf-16-le"))[0]["label"] == "Facture n°1 à échéance"


def test_one_invalid_byte_at_the_end_of_a_large_file_makes_it_cp1252(desk: Any) -> None:
    plain = row(JournalLib="Ventes", CompAuxLib="Martin", EcritureLib="Facture")
    lines = (
        fec(*[plain] * 2000).encode() + fec(row(EcritureLib="café")).encode("cp1252").split(b"\n")[1] + b"\n"
    )
    rows = landed(desk, lines)
    assert len(rows) == 2001
    assert rows[-1]["label"] == "café"


@pytest.mark.parametrize(
    ("debit_side", "credit_side"), [("D", "C"), ("d", "c"), ("+1", "-1"), ("1", "-1"), (" D ", " C ")]
)
def test_sides_are_told_by_letters_or_signs(desk: Any, debit_side: str, credit_side: str) -> None:
    header = [*COLUMNS[:11], "Montant", "Sens", *COLUMNS[13:]]
    rows = [[*SALE[:11], "5,00", debit_side, *SALE[13:]], [*SALE[:11], "-7,00", credit_side, *SALE[13:]]]
    first, second = landed(desk, fec(*rows, header=header))
    assert (first["debit"], first["credit"]) == (Decimal(5), Decimal(0))
    assert (second["debit"], second["credit"]) == (Decimal(0), Decimal(-7))


def test_columns_may_stand_in_any_order_with_others_among_them(desk: Any) -> None:
    order = [17, 3, 12, 11, 4, 0, 1, 2, *range(5, 11), 13, 14, 15, 16]
    header = [COLUMNS[index] for index in order] + ["ModeRglt", "DateEcheance"]
    cells = [SALE[index] for index in order] + ["VIR", "20250331"]
    (only,) = landed(desk, fec(cells, header=header))
    assert {name: only[name] for name in LANDED_SALE} == LANDED_SALE | {"due_date": date(2025, 3, 31)}


@pytest.mark.parametrize(
    "name", ["DateEcheance", "Date d'échéance", "Echeance", "ÉCHÉANCE", "DateEch", "EcheanceDate"]
)
def test_a_due_date_is_taken_from_an_extra_column(desk: Any, name: str) -> None:
    header = [*COLUMNS, name.replace(" d'", "")]
    assert landed(desk, fec([*SALE, "2025-03-31"], header=header))[0]["due_date"] == date(2025, 3, 31)


def test_the_date_of_a_settlement_is_not_a_due_date(desk: Any) -> None:
    header = [*COLUMNS, "DateRglt", "ModeRglt", "NatOp"]
    assert landed(desk, fec([*SALE, "20250331", "", ""], header=header))[0]["due_date"] is None


@pytest.mark.parametrize(
    "fold", [str.upper, str.lower, lambda name: f"  {name}   ", lambda name: name.replace("e", "é")]
)
def test_header_names_are_known_in_any_case_padding_and_accent(desk: Any, fold: Any) -> None:
    (only,) = landed(desk, fec(SALE, header=[fold(name) for name in COLUMNS]))
    assert {name: only[name] for name in LANDED_SALE} == LANDED_SALE


def test_padded_cells_are_trimmed_and_empty_ones_are_null(desk: Any) -> None:
    padded = [f"  {cell}    " for cell in row(EcritureLet="", PieceRef="   ", Debit="+000001107,13")]
    (only,) = landed(desk, fec(padded))
    assert only["account_code"] == "41100000"
    assert (only["letter_code"], only["document_ref"], only["debit"]) == (None, None, Decimal("1107.13"))


def test_negative_amounts_keep_their_side_and_sign(desk: Any) -> None:
    (only,) = landed(desk, fec(row(Debit="0", Credit="-80,00")))
    assert (only["debit"], only["credit"]) == (Decimal(0), Decimal(-80))


def test_an_empty_amount_is_nothing_beside_one_that_is_filled(desk: Any) -> None:
    (only,) = landed(desk, fec(row(Debit="", Credit="80,00")))
    assert (only["debit"], only["credit"]) == (Decimal(0), Decimal(80))


def test_a_line_with_debit_and_credit_lands_as_it_stands(desk: Any) -> None:
    (only,) = landed(desk, fec(row(Debit="50,00", Credit="50,00")))
    assert (only["debit"], only["credit"]) == (Decimal(50), Decimal(50))


def test_a_carriage_return_inside_a_row_does_not_break_it(desk: Any) -> None:
    rows = landed(desk, fec(row(EcritureLib="one\rtwo"), row(EcritureLib="three\r"), SALE))
    assert [(only["source_row"], only["label"]) for only in rows] == [
        (2, "one two"),
        (3, "three"),
        (4, "Facture n°1 à échéance"),
    ]


def test_nul_bytes_are_dropped(desk: Any) -> None:
    assert landed(desk, fec(row(EcritureLib="a\0b")))[0]["label"] == "ab"


def test_quotes_are_data_in_a_tab_file_and_marks_in_a_semicolon_file(desk: Any) -> None:
    (only,) = landed(desk, fec(row(EcritureLib='"Le Bon" coin', CompAuxLib='Dupont "')))
    assert (only["label"], only["auxiliary_name"]) == ('"Le Bon" coin', 'Dupont "')


def test_a_quoted_cell_of_a_semicolon_file_may_hold_the_separator(desk: Any) -> None:
    quoted = [f'"{cell}"' for cell in row(EcritureLib="un; deux et trois".replace('"', '""'))]
    rows = landed(desk, fec(quoted, row(EcritureLib='pouce 3"'), SALE, separator=";"))
    assert [only["label"] for only in rows] == ["un; deux et trois", 'pouce 3"', "Facture n°1 à échéance"]


def test_blank_lines_are_no_rows(desk: Any) -> None:
    content = "\n\n" + fec(SALE) + "\n" + "\t" * 17 + "\n   \n" + fec(INCOME).split("\n", 1)[1] + "\n\n\x1a"
    rows = landed(desk, content)
    assert [only["source_row"] for only in rows] == [4, 8]
    assert desk.take().source_files.to_pylist()[0]["rows_read"] == 2


def test_surplus_empty_cells_at_the_end_of_a_row_do_no_harm(desk: Any) -> None:
    rows = landed(desk, fec([*SALE, "", " "], SALE, [*INCOME, ""]))
    assert [only["source_row"] for only in rows] == [2, 3, 4]


def test_a_date_of_zeros_is_an_empty_one(desk: Any) -> None:
    assert landed(desk, fec(row(DateLet="00000000")))[0]["letter_date"] is None


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"EcritureDate": "20250230"}, "EcritureDate: “20250230” is no day of the calendar"),
        ({"EcritureDate": ""}, "EcritureDate is empty"),
        ({"EcritureDate": "00000000"}, "EcritureDate is empty"),
        ({"EcritureDate": "19000101"}, "EcritureDate: “19000101” lies outside 1950 to 2100"),
        ({"PieceDate": "hier"}, "PieceDate: “hier” is not a date"),
        ({"CompteNum": " "}, "CompteNum is empty"),
        ({"Debit": "douze"}, "Debit: “douze” is not an amount"),
        ({"Debit": "12,345"}, "Debit: “12,345” has more than 2 decimals"),
        ({"Debit": "", "Credit": ""}, "the line has neither debit nor credit"),
        ({"Debit": "x", "EcritureDate": "y"}, "EcritureDate: “y” is not a date; Debit: “x” is not an amount"),
        ({"EcritureLib": "a\tb"}, "the line has 19 cells where the header has 18"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_land(
    desk: Any, cells: dict[str, str], reason: str
) -> None:
    assert quarantined(desk, fec(SALE, row(**cells), INCOME)) == [(3, reason)]
    assert [only["source_row"] for only in desk.rows("ledger_lines")] == [2, 4]
    (file,) = desk.take().source_files.to_pylist()
    assert (file["rows_read"], file["rows_landed"], file["rows_quarantined"]) == (3, 2, 1)


def test_a_side_that_is_neither_is_set_aside(desk: Any) -> None:
    header = [*COLUMNS[:11], "Montant", "Sens", *COLUMNS[13:]]
    rows = [[*SALE[:11], "5,00", side, *SALE[13:]] for side in ("D", "X", "")]
    assert quarantined(desk, fec(*rows, header=header)) == [
        (3, "Sens: “X” is neither debit nor credit"),
        (4, "Sens is empty"),
    ]


def test_a_row_broken_by_a_line_feed_is_set_aside_as_two_lines(desk: Any) -> None:
    found = quarantined(desk, fec(SALE, row(EcritureLib="one\ntwo"), INCOME))
    assert [number for number, _ in found] == [3, 4]
    assert [only["source_row"] for only in desk.rows("ledger_lines")] == [2, 5]


def test_line_numbers_are_those_of_the_file_across_blocks_and_bad_rows(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("ingestion.formats.text.BLOCK_BYTES", 700)
    lines = [
        row(EcritureNum=str(number), EcritureDate="bad" if number % 7 == 0 else "20250110")
        for number in range(2, 200)
    ]
    desk.drop("acme/ledger.txt", fec(*lines))
    desk.take()
    assert all(int(only["entry_number"]) == only["source_row"] for only in desk.rows("ledger_lines"))
    assert [bad["source_row"] for bad in desk.rows("quarantined_rows")] == list(range(7, 200, 7))


def test_the_manifest_tells_totals_and_dates(desk: Any) -> None:
    landed(desk, fec(SALE, row(EcritureDate="20250301", ValidDate="20250302", Debit="1,00"), INCOME))
    (file,) = desk.take().source_files.to_pylist()
    assert (file["total_debit"], file["total_credit"]) == (Decimal("1201.50"), Decimal("1200.50"))
    assert (file["period_start"], file["period_end"], file["median_date"]) == (
        date(2025, 1, 10),
        date(2025, 3, 1),
        date(2025, 1, 10),
    )
    assert (file["latest_validation_date"], file["latest_letter_date"]) == (
        date(2025, 3, 2),
        date(2025, 2, 5),
    )


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (
            [name for name in COLUMNS if name != "CompteNum"],
            "it looks like a FEC, but its header has no CompteNum",
        ),
        (
            [name for name in COLUMNS if name != "Credit"],
            "it looks like a FEC, but its header has no Debit and Credit (or Montant and Sens)",
        ),
        ([*COLUMNS, "Débit"], "its header names one field twice: “Debit” and “Débit”"),
    ],
)
def test_a_header_that_gives_no_meaning_is_refused(desk: Any, header: list[str], reason: str) -> None:
    desk.drop("acme/ledger.txt", fec(["x"] * len(header), header=header))
    (record,) = desk.take().new_files
    assert (record.status, record.kind, record.reason) == ("refused", "ledger", reason)
    assert desk.rows("ledger_lines") == []


def test_a_header_alone_is_refused(desk: Any) -> None:
    desk.drop("acme/ledger.txt", fec())
    assert desk.take().new_files[0].reason == "it holds a header and no ledger line"


def test_a_file_of_which_nothing_can_be_read_is_refused_and_its_rows_are_kept(desk: Any) -> None:
    desk.drop("acme/ledger.txt", fec(row(EcritureDate="x"), row(EcritureDate="y")))
    (record,) = desk.take().new_files
    assert (record.status, record.rows_read, record.rows_quarantined) == ("refused", 2, 2)
    assert record.reason == "none of its rows could be read; line 2: EcritureDate: “x” is not a date"
    assert len(desk.rows("quarantined_rows")) == 2


def test_accents_decomposed_by_a_file_system_are_known_in_the_header(desk: Any) -> None:
    header = [unicodedata.normalize("NFD", name.replace("e", "é")) for name in COLUMNS]
    assert landed(desk, fec(SALE, header=header))[0]["debit"] == Decimal("1200.50")
