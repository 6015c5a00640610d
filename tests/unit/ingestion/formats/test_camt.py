"""camt.053, camt.052 and camt.054 in their versions, and the traps that published parsers fall into."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.{}"


def balance(
    code: str, amount: str, day: str = "2025-01-31", direction: str | None = "CRDT", currency: str = "EUR"
) -> str:
    said = f"<CdtDbtInd>{direction}</CdtDbtInd>" if direction else ""
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt>{said}'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(
    amount: str,
    direction: str = "CRDT",
    details: str = "",
    *,
    booked: str = "<BookgDt><Dt>2025-01-15</Dt></BookgDt>",
    valued: str = "<ValDt><Dt>2025-01-16</Dt></ValDt>",
    status: str = "BOOK",
    more: str = "",
    reversal: str = "",
) -> str:
    said = f"<RvslInd>{reversal}</RvslInd>" if reversal else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{said}<Sts>{status}</Sts>'
        f"{booked}{valued}{more}{details and f'<NtryDtls>{details}</NtryDtls>'}</Ntry>"
    )


def statement(
    *entries: str,
    account: str = "<IBAN>FR7630006000011234567890189</IBAN>",
    balances: str = "",
    heading: str = "",
    currency: str = "<Ccy>EUR</Ccy>",
) -> str:
    return (
        f"<Stmt><Id>S1</Id><ElctrncSeqNb>7</ElctrncSeqNb><CreDtTm>2025-02-01T08:00:00+01:00</CreDtTm>{heading}"
        f"<Acct><Id>{account}</Id>{currency}<Ownr><Nm>ACME SA</Nm></Ownr></Acct>{balances}{''.join(entries)}</Stmt>"
    )


def document(*statements: str, version: str = "02") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE.format(version)}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M</MsgId><CreDtTm>2025-02-01T08:00:00</CreDtTm></GrpHdr>\n"
        + "\n".join(statements)
        + "</BkToCstmrStmt></Document>"
    )


def read(desk: Any, content: str | bytes) -> list[dict[str, Any]]:
    desk.drop("acme/statement", content)
    (record,) = desk.take().new_files
    assert (record.status, record.reason) == ("landed", None)
    return desk.rows("bank_transactions")


def refusal(desk: Any, content: str | bytes) -> str:
    desk.drop("acme/statement", content)
    (record,) = desk.take().new_files
    assert record.status == "refused"
    assert desk.rows("bank_transactions") == desk.rows("bank_statements") == []
    return record.reason


DETAIL = """<TxDtls>
  <Refs><AcctSvcrRef>BANK-1</AcctSvcrRef><EndToEndId>E2E-1</EndToEndId><MndtId>MANDATE</MndtId></Refs>
  <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
  <RltdPties>
    <Dbtr><Nm>Client  Martin</Nm></Dbtr>
    <DbtrAcct><Id><IBAN>FR14 2004 1010 0505 0001 3M02 606</IBAN></Id></DbtrAcct>
    <UltmtDbtr><Nm>Groupe Martin</Nm></UltmtDbtr>
    <Cdtr><Nm>ACME SA</Nm></Cdtr><CdtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></CdtrAcct>
  </RltdPties>
  <RmtInf><Ustrd>FACTURE F1</Ustrd><Ustrd>
     SOLDE</Ustrd><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>
</TxDtls>"""


def test_an_entry_lands_with_all_that_it_tells(desk: Any) -> None:
    more = "<AcctSvcrRef>ENTRY-1</AcctSvcrRef><BkTxCd><Prtry><Cd>544</Cd></Prtry></BkTxCd>"
    (row,) = read(desk, document(statement(entry("840.00", details=DETAIL, more=more))))
    del row["source_sha256"]
    assert row == {
        "source_row": 3,
        "statement_ordinal": 1,
        "entry_ordinal": 1,
        "detail_ordinal": 0,
        "bank_entry_reference": "BANK-1",
        "entry_reference": "ENTRY-1",
        "batch_reference": None,
        "booking_date": date(2025, 1, 15),
        "value_date": date(2025, 1, 16),
        "amount": Decimal("840.00000"),
        "currency_code": "EUR",
        "entry_amount": Decimal("840.00000"),
        "is_reversal": False,
        "bank_transaction_code": "PMNT-RCDT-ESCT",
        "proprietary_code": "544",
        "remittance_text": "FACTURE F1 SOLDE",
        "structured_reference": "RF18539007547034",
        "end_to_end_id": "E2E-1",
        "mandate_id": "MANDATE",
        "counterparty_name": "Client Martin",
        "counterparty_iban": "FR1420041010050500013M02606",
        "ultimate_counterparty_name": "Groupe Martin",
        "return_reason": None,
        "original_amount": None,
        "original_currency_code": None,
    }


def test_the_statement_lands_with_its_balances(desk: Any) -> None:
    balances = balance("OPBD", "100.00", "2024-12-31", "DBIT") + balance("CLBD", "700.5")
    heading = "<FrToDt><FrDtTm>2025-01-01T00:00:00</FrDtTm><ToDtTm>2025-01-31T23:59:59</ToDtTm></FrToDt>"
    read(
        desk, document(statement(entry("840.00"), entry("39.50", "DBIT"), balances=balances, heading=heading))
    )
    (row,) = desk.rows("bank_statements")
    del row["source_sha256"]
    assert row == {
        "source_row": 3,
        "statement_ordinal": 1,
        "statement_kind": "statement",
        "statement_reference": "S1",
        "sequence_number": "7",
        "account_number": "FR7630006000011234567890189",
        "account_currency": "EUR",
        "account_owner": "ACME SA",
        "created_at": datetime(2025, 2, 1, 7, 0, tzinfo=UTC),
        "from_date": date(2025, 1, 1),
        "to_date": date(2025, 1, 31),
        "opening_balance": Decimal(-100),
        "opening_date": date(2024, 12, 31),
        "closing_balance": Decimal("700.5"),
        "closing_date": date(2025, 1, 31),
        "entry_count": 2,
        "entry_total": Decimal("800.5"),
    }
    (file,) = desk.take().source_files.to_pylist()
    assert (file["total_debit"], file["total_credit"]) == (Decimal("39.5"), Decimal(840))
    assert (file["period_start"], file["period_end"]) == (date(2025, 1, 15), date(2025, 1, 15))


MESSAGES = {
    "camt.053": ("BkToCstmrStmt", "Stmt", "statement"),
    "camt.052": ("BkToCstmrAcctRpt", "Rpt", "report"),
    "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "notification"),
}


def as_message(name: str, content: str) -> str:
    """A camt.053 as another of the three messages."""
    message, word, _ = MESSAGES[name]
    return (
        content.replace("camt.053", name).replace("BkToCstmrStmt", message).replace("Stmt>", f"{word}>")
        if name != "camt.053"
        else content
    )


@pytest.mark.parametrize("version", [f"{number:02}" for number in range(1, 14)])
@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_in_every_version_is_read(desk: Any, name: str, version: str) -> None:
    content = as_message(name, document(statement(entry("1.00")), version=version))
    message, _, kind = MESSAGES[name]
    if version == "01":
        content = content.replace(f"{message}>", f"{message}V01>")
    assert len(read(desk, content)) == 1
    assert [row["statement_kind"] for row in desk.rows("bank_statements")] == [kind]
    (file,) = desk.take().source_files.to_pylist()
    assert (file["kind"], file["dialect"]) == ("bank_statement", f"{name};001.{version};statements 1")


def test_of_reports_and_notifications_too_only_booked_entries_land(desk: Any) -> None:
    content = as_message("camt.052", document(statement(entry("1.00"), entry("2.00", status="PDNG"))))
    assert [row["amount"] for row in read(desk, content)] == [Decimal(1)]


def test_a_message_in_an_envelope_is_read(desk: Any) -> None:
    head, body = document(statement(entry("840.00", details=DETAIL))).split("\n", 1)
    header = '<h:AppHdr xmlns:h="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><h:Fr>X</h:Fr></h:AppHdr>'
    (row,) = read(desk, f'{head}\n<Envelope xmlns="urn:envelope">{header}{body}</Envelope>')
    assert (row["amount"], row["counterparty_name"]) == (Decimal(840), "Client Martin")


def test_the_references_of_an_entry_and_of_its_batch_are_kept(desk: Any) -> None:
    batch = "<Btch><MsgId>MESSAGE</MsgId><PmtInfId>ORDER-1</PmtInfId></Btch>"
    more = "<NtryRef>N1</NtryRef><AcctSvcrRef>ENTRY-1</AcctSvcrRef>"
    refs = "<Refs><AcctSvcrRef>PART-1</AcctSvcrRef></Refs>"
    rows = read(
        desk,
        document(
            statement(
                entry("3.00", details=batch + detail("1.00", more=refs) + detail("2.00"), more=more),
                entry("4.00", details=batch.replace("PmtInfId", "Other"), more="<NtryRef>N2</NtryRef>"),
                entry("5.00", more="<AcctSvcrRef>NONREF</AcctSvcrRef>"),
            )
        ),
    )
    assert [
        (row["bank_entry_reference"], row["entry_reference"], row["batch_reference"]) for row in rows
    ] == [
        ("PART-1", "ENTRY-1", "ORDER-1"),
        ("ENTRY-1", "ENTRY-1", "ORDER-1"),
        ("N2", "N2", "MESSAGE"),
        (None, None, None),
    ]


def test_a_namespace_prefix_changes_nothing(desk: Any) -> None:
    content = document(statement(entry("840.00", details=DETAIL)))
    head, body = content.split("\n", 1)
    prefixed = (
        body.replace("</", "\0").replace("<", "<ns2:").replace("\0", "</ns2:").replace("xmlns=", "xmlns:ns2=")
    )
    (row,) = read(desk, f"{head}\n{prefixed}")
    assert (row["amount"], row["counterparty_name"]) == (Decimal(840), "Client Martin")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_encoding_is_the_one_declared(desk: Any, encoding: str) -> None:
    declared = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "iso-8859-1": "ISO-8859-1"}[encoding]
    content = document(statement(entry("1.00", more="<AddtlNtryInf>Chèque émis</AddtlNtryInf>")))
    (row,) = read(desk, content.replace('"UTF-8"', f'"{declared}"').encode(encoding))
    assert row["remittance_text"] == "Chèque émis"


def detail(
    amount: str = "", direction: str = "", transaction: str = "", instructed: str = "", more: str = ""
) -> str:
    parts = [
        amount and f'<Amt Ccy="EUR">{amount}</Amt>',
        direction and f"<CdtDbtInd>{direction}</CdtDbtInd>",
        transaction and f'<AmtDtls><TxAmt><Amt Ccy="EUR">{transaction}</Amt></TxAmt></AmtDtls>',
        instructed and f'<AmtDtls><InstdAmt><Amt Ccy="EUR">{instructed}</Amt></InstdAmt></AmtDtls>',
        more,
    ]
    return f"<TxDtls>{''.join(parts)}</TxDtls>"


def shares(rows: list[dict[str, Any]]) -> list[tuple[int, Decimal]]:
    return [(row["detail_ordinal"], row["amount"]) for row in rows]


def test_a_batch_lands_as_its_details(desk: Any) -> None:
    rows = read(
        desk, document(statement(entry("6.30", "DBIT", detail("3.10") + detail("3.20")), entry("1.00")))
    )
    assert shares(rows) == [(1, Decimal("-3.10")), (2, Decimal("-3.20")), (0, Decimal(1))]
    assert [row["entry_amount"] for row in rows] == [Decimal("-6.30"), Decimal("-6.30"), Decimal(1)]
    assert desk.rows("bank_statements")[0]["entry_count"] == 2
    assert desk.take().source_files.to_pylist()[0]["rows_landed"] == 3


def test_a_batch_may_mix_credits_and_debits(desk: Any) -> None:
    rows = read(
        desk, document(statement(entry("90.00", "CRDT", detail("100.00", "CRDT") + detail("10.00", "DBIT"))))
    )
    assert shares(rows) == [(1, Decimal(100)), (2, Decimal(-10))]


def test_a_total_repeated_on_each_detail_is_not_taken_for_its_amount(desk: Any) -> None:
    rows = read(desk, document(statement(entry("30.00", "CRDT", detail("30.00") + detail("30.00")))))
    assert shares(rows) == [(0, Decimal(30))]


def test_the_amounts_that_add_up_are_taken_where_a_total_is_repeated(desk: Any) -> None:
    details = detail("30.00", transaction="10.00") + detail("30.00", transaction="20.00")
    assert shares(read(desk, document(statement(entry("30.00", "CRDT", details))))) == [
        (1, Decimal(10)),
        (2, Decimal(20)),
    ]


def test_details_that_do_not_add_up_leave_the_entry_alone_with_their_texts(desk: Any) -> None:
    details = detail("10.00", more="<RmtInf><Ustrd>F1</Ustrd></RmtInf>") + detail(
        "10.00", more="<RltdPties><Dbtr><Nm>X</Nm></Dbtr></RltdPties><RmtInf><Ustrd>F2</Ustrd></RmtInf>"
    )
    (row,) = read(desk, document(statement(entry("30.00", "CRDT", details))))
    assert (row["amount"], row["remittance_text"], row["counterparty_name"]) == (Decimal(30), "F1 F2", None)


def test_the_booked_amount_counts_and_not_the_instructed_one(desk: Any) -> None:
    more = '<AmtDtls><InstdAmt><Amt Ccy="USD">1000.00</Amt></InstdAmt></AmtDtls>'
    (row,) = read(desk, document(statement(entry("925.93", details=detail(more=more)))))
    assert (row["amount"], row["original_amount"], row["original_currency_code"]) == (
        Decimal("925.93"),
        Decimal(1000),
        "USD",
    )


def test_five_decimals_are_kept(desk: Any) -> None:
    assert read(desk, document(statement(entry("8.85012"))))[0]["amount"] == Decimal("8.85012")


@pytest.mark.parametrize(
    ("closing", "amount"),
    [
        ("80.00", "-20"),  # ISO 20022: the indicator is that of the reversal
        ("120.00", "20"),  # the indicator of the original operation, told by the balances
        ("500.00", "-20"),  # balances that tell nothing leave ISO 20022 in force
    ],
)
def test_a_reversal_has_the_sign_by_which_the_statement_adds_up(desk: Any, closing: str, amount: str) -> None:
    balances = balance("OPBD", "100.00") + balance("CLBD", closing)
    (row,) = read(desk, document(statement(entry("20.00", "DBIT", reversal="true"), balances=balances)))
    assert (row["amount"], row["entry_amount"], row["is_reversal"]) == (
        Decimal(amount),
        Decimal(amount),
        True,
    )
    assert desk.rows("bank_statements")[0]["entry_total"] == Decimal(amount)


def test_turning_reversals_leaves_the_other_entries_alone(desk: Any) -> None:
    balances = balance("OPBD", "100.00") + balance("CLBD", "113.00")
    entries = (entry("20.00", "DBIT", reversal="1"), entry("7.00", "DBIT"))
    rows = read(desk, document(statement(*entries, balances=balances)))
    assert [row["amount"] for row in rows] == [Decimal(20), Decimal(-7)]


def test_only_booked_entries_land_and_the_others_are_counted(desk: Any) -> None:
    entries = [
        entry("1.00"),
        entry("2.00", status="PDNG"),
        entry("3.00", status="<Cd>BOOK</Cd>"),
        entry("4", status="<Cd>INFO</Cd>"),
    ]
    assert [row["amount"] for row in read(desk, document(statement(*entries)))] == [Decimal(1), Decimal(3)]
    assert (
        desk.take().source_files.to_pylist()[0]["dialect"]
        == "camt.053;001.02;entries not booked, left out 2;statements 1"
    )


@pytest.mark.parametrize(
    ("booked", "valued", "heading", "day"),
    [
        ("<BookgDt><DtTm>2025-01-15T23:59:59+01:00</DtTm></BookgDt>", "", "", date(2025, 1, 15)),
        ("", "<ValDt><Dt>2025-01-16</Dt></ValDt>", "", date(2025, 1, 16)),
        (
            "",
            "",
            "<FrToDt><FrDtTm>2025-01-01T00:00:00</FrDtTm><ToDtTm>2025-01-31T00:00:00</ToDtTm></FrToDt>",
            date(2025, 1, 31),
        ),
        ("", "", "", date(2025, 2, 1)),
    ],
)
def test_an_entry_without_booking_date_takes_the_next_best(
    desk: Any, booked: str, valued: str, heading: str, day: date
) -> None:
    (row,) = read(desk, document(statement(entry("1.00", booked=booked, valued=valued), heading=heading)))
    assert row["booking_date"] == day


def test_balances_without_direction_are_credits_and_the_previous_closing_opens(desk: Any) -> None:
    balances = (
        balance("PRCD", "10.00", direction=None)
        + balance("CLAV", "99.00")
        + balance("CLBD", "11.00", direction=None)
    )
    read(desk, document(statement(entry("1.00"), balances=balances)))
    (row,) = desk.rows("bank_statements")
    assert (row["opening_balance"], row["closing_balance"]) == (Decimal(10), Decimal(11))


def test_several_statements_accounts_and_currencies_share_a_file(desk: Any) -> None:
    dollars = entry("5.00").replace("EUR", "USD")
    local = statement(dollars, account="<Othr><Id>123-456</Id></Othr>", currency="<Ccy>USD</Ccy>")
    rows = read(desk, document(statement(entry("1.00"), entry("2.00")), local))
    assert [(row["statement_ordinal"], row["entry_ordinal"], row["currency_code"]) for row in rows] == [
        (1, 1, "EUR"),
        (1, 2, "EUR"),
        (2, 1, "USD"),
    ]
    assert [row["account_number"] for row in desk.rows("bank_statements")] == [
        "FR7630006000011234567890189",
        "123-456",
    ]


def parties(
    debtor: str = "", debtor_account: str = "", creditor: str = "", creditor_account: str = ""
) -> str:
    def side(tag: str, name: str, account: str) -> str:
        return (name and f"<{tag}><Pty><Nm>{name}</Nm></Pty></{tag}>") + (
            account and f"<{tag}Acct><Id><IBAN>{account}</IBAN></Id></{tag}Acct>"
        )

    both = side("Dbtr", debtor, debtor_account) + side("Cdtr", creditor, creditor_account)
    return detail(more=f"<RltdPties>{both}</RltdPties>")


OWN = "FR7630006000011234567890189"
OTHER = "DE89370400440532013000"


@pytest.mark.parametrize(
    ("direction", "details", "name", "iban"),
    [
        ("CRDT", parties("Martin", OTHER, "ACME SA", OWN), "Martin", OTHER),
        ("DBIT", parties("ACME SA", OWN, "Fournisseur", OTHER), "Fournisseur", OTHER),
        ("DBIT", parties("ACME SA", OWN), None, None),
        ("CRDT", parties("", "", "ACME SA", OWN), None, None),
        # The rejection of our own direct debit keeps the roles of the collection.
        ("DBIT", parties("Martin", OTHER, "ACME SA", OWN), "Martin", OTHER),
        ("CRDT", parties("", "", "Somebody", ""), None, None),
    ],
)
def test_the_counterparty_is_never_ourselves(
    desk: Any, direction: str, details: str, name: str | None, iban: str | None
) -> None:
    (row,) = read(desk, document(statement(entry("1.00", direction, details)), version="08"))
    assert (row["counterparty_name"], row["counterparty_iban"]) == (name, iban)


def test_an_end_to_end_id_that_was_not_provided_is_none(desk: Any) -> None:
    (row,) = read(
        desk,
        document(
            statement(entry("1.00", details=detail(more="<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>")))
        ),
    )
    assert row["end_to_end_id"] is None


def test_a_returned_payment_tells_why(desk: Any) -> None:
    more = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>COMPTE CLOS</AddtlInf></RtrInf>"
    assert (
        read(desk, document(statement(entry("1.00", "DBIT", detail(more=more)))))[0]["return_reason"]
        == "AC04 COMPTE CLOS"
    )


def test_a_statement_without_entries_lands_with_its_balance(desk: Any) -> None:
    assert read(desk, document(statement(balances=balance("OPBD", "5.00")))) == []
    (row,) = desk.rows("bank_statements")
    assert (row["opening_balance"], row["closing_balance"], row["entry_count"]) == (Decimal(5), None, 0)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (entry("abc"), "“abc” is not an amount"),
        (entry("1.123456"), "“1.123456” is not an amount"),
        (entry("1.00", "XXXX"), "“XXXX” is neither CRDT nor DBIT"),
        (
            entry("1.00", booked="<BookgDt><Dt>2025-02-30</Dt></BookgDt>"),
            "“2025-02-30” is no day of the calendar",
        ),
        (entry("1.00").replace(' Ccy="EUR"', ""), "the amount of the entry has no currency"),
    ],
)
def test_an_entry_that_cannot_be_read_is_set_aside_and_the_others_land(
    desk: Any, bad: str, reason: str
) -> None:
    rows = read(desk, document(statement(entry("1.00"), "\n" + bad, "\n" + entry("2.00"))))
    assert [row["amount"] for row in rows] == [Decimal(1), Decimal(2)]
    assert [(row["source_row"], row["reason"]) for row in desk.rows("quarantined_rows")] == [(4, reason)]
    (file,) = desk.take().source_files.to_pylist()
    assert (file["rows_read"], file["rows_landed"], file["rows_quarantined"]) == (3, 2, 1)


def test_entries_keep_their_order_lines_and_sum_across_batches(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("ingestion.formats.camt_pieces.BLOCK_BYTES", 1000)
    rows = read(desk, document(statement(*("\n" + entry(f"{number}.00") for number in range(4, 104)))))
    assert all(int(row["amount"]) == row["source_row"] for row in rows)
    assert [row["entry_ordinal"] for row in rows] == list(range(1, 101))
    assert desk.rows("bank_statements")[0]["entry_total"] == sum(range(4, 104))


def everything(desk: Any) -> list[list[dict[str, Any]]]:
    return [desk.rows(table) for table in ("bank_transactions", "bank_statements", "quarantined_rows")]


SEVERAL = [
    statement(
        *("\n" + entry(f"{number}.00", details=DETAIL) for number in range(1, 9)),
        "<!-- </Ntry> in\n a comment --> ",
        entry("20.00", "DBIT", reversal="true"),
        entry("9.00", more="<AddtlNtryInf><![CDATA[a </Ntry>\n<Stmt> & b]]></AddtlNtryInf>"),
        "\n" + entry("abc"),
        "<?page </Ntry> 2?>",
        entry("6.30", "DBIT", detail("3.10") + "\n" + detail("3.20")),
        balances=balance("OPBD", "100.00") + "\n" + balance("CLBD", "158.70"),
    ),
    statement(account="<IBAN>DE89370400440532013000</IBAN>"),
    statement(*[entry("7.00", details=parties("", "", "ACME SA", "DE89370400440532013000"))] * 5),
    statement(entry("1.00", booked="", valued=""), heading="<FrToDt><ToDtTm>2025-01-31</ToDtTm></FrToDt>"),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    block=st.integers(60, 6000),
    batch=st.integers(1, 20_000),
    encoding=st.sampled_from(["utf-8", "utf-16", "iso-8859-1"]),
)
def test_where_a_file_is_cut_changes_nothing(
    make_desk: Callable[[], Any], block: int, batch: int, encoding: str
) -> None:
    content = document(*SEVERAL).replace("UTF-8", encoding).replace("Client", "Clé").encode(encoding)
    whole, cut = make_desk(), make_desk()
    read(whole, content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingestion.formats.camt_pieces.BLOCK_BYTES", block)
        patch.setattr("ingestion.formats.camt.BATCH_BYTES", batch)
        read(cut, content)
    assert everything(cut) == everything(whole)
    assert [row["amount"] for row in whole.rows("bank_transactions")][8:10] == [Decimal(20), Decimal(9)]
    assert whole.rows("bank_transactions")[9]["remittance_text"] == "a </Ntry> <Stmt> & b"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(200, len(document(*SEVERAL)) - 12), block=st.sampled_from([500, 2000, 1 << 20]))
def test_a_file_cut_short_anywhere_is_refused_whole(
    make_desk: Callable[[], Any], place: int, block: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingestion.formats.camt_pieces.BLOCK_BYTES", block)
        reason = refusal(make_desk(), document(*SEVERAL)[:place])
    assert reason.startswith(("its XML is broken at line", "it is a camt message without a statement"))


def test_a_tag_that_is_broken_late_refuses_the_whole_file(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("ingestion.formats.camt_pieces.BLOCK_BYTES", 1000)
    entries = ["\n" + entry("1.00") for _ in range(50)]
    entries[40] = entries[40].replace("</Amt>", "</Amount>")
    reason = refusal(desk, document(statement(*entries)))
    assert reason == "its XML is broken at line 44: Opening and ending tag mismatch: Amt and Amount"


def test_a_balance_that_is_none_is_told_with_its_statement(desk: Any) -> None:
    content = document(statement(entry("1.00")), statement(balances=balance("CLBD", "x")))
    assert refusal(desk, content) == (
        "a balance of its statement on line 4 cannot be read: “x” is not an amount"
    )


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("LARGEST_ENTRY_BYTES", "128 MB from line 1 on hold no end of an entry"),
        ("LARGEST_HEADING_BYTES", "its statement on line 3 has a heading of more than 1 MB"),
    ],
)
def test_what_would_have_to_be_held_in_memory_is_refused(
    desk: Any, monkeypatch: Any, limit: str, reason: str
) -> None:
    monkeypatch.setattr("ingestion.formats.camt_pieces.BLOCK_BYTES", 100)
    monkeypatch.setattr(f"ingestion.formats.camt_pieces.{limit}", 400)
    assert (
        refusal(desk, document(statement(*[entry("1.00")] * 9, balances=balance("OPBD", "1") * 4))) == reason
    )


def test_an_encoding_that_nobody_knows_is_named(desk: Any) -> None:
    content = document(statement(entry("1.00"))).replace("UTF-8", "KLINGON-1")
    assert refusal(desk, content) == "its XML declares an encoding that cannot be read (KLINGON-1)"


def test_bytes_that_are_no_text_are_told_with_their_line(desk: Any) -> None:
    content = document(statement(entry("1.00"), "\n", entry("2.00", more="<AddtlNtryInf>?</AddtlNtryInf>")))
    assert refusal(desk, content.encode().replace(b"?<", b"\xff<")).startswith(
        "its XML is broken at line 4: "
    )


def test_lines_beyond_sixty_five_thousand_are_told(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("ingestion.formats.camt_pieces.BLOCK_BYTES", 30_000)
    entries = ["\n" * 30_000 + entry("1.00", details="\n" + DETAIL) for _ in range(5)]
    rows = read(desk, document(statement(*entries, "\n", entry("2.00", "XXXX"))))
    lines = document(statement(*entries)).split("\n")
    assert [row["source_row"] for row in rows] == [
        number for number, line in enumerate(lines, 1) if "<Ntry>" in line
    ]
    assert [row["source_row"] for row in desk.rows("quarantined_rows")] == [len(lines) + 1]


def test_broken_xml_is_refused_whole_with_its_line(desk: Any) -> None:
    content = document(statement(entry("1.00"), "\n" + entry("2.00"))).replace("</BkToCstmrStmt>", "")
    assert refusal(desk, content).startswith("its XML is broken at line 4: ")


def test_a_file_cut_short_is_refused_whole(desk: Any) -> None:
    content = document(statement(*[entry("1.00")] * 5000))
    assert refusal(desk, content[: len(content) // 2]).startswith("its XML is broken at line 3")


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE Document SYSTEM "http://example.invalid/camt.dtd">',
        '<!DOCTYPE Document [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_type_is_refused(desk: Any, bomb: str) -> None:
    content = document(statement(entry("1.00", more="<AddtlNtryInf>x</AddtlNtryInf>")))
    assert "document type" in refusal(desk, content.replace("?>\n", f"?>{bomb}\n", 1))


def test_a_message_without_statement_or_account_is_refused(desk: Any) -> None:
    assert refusal(desk, document()) == "it is a camt message without a statement"
    assert "names no account" in refusal_of(desk, document(statement(entry("1.00"), account="")))


def test_entries_outside_a_statement_are_refused(desk: Any) -> None:
    content = document(statement(entry("1.00"))).replace(
        "</BkToCstmrStmt>", entry("2.00") + "</BkToCstmrStmt>"
    )
    assert refusal(desk, content) == "the entries from line 3 on do not stand in a statement"


def refusal_of(desk: Any, content: str) -> str:
    desk.drop("acme/other", content)
    return next(record.reason for record in desk.take().new_files)


def test_markup_in_comments_and_character_data_is_no_entry(desk: Any) -> None:
    more = "<AddtlNtryInf><![CDATA[a </Ntry> & b]]></AddtlNtryInf>"
    (row,) = read(desk, document(statement("<!-- <Ntry> -->", entry("1.00", more=more))))
    assert row["remittance_text"] == "a </Ntry> & b"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), wounds=st.integers(1, 6))
def test_damage_is_refused_or_set_aside_and_never_a_fault(
    make_desk: Callable[[], Any], seed: int, wounds: int
) -> None:
    chance = random.Random(seed)
    balances = balance("OPBD", "100.00") + balance("CLBD", "80.00")
    entries = (
        entry("840.00", details=DETAIL),
        entry("20.00", "DBIT", reversal="true"),
        entry("3.00", details=detail("1.00") + detail("2.00")),
    )
    content = document(statement(*entries, balances=balances))
    words = [
        "<",
        ">",
        "Ntry",
        "</Ntry>",
        "<Ntry>",
        "Amt",
        "1",
        "-",
        "DBIT",
        "BOOK",
        "&amp;",
        "&x;",
        "\0",
        "é",
        "Stmt",
        "",
    ]
    for _ in range(wounds):
        place = chance.randrange(150, len(content))
        content = content[:place] + chance.choice(words) + content[place + chance.randrange(0, 12) :]
    desk = make_desk()
    desk.drop("acme/statement", content)
    (record,) = desk.take().new_files
    assert "fault of Encours" not in (record.remedy or ""), record.reason
    assert record.rows_read == record.rows_landed + record.rows_quarantined
    assert len(desk.rows("bank_transactions")) == record.rows_landed
    assert record.status == "landed" or (record.reason and record.remedy)
