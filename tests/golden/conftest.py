"""The homes of the cases. A refresh costs seconds, so that all cases share a few of them, a company each."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from home.layout import Home
from tests.golden.books import Build, Company, build, company, deliver
from tests.golden.ledger import FEC_2025, fec, sale
from tests.made_once import made_once

AS_OF_DATES = ("2025-01-10", "2025-04-01", "2025-05-01", "2025-12-31")
"""The dates that the cases speak of and that no month-end before the last of them answers."""

DELIVERY_DAYS = ("2025-01-31", "2025-03-10", "2025-04-30")
"""The days on which companies deliver new exports; each is refreshed for its own date."""


YEAR_ROUND = company("year-round", {FEC_2025: fec(sale("2025-12-15", "C1", "F1", "12.00"))})
"""Snapshots reach to the last month of the ledger: with this company, of any selection of cases to December 2025."""


def _companies(request: pytest.FixtureRequest) -> list[Company]:
    """Every company that a module of the collected tests has."""
    modules = {item.module for item in request.session.items if isinstance(item, pytest.Function)}
    found = {
        value.company_id: value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Company)
    }
    return [found[company_id] for company_id in sorted(found)]


@pytest.fixture(scope="session")
def as_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Build]:
    """As-of date → the marts of all companies that deliver once."""
    companies = [YEAR_ROUND, *(one for one in _companies(request) if "" in one.deliveries)]

    def builds(home: Home) -> dict[str, Build]:
        deliver(home, companies, "")
        return {
            day: build(home, home.root.parent / day, as_of=day, known_at="2026-01-31") for day in AS_OF_DATES
        }

    return _built_once(tmp_path_factory, "as_of", builds)


@pytest.fixture(scope="session")
def known_at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Build]:
    """Day → the marts of all companies that deliver again and again, as that day's refresh left them."""
    companies = [one for one in _companies(request) if "" not in one.deliveries]

    def builds(home: Home) -> dict[str, Build]:
        found = {}
        for day in DELIVERY_DAYS:
            deliver(home, companies, day)
            found[day] = build(home, home.root.parent / day, as_of=day, known_at=day)
        return found

    return _built_once(tmp_path_factory, "known_at", builds)


def _built_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, builds: Callable[[Home], dict[str, Build]]
) -> dict[str, Build]:
    """What ``builds`` makes of a new home."""

    def make(folder: Path) -> None:
        home = Home.at(folder / "home")
        home.create()
        (folder / "builds.pickle").write_bytes(pickle.dumps(builds(home)))

    folder = made_once(tmp_path_factory, name, make)
    found: dict[str, Build] = pickle.loads((folder / "builds.pickle").read_bytes())
    return found
