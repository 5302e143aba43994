"""Walks over pages: everything once, in order, and an end."""

from __future__ import annotations

import pytest

NOW = 1_795_366_800.25
WALKS = {
    "/markets": ("markets", "ticker", {"mve_filter": "exclude"}),
    "/events": ("events", "event_ticker", {}),
    "/events/fee_changes": ("event_fee_changes", "id", {}),
    "/historical/markets": ("markets", "ticker", {}),
    "/milestones": ("milestones", "id", {}),
    "/historical/trades": ("trades", "trade_id", {"min_ts": int(NOW) - 76 * 86400}),
    "/markets/trades": ("trades", "trade_id", {"min_ts": int(NOW) - 7200}),
}
LIMITS = {"/markets": 173, "/historical/markets": 171, "/events": 37, "/historical/trades": 97, "/markets/trades": 31}


@pytest.mark.parametrize("path", WALKS)
def test_a_walk_sees_everything_once_whatever_the_page_size(ask, path):
    name, key, query = WALKS[path]
    small = ask.walk(path, name, limit=LIMITS.get(path, 3), **query)
    large = ask.walk(path, name, limit={"/events": 200, "/milestones": 500}.get(path, 1000), **query)
    assert [row[key] for row in small] == [row[key] for row in large]
    assert len({row[key] for row in small}) == len(small) > 3


def test_targets_are_paged_by_page_size(ask):
    small = ask.walk("/structured_targets", "structured_targets", page_size=7)
    assert (
        len({row["id"] for row in small})
        == len(small)
        == len(ask("/structured_targets", page_size=2000)["structured_targets"])
    )


def test_the_unfiltered_listing_ends_too_and_holds_combos_and_markets_once(ask, open_markets):
    rows = ask.walk("/markets", "markets", limit=1000, status="open", min_created_ts=int(NOW) - 4 * 3600)
    tickers = [row["ticker"] for row in rows]
    assert len(set(tickers)) == len(tickers) > 7000
    young = {m["ticker"] for m in open_markets if m["created_time"] >= "2026-11-22T13:00:00.25"}
    assert young <= set(tickers)
    assert sum(ticker.startswith("KXMVE") for ticker in tickers) / len(tickers) > 0.95


def test_markets_come_newest_created_first(open_markets, ask):
    created = [m["created_time"].rstrip("Z") for m in open_markets]
    assert created == sorted(created, reverse=True)


def test_with_a_settlement_filter_newest_settled_first(ask):
    rows = ask.walk("/markets", "markets", min_settled_ts=int(NOW) - 30 * 86400, limit=200)
    times = [row["settlement_ts"].rstrip("Z") for row in rows]
    assert times == sorted(times, reverse=True)
    assert len(times) > 50


def test_pages_have_their_default_and_largest_sizes(ask):
    for path, name, default, most in (
        ("/markets", "markets", 100, 1000),
        ("/events", "events", 200, 200),
        ("/historical/markets", "markets", 100, 1000),
        ("/events/multivariate", "events", 100, 200),
    ):
        assert len(ask(path)[name]) == default
        assert len(ask(path, limit=most)[name]) == most
        assert ask.raw(path, limit=most + 1).status_code == 400
    assert len(ask("/markets", limit=0)["markets"]) == 100  # nought is the default


def test_the_end_is_an_empty_cursor(ask):
    assert ask("/markets", tickers="NOSUCH", mve_filter="exclude") == {"markets": [], "cursor": ""}
    assert ask("/series")["series"]
    assert "cursor" not in ask("/series")


def test_the_filters_filter(ask, open_markets):
    one = open_markets[50]
    event = ask("/events/" + one["event_ticker"])["event"]
    by_event = ask("/markets", event_ticker=one["event_ticker"], limit=1000)["markets"]
    assert {m["event_ticker"] for m in by_event} == {one["event_ticker"]}
    by_series = ask.walk("/markets", "markets", series_ticker=event["series_ticker"], limit=1000)
    assert {m["ticker"] for m in by_event} <= {m["ticker"] for m in by_series}
    listed = ask("/events", series_ticker=event["series_ticker"])["events"]
    assert {e["series_ticker"] for e in listed} == {event["series_ticker"]}
    assert [e["event_ticker"] for e in ask("/events", tickers=one["event_ticker"])["events"]] == [one["event_ticker"]]
    soon = ask.walk(
        "/markets", "markets", status="open", max_close_ts=int(NOW) + 86400, limit=1000, mve_filter="exclude"
    )
    assert soon
    assert all(m["close_time"] <= "2026-11-23T17:00:00Z" for m in soon)
    later = ask.walk("/events", "events", min_close_ts=int(NOW) + 10 * 365 * 86400)
    assert 0 < len(later) < 50
    assert ask("/series", category="Crypto")["series"][0]["category"] == "Crypto"
    assert len(ask("/series", min_updated_ts=int(NOW) - 86400 * 30)["series"]) < len(ask("/series")["series"])
    assert ask("/events/" + one["event_ticker"], exclude_markets="true")["markets"] == []
