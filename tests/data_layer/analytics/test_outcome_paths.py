"""Chances of several outcomes side by side: nothing is invented where nothing was seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.analytics import normalisation
from data_layer.analytics.outcome_paths import Candles, Quoted, exponents, normalised, side_by_side

HOUR = 3_600_000.0
NAN = math.nan


def candles(hours, closes=None, openings=None, **more):
    n = len(hours)
    closes, openings = closes or [0.5] * n, openings or [NAN] * n
    return Candles(np.array(hours) * HOUR, np.array(openings), np.array(closes), **more)


def at(paths, hour, column=0):
    (row,) = np.flatnonzero(paths.times == hour * HOUR)
    return tuple(None if math.isnan(a[row, column]) else float(a[row, column]) for a in (paths.seen, paths.carried))


def test_neighbours_are_seen_from_the_begin_of_the_first_to_the_end_of_the_last():
    paths = side_by_side([candles([1, 2, 3], [0.2, 0.3, 0.4], [0.1, NAN, NAN])], HOUR)
    assert [at(paths, hour)[0] for hour in (0, 1, 2, 3)] == [0.1, 0.2, 0.3, 0.4]
    assert np.isnan(paths.carried).all()


def test_a_short_gap_is_carried_a_long_one_is_empty():
    paths = side_by_side([candles([1, 10, 60], [0.2, 0.3, 0.4])], HOUR)
    assert at(paths, 1) == (0.2, 0.2)  # what was seen ends here, what is carried begins
    assert at(paths, 5) == (None, 0.2)
    assert at(paths, 9) == (0.3, 0.2)  # … and ends where the next candlestick begins
    assert at(paths, 10) == (0.3, None)
    assert at(paths, 34.5) == (None, None)
    assert at(paths, 59) == (0.4, None)


def test_nothing_before_the_first_and_after_the_last_of_each():
    paths = side_by_side([candles([1, 2, 3, 4]), candles([3])], HOUR)
    assert at(paths, 1, 1) == (None, None)
    assert at(paths, 2, 1)[0] == 0.5
    assert at(paths, 4, 1) == (None, None)


def test_what_is_quoted_now_is_one_more_thing_seen():
    paths = side_by_side([candles([1], [0.2], now=Quoted(5 * HOUR, 5 * HOUR, 0.6)), candles([5])], HOUR)
    assert at(paths, 5) == (0.6, 0.2)
    older = side_by_side([candles([6], [0.2], now=Quoted(5 * HOUR, 5 * HOUR, 0.6))], HOUR)
    assert older.times[-1] == 6 * HOUR


def test_a_present_quote_stands_until_it_is_said_to_and_is_never_joined_to_a_candlestick():
    """What stood before is carried up to the quote however close it is, and nothing is carried over a long gap."""
    near = side_by_side([candles([1], [0.2], now=Quoted(1.25 * HOUR, 3 * HOUR, 0.6))], HOUR)
    assert at(near, 1.25) == (0.6, 0.2)
    assert at(near, 3) == (0.6, None)
    far = side_by_side([candles([1], [0.2], now=Quoted(26 * HOUR, 26 * HOUR, 0.6))], HOUR)
    assert at(far, 26) == (0.6, None)
    assert np.isnan(far.carried).all()


def test_days_of_23_and_25_hours_are_neighbours():
    paths = side_by_side([candles([24, 47, 72], [0.2, 0.3, 0.4])], 24 * HOUR)
    assert np.isnan(paths.carried).all()
    assert at(paths, 47)[0] == 0.3


@given(
    st.lists(st.lists(st.integers(0, 80), min_size=1, max_size=12, unique=True).map(sorted), min_size=1, max_size=3),
    st.integers(0, 160),
)
def test_it_says_the_same_as_a_slow_reading_of_the_candlesticks(outcomes, half_hours):
    """Walk over the candlesticks of each outcome at one moment, as a person would."""
    moment = half_hours / 2
    given_ = [candles(hours, [0.01 * (n + 1) for n in range(len(hours))]) for hours in outcomes]
    given_.append(candles([0.25 + moment - 0.25]))  # so that the moment is one that is looked at
    paths = side_by_side(given_, HOUR)
    for column, hours in enumerate(outcomes):
        seen = carried = None
        for n, end in enumerate(hours):
            begin, value = end - 1, 0.01 * (n + 1)
            gap = math.inf if n == 0 else begin - hours[n - 1]
            if moment == end:
                seen = value
            elif begin <= moment < end:
                seen = value if gap > 0.5 else 0.01 * n
            if n and 0.5 < gap <= 24 and hours[n - 1] <= moment <= begin:
                carried = 0.01 * n
        assert at(paths, moment, column) == (pytest.approx(seen), pytest.approx(carried))


@given(st.lists(st.lists(st.integers(1, 99), min_size=3, max_size=3), min_size=1, max_size=4))
def test_many_moments_are_normalised_as_one_is(rows):
    values = np.array(rows) / 100
    whole = np.ones(len(rows), dtype=bool)
    for method, one in (("proportional", normalisation.proportional), ("power", normalisation.power)):
        found = normalised(values, *exponents(values, whole, method))
        for row, expected in zip(found, (one(list(value)) for value in values), strict=True):
            assert row == pytest.approx(expected, abs=1e-9)


def test_a_moment_that_is_not_complete_has_no_normalised_chance():
    values = np.array([[0.5, 0.3], [0.5, NAN], [0.0, 0.0]])
    found = normalised(values, *exponents(values, np.array([True, False, True]), "power"))
    assert found[0].sum() == pytest.approx(1)
    assert np.isnan(found[1:]).all()
