"""Probabilities of exclusive outcomes that sum to one, from prices that do not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

Number = Decimal | float


def proportional(prices: Sequence[Number]) -> list[float]:
    """Return the prices of exclusive outcomes divided by their sum, in the same order.

    Formula: qᵢ = mᵢ / Σm
    Where: m are the middles of bid and ask of the outcomes.
    Unit: probability, sum 1
    Excludes: Events whose outcomes do not exclude each other, and events with an outcome that has no price. It is
    assumed that one of the outcomes comes true, which the exchange does not state.
    Source: Clarke, Kovalchik and Ingram 2017, American Journal of Sports Science 5 (proportional, or multiplicative).
    Raises: ValueError if a price is not between 0 and 1, or all are 0.
    """
    values = _checked(prices)
    whole = math.fsum(values)
    return [value / whole for value in values]


def power(prices: Sequence[Number]) -> list[float]:
    """Return the prices of exclusive outcomes raised to the one power that makes them sum to one, in the same order.

    It takes more from long shots than from favourites, as their prices are known to be too high. Two outcomes or more
    need prices below 1; where a power cannot reach the sum (one price of 1, or a single price), it is `proportional`.

    Formula: qᵢ = mᵢᵏ, with k so that Σq = 1, found by bisection
    Where: m are the middles of bid and ask of the outcomes.
    Unit: probability, sum 1
    Excludes: As proportional normalisation.
    Source: Clarke, Kovalchik and Ingram 2017, American Journal of Sports Science 5 (power).
    Raises: ValueError if a price is not between 0 and 1, or all are 0.
    """
    values = _checked(prices)
    priced = [value for value in values if value > 0]
    if len(priced) < 2 or max(priced) >= 1:
        return proportional(values)
    low, high = 0.0, 1.0
    while math.fsum(value**high for value in priced) > 1:
        low, high = high, high * 2
    # The sum falls as the power grows; two hundred halvings end at neighbouring floats, whatever the prices.
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if math.fsum(value**middle for value in priced) > 1:
            low = middle
        else:
            high = middle
    # What the last bit of the exponent leaves is spread evenly, so that the sum is one.
    return proportional([value**high if value > 0 else 0.0 for value in values])


def method_gap(prices: Sequence[Number]) -> float:
    """Return the largest difference that the choice between the two methods makes to an outcome.

    Formula: max |q(proportional)ᵢ − q(power)ᵢ|
    Unit: probability
    Source: The two methods of Clarke, Kovalchik and Ingram 2017.
    Raises: ValueError as the methods do.
    """
    pairs = zip(proportional(prices), power(prices), strict=True)
    return max(abs(one - other) for one, other in pairs)


def _checked(prices: Sequence[Number]) -> list[float]:
    values = [float(price) for price in prices]
    if not all(0 <= value <= 1 for value in values):
        raise ValueError(f"not all are prices of a contract: {list(prices)}")
    if not any(values):
        raise ValueError("no outcome has a price")
    return values
