"""The first page: what is owed, how old it is, what is not reconciled, how fresh it is and what was checked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from app import cached, charts, markup
from app.figures.overview import Overview
from app.session import Session
from app.views.choices import company_choice
from documents import formats
from orchestration.queries import last_run

Rows = Sequence[Mapping[str, Any]]

BAD_OUTCOMES = ("blocked", "failed", "interrupted")


def show(session: Session) -> None:
    """Draw the page."""
    t, found = session.t, cached.overview_of(session.home)
    head, choice = st.columns([3, 1], vertical_alignment="bottom")
    head.title(t("overview.title"))
    head.caption(
        t(
            "overview.as_of",
            day=formats.day(found.run["as_of_date"], t.language),
            known=formats.day(found.run["known_at_date"], t.language),
        )
    )
    with choice:
        company = company_choice(session, key="overview_company")
    _warnings(session, found)
    balances = _of(found.balances, company)
    for currency in sorted({row["currency_code"] for row in balances}):
        _figures(session, [row for row in balances if row["currency_code"] == currency], currency)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _ages(session, _of(found.ages, company))
    with right:
        _freshness(session, found, company)
    _accounts(session, _of(found.accounts, company))
    _checks(session, found, company)


def _of(rows: Rows, company: str | None) -> Rows:
    return [row for row in rows if company is None or row["company_id"] == company]


def _sum(rows: Iterable[Mapping[str, Any]], key: str) -> Decimal:
    return sum((row[key] for row in rows), Decimal("0.00"))


def _warnings(session: Session, found: Overview) -> None:
    t = session.t
    if not found.run["is_verified"]:
        st.error(t("overview.not_verified"), icon=":material/error:")
    run = last_run(session.home)
    if run and run.run_id != session.home.run_id and run.outcome in BAD_OUTCOMES:
        st.warning(
            t(f"overview.{run.outcome}", reason=markup.for_markdown(" ".join(run.reasons))),
            icon=":material/warning:",
        )


def _figures(session: Session, rows: Rows, currency: str) -> None:
    t = session.t
    customers = [row for row in rows if row["ledger_side"] == "receivable"]
    suppliers = [row for row in rows if row["ledger_side"] == "payable"]
    total, overdue = _sum(customers, "total"), _sum(customers, "overdue")

    def money(value: Decimal) -> str:
        return formats.amount(value, currency, t.language)

    shown = (
        (
            "outstanding",
            total,
            t.counted("overview.customers", sum(row["third_parties"] for row in customers)),
        ),
        ("overdue", overdue, t("overview.share_of_total", share=formats.share(overdue, total, t.language))),
        ("unapplied", _sum(customers, "unapplied"), t("overview.unapplied_note")),
        ("projected", _sum(customers, "projected"), t("overview.projected_note")),
        (
            "payable",
            _sum(suppliers, "total"),
            t("overview.payable_note", amount=money(_sum(suppliers, "overdue"))),
        ),
    )
    for column, (key, value, note) in zip(st.columns(len(shown)), shown, strict=True):
        with column:
            st.metric(
                t(f"overview.{key}"),
                money(value),
                border=True,
                help=t(f"overview.{key}_help"),
                delta=note,
                delta_color="off",
                delta_arrow="off",
            )


def _ages(session: Session, rows: Rows) -> None:
    t = session.t
    st.subheader(t("overview.ages"))
    side = st.segmented_control(
        t("side.label"),
        ["receivable", "payable"],
        default="receivable",
        required=True,
        format_func=lambda code: t(f"side.{code}"),
        label_visibility="collapsed",
        key="overview_side",
    )
    for currency in sorted({row["currency_code"] for row in rows}):
        amounts: dict[str, Decimal] = defaultdict(lambda: Decimal("0.00"))
        for row in rows:
            if (row["ledger_side"], row["currency_code"]) == (side, currency):
                amounts[row["ageing_bucket_code"]] += row["amount"]
        bars = [
            {
                "ageing_bucket_code": bucket["ageing_bucket_code"],
                "label": bucket[f"label_{t.language}"],
                "is_overdue": bucket["is_overdue"],
                "amount": amounts[bucket["ageing_bucket_code"]],
            }
            for bucket in cached.buckets(session.home)
        ]
        st.altair_chart(
            charts.ages(bars, currency, t.language, t("aged.age")),
            theme="streamlit",
            alt=t("overview.ages_of", side=t(f"side.{side}"), currency=currency),
        )


def _freshness(session: Session, found: Overview, company: str | None) -> None:
    t = session.t
    st.subheader(t("overview.freshness"))
    names = {row["company_id"]: row["name"] for row in cached.companies(session.home)}
    pairs = [(t("overview.published"), session.moment(found.run["finished_at"]))]
    pairs += [
        (
            t("overview.books_until", company=names[row["company_id"]]),
            formats.day(row["last_entry_date"], t.language),
        )
        for row in _of(found.books, company)
    ]
    pairs += [
        (
            t("overview.statements_until", account=row["ledger_account"] or row["iban"]),
            formats.day(row["last_statement_date"], t.language),
        )
        for row in _of(found.accounts, company)
    ]
    pairs += [(t(f"files.{status}"), t.number(count)) for status, count in found.files.items()]
    st.html(markup.facts(pairs))


def _accounts(session: Session, rows: Rows) -> None:
    t = session.t
    st.subheader(t("overview.accounts"))
    if not rows:
        st.caption(t("overview.no_accounts"))
        return
    names = {row["company_id"]: row["name"] for row in cached.companies(session.home)}
    lines = [
        markup.Row(
            (
                names[row["company_id"]],
                row["ledger_account"] or "",
                markup.Cell(formats.iban(row["iban"] or ""), "nowrap"),
                t.number(row["line_count"]),
                formats.share(row["matched_count"], row["line_count"], t.language),
                t.number(row["proposed_count"]),
                t.number(row["unreconciled_count"]),
                formats.amount(row["unreconciled_amount"], row["currency_code"], t.language),
                "" if row["oldest_days"] is None else t("unit.days", count=t.number(row["oldest_days"])),
            )
        )
        for row in rows
    ]
    st.html(
        markup.table(
            [
                (t("column.company"), "left"),
                (t("column.account"), "left"),
                (t("column.iban"), "left"),
                (t("column.lines"), "right"),
                (t("column.matched"), "right"),
                (t("column.proposed"), "right"),
                (t("column.unreconciled"), "right"),
                (t("column.unreconciled_amount"), "right"),
                (t("column.oldest"), "right"),
            ],
            lines,
        )
    )


def _checks(session: Session, found: Overview, company: str | None) -> None:
    t = session.t
    st.subheader(t("overview.checks"))
    left, right = st.columns(2, gap="large")
    with left:
        _tally(session, "totals", found.totals)
        sentences = [
            t(
                "overview.total_fails",
                control=t.code("control", row["control_name"]),
                subject=_subject(session, row["subject"] or ""),
                expected=formats.number(row["expected"], t.language),
                actual=formats.number(row["actual"], t.language),
            )
            for row in found.failed_totals
            if company in (None, row["company_id"])
        ]
        st.html(markup.listed(sentences, "late"))
    with right:
        _tally(session, "claims", found.claims)
        sentences = [
            t(
                "overview.claim_fails",
                subject=_subject(session, row["source_file"] or row["subject"] or row["suite"]),
                detail=formats.localised(row["detail"] or row["expectation"], t.language),
            )
            for row in found.failed_claims
        ]
        st.html(markup.listed(sentences))


def _subject(session: Session, subject: str) -> str:
    """What a check is about, as people call it: companies by their names, accounts as they are printed."""
    names = {row["company_id"]: row["name"] for row in cached.companies(session.home)}
    company, _, rest = subject.partition("/")
    shown = f"{names[company]} · {rest}" if company in names and rest else subject
    shown = " ".join(formats.iban(word) for word in shown.split(" "))
    return formats.localised(shown, session.language)


def _tally(session: Session, key: str, counts: Mapping[str, int]) -> None:
    t = session.t
    agreeing, checked = counts["agreeing"], counts["checked"]
    text = t(f"overview.{key}", agreeing=t.number(agreeing), checked=t.number(checked))
    if agreeing == checked:
        st.success(text, icon=":material/check_circle:")
    else:
        st.warning(text, icon=":material/warning:")
