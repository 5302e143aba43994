"""Changes in points, in log-odds and in deviations: vectors by hand, and a slow second way."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.analytics import odds

CHANCES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("chance", "tick", "expected"),
    [(0.5, None, 0.0), (0.9, None, math.log(9)), (Decimal("0.1"), None, -math.log(9)),
     (0.0, None, math.log(0.005 / 0.995)), (1.0, None, math.log(0.995 / 0.005)),
     (0.0, Decimal("0.001"), math.log(0.0005 / 0.9995)), (0.0001, None, math.log(0.005 / 0.995))],
)  # fmt: skip
def test_log_odds(chance: float, tick: float | None, expected: float) -> None:
    assert odds.log_odds(chance, tick) == pytest.approx(expected, abs=1e-12)


@given(CHANCES, st.sampled_from([None, 0.01, 0.001, 0.0001]))
def test_log_odds_are_finite_odd_and_undone_by_the_logistic_function(chance: float, tick: float | None) -> None:
    level = odds.log_odds(chance, tick)
    half = (tick or 0.01) / 2
    assert 1 / (1 + math.exp(-level)) == pytest.approx(min(max(chance, half), 1 - half), abs=1e-9)
    assert odds.log_odds(1 - chance, tick) == pytest.approx(-level, abs=1e-6)


def test_from_one_cent_to_two_is_a_point_and_seven_tenths() -> None:
    assert odds.change_pp(Decimal("0.02"), Decimal("0.01")) == Decimal("1.00")
    assert odds.change_log_odds(0.02, 0.01) == pytest.approx(0.7033, abs=1e-4)
    assert odds.change_log_odds(0.51, 0.50) == pytest.approx(0.0400, abs=1e-4)


def test_a_missing_side_is_no_change_and_not_zero() -> None:
    for now, then in ((None, Decimal("0.5")), (Decimal("0.5"), None), (None, None)):
        assert odds.change_pp(now, then) is None
        assert odds.change_log_odds(now, then) is None


@pytest.mark.parametrize("bad", [-0.01, 1.01, math.nan])
def test_no_probability_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="no probability"):
        odds.log_odds(bad)
    with pytest.raises(ValueError, match="no tick"):
        odds.log_odds(0.5, 0)


def test_a_deviation_needs_24_changes_between_neighbouring_hours() -> None:
    day = [0.5, 0.6] * 12
    assert odds.hourly_deviation(day) is None, "24 prices are 23 changes"
    step = math.log(0.6 / 0.4)
    assert odds.hourly_deviation([*day, 0.5]) == pytest.approx(math.sqrt(24 * step**2 / 23))
    assert odds.hourly_deviation([*day, None, 0.5]) is None, "over a gap there is no hourly change"


@given(st.lists(st.none() | CHANCES, max_size=60))
def test_deviation_the_slow_way(chances: list[float | None]) -> None:
    changes = []
    for hour in range(1, len(chances)):
        before, after = chances[hour - 1], chances[hour]
        if before is not None and after is not None:
            changes.append(odds.log_odds(after) - odds.log_odds(before))
    found = odds.hourly_deviation(chances)
    if len(changes) < 24:
        assert found is None
    else:
        mean = sum(changes) / len(changes)
        slow = (sum((change - mean) ** 2 for change in changes) / (len(changes) - 1)) ** 0.5
        assert found == pytest.approx(slow, abs=1e-9)


def test_z() -> None:
    assert odds.z_score(0.6, 0.1, 9) == pytest.approx(2.0)
    assert odds.z_score(-0.6, 0.1, 1) == pytest.approx(-6.0)
    assert odds.z_score(None, 0.1, 1) is odds.z_score(0.6, None, 1) is odds.z_score(0.6, 0.0, 1) is None
    with pytest.raises(ValueError, match="no window"):
        odds.z_score(0.6, 0.1, 0)
