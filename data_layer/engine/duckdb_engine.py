"""DuckDB over the files of one snapshot: views for the large tables, memory for the small hot ones.

One engine per snapshot: a reader that holds it never sees another refresh. It is in-process and in memory, hardened
before anything else runs, and every query gets a cursor of its own (one shared connection gave wrong answers).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from data_layer.engine.limits import EngineLimits
from data_layer.engine.named_sql import sql_text
from data_layer.engine.query_log import QueryLog, QueryRecord
from data_layer.errors import QueryError, QueryTimeoutError
from data_layer.memo import Memo
from data_layer.schemas import TABLES, TIME, Table

#: Built in memory from the snapshot, in this order: the screener scans them many times a minute.
HOT_TABLES = ("market_list",)
#: Tables of a row per market that are kept for other queries: tens of megabytes each with 150,000 markets.
_COMPUTED_TABLES = 4
_STREAMED_ROWS = 122_880


class SnapshotFiles(Protocol):
    """What the engine needs of a snapshot."""

    @property
    def snapshot_id(self) -> int:
        """The number of the snapshot; 0 when nothing is stored."""

    def files(self, table: str) -> list[str]:
        """Absolute paths of the table's verified files."""

    def hive_types(self, table: str) -> dict[str, str]:
        """SQL types of the columns that stand in the path."""


def _quoted(text: str) -> str:
    """Quote a string literal of ours (a file path) for DDL, which cannot be bound."""
    return "'" + text.replace("'", "''") + "'"


class DuckDBEngine:
    """Answer named queries over one snapshot. Thread-safe; `close` frees it when the last reader is done."""

    def __init__(
        self,
        snapshot: SnapshotFiles,
        root: Path,
        limits: EngineLimits = EngineLimits(),
        log: QueryLog | None = None,
    ) -> None:
        self.snapshot_id = snapshot.snapshot_id
        self.limits = limits
        self.log = log or QueryLog(limits.slow_seconds)
        self._places = threading.BoundedSemaphore(limits.concurrent)
        #: Answers of this snapshot; gone with it.
        self.remembered: Memo[pa.Table] = Memo()
        #: What queries of this snapshot read beside its tables, computed at the first one; gone with it too.
        self.computed: Memo[pa.Table] = Memo(_COMPUTED_TABLES)
        #: Files of each table, by its name: what an answer from that table alone depends on.
        self.files: dict[str, tuple[str, ...]] = {}
        self._questions: set[str] = set()
        self._connection = duckdb.connect(":memory:")
        try:
            self._harden(root)
            for table in TABLES.values():
                files = snapshot.files(table.name)
                self.files[table.name] = tuple(files)
                self._attach(table, files, snapshot.hive_types(table.name))
            for name in HOT_TABLES:
                self._connection.execute(f"CREATE TABLE {name} AS {sql_text(f'hot/{name}')}")
            self._connection.execute("SET lock_configuration = true")
        except duckdb.Error as error:
            self._connection.close()
            raise QueryError(f"Snapshot {self.snapshot_id} could not be opened: {error}") from error
        except BaseException:
            self._connection.close()
            raise

    def _harden(self, root: Path) -> None:
        """Close every door but the lake's folder; the order matters (allowed folders first, the lock last)."""
        for setting in (
            f"SET allowed_directories = [{_quoted(str(root.resolve()) + '/')}]",
            "SET enable_external_access = false",
            "SET autoload_known_extensions = false",
            "SET autoinstall_known_extensions = false",
            "SET allow_community_extensions = false",
            f"SET memory_limit = {_quoted(self.limits.memory)}",
            f"SET threads = {self.limits.threads}",
            "SET max_temp_directory_size = '0KB'",
            "SET python_enable_replacements = false",
            "SET TimeZone = 'UTC'",
            "SET parquet_metadata_cache = true",
        ):
            self._connection.execute(setting)

    def _attach(self, table: Table, files: list[str], types: Mapping[str, str]) -> None:
        if not files:
            self._connection.register("typed_nothing", table.empty())
            self._connection.execute(f"CREATE TABLE {table.name} AS SELECT * FROM typed_nothing")  # noqa: S608 - our names
            self._connection.unregister("typed_nothing")
            return
        hive = "hive_partitioning = false"
        if types:
            declared = ", ".join(f"{_quoted(name)}: {kind}" for name, kind in types.items())
            hive = f"hive_partitioning = true, hive_types = {{{declared}}}"
        paths = ", ".join(_quoted(path) for path in files)
        columns = ", ".join(table.names)
        self._connection.execute(
            f"CREATE VIEW {table.name} AS SELECT {columns} FROM read_parquet([{paths}], {hive})"  # noqa: S608 - our names
        )

    def query(
        self,
        name: str,
        sql: str,
        values: Mapping[str, Any] | None = None,
        tables: Mapping[str, pa.Table] | None = None,
        *,
        unbounded: bool = False,
    ) -> pa.Table:
        """Run one query and return its rows, at most `limits.rows` of them.

        `tables` are rows of earlier answers, which the query reads by name. `unbounded` lifts the limits of rows and
        time, for background work of our own. Raises QueryTimeoutError after `limits.seconds`, QueryError for anything
        else that DuckDB says.
        """
        started, tick = self.log.clock(), time.perf_counter()
        rows, error = 0, ""
        try:
            with self._places:
                table = self._run(sql, values or {}, tables or {}, unbounded)
            rows = table.num_rows
        except QueryError as problem:
            error = str(problem)
            raise
        finally:
            spent = (time.perf_counter() - tick) * 1000
            self.log.add(QueryRecord(name, started, spent, rows, self.snapshot_id, error))
        return table

    def stream(self, sql: str, values: Mapping[str, Any] | None = None) -> pa.RecordBatchReader:
        """Return the rows of a query one batch after another, for exports; no limit of rows or time."""
        try:
            cursor = self._connection.cursor()
            self._require_question(cursor, sql)
            relation = cursor.sql(sql, params=dict(values)) if values else cursor.sql(sql)
            reader = relation.to_arrow_reader(_STREAMED_ROWS)
        except duckdb.Error as error:
            raise QueryError(f"The stored data could not be queried: {error}") from error
        schema = _utc(reader.schema)

        def batches() -> Iterator[pa.RecordBatch]:
            try:
                for batch in reader:
                    yield batch.cast(schema)
            finally:
                cursor.close()

        return pa.RecordBatchReader.from_batches(schema, batches())

    def _run(self, sql: str, values: Mapping[str, Any], tables: Mapping[str, pa.Table], unbounded: bool) -> pa.Table:
        stopped = threading.Event()
        try:
            cursor = self._connection.cursor()
        except duckdb.Error as error:
            raise QueryError(f"The stored data could not be queried: {error}") from error
        timer = threading.Timer(self.limits.seconds, _interrupt(cursor, stopped))
        timer.daemon = True
        if not unbounded:
            timer.start()
        try:
            self._require_question(cursor, sql)
            for name, table in tables.items():
                cursor.register(name, table)
            relation = cursor.sql(sql, params=dict(values)) if values else cursor.sql(sql)
            return _bounded(relation.to_arrow_reader(10_000), None if unbounded else self.limits.rows)
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if stopped.is_set():
                raise QueryTimeoutError(
                    f"The question took longer than {self.limits.seconds:g} s and was stopped; narrow it."
                ) from error
            raise QueryError(f"The stored data could not be queried: {error}") from error
        finally:
            timer.cancel()
            cursor.close()

    def _require_question(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
        """Refuse everything but one SELECT: inside the lake's folder DuckDB itself would let COPY overwrite files."""
        if sql in self._questions:
            return
        statements = cursor.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryError("Only one question at a time can be asked, and nothing can be changed by it.")
        self._questions.add(sql)

    def close(self) -> None:
        """Free the engine's memory. Queries that still run end with an error."""
        self._connection.close()


def _interrupt(cursor: duckdb.DuckDBPyConnection, stopped: threading.Event) -> Callable[[], None]:
    def interrupt() -> None:
        stopped.set()
        with suppress(duckdb.ConnectionException):  # the query ended at this very moment
            cursor.interrupt()

    return interrupt


def _bounded(reader: pa.RecordBatchReader, limit: int | None) -> pa.Table:
    batches, rows = [], 0
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        if limit is not None and rows > limit:
            raise QueryError(f"The answer has more than {limit:,} rows; narrow the question.")
    return _in_utc(pa.Table.from_batches(batches, reader.schema))


def _in_utc(table: pa.Table) -> pa.Table:
    return table.cast(_utc(table.schema))


def _utc(schema: pa.Schema) -> pa.Schema:
    """Spell the time zone as the schemas do: DuckDB answers with "Etc/UTC" where it was told "UTC"."""
    return pa.schema([pa.field(f.name, TIME) if pa.types.is_timestamp(f.type) and f.type.tz else f for f in schema])
