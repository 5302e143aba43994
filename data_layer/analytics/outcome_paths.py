"""The chances of an event's outcomes over time, laid side by side on the same moments, with gaps that stay gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: A quote stands on for this long without a candlestick, as in the chart of a market.
CARRIED_MS = 24 * 3_600_000.0


@dataclass(frozen=True)
class Quoted:
    """A present quote, no candlestick: when it was received and until when it stands (epoch ms), its chance (0–1)."""

    time: float
    until: float
    chance: float


@dataclass(frozen=True)
class Candles:
    """One outcome's candlesticks, ascending: ends (epoch ms), chance at the begin and at the end of each (0–1, NaN).

    `now` is what is quoted at present: one more thing seen where it is newer than the last candlestick. Over a gap
    longer than `carried_ms` nothing is known.
    """

    ends: Numbers
    openings: Numbers
    closes: Numbers
    now: Quoted | None = None
    carried_ms: float = CARRIED_MS

    @property
    def ends_in_quote(self) -> bool:
        """Whether the last thing seen is the present quote."""
        return self.now is not None and (not len(self.ends) or self.now.time > self.ends[-1])


@dataclass(frozen=True)
class Paths:
    """Chances of several outcomes at the same moments, each array of the shape (moments, outcomes), NaN for nothing.

    `times` are epoch ms, ascending; a value stands until the next moment. `seen` is what candlesticks said, `carried`
    what is carried over a gap of at most 24 hours, both with the moment they end at; `standing` is what is known at
    the moment. `ends` tells the moments at which a candlestick of some outcome ended.
    """

    times: Numbers
    seen: Numbers
    carried: Numbers
    standing: Numbers
    ends: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))


def side_by_side(outcomes: Sequence[Candles], period_ms: float, also: Sequence[float] = ()) -> Paths:
    """Lay candlesticks of `period_ms` side by side; nothing before the first or after the last of an outcome.

    `also` are further moments (epoch ms) whose values are wanted.

    Formula: A quote stands until the next candlestick; over a gap of at most 24 hours it is carried, over a longer
    one nothing is known. A line ends in the present quote where that is newer than the last finished candlestick.
    Unit: probability, 0 to 1
    Excludes: Everything before the first candlestick of an outcome, and after its last one or its present quote.
    Source: Candlesticks of the exchange are sparse: a period in which nothing changed has none.
    """
    spans = [_Spans(candles, period_ms) for candles in outcomes]
    moments = [span.moments() for span in spans]
    times = np.unique(np.concatenate([*moments, np.asarray(also, dtype=np.float64)])) if moments else np.zeros(0)
    shape = (len(times), len(spans))
    seen, carried, standing = (np.full(shape, np.nan) for _ in range(3))
    for column, span in enumerate(spans):
        seen[:, column], carried[:, column], standing[:, column] = span.at(times)
    ends = np.isin(times, np.concatenate([span.ends for span in spans])) if spans else np.zeros(0, dtype=bool)
    return Paths(times, seen, carried, standing, ends)


class _Spans:
    """One outcome's candlesticks as spans of time, and the gaps before them."""

    def __init__(self, candles: Candles, period_ms: float) -> None:
        ends, closes = candles.ends, candles.closes
        starts, openings = ends - period_ms, np.where(np.isnan(candles.openings), closes, candles.openings)
        if candles.now is not None and candles.ends_in_quote:
            ends, starts = np.append(ends, candles.now.until), np.append(starts, candles.now.time)
            closes, openings = (np.append(values, candles.now.chance) for values in (closes, openings))
        self.ends, self.closes, self.openings = ends, closes, openings
        gap = np.full(len(ends), np.inf)
        gap[1:] = starts[1:] - ends[:-1]
        joined = gap <= period_ms / 2
        if candles.ends_in_quote:
            joined[-1] = False  # what stood before it is carried up to it, however close it is
        self.bridged = ~joined & (gap <= candles.carried_ms) & np.isfinite(gap)
        self.after_gap = ~joined
        #: A candlestick that follows on its predecessor begins where that one ended (days have 23 to 25 hours).
        self.starts = np.where(joined, np.append(-np.inf, ends[:-1]), starts) if len(ends) else starts

    def moments(self) -> Numbers:
        """Return when something begins or ends, and a moment inside each gap and each candlestick after one.

        The moments inside keep what lies apart from being joined by a line.
        """
        first = np.flatnonzero(self.after_gap)
        later = first[first > 0]
        inside = [(self.starts[first] + self.ends[first]) / 2, (self.ends[later - 1] + self.starts[later]) / 2]
        return np.concatenate([self.ends, self.starts[first], *inside])

    def at(self, times: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Return what was seen, what is carried, and what stands at some moments."""
        nothing = np.full(len(times), np.nan)
        if not len(self.ends):
            return nothing, nothing.copy(), nothing.copy()
        last = len(self.ends) - 1
        ended = np.searchsorted(self.ends, times, side="right") - 1
        running = np.minimum(ended + 1, last)
        is_running = (ended < last) & (times >= self.starts[running])
        before = self.closes[np.maximum(ended, 0)]
        opened = np.where(self.after_gap[running], self.openings[running], before)
        has_ended = (ended >= 0) & (times == self.ends[np.maximum(ended, 0)])
        seen = np.where(is_running, opened, np.where(has_ended, before, np.nan))
        in_gap = (ended >= 0) & (ended < last) & ~is_running & self.bridged[running]
        carried = np.where(in_gap, before, np.nan)
        # A carried quote ends where the next candlestick begins.
        begun = np.minimum(np.searchsorted(self.starts, times, side="left"), last)
        ends_here = (times == self.starts[begun]) & self.bridged[begun]
        carried = np.where(ends_here, self.closes[np.maximum(begun - 1, 0)], carried)
        return seen, carried, np.where(np.isnan(seen), np.where(in_gap, before, np.nan), seen)


def exponents(standing: Numbers, complete: Flags, method: str) -> tuple[Numbers, Numbers]:
    """Return exponent and factor that make the chances of each moment sum to one: q = factor · m ^ exponent.

    `method` is ``proportional`` or ``power``; NaN where a moment is not `complete` or has no chance above 0.

    Formula: As `normalisation.proportional` and `normalisation.power`, for many moments at once.
    Unit: none, none
    Source: Clarke, Kovalchik and Ingram 2017, American Journal of Sports Science 5.
    """
    values = np.where(np.isnan(standing), 0.0, standing)
    exponent = np.where(complete & (values > 0).any(axis=1), 1.0, np.nan)
    if method == "power":
        solvable = complete & ((values > 0).sum(axis=1) >= 2) & (values.max(axis=1, initial=0.0) < 1)
        exponent[solvable] = _powers(values[solvable])
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = np.where(values > 0, values ** exponent[:, None], 0.0).sum(axis=1)
        return exponent, np.where(np.isnan(exponent), np.nan, 1.0 / sums)


def _powers(values: Numbers) -> Numbers:
    """Return for each row the power that makes it sum to one, by bisection; its values are below 1, two above 0."""

    def sums(power: Numbers) -> Numbers:
        return np.where(values > 0, values ** power[:, None], 0.0).sum(axis=1)

    low, high = np.zeros(len(values)), np.ones(len(values))
    while (short := sums(high) > 1).any():
        low, high = np.where(short, high, low), np.where(short, high * 2, high)
    for _ in range(60):
        middle = (low + high) / 2
        above = sums(middle) > 1
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return high


def normalised(values: Numbers, exponent: Numbers, factor: Numbers) -> Numbers:
    """Return chances as `exponents` makes them; NaN stays, and where a moment has no exponent everything is NaN."""
    powered: Numbers = factor[:, None] * values ** exponent[:, None]
    return powered
