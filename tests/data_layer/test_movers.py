"""What moved: from which price, on which basis, beyond which spread; and what is unknown is said, never 0."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from data_layer.analytics import activity, odds
from data_layer.engine.named_sql import ordered, sql_text
from data_layer.maintenance import maintain
from data_layer.movers_questions import LARGEST_MOVE, SPARKLINE_POINTS
from data_layer.questions import MoverColumn, MoverFilter, MoverSide, Order
from data_layer.schemas import TABLES
from tests.data_layer.wire_samples import NOW, candlestick, event, market
from tests.data_layer.world import World

D = Decimal
A, B, C = (f"KXTEST-27JAN15-{name}" for name in "ABC")
HOUR = 3600
START = datetime.fromtimestamp(NOW, UTC)
ANY = MoverFilter.everything()
NO_YESTERDAY = {
    "previous_yes_bid_dollars": "0.0000",
    "previous_yes_ask_dollars": "1.0000",
    "previous_price_dollars": "0.0000",
}


def quoted(ticker: str, bid: str, ask: str, last: str = "0.0000", **changes: Any) -> Any:
    """Return a market that trades well, closes in half a year, and of which the exchange sends nothing of a day ago."""
    body = {
        "yes_bid_dollars": bid,
        "yes_ask_dollars": ask,
        "last_price_dollars": last,
        "volume_24h_fp": "5000.00",
        "close_time": "2027-07-15T00:00:00Z",
        "expected_expiration_time": "2027-07-01T00:00:00Z",
        **NO_YESTERDAY,
    }
    return market(ticker, **(body | changes))


def only(world: World, hours: int, **asked: Any) -> dict[str, Any]:
    answer = world.repository.movers(hours, ANY, **asked)
    (row,) = answer.rows()
    return row


def after(world: World, hours: float, *markets: Any) -> None:
    world.tick(hours * HOUR)
    world.crawl(*markets)


def test_a_move_is_from_the_middle_that_stood_then_to_the_middle_now(world: World) -> None:
    world.crawl(quoted(A, "0.3000", "0.3200"))
    after(world, 6, quoted(A, "0.5000", "0.5200"))
    row = only(world, 6)
    assert (row["price_then"], row["price_now"], row["change_pp"]) == (D("0.31"), D("0.51"), D(20))
    assert (row["then_source"], row["basis"], row["then_time"]) == ("lake", "quotes", START)
    assert row["change_log_odds"] == pytest.approx(odds.change_log_odds(0.51, 0.31))
    assert row["z"] is row["surge"] is None
    assert row["recent_share"] == pytest.approx(5000 / 1234.56)


def test_a_quote_that_did_not_change_stands_as_long_as_the_lake_looked(world: World) -> None:
    still, moving = quoted(A, "0.3000", "0.3200"), quoted(B, "0.3000", "0.3200")
    world.crawl(still, moving)
    for n in range(40):  # B changes all the time, A has no row for 40 hours
        after(world, 1, still, quoted(B, "0.3000", "0.3200", f"0.{10 + n}00"))
    after(world, 1, quoted(A, "0.5000", "0.5200"), moving)
    rows = {row["ticker"]: row for row in world.repository.movers(1, ANY).rows()}
    assert rows[A]["change_pp"] == D(20)
    assert rows[A]["then_time"] == START


def test_a_quote_from_before_a_gap_is_no_price_of_then(world: World) -> None:
    world.crawl(quoted(A, "0.3000", "0.3200"))
    after(world, 20, quoted(A, "0.5000", "0.5200"))
    found = world.repository.movers(6, ANY)
    assert (found.passing, found.unknown, found.total) == (1, 1, 0), "the lake looked away for 14 hours before"
    after(world, 3, quoted(A, "0.7000", "0.7200"))
    assert world.repository.movers(1, ANY).unknown == 1, "two hours without a look before then"
    assert world.repository.movers(24, ANY).unknown == 1


def test_a_bid_that_was_gone_then_is_not_replaced_by_an_older_one(world: World) -> None:
    world.crawl(quoted(A, "0.3000", "0.3200", "0.3100"))
    after(world, 1, quoted(A, "0.0000", "0.3200", "0.3100"))
    after(world, 1, quoted(A, "0.5000", "0.5200", "0.5500"))
    row = only(world, 1)
    assert (row["basis"], row["price_then"], row["price_now"]) == ("trades", D("0.31"), D("0.55"))


LIKE_WITH_LIKE = [
    # bid, ask, last then; bid, ask, last now -> change, basis
    (("0.30", "0.32", "0.90"), ("0.50", "0.52", "0.91"), "20", "quotes"),
    (("0.30", "0.51", "0.40"), ("0.50", "0.52", "0.60"), "20", "trades"),
    (("0.30", "0.32", "0.40"), ("0.20", "0.52", "0.60"), "20", "trades"),
    (("0.30", "0.51", "0.00"), ("0.50", "0.52", "0.60"), None, None),  # no trade then
    (("0.30", "0.32", "0.40"), ("0.20", "0.52", "0.00"), None, None),  # no trade now
    (("0.00", "1.00", "0.00"), ("0.50", "0.52", "0.00"), None, None),  # the seed made of this a rise from zero
    (("0.50", "0.52", "0.40"), ("0.00", "0.01", "0.00"), None, None),  # and of this a fall to zero
]


@pytest.mark.parametrize(("then", "now", "change", "basis"), LIKE_WITH_LIKE)
def test_like_is_compared_with_like_or_nothing_is_said(
    world: World, then: tuple[str, ...], now: tuple[str, ...], change: str | None, basis: str | None
) -> None:
    world.crawl(quoted(A, *(f"{price}00" for price in then)))
    after(world, 6, quoted(A, *(f"{price}00" for price in now)))
    found = world.repository.movers(6, ANY, MoverSide.UNKNOWN if change is None else MoverSide.BOTH)
    (row,) = found.rows()
    assert (row["change_pp"], row["basis"]) == (change and D(change), basis)
    assert (found.unknown, row["change_log_odds"]) == (1, None) if change is None else found.unknown == 0


def test_a_day_ago_is_what_the_exchange_says_of_it_as_in_the_market_list(world: World) -> None:
    world.crawl(quoted(A, "0.1000", "0.1200"))
    yesterday = {"previous_yes_bid_dollars": "0.3000", "previous_yes_ask_dollars": "0.3200"}
    after(world, 24, quoted(A, "0.5000", "0.5200", **(NO_YESTERDAY | yesterday)))
    row = only(world, 24)
    assert (row["then_source"], row["price_then"], row["then_time"]) == ("exchange", D("0.31"), None)
    assert row["change_pp"] == row["change_24h_pp"] == D(20)


def test_a_sentinel_is_no_price_and_the_lakes_own_quote_steps_in(world: World) -> None:
    world.crawl(quoted(A, "0.1000", "0.1200"))
    after(world, 24, quoted(A, "0.5000", "0.5200"))
    row = only(world, 24)
    assert (row["then_source"], row["change_pp"], row["change_24h_pp"]) == ("lake", D(40), None)


def sides(bid: str, ask: str) -> dict[str, Any]:
    words = ("open", "high", "low", "close")
    return {
        "yes_bid": {f"{word}_dollars": bid for word in words},
        "yes_ask": {f"{word}_dollars": ask for word in words},
        "price": {"previous_dollars": "0.2000"},
    }


def with_candles(world: World, ticker: str, *candles: Any) -> None:
    world.client.candles[ticker, 60] = sorted(candles, key=lambda candle: candle.end_period_ts)
    world.seen(world.ingest.candlesticks_of_many([ticker], 60, int(NOW) - 20 * 86_400, int(world.now)))


def test_hourly_candlesticks_know_what_the_lake_did_not_see(world: World) -> None:
    world.crawl(quoted(A, "0.5000", "0.5200"), quoted(B, "0.5000", "0.5200"))
    assert world.repository.movers(6, ANY).unknown == 2
    with_candles(
        world,
        A,
        candlestick(int(NOW) - 7 * HOUR, **sides("0.3000", "0.3200")),
        candlestick(int(NOW) - 5 * HOUR, **sides("0.4000", "0.4200")),
    )
    with_candles(world, B, candlestick(int(NOW) - 31 * HOUR, **sides("0.3000", "0.3200")))
    found = world.repository.movers(6, ANY)
    (row,) = found.rows()
    assert found.unknown == 1, "a candlestick stands for at most 24 hours"
    assert (row["ticker"], row["then_source"], row["change_pp"]) == (A, "candlesticks", D(20))
    assert row["then_time"] == START - timedelta(hours=7)
    assert (row["observations"], row["z"]) == (None, None)


def test_a_wide_candlestick_is_compared_by_the_last_trade_of_then(world: World) -> None:
    world.crawl(quoted(A, "0.5000", "0.5200", "0.5500"))
    with_candles(world, A, candlestick(int(NOW) - 7 * HOUR, **sides("0.1000", "0.3500")))
    row = only(world, 6)
    assert (row["basis"], row["price_then"], row["price_now"]) == ("trades", D("0.2"), D("0.55"))


@pytest.mark.parametrize(
    ("spread_now", "spread_then", "listed"), [(2, 2, True), (10, 2, False), (2, 10, False), (9, 9, True)]
)
def test_a_move_has_to_be_larger_than_half_the_wider_spread(
    world: World, spread_now: int, spread_then: int, listed: bool
) -> None:
    def around(middle: int, spread: int) -> tuple[str, str]:
        return f"{(middle - spread / 2) / 100:.4f}", f"{(middle + spread / 2) / 100:.4f}"

    world.crawl(quoted(A, *around(40, spread_then)))
    after(world, 6, quoted(A, *around(45, spread_now)))
    found = world.repository.movers(6, ANY)
    assert (found.total, found.within_spread, found.unknown) == ((1, 0, 0) if listed else (0, 1, 0))


def test_a_young_lake_counts_everything_as_unknown_and_lists_it_when_asked(world: World) -> None:
    world.crawl(quoted(A, "0.3000", "0.3200"), quoted(B, "0.3000", "0.3200"))
    world.tick(600)
    world.watch(quoted(A, "0.5000", "0.5200"))
    for hours in (1, 6, 24, 168):
        found = world.repository.movers(hours, ANY)
        assert (found.passing, found.unknown, found.within_spread, found.total) == (2, 2, 0, 0)
    unknown = world.repository.movers(6, ANY, MoverSide.UNKNOWN)
    assert [row["ticker"] for row in unknown.rows()] == [A, B]
    assert {row["change_pp"] for row in unknown.rows()} == {None}


def test_up_and_down_are_lists_of_their_own_and_sizes_rank_both(world: World) -> None:
    world.crawl(*(quoted(ticker, "0.4000", "0.4200") for ticker in (A, B, C)))
    moved = (quoted(A, "0.5000", "0.5200"), quoted(B, "0.1000", "0.1200"), quoted(C, "0.0200", "0.0300"))
    after(world, 6, *moved)

    def tickers(side: MoverSide, column: MoverColumn = MoverColumn.POINTS) -> list[str]:
        return [row["ticker"] for row in world.repository.movers(6, ANY, side, (Order(column),)).rows()]

    assert tickers(MoverSide.BOTH) == [C, B, A]
    assert tickers(MoverSide.UP) == [A]
    assert tickers(MoverSide.DOWN, MoverColumn.LOG_ODDS) == [C, B]
    counts = world.repository.movers(6, ANY, MoverSide.UP)
    assert (counts.total, counts.passing, counts.unknown) == (1, 3, 0)


FILTERED = {
    "categories": (("Nothing",), {}),
    "series": (("KXNOPE",), {}),
    "volume_24h_min_contracts": (2_000, {"volume_24h_fp": "1999.00"}),
    "days_to_close_min": (D(1), {"close_time": "2027-01-16T13:00:00Z"}),
    "days_to_close_max": (D(365), {"close_time": "2028-07-15T00:00:00Z"}),
    "days_to_expiration_min": (D(1), {"expected_expiration_time": "2027-01-16T13:00:00Z"}),
    "days_open_min": (D(2), {"open_time": "2027-01-13T16:00:00Z"}),
}


@pytest.mark.parametrize("part", [field.name for field in fields(MoverFilter)])
def test_every_part_of_the_filter_hides_what_it_says(world: World, part: str) -> None:
    value, changes = FILTERED[part]
    world.crawl(quoted(A, "0.3000", "0.3200", **changes))
    after(world, 6, quoted(A, "0.5000", "0.5200", **changes))
    assert world.repository.movers(6, ANY).total == 1
    filtered = replace(ANY, **{part: value})
    found = world.repository.movers(6, filtered)
    assert (found.total, found.passing) == (0, 0)
    assert world.repository.tightest_mover_filter(6, filtered) == (part, 1)


def test_the_filter_of_the_seed_lets_an_ordinary_market_through(world: World) -> None:
    world.crawl(quoted(A, "0.3000", "0.3200"))
    after(world, 6, quoted(A, "0.5000", "0.5200"))
    assert world.repository.movers(6).total == 1
    assert world.repository.tightest_mover_filter(6, ANY) is None


def test_pages_follow_each_other_and_one_behind_the_last_is_the_last(world: World) -> None:
    tickers = [f"KXTEST-27JAN15-{n}" for n in range(5)]
    world.crawl(*(quoted(ticker, "0.1000", "0.1200") for ticker in tickers))
    after(world, 6, *(quoted(ticker, f"0.{3 + n}000", f"0.{3 + n}200") for n, ticker in enumerate(tickers)))

    def page(offset: int) -> list[str]:
        answer = world.repository.movers(6, ANY, offset=offset, limit=2)
        assert answer.total == 5
        return [row["ticker"] for row in answer.rows()]

    assert [page(0), page(2), page(4), page(99)] == [tickers[:-3:-1], tickers[2:0:-1], tickers[:1], tickers[:1]]


def test_what_stood_then_is_kept_but_new_candlesticks_are_seen_at_once(world: World) -> None:
    world.crawl(quoted(A, "0.5000", "0.5200"))
    past, _ = world.repository._then(world.repository._view(), 6, world.repository._minute())
    world.tick(60)
    world.watch(quoted(A, "0.6000", "0.6200"))
    again, _ = world.repository._then(world.repository._view(), 6, world.repository._minute())
    assert again is past
    with_candles(world, A, candlestick(int(NOW) - 7 * HOUR, **sides("0.3000", "0.3200")))
    assert only(world, 6)["change_pp"] == D(30)


def test_z_and_surge_come_from_the_history_of_the_market(world: World) -> None:
    world.crawl(quoted(A, "0.5000", "0.5200"))
    middles = [30 + n % 5 for n in range(24 * 9)]
    ends = [int(NOW) - HOUR * n for n in range(24 * 9)]
    candles = [
        candlestick(end, volume_fp="10.00", **sides(f"{(m - 1) / 100:.4f}", f"{(m + 1) / 100:.4f}"))
        for end, m in zip(ends, middles, strict=True)
    ]
    with_candles(world, A, *candles)
    maintain(world.ingest, world.repository)
    world.repository.advance()
    row = only(world, 6)
    before = [m / 100 for m in middles[6 : 6 + 24 * 7]][::-1]
    deviation = odds.hourly_deviation(before)
    assert row["observations"] == 24 * 7 - 1
    assert row["hourly_deviation"] == pytest.approx(deviation)
    assert row["z"] == pytest.approx(odds.z_score(row["change_log_odds"], deviation, 6))
    assert row["surge"] == pytest.approx(float(activity.surge(D(5000), D(240 * 7), 7)))


def test_a_line_has_the_last_chance_of_each_bucket_from_quotes_and_candlesticks(world: World) -> None:
    with_candles(world, A, candlestick(int(NOW) - 20 * HOUR, **sides("0.3000", "0.3200")))
    world.crawl(quoted(A, "0.4000", "0.4200"), quoted(B, "0.4000", "0.4200"))
    world.tick(4 * HOUR)
    world.watch(quoted(A, "0.5000", "0.5200"))
    rows = world.repository.sparklines([A], 24).rows()
    assert {row["ticker"] for row in rows} == {A}
    assert {row["bucket"]: row["probability"] for row in rows} == {0: D("0.31"), 40: D("0.41"), 48: D("0.51")}
    assert world.repository.sparklines([], 24).rows() == []


def test_a_line_begins_with_what_stood_when_the_span_began(world: World) -> None:
    ends = (int(NOW) - 25 * HOUR, int(NOW) - 24 * HOUR + 600, int(NOW) - 24 * HOUR + 1800, int(NOW) - 1)
    prices = (("0.3000", "0.3200"), ("0.5000", "0.5200"), ("0.6000", "0.6200"), ("0.7000", "0.7200"))
    with_candles(world, A, *(candlestick(end, **sides(*price)) for end, price in zip(ends, prices, strict=True)))
    rows = world.repository.sparklines([A], 24).rows()
    assert {row["bucket"]: row["probability"] for row in rows} == {0: D("0.31"), 1: D("0.61"), 48: D("0.71")}


def test_an_empty_lake_has_no_movers_and_counts_none(world: World) -> None:
    found = world.repository.movers(6)
    assert (found.total, found.passing, found.unknown, found.rows()) == (0, 0, 0, [])


# The SQL against the formulas


def ask(values: dict[str, Any], **rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run `movers_then.sql` over rows that are made here."""
    with duckdb.connect() as engine:
        engine.execute("LOAD icu; SET TimeZone = 'UTC'")
        for name in ("markets", "events", "series", "quotes", "candlesticks", "refresh_log"):
            schema = pa.schema([field.with_nullable(True) for field in TABLES[name].arrow])
            held = [dict.fromkeys(schema.names) | row for row in rows.get(name, [])]
            engine.register(f"{name}_rows", pa.Table.from_pylist(held, schema))
            engine.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_rows")
        engine.execute(f"CREATE TABLE market_list AS {sql_text('hot/market_list')}")
        return engine.sql(sql_text("movers_then"), params=values).to_arrow_table().to_pylist()


THEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
VALUES = {
    "then": THEN,
    "looked_from": THEN - timedelta(hours=3),
    "first_day": "2026-11-17",
    "last_day": "2026-11-20",
    "day_before": THEN - timedelta(days=1),
    "week_before": THEN - timedelta(days=7),
    "first_month": "2026-11",
    "last_month": "2026-11",
    "observations_min": 24,
}
OPEN = {"ticker": "A", "event_ticker": "E", "status": "active", "fetched_time": THEN}
HOURS = st.dictionaries(st.integers(0, 24 * 7 - 1), st.integers(1, 98), min_size=10, max_size=120)


@settings(max_examples=30, suppress_health_check=[HealthCheck.filter_too_much])
@given(HOURS, st.sampled_from([None, D("0.01"), D("0.001")]))
def test_the_restlessness_of_a_market_is_the_deviation_of_its_hours(
    hours: dict[int, int], tick: Decimal | None
) -> None:
    candles = [
        {"period_minutes": 60, "month": "2026-11", "ticker": "A", "end_time": THEN - timedelta(hours=ago),
         "yes_bid_close_dollars": D(cents) / 100, "yes_ask_close_dollars": D(cents + 1) / 100}
        for ago, cents in hours.items()
    ]  # fmt: skip
    found = ask(VALUES, markets=[OPEN | {"tick_dollars": tick}], candlesticks=candles)
    ordered_hours = sorted(hours, reverse=True)
    assume(all(before - now <= 24 for before, now in pairwise(ordered_hours)))
    (row,) = found
    series: list[float] = []
    for ago in range(ordered_hours[0], ordered_hours[-1] - 1, -1):  # the slow way: every hour by itself
        series.append((hours[ago] + 0.5) / 100 if ago in hours else series[-1])
    expected = odds.hourly_deviation(series, tick)
    assert row["observations"] == len(series) - 1
    if expected is None or expected < 1e-9:
        assert row["hourly_deviation"] is None or row["hourly_deviation"] < 1e-6
    else:
        assert row["hourly_deviation"] == pytest.approx(expected, rel=1e-6)


def test_hours_behind_a_gap_of_more_than_a_day_are_not_compared_across_it() -> None:
    ends = [*range(30), *range(60, 90)]
    candles = [
        {"period_minutes": 60, "month": "2026-11", "ticker": "A", "end_time": THEN - timedelta(hours=ago),
         "yes_bid_close_dollars": D(40 + ago % 3) / 100, "yes_ask_close_dollars": D(42 + ago % 3) / 100}
        for ago in ends
    ]  # fmt: skip
    (row,) = ask(VALUES, markets=[OPEN], candlesticks=candles)
    assert row["observations"] == 29 + 29
    series = [0.41 + ago % 3 / 100 if ago in ends else None for ago in range(89, -1, -1)]
    assert row["hourly_deviation"] == pytest.approx(odds.hourly_deviation(series))


def test_fewer_than_24_hours_have_no_deviation_and_neither_has_a_price_that_never_moved() -> None:
    def candles(count: int, moving: bool) -> list[dict[str, Any]]:
        return [
            {"period_minutes": 60, "month": "2026-11", "ticker": "A", "end_time": THEN - timedelta(hours=ago),
             "yes_bid_close_dollars": D(40 + moving * ago % 3) / 100, "yes_ask_close_dollars": D("0.45")}
            for ago in range(count)
        ]  # fmt: skip

    for count, moving, known in ((24, True, False), (25, True, True), (60, False, False)):
        (row,) = ask(VALUES, markets=[OPEN], candlesticks=candles(count, moving))
        assert (row["observations"], row["hourly_deviation"] is not None) == (count - 1, known)


PRICES = st.none() | st.integers(1, 99).map(lambda cents: D(cents) / 100)


@settings(max_examples=60)
@given(st.tuples(*[PRICES] * 6), st.sampled_from([1, 6, 168]), st.none() | st.floats(0.01, 2))
def test_a_move_is_the_formula(prices: tuple[Decimal | None, ...], hours: int, deviation: float | None) -> None:
    bid, ask_now, last, bid_then, ask_then, last_then = prices
    now = {"yes_bid_dollars": bid, "yes_ask_dollars": ask_now, "last_price_dollars": last}
    past = pa.Table.from_pylist(
        [
            {"ticker": "A", "seen_time": THEN, "seen_bid_dollars": bid_then, "seen_ask_dollars": ask_then,
             "seen_price_dollars": last_then, "candle_time": None, "candle_bid_dollars": None,
             "candle_ask_dollars": None, "candle_price_dollars": None, "observations": 30,
             "hourly_deviation": deviation}
        ],
        pa.schema([("ticker", pa.string()), ("seen_time", pa.timestamp("us", "UTC")),
                   *((f"seen_{n}_dollars", pa.decimal128(9, 4)) for n in ("bid", "ask", "price")),
                   ("candle_time", pa.timestamp("us", "UTC")),
                   *((f"candle_{n}_dollars", pa.decimal128(9, 4)) for n in ("bid", "ask", "price")),
                   ("observations", pa.int32()), ("hourly_deviation", pa.float64())]),
    )  # fmt: skip
    values = {
        **dict.fromkeys(("volume_24h_min", "closes_from", "closes_to", "expires_from", "opened_to")),
        "hours": hours,
        "categories": [],
        "series": [],
        "side": "both",
        "offset": 0,
        "limit": 9,
    }
    with duckdb.connect() as engine:
        engine.execute("LOAD icu; SET TimeZone = 'UTC'")
        for name, rows in {"markets": [OPEN | now], "events": [], "series": [], "quotes": []}.items():
            schema = pa.schema([field.with_nullable(True) for field in TABLES[name].arrow])
            held = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)
            engine.register(f"{name}_rows", held)
            engine.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_rows")
        engine.execute(f"CREATE TABLE market_list AS {sql_text('hot/market_list')}")
        engine.register("movers_then", past)
        days = pa.schema([("ticker", pa.string()), ("mean_daily_contracts", pa.float64())])
        engine.register("mean_days", pa.Table.from_pylist([], days))
        sql = ordered(sql_text("movers"), LARGEST_MOVE, "ticker")
        (row,) = engine.sql(sql, params=values).to_arrow_table().to_pylist()

    def middle(low: Decimal | None, high: Decimal | None) -> Decimal | None:
        return (low + high) / 2 if low is not None and high is not None and high - low <= D("0.20") else None

    def spread(low: Decimal | None, high: Decimal | None) -> Decimal:
        return D(0) if low is None or high is None else high - low

    mids = (middle(bid, ask_now), middle(bid_then, ask_then))
    pair = mids if None not in mids else (last, last_then)
    change = odds.change_pp(*pair) if None not in pair else None
    beyond = change is not None and abs(change) > 50 * max(spread(bid, ask_now), spread(bid_then, ask_then))
    assert (row["passing_markets"], row["unknown_markets"]) == (1, int(change is None))
    assert row["total"] == int(beyond)
    if beyond:
        moved = odds.change_log_odds(*pair)
        assert row["change_pp"] == change.quantize(D("0.001"))
        assert row["change_log_odds"] == pytest.approx(moved)
        z = odds.z_score(moved, deviation, hours)
        assert (row["z"] is None) == (z is None)
        assert z is None or row["z"] == pytest.approx(z)


def test_an_event_of_another_day_is_listed_too(world: World) -> None:
    """Sparklines and movers are by market: two events of one series are four lines, not one."""
    other = "KXTEST-27JAN16-A"
    first = [
        event(markets=[quoted(A, "0.3000", "0.3200")]),
        event("KXTEST-27JAN16", markets=[quoted(other, "0.3000", "0.3200")]),
    ]
    world.crawl(events=first)
    world.tick(6 * HOUR)
    world.crawl(
        events=[
            event(markets=[quoted(A, "0.5000", "0.5200")]),
            event("KXTEST-27JAN16", markets=[quoted(other, "0.6000", "0.6200")]),
        ]
    )
    answer = world.repository.movers(6, ANY)
    assert [row["ticker"] for row in answer.rows()] == [other, A]
    assert SPARKLINE_POINTS == 48
