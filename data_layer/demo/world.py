"""The world: all events and markets of one seed, and how they come and go as the (injected) clock runs."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_layer.demo.columns import Columns, block_of
from data_layer.demo.events import Event
from data_layer.demo.families import COMBO_FAMILIES, FAMILIES, Family
from data_layer.demo.randomness import F64, I64, Draws, seed_of
from data_layer.demo.shapes import instance
from data_layer.demo.slots import Slot, deal_slots, series_ticker
from data_layer.demo.vocabulary import LAST_NAMES

DAY = 86400
LIVE_DAYS = 75  # markets settled longer ago are on the historical tier only
STATUSES = ("initialized", "inactive", "active", "closed", "determined", "disputed", "amended", "finalized")
INITIALIZED, INACTIVE, ACTIVE, CLOSED, DETERMINED, DISPUTED, AMENDED, FINALIZED = range(8)
FILTERS = {
    "unopened": (INITIALIZED,),
    "open": (ACTIVE,),
    "paused": (INACTIVE,),
    "closed": (CLOSED, DETERMINED, DISPUTED, AMENDED),
    "settled": (FINALIZED,),
}


@dataclass(frozen=True)
class Series:
    """One series; most have no open event."""

    ticker: str
    family: Family
    entity: tuple[str, str]
    seed: int


class World:
    """Everything the exchange knows.  Not thread-safe: only the exchange's own thread may ask."""

    def __init__(self, *, markets: int, settled: int, seed: int, clock: Callable[[], float]) -> None:
        self.seed = seed
        self.clock = clock
        self.size = markets
        self.slots = deal_slots(seed, markets)
        self.events: list[Event] = []
        self.tickers: list[str] = []
        self.event_rows: dict[str, int] = {}
        self.market_rows: dict[str, int] = {}
        self.series_events: dict[str, list[int]] = {}
        self.games: dict[tuple[str, str], list[str]] = {}  # (league, date and sides) -> events about the game
        self.columns = Columns()
        self._event_times = np.zeros((4, 0))
        self._newest_first: I64 | None = None
        self._coming: list[tuple[float, int, int]] = []
        self.started = clock()
        self._begin(settled)
        self.series = self._all_series()

    def _begin(self, settled: int) -> None:
        now = self.started
        past = _history(self.slots, now, settled)
        chosen = [
            (slot, slot.generation(now) - back)
            for slot, backs in zip(self.slots, past, strict=True)
            for back in backs
        ]
        chosen.sort(key=lambda pair: pair[0].phase + pair[1] * pair[0].length)
        for number, slot in enumerate(self.slots):
            generation = slot.generation(now)
            chosen.append((slot, generation))
            heapq.heappush(self._coming, (_built_at(slot, generation + 1), number, generation + 1))
        self._add(chosen)
        self.now()

    def now(self) -> float:
        """Return the time, having brought in every instance that is due by then."""
        at = self.clock()
        due: list[tuple[Slot, int]] = []
        while self._coming and self._coming[0][0] <= at:
            _, number, generation = heapq.heappop(self._coming)
            slot = self.slots[number]
            current = slot.generation(at)
            if generation < current - 2:  # the clock jumped: nobody saw these
                generation = current - 2
            due.append((slot, generation))
            heapq.heappush(self._coming, (_built_at(slot, generation + 1), number, generation + 1))
        if due:
            self._add(due)
        return at

    def _add(self, chosen: Sequence[tuple[Slot, int]]) -> None:
        events = [instance(slot, generation) for slot, generation in chosen]
        first_row = len(self.events)
        for event in events:
            event.ticker = self._free_ticker(event.ticker)
            event.row = len(self.events)
            event.first = len(self.tickers)
            self.events.append(event)
            self.event_rows[event.ticker] = event.row
            if event.family.league and event.family.live_hours:
                game = event.family.league[0], event.ticker.split("-", 1)[1]
                self.games.setdefault(game, []).append(event.ticker)
            self.series_events.setdefault(event.slot.series_ticker, []).append(event.row)
            for leg in event.legs:
                ticker = event.ticker + leg.suffix
                if ticker in self.market_rows:
                    leg.suffix += f"-{len(self.tickers) - event.first}"
                    ticker = event.ticker + leg.suffix
                self.market_rows[ticker] = len(self.tickers)
                self.tickers.append(ticker)
        block = block_of(events)
        self.columns.append(block)
        number = block["event"].astype(np.int64) - first_row
        times = np.zeros((4, len(events)))
        times[0] = times[1] = np.inf
        np.minimum.at(times[0], number, block["created"])
        np.minimum.at(times[1], number, block["opens"])
        np.maximum.at(times[2], number, block["ends"])
        np.maximum.at(times[3], number, block["settled"])
        self._event_times = np.concatenate([self._event_times, times], axis=1)
        self._newest_first = None

    def _free_ticker(self, ticker: str) -> str:
        if ticker not in self.event_rows:
            return ticker
        number = 2
        while f"{ticker}-{number}" in self.event_rows:
            number += 1
        return f"{ticker}-{number}"

    def _all_series(self) -> dict[str, Series]:
        """Return the series with events, and about four times as many that have none any more."""
        known = {slot.series_ticker: (slot.family, slot.entity) for slot in self.slots}
        known |= {family.code: (family, ("", "")) for family in COMBO_FAMILIES}
        wanted = max(len(known) + 20, self.size // 10)
        for family in FAMILIES:
            for entity in family.entities:
                if len(known) >= wanted:
                    break
                known.setdefault(series_ticker(family, entity), (family, entity))
        draws = Draws(seed_of(self.seed, "retired"))
        one_off = [family for family in FAMILIES if "{E}" in family.code]
        number = 0
        while len(known) < wanted:
            number += 1
            last = LAST_NAMES[draws.whole(0, 49)]
            entity = ("".join(c for c in last.upper() if c.isascii() and c.isalpha())[:6] + str(number), last)
            family = one_off[draws.whole(0, len(one_off) - 1)]
            known.setdefault(series_ticker(family, entity), (family, entity))
        return {
            ticker: Series(ticker, family, entity, seed_of(self.seed, "series", ticker))
            for ticker, (family, entity) in known.items()
        }

    # ---- what is where at a time -------------------------------------------------------------------------------

    def cutoff(self, now: float) -> int:
        """Return the Unix time before which settled markets are on the historical tier only."""
        return math.floor((now - LIVE_DAYS * DAY) / DAY) * DAY

    def visible(self, now: float) -> NDArray[np.bool_]:
        """Return which rows exist: created, and not a provisional market that went without a trade."""
        c = self.columns
        gone = c.provisional & (c.trades == 0) & (c.settled + DAY < now)
        shown: NDArray[np.bool_] = (c.created <= now) & ~gone
        return shown

    def archived(self, now: float) -> NDArray[np.bool_]:
        """Return which rows are on the historical tier only."""
        old: NDArray[np.bool_] = self.columns.settled < self.cutoff(now)
        return old

    def status(self, now: float, rows: I64 | slice = slice(None)) -> NDArray[np.int8]:
        """Return the places of the rows' status words in STATUSES."""
        c = self.columns
        ends, determined, settled = c.ends[rows], c.determined[rows], c.settled[rows]
        status = np.full(ends.shape, ACTIVE, np.int8)
        status[(c.pause_from[rows] <= now) & (now < c.pause_to[rows])] = INACTIVE
        status[now < c.opens[rows]] = INITIALIZED
        status[now >= ends] = CLOSED
        late = now >= determined
        status[late] = DETERMINED
        third = (settled - determined) / 3
        disputed = late & c.disputed[rows]
        status[disputed & (now >= determined + third)] = DISPUTED
        status[disputed & (now >= determined + 2 * third)] = AMENDED
        status[now >= settled] = FINALIZED
        return status

    def updated(self, now: float, rows: I64 | slice = slice(None)) -> F64:
        """Return when the rows last changed other than by trading."""
        c = self.columns
        settled, determined = c.settled[rows], c.determined[rows]
        base = c.created[rows] + 40.038129
        changed: F64 = np.where(now >= settled, settled + 0.8, np.where(now >= determined, determined, base))
        return changed

    def event_status(self, now: float) -> NDArray[np.int8]:
        """Return every event's status: -1 not there yet, 0 unopened, 1 open, 2 closed, 3 settled."""
        created, opens, ends, settled = self._event_times
        status = np.full(len(self.events), 1, np.int8)
        status[now < opens] = 0
        status[now >= ends] = 2
        status[now >= settled] = 3
        status[now < created] = -1
        return status

    def exists(self, event_row: int, now: float) -> bool:
        """Return whether an event has been created by now."""
        return bool(self._event_times[0, event_row] <= now)

    def event_ends(self) -> F64:
        """Return when every event's last market ends (Unix seconds)."""
        ends: F64 = self._event_times[2]
        return ends

    def newest_first(self) -> I64:
        """Return all rows, newest-created first."""
        if self._newest_first is None:
            self._newest_first = np.argsort(-self.columns.created, kind="stable")
        return self._newest_first

    def find_market(self, ticker: str, now: float, *, archived: bool) -> int | None:
        """Return the row of a market if it exists now on the live or, with ``archived``, the historical tier."""
        row = self.market_rows.get(ticker)
        if row is None:
            return None
        one = np.array([row])
        c = self.columns
        gone = c.provisional[row] and c.trades[row] == 0 and c.settled[row] + DAY < now
        if c.created[row] > now or gone:
            return None
        return row if bool(self.columns.settled[one][0] < self.cutoff(now)) is archived else None

    def event_of(self, row: int) -> Event:
        """Return the event a market belongs to."""
        return self.events[int(self.columns.event[row])]


def _built_at(slot: Slot, generation: int) -> float:
    return slot.phase + generation * slot.length - min(0.1 * slot.length, 2 * DAY)


def _history(slots: Sequence[Slot], now: float, wanted: int) -> list[list[int]]:
    """Return for every slot which past instances (counted back from the open one) are remembered.

    Short lives leave many instances; a number that grows with their root keeps the hourly from drowning the rest.
    """
    reach = 365 * DAY
    while True:
        possible = np.array([max(int(reach // slot.length) - 1, 0) for slot in slots])
        legs = np.array([slot.legs for slot in slots])
        if (possible * legs).sum() >= 1.02 * wanted or reach > 20 * 365 * DAY:
            break
        reach *= 2
    low, high = 0.0, 1e6
    for _ in range(60):
        middle = (low + high) / 2
        kept = np.minimum(possible, np.floor(middle * np.sqrt(possible)))
        low, high = (middle, high) if (kept * legs).sum() < 1.02 * wanted else (low, middle)
    kept = np.minimum(possible, np.floor(high * np.sqrt(possible))).astype(int)
    return [
        sorted({1 + int((i + slot.seed % 997 / 997) * possible[n] / kept[n]) for i in range(kept[n])})
        for n, slot in enumerate(slots)
    ]
