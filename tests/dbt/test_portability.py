"""The dbt project holds no clock, path, binary float or chart of accounts, and its SQL another engine can run."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from decisions.tables import DECISION_TABLES
from home.settings import AccountRoles
from home.tables import DUNNING_SENT, HISTORY, QUALITY_RESULTS, RUN_CONTEXT, SETTINGS, WORKING_DAYS
from ingestion.schemas import LANDED_TABLES
from tests.dbt.conftest import COMPLAINT

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"

ENGINE = "macros/engine.sql"
"""What differs between engines stands here and nowhere else."""

CLOCK = r"\b(current_date|current_time(stamp)?|localtime(stamp)?|getdate|sysdate|today\(|now\(|datetime\.|time\.time)"
FILE = r"\b(read_\w+|glob|parquet_scan|attach|copy)\b|'(/\w+/|\.{1,2}/|~/|[a-zA-Z]:\\)\w|\b(from|join) '"
FLOAT = r"\b(float[48]?|double|real|number)\b"
ONE_ENGINE = (
    r"::|\bvarchar\b|\bhugeint\b|\bqualify\b|\bgroup by all\b|\border by all\b|\bilike\b|\bunnest\b|\bgenerate_series\b"
    r"|\barg_m(ax|in)\b|\bstring_agg\b|\bdate_diff\b|\bdatediff\b|\bregexp_\w+|\blist_\w+|\bstruct_\w+|\basof\b"
    r"|\bexclude\b|\breplace \(|\bto_months\b|\bexplode\b|\brlike\b|\bby name\b|//"
)


def _without_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}|--[^\n]*|  # noqa[^\n]*", "", text, flags=re.DOTALL)


SQL = {
    path.relative_to(PROJECT).as_posix(): _without_comments(path.read_text(encoding="utf-8"))
    for folder in ("models", "macros", "tests")
    for path in sorted((PROJECT / folder).rglob("*"))
    if path.suffix in (".sql", ".py")
}


def _found(pattern: str, but: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{name}: {match.group()}"
        for name, sql in SQL.items()
        if name not in but
        for match in re.finditer(pattern, sql, flags=re.IGNORECASE)
    ]


def test_the_project_parses_with_warnings_as_errors(parse: Path) -> None:
    assert (parse / COMPLAINT).read_text(encoding="utf-8") == ""


def test_sources_have_the_columns_that_a_run_gives_them(parsed: Any) -> None:
    declared = {
        f"{source.source_name}.{source.name}": list(source.columns) for source in parsed.sources.values()
    }
    given = {
        "landing": LANDED_TABLES,
        "settings": SETTINGS,
        "run": {"context": RUN_CONTEXT, "working_days": WORKING_DAYS},
        "dunning": {"sent": DUNNING_SENT},
        "decisions": DECISION_TABLES,
        "quality": {"results": QUALITY_RESULTS},
        "history": HISTORY,
    }
    assert declared == {
        f"{source}.{table}": schema.names
        for source, tables in given.items()
        for table, schema in tables.items()
    }


def test_the_clock_is_an_input() -> None:
    assert _found(CLOCK) == []


def test_no_model_names_a_file() -> None:
    assert _found(FILE) == []


def test_amounts_are_never_binary_floats() -> None:
    assert _found(FLOAT) == []
    types = [
        f"{file.name}: {match.group()}"
        for file in PROJECT.rglob("*.yml")
        for match in re.finditer(r"data_type:.*", file.read_text(encoding="utf-8"))
        if re.search(FLOAT, match.group(), flags=re.IGNORECASE)
    ]
    assert types == []


def test_no_built_column_is_a_binary_float(marts: Any) -> None:
    floats = marts.execute(
        "select table_name, column_name from information_schema.columns "
        "where data_type in ('DOUBLE', 'FLOAT') or data_type like '%DOUBLE%'"
    ).fetchall()
    assert floats == []


def test_money_is_never_divided() -> None:
    """DuckDB's ``/`` makes a DOUBLE of two decimals; nothing else of these models needs a division."""
    assert _found(r"[\w)]\s+/\s+[\w(]", but=(ENGINE,)) == []


def test_no_model_knows_a_chart_of_accounts() -> None:
    """Prefixes come from the settings: no text of two digits or more, and none beside an account's code."""
    assert _found(r"'\d{2,}%?'|account_code\b[^,\n]*'\d") == []


def test_what_differs_between_engines_stands_in_one_file() -> None:
    assert _found(ONE_ENGINE, but=(ENGINE,)) == []


def test_each_macro_of_an_engine_has_a_version_for_the_other() -> None:
    def named(prefix: str) -> set[str]:
        return set(re.findall(rf"macro {prefix}__(\w+)\(", SQL[ENGINE]))

    assert named("default") == named("spark") == set(re.findall(r'dispatch\("(\w+)"\)', SQL[ENGINE]))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (CLOCK, "where day < current_date"),
        (CLOCK, "select now() as started_at"),
        (FILE, "select * from read_parquet('x')"),
        (FILE, "select * from '/home/a.csv'"),
        (FLOAT, "cast(amount as double)"),
        (r"[\w)]\s+/\s+[\w(]", "cast(cents as decimal(18, 0)) / 100"),
        (r"'\d{2,}%?'|account_code\b[^,\n]*'\d", "account_code like '4%'"),
        (r"'\d{2,}%?'|account_code\b[^,\n]*'\d", "in ('411', '416')"),
        (ONE_ENGINE, "amount::decimal"),
    ],
)
def test_the_patterns_find_what_they_forbid(pattern: str, text: str) -> None:
    assert re.search(pattern, text, flags=re.IGNORECASE)


def test_account_roles_of_the_models_are_settings() -> None:
    compared = r"(?:account_role|counterpart_role)\s*(?:=|<>|in|not in)\s*(\([^)]*\)|'\w+')"
    used = {
        role
        for sql in SQL.values()
        for operand in re.findall(compared, sql)
        for role in re.findall(r"'(\w+)'", operand)
    }
    assert len(used) > 20
    assert used - set(AccountRoles.model_fields) == set()


def test_exception_reasons_of_the_models_are_those_of_the_seed() -> None:
    """Each reason of the seed is one that a model gives, and each that a model gives is in the seed."""
    texts = [" ".join(text.split()) for name, text in SQL.items() if "int_exceptions__" in name]
    given: set[str] = set()
    for text in texts:
        # A reason is the first column of a select: a text, or a case that ends in its name.
        given.update(re.findall(r"\bselect '(\w+)'(?: as reason_code)?,", text))
        for choice in re.findall(r"\bcase ((?:(?!\bcase\b).)*?) end(?: as reason_code|, company_id)", text):
            given.update(re.findall(r"\b(?:then|else) '(\w+)'", choice))
    seed = (PROJECT / "seeds" / "exception_reasons.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert given == {line.split(",")[0] for line in seed}


def test_unit_tests_stand_apart_from_the_models_descriptions() -> None:
    """The daily job parses both; whoever reads one does not wade through the other."""
    for file in PROJECT.rglob("_*.yml"):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert ("unit_tests" in content) == file.name.endswith("__unit_tests.yml"), file.name
