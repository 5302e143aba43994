"""Fault 69: two hundred sessions, a refresh and an exchange that does not answer, all at once."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.context import Context
from app.settings import Settings
from app.single_view import open_addressed
from data_layer.api import KalshiClient, RetryPolicy, Unlimited
from data_layer.demo import RunningExchange, start_exchange
from data_layer.engine.query_log import QueryTotals
from data_layer.questions import MarketFilter
from tests.app.census import Census, watchers
from tests.app.protocol import LIMIT, Served, Visitor, fetch, run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("slow-upstream")]

SESSIONS = 200
#: What they look for: few words for many people, as it is with news.
WORDS = ("will", "the", "be", "or")
#: So many have the whole dashboard and open a market each, too; the others see one view, as in a page of a host.
READERS = 20
#: A limit against hanging on the slowest machine, never a measure.
PATIENCE = 40


class StandingClock:
    """Nothing is due again until somebody moves it."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


class PatientContext(Context):
    """A process over an exchange of the test's, whose client waits as long as the exchange lets it."""

    def __init__(self, folder: Path, exchange: RunningExchange, clock: StandingClock) -> None:
        super().__init__(Settings(data_dir=folder, source="demo"), clock)
        self._address = exchange.base_url

    def _client(self, source: str, policy: RetryPolicy | None = None) -> KalshiClient:
        patience = LIMIT * PATIENCE
        return KalshiClient(
            [self._address],
            rate_limit=Unlimited(),
            policy=RetryPolicy(attempts=1, deadline_seconds=patience),
            silence_timeout_seconds=patience,
        )


class Gate:
    """Closed, every answer of the exchange waits behind it, however long; who asked meanwhile is known."""

    def __init__(self, exchange: RunningExchange) -> None:
        self._exchange = exchange

    def close(self) -> None:
        self._before = len(self._exchange.request_log)
        self._exchange.set_fault("late")

    def open(self) -> None:
        self._exchange.clear_faults()

    def asked(self) -> list[str]:
        """Return the paths, below the API's prefix, that were asked for since it was closed."""
        return [path.split("/v2", 1)[1] for _, _, path in list(self._exchange.request_log)[self._before :]]


def crawls(asked: list[str]) -> int:
    """Count the walks over all open events that began."""
    return sum(path.startswith("/events?") and "cursor=" not in path for path in asked)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 2 * LIMIT
    while not holds() and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return holds()


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def exchange(clock, monkeypatch) -> Iterator[RunningExchange]:
    async def until_released(event: asyncio.Event, seconds: float) -> None:
        await event.wait()

    monkeypatch.setattr("data_layer.demo.faults.wait_for", until_released)
    with start_exchange(markets=150, settled=20, seed=69, requests_per_second=None, clock=clock) as running:
        yield running


@pytest.fixture
def context(tmp_path, exchange, clock) -> Iterator[PatientContext]:
    context = PatientContext(tmp_path, exchange, clock)
    context.start()
    try:
        assert eventually(lambda: idle(context) and context.repository.snapshot_id > 0)
        yield context
    finally:
        exchange.clear_faults()
        context.close()


def idle(context: Context) -> bool:
    return context.progress().stage == "idle" and context.refresher._next_due() is None


async def arrive(server: Served, n: int) -> Visitor:
    """Open the list, framed or in a page of its own, and keep only what is spoken to: two hundred are heavy."""
    visitor = await Visitor.open(server.url("/?page=markets" + ("&embed=1" if n >= READERS else "")))
    assert visitor.document["roots"]
    spoken = {"FilterBar", "Router", "BarControls"}
    visitor.models = {
        name: model
        for name, model in visitor.models.items()
        if model.get("attributes", {}).get("class_name") in spoken
    }
    visitor.document = {}
    return visitor


def threads() -> list[str]:
    return sorted(thread.name for thread in threading.enumerate() if thread.name.startswith("refresher"))


def test_two_hundred_sessions_are_served_while_the_exchange_keeps_a_refresh_waiting(context, exchange, clock, caplog):
    caplog.set_level(logging.WARNING, logger="panel")  # kept log records would hold on to models
    census, gate, repository = Census(open_addressed), Gate(exchange), context.repository
    expected = {word: repository.markets(MarketFilter(text=word)).total for word in WORDS}
    totals = {repository.markets().total, *expected.values()} - {0}
    assert len(totals) == len(WORDS) + 1, f"a filter that changes nothing proves nothing: {expected}"
    opened = [row["ticker"] for row in repository.markets(limit=READERS).rows()]

    async def visit(server: Served, n: int) -> Visitor:
        """Come, filter, and stay; the first ones ask for a refresh and open a market, too."""
        visitor, word = await arrive(server, n), WORDS[n % len(WORDS)]
        await visitor.say(
            "FilterBar", {"key": "text", "value": word}, lambda: visitor.last("total") == expected[word]
        )
        if n < READERS:
            await visitor.say("BarControls", {"kind": "refresh"}, lambda: True)
            link = {"kind": "click", "search": f"?page=market&ticker={opened[n]}"}
            await visitor.say("Router", link, lambda: "Markets" not in visitor.last("title"))
        return visitor

    async def whole_day(server: Served) -> None:
        visitors: list[Visitor] = []
        while len(visitors) < SESSIONS:
            visitors.append(await visit(server, len(visitors)))
        assert (await fetch(server.url("/healthz"))).code == 200
        # All are there and were answered, and the exchange has not said a word since before the first one came.
        assert (server.sessions, context.hub.sessions) == (SESSIONS, SESSIONS)
        assert (repository.snapshot_id, context.progress().stage) == (stored, "universe")
        asked = gate.asked()
        assert crawls(asked) == 1
        assert len(asked) <= len(background), f"each thread waits for one answer: {asked}"
        assert threads() == background
        calls = {
            name: total.calls - before.get(name, nothing).calls for name, total in repository.log.totals().items()
        }
        assert calls["markets"] <= SESSIONS // 10, "of two hundred who ask the same, one asks the lake"
        assert max(calls.values()) < SESSIONS, f"a question for each session piles up: {calls}"
        for visitor in visitors:
            visitor.patches.clear()
        gate.open()
        assert await asyncio.to_thread(eventually, lambda: repository.snapshot_id > stored and idle(context))
        assert crawls(gate.asked()) == 1, "twenty wishes for a refresh are the one that was under way"
        for visitor in visitors[READERS:]:
            await visitor.until(lambda v=visitor: v.last("rows"), times=4)  # the news, an hour later, for all of them
        for visitor in visitors:
            await visitor.close()

    with Served(context, unused_session_milliseconds=2_000, open_page=census.open) as server:
        listening, background, nothing = watchers(), threads(), QueryTotals()
        stored, before = repository.snapshot_id, repository.log.totals()
        gate.close()
        clock.now += 3600
        assert eventually(lambda: crawls(gate.asked()) == 1)
        run(whole_day(server), PATIENCE)
        assert census.emptied() == 0
        assert (server.sessions, context.hub.sessions, watchers() - listening) == (0, 0, 0)
    assert len(census.made) == 2 * SESSIONS
    assert census.failures == []
