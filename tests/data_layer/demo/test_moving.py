"""The world lives: prices move, trades print, markets open, close, settle and move to the historical tier."""

from __future__ import annotations

import itertools
from collections import Counter

HOUR, DAY = 3600, 86400


def quotes(ask):
    rows = ask.walk("/markets", "markets", status="open", mve_filter="exclude", limit=1000)
    return {m["ticker"]: m for m in rows}


def test_prices_move_and_trades_print_and_volume_only_grows(moving, asker):
    running, clock = moving
    ask = asker(running.base_url)
    before = quotes(ask)
    newest = ask("/markets/trades", limit=1)["trades"][0]
    clock.now += 10
    soon = quotes(ask)
    moved = [t for t in soon if t in before and soon[t]["yes_ask_size_fp"] != before[t]["yes_ask_size_fp"]]
    clock.now += HOUR
    after = quotes(ask)
    both = after.keys() & before.keys()
    assert sum(after[t]["yes_bid_dollars"] != before[t]["yes_bid_dollars"] for t in both) > len(both) / 20
    assert all(float(after[t]["volume_fp"]) >= float(before[t]["volume_fp"]) for t in both)
    assert any(float(after[t]["volume_fp"]) > float(before[t]["volume_fp"]) for t in both)
    later = ask("/markets/trades", limit=1)["trades"][0]
    assert later["created_time"] > newest["created_time"]
    assert len(moved) < len(before)


def test_some_price_moves_every_second(world):
    import numpy as np

    from data_layer.demo.quotes import moments

    rows = np.flatnonzero(world.status(1_795_366_800.25) == 2)
    seen = moments(world.columns, rows, [1_795_366_800.25 + second for second in range(12)])
    for one, two in itertools.pairwise(seen):
        assert ((one.bid != two.bid) | (one.ask != two.ask) | (one.volume != two.volume)).any()


def test_markets_open_close_settle_and_keep_their_number(moving, asker):
    running, clock = moving
    ask = asker(running.base_url)
    before = quotes(ask)
    clock.now += 3 * DAY
    after = quotes(ask)
    assert after.keys() - before.keys()
    gone = before.keys() - after.keys()
    assert gone
    assert abs(len(after) - len(before)) < len(before) * 0.15
    answers = [(ticker, ask.raw("/markets/" + ticker)) for ticker in sorted(gone)]
    for ticker, answer in answers:
        if answer.status_code == 404:  # provisional and never traded: forgotten
            assert before[ticker]["is_provisional"]
            assert before[ticker]["volume_fp"] == "0.00"
    ended = [answer.json()["market"] for _, answer in answers if answer.status_code == 200]
    words = Counter(market["status"] for market in ended)
    assert words["finalized"] > 0
    for market in ended:
        if market["status"] == "finalized":
            assert market["result"]
            assert market["close_time"] <= market["settlement_ts"]


def test_settled_markets_move_to_the_historical_tier(moving, asker):
    running, clock = moving
    ask = asker(running.base_url)
    settled = ask("/markets", status="settled", mve_filter="exclude", limit=5)["markets"]
    cutoff = ask("/historical/cutoff")["market_settled_ts"]
    clock.now += 80 * DAY
    assert ask("/historical/cutoff")["market_settled_ts"] > cutoff
    for market in settled:
        if market.get("is_provisional") and market["volume_fp"] == "0.00":
            continue
        assert ask.raw("/markets/" + market["ticker"]).status_code == 404
        old = ask("/historical/markets/" + market["ticker"])["market"]
        assert (old["result"], old["volume_fp"]) == (market["result"], market["volume_fp"])


def test_a_walk_across_openings_still_ends_without_repeats(moving, asker):
    running, clock = moving
    ask = asker(running.base_url)
    rows, cursor = [], ""
    while True:
        page = ask("/markets", limit=60, mve_filter="exclude", **({"cursor": cursor} if cursor else {}))
        rows += [m["ticker"] for m in page["markets"]]
        cursor = page["cursor"]
        clock.now += HOUR
        if not cursor:
            break
    assert len(rows) == len(set(rows))


def test_a_clock_that_jumps_or_runs_backwards_is_survived(moving, asker):
    running, clock = moving
    ask = asker(running.base_url)
    clock.now += 400 * DAY
    assert len(quotes(ask)) > 300
    clock.now -= 401 * DAY
    assert len(quotes(ask)) > 100
    assert all(m["created_time"] < "2026-11-21T17:00:01" for m in quotes(ask).values())
