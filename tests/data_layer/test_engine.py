"""What a query may touch, how long and how much; and that threads get right answers."""

from __future__ import annotations

import gc
import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_layer.engine.database import Database
from data_layer.engine.duckdb_engine import DuckDBEngine
from data_layer.engine.limits import EngineLimits
from data_layer.engine.query_log import QueryLog
from data_layer.errors import QueryError, QueryTimeoutError
from data_layer.schemas import MARKETS, TABLES
from data_layer.store import Lake
from tests.data_layer.store import rows
from tests.data_layer.store.rows import NOW

LIMITS = EngineLimits(memory="256MB", threads=1)
ENDLESS = "SELECT count(*) AS n FROM range(10000000) AS a, range(10000000) AS b WHERE a.range + b.range = $never"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("engine") / "lake")
    with lake.writer() as writer, writer.refresh("universe") as refresh:
        refresh.replace("markets", rows.markets(1, 50))
        refresh.append("quotes", rows.quotes(0, 20))
    return lake


@pytest.fixture(scope="module")
def engine(lake: Lake) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(lake.snapshot(), Database(lake.root, LIMITS))
    yield engine
    engine.close()


def raw(engine: DuckDBEngine, sql: str) -> object:
    """Run SQL past the engine's own door, as a hole in it would."""
    cursor = engine._cursor()
    try:
        return cursor.execute(sql).fetchall()
    finally:
        cursor.close()


def test_tables_with_and_without_files_have_their_declared_columns(engine: DuckDBEngine) -> None:
    for name, table in TABLES.items():
        found = engine.query("all", f"SELECT * FROM {name}")
        assert found.column_names == list(table.names)
        assert [field.type for field in found.schema] == [field.type for field in table.arrow], name
    assert engine.query("count", "SELECT count(*) AS n FROM markets")["n"].to_pylist() == [50]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_parquet('{root}/../secret.parquet')",
        "SELECT * FROM read_parquet('{root}/tables/../../secret.parquet')",
        "SELECT * FROM read_parquet('{outside}')",
        "SELECT * FROM read_parquet('{root}/link.parquet')",
        "SELECT * FROM read_parquet('https://example.com/x.parquet')",
        "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
        "SELECT * FROM secret_frame",
    ],
)
def test_no_file_outside_the_lake_can_be_read(engine: DuckDBEngine, lake: Lake, tmp_path: Path, sql: str) -> None:
    secret_frame = pa.table({"secret": [1]})
    outside = tmp_path / "secret.parquet"
    pq.write_table(secret_frame, outside)
    link = lake.root / "link.parquet"
    link.symlink_to(outside)
    try:
        with pytest.raises(QueryError):
            engine.query("q", sql.format(root=lake.root, outside=outside))
    finally:
        link.unlink()


@pytest.mark.parametrize(
    "sql",
    [
        "COPY markets TO '{root}/out.parquet'",
        "COPY markets TO '/tmp/out.parquet'",
        "COPY (SELECT 1) TO '{file}'",
        "ATTACH '{root}/x.db' AS x",
        "EXPORT DATABASE '{root}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 64",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "PRAGMA memory_limit = '64GB'",
        "CREATE TABLE x AS SELECT 1",
        "DROP TABLE market_list",
        "DELETE FROM market_list",
        "UPDATE market_list SET ticker = 'x'",
        "INSERT INTO market_list SELECT * FROM market_list",
        "CALL pragma_version()",
        "EXPLAIN ANALYZE SELECT 1",
        "SELECT 1; DROP TABLE market_list",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_nothing_but_one_question_is_run(engine: DuckDBEngine, lake: Lake, sql: str) -> None:
    (file,) = lake.snapshot().files("markets")
    before = sorted(path for path in lake.root.rglob("*") if path.is_file())
    with pytest.raises(QueryError):
        engine.query("q", sql.format(root=lake.root, file=file))
    assert sorted(path for path in lake.root.rglob("*") if path.is_file()) == before
    assert engine.query("count", "SELECT count(*) AS n FROM market_list")["n"].to_pylist() == [50]


@pytest.mark.parametrize(
    "sql",
    [
        "SET threads = 64",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "RESET lock_configuration",
        "INSTALL httpfs",
        "LOAD httpfs",
        "COPY (SELECT 1) TO '/tmp/kalshi-dashboard-test.csv'",
        "ATTACH '/tmp/kalshi-dashboard-test.db' AS x",
    ],
)
def test_even_past_our_own_check_settings_are_locked_and_the_outside_is_shut(engine: DuckDBEngine, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        raw(engine, sql)


def test_a_query_that_takes_too_long_is_stopped_and_the_next_one_is_answered(lake: Lake) -> None:
    engine = DuckDBEngine(lake.snapshot(), Database(lake.root, EngineLimits(memory="256MB", threads=1, seconds=0.2)))
    with pytest.raises(QueryTimeoutError, match=r"longer than 0\.2 s .* narrow it"):
        engine.query("endless", ENDLESS, {"never": -1})
    assert engine.query("one", "SELECT 1 AS one")["one"].to_pylist() == [1]
    assert [bool(record.error) for record in engine.database.log.records()] == [True, False]
    engine.close()


def test_a_query_that_streams_for_too_long_is_stopped_too(lake: Lake) -> None:
    limits = EngineLimits(memory="256MB", threads=1, seconds=0.2, rows=10**12)
    engine = DuckDBEngine(lake.snapshot(), Database(lake.root, limits))
    with pytest.raises(QueryTimeoutError):
        engine.query("endless", "SELECT sum(range) AS n FROM range(100000000000000) GROUP BY range % 3")
    engine.close()


def test_more_rows_than_allowed_are_an_error_a_person_understands(lake: Lake) -> None:
    engine = DuckDBEngine(lake.snapshot(), Database(lake.root, EngineLimits(memory="256MB", threads=1, rows=49)))
    with pytest.raises(QueryError, match=r"The answer has more than 49 rows; narrow the question\."):
        engine.query("all", "SELECT ticker FROM markets")
    assert engine.query("all", "SELECT ticker FROM markets", unbounded=True).num_rows == 50
    assert engine.query("all", "SELECT ticker FROM markets LIMIT 49").num_rows == 49
    engine.close()


@pytest.mark.parametrize(
    "sql", ["SELECT", "SELECT * FROM nowhere", "SELECT $missing", "SELECT 1/'x'", "SELECT error('boom')"]
)
def test_whatever_duckdb_says_is_a_query_error(engine: DuckDBEngine, sql: str) -> None:
    with pytest.raises(QueryError):
        engine.query("q", sql)


def test_a_closed_engine_says_so(lake: Lake) -> None:
    engine = DuckDBEngine(lake.snapshot(), Database(lake.root, LIMITS))
    engine.close()
    with pytest.raises(QueryError):
        engine.query("one", "SELECT 1")


class Odd:
    """A snapshot whose list of markets lacks columns."""

    snapshot_id = 9

    def __init__(self, root: Path) -> None:
        self._markets = root / "odd.parquet"
        pq.write_table(pa.table({"ticker": ["A"]}), self._markets)

    def files(self, table: str) -> list[str]:
        return [str(self._markets)] if table == "markets" else []

    def hive_types(self, table: str) -> dict[str, str]:
        return {}


def test_a_snapshot_whose_tables_do_not_fit_is_refused_as_a_whole(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="Snapshot 9 could not be opened"):
        DuckDBEngine(Odd(lake.root), Database(lake.root, LIMITS))


def test_eight_threads_with_a_cursor_each_get_their_own_answers(engine: DuckDBEngine) -> None:
    together = threading.Barrier(8)

    def ask(thread: int) -> int:
        together.wait(30)
        wrong = 0
        for number in range(40):
            value = thread * 1000 + number
            found = engine.query("mine", "SELECT $v AS v, count(*) AS n FROM markets WHERE $v >= 0", {"v": value})
            wrong += found.to_pylist() != [{"v": value, "n": 50}]
        return wrong

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 0


def test_no_more_queries_run_at_once_than_allowed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = DuckDBEngine(lake.snapshot(), Database(lake.root, EngineLimits(memory="256MB", threads=1, concurrent=2)))
    running, most, lock = 0, 0, threading.Lock()
    two_are_in = threading.Barrier(2)

    def run(sql: str, values: object, tables: object, unbounded: bool) -> pa.Table:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        two_are_in.wait(30)
        with lock:
            running -= 1
        return MARKETS.empty()

    monkeypatch.setattr(engine, "_run", run)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: engine.query("q", "SELECT 1"), range(8)))
    assert most == 2
    engine.close()


def test_slow_queries_are_logged_with_their_name_and_counted(lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    log = QueryLog(slow_seconds=0.0, clock=lambda: 1000.0)
    engine = DuckDBEngine(lake.snapshot(), Database(lake.root, LIMITS, log))
    with caplog.at_level(logging.WARNING):
        engine.query("screener", "SELECT ticker FROM markets")
    assert re.search(r"slow query screener: \d+ ms, 50 rows, snapshot 1", caplog.text)
    (record,) = log.slow()
    assert (record.name, record.rows, record.started, record.error) == ("screener", 50, 1000.0, "")
    (row,) = log.summary().to_pylist()
    assert (row["query"], row["calls"], row["errors"]) == ("screener", 1, 0)
    engine.close()


def test_a_quick_query_is_not_called_slow(engine: DuckDBEngine, caplog: pytest.LogCaptureFixture) -> None:
    engine.query("one", "SELECT 1 AS one")
    assert "slow query" not in caplog.text
    assert "one" not in {record.name for record in engine.database.log.slow()}


def test_a_stream_is_one_question_as_well_and_brings_every_row(engine: DuckDBEngine, lake: Lake) -> None:
    assert engine.stream("SELECT ticker FROM markets").read_all().num_rows == 50
    for sql in (f"COPY markets TO '{lake.root}/out.parquet'", "SELECT * FROM nowhere", "DROP TABLE market_list"):
        with pytest.raises(QueryError):
            engine.stream(sql)
    assert not (lake.root / "out.parquet").exists()


def test_closing_fails_for_nobody_while_a_question_is_being_answered(lake: Lake) -> None:
    engine = DuckDBEngine(lake.snapshot(), Database(lake.root, LIMITS))
    begun, go_on = threading.Event(), threading.Event()

    def batches() -> Iterator[pa.RecordBatch]:
        begun.set()
        go_on.wait(30)
        yield pa.record_batch({"n": [1]})

    slow: Any = pa.RecordBatchReader.from_batches(pa.schema([("n", pa.int64())]), batches())
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(engine.query, "slow", "SELECT n FROM slow", None, {"slow": slow}, unbounded=True)
        try:
            assert begun.wait(30)
            engine.database.close()
            with pytest.raises(QueryError, match="closed"):
                engine.query("one", "SELECT 1")
        finally:
            go_on.set()
        assert running.result(30)["n"].to_pylist() == [1]


def test_a_database_that_cannot_be_opened_is_a_query_error(lake: Lake) -> None:
    with pytest.raises(QueryError, match="could not be opened"):
        Database(lake.root, EngineLimits(memory="lots"))


# Snapshots in one database


def hot_tables(engine: DuckDBEngine) -> list[str]:
    found = raw(engine, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'hot'")
    return [name for (name,) in found]


def schemas(database: Database) -> set[str]:
    with database.cursor("hot") as cursor:
        rows = cursor.execute(
            "SELECT schema_name FROM duckdb_schemas() WHERE schema_name LIKE 'snapshot%'"
        ).fetchall()
    return {name for (name,) in rows}


@pytest.fixture
def growing(tmp_path: Path) -> Lake:
    """A lake of its own: tests commit to it."""
    lake = Lake(tmp_path / "lake")
    commit(lake, lambda refresh: refresh.replace("markets", rows.markets(1, 50)))
    return lake


def commit(lake: Lake, change: Callable[[Any], None]) -> None:
    with lake.writer() as writer, writer.refresh("universe") as refresh:
        change(refresh)


def test_a_hot_table_is_built_once_for_the_snapshots_whose_files_are_the_same(growing: Lake) -> None:
    database = Database(growing.root, LIMITS)
    first = DuckDBEngine(growing.snapshot(), database)
    commit(growing, lambda refresh: refresh.append("candlesticks", rows.candlesticks([("A", NOW, 1)])))
    second = DuckDBEngine(growing.snapshot(), database)
    assert len(hot_tables(second)) == 1
    commit(growing, lambda refresh: refresh.replace("markets", rows.markets(2, 60)))
    third = DuckDBEngine(growing.snapshot(), database)
    assert len(hot_tables(third)) == 2
    counts = [
        engine.query("n", "SELECT count(*) AS n FROM market_list")["n"][0].as_py()
        for engine in (first, second, third)
    ]
    assert counts == [50, 50, 60]
    database.close()


def test_what_nobody_reads_any_more_is_dropped_and_what_somebody_reads_stays(growing: Lake) -> None:
    database = Database(growing.root, LIMITS)
    first, second = (DuckDBEngine(growing.snapshot(), database) for _ in range(2))
    commit(growing, lambda refresh: refresh.replace("markets", rows.markets(2, 60)))
    third = DuckDBEngine(growing.snapshot(), database)
    rest = first.stream("SELECT ticker FROM market_list")
    del first, second
    gc.collect()
    assert (len(schemas(database)), len(hot_tables(third))) == (1, 1)
    assert rest.read_all().num_rows == 50  # who had begun is not disturbed
    third.close()
    assert schemas(database) == set()
    database.close()


def test_a_snapshot_that_cannot_be_opened_leaves_nothing_behind(growing: Lake) -> None:
    database = Database(growing.root, LIMITS)

    with pytest.raises(QueryError):
        DuckDBEngine(Odd(growing.root), database)
    gc.collect()
    assert schemas(database) == set()
    assert (
        DuckDBEngine(growing.snapshot(), database).query("n", "SELECT count(*) AS n FROM markets")["n"][0].as_py()
        == 50
    )
    database.close()


def test_answers_are_shared_as_long_as_what_they_read_is_the_same(growing: Lake) -> None:
    database = Database(growing.root, LIMITS)
    sql = "SELECT count(*) AS n FROM candlesticks"

    def ask(engine: DuckDBEngine) -> int:
        return engine.remembered("n", sql, lambda: engine.query("n", sql))["n"][0].as_py()

    first = DuckDBEngine(growing.snapshot(), database)
    assert ask(first) == 0
    commit(growing, lambda refresh: refresh.replace("markets", rows.markets(2, 60)))
    second = DuckDBEngine(growing.snapshot(), database)
    assert ask(second) == 0
    assert len(database.log.records()) == 1
    commit(growing, lambda refresh: refresh.append("candlesticks", rows.candlesticks([("A", NOW, 1)])))
    third = DuckDBEngine(growing.snapshot(), database)
    assert (ask(third), ask(second)) == (1, 0)
    assert len(database.log.records()) == 2
    third.forget_others()
    assert ask(third) == 1
    assert len(database.log.records()) == 2
    assert ask(second) == 0
    assert len(database.log.records()) == 3
    database.close()


def test_answers_are_remembered_up_to_so_many_bytes(growing: Lake) -> None:
    sql = "SELECT range AS n FROM range(1000) WHERE range >= 0 * $n"
    database = Database(growing.root, EngineLimits(memory="256MB", threads=1, remembered=20_000))
    engine = DuckDBEngine(growing.snapshot(), database)
    for n in (0, 1, 2, 2, 1, 0):  # 8,000 bytes each: two have room
        engine.remembered(n, sql, lambda n=n: engine.query("n", sql, {"n": n}))
    assert len(database.log.records()) == 4
    database.close()


def test_what_a_hot_table_was_built_from_counts_as_read(growing: Lake) -> None:
    database = Database(growing.root, LIMITS)
    before = DuckDBEngine(growing.snapshot(), database)
    commit(growing, lambda refresh: refresh.append("quotes", rows.quotes(0, 20)))
    after = DuckDBEngine(growing.snapshot(), database)
    assert before.reads("SELECT * FROM market_list") != after.reads("SELECT * FROM market_list")
    assert before.reads("SELECT * FROM trades") == after.reads("SELECT * FROM trades")
    assert before.reads("-- quotes\nSELECT * FROM trades") == after.reads("-- quotes\nSELECT * FROM trades")
    database.close()
