"""How far a probability moved, in points, in log-odds, and against its own unrest."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

Number = Decimal | float

#: Grid of a market that does not say its own, in dollars.
TICK = 0.01
#: A standard deviation needs this many hourly changes.
OBSERVATIONS_MIN = 24


def log_odds(probability: Number, tick_dollars: Number | None = None) -> float:
    """Return the log-odds of a probability, clipped to half a tick from 0 and 1, where it would be infinite.

    Formula: L = ln(p / (1 − p)), p clipped to [tick/2, 1 − tick/2]
    Unit: natural log-odds
    Source: Logit: Berkson 1944, Journal of the American Statistical Association 39. A price is read as the mean
    belief: Wolfers and Zitzewitz 2006, NBER working paper 12200.
    Raises: ValueError if the probability is not between 0 and 1, or the tick not between 0 and 1.
    """
    tick = TICK if tick_dollars is None else float(tick_dollars)
    value = float(probability)
    if not 0 <= value <= 1:
        raise ValueError(f"no probability: {probability}")
    if not 0 < tick < 1:
        raise ValueError(f"no tick: {tick_dollars}")
    clipped = min(max(value, tick / 2), 1 - tick / 2)
    return math.log(clipped / (1 - clipped))


def change_pp(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    """Return a change of probability in percentage points; None where one of the two is missing, never 0.

    Formula: Δ = 100 × (p₁ − p₀)
    Unit: percentage points
    Excludes: Markets without a price at the start of the window are “n/a” and counted. Like is compared with like:
    middle with middle, trade with trade.
    Source: Definition; the exchange sends the prices of a day ago (`previous_yes_bid_dollars` and its neighbours),
    other windows come from stored quotes and candlesticks.
    """
    return None if now is None or then is None else 100 * (now - then)


def change_log_odds(now: Number | None, then: Number | None, tick_dollars: Number | None = None) -> float | None:
    """Return a change of log-odds; None where one of the two is missing.

    Formula: ΔL = L(p₁) − L(p₀)
    Unit: natural log-odds; from 1¢ to 2¢ it is +0.70, from 50¢ to 51¢ +0.04
    Excludes: As the change in points.
    Source: Wolfers and Zitzewitz 2006, NBER working paper 12200; log-odds as in `log_odds`.
    Raises: ValueError as `log_odds`.
    """
    return None if now is None or then is None else log_odds(now, tick_dollars) - log_odds(then, tick_dollars)


def hourly_deviation(probabilities: Sequence[Number | None], tick_dollars: Number | None = None) -> float | None:
    """Return the standard deviation of hourly changes of log-odds; None with fewer than 24 changes.

    Formula: σ = √(Σ(ΔLᵢ − mean)² / (n − 1)) over hours i that have a price, as has the hour before
    Where: probabilities are one an hour in order of time, None for an hour without.
    Unit: natural log-odds per square root of an hour
    Excludes: Fewer than 24 hourly changes: no deviation, and so no z.
    Source: Sample standard deviation; hourly candlesticks of the seven days before.
    Raises: ValueError as `log_odds`.
    """
    levels = [None if chance is None else log_odds(chance, tick_dollars) for chance in probabilities]
    pairs = pairwise(levels)
    changes = [after - before for before, after in pairs if before is not None and after is not None]
    return statistics.stdev(changes) if len(changes) >= OBSERVATIONS_MIN else None


def z_score(change: float | None, deviation: float | None, hours: float) -> float | None:
    """Return how many of its own standard deviations a probability moved; None where one of the two is missing.

    Formula: z = ΔL / (σ × √h)
    Where: σ standard deviation of hourly ΔL over the seven days before; h hours of the window.
    Unit: standard deviations
    Excludes: Fewer than 24 hourly changes, and a price that has not moved at all in a week.
    Source: Standard score with the square-root-of-time rule for a martingale in log-odds.
    Raises: ValueError if the hours are not positive.
    """
    if not hours > 0:
        raise ValueError(f"no window: {hours} hours")
    if change is None or deviation is None or deviation == 0:
        return None
    return change / (deviation * math.sqrt(hours))
