"""Favourites: what they cost, what they pay, and what that is a year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.analytics import returns

D = Decimal
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_favourite_by_hand() -> None:
    """100 contracts at 95¢: 0.07 x 100 x 0.95 x 0.05 = 0.3325, rounded up 0.34; each costs 95.34¢ and wins 4.66¢."""
    cost = returns.net_cost_dollars(D("0.95"), D("0.34"), D(100))
    assert cost == D("0.9534")
    gain = returns.return_if_right(cost)
    assert float(gain) == pytest.approx(0.0466 / 0.9534)
    assert returns.break_even_probability(cost) == cost
    assert returns.simple_annual_return(gain, 36.5) == pytest.approx(10 * 0.0466 / 0.9534)
    assert returns.compound_annual_return(gain, 36.5) == pytest.approx((1 / 0.9534) ** 10 - 1)


def test_a_fee_can_eat_the_gain() -> None:
    gain = returns.return_if_right(returns.net_cost_dollars(D("0.99"), D("0.02"), D(1)))
    assert gain < 0
    assert returns.simple_annual_return(gain, 10) < 0
    assert -1 < returns.compound_annual_return(gain, 10) < 0


def test_compound_is_cut_at_a_thousand_percent_and_never_overflows() -> None:
    assert returns.compound_annual_return(D("0.05"), 1) == returns.COMPOUND_CAP
    assert returns.compound_annual_return(D("0.1"), 1e-9) == returns.COMPOUND_CAP
    assert returns.compound_annual_return(D("0.01"), 365) == pytest.approx(0.01)


def test_days_run_to_the_settlement_not_the_close() -> None:
    assert returns.days_to_settlement(NOW + timedelta(days=2), 43_200, NOW) == pytest.approx(2.5)
    assert returns.days_to_settlement(NOW + timedelta(days=2), None, NOW) == pytest.approx(2)
    assert returns.days_to_settlement(NOW - timedelta(days=2), 60, NOW) == returns.DAYS_MIN


def test_what_is_no_cost_or_no_time_is_refused() -> None:
    for call in (
        lambda: returns.net_cost_dollars(D("0.9"), D(0), D(0)),
        lambda: returns.return_if_right(D(0)),
        lambda: returns.simple_annual_return(D("0.1"), 0),
        lambda: returns.compound_annual_return(D("0.1"), -1),
        lambda: returns.compound_annual_return(D(-1), 1),
    ):
        with pytest.raises(ValueError, match=r"^no "):
            call()


@given(st.decimals("0.01", "1.05", places=4), st.integers(1, 400))
def test_a_year_the_slow_way(cost: Decimal, days: int) -> None:
    gain = returns.return_if_right(cost)
    assert gain * cost + cost == pytest.approx(1)
    slow = min((1 / cost) ** (D(365) / days) - 1, D(returns.COMPOUND_CAP))  # of decimals even 1e730 is one
    assert returns.compound_annual_return(gain, days) == pytest.approx(float(slow), rel=1e-6, abs=1e-9)
    assert returns.simple_annual_return(gain, days) == pytest.approx(float((1 - cost) / cost) / days * 365)
    chance = returns.break_even_probability(cost)
    assert chance * (1 - cost) + (1 - chance) * -cost == 0
