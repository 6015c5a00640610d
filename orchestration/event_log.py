"""Dagster's event log over kept connections.

Dagster opens, prepares and closes its SQLite file three times for each of some seven hundred events of a refresh, and
compiles each statement anew: a quarter of a small refresh. The files are the same; only how long they stay open is
not, so Dagster's own pages read what this writes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool


class KeptEventLog(SqliteEventLogStorage):
    """Dagster's SQLite event log, with one connection per file until ``dispose``.

    The write-ahead log reaches the file when the connection closes; with ``synchronous=NORMAL`` a power cut may lose
    the last events of a run but never corrupts.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept: dict[str, Engine] = {}
        self._tables: set[str] = set()
        self._columns: set[str] = set()
        self._migrations: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Self:
        """The log that Dagster's configuration describes."""
        return cls(inst_data=inst_data, **config_value)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has the table. Asked before each result of a check is stored; none ever goes."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def has_secondary_index(self, name: str) -> bool:
        """Whether a migration of the index is done. Asked twice for each asset that is looked up; none is undone."""
        if name not in self._migrations and super().has_secondary_index(name):
            self._migrations.add(name)
        return name in self._migrations

    def dispose(self) -> None:
        """Close every file."""
        super().dispose()
        with self._db_lock:
            kept, self._kept = self._kept, {}
        for engine in kept.values():
            engine.dispose()

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        """Whether the index's table of assets has the column. Asked, by reflection, for each asset's event."""
        if column_name not in self._columns and super()._has_asset_key_col_on_connection(conn, column_name):
            self._columns.add(column_name)
        return column_name in self._columns

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._kept:
                self._kept[shard] = self._open(shard)
            with self._kept[shard].begin() as connection:
                yield connection

    def _open(self, shard: str) -> Engine:
        engine = create_engine(
            self.conn_string_for_shard(shard),
            poolclass=StaticPool,
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )

        def relax(connection: Any, _: object) -> None:
            connection.execute("PRAGMA synchronous=NORMAL")

        event.listen(engine, "connect", relax)
        self._initdb(engine)
        self._initialized_dbs.add(shard)
        return engine
