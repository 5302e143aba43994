"""Candlesticks, made from the same ticks and trades as the quotes: nothing is stored, so nothing can disagree."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from data_layer.demo.columns import Columns
from data_layer.demo.paths import brownian_at, brownian_over, tick_of_trade, traded_by, trades_over
from data_layer.demo.payloads import DOLLARS, contracts
from data_layer.demo.quotes import quotes_at, trade_prices
from data_layer.demo.randomness import I64

EASTERN = ZoneInfo("America/New_York")
DAY_MINUTES = 1440


@dataclass(frozen=True)
class Candle:
    """One period of one market: prices in thousandths of a dollar, counts in hundredths of a contract."""

    end: int
    bid: tuple[int, int, int, int]  # open, high, low, close
    ask: tuple[int, int, int, int]
    price: tuple[int, int, int, int] | None  # None without a trade
    mean: float
    previous: int  # the last trade before the period, 0 if none
    volume: int
    interest: int


def boundaries(first: float, last: float, period: int) -> I64:
    """Return period ends covering (first, last]: whole minutes or hours, or midnights in New York."""
    if period != DAY_MINUTES:
        seconds = period * 60
        return np.arange(math.floor(first / seconds) * seconds, math.ceil(last / seconds) * seconds + 1, seconds)
    day = datetime.fromtimestamp(first, EASTERN).date()
    ends: list[int] = []
    while not ends or ends[-1] < last:
        midnight = datetime(day.year, day.month, day.day, tzinfo=EASTERN).astimezone(UTC)
        ends.append(int(midnight.timestamp()))
        day += timedelta(days=1)
    return np.array(ends, np.int64)


def candles(columns: Columns, row: int, start: int, end: int, period: int, now: float) -> list[Candle]:
    """Return finished candles with start <= end of period <= end, but for periods in which nothing changed."""
    opens, ends, step = int(columns.opens[row]), int(columns.ends[row]), int(columns.step[row])
    end = min(end, math.floor(now))
    if end < start or end <= opens or start > ends + DAY_MINUTES * 60 + 3600:
        return []
    cuts = boundaries(max(start - 1, opens), min(end, ends), period)
    if cuts.size == 0:  # all of it lies after the last trade, as the day after settlement does
        return []
    cuts = cuts[np.concatenate([cuts[1:] >= start, [True]])]  # the period before ``start`` only gives its end
    cuts = cuts[cuts <= end]
    if len(cuts) < 2:
        return []
    last_tick = int(columns.trade_ticks[row])
    first = max((int(cuts[0]) - opens) // step, 0)
    last = min((int(cuts[-1]) - opens) // step, last_tick)
    ticks = np.arange(first, last + 1)
    if ticks.size == 0:
        return []
    rows = np.full(len(ticks), row)
    one = columns.life(np.array([row]))
    path, _ = brownian_over(one, np.array([first]), np.array([last]))
    bid, ask = quotes_at(columns, rows, ticks, path)
    at = opens + ticks * step
    live = at < ends
    bid, ask, at, ticks = bid[live], ask[live], at[live], ticks[live]
    return _collect(columns, row, cuts, at, bid, ask, ticks)


def _ohlc(values: I64, opening: I64, stop: I64) -> list[tuple[int, int, int, int]]:
    """Return open, high, low and close of values[opening:stop] for each period."""
    pairs = np.stack([opening, stop], axis=1).ravel()
    padded = np.append(values, values[-1])
    high = np.maximum.reduceat(padded, pairs)[::2]
    low = np.minimum.reduceat(padded, pairs)[::2]
    close = values[stop - 1]
    return list(zip(values[opening].tolist(), high.tolist(), low.tolist(), close.tolist(), strict=True))


def _collect(columns: Columns, row: int, cuts: I64, at: I64, bid: I64, ask: I64, ticks: I64) -> list[Candle]:
    if at.size == 0:
        return []
    # a period is (start, end]: a quote of the very end still belongs to it.  Trades of a tick happen just after it.
    begin, stop = np.searchsorted(at, cuts[:-1], "right"), np.searchsorted(at, cuts[1:], "right")
    known = stop > 0
    starts, cuts_end, begin, stop = cuts[:-1][known], cuts[1:][known], begin[known], stop[known]
    if cuts_end.size == 0:
        return []
    newborn = (begin == 0) & (at[0] == columns.opens[row])
    opening = np.maximum(begin - 1, 0)  # the quote in force when the period begins
    bids, asks = _ohlc(bid, opening, stop), _ohlc(ask, opening, stop)
    life = columns.life(np.array([row]))
    _, tick, _, units = trades_over(life, ticks[:1], ticks[-1:])
    where = tick - ticks[0]
    prices, _ = trade_prices(columns, np.full(len(tick), row), tick, bid[where], ask[where])
    volume = units * int(columns.unit[row])
    t_begin, t_stop = np.searchsorted(at[where], starts, "left"), np.searchsorted(at[where], cuts_end, "left")
    n_before, units_before = (int(total[0]) for total in traded_by(life, ticks[:1]))
    earlier = last_price_before(columns, row, n_before)
    held = np.cumsum(np.append(units_before, units))
    out = []
    for i, period_end in enumerate(cuts_end.tolist()):
        some = slice(t_begin[i], t_stop[i])
        here = prices[some]
        previous = int(prices[t_begin[i] - 1]) if t_begin[i] > 0 else earlier
        still = bids[i][1] == bids[i][2] and asks[i][1] == asks[i][2]
        if here.size == 0 and still and not newborn[i]:
            continue
        traded = int(volume[some].sum())
        price = (int(here[0]), int(here.max()), int(here.min()), int(here[-1])) if here.size else None
        mean = float((here * volume[some]).sum()) / traded if traded else 0.0
        unit = int(columns.unit[row])
        interest = int(held[t_stop[i]] * columns.held[row]) * unit
        out.append(Candle(period_end, bids[i], asks[i], price, mean, previous, traded, interest))
    return out


def last_price_before(columns: Columns, row: int, number: int) -> int:
    """Return the price of the ``number``-th trade, 0 for number 0."""
    if number == 0:
        return 0
    one = np.array([row])
    life = columns.life(one)
    tick = tick_of_trade(life, np.array([number]))
    bid, ask = quotes_at(columns, one, tick, brownian_at(life, tick))
    return int(trade_prices(columns, one, tick, bid, ask)[0][0])


def latest_before(columns: Columns, row: int, start: int, period: int, now: float) -> Candle | None:
    """Return the synthetic candle that carries the last state before ``start`` to the first period end after it."""
    if columns.opens[row] >= start:
        return None
    cut = (
        int(boundaries(start, start + 1, period)[-1])
        if period == DAY_MINUTES
        else -(-start // (period * 60)) * period * 60
    )
    tick = np.array([min((start - int(columns.opens[row])) // int(columns.step[row]), int(columns.trade_ticks[row]))])
    life = columns.life(np.array([row]))
    number, units = traded_by(life, tick)
    bid, ask = quotes_at(columns, np.array([row]), tick, brownian_at(life, tick))
    previous = last_price_before(columns, row, int(number[0]))
    interest = int(units[0] * columns.held[row]) * int(columns.unit[row])
    return Candle(cut, (int(bid[0]),) * 4, (int(ask[0]),) * 4, None, 0.0, previous, 0, interest)


def live_json(candle: Candle) -> dict[str, object]:
    """Return a candle as the live tier writes it: suffixes, and no keys for what is not there."""
    price: dict[str, str] = {}
    if candle.price:
        price = _distribution(candle.price, "_dollars")
        price["mean_dollars"] = f"{candle.mean / 1000:.4f}"
    if candle.previous:
        price["previous_dollars"] = DOLLARS[candle.previous]
    return {
        "end_period_ts": candle.end,
        "yes_bid": _distribution(candle.bid, "_dollars"),
        "yes_ask": _distribution(candle.ask, "_dollars"),
        "price": price,
        "volume_fp": contracts(candle.volume),
        "open_interest_fp": contracts(candle.interest),
    }


def historical_json(candle: Candle) -> dict[str, object]:
    """Return a candle as the historical tier writes it: no suffixes, and nulls for what is not there."""
    price: dict[str, str | None] = dict.fromkeys(("open", "low", "high", "close", "mean", "previous"))
    if candle.price:
        price |= _distribution(candle.price, "")
        price["mean"] = f"{candle.mean / 1000:.4f}"
    if candle.previous:
        price["previous"] = DOLLARS[candle.previous]
    return {
        "end_period_ts": candle.end,
        "yes_bid": _distribution(candle.bid, ""),
        "yes_ask": _distribution(candle.ask, ""),
        "price": price,
        "volume": contracts(candle.volume),
        "open_interest": contracts(candle.interest),
    }


def synthetic_json(candle: Candle) -> dict[str, object]:
    """Return the synthetic first candle of ``include_latest_before_start``: no open, low, high or close."""
    shown = live_json(candle)
    return shown | {"price": {"previous_dollars": DOLLARS[candle.previous]} if candle.previous else {}}


def _distribution(ohlc: tuple[int, int, int, int], suffix: str) -> dict[str, str]:
    names = ("open", "high", "low", "close")
    return {name + suffix: DOLLARS[value] for name, value in zip(names, ohlc, strict=True)}
