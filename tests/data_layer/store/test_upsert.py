"""Late and corrected rows take the place of what was stored; nothing else moves."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.errors import StoreError
from data_layer.schemas import TABLES
from data_layer.store import Lake, LakeSettings
from data_layer.store.refresh import Refresh
from data_layer.store.writer import Writer
from tests.data_layer.store import rows

Key = tuple[int, str, datetime]

MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)  # ends the last period of October: two months are touched
ROW = st.tuples(
    st.sampled_from([1, 60]),
    st.sampled_from(["A", "B", "C"]),
    st.integers(-2, 3).map(lambda hours: MIDNIGHT + timedelta(hours=hours)),
    st.integers(0, 99),
)
FOR_EVER = LakeSettings(keep_snapshots=1, keep_snapshot_hours=0, candlestick_retention_days={})
STEP = st.one_of(
    st.tuples(st.just("upsert"), st.lists(ROW, min_size=1, max_size=6)),
    st.tuples(st.just("append"), st.lists(ROW, min_size=1, max_size=6)),
    st.tuples(st.just("broken off"), st.lists(ROW, min_size=1, max_size=3)),
    st.tuples(st.just("compact"), st.just([])),
    st.tuples(st.just("retain"), st.just([])),
)


def as_table(batch: list[tuple[int, str, datetime, int]]) -> pa.Table:
    return rows.table(
        "candlesticks", [rows.candlestick(ticker, end, volume, period) for period, ticker, end, volume in batch]
    )


def stored(lake: Lake) -> dict[Key, int]:
    snapshot = lake.snapshot()
    files = snapshot.files("candlesticks")
    if not files:
        return {}
    found = duckdb.execute(
        "select period_minutes, ticker, epoch_us(end_time), volume_contracts, month "
        "from read_parquet(?, hive_partitioning = true, hive_types = {'month': VARCHAR, 'period_minutes': INTEGER})",
        [files],
    ).fetchall()
    assert len(found) == snapshot.rows("candlesticks")
    result = {}
    for period, ticker, microseconds, volume, month in found:
        end = datetime.fromtimestamp(microseconds / 1e6, UTC)
        assert month == (end - timedelta(microseconds=1)).strftime("%Y-%m")
        result[(period, ticker, end)] = int(volume)
    assert len(result) == len(found), "a key came twice"
    return result


def break_off(refresh: Refresh, batch: list[tuple[int, str, datetime, int]]) -> None:
    refresh.upsert_partitions("candlesticks", as_table(batch))
    raise KeyError


def one_step(writer: Writer, what: str, batch: list[tuple[int, str, datetime, int]], model: dict[Key, int]) -> None:
    news = {(period, ticker, end): volume for period, ticker, end, volume in batch}
    if what == "append":
        news = {key: volume for key, volume in news.items() if key not in model}
        batch = [(*key, volume) for key, volume in news.items()]
    if what in ("upsert", "append"):
        with writer.refresh("candlesticks") as refresh:
            if what == "upsert":
                refresh.upsert_partitions("candlesticks", as_table(batch))
            else:
                refresh.append("candlesticks", as_table(batch))
        model.update(news)
    elif what == "broken off":
        with pytest.raises(KeyError), writer.refresh("candlesticks") as refresh:
            break_off(refresh, batch)
    elif what == "compact":
        writer.compact("candlesticks", force=True)
    else:
        writer.retain()


@settings(max_examples=40, derandomize=True)
@given(st.lists(STEP, min_size=1, max_size=6))
def test_whatever_is_done_the_table_equals_a_dictionary(steps: list[tuple[str, list]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder), FOR_EVER, rows.NOW.timestamp)
        model: dict[Key, int] = {}
        with lake.writer() as writer:
            for what, batch in steps:
                one_step(writer, what, batch, model)
                assert stored(lake) == model


def test_an_upserted_partition_is_one_sorted_file_of_the_declared_types(lake: Lake) -> None:
    for volume in (1, 2):
        with lake.writer() as writer, writer.refresh("candlesticks") as refresh:
            late = [
                (f"T{i}", rows.NOW - timedelta(hours=h), volume) for i in range(3) for h in range(volume, 3 + volume)
            ]
            refresh.upsert_partitions("candlesticks", rows.candlesticks(late))
    (file,) = lake.snapshot().files("candlesticks")
    table = pq.read_table(file, partitioning=None)
    keys = list(zip(table.column("ticker").to_pylist(), table.column("end_time").to_pylist(), strict=True))
    assert keys == sorted(keys)
    assert len(keys) == 12
    declared = TABLES["candlesticks"].arrow
    assert all(declared.field(field.name).equals(field) for field in table.schema)


def test_nested_and_exact_columns_survive_a_rewrite(lake: Lake) -> None:
    ranges = [{"start": Decimal("0.0100"), "end": Decimal("0.9900"), "step": Decimal("0.0010")}]

    def settled(ticker: str) -> dict:
        return {
            "month": "2026-10",
            "ticker": ticker,
            "event_ticker": "E",
            "status": "finalized",
            "title": "“Ünïcode” 'quotes' \\ 𝔘",
            "price_ranges": ranges,
            "settlement_value_dollars": Decimal("0.3333"),
            "floor_strike": 1.5,
            "is_provisional": False,
            "fetched_time": rows.NOW,
        }

    first = rows.table("settled_markets", [settled("B")])
    with lake.writer() as writer:
        for batch in (first, rows.table("settled_markets", [settled("A")])):
            with writer.refresh("settled") as refresh:
                refresh.upsert_partitions("settled_markets", batch)
    (file,) = lake.snapshot().files("settled_markets")
    found = pq.read_table(file, partitioning=None)
    assert found.slice(1).to_pylist() == first.drop_columns(["month"]).to_pylist()


def test_of_rows_that_repeat_a_key_the_last_counts(lake: Lake) -> None:
    with lake.writer() as writer, writer.refresh("candlesticks") as refresh:
        refresh.upsert_partitions("candlesticks", rows.candlesticks([("A", rows.NOW, v) for v in (5, 9, 7)]))
    assert stored(lake) == {(60, "A", rows.NOW): 7}


def test_a_refresh_sees_what_it_has_written_itself(lake: Lake) -> None:
    with lake.writer() as writer, writer.refresh("candlesticks") as refresh:
        refresh.append("candlesticks", rows.candlesticks([("A", rows.NOW, 1), ("B", rows.NOW, 1)]))
        refresh.upsert_partitions("candlesticks", rows.candlesticks([("A", rows.NOW, 2)]))
    assert stored(lake) == {(60, "A", rows.NOW): 2, (60, "B", rows.NOW): 1}


def test_a_log_without_key_cannot_be_upserted(lake: Lake) -> None:
    with lake.writer() as writer, writer.refresh("watch") as refresh, pytest.raises(StoreError, match="no key"):
        refresh.upsert_partitions("rejects", rows.table("rejects", []))
