"""Turn typed wire pages into Arrow tables by the schemas, refusing what breaks a rule and saying why.

Rules of a market row: 0 <= price <= 1, counts >= 0. A bid or ask is real only strictly between 0 and 1, with a size
above 0 where a size was sent, on an active market; otherwise it is null (Kalshi spells "no bid" 0.0000 and
"no ask" 1.0000, and pins quotes after settlement). A crossed quote (bid > ask) is refused, its market is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from data_layer import casting, schemas, wire_columns
from data_layer.batch_builder import ONE, ZERO, BatchBuilder, constant
from data_layer.casting import Problems
from data_layer.schemas import COUNT, MONEY, PRICE
from data_layer.validation import Batch, Reject, count_true

_ONE_SECOND = pa.scalar(timedelta(seconds=1), pa.duration("us"))
_QUOTE_SIDES = (
    ("yes_bid_dollars", "yes_bid_size_contracts"),
    ("yes_ask_dollars", "yes_ask_size_contracts"),
)
_SENTINEL_PRICES = (
    "last_price_dollars",
    "previous_yes_bid_dollars",
    "previous_yes_ask_dollars",
    "previous_price_dollars",
    "tick_dollars",
)


def _fetched(fetched_time: datetime, count: int) -> pa.Array:
    return constant(fetched_time, schemas.TIME, count)


def _not_real(price: pa.Array) -> pa.Array:
    """Mark prices that are sentinels: not strictly between 0 and 1 dollars."""
    zero, one = pa.scalar(ZERO, PRICE), pa.scalar(ONE, PRICE)
    return pc.fill_null(pc.or_(pc.less_equal(price, zero), pc.greater_equal(price, one)), True)


def _clear_sentinels(columns: dict[str, pa.Array], names: Sequence[str]) -> None:
    for name in names:
        columns[name] = casting.null_where(columns[name], _not_real(columns[name]))


def _clear_unreal_quotes(columns: dict[str, pa.Array], active: pa.Array) -> None:
    """Null out each side that is a sentinel, has size 0, or belongs to a market that is not trading."""
    none = pa.scalar(ZERO, COUNT)
    for price, size in _QUOTE_SIDES:
        empty = pc.fill_null(pc.less_equal(columns[size], none), False)
        gone = pc.or_(pc.or_(_not_real(columns[price]), empty), pc.invert(active))
        columns[price] = casting.null_where(columns[price], gone)
        columns[size] = casting.null_where(columns[size], gone)


def _refuse_crossed_quotes(builder: BatchBuilder) -> list[Reject]:
    """Null out quotes whose bid is above the ask; the market itself is kept. A row refused anyway is told once."""
    columns = builder.columns
    crossed = pc.fill_null(pc.greater(columns["yes_bid_dollars"], columns["yes_ask_dollars"]), False)
    rejects = []
    for row in pc.indices_nonzero(crossed).to_pylist():
        if row in builder.problems:
            continue
        bid, ask = columns["yes_bid_dollars"][row].as_py(), columns["yes_ask_dollars"][row].as_py()
        reason = f"bid {bid} is above ask {ask}; the quote is not shown, the market is"
        rejects.append(builder.reject(row, "bid_above_ask", reason, "ticker"))
    if rejects:
        for price, size in _QUOTE_SIDES:
            columns[price] = casting.null_where(columns[price], crossed)
            columns[size] = casting.null_where(columns[size], crossed)
    return rejects


def _identity_breaks(items: Sequence[Any], columns: dict[str, pa.Array], active: pa.Array) -> int:
    """Count active rows where no_ask = 1 - yes_bid or no_bid = 1 - yes_ask does not hold (before clearing)."""
    one = pa.scalar(ONE, PRICE)
    breaks = pa.array([False] * len(items), pa.bool_())
    for yes, no in (("yes_bid_dollars", "no_ask_dollars"), ("yes_ask_dollars", "no_bid_dollars")):
        other, _ = casting.decimal_column([getattr(item, no) for item in items], PRICE, no)
        expected = pc.subtract(one, columns[yes])
        unquoted = pc.equal(columns["yes_ask_dollars"], pa.scalar(ZERO, PRICE))
        differs = pc.and_(pc.not_equal(other, expected), pc.invert(unquoted))
        breaks = pc.or_(breaks, pc.fill_null(differs, False))
    return count_true(pc.and_(breaks, active))


def _price_grids(items: Sequence[Any]) -> tuple[pa.Array, pa.Array, Problems]:
    """Return price_ranges and the smallest step. Few grids exist, so each is built once and taken by index."""
    grids: dict[tuple[tuple[str | None, ...], ...] | None, int] = {None: 0}
    ranges: list[list[dict[str, Decimal]] | None] = [None]
    ticks: list[Decimal | None] = [None]
    indices, problems = [], {}
    for row, item in enumerate(items):
        key = None
        if item.price_ranges:
            key = tuple((part.start, part.end, part.step) for part in item.price_ranges)
        if key not in grids:
            flat, bad = casting.decimal_column([part for grid in key or () for part in grid], PRICE, "price_ranges")
            numbers = flat.to_pylist()
            if bad or None in numbers:
                problems[row] = f"price_ranges: {key!r:.200} is no price grid"
                indices.append(0)
                continue
            grids[key] = len(ranges)
            parts = zip(numbers[0::3], numbers[1::3], numbers[2::3], strict=True)
            ranges.append([{"start": a, "end": b, "step": c} for a, b, c in parts])
            ticks.append(min(numbers[2::3]))
        indices.append(grids[key])
    take = pa.array(indices, pa.int32())
    return pa.array(ranges, schemas.PRICE_RANGES).take(take), pa.array(ticks, PRICE).take(take), problems


def _derive_settlement(columns: dict[str, pa.Array]) -> None:
    """Old historical markets carry a result without a value: yes pays 1, no pays 0."""
    value, result = columns["settlement_value_dollars"], columns["result"]
    for word, worth in (("yes", ONE), ("no", ZERO)):
        derived = pc.and_(pc.is_null(value), pc.fill_null(pc.equal(result, word), False))
        value = pc.if_else(derived, pa.scalar(worth, MONEY), value)
    columns["settlement_value_dollars"] = value


def _market_builder(
    items: Sequence[Any], series_tickers: Sequence[str | None] | None, fetched_time: datetime
) -> BatchBuilder:
    builder = BatchBuilder.of(items, wire_columns.MARKET)
    columns = builder.columns
    columns["series_ticker"] = pa.array(series_tickers or [None] * len(items), pa.string())
    columns["price_ranges"], columns["tick_dollars"], found = _price_grids(items)
    columns["fetched_time"] = _fetched(fetched_time, len(items))
    builder.refuse("type", found)
    builder.check_ranges()
    return builder


def _market_batch(builder: BatchBuilder, schema: schemas.Table) -> Batch:
    """Apply the rules of quotes and settlement to a batch of markets and close it."""
    columns = builder.columns
    builder.require(schema)
    active = pc.fill_null(pc.equal(columns["status"], "active"), False)
    breaks = _identity_breaks(builder.items, columns, active)
    _clear_unreal_quotes(columns, active)
    _clear_sentinels(columns, _SENTINEL_PRICES)
    _derive_settlement(columns)
    quote_rejects = _refuse_crossed_quotes(builder)
    batch = builder.batch(schema, "ticker")
    batch.rejects += quote_rejects
    if breaks:
        batch.conditions.add(f"quote_identity: {breaks} quotes of a page do not obey no_ask = 1 - yes_bid")
    return batch


def parse_markets(
    items: Sequence[Any], fetched_time: datetime, series_tickers: Sequence[str | None] | None = None
) -> Batch:
    """Return a MARKETS batch from wire markets; `series_tickers` come from their events, row by row."""
    return _market_batch(_market_builder(items, series_tickers, fetched_time), schemas.MARKETS)


def parse_settled_markets(
    items: Sequence[Any], fetched_time: datetime, series_tickers: Sequence[str | None] | None = None
) -> Batch:
    """Return a SETTLED_MARKETS batch; the month is that of settlement, or of the close where it was not sent."""
    builder = _market_builder(items, series_tickers, fetched_time)
    moment = pc.coalesce(builder.columns["settlement_time"], builder.columns["close_time"])
    builder.columns["month"] = pc.strftime(moment, "%Y-%m")
    timeless = pc.indices_nonzero(pc.is_null(moment)).to_pylist()
    builder.refuse("time", dict.fromkeys(timeless, "neither the time of settlement nor that of the close was sent"))
    return _market_batch(builder, schemas.SETTLED_MARKETS)


def _within(items: Sequence[Any], part: str, key: str) -> pa.Array:
    """Return a text out of a part of each row that has no schema; anything but a text is null."""

    def get(item: Any) -> str | None:
        found = (getattr(item, part) or {}).get(key)
        return found if isinstance(found, str) and found else None

    return pa.array([get(item) for item in items], pa.string())


def parse_events(items: Sequence[Any], fetched_time: datetime) -> Batch:
    """Return an EVENTS batch from wire events."""
    builder = BatchBuilder.of(items, wire_columns.EVENT)
    builder.columns["competition"] = _within(items, "product_metadata", "competition")
    builder.columns["competition_scope"] = _within(items, "product_metadata", "competition_scope")
    builder.columns["fetched_time"] = _fetched(fetched_time, len(items))
    return builder.batch(schemas.EVENTS, "event_ticker")


def parse_series(items: Sequence[Any], fetched_time: datetime) -> Batch:
    """Return a SERIES batch from wire series."""
    builder = BatchBuilder.of(items, wire_columns.SERIES)
    builder.columns["fetched_time"] = _fetched(fetched_time, len(items))
    builder.check_ranges()
    return builder.batch(schemas.SERIES, "series_ticker")


def parse_milestones(items: Sequence[Any], fetched_time: datetime) -> Batch:
    """Return a MILESTONES batch from wire milestones; one without a start is refused."""
    builder = BatchBuilder.of(items, wire_columns.MILESTONE)
    builder.columns["competition"] = _within(items, "details", "competition")
    builder.columns["fetched_time"] = _fetched(fetched_time, len(items))
    return builder.batch(schemas.MILESTONES, "milestone_id")


def parse_trades(items: Sequence[Any]) -> Batch:
    """Return a TRADES batch from wire trades."""
    builder = BatchBuilder.of(items, wire_columns.TRADE)
    builder.columns["day"] = pc.strftime(builder.columns["created_time"], "%Y-%m-%d")
    builder.check_ranges()
    return builder.batch(schemas.TRADES, "trade_id")


def parse_order_book(ticker: str, book: Any, observed_time: datetime) -> Batch:
    """Return an ORDER_BOOKS batch of one wire book: levels of both sides, in whatever order they were sent.

    A level is real strictly between 0 and 1 dollars and above 0 contracts; anything else is refused with its reason.
    """
    levels = book.orderbook_fp
    rows = [
        OrderBookLevel(side, price, count)
        for side, bids in (("yes", levels and levels.yes_dollars), ("no", levels and levels.no_dollars))
        for price, count in bids or ()
    ]
    builder = BatchBuilder.of(rows, wire_columns.ORDER_BOOK)
    columns = builder.columns
    columns["ticker"] = constant(ticker, pa.string(), len(rows))
    columns["observed_time"] = _fetched(observed_time, len(rows))
    columns["day"] = constant(f"{observed_time:%Y-%m-%d}", pa.string(), len(rows))
    unreal = pc.indices_nonzero(_not_real(columns["price_dollars"])).to_pylist()
    builder.refuse("price_range", dict.fromkeys(unreal, "the price is not between 0 and 1 dollars"))
    empty = pc.fill_null(pc.less_equal(columns["count_contracts"], pa.scalar(ZERO, COUNT)), True)
    builder.refuse("negative", dict.fromkeys(pc.indices_nonzero(empty).to_pylist(), "no contracts at this level"))
    return builder.batch(schemas.ORDER_BOOKS, "ticker")


class OrderBookLevel(msgspec.Struct):
    """One level of a book, as text."""

    side: str
    price: str
    count: str


def parse_candlesticks(ticker: str, period_minutes: int, items: Sequence[Any]) -> Batch:
    """Return a CANDLESTICKS batch of one market and period (1, 60 or 1440 minutes).

    A candle without any quote, price and volume is the synthetic one that starts a line chart: it is no observation
    and is left out. The month is that of the period's last instant, so 00:00 belongs to the day before.
    """
    items = [item for item in items if not _is_synthetic(item)]
    builder = BatchBuilder.of(items, wire_columns.CANDLESTICK)
    columns = builder.columns
    columns["end_time"], found = casting.unix_time_column([item.end_period_ts for item in items], "end_period_ts")
    builder.refuse("time", found)
    columns["ticker"] = constant(ticker, pa.string(), len(items))
    columns["period_minutes"] = constant(period_minutes, pa.int32(), len(items))
    columns["month"] = pc.strftime(pc.subtract(columns["end_time"], _ONE_SECOND), "%Y-%m")
    builder.check_ranges()
    _clear_sentinels(columns, [name for name in columns if columns[name].type == PRICE])
    return builder.batch(schemas.CANDLESTICKS, "ticker")


def _is_synthetic(candle: Any) -> bool:
    parts = (candle.price, candle.yes_bid, candle.yes_ask)
    if any(part is not None and part.close_dollars for part in parts):
        return False
    return not candle.volume_fp or not candle.volume_fp.strip("0.")
