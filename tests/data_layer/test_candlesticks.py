"""Candlesticks for a chart: merged exactly, or not at all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer import schemas
from data_layer.bound_values import bucket_minutes
from data_layer.engine.database import Database
from data_layer.engine.duckdb_engine import DuckDBEngine
from data_layer.engine.limits import EngineLimits
from data_layer.engine.named_sql import sql_text
from tests.data_layer.wire_samples import NOW, candlestick
from tests.data_layer.world import World

A = "KXTEST-27JAN15-A"
PRICES = [name for name in schemas.CANDLESTICKS.names if name.endswith("_dollars")]


class Nothing:
    """A snapshot without files: every table is an empty one."""

    snapshot_id = 0

    def files(self, table: str) -> list[str]:
        return []

    def hive_types(self, table: str) -> dict[str, str]:
        return {}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(
        Nothing(), Database(tmp_path_factory.mktemp("root"), EngineLimits(memory="256MB", threads=1))
    )
    yield engine
    engine.close()


def slowly_merged(rows: list[dict[str, Any]], minutes: int) -> list[dict[str, Any]]:
    """Merge candlesticks the obvious way, one bucket and one column at a time."""
    buckets: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: row["end_time"]):
        buckets.setdefault(math.ceil(row["end_time"].timestamp() / (60 * minutes)), []).append(row)
    merged = []
    for _, some in sorted(buckets.items()):
        one: dict[str, Any] = {"ticker": A, "period_minutes": minutes, "end_time": some[-1]["end_time"]}
        for side in ("price", "yes_bid", "yes_ask"):
            for word, pick in (("open", lambda v: v[0]), ("high", max), ("low", min), ("close", lambda v: v[-1])):
                values = [row[f"{side}_{word}_dollars"] for row in some if row[f"{side}_{word}_dollars"] is not None]
                one[f"{side}_{word}_dollars"] = pick(values) if values else None
        traded = [row for row in some if row["price_mean_dollars"] is not None and row["volume_contracts"]]
        volume = sum(row["volume_contracts"] for row in traded)
        paid = sum(row["price_mean_dollars"] * row["volume_contracts"] for row in traded)
        one["price_mean_dollars"] = paid / volume if volume else None
        before = [row["price_previous_dollars"] for row in some if row["price_previous_dollars"] is not None]
        one["price_previous_dollars"] = before[0] if before else None
        counted = [row["volume_contracts"] for row in some if row["volume_contracts"] is not None]
        one["volume_contracts"] = sum(counted) if counted else None
        interest = [row["open_interest_contracts"] for row in some if row["open_interest_contracts"] is not None]
        one["open_interest_contracts"] = interest[-1] if interest else None
        merged.append(one)
    return merged


def cents(low: int = 1, high: int = 9999) -> st.SearchStrategy[Decimal | None]:
    return st.one_of(st.none(), st.integers(low, high).map(lambda n: Decimal(n).scaleb(-4)))


@st.composite
def stored(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Sparse hourly candlesticks with any of their values absent, in any order."""
    hours = draw(st.lists(st.integers(0, 200), min_size=1, max_size=40, unique=True))
    start = datetime(2026, 10, 31, 20, tzinfo=UTC)  # across the end of a month and of summer time
    rows = []
    for hour in hours:
        end = start + timedelta(hours=hour)
        row: dict[str, Any] = {name: draw(cents()) for name in PRICES}
        row |= {"ticker": A, "period_minutes": 60, "end_time": end, "month": f"{end - timedelta(seconds=1):%Y-%m}"}
        row["volume_contracts"] = draw(
            st.one_of(st.none(), st.integers(0, 10**6).map(lambda n: Decimal(n).scaleb(-2)))
        )
        row["open_interest_contracts"] = draw(st.one_of(st.none(), st.integers(0, 99).map(Decimal)))
        rows.append(row)
    return rows


@settings(max_examples=30)
@given(stored(), st.sampled_from([120, 240, 480, 1440, 2880]))
def test_merging_equals_a_slow_obvious_one(engine: DuckDBEngine, rows: list[dict[str, Any]], minutes: int) -> None:
    cursor = engine._cursor()
    cursor.register("given", pa.Table.from_pylist(rows, schemas.CANDLESTICKS.arrow))
    cursor.execute("DELETE FROM candlesticks")
    cursor.execute(f"INSERT INTO candlesticks SELECT {', '.join(schemas.CANDLESTICKS.names)} FROM given")
    cursor.close()
    far = {"start": datetime(2000, 1, 1, tzinfo=UTC), "end": datetime(2100, 1, 1, tzinfo=UTC)}
    values = {"ticker": A, "period_minutes": 60, "first_month": "2000-01", "last_month": "2100-01", **far}
    found = engine.query(
        "candlesticks", sql_text("candlesticks_merged"), values | {"bucket_minutes": minutes}
    ).to_pylist()
    expected = slowly_merged(rows, minutes)
    assert len(found) == len(expected)
    for row, slow in zip(found, expected, strict=True):
        mean, slow_mean = row.pop("price_mean_dollars"), slow.pop("price_mean_dollars")
        assert row == slow
        assert (mean is None) == (slow_mean is None)
        assert mean is None or abs(mean - slow_mean) <= Decimal("0.00005")
    unmerged = engine.query(
        "candlesticks", sql_text("candlesticks_merged"), values | {"bucket_minutes": 60}
    ).to_pylist()
    assert [row["end_time"] for row in unmerged] == sorted(row["end_time"] for row in rows)


@given(st.sampled_from([1, 60]), st.floats(0.001, 1e5))
def test_a_bucket_is_wide_enough_and_begins_where_a_clock_does(period: int, wanted: float) -> None:
    minutes = bucket_minutes(period, wanted)
    assert minutes >= wanted
    assert minutes % period == 0
    assert 1440 % minutes == 0 or minutes % 1440 == 0


def fill(world: World, period: int, count: int) -> None:
    ends = [int(NOW) - period * 60 * n for n in range(count)]
    world.client.candles[A, period] = [candlestick(end) for end in sorted(ends)]
    world.seen(world.ingest.market_history(A, "KXTEST", [(period, 4000.0)]))


@pytest.mark.parametrize(
    ("period", "count", "points", "width"),
    [(60, 100, 99, 120), (60, 100, 100, 60), (1, 300, 61, 5), (60, 100, 1, 7200)],
)
def test_more_candlesticks_than_points_are_merged_and_a_note_says_into_what(
    world: World, period: int, count: int, points: int, width: int
) -> None:
    fill(world, period, count)
    answer = world.repository.candlesticks(A, period, max_points=points)
    assert answer.total <= max(2, points)
    assert set(answer.table["period_minutes"].to_pylist()) == {width}
    assert sum(row["volume_contracts"] for row in answer.rows()) == 10 * count
    assert bool(answer.notes) is (width != period)
    assert not answer.notes or f"{count} candlesticks merged into {width:,} minutes" in answer.notes[0]


def test_days_are_never_merged(world: World) -> None:
    fill(world, 1440, 50)
    answer = world.repository.candlesticks(A, 1440, max_points=10)
    assert (answer.total, answer.notes) == (50, ())


def test_the_hourly_candles_of_the_recordings_fit_the_schema_and_merge() -> None:
    """A realistic shape check: 50,765 real hourly candles, as prices with four decimals."""
    import os

    import pyarrow.parquet as pq

    shared = Path(os.environ.get("KALSHI_SHARED_DIR") or Path(__file__).resolve().parents[3] / "shared")
    path = shared / "data" / "tables" / "candles_60min.parquet"
    if not path.is_file():
        pytest.skip(f"no recorded candles in {path}")
    from data_layer.api import wire
    from data_layer.parsing import parse_candlesticks

    def text(value: float | None) -> str | None:
        return None if value is None or math.isnan(value) else f"{value:.4f}"

    rows = pq.read_table(path).slice(0, 3000).to_pylist()
    candles = [
        wire.Candlestick(
            end_period_ts=row["end_period_ts"],
            yes_bid=wire.QuoteRange(close_dollars=text(row["yes_bid_close"])),
            yes_ask=wire.QuoteRange(close_dollars=text(row["yes_ask_close"])),
            price=wire.PriceRangeTraded(close_dollars=text(row["price_close"])),
            volume_fp=text(row["volume"]) and f"{row['volume']:.2f}",
        )
        for row in rows
    ]
    by_ticker: dict[str, list[wire.Candlestick]] = {}
    for row, candle in zip(rows, candles, strict=True):
        by_ticker.setdefault(row["ticker"], []).append(candle)
    kept = 0
    for ticker, some in by_ticker.items():
        batch = parse_candlesticks(ticker, 60, some)
        assert not batch.rejects
        bids = batch.table["yes_bid_close_dollars"].to_pylist()
        assert all(bid is None or 0 < bid < 1 for bid in bids)
        kept += batch.table.num_rows
    assert kept > 2900
