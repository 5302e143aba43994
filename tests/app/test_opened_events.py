"""Events and series that sessions have open: what is fetched for them, how far it is, and what is told when it fails."""

from __future__ import annotations

import pytest

from app import opened_events
from app.opened_events import OpenedEvents
from data_layer.errors import KalshiConnectionError
from data_layer.ingest import Ingest
from data_layer.repository import MarketRepository
from data_layer.store import Lake
from tests.app.test_refresher import Client, Clock, event, market

EVENT = "KXTEST-27JAN15"
NO = {"status": "finalized", "result": "no", "settlement_ts": "2027-01-14T00:00:00Z"}


class World:
    """A lake with its writer, and the events opened of it; `steps` are what was told on the way."""

    def __init__(self, folder, legs):
        self.clock, self.writes = Clock(), True
        self.client = Client([event(markets=legs)])
        self.repository = MarketRepository(Lake(folder, clock=self.clock), "demo", clock=self.clock, follow=False)
        self.ingest: Ingest | None = None
        self.steps = []
        self.opened = OpenedEvents(self.repository, lambda: self.ingest, lambda: True, self.look, self.clock)

    def look(self):
        self.steps.append(self.opened.steps(EVENT))
        self.repository.advance()

    def candles(self):
        """Return (ticker, period, hours back) of all candlesticks that were asked for, and forget them."""
        found = [
            (body["ticker"], body["period"], round((self.clock.now - body["start"]) / 3600))
            for kind, body in self.client.asked
            if kind == "candlesticks"
        ]
        self.client.asked.clear()
        return found


@pytest.fixture
def world(tmp_path):
    made = []

    def make(*legs):
        world = World(tmp_path / "lake", legs)
        writer = world.repository.lake.writer()
        made.append((world, writer))
        world.ingest = Ingest(world.client, writer.__enter__(), "demo", world.clock)
        return world

    yield make
    for world, writer in made:
        writer.__exit__(None, None, None)
        world.repository.close()


def crawled(world):
    world.ingest.universe()
    world.repository.advance()
    world.client.asked.clear()
    world.steps.clear()
    return world


def test_an_opened_event_has_three_periods_of_its_outcomes_fetched_with_progress(world):
    w = crawled(world(market(f"{EVENT}-A"), market(f"{EVENT}-B")))
    w.opened.fetch(EVENT)
    asked = w.candles()
    assert {(period, hours) for _, period, hours in asked} == {(60, 720), (1440, 24_000), (1, 24)}
    assert {ticker for ticker, _, _ in asked} == {f"{EVENT}-A", f"{EVENT}-B"}
    assert w.steps == [(0, 3), (1, 3), (2, 3), None]
    assert w.opened.attempt(EVENT).problem == ""
    w.clock.now += 600
    w.opened.fetch(EVENT)
    assert all(hours <= 49 for _, _, hours in w.candles())  # what is new, and two periods before it


def test_of_many_outcomes_only_the_leading_are_fetched(world):
    w = crawled(world(*(market(f"{EVENT}-{n:03d}") for n in range(120))))
    w.opened.fetch(EVENT)
    asked = w.candles()
    assert len({ticker for ticker, period, _ in asked if period == 60}) == 100
    assert len({ticker for ticker, period, _ in asked if period == 1}) == 10


def test_settled_outcomes_are_fetched_one_by_one_and_once(world):
    w = crawled(world(market(f"{EVENT}-A", **NO), market(f"{EVENT}-B")))
    w.opened.fetch(EVENT)
    assert {ticker for ticker, _, _ in w.candles()} == {f"{EVENT}-A", f"{EVENT}-B"}
    w.opened.fetch(EVENT)
    assert {ticker for ticker, _, _ in w.candles()} == {f"{EVENT}-B"}


def test_an_event_that_is_not_stored_is_looked_for(world):
    w = world()
    w.client.events = [event(markets=[market(f"{EVENT}-A")])]
    w.opened.fetch(EVENT)
    assert w.repository.event(EVENT).rows()[0]["is_stored"]
    assert w.opened.attempt(EVENT).problem == ""
    w.client.unknown_events = {"KXNOWHERE-1"}
    w.opened.fetch("KXNOWHERE-1")
    assert w.opened.attempt("KXNOWHERE-1").problem == "Kalshi does not know this event."


def test_a_failure_is_told_and_forgotten_when_it_is_opened_again(world, monkeypatch):
    w = crawled(world(market(f"{EVENT}-A")))

    def broken(*_asked):
        raise KalshiConnectionError("No answer.")

    monkeypatch.setattr(w.client, "get_batch_candlesticks", broken)
    w.opened.fetch(EVENT)
    assert "No answer" in w.opened.attempt(EVENT).problem
    assert w.opened.steps(EVENT) is None
    w.opened.open(EVENT)
    assert w.opened.attempt(EVENT) is None


def test_the_same_event_is_asked_for_at_most_every_two_minutes(world):
    w = world()
    for _ in range(3):
        w.opened.open(EVENT)
    assert w.opened._queue.qsize() == 1
    w.clock.now += opened_events.EVENT_SECONDS
    w.opened.open(EVENT)
    assert w.opened._queue.qsize() == 2
    for n in range(200):
        w.opened.open(f"KXMANY-{n}")
    assert "Too many events" in w.opened.attempt("KXMANY-199").problem


def test_a_process_that_only_reads_says_so(world):
    w = world()
    w.ingest = None
    w.opened.fetch(EVENT)
    assert "Another process" in w.opened.attempt(EVENT).problem


def test_a_series_has_its_settled_events_fetched_and_seldom(world):
    w = world()
    w.client.events = [event(markets=[market(f"{EVENT}-A", **NO)])]
    for _ in range(2):
        w.opened.open_series("KXTEST")
    assert w.opened._queue.qsize() == 1
    w.opened.fetch_series("KXTEST")
    assert w.repository.series_events("KXTEST").rows()[0]["decided_markets"] == 1
    assert w.client.asked[0][1]["status"] == "settled"
