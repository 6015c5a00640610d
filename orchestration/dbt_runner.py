"""dbt, in this process: a child process would outlive a killed refresh and hold the working database.

Target folder and logs are in the home: the checkout is never written to, and each home keeps its own parse state.
Import this module late: dbt takes a second and a half.
"""

import os
import shutil
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from home.layout import Home
from orchestration.errors import DbtError
from orchestration.warehouse import database

SOURCES: Final = Path(__file__).resolve().parent.parent
PROJECT: Final = SOURCES / "dbt_project"
PROFILES: Final = SOURCES / "dbt_profiles"
PARSED: Final = "partial_parse.msgpack"
"""dbt's name for what it keeps of a parse; it sees by itself which files have changed since."""

PREPARED: Final = Path(sysconfig.get_path("data")) / "share" / "encours" / PARSED
"""The parse that ``prepare`` made, in the environment that Encours is installed in."""

LOG_FILE: Final = "dbt.log"

SMALL_BYTES: Final = 4 << 20
"""Landed Parquet, at most, of which no query is worth a second thread: some 150,000 ledger lines."""

NodeStarted = Callable[[str], None]
"""Called with the name of each model or test that starts."""


@dataclass(frozen=True)
class NodeResult:
    """What became of a model or test. ``status`` is dbt's: success, pass, warn, fail, error, skipped."""

    unique_id: str
    schema: str
    name: str
    status: str
    seconds: float
    message: str
    failures: int
    tested_model: str | None
    """Unique id of the model that a test is attached to; None for models and for tests of several models."""
    claim: str = ""
    """What a test claims, in words; empty for models."""

    @property
    def is_failed(self) -> bool:
        """Whether it failed with the severity error."""
        return self.status in ("fail", "error", "runtime error")

    @property
    def complaint(self) -> str:
        """What is wrong when a test has failed, as a sentence without its full stop."""
        if self.status == "fail":
            return f"The models break a rule ({self.failures:,} rows): {self.claim}"
        return f"A rule of the models could not be checked ({_first_line(self.message)}): {self.claim}"


class Dbt:
    """The dbt project, parsed once and run on one home's working database."""

    def __init__(self, home: Home, *, from_nothing: bool = False) -> None:
        """Parse the project, beginning with the home's last parse or the one made ahead, if not ``from_nothing``."""
        self._home = home
        self._folder = home.warehouse / "dbt"
        self._manifest: Any = None
        if not (from_nothing or self.parsed.exists()):
            self.parsed.parent.mkdir(parents=True, exist_ok=True)
            # A short cut, no more: where it is missing or may not be read, dbt parses.
            with suppress(OSError):
                shutil.copyfile(PREPARED, self.parsed)
        self._manifest = self._invoke("parse", [], self._folder).result

    @property
    def parsed(self) -> Path:
        """What dbt keeps of the home's last parse."""
        return self._folder / "target" / PARSED

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The parsed project as in dbt's ``manifest.json``."""
        content: dict[str, Any] = self._manifest.writable_manifest().to_dict(omit_none=False)
        return content

    def run_models(self, log_folder: Path, on_start: NodeStarted | None = None) -> list[NodeResult]:
        """Build every seed and model, without any test. Raises DbtError when one fails."""
        results = self._results("build", ["--resource-types", "model", "seed"], log_folder, on_start)
        for result in results:
            if result.is_failed:
                raise DbtError(
                    f"model {result.name} failed: {_first_line(result.message)}; see {log_folder / LOG_FILE}."
                )
        return results

    def run_tests(self, log_folder: Path, on_start: NodeStarted | None = None) -> list[NodeResult]:
        """Run every data test on the models as they stand. Unit tests are a matter of development."""
        return self._results("test", ["--exclude-resource-types", "unit_test"], log_folder, on_start)

    def _results(
        self, command: str, arguments: list[str], log_folder: Path, on_start: NodeStarted | None
    ) -> list[NodeResult]:
        outcome = self._invoke(command, arguments, log_folder, on_start)
        return [_node_result(result) for result in outcome.result.results]

    def _invoke(
        self, command: str, arguments: list[str], log_folder: Path, on_start: NodeStarted | None = None
    ) -> Any:
        path = database(self._home)
        log_folder.mkdir(parents=True, exist_ok=True)
        variables = {"ENCOURS_WAREHOUSE": str(path), "ENCOURS_QUERY_THREADS": str(query_threads(self._home))}
        if command == "parse":
            # It opens no database and needs its name alone: one that knew more would serve no other home.
            variables = {"ENCOURS_WAREHOUSE": path.name}
        with (log_folder / LOG_FILE).open("a", encoding="utf-8") as log, _environment(variables):

            def listen(event: Any) -> None:
                if on_start is not None and event.info.name in ("LogStartLine", "LogModelStart", "NodeStart"):
                    on_start(event.data.node_info.node_name)
                if event.info.level != "debug":
                    log.write(_log_line(event.info))

            runner = dbtRunner(manifest=self._manifest, callbacks=[listen])
            try:
                outcome = runner.invoke([command, *self._common_arguments(log_folder), *arguments])
            finally:
                # Without this the process keeps the database open, and nobody can read it.
                DuckDBConnectionManager.close_all_connections()
        if outcome.exception is not None:
            raise DbtError(
                f"dbt {command} failed: {_first_line(str(outcome.exception))}; see {log_folder / LOG_FILE}."
            ) from outcome.exception
        return outcome

    def _common_arguments(self, log_folder: Path) -> list[str]:
        return [
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROFILES),
            "--target-path",
            str(self._folder / "target"),
            "--log-path",
            str(log_folder),
            # The log is written as events are told: dbt's own makes a line of each debug event too, to drop it.
            "--log-level",
            "none",
            "--log-level-file",
            "none",
            "--no-send-anonymous-usage-stats",
            "--no-version-check",
            "--partial-parse",
            "--static-parser",
            # Nobody reads the manifest.json and run_results.json of each command: a third of a second a refresh.
            "--no-write-json",
            "--no-use-colors",
        ]


def query_threads(home: Home) -> int:
    """How many threads a query has. To wake a second one for milliseconds took a fifth of a small build."""
    landed = sum(file.stat().st_size for file in home.landing.glob("*/*.parquet"))
    return 1 if landed <= SMALL_BYTES else os.cpu_count() or 1


def prepare() -> Path:
    """Parse the project where no home is, for every new home's first refresh to begin with. Returns the file made."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Dbt(Home.at(folder), from_nothing=True).parsed
        PREPARED.parent.mkdir(parents=True, exist_ok=True)
        aside = PREPARED.with_suffix(f".{os.getpid()}.new")
        shutil.copyfile(fresh, aside)
        aside.replace(PREPARED)
    return PREPARED


def _node_result(result: Any) -> NodeResult:
    node = result.node
    return NodeResult(
        unique_id=node.unique_id,
        schema=node.schema,
        name=node.name,
        status=str(result.status),
        seconds=result.execution_time,
        message=result.message or "",
        failures=result.failures or 0,
        tested_model=getattr(node, "attached_node", None),
        claim=_claim(node) if node.resource_type == "test" else "",
    )


CLAIMS: Final = {
    "unique": "no two rows of {model} have the same {column_name}",
    "unique_together": "no two rows of {model} have the same {columns}",
    "primary_key": "every row of {model} has a {columns} of its own",
    "not_null": "every row of {model} has its {column_name}",
    "accepted_values": "every {column_name} of {model} is one of {values}",
    "relationships": "every {column_name} of {model} exists in {to}",
}
"""Generic dbt test → what it claims."""


def _claim(node: Any) -> str:
    """A test's description; without one, what it claims by its kind or, for a test of its own, by its name."""
    if node.description:
        return " ".join(node.description.split()).rstrip(".")
    metadata = getattr(node, "test_metadata", None)
    if metadata is None or metadata.name not in CLAIMS:
        return str(node.name).removeprefix("assert_").replace("_", " ")
    arguments = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else value
        for name, value in metadata.kwargs.items()
    }
    arguments["model"] = str(node.attached_node).rpartition(".")[2]
    return CLAIMS[metadata.name].format(**arguments)


def _log_line(info: Any) -> str:
    """A line of the log, as dbt writes it."""
    return f"{info.ts.ToDatetime():%H:%M:%S.%f} [{info.level:<5}] [{info.thread}]: {info.msg}\n"


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return " ".join(lines[:2])


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
