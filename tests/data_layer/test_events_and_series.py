"""Questions about events and series over a real lake: open and settled outcomes, chances over time, events of a series."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from data_layer.errors import NoDataError
from data_layer.series_questions import SeriesColumn, SeriesFilter, SeriesOrder
from tests.data_layer.wire_samples import NOW, candlestick, event, market, series
from tests.data_layer.world import World

EVENT, A, B, C = "KXTEST-27JAN15", "KXTEST-27JAN15-A", "KXTEST-27JAN15-B", "KXTEST-27JAN15-C"
PAID = {"status": "finalized", "settlement_ts": "2027-01-14T00:00:00Z", "close_time": "2027-01-13T00:00:00Z"}
NO = PAID | {"result": "no", "settlement_value_dollars": "0.0000"}


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as world:
        yield world


def quoted(ticker, bid, ask, **changes):
    return market(ticker, yes_bid_dollars=bid, yes_ask_dollars=ask, **changes)


def test_outcomes_are_open_and_settled_ones_and_the_likeliest_leads(world):
    world.crawl(quoted(A, "0.1000", "0.1200"), quoted(B, "0.6000", "0.6200"), market(C, **NO))
    rows = world.repository.event_outcomes(EVENT).rows()
    assert [row["ticker"] for row in rows] == [B, A, C]
    assert [row["probability"] for row in rows] == [Decimal("0.61"), Decimal("0.11"), None]
    assert rows[2]["result"] == "no"
    assert rows[2]["settlement_value_dollars"] == 0
    assert rows[0]["series_ticker"] == "KXTEST"


def test_outcomes_that_do_not_exclude_each_other_are_led_by_the_most_traded(world):
    legs = [quoted(A, "0.9000", "0.9200", volume_24h_fp="1.00"), quoted(B, "0.1000", "0.1200", volume_24h_fp="9.00")]
    world.crawl(events=[event(markets=legs, mutually_exclusive=False)])
    assert [row["ticker"] for row in world.repository.event_outcomes(EVENT).rows()] == [B, A]


def test_a_market_that_settled_after_the_crawl_counts_once_as_settled(world):
    world.crawl(market(A), market(B))
    world.client.markets = [market(A, **NO)]
    world.seen(world.ingest.settled())
    rows = {row["ticker"]: row for row in world.repository.event_outcomes(EVENT).rows()}
    assert len(rows) == 2
    assert (rows[A]["status"], rows[A]["result"], rows[A]["probability"]) == ("finalized", "no", None)
    assert rows[B]["status"] == "active"
    assert rows[A]["yes_bid_dollars"] is None


def test_an_event_of_which_only_markets_are_stored_is_told_from_them(world):
    world.client.markets = [market(A, **NO)]
    world.seen(world.ingest.settled())
    (row,) = world.repository.event(EVENT).rows()
    assert (row["title"], row["is_stored"], row["mutually_exclusive"]) == (
        "Will it rain in Springfield?",
        False,
        None,
    )
    with pytest.raises(NoDataError):
        world.repository.event("KXNOWHERE-1")


def test_a_missing_event_comes_from_both_tiers(world):
    world.client.events = [event(markets=[market(A)])]
    world.client.archived = [market(B, **NO), market(A, **NO)]
    report = world.seen(world.ingest.missing_event(EVENT))
    assert (report.outcome, report.rows) == ("complete", 2)
    found = {row["ticker"]: row["status"] for row in world.repository.event_outcomes(EVENT).rows()}
    assert found == {A: "active", B: "finalized"}
    assert world.repository.event(EVENT).rows()[0]["is_stored"]


def test_an_archived_event_has_its_markets_and_an_unknown_one_fails(world):
    world.client.unknown_events = {EVENT}
    assert world.ingest.missing_event(EVENT).outcome == "failed"
    world.client.archived = [market(B, **NO)]
    assert world.seen(world.ingest.missing_event(EVENT)).outcome == "complete"
    assert [row["ticker"] for row in world.repository.event_outcomes(EVENT).rows()] == [B]


def test_chances_are_middles_else_trades_else_nothing_and_merge_to_the_last(world):
    world.crawl(market(A))
    end = int(NOW) // 3600 * 3600
    side = {"open_dollars": "0.1000", "high_dollars": "0.1000", "low_dollars": "0.1000", "close_dollars": "0.1000"}
    wide = dict.fromkeys(side, "0.9000")
    nothing = {"previous_dollars": None}
    world.client.candles[A, 60] = [
        candlestick(end - 7200),
        candlestick(end - 3600, yes_bid=side, yes_ask=wide),
        candlestick(end, yes_bid=side, yes_ask=wide, price=nothing),
    ]
    world.seen(world.ingest.candlesticks_of_many([A], 60, end - 86_400, end))
    rows = world.repository.event_candlesticks([A, B]).rows()
    assert [row["chance"] for row in rows] == [Decimal("0.57"), Decimal("0.56"), None]
    (merged,) = world.repository.event_candlesticks([A], 60, bucket_minutes=100_000).rows()
    assert (merged["chance"], merged["candlesticks"]) == (None, 3)
    assert merged["opening_chance"] == Decimal("0.57")


def test_days_are_us_eastern_and_sum_the_outcomes(world):
    world.crawl(market(A), market(B))
    midnight = int(NOW) // 86_400 * 86_400 + 5 * 3600  # 2027-01-15 00:00 in New York
    for ticker in (A, B):
        world.client.candles[ticker, 1440] = [candlestick(midnight), candlestick(midnight - 3 * 86_400)]
    world.seen(world.ingest.candlesticks_of_many([A, B], 1440, midnight - 10 * 86_400, midnight))
    rows = world.repository.event_days([A, B]).rows()
    assert [(row["day"], row["volume_contracts"]) for row in rows] == [
        (date(2027, 1, 11), Decimal(20)),
        (date(2027, 1, 14), Decimal(20)),
    ]


def test_every_series_is_listed_with_the_activity_of_its_open_markets(world):
    world.client.series_list = [
        series(tags=["Rain", "Daily"], volume_fp="5.00"),
        series("KXQUIET", title="Quiet", tags=[], category="Politics"),
    ]
    world.seen(world.ingest.series())
    world.crawl(market(A), market(B, status="closed"))
    first, second = world.repository.series_list().rows()
    assert (first["series_ticker"], first["open_markets"], first["open_events"]) == ("KXTEST", 1, 1)
    assert first["volume_24h_contracts"] == 400
    assert (second["series_ticker"], second["open_markets"], second["volume_24h_contracts"]) == ("KXQUIET", 0, None)

    def found(**wanted):
        return [row["series_ticker"] for row in world.repository.series_list(SeriesFilter(**wanted)).rows()]

    assert found(text="rain daily") == ["KXTEST"]
    assert found(text="rain % daily") == []
    assert found(tag="Daily") == ["KXTEST"]
    assert found(category="Politics") == ["KXQUIET"]
    assert found(only_open=True) == ["KXTEST"]
    by_title = world.repository.series_list(order=SeriesOrder(SeriesColumn.TITLE, False), offset=1, limit=1)
    assert ([row["series_ticker"] for row in by_title.rows()], by_title.total) == (["KXTEST"], 2)
    assert world.repository.series_list(offset=40).total == 2
    assert world.repository.series_tags("Politics").rows() == []
    assert [row["tag"] for row in world.repository.series_tags().rows()] == ["Daily", "Rain"]


def test_a_series_that_was_not_fetched_is_listed_by_its_markets(world):
    world.crawl(market(A))
    (row,) = world.repository.series_list().rows()
    assert (row["series_ticker"], row["fee_type"]) == ("KXTEST", None)
    assert world.repository.series_about("KXTEST").rows()[0]["series_ticker"] == "KXTEST"
    with pytest.raises(NoDataError):
        world.repository.series_about("KXNOWHERE")


def test_events_of_a_series_are_open_ones_first_and_settled_ones_fetched(world):
    old = event("KXTEST-27JAN01", markets=[market("KXTEST-27JAN01-A", **NO), market("KXTEST-27JAN01-B", **NO)])
    world.client.events = [old]
    assert world.seen(world.ingest.settled_of_series("KXTEST")).outcome == "complete"
    assert world.client.asked[-1][1]["series_ticker"] == "KXTEST"
    world.crawl(market(A), market(B, **NO))
    first, second = world.repository.series_events("KXTEST").rows()
    assert (first["event_ticker"], first["markets"], first["open_markets"], first["decided_markets"]) == (
        EVENT,
        2,
        1,
        1,
    )
    assert first["volume_24h_contracts"] == 200
    assert (second["event_ticker"], second["open_markets"], second["decided_markets"]) == ("KXTEST-27JAN01", 0, 2)
    assert second["title"] == "Will it rain in Springfield?"  # the crawl knows open events alone
    assert second["volume_24h_contracts"] is None
    assert world.repository.series_events("KXOTHER").total == 0


def test_markets_of_different_events_open_and_settled_are_compared_in_one_question(world):
    other = "KXTEST-27FEB20-A"
    world.crawl(market(A), market(other, event_ticker="KXTEST-27FEB20"))
    world.client.markets = [market(B, **NO)]
    world.seen(world.ingest.settled())
    end = int(NOW) // 3600 * 3600
    for ticker, hours in ((A, (1, 0)), (other, (0,)), (B, (3, 2))):
        world.client.candles[ticker, 60] = [candlestick(end - hour * 3600) for hour in hours]
        world.seen(world.ingest.candlesticks_of_many([ticker], 60, end - 86_400, end))
    rows = world.repository.watched_markets([B, other, A]).rows()
    assert [(row["ticker"], row["result"]) for row in rows] == [(B, "no"), (other, None), (A, None)]
    assert all(row["tick_dollars"] is not None for row in rows)
    chances = world.repository.event_candlesticks([B, other, A]).rows()
    assert [row["ticker"] for row in chances] == [other, A, A, B, B]
    assert {row["chance"] for row in chances} == {Decimal("0.57")}


def test_a_window_of_chances_is_inclusive_at_both_ends(world):
    world.crawl(market(A))
    end = int(NOW) // 3600 * 3600
    world.client.candles[A, 60] = [candlestick(end - n * 3600) for n in (2, 1, 0)]
    world.seen(world.ingest.candlesticks_of_many([A], 60, end - 86_400, end))
    ends = world.repository.event_candlesticks([A]).table["end_time"].to_pylist()
    found = world.repository.event_candlesticks([A], 60, ends[0], ends[1])
    assert found.table["end_time"].to_pylist() == ends[:2]
    assert world.repository.event_candlesticks([A], 60, ends[2] + timedelta(seconds=1)).total == 0


def test_the_list_of_series_is_of_the_newest_crawl_also_where_no_series_changed(world):
    world.client.series_list = [series()]
    world.seen(world.ingest.series())
    for markets in ([market(A)], [market(A), market(B)]):
        world.crawl(*markets)
        assert world.repository.series_list().rows()[0]["open_markets"] == len(markets)
