"""Whose figures are asked for on the command line: one company, agency, sales rep or customer."""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import duckdb

from home.layout import Home
from orchestration.errors import NothingPublishedError, UnknownChoiceError
from orchestration.queries import published, third_party

NOUNS: Final = {
    "company": "company",
    "agency": "agency",
    "sales_rep": "sales representative",
    "customer_group": "customer group",
}


@dataclass(frozen=True)
class Chosen:
    """Whose figures; what is None leaves out none."""

    company: str | None = None
    agency: str | None = None
    sales_rep: str | None = None
    customer: str | None = None
    """A code, an id or a part of the name."""


@contextmanager
def steering_marts(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published marts, to read. Raises NothingPublishedError, also where they are older than what is asked."""
    try:
        with published(home) as connection:
            yield connection
    except (duckdb.CatalogException, duckdb.BinderException):
        raise NothingPublishedError(
            f"{home.root}: the marts in force are older than this command; run encours refresh first."
        ) from None


def one_of(connection: duckdb.DuckDBPyConnection, kind: str, wanted: str, query: str) -> str:
    """The one of a query's values that is wanted, capitals aside. Raises UnknownChoiceError, with what there is."""
    known = [str(value) for (value,) in connection.execute(query).fetchall()]
    found = [value for value in known if value.casefold() == wanted.casefold()]
    if wanted in known or len(found) == 1:
        return wanted if wanted in known else found[0]
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    told = f"near it: {', '.join(near)}" if near else f"known: {', '.join(known[:5]) or 'none'}"
    raise UnknownChoiceError(f"no {NOUNS[kind]} is called {wanted}; {told}.")


def conditions(connection: duckdb.DuckDBPyConnection, chosen: Chosen) -> tuple[str, list[str]]:
    """The condition on rows with company_id, agency, sales_rep and third_party_id in SQL, and its values.

    Raises UnknownChoiceError and UnknownThirdPartyError.
    """
    parts, values = ["true"], []
    if chosen.company is not None:
        parts.append("company_id = ?")
        values.append(company(connection, chosen.company))
    for kind, wanted in (("agency", chosen.agency), ("sales_rep", chosen.sales_rep)):
        if wanted is not None:
            query = f"SELECT DISTINCT {kind} FROM dim_third_parties WHERE {kind} IS NOT NULL ORDER BY 1"
            parts.append(f"{kind} = ?")
            values.append(one_of(connection, kind, wanted, query))
    if chosen.customer is not None:
        parts.append("third_party_id = ?")
        values.append(third_party(connection, chosen.customer)[0])
    return " AND ".join(parts), values


def company(connection: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """The id of a company. Raises UnknownChoiceError."""
    return one_of(connection, "company", wanted, "SELECT company_id FROM dim_companies ORDER BY 1")
