"""The exchange as a whole, order books, days, markets that are not stored, and the size of the lake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from data_layer.api import wire
from data_layer.errors import NoDataError
from data_layer.maintenance import maintain
from data_layer.parsing import parse_order_book
from data_layer.questions import MarketFilter
from tests.data_layer.wire_samples import NOW, candlestick, market
from tests.data_layer.world import World

A, B = "KXTEST-27JAN15-A", "KXTEST-27JAN15-B"
SEEN = datetime.fromtimestamp(NOW, UTC)


def book(yes=(), no=()) -> wire.OrderBook:
    body = {"ticker": A, "orderbook_fp": {"yes_dollars": list(yes), "no_dollars": list(no)}}
    return msgspec.convert(body, wire.OrderBook)


def test_totals_count_contracts_and_estimate_dollars_only_where_there_is_a_probability(world: World):
    priced = market(A, volume_24h_fp="200.00", open_interest_fp="10.00")
    unpriced = market(
        B,
        yes_bid_dollars="0.0000",
        yes_ask_dollars="1.0000",
        no_bid_dollars="0.0000",
        no_ask_dollars="1.0000",
        last_price_dollars="0.0000",
        volume_24h_fp="50.00",
        open_interest_fp="5.00",
    )
    world.crawl(priced, unpriced)
    (row,) = world.repository.pulse_totals().rows()
    assert row["open_markets"] == 2
    assert row["volume_24h_contracts"] == Decimal("250.00")
    assert row["priced_volume_24h_contracts"] == Decimal("200.00")
    assert row["volume_24h_dollars"] == Decimal("114.00")  # 200 x 57 cents
    assert row["open_interest_contracts"] == Decimal("15.00")


def test_totals_of_a_day_ago_say_when_the_lake_is_too_young(world: World):
    world.crawl(market(A, open_interest_fp="10.00"))
    assert world.repository.pulse_totals_then().rows()[0]["reaches_back"] is False
    world.tick(90_000)
    world.crawl(market(A, open_interest_fp="70.00"))
    (row,) = world.repository.pulse_totals_then().rows()
    assert row["reaches_back"] is True
    assert row["open_interest_contracts"] == Decimal("10.00")


def test_a_day_ago_is_counted_by_the_same_rules_as_today(world: World):
    opened = (SEEN - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    gone = market("KXGONE-27JAN15-Z", event_ticker="KXGONE-27JAN15", volume_24h_fp="10.00", open_time=opened)
    world.crawl(
        market(A, volume_24h_fp="200.00", last_price_dollars="0.1000"), market(B, volume_24h_fp="50.00"), gone
    )
    today = world.repository.pulse_totals().rows()[0]
    world.tick(60)
    world.crawl(market(A, volume_24h_fp="900.00", last_price_dollars="0.9000"))
    assert world.repository.pulse_totals_then().rows()[0]["oldest_time"] == SEEN
    world.tick(86_400 - 60)
    world.crawl(market(A, volume_24h_fp="700.00"))
    (then,) = world.repository.pulse_totals_then().rows()
    for name in ("open_markets", "open_events", "volume_24h_contracts", "volume_24h_dollars"):
        assert then[name] == today[name], name
    assert then["then_time"] == SEEN
    assert then["new_24h_markets"] is None, "a lake of one day cannot know what opened the day before"


def test_a_market_that_was_silent_for_days_was_still_there_a_day_ago(world: World):
    hour, silent, stirring = 3600, market(B, volume_24h_fp="0.00", open_interest_fp="40.00"), "KXTEST-27JAN15-C"
    asleep = market(stirring, volume_24h_fp="0.00", open_interest_fp="7.00")
    awake = market(stirring, volume_24h_fp="2.00", open_interest_fp="9.00")
    world.crawl(market(A, volume_24h_fp="5.00", open_interest_fp="1.00"), silent, asleep)
    for _ in range(4):
        world.tick(24 * hour)
        world.crawl(market(A, volume_24h_fp=f"{5 + world.now % 97:.2f}", open_interest_fp="1.00"), silent, asleep)
    world.tick(24 * hour)
    world.crawl(market(A, volume_24h_fp="1.00", open_interest_fp="1.00"), silent, awake)
    world.tick(hour)
    world.crawl(market(A, volume_24h_fp="2.00", open_interest_fp="1.00"), silent, awake)
    (then,) = world.repository.pulse_totals_then().rows()
    assert then["open_markets"] == 3
    assert then["open_interest_contracts"] == Decimal("50.00"), "1 + 40 + 9: of what stirs since, when it stirred"
    assert (then["reaches_back"], then["has_gap"], then["new_24h_markets"]) == (True, False, 0)


def test_a_day_that_nobody_watched_is_a_gap_and_no_comparison(world: World):
    world.crawl(market(A))
    world.tick(10 * 86_400)
    world.crawl(market(A, volume_24h_fp="1.00"))
    (then,) = world.repository.pulse_totals_then().rows()
    assert (then["reaches_back"], then["has_gap"]) == (False, True)


def test_a_day_ago_is_read_again_only_after_minutes(world: World):
    world.crawl(market(A))
    first = world.repository.pulse_totals_then()
    world.crawl(market(A, volume_24h_fp="1.00"))
    assert world.repository.pulse_totals_then().table is first.table
    world.tick(301)
    assert world.repository.pulse_totals_then().table is not first.table


def test_what_opened_the_day_before_needs_two_days_of_history(world: World):
    opened = (SEEN + timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.crawl(market(A))
    world.tick(86_400)
    world.crawl(market(A, volume_24h_fp="1.00"), market(B, open_time=opened))
    world.tick(86_400)
    world.crawl(market(A, volume_24h_fp="2.00"), market(B, open_time=opened))
    assert world.repository.pulse_totals_then().rows()[0]["new_24h_markets"] == 1


def test_surge_needs_history_and_is_measured_against_it(world: World):
    world.crawl(market(A, volume_24h_fp="7000.00"), market(B, volume_24h_fp="9000.00"))
    ends = [int(NOW) // 3600 * 3600 - 3600 * n for n in range(24 * 9)]
    world.client.candles[A, 60] = [candlestick(end, volume_fp="10.00") for end in ends]
    world.ingest.market_history(A, "KXTEST", ((60, 30),))
    maintain(world.ingest, world.repository)
    world.repository.advance()
    assert world.repository.pulse_history().rows() == [{"markets": 1, "measured_markets": 1}]
    (row,) = world.repository.pulse_surges().rows()
    assert row["ticker"] == A
    assert row["mean_daily_contracts"] == pytest.approx(240.0)
    assert row["surge"] == pytest.approx(7000 / 240)


def test_closing_is_what_trades_and_ends_next(world: World):
    soon = (SEEN + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    past = (SEEN - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.crawl(
        market(A),
        market(B, expected_expiration_time=soon, volume_24h_fp="7.00"),
        market("KXTEST-27JAN15-D", expected_expiration_time=soon, volume_24h_fp="9.00"),
        market("KXTEST-27JAN15-C", expected_expiration_time=past),
    )
    listed = [(row["ticker"], row["event_markets"]) for row in world.repository.pulse_closing().rows()]
    assert listed == [("KXTEST-27JAN15-D", 2), (A, 1)], "one of the two that end together, the more traded one"


def test_new_listings_are_of_different_events(world: World):
    opened = (SEEN - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    older = (SEEN - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    other = market("KXOTHER-27JAN15-A", event_ticker="KXOTHER-27JAN15", open_time=opened, volume_24h_fp="3.00")
    world.crawl(
        market(A, open_time=opened, volume_24h_fp="5.00"),
        market(B, open_time=opened, volume_24h_fp="7.00"),
        market("KXTEST-27JAN15-C", open_time=older, volume_24h_fp="99.00"),
        other,
    )
    listed = [(row["ticker"], row["event_markets"]) for row in world.repository.pulse_new().rows()]
    assert listed == [(B, 2), ("KXOTHER-27JAN15-A", 1)]


def test_category_share_adds_up_to_the_totals(world: World):
    world.crawl(market(A, volume_24h_fp="200.00"), market(B, volume_24h_fp="50.00"))
    rows = world.repository.category_share().rows()
    assert sum(row["volume_24h_contracts"] for row in rows) == Decimal("250.00")
    assert sum(row["markets"] for row in rows) == 2


def test_tightest_filter_names_the_part_that_hides_most(world: World):
    world.crawl(market(A), market(B))
    hidden = MarketFilter(text="rain", spread_max_dollars=Decimal("0.001"))
    assert world.repository.markets(hidden).total == 0
    assert world.repository.tightest_filter(hidden) == ("spread_max_dollars", 2)
    assert world.repository.tightest_filter(MarketFilter(text="zzz", event="none")) is None


def test_book_is_sorted_best_first_whatever_order_it_came_in(world: World):
    world.crawl(market(A))
    world.client.books[A] = book([("0.5000", "10.00"), ("0.5600", "3.50")], [("0.4200", "7.00"), ("0.1000", "1.00")])
    world.ingest.order_book(A)
    world.repository.advance()
    rows = world.repository.order_book(A).rows()
    assert [(row["side"], row["price_dollars"]) for row in rows] == [
        ("yes", Decimal("0.5600")),
        ("yes", Decimal("0.5000")),
        ("no", Decimal("0.4200")),
        ("no", Decimal("0.1000")),
    ]


def test_only_the_newest_book_is_answered(world: World):
    world.crawl(market(A))
    world.client.books[A] = book([("0.5000", "10.00")])
    world.ingest.order_book(A)
    world.tick(60)
    world.client.books[A] = book([("0.6000", "1.00")])
    world.ingest.order_book(A)
    world.repository.advance()
    assert [row["price_dollars"] for row in world.repository.order_book(A).rows()] == [Decimal("0.6000")]


@pytest.mark.parametrize("level", [("0.0000", "5.00"), ("1.0000", "5.00"), ("0.5000", "0.00"), ("x", "1.00")])
def test_unreal_level_is_refused_with_its_reason(level):
    batch = parse_order_book(A, book([level, ("0.4000", "1.00")]), SEEN)
    assert batch.table.num_rows == 1
    assert batch.rejects[0].reason


def test_missing_sides_of_a_book_are_no_levels():
    empty = msgspec.convert({"ticker": A, "orderbook_fp": {"yes_dollars": None}}, wire.OrderBook)
    assert parse_order_book(A, empty, SEEN).table.num_rows == 0
    assert parse_order_book(A, wire.OrderBook(ticker=A), SEEN).table.num_rows == 0


def test_market_that_is_not_stored_is_fetched_where_it_belongs(world: World):
    world.crawl(market(A))
    old = market("KXOLD-1-A", status="finalized", result="yes", settlement_ts="2026-12-01T00:00:00Z")
    world.client.markets = [old, market(B)]
    for ticker in ("KXOLD-1-A", B):
        with pytest.raises(NoDataError):
            world.repository.market(ticker)
        assert world.ingest.missing_market(ticker).outcome == "complete"
        world.repository.advance()
        assert world.repository.market(ticker).rows()[0]["series_ticker"] == "KXTEST"
    assert world.lake.snapshot().rows("settled_markets") == 1
    assert world.repository.snapshot_info().open_markets == 2


def test_market_nobody_knows_is_a_failed_refresh_and_nothing_else(world: World):
    world.crawl(market(A))
    assert world.ingest.missing_market("KXNOSUCH").outcome == "failed"


def test_daily_bars_are_eastern_days_with_the_volume_weighted_price(world: World):
    world.crawl(market(A))
    midnight = int(datetime(2027, 1, 14, 5, tzinfo=UTC).timestamp())  # 00:00 in New York
    low = {"open_dollars": "0.4000", "high_dollars": "0.4000", "low_dollars": "0.4000", "close_dollars": "0.4000"}
    world.client.candles[A, 60] = [
        candlestick(midnight, price={**low, "mean_dollars": "0.4000"}, volume_fp="30.00"),
        candlestick(midnight - 3600, price={**low, "mean_dollars": "0.6000"}, volume_fp="10.00"),
        candlestick(midnight + 3600, price=None, volume_fp="0.00"),
    ]
    world.ingest.market_history(A, "KXTEST", ((60, 30),))
    world.repository.advance()
    quiet, busy = world.repository.daily_bars(A).rows()
    assert (str(busy["day"]), busy["vwap_dollars"], busy["volume_contracts"]) == (
        "2027-01-13",
        Decimal("0.4500"),
        Decimal("40.00"),
    )
    assert (str(quiet["day"]), quiet["vwap_dollars"]) == ("2027-01-14", None)


def test_storage_tells_size_age_and_compression_of_every_table(world: World):
    world.crawl(market(A), market(B))
    rows = {row["table"]: row for row in world.repository.storage().rows()}
    assert rows["markets"]["rows"] == 2
    assert rows["markets"]["files"] == 1
    assert rows["markets"]["csv_bytes"] > 500
    assert rows["markets"]["newest"] == SEEN
    assert rows["trades"]["rows"] == 0
    assert rows["trades"]["newest"] is None


def test_queries_are_timed_by_name(world: World):
    world.crawl(market(A))
    world.repository.markets()
    assert {row["query"] for row in world.repository.queries().rows()} >= {"markets", "markets_count"}
