"""Answers with candlesticks, and everything of the historical tier."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from data_layer.demo.answering import Answer, ApiError, bad_request, encode_cursor, page_of
from data_layer.demo.candles import candles, historical_json, latest_before, live_json, synthetic_json
from data_layer.demo.event_routes import live_rows
from data_layer.demo.payloads import rfc3339

MOST_OF_ONE, MOST_OF_MANY = 5000, 10_000


def _span(answer: Answer) -> tuple[int, int, int]:
    start, end, period = (answer.needed(name) for name in ("start_ts", "end_ts", "period_interval"))
    if period not in (1, 60, 1440):
        raise bad_request("period_interval must be one of 1, 60, 1440")
    if end < start:
        raise bad_request("end_ts must be after start_ts")
    return start, end, period


def _held_to_cap(start: int, end: int, period: int) -> None:
    wanted = (end - start) // (period * 60)
    if wanted > MOST_OF_ONE:
        raise bad_request(f"requested time range with candlesticks: {wanted}, max candlesticks: {MOST_OF_ONE}")


def _live(answer: Answer, row: int, start: int, end: int, period: int, now: float) -> list[dict[str, object]]:
    columns = answer.exchange.world.columns
    found = [live_json(candle) for candle in candles(columns, row, start, end, period, now)]
    if answer.flag("include_latest_before_start"):
        synthetic = latest_before(columns, row, start, period, now)
        if synthetic is not None:
            found = [synthetic_json(synthetic)] + [one for one in found if one["end_period_ts"] != synthetic.end]
    return found


class MarketCandles(Answer):
    """GET /series/{series}/markets/{ticker}/candlesticks."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return one market's candlesticks."""
        start, end, period = _span(self)
        _held_to_cap(start, end, period)
        world = self.exchange.world
        now = world.now()
        row = world.find_market(parts[1], now, archived=False)
        if row is None or world.event_of(row).slot.series_ticker != parts[0]:
            raise ApiError(404, "not_found")
        return {"ticker": parts[1], "candlesticks": _live(self, row, start, end, period, now)}


class ManyCandles(Answer):
    """GET /markets/candlesticks."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return several markets' candlesticks; unknown tickers are dropped."""
        tickers = self.listed("market_tickers")
        if not tickers:
            raise bad_request("market_tickers is required")
        if len(tickers) > 100:
            raise bad_request("at most 100 market_tickers may be supplied")
        start, end, period = _span(self)
        wanted = len(tickers) * ((end - start) // (period * 60))
        if wanted > MOST_OF_MANY:
            raise bad_request(
                f"requested candlesticks across all markets: {wanted}, max candlesticks: {MOST_OF_MANY}"
            )
        world = self.exchange.world
        now = world.now()
        rows = [(ticker, world.find_market(ticker, now, archived=False)) for ticker in dict.fromkeys(tickers)]
        return {
            "markets": [
                {"market_ticker": ticker, "candlesticks": _live(self, row, start, end, period, now)}
                for ticker, row in sorted(rows)
                if row is not None
            ]
        }


class EventCandles(Answer):
    """GET /series/{series}/events/{ticker}/candlesticks."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return all of an event's markets' candlesticks, cut short without an error if they are too many."""
        start, end, period = _span(self)
        world = self.exchange.world
        now = world.now()
        number = world.event_rows.get(parts[1])
        if number is None or world.events[number].slot.series_ticker != parts[0]:
            raise ApiError(404, "not_found")
        rows = live_rows(world, world.events[number], now)
        most = max(MOST_OF_ONE // max(len(rows), 1), 1) * period * 60
        adjusted = min(end, start + most)
        return {
            "market_tickers": [world.tickers[row] for row in rows.tolist()],
            "market_candlesticks": [_live(self, row, start, adjusted, period, now) for row in rows.tolist()],
            "adjusted_end_ts": adjusted,
        }


class Cutoff(Answer):
    """GET /historical/cutoff."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return where the historical tier begins."""
        world = self.exchange.world
        at = rfc3339(world.cutoff(world.now()))
        names = ("market_settled_ts", "trades_created_ts", "orders_updated_ts", "market_positions_last_updated_ts")
        return dict.fromkeys(names, at)


class HistoricalPage(Answer):
    """GET /historical/markets."""

    def reply(self, *parts: str) -> bytes:
        """Return a page of archived markets, newest-settled first; times in the question are ignored."""
        limit = self.limit(100, 1000, 0)
        self.choice("mve_filter", "exclude")
        tickers, event, series = self.listed("tickers"), self.text("event_ticker"), self.text("series_ticker")
        if sum(one is not None for one in (tickers, event, series)) > 1:
            raise bad_request("tickers, event_ticker and series_ticker are mutually exclusive")
        world = self.exchange.world
        now = world.now()
        mask = world.visible(now) & world.archived(now)
        if tickers is not None:
            mask &= np.isin(np.arange(len(mask)), [world.market_rows.get(name, -1) for name in tickers])
        if event is not None:
            mask &= world.columns.event == world.event_rows.get(event, -1)
        if series is not None:
            mask &= np.isin(world.columns.event, world.series_events.get(series, []))
        rows = np.flatnonzero(mask)
        rows = rows[np.lexsort((rows, -world.columns.settled[rows]))]
        after = self.cursor(2)
        if after is not None:
            settled = world.columns.settled[rows]
            rows = rows[(settled < after[0]) | ((settled == after[0]) & (rows > after[1]))]
        shown = rows[:limit]
        more = len(rows) > limit
        cursor = encode_cursor([float(world.columns.settled[shown[-1]]), int(shown[-1])]) if more else ""
        return page_of(b"markets", self.exchange.writer.markets(shown, now, historical=True), cursor)


def _archived(answer: Answer, ticker: str, now: float) -> int:
    row = answer.exchange.world.find_market(ticker, now, archived=True)
    if row is None:
        raise ApiError(404, "not_found", "failed_to_get_market_by_ticker:_not_found")
    return row


class HistoricalMarket(Answer):
    """GET /historical/markets/{ticker}."""

    def reply(self, *parts: str) -> bytes:
        """Return an archived market."""
        now = self.exchange.world.now()
        row = _archived(self, parts[0], now)
        return b'{"market":' + self.exchange.writer.markets(np.array([row]), now, historical=True)[0] + b"}"


class HistoricalCandles(Answer):
    """GET /historical/markets/{ticker}/candlesticks."""

    def reply(self, *parts: str) -> bytes:
        """Return an archived market's candlesticks: other field names, and nulls."""
        start, end, period = _span(self)
        _held_to_cap(start, end, period)
        world = self.exchange.world
        now = world.now()
        row = _archived(self, parts[0], now)
        found = [historical_json(candle) for candle in candles(world.columns, row, start, end, period, now)]
        return msgspec.json.encode({"ticker": parts[0], "candlesticks": found})
