"""The canonical schemas: the columns of everything that ingestion lands, and the dbt sources ``landing.*``.

Each landed file becomes one Parquet file per table, ``landing/<table>/<sha256>.parquet``, with exactly these
columns. The company is not a landed column: whose file it is depends on where the file lies and on
``encours.toml``, so it comes with ``source_files`` and is joined by ``source_sha256``.

``source_row`` is the physical line of the text file on which the record starts (1 = first line, the header
included), or the line of the record's opening tag in an XML file. It is unique in its table and file for ledgers and
our own CSVs: in an XML ledger with several records on one line it is the record's number instead (1 = first), and the
file's ``dialect`` says “source_row counts records”.
"""

from typing import Final

import pyarrow as pa

LEDGER_AMOUNT: Final = pa.decimal128(18, 2)
"""Ledger amounts: base currency, two decimals."""

BANK_AMOUNT: Final = pa.decimal128(18, 5)
"""Bank amounts: account currency; ISO 20022 allows five decimals (Kuwaiti dinar has three)."""

EXCHANGE_RATE: Final = pa.decimal128(28, 18)
"""Exchange rates: an inverse worked out in a spreadsheet has some 17 digits that count, after a few zeros."""

LEDGER_LINES: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        ("journal_code", pa.string()),
        ("journal_name", pa.string()),
        ("entry_number", pa.string()),
        pa.field("entry_date", pa.date32(), nullable=False),
        pa.field("account_code", pa.string(), nullable=False),
        ("account_name", pa.string()),
        ("auxiliary_code", pa.string()),
        ("auxiliary_name", pa.string()),
        ("document_ref", pa.string()),
        ("document_date", pa.date32()),
        ("label", pa.string()),
        pa.field("debit", LEDGER_AMOUNT, nullable=False),
        pa.field("credit", LEDGER_AMOUNT, nullable=False),
        ("letter_code", pa.string()),
        ("letter_date", pa.date32()),
        ("validation_date", pa.date32()),
        ("amount_currency", LEDGER_AMOUNT),
        ("currency_code", pa.string()),
        ("due_date", pa.date32()),
    ]
)
"""One row per ledger line, as exported: cells trimmed, empty cells null, signs as in the file."""

BANK_STATEMENTS: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        pa.field("statement_ordinal", pa.int32(), nullable=False),
        pa.field("statement_kind", pa.string(), nullable=False),
        ("statement_reference", pa.string()),
        ("sequence_number", pa.string()),
        pa.field("account_number", pa.string(), nullable=False),
        ("account_currency", pa.string()),
        ("account_owner", pa.string()),
        ("created_at", pa.timestamp("us", tz="UTC")),
        ("from_date", pa.date32()),
        ("to_date", pa.date32()),
        ("opening_balance", BANK_AMOUNT),
        ("opening_date", pa.date32()),
        ("closing_balance", BANK_AMOUNT),
        ("closing_date", pa.date32()),
        pa.field("entry_count", pa.int64(), nullable=False),
        pa.field("entry_total", BANK_AMOUNT, nullable=False),
    ]
)
"""One row per statement in a file. Balances are signed (credit positive, from the holder's side);
``entry_count`` and ``entry_total`` are of the booked entries of the statement (not of their details).
``statement_kind`` is statement (closed days), report (what was booked so far: camt.052, MT942) or notification
(movements announced one by one, or the details of a batch: camt.054)."""

BANK_TRANSACTIONS: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        pa.field("statement_ordinal", pa.int32(), nullable=False),
        pa.field("entry_ordinal", pa.int32(), nullable=False),
        pa.field("detail_ordinal", pa.int32(), nullable=False),
        ("bank_entry_reference", pa.string()),
        ("entry_reference", pa.string()),
        ("batch_reference", pa.string()),
        pa.field("booking_date", pa.date32(), nullable=False),
        ("value_date", pa.date32()),
        pa.field("amount", BANK_AMOUNT, nullable=False),
        pa.field("currency_code", pa.string(), nullable=False),
        pa.field("entry_amount", BANK_AMOUNT, nullable=False),
        pa.field("is_reversal", pa.bool_(), nullable=False),
        ("bank_transaction_code", pa.string()),
        ("proprietary_code", pa.string()),
        ("remittance_text", pa.string()),
        ("structured_reference", pa.string()),
        ("end_to_end_id", pa.string()),
        ("mandate_id", pa.string()),
        ("counterparty_name", pa.string()),
        ("counterparty_iban", pa.string()),
        ("ultimate_counterparty_name", pa.string()),
        ("return_reason", pa.string()),
        ("original_amount", BANK_AMOUNT),
        ("original_currency_code", pa.string()),
    ]
)
"""One row per booked entry, or per detail of a batch entry whose details add up to it (``detail_ordinal`` 0 =
the entry itself, 1… = its details). ``amount`` is signed: money in is positive. ``entry_amount`` repeats the
signed amount of the whole entry on each of its details. ``bank_entry_reference`` is the bank's reference of the row,
``entry_reference`` that of the whole entry, and ``batch_reference`` that of the order that the entry sums up: by these
two a notification finds the entry that it details. ``bank_transaction_code`` is the ISO 20022 code,
``DOMAIN-FAMILY-SUBFAMILY``, or for other formats the name of the code list and the code in it: ``CFONB-05``,
``SWIFT-TRF``, ``GVC-166``, ``OFX-CHECK``, ``BAI-475``."""

THIRD_PARTIES: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        ("company_id", pa.string()),
        pa.field("third_party_code", pa.string(), nullable=False),
        ("name", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        ("siren", pa.string()),
        ("vat_number", pa.string()),
        ("iban", pa.string()),
        ("payment_terms", pa.string()),
        ("credit_limit", LEDGER_AMOUNT),
        ("currency", pa.string()),
        ("segment", pa.string()),
        ("agency", pa.string()),
        ("sales_rep", pa.string()),
        ("email", pa.string()),
        ("language", pa.string()),
    ]
)
"""``third_parties.csv``: a row per third party. ``kind`` is customer or supplier; an empty ``company_id`` means
the company that the file belongs to."""

INVOICES: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        ("company_id", pa.string()),
        ("third_party_code", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("document_number", pa.string(), nullable=False),
        pa.field("document_type", pa.string(), nullable=False),
        ("issue_date", pa.date32()),
        ("due_date", pa.date32()),
        ("currency", pa.string()),
        ("total_amount", LEDGER_AMOUNT),
        ("vat_amount", LEDGER_AMOUNT),
        ("payment_reference", pa.string()),
        ("order_reference", pa.string()),
    ]
)
"""``invoices.csv``: a row per document, or per instalment of it. ``document_type`` is invoice or credit_note."""

DISPUTES: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        ("company_id", pa.string()),
        ("third_party_code", pa.string()),
        pa.field("document_number", pa.string(), nullable=False),
        pa.field("opened_on", pa.date32(), nullable=False),
        ("closed_on", pa.date32()),
        ("reason", pa.string()),
        ("amount", LEDGER_AMOUNT),
    ]
)
"""``disputes.csv``: a row per dispute of a document. Without ``closed_on`` it is still open; without ``amount`` the
whole document is disputed."""

PROMISES: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        ("company_id", pa.string()),
        ("third_party_code", pa.string()),
        ("document_number", pa.string()),
        ("promised_on", pa.date32()),
        pa.field("promised_date", pa.date32(), nullable=False),
        ("amount", LEDGER_AMOUNT),
    ]
)
"""``promises.csv``: a row per promise, made on ``promised_on``, to pay by ``promised_date``. Without
``document_number`` it is about all that the third party owes; without ``amount`` about the whole of it."""

DUNNING_EVENTS: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        ("company_id", pa.string()),
        ("third_party_code", pa.string()),
        ("document_number", pa.string()),
        pa.field("sent_on", pa.date32(), nullable=False),
        ("level", pa.string()),
        ("channel", pa.string()),
        ("outcome", pa.string()),
    ]
)
"""``dunning_events.csv``: a row per reminder sent. Without ``document_number`` it was about all that the third party
owed. Level, channel and outcome are the sender's own words."""

DECISIONS: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        ("company_id", pa.string()),
        pa.field("decision", pa.string(), nullable=False),
        pa.field("decision_ref", pa.string(), nullable=False),
        ("object_id", pa.string()),
        ("counterpart_id", pa.string()),
        ("amount", LEDGER_AMOUNT),
        ("iban", pa.string()),
        ("payer_name", pa.string()),
        ("third_party_id", pa.string()),
        pa.field("decided_by", pa.string(), nullable=False),
        pa.field("decided_on", pa.date32(), nullable=False),
        ("comment", pa.string()),
    ]
)
"""``decisions.csv``: a row per pair that was accepted, rejected or matched by hand (``decision`` is accept, reject or
match; rows of one ``decision_ref`` are one group), per payer whose payments are a third party's (alias: ``iban`` or
``payer_name``), and per decision that is taken back (forget). ``object_id`` and ``counterpart_id`` are ids of bank
transactions, ledger lines or items; ``amount`` is how much of the pair is settled, all of it when empty."""

FX_RATES: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        pa.field("rate_date", pa.date32(), nullable=False),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("base_currency", pa.string(), nullable=False),
        pa.field("rate", EXCHANGE_RATE, nullable=False),
    ]
)
"""``fx_rates.csv``: one unit of ``base_currency`` is worth ``rate`` units of ``currency`` on that day, as the European
Central Bank quotes. Rates are of no company."""

E_INVOICES: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        pa.field("document_number", pa.string(), nullable=False),
        ("type_code", pa.string()),
        pa.field("document_type", pa.string(), nullable=False),
        pa.field("is_self_billed", pa.bool_(), nullable=False),
        ("issue_date", pa.date32()),
        ("currency_code", pa.string()),
        ("tax_currency_code", pa.string()),
        ("seller_name", pa.string()),
        ("seller_siren", pa.string()),
        ("seller_vat_number", pa.string()),
        ("seller_country_code", pa.string()),
        ("buyer_name", pa.string()),
        ("buyer_siren", pa.string()),
        ("buyer_vat_number", pa.string()),
        ("buyer_country_code", pa.string()),
        ("payee_name", pa.string()),
        ("payee_accounts", pa.list_(pa.field("element", pa.string()))),
        ("payee_bic", pa.string()),
        ("payer_account", pa.string()),
        ("payment_reference", pa.string()),
        ("order_reference", pa.string()),
        ("payment_terms", pa.string()),
        ("net_amount", BANK_AMOUNT),
        ("vat_amount", BANK_AMOUNT),
        ("tax_currency_vat_amount", BANK_AMOUNT),
        pa.field("gross_amount", BANK_AMOUNT, nullable=False),
        ("prepaid_amount", BANK_AMOUNT),
        ("payable_amount", BANK_AMOUNT),
        (
            "instalments",
            pa.list_(pa.field("element", pa.struct([("due_date", pa.date32()), ("amount", BANK_AMOUNT)]))),
        ),
        (
            "vat_breakdown",
            pa.list_(
                pa.field(
                    "element",
                    pa.struct(
                        [
                            ("category_code", pa.string()),
                            ("rate", BANK_AMOUNT),
                            ("net_amount", BANK_AMOUNT),
                            ("vat_amount", BANK_AMOUNT),
                        ]
                    ),
                )
            ),
        ),
        (
            "preceding_invoices",
            pa.list_(
                pa.field(
                    "element", pa.struct([("document_number", pa.string()), ("issue_date", pa.date32())])
                )
            ),
        ),
    ]
)
"""An e-invoice (Factur-X, ZUGFeRD, CII, UBL): one row per document, amounts in its currency and positive.
``document_type`` is invoice or credit_note, ``type_code`` the document's own code (UN/CEFACT 1001: 380, 381, 384, 386,
389 …); one that ``is_self_billed`` was written and numbered by its buyer. ``instalments`` are what is to pay and when,
in the order of the document; ``rate`` is in percent. The lists are columns, and not tables of their own, so that a
document is one Parquet file."""

QUARANTINED_ROWS: Final = pa.schema(
    [
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("remedy", pa.string(), nullable=False),
        ("raw", pa.string()),
    ]
)
"""Rows that could not be read, with one sentence of reason, one of remedy and the row as it stood (cut at 2,000
characters)."""

SOURCE_FILES: Final = pa.schema(
    [
        pa.field("source_file", pa.string(), nullable=False),
        pa.field("source_sha256", pa.string(), nullable=False),
        pa.field("size_bytes", pa.int64(), nullable=False),
        pa.field("modified_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("first_seen_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("intake_number", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        ("dialect", pa.string()),
        pa.field("status", pa.string(), nullable=False),
        ("reason", pa.string()),
        ("remedy", pa.string()),
        pa.field("rows_read", pa.int64(), nullable=False),
        pa.field("rows_landed", pa.int64(), nullable=False),
        pa.field("rows_quarantined", pa.int64(), nullable=False),
        ("total_debit", pa.decimal128(38, 5)),
        ("total_credit", pa.decimal128(38, 5)),
        ("period_start", pa.date32()),
        ("period_end", pa.date32()),
        ("median_date", pa.date32()),
        ("latest_validation_date", pa.date32()),
        ("latest_letter_date", pa.date32()),
        ("closing_date_in_name", pa.date32()),
        ("company_id", pa.string()),
        ("is_accepted", pa.bool_()),
        ("is_present", pa.bool_()),
    ]
)
"""The manifest: one row per file ever seen (path under ``inbox/`` and content). ``kind`` is ledger, bank_statement,
e_invoice, unknown, or the table of one of our own CSVs (third_parties, invoices …). ``status`` here is what ingestion
can say: landed, duplicate (same content under another path), held (nobody knows whose it is) or refused (not readable
at all); superseded and held-back exports are decided by the models. The last three columns are worked out anew at
each refresh (``company_id`` from folder, name and ``encours.toml``; ``is_accepted`` from ``encours accept``;
``is_present``: this content lies under this path today), so the manifest on disk leaves them null.
``closing_date_in_name`` is the closing date in a ledger's name, else the one that an XML ledger states.
``total_debit`` and ``total_credit`` are sums of the landed rows (for a bank file: money out and money in, both
positive)."""

LANDED_TABLES: Final[dict[str, pa.Schema]] = {
    "ledger_lines": LEDGER_LINES,
    "bank_statements": BANK_STATEMENTS,
    "bank_transactions": BANK_TRANSACTIONS,
    "third_parties": THIRD_PARTIES,
    "invoices": INVOICES,
    "disputes": DISPUTES,
    "promises": PROMISES,
    "dunning_events": DUNNING_EVENTS,
    "fx_rates": FX_RATES,
    "decisions": DECISIONS,
    "e_invoices": E_INVOICES,
    "quarantined_rows": QUARANTINED_ROWS,
    "source_files": SOURCE_FILES,
}
"""Table name → schema, as found in the dbt source ``landing``."""
