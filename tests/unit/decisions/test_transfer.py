"""Decisions move from one store to another as they are, once, and nothing else gets in."""

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decisions.chain import Verified
from decisions.decision import NewDecision
from decisions.store import Adopted, NotAdoptedError, Store, open_store
from decisions.transfer import COLUMNS, Form, export_file, import_file
from home.layout import Home
from tests.unit.decisions.conftest import IN_THE_HOME
from tests.unit.decisions.to_take import accept, undo

PYTHONS_OWN_LARGEST_CELL = 1 << 17
FORMULA = '=HYPERLINK("http://x");\'+1\r\n- @SUM(A1)'
SAID = [
    accept("E1", reason=FORMULA),
    NewDecision(
        kind="alias",
        company_id="acme",
        reviewer="+33 6 @anne",
        payload={"payer_name": "-Holding Bleue", "third_party_id": "acme/customer/MARTIN"},
    ),
    NewDecision(
        kind="comment", exception_id="E1", reviewer="bruno", reason="'=1 is no formula, “quoted”; ça, si"
    ),
    undo(1, "bruno"),
]

Opened = Callable[[str], Store]


@pytest.fixture
def opened(tmp_path: Path, request: pytest.FixtureRequest) -> Opened:
    """Opens the store of another home, by name."""

    def open_it(name: str) -> Store:
        home = Home.at(tmp_path / name)
        home.create()
        store = open_store(home, IN_THE_HOME)
        request.addfinalizer(store.close)
        return store

    return open_it


@pytest.fixture
def exported(opened: Opened, tmp_path: Path) -> Callable[[Form], Path]:
    """Writes the export of a home where four decisions were made."""

    def write(form: Form) -> Path:
        store = opened("first")
        if not store.newest():
            store.append_all(SAID[:3])
            store.append(SAID[3], expected=None)
        path = tmp_path / f"decisions.{form}"
        assert export_file(store, path, form) == len(SAID)
        return path

    return write


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_was_exported_is_imported_as_it_was_decided_and_once(
    store: Store, opened: Opened, exported: Callable[[Form], Path], form: Form
) -> None:
    path = exported(form)
    assert import_file(store, path) == Adopted(added=4, already=0)
    assert store.decisions() == opened("first").decisions()
    assert store.verify() == Verified(4, opened("first").head())
    assert import_file(store, path) == Adopted(added=0, already=4)
    assert store.newest() == 4


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
            st.text(alphabet="=+-@\t\r\n;,|\"' ax", max_size=12),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["csv", "json"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_the_way(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]], form: Form
) -> None:
    folder = tmp_path_factory.mktemp("way")
    homes = [Home.at(folder / name) for name in ("here", "there")]
    for home in homes:
        home.create()
    path = folder / "decisions"
    with open_store(homes[0], IN_THE_HOME) as here, open_store(homes[1], IN_THE_HOME) as there:
        here.append_all(
            [accept(f"E{reason}", reviewer=f"anne {reviewer}", reason=reason) for reviewer, reason in texts]
        )
        export_file(here, path, form)
        import_file(there, path)
        assert there.decisions() == here.decisions()


def test_a_spreadsheet_computes_nothing_of_an_export(exported: Callable[[Form], Path]) -> None:
    with exported("csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'+33 6 @anne" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_an_import_leaves_other_readers_their_largest_cell(
    opened: Opened, exported: Callable[[Form], Path]
) -> None:
    # Set, not read: were it an import that had left it so, before and after would agree.
    csv.field_size_limit(PYTHONS_OWN_LARGEST_CELL)
    path = exported("csv")
    import_file(opened("there"), path)
    assert csv.field_size_limit() == PYTHONS_OWN_LARGEST_CELL
    path.write_text(path.read_text(encoding="utf-8") + "torn\n", encoding="utf-8")
    with pytest.raises(NotAdoptedError):
        import_file(opened("there"), path)
    assert csv.field_size_limit() == PYTHONS_OWN_LARGEST_CELL


def test_a_later_export_adds_what_came_since(opened: Opened, exported: Callable[[Form], Path]) -> None:
    there = opened("there")
    path = exported("json")
    import_file(there, path)
    opened("first").append(accept("E9"), expected=0)
    export_file(opened("first"), path, "json")
    assert import_file(there, path) == Adopted(added=1, already=4)
    assert there.head() == opened("first").head()


def edited_csv(path: Path, edit: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> Path:
    with path.open(encoding="utf-8", newline="") as file:
        rows = edit(list(csv.DictReader(file)))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (
            lambda rows: [rows[0] | {"reason": "Never said"}, *rows[1:]],
            "line 2: it is no decision (its content does not give its hash)",
        ),
        (
            lambda rows: [*rows[:1], rows[1] | {"pairs": "[["}, *rows[2:]],
            "line 4: it is no decision (Expecting value",
        ),
        (
            lambda rows: [rows[0] | {"payload": '{"sequence":1.5}', "kind": "undo"}],
            "line 2: it is no decision",
        ),
        (lambda rows: [rows[0] | {"sequence": "first"}], "line 2: it is no decision"),
        (
            lambda rows: [rows[0], *rows[2:]],
            "decision 2 is missing: 3 stands in its place; import an export of the whole",
        ),
        (lambda rows: [rows[1], rows[0], *rows[2:]], "decision 1 is missing: 2 stands in its place"),
        (lambda rows: [*rows, rows[0]], "decision 5 is missing: 1 stands in its place"),
        (lambda rows: rows[2:], "decision 1 is missing: 3 stands in its place"),
    ],
)
def test_an_export_that_was_changed_is_refused_whole(
    opened: Opened,
    exported: Callable[[Form], Path],
    edit: Callable[[list[dict[str, str]]], list[dict[str, str]]],
    sentence: str,
) -> None:
    path = edited_csv(exported("csv"), edit)
    there = opened("there")
    with pytest.raises(NotAdoptedError) as told:
        import_file(there, path)
    assert str(told.value).startswith(f"{path}")
    assert sentence in str(told.value)
    assert there.newest() == 0


def test_decisions_made_apart_do_not_become_one_chain(
    opened: Opened, exported: Callable[[Form], Path]
) -> None:
    there = opened("there")
    there.append(accept("E5"), expected=0)
    with pytest.raises(
        NotAdoptedError, match=r"decision 1 is in .*decisions.db already and says something else"
    ):
        import_file(there, exported("json"))
    assert [one.exception_id for one in there.decisions()] == ["E5"]


def test_a_chain_that_says_what_no_decision_may_is_refused(opened: Opened, tmp_path: Path) -> None:
    """Hashes can be made by anybody: a file may hold what no store would have kept."""
    here = opened("first")
    here.append(accept(), expected=0)
    path = tmp_path / "made up.json"
    export_file(here, path, "json")
    (entry,) = json.loads(path.read_text())
    content = {name: value for name, value in entry.items() if name != "hash"} | {"pairs": []}
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    path.write_text(json.dumps([content | {"hash": hashlib.sha256(canonical.encode()).hexdigest()}]))
    there = opened("there")
    with pytest.raises(
        NotAdoptedError, match=r"made up.json: decision 1 is no decision: accept: it names no pair"
    ):
        import_file(there, path)
    assert there.newest() == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "line 1: the columns are not sequence,decided_at"),
        (b"company_id,decision\nacme,accept\n", "line 1: the columns are not sequence,decided_at"),
        (b"\xff\xfe", "it is not UTF-8"),
        (",".join(COLUMNS).encode() + b"\n1,2\n", "line 2: 2 cells where there must be 11"),
        (",".join(COLUMNS).encode() + b'\n"1\n', "line 2: it is no CSV"),
        (b"[{]", "it is no JSON"),
        (b'[{"sequence": 1}]', "entry 1: it has not the names sequence, decided_at"),
        (b"[3]", "entry 1: it has not the names"),
        (b"[" * 100_000, "it is no JSON"),
    ],
)
def test_what_is_no_export_is_told_with_its_line(
    opened: Opened, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(NotAdoptedError) as told:
        import_file(opened("there"), path)
    assert str(told.value).startswith(f"{path}")
    assert sentence in str(told.value)


def test_an_export_that_cannot_be_written_leaves_the_one_before(
    exported: Callable[[Form], Path], opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exported("csv")
    before = path.read_bytes()

    def full(self: Path, content: bytes) -> Any:
        with self.open("wb") as file:
            file.write(content[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        export_file(opened("first"), path, "csv")
    assert path.read_bytes() == before
    assert list(path.parent.glob(".*")) == []
