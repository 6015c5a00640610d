"""What people query: a view per mart, which shows the run in force, and who may read it.

A view is never dropped and never loses a column, so that what people build on it goes on working.
"""

from collections.abc import Sequence
from typing import Final, LiteralString

from psycopg.sql import SQL, Composed, Identifier, Literal

from orchestration.postgres.marts import Mart
from orchestration.postgres.patience import patiently
from orchestration.postgres.server import Target
from orchestration.postgres.tables import SHOWN

CURRENT: Final[LiteralString] = "(SELECT number FROM {store}.current_run)"

OF_NOBODY: Final = ("dim_ageing_buckets", "dim_companies", "dim_dates", "dim_match_rules", "dim_runs")
"""Marts that sales people read whole: they tell of no third party."""

OWN_THIRD_PARTIES: Final[LiteralString] = """
    (SELECT pg_has_role(current_user, {reader}, 'USAGE'))
    OR third_party_id IN (
        SELECT parties.third_party_id
        FROM {store}.dim_third_parties AS parties
        JOIN {store}.agency_users AS users ON users.agency = parties.agency
        WHERE users.user_name = current_user
            AND parties.published_run = (SELECT number FROM {store}.current_run)
    )
"""
"""Whose rows somebody sees who is in the sales role. In a view ``current_user`` is who asks, also where the view is
read through another's, or after SET ROLE; those who are in the reader role see all."""

WITHDRAWN: Final = "No longer published: empty since then."


def offer(target: Target, marts: Sequence[Mart]) -> None:
    """Make each view, give it what columns its mart has gained, say what it holds, and let people read it."""
    readers = {(mart.name, role) for mart in marts for role in _readers(target, mart)}
    # First, and whoever reads no more: a view that is no longer cut to agencies must not be left to sales people.
    _revoke_except(target, readers | _left_to_read(target, marts))
    for mart in marts:
        _define(target, mart)
        _describe(target, mart)
    for mart_name, role in sorted(readers):
        _grant(target, mart_name, role)
    for (name,) in target.rows(
        "SELECT mart FROM {store}.views WHERE mart <> ALL(%s)", [mart.name for mart in marts]
    ):
        _comment(
            target, SQL("VIEW {}").format(_view(target, name)), _comments(target, name).get(0), WITHDRAWN
        )


def _define(target: Target, mart: Mart) -> None:
    columns = _columns(target, mart.name)
    columns += [column.name for column in mart.columns if column.name not in columns]
    is_limited = _is_limited(target, mart)
    definition = target.statement(
        "CREATE OR REPLACE VIEW {view} {options} AS SELECT {columns} FROM {store}.{mart} WHERE {shown} {policy}",
        view=_view(target, mart.name),
        # Without it, a condition of the reader's could be tried on rows that are not his.
        options=SQL("WITH (security_barrier = true)" if is_limited else ""),
        columns=SQL(", ").join(Identifier(column) for column in columns),
        mart=mart.name,
        shown=_shown(target, mart),
        policy=_policy(target) if is_limited else SQL(""),
    )
    text = definition.as_string(target.connection)
    known = target.value("SELECT definition FROM {store}.views WHERE mart = %s", mart.name)
    if known == text and _columns(target, mart.name):
        return
    patiently(target, "{definition}", definition=definition)
    target.execute(
        "INSERT INTO {store}.views VALUES (%s, %s) ON CONFLICT (mart) DO UPDATE SET definition = excluded.definition",
        mart.name,
        text,
    )


def _shown(target: Target, mart: Mart) -> Composed:
    current = target.statement(CURRENT)
    if mart.is_appended:
        return SQL(SHOWN).format(run=current)
    return SQL("published_run = {}").format(current)


def _is_limited(target: Target, mart: Mart) -> bool:
    """Whether sales people read the mart, each the rows of his own agencies."""
    return bool(target.settings.sales_role) and any(
        column.name == "third_party_id" for column in mart.columns
    )


def _policy(target: Target) -> Composed:
    own = target.statement(OWN_THIRD_PARTIES, reader=Literal(target.settings.reader_role))
    return SQL("AND ({})").format(own)


def _columns(target: Target, mart: str) -> list[str]:
    """The columns of a mart's view, in order; none when there is no view."""
    found = target.rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 ORDER BY attnum",
        _view(target, mart).as_string(target.connection),
    )
    return [name for (name,) in found]


def _describe(target: Target, mart: Mart) -> None:
    known = _comments(target, mart.name)
    view = _view(target, mart.name)
    _comment(target, SQL("VIEW {}").format(view), known.get(0), mart.comment)
    meanings = {column.name: column.comment for column in mart.columns}
    for number, name in enumerate(_columns(target, mart.name), start=1):
        column = SQL("COLUMN {}.{}").format(view, Identifier(name))
        _comment(target, column, known.get(number), meanings.get(name, WITHDRAWN))


def _comments(target: Target, mart: str) -> dict[int, str]:
    """The comments on a view, by number of the column; 0 is the view's own."""
    return dict(
        target.rows(
            "SELECT objsubid, description FROM pg_description "
            "WHERE objoid = to_regclass(%s) AND classoid = 'pg_class'::regclass",
            _view(target, mart).as_string(target.connection),
        )
    )


def _comment(target: Target, what: Composed, known: str | None, text: str) -> None:
    if (known or "") != text:
        target.execute("COMMENT ON {what} IS {text}", what=what, text=Literal(text))


def _readers(target: Target, mart: Mart) -> list[str]:
    """The roles that may read a mart."""
    settings = target.settings
    roles = [settings.reader_role] if settings.reader_role else []
    if settings.sales_role and (mart.name in OF_NOBODY or _is_limited(target, mart)):
        roles.append(settings.sales_role)
    return roles


def _grant(target: Target, mart: str, role: str) -> None:
    view = _view(target, mart)
    if not target.value("SELECT has_schema_privilege(%s, %s, 'USAGE')", role, target.settings.schema_name):
        target.execute("GRANT USAGE ON SCHEMA {views} TO {role}", role=role)
    if not target.value(
        "SELECT has_table_privilege(%s, %s, 'SELECT')", role, view.as_string(target.connection)
    ):
        target.execute("GRANT SELECT ON {view} TO {role}", view=view, role=role)
    target.execute("INSERT INTO {store}.grants VALUES (%s, %s) ON CONFLICT DO NOTHING", mart, role)


def _left_to_read(target: Target, marts: Sequence[Mart]) -> set[tuple[str, str]]:
    """What the reader role goes on reading though it is no longer published: a page built on it shows nothing."""
    left = target.rows(
        "SELECT mart, role_name FROM {store}.grants WHERE role_name = %s AND mart <> ALL(%s)",
        target.settings.reader_role,
        [mart.name for mart in marts],
    )
    return set(left)


def _revoke_except(target: Target, readers: set[tuple[str, str]]) -> None:
    """Take back what we granted to a role that the settings no longer name for it."""
    granted = target.rows(
        "SELECT mart, role_name FROM {store}.grants JOIN pg_roles ON rolname = role_name "
        "WHERE to_regclass(format('%%I.%%I', %s::text, mart)) IS NOT NULL",
        target.settings.schema_name,
    )
    for mart, role in sorted(set(granted) - readers):
        target.execute("REVOKE SELECT ON {view} FROM {role}", view=_view(target, mart), role=role)
        target.execute("DELETE FROM {store}.grants WHERE mart = %s AND role_name = %s", mart, role)


def _view(target: Target, mart: str) -> Composed:
    return target.statement("{views}.{mart}", mart=mart)
