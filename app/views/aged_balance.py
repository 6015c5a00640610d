"""The aged balance: from agency to third party to document, and out to a file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from app import cached
from app.exports import Field, Sheet, as_csv, as_xlsx
from app.grid import GridColumn, grid
from app.markup import for_markdown
from app.session import Session
from app.views.choices import company_choice
from documents import formats

Rows = Sequence[Mapping[str, Any]]

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(session: Session) -> None:
    """Draw the page."""
    t = session.t
    as_of = cached.overview_of(session.home).run["as_of_date"]
    st.title(t("aged.title"))
    st.caption(t("aged.as_of", day=formats.day(as_of, t.language)))
    first, second, third = st.columns([1, 1, 1], vertical_alignment="bottom")
    with first:
        side = st.segmented_control(
            t("side.label"),
            ["receivable", "payable"],
            default="receivable",
            required=True,
            format_func=lambda code: t(f"side.{code}"),
            key="aged_side",
        )
    with second:
        company = company_choice(session, key="aged_company")
    everyone = [
        row
        for row in cached.third_parties(session.home)
        if row["ledger_side"] == side and company in (None, row["company_id"])
    ]
    currencies = sorted({row["currency_code"] for row in everyone})
    currency = currencies[0] if currencies else "EUR"
    if len(currencies) > 1:
        with third:
            currency = st.selectbox(t("column.currency"), currencies, key="aged_currency")
    everyone = [row for row in everyone if row["currency_code"] == currency]
    if not everyone:
        st.info(t("aged.nothing"))
        return
    st.subheader(t("aged.by_agency"))
    st.caption(t("aged.agency_hint"))
    agencies = _by_agency(session, everyone)
    chosen = grid(
        agencies,
        [
            GridColumn("agency_name", t("column.agency"), width=180),
            GridColumn("count", t("column.third_parties"), "count"),
            *_amounts(session),
        ],
        key="aged_agencies",
        language=t.language,
        choose="multi-row",
        most_rows=30,
        name=t("aged.by_agency"),
    )
    wanted = {agencies[row]["agency"] for row in chosen}
    listed = [row for row in everyone if not chosen or row["agency"] in wanted]
    st.subheader(t.counted(f"aged.{side}", len(listed)))
    st.caption(t("aged.third_party_hint"))
    picked = grid(
        listed,
        [
            GridColumn("name", t("column.third_party"), width=240),
            GridColumn("third_party_code", t("column.code")),
            GridColumn("agency", t("column.agency")),
            GridColumn("sales_rep", t("column.sales_rep")),
            *_amounts(session),
            GridColumn("oldest_days_past_due", t("column.oldest_days"), "count"),
        ],
        key=f"aged_third_parties_{side}_{'_'.join(sorted(map(str, wanted)))}",
        language=t.language,
        choose="multi-row",
        most_rows=12,
        name=t("aged.title"),
    )
    those = [listed[row] for row in picked]
    _documents(session, those)
    _exports(session, those or listed, as_of)


def _amounts(session: Session) -> list[GridColumn]:
    t = session.t
    return [
        GridColumn("total_amount", t("column.total"), "amount"),
        GridColumn("overdue_amount", t("column.overdue"), "amount"),
        *(
            GridColumn(bucket["ageing_bucket_code"], bucket[f"label_{t.language}"], "amount")
            for bucket in cached.buckets(session.home)
        ),
    ]


def _by_agency(session: Session, rows: Rows) -> Rows:
    """A row per agency with the sums of its third parties, the greatest first."""
    keys = [column.key for column in _amounts(session)]
    sums: dict[str | None, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(keys, Decimal("0.00")))
    counts: dict[str | None, int] = defaultdict(int)
    for row in rows:
        counts[row["agency"]] += 1
        for key in keys:
            sums[row["agency"]][key] += row[key]
    found = [
        {
            "agency": agency,
            "agency_name": agency or session.t("aged.no_agency"),
            "count": counts[agency],
            **amounts,
        }
        for agency, amounts in sums.items()
    ]
    return sorted(found, key=lambda row: -row["total_amount"])


def _documents(session: Session, third_parties: Rows) -> None:
    t = session.t
    if not third_parties:
        return
    if len(third_parties) == 1:
        title, link = st.columns([3, 1], vertical_alignment="bottom")
        title.subheader(t("aged.documents_of", name=for_markdown(third_parties[0]["name"])))
        with link:
            st.page_link(
                st.session_state["pages"]["customer"],
                label=t("aged.open_customer"),
                icon=":material/person:",
                query_params={"third_party": third_parties[0]["third_party_id"]},
            )
    else:
        st.subheader(t("aged.documents_of", name=t("aged.several", count=len(third_parties))))
    rows = [
        _told(row, session)
        for row in cached.documents(session.home, [row["third_party_id"] for row in third_parties])
    ]
    grid(
        rows,
        document_columns(session, with_name=len(third_parties) > 1),
        key="aged_documents",
        language=t.language,
        name=t("aged.documents"),
    )


def _told(row: Mapping[str, Any], session: Session) -> dict[str, Any]:
    t = session.t
    return {
        **row,
        "item_type_name": t.code("item_type", row["item_type"]),
        "bucket": row[f"label_{t.language}"],
    }


def document_columns(session: Session, *, with_name: bool) -> list[GridColumn]:
    """The columns of a list of open documents, whose rows are those of ``cached.documents`` told in words."""
    t = session.t
    return [
        *([GridColumn("name", t("column.third_party"), width=220)] if with_name else []),
        GridColumn("document_ref", t("column.document")),
        GridColumn("item_type_name", t("column.item_type")),
        GridColumn("document_date", t("column.document_date"), "date"),
        GridColumn("due_date", t("column.due_date"), "date"),
        GridColumn("original_amount", t("column.original"), "amount"),
        GridColumn("open_amount", t("column.open"), "amount"),
        GridColumn("projected_open_amount", t("column.projected"), "amount"),
        GridColumn("days_past_due", t("column.days_late"), "count"),
        GridColumn("bucket", t("aged.age")),
    ]


def _exports(session: Session, third_parties: Rows, as_of: date) -> None:
    """The balance and its documents, as they are shown, to take away."""
    t = session.t

    def balance() -> Sheet:
        return Sheet(
            t("aged.sheet"),
            [
                Field("company_name", t("column.company")),
                Field("third_party_code", t("column.code")),
                Field("name", t("column.third_party")),
                Field("agency", t("column.agency")),
                Field("sales_rep", t("column.sales_rep")),
                Field("currency_code", t("column.currency")),
                *(Field(column.key, column.heading, "amount") for column in _amounts(session)),
                Field("oldest_days_past_due", t("column.oldest_days"), "count"),
                Field("item_count", t("column.items"), "count"),
            ],
            third_parties,
        )

    def documents() -> Sheet:
        rows = cached.documents(session.home, [row["third_party_id"] for row in third_parties])
        columns = document_columns(session, with_name=True)
        return Sheet(
            t("aged.documents"),
            [
                Field("company_name", t("column.company")),
                Field("third_party_code", t("column.code")),
                *(Field(column.key, column.heading, column.kind) for column in columns),
                Field("ledger_currency", t("column.currency")),
            ],
            [_told(row, session) for row in rows],
        )

    name = f"{t('aged.file')}-{as_of.isoformat()}"
    st.space("small")
    with st.container(horizontal=True):
        st.download_button(
            t("export.xlsx"),
            lambda: as_xlsx([balance(), documents()]),
            file_name=f"{name}.xlsx",
            mime=XLSX,
            icon=":material/table_view:",
            on_click="ignore",
            key="aged_xlsx",
        )
        st.download_button(
            t("export.csv"),
            lambda: as_csv(balance()),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/csv:",
            on_click="ignore",
            key="aged_csv",
        )
        st.download_button(
            t("export.documents_csv"),
            lambda: as_csv(documents()),
            file_name=f"{t('aged.documents_file')}-{as_of.isoformat()}.csv",
            mime="text/csv",
            icon=":material/csv:",
            on_click="ignore",
            key="aged_documents_csv",
        )
