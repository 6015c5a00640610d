"""A third party: what is open, how it pays, and its statement of account to send."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from app import cached, charts, markup
from app.deciding import board_of
from app.figures.customer import ThirdParty
from app.grid import GridColumn, grid
from app.session import Session
from app.views import follow_up
from app.views.aged_balance import document_columns
from app.views.exceptions import show_outcome
from documents import formats
from documents.statement_pdf import Statement, ages_of, as_pdf, lines_of
from documents.texts import LANGUAGES, Language, language_of

Rows = Sequence[Mapping[str, Any]]


def show(session: Session) -> None:
    """Draw the page."""
    t = session.t
    st.title(t("customer.title"))
    show_outcome(session, board_of(session))
    party = _chosen(session)
    if party is None:
        st.info(t("customer.none"))
        return
    as_of = cached.overview_of(session.home).run["as_of_date"]
    rows = cached.documents(session.home, [party.third_party_id])
    left, right = st.columns([2, 4], gap="large")
    with left:
        _identity(session, party)
    with right:
        _figures(session, party, rows)
        _ages(session, party, rows)
    is_customer = party.kind == "customer"
    open_tab, settled_tab, *further = st.tabs(
        [
            t("customer.open_documents"),
            t("customer.settled"),
            t("customer.record"),
            *([t("customer.expected"), t("customer.agreed")] if is_customer else []),
        ]
    )
    with open_tab:
        st.caption(t.counted("customer.documents_as_of", len(rows), day=formats.day(as_of, t.language)))
        told = [
            {
                **row,
                "item_type_name": t.code("item_type", row["item_type"]),
                "bucket": row[f"label_{t.language}"],
            }
            for row in rows
        ]
        grid(
            told,
            document_columns(session, with_name=False),
            key=f"customer_documents_{party.third_party_id}",
            language=t.language,
            name=t("customer.open_documents"),
        )
        _statement(session, party, rows, as_of)
    with settled_tab:
        _settled(session, party)
    with further[0]:
        _record(session, party)
    if is_customer:
        with further[1]:
            _expected(session, party)
        with further[2]:
            _agreed(session, party, as_of)


def _chosen(session: Session) -> ThirdParty | None:
    """The third party of the address, else the one that is chosen, else the one that owes most."""
    t = session.t
    known = {party.third_party_id: party for party in cached.known_third_parties(session.home)}
    if not known:
        return None
    asked = st.query_params.get("third_party")
    if asked in known and st.session_state.get("customer_asked") != asked:
        st.session_state["customer_asked"] = st.session_state["customer"] = asked
    several = len({party.company_id for party in known.values()}) > 1

    def told(third_party_id: str) -> str:
        party = known[third_party_id]
        where = f" · {party.company_name}" if several else ""
        return f"{party.name} · {party.code}{where}"

    chosen = st.selectbox(
        t("customer.choose"), list(known), format_func=told, key="customer", label_visibility="collapsed"
    )
    return known[chosen]


def _identity(session: Session, party: ThirdParty) -> None:
    t = session.t
    st.subheader(markup.for_markdown(party.name))
    record = cached.behaviour_of(session.home, party.third_party_id)
    paid = ""
    if record and record["weighted_days_to_pay"] is not None:
        days = formats.tenth(record["weighted_days_to_pay"], t.language)
        paid = t("customer.days_to_pay", days=days, count=t.number(record["payment_count"]))
    st.html(
        markup.facts(
            [
                (t("column.company"), party.company_name),
                (t("column.kind"), t(f"kind.{party.kind}")),
                (t("column.code"), party.code),
                (t("column.agency"), party.agency or ""),
                (t("column.sales_rep"), party.sales_rep or ""),
                (t("column.segment"), party.segment or ""),
                (t("customer.terms"), party.payment_terms or ""),
                (t("customer.limit"), formats.amount(party.credit_limit, party.currency_code, t.language)),
                (t("customer.habits"), paid),
                ("SIREN", party.siren or ""),
                (t("customer.vat"), party.vat_number or ""),
                (t("customer.email"), party.email or ""),
            ]
        )
    )


def _figures(session: Session, party: ThirdParty, rows: Rows) -> None:
    t = session.t
    total = _sum(rows, "open_amount")
    overdue = _sum([row for row in rows if row["status"] == "overdue"], "open_amount")
    late = [
        row["days_past_due"] for row in rows if row["days_past_due"] is not None and row["days_past_due"] > 0
    ]
    first, second, third = st.columns(3)
    with first:
        st.metric(t("column.total"), formats.amount(total, party.currency_code, t.language), border=True)
    with second:
        st.metric(t("column.overdue"), formats.amount(overdue, party.currency_code, t.language), border=True)
    with third:
        oldest = t("unit.days", count=t.number(max(late))) if late else "–"
        st.metric(t("column.oldest_days"), oldest, border=True)
    if party.credit_limit and total > party.credit_limit:
        over = formats.amount(total - party.credit_limit, party.currency_code, t.language)
        st.warning(t("customer.over_limit", amount=over), icon=":material/warning:")


def _ages(session: Session, party: ThirdParty, rows: Rows) -> None:
    t = session.t
    bars = [
        {
            "ageing_bucket_code": bucket["ageing_bucket_code"],
            "label": bucket[f"label_{t.language}"],
            "is_overdue": bucket["is_overdue"],
            "amount": _sum(
                [row for row in rows if row["ageing_bucket_code"] == bucket["ageing_bucket_code"]],
                "open_amount",
            ),
        }
        for bucket in cached.buckets(session.home)
    ]
    st.altair_chart(
        charts.ages(bars, party.currency_code, t.language, t("aged.age")),
        alt=t("customer.ages", name=party.name),
    )


def _sum(rows: Rows, key: str) -> Decimal:
    return sum((row[key] for row in rows), Decimal("0.00"))


def _settled(session: Session, party: ThirdParty) -> None:
    t = session.t
    rows = [
        {
            **row,
            "kind": t.code("settlement", row["settlement_kind"]),
            "state": t.code("settlement_status", row["status"]),
        }
        for row in cached.settlements(session.home, party.third_party_id)
    ]
    if not rows:
        st.caption(t("customer.nothing_settled"))
        return
    grid(
        rows,
        [
            GridColumn("effective_date", t("column.date"), "date"),
            GridColumn("debit_document_ref", t("column.debit_document")),
            GridColumn("credit_document_ref", t("column.credit_document")),
            GridColumn("amount", t("column.amount"), "amount"),
            GridColumn("kind", t("column.item_type")),
            GridColumn("state", t("column.state")),
            GridColumn("days_to_pay", t("column.days_to_pay"), "count"),
        ],
        key=f"customer_settled_{party.third_party_id}",
        language=t.language,
        name=t("customer.settled"),
    )


def _record(session: Session, party: ThirdParty) -> None:
    """How they paid in the twelve months, and how that has changed."""
    t = session.t
    row = cached.behaviour_of(session.home, party.third_party_id)
    if row is None:
        st.caption(t("customer.no_record"))
        return

    def days(value: Decimal | None) -> str:
        return "" if value is None else t("unit.days", count=formats.tenth(value, t.language))

    def money(value: Decimal | None) -> str:
        return formats.amount(value, party.currency_code, t.language) if value else ""

    left, right = st.columns([2, 4], gap="large")
    with left:
        st.html(
            markup.facts(
                [
                    (t("record.segment"), t(f"behaviour.{row['behaviour_segment']}")),
                    (t("record.weight_class"), row["weight_class"]),
                    (t("record.sales"), money(row["sales_amount"])),
                    (t("record.paid"), money(row["paid_amount"])),
                    (t("record.payments"), t.number(row["payment_count"])),
                    (t("record.days_to_pay"), days(row["weighted_days_to_pay"])),
                    (t("record.days_late"), days(row["weighted_days_late"])),
                    (t("record.spread"), days(row["spread_days"])),
                    (t("record.trend"), days(row["trend_days"])),
                    (
                        t("record.on_time"),
                        ""
                        if row["on_time_share"] is None
                        else formats.share(row["on_time_share"], 1, t.language),
                    ),
                    (t("record.last_payment"), formats.day(row["last_payment_date"], t.language)),
                    (t("record.returned"), money(row["returned_amount"])),
                ]
            )
        )
    with right:
        past = cached.lateness(session.home, party.third_party_id)
        st.altair_chart(
            charts.trend(
                [
                    (t(f"record.{name}"), [(one["as_of_date"], one[f"weighted_{name}"]) for one in past])
                    for name in ("days_to_pay", "days_late")
                ],
                days,
            ),
            alt=t("customer.record"),
        )


def _expected(session: Session, party: ThirdParty) -> None:
    """What is expected of what is open, week by week."""
    t = session.t
    weeks = cached.expected(session.home, party.third_party_id)
    if not weeks:
        st.caption(t("customer.nothing_expected"))
        return

    def money(value: Decimal) -> str:
        return formats.amount(value, party.currency_code, t.language)

    ahead = [row for row in weeks if row["week_end_date"]]
    later = _sum([row for row in weeks if not row["week_end_date"]], "expected")
    st.caption(t("customer.expected_in_all", amount=money(_sum(ahead, "expected")), later=money(later)))
    st.altair_chart(
        charts.stacked(
            [(t("column.expected"), [(row["week_start_date"], row["expected"]) for row in ahead])],
            party.currency_code,
            t.language,
            [charts.NOT_DUE[1]],
            by_week=True,
        ),
        alt=t("customer.expected"),
    )


def _agreed(session: Session, party: ThirdParty, as_of: date) -> None:
    left, right = st.columns([8, 4], gap="large")
    with left:
        follow_up.agreed(session, party.third_party_id)
    with right:
        follow_up.forms(session, party.third_party_id, party.company_id, as_of=as_of)
        follow_up.history(session, party.third_party_id)


def _statement(session: Session, party: ThirdParty, rows: Rows, as_of: date) -> None:
    """The statement of account as PDF, in the customer's language unless another is chosen."""
    t = session.t
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            t("customer.statement_language"),
            LANGUAGES,
            default=language_of(party.language, t.language),
            format_func=lambda code: t(f"language.{code}"),
            key=f"customer_language_{party.third_party_id}",
        )
        language = chosen or t.language
        st.download_button(
            t("customer.statement"),
            lambda: as_pdf(statement_of(session, party, rows, as_of, language)),
            file_name=f"{t('customer.statement_file')}-{party.code}-{as_of.isoformat()}.pdf",
            mime="application/pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
            type="primary",
            key="customer_pdf",
        )


def statement_of(
    session: Session, party: ThirdParty, rows: Rows, as_of: date, language: Language
) -> Statement:
    """What the statement of account of a third party says, from its rows of ``cached.documents``."""
    return Statement(
        company=party.company_name,
        third_party=party.name,
        code=party.code,
        kind=party.kind,
        vat_number=party.vat_number,
        as_of=as_of,
        currency=party.currency_code,
        lines=lines_of(rows, party.currency_code, language),
        ages=ages_of(rows, cached.buckets(session.home), language),
        language=language,
    )
