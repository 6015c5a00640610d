"""``encours map``: from a file that nobody knows to its rows in the landing, by way of encours.toml."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from home.layout import Home
from home.settings_file import load
from ingestion.intake import take_in
from orchestration.cli import main

SEEN_AT = datetime(2026, 7, 1, tzinfo=UTC)
STATEMENT = "Kiedy;Co;Ile\n02.01.2026;czynsz;-900,00\n13.01.2026;Martin;1840,50\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "home")
    home.create()
    return home


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--home", str(home.root)])


def test_what_it_prints_can_be_appended_to_encours_toml_as_it_is(home: Home, tmp_path: Path) -> None:
    file = home.inbox / "acme" / "PL61" / "styczeń.csv"
    file.parent.mkdir(parents=True)
    file.write_text(STATEMENT, encoding="utf-8")
    refused = take_in(home, load(home), seen_at=SEEN_AT).new_files[0]
    assert refused.remedy is not None
    assert refused.remedy.startswith("Run encours map styczeń.csv")
    result = run(home, "map", str(file))
    assert result.exit_code == 0, result.output
    home.settings_file.write_text(result.stdout, encoding="utf-8")
    (record,) = take_in(home, load(home), seen_at=SEEN_AT).new_files
    assert (record.status, record.rows_landed, record.rows_quarantined) == ("landed", 2, 0)


def test_it_speaks_french(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(STATEMENT, encoding="utf-8")
    result = run(home, "map", str(file), "--lang", "fr")
    assert "# Reconnu à son contenu, non à son nom : à vérifier." in result.output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a;b\nc;d\n", "nothing in it looks like a table with dates and amounts"),
        ("Dear Sir,\nplease pay.\n", "its content is of no kind that Encours knows"),
        ("third_party_code,name\nA,Martin\n", "it is read without a mapping (third_parties)"),
        ("", "the file is empty"),
    ],
)
def test_what_needs_no_mapping_or_can_have_none_is_one_sentence(
    home: Home, tmp_path: Path, content: str, words: str
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(content, encoding="utf-8")
    result = run(home, "map", str(file))
    assert result.exit_code == 1
    assert words in result.output
    assert result.output.count("\n") == 1


def test_a_home_that_is_not_there_is_no_hindrance(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(STATEMENT, encoding="utf-8")
    result = CliRunner().invoke(main, ["map", str(file), "--home", str(tmp_path / "nowhere")])
    assert result.exit_code == 0
    assert result.output.startswith("[[mappings]]")


def test_a_file_of_the_inbox_is_found_by_its_name_as_the_remedy_says_it(home: Home, tmp_path: Path) -> None:
    file = home.inbox / "acme" / "PL61" / "a.csv"
    file.parent.mkdir(parents=True)
    file.write_text(STATEMENT, encoding="utf-8")
    assert run(home, "map", "a.csv").stdout == run(home, "map", str(file)).stdout
    assert run(home, "map", "acme/PL61/a.csv").exit_code == 0
    other = home.inbox / "acme" / "a.csv"
    other.write_text(STATEMENT, encoding="utf-8")
    two = run(home, "map", "a.csv")
    assert (two.exit_code, "holds 2 files called a.csv; name the folder too" in two.output) == (2, True)
    none = run(home, "map", "b.csv")
    assert (none.exit_code, "b.csv does not exist" in none.output) == (2, True)
