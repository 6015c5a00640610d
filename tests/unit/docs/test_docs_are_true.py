"""What the documentation says exists, resolves and runs."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import duckdb
import pytest
import yaml
from lxml import etree

from home.settings import Settings
from home.settings_file import parse, template
from home.tables import ageing_buckets
from ingestion import detection
from ingestion.formats import readers
from ingestion.formats.fec import FIELDS
from ingestion.formats.own_csv import OwnCsv
from orchestration import automation, cli

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def code_lines(page: Path) -> Iterator[str]:
    """Lines of indented and of fenced shell blocks."""
    is_fenced = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            is_fenced = not is_fenced
        elif line.startswith("    ") and not is_fenced:
            yield line.strip()


def fenced(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text(page), re.DOTALL | re.MULTILINE)


# --- links ---


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_resolve(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


# --- commands ---


def spoken_commands() -> list[tuple[str, str]]:
    """Each `encours …` line in a block, and each `encours word` in running text: (page, command)."""
    found = []
    for page in PAGES:
        for line in code_lines(page):
            if match := re.match(r"(?:[\w./]*/)?encours (?!-)(.*)", line):
                found.append((name(page), re.split(r"\s{2,}| #| [>|] ", match[1])[0]))
        for command in re.findall(r"`encours ([^`]+)`", page.read_text(encoding="utf-8")):
            found.append((name(page), command))
    return found


@pytest.mark.parametrize(("page", "command"), spoken_commands())
def test_commands_exist_with_their_options(page: str, command: str) -> None:
    word, *rest = shlex.split(command)
    assert word in cli.main.commands, f"{page}: encours {command}"
    asked = cli.main.commands[word]
    if isinstance(asked, click.Group) and rest:
        word, *rest = rest
        assert word in asked.commands, f"{page}: encours {command}"
        asked = asked.commands[word]
    options = {option for param in asked.params if isinstance(param, click.Option) for option in param.opts}
    assert {part for part in rest if part.startswith("--")} <= options, f"{page}: encours {command}"


def test_every_command_is_documented() -> None:
    documented = {command.split()[0] for _, command in spoken_commands()}
    assert set(cli.main.commands) <= documented


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    spoken = {
        match[1] for page in PAGES for line in code_lines(page) if (match := re.match(r"make ([a-z]+)", line))
    }
    assert spoken <= targets
    assert {"demo", "test"} <= spoken


def test_exit_codes_are_those_of_the_command_line() -> None:
    rows = re.findall(r"^\| (\d) \| (\w+)", text("docs/operations.md"), re.MULTILINE)
    assert {int(code) for code, _ in rows} == {cli.DONE, cli.FAILED, cli.MISUSED, cli.BLOCKED}


def test_schedule_and_sensor_are_told_as_they_are() -> None:
    page = text("docs/operations.md")
    assert f"`{automation.DAILY}`" in page
    assert f"still for {automation.STILL_SECONDS} seconds" in page


# --- folders ---


def test_layout_of_the_readme_names_folders_that_exist() -> None:
    folders = re.findall(r"^\| (`[\w/`, ]+/`) \|", text("README.md"), re.MULTILINE)
    spoken = {folder for cell in folders for folder in re.findall(r"`(\w+)/`", cell)}
    assert {"ingestion", "dbt_project", "orchestration"} <= spoken
    assert all((ROOT / folder).is_dir() for folder in spoken)


def test_paths_in_the_architecture_exist() -> None:
    spoken = re.findall(
        r"`((?:home|ingestion|quality|reconciliation)/[\w./]+\.(?:py|sql))`", text("ARCHITECTURE.md")
    )
    spoken += [
        f"dbt_project/models/{path}" for path in re.findall(r"`(intermediate/\w+)`", text("ARCHITECTURE.md"))
    ]
    assert spoken
    assert [path for path in spoken if not (ROOT / path).exists()] == []


# --- settings ---


def test_settings_page_is_current() -> None:
    assert template().rstrip() in text("docs/settings.md"), "run: python docs/generate_settings.py"


def test_every_key_has_its_line_in_the_settings_page() -> None:
    page = text("docs/settings.md")
    for key in Settings.model_fields:
        assert re.search(rf"^#(\[+{key}[\].]|{key} = )", page, re.MULTILINE), key


def test_settings_shown_as_examples_are_valid() -> None:
    for page, first in (
        ("docs/settings.md", "[[companies]]"),
        ("docs/inputs.md", "[[partial_exports]]"),
        ("docs/reviewing.md", "[[reconciliation_thresholds]]"),
    ):
        lines = list(code_lines(ROOT / page))
        start = lines.index(first)
        example = [line for line in lines[start:] if re.match(r"\[\[|\w+ = ", line)]
        settings = parse("\n".join(example), ROOT / page)
        assert settings != Settings()


# --- inputs ---


OWN_CSV_FILES = [reader for reader in readers() if isinstance(reader, OwnCsv)]


@pytest.mark.parametrize("reader", OWN_CSV_FILES, ids=[reader.kind for reader in OWN_CSV_FILES])
def test_every_column_of_our_csv_files_is_documented(reader: OwnCsv) -> None:
    _, _, after = text("docs/inputs.md").partition(f"\n### {reader.kind}.csv\n")
    section = re.split(r"^##", after, maxsplit=1, flags=re.MULTILINE)[0]
    assert [column for column in reader.columns if f"`{column}`" not in section] == []


def test_every_fec_field_is_documented() -> None:
    spoken = {word.lower() for word in re.findall(r"`(\w+)`", text("docs/inputs.md"))}
    assert set(FIELDS) - spoken == set()


def refusals() -> list[str]:
    return [
        *(kind for _, kind, _ in detection.BINARY_KINDS),
        *(kind for _, kind, _ in detection.TEXT_KINDS),
        *(kind for _, kind, _ in detection.XML_KINDS),
    ]


@pytest.mark.parametrize("kind", refusals())
def test_every_kind_that_is_refused_is_documented(kind: str) -> None:
    assert kind in text("docs/inputs.md")


def test_every_reason_of_an_exception_is_documented_with_its_severity() -> None:
    seed = [line.split(",")[:4] for line in text("dbt_project/seeds/exception_reasons.csv").splitlines()[1:]]
    rows = re.findall(
        r"^\| `(\w+)` \| (\w+) \| (\d*) ?\| ([\d,]*) ?\|", text("docs/exceptions.md"), re.MULTILINE
    )
    documented = [
        [reason, severity, days, amount.replace(",", "")] for reason, severity, days, amount in rows
    ]
    assert sorted(documented) == sorted(seed)


def test_terms_fall_due_as_worked_by_hand() -> None:
    rows = re.findall(r"^\| (`.+?) \| (\d{4}-\d\d-\d\d) \|$", text("docs/inputs.md"), re.MULTILINE)
    told = {terms: day for cell, day in rows for terms in re.findall(r"`(.+?)`", cell)}
    # A document of 2025-01-15: 30 days; 60 days; + 45 = 1 March, then its month's end; 31 January + 45; 14 February,
    # its month's end, + 10.
    worked = {
        "30": "2025-02-14",
        "60": "2025-03-16",
        "45 EOM": "2025-03-31",
        "EOM 45": "2025-03-17",
        "30 EOM 10": "2025-03-10",
    }
    assert worked.items() <= told.items()


# --- BI ---


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``encours-home/marts`` has every mart as its contract says, without rows."""
    folder = tmp_path_factory.mktemp("bi")
    published = folder / "encours-home" / "marts"
    (published / "parquet").mkdir(parents=True)
    models = [
        model
        for file in (ROOT / "dbt_project/models/marts").rglob("_*__models.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    ]
    with duckdb.connect(published / "encours_marts.duckdb") as connection:
        connection.execute("CREATE SCHEMA marts")
        for model in models:
            columns = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in model["columns"])
            connection.execute(f"CREATE TABLE marts.{model['name']} ({columns})")
            file = published / "parquet" / model["name"] / f"{model['name']}.parquet"
            file.parent.mkdir()
            connection.execute(f"COPY marts.{model['name']} TO '{file}' (FORMAT parquet)")
    return folder


@pytest.mark.parametrize("query", fenced("docs/bi.md", "sql"))
def test_queries_run_on_the_published_contract(marts: Path, query: str) -> None:
    database = marts / "encours-home" / "marts" / "encours_marts.duckdb"
    with duckdb.connect(database, read_only=True) as connection:
        connection.execute(query)


@pytest.mark.parametrize("snippet", fenced("docs/bi.md", "python"))
def test_python_lines_run(marts: Path, snippet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(marts)
    exec(compile(snippet, "docs/bi.md", "exec"), {})


# --- picture ---


def test_picture_is_plain_and_shows_every_band() -> None:
    picture = text("docs/images/refresh.svg")
    tree = etree.fromstring(picture.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    assert {etree.QName(element).localname for element in tree.iter(etree.Element)}.isdisjoint(
        {"script", "foreignObject", "image"}
    )
    assert "url(http" not in picture.replace('"', "")
    shown = "".join(tree.itertext()).replace("\xa0", " ")
    for bucket in ageing_buckets(Settings.model_validate({})):
        assert str(bucket["label_en"]) in shown
    assert "encours refresh" in shown


def test_picture_in_the_readme_is_one_that_the_script_draws() -> None:
    images = re.findall(r"!\[.*?\]\(docs/images/([\w-]+)\.svg\)", text("README.md"))
    drawn = re.findall(r'draw\("([\w-]+)"', text("docs/generate_pictures.py"))
    assert images
    assert set(images) <= set(drawn)
