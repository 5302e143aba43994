"""How much of a market's trading is recent, and at what price it traded."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

#: A surge compares with the mean day of this many days before, and needs a history of so many.
SURGE_DAYS, SURGE_DAYS_MIN = 7, 3


def percent_recent_volume(volume_24h_contracts: Decimal | None, volume_contracts: Decimal | None) -> Decimal | None:
    """Return the share of all trading that happened in the last 24 hours; None where nothing was ever traded.

    Formula: 100 × V₂₄ / V
    Where: V₂₄ contracts traded in the last 24 hours; V contracts traded since the market opened.
    Unit: percent
    Excludes: Markets that never traded.
    Source: Counts of the exchange: `volume_24h_fp` and `volume_fp` of a market.
    """
    if volume_24h_contracts is None or not volume_contracts:
        return None
    return 100 * volume_24h_contracts / volume_contracts


def surge(
    volume_24h_contracts: Decimal | None, prior_contracts: Decimal, days_seen: int, days: int = SURGE_DAYS
) -> Decimal | None:
    """Return how many mean days the last 24 hours were; None where the history is too short or nothing traded in it.

    Formula: V₂₄ / (Σ V of the days before / number of days)
    Where: the days are the seven US-Eastern days before, or as many of them as the market was open; a day without a
    trade counts as 0.
    Unit: times the mean day
    Excludes: Fewer than three days of history in the lake, and markets that did not trade in them: no surge is known.
    Source: Counts of the exchange: `volume_24h_fp` of a market, volumes of its hourly candlesticks.
    Raises: ValueError if there are fewer days than were seen.
    """
    if days_seen > days:
        raise ValueError(f"{days_seen} days seen of {days}")
    if volume_24h_contracts is None or days_seen < SURGE_DAYS_MIN or prior_contracts <= 0:
        return None
    return volume_24h_contracts * days / prior_contracts


def vwap_dollars(mean_dollars: Sequence[Decimal | None], contracts: Sequence[Decimal | None]) -> Decimal | None:
    """Return the volume-weighted average price of periods; None where nothing was traded.

    Formula: VWAP = Σ mean × V / Σ V over the hours with a trade
    Where: mean is the mean trade price of an hour, weighted by volume; V its contracts.
    Unit: dollars per contract
    Excludes: Hours without a trade. A day is a US-Eastern day; an hour belongs to the day of its last instant.
    Source: Hourly candlesticks of the exchange, `price.mean_dollars` and `volume_fp`; Berkowitz, Logue and
    Noser 1988, The Journal of Finance 43.
    Raises: ValueError if the two are not equally long.
    """
    traded = [
        (mean, volume)
        for mean, volume in zip(mean_dollars, contracts, strict=True)
        if mean is not None and volume is not None
    ]
    whole = sum((volume for _, volume in traded), Decimal(0))
    return sum((mean * volume for mean, volume in traded), Decimal(0)) / whole if whole else None
