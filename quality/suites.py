"""The suites as data: what is claimed about each landed table, how severe a breach is, and why.

A suite is a file in Great Expectations' own JSON form, over the *profile* of a landed table: a frame with one
row per landed file, ``row_count`` and one column per claim that counts the rows which break it. The rows that
a suite speaks of are the query ``subjects/<suite>.sql``: lines, or groups of them such as entries. An
expectation's ``meta`` holds what Great Expectations has no place for:

``claim``
    its name, a statement that holds when all is well: ``amount_is_one_sided``; also the profile's column.
``severity``
    ``error``: figures made from these rows are wrong or incomplete; ``warning``: real exports do this,
    someone should look.
``reason``
    one sentence: why it matters, and where the rule comes from.
``fails_when``, ``what``
    SQL over the columns of the subject: when a row breaks the claim, and the words that say so of that row.
``threshold``
    where a number is a matter of judgement: its value (``{threshold}`` in ``fails_when``), the date it was
    decided on, and why.

Suites about what came out stand in ``suites/built`` and ``subjects/built``: their profile has a row per row of the
subject, and ``count`` in their ``meta`` is SQL that says how many there are to be.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from quality.results import Severity


@dataclass(frozen=True)
class Claim:
    """One expectation of a suite; ``fails_when`` is null for claims about the profile itself: row counts."""

    name: str
    severity: Severity
    reason: str
    expectation: dict[str, Any]
    fails_when: str | None = None
    what: str | None = None

    @property
    def profile_columns(self) -> tuple[str, ...]:
        """The columns of the profile that the expectation reads; none when it is about the whole table."""
        return tuple(value for key, value in self.expectation["kwargs"].items() if key.startswith("column"))

    @property
    def is_about_table(self) -> bool:
        """Whether the expectation is about the profile as a whole and not about single files."""
        return not self.profile_columns


@dataclass(frozen=True)
class Suite:
    """The claims about one kind of row of one table: of the schema ``landing``, or a mart.

    ``kind`` is the kind of source file that has such rows (null = every kind); ``unit`` names them. ``count`` is SQL,
    for marts alone: how many rows the subject has at least.
    """

    name: str
    table: str
    kind: str | None
    unit: str
    subject: str
    claims: tuple[Claim, ...]
    count: str | None = None


def suite_from(document: dict[str, Any], subject: str) -> Suite:
    """The suite of a JSON document and its subject query. Raises KeyError where a key is missing."""
    meta = document["meta"]
    return Suite(
        name=document["name"],
        table=meta["table"],
        kind=meta["kind"],
        unit=meta["unit"],
        subject=subject.strip(),
        claims=tuple(_claim_from(expectation) for expectation in document["expectations"]),
        count=meta.get("count"),
    )


def _claim_from(expectation: dict[str, Any]) -> Claim:
    meta = expectation["meta"]
    fails_when = meta.get("fails_when")
    if fails_when is not None and "threshold" in meta:
        fails_when = fails_when.replace("{threshold}", meta["threshold"]["value"])
    return Claim(
        name=meta["claim"],
        severity=meta["severity"],
        reason=meta["reason"],
        expectation=expectation,
        fails_when=fails_when,
        what=meta.get("what"),
    )


@cache
def load_suites() -> tuple[Suite, ...]:
    """Every suite about what landed, by name."""
    return _suites_in(files("quality").joinpath("suites"), files("quality").joinpath("subjects"))


@cache
def load_built_suites() -> tuple[Suite, ...]:
    """Every suite about what came out, by name."""
    package = files("quality")
    return _suites_in(package.joinpath("suites", "built"), package.joinpath("subjects", "built"))


def _suites_in(folder: Traversable, subjects: Traversable) -> tuple[Suite, ...]:
    documents = (
        json.loads(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".json")
    )
    return tuple(
        suite_from(document, subjects.joinpath(f"{document['name']}.sql").read_text(encoding="utf-8"))
        for document in documents
    )
