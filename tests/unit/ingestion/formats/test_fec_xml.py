"""The FEC in XML: it lands as the text FEC does, in every shape that writers give it, and never opens anything."""

import random
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ingestion.formats.fec_lines import (
    CODES,
    DAYS,
    LANDED_SALE,
    MONEY,
    TITLES,
    never_a_fault,
    property_of_ledgers,
    texts,
)

OFFICIAL = """<?xml version="1.0" encoding="UTF-8"?>
<comptabilite>
  <exercice>
    <DateCloture>2025-12-31T00:00:00</DateCloture>
    <journal>
      <JournalCode>VE</JournalCode>
      <JournalLib>Ventes</JournalLib>
      <ecriture>
        <EcritureNum>VE1</EcritureNum>
        <EcritureDate>2025-01-10+01:00</EcritureDate>
        <EcritureLib>Facture n°1 à échéance</EcritureLib>
        <PieceRef>F1</PieceRef>
        <PieceDate>2025-01-10T08:36:28</PieceDate>
        <EcritureLet>A</EcritureLet>
        <DateLet>2025-02-05T09:01:03+01:00</DateLet>
        <ValidDate>2025-01-31</ValidDate>
        <ligne>
          <CompteNum>41100000</CompteNum>
          <CompteLib>Clients</CompteLib>
          <CompAuxNum>MARTIN</CompAuxNum>
          <CompAuxLib>Société Martin &amp; Fils</CompAuxLib>
          <Montantdevise>-10,00</Montantdevise>
          <Idevise>USD</Idevise>
          <Debit>1.2005E3</Debit>
        </ligne>
        <ligne>
          <CompteNum>70600000</CompteNum>
          <CompteLib>Services</CompteLib>
          <Credit>1200.50</Credit>
        </ligne>
      </ecriture>
    </journal>
    <journal>
      <JournalCode>BQ</JournalCode>
      <JournalLib>Banque</JournalLib>
      <ecriture>
        <EcritureNum>BQ1</EcritureNum>
        <EcritureDate>20250205</EcritureDate>
        <EcritureLib>Virement</EcritureLib>
        <ligne><CompteNum>51200000</CompteNum><Montant>1200.5</Montant><Sens>d</Sens></ligne>
        <ligne><CompteNum>41100000</CompteNum><Montant>1200.5</Montant><Sens>c</Sens>
          <CompteAuxNum>MARTIN</CompteAuxNum>
        </ligne>
      </ecriture>
    </journal>
  </exercice>
</comptabilite>
"""

SALE = {"source_row": 17} | LANDED_SALE

CASH = {
    "source_row": 40,
    "journal_code": "BQ",
    "journal_name": "Banque",
    "entry_number": "BQ1",
    "entry_date": date(2025, 2, 5),
    "account_code": "51200000",
    "account_name": None,
    "auxiliary_code": None,
    "auxiliary_name": None,
    "document_ref": None,
    "document_date": None,
    "label": "Virement",
    "debit": Decimal("1200.50"),
    "credit": Decimal("0.00"),
    "letter_code": None,
    "letter_date": None,
    "validation_date": None,
    "amount_currency": None,
    "currency_code": None,
    "due_date": None,
}


def ledger(*entries: str) -> str:
    """A file with one tag or more a line; its first entry begins on line 4."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<comptabilite><exercice><journal>",
            "<JournalCode>VE</JournalCode>",
            *entries,
            "</journal></exercice></comptabilite>",
        ]
    )


def entry(*lines: str, more: str = "<EcritureDate>2025-01-10</EcritureDate>") -> str:
    return "\n".join([f"<ecriture>{more}", *lines, "</ecriture>"])


def line(account: str = "411", amount: str = "<Debit>5.00</Debit>", more: str = "") -> str:
    return f"<ligne><CompteNum>{account}</CompteNum>{amount}{more}</ligne>"


def landed(desk: Any, content: bytes | str, name: str = "acme/ledger.xml") -> list[dict[str, Any]]:
    desk.drop(name, content)
    (record,) = desk.take().new_files
    assert (record.status, record.kind, record.reason, record.rows_quarantined) == (
        "landed",
        "ledger",
        None,
        0,
    )
    return [
        {name: value for name, value in row.items() if name != "source_sha256"}
        for row in sorted(desk.rows("ledger_lines"), key=lambda row: row["source_row"])
    ]


def refusal(desk: Any, content: bytes | str) -> str:
    desk.drop("acme/ledger.xml", content)
    (record,) = desk.take().new_files
    assert (record.status, record.rows_landed, record.tables) == ("refused", 0, {})
    assert record.remedy.endswith(".")
    assert desk.rows("ledger_lines") == desk.rows("quarantined_rows") == []
    assert not list(desk.home.landing.rglob("*.parquet"))
    return str(record.reason)


def shown(desk: Any) -> dict[str, Any]:
    (file,) = desk.take().source_files.to_pylist()
    return dict(file)


def test_the_shape_of_the_schema_lands_field_by_field(desk: Any) -> None:
    rows = landed(desk, OFFICIAL)
    assert rows[0] == SALE
    assert rows[2] == CASH
    assert [
        (row["source_row"], row["account_code"], row["auxiliary_code"], row["debit"], row["credit"])
        for row in rows
    ] == [
        (17, "41100000", "MARTIN", Decimal("1200.50"), Decimal(0)),
        (26, "70600000", None, Decimal(0), Decimal("1200.50")),
        (40, "51200000", None, Decimal("1200.50"), Decimal(0)),
        (41, "41100000", "MARTIN", Decimal(0), Decimal("1200.50")),
    ]
    file = shown(desk)
    assert file["dialect"] == "fec-xml;utf-8;debit-credit and montant-sens"
    assert (file["total_debit"], file["total_credit"], file["rows_read"]) == (2401, 2401, 4)
    assert (file["period_start"], file["period_end"]) == (date(2025, 1, 10), date(2025, 2, 5))
    assert (file["latest_validation_date"], file["latest_letter_date"]) == (
        date(2025, 1, 31),
        date(2025, 2, 5),
    )


def test_the_closing_date_is_the_names_and_else_the_files(desk: Any) -> None:
    desk.drop("acme/ledger.xml", OFFICIAL)
    desk.drop("acme/123456789FEC20251130.xml", OFFICIAL)
    files = {row["source_file"]: row for row in desk.take().source_files.to_pylist()}
    assert files["acme/ledger.xml"]["closing_date_in_name"] == date(2025, 12, 31)
    assert files["acme/123456789FEC20251130.xml"]["closing_date_in_name"] == date(2025, 11, 30)
    assert {row["closing_date_in_name"] for row in desk.take().source_files.to_pylist()} == {
        date(2025, 12, 31),
        date(2025, 11, 30),
    }


@pytest.mark.parametrize("stated", ["", "<DateCloture>soon</DateCloture>", "<DateCloture/>"])
def test_a_file_need_not_state_its_closing_date(desk: Any, stated: str) -> None:
    landed(desk, OFFICIAL.replace("<DateCloture>2025-12-31T00:00:00</DateCloture>", stated))
    assert shown(desk)["closing_date_in_name"] is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-15", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_encoding_is_the_one_declared(desk: Any, encoding: str, end: str) -> None:
    declared = encoding.removesuffix("-sig")
    content = OFFICIAL.replace("UTF-8", declared).replace("\n", end).encode(encoding)
    assert landed(desk, content)[0] == SALE
    assert shown(desk)["dialect"].split(";")[1] == declared


@pytest.mark.parametrize(
    "reshaped",
    [
        lambda text: re.sub(r"(</?)(\w+)", lambda tag: tag[1] + tag[2].upper(), text),
        lambda text: re.sub(r"(</?)(\w+)", lambda tag: tag[1] + tag[2].lower(), text),
        lambda text: re.sub(r"(</?)(?!xml)(\w+)", r"\1fec:\2", text).replace(
            "<fec:comptabilite>", '<fec:comptabilite xmlns:fec="urn:x">'
        ),
        lambda text: text.replace("<comptabilite>", '<comptabilite xmlns="urn:y">'),
        lambda text: text.replace("comptabilite>", "FichierDesEcrituresComptables>"),
        lambda text: text.replace("<ligne>", "<lignes><ligne>").replace("</ligne>", "</ligne></lignes>"),
        lambda text: text.replace("</CompteLib>", "</CompteLib><Analytique><Debit>1</Debit></Analytique>"),
        lambda text: text.replace("<Debit>", "<!-- 9 --><Debit><![CDATA[").replace("</Debit>", "]]></Debit>"),
        lambda text: text.replace("<CompteLib>Clients", "<Idclient/><CompteLib>\tClients\u00a0"),
        lambda text: text.replace(
            "<Debit>1.2005E3</Debit>", "<Montant Sens='D'>1200.50</Montant><EcritureLet/>"
        ),
    ],
    ids=["upper", "lower", "prefix", "namespace", "root", "between", "any", "cdata", "blanks", "attribute"],
)
def test_what_writers_vary_does_no_harm(desk: Any, reshaped: Callable[[str], str]) -> None:
    assert landed(desk, reshaped(OFFICIAL))[0] == SALE


def test_fields_may_be_attributes(desk: Any) -> None:
    attributes = (
        '<ecriture EcritureNum="VE1" EcritureDate="20250110">\n'
        '<ligne CompteNum="411" Montant="5" Sens="D"/>\n'
        '<ligne compteNum="706" Montant="5" Sens="-1"/></ecriture>'
    )
    debit, credit = landed(desk, ledger(attributes))
    assert (debit["source_row"], debit["entry_number"], debit["debit"]) == (5, "VE1", 5)
    assert (credit["source_row"], credit["account_code"], credit["credit"]) == (6, "706", 5)


def test_a_line_may_say_otherwise_than_its_entry(desk: Any) -> None:
    first, second = landed(
        desk,
        ledger(
            entry(
                line(more="<EcritureLib>own</EcritureLib><DateEcheance>2025-03-31</DateEcheance>"),
                line("706", "<Credit>5</Credit>"),
                more="<EcritureDate>2025-01-10</EcritureDate><EcritureLib>common</EcritureLib>",
            )
        ),
    )
    assert [(row["label"], row["due_date"]) for row in (first, second)] == [
        ("own", date(2025, 3, 31)),
        ("common", None),
    ]


def test_an_entry_does_not_lend_its_amount_or_account_to_its_lines(desk: Any) -> None:
    more = "<EcritureDate>20250110</EcritureDate><CompteNum>411</CompteNum><Debit>10</Debit>"
    desk.drop("acme/ledger.xml", ledger(entry(line(), "<ligne><CompteLib>x</CompteLib></ligne>", more=more)))
    desk.take()
    assert [row["debit"] for row in desk.rows("ledger_lines")] == [5]
    assert [(bad["source_row"], bad["reason"]) for bad in desk.rows("quarantined_rows")] == [
        (6, "CompteNum is empty; the line has neither debit nor credit")
    ]


def test_an_entry_without_lines_is_a_line_itself(desk: Any) -> None:
    flat = "<Ecriture><EcritureDate>20250110</EcritureDate><CompteNum>411</CompteNum><Debit>5,00</Debit></Ecriture>"
    first, second = landed(desk, ledger(flat, flat))
    assert (first["source_row"], second["source_row"]) == (4, 5)
    assert (first["journal_code"], first["account_code"], first["debit"]) == ("VE", "411", 5)


def test_line_breaks_in_a_value_become_blanks(desk: Any) -> None:
    (only,) = landed(desk, ledger(entry(line(more="<EcritureLib>\n  one\n  two  three\n</EcritureLib>"))))
    assert only["label"] == "one two  three"


def test_blank_lines_before_the_declaration_are_passed_over_and_counted(desk: Any) -> None:
    assert landed(desk, "\n\r\n" + ledger(entry(line())))[0]["source_row"] == 7


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(amount="<Debit>douze</Debit>"), "Debit: “douze” is not an amount"),
        (line(amount="<Debit>1.234</Debit>"), "Debit: “1.234” has more than 2 decimals"),
        (line(amount="<Debit>NaN</Debit>"), "Debit: “NaN” is not an amount"),
        (line(amount="<Debit>1E99</Debit>"), f"Debit: “1{'0' * 99}” is too large for an amount"),
        (line(amount=""), "the line has neither debit nor credit"),
        (line(account=" "), "CompteNum is empty"),
        (line(amount="<Montant>5</Montant>"), "Sens is empty"),
        (line(amount="<Sens>D</Sens>"), "Montant is empty"),
        (
            line(amount="<Montant>5</Montant><Sens>X</Sens>"),
            "Sens: “X” is neither debit nor credit",
        ),
        (line(more="<DateLet>2025-02-30</DateLet>"), "DateLet: “2025-02-30” is no day of the calendar"),
        (line(more="<EcritureDate>hier</EcritureDate>"), "EcritureDate: “hier” is not a date"),
        (line(more="<Debit>6.00</Debit>"), "Debit is given twice: “5.00” and “6.00”"),
        (
            line(amount="<Debit><Montant>5</Montant></Debit>"),
            "Debit holds elements where its value belongs",
        ),
    ],
)
def test_a_record_that_cannot_be_read_is_set_aside_and_the_others_land(
    desk: Any, bad: str, reason: str
) -> None:
    desk.drop("acme/ledger.xml", ledger(entry(line(), bad, line("706", "<Credit>5</Credit>"))))
    desk.take()
    (aside,) = desk.rows("quarantined_rows")
    assert (aside["source_row"], aside["reason"]) == (6, reason)
    assert aside["remedy"].endswith(".")
    assert aside["raw"].startswith("<ligne><JournalCode>VE</JournalCode><EcritureDate>")
    assert [row["source_row"] for row in desk.rows("ledger_lines")] == [5, 7]
    file = shown(desk)
    assert (file["rows_read"], file["rows_landed"], file["rows_quarantined"]) == (3, 2, 1)


def test_a_fault_of_an_entry_sets_all_its_lines_aside_and_no_other(desk: Any) -> None:
    bad = "<EcritureDate><x/>20250110</EcritureDate><EcritureDate>20250110</EcritureDate>"
    desk.drop("acme/ledger.xml", ledger(entry(line(), line(), more=bad), entry(line())))
    desk.take()
    assert [row["source_row"] for row in desk.rows("quarantined_rows")] == [5, 6]
    assert [row["source_row"] for row in desk.rows("ledger_lines")] == [9]


def test_a_field_after_the_lines_it_belongs_to_refuses_the_file(desk: Any) -> None:
    late = entry(line()).replace("</ecriture>", "<EcritureLib>late</EcritureLib></ecriture>")
    assert refusal(desk, ledger(late)) == "EcritureLib at line 6 stands after the lines that it belongs to"


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_truncated_file_is_refused_and_nothing_lands(desk: Any, share: float) -> None:
    content = OFFICIAL.encode()[: int(len(OFFICIAL.encode()) * share)]
    last_line = content.count(b"\n") + 1
    assert re.fullmatch(rf"its XML is broken at line {last_line}: [\w ]+", refusal(desk, content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (OFFICIAL.replace("</CompteLib>", "</Comptelib>", 1), "its XML is broken at line 19: mismatched tag"),
        (OFFICIAL.replace("Virement", "&secret;"), "its XML is broken at line 39: undefined entity"),
        (
            OFFICIAL.encode("cp1252"),
            "its XML is broken at line 11: not well-formed (invalid token)",
        ),
        (
            OFFICIAL.replace("UTF-8", "nonsense"),
            "its XML declares an encoding that cannot be read (unknown encoding: nonsense)",
        ),
        (
            OFFICIAL.replace("UTF-8", "nonsense").encode("utf-16-le"),
            "its XML declares an encoding that cannot be read (unknown encoding: nonsense)",
        ),
        ("<comptabilite><exercice/></comptabilite>", "it is a FEC in XML without a ledger line"),
        (ledger("<x>" * 200 + "</x>" * 200), "its XML is nested too deeply at line 4"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused(desk: Any, content: bytes | str, reason: str) -> None:
    assert refusal(desk, content) == reason


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE comptabilite [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE comptabilite SYSTEM "http://example.invalid/fec.dtd">',
        '<!DOCTYPE comptabilite [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE comptabilite>",
    ],
)
def test_a_document_type_is_refused(desk: Any, doctype: str) -> None:
    content = OFFICIAL.replace("?>\n", f"?>{doctype}\n", 1).replace("Virement", "&xxe;")
    assert refusal(desk, content) == "its XML declares a document type, which no ledger export does"


@pytest.mark.parametrize(
    "endless", [f'<ligne CompteNum="{"4" * 12_000_000}"/>', f"<EcritureLib>{'x' * 9_000_000}</EcritureLib>"]
)
def test_what_would_fill_the_memory_is_refused(desk: Any, endless: str) -> None:
    assert re.match(
        r"its XML (has an endless tag|holds an endless value) at",
        refusal(desk, ledger(entry(line(), endless))),
    )


def test_records_on_one_line_are_numbered(desk: Any) -> None:
    content = re.sub(r">\s+<", "><", OFFICIAL)
    assert content.count("\n") == 1
    rows = landed(desk, content)
    assert [(row["source_row"], row["entry_number"], row["account_code"]) for row in rows] == [
        (1, "VE1", "41100000"),
        (2, "VE1", "70600000"),
        (3, "BQ1", "51200000"),
        (4, "BQ1", "41100000"),
    ]
    assert shown(desk)["dialect"] == "fec-xml;utf-8;debit-credit and montant-sens;source_row counts records"


def test_two_records_on_one_line_among_others_number_the_whole_file(desk: Any) -> None:
    desk.drop(
        "acme/ledger.xml",
        ledger(entry(line(), line() + line(amount="<Debit>x</Debit>"), "<ligne/>", line("706"))),
    )
    desk.take()
    assert [row["source_row"] for row in desk.rows("ledger_lines")] == [1, 2, 5]
    assert sorted(row["source_row"] for row in desk.rows("quarantined_rows")) == [3, 4]


def test_lines_are_exact_in_long_files_and_across_batches(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("ingestion.formats.fec_xml.BATCH", 1000)
    monkeypatch.setattr("ingestion.formats.fec_xml.CHUNK_BYTES", 1009)
    lines = [
        f"<ligne>\n<CompteNum>{5 + 4 * number}</CompteNum>\n<Debit>1</Debit></ligne>\n"
        for number in range(18_000)
    ]
    rows = landed(desk, ledger(entry(*lines)))
    assert rows[-1]["source_row"] > 65_535
    assert all(row["source_row"] == int(row["account_code"]) for row in rows)
    assert len(rows) == 18_000


TEXT = texts('<>"')
ROW = st.fixed_dictionaries(
    {
        "CompteNum": CODES,
        "CompteLib": TEXT,
        "CompAuxNum": st.none() | CODES,
        "CompAuxLib": TEXT,
        "Montantdevise": st.none() | MONEY,
        "Idevise": st.none() | st.sampled_from(["EUR", "USD"]),
        "side": st.sampled_from(["Debit", "Credit"]),
        "amount": MONEY,
        "has_sides": st.booleans(),
    }
)
ENTRY = st.fixed_dictionaries(
    {
        "EcritureNum": TEXT,
        "EcritureDate": DAYS,
        "EcritureLib": TEXT,
        "PieceRef": TEXT,
        "PieceDate": st.none() | DAYS,
        "EcritureLet": st.none() | CODES,
        "DateLet": st.none() | DAYS,
        "ValidDate": st.none() | DAYS,
        "rows": st.lists(ROW, min_size=1, max_size=4),
    }
)


ENTRY_FIELDS = (
    "EcritureNum",
    "EcritureDate",
    "EcritureLib",
    "PieceRef",
    "PieceDate",
    "EcritureLet",
    "DateLet",
    "ValidDate",
)
ROW_FIELDS = ("CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib", "Montantdevise", "Idevise")


def rendered(entries: list[dict[str, Any]], end: str) -> str:
    def field(name: str, value: object) -> str:
        return f"<{name}>{'' if value is None else escape(str(value))}</{name}>"

    parts = ["<comptabilite>", "<exercice>", "<journal>", "<JournalCode>OD</JournalCode>"]
    for one in entries:
        parts += [
            "<ecriture>",
            *(field(name, one[name]) for name in ENTRY_FIELDS),
        ]
        for row in one["rows"]:
            named = [field(name, row[name]) for name in ROW_FIELDS]
            if row["has_sides"]:
                named += [field("Montant", row["amount"]), field("Sens", row["side"][0])]
            else:
                named.append(field(row["side"], row["amount"]))
            parts += ["<ligne>", *named, "</ligne>"]
        parts.append("</ecriture>")
    return end.join([*parts, "</journal>", "</exercice>", "</comptabilite>"])


def meant(entries: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (
            *(one[name] for name in ENTRY_FIELDS),
            *(row[name] for name in ROW_FIELDS),
            row["amount"] if row["side"] == "Debit" else 0,
            row["amount"] if row["side"] == "Credit" else 0,
        )
        for one in entries
        for row in one["rows"]
    ]


COLUMN_OF = {title: column for column, title in TITLES.items()}
LANDED_COLUMNS = [*(COLUMN_OF[title] for title in (*ENTRY_FIELDS, *ROW_FIELDS)), "debit", "credit"]


@property_of_ledgers
@given(entries=st.lists(ENTRY, min_size=1, max_size=4), end=st.sampled_from(["\n", "", "\r\n  "]))
def test_random_entries_land_as_they_were_meant(
    make_desk: Callable[[], Any], entries: list[dict[str, Any]], end: str
) -> None:
    rows = landed(make_desk(), rendered(entries, end))
    assert [tuple(row[name] for name in LANDED_COLUMNS) for row in rows] == meant(entries)
    assert len({row["source_row"] for row in rows}) == len(rows)


@property_of_ledgers
@given(
    entries=st.lists(ENTRY, min_size=1, max_size=3),
    end=st.sampled_from(["\n", ""]),
    seed=st.integers(0, 2**32),
    wounds=st.integers(1, 8),
)
def test_damage_is_refused_or_set_aside_and_never_a_fault(
    make_desk: Callable[[], Any], entries: list[dict[str, Any]], end: str, seed: int, wounds: int
) -> None:
    chance = random.Random(seed)
    content = rendered(entries, end)
    tags = sorted(set(re.findall(r"</?\w+>", content)))
    for _ in range(wounds):
        place = chance.randrange(len(content))
        hurt = chance.choice(
            ["", "x", "<", "&", "\n", "<ligne></ligne>", "<Debit>1</Debit>", chance.choice(tags)]
        )
        content = content[:place] + hurt + content[place + chance.randrange(3) :]
    never_a_fault(make_desk, content)
