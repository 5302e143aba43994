"""Recent volume, surges, VWAP and concentration; where SQL computes the same, it agrees with the formula."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics import activity, concentration, odds, quotes
from data_layer.engine.named_sql import sql_text
from data_layer.schemas import TABLES

D = Decimal
VOLUMES = st.decimals("0", "99999", places=2)


def test_percent_recent_volume() -> None:
    assert activity.percent_recent_volume(D("25"), D("200")) == D("12.5")
    assert activity.percent_recent_volume(D(0), D("200")) == 0
    for day, whole in ((None, D(1)), (D(1), None), (D(0), D(0))):
        assert activity.percent_recent_volume(day, whole) is None


def test_surge_by_hand() -> None:
    assert activity.surge(D(3000), D(7000), 7) == 3
    assert activity.surge(D(3000), D(3000), 3) == 7, "four quiet days count as such"
    assert activity.surge(D(3000), D(3000), 3, days=3) == 3, "days before it opened do not"
    assert activity.surge(D(3000), D(7000), 2) is None
    assert activity.surge(D(3000), D(0), 7) is None
    assert activity.surge(None, D(7000), 7) is None
    with pytest.raises(ValueError, match="4 days seen of 3"):
        activity.surge(D(1), D(1), 4, days=3)


def test_vwap_by_hand() -> None:
    assert activity.vwap_dollars([D("0.40"), D("0.60"), None], [D(30), D(10), D(5)]) == D("0.45")
    assert activity.vwap_dollars([], []) is activity.vwap_dollars([None], [D(0)]) is None
    with pytest.raises(ValueError):
        activity.vwap_dollars([D("0.4")], [])


def test_concentration_by_hand() -> None:
    assert concentration.shares([D(1), D(3)]) == [0.25, 0.75]
    assert concentration.herfindahl([1, 1, 1, 1]) == pytest.approx(0.25)
    assert concentration.herfindahl([D("0.5"), 0]) == 1
    assert concentration.effective_parts([2, 2]) == pytest.approx(2)
    assert (
        concentration.herfindahl([]) is concentration.herfindahl([0, 0]) is concentration.effective_parts([]) is None
    )
    for bad in ([-1.0], [float("nan")], [float("inf")]):
        with pytest.raises(ValueError, match="negative or no number"):
            concentration.shares(bad)


@given(st.lists(st.floats(0, 1.7e308), min_size=1, max_size=30))
def test_concentration_the_slow_way(amounts: list[float]) -> None:
    exact = [Fraction(amount) for amount in amounts]
    found = concentration.herfindahl(amounts)
    if not sum(exact):
        assert found is None
        return
    assert sum(concentration.shares(amounts)) == pytest.approx(1)
    assert found == pytest.approx(float(sum((part / sum(exact)) ** 2 for part in exact)), rel=1e-9)
    assert 1 - 1e-9 <= concentration.effective_parts(amounts) <= len(amounts) + 1e-9


def ask(name: str, values: dict[str, Any], *before: str, **tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run a named query of ours over rows that are made here, and over the answers to the queries `before` it."""
    with duckdb.connect() as engine:
        engine.execute("LOAD icu; SET TimeZone = 'UTC'")
        for table, rows in tables.items():
            schema = pa.schema([field.with_nullable(True) for field in TABLES[table].arrow])
            held = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)
            engine.register(f"{table}_rows", held)
            engine.execute(f"CREATE TABLE {table} AS SELECT * FROM {table}_rows")
        if "daily_rollup" in tables:
            engine.execute(f"CREATE TABLE market_list AS {sql_text('hot/market_list')}")

        def answer(query: str) -> pa.Table:
            text = sql_text(query)
            return engine.sql(text, params={n: v for n, v in values.items() if f"${n}" in text}).to_arrow_table()

        for earlier in before:
            engine.register(earlier, answer(earlier))
        return answer(name).to_pylist()


HOURS = st.lists(
    st.tuples(st.integers(0, 71), st.none() | st.decimals("0.01", "0.99", places=4), VOLUMES),
    min_size=1,
    max_size=40,
    unique_by=lambda hour: hour[0],
)


@settings(max_examples=25)
@given(HOURS)
def test_the_days_of_the_market_page_have_the_vwap_of_the_formula(
    hours: list[tuple[int, Decimal | None, Decimal]],
) -> None:
    start = datetime(2026, 10, 31, 12, tzinfo=UTC)  # over the night the clocks go back
    rows = [
        {"period_minutes": 60, "month": "2026-10", "ticker": "A", "end_time": start + timedelta(hours=hour),
         "price_mean_dollars": mean if volume else None, "volume_contracts": volume}
        for hour, mean, volume in hours
    ]  # fmt: skip
    values = {
        "ticker": "A",
        "first_month": "2026-10",
        "last_month": "2026-11",
        "start": start,
        "end": start + timedelta(days=4),
    }
    eastern = ZoneInfo("America/New_York")
    found = {row["day"]: row for row in ask("daily_bars", values, candlesticks=rows)}
    by_day: dict[date, list[dict[str, Any]]] = {}
    for row in rows:
        by_day.setdefault((row["end_time"] - timedelta(seconds=1)).astimezone(eastern).date(), []).append(row)
    assert found.keys() == by_day.keys()
    for day, candles in by_day.items():
        vwap = activity.vwap_dollars(
            [row["price_mean_dollars"] for row in candles], [row["volume_contracts"] for row in candles]
        )
        shown = found[day]["vwap_dollars"]
        assert (shown is None) == (vwap is None)
        if vwap is not None:
            assert abs(shown - vwap) <= D("0.00005") + D("1e-9")


FETCHED = datetime(2026, 11, 22, 12, tzinfo=UTC)
LAST = date(2026, 11, 20)
PRICE = st.none() | st.decimals("0.01", "0.99", places=4)


@settings(max_examples=25)
@given(st.lists(VOLUMES, max_size=7), VOLUMES, st.integers(0, 30))
def test_the_surge_of_the_home_page_is_the_formula(volumes: list[Decimal], today: Decimal, opened: int) -> None:
    opened = max(opened, len(volumes) - 1)  # no candle is older than its market
    noon = datetime(2026, 11, 20, 17, tzinfo=UTC)
    market = {"ticker": "A", "event_ticker": "E", "status": "active", "volume_24h_contracts": today,
              "open_time": noon - timedelta(days=opened), "fetched_time": FETCHED}  # fmt: skip
    days = [{"ticker": "A", "day": LAST - timedelta(days=back), "volume_contracts": volume, "hours": 24, "month": "2026-11"}
            for back, volume in enumerate(volumes)]  # fmt: skip
    values = {
        "first_day": LAST - timedelta(days=6),
        "last_day": LAST,
        "days_min": 3,
        "days": 7,
        "volume_24h_min": 0,
        "limit": 9,
    }
    rows = ask(
        "pulse_surges", values, "mean_days", markets=[market], events=[], series=[], quotes=[], daily_rollup=days
    )
    expected = activity.surge(today, sum(volumes, D(0)), len(volumes), days=min(7, opened + 1))
    if expected is None or expected <= 1:
        assert rows == []
    else:
        assert rows[0]["surge"] == pytest.approx(float(expected))


@settings(max_examples=40)
@given(st.tuples(*[PRICE] * 6))
def test_the_change_of_the_market_list_is_the_formula(prices: tuple[Decimal | None, ...]) -> None:
    bid, ask_price, last, bid_then, ask_then, last_then = prices
    names = ("yes_bid_dollars", "yes_ask_dollars", "last_price_dollars", "previous_yes_bid_dollars",
             "previous_yes_ask_dollars", "previous_price_dollars")  # fmt: skip
    market = {"ticker": "A", "event_ticker": "E", "status": "active", "fetched_time": FETCHED,
              **dict(zip(names, prices, strict=True))}  # fmt: skip

    def middle(low: Decimal | None, high: Decimal | None) -> Decimal | None:
        return (low + high) / 2 if low is not None and high is not None and high - low <= D("0.20") else None

    now, then = middle(bid, ask_price), middle(bid_then, ask_then)
    pair = (now, then) if now is not None and then is not None else (last, last_then)
    expected = odds.change_pp(*pair)
    (row,) = ask("hot/market_list", {}, markets=[market], events=[], series=[], quotes=[])
    assert row["change_24h_pp"] == (None if expected is None else expected.quantize(D("0.001")))
    assert row["probability"] == (now if now is not None else last)


@pytest.mark.parametrize("status", ["active", "inactive", "finalized"])
def test_the_quality_of_the_market_list_is_the_formula(status: str) -> None:
    """Every book there can be on a grid of cents, the empty one of 0 and 1 among them: it is absent, never 50 %."""
    prices = [None, D("0.01"), D("0.40"), D("0.42"), D("0.43"), D("0.50"), D("0.51"), D("0.60"), D("0.61"), D("0.99")]
    books = [
        (bid, ask_price) for bid in prices for ask_price in prices if not (bid and ask_price and ask_price < bid)
    ]
    markets = [
        {"ticker": f"T{n}", "event_ticker": "E", "status": status, "fetched_time": FETCHED, "volume_24h_contracts": 7,
         "yes_bid_dollars": bid, "yes_ask_dollars": ask_price}
        for n, (bid, ask_price) in enumerate(books)
    ]  # fmt: skip
    for row in ask("hot/market_list", {}, markets=markets, events=[], series=[], quotes=[]):
        bid, ask_price = books[int(row["ticker"][1:])]
        assert row["spread_dollars"] == quotes.spread_dollars(bid, ask_price)
        if status == "active":
            assert row["quote_quality"] == quotes.quote_quality(bid, ask_price)
            assert row["probability"] == quotes.probability(bid, ask_price, None)
        else:
            assert (row["quote_quality"], row["probability"]) == ("none", None)


def test_a_quote_by_hand() -> None:
    assert quotes.probability(D("0.40"), D("0.44"), D("0.99")) == D("0.42")
    assert quotes.probability(D("0.40"), D("0.61"), D("0.99")) == D("0.99"), "wider than 20 cents: the last trade"
    assert quotes.probability(None, None, None) is quotes.probability(None, D("0.01"), None) is None
    assert quotes.estimated_dollars(D(200), D("0.57")) == D("114")
    assert quotes.estimated_dollars(D(200), None) is None
