"""Quotes: from the latent path to a fair price, and from there to bid, ask, sizes and a book on the market's grid.

With W the latent path at information time s, the chance that it ends in (low, high] is

    P = Phi((high - W) / sqrt(1 - s)) - Phi((low - W) / sqrt(1 - s)),

a martingale by construction that ends at 0 or 1.  A deadline ladder knows in addition whether the thing has happened:
until it has, the chance is conditioned on the final value lying above the hazard used up so far.
All prices here are whole thousandths of a dollar; 0 means no bid and 1000 no ask.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_layer.demo.columns import ASK_ONLY, BID_ONLY, CENT, NOBODY, TAPERED, Columns, chance_to_number
from data_layer.demo.events import FAR
from data_layer.demo.paths import brownian_at, final_value, tick_of_trade, traded_by
from data_layer.demo.randomness import F64, I64, hashed, normal, uniform

NO_BID, NO_ASK = 0, 1000
_SIZE_COEFFICIENTS = (
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
)  # fmt: skip


def phi(x: F64) -> F64:
    """Return the standard normal distribution function (relative error below 1.2e-7 in both tails).

    Source: the Chebyshev fit of erfc in Press et al., Numerical Recipes, section 6.2.
    """
    z = np.abs(x) * 0.7071067811865476
    t = 1 / (1 + 0.5 * z)
    fit = np.full_like(z, _SIZE_COEFFICIENTS[0])
    for coefficient in _SIZE_COEFFICIENTS[1:]:
        fit = fit * t + coefficient
    tail = 0.5 * t * np.exp(-z * z - 1.26551223 + t * fit)
    value: F64 = np.where(x > 0, 1 - tail, tail)
    return value


def fair(columns: Columns, rows: I64, tick: I64, path: F64) -> F64:
    """Return fair prices in dollars at ticks, given the latent paths there."""
    life = columns.life(rows)
    left = np.sqrt(np.maximum(1 - life.information(tick), 1e-18))
    low, high, tie = columns.low[rows], columns.high[rows], columns.tie[rows]
    price = phi((high - path) / left) - phi((low - path) / left)
    blurred = np.flatnonzero(tie > 0)
    if blurred.size:
        b = blurred
        price[b] = 0.5 * sum(
            phi((high[b] - sign * tie[b] * (high[b] < FAR) - path[b]) / left[b])
            - phi((low[b] - sign * tie[b] * (low[b] > -FAR) - path[b]) / left[b])
            for sign in (-1, 1)
        )
    late = np.flatnonzero(columns.deadline[rows])
    if late.size:
        price[late] = _by_deadline(columns, rows[late], tick[late], path[late], left[late])
    clipped: F64 = np.clip(price, 0.0, 1.0)
    return clipped


def _by_deadline(columns: Columns, rows: I64, tick: I64, path: F64, left: F64) -> F64:
    final = final_value(columns.life(rows))
    used = chance_to_number(columns.reach[rows] * tick / columns.ticks[rows])
    alive = 1 - phi((used - path) / left)
    ahead = phi((columns.high[rows] - path) / left) - phi((used - path) / left)
    waiting = np.where(alive > 1e-12, np.clip(ahead / np.maximum(alive, 1e-12), 0, 1), 0)
    happened = tick >= columns.ticks[rows]
    happened |= final <= used
    price: F64 = np.where(happened, final <= columns.high[rows], waiting)
    return price


def _grid_step(grid: I64, thousandths: I64) -> I64:
    fine = (grid == TAPERED) & ((thousandths < 100) | (thousandths >= 900))
    return np.where((grid == CENT) | ((grid == TAPERED) & ~fine), 10, 1)


def on_grid_below(grid: I64, price: F64) -> I64:
    """Return the highest grid price that is not above ``price`` (in thousandths)."""
    whole = np.floor(price + 1e-9).astype(np.int64)
    step = _grid_step(grid, whole)
    return whole // step * step


def on_grid_above(grid: I64, price: F64) -> I64:
    """Return the lowest grid price that is not below ``price`` (in thousandths)."""
    whole = np.ceil(price - 1e-9).astype(np.int64)
    step = _grid_step(grid, whole - 1)
    return -(-whole // step) * step


def quotes_at(columns: Columns, rows: I64, tick: I64, path: F64) -> tuple[I64, I64]:
    """Return bids and asks in thousandths of a dollar at ticks, given the latent paths there."""
    price = 1000 * fair(columns, rows, tick, path)
    grid = columns.grid[rows].astype(np.int64)
    jitter = uniform(hashed(columns.trade_seed[rows], (tick >> 4) + 7_000_000))
    half = columns.spread[rows] * (0.8 + 0.7 * (jitter > 0.75))
    bid = np.clip(on_grid_below(grid, price - half), NO_BID, 999)
    ask = np.clip(on_grid_above(grid, price + half), 1, NO_ASK)
    sides = columns.sides[rows]
    return np.where((sides == ASK_ONLY) | (sides == NOBODY), NO_BID, bid), np.where(
        (sides == BID_ONLY) | (sides == NOBODY), NO_ASK, ask
    )


def trade_prices(columns: Columns, rows: I64, tick: I64, bid: I64, ask: I64) -> tuple[I64, np.ndarray]:
    """Return what trades at ticks cost, and whether the taker bought YES (at the ask) or NO (at the bid)."""
    buys = uniform(hashed(columns.trade_seed[rows], tick + 9_000_000)) < 0.55
    buys = np.where(bid == NO_BID, True, np.where(ask == NO_ASK, False, buys))
    price = np.where(buys, ask, bid)
    grid = columns.grid[rows].astype(np.int64)
    nobody = (price == NO_BID) | (price == NO_ASK)
    edge = np.where(grid == CENT, 10, 1)
    return np.where(nobody, np.where(buys, NO_ASK - edge, edge), price), buys


def sizes_at(columns: Columns, rows: I64, tick: I64, side: int, price: I64) -> I64:
    """Return resting sizes in hundredths of a contract at price levels (0 where there is no such level)."""
    key = (tick >> 6) * 2003 + price * 2 + side + 11_000_000
    drawn = np.exp(1.1 * normal(hashed(columns.trade_seed[rows], key)))
    unit = columns.unit[rows].astype(np.int64)
    size = np.maximum(np.floor(columns.depth[rows] * drawn * 100 / unit), 1).astype(np.int64) * unit
    return np.where((price <= NO_BID) | (price >= NO_ASK), 0, size)


def ticks_at(columns: Columns, rows: I64, at: float) -> I64:
    """Return the ticks whose quotes are in force at a Unix time (clipped to the life)."""
    tick = np.floor((at - columns.opens[rows]) / columns.step[rows]).astype(np.int64)
    return np.clip(tick, 0, columns.trade_ticks[rows])


def ticks_published(columns: Columns, rows: I64, at: float) -> I64:
    """Return how many ticks have had their trades published by a Unix time: each is, a second after it begins."""
    done = np.floor((at - 1 - columns.opens[rows]) / columns.step[rows]).astype(np.int64) + 1
    return np.clip(done, 0, columns.trade_ticks[rows])


@dataclass(frozen=True)
class Moment:
    """What can be seen of some markets at one time: prices in thousandths, volumes in hundredths of a contract."""

    bid: I64
    ask: I64
    bid_size: I64
    ask_size: I64
    last: I64  # price of the last trade, 0 if none
    volume: I64
    tick: I64


def moments(columns: Columns, rows: I64, times: list[float]) -> list[Moment]:
    """Return what was to be seen of the markets at each time, as if all were open then."""
    copies, count = len(times), len(rows)
    every = np.tile(rows, copies)
    tick = np.concatenate([ticks_at(columns, rows, at) for at in times])
    published = np.concatenate([ticks_published(columns, rows, at) for at in times])
    life = columns.life(every)
    number, units = traded_by(life, published)
    last_tick = tick_of_trade(life, number)
    traded = np.flatnonzero(number > 0)
    ticks = np.concatenate([tick, last_tick[traded]])
    whose = np.concatenate([every, every[traded]])
    bid, ask = quotes_at(columns, whose, ticks, brownian_at(columns.life(whose), ticks))
    last = np.zeros(len(every), np.int64)
    here = slice(len(every), None)
    last[traded], _ = trade_prices(columns, whose[here], ticks[here], bid[here], ask[here])
    bid, ask = bid[: len(every)], ask[: len(every)]
    bid_size = sizes_at(columns, every, tick, 0, bid)
    ask_size = sizes_at(columns, every, tick, 1, ask)
    volume = units * columns.unit[every]
    out = []
    for copy in range(copies):
        part = slice(copy * count, (copy + 1) * count)
        out.append(Moment(bid[part], ask[part], bid_size[part], ask_size[part], last[part], volume[part], tick[part]))
    return out
