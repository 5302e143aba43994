"""Fixtures of the wire's tests: scripted servers, a fake clock, clients that never wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from data_layer.api import KalshiClient, RetryPolicy, Unlimited
from tests.data_layer.api.scripted import FakeClock, Handler, ScriptedServer


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], ScriptedServer]]:
    """Start scripted servers, and stop them after the test."""
    servers: list[ScriptedServer] = []

    def start(handler: Handler) -> ScriptedServer:
        servers.append(ScriptedServer(handler))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def connect() -> Iterator[Callable[..., KalshiClient]]:
    """Make clients that never wait between attempts, and close them after the test."""
    clients: list[KalshiClient] = []

    def make(*urls: str, **more: object) -> KalshiClient:
        more.setdefault("rate_limit", Unlimited())
        more.setdefault("sleep", lambda seconds: None)
        more.setdefault("policy", RetryPolicy(deadline_seconds=5.0))
        clients.append(KalshiClient(urls, **more))  # type: ignore[arg-type]
        return clients[-1]

    yield make
    for client in clients:
        client.close()
