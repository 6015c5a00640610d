"""Writes ``docs/marts.md`` from the dbt project: ``python docs/generate_marts.py``.

What the page says of a mart is what its YAML says, so the two cannot part; only the introduction and the queries
are written here.
"""

from pathlib import Path
from typing import Any, Final

import yaml

from home.settings import Settings
from home.tables import ageing_buckets

PAGE: Final = Path(__file__).with_name("marts.md")
MARTS: Final = PAGE.parents[1] / "dbt_project" / "models" / "marts"

INTRODUCTION: Final = """\
# Marts

What a refresh publishes: the schema `marts` of `marts/encours_marts.duckdb`, and the same tables as Parquet under
`marts/parquet/`. [Connecting a BI tool](bi.md) says how to open them.

- **Start with `mart_aged_balance`**: one row per third party and side, a column per age band.
- **Amounts** are decimals in the company's base currency unless a column says otherwise. They are signed so that they
  add up to the ledger: debit less credit for receivables, credit less debit for payables. What is owed is positive on
  both sides; a credit that waits to be applied is negative, and never subtracted from an age band.
- **Two clocks**: `as_of_date` is the date that a balance speaks of, `known_at_date` the day on which it was known. "As
  of D, known at K" is the set of D with the greatest `known_at_date` not after K. What an earlier day knew is never
  rewritten.
- **Ids** are the same from run to run for the same fact. Join on them; do not take them apart.
- `*_date` is a date, `*_at` a time in UTC.
"""

QUERIES: Final = (
    (
        "Who owes us, and since when?",
        """\
select company_id, name, total_amount, overdue_amount, overdue_1, overdue_2, overdue_3, overdue_4, unapplied, undated
from marts.mart_aged_balance
where ledger_side = 'receivable'
order by overdue_amount desc, total_amount desc
""",
    ),
    (
        "What did the aged balance of 31 March look like on that day?",
        """\
select
    coalesce(third_parties.name, snapshots.third_party_id) as name,
    snapshots.ageing_bucket_code,
    sum(snapshots.open_amount) as open_amount
from marts.fct_ageing_snapshots as snapshots
left join marts.dim_third_parties as third_parties on snapshots.third_party_id = third_parties.third_party_id
inner join marts.dim_ageing_buckets as buckets on snapshots.ageing_bucket_code = buckets.ageing_bucket_code
where
    snapshots.ledger_side = 'receivable'
    and snapshots.as_of_date = date '2026-03-31'
    and snapshots.known_at_date = (
        select max(known_at_date)
        from marts.fct_ageing_snapshot_dates
        where as_of_date = date '2026-03-31' and known_at_date <= date '2026-03-31'
    )
group by snapshots.third_party_id, third_parties.name, buckets.bucket_order, snapshots.ageing_bucket_code
order by name, buckets.bucket_order
""",
    ),
    (
        "Which customers paid what, and how long did they take?",
        """\
select
    third_parties.name,
    settlements.effective_date,
    settlements.debit_document_ref as invoice,
    settlements.credit_document_ref as payment,
    settlements.amount,
    settlements.days_to_pay
from marts.fct_settlements as settlements
inner join marts.dim_third_parties as third_parties on settlements.third_party_id = third_parties.third_party_id
where settlements.settlement_kind = 'payment' and third_parties.kind = 'customer' and settlements.status = 'booked'
order by settlements.effective_date, third_parties.name
""",
    ),
    (
        "What does not tie, in this run?",
        """\
select controls.company_id, controls.control_name, controls.subject, controls.expected, controls.actual
from marts.fct_control_totals as controls
inner join marts.dim_runs as runs on controls.run_id = runs.run_id
where runs.is_current and not controls.passed
order by controls.is_blocking desc, controls.company_id, controls.control_name, controls.subject
""",
    ),
)
"""What is asked first, and the SQL that answers it."""

GROUPS: Final = (("mart_", "Marts"), ("fct_", "Facts"), ("dim_", "Dimensions"))


def marts() -> list[dict[str, Any]]:
    """What the YAML says of each mart: those that stand in ``models/marts`` itself, then folder by folder."""
    files = sorted(MARTS.rglob("_*__models.yml"), key=lambda file: (len(file.parts), file))
    return [mart for file in files for mart in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]]


def page() -> str:
    """The whole page, in Markdown."""
    models = marts()
    parts = [INTRODUCTION, _bands(), "## Asked first\n"]
    parts += [f"### {question}\n\n```sql\n{sql}```\n" for question, sql in QUERIES]
    for prefix, title in GROUPS:
        parts.append(f"## {title}\n")
        parts += [_section(model) for model in models if model["name"].startswith(prefix)]
    return "\n".join(parts)


def _bands() -> str:
    rows = [
        [f"`{band['ageing_bucket_code']}`", _days(band), str(band["label_en"]), str(band["label_fr"])]
        for band in ageing_buckets(Settings())
    ]
    header = ["Band", "Days past due", "English", "French"]
    return f"## Age bands\n\nAs they are without settings; `encours.toml` moves their bounds.\n\n{_table(header, rows)}"


def _days(band: dict[str, object]) -> str:
    low, high = band["from_days"], band["to_days"]
    if low is None and high is None:
        return "outside the scale"
    if low is None:
        return f"{high} or less"
    return f"{low} or more" if high is None else f"{low} to {high}"


def _section(model: dict[str, Any]) -> str:
    grain = ", ".join(f"`{column}`" for column in model["config"]["meta"]["grain"])
    rows = [
        [f"`{column['name']}`", column["data_type"], column["description"]] for column in model["columns"]
    ]
    table = _table(["Column", "Type", "Meaning"], rows)
    return f"### {model['name']}\n\n{model['description']} One row per {grain}.\n\n{table}"


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
