"""The traps of the real API are in the output: each of these has bitten somebody."""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

NOW = 1_795_366_800.25
OPTIONAL = (
    "strike_type", "floor_strike", "cap_strike", "custom_strike", "settlement_ts", "settlement_value_dollars",
    "occurrence_datetime", "subtitle", "early_close_condition", "mve_collection_ticker", "is_provisional",
)  # fmt: skip


@pytest.fixture(scope="module")
def settled(ask):
    return ask.walk("/markets", "markets", status="settled", mve_filter="exclude", limit=1000)


@pytest.fixture(scope="module")
def events(ask):
    return ask.walk("/events", "events", with_nested_markets="true")


@pytest.fixture(scope="module")
def everything(open_markets, settled):
    return open_markets + settled


def test_numbers_are_strings_and_the_integer_fields_are_gone(open_markets):
    for market in open_markets:
        for name, value in market.items():
            if name.endswith("_dollars"):
                assert re.fullmatch(r"[01]\.\d{4}", value), name
            if name.endswith("_fp"):
                assert re.fullmatch(r"\d+\.\d{2}", value), name
        gone = {"yes_bid", "last_price", "volume", "open_interest", "liquidity", "liquidity_dollars", "tick_size"}
        assert not gone & set(market)


def test_keys_are_left_out_and_never_null_on_the_live_tier(everything):
    assert all(value is not None for market in everything for value in market.values())
    for name in OPTIONAL:
        if name.startswith("mve_"):
            continue
        has = sum(name in market for market in everything)
        assert 0 < has < len(everything), name


def test_sentinels_stand_for_what_is_not_there(open_markets):
    assert any(m["yes_bid_dollars"] == "0.0000" and m["yes_ask_dollars"] == "1.0000" for m in open_markets)
    assert any(m["yes_bid_dollars"] == "0.0000" and m["yes_ask_dollars"] != "1.0000" for m in open_markets)
    assert any(m["last_price_dollars"] == "0.0000" and m["volume_fp"] == "0.00" for m in open_markets)


def test_quotes_mean_nothing_after_the_end(settled):
    for market in settled:
        assert (market["yes_bid_dollars"], market["yes_ask_dollars"]) == ("0.0000", "1.0000")
        assert market["result"] in ("yes", "no", "scalar")
        assert "settlement_ts" in market
        expected = {"yes": "1.0000", "no": "0.0000", "scalar": "0.5000"}[market["result"]]
        assert market["settlement_value_dollars"] == expected
    assert any(float(m["last_price_dollars"]) in (0.01, 0.99) for m in settled)


def test_filter_and_payload_use_different_words(ask):
    words = {"unopened": {"initialized"}, "open": {"active"}, "paused": {"inactive"}, "settled": {"finalized"}}
    for wanted, shown in words.items():
        found = {m["status"] for m in ask("/markets", status=wanted, mve_filter="exclude", limit=1000)["markets"]}
        assert found <= shown
        assert found or wanted == "paused"  # few are
    closed = {m["status"] for m in ask("/markets", status="closed", mve_filter="exclude", limit=1000)["markets"]}
    assert closed <= {"closed", "determined", "disputed", "amended"}


def test_combos_drown_the_listing_unless_they_are_left_out(ask):
    page = ask("/markets", limit=1000)["markets"]
    assert sum(m["ticker"].startswith("KXMVE") for m in page) > 950
    assert not any(
        m["ticker"].startswith("KXMVE") for m in ask("/markets", mve_filter="exclude", limit=1000)["markets"]
    )
    unquoted = [m for m in page if m["yes_bid_dollars"] == m["yes_ask_dollars"] == "0.0000"]
    assert unquoted
    assert {m["no_bid_dollars"] for m in unquoted} == {m["no_ask_dollars"] for m in unquoted} == {"1.0000"}
    combo = page[3]
    assert ask("/markets/" + combo["ticker"])["market"]["mve_selected_legs"] == combo["mve_selected_legs"]
    for leg in combo["mve_selected_legs"]:
        assert ask("/markets/" + leg["market_ticker"])["market"]["event_ticker"] == leg["event_ticker"]
    assert not any(e["event_ticker"].startswith("KXMVE") for e in ask("/events")["events"])
    multi = ask("/events/multivariate", with_nested_markets="true", limit=5)["events"]
    assert all(event["category"] == "Exotics" and len(event["markets"]) == 1 for event in multi)


def test_the_category_is_not_on_the_market_and_the_events_may_differ_from_the_series(ask, open_markets, events):
    assert not any({"category", "series_ticker"} & set(market) for market in open_markets)
    series = {one["ticker"]: one["category"] for one in ask("/series")["series"]}
    different = sum(series[event["series_ticker"]] != event["category"] for event in events)
    assert 0 < different < len(events) / 20


def test_tickers_cannot_be_taken_apart(open_markets, events):
    pairs = [(m["ticker"], m["event_ticker"]) for m in open_markets]
    assert any(ticker == event for ticker, event in pairs)
    assert any("." in ticker for ticker, _ in pairs)
    segments = {event["event_ticker"].count("-") for event in events}
    assert {1, 2} <= segments
    assert all(m["ticker"].startswith(m["event_ticker"]) for m in open_markets)


def test_an_event_may_have_one_segment_and_another_prefix_than_its_series():
    from data_layer.demo.families import FAMILIES
    from data_layer.demo.slots import series_ticker

    climate = next(family for family in FAMILIES if family.code == "{E}CLIMATE")
    assert series_ticker(climate, ("EU", "European Union")) == "KXEUCLIMATE"


def candles(ask, series, ticker, start, end, period, **more):
    path = f"/series/{series}/markets/{ticker}/candlesticks"
    return ask(path, start_ts=start, end_ts=end, period_interval=period, **more)["candlesticks"]


def test_daily_candles_end_at_midnight_in_new_york_also_when_the_clocks_change(ask, open_markets):
    eastern = ZoneInfo("America/New_York")
    old = min(open_markets, key=lambda m: (m["open_time"] > "2026-10-25", -float(m["volume_fp"])))
    series = ask("/events/" + old["event_ticker"])["event"]["series_ticker"]
    found = candles(ask, series, old["ticker"], int(NOW) - 60 * 86400, int(NOW), 1440)
    ends = [candle["end_period_ts"] for candle in found]
    for end in ends:
        local = datetime.fromtimestamp(end, eastern)
        assert (local.hour, local.minute) == (0, 0)
    change = datetime(2026, 11, 1, tzinfo=eastern)
    assert int(change.timestamp()) in ends
    after = (change + timedelta(days=1)).timestamp()
    assert after - change.timestamp() == 90_000  # a day of 25 hours
    assert int(after) in ends


def test_after_the_end_of_a_market_there_are_no_candles_in_any_period(ask):
    for market in ask("/historical/markets", limit=40)["markets"][::4]:
        closed = int(datetime.fromisoformat(market["close_time"]).timestamp())
        for period in (1, 60, 1440):
            path = f"/historical/markets/{market['ticker']}/candlesticks"
            later = ask(path, start_ts=closed + 3 * 3600, end_ts=closed + 20 * 3600, period_interval=period)
            assert all(candle["end_period_ts"] >= closed for candle in later["candlesticks"])
            if period < 1440:
                assert later["candlesticks"] == []


def test_candles_are_sparse_and_empty_prices_have_no_keys(ask, open_markets):
    gaps, silent = 0, 0
    for market in open_markets[::60]:
        series = ask("/events/" + market["event_ticker"])["event"]["series_ticker"]
        found = candles(ask, series, market["ticker"], int(NOW) - 20 * 86400, int(NOW), 60)
        ends = [candle["end_period_ts"] for candle in found]
        gaps += sum(b - a > 3600 for a, b in itertools.pairwise(ends))
        for candle in found:
            if not candle["price"].get("open_dollars"):
                silent += 1
                assert set(candle["price"]) <= {"previous_dollars"}
                assert candle["volume_fp"] == "0.00"
    assert gaps > 0
    assert silent > 0


def test_a_synthetic_candle_carries_the_state_to_the_left_edge(ask, busiest):
    series, market = busiest[0]
    start = int(NOW) - 86400 - 1234
    with_it = candles(ask, series, market["ticker"], start, int(NOW), 60, include_latest_before_start="true")
    first = with_it[0]
    assert first["end_period_ts"] == -(-start // 3600) * 3600
    assert set(first["price"]) == {"previous_dollars"}


def test_event_candles_are_cut_short_without_an_error(ask, events):
    event = next(e for e in events if len(e.get("markets", ())) > 30)
    path = f"/series/{event['series_ticker']}/events/{event['event_ticker']}/candlesticks"
    start = int(NOW) - 20 * 86400
    cut = ask(path, start_ts=start, end_ts=int(NOW), period_interval=1)
    assert start < cut["adjusted_end_ts"] < int(NOW)
    assert len(cut["market_tickers"]) == len(cut["market_candlesticks"])
    whole = ask(path, start_ts=int(NOW) - 86400, end_ts=int(NOW), period_interval=60)
    assert whole["adjusted_end_ts"] == int(NOW)


def test_moved_markets_are_on_the_historical_tier_only(ask):
    cutoff = ask("/historical/cutoff")["market_settled_ts"]
    moved = ask("/historical/markets", limit=20)["markets"]
    assert [m["settlement_ts"] for m in moved] == sorted((m["settlement_ts"] for m in moved), reverse=True)
    for market in moved[:5]:
        assert market["settlement_ts"] < cutoff
        assert ask.raw("/markets/" + market["ticker"]).status_code == 404
        assert ask("/markets", tickers=market["ticker"], mve_filter="exclude")["markets"] == []
        assert market["volume_24h_fp"] == market["open_interest_fp"] == "0.00"
        event = ask("/events/" + market["event_ticker"], with_nested_markets="true")["event"]
        series = event["series_ticker"]
        shown = [one["ticker"] for one in event.get("markets", ())]
        assert market["ticker"] not in shown
        gone = ask.raw(
            f"/series/{series}/markets/{market['ticker']}/candlesticks", start_ts=0, end_ts=60, period_interval=1
        )
        assert gone.status_code == 404
    assert any(
        "markets" not in ask("/events/" + m["event_ticker"], with_nested_markets="true")["event"] for m in moved
    )


def test_the_historical_tier_has_other_names_and_nulls(ask):
    found = ask("/historical/markets", limit=300)["markets"]
    market = next(m for m in found if 50 < float(m["volume_fp"]) < 2000)
    close = int(datetime.fromisoformat(market["close_time"]).timestamp())
    query = {"start_ts": close - 30 * 86400, "end_ts": close + 86400, "period_interval": 60}
    found = ask(f"/historical/markets/{market['ticker']}/candlesticks", **query)["candlesticks"]
    assert set(found[0]) == {"end_period_ts", "yes_bid", "yes_ask", "price", "volume", "open_interest"}
    assert all(set(candle["price"]) == {"open", "high", "low", "close", "mean", "previous"} for candle in found)
    assert any(candle["price"]["open"] is None for candle in found)
    assert ask("/historical/trades", ticker=market["ticker"])["trades"]
    assert ask("/markets/trades", ticker=market["ticker"])["trades"] == []


def test_parameters_in_a_list_are_written_in_two_ways(ask, open_markets):
    one, two = (market["ticker"] for market in open_markets[:2])
    assert [b["ticker"] for b in ask("/markets/orderbooks", tickers=[one, two])["orderbooks"]] == [one, two]
    bogus = ask("/markets/orderbooks", tickers=f"{one},{two}")["orderbooks"]
    assert bogus == [{"ticker": f"{one},{two}", "orderbook_fp": {"yes_dollars": [], "no_dollars": []}}]
    assert {m["ticker"] for m in ask("/markets", tickers=f"{one},{two},NOSUCH")["markets"]} == {one, two}
    start, end = int(NOW) - 86400, int(NOW)
    batch = ask(
        "/markets/candlesticks", market_tickers=f"{one},{two},NOSUCH", start_ts=start, end_ts=end, period_interval=60
    )
    assert {m["market_ticker"] for m in batch["markets"]} == {one, two}


def test_a_book_has_only_bids_with_the_best_at_the_end(ask, busiest):
    _, market = next((s, m) for s, m in busiest if 0 < float(m["yes_bid_dollars"]) < float(m["yes_ask_dollars"]) < 1)
    path = f"/markets/{market['ticker']}/orderbook"
    whole = ask(path)["orderbook_fp"]
    best = ask(path, depth=2)["orderbook_fp"]
    assert best["yes_dollars"] == whole["yes_dollars"][-2:]
    assert best["no_dollars"] == whole["no_dollars"][-2:]
    assert 1 - float(whole["no_dollars"][-1][0]) == pytest.approx(float(market["yes_ask_dollars"]))


def test_close_times_lie_far_away_while_the_end_is_near(open_markets):
    far = [m for m in open_markets if m["close_time"] > "2040"]
    assert far
    assert any(m["expected_expiration_time"] < "2040" for m in far)
    assert any(m["close_time"] > m["expected_expiration_time"] for m in open_markets if "occurrence_datetime" in m)


def test_times_may_be_zero_and_fractions_are_trimmed(events, open_markets):
    assert any(event["last_updated_ts"] == "0001-01-01T00:00:00Z" for event in events)
    lengths = {len(m["created_time"]) for m in open_markets}
    assert len(lengths) > 1
    assert not any(re.search(r"\.\d*0Z$", m["created_time"]) for m in open_markets)


def test_text_is_hostile_in_places(events):
    text = " ".join(
        str(part)
        for event in events
        for part in (
            event["title"],
            event["sub_title"],
            *(m["yes_sub_title"] + m["rules_primary"] for m in event.get("markets", ())),
        )
    )
    assert "<" in text
    assert "window.__demo_xss" in text
    assert "**high temp" in str(events) or "**" in text


def test_exclusive_events_are_mecnet_and_others_are_not(events):
    assert all((e["collateral_return_type"] == "MECNET") is e["mutually_exclusive"] for e in events)
    assert {"MECNET", "DIRECNET", ""} == {e["collateral_return_type"] for e in events}
    assert all(("strike_date" in e) != ("strike_period" in e) for e in events)
    assert any(e["settlement_sources"] is None for e in events)


def test_grids_are_what_price_ranges_say(open_markets):
    names = {m["price_level_structure"] for m in open_markets}
    assert names == {"linear_cent", "deci_cent", "tapered_deci_cent"}
    for market in open_markets:
        for name in ("yes_bid_dollars", "yes_ask_dollars", "last_price_dollars"):
            price = round(float(market[name]) * 10_000)
            bands = [
                (round(float(r["start"]) * 10_000), round(float(r["end"]) * 10_000), round(float(r["step"]) * 10_000))
                for r in market["price_ranges"]
            ]
            assert any(low <= price <= high and (price - low) % step == 0 for low, high, step in bands)
    cents = [m for m in open_markets if m["price_level_structure"] != "linear_cent"]
    assert any(round(float(m["yes_bid_dollars"]) * 1000) % 10 for m in cents)


def test_fees_come_in_kinds_with_overrides(ask, events):
    series = ask("/series")["series"]
    kinds = {"quadratic", "quadratic_with_maker_fees", "quadratic_with_combo_maker_fees"}
    assert {s["fee_type"] for s in series} == kinds
    assert {0.5, 1} <= {s["fee_multiplier"] for s in series}
    assert any("fee_type_override" in event for event in events)
    assert any(c["fee_type_override"] is None for c in ask("/events/fee_changes")["event_fee_changes"])


def test_every_market_joins_to_a_series(ask, events):
    series = {one["ticker"] for one in ask("/series")["series"]}
    assert {event["series_ticker"] for event in events} <= series
    assert ask("/series/KXNBA", include_volume="true")["series"]["volume_fp"]
    assert "volume_fp" not in ask("/series/KXNBA")["series"]


def test_games_have_milestones(ask, events):
    stones = ask.walk("/milestones", "milestones", limit=200)
    known = {event["event_ticker"] for event in events}
    assert stones
    assert all(set(stone["related_event_tickers"]) <= known for stone in stones)
    beside = ask("/events", with_milestones="true", status="open")
    assert beside["milestones"]
    assert "milestones" not in ask("/events", status="open")
    one = stones[0]
    assert ask("/milestones/" + one["id"])["milestone"]["title"] == one["title"]
    assert (
        ask("/milestones", limit=5, related_event_ticker=one["related_event_tickers"][0])["milestones"][0]["id"]
        == one["id"]
    )


def test_structured_strikes_name_participants_that_can_be_looked_up(ask, open_markets):
    named = {
        target for m in open_markets if m.get("strike_type") == "structured" for target in m["custom_strike"].values()
    }
    known = {target["id"] for target in ask.walk("/structured_targets", "structured_targets", page_size=2000)}
    assert named
    assert named <= known
    one = min(named)
    assert ask("/structured_targets/" + one)["structured_target"]["id"] == one
    assert [t["id"] for t in ask("/structured_targets", ids=[one])["structured_targets"]] == [one]


def test_combos_join_to_a_series_too_and_series_may_have_dashes(ask):
    event = ask("/events/multivariate", limit=1)["events"][0]
    assert ask("/series/" + event["series_ticker"])["series"]["category"] == "Exotics"
    assert any("-" in one["ticker"] for one in ask("/series")["series"])


def test_questions_about_one_game_share_its_milestone(ask):
    stones = ask.walk("/milestones", "milestones", limit=200)
    shared = [stone for stone in stones if len(stone["related_event_tickers"]) > 1]
    assert shared
    for stone in shared[:5]:
        titles = {ask("/events/" + name)["event"]["title"].split(":")[0] for name in stone["related_event_tickers"]}
        assert len(titles) == 1 or any("<" in title or "window" in title for title in titles)
