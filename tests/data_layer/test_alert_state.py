"""What rules look at, out of a lake: chances, spreads and moves that are known, and null for all that is not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa

from data_layer.alert_questions import METRICS, Condition
from data_layer.questions import MarketFilter
from tests.data_layer.wire_samples import market
from tests.data_layer.world import World

A, B = "KXTEST-27JAN15-A", "KXTEST-27JAN15-B"


def priced(ticker: str, bid: str, ask: str, **more):
    return market(ticker, yes_bid_dollars=bid, yes_ask_dollars=ask, **more)


def state(world: World, metrics=METRICS) -> dict[str, dict]:
    now = datetime.fromtimestamp(world.now, UTC)
    return {row["ticker"]: row for row in world.repository.alert_state(metrics, now).to_pylist()}


def test_a_move_is_counted_from_what_stood_then_and_only_beyond_the_spread(world: World):
    world.crawl(priced(A, "0.4000", "0.4200"), priced(B, "0.4000", "0.4200"))
    for _ in range(4):
        world.tick(900)
        world.crawl(priced(A, "0.4000", "0.4200"), priced(B, "0.4000", "0.4200"))
    world.tick(300)
    world.watch(priced(A, "0.5500", "0.5700"), priced(B, "0.4000", "0.4400"))
    rows = state(world)
    assert (rows[A]["price"], rows[A]["spread"]) == (Decimal("56.00000"), Decimal("2.00000"))
    assert rows[A]["move_1"] == Decimal("15.00000")
    assert rows[B]["move_1"] is None, "the middle moved by half the spread: nothing but the spread"
    assert rows[A]["move_6"] is None, "the lake does not reach back"
    assert rows[A]["surge"] is None


def test_nothing_is_read_of_windows_that_no_rule_looks_at(world: World):
    world.crawl(priced(A, "0.4000", "0.4200"))
    world.tick(4000)
    world.crawl(priced(A, "0.6000", "0.6200"))
    assert state(world, ("price",))[A]["move_1"] is None
    assert not [q for q in world.repository.log.summary() if "alert_then" in str(q)]


def test_a_market_that_is_not_open_is_not_looked_at(world: World):
    world.crawl(priced(A, "0.4000", "0.4200"), priced(B, "0.4000", "0.4200", status="inactive"))
    assert set(state(world)) == {A}


def standing(world: World, *rules: Condition) -> list[tuple[int, int, int, int]]:
    now = datetime.fromtimestamp(world.now, UTC)
    found = world.repository.alert_standing(rules, world.repository.alert_state(METRICS, now), now)
    return [(item.rule_key, item.markets, item.unknown, item.beyond) for item in found]


def test_a_rule_knows_what_it_cannot_measure_yet_and_what_it_has_met(world: World):
    shut = priced("KXTEST-27JAN15-C", "0.4000", "0.4200", status="inactive")
    both = priced(A, "0.4000", "0.4200"), priced(B, "0.7000", "0.7200"), shut
    world.crawl(*both)
    rules = [
        Condition(1, "size_1", True, Decimal(3)),
        Condition(2, "move_1", False, Decimal(-3), tickers=(A, "KXNONE")),
        Condition(3, "surge", True, Decimal(3)),
        Condition(4, "price", True, Decimal(60)),
        Condition(5, "price", False, Decimal(60), tickers=(B,)),
        Condition(6, "price", True, Decimal(60), filter=MarketFilter(probability_max=Decimal("0.5"))),
        Condition(7, "price", True, Decimal(1), tickers=("KXNONE",)),
    ]
    assert standing(world, *rules) == [
        *[(1, 2, 2, 0), (2, 1, 1, 0), (3, 2, 2, 0), (4, 2, 0, 1), (5, 1, 0, 0), (6, 1, 0, 0)],
    ]
    for _ in range(4):
        world.tick(900)
        world.crawl(*both)
    world.tick(300)
    world.watch(priced(A, "0.4000", "0.4200"))
    assert standing(world, *rules[:2]) == [(1, 2, 0, 0), (2, 1, 0, 0)], "it did not move, and that is known"


def test_a_surge_is_known_where_days_of_volume_are_stored(world: World, monkeypatch):
    world.crawl(priced(A, "0.4000", "0.4200"), priced(B, "0.4000", "0.4200"))
    days = pa.table({"ticker": [A], "mean_daily_contracts": [500.0]})
    monkeypatch.setattr(world.repository, "_mean_days", lambda _view: (days, ()))
    assert standing(world, Condition(3, "surge", True, Decimal(3))) == [(3, 2, 1, 0)]


def test_hours_until_the_end_and_firings_come_from_the_same_lake(world: World):
    world.crawl(priced(A, "0.4000", "0.4200"), priced(B, "0.4000", "0.4200"))
    now = datetime.fromtimestamp(world.now, UTC)
    before = world.repository.alert_state(METRICS, now)
    world.tick(30)
    world.watch(priced(A, "0.6000", "0.6200"))
    later = datetime.fromtimestamp(world.now, UTC)
    after = world.repository.alert_state(METRICS, later)
    closing = state(world)[A]["closing"]
    expected = world.row(A)["expected_time"]
    assert abs(closing - Decimal((expected - later).total_seconds()) / 3600) < Decimal("0.001")
    rules = [Condition(7, "price", True, Decimal(60), tickers=(A, B)), Condition(8, "price", True, Decimal(62))]
    (found,) = world.repository.alert_firings(rules, after, before, [], later).to_pylist()
    assert (found["rule_key"], found["ticker"], found["value"]) == (7, A, Decimal("61.00000"))
    assert found["title"]
    assert found["quote_time"] == later
