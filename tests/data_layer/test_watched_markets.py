"""Named markets: open, over, settled and unknown ones, in the order they were named."""

from __future__ import annotations

from decimal import Decimal

from tests.data_layer.wire_samples import market
from tests.data_layer.world import World

A, B, C = (f"KXTEST-27JAN15-{letter}" for letter in "ABC")


def watched(world: World, *tickers: str):
    return world.repository.watched_markets(tickers).rows()


def test_markets_come_in_the_order_they_were_named_and_unknown_ones_are_missing(world: World):
    world.crawl(market(A), market(B), market(C))
    rows = watched(world, C, "KXNOPE-1", A, C)
    assert [row["ticker"] for row in rows] == [C, A]
    assert rows[1] | {"result": None, "settlement_time": None} == rows[1]
    assert {k: v for k, v in rows[1].items() if k in world.row(A)} == {
        k: v for k, v in world.row(A).items() if k in rows[1]
    }


def test_nothing_asked_is_nothing_answered_with_all_columns(world: World):
    world.crawl(market(A))
    answer = world.repository.watched_markets(())
    assert answer.table.num_rows == 0
    assert {"ticker", "probability", "result"} <= set(answer.table.column_names)


def test_a_settled_market_is_told_from_the_history_with_what_yes_paid(world: World):
    settled = market(B, status="finalized", result="yes", settlement_ts="2026-11-20T12:00:00Z")
    world.crawl(market(A), market(B))
    world.client.markets = [settled]
    world.seen(world.ingest.settled())
    first = watched(world, B, A)
    assert [row["ticker"] for row in first] == [B, A], "the last crawl still knows it as open: that is the newer word"
    world.tick(900)
    world.crawl(market(A))
    over, alive = watched(world, B, A)
    assert (over["ticker"], over["result"], over["settlement_value_dollars"]) == (B, "yes", Decimal(1))
    assert over["probability"] is None
    assert over["settlement_time"] is not None
    assert alive["probability"] is not None


def test_a_market_that_is_over_but_not_yet_in_the_history_stays_in_the_list(world: World):
    world.crawl(market(A), market(B))
    world.tick(30)
    world.watch(market(A, status="closed"))
    assert [(row["ticker"], row["status"], row["result"]) for row in watched(world, A)] == [(A, "closed", None)]


def test_a_market_that_only_the_crawl_knows_as_decided_has_its_result(world: World):
    over = {"status": "finalized", "result": "no", "settlement_value_dollars": "0.0000"}
    world.crawl(market(A), market(B, settlement_ts="2026-11-20T12:00:00Z", **over))
    (row,) = watched(world, B)
    assert (row["status"], row["result"], row["settlement_value_dollars"]) == ("finalized", "no", Decimal(0))
    assert row["settlement_time"] is not None
