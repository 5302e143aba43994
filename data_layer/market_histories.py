"""Candlesticks and trades of single markets: fetched when somebody opens one, then extended."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_layer import schemas
from data_layer.api import KalshiClient
from data_layer.api.candlestick_plan import Period
from data_layer.errors import KalshiAuthError, KalshiNotFoundError
from data_layer.parsing import (
    parse_candlesticks,
    parse_events,
    parse_markets,
    parse_order_book,
    parse_settled_markets,
    parse_trades,
)
from data_layer.quote_changes import changed_rows
from data_layer.refresh_report import RefreshReport
from data_layer.refresh_runs import RefreshRuns
from data_layer.store.writer import Refresh, Writer
from data_layer.validation import Batch

#: Periods fetched again behind the last fetch, to catch late corrections.
OVERLAP_PERIODS = 2
TRADE_DAYS = 7
_COVERED = 10_000
_DAY_SECONDS = 86_400
_KEPT = tuple(name for name in schemas.CANDLESTICKS.names if name not in schemas.CANDLESTICKS.partition)
_KEY = "key"
_COMPARED = tuple(name for name in _KEPT if name not in schemas.CANDLESTICKS.key)


class MarketHistories:
    """Bring histories of markets into the lake; used by `Ingest`.

    Which span of a market this process has fetched is remembered: after the first whole window only its end is
    fetched. What is stored says too little for that, since candlesticks are sparse and other refreshes store pieces.
    """

    def __init__(self, client: KalshiClient, runs: RefreshRuns) -> None:
        self._client = client
        self._runs = runs
        self._covered: OrderedDict[tuple[str, int], tuple[int, int]] = OrderedDict()

    def one(
        self,
        ticker: str,
        series_ticker: str | None,
        periods: Sequence[tuple[Period, float]],
        settled_time: datetime | None = None,
    ) -> RefreshReport:
        """Fetch candlesticks of `periods` (minutes, days back) and the last trades of one market."""
        with self._runs.reported("candlesticks") as report:
            now = int(self._runs.clock())
            if settled_time is not None:
                now = min(now, int(settled_time.timestamp()) + _DAY_SECONDS)
            batches = []
            for minutes, days in periods:
                start = self._start(ticker, minutes, now - int(days * _DAY_SECONDS))
                found = self._client.get_candlesticks_any_tier(
                    ticker,
                    start,
                    now,
                    minutes,
                    series_ticker=series_ticker,
                    settlement_ts=settled_time.isoformat() if settled_time else None,
                )
                self._runs.count(report, "candlesticks", "candlesticks", found)
                batch = parse_candlesticks(ticker, minutes, found.items)
                report.add(batch)
                batches.append((minutes, start, batch.table))
            trades = self._recent_trades(ticker, now, report)
            book = schemas.ORDER_BOOKS.empty() if settled_time else self._order_book(ticker, report)
            with self._runs.writing() as writer, self._runs.commit(report) as refresh:
                for _, _, table in batches:
                    report.rows += merge_candlesticks(writer, refresh, table)
                refresh.upsert_partitions("trades", trades)
                refresh.append("order_books", book)
            for minutes, start, _ in batches:
                self._cover(ticker, minutes, start, now)
        return report

    def book(self, ticker: str) -> RefreshReport:
        """Fetch one market's order book."""
        with self._runs.reported("order_book") as report:
            book = self._order_book(ticker, report)
            report.rows = book.num_rows
            with self._runs.commit(report) as refresh:
                refresh.append("order_books", book)
        return report

    def missing(self, ticker: str) -> RefreshReport:
        """Fetch one market that is not stored, with its event, from whichever tier has it.

        A market that is over goes to the settled history, any other to the market list.
        """
        with self._runs.reported("market") as report:
            market = self._client.get_market_any_tier(ticker)
            event = self._client.get_event(market.event_ticker or ticker)
            received = datetime.fromtimestamp(self._runs.clock(), UTC)
            over = market.status in {"determined", "finalized"}
            parse = parse_settled_markets if over else parse_markets
            found, events = parse([market], received, [event.series_ticker]), parse_events([event], received)
            report.add(found)
            report.add(events)
            report.pages, report.rows = 2, found.table.num_rows
            with self._runs.commit(report) as refresh:
                refresh.upsert_partitions("settled_markets" if over else "markets", found.table)
                refresh.upsert_partitions("events", events.table)
        return report

    def many(self, tickers: Sequence[str], period_minutes: Period, start_ts: int, end_ts: int) -> RefreshReport:
        """Fetch candlesticks of many markets in batch calls."""
        with self._runs.reported("candlesticks") as report:
            tables = []
            good = self._runs.askable(report, tickers)
            answer = self._client.get_batch_candlesticks(good, start_ts, end_ts, period_minutes)
            for ticker, found in answer.items():
                self._runs.count(report, "candlesticks", "candlesticks", found)
                batch = parse_candlesticks(ticker, period_minutes, found.items)
                report.add(batch)
                tables.append(batch.table)
            table = pa.concat_tables(tables) if tables else schemas.CANDLESTICKS.empty()
            report.rows = table.num_rows
            with self._runs.writing() as writer, self._runs.commit(report) as refresh:
                merge_candlesticks(writer, refresh, table)
        return report

    def _start(self, ticker: str, minutes: int, wanted: int) -> int:
        """Return where to fetch from: a little before the end of what was fetched, or the whole window."""
        first, last = self._covered.get((ticker, minutes), (wanted + 1, 0))
        return last - OVERLAP_PERIODS * minutes * 60 if first <= wanted else wanted

    def _cover(self, ticker: str, minutes: int, start: int, end: int) -> None:
        first, _ = self._covered.pop((ticker, minutes), (start, 0))
        self._covered[ticker, minutes] = (min(first, start), end)
        while len(self._covered) > _COVERED:
            self._covered.popitem(last=False)

    def _order_book(self, ticker: str, report: RefreshReport) -> pa.Table:
        """Return the order book as it is now; none where the exchange keeps none (any more) or wants a key for it."""
        try:
            book = self._client.get_order_book(ticker)
        except (KalshiAuthError, KalshiNotFoundError) as error:
            report.conditions.add(f"order_book: {error}")
            report.failure = type(error)
            return schemas.ORDER_BOOKS.empty()
        batch = parse_order_book(ticker, book, datetime.fromtimestamp(self._runs.clock(), UTC))
        report.add(batch)
        report.pages += 1
        return batch.table

    def _recent_trades(self, ticker: str, now: int, report: RefreshReport) -> pa.Table:
        batch = Batch(schemas.TRADES, schemas.TRADES.empty())
        since = now - TRADE_DAYS * _DAY_SECONDS
        for page in self._client.iter_trade_pages_any_tier(ticker, min_ts=since, most_pages=1):
            self._runs.count(report, "trades", "trades", page)
            batch.extend(parse_trades(page.items))
        report.add(batch)
        return batch.table


def merge_candlesticks(writer: Writer, refresh: Refresh, table: pa.Table) -> int:
    """Store candlesticks of one period, of any number of markets, that are new or were corrected. Return how many.

    What is new is appended; only a correction rewrites the months it lies in.
    """
    if not table.num_rows:
        return 0
    table, stored = _keyed(table), _keyed(_stored(writer, table))
    changed = changed_rows(table, stored, _KEY, _COMPARED)
    known = pc.is_in(changed[_KEY], stored[_KEY].combine_chunks())
    rows = changed.drop_columns([_KEY])
    if pc.any(known).as_py():
        refresh.upsert_partitions("candlesticks", rows)
    else:
        refresh.append("candlesticks", rows)
    return int(rows.num_rows)


def _keyed(table: pa.Table) -> pa.Table:
    """Return candlesticks with one column that identifies each, market and end."""
    ends = pc.cast(pc.cast(table["end_time"], pa.int64()), pa.string())
    return table.append_column(_KEY, pc.binary_join_element_wise(table["ticker"], ends, "|"))


def _stored(writer: Writer, table: pa.Table) -> pa.Table:
    """Return what is stored of the markets, period and months of `table`."""
    tickers, minutes = pc.unique(table["ticker"]).to_pylist(), table["period_minutes"][0].as_py()
    months = pc.unique(table["month"]).to_pylist()
    paths = writer.snapshot().files("candlesticks", {"period_minutes": [minutes], "month": months})
    mine = [("ticker", "in", tickers)]
    parts = [pq.read_table(path, columns=list(_KEPT), filters=mine, partitioning=None) for path in paths]
    empty = schemas.CANDLESTICKS.empty().select(list(_KEPT))
    return pa.concat_tables([empty, *(part.cast(empty.schema) for part in parts)])
