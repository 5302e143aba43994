"""Random access: whichever way a path is asked for, and in whatever order, it is one path."""

from __future__ import annotations

import numpy as np
import pytest

from data_layer.demo.columns import chance_to_number
from data_layer.demo.paths import (
    Life,
    brownian_at,
    brownian_over,
    final_value,
    tick_of_trade,
    traded_by,
    trades_over,
)
from data_layer.demo.quotes import phi
from data_layer.demo.randomness import normal_quantiles


def lives(count: int, longest: int = 5000, seed: int = 0) -> Life:
    drawn = np.random.default_rng(seed)
    ticks = drawn.integers(10, longest, count)
    trades = drawn.integers(0, 400, count)
    return Life(
        drawn.integers(0, 2**63, count).astype(np.uint64),
        ticks,
        np.maximum(ticks * 3 // 4, 1),
        np.full(count, 0.4),
        drawn.integers(0, 2**63, count).astype(np.uint64),
        np.maximum(ticks - drawn.integers(0, 5, count), 1),
        trades,
        trades * drawn.integers(1, 90, count),
    )


def test_a_range_and_its_single_ticks_are_the_same_path():
    life = lives(40)
    first, last = life.ticks // 3, life.ticks
    values, starts = brownian_over(life, first, last)
    for share in (0.0, 0.37, 0.99, 1.0):
        tick = first + ((last - first) * share).astype(np.int64)
        assert (values[starts[:-1] + tick - first] == brownian_at(life, tick)).all()


def test_the_path_begins_at_nothing_and_ends_at_the_value_that_decides():
    life = lives(50)
    assert (brownian_at(life, np.zeros(50, np.int64)) == 0).all()
    assert (brownian_at(life, life.ticks) == final_value(life)).all()


def test_increments_are_normal_with_the_variance_of_the_information_that_arrived():
    life = lives(4000, longest=600)
    early, late = life.ticks // 4, life.ticks // 2
    step = brownian_at(life, late) - brownian_at(life, early)
    score = step / np.sqrt(life.information(late) - life.information(early))
    assert abs(score.mean()) < 4 / np.sqrt(4000)
    assert score.std() == pytest.approx(1, abs=0.05)
    assert np.corrcoef(brownian_at(life, early), step)[0, 1] == pytest.approx(0, abs=0.06)


def test_volume_adds_up_at_every_scale():
    life = lives(200)
    cut = life.trade_ticks * 2 // 5
    trades_before, units_before = traded_by(life, cut)
    which, tick, trades, units = trades_over(life, np.zeros(200, np.int64), cut - 1)
    assert (np.bincount(which, trades, 200) == trades_before).all()
    assert (np.bincount(which, units, 200) == units_before).all()
    which, tick, trades, units = trades_over(life, np.zeros(200, np.int64), life.ticks)
    assert (np.bincount(which, trades, 200) == life.trades).all()
    assert (np.bincount(which, units, 200) == life.units).all()
    assert (units >= trades).all()
    assert (tick < life.trade_ticks[which]).all()


def test_the_last_trade_is_found_without_walking():
    life = lives(200)
    cut = life.trade_ticks * 3 // 5
    number, _ = traded_by(life, cut)
    which, tick, _, _ = trades_over(life, np.zeros(200, np.int64), cut - 1)
    latest = np.full(200, -1)
    np.maximum.at(latest, which, tick)
    assert (tick_of_trade(life, number) == latest).all()


def test_the_table_of_normal_numbers_has_mean_nought_and_variance_one():
    table = normal_quantiles()
    assert abs(table.mean()) < 1e-12
    assert abs((table**2).mean() - 1) < 1e-12
    assert (np.diff(table) >= 0).all()


def test_phi_keeps_its_digits_in_both_tails():
    known = {-8.0: 6.220960574e-16, -3.0: 1.349898032e-3, 0.0: 0.5, 1.0: 0.8413447461, 60.0: 1.0, -60.0: 0.0}
    assert phi(np.array(list(known))) == pytest.approx(list(known.values()), rel=3e-7, abs=1e-300)
    chances = np.array([0.001, 0.2, 0.5, 0.9])
    assert phi(chance_to_number(chances)) == pytest.approx(chances, abs=1e-4)
