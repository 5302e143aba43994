"""Every question the app may ask of the lake.

Answers come from one snapshot, are memoised by (question, values, snapshot) and shared between sessions: never change
them. In a notebook: ``from data_layer import open_repository``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from data_layer import bound_values
from data_layer.engine.duckdb_engine import DuckDBEngine
from data_layer.engine.limits import EngineLimits
from data_layer.engine.named_sql import ordered, sql_text
from data_layer.engine.newest import NewestEngine
from data_layer.engine.query_log import QueryLog
from data_layer.errors import NoDataError
from data_layer.questions import Answer, MarketColumn, MarketFilter, Order, QuoteQuality, SnapshotInfo
from data_layer.schemas import TABLES
from data_layer.store.lake import Lake

PERIODS_MINUTES = (1, 60, 1440)
_MOST_ACTIVE = (Order(MarketColumn.VOLUME_24H),)
#: A mover's price at the start of the window may be this much older than the window.
_MOVER_LOOKBACK_DAYS = 7


@dataclass(frozen=True)
class _View:
    """One question's view: all its parts are asked of one snapshot, however many newer ones come meanwhile."""

    engine: DuckDBEngine
    source: str

    def ask(
        self, name: str, values: Mapping[str, Any] | None = None, sql: str | None = None, key: Hashable = None
    ) -> pa.Table:
        """Run a query, remembered by its name, text and values (or `key`, where values cannot be one)."""
        text, bound = sql or sql_text(name), values or {}
        remembered = (name, text, key if key is not None else tuple(bound.items()))
        return self.engine.remembered.get(remembered, lambda: self.engine.query(name, text, bound))

    def answer(self, name: str, table: pa.Table, notes: tuple[str, ...] = (), total: int | None = None) -> Answer:
        """Say where rows come from."""
        as_of = self.ask("markets_count")["as_of"][0].as_py()
        rows = table.num_rows if total is None else total
        return Answer(table, rows, as_of, self.engine.snapshot_id, self.source, name, notes)


class MarketRepository:
    """Answer questions over the newest snapshot of one lake. Thread-safe.

    `advance` moves to a newer snapshot; with `follow=True` (notebooks) each question looks for one by itself.
    Raises NoDataError where nothing is stored that answers, QueryError where a question fails.
    """

    def __init__(
        self,
        lake: Lake,
        source: str,
        limits: EngineLimits = EngineLimits(),
        clock: Callable[[], float] = time.time,
        follow: bool = True,
    ) -> None:
        self.lake = lake
        self.source = source
        self.log = QueryLog(limits.slow_seconds, clock)
        self._clock = clock
        self._newest = NewestEngine(lake, limits, self.log, clock, follow)

    # Snapshots

    def advance(self) -> bool:
        """Move to the newest snapshot; return whether it changed.

        Where it cannot be opened (damaged file, disk), the older one stays and `problem` says why.
        """
        return self._newest.advance()

    @property
    def problem(self) -> str:
        """Why the newest snapshot could not be opened; empty when it is the one that is answered from."""
        return self._newest.problem

    @property
    def snapshot_id(self) -> int:
        """The number of the snapshot being answered from; 0 when nothing is stored."""
        return self._newest.snapshot_id

    def close(self) -> None:
        """Give the snapshot and its memory back."""
        self._newest.close()

    def _view(self) -> _View:
        return _View(self._newest.current(), self.source)

    # Questions

    def snapshot_info(self) -> SnapshotInfo:
        """Say what is being looked at: number, age, size, and what went wrong lately."""
        view = self._view()
        said = _spoken(view.ask("conditions").to_pylist())
        if self.problem:
            said.append(self.problem)
        (row,) = view.ask("markets_count").to_pylist()
        return SnapshotInfo(snapshot_id=view.engine.snapshot_id, source=self.source, conditions=tuple(said), **row)

    def markets(
        self,
        filter: MarketFilter = MarketFilter(),
        order: Sequence[Order] = _MOST_ACTIVE,
        offset: int = 0,
        limit: int = 50,
    ) -> Answer:
        """Return one page of the markets that pass `filter`; `Answer.total` counts all that pass."""
        return self._markets(self._view(), filter, order, offset, limit)

    def _markets(self, view: _View, filter: MarketFilter, order: Sequence[Order], offset: int, limit: int) -> Answer:
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

    def market(self, ticker: str) -> Answer:
        """Return everything stored of one market, open or settled, as one row; NoDataError when unknown."""
        return self._market(self._view(), ticker)

    def _market(self, view: _View, ticker: str) -> Answer:
        table = view.ask("market", {"ticker": ticker})
        if table.num_rows == 0:
            raise NoDataError(f"No market {ticker!r} is stored.")
        return view.answer("market", table)

    def market_siblings(self, ticker: str, limit: int = 500) -> Answer:
        """Return the other outcomes of the market's event, most active first."""
        view = self._view()
        event = self._market(view, ticker).table["event_ticker"][0].as_py()
        found = self._markets(view, MarketFilter(event=event, statuses=()), _MOST_ACTIVE, 0, limit)
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

    def movers(self, hours: int = 24, period_minutes: int = 60, limit: int = 50, sample: float = 1.0) -> Answer:
        """Return the markets with candlesticks that moved most over the last `hours`, in dollars.

        With `sample` (a share, above 0 and at most 1) only that share of the markets is looked at, always the same
        ones, and a note says so: for lakes whose scan takes too long for a page.
        """
        view = self._view()
        values = bound_values.mover_values(self._minute(), hours, _MOVER_LOOKBACK_DAYS)
        values |= {
            "period_minutes": period_minutes,
            "limit": limit,
            "sample_bound": bound_values.sample_bound(sample),
        }
        notes = () if sample == 1 else (f"sampled {100 * sample:g} % of markets",)
        return view.answer("movers", view.ask("movers", values), notes)

    def refreshes(self, limit: int = 50) -> Answer:
        """Return the last refreshes, newest first."""
        view = self._view()
        return view.answer("refreshes", view.ask("refreshes", {"limit": limit}))

    def rejects(self, limit: int = 200) -> Answer:
        """Return the last refused rows and their reasons, newest first."""
        view = self._view()
        return view.answer("rejects", view.ask("rejects", {"limit": limit}))

    def derive(self, name: str, sql: str, values: Mapping[str, Any]) -> pa.Table:
        """Run a query that makes a derived table; not bounded by the row limit of the screen, not remembered."""
        return self._newest.current().query(f"derive/{name}", sql, values, unbounded=True)

    def table_reader(self, table: str) -> pa.RecordBatchReader:
        """Return all rows of one stored table (a name of `schemas.TABLES`) for an export.

        Tables of markets without their series get a column `series_ticker`. The schema's metadata say the source,
        the snapshot and how old it is.
        """
        names = TABLES[table].names
        sql = f"SELECT * FROM {table}"  # noqa: S608 - a name of ours, looked up above
        if "ticker" in names and "series_ticker" not in names:
            sql = sql_text("export_rows").replace("/*table*/", table)
        engine = self._newest.current()
        reader = engine.stream(sql)
        info = self.snapshot_info()
        said = {
            "kalshi.table": table,
            "kalshi.source": self.source,
            "kalshi.snapshot": str(engine.snapshot_id),
            "kalshi.as_of": info.as_of.isoformat() if info.as_of else "",
        }
        return pa.RecordBatchReader.from_batches(reader.schema.with_metadata(said), reader)

    def _minute(self) -> datetime:
        return datetime.fromtimestamp(self._clock() // 60 * 60, UTC)


def _spoken(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say the failures and named conditions of the newest refreshes."""
    said = []
    for row in rows:
        if row["outcome"] != "complete" and row["error"]:
            said.append(f"{row['kind']}: {row['error']}")
        said += msgspec.json.decode(row["conditions_json"] or "[]", type=list[str])
    return said


def open_repository(folder: str | Path = "data/live") -> MarketRepository:
    """Open one lake for questions, in a notebook or a script; it is never written to.

    Raises NoDataError when nothing is stored there.
    """
    lake = Lake(Path(folder))
    snapshot = lake.snapshot()
    if not snapshot.snapshot_id:
        raise NoDataError(f"Nothing is stored under {folder}; `kalshi-dashboard refresh` fetches it.")
    return MarketRepository(lake, snapshot.source)


__all__ = [
    "Answer",
    "MarketColumn",
    "MarketFilter",
    "MarketRepository",
    "NoDataError",
    "Order",
    "QuoteQuality",
    "SnapshotInfo",
    "open_repository",
]
