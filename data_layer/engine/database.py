"""The process's one DuckDB over a lake: in memory, hardened before anything else runs, a schema for each snapshot.

What costs is shared by snapshots: threads and memory, what DuckDB knows of Parquet files that stay, hot tables that
were built from the same files, and answers that read the same.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from contextlib import suppress
from itertools import count
from pathlib import Path

import duckdb
import pyarrow as pa

from data_layer.engine.limits import EngineLimits
from data_layer.engine.query_log import QueryLog
from data_layer.engine.reads import Reads
from data_layer.errors import QueryError
from data_layer.memo import Memo


class HotTable:
    """A table in memory; dropped when no snapshot holds it any more."""

    def __init__(self, name: str) -> None:
        #: Its name from everywhere, with its schema.
        self.name = name


class Database:
    """One DuckDB, its limits, and what is remembered of its answers. Thread-safe: every query has a cursor of its own
    (one shared connection gave wrong answers).

    Raises QueryError where DuckDB refuses the limits.
    """

    def __init__(self, root: Path, limits: EngineLimits = EngineLimits(), log: QueryLog | None = None) -> None:
        self.limits = limits
        self.log = log or QueryLog(limits.slow_seconds)
        self.places = threading.BoundedSemaphore(limits.concurrent)
        #: Answers, by what they read and the question. Charts are asked of another minute each time, and their files
        #: stay for an hour: a number alone would let them take gigabytes.
        self.remembered: Memo[tuple[Reads, Hashable], pa.Table] = Memo(
            weigh=lambda table: table.nbytes, weight=limits.remembered
        )
        self._questions: set[str] = set()
        self._numbers = count(1)
        self._hot: weakref.WeakValueDictionary[tuple[str, Reads], HotTable] = weakref.WeakValueDictionary()
        try:
            self._connection = duckdb.connect(":memory:")
            self._harden(root)
        except duckdb.Error as error:
            raise QueryError(f"The database could not be opened: {error}") from error

    def _harden(self, root: Path) -> None:
        """Close every door but the lake's folder; the order matters (allowed folders first, the lock last)."""
        for setting in (
            f"SET allowed_directories = [{quoted(str(root.resolve()) + '/')}]",
            "SET enable_external_access = false",
            "SET autoload_known_extensions = false",
            "SET autoinstall_known_extensions = false",
            "SET allow_community_extensions = false",
            f"SET memory_limit = {quoted(self.limits.memory)}",
            f"SET threads = {self.limits.threads}",
            "SET max_temp_directory_size = '0KB'",
            "SET python_enable_replacements = false",
            "SET TimeZone = 'UTC'",
            "SET parquet_metadata_cache = true",
            "CREATE SCHEMA hot",
            "SET lock_configuration = true",
        ):
            self._connection.execute(setting)

    def cursor(self, schema: str) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own in which names without a schema are those of `schema`."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"USE {schema}")
        except BaseException:
            cursor.close()
            raise
        return cursor

    def new_schema(self, holder: object) -> tuple[str, Callable[[], object]]:
        """Make an empty schema that is dropped with its `holder`; return its name, and what drops it before."""
        name = f"snapshot_{next(self._numbers)}"
        with self._connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {name}")
        return name, self._dropped_with(holder, f"SCHEMA {name} CASCADE")

    def hot_table(self, cursor: duckdb.DuckDBPyConnection, name: str, sql: str, reads: Reads) -> HotTable:
        """Return the table of a query's rows: the one that another snapshot has, where that read the same files.

        The query is run by `cursor`, in the schema of its snapshot.
        """
        table = self._hot.get((name, reads))
        if table is None:
            table = HotTable(f"hot.{name}_{next(self._numbers)}")
            cursor.execute(f"CREATE TABLE {table.name} AS {sql}")
            self._dropped_with(table, f"TABLE {table.name}")
            self._hot[name, reads] = table
        return table

    def _dropped_with(self, holder: object, what: str) -> Callable[[], object]:
        connection = self._connection

        def drop() -> None:
            with suppress(duckdb.Error), connection.cursor() as cursor:  # the database may be closed before
                cursor.execute(f"DROP {what}")

        finalizer = weakref.finalize(holder, drop)
        finalizer.atexit = False
        return finalizer

    def is_question(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> bool:
        """Return whether a text is one SELECT: inside the lake's folder DuckDB would let COPY overwrite files."""
        if sql not in self._questions:
            statements = cursor.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                return False
            self._questions.add(sql)
        return True

    def close(self) -> None:
        """Refuse questions from now on, and free the memory with the last one that still runs."""
        with suppress(duckdb.ResourceInUseException):  # closed all the same: it says that a cursor still runs
            self._connection.close()


def quoted(text: str) -> str:
    """Quote a string literal of ours (a file path) for DDL, which cannot be bound."""
    return "'" + text.replace("'", "''") + "'"
