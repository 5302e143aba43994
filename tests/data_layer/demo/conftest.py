"""A small simulated exchange that stands still, and a way to ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from data_layer.demo import RunningExchange, World, start_exchange

NOW = 1_795_366_800.25  # 2026-11-22T17:00:00Z and a bit


@dataclass
class Clock:
    """A clock that only moves when told."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def still() -> Iterator[RunningExchange]:
    """An exchange at one instant: every test sees the same answers."""
    with start_exchange(markets=1500, settled=2500, seed=5, requests_per_second=None, clock=Clock()) as running:
        yield running


@pytest.fixture(scope="session")
def world() -> World:
    """The same world without a server."""
    return World(markets=1500, settled=2500, seed=5, clock=Clock())


@pytest.fixture
def moving() -> Iterator[tuple[RunningExchange, Clock]]:
    """An exchange and the clock it lives by."""
    clock = Clock()
    with start_exchange(markets=400, settled=400, seed=3, requests_per_second=None, clock=clock) as running:
        yield running, clock


class Asker:
    """Asks an exchange over real sockets."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self.session.trust_env = False

    def raw(self, path: str, **query: Any) -> requests.Response:
        return self.session.get(self.base_url + path, params=query, timeout=30, allow_redirects=False)

    def __call__(self, path: str, **query: Any) -> Any:
        answer = self.raw(path, **query)
        assert answer.status_code == 200, (path, query, answer.status_code, answer.text[:300])
        return answer.json()

    def walk(self, path: str, name: str, **query: Any) -> list[Any]:
        rows: list[Any] = []
        cursor = ""
        while True:
            page = self(path, **query, **({"cursor": cursor} if cursor else {}))
            rows += page[name]
            cursor = page["cursor"]
            if not cursor:
                return rows


@pytest.fixture(scope="session")
def ask(still: RunningExchange) -> Asker:
    return Asker(still.base_url)


@pytest.fixture(scope="session")
def asker() -> Callable[[str], Asker]:
    return Asker


@pytest.fixture(scope="session")
def open_markets(ask: Asker) -> list[dict[str, Any]]:
    """All open markets but combos."""
    return ask.walk("/markets", "markets", status="open", mve_filter="exclude", limit=1000)


@pytest.fixture(scope="session")
def busiest(ask: Asker, open_markets: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """The open markets with the most volume, with their series."""
    ranked = sorted(open_markets, key=lambda market: -float(market["volume_fp"]))[:12]
    return [(ask("/events/" + market["event_ticker"])["event"]["series_ticker"], market) for market in ranked]
