"""Rules judged at every refresh of a real lake, with a clock of ours: told once, kept, and told again after a restart."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.alert_rules import Rule
from app.alert_watch import AlertWatch
from data_layer.alert_journal import AlertJournal
from data_layer.errors import QueryError
from tests.data_layer.wire_samples import market
from tests.data_layer.world import World

A, B = "KXTEST-27JAN15-A", "KXTEST-27JAN15-B"


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as world:
        yield world


def watch_of(world: World, **options) -> AlertWatch:
    return AlertWatch(AlertJournal(world.lake.root), "live", world.clock, **options)


def quote(ticker: str, cents: int):
    return market(ticker, yes_bid_dollars=f"0.{cents - 1:02d}00", yes_ask_dollars=f"0.{cents + 1:02d}00")


def seen(world: World, watch: AlertWatch, seconds: float, *markets) -> list[tuple[str, str]]:
    """Let time pass, see quotes, judge; return what was told: ticker and why."""
    before = watch.journal.latest()
    world.tick(seconds)
    world.watch(*markets)
    watch.judge(world.repository)
    return [(item.ticker, item.why) for item in watch.firings(after=before)[0]]


def begun(world: World, watch: AlertWatch, *rules: Rule) -> None:
    for rule in rules:
        watch.journal.add_rule(rule.body())
    world.crawl(quote(A, 50), quote(B, 50))
    watch.judge(world.repository)


ABOVE = Rule("price", "above", Decimal(60), tickers=(A,))


def test_a_crossing_is_told_once_and_again_after_half_an_hour(world: World):
    watch = watch_of(world)
    begun(world, watch, ABOVE)
    assert watch.latest() == 0, "what is beyond a threshold already is no news"
    assert seen(world, watch, 30, quote(A, 61), quote(B, 70)) == [(A, "Chance is 61%, was 50%")]
    assert seen(world, watch, 30, quote(A, 65)) == []
    assert seen(world, watch, 30, quote(A, 55)) == []
    assert seen(world, watch, 30, quote(A, 62)) == [], "it flaps: half an hour has not passed"
    assert seen(world, watch, 30, quote(A, 55)) == []
    assert seen(world, watch, 1800, quote(A, 62)) == [(A, "Chance is 62%, was 55%")]
    (item,) = watch.firings(after=1)[0]
    assert (item.value, item.value_before, item.threshold) == (Decimal(62), Decimal(55), Decimal(60))
    assert item.as_of == item.fired_time == datetime.fromtimestamp(world.now, UTC)
    assert watch.named == (A,)


def test_what_crossed_while_the_program_was_down_is_told_by_the_next_process(world: World):
    first = watch_of(world)
    begun(world, first, ABOVE)
    second = watch_of(world)
    second.judge(world.repository)  # as at a start: what is stored, before anything is fetched
    assert seen(world, second, 7200, quote(A, 61)) == [(A, "Chance is 61%, was 50%")]
    assert not second.health().problems
    third = watch_of(world)
    world.tick(86_400)
    third.judge(world.repository)
    assert "Nobody looked from" in third.health().problems[0]


def test_a_new_rule_tells_changes_only_whatever_it_looks_at(world: World):
    watch = watch_of(world)
    begun(world, watch, ABOVE)
    watch.journal.add_rule(Rule("spread", "narrower", Decimal(3)).body())
    watch.journal.add_rule(Rule("closing", "below", Decimal(8760)).body())
    assert seen(world, watch, 30, quote(A, 51)) == []
    wide = market(B, yes_bid_dollars="0.4000", yes_ask_dollars="0.5000")
    assert seen(world, watch, 30, wide) == []
    assert seen(world, watch, 30, quote(B, 45)) == [(B, "Spread is 2¢, was 10¢")]


def test_a_paused_rule_is_passed_over_and_the_same_snapshot_is_judged_once(world: World):
    watch = watch_of(world)
    begun(world, watch, Rule("price", "above", Decimal(60), tickers=(A,), paused=True))
    assert seen(world, watch, 30, quote(A, 61)) == []
    assert watch.health().rules == 0
    assert watch.named == ()


def test_messages_for_the_webhook_carry_the_numbers_of_the_log(world: World):
    watch = watch_of(world, webhook=True)
    begun(world, watch, ABOVE)
    seen(world, watch, 30, quote(A, 61))
    message = watch.journal.due_message(datetime.fromtimestamp(world.now, UTC))
    said = json.loads(message.body)
    assert (said["version"], said["source"]) == (1, "live")
    assert said["firings"][0]["firing_id"] == 1
    assert said["firings"][0]["value"] == "61.00000"


def test_a_question_that_fails_is_told_and_stops_nothing(world: World, monkeypatch):
    watch = watch_of(world)
    begun(world, watch, ABOVE)

    def broken(*_args):
        raise QueryError("the disk is gone")

    monkeypatch.setattr(world.repository, "alert_state", broken)
    assert seen(world, watch, 30, quote(A, 61)) == []
    assert "Rules could not be judged: the disk is gone" in watch.health().problems
    monkeypatch.undo()
    assert seen(world, watch, 30, quote(A, 62)) == [(A, "Chance is 62%, was 50%")], (
        "judged against the last good look"
    )
