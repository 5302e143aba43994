"""Derived tables: days as New York counts them, facts without hindsight, computed again when their sources change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_layer import schemas
from data_layer.maintenance import maintain
from tests.data_layer.wire_samples import candlestick, event, market, series
from tests.data_layer.world import World

A = "KXTEST-27JAN15-A"
HOUR = 3600
NEW_YORK = ZoneInfo("America/New_York")


def unix(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


def stored(world: World, name: str) -> list[dict[str, Any]]:
    """Read a table as the files have it, partition columns filled in by the engine."""
    world.repository.advance()
    key = ", ".join(schemas.TABLES[name].key)
    return world.repository.derive("test", f"SELECT * FROM {name} ORDER BY {key}", {}).to_pylist()


def candles(start: int, count: int, **odd: Any) -> list[Any]:
    """Hourly candlesticks with prices and volumes that are all different; every fifth hour has no trade."""
    made = []
    for n in range(count):
        word = lambda base, n=n: f"{(base + 37 * n) % 9000 + 500:05d}"  # noqa: E731
        price = {f"{name}_dollars": f"0.{word(k)[1:]}" for k, name in enumerate(("open", "low", "close", "mean"))}
        price["high_dollars"] = "0.9900"
        side = {f"{name}_dollars": f"0.{word(50 + k)[1:]}" for k, name in enumerate(("open", "high", "low", "close"))}
        changes: dict[str, Any] = {
            "price": price,
            "yes_bid": side,
            "volume_fp": f"{n % 7}.25",
            "open_interest_fp": f"{n}.00",
        }
        if n % 5 == 4:
            changes |= {"price": None, "volume_fp": "0.00"}
        made.append(candlestick(start + n * HOUR, **changes | odd))
    return made


def slow_rollup(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Compute the daily rollup of one market the obvious way."""
    days: dict[Any, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: row["end_time"]):
        days.setdefault((row["end_time"] - timedelta(seconds=1)).astimezone(NEW_YORK).date(), []).append(row)
    made = []
    for day, some in sorted(days.items()):
        column = lambda name, some=some: [row[name] for row in some if row[name] is not None]  # noqa: E731
        last = lambda name, column=column: (column(name) or [None])[-1]  # noqa: E731
        traded = [row for row in some if row["price_mean_dollars"] is not None]
        paid = sum((row["price_mean_dollars"] * row["volume_contracts"] for row in traded), Decimal(0))
        volume = sum(row["volume_contracts"] for row in traded)
        made.append(
            {
                "month": f"{day:%Y-%m}",
                "ticker": A,
                "day": day,
                "price_open_dollars": (column("price_open_dollars") or [None])[0],
                "price_high_dollars": max(column("price_high_dollars"), default=None),
                "price_low_dollars": min(column("price_low_dollars"), default=None),
                "price_close_dollars": last("price_close_dollars"),
                "vwap_dollars": round(paid / volume, 4) if volume else None,
                "yes_bid_close_dollars": last("yes_bid_close_dollars"),
                "yes_ask_close_dollars": last("yes_ask_close_dollars"),
                "volume_contracts": sum(row["volume_contracts"] for row in some),
                "turnover_dollars": round(paid, 4) if traded else None,
                "open_interest_contracts": last("open_interest_contracts"),
                "hours": len(some),
            }
        )
    return made


@pytest.mark.parametrize(
    ("start", "count", "longest"),
    [
        ((2026, 10, 29, 0), 24 * 6, 25),  # summer time ends on 1 November, and a month with it
        ((2026, 3, 7, 0), 24 * 4, 24),  # summer time begins on 8 March
        ((2026, 12, 31, 12), 24, 18),
    ],
)
def test_days_of_the_rollup_equal_a_slow_second_count(
    world: World, start: tuple[int, ...], count: int, longest: int
) -> None:
    world.now = world.client.now = float(unix(*start) + count * HOUR)
    world.client.candles[A, 60] = candles(unix(*start), count)
    world.ingest.market_history(A, "KXTEST", [(60, 30.0)])
    maintain(world.ingest, world.repository)
    found = stored(world, "daily_rollup")
    expected = slow_rollup(stored(world, "candlesticks"))
    assert len(found) == len(expected)
    for row, slow in zip(found, expected, strict=True):
        vwap, turnover = row.pop("vwap_dollars"), row.pop("turnover_dollars")
        assert abs(vwap - slow.pop("vwap_dollars")) <= Decimal("0.0001")
        assert abs(turnover - slow.pop("turnover_dollars")) <= Decimal("0.0001")
        assert row == slow
    assert max(row["hours"] for row in found) == longest
    assert sum(row["volume_contracts"] for row in found) == sum(
        row["volume_contracts"] for row in stored(world, "candlesticks")
    )
    if start[1] == 3:
        assert 23 in {row["hours"] for row in found}


def test_the_first_hours_of_a_month_count_to_the_month_before_even_without_another_candlestick_in_it(
    world: World,
) -> None:
    world.client.candles[A, 60] = [candlestick(unix(2027, 1, 1, 3))]
    world.ingest.market_history(A, "KXTEST", [(60, 30.0)])
    maintain(world.ingest, world.repository)
    (row,) = stored(world, "daily_rollup")
    assert (row["month"], row["day"].isoformat(), row["hours"]) == ("2026-12", "2026-12-31", 1)


def test_a_month_of_the_past_is_computed_again_only_when_a_source_was_written_since(world: World) -> None:
    for month in (7, 9, 11):
        world.client.candles[A, 60] = [candlestick(unix(2026, month, 10, hour)) for hour in (10, 11)]
        world.ingest = world.new_ingest()
        world.ingest.market_history(A, "KXTEST", [(60, 400.0)])
    maintain(world.ingest, world.repository)
    before = {file.path for file in world.lake.snapshot().stored_files("daily_rollup")}
    maintain(world.ingest, world.repository)
    untouched = {file.path for file in world.lake.snapshot().stored_files("daily_rollup")} & before
    assert [path for path in untouched if "2026-07" in path]
    world.client.candles[A, 60] = [candlestick(unix(2026, 7, 10, 12))]
    world.ingest = world.new_ingest()
    world.ingest.market_history(A, "KXTEST", [(60, 400.0)])
    maintain(world.ingest, world.repository)
    hours = {row["month"]: row["hours"] for row in stored(world, "daily_rollup")}
    assert hours == {"2026-07": 3, "2026-09": 2, "2026-11": 2}


# Settlement facts


def settle(world: World, *prices: tuple[int, dict[str, Any]], **changes: Any) -> list[dict[str, Any]]:
    """Settle market A at 2027-01-10 12:00, with candlesticks at these hours before, and return its facts."""
    end = unix(2027, 1, 10, 12)
    world.client.candles[A, 60] = sorted(
        (candlestick(end - hours * HOUR, **shape) for hours, shape in prices), key=lambda candle: candle.end_period_ts
    )
    finalized = {"status": "finalized", "result": "yes", "close_time": "2027-01-10T12:00:00Z"}
    world.client.markets = [market(A, **finalized | {"settlement_ts": "2027-01-10T12:05:00Z"} | changes)]
    world.client.events = [event(markets=[market("KXTEST-27JAN15-B")])]
    world.ingest.universe()
    world.ingest.series()
    world.ingest.settled()
    world.ingest.market_history(A, "KXTEST", [(60, 60.0)])
    maintain(world.ingest, world.repository)
    return stored(world, "settlement_facts")


def quote(bid: str | None, ask: str | None, price: str | None = None) -> dict[str, Any]:
    return {
        "yes_bid": {"close_dollars": bid},
        "yes_ask": {"close_dollars": ask},
        "price": {"close_dollars": price} if price else None,
    }


def test_facts_take_the_quote_that_stood_at_each_horizon(world: World) -> None:
    world.client.series_list = [series(category="Weather")]
    facts = settle(
        world,
        (0, quote("0.9900", "1.0000", "0.9900")),
        (1, quote("0.8000", "0.8200", "0.8100")),
        (5, quote("0.6000", "0.6200")),
        (7, quote("0.5000", "0.5200", "0.5100")),
        (100, quote("0.3000", "0.3200")),
        (24 * 31, quote("0.1000", "0.1200")),
    )
    found = {
        row["horizon_hours"]: (row["yes_bid_dollars"], row["yes_ask_dollars"], row["price_dollars"]) for row in facts
    }
    assert found == {
        1: (Decimal("0.80"), Decimal("0.82"), Decimal("0.81")),
        6: (Decimal("0.50"), Decimal("0.52"), Decimal("0.51")),
        72: (Decimal("0.30"), Decimal("0.32"), None),
        720: (Decimal("0.10"), Decimal("0.12"), None),
    }
    assert {(row["result"], row["settlement_value_dollars"], row["category"]) for row in facts} == {
        ("yes", Decimal(1), "Weather")
    }


def test_bid_and_ask_of_a_fact_are_of_one_moment(world: World) -> None:
    """Where the last candlestick has no bid, an older bid is not put beside the newer ask."""
    (fact,) = settle(world, (2, quote(None, "0.0300")), (3, quote("0.5000", "0.5200", "0.5100")))
    assert (fact["horizon_hours"], fact["yes_bid_dollars"], fact["yes_ask_dollars"]) == (1, None, Decimal("0.03"))
    assert fact["price_dollars"] == Decimal("0.51")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"close_time": "2027-01-12T12:00:00Z"},  # settled early: what came after is no forecast
        {"close_time": "2099-12-31T00:00:00Z"},
        {"settlement_ts": "2027-01-14T00:00:00Z"},  # disputed: the close is what counts
    ],
)
def test_facts_never_use_a_price_from_after_the_outcome(world: World, changes: dict[str, Any]) -> None:
    known = quote("0.9800", "0.9900", "0.9900")
    facts = settle(
        world, *((-hours, known) for hours in range(50)), (3, quote("0.4000", "0.4200", "0.4100")), **changes
    )
    assert facts
    assert {row["yes_bid_dollars"] for row in facts} == {Decimal("0.40")}
    assert {row["price_dollars"] for row in facts} == {Decimal("0.41")}


def test_a_quote_older_than_48_hours_is_no_quote(world: World) -> None:
    facts = settle(world, (49 + 6, quote("0.4000", "0.4200")))
    assert [row["horizon_hours"] for row in facts] == [24]


@pytest.mark.parametrize(("result", "kept"), [("no", 1), ("scalar", 1), ("", 0)])
def test_every_result_is_told_and_a_market_without_one_has_no_fact(world: World, result: str, kept: int) -> None:
    facts = settle(world, (2, quote("0.4000", "0.4200")), result=result)
    assert [row["result"] for row in facts] == [result] * kept


def test_maintenance_of_an_empty_lake_does_nothing(world: World) -> None:
    maintain(world.ingest, world.repository)
    assert world.lake.snapshot().snapshot_id == 0


def test_derived_files_have_the_declared_columns(world: World) -> None:
    settle(world, (2, quote("0.4000", "0.4200")))
    for name in ("daily_rollup", "settlement_facts"):
        for path in world.lake.snapshot().files(name):
            table = schemas.TABLES[name]
            expected = pa.schema([f for f in table.arrow if f.name not in table.partition])
            assert [(f.name, f.type) for f in pq.read_schema(path)] == [(f.name, f.type) for f in expected]
