"""Markets of both history tiers, and their order books."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from data_layer.api import decoding, row_kinds, wire
from data_layer.api.calls import (
    Calls,
    checked_segment,
    expect_tickers,
    legs_for,
    one_row,
    optional_seconds,
    optional_ticker,
)
from data_layer.api.page import Page
from data_layer.api.pagination import Walk
from data_layer.api.tickers import checked_tickers, chunks
from data_layer.errors import KalshiNotFoundError, SchemaDriftError

_MOST_BOOKS = 100
_TIMES = tuple(f"{end}_{what}_ts" for what in ("created", "close", "settled", "updated") for end in ("min", "max"))

MarketFilter = Literal["unopened", "open", "paused", "closed", "settled"]


class MarketCalls(Calls):
    """Endpoints about markets."""

    def iter_market_pages(
        self,
        *,
        status: MarketFilter | None = None,
        tickers: Iterable[str] | None = None,
        event_ticker: str | None = None,
        series_ticker: str | None = None,
        mve_filter: Literal["exclude", "only"] | None = "exclude",
        limit: int = 1000,
        most_pages: int | None = None,
        **timestamps: float | None,
    ) -> Walk[Page[wire.Market]]:
        """Walk over markets of the live tier (``/markets``), newest first; combos are left out unless asked for.

        `timestamps`: one of the families min/max_created_ts, min/max_close_ts, min/max_settled_ts,
        min/max_updated_ts (Unix seconds; they exclude one another). Tickers are asked 100 at a time, and unknown
        ones are silently missing from the answer.
        """
        params = {
            "limit": limit,
            "status": status,
            "event_ticker": optional_ticker(event_ticker),
            "series_ticker": optional_ticker(series_ticker),
            "mve_filter": None if tickers is not None else mve_filter,
            **_times(timestamps),
        }
        fetch = self._fetcher("markets", row_kinds.MARKET)
        return Walk(fetch, legs_for("/markets", params, tickers), most_pages=most_pages)

    def get_market(self, ticker: str) -> wire.Market:
        """Read one market of the live tier (``/markets/{ticker}``)."""
        return self._market(f"/markets/{checked_segment(ticker)}", ticker)

    def get_historical_market(self, ticker: str) -> wire.Market:
        """Read one market of the historical tier (``/historical/markets/{ticker}``)."""
        return self._market(f"/historical/markets/{checked_segment(ticker)}", ticker)

    def get_market_any_tier(self, ticker: str) -> wire.Market:
        """Read one market wherever it is kept: live first, then historical."""
        try:
            return self.get_market(ticker)
        except KalshiNotFoundError:
            return self.get_historical_market(ticker)

    def iter_historical_market_pages(
        self,
        *,
        tickers: Iterable[str] | None = None,
        event_ticker: str | None = None,
        series_ticker: str | None = None,
        limit: int = 1000,
        most_pages: int | None = None,
        cursor: str = "",
    ) -> Walk[Page[wire.Market]]:
        """Walk over markets of the historical tier (``/historical/markets``), last settled first, no combos.

        The three filters exclude one another; there are no date filters. `cursor` goes on where an earlier walk with
        the same filters stopped (its last page's cursor); KalshiRequestError where the exchange has forgotten it.
        """
        params = {
            "limit": limit,
            "event_ticker": optional_ticker(event_ticker),
            "series_ticker": optional_ticker(series_ticker),
            "mve_filter": "exclude",
            "cursor": cursor or None,
        }
        fetch = self._fetcher("markets", row_kinds.MARKET)
        return Walk(fetch, legs_for("/historical/markets", params, tickers), most_pages=most_pages)

    def get_order_book(self, ticker: str, *, depth: int = 0) -> wire.OrderBook:
        """Read one order book (``/markets/{ticker}/orderbook``); bids of both sides, unsorted, 0 = all levels."""
        path = f"/markets/{checked_segment(ticker)}/orderbook"
        return self._ask(path, {"depth": depth or None}, lambda body: _order_book(body, ticker))

    def get_order_books(self, tickers: Iterable[str]) -> dict[str, wire.OrderBook]:
        """Read many order books (``/markets/orderbooks``), 100 a request; unknown tickers come back empty or not."""
        books: dict[str, wire.OrderBook] = {}
        for some in chunks(checked_tickers(tickers), _MOST_BOOKS):
            path = "/markets/orderbooks"
            found = self._ask(path, {"tickers": list(some)}, _order_books)
            expect_tickers(some, [book.ticker for book in found], path)
            books.update((book.ticker, book) for book in found)
        return books

    def _market(self, path: str, ticker: str) -> wire.Market:
        market = self._ask(path, {}, lambda body: one_row(body, "market", row_kinds.MARKET))
        expect_tickers([ticker], [market.ticker], path)
        return market


def _times(timestamps: Mapping[str, float | None]) -> dict[str, int | None]:
    unknown = timestamps.keys() - set(_TIMES)
    if unknown:
        raise TypeError(f"iter_market_pages() knows no {', '.join(sorted(unknown))}.")
    return {name: optional_seconds(name, value) for name, value in timestamps.items()}


class _Book(wire.Wire, frozen=True):
    """An order book under its present key or, empty, under the one it had until 2026."""

    ticker: str = ""
    orderbook_fp: wire.OrderBookLevels | None = None
    orderbook: wire.OrderBookLevels | None = None

    def named(self, ticker: str) -> wire.OrderBook:
        levels = self.orderbook_fp if self.orderbook_fp is not None else self.orderbook
        return wire.OrderBook(ticker=ticker, orderbook_fp=levels or wire.OrderBookLevels())


def _order_book(body: bytes, ticker: str) -> wire.OrderBook:
    envelope = decoding.decode_envelope(body)
    if not {"orderbook_fp", "orderbook"} & envelope.keys():
        raise SchemaDriftError("field_removed:orderbook_fp", "The answer holds no order book.")
    return decoding.decode_struct(body, _Book).named(ticker)


def _order_books(body: bytes) -> list[wire.OrderBook]:
    raws = decoding.container(decoding.decode_envelope(body), "orderbooks")
    books = [decoding.decode_struct(raw, _Book) for raw in raws]
    if any(not book.ticker for book in books):
        raise SchemaDriftError("field_removed:ticker", "An order book does not say whose it is.")
    return [book.named(book.ticker) for book in books]
