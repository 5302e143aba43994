"""Rules judged at every refresh of a real lake, with a clock of ours: told once, kept, and told again after a restart."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.alert_rules import Rule
from app.alert_standing import silence
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


def said(watch: AlertWatch, world: World) -> list[str]:
    standing = watch_of(world).standing()  # as another process reads it
    return [silence(rule, standing.get(key)) for key, rule in watch.rules()]


def test_a_rule_that_cannot_be_measured_or_is_beyond_already_says_so(world: World):
    watch = watch_of(world)
    everywhere, here = Rule("move", "either", Decimal(3)), Rule("move", "either", Decimal("0.5"), tickers=(A,))
    begun(
        *(world, watch, everywhere, here, Rule("surge", "above", Decimal(3)), Rule("price", "above", Decimal(40))),
        *(Rule("price", "above", Decimal(40), tickers=(A,)), ABOVE),
    )
    assert said(watch, world) == [
        "cannot be measured yet: no quote of 1 h ago is stored for 2 of 2 markets",
        "cannot be measured yet: no quote of 1 h ago is stored for 1 of 1 market",
        "cannot be measured yet: fewer than 3 whole days of volume are stored for 2 of 2 markets",
        "nothing yet",
        "already beyond; fires when it crosses again",
        "nothing yet",
    ]
    assert seen(world, watch, 30, quote(A, 35)) == []
    assert said(watch, world)[4] == "nothing yet"
    assert [why for _, why in seen(world, watch, 30, quote(A, 45))] == ["Chance is 45%, was 35%"] * 2
    for _ in range(4):
        world.tick(900)
        world.crawl(quote(A, 45), quote(B, 50))
        watch.judge(world.repository)
    seen(world, watch, 300, quote(A, 45))
    assert said(watch, world)[:2] == ["nothing yet"] * 2, "an hour later it can be measured"


def test_rules_over_views_are_looked_at_in_turns_and_seldom(world: World, monkeypatch):
    watch, asked = watch_of(world), []
    answer = world.repository.alert_standing
    monkeypatch.setattr(
        world.repository,
        "alert_standing",
        lambda conditions, *rest: asked.append([c.key for c in conditions]) or answer(conditions, *rest),
    )
    begun(world, watch, *(Rule("price", "above", Decimal(90)) for _ in range(7)), ABOVE)
    for seconds in (30, 30, 300):
        seen(world, watch, seconds, quote(A, 51 + len(asked)))
    assert asked == [[8, 1, 2, 3, 4, 5], [8, 6, 7], [8], [8, 1, 2, 3, 4, 5]]
    assert len(watch.standing()) == 8


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
