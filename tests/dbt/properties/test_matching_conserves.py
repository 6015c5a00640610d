"""Whatever the bank, the ledger and the open items say, matching loses nothing and counts nothing twice, holds to what
reviewers decided, and says the same whatever the order of the rows and however often it runs.

Each example is many random companies in one database, whose matching models are built three times: twice on the same
rows, and once on the same rows in another order.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.conftest import Project
from tests.dbt.properties.random_matches import Row, Rows, joined, random_books

COMPANIES = 30
FOLDER = "intermediate/matching"

NewMatching = Callable[[Path], "Matching"]


@dataclass
class Group:
    """A match group and its members."""

    row: Row
    payments: dict[str, Decimal] = field(default_factory=dict)
    documents: dict[str, Decimal] = field(default_factory=dict)

    @property
    def is_matched(self) -> bool:
        return str(self.row["match_status"]) == "matched"

    @property
    def is_paid_in_part(self) -> bool:
        """Whether the payments leave some of the only document open."""
        return (
            self.row["use"] != "bank"
            and len(self.documents) == 1
            and 0 <= self.row["payment_amount"] < self.row["document_amount"]
        )

    def objects(self) -> Iterable[tuple[str, str]]:
        """(kind, id) of the members; a bank line is one thing in both passes, an item in both its uses."""
        use = self.row["use"]
        for payment_id in self.payments:
            yield ("item" if use == "lettering" else "bank line"), payment_id
        for document_id in self.documents:
            yield ("ledger line" if use == "bank" else "item"), document_id


@dataclass
class Matching:
    """The matching models in a database of their own, and the tables that they read."""

    project: Project
    inputs: list[Any]
    """The nodes outside of the folder that its models read."""
    schemas: Path
    """A database that has these tables."""

    def build(self, rows: Rows) -> tuple[list[Row], list[Row]]:
        """Groups and members of these rows."""
        if not self.project.database.exists():
            self._give(rows)
        done = self.project.invoke("run", "--select", f"path:models/{FOLDER}")
        assert done.success, done.exception or [
            (result.node.name, result.message) for result in done.result.results if result.status != "success"
        ]
        return self.rows("int_matching__groups"), self.rows("int_matching__members")

    def rows(self, model: str) -> list[Row]:
        with duckdb.connect(self.project.database, read_only=True) as connection:
            return connection.sql(f"FROM intermediate.{model} ORDER BY ALL").to_arrow_table().to_pylist()

    def _give(self, rows: Rows) -> None:
        with duckdb.connect(self.project.database) as connection:
            connection.execute(f"ATTACH '{self.schemas}' AS other (READ_ONLY)")
            for node in self.inputs:
                table = f"{node.schema}.{node.identifier if node.resource_type == 'source' else node.alias}"
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {node.schema}")
                if node.resource_type in ("source", "seed"):
                    connection.execute(f"CREATE TABLE {table} AS FROM other.{table}")
                    continue
                # A view can be described, but not read from here: it names the database that it was made in.
                columns = connection.execute(
                    """
                    SELECT string_agg(concat('"', column_name, '" ', data_type), ', ') FROM duckdb_columns()
                    WHERE database_name = 'other' AND schema_name = $1 AND table_name = $2
                    """,
                    [node.schema, node.alias],
                ).fetchall()
                connection.execute(f"CREATE TABLE {table} ({columns[0][0]})")
                if given := rows.get(node.name):
                    connection.register("given", pa.Table.from_pylist(given))
                    connection.execute(f"INSERT INTO {table} BY NAME FROM given")
            connection.execute("UPDATE run.context SET as_of_date = $1", [date(2025, 3, 1)])


@pytest.fixture(scope="module")
def new_matching(built: Project) -> NewMatching:
    nodes = {**built.manifest.nodes, **built.manifest.sources}
    inside = {key for key, node in nodes.items() if f"models/{FOLDER}/" in node.original_file_path}
    parents = {parent for key in inside for parent in nodes[key].depends_on.nodes} - inside
    inputs = [nodes[key] for key in sorted(parents) if nodes[key].resource_type != "unit_test"]

    def made(folder: Path) -> Matching:
        folder.mkdir()
        return Matching(Project(folder, built.manifest), inputs, built.database)

    return made


# Without shrinking: a failure names the group, and each example costs three builds.
@settings(max_examples=2, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_matching_conserves(new_matching: NewMatching, seed: int) -> None:
    random = Random(seed)
    rows = joined(random_books(random, f"c{number:02}") for number in range(COMPANIES))
    with TemporaryDirectory() as folder:
        matching = new_matching(Path(folder) / "first")
        first = matching.build(rows)
        _holds(matching, rows, _grouped(*first))
        assert matching.build(rows) == first, "a second run says something else"
        shuffled = {model: random.sample(some, len(some)) for model, some in rows.items()}
        assert new_matching(Path(folder) / "shuffled").build(shuffled) == first, (
            "the order of the rows counts"
        )


def _grouped(groups: list[Row], members: list[Row]) -> list[Group]:
    found = {row["match_id"]: Group(row) for row in groups}
    assert len(found) == len(groups)
    for member in members:
        group = found[member["match_id"]]
        side = group.payments if member["side"] == "payment" else group.documents
        assert member["object_id"] not in side
        side[member["object_id"]] = member["amount"]
    return list(found.values())


def _holds(matching: Matching, rows: Rows, groups: list[Group]) -> None:
    assert {group.row["use"] for group in groups if group.is_matched} == {"bank", "lettering", "receipt"}
    assert len({group.row["match_rule"] for group in groups}) >= 6
    _sums_are_those_of_the_members(groups)
    _members_are_whole(matching, groups)
    _nothing_is_taken_twice(rows, groups)
    _decisions_hold(rows, groups)
    _proposals_are_few_and_told(groups)


def _sums_are_those_of_the_members(groups: list[Group]) -> None:
    for group in groups:
        paid, owed = sum(group.payments.values()), sum(group.documents.values())
        assert (group.row["payment_amount"], group.row["document_amount"]) == (paid, owed), group
        if group.row["match_cardinality"] == "offset":
            assert (bool(group.payments), bool(group.documents)) in ((True, False), (False, True)), group
            assert paid == owed == 0, group
            continue
        assert group.payments, group
        assert group.documents, group
        assert group.row["residual_amount"] == paid - owed, group
        assert (group.row["residual_reason"] is None) == (paid == owed), group


def _members_are_whole(matching: Matching, groups: list[Group]) -> None:
    """A member is there with all that is open of it, and a group is of one company and one account or side of the
    ledger, unless a reviewer said otherwise."""
    amounts: dict[tuple[str, str, str], Row] = {}
    for model in ("int_matching", "int_receipts"):
        for side in ("payment", "document"):
            for row in matching.rows(f"{model}__{side}s"):
                amounts[row["use"], side, row[f"{side}_id"]] = row
    for group in groups:
        blocks = set()
        for side, members in (("payment", group.payments), ("document", group.documents)):
            for object_id, amount in members.items():
                if group.row["match_rule"] == "opening" and side == "document":
                    continue
                row = amounts[group.row["use"], side, object_id]
                assert amount * 100 == row["amount"], group
                blocks.add(row["block_id"])
        assert len(blocks) == 1 or group.row["match_rule"] == "decision", group


def _nothing_is_taken_twice(rows: Rows, groups: list[Group]) -> None:
    """Bank and ledger lines are in one matched group; of an item no more is taken than is open; and no proposal holds
    what is matched whole."""
    holders: dict[tuple[str, str], list[Group]] = defaultdict(list)
    for group in groups:
        if group.is_matched:
            for thing in group.objects():
                holders[thing].append(group)
    is_open = {row["item_id"]: abs(row["open_amount"]) for row in rows["int_ageing__items_at_dates"]}
    taken_whole = set()
    for (kind, object_id), some in holders.items():
        if kind != "item":
            assert len(some) == 1, some
            taken_whole.add((kind, object_id))
            continue
        taken = sum(
            group.row["payment_amount"]
            if group.is_paid_in_part and object_id in group.documents
            else abs({**group.payments, **group.documents}[object_id])
            for group in some
        )
        assert taken <= is_open[object_id], some
        if taken == is_open[object_id]:
            taken_whole.add((kind, object_id))
    for group in groups:
        if not group.is_matched:
            assert not taken_whole & set(group.objects()), group


def _decisions_hold(rows: Rows, groups: list[Group]) -> None:
    together = {
        (payment_id, document_id): group
        for group in groups
        for payment_id in group.payments
        for document_id in group.documents
    }
    accepted = 0
    for decision in rows["int_decisions__pairs"]:
        group = together.get((decision["payment_id"], decision["document_id"]))
        if decision["verdict"] == "rejected":
            assert group is None, (decision, group)
        elif group is not None:
            accepted += 1
            assert group.is_matched, (decision, group)
            assert group.row["match_rule"] == "decision", (decision, group)
    assert accepted > 0


def _proposals_are_few_and_told(groups: list[Group]) -> None:
    ranks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for group in groups:
        evidence = json.loads(group.row["evidence"])
        assert evidence["rule"] == group.row["match_rule"]
        assert 0 < group.row["match_score"] <= 1, group
        if group.is_matched:
            assert group.row["rank"] == 1, group
        elif group.payments:
            ranks[group.row["use"], min(group.payments)].append(group.row["rank"])
    for some in ranks.values():
        assert sorted(some) == list(range(1, len(some) + 1))
        assert len(some) <= 3
