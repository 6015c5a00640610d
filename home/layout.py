"""Where things lie in a home.

Every path is absolute: DuckDB and dbt resolve relative ones from the working directory.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """A deployment's folder. Made from any path; ``root`` is absolute."""

    root: Path

    @classmethod
    def at(cls, path: str | Path) -> "Home":
        """The home at ``path``, which need not exist yet."""
        return cls(Path(path).expanduser().resolve())

    @property
    def settings_file(self) -> Path:
        """``encours.toml``; may be absent, then the defaults hold."""
        return self.root / "encours.toml"

    @property
    def inbox(self) -> Path:
        """Where users drop files; never written by Encours."""
        return self.root / "inbox"

    @property
    def landing(self) -> Path:
        """Append-only typed Parquet, ``<table>/<sha256>.parquet``, and the manifest."""
        return self.root / "landing"

    @property
    def quarantine(self) -> Path:
        """What could not be read, with the reasons, for people."""
        return self.root / "quarantine"

    @property
    def history(self) -> Path:
        """``<mart>/<run_id>.parquet``: what must outlive a run."""
        return self.root / "history"

    @property
    def warehouse(self) -> Path:
        """The working database and dbt's own files; rebuilt by each run, never given to a BI tool."""
        return self.root / "warehouse"

    @property
    def marts(self) -> Path:
        """What BI tools read."""
        return self.root / "marts"

    @property
    def published_database(self) -> Path:
        """The DuckDB snapshot of the current run."""
        return self.marts / "encours_marts.duckdb"

    @property
    def published_parquet(self) -> Path:
        """``<mart>/`` folders of the current run."""
        return self.marts / "parquet"

    @property
    def reports(self) -> Path:
        """``<run_id>/``: what each run found, for people."""
        return self.root / "reports"

    @property
    def decisions(self) -> Path:
        """What reviewers decided; a file beside it holds what was just written, and is a part of it."""
        return self.root / "decisions.db"

    @property
    def dunning_log(self) -> Path:
        """What was sent to customers, and what became of it; append-only."""
        return self.root / "dunning.db"

    @property
    def dunning_templates(self) -> Path:
        """``<language>/<tone>.txt``: reminders in the home's own words, where it has any."""
        return self.root / "dunning" / "templates"

    @property
    def dagster(self) -> Path:
        """Dagster's own storage."""
        return self.root / "dagster"

    @property
    def lock_file(self) -> Path:
        """Held by the one refresh that may run at a time."""
        return self.root / ".refresh.lock"

    @property
    def sending_lock(self) -> Path:
        """Held by the one process that may send messages at a time."""
        return self.root / ".sending.lock"

    def create(self) -> None:
        """Make the folders that users and runs expect. Safe to repeat."""
        for folder in (self.inbox, self.landing, self.quarantine, self.history, self.warehouse, self.marts):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.reports, self.dagster):
            folder.mkdir(parents=True, exist_ok=True)
