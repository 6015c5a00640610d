"""The report of a run: what a controller finds in it, and what must never happen in a page made of foreign text."""

import json
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from quality.report import amount_text, write_report
from quality.results import CheckResult, FailingRow

HOSTILE = '<script>alert("x")</script>&<img src=http://evil.example/x>'
VOID = {"meta", "br", "img", "link", "input"}


class Page(HTMLParser):
    """The text of a page, its tags, and whether they nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def result(**changes):
    values = {
        "run_id": "run-1",
        "suite": "ledger_lines",
        "expectation": "amount_is_one_sided",
        "source_file": "acme/fec.txt",
        "severity": "error",
        "checked_count": 1200,
        "failed_count": 0,
        "passed": True,
        "detail": "1,200 lines checked, all right.",
    }
    return CheckResult(**values | changes)


FAILED = result(
    failed_count=2,
    passed=False,
    detail="2 of 1,200 lines fail, first at line 17: debit 1.00 and credit 2.00 on one line.",
    failing_rows=(
        FailingRow("acme/fec.txt", 17, "debit 1.00 and credit 2.00 on one line"),
        FailingRow("acme/fec.txt", 905, "debit 3.00 and credit 4.00 on one line"),
    ),
)
OF_A_MART = result(
    suite="reconciliation_status",
    expectation="oldest_line_is_within_threshold",
    source_file=None,
    subject="acme/FR76 <b>",
    severity="warning",
    checked_count=1,
    failed_count=1,
    passed=False,
    detail="a line is 46 days old where 45 are allowed: What one person clears; at the last run 44 days.",
)
NOT_EVALUATED = result(
    expectation="due_date_is_not_before_document",
    source_file=None,
    checked_count=0,
    failed_count=None,
    passed=False,
    detail="Could not be checked: no column due_date",
)


def total(**changes):
    return {
        "run_id": "run-1",
        "company_id": "acme",
        "control_name": "open_items_equal_control_account",
        "subject": "411000",
        "expected": Decimal("12345678.10000"),
        "actual": Decimal("12345678.00000"),
        "difference": Decimal("-0.10000"),
        "passed": False,
        "is_blocking": True,
    } | changes


def exception(**changes):
    return {
        "exception_id": "e1",
        "as_of_date": date(2025, 6, 30),
        "company_id": "acme",
        "side": "file",
        "object_id": "acme/fec.txt",
        "reason_code": "rows_quarantined",
        "amount": None,
        "currency_code": None,
        "age_days": 3,
        "severity": "medium",
        "explanation_fr": "3 lignes sont en quarantaine.",
        "explanation_en": "3 rows are in quarantine.",
        "suggestion": None,
        "status": "open",
        "assigned_to": None,
        "first_seen_date": date(2025, 6, 27),
    } | changes


@pytest.fixture
def report(tmp_path, context):
    def write(results=(), control_totals=(), exceptions=(), counts=(), is_published=True, blocking=()):
        page = write_report(
            tmp_path / "run-1",
            context=context,
            results=results,
            control_totals=control_totals,
            exceptions=exceptions,
            exception_counts=counts,
            is_published=is_published,
            blocking=blocking,
        )
        return Page(page.read_text(encoding="utf-8")), json.loads((page.parent / "results.json").read_text())

    return write


def test_failures_are_shown_with_file_and_line(report):
    page, _ = report([result(expectation="account_is_given"), FAILED])
    assert "amount_is_one_sided in acme/fec.txt" in page.text
    assert "17 debit 1.00 and credit 2.00 on one line" in page.text
    assert "905 debit 3.00 and credit 4.00 on one line" in page.text
    assert "account_is_given" not in page.text
    assert "acme/fec.txt ledger_lines 1,200 2 1" in page.text


def test_a_claim_about_a_mart_is_shown_with_its_account_its_reason_and_the_trend(report):
    page, _ = report([OF_A_MART])
    assert "oldest_line_is_within_threshold in acme/FR76 <b>" in page.text
    assert "What one person clears; at the last run 44 days." in page.text
    assert "how old is bearable is set per account" in page.text
    assert "acme/FR76 <b> reconciliation_status 1 1 1" in page.text


def test_failed_control_totals_come_with_their_difference_the_blocking_ones_first(report):
    page, _ = report(
        control_totals=[
            total(control_name="entry_balances", is_blocking=False),
            total(control_name="published_equals_built", passed=True),
            total(),
        ]
    )
    assert "acme open_items_equal_control_account 411000 12,345,678.10 12,345,678.00 -0.10 yes" in page.text
    assert page.text.index("open_items_equal_control_account") < page.text.index("entry_balances")
    assert "published_equals_built" not in page.text
    assert "Control totals failed 2 of 3" in page.text


def counted(count, reason_code="rows_quarantined", severity="medium"):
    return {
        "reason_code": reason_code,
        "reason_fr": "Lignes mises de côté",
        "reason_en": "Rows set aside",
        "severity": severity,
        "exception_count": count,
    }


def test_exceptions_are_explained_and_counted(report):
    page, found = report(
        exceptions=[
            exception(
                reason_code="statement_gap", severity="high", amount=Decimal("-1250.00"), currency_code="EUR"
            ),
            exception(),
            exception(exception_id="e2"),
        ],
        counts=[counted(1, "statement_gap", "high"), counted(2)],
    )
    assert "medium Rows set aside Lignes mises de côté rows_quarantined 2" in page.text
    assert "Exceptions 3" in page.text
    assert "3 rows are in quarantine. 3 lignes sont en quarantaine." in page.text
    assert "-1,250.00 EUR" in page.text
    assert page.text.index("high statement_gap") < page.text.index("medium rows_quarantined acme")
    assert found["exception_count"] == 3


def test_what_could_not_be_checked_stands_apart_from_failures(report):
    page, found = report([NOT_EVALUATED])
    assert "Errors 0" in page.text
    assert "Not checked 1" in page.text
    assert "Could not be checked: no column due_date" in page.text
    assert found["failed_checks"][0]["is_evaluated"] is False
    assert found["failed_checks"][0]["failed_count"] is None


@pytest.mark.parametrize(
    ("is_published", "blocking", "sentence"),
    [
        (True, (), "The marts are those of this run."),
        (
            True,
            ("Items lack 0.10.",),
            "are not verified: a blocking check failed, and there were no older marts",
        ),
        (
            False,
            ("Items lack 0.10.",),
            "A blocking check failed: the marts are still those of an earlier run.",
        ),
    ],
)
def test_the_page_says_whether_the_marts_are_of_this_run(report, is_published, blocking, sentence):
    page, found = report(is_published=is_published, blocking=blocking)
    assert sentence in page.text
    assert all(why in page.text for why in blocking)
    assert (found["is_published"], found["blocking"]) == (is_published, list(blocking))


def test_foreign_text_stays_text(report):
    page, found = report(
        [
            result(
                source_file=HOSTILE,
                passed=False,
                failed_count=2,
                detail=HOSTILE,
                failing_rows=(FailingRow(HOSTILE, 1, HOSTILE), FailingRow(HOSTILE, 2, HOSTILE)),
            ),
            result(source_file=None, failed_count=None, passed=False, detail=HOSTILE),
        ],
        [total(subject=HOSTILE, company_id=HOSTILE, control_name=HOSTILE)],
        [
            exception(
                explanation_en=HOSTILE,
                explanation_fr=HOSTILE,
                reason_code=HOSTILE,
                company_id=HOSTILE,
                severity=HOSTILE,
                currency_code=HOSTILE,
            )
        ],
        blocking=[HOSTILE],
    )
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert HOSTILE in " ".join(page.texts)
    assert found["exceptions"][0]["explanation_en"] == HOSTILE


def test_the_page_needs_nothing_from_elsewhere(report):
    page, _ = report([FAILED, NOT_EVALUATED], [total()], [exception()])
    assert not {name for name, _ in page.attributes} & {"src", "href", "onclick", "onload", "action"}
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert not any("url(" in text or "@import" in text for text in page.texts)


def test_a_long_list_is_cut_on_the_page_and_whole_beside_it(report):
    page, found = report(control_totals=[total(subject=f"account {number}") for number in range(1250)])
    assert page.text.count("open_items_equal_control_account") == 200
    assert "1,050 more are in results.json." in page.text
    assert len(found["failed_control_totals"]) == 1250


def test_thousands_of_exceptions_are_counted_and_the_worst_are_shown(report):
    worst = [exception(exception_id=f"worst-{number}") for number in range(60)]
    page, found = report(
        exceptions=worst, counts=[counted(60), counted(200_000, "awaiting_statement", "info")]
    )
    assert page.text.count("3 rows are in quarantine.") == 50
    assert "awaiting_statement 200,000" in page.text
    assert (
        "The worst 50 of 200,060; encours exceptions and fct_reconciliation_exceptions have all." in page.text
    )
    assert len(found["exceptions"]) == 60


def test_amounts_and_dates_are_kept_exactly_for_programs(report):
    _, found = report([FAILED], [total(expected=Decimal("0.10000"))], [exception()])
    assert found["failed_control_totals"][0]["expected"] == "0.10000"
    assert found["exceptions"][0]["first_seen_date"] == "2025-06-27"
    assert found["as_of_date"] == "2025-06-30"
    assert found["started_at"] == "2025-06-30T04:00:00+00:00"
    assert found["failed_checks"][0]["failing_rows"][1] == {
        "source_file": "acme/fec.txt",
        "source_row": 905,
        "what": "debit 3.00 and credit 4.00 on one line",
    }


def test_a_run_without_files_has_a_report(report):
    page, found = report()
    assert "No file has landed yet." in page.text
    assert found["failed_checks"] == found["failed_control_totals"] == found["exceptions"] == []


def test_a_report_is_replaced_whole(report, tmp_path):
    report([FAILED])
    page, _ = report([])
    assert "amount_is_one_sided" not in page.text
    assert sorted(path.name for path in (tmp_path / "run-1").iterdir()) == ["report.html", "results.json"]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, ""),
        (Decimal("0"), "0.00"),
        (3, "3.00"),
        (Decimal("-1234567.50000"), "-1,234,567.50"),
        (Decimal("1.00125"), "1.00125"),
        (Decimal("1E+3"), "1,000.00"),
    ],
)
def test_amounts_read_as_people_write_them(amount, text):
    assert amount_text(amount) == text
