"""What ``mf query`` says of the published marts is what the marts say, and what must not be added never is."""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest
import yaml
from click.testing import CliRunner

from home.layout import Home
from orchestration.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "metrics.md"
RECEIVABLE = ("--where", "{{ Dimension('item__ledger_side') }} = 'receivable'")

pytestmark = pytest.mark.skipif(
    find_spec("dbt_metricflow") is None,
    reason="dbt-metricflow, of the extra metrics, is not installed: make test installs it",
)

MetricFlow = Callable[..., str]
Rows = list[tuple[str, ...]]


ANSWERING = """
import json, os, sys
answers = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # where its spinner turns
from click.testing import CliRunner
from dbt_metricflow.cli.main import cli
for line in sys.stdin:
    said = CliRunner().invoke(cli, json.loads(line))
    print(json.dumps([said.exit_code, said.stdout, said.output + repr(said.exception)]), file=answers, flush=True)
"""
"""``mf`` for many commands: it takes seconds to import, and a tenth of one to answer."""


@contextmanager
def metricflow(project: Path, marts: Path) -> Iterator[MetricFlow]:
    """``mf`` over a file of published marts, in a copy of the dbt project: it writes beside ``dbt_project.yml``."""
    shutil.copytree(
        ROOT / "dbt_project", project, dirs_exist_ok=True, ignore=shutil.ignore_patterns("target", "logs")
    )
    environment = os.environ | {
        "DBT_PROFILES_DIR": str(ROOT / "dbt_profiles" / "published"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "ENCOURS_MARTS": str(marts),
        # mf asks a package index for news of itself.
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }

    parsed = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "parse", "--warn-error", "--no-partial-parse"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr
    with subprocess.Popen(
        [sys.executable, "-c", ANSWERING],
        cwd=project,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as answering:
        assert answering.stdin is not None
        assert answering.stdout is not None
        asking, answers = answering.stdin, answering.stdout

        def run(program: str, *command: str) -> str:
            assert program == "mf"
            asking.write(json.dumps(command) + "\n")
            asking.flush()
            exit_code, printed, all_said = json.loads(answers.readline())
            assert exit_code == 0, all_said
            return str(printed)

        yield run
        asking.close()


@pytest.fixture(scope="module")
def mf(refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MetricFlow]:
    project = tmp_path_factory.mktemp("metrics") / "dbt_project"
    with metricflow(project, refreshed.published_database) as answering:
        yield answering


def asked(mf: MetricFlow, tmp_path: Path, metrics: str, by: str, *options: str) -> Rows:
    """The rows of a query as text, exact, sorted; no row where nothing comes back."""
    target = tmp_path / "answer.csv"
    target.unlink(missing_ok=True)
    mf("mf", "query", "--metrics", metrics, "--group-by", by, "--csv", str(target), *options)
    if not target.exists():
        return []
    with target.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    order = [header.index(name) for name in [*by.split(","), *metrics.split(",")]]
    return sorted(tuple(_plain(row[place]) for place in order) for row in rows)


def ask(home: Home, query: str) -> Rows:
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        return sorted(
            tuple(_plain("" if cell is None else str(cell)) for cell in row)
            for row in connection.execute(query).fetchall()
        )


def _plain(cell: str) -> str:
    """Amounts without the zeros at their end, and shares to nine places, which a binary quotient keeps."""
    if re.fullmatch(r"-?\d+\.\d+", cell):
        return f"{Decimal(cell).quantize(Decimal('1.000000000')).normalize():f}"
    return cell.removesuffix(" 00:00:00")


def test_balances_are_those_of_the_aged_balance(refreshed: Home, mf: MetricFlow, tmp_path: Path) -> None:
    told = asked(mf, tmp_path, "outstanding,overdue,owed,overdue_share", "company,item__ledger_side")
    assert told == ask(
        refreshed,
        """
        SELECT company_id, ledger_side, sum(total_amount), sum(overdue_amount), sum(total_amount - unapplied),
            sum(overdue_amount) / sum(total_amount - unapplied)
        FROM marts.mart_aged_balance GROUP BY ALL
        """,
    )
    printed = CliRunner().invoke(main, ["aged-balance", "--format", "csv", "--home", str(refreshed.root)])
    rows = list(csv.DictReader(printed.stdout.splitlines()))
    assert {(company, side): Decimal(amount) for company, side, amount, *_ in told} == {
        key: sum(
            Decimal(row["total_amount"]) for row in rows if (row["company_id"], row["ledger_side"]) == key
        )
        for key in {(row["company_id"], row["ledger_side"]) for row in rows}
    }


def test_balances_by_customer_agency_segment_and_currency(
    refreshed: Home, mf: MetricFlow, tmp_path: Path
) -> None:
    by = "third_party,third_party__agency,third_party__segment,item__currency_code"
    told = asked(mf, tmp_path, "outstanding,overdue", by, *RECEIVABLE)
    assert told == ask(
        refreshed,
        """
        SELECT third_party_id, agency, segment, currency_code, sum(open_amount),
            coalesce(sum(open_amount) FILTER (days_past_due > 0), 0)
        FROM marts.fct_open_items LEFT JOIN marts.dim_third_parties USING (third_party_id)
        WHERE ledger_side = 'receivable' GROUP BY ALL
        """,
    )
    assert len({agency for _, agency, *_ in told}) > 2


def test_ageing_is_the_columns_of_the_aged_balance(refreshed: Home, mf: MetricFlow, tmp_path: Path) -> None:
    told = asked(mf, tmp_path, "outstanding", "ageing_bucket", *RECEIVABLE)
    assert len(told) > 5
    [columns] = ask(
        refreshed,
        f"SELECT {', '.join(f'sum({bucket})' for bucket, _ in told)}, sum(total_amount) "
        "FROM marts.mart_aged_balance WHERE ledger_side = 'receivable'",
    )
    assert (
        *(amount for _, amount in told),
        _plain(str(sum(Decimal(amount) for _, amount in told))),
    ) == columns


def test_past_months_are_the_last_sets_known_of_them(refreshed: Home, mf: MetricFlow, tmp_path: Path) -> None:
    by = "metric_time__month,balance__ledger_side"
    told = asked(mf, tmp_path, "outstanding_by_month,overdue_by_month", by)
    months = """
        SELECT date_trunc('month', as_of_date) AS month, ledger_side, sum(open_amount),
            sum(open_amount) FILTER (is_overdue)
        FROM marts.fct_ageing_snapshots JOIN marts.dim_ageing_buckets USING (ageing_bucket_code)
        WHERE as_of_date = least(last_day(as_of_date), DATE '2026-06-30') GROUP BY ALL
    """
    assert told == ask(refreshed, f"SELECT month, ledger_side, #3, coalesce(#4, 0) FROM ({months})")
    assert len(told) > 30


def test_balances_of_two_dates_are_never_added(refreshed: Home, mf: MetricFlow, tmp_path: Path) -> None:
    by = "metric_time__quarter,balance__ledger_side"
    told = asked(mf, tmp_path, "outstanding_by_month", by)
    assert told == ask(
        refreshed,
        """
        SELECT date_trunc('quarter', as_of_date), ledger_side, sum(open_amount)
        FROM marts.fct_ageing_snapshots
        WHERE month(as_of_date) % 3 = 0 AND as_of_date = last_day(as_of_date) GROUP BY ALL
        """,
    )
    assert len(told) > 10


def test_who_owes_nothing_at_the_end_of_a_month_is_not_told_what_he_owed_before(
    refreshed: Home, mf: MetricFlow, tmp_path: Path
) -> None:
    [(customer,), *_] = ask(
        refreshed,
        """
        SELECT third_party_id FROM marts.fct_ageing_snapshots WHERE ledger_side = 'receivable'
        GROUP BY ALL HAVING max(as_of_date) < DATE '2026-06-30' AND count(DISTINCT as_of_date) > 2
        """,
    )
    where = ("--where", f"{{{{ Entity('third_party') }}}} = '{customer}'")
    told = asked(mf, tmp_path, "outstanding_by_month", "metric_time__month,balance__ledger_side", *where)
    assert told == ask(
        refreshed,
        f"""
        SELECT date_trunc('month', as_of_date), ledger_side, sum(open_amount) FROM marts.fct_ageing_snapshots
        WHERE third_party_id = '{customer}' GROUP BY ALL
        """,
    )
    assert not [month for month, *_ in told if month >= "2026-06-01"]


def test_reconciliation_is_that_of_the_run_in_force(refreshed: Home, mf: MetricFlow, tmp_path: Path) -> None:
    by = "company,bank_account__bank_account_id,bank_account__currency_code"
    now = asked(mf, tmp_path, "unreconciled_amount,unreconciled_count,match_rate", by)
    assert now == ask(
        refreshed,
        """
        SELECT company_id, bank_account_id, currency_code, unreconciled_amount, unreconciled_count,
            matched_count / (line_count - waiting_count)
        FROM marts.fct_reconciliation_status
        """,
    )
    assert sum(int(count) for *_, count, _ in now) > 0
    matched = ask(
        refreshed,
        """
        SELECT company_id, count(*) FROM marts.fct_bank_match_members JOIN marts.fct_bank_matches USING (match_id)
        WHERE match_status = 'matched' AND object_id NOT LIKE 'opening/%' GROUP BY ALL
        """,
    )
    assert asked(mf, tmp_path, "matched_count", "company") == matched


def test_what_is_expected_is_the_forecast_of_its_items(
    refreshed: Home, mf: MetricFlow, tmp_path: Path
) -> None:
    by = "company,third_party__agency,expected_payment__customer_group"
    told = asked(mf, tmp_path, "expected_collections,expected_later_or_never", by)
    assert told == ask(
        refreshed,
        """
        SELECT company_id, agency, customer_group, sum(expected_amount) FILTER (week_end_date IS NOT NULL),
            sum(expected_amount) FILTER (week_end_date IS NULL)
        FROM marts.fct_collection_forecast LEFT JOIN marts.dim_third_parties USING (company_id, third_party_id)
        GROUP BY ALL
        """,
    )
    whole = asked(mf, tmp_path, "expected_collections", "company")
    assert whole == ask(
        refreshed,
        "SELECT company_id, sum(expected_amount) FROM marts.fct_collection_forecast_weeks "
        "WHERE customer_group = 'all' AND week_number <= 13 GROUP BY ALL",
    )


def test_promises_are_broken_or_kept_as_the_mart_says(
    refreshed: Home, mf: MetricFlow, tmp_path: Path
) -> None:
    names = "broken_promises,broken_promise_count,promises_kept_share"
    told = asked(mf, tmp_path, names, "company,promise__ledger_side")
    assert told == ask(
        refreshed,
        """
        SELECT company_id, ledger_side, sum(amount_at_stake) FILTER (promised_date < as_of_date),
            count(*) FILTER (promised_date < as_of_date AND amount_at_stake > 0),
            sum(kept_amount) FILTER (status <> 'open') / sum(owed_amount) FILTER (status <> 'open')
        FROM marts.fct_promises GROUP BY ALL
        """,
    )
    assert told


def test_amounts_of_two_currencies_or_of_both_sides_are_never_added(refreshed: Home, tmp_path: Path) -> None:
    """One of the two companies keeps its books in dollars here, and one of the bank accounts is in dollars."""
    marts = tmp_path / "encours_marts.duckdb"
    shutil.copy(refreshed.published_database, marts)
    with duckdb.connect(marts) as connection:
        [company] = connection.execute("SELECT min(company_id) FROM marts.dim_companies").fetchone() or []
        for mart, column in (
            ("fct_open_items", "base_currency"),
            ("fct_ageing_snapshots", "base_currency"),
            ("fct_reconciliation_status", "currency_code"),
            ("fct_collection_forecast", "base_currency"),
            ("fct_promises", "base_currency"),
        ):
            connection.execute(f"UPDATE marts.{mart} SET {column} = 'USD' WHERE company_id = ?", [company])
    with metricflow(tmp_path / "dbt_project", marts) as mf:
        added = "outstanding,overdue,overdue_share,unreconciled_amount"
        by_side = asked(mf, tmp_path, "outstanding,overdue,overdue_share", "item__ledger_side")
        assert by_side == [("payable", "", "", ""), ("receivable", "", "", "")]
        by_company = asked(mf, tmp_path, added, "company")
        assert [cells[:3] for _, *cells in by_company] == [["", "", ""]] * 2
        assert all(amount for *_, amount in by_company)
        by_both = asked(mf, tmp_path, "outstanding,overdue", "item__base_currency,item__ledger_side")
        assert len(by_both) == 4
        assert all(all(row) for row in by_both)
        receivable = ("--where", "{{ Dimension('balance__ledger_side') }} = 'receivable'")
        past = asked(mf, tmp_path, "outstanding_by_month", "metric_time__month", *receivable)
        assert len(past) > 10
        assert {amount for _, amount in past[3:]} == {""}
        steering = "expected_collections,broken_promises,promises_kept_share"
        assert asked(mf, tmp_path, steering, "metric_time__day") == [("2026-06-30", "", "", "")]
        accounts = asked(mf, tmp_path, "unreconciled_amount", "metric_time__day")
        assert accounts == [("2026-06-30", "")]


# --- the page ---


def shown() -> list[tuple[str, str]]:
    """Each command of the page with the output printed below it."""
    blocks = re.findall(
        r"^```console\n\$ (.*?[^\\])\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S
    )
    return [(command.replace("\\\n", " "), output) for command, output in blocks]


def test_what_the_page_shows_is_what_is_printed(mf: MetricFlow) -> None:
    """Where the figures of the fictitious group have changed: ``ENCOURS_WRITE_GOLDEN=1`` writes the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    for command, output in shown():
        lines = mf(*shlex.split(command)).splitlines()
        page = page.replace(f"\n{output}```", "\n" + "".join(f"{line.rstrip()}\n" for line in lines) + "```")
    if os.environ.get("ENCOURS_WRITE_GOLDEN"):
        PAGE.write_text(page, encoding="utf-8")
    assert page == PAGE.read_text(encoding="utf-8")


def test_the_page_names_every_metric_that_is_meant_to_be_asked_for() -> None:
    assert len(shown()) >= 5
    file = ROOT / "dbt_project" / "models" / "semantic" / "_metrics.yml"
    metrics = yaml.safe_load(file.read_text(encoding="utf-8"))["metrics"]
    described = {metric["name"] for metric in metrics if "description" in metric}
    [table] = re.findall(r"^## What there is\n(.*?)^## ", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    named = set(re.findall(r"^\| `(\w+)` \|", table, re.M))
    assert named == described
