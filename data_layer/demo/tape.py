"""The tape and the books: single trades and resting orders, of the same ticks as quotes and candles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_layer.demo.columns import CENT, TAPERED, Columns
from data_layer.demo.paths import brownian_at, trades_over
from data_layer.demo.payloads import DOLLARS, contracts, rfc3339
from data_layer.demo.quotes import (
    NO_ASK,
    NO_BID,
    quotes_at,
    sizes_at,
    ticks_at,
    ticks_published,
    trade_prices,
)
from data_layer.demo.randomness import I64, Draws, hashed, seed_of, uniform


@dataclass(frozen=True)
class Sweep:
    """What one taker did in one tick: one or more trades at one price and one time."""

    row: int
    tick: int
    time: float
    trades: int
    units: int
    price: int  # thousandths of a dollar
    buys: bool


def sweeps(columns: Columns, rows: I64, since: float, until: float, now: float) -> list[Sweep]:
    """Return the markets' sweeps with since <= time <= until that have been published by ``now``, newest first."""
    first = np.floor((since - 1 - columns.opens[rows]) / columns.step[rows]).astype(np.int64)
    last = np.floor((until - columns.opens[rows]) / columns.step[rows]).astype(np.int64)
    last = np.minimum(last, ticks_published(columns, rows, now) - 1)
    life = columns.life(rows)
    whose, tick, trades, units = trades_over(life, np.maximum(first, 0), last)
    if tick.size == 0:
        return []
    market = rows[whose]
    bid, ask = quotes_at(columns, market, tick, brownian_at(columns.life(market), tick))
    price, buys = trade_prices(columns, market, tick, bid, ask)
    fraction = uniform(hashed(columns.trade_seed[market], tick + 13_000_000))
    at = np.round(columns.opens[market] + tick * columns.step[market] + fraction, 6)
    order = np.argsort(-at, kind="stable")
    wanted = order[(at[order] >= since) & (at[order] <= until)]
    fields = (market, tick, at, trades, units, price, buys)
    return [Sweep(*values) for values in zip(*(field[wanted].tolist() for field in fields), strict=True)]


def trades_of(columns: Columns, sweep: Sweep, ticker: str) -> list[dict[str, object]]:
    """Return a sweep's trades as JSON objects; their counts add up to the sweep's volume exactly."""
    draws = Draws(seed_of(int(columns.trade_seed[sweep.row]), sweep.tick))
    counts = [1] * sweep.trades
    spare = sweep.units - sweep.trades
    for place in range(sweep.trades - 1):
        part = int(spare * draws.number() * 2 / (sweep.trades - place)) if spare else 0
        counts[place] += min(part, spare)
        spare -= min(part, spare)
    counts[-1] += spare
    unit, when = int(columns.unit[sweep.row]), rfc3339(sweep.time)
    side = "yes" if sweep.buys else "no"
    block = draws.number() < 0.004
    return [
        {
            "trade_id": draws.uuid(),
            "ticker": ticker,
            "count_fp": contracts(count * unit),
            "yes_price_dollars": DOLLARS[sweep.price],
            "no_price_dollars": DOLLARS[1000 - sweep.price],
            "taker_side": side,
            "taker_outcome_side": side,
            "taker_book_side": "bid" if sweep.buys else "ask",
            "created_time": when,
            "is_block_trade": block,
        }
        for count in counts
    ]


def book(columns: Columns, row: int, now: float, depth: int) -> dict[str, list[list[str]]]:
    """Return the bids for YES and for NO, ascending, so that the best bid comes last; depth 0 is all levels."""
    one = np.array([row])
    tick = ticks_at(columns, one, now)
    bid, ask = quotes_at(columns, one, tick, brownian_at(columns.life(one), tick))
    yes = _levels(columns, row, int(tick[0]), 0, int(bid[0]))
    no = _levels(columns, row, int(tick[0]), 1, int(ask[0]))
    return {
        "yes_dollars": yes[-depth:] if depth else yes,
        "no_dollars": no[-depth:] if depth else no,
    }


def _levels(columns: Columns, row: int, tick: int, side: int, best: int) -> list[list[str]]:
    """Return one side's levels; ``side`` 1 walks up from the best YES ask and shows it as bids for NO."""
    if best in (NO_BID, NO_ASK):
        return []
    grid = int(columns.grid[row])
    draws = Draws(seed_of(int(columns.trade_seed[row]), "book", side, tick >> 6))
    direction = 1 if side else -1
    prices, price = [best], best
    for _ in range(draws.whole(3, 24)):
        fine = grid == TAPERED and (price < 100 or price > 900)
        step = 10 if grid == CENT or (grid == TAPERED and not fine) else 1
        price += direction * step * draws.whole(1, 3)
        if grid == TAPERED and 100 < price < 900:
            price = price // 10 * 10
        if not 0 < price < 1000:
            break
        prices.append(price)
    here = np.array(prices)
    sizes = sizes_at(columns, np.full(len(here), row), np.full(len(here), tick), side, here)
    shown = [[DOLLARS[1000 - p if side else p], contracts(s)] for p, s in zip(prices, sizes.tolist(), strict=True)]
    return shown[::-1]


EMPTY_BOOK: dict[str, list[list[str]]] = {"yes_dollars": [], "no_dollars": []}
