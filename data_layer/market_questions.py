"""Questions about markets: the list, one market, its candlesticks, trades, days and order book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from data_layer import bound_values
from data_layer.engine.named_sql import ordered, sql_text
from data_layer.errors import NoDataError
from data_layer.questions import Answer, MarketColumn, MarketFilter, Order
from data_layer.schemas import TEXT, TIME
from data_layer.view import Questions, View

MOST_ACTIVE = (Order(MarketColumn.VOLUME_24H),)
#: Most markets of one export: more than the exchange has ever had open.
EXPORTED_MARKETS = 200_000
_NOT_EXPORTED = {"total", "previous_spread_dollars"}


class MarketQuestions(Questions):
    """What is asked of markets."""

    def markets(
        self,
        filter: MarketFilter = MarketFilter(),
        order: Sequence[Order] = MOST_ACTIVE,
        offset: int = 0,
        limit: int = 50,
    ) -> Answer:
        """Return one page of the markets that pass `filter`; `Answer.total` counts all that pass."""
        return self._markets(self._view(), filter, order, offset, limit)

    def _markets(self, view: View, filter: MarketFilter, order: Sequence[Order], offset: int, limit: int) -> Answer:
        values = bound_values.filter_values(filter, self._minute()) | {"offset": offset, "limit": limit}
        sql = ordered(sql_text("markets"), order, "ticker")
        table = view.ask("markets", values, sql, bound_values.markets_key(filter, order, values))
        total = 0
        if table.num_rows:
            total = table["total"][0].as_py()
        elif offset:  # a page behind the last one has no row that could say how many there are
            total = self._markets(view, filter, order, 0, 1).total
        notes: tuple[str, ...] = ()
        if len(filter.text.split()) > bound_values.SEARCH_WORDS:
            notes = (f"only the first {bound_values.SEARCH_WORDS} words were looked for",)
        return view.answer("markets", table.drop_columns(["total"]), notes, total)

    def markets_reader(
        self,
        filter: MarketFilter = MarketFilter(),
        order: Sequence[Order] = MOST_ACTIVE,
        limit: int = EXPORTED_MARKETS,
    ) -> pa.RecordBatchReader:
        """Return all markets that pass `filter`, at most `limit`, in order, for an export.

        Columns are those of `markets` and, as a file outlives the screen it came from, `as_of` and `source`; the
        schema's metadata say the same and the snapshot.
        """
        view = self._view()
        values = bound_values.filter_values(filter, self._minute()) | {"offset": 0, "limit": limit}
        reader = view.engine.stream(ordered(sql_text("markets"), order, "ticker"), values)
        as_of = view.answer("markets", reader.schema.empty_table()).as_of
        kept = [field for field in reader.schema if field.name not in _NOT_EXPORTED]
        schema = pa.schema([*kept, ("as_of", TIME), ("source", TEXT)]).with_metadata(
            {
                "kalshi.table": "markets",
                "kalshi.source": self.source,
                "kalshi.snapshot": str(view.engine.snapshot_id),
                "kalshi.as_of": as_of.isoformat() if as_of else "",
            }
        )

        def batches() -> Iterator[pa.RecordBatch]:
            for batch in reader:
                said = [pa.repeat(pa.scalar(as_of, TIME), len(batch)), pa.repeat(self.source, len(batch))]
                yield pa.RecordBatch.from_arrays([*(batch[field.name] for field in kept), *said], schema=schema)

        return pa.RecordBatchReader.from_batches(schema, batches())

    def series_found(self, text: str, limit: int = 12) -> Answer:
        """Return series with open markets whose ticker or title contains `text`: ticker, title, open markets."""
        return self._view().plain("series_found", {"text": text, "limit": limit})

    def market(self, ticker: str) -> Answer:
        """Return everything stored of one market, open or settled, as one row; NoDataError when unknown."""
        return self._market(self._view(), ticker)

    def _market(self, view: View, ticker: str) -> Answer:
        table = view.ask("market", {"ticker": ticker})
        if table.num_rows == 0:
            raise NoDataError(f"No market {ticker!r} is stored.")
        return view.answer("market", table)

    def market_siblings(self, ticker: str, limit: int = 500) -> Answer:
        """Return the other outcomes of the market's event, most active first."""
        view = self._view()
        event = self._market(view, ticker).table["event_ticker"][0].as_py()
        found = self._markets(view, MarketFilter(event=event, statuses=()), MOST_ACTIVE, 0, limit)
        others = found.table.filter(pc.not_equal(found.table["ticker"], ticker))
        return replace(found, table=others, total=others.num_rows)

    def categories(self) -> Answer:
        """Return category and number of open markets, largest first."""
        view = self._view()
        return view.answer("categories", view.ask("categories"))

    def candlesticks(
        self,
        ticker: str,
        period_minutes: int = 60,
        start: datetime | None = None,
        end: datetime | None = None,
        max_points: int = 2_000,
    ) -> Answer:
        """Return a market's candlesticks with start <= end_time <= end, ascending; naive times are UTC.

        `period_minutes` is 1, 60 or 1440. Where there are more than `max_points`, neighbours are merged exactly
        (first open, highest high, …), a note says into what, and `period_minutes` of the rows is the merged width.
        Days are US-Eastern ones of 23 to 25 hours and are never merged.
        """
        view = self._view()
        values = {"ticker": ticker, "period_minutes": period_minutes, **bound_values.window_values(start, end)}
        limit = None if period_minutes == 1440 else max_points + 1
        stored = view.ask("candlesticks", values | {"limit": limit})
        if limit is None or stored.num_rows < limit:
            return view.answer("candlesticks", stored)
        span = view.ask("candlesticks_span", values).to_pylist()[0]
        minutes_spanned = (span["last_end"] - span["first_end"]) / timedelta(minutes=1) + period_minutes
        minutes = bound_values.bucket_minutes(period_minutes, minutes_spanned / max(1, max_points))
        notes = (f"{span['candlesticks']:,} candlesticks merged into {minutes:,} minutes each",)
        table = view.ask("candlesticks_merged", values | {"bucket_minutes": minutes})
        return view.answer("candlesticks_merged", table, notes)

    def trades(self, ticker: str, limit: int = 200) -> Answer:
        """Return the last stored trades of a market, newest first."""
        view = self._view()
        return view.answer("trades", view.ask("trades", {"ticker": ticker, "limit": limit}))

    def tightest_filter(self, filter: MarketFilter) -> tuple[str, int] | None:
        """Return the part of a filter that hides the most: its field, and how many markets pass without it.

        None where leaving out one part alone does not help.
        """
        view, plain = self._view(), MarketFilter()
        best: tuple[str, int] | None = None
        for part in fields(MarketFilter):
            if getattr(filter, part.name) == getattr(plain, part.name):
                continue
            without = replace(filter, **{part.name: getattr(plain, part.name)})
            total = self._markets(view, without, MOST_ACTIVE, 0, 1).total
            if total > (best[1] if best else 0):
                best = (part.name, total)
        return best

    def order_book(self, ticker: str) -> Answer:
        """Return the last stored order book of a market: side, price, count; best levels first on each side.

        Kalshi lists bids only: a NO bid at p is a YES ask at 1 - p. No rows where no book was fetched.
        """
        return self._view().plain("order_book", {"ticker": ticker})

    def daily_bars(self, ticker: str, start: datetime | None = None, end: datetime | None = None) -> Answer:
        """Return a market's US-Eastern days from its hourly candlesticks: OHLC, VWAP, volume, open interest.

        VWAP is the volume-weighted mean of the hours that traded, null on a day without a trade.
        """
        values = {"ticker": ticker, **bound_values.window_values(start, end)}
        return self._view().plain("daily_bars", values)
