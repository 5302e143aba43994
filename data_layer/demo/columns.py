"""Columns: what is known of every market as arrays, one row a market: a page of quotes is a few array steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_layer.demo.events import FAR, Event
from data_layer.demo.paths import Life, final_value
from data_layer.demo.randomness import F64, I64, U64, hashed, normal, normal_quantiles, uniform

STEPS = np.array([1, 2, 5, 10, 15, 30, 60, 300, 900, 3600], np.int64)  # seconds; all divide an hour
LONGEST = 131_072  # ticks in a life: what a candle request has to walk at worst
CENT, DECI, TAPERED = 0, 1, 2
NO, YES, SCALAR = 0, 1, 2
NOBODY, BID_ONLY, ASK_ONLY, BOTH = 0, 1, 2, 3

_FIELDS = {
    "event": np.int64, "seed": np.uint64, "ticks": np.int64, "knee_tick": np.int64, "knee_share": np.float64,
    "trade_seed": np.uint64, "trade_ticks": np.int64, "trades": np.int64, "units": np.int64, "opens": np.int64,
    "step": np.int64, "low": np.float64, "high": np.float64, "tie": np.float64, "deadline": np.bool_,
    "reach": np.float64, "grid": np.int8, "spread": np.int16, "sides": np.int8, "depth": np.float64, "unit": np.int16,
    "held": np.float64, "created": np.float64, "ends": np.int64, "determined": np.float64, "settled": np.float64,
    "pause_from": np.int64, "pause_to": np.int64, "disputed": np.bool_, "result": np.int8, "provisional": np.bool_,
    "timer": np.int32,
}  # fmt: skip

Block = dict[str, NDArray[Any]]


class Columns:
    """Growing columns.  Rows never move and never go."""

    event: I64
    seed: U64
    ticks: I64
    knee_tick: I64
    knee_share: F64
    trade_seed: U64
    trade_ticks: I64
    trades: I64
    units: I64  # lifetime volume, in units of ``unit`` hundredths of a contract
    opens: I64
    step: I64  # seconds a tick lasts
    low: F64  # it pays if the latent path ends above low and not above high
    high: F64
    tie: F64  # within this of the boundary it pays half
    deadline: NDArray[np.bool_]
    reach: F64
    grid: NDArray[np.int8]
    spread: NDArray[np.int16]  # half of it, in thousandths of a dollar
    sides: NDArray[np.int8]
    depth: F64
    unit: NDArray[np.int16]
    held: F64  # open interest as a share of volume
    created: F64
    ends: I64
    determined: F64
    settled: F64
    pause_from: I64
    pause_to: I64
    disputed: NDArray[np.bool_]
    result: NDArray[np.int8]
    provisional: NDArray[np.bool_]
    timer: NDArray[np.int32]

    def __init__(self) -> None:
        self.rows = 0
        self._room: Block = {name: np.zeros(1024, kind) for name, kind in _FIELDS.items()}
        self._expose()

    def _expose(self) -> None:
        for name, room in self._room.items():
            setattr(self, name, room[: self.rows])

    def append(self, block: Block) -> None:
        """Add rows."""
        rows = self.rows + len(block["event"])
        for name, kind in _FIELDS.items():
            room = self._room[name]
            if rows > len(room):
                room = np.zeros(max(rows, 5 * len(room) // 4), kind)
                room[: self.rows] = self._room[name][: self.rows]
                self._room[name] = room
            room[self.rows : rows] = block[name]
        self.rows = rows
        self._expose()

    def life(self, rows: I64) -> Life:
        """Return what the latent paths of these rows need."""
        return Life(
            self.seed[rows], self.ticks[rows], self.knee_tick[rows], self.knee_share[rows], self.trade_seed[rows],
            self.trade_ticks[rows], self.trades[rows], self.units[rows],
        )  # fmt: skip


def block_of(events: Sequence[Event]) -> Block:
    """Return the columns of the events' markets, outcomes and lifetime volumes included."""
    counts = np.array([len(event.legs) for event in events])
    legs = [leg for event in events for leg in event.legs]
    which = np.repeat(np.arange(len(events)), counts)
    event_seed = np.array([event.seed for event in events], np.uint64)
    group = np.array([leg.group for leg in legs], np.int64)
    leg_number = np.arange(len(legs)) - np.repeat(np.cumsum(counts) - counts, counts)
    block: Block = {
        "event": np.array([event.row for event in events])[which],
        "seed": hashed(event_seed[which], group),
        "trade_seed": hashed(event_seed[which] ^ np.uint64(0xA5A5A5A5), leg_number + 1),
        "opens": np.array([event.opens for event in events])[which],
        "low": np.array([leg.low for leg in legs]),
        "high": np.array([leg.high for leg in legs]),
        "tie": np.array([leg.tie for leg in legs]),
        "reach": np.array([event.reach for event in events])[which],
        "deadline": np.array([event.family.shape == "deadlines" for event in events])[which],
    }
    length = np.array([event.ends - event.opens for event in events])[which]
    share = np.array([leg.life for leg in legs])
    _clocks(block, length, share, np.array([event.family.live_hours for event in events])[which])
    _outcomes(block, share)
    _statuses(block, events, which, event_seed)
    _liquidity(block, events, which, event_seed)
    return block


def _clocks(block: Block, length: I64, share: F64, live_hours: F64) -> None:
    own_end = np.where(block["deadline"], length, (length * share).astype(np.int64) // 60 * 60)
    step = STEPS[np.minimum(np.searchsorted(STEPS, own_end / LONGEST), len(STEPS) - 1)]
    ticks = own_end // step
    live = np.minimum(live_hours * 3600, own_end * 0.8)
    knee = np.where(live > 0, ticks - (live / step).astype(np.int64), (ticks * 0.75).astype(np.int64))
    block["step"], block["ticks"] = step, ticks
    block["knee_tick"] = np.clip(knee, 1, ticks - 1)
    block["knee_share"] = np.where(live > 0, 0.3, 0.55)
    block["trade_ticks"] = np.where(block["deadline"], np.maximum((ticks * share).astype(np.int64), 1), ticks)


def chance_to_number(chance: F64) -> F64:
    """Return the standard normal quantiles of chances, by interpolation in the table the draws come from."""
    table = normal_quantiles()
    grid = (np.arange(len(table)) + 0.5) / len(table)
    numbers: F64 = np.interp(chance, grid, table)
    return numbers


def _outcomes(block: Block, share: F64) -> None:
    ticks = block["ticks"]  # stands for the columns of trading, which do not matter to the path
    life = Life(block["seed"], ticks, block["knee_tick"], block["knee_share"], block["seed"], ticks, ticks, ticks)
    final = final_value(life)
    table = normal_quantiles()
    happens = (
        (np.searchsorted(table, final) + 0.5) / len(table) / block["reach"]
    )  # share of the life at which it does
    last = np.where(block["deadline"] & (happens < share), np.ceil(happens * block["ticks"]), block["trade_ticks"])
    # the same table on both sides of the comparison, so that a deadline's price ends at exactly 0 or 1
    used_up = chance_to_number(block["reach"] * block["trade_ticks"] / block["ticks"])
    block["high"] = np.where(block["deadline"], used_up, block["high"])
    block["trade_ticks"] = np.clip(last.astype(np.int64), 1, block["ticks"])
    won = (final > block["low"]) & (final <= block["high"])
    edge = np.where(block["low"] > -FAR, block["low"], block["high"])
    tied = np.abs(final - edge) < block["tie"]
    block["result"] = np.where(tied, SCALAR, np.where(won, YES, NO)).astype(np.int8)
    block["ends"] = block["opens"] + block["trade_ticks"] * block["step"]


def _statuses(block: Block, events: Sequence[Event], which: I64, event_seed: U64) -> None:
    def drawn(number: int) -> F64:
        return uniform(hashed(event_seed, np.full(len(events), number)))

    length = np.array([event.ends - event.opens for event in events])
    lead = np.minimum(0.1 * length, 2 * 86400) * (0.2 + 0.8 * drawn(11))
    opens = np.array([event.opens for event in events])
    block["created"] = np.round(opens - lead + drawn(12), 6)[which]
    stuck = drawn(13) < 0.01
    lag = np.where(stuck, 60 * 86400.0, 20 + np.minimum(length * 0.02, 7200) * drawn(14) ** 2)
    timers = np.array([5, 60, 120, 300, 1800, 3600])
    timer = np.where(length < 7200, 5, timers[(drawn(15) * len(timers)).astype(np.int64)])
    block["timer"] = timer[which].astype(np.int32)
    block["determined"] = np.round(block["ends"] + lag[which] + drawn(16)[which], 6)
    block["disputed"] = (drawn(17) < 0.01)[which]
    block["settled"] = block["determined"] + block["timer"] * np.where(block["disputed"], 48, 1) + 1.437219
    paused = (drawn(18) < 0.02)[which]
    start = block["opens"] + (length * 0.9 * drawn(19)).astype(np.int64)[which]
    block["pause_from"] = np.where(paused, start, 0)
    block["pause_to"] = np.where(paused, start + np.maximum(length * 0.3, 300).astype(np.int64)[which], 0)


def _liquidity(block: Block, events: Sequence[Event], which: I64, event_seed: U64) -> None:
    """Draw how much each market trades, and how well it is quoted; tuned to the census of August 2026."""
    every = np.zeros(len(which), np.int64)
    seed = block["trade_seed"]

    def number(index: int) -> F64:
        return normal(hashed(seed, every + index))

    def chance(index: int) -> F64:
        return uniform(hashed(seed, every + index))

    pull = np.array([event.family.popularity for event in events])
    pull = pull + 1.0 * normal(hashed(event_seed, np.full(len(events), 21)))
    days = np.array([event.ends - event.opens for event in events]) / 86400
    heat = 0.75 * pull[which] + 0.75 * number(101)
    trades = np.exp(0.9 + 2.1 * heat + 0.1 * np.log(np.clip(days, 0.05, 400))[which]) - 0.6
    trades = np.where(chance(102) < 0.06, 0, np.clip(trades, 0, 60_000)).astype(np.int64)
    crypto = np.array([event.family.frequency == "fifteen_min" for event in events])[which]
    fractional = crypto | (chance(103) < 0.3)
    block["unit"] = np.where(fractional, 1, 100).astype(np.int16)
    size = np.exp(3.3 + 1.1 * number(104) + 0.4 * heat)
    block["trades"] = trades
    block["units"] = trades + np.floor(trades * size * np.where(fractional, 100, 1)).astype(np.int64)
    block["held"] = 0.25 + 0.7 * chance(105)
    grid = np.array([event.family.grid for event in events])
    other = uniform(hashed(event_seed, np.full(len(events), 22)))
    block["grid"] = np.where(other < 0.04, DECI, np.where(other > 0.98, TAPERED, grid))[which].astype(np.int8)
    block["spread"] = np.clip(np.exp(2.0 - 0.6 * heat + 0.6 * number(106)), 2, 200).astype(np.int16)
    quoted = chance(107)
    some = np.where(quoted < 0.35, NOBODY, np.where(quoted < 0.55, BID_ONLY, ASK_ONLY))
    idle = chance(108) < np.where(trades > 0, 0.02, 0.18)
    block["sides"] = np.where(idle, np.where((trades > 0) & (some == NOBODY), ASK_ONLY, some), BOTH).astype(np.int8)
    block["depth"] = np.exp(4.5 + 0.9 * heat)
    block["provisional"] = chance(109) < 0.03
