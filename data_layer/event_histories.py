"""Events that are not stored, with all their markets: fetched when somebody opens one."""

from __future__ import annotations

from datetime import UTC, datetime

from data_layer.api import KalshiClient, wire
from data_layer.errors import KalshiNotFoundError
from data_layer.parsing import parse_events, parse_markets, parse_settled_markets
from data_layer.refresh_report import RefreshReport
from data_layer.refresh_runs import RefreshRuns

#: Pages of 200 events; more of a series is what a backfill is for.
SETTLED_PAGES = 2
_OVER = frozenset({"determined", "finalized"})


class EventHistories:
    """Bring single events into the lake; used by `Ingest`."""

    def __init__(self, client: KalshiClient, runs: RefreshRuns) -> None:
        self._client = client
        self._runs = runs

    def missing(self, event_ticker: str) -> RefreshReport:
        """Fetch one event with its markets, from both tiers: of an old event the historical tier has some or all.

        Markets that are over go to the settled history, the others to the market list.
        """
        with self._runs.reported("event") as report:
            event, markets = self._found(event_ticker, report)
            received = datetime.fromtimestamp(self._runs.clock(), UTC)
            series = event.series_ticker if event is not None else None
            over = [market for market in markets if market.status in _OVER]
            others = [market for market in markets if market.status not in _OVER]
            settled = parse_settled_markets(over, received, [series] * len(over))
            listed = parse_markets(others, received, [series] * len(others))
            batches = [settled, listed, *([parse_events([event], received)] if event is not None else [])]
            for batch in batches:
                report.add(batch)
            report.rows = settled.table.num_rows + listed.table.num_rows
            with self._runs.commit(report) as refresh:
                for batch in batches:
                    refresh.upsert_partitions(batch.schema.name, batch.table)
        return report

    def settled_of_series(self, series_ticker: str) -> RefreshReport:
        """Fetch the newest settled events of one series with their markets; archived ones come without markets."""
        with self._runs.reported("series_events") as report:
            walk = self._client.iter_event_pages(
                status="settled", series_ticker=series_ticker, with_nested_markets=True, most_pages=SETTLED_PAGES
            )
            events, markets = [], []
            for page in walk:
                self._runs.count(report, "series_events", "events", page)
                events += page.items
                markets += [
                    market for event in page.items for market in event.markets or () if market.status in _OVER
                ]
            received = datetime.fromtimestamp(self._runs.clock(), UTC)
            batches = [
                parse_settled_markets(markets, received, [series_ticker] * len(markets)),
                parse_events(events, received),
            ]
            for batch in batches:
                report.add(batch)
            report.rows = batches[0].table.num_rows
            with self._runs.commit(report) as refresh:
                for batch in batches:
                    refresh.upsert_partitions(batch.schema.name, batch.table)
        return report

    def _found(self, event_ticker: str, report: RefreshReport) -> tuple[wire.Event | None, list[wire.Market]]:
        """Return the event and its markets, no combos; KalshiNotFoundError where neither tier knows any."""
        event, refusal = None, None
        try:
            event = self._client.get_event(event_ticker)
            report.pages += 1
        except KalshiNotFoundError as error:
            refusal = error
        live = [market for market in (event.markets if event else None) or () if market.mve_collection_ticker is None]
        found = {market.ticker: market for market in live}
        for page in self._client.iter_historical_market_pages(event_ticker=event_ticker):
            self._runs.count(report, "event", "settled_markets", page)
            for market in page.items:
                found.setdefault(market.ticker, market)
        if refusal is not None and not found:
            raise refusal
        return event, list(found.values())
