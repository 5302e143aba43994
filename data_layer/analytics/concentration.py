"""How trading is shared out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

Number = Decimal | float


def shares(amounts: Sequence[Number]) -> list[float]:
    """Return each amount over the whole, in the same order; all zero where the whole is.

    Formula: sᵢ = xᵢ / Σx
    Unit: share, sum 1
    Excludes: Combinations are not in the universe, and so in no share.
    Source: Definition; contracts, estimated dollars or open interest by category of the series.
    Raises: ValueError if an amount is negative or no number.
    """
    values = [float(amount) for amount in amounts]
    if not all(0 <= value < math.inf for value in values):
        raise ValueError("an amount is negative or no number")
    largest = max(values, default=0.0)
    if not largest:
        return [0.0 for _ in values]
    # By the largest first: neither does a sum overflow, nor does a tiny one vanish.
    scaled = [value / largest for value in values]
    whole = math.fsum(scaled)
    return [value / whole for value in scaled]


def herfindahl(amounts: Sequence[Number]) -> float | None:
    """Return the Herfindahl–Hirschman index of amounts; None where there is nothing to share.

    Formula: HHI = Σ sᵢ²
    Where: s shares of the whole.
    Unit: 0 to 1; 1 over n where n parts are equal, 1 where one has it all
    Excludes: Parts without trading add nothing.
    Source: Hirschman 1964, The Paternity of an Index, American Economic Review 54; times 10,000 it is the index of
    the US Merger Guidelines.
    Raises: ValueError as `shares`.
    """
    parts = shares(amounts)
    return math.fsum(part * part for part in parts) if any(parts) else None


def effective_parts(amounts: Sequence[Number]) -> float | None:
    """Return how many equal parts would be as concentrated; None where there is nothing to share.

    Formula: 1 / HHI
    Unit: parts
    Source: Adelman 1969, Comment on the “H” Concentration Measure as a Numbers-Equivalent, Review of Economics and
    Statistics 51.
    Raises: ValueError as `shares`.
    """
    index = herfindahl(amounts)
    return None if index is None else 1 / index
