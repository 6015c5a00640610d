"""Writes ``docs/conformance.md``: what becomes of each real export at hand. ``python docs/generate_conformance.py``.

The exports lie in the folder that ``ENCOURS_CORPORA`` names, else in ``../shared/corpora`` beside the checkout. All of
them go through one intake.
"""

import fnmatch
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from home.layout import Home
from home.settings import Settings
from ingestion.intake import take_in
from ingestion.landing import landed_files
from ingestion.manifest import SourceFile

PAGE: Final = Path(__file__).with_name("conformance.md")
CORPORA: Final = Path(
    os.environ.get("ENCOURS_CORPORA", Path(__file__).resolve().parents[2] / "shared" / "corpora")
)
COMPANY: Final = "acme"

NO_EXPORTS: Final = ("*.yml", "*.json", "ORIGINS.tsv")
"""What lies beside the exports: results that other programs expect, problems for solvers, the list of origins."""

GROUPS: Final = {
    "fec": ("FEC", "tests/corpora/test_ingestion.py"),
    "camt": ("camt.052, camt.053, camt.054", "tests/corpora/test_camt.py"),
    "cfonb": ("CFONB 120", "tests/corpora/test_cfonb.py"),
    "mt940": ("MT940 and MT942", "tests/corpora/test_mt940.py"),
    "ofx": ("OFX and QFX", "tests/corpora/test_ofx.py"),
    "bai2": ("BAI2", "tests/corpora/test_bai2.py"),
    "bankcsv": ("Bank tables, CSV and XLSX", "tests/corpora/test_mapped_tables.py"),
    "einvoice": ("E-invoices", "tests/corpora/test_e_invoices.py"),
    "ledger_other": ("Exports of other accounting software", "tests/corpora/test_mapped_tables.py"),
    "export": ("Exports of lists", "tests/corpora/test_mapped_tables.py"),
    "ar": ("Receivables without a mapping", None),
}
"""Folder → its title, and the tests that hold its rows and sums against a count that shares no code with ours."""

RIGHTLY_REFUSED: Final = {
    "ar/pthiagu2_DataMining/*": "a data set for statistics, in no software's layout",
    "bai2/moov-io_bai2/sample-parseError.txt": "broken on purpose",
    "bai2/moov-io_bai2/sample4-*": "written by hand: its totals are not those of its records",
    "bai2/moov-io_bai2/sample5-*": "written by hand: its totals are not those of its records",
    "bankcsv/BananaAccounting_Switzerland/*_20170731-SBU.csv": "invoices paid, not movements of the account",
    "camt/genkgo_camt/camt053.v2.wrong.xml": "broken on purpose",
    "cfonb/ekylibre_ekylibre/cfonb__import_cfonb_with_no_valid_account_number.csv": "broken on purpose",
    "cfonb/ekylibre_ekylibre/cfonb__import_cfonb_wrong_content.csv": "no CFONB: a list of names",
    "cfonb/pennylane-hq_cfonb/operation.txt": "single records, without the statement around them",
    "cfonb/pennylane-hq_cfonb/operation_[au]*.txt": "single records, without the statement around them",
    "cfonb/silarhi_cfonb-parser/cfonb.240-*": "CFONB 240: operations that the account's statement holds too",
    "einvoice/akretion_factur-x/order-x-basic.xml": "an order",
    "export/BananaAccounting_Switzerland/smartbusiness-prodotti.csv": "a catalogue",
    "export/BananaAccounting_Switzerland/smartbusiness-servizi.csv": "a catalogue",
    "export/fivetran_dbt_quickbooks/deposit*": "rows of a database, joined by internal numbers",
    "export/fivetran_dbt_quickbooks/invoice_li*": "rows of a database, joined by internal numbers",
    "export/fivetran_dbt_quickbooks/payment*": "rows of a database, joined by internal numbers",
    "export/fivetran_dbt_quickbooks/refund*": "rows of a database, joined by internal numbers",
    "export/fivetran_dbt_quickbooks/sales*": "sales that were paid at once",
    "export/fivetran_dbt_xero/xero_account_data.csv": "the chart of accounts",
    "export/fivetran_dbt_xero/xero_bank_*": "rows of a database, joined by internal numbers",
    "export/fivetran_dbt_xero/xero_credit_*": "rows of a database, joined by internal numbers",
    "export/fivetran_dbt_xero/xero_invoice_line*": "rows of a database, joined by internal numbers",
    "export/fivetran_dbt_xero/xero_organization*": "the company's own record",
    "ledger_other/ekylibre_ekylibre/ekylibre__incoming_payments.csv": "payments, with neither side of their entry",
    "ledger_other/ekylibre_ekylibre/ekylibre__sales.csv": "articles sold",
    "mt940/wolph_mt940/*__empty_line.sta": "a fragment: one field",
    "mt940/wolph_mt940/betterplace__amount_formats.sta": "fragments: opening balances alone",
    "mt940/wolph_mt940/betterplace__currency_in_25.sta": "a fragment: one field",
    "mt940/wolph_mt940/betterplace__empty_86.sta": "a fragment: one field",
    "mt940/wolph_mt940/betterplace__empty_entry_date.sta": "a fragment: one entry",
    "mt940/wolph_mt940/betterplace__missing_crlf_at_end.sta": "a fragment: one field",
    "mt940/wolph_mt940/cmxl__[!m]*.sta": "a fragment: one field",
    "mt940/wolph_mt940/self-provided__account_identification.sta": "a fragment: two fields",
    "mt940/wolph_mt940/self-provided__empty_non_swift.sta": "a fragment: one field",
    "mt940/wolph_mt940/self-provided__gv_codes.sta": "cut: a statement without its end",
    "mt940/wolph_mt940/self-provided__invalid_statement.sta": "broken on purpose",
    "mt940/wolph_mt940/self-provided__sparkassen.sta": "a fragment: one entry",
    "ofx/csingley_ofxtools/invstmtrs.ofx": "securities: no movement of a bank account",
    "ofx/csingley_ofxtools/profrs.ofx": "an answer without a statement",
    "ofx/ekylibre_ekylibre/ofx_invalid.ofx": "broken on purpose",
    "ofx/ekylibre_ekylibre/ofx_without_newlines.ofx": "a statement of no account",
    "ofx/jseutter_ofxparse/account_listing_aggregation.ofx": "a list of accounts",
    "ofx/jseutter_ofxparse/bank_small.ofx": "an empty answer",
    "ofx/jseutter_ofxparse/error_message.ofx": "an answer without a statement",
    "ofx/jseutter_ofxparse/fail_nice__decimal_error.ofx": "broken on purpose",
    "ofx/jseutter_ofxparse/fidelity*.ofx": "securities: no movement of a bank account",
    "ofx/jseutter_ofxparse/investment_*.ofx": "securities: no movement of a bank account",
    "ofx/jseutter_ofxparse/signon_*.ofx": "an answer without a statement",
    "ofx/jseutter_ofxparse/td_ameritrade.ofx": "securities: no movement of a bank account",
    "ofx/jseutter_ofxparse/tiaacref.ofx": "securities: no movement of a bank account",
    "ofx/jseutter_ofxparse/vanguard*.ofx": "securities: no movement of a bank account",
}
"""Refused files → what they are, so that nobody takes a refusal for a gap by mistake, or a gap for a refusal."""

INTRODUCTION: Final = """\
# Conformance

What becomes of real exports that nobody of this project wrote: samples and test files of public projects, among them
files that are broken on purpose. They are not part of this repository; the tests that read them look for them in the
folder that `ENCOURS_CORPORA` names, and check that this page is current. Rows and sums are held against independent
counts, or against the result that the file's own project expects, by the tests named under each heading.

"""


def main() -> None:
    """Write the page."""
    if not CORPORA.is_dir():
        sys.exit(f"no exports in {CORPORA}: name their folder in ENCOURS_CORPORA")
    PAGE.write_text(page(CORPORA), encoding="utf-8")


def page(corpora: Path) -> str:
    """The page as the exports in ``corpora`` have it. Raises ``ValueError`` for a refusal that nobody explained."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home.at(folder)
        home.create()
        for file in exports(corpora):
            target = home.inbox / COMPANY / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(corpora / file, target)
        records = take_in(home, Settings(), seen_at=datetime.now(UTC)).new_files
        sums = _sums(home)
    sections = "\n".join(
        _section(group, [record for record in records if _path(record).startswith(f"{group}/")], sums)
        for group in GROUPS
    )
    return f"{INTRODUCTION}{_summary(records)}\n{sections}"


def exports(corpora: Path) -> list[str]:
    """The paths of the exports below ``corpora``."""
    paths = sorted(file.relative_to(corpora).as_posix() for file in corpora.rglob("*") if file.is_file())
    return [path for path in paths if not any(fnmatch.fnmatch(path, pattern) for pattern in NO_EXPORTS)]


def _path(record: SourceFile) -> str:
    return record.source_file.removeprefix(f"{COMPANY}/")


def _summary(records: Iterable[SourceFile]) -> str:
    statuses = [record.status for record in records]
    told = {"landed": "landed", "duplicate": "the same as another file", "refused": "refused"}
    counted = ", ".join(f"{statuses.count(status)} {words}" for status, words in told.items())
    return f"{len(statuses)} files: {counted}.\n"


def _section(group: str, records: list[SourceFile], sums: dict[str, str]) -> str:
    title, tests = GROUPS[group]
    lines = [f"## {title}", ""]
    if tests:
        lines += [f"Counted independently by [{Path(tests).name}](../{tests}).", ""]
    if landed := [record for record in records if record.status == "landed"]:
        lines += ["| file | read as | rows | set aside | sums |", "|---|---|---:|---:|---|"]
        lines += [
            f"| {_shown(record)} | {_cell(_dialect(record))} | {record.rows_landed:,} | "
            f"{record.rows_quarantined or ''} | {sums.get(record.source_sha256, '')} |"
            for record in landed
        ]
        lines.append("")
    if others := [record for record in records if record.status != "landed"]:
        lines += ["| file | not landed, because | what it is |", "|---|---|---|"]
        lines += [
            f"| {_shown(record)} | {_cell(record.reason or '')} | {_why(record)} |" for record in others
        ]
        lines.append("")
    return "\n".join(lines)


def _shown(record: SourceFile) -> str:
    return f"`{_path(record).split('/', 1)[1]}`"


def _dialect(record: SourceFile) -> str:
    dialect = (record.dialect or "").split(";")
    return f"{record.kind.replace('_', ' ')}: {', '.join(dialect[:2])}"


def _why(record: SourceFile) -> str:
    if record.status == "duplicate":
        return "a copy"
    for pattern, why in RIGHTLY_REFUSED.items():
        if fnmatch.fnmatch(_path(record), pattern):
            return why
    raise ValueError(
        f"{_path(record)} is refused ({record.reason}): read it, or say in RIGHTLY_REFUSED what it is"
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace(f"{COMPANY}/", "")


def _sums(home: Home) -> dict[str, str]:
    """The sums of each file that lands amounts, by its hash."""
    found: dict[str, str] = {}
    for table, columns in (
        ("ledger_lines", {"debit": "debit", "credit": "credit"}),
        ("bank_transactions", {"amount": "sum"}),
        ("invoices", {"total_amount": "total"}),
        ("e_invoices", {"gross_amount": "total"}),
    ):
        for file in landed_files(home, table):
            rows = pq.read_table(file, columns=["source_sha256", *columns]).to_pylist()
            if rows:
                found[rows[0]["source_sha256"]] = ", ".join(
                    f"{words} {_amount(row[column] for row in rows)}" for column, words in columns.items()
                )
    return found


def _amount(amounts: Iterator[Decimal | None]) -> str:
    total = sum((amount for amount in amounts if amount is not None), Decimal("0.00")).normalize()
    return f"{total:,.2f}" if total == round(total, 2) else f"{total:,f}"


if __name__ == "__main__":
    main()
