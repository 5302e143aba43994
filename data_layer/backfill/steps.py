"""The steps of each kind of backfill: what is left to do, and how the next piece of it is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from data_layer import schemas
from data_layer.api import KalshiClient
from data_layer.api.candlestick_plan import MOST_BATCH_CANDLESTICKS, MOST_PERIODS, MOST_TICKERS, batches, spans
from data_layer.backfill.journal import Job
from data_layer.errors import KalshiNotFoundError, KalshiRequestError, PaginationError
from data_layer.parsing import parse_candlesticks, parse_settled_markets, parse_trades
from data_layer.refresh_report import RefreshReport
from data_layer.refresh_runs import RefreshRuns
from data_layer.validation import Batch, drop_duplicates

_DAY = 86_400
#: More pages of trades of one market than this are not fetched in one step; the rest is said to be missing.
MOST_TRADE_PAGES = 200


@dataclass
class Piece:
    """What one or a few requests brought: the steps that are done by it (name, rows, problem) and the rows."""

    steps: list[tuple[str, int, str]]
    rows: pa.Table
    requests: int = 1
    cursor: str | None = None


class Steps(Protocol):
    """One kind of backfill. `pieces` fetches lazily; a piece is taken, then stored, then the next is fetched."""

    table: str

    @property
    def total(self) -> int:
        """How many steps there are, done and left."""

    @property
    def done(self) -> int:
        """How many of them are done, by this or an earlier run."""

    def pieces(self, report: RefreshReport) -> Iterator[Piece]:
        """Fetch what is left to do, piece by piece, counting pages in `report`."""

    def requests_left(self, done: int, requests: int) -> float:
        """Estimate the requests that are left, when the `done` steps of this run alone took `requests`."""


@dataclass(frozen=True)
class Wanted:
    """One market a backfill fetches: when it settled (UTC), where it has."""

    ticker: str
    series_ticker: str | None = None
    settlement_time: datetime | None = None


@dataclass
class _MarketSteps:
    """What steps of one market each have in common."""

    client: KalshiClient
    runs: RefreshRuns
    job: Job
    markets: list[Wanted]

    @property
    def total(self) -> int:
        """How many markets there are, done and left."""
        return len(self.markets)

    @property
    def done(self) -> int:
        """How many of them are done, by this or an earlier run."""
        return self.total - len(self._left())

    def _left(self) -> list[Wanted]:
        return [market for market in self.markets if market.ticker not in self.job.done]


@dataclass
class CandleSteps(_MarketSteps):
    """Candlesticks of markets: open ones in batch calls, settled ones one by one from whichever tier has them."""

    table: str = field(default="candlesticks", init=False)

    def _span(self) -> tuple[int, int]:
        end = int(self.job.started_time.timestamp())
        return end - self.job.request.days * _DAY, end

    def requests_left(self, done: int, requests: int) -> float:
        """Count the requests that are left: the exchange's caps say how many markets go into one."""
        start, end = self._span()
        period = self.job.request.period_minutes
        left = self._left()
        live = [market.ticker for market in left if market.settlement_time is None]
        each = sum(1 for _ in spans(start, end, period))
        planned = sum(1 for _ in batches(live, start, end, period)) if live else 0
        return planned + each * (len(left) - len(live))

    def pieces(self, report: RefreshReport) -> Iterator[Piece]:
        """Fetch open markets as many together as the caps allow, then settled ones one by one."""
        start, end = self._span()
        period = self.job.request.period_minutes
        left = self._left()
        periods = (end - start) // (period * 60) + 1
        together = max(1, min(MOST_TICKERS, MOST_BATCH_CANDLESTICKS // min(periods, MOST_PERIODS)))
        live = iter([market.ticker for market in left if market.settlement_time is None])
        while some := list(islice(live, together)):
            yield self._batch(report, some, start, end)
        for market in left:
            if market.settlement_time is not None:
                yield self._settled(report, market, start, end)

    def _batch(self, report: RefreshReport, tickers: list[str], start: int, end: int) -> Piece:
        period = self.job.request.period_minutes
        good = self.runs.askable(report, tickers)
        answer = self.client.get_batch_candlesticks(good, start, end, period)
        tables, steps = [], []
        for ticker in tickers:
            found = answer.get(ticker)
            if found is None:
                steps.append((ticker, 0, "the exchange does not know it"))
                continue
            self.runs.count(report, "backfill", "candlesticks", found)
            batch = parse_candlesticks(ticker, period, found.items)
            report.add(batch)
            tables.append(batch.table)
            steps.append((ticker, batch.table.num_rows, ""))
        requests = sum(1 for _ in batches(good, start, end, period)) if good else 0
        return Piece(steps, pa.concat_tables([schemas.CANDLESTICKS.empty(), *tables]), requests)

    def _settled(self, report: RefreshReport, market: Wanted, start: int, end: int) -> Piece:
        period, settled = self.job.request.period_minutes, market.settlement_time
        try:
            found = self.client.get_candlesticks_any_tier(
                market.ticker,
                start,
                end,
                period,
                series_ticker=market.series_ticker,
                settlement_ts=settled.isoformat() if settled else None,
            )
        except KalshiNotFoundError as error:
            return Piece([(market.ticker, 0, str(error))], schemas.CANDLESTICKS.empty())
        self.runs.count(report, "backfill", "candlesticks", found)
        batch = parse_candlesticks(market.ticker, period, found.items)
        report.add(batch)
        return Piece([(market.ticker, batch.table.num_rows, "")], batch.table, found.requests)


@dataclass
class TradeSteps(_MarketSteps):
    """Trades of markets, each from both tiers."""

    table: str = field(default="trades", init=False)

    def requests_left(self, done: int, requests: int) -> float:
        """Estimate the requests that are left from those a market took so far, one at first."""
        return len(self._left()) * (requests / done if done else 1.0)

    def pieces(self, report: RefreshReport) -> Iterator[Piece]:
        """Fetch one market's trades at a time."""
        since = self.job.started_time.timestamp() - self.job.request.days * _DAY
        for market in self._left():
            batch = Batch(schemas.TRADES, schemas.TRADES.empty())
            walk = self.client.iter_trade_pages_any_tier(market.ticker, min_ts=since, most_pages=MOST_TRADE_PAGES)
            for page in walk:
                self.runs.count(report, "backfill", "trades", page)
                batch.extend(parse_trades(page.items))
            report.add(batch)
            problem = "" if walk.complete else f"more than {MOST_TRADE_PAGES} pages; the oldest are missing"
            rows, _ = drop_duplicates(batch.table.combine_chunks(), schemas.TRADES.key)
            yield Piece([(market.ticker, rows.num_rows, problem)], rows, walk.pages)


@dataclass
class SettledSteps:
    """Settled markets, a day of the live tier at a time, then the historical tier by its cursor, newest first.

    The historical tier has no dates to ask for: a day is done when a page reaches behind it.
    """

    client: KalshiClient
    runs: RefreshRuns
    job: Job
    table: str = field(default="settled_markets", init=False)
    _cutoff: float | None = field(default=None, init=False)

    @property
    def total(self) -> int:
        """How many UTC days there are, done and left."""
        return len(self._days())

    @property
    def done(self) -> int:
        """How many of them are done, by this or an earlier run."""
        return self.total - len(self._left())

    def requests_left(self, done: int, requests: int) -> float:
        """Estimate the requests that are left from those a day took so far, one at first."""
        return len(self._left()) * (requests / done if done else 1.0)

    def _days(self) -> list[datetime]:
        today = self.job.started_time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return [today - timedelta(days=back) for back in range(self.job.request.days + 1)]

    def _left(self) -> list[datetime]:
        return [day for day in self._days() if f"{day:%Y-%m-%d}" not in self.job.done]

    def pieces(self, report: RefreshReport) -> Iterator[Piece]:
        """Fetch a day of the live tier at a time, then a page of the historical one."""
        cutoff, left = self._live_from(), self._left()
        # A day that the cutoff lies in has rows on both tiers: the historical one ends it.
        for day in left:
            if day.timestamp() >= cutoff:
                yield self._live_day(report, day)
        if older := [day for day in left if day.timestamp() < cutoff]:
            yield from self._historical(report, older)

    def _live_from(self) -> float:
        if self._cutoff is None:
            told = self.client.get_historical_cutoff().market_settled_ts
            self._cutoff = datetime.fromisoformat(told).timestamp() if told else 0.0
        return self._cutoff

    def _settled_pages(self, report: RefreshReport, batch: Batch, day: datetime) -> int:
        since = int(day.timestamp())
        walk = self.client.iter_market_pages(
            status="settled", min_settled_ts=since, max_settled_ts=since + _DAY - 1, mve_filter="exclude"
        )
        for page in walk:
            self.runs.count(report, "backfill", "settled_markets", page)
            batch.extend(parse_settled_markets(page.items, self.runs.received(report, page)))
        if not walk.complete:
            raise PaginationError("The walk over a day's settled markets did not come to its end.")
        return walk.pages

    def _live_day(self, report: RefreshReport, day: datetime) -> Piece:
        batch = Batch(schemas.SETTLED_MARKETS, schemas.SETTLED_MARKETS.empty())
        pages = self._settled_pages(report, batch, day)
        report.add(batch)
        rows, _ = drop_duplicates(batch.table.combine_chunks(), schemas.SETTLED_MARKETS.key)
        return Piece([(f"{day:%Y-%m-%d}", rows.num_rows, "")], rows, pages)

    def _historical(self, report: RefreshReport, left: list[datetime]) -> Iterator[Piece]:
        batch = Batch(schemas.SETTLED_MARKETS, schemas.SETTLED_MARKETS.empty())
        if self._live_from() < left[0].timestamp() + _DAY:
            self._settled_pages(report, batch, left[0])
        walk = self.client.iter_historical_market_pages(cursor=self.job.cursor or "")
        while True:
            try:
                page = next(walk, None)
            except KalshiRequestError as error:
                if not self.job.cursor or error.status != 400:
                    raise
                # The exchange has forgotten the place where an earlier run stopped: from the beginning, then.
                self.job.cursor = None
                walk = self.client.iter_historical_market_pages()
                continue
            if page is None:
                yield self._piece(report, batch, left, None)
                return
            self.runs.count(report, "backfill", "settled_markets", page)
            batch.extend(parse_settled_markets(page.items, self.runs.received(report, page)))
            moments = [moment for moment in batch.table["settlement_time"].to_pylist() if moment is not None]
            reached = min(moments, default=None)
            passed = [day for day in left if reached is not None and reached < day]
            yield self._piece(report, batch, passed, page.cursor or None)
            left = left[len(passed) :]
            if not left:
                return
            batch = Batch(schemas.SETTLED_MARKETS, schemas.SETTLED_MARKETS.empty())

    def _piece(self, report: RefreshReport, batch: Batch, days: list[datetime], cursor: str | None) -> Piece:
        report.add(batch)
        table, _ = drop_duplicates(batch.table.combine_chunks(), schemas.SETTLED_MARKETS.key)
        oldest = self._days()[-1]
        table = table.filter(pc.fill_null(pc.greater_equal(table["settlement_time"], pa.scalar(oldest)), True))
        counts: Mapping[str, int] = _by_day(table)
        steps = [(f"{day:%Y-%m-%d}", counts.get(f"{day:%Y-%m-%d}", 0), "") for day in days]
        # A page within one long day ends no day, yet its place has to be remembered.
        place = [] if steps or cursor is None else [(f"page:{cursor[:64]}", table.num_rows, "")]
        return Piece(steps or place, table, cursor=cursor)


def _by_day(table: pa.Table) -> dict[str, int]:
    counted = pc.value_counts(pc.strftime(table["settlement_time"], "%Y-%m-%d"))
    return {row["values"]: row["counts"] for row in counted.to_pylist()}
