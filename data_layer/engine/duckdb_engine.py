"""One snapshot of the lake in the process's DuckDB: views for the large tables, memory for the small hot ones.

A reader that holds an engine never sees another refresh.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from data_layer.engine.database import Database, HotTable, quoted
from data_layer.engine.named_sql import sql_text
from data_layer.engine.query_log import QueryRecord
from data_layer.engine.reads import Reads, files_of, read_by
from data_layer.errors import QueryError, QueryTimeoutError
from data_layer.schemas import TABLES, TIME, Table

#: Built in memory from the snapshot, in this order: the screener scans them many times a minute.
HOT_TABLES = ("market_list",)
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


class DuckDBEngine:
    """Answer named queries over one snapshot. Thread-safe; its tables are freed when the last reader is done with it.

    Raises QueryError where the snapshot cannot be opened.
    """

    def __init__(self, snapshot: SnapshotFiles, database: Database) -> None:
        self.snapshot_id = snapshot.snapshot_id
        self.database = database
        self._tables: dict[str, Reads] = {}
        self._hot: list[HotTable] = []
        try:
            self._schema, self._drop = database.new_schema(self)
            with self._cursor() as cursor:
                for table in TABLES.values():
                    files = snapshot.files(table.name)
                    self._tables[table.name] = files_of(table.name, files)
                    _attach(cursor, table, files, snapshot.hive_types(table.name))
                for name in HOT_TABLES:
                    self._attach_hot(cursor, name)
        except duckdb.Error as error:
            raise QueryError(f"Snapshot {self.snapshot_id} could not be opened: {error}") from error

    def _attach_hot(self, cursor: duckdb.DuckDBPyConnection, name: str) -> None:
        sql = sql_text(f"hot/{name}")
        self._tables[name] = self.reads(sql)
        hot = self.database.hot_table(cursor, name, sql, self._tables[name])
        self._hot.append(hot)
        cursor.execute(f"CREATE VIEW {name} AS SELECT * FROM {hot.name}")  # noqa: S608 - our names

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        return self.database.cursor(self._schema)

    def reads(self, sql: str) -> Reads:
        """Return what the answer to a query depends on; as long as that is the same, so is the answer."""
        return read_by(sql, self._tables)

    def remembered(self, question: Hashable, sql: str, compute: Callable[[], pa.Table]) -> pa.Table:
        """Return the answer to a question that is known as `question`, computed once for all who read the same."""
        return self.database.remembered.get((self.reads(sql), question), compute)

    def forget_others(self) -> None:
        """Forget answers that read what is not in this snapshot: nobody asks for them again."""
        present = frozenset[tuple[str, str]]().union(*self._tables.values())
        self.database.remembered.keep(lambda key: key[0] <= present)

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
        started, tick = self.database.log.clock(), time.perf_counter()
        rows, error = 0, ""
        try:
            with self.database.places:
                table = self._run(sql, values or {}, tables or {}, unbounded)
            rows = table.num_rows
        except QueryError as problem:
            error = str(problem)
            raise
        finally:
            spent = (time.perf_counter() - tick) * 1000
            self.database.log.add(QueryRecord(name, started, spent, rows, self.snapshot_id, error))
        return table

    def stream(self, sql: str, values: Mapping[str, Any] | None = None) -> pa.RecordBatchReader:
        """Return the rows of a query one batch after another, for exports; no limit of rows or time."""
        try:
            cursor = self._cursor()
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
            cursor = self._cursor()
        except duckdb.Error as error:
            raise QueryError(f"The stored data could not be queried: {error}") from error
        timer = threading.Timer(self.database.limits.seconds, _interrupt(cursor, stopped))
        timer.daemon = True
        if not unbounded:
            timer.start()
        try:
            self._require_question(cursor, sql)
            for name, table in tables.items():
                cursor.register(name, table)
            relation = cursor.sql(sql, params=dict(values)) if values else cursor.sql(sql)
            return _bounded(relation.to_arrow_reader(10_000), None if unbounded else self.database.limits.rows)
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if stopped.is_set():
                raise QueryTimeoutError(
                    f"The question took longer than {self.database.limits.seconds:g} s and was stopped; narrow it."
                ) from error
            raise QueryError(f"The stored data could not be queried: {error}") from error
        finally:
            timer.cancel()
            cursor.close()

    def _require_question(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
        if not self.database.is_question(cursor, sql):
            raise QueryError("Only one question at a time can be asked, and nothing can be changed by it.")

    def close(self) -> None:
        """Free the engine's tables before its last reader is done; questions are refused from now on."""
        self._hot.clear()
        self._drop()


def _attach(cursor: duckdb.DuckDBPyConnection, table: Table, files: list[str], types: Mapping[str, str]) -> None:
    if not files:
        cursor.register("typed_nothing", table.empty())
        cursor.execute(f"CREATE TABLE {table.name} AS SELECT * FROM typed_nothing")  # noqa: S608 - our names
        cursor.unregister("typed_nothing")
        return
    hive = "hive_partitioning = false"
    if types:
        declared = ", ".join(f"{quoted(name)}: {kind}" for name, kind in types.items())
        hive = f"hive_partitioning = true, hive_types = {{{declared}}}"
    paths = ", ".join(quoted(path) for path in files)
    columns = ", ".join(table.names)
    cursor.execute(
        f"CREATE VIEW {table.name} AS SELECT {columns} FROM read_parquet([{paths}], {hive})"  # noqa: S608 - our names
    )


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
