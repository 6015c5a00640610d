"""``docs/conformance.md`` says what becomes of every export of the corpora today, and every refusal is meant."""

import fnmatch
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
COMMITTED = (DOCS / "conformance.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_conformance", DOCS / "generate_conformance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def files_of(section: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


@pytest.fixture(scope="module")
def page(generator: ModuleType, corpora: Path) -> str:
    """The page as it would be written now; skipped for other exports than the committed page speaks of."""
    listed = {path.split("/", 1)[1] for path in generator.exports(corpora)}
    if listed != files_of(COMMITTED):
        pytest.skip(
            f"{corpora} holds other exports than docs/conformance.md: name in ENCOURS_CORPORA those of the page"
        )
    return str(generator.page(corpora))


def test_the_page_is_current(page: str) -> None:
    assert page == COMMITTED, "run: python docs/generate_conformance.py"


def test_every_refusal_is_meant_and_none_is_meant_that_is_not_there(generator: ModuleType, page: str) -> None:
    by_folder = dict(zip(generator.GROUPS, re.split(r"^## ", page, flags=re.MULTILINE)[1:], strict=True))
    landed, refused = set(), set()
    for folder, section in by_folder.items():
        first, _, second = section.partition("not landed, because")
        has_landed = "| read as |" in first
        landed |= {f"{folder}/{file}" for file in files_of(first)} if has_landed else set()
        refused |= {f"{folder}/{file}" for file in files_of(second)}
    for pattern in generator.RIGHTLY_REFUSED:
        assert fnmatch.filter(refused, pattern), f"{pattern} is refused no more"
        assert not fnmatch.filter(landed, pattern), pattern
    assert landed.isdisjoint(refused)
    assert len(landed) > len(refused)


def test_the_page_names_no_place_of_the_machine_that_wrote_it(corpora: Path) -> None:
    assert not re.search(r"(?<![\w.])/(?:home|tmp|work|root|Users|var)/", COMMITTED)
    assert str(corpora) not in COMMITTED
