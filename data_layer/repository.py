"""Every question the app may ask of the lake.

Answers come from one snapshot, are memoised by (question, values, snapshot) and shared between sessions: never change
them. In a notebook: ``from data_layer import open_repository``.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from data_layer.engine.duckdb_engine import DuckDBEngine
from data_layer.engine.limits import EngineLimits
from data_layer.engine.named_sql import ordered, sql_text
from data_layer.engine.query_log import QueryLog
from data_layer.errors import NoDataError, StoreError
from data_layer.memo import Memo
from data_layer.questions import Answer, MarketColumn, MarketFilter, Order, QuoteQuality, SnapshotInfo
from data_layer.store.lake import Lake, PinnedSnapshot

logger = logging.getLogger(__name__)

PERIODS_MINUTES = (1, 60, 1440)
SEARCH_WORDS = 4
_MOST_ACTIVE = (Order(MarketColumn.VOLUME_24H),)
_EPOCH, _FAR = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
#: Looking for a newer snapshot costs a directory listing; a notebook does it at most this often.
_LOOK_SECONDS = 1.0


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
        self._limits = limits
        self._clock = clock
        self._follow = follow
        self._looked = float("-inf")
        self._memo: Memo[Any] = Memo()
        self._moving = threading.Lock()
        self._pinned: PinnedSnapshot | None = None
        self._engine: DuckDBEngine | None = None
        self.problem = ""

    # Snapshots

    def advance(self) -> bool:
        """Move to the newest snapshot; return whether it changed.

        Where it cannot be opened (damaged file, disk), the older one stays and `problem` says why.
        """
        with self._moving:
            self._looked = self._clock()
            try:
                if self._engine is not None and self.lake.snapshot().snapshot_id == self._engine.snapshot_id:
                    self.problem = ""
                    return False
                pinned = self.lake.pin()
                try:
                    engine = DuckDBEngine(pinned.snapshot, self.lake.root, self._limits, self.log)
                except BaseException:
                    pinned.release()
                    raise
            except (StoreError, NoDataError) as error:
                self.problem = str(error)
                logger.warning("staying on the older snapshot: %s", error)
                return False
            self._engine = engine
            self._pinned, released = pinned, self._pinned
            self.problem = ""
            self._memo.clear()
            if released is not None:
                released.release()
            return True

    def _current(self) -> DuckDBEngine:
        if self._engine is None or (self._follow and self._clock() - self._looked >= _LOOK_SECONDS):
            self.advance()
        if self._engine is None:
            raise NoDataError(f"Nothing stored can be read: {self.problem or 'the lake is empty'}")
        return self._engine

    @property
    def snapshot_id(self) -> int:
        """The number of the snapshot being answered from; 0 when nothing is stored."""
        return self._engine.snapshot_id if self._engine is not None else 0

    def close(self) -> None:
        """Give the snapshot and its memory back."""
        if self._pinned is not None:
            self._pinned.release()
        if self._engine is not None:
            self._engine.close()
        self._pinned = self._engine = None

    # Asking

    def _ask(self, name: str, sql: str, values: Mapping[str, Any], key: Hashable = None) -> tuple[pa.Table, int]:
        """Run a query against the current snapshot, remembered by its name, values and snapshot."""
        engine = self._current()
        remembered = (name, sql, key if key is not None else tuple(values.items()), engine.snapshot_id)
        return self._memo.get(remembered, lambda: engine.query(name, sql, values)), engine.snapshot_id

    def _answer(
        self, name: str, sql: str, values: Mapping[str, Any], key: Hashable = None, notes: tuple[str, ...] = ()
    ) -> Answer:
        table, snapshot_id = self._ask(name, sql, values, key)
        total = table.num_rows
        if "total" in table.column_names:
            total = table["total"][0].as_py() if table.num_rows else 0
            table = table.drop_columns(["total"])
        return Answer(table, total, self._as_of(), snapshot_id, self.source, name, notes)

    def _as_of(self) -> datetime | None:
        table, _ = self._ask("markets_count", sql_text("markets_count"), {})
        as_of: datetime | None = table["as_of"][0].as_py()
        return as_of

    # Questions

    def snapshot_info(self) -> SnapshotInfo:
        """Say what is being looked at: number, age, size, and what went wrong lately."""
        counts, snapshot_id = self._ask("markets_count", sql_text("markets_count"), {})
        conditions, _ = self._ask("conditions", sql_text("conditions"), {})
        row = counts.to_pylist()[0]
        return SnapshotInfo(
            snapshot_id=snapshot_id,
            source=self.source,
            conditions=tuple(_spoken(conditions.to_pylist())) + ((self.problem,) if self.problem else ()),
            **row,
        )

    def markets(
        self,
        filter: MarketFilter = MarketFilter(),
        order: Sequence[Order] = _MOST_ACTIVE,
        offset: int = 0,
        limit: int = 50,
    ) -> Answer:
        """Return one page of the markets that pass `filter`; `Answer.total` counts all that pass."""
        values = _filter_values(filter, self._minute())
        sql = ordered(sql_text("markets"), order, "ticker")
        values |= {"offset": offset, "limit": limit}
        return self._answer("markets", sql, values, key=(filter, tuple(order), offset, limit, self._minute()))

    def market(self, ticker: str) -> Answer:
        """Return everything stored of one market, open or settled, as one row; NoDataError when unknown."""
        answer = self._answer("market", sql_text("market"), {"ticker": ticker})
        if answer.total == 0:
            raise NoDataError(f"No market {ticker!r} is stored.")
        return answer

    def market_siblings(self, ticker: str, limit: int = 500) -> Answer:
        """Return the other outcomes of the market's event, most active first."""
        event = self.market(ticker).table["event_ticker"][0].as_py()
        found = self.markets(MarketFilter(event=event, statuses=()), limit=limit)
        others = found.table.filter(pc.not_equal(found.table["ticker"], ticker))
        return dataclasses.replace(found, table=others, total=others.num_rows)

    def categories(self) -> Answer:
        """Return category and number of open markets, largest first."""
        return self._answer("categories", sql_text("categories"), {})

    def candlesticks(
        self,
        ticker: str,
        period_minutes: int = 60,
        start: datetime | None = None,
        end: datetime | None = None,
        max_points: int = 2_000,
    ) -> Answer:
        """Return a market's candlesticks with start <= end_time <= end, ascending.

        `period_minutes` is 1, 60 or 1440. Where there are more than `max_points`, neighbours are merged exactly
        (first open, highest high, …) and a note says into what.
        """
        start, end = start or _EPOCH, end or _FAR
        values = {
            "ticker": ticker,
            "period_minutes": period_minutes,
            "start": start,
            "end": end,
            "first_month": f"{start:%Y-%m}",
            "last_month": f"{end:%Y-%m}",
        }
        span, _ = self._ask("candlesticks_span", sql_text("candlesticks_span"), values)
        count, first, last = (span[name][0].as_py() for name in ("candlesticks", "first_end", "last_end"))
        minutes = period_minutes
        notes: tuple[str, ...] = ()
        if count > max_points and period_minutes < 1440:
            minutes = _bucket_minutes(period_minutes, (last - first) / timedelta(minutes=max_points))
            notes = (f"{count:,} candlesticks merged into {minutes:,} minutes each",)
        sql = sql_text("candlesticks")
        return self._answer("candlesticks", sql, values | {"bucket_seconds": minutes * 60}, notes=notes)

    def trades(self, ticker: str, limit: int = 200) -> Answer:
        """Return the last stored trades of a market, newest first."""
        return self._answer("trades", sql_text("trades"), {"ticker": ticker, "limit": limit})

    def movers(self, hours: int = 24, period_minutes: int = 60, limit: int = 50) -> Answer:
        """Return the markets with candlesticks that moved most over the last `hours`, in dollars."""
        now = self._minute()
        lookback = now - timedelta(hours=hours) - timedelta(days=7)
        values = {
            "now": now,
            "then": now - timedelta(hours=hours),
            "lookback": lookback,
            "period_minutes": period_minutes,
            "first_month": f"{lookback:%Y-%m}",
            "last_month": f"{now:%Y-%m}",
            "limit": limit,
        }
        return self._answer("movers", sql_text("movers"), values)

    def refreshes(self, limit: int = 50) -> Answer:
        """Return the last refreshes, newest first."""
        return self._answer("refreshes", sql_text("refreshes"), {"limit": limit})

    def rejects(self, limit: int = 200) -> Answer:
        """Return the last refused rows and their reasons, newest first."""
        return self._answer("rejects", sql_text("rejects"), {"limit": limit})

    def derive(self, name: str, sql: str, values: Mapping[str, Any]) -> pa.Table:
        """Run a query that makes a derived table; not bounded by the row limit of the screen, not remembered."""
        return self._current().query(f"derive/{name}", sql, values, unbounded=True)

    def _minute(self) -> datetime:
        return datetime.fromtimestamp(self._clock() // 60 * 60, UTC)


def _bucket_minutes(period_minutes: int, wanted: float) -> int:
    """Round up to a width that divides the clock, so that buckets start where people expect them."""
    for minutes in (5, 15, 30, 60, 120, 240, 480, 1440):
        if minutes >= wanted and minutes % period_minutes == 0:
            return minutes
    return 1440


def _filter_values(f: MarketFilter, now: datetime) -> dict[str, Any]:
    """Return the bound values of ``markets.sql``; days are counted from `now`."""
    words = [*f.text.lower().split()[:SEARCH_WORDS], *[""] * SEARCH_WORDS]

    def after(days: Any) -> datetime | None:
        return None if days is None else now + timedelta(days=float(days))

    return {
        **{f"word{n + 1}": words[n] for n in range(SEARCH_WORDS)},
        "event": f.event,
        "statuses": list(f.statuses),
        "categories": list(f.categories),
        "series": list(f.series),
        "qualities": [str(quality) for quality in f.qualities],
        "probability_min": f.probability_min,
        "probability_max": f.probability_max,
        "spread_max": f.spread_max_dollars,
        "volume_min": f.volume_min_contracts,
        "volume_24h_min": f.volume_24h_min_contracts,
        "open_interest_min": f.open_interest_min_contracts,
        "closes_from": after(f.days_to_close_min),
        "closes_to": after(f.days_to_close_max),
    }


def _spoken(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say the failures and named conditions of the newest refreshes."""
    said = []
    for row in rows:
        if row["outcome"] != "complete" and row["error"]:
            said.append(f"{row['kind']}: {row['error']}")
        said += msgspec.json.decode(row["conditions_json"] or "[]", type=list[str])
    return said


def open_repository(data_dir: str | Path = "data", source: str = "live") -> MarketRepository:
    """Open the lake of one source for questions, in a notebook or a script; it is never written to.

    Raises NoDataError when nothing is stored there.
    """
    root = Path(data_dir) / source
    if not root.is_dir():
        raise NoDataError(f"Nothing is stored under {root}; run `kalshi-dashboard refresh` first.")
    return MarketRepository(Lake(root), source)


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
