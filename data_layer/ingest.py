"""Fetch, parse, store: one method a question to the exchange, one snapshot a refresh, one report each.

Everything is fetched and parsed before anything is written, so a walk that breaks leaves the last snapshot standing
and only a row in `refresh_log` behind. Used by one process at a time: the one that holds the lake's writer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_layer import schemas
from data_layer.api import KalshiClient
from data_layer.api.candlestick_plan import Period
from data_layer.errors import KalshiError, PaginationError, SchemaDriftError
from data_layer.parsing import (
    parse_candlesticks,
    parse_events,
    parse_markets,
    parse_series,
    parse_settled_markets,
    parse_trades,
)
from data_layer.quote_changes import QuoteMemory
from data_layer.refresh_report import RefreshReport
from data_layer.store.writer import Refresh, Writer
from data_layer.validation import (
    Batch,
    Reject,
    completeness,
    completeness_conditions,
    drop_duplicates,
    rejects_table,
)

logger = logging.getLogger(__name__)

#: A crawl that brings less than this share of the last one is not believed the first time.
SHRINK_TOLERANCE = 0.5
#: How many past refreshes completeness is compared with.
COMPLETENESS_REFRESHES = 5
#: Periods fetched again behind the last stored candlestick, to catch late corrections.
OVERLAP_PERIODS = 2

OnProgress = Callable[[str, int], None]


class Ingest:
    """Bring the exchange's data into the lake of one source.

    `on_progress` is told the stage and the pages done. `fetch` methods may run in several threads, the commits
    are one at a time. Methods return a RefreshReport and raise only what says that the *lake* is broken: what the
    exchange did wrong is in the report, logged and stored.
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
        self._writer = writer
        self._source = source
        self._clock = clock
        self._on_progress = on_progress
        self._committing = threading.Lock()
        self._quotes = QuoteMemory.of_snapshot(writer.lake.snapshot(), clock())

    # Refreshes

    def universe(self) -> RefreshReport:
        """Fetch all open events with their markets, and store them as the new market list."""
        with self._reported("universe") as report:
            events = Batch(schemas.EVENTS, schemas.EVENTS.empty())
            markets = Batch(schemas.MARKETS, schemas.MARKETS.empty())
            walk = self._client.iter_event_pages(status="open", with_nested_markets=True)
            for page in walk:
                self._count(report, "universe", page)
                fetched = datetime.fromtimestamp(page.fetched_at, UTC)
                events.extend(parse_events(page.items, fetched))
                nested, series = _nested_markets(page.items)
                markets.extend(parse_markets(nested, fetched, series))
            self._require_end(walk)
            for batch in (events, markets):
                self._finish(report, batch)
            self._check_shrink(report, markets.table.num_rows)
            with self._commit(report) as refresh:
                refresh.replace("events", events.table)
                refresh.replace("markets", markets.table)
                refresh.append("quotes", self._changed(markets.table))
        return report

    def watch(self, tickers: Sequence[str]) -> RefreshReport:
        """Fetch the quotes of some markets, and store those that changed."""
        with self._reported("watch") as report:
            markets = Batch(schemas.MARKETS, schemas.MARKETS.empty())
            for page in self._client.iter_market_pages(tickers=list(tickers)):
                self._count(report, "watch", page)
                markets.extend(parse_markets(page.items, datetime.fromtimestamp(page.fetched_at, UTC)))
            report.add(markets)
            table, duplicates = drop_duplicates(markets.table, schemas.MARKETS.key)
            report.duplicates += duplicates
            with self._commit(report) as refresh:
                changed = self._changed(table)
                report.rows = changed.num_rows
                refresh.append("quotes", changed)
        return report

    def series(self) -> RefreshReport:
        """Fetch all series."""
        with self._reported("series") as report:
            page = self._client.list_series(include_volume=True)
            self._count(report, "series", page)
            batch = parse_series(page.items, datetime.fromtimestamp(page.fetched_at, UTC))
            self._finish(report, batch)
            with self._commit(report) as refresh:
                refresh.replace("series", batch.table)
        return report

    def settled(self, days: float = 1.0, most_pages: int = 100) -> RefreshReport:
        """Fetch the markets that settled in the last `days` on the live tier; combos are left out."""
        with self._reported("settled") as report:
            markets = Batch(schemas.SETTLED_MARKETS, schemas.SETTLED_MARKETS.empty())
            walk = self._client.iter_market_pages(
                status="settled",
                min_settled_ts=int(self._clock() - days * 86_400),
                mve_filter="exclude",
                most_pages=most_pages,
            )
            for page in walk:
                self._count(report, "settled", page)
                markets.extend(parse_settled_markets(page.items, datetime.fromtimestamp(page.fetched_at, UTC)))
            if not walk.complete:
                report.outcome = "partial"
                report.conditions.add(f"settled markets: stopped at {most_pages} pages, there are more")
            self._finish(report, markets)
            with self._commit(report) as refresh:
                refresh.upsert_partitions("settled_markets", markets.table)
        return report

    def market_history(
        self, ticker: str, series_ticker: str | None, periods: Sequence[tuple[Period, float]]
    ) -> RefreshReport:
        """Fetch one market's candlesticks and last trades, from whichever tier has them.

        `periods` are (minutes, days back); what is stored already is only extended, and its last periods checked.
        """
        with self._reported("candlesticks") as report:
            batches = []
            for minutes, days in periods:
                now = int(self._clock())
                stored = self._stored_candlesticks(ticker, minutes)
                start = now - int(days * 86_400)
                if stored.num_rows:
                    last = int(pc.max(stored["end_time"]).as_py().timestamp())
                    start = max(start, last - OVERLAP_PERIODS * minutes * 60)
                found = self._client.get_candlesticks_any_tier(
                    ticker, start, now, minutes, series_ticker=series_ticker
                )
                self._count(report, "candlesticks", found)
                batch = parse_candlesticks(ticker, minutes, found.items)
                report.add(batch)
                batches.append((batch.table, stored))
            trades = self._recent_trades(ticker, report)
            with self._commit(report) as refresh:
                for table, stored in batches:
                    report.rows += _merge_candlesticks(refresh, table, stored)
                refresh.upsert_partitions("trades", trades)
        return report

    def candlesticks_of_many(
        self, tickers: Sequence[str], period_minutes: Period, start_ts: int, end_ts: int
    ) -> RefreshReport:
        """Fetch candlesticks of many markets in batch calls (movers, sparklines)."""
        with self._reported("candlesticks") as report:
            tables = []
            answer = self._client.get_batch_candlesticks(list(tickers), start_ts, end_ts, period_minutes)
            for ticker, found in answer.items():
                self._count(report, "candlesticks", found)
                batch = parse_candlesticks(ticker, period_minutes, found.items)
                report.add(batch)
                tables.append(batch.table)
            table = pa.concat_tables(tables) if tables else schemas.CANDLESTICKS.empty()
            report.rows = table.num_rows
            with self._commit(report) as refresh:
                refresh.upsert_partitions("candlesticks", table)
        return report

    # Parts

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the writer while nobody else commits, for maintenance."""
        with self._committing:
            yield self._writer

    @contextmanager
    def _reported(self, kind: str) -> Iterator[RefreshReport]:
        """Run one refresh; what the exchange does wrong ends up in the report and in `refresh_log`."""
        report = RefreshReport(kind, self._source, self._clock())
        try:
            yield report
        except (KalshiError, PaginationError) as error:
            if isinstance(error, SchemaDriftError):
                report.conditions.add(f"drift:{error.condition}")
            report.fail(error)
            logger.warning("refresh %s failed: %s", kind, error)
            with self._commit(report):
                pass
        finally:
            report.finished = report.finished or self._clock()

    @contextmanager
    def _commit(self, report: RefreshReport) -> Iterator[Refresh]:
        """Publish one snapshot: what the block writes, the rejects and the report's own row."""
        with self.writing() as writer:
            with writer.refresh(kind=report.kind, refresh_id=report.refresh_id, source=self._source) as refresh:
                yield refresh
                report.finished = self._clock()
                rejected = datetime.fromtimestamp(report.finished, UTC)
                refresh.append("rejects", rejects_table(report.rejects, rejected))
                refresh.append("refresh_log", report.row())
            report.snapshot_id = writer.lake.snapshot().snapshot_id

    def _count(self, report: RefreshReport, stage: str, page: Any) -> None:
        report.pages += 1
        report.nbytes += page.nbytes
        for bad in page.rejected:
            report.rejects.setdefault(stage, []).append(Reject(bad.key or "", "shape", bad.reason, bad.excerpt))
        if page.unknown_fields:
            report.conditions.add(f"unknown fields in {stage}: {', '.join(page.unknown_fields)}")
        self._on_progress(stage, report.pages)

    def _require_end(self, walk: Any) -> None:
        if not walk.complete or walk.ended_on_empty_page:
            raise PaginationError("The walk over the open events did not come to its end; nothing of it is used.")

    def _finish(self, report: RefreshReport, batch: Batch) -> None:
        """Check uniqueness and completeness of a whole table, and count its rows."""
        batch.table, duplicates = drop_duplicates(batch.table.combine_chunks(), batch.schema.key)
        batch.duplicates += duplicates
        report.add(batch)
        report.rows += batch.table.num_rows
        name = batch.schema.name
        shares = completeness(batch.table, batch.schema.watched)
        report.completeness |= {f"{name}.{column}": share for column, share in shares.items()}
        report.conditions |= set(completeness_conditions(name, shares, self._past_completeness(report.kind, name)))

    def _past_completeness(self, kind: str, name: str) -> list[dict[str, float]]:
        past = []
        for row in self._log(["kind", "outcome", "started_time", "completeness_json"], kind):
            shares = msgspec.json.decode(row["completeness_json"] or "{}", type=dict[str, float])
            cut = {key.removeprefix(f"{name}."): s for key, s in shares.items() if key.startswith(f"{name}.")}
            if row["outcome"] == "complete" and cut:
                past.append(cut)
        return past[:COMPLETENESS_REFRESHES]

    def _log(self, columns: list[str], kind: str) -> list[dict[str, Any]]:
        """Return the refresh log of one kind, newest first."""
        files = self._writer.lake.snapshot().files("refresh_log")
        if not files:
            return []
        table = pa.concat_tables([pq.ParquetFile(path).read(columns=columns) for path in files])
        table = table.filter(pc.equal(table["kind"], kind)).sort_by([("started_time", "descending")])
        rows: list[dict[str, Any]] = table.slice(0, 50).to_pylist()
        return rows

    def _check_shrink(self, report: RefreshReport, count: int) -> None:
        """Refuse a crawl that lost most of the markets, unless the one before was refused for the same reason."""
        stored = self._writer.lake.snapshot().rows("markets")
        if count >= SHRINK_TOLERANCE * stored:
            return
        newest = self._log(["kind", "outcome", "started_time", "conditions_json"], "universe")[:1]
        said = f"shrunk: {count:,} markets came, {stored:,} are stored"
        report.conditions.add(said)
        if not (newest and newest[0]["outcome"] == "failed" and "shrunk:" in newest[0]["conditions_json"]):
            report.rows = 0
            raise PaginationError(f"{said}; the older list stays until the next crawl confirms it.")

    def _changed(self, markets: pa.Table) -> pa.Table:
        changed = self._quotes.changed(markets)
        self._quotes.remember(changed)
        return changed

    def _stored_candlesticks(self, ticker: str, minutes: int) -> pa.Table:
        """Return a market's stored candlesticks of one period, partition columns filled in."""
        parts = []
        snapshot = self._writer.lake.snapshot()
        for path in snapshot.files("candlesticks", {"period_minutes": [minutes]}):
            part = pq.read_table(path, filters=[("ticker", "=", ticker)], partitioning=None)
            if part.num_rows:
                parts.append(part)
        names = [name for name in schemas.CANDLESTICKS.names if name not in schemas.CANDLESTICKS.partition]
        if not parts:
            return schemas.CANDLESTICKS.empty().select(names)
        return pa.concat_tables([part.select(names) for part in parts]).sort_by("end_time")

    def _recent_trades(self, ticker: str, report: RefreshReport) -> pa.Table:
        since = int((datetime.fromtimestamp(self._clock(), UTC) - timedelta(days=7)).timestamp())
        batch = Batch(schemas.TRADES, schemas.TRADES.empty())
        for page in self._client.iter_trade_pages_any_tier(ticker, min_ts=since, most_pages=1):
            self._count(report, "trades", page)
            batch.extend(parse_trades(page.items))
        report.add(batch)
        return batch.table


def _nested_markets(events: Sequence[Any]) -> tuple[list[Any], list[str | None]]:
    """Return the markets of a page of events and, row by row, their series; combos are left out."""
    pairs = [
        (market, event.series_ticker)
        for event in events
        for market in event.markets or ()
        if market.mve_collection_ticker is None
    ]
    return [market for market, _ in pairs], [series for _, series in pairs]


def _merge_candlesticks(refresh: Refresh, table: pa.Table, stored: pa.Table) -> int:
    """Append the new candlesticks; where stored ones were corrected, replace them. Return the rows written."""
    if not stored.num_rows or not table.num_rows:
        refresh.append("candlesticks", table)
        return table.num_rows
    last = pc.max(stored["end_time"])
    again = table.filter(pc.less_equal(table["end_time"], last))
    known = {row["end_time"]: row for row in stored.to_pylist()}
    kept = stored.column_names
    corrected = [row["end_time"] for row in again.select(kept).to_pylist() if known.get(row["end_time"]) != row]
    if corrected:
        refresh.upsert_partitions("candlesticks", table)
        return table.num_rows
    fresh = table.filter(pc.greater(table["end_time"], last))
    refresh.append("candlesticks", fresh)
    return fresh.num_rows


__all__ = ["Ingest", "RefreshReport"]
