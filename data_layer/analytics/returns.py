"""What a favourite pays if it wins, net of fees, and how soon."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import Decimal

DAYS_A_YEAR = 365
#: Compound annual returns are not shown above this: 1,000 %.
COMPOUND_CAP = 10.0
#: Time to settlement is not taken for less than this: an hour, in days.
DAYS_MIN = 1 / 24


def net_cost_dollars(ask_dollars: Decimal, fee_dollars: Decimal, contracts: Decimal) -> Decimal:
    """Return what one contract costs, fee included, for an order of so many contracts.

    Formula: k = ask + fee / C
    Where: the fee is the taker's for the whole order, which is rounded up once; C contracts of the order.
    Unit: dollars per contract
    Excludes: Series whose fee is not published have no net cost.
    Source: Kalshi fee schedule; the ask of NO is 1 − the bid of YES, for both are one book.
    Raises: ValueError if there are no contracts.
    """
    if not contracts > 0:
        raise ValueError(f"no contracts: {contracts}")
    return ask_dollars + fee_dollars / contracts


def return_if_right(net_cost: Decimal) -> Decimal:
    """Return the gain of a contract that pays one dollar, over what it cost; negative where the fee eats it.

    Formula: r = (1 − k) / k
    Where: k net cost.
    Unit: share of what was paid
    Excludes: It is the return if the side wins, not what is to be expected: at the break-even probability that is 0.
    Source: Definition; a contract pays one dollar.
    Raises: ValueError if the cost is not positive.
    """
    if not net_cost > 0:
        raise ValueError(f"no cost: {net_cost}")
    return (1 - net_cost) / net_cost


def break_even_probability(net_cost: Decimal) -> Decimal:
    """Return how likely the side must be to win so that nothing is lost on average; above 1 it cannot be.

    Formula: p = k
    Where: k net cost.
    Unit: probability
    Source: p × 1 dollar − k = 0.
    """
    return net_cost


def days_to_settlement(expected: datetime, settlement_timer_seconds: int | None, now: datetime) -> float:
    """Return the days until the money is expected back, at least an hour.

    Formula: T = (expected expiration + settlement timer − now) / 1 day
    Unit: days
    Excludes: Markets that say no expected expiration have no T. Past its expectation a market counts as an hour away.
    Source: `expected_expiration_time` and `settlement_timer_seconds` of a market: cash arrives at settlement, not at
    the close.
    """
    span = expected + timedelta(seconds=settlement_timer_seconds or 0) - now
    return max(span / timedelta(days=1), DAYS_MIN)


def simple_annual_return(return_if_right: Decimal | float, days: float) -> float:
    """Return a gain scaled to a year without reinvestment.

    Formula: r × 365 / T
    Where: r return if right; T days to settlement.
    Unit: share a year
    Excludes: It supposes that the same offer can be had again and again, and wins each time.
    Source: Simple interest, actual/365.
    Raises: ValueError if the days are not positive.
    """
    return float(return_if_right) * DAYS_A_YEAR / _positive(days)


def compound_annual_return(return_if_right: Decimal | float, days: float) -> float:
    """Return a gain scaled to a year with reinvestment, at most 10 (1,000 %).

    Formula: min((1 + r)^(365/T) − 1, 10)
    Where: r return if right; T days to settlement.
    Unit: share a year
    Excludes: As the simple return; above 1,000 % the number says nothing and is cut.
    Source: Compound interest, actual/365.
    Raises: ValueError if the days are not positive, or more than all is lost.
    """
    if not return_if_right > -1:
        raise ValueError(f"no return: {return_if_right}")
    # In logarithms: a favourite that settles within the hour overflows otherwise.
    growth = math.log1p(float(return_if_right)) * DAYS_A_YEAR / _positive(days)
    return COMPOUND_CAP if growth >= math.log1p(COMPOUND_CAP) else math.expm1(growth)


def _positive(days: float) -> float:
    if not days > 0:
        raise ValueError(f"no time: {days} days")
    return days
