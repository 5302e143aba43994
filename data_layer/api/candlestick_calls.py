"""Candlesticks: one market, many markets, a whole event, and both history tiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import msgspec

from data_layer.api import decoding, row_kinds, wire
from data_layer.api.calls import Calls, checked_segment, expect_tickers, moment
from data_layer.api.candlestick_plan import Period, batches, checked_span, merged, spans
from data_layer.api.page import Candlesticks, Page
from data_layer.api.tickers import checked_tickers
from data_layer.errors import KalshiNotFoundError, KalshiPayloadError, PaginationError

_CandlePages = dict[str, list[Page[wire.Candlestick]]]


class CandlestickCalls(Calls):
    """Endpoints about candlesticks.

    Times are Unix seconds, inclusive at both ends, and choose candlesticks by their *end*. `period_interval` is in
    minutes: 1, 60 or 1440 (a day of US Eastern time). Spans of any length are cut into requests within the caps.
    """

    def get_candlesticks(
        self,
        series_ticker: str,
        ticker: str,
        start_ts: int,
        end_ts: int,
        period_interval: Period = 60,
        *,
        include_latest_before_start: bool = False,
    ) -> Candlesticks:
        """Read a market's candlesticks of the live tier (``/series/{s}/markets/{t}/candlesticks``).

        `include_latest_before_start` prepends one synthetic candlestick that only carries the previous price.
        """
        path = f"/series/{checked_segment(series_ticker)}/markets/{checked_segment(ticker)}/candlesticks"
        start, end = checked_span(start_ts, end_ts, period_interval)
        pages = []
        for first, last in spans(start, end, period_interval):
            params = _span(first, last, period_interval)
            if include_latest_before_start and first == start:
                params["include_latest_before_start"] = True
            pages.append(self._candlestick_page(path, params, ticker, row_kinds.CANDLESTICK))
        return merged(ticker, period_interval, "live", pages)

    def get_historical_candlesticks(
        self, ticker: str, start_ts: int, end_ts: int, period_interval: Period = 60
    ) -> Candlesticks:
        """Read a market's candlesticks of the historical tier (``/historical/markets/{t}/candlesticks``)."""
        path = f"/historical/markets/{checked_segment(ticker)}/candlesticks"
        pages = [
            self._candlestick_page(
                path, _span(first, last, period_interval), ticker, row_kinds.HISTORICAL_CANDLESTICK
            )
            for first, last in spans(start_ts, end_ts, period_interval)
        ]
        return merged(ticker, period_interval, "historical", pages)

    def get_candlesticks_any_tier(
        self,
        ticker: str,
        start_ts: int,
        end_ts: int,
        period_interval: Period = 60,
        *,
        series_ticker: str | None = None,
        settlement_ts: str | None = None,
    ) -> Candlesticks:
        """Read a market's candlesticks wherever they are kept, in one shape.

        Live first, historical if the exchange no longer knows the market there, or at once if `settlement_ts`
        (RFC 3339, as the market has it) lies before the cutoff. Works without the series' ticker.
        """
        if settlement_ts and moment(settlement_ts) < moment(self._recent_cutoff().market_settled_ts):
            return self.get_historical_candlesticks(ticker, start_ts, end_ts, period_interval)
        try:
            if series_ticker is not None:
                return self.get_candlesticks(series_ticker, ticker, start_ts, end_ts, period_interval)
            live = self.get_batch_candlesticks([ticker], start_ts, end_ts, period_interval)
        except KalshiNotFoundError:
            live = {}
        if ticker in live:
            return live[ticker]
        return self.get_historical_candlesticks(ticker, start_ts, end_ts, period_interval)

    def get_batch_candlesticks(
        self, tickers: Iterable[str], start_ts: int, end_ts: int, period_interval: Period = 60
    ) -> dict[str, Candlesticks]:
        """Read candlesticks of many markets (``/markets/candlesticks``), keyed by ticker.

        A ticker the live tier does not know is missing from the result; an idle market has an empty list.
        """
        path = "/markets/candlesticks"
        found: _CandlePages = {}
        for some, first, last in batches(checked_tickers(tickers), start_ts, end_ts, period_interval):
            params = {"market_tickers": ",".join(some), **_span(first, last, period_interval)}
            answer = self._ask(path, params, partial(self._batch, path, params))
            expect_tickers(some, answer, path)
            _add(found, answer, some)
        return {ticker: merged(ticker, period_interval, "live", pages) for ticker, pages in found.items()}

    def get_event_candlesticks(
        self, series_ticker: str, event_ticker: str, start_ts: int, end_ts: int, period_interval: Period = 60
    ) -> dict[str, Candlesticks]:
        """Read candlesticks of all markets of an event (``/series/{s}/events/{e}/candlesticks``), keyed by ticker.

        The exchange cuts long answers short and says where (`adjusted_end_ts`); this continues from there.
        """
        path = f"/series/{checked_segment(series_ticker)}/events/{checked_segment(event_ticker)}/candlesticks"
        start, end = checked_span(start_ts, end_ts, period_interval)
        found: _CandlePages = {}
        while True:
            params = _span(start, end, period_interval)
            reached, answer = self._ask(path, params, partial(self._event_candlesticks, path, params))
            _add(found, answer, answer)
            if reached >= min(end, int(self._wall_clock())) - period_interval * 60:
                return {ticker: merged(ticker, period_interval, "live", pages) for ticker, pages in found.items()}
            if reached <= start:
                raise PaginationError(f"{path} was cut at {reached} and does not come further.")
            start = reached

    def _candlestick_page(
        self, path: str, params: Mapping[str, object], ticker: str, kind: row_kinds.RowKind[wire.Candlestick]
    ) -> Page[wire.Candlestick]:
        def decode(body: bytes) -> Page[wire.Candlestick]:
            envelope = decoding.decode_envelope(body)
            answered = decoding.text(envelope, "ticker") or decoding.text(envelope, "market_ticker")
            expect_tickers([ticker], [answered or None], path)
            return self._candles(decoding.container(envelope, "candlesticks"), kind, path, params, len(body))

        return self._ask(path, params, decode)

    def _batch(self, path: str, params: Mapping[str, object], body: bytes) -> dict[str, Page[wire.Candlestick]]:
        envelope = decoding.decode_envelope(body)
        answer = {}
        for raw in decoding.container(envelope, "markets"):
            market = decoding.decode_struct(raw, _BatchMarket)
            raws = market.candlesticks or []
            answer[market.market_ticker] = self._candles(raws, row_kinds.CANDLESTICK, path, params, _size(raws))
        return answer

    def _event_candlesticks(
        self, path: str, params: Mapping[str, object], body: bytes
    ) -> tuple[int, dict[str, Page[wire.Candlestick]]]:
        event = decoding.decode_whole(body, _EventCandlesticks)
        if len(event.market_tickers) != len(event.market_candlesticks):
            raise KalshiPayloadError("The lists of an event's candlesticks differ in length.", path=path)
        kind = row_kinds.CANDLESTICK
        answer = {
            ticker: self._candles(raws or [], kind, path, params, _size(raws or []))
            for ticker, raws in zip(event.market_tickers, event.market_candlesticks, strict=True)
        }
        return event.adjusted_end_ts, answer

    def _candles(
        self,
        raws: list[msgspec.Raw],
        kind: row_kinds.RowKind[wire.Candlestick],
        path: str,
        params: Mapping[str, object],
        nbytes: int,
    ) -> Page[wire.Candlestick]:
        rows = decoding.decode_rows(raws, kind)
        return Page(rows.items, **self._about(path, params, {}, rows, nbytes))


class _BatchMarket(wire.Wire, frozen=True):
    market_ticker: str
    candlesticks: list[msgspec.Raw] | None = None


class _EventCandlesticks(wire.Wire, frozen=True):
    market_tickers: list[str]
    market_candlesticks: list[list[msgspec.Raw] | None]
    adjusted_end_ts: int


def _span(start: int, end: int, period_interval: int) -> dict[str, object]:
    return {"start_ts": start, "end_ts": end, "period_interval": period_interval}


def _size(raws: list[msgspec.Raw]) -> int:
    return sum(len(bytes(raw)) for raw in raws)


def _add(found: _CandlePages, answer: Mapping[str, Page[wire.Candlestick]], asked: Iterable[str]) -> None:
    """File the pages under the tickers as they were asked, whatever the case the exchange answers in."""
    spelling = {ticker.upper(): ticker for ticker in asked}
    for ticker, page in answer.items():
        found.setdefault(spelling.get(ticker.upper(), ticker), []).append(page)
