"""Latent paths with random access: a Brownian motion and a bursty volume, each a pure function of (seed, tick).

A life of ``ticks`` equal steps is bisected.  The value at the middle of an interval depends on the two ends and on
one number drawn under (seed, middle), and every tick is the middle of exactly one interval, so any tick is reached
in log2(ticks) steps and nothing is stored.  For Brownian motion this is Lévy's construction (the bridge between two
known points is normal); for volume it is a multiplicative cascade (each half gets a random share of the whole),
which is what makes hours add up to days exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from data_layer.demo.randomness import F64, I64, U64, hashed, normal, uniform

_COUNT_SALT = np.uint64(0x5851F42D4C957F2D)
_SIZE_SALT = np.uint64(0x14057B7EF767814F)


@dataclass(frozen=True)
class Life:
    """Columns that say how information and trading are spread over each life (arrays of one shape)."""

    seed: U64  # of the latent path
    ticks: I64  # steps to the end of the latent path
    knee_tick: I64  # information arrives at one rate before this tick and at another after it
    knee_share: F64  # share of all information that has arrived by then
    trade_seed: U64
    trade_ticks: I64  # steps to the end of trading (at most ``ticks``)
    trades: I64  # over the whole life
    units: I64  # volume over the whole life, in units of the market

    def take(self, rows: I64) -> Life:
        """Return the lives at ``rows``."""
        return Life(*(getattr(self, field.name)[rows] for field in fields(self)))

    def information(self, tick: I64) -> F64:
        """Return the share of information that has arrived by ``tick``, from 0 to 1."""
        before = self.knee_share * tick / self.knee_tick
        after = self.knee_share + (1 - self.knee_share) * (tick - self.knee_tick) / (self.ticks - self.knee_tick)
        share: F64 = np.where(tick <= self.knee_tick, before, after)
        return share

    def activity(self, tick: I64) -> F64:
        """Return a number that grows with the volume expected by ``tick``: a burst at first, then with the news."""
        opening = np.minimum(tick / (0.04 * self.ticks), 1)
        weight: F64 = 0.35 * opening + 0.15 * tick / self.ticks + 0.5 * self.information(tick)
        return weight


def _levels(longest: int) -> int:
    return max(int(longest), 1).bit_length()


def final_value(life: Life) -> F64:
    """Return the latent path's last value, which decides the outcome."""
    return normal(hashed(life.seed, life.ticks))


def brownian_at(life: Life, tick: I64) -> F64:
    """Return the latent path at one tick of each life."""
    if tick.size == 0:
        return np.empty(0)
    left, right = np.zeros_like(tick), life.ticks.copy()
    end = final_value(life)
    w_left, w_right = np.zeros(tick.shape), end
    s_left, s_right = np.zeros(tick.shape), np.ones(tick.shape)
    for _ in range(_levels(life.ticks.max())):
        middle = (left + right) >> 1
        s = life.information(middle)
        w = _bridge(s, s_left, s_right, w_left, w_right, normal(hashed(life.seed, middle)))
        down = tick < middle
        left, right = np.where(down, left, middle), np.where(down, middle, right)
        w_left, w_right = np.where(down, w_left, w), np.where(down, w, w_right)
        s_left, s_right = np.where(down, s_left, s), np.where(down, s, s_right)
    value: F64 = np.where(tick >= life.ticks, end, w_left)
    return value


def _bridge(s: F64, s_left: F64, s_right: F64, w_left: F64, w_right: F64, drawn: F64) -> F64:
    span = s_right - s_left
    value: F64 = (
        w_left + (s - s_left) / span * (w_right - w_left) + np.sqrt((s - s_left) * (s_right - s) / span) * drawn
    )
    return value


def brownian_over(life: Life, first: I64, last: I64) -> tuple[F64, I64]:
    """Return the latent paths over tick ranges, end to end, and where each range starts in the result."""
    lengths = last - first + 1
    starts = np.concatenate([[0], np.cumsum(lengths)])
    out = np.zeros(int(starts[-1]))
    end = final_value(life)
    reaches_end = last >= life.ticks
    out[(starts[:-1] + life.ticks - first)[reaches_end]] = end[reaches_end]
    which = np.arange(len(first))
    left, right = np.zeros_like(first), life.ticks.copy()
    w_left, w_right = np.zeros(len(first)), end
    s_left, s_right = np.zeros(len(first)), np.ones(len(first))
    while which.size:
        wanted = (right - left > 1) & (left + 1 <= last[which]) & (right - 1 >= first[which])
        which, left, right = which[wanted], left[wanted], right[wanted]
        w_left, w_right = w_left[wanted], w_right[wanted]
        s_left, s_right = s_left[wanted], s_right[wanted]
        part = life.take(which)
        middle = (left + right) >> 1
        s = part.information(middle)
        w = _bridge(s, s_left, s_right, w_left, w_right, normal(hashed(part.seed, middle)))
        inside = (middle >= first[which]) & (middle <= last[which])
        out[(starts[which] + middle - first[which])[inside]] = w[inside]
        which = np.concatenate([which, which])
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        w_left, w_right = np.concatenate([w_left, w]), np.concatenate([w, w_right])
        s_left, s_right = np.concatenate([s_left, s]), np.concatenate([s, s_right])
    return out, starts


def _split(life: Life, left: I64, middle: I64, right: I64, trades: I64, units: I64) -> tuple[I64, I64]:
    """Return how many trades and units of an interval fall into its left half."""
    a_left, a_middle, a_right = (life.activity(tick) for tick in (left, middle, right))
    share = (a_middle - a_left) / (a_right - a_left)
    bits = hashed(life.trade_seed ^ _COUNT_SALT, middle)
    push = np.exp(0.7 * normal(bits << np.uint64(20)))
    share = share * push / (share * push + (1 - share))
    trades_left = np.minimum(np.floor(trades * share + uniform(bits)).astype(np.int64), trades)
    part = trades_left / np.maximum(trades, 1)
    drawn = normal(hashed(life.trade_seed ^ _SIZE_SALT, middle))
    push = np.exp(1.2 * drawn / np.sqrt(1 + trades / 4))
    spare = units - trades  # every trade has at least one unit
    part = part * push / (part * push + (1 - part))
    return trades_left, trades_left + np.floor(spare * part).astype(np.int64)


def traded_by(life: Life, tick: I64) -> tuple[I64, I64]:
    """Return the numbers of trades and of units traded before ``tick``."""
    trades, units = np.zeros_like(tick), np.zeros_like(tick)
    over = tick >= life.trade_ticks
    trades[over], units[over] = life.trades[over], life.units[over]
    rows = np.flatnonzero(~over & (life.trades > 0) & (tick > 0))
    if rows.size == 0:
        return trades, units
    part, goal = life.take(rows), tick[rows]
    left, right = np.zeros_like(goal), part.trade_ticks.copy()
    n, v = part.trades.copy(), part.units.copy()
    n_before, v_before = np.zeros_like(goal), np.zeros_like(goal)
    for _ in range(_levels(part.trade_ticks.max())):
        middle = (left + right) >> 1
        open_ = right - left > 1
        n_left, v_left = _split(part, left, np.where(open_, middle, right), right, n, v)
        down = goal < middle
        go_right = open_ & ~down
        n_before, v_before = n_before + n_left * go_right, v_before + v_left * go_right
        n = np.where(open_, np.where(down, n_left, n - n_left), n)
        v = np.where(open_, np.where(down, v_left, v - v_left), v)
        left, right = np.where(go_right, middle, left), np.where(open_ & down, middle, right)
    trades[rows], units[rows] = n_before, v_before
    return trades, units


def tick_of_trade(life: Life, number: I64) -> I64:
    """Return the tick at which the ``number``-th trade (from 1) of each life happens, or -1 for number 0."""
    ticks = np.full_like(number, -1)
    rows = np.flatnonzero((number > 0) & (number <= life.trades))
    if rows.size == 0:
        return ticks
    part, rank = life.take(rows), number[rows].copy()
    left, right = np.zeros_like(rank), part.trade_ticks.copy()
    n, v = part.trades.copy(), part.units.copy()
    for _ in range(_levels(part.trade_ticks.max())):
        middle = (left + right) >> 1
        open_ = right - left > 1
        n_left, v_left = _split(part, left, np.where(open_, middle, right), right, n, v)
        down = rank <= n_left
        go_right = open_ & ~down
        rank = rank - n_left * go_right
        n = np.where(open_, np.where(down, n_left, n - n_left), n)
        v = np.where(open_, np.where(down, v_left, v - v_left), v)
        left, right = np.where(go_right, middle, left), np.where(open_ & down, middle, right)
    ticks[rows] = left
    return ticks


def trades_over(life: Life, first: I64, last: I64) -> tuple[I64, I64, I64, I64]:
    """Return the ticks with trades in the tick ranges: (which life, tick, trades, units), by life, then tick."""
    which = np.flatnonzero((life.trades > 0) & (last >= first))
    left, right = np.zeros_like(which), life.trade_ticks[which]
    n, v = life.trades[which], life.units[which]
    found: list[tuple[I64, I64, I64, I64]] = []
    while which.size:
        leaf = (right - left == 1) & (left >= first[which]) & (left <= last[which])
        found.append((which[leaf], left[leaf], n[leaf], v[leaf]))
        inner = (right - left > 1) & (left <= last[which]) & (right - 1 >= first[which])
        which, left, right, n, v = which[inner], left[inner], right[inner], n[inner], v[inner]
        middle = (left + right) >> 1
        n_left, v_left = _split(life.take(which), left, middle, right, n, v)
        which = np.concatenate([which, which])
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        n, v = np.concatenate([n_left, n - n_left]), np.concatenate([v_left, v - v_left])
        some = n > 0
        which, left, right, n, v = which[some], left[some], right[some], n[some], v[some]
    if not found:
        empty = np.empty(0, np.int64)
        return empty, empty, empty, empty
    whose, tick, trades, units = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((tick, whose))
    return whose[order], tick[order], trades[order], units[order]
