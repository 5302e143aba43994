"""The world's laws: martingales that end where the market settles, ladders, exclusive sums, grids, a census."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from data_layer.demo import World
from data_layer.demo.columns import NO, SCALAR, YES
from data_layer.demo.paths import brownian_at
from data_layer.demo.quotes import NO_ASK, NO_BID, fair, moments, on_grid_above, on_grid_below, quotes_at, ticks_at
from data_layer.demo.world import ACTIVE, FINALIZED, STATUSES

NOW = 1_795_366_800.25


def fair_at(world: World, rows: np.ndarray, tick: np.ndarray) -> np.ndarray:
    return fair(world.columns, rows, tick, brownian_at(world.columns.life(rows), tick))


@pytest.fixture(scope="module")
def many() -> World:
    return World(markets=6000, settled=6000, seed=2, clock=lambda: NOW)


def payout(world: World, rows: np.ndarray) -> np.ndarray:
    return np.choose(world.columns.result[rows], [0.0, 1.0, 0.5])


def test_prices_end_where_the_market_settles(many):
    c = many.columns
    rows = np.arange(c.rows)
    late = fair_at(many, rows, c.trade_ticks)
    assert (late == payout(many, rows)).all()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 0.97])
def test_prices_are_martingales_whose_chances_come_true(many, share):
    """In every band of price the share of markets that pay is that price, at any time of life."""
    c = many.columns
    rows = np.arange(c.rows)
    price = fair_at(many, rows, (c.trade_ticks * share).astype(np.int64))
    paid = payout(many, rows)
    for low in np.arange(0, 1, 0.2):
        band = (price >= low) & (price < low + 0.2)
        # markets of one event settle together, so count events, not markets, for the error
        events = len(np.unique(c.event[band]))
        assert paid[band].mean() == pytest.approx(price[band].mean(), abs=4 * 0.5 / np.sqrt(events))


def test_a_later_price_is_expected_to_be_the_earlier_one(many):
    c = many.columns
    rows = np.arange(c.rows)
    early, late = (fair_at(many, rows, (c.trade_ticks * share).astype(np.int64)) for share in (0.4, 0.6))
    by_event = np.bincount(c.event[rows], late - early)
    assert abs(by_event.mean()) < 4 * by_event.std() / np.sqrt(len(by_event))
    assert (np.abs(late - early) > 0.001).mean() > 0.5  # and they do move


def test_ladders_are_monotone_at_any_time(many):
    checked = 0
    for event in many.events:
        if event.family.shape not in ("ladder", "deadlines"):
            continue
        rows = np.arange(event.first, event.first + len(event.legs))
        for share in (0.2, 0.9):
            at = event.opens + share * event.slot.length
            price = fair_at(many, rows, ticks_at(many.columns, rows, at))
            if event.family.shape == "deadlines":
                alive = at < many.columns.ends[rows]
                assert (np.diff(price[alive]) >= -1e-9).all(), event.ticker
            elif event.legs[0].strike_type == "less":
                assert (np.diff(price) >= -1e-9).all(), event.ticker
            else:
                assert (np.diff(price) <= 1e-9).all(), event.ticker
            checked += 1
    assert checked > 300


def test_exclusive_outcomes_sum_to_one_and_asks_to_more(many):
    gaps, checked = [], 0
    for event in many.events:
        if not event.exclusive or event.ends < NOW or event.opens > NOW:
            continue
        rows = np.arange(event.first, event.first + len(event.legs))
        tick = ticks_at(many.columns, rows, NOW)
        path = brownian_at(many.columns.life(rows), tick)
        total = fair(many.columns, rows, tick, path).sum()
        assert total <= 1 + 1e-9, event.ticker
        gaps.append(1 - total)
        _, ask = quotes_at(many.columns, rows, tick, path)
        if (ask < NO_ASK).all() and total > 0.98:
            assert ask.sum() >= 1000, event.ticker
        checked += 1
    assert checked > 100
    assert np.median(gaps) < 0.05  # lists need not be exhaustive, but most nearly are


def test_at_most_one_outcome_of_an_exclusive_event_pays(many):
    for event in many.events:
        if event.exclusive:
            results = many.columns.result[event.first : event.first + len(event.legs)]
            assert (results == YES).sum() <= 1
            assert (results == SCALAR).sum() in (0, 2)  # a tie pays half to both


def test_quotes_lie_on_the_grid_and_about_the_fair_price(many):
    c = many.columns
    rows = np.arange(c.rows)
    moment = moments(c, rows, [NOW])[0]
    price = 1000 * fair_at(many, rows, moment.tick)
    grid = c.grid[rows].astype(np.int64)
    for quote in (moment.bid, moment.ask):
        assert (on_grid_below(grid, quote.astype(float)) == quote).all()
        assert (on_grid_above(grid, quote.astype(float)) == quote).all()
    assert (moment.bid <= price + 1e-6).all()
    assert (moment.ask >= price - 1e-6).all()
    assert (moment.bid < moment.ask).all()
    assert set(np.unique(c.grid)) == {0, 1, 2}
    assert ((moment.bid_size > 0) == (moment.bid > NO_BID)).all()
    assert ((moment.ask_size > 0) == (moment.ask < NO_ASK)).all()


def test_one_seed_is_one_world_and_another_is_another(world):
    again = World(markets=1500, settled=2500, seed=5, clock=lambda: NOW)
    other = World(markets=1500, settled=2500, seed=6, clock=lambda: NOW)
    assert again.tickers == world.tickers
    rows = np.arange(world.columns.rows)
    one, two = (moments(w.columns, rows, [NOW])[0] for w in (world, again))
    assert (one.bid == two.bid).all()
    assert (one.volume == two.volume).all()
    assert (again.columns.result == world.columns.result).all()
    assert other.tickers != world.tickers


def test_a_world_started_later_is_the_same_world():
    early = World(markets=600, settled=600, seed=9, clock=lambda: NOW)
    late = World(markets=600, settled=600, seed=9, clock=lambda: NOW + 7200)
    shared = [name for name in early.tickers if name in late.market_rows]
    live = [name for name in shared if early.columns.ends[early.market_rows[name]] > NOW + 7200]
    assert len(live) > 500
    ours, theirs = (np.array([w.market_rows[name] for name in live]) for w in (early, late))
    one, two = moments(early.columns, ours, [NOW + 7200])[0], moments(late.columns, theirs, [NOW + 7200])[0]
    assert (one.bid == two.bid).all()
    assert (one.volume == two.volume).all()


def test_it_looks_like_the_census(many):
    status = many.status(NOW)
    seen = many.visible(NOW)
    active = np.flatnonzero((status == ACTIVE) & seen)
    assert len(active) == pytest.approx(6000, rel=0.05)
    assert ((status == FINALIZED) & seen).sum() >= 6000
    now, day_ago = moments(many.columns, active, [NOW, NOW - 86400])
    traded, quoted = now.volume > 0, (now.bid > NO_BID) & (now.ask < NO_ASK)
    assert traded.mean() == pytest.approx(0.56, abs=0.08)
    assert (now.volume > day_ago.volume).mean() == pytest.approx(0.20, abs=0.10)
    assert quoted.mean() == pytest.approx(0.65, abs=0.10)
    assert (now.volume == 0).any()
    assert ((now.bid == NO_BID) & (now.ask == NO_ASK)).any()
    volume = np.sort(now.volume[traded])[::-1]
    assert volume[: len(volume) // 20].sum() > 0.6 * volume.sum()  # heavy-tailed
    open_events = [event for event in many.events if event.opens <= NOW < event.ends]
    sizes = np.array([len(event.legs) for event in open_events])
    assert sizes.max() == 400
    assert sizes.mean() == pytest.approx(7.7, rel=0.4)
    by_category = Counter(event.family.category for event in open_events)
    assert by_category["Sports"] > by_category["Elections"] > by_category["Crypto"]
    assert len(by_category) >= 14
    shares = {slot.series_ticker for slot in many.slots}
    assert len(many.series) > len(shares)  # most series have no open event


def test_history_is_spread_over_the_year_and_both_tiers(many):
    settled = many.columns.settled[many.visible(NOW) & (many.status(NOW) == FINALIZED)]
    age = (NOW - settled) / 86400
    months = np.histogram(age, bins=np.arange(0, 361, 30))[0]
    assert (months > 60).all()
    assert many.archived(NOW)[many.visible(NOW)].sum() > 3000
    assert (age < 75).sum() > 500


def test_every_status_word_and_every_result_occurs(many):
    c = many.columns
    assert {NO, YES, SCALAR} <= set(c.result.tolist())
    found: set[str] = set()
    disputed = int(np.flatnonzero(c.disputed)[0])
    stuck = np.array([disputed])
    for at in np.linspace(c.created[disputed], c.settled[disputed] + 1, 4000):
        found.add(STATUSES[int(many.status(at, stuck)[0])])
    assert {"initialized", "active", "closed", "determined", "disputed", "amended", "finalized"} <= found
    assert "inactive" in {STATUSES[s] for s in many.status(NOW)}


def test_settled_legs_lie_inside_open_events(many):
    c = many.columns
    open_events = many.event_status(NOW)[c.event] == 1
    assert ((many.status(NOW) == FINALIZED) & open_events).sum() > 5


@pytest.mark.slow
def test_a_hundred_and_fifty_thousand_markets_are_a_world_too():
    world = World(markets=150_000, settled=20_000, seed=1, clock=lambda: NOW)
    active = np.flatnonzero(world.status(NOW) == ACTIVE)
    assert len(active) == pytest.approx(150_000, rel=0.05)
    assert len(world.series) == 15_000
    assert len({slot.series_ticker for slot in world.slots}) == pytest.approx(3_100, rel=0.15)
    assert len(set(world.tickers)) == len(world.tickers)
