"""Fetch, parse, store: one method a question to the exchange, one snapshot a refresh, one report each.

Everything is fetched and parsed before anything is written, so a walk that breaks leaves the last snapshot standing
and only a row in `refresh_log` behind. Used by one process at a time: the one that holds the lake's writer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_layer import schemas
from data_layer.api import EventPage, KalshiClient
from data_layer.api.candlestick_plan import Period
from data_layer.backfill import Backfill, BackfillRequest
from data_layer.departures import Departures, stored_rows
from data_layer.errors import PaginationError
from data_layer.event_histories import EventHistories
from data_layer.market_histories import MarketHistories
from data_layer.named_markets import named_markets
from data_layer.parsing import (
    parse_events,
    parse_markets,
    parse_milestones,
    parse_series,
    parse_settled_markets,
)
from data_layer.quote_changes import QuoteMemory
from data_layer.refresh_report import RefreshReport
from data_layer.refresh_runs import OnProgress, RefreshRuns
from data_layer.repository import MarketRepository
from data_layer.store.writer import Refresh, Writer
from data_layer.validation import Batch

#: A crawl that brings less than this share of the last one is not believed the first time.
SHRINK_TOLERANCE = 0.5
NOT_OVER = ("initialized", "inactive", "active")


class Ingest:
    """Bring the exchange's data into the lake of one source.

    `on_progress` is told the stage and the pages done. The methods may run in several threads, commits are one at a
    time. They return a RefreshReport and raise only what says that the *lake* is broken: what the exchange did wrong
    is in the report, logged and stored.
    """

    def __init__(
        self,
        client: KalshiClient,
        writer: Writer,
        source: str,
        clock: Callable[[], float] = time.time,
        on_progress: OnProgress = lambda stage, done: None,
    ) -> None:
        self._client = client
        self._runs = RefreshRuns(writer, source, clock, on_progress)
        self._histories = MarketHistories(client, self._runs)
        self._events = EventHistories(client, self._runs)
        self._departures = Departures(client, self._runs)
        self._quotes = QuoteMemory.of_snapshot(writer.snapshot(), clock())
        if self._quotes.newest is not None:
            self._runs.remember_newest(self._quotes.newest)

    def universe(self) -> RefreshReport:
        """Fetch all open events with their markets, and store them as the new market list.

        Markets of the old list that are not open any more stay in it, as they are now, until they have settled.
        """
        with self._runs.reported("universe") as report:
            events = Batch(schemas.EVENTS, schemas.EVENTS.empty())
            markets = Batch(schemas.MARKETS, schemas.MARKETS.empty())
            walk = self._client.iter_event_pages(status="open", with_nested_markets=True)
            seen: set[str] = set()
            for page in walk:
                self._runs.count(report, "universe", "events", page)
                _require_news(page, seen, walk.restarts)
                received = self._runs.received(report, page)
                events.extend(parse_events(page.items, received))
                nested, series = _nested_markets(page.items)
                markets.extend(parse_markets(nested, received, series))
            if not walk.complete or walk.ended_on_empty_page:
                raise PaginationError("The walk over the open events did not come to its end; nothing of it is used.")
            for batch in (events, markets):
                self._runs.finish(report, batch)
            self._check_shrink(report, markets.table)
            left, their_events = self._departures.of(report, markets.table, events.table)
            listed = pa.concat_tables([markets.table, left])
            with self._storing_quotes(report, listed) as (refresh, _):
                refresh.replace("events", pa.concat_tables([events.table, their_events]))
                refresh.replace("markets", listed)
        return report

    def watch(self, tickers: Sequence[str]) -> RefreshReport:
        """Fetch the quotes of some markets, and store those that changed."""
        with self._runs.reported("watch") as report:
            table = named_markets(self._client, self._runs, report, tickers)
            with self._storing_quotes(report, table) as (_, changed):
                report.rows = changed
        return report

    def series(self) -> RefreshReport:
        """Fetch all series."""
        with self._runs.reported("series") as report:
            page = self._client.list_series(include_volume=True)
            self._runs.count(report, "series", "series", page)
            batch = parse_series(page.items, self._runs.received(report, page))
            self._runs.finish(report, batch)
            with self._runs.commit(report) as refresh:
                refresh.replace("series", batch.table)
        return report

    def milestones(self, most_pages: int = 100) -> RefreshReport:
        """Fetch the milestones that started in the last day or are to come, such as games."""
        with self._runs.reported("milestones") as report:
            batch = Batch(schemas.MILESTONES, schemas.MILESTONES.empty())
            since = datetime.fromtimestamp(self._runs.clock() - 86_400, UTC)
            walk = self._client.iter_milestone_pages(
                minimum_start_date=f"{since:%Y-%m-%dT%H:%M:%SZ}", most_pages=most_pages
            )
            for page in walk:
                self._runs.count(report, "milestones", "milestones", page)
                batch.extend(parse_milestones(page.items, self._runs.received(report, page)))
            if not walk.complete:
                report.outcome = "partial"
                report.conditions.add(f"milestones: stopped at {most_pages} pages, there are more")
            self._runs.finish(report, batch)
            with self._runs.commit(report) as refresh:
                refresh.replace("milestones", batch.table)
        return report

    def settled(self, days: float = 1.0, most_pages: int = 100) -> RefreshReport:
        """Fetch the markets that settled in the last `days` on the live tier; combos are left out."""
        with self._runs.reported("settled") as report:
            markets = Batch(schemas.SETTLED_MARKETS, schemas.SETTLED_MARKETS.empty())
            walk = self._client.iter_market_pages(
                status="settled",
                min_settled_ts=int(self._runs.clock() - days * 86_400),
                mve_filter="exclude",
                most_pages=most_pages,
            )
            for page in walk:
                self._runs.count(report, "settled", "settled_markets", page)
                markets.extend(parse_settled_markets(page.items, self._runs.received(report, page)))
            if not walk.complete:
                report.outcome = "partial"
                report.conditions.add(f"settled markets: stopped at {most_pages} pages, there are more")
            self._runs.finish(report, markets)
            with self._runs.commit(report) as refresh:
                refresh.upsert_partitions("settled_markets", markets.table)
        return report

    def market_history(
        self,
        ticker: str,
        series_ticker: str | None,
        periods: Sequence[tuple[Period, float]],
        settled_time: datetime | None = None,
    ) -> RefreshReport:
        """Fetch one market's candlesticks and last trades, from whichever tier has them.

        `periods` are (minutes, days back); what this process fetched before is only extended, and its last periods
        checked. With `settled_time` (UTC) the days count back from there, and the historical tier is asked at once
        where that is the one that keeps it.
        """
        return self._histories.one(ticker, series_ticker, periods, settled_time)

    def order_book(self, ticker: str) -> RefreshReport:
        """Fetch one market's order book."""
        return self._histories.book(ticker)

    def missing_market(self, ticker: str) -> RefreshReport:
        """Fetch one market that is not stored, with its event, from whichever tier has it."""
        return self._histories.missing(ticker)

    def missing_event(self, event_ticker: str) -> RefreshReport:
        """Fetch one event that is not stored, with all its markets, from both tiers."""
        return self._events.missing(event_ticker)

    def settled_of_series(self, series_ticker: str) -> RefreshReport:
        """Fetch the newest settled events of one series with their markets."""
        return self._events.settled_of_series(series_ticker)

    def candlesticks_of_many(
        self, tickers: Sequence[str], period_minutes: Period, start_ts: int, end_ts: int
    ) -> RefreshReport:
        """Fetch candlesticks of many markets in batch calls (movers, sparklines)."""
        return self._histories.many(tickers, period_minutes, start_ts, end_ts)

    def backfill(self, request: BackfillRequest, repository: MarketRepository) -> Backfill:
        """Begin, or go on with, filling in history; call `step` of what is returned until it is finished.

        `repository` answers which markets are the most traded. Raises StoreError for what cannot be asked for.
        """
        return Backfill(request, self._client, self._runs, repository)

    def writing(self) -> AbstractContextManager[Writer]:
        """Hold the writer while nobody else commits, for maintenance."""
        return self._runs.writing()

    @contextmanager
    def _storing_quotes(self, report: RefreshReport, markets: pa.Table) -> Iterator[tuple[Refresh, int]]:
        """Commit the quotes that changed (their number is told) with what the block writes, then remember them."""
        with self._runs.writing():
            changed = self._quotes.changed(markets)
            with self._runs.commit(report) as refresh:
                refresh.append("quotes", changed)
                yield refresh, changed.num_rows
            self._quotes.remember(changed)

    def _check_shrink(self, report: RefreshReport, markets: pa.Table) -> None:
        """Refuse a crawl that lost most of the markets, unless the one before was refused for the same reason.

        Those that are over are not counted: of them the list keeps some that no crawl brings.
        """
        with self._runs.writing() as writer:
            stored = _not_over(stored_rows(writer.snapshot(), schemas.MARKETS, ("status",)))
        count = _not_over(markets)
        if count >= SHRINK_TOLERANCE * stored:
            return
        newest = self._runs.past("universe")[:1]
        confirmed = newest and newest[0]["outcome"] == "failed" and "shrunk:" in newest[0]["conditions_json"]
        said = f"shrunk: {count:,} markets came, {stored:,} are stored"
        report.conditions.add(said)
        if count == 0 or not confirmed:
            report.rows = 0
            raise PaginationError(f"{said}; the older list stays until the next crawl confirms it.")


def _not_over(markets: pa.Table) -> int:
    """Return how many of the markets trade, or will again."""
    return int(pc.sum(pc.is_in(markets["status"], pa.array(NOT_OVER))).as_py() or 0)


def _require_news(page: EventPage, seen: set[str], restarts: int) -> None:
    """Refuse a page on which no event is new, unless the walk was restarted: its pages go in a circle.

    The last page may hold nothing but events that moved there from earlier ones.
    """
    tickers = {event.event_ticker for event in page.items}
    if page.cursor and tickers and tickers <= seen and not restarts:
        raise PaginationError("A page over the open events brought nothing new: the pages go in a circle.")
    seen |= tickers


def _nested_markets(events: Sequence[Any]) -> tuple[list[Any], list[str | None]]:
    """Return the markets of a page of events and, row by row, their series; combos are left out."""
    pairs = [
        (market, event.series_ticker)
        for event in events
        for market in event.markets or ()
        if market.mve_collection_ticker is None
    ]
    return [market for market, _ in pairs], [series for _, series in pairs]


__all__ = ["Ingest", "RefreshReport"]
