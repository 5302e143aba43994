"""Wire objects as Kalshi sends them today, invented, for tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from data_layer.api import Candlesticks, EventPage, Page, wire
from data_layer.errors import DataLayerError, KalshiNotFoundError

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def market_json(ticker: str = "KXTEST-27JAN15-A", **changes: Any) -> dict[str, Any]:
    """An active, two-sided market; a change of None removes the key, as Kalshi omits keys."""
    event = ticker.rpartition("-")[0] or ticker
    body: dict[str, Any] = {
        "ticker": ticker,
        "event_ticker": event,
        "market_type": "binary",
        "title": "Will it rain in Springfield?",
        "yes_sub_title": "Rain",
        "no_sub_title": "Rain",
        "status": "active",
        "yes_bid_dollars": "0.5600",
        "yes_bid_size_fp": "120.00",
        "yes_ask_dollars": "0.5800",
        "yes_ask_size_fp": "75.50",
        "no_bid_dollars": "0.4200",
        "no_ask_dollars": "0.4400",
        "last_price_dollars": "0.5700",
        "previous_yes_bid_dollars": "0.5000",
        "previous_yes_ask_dollars": "0.5200",
        "previous_price_dollars": "0.5100",
        "volume_fp": "1234.56",
        "volume_24h_fp": "200.00",
        "open_interest_fp": "900.25",
        "notional_value_dollars": "1.0000",
        "created_time": "2027-01-01T00:00:00Z",
        "open_time": "2027-01-01T01:00:00.5Z",
        "close_time": "2027-02-01T00:00:00Z",
        "expected_expiration_time": "2027-01-20T00:00:00Z",
        "latest_expiration_time": "2027-02-08T00:00:00Z",
        "updated_time": "2027-01-02T03:04:05.123456Z",
        "settlement_timer_seconds": 300,
        "result": "",
        "can_close_early": True,
        "expiration_value": "",
        "rules_primary": "If it rains, YES.",
        "rules_secondary": "",
        "price_level_structure": "linear_cent",
        "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
        "settlement_bounds_type": "default",
    }
    body.update(changes)
    for yes, no in (("yes_bid_dollars", "no_ask_dollars"), ("yes_ask_dollars", "no_bid_dollars")):
        if no not in changes and re.fullmatch(r"[0-9]\.[0-9]{4}", body[yes] or ""):
            body[no] = f"{1 - Decimal(body[yes]):.4f}"
    return {key: value for key, value in body.items() if value is not None}


def market(ticker: str = "KXTEST-27JAN15-A", **changes: Any) -> wire.Market:
    return msgspec.convert(market_json(ticker, **changes), wire.Market)


def event(
    ticker: str = "KXTEST-27JAN15", series: str = "KXTEST", markets: Iterable[wire.Market] = (), **changes: Any
):
    body = {
        "event_ticker": ticker,
        "series_ticker": series,
        "title": "Rain in Springfield",
        "sub_title": "On Jan 15",
        "category": "Climate and Weather",
        "mutually_exclusive": True,
        "last_updated_ts": "0001-01-01T00:00:00Z",
    }
    return msgspec.structs.replace(msgspec.convert(body | changes, wire.Event), markets=list(markets))


def series(ticker: str = "KXTEST", **changes: Any) -> wire.Series:
    body = {
        "ticker": ticker,
        "title": "Rain",
        "category": "Climate and Weather",
        "fee_type": "quadratic",
        "fee_multiplier": 1,
        "tags": None,
    }
    return msgspec.convert(body | changes, wire.Series)


def candlestick(end: int, **changes: Any) -> wire.Candlestick:
    side = {"open_dollars": "0.5600", "high_dollars": "0.5700", "low_dollars": "0.5500", "close_dollars": "0.5600"}
    ask = {key: f"{float(value) + 0.02:.4f}" for key, value in side.items()}
    body = {
        "end_period_ts": end,
        "yes_bid": side,
        "yes_ask": ask,
        "price": {**side, "mean_dollars": "0.5650", "previous_dollars": "0.5500"},
        "volume_fp": "10.00",
        "open_interest_fp": "900.00",
    }
    return msgspec.convert(body | changes, wire.Candlestick)


class FakeWalk:
    """Pages that end as they should, or with an error."""

    def __init__(self, pages: Iterable[Page[Any]], error: DataLayerError | None = None) -> None:
        self._pages = list(pages)
        self._error = error
        self.complete = False
        self.restarts = 0
        self.ended_on_empty_page = False

    def __iter__(self) -> Iterator[Page[Any]]:
        yield from self._pages
        if self._error is not None:
            raise self._error
        self.complete = True


class FakeClient:
    """What ingest asks of the client, from lists. `fail` breaks the next walk after its pages."""

    def __init__(self, events: list[wire.Event] | None = None, now: float = NOW) -> None:
        self.events = events or []
        self.series_list = [series()]
        self.milestones: list[wire.Milestone] = []
        self.markets: list[wire.Market] = []
        self.archived: list[wire.Market] = []
        self.candles: dict[tuple[str, int], list[wire.Candlestick]] = {}
        self.trades: list[wire.Trade] = []
        self.books: dict[str, wire.OrderBook] = {}
        self.now = now
        self.unknown_events: set[str] = set()
        self.fail: DataLayerError | None = None
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def iter_event_pages(self, **asked: Any) -> FakeWalk:
        self.asked.append(("events", asked))
        error, self.fail = self.fail, None
        pages = [EventPage(self.events[n : n + 2], fetched_at=self.now) for n in range(0, len(self.events), 2)]
        return FakeWalk(pages, error)

    def iter_market_pages(self, **asked: Any) -> FakeWalk:
        self.asked.append(("markets", asked))
        wanted = asked.get("tickers")
        items = [item for item in self.markets if wanted is None or item.ticker in wanted]
        return FakeWalk([Page(items, fetched_at=self.now)])

    def iter_historical_market_pages(self, **asked: Any) -> FakeWalk:
        self.asked.append(("historical_markets", asked))
        items = [item for item in self.archived if item.event_ticker == asked.get("event_ticker")]
        return FakeWalk([Page(items, fetched_at=self.now)])

    def list_series(self, **asked: Any) -> Page[wire.Series]:
        return Page(self.series_list, fetched_at=self.now)

    def iter_milestone_pages(self, **asked: Any) -> FakeWalk:
        self.asked.append(("milestones", asked))
        return FakeWalk([Page(self.milestones, fetched_at=self.now)])

    def get_candlesticks_any_tier(self, ticker: str, start: int, end: int, period: int = 60, **asked: Any):
        span = {"ticker": ticker, "start": start, "end": end, "period": period}
        self.asked.append(("candlesticks", span | asked))
        items = [c for c in self.candles.get((ticker, period), []) if start <= c.end_period_ts <= end]
        return Candlesticks(ticker=ticker, period_interval=period, items=items, tier="live", fetched_at=self.now)

    def get_batch_candlesticks(self, tickers: list[str], start: int, end: int, period: int = 60):
        return {ticker: self.get_candlesticks_any_tier(ticker, start, end, period) for ticker in tickers}

    def get_order_book(self, ticker: str) -> wire.OrderBook:
        self.asked.append(("order_book", {"ticker": ticker}))
        if ticker not in self.books:
            raise KalshiNotFoundError("Kalshi does not know this market's book.", status=404)
        return self.books[ticker]

    def get_market_any_tier(self, ticker: str) -> wire.Market:
        self.asked.append(("market", {"ticker": ticker}))
        for item in self.markets:
            if item.ticker == ticker:
                return item
        raise KalshiNotFoundError("Kalshi does not know this market.", status=404)

    def get_event(self, event_ticker: str) -> wire.Event:
        if event_ticker in self.unknown_events:
            raise KalshiNotFoundError("Kalshi does not know this event.", status=404)
        return next((held for held in self.events if held.event_ticker == event_ticker), event(event_ticker))

    def iter_trade_pages_any_tier(self, ticker: str, **asked: Any) -> FakeWalk:
        return FakeWalk([Page([t for t in self.trades if t.ticker == ticker], fetched_at=self.now)])
