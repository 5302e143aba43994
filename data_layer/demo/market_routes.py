"""Answers about markets: listings, single markets, order books and trades."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from data_layer.demo.answering import Answer, ApiError, bad_request, encode_cursor, page_of
from data_layer.demo.combos import SERIES as COMBO_SERIES
from data_layer.demo.randomness import I64
from data_layer.demo.tape import EMPTY_BOOK, book, sweeps, trades_of
from data_layer.demo.world import ACTIVE, FILTERS, INACTIVE

_FAMILIES = ("created", "close", "settled", "updated")
_ALLOWED_WITH = {
    "created": (None, "unopened", "open"),
    "close": (None, "closed", "open"),
    "settled": (None, "settled"),
    "updated": (None,),
}


class MarketsPage(Answer):
    """GET /markets."""

    def reply(self, *parts: str) -> bytes:
        """Return a page of markets, newest-created (with a settlement filter: newest-settled) first."""
        limit = self.limit(100, 1000, 0)
        status = self._status()
        tickers, event, series = self.listed("tickers"), self.text("event_ticker"), self.text("series_ticker")
        mve = self.choice("mve_filter", "exclude", "only")
        family, low, high = self._times(status, mve, series, bool(tickers or event))
        if event and "," in event:
            raise bad_request("only one event_ticker may be supplied")
        world = self.exchange.world
        now = world.now()
        self._now = now
        mask = self._mask(now, status, family, low, high)
        if tickers is not None:
            mask &= _rows_mask(len(mask), [world.market_rows.get(ticker, -1) for ticker in tickers])
        if event is not None:
            row = world.event_rows.get(event)
            mask &= world.columns.event == (-1 if row is None else row)
        if series is not None:
            mask &= np.isin(world.columns.event, world.series_events.get(series, []))
        if mve == "only":
            mask[:] = False
        order = world.newest_first() if family != "settled" else np.argsort(-world.columns.settled, kind="stable")
        rows = order[mask[order]]
        after = self.cursor(2)
        if after is not None:
            place = np.empty(len(order), np.int64)
            place[order] = np.arange(len(order))
            if not -1 <= after[0] < len(order):
                raise bad_request("invalid cursor")
            if after[0] >= 0:
                rows = rows[np.searchsorted(place[rows], place[int(after[0])], "right") :]
        listed = mve != "exclude" and status in (None, "open") and family in (None, "created")
        if listed and event is None and series in (None, COMBO_SERIES):
            if tickers is not None:
                return self._named_combos(rows, tickers, limit)
            return self._with_combos(rows, limit, after, low, high)
        shown = rows[:limit]
        cursor = encode_cursor([int(shown[-1]), 0]) if len(rows) > limit else ""
        return page_of(b"markets", self.exchange.writer.markets(shown, now), cursor)

    def _status(self) -> str | None:
        status = self.text("status")
        if status and "," in status:
            raise bad_request("only one status filter may be supplied")
        if status and status not in FILTERS:
            raise bad_request("invalid status filter")
        return status

    def _times(
        self, status: str | None, mve: str | None, series: str | None, named: bool
    ) -> tuple[str | None, int, int]:
        used = [name for name in _FAMILIES if self.text(f"min_{name}_ts") or self.text(f"max_{name}_ts")]
        if len(used) > 1:
            raise bad_request("incompatible timestamp filters: " + ", ".join(f"{name}_ts" for name in used))
        if not used:
            return None, 0, 0
        family = used[0]
        if status not in _ALLOWED_WITH[family]:
            raise bad_request(f"{family}_ts filters are incompatible with status {status}")
        if family == "updated" and (named or mve == "only" or (series and mve != "exclude")):
            raise bad_request("updated_ts filters are incompatible with other filters")
        low = self.whole(f"min_{family}_ts", -(2**40))
        high = self.whole(f"max_{family}_ts", 2**40)
        return family, low or 0, high or 0

    def _mask(self, now: float, status: str | None, family: str | None, low: int, high: int) -> NDArray[np.bool_]:
        world = self.exchange.world
        mask = world.visible(now) & ~world.archived(now)
        if status is not None:
            mask &= np.isin(world.status(now), FILTERS[status])
        if family == "created":
            mask &= (world.columns.created >= low) & (world.columns.created <= high)
        elif family == "settled":
            settled = world.columns.settled
            mask &= (settled >= low) & (settled <= high) & (settled <= now)
        elif family == "updated":
            updated = world.updated(now)
            mask &= (updated > low) & (updated <= high)
        elif family == "close":
            rows = np.flatnonzero(mask)
            closes = self.exchange.writer.close_times(rows, now)
            mask[rows[(closes < low) | (closes > high)]] = False
        return mask

    def _named_combos(self, rows: I64, tickers: list[str], limit: int) -> bytes:
        combos, now = self.exchange.combos, self._now
        out = self.exchange.writer.markets(rows[:limit], now)
        for ticker in tickers:
            number = combos.find(ticker, now)
            if number is not None and len(out) < limit:
                out.append(msgspec.json.encode(combos.market(combos.make(number), now)))
        return page_of(b"markets", out, "")

    def _with_combos(self, rows: I64, limit: int, after: list[Any] | None, low: int, high: int) -> bytes:
        """Merge the combos in by time of creation, which drowns everything else."""
        combos, now = self.exchange.combos, self._now
        newest = combos.newest(now)
        number = int(after[1]) if after else newest
        oldest = newest - combos.count
        if high:
            number, oldest = min(number, int(high // combos.spacing)), max(oldest, int(low // combos.spacing))
        created = self.exchange.world.columns.created[rows[:limit]]
        take_rows, take_combos = 0, 0
        while take_rows + take_combos < limit:
            more_rows = take_rows < len(created)
            if number - take_combos > oldest and (
                not more_rows or (number - take_combos) * combos.spacing >= created[take_rows]
            ):
                take_combos += 1
            elif more_rows:
                take_rows += 1
            else:
                break
        made = [msgspec.json.encode(combos.market(combos.make(number - i), now)) for i in range(take_combos)]
        out = made + self.exchange.writer.markets(rows[:take_rows], now)
        more = take_rows < len(rows) or number - take_combos > oldest
        last = int(rows[take_rows - 1]) if take_rows else int(after[0]) if after else -1
        return page_of(b"markets", out, encode_cursor([last, number - take_combos]) if more else "")


def _rows_mask(size: int, rows: list[int]) -> NDArray[np.bool_]:
    mask = np.zeros(size, np.bool_)
    mask[[row for row in rows if row >= 0]] = True
    return mask


class OneMarket(Answer):
    """GET /markets/{ticker}."""

    def reply(self, *parts: str) -> bytes:
        """Return a market, which may be a combo."""
        world, combos = self.exchange.world, self.exchange.combos
        now = world.now()
        row = world.find_market(parts[0], now, archived=False)
        if row is not None:
            return b'{"market":' + self.exchange.writer.markets(np.array([row]), now)[0] + b"}"
        number = combos.find(parts[0], now)
        if number is None:
            raise ApiError(404, "not_found")
        return msgspec.json.encode({"market": combos.market(combos.make(number), now)})


class OneBook(Answer):
    """GET /markets/{ticker}/orderbook."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return a book: bids only, best last."""
        depth = self.whole("depth", 0) or 0
        if depth > 100:
            raise bad_request("depth must be between 0 and 100")
        found = _book(self, parts[0], max(depth, 0))
        if found is None:
            raise ApiError(404, "not_found")
        return {"orderbook_fp": found}


class ManyBooks(Answer):
    """GET /markets/orderbooks."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Return books by repeated ``tickers``; what is not a ticker (two with a comma between) has an empty one."""
        tickers = self.get_query_arguments("tickers")
        if not tickers:
            raise ApiError(400, "bad_request", "tickers is required", flat=True)
        if len(tickers) > 100:
            raise ApiError(400, "bad_request", "at most 100 tickers may be supplied", flat=True)
        return {
            "orderbooks": [{"ticker": name, "orderbook_fp": _book(self, name, 0) or EMPTY_BOOK} for name in tickers]
        }


def _book(answer: Answer, ticker: str, depth: int) -> dict[str, list[list[str]]] | None:
    world, combos = answer.exchange.world, answer.exchange.combos
    now = world.now()
    row = world.find_market(ticker, now, archived=False)
    if row is not None:
        status = world.status(now, np.array([row]))[0]
        return book(world.columns, row, now, depth) if status in (ACTIVE, INACTIVE) else EMPTY_BOOK
    number = combos.find(ticker, now)
    return None if number is None else combos.book(combos.make(number), now)


class Trades(Answer):
    """GET /markets/trades and, for fills before the cutoff, GET /historical/trades."""

    historical = False

    def reply(self, *parts: str) -> bytes:
        """Return a page of trades, newest first."""
        limit = self.limit(100, 1000, 0)
        ticker, block = self.text("ticker"), self.choice("is_block_trade", "true", "false")
        world = self.exchange.world
        now = world.now()
        since = float(self.whole("min_ts", 0) or 0)
        until = self.whole("max_ts")
        latest = now if until is None else min(float(until), now)
        cutoff = world.cutoff(now)
        since, latest = (since, min(latest, cutoff - 1e-6)) if self.historical else (max(since, cutoff), latest)
        after = self.cursor(2)
        skip = 0
        if after is not None:
            latest, skip = min(latest, float(after[0])), int(after[1])
        found = self._found(ticker, since, latest, limit + skip + 1, now)
        if block is not None:
            found = [trade for trade in found if trade[1]["is_block_trade"] is (block == "true")]
        shown = found[skip : skip + limit]
        cursor = ""
        if len(found) > skip + limit and shown:
            time = shown[-1][0]
            delivered = sum(1 for at, _ in found[: skip + limit] if at == time)
            cursor = encode_cursor([time, delivered])
        return page_of(b"trades", [msgspec.json.encode(trade) for _, trade in shown], cursor)

    def _found(
        self, ticker: str | None, since: float, latest: float, wanted: int, now: float
    ) -> list[tuple[float, dict[str, object]]]:
        world = self.exchange.world
        if ticker is not None:
            row = world.market_rows.get(ticker)
            if row is None or not world.visible(now)[row]:
                return self.exchange.combos.trades(since, latest, ticker, now) if not self.historical else []
            return self._listed(np.array([row]), since, latest, now)
        c = world.columns
        span = 600.0
        while True:  # look back only as far as a page needs
            begin = max(since, latest - span)
            rows = np.flatnonzero((c.opens <= latest) & (c.ends >= begin) & (c.trades > 0))
            found = self._listed(rows, begin, latest, now)
            if not self.historical:
                found += self.exchange.combos.trades(begin, latest, None, now)
            if len(found) >= wanted or begin <= since or span > 400 * 86400:
                return sorted(found, key=lambda trade: -trade[0])
            span *= 4

    def _listed(self, rows: I64, since: float, latest: float, now: float) -> list[tuple[float, dict[str, object]]]:
        world = self.exchange.world
        return [
            (sweep.time, trade)
            for sweep in sweeps(world.columns, rows, since, latest, now)
            for trade in trades_of(world.columns, sweep, world.tickers[sweep.row])
        ]


class HistoricalTrades(Trades):
    """GET /historical/trades."""

    historical = True
