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

    def dispose(self) -> None:
        """Close every file."""
        super().dispose()
        with self._db_lock:
            kept, self._kept = self._kept, {}
        for engine in kept.values():
            engine.dispose()

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
