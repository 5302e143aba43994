"""Candles, trades, book and quote of a market agree with each other, asked for over HTTP like anybody would."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import datetime
from decimal import Decimal

import pytest

NOW = 1_795_366_800.25


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def trades_of(ask, ticker):
    """All trades, newest first: those before the cutoff are on the historical tier, also of an open market."""
    live, old = (
        ask.walk(path, "trades", ticker=ticker, limit=1000) for path in ("/markets/trades", "/historical/trades")
    )
    return live + old


def candles_of(ask, series, ticker, period, days=208):
    return ask(
        f"/series/{series}/markets/{ticker}/candlesticks",
        start_ts=int(NOW) - days * 86400,
        end_ts=int(NOW),
        period_interval=period,
    )["candlesticks"]


def test_the_volume_of_a_market_is_the_sum_of_its_trades(ask, busiest):
    for _, market in busiest:
        trades = trades_of(ask, market["ticker"])
        assert sum(Decimal(trade["count_fp"]) for trade in trades) == Decimal(market["volume_fp"])
        recent = [trade for trade in trades if seconds(trade["created_time"]) > NOW - 86400]
        day = sum(Decimal(trade["count_fp"]) for trade in recent)
        assert day == pytest.approx(Decimal(market["volume_24h_fp"]), abs=Decimal(market["volume_fp"]) / 500)
        assert len({trade["trade_id"] for trade in trades}) == len(trades)
        assert [trade["created_time"] for trade in trades] == sorted(
            (trade["created_time"] for trade in trades), key=seconds, reverse=True
        )


def test_the_last_price_is_the_last_trade(ask, busiest):
    for _, market in busiest:
        newest = ask("/markets/trades", ticker=market["ticker"], limit=1)["trades"][0]
        assert newest["yes_price_dollars"] == market["last_price_dollars"]
        assert Decimal(newest["no_price_dollars"]) == 1 - Decimal(newest["yes_price_dollars"])
        assert (newest["taker_outcome_side"], newest["taker_book_side"]) in (("yes", "bid"), ("no", "ask"))


@pytest.mark.parametrize("period", [60, 1440])
def test_candles_are_made_of_the_trades(ask, busiest, period):
    for series, market in busiest:
        if seconds(market["open_time"]) < NOW - 200 * 86400:
            continue  # its candles take more than one request
        candles = candles_of(ask, series, market["ticker"], period)
        by_end = {candle["end_period_ts"]: candle for candle in candles}
        ends = sorted(by_end)
        traded = defaultdict(list)
        for trade in reversed(trades_of(ask, market["ticker"])):  # oldest first
            at = seconds(trade["created_time"])
            end = next((end for end in ends if end > at), None) if period == 1440 else (int(at) // 3600 + 1) * 3600
            if end is not None and end <= NOW:
                traded[end].append((Decimal(trade["yes_price_dollars"]), Decimal(trade["count_fp"])))
        assert traded
        before = None
        for end in ends:
            candle, trades = by_end[end], traded.pop(end, [])
            price = candle["price"]
            assert Decimal(candle["volume_fp"]) == sum((count for _, count in trades), Decimal(0))
            if before is not None:
                assert Decimal(price["previous_dollars"]) == before
            if not trades:
                assert "open_dollars" not in price
                continue
            prices = [each for each, _ in trades]
            assert Decimal(price["open_dollars"]) == prices[0]
            assert Decimal(price["close_dollars"]) == prices[-1]
            assert Decimal(price["high_dollars"]) == max(prices)
            assert Decimal(price["low_dollars"]) == min(prices)
            mean = sum(each * count for each, count in trades) / sum(count for _, count in trades)
            assert Decimal(price["mean_dollars"]) == pytest.approx(mean, abs=Decimal("0.00006"))
            before = prices[-1]
        assert not traded, "a trade without a candle"


def test_days_are_made_of_hours_and_hours_of_minutes(ask, busiest):
    for series, market in busiest[:5]:
        minutes = candles_of(ask, series, market["ticker"], 1, days=3)
        hours = candles_of(ask, series, market["ticker"], 60)
        days = candles_of(ask, series, market["ticker"], 1440)
        spans = [(hours, days, 86400 + 3600), (minutes, hours, 3600)]
        for small, large, _ in spans:
            for before, candle in itertools.pairwise(large):
                parts = [
                    part
                    for part in small
                    if before["end_period_ts"] < part["end_period_ts"] <= candle["end_period_ts"]
                ]
                if small[0]["end_period_ts"] > before["end_period_ts"] + 60:
                    continue
                total = sum((Decimal(part["volume_fp"]) for part in parts), Decimal(0))
                assert total == Decimal(candle["volume_fp"])
                highs = [Decimal(part["yes_ask"]["high_dollars"]) for part in parts]
                assert max(highs, default=Decimal(candle["yes_ask"]["high_dollars"])) == Decimal(
                    candle["yes_ask"]["high_dollars"]
                )


def test_the_quote_is_the_close_of_the_last_minute(ask, open_markets, busiest):
    """At 17:00:00.25 the minute that ended at 17:00 has just closed; quotes may have moved once since."""
    agreed = 0
    for series, market in busiest:
        minutes = candles_of(ask, series, market["ticker"], 1, days=3)
        if not minutes:
            continue
        last = minutes[-1]
        assert Decimal(last["yes_bid"]["low_dollars"]) <= Decimal(last["yes_bid"]["close_dollars"])
        same = (
            last["yes_bid"]["close_dollars"] == market["yes_bid_dollars"]
            and last["yes_ask"]["close_dollars"] == market["yes_ask_dollars"]
        )
        agreed += same
    assert agreed >= len(busiest) - 2


def test_the_book_begins_at_the_quote_with_its_size(ask, open_markets):
    for market in open_markets[::40]:
        book = ask(f"/markets/{market['ticker']}/orderbook")["orderbook_fp"]
        for side in ("yes_dollars", "no_dollars"):
            prices = [Decimal(price) for price, _ in book[side]]
            assert prices == sorted(set(prices))
            assert all(0 < price < 1 for price in prices)
        if book["yes_dollars"]:
            assert book["yes_dollars"][-1] == [market["yes_bid_dollars"], market["yes_bid_size_fp"]]
        else:
            assert (market["yes_bid_dollars"], market["yes_bid_size_fp"]) == ("0.0000", "0.00")
        if book["no_dollars"]:
            assert book["no_dollars"][-1] == [market["no_bid_dollars"], market["yes_ask_size_fp"]]
        else:
            assert (market["yes_ask_dollars"], market["yes_ask_size_fp"]) == ("1.0000", "0.00")


def test_yes_and_no_are_two_sides_of_one_quote(open_markets):
    for market in open_markets:
        assert Decimal(market["no_ask_dollars"]) == 1 - Decimal(market["yes_bid_dollars"])
        assert Decimal(market["no_bid_dollars"]) == 1 - Decimal(market["yes_ask_dollars"])
        assert Decimal(market["open_interest_fp"]) <= Decimal(market["volume_fp"])
        assert Decimal(market["volume_24h_fp"]) <= Decimal(market["volume_fp"])


def test_yesterdays_values_are_yesterdays(ask, busiest, open_markets):
    compared = 0
    for series, market in busiest:
        hours = candles_of(ask, series, market["ticker"], 60)
        then = [candle for candle in hours if candle["end_period_ts"] <= NOW - 86400]
        if seconds(market["open_time"]) > NOW - 86400 or not then:
            continue
        assert then[-1]["yes_bid"]["close_dollars"] == market["previous_yes_bid_dollars"]
        compared += 1
    assert compared >= 5
    young = [market for market in open_markets if seconds(market["open_time"]) > NOW - 86400]
    assert young
    for market in young:
        assert market["previous_price_dollars"] == "0.0000"
        assert market["previous_yes_bid_dollars"] == "0.0000"
        assert market["previous_yes_ask_dollars"] == "0.0000"


def test_listing_event_and_single_market_say_the_same(ask, open_markets):
    by_ticker = {market["ticker"]: market for market in open_markets}
    nested = ask("/events", status="open", with_nested_markets="true", limit=50)["events"]
    seen = 0
    for event in nested:
        for market in event.get("markets", ()):
            if market["status"] == "active":
                assert market == by_ticker[market["ticker"]]
                seen += 1
    assert seen > 50
    some = open_markets[7]
    assert ask("/markets/" + some["ticker"])["market"] == some
    assert ask("/markets", tickers=some["ticker"])["markets"] == [some]


def test_the_same_question_has_the_same_answer(ask):
    for path in ("/events", "/markets", "/series", "/markets/trades", "/historical/markets"):
        assert ask.raw(path, limit=50).content == ask.raw(path, limit=50).content


def test_an_archived_markets_candles_end_at_its_result(ask):
    found = [
        market
        for market in ask.walk("/historical/markets", "markets", limit=1000)
        if float(market["volume_fp"]) > 5000 and market["result"] in ("yes", "no")
    ][:10]
    assert found
    for market in found:
        close = int(seconds(market["close_time"]))
        candles = ask(
            f"/historical/markets/{market['ticker']}/candlesticks",
            start_ts=close - 200 * 86400,
            end_ts=close + 2 * 86400,
            period_interval=60,
        )["candlesticks"]
        assert sum(Decimal(candle["volume"]) for candle in candles) == Decimal(market["volume_fp"])
        assert candles[-1]["end_period_ts"] <= close + 3600
        last = Decimal(candles[-1]["yes_bid"]["close"]), Decimal(candles[-1]["yes_ask"]["close"])
        assert last[1] >= Decimal("0.8") if market["result"] == "yes" else last[0] <= Decimal("0.2")
