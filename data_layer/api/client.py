"""The client of Kalshi's public read-only API: one method an endpoint.

Every method may raise a KalshiError (see `data_layer.errors`) within the deadline of each request it needs.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from data_layer.api.candlestick_calls import CandlestickCalls
from data_layer.api.connection import Connection
from data_layer.api.event_calls import EventCalls
from data_layer.api.market_calls import MarketCalls
from data_layer.api.rate_limit import RateLimit
from data_layer.api.retry import RetryPolicy
from data_layer.api.signing import ApiKey
from data_layer.api.statistics import ClientStatistics, RequestRecord
from data_layer.api.trade_calls import TradeCalls
from data_layer.api.transport import MOST_BYTES, SILENCE_TIMEOUT_SECONDS, Transport

BASE_URLS = (
    "https://external-api.kalshi.com/trade-api/v2",
    "https://api.elections.kalshi.com/trade-api/v2",
)


class KalshiClient(EventCalls, MarketCalls, CandlestickCalls, TradeCalls):
    """Read Kalshi's public API, keyless by default.

    `base_urls`: hosts of the same exchange; the next one is used after a connection error. `rate_limit`: share one
    state file between all processes of a machine. `api_key` is optional, and goes to `base_urls` only. Clocks, sleep
    and jitter are injected by tests. Thread-safe. Close it, or use it as a context manager.
    """

    def __init__(
        self,
        base_urls: Sequence[str] = BASE_URLS,
        *,
        rate_limit: RateLimit | None = None,
        api_key: ApiKey | None = None,
        policy: RetryPolicy | None = None,
        ca_bundle: Path | None = None,
        most_bytes: int = MOST_BYTES,
        silence_timeout_seconds: float = SILENCE_TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
        jitter: Callable[[], float] = random.random,
        on_request: Callable[[RequestRecord], None] | None = None,
    ) -> None:
        transport = Transport(
            api_key=api_key,
            ca_bundle=ca_bundle,
            most_bytes=most_bytes,
            silence_timeout_seconds=silence_timeout_seconds,
            wall_clock=wall_clock,
        )
        connection = Connection(
            base_urls,
            transport,
            rate_limit or RateLimit(per_second=20.0 if api_key else 3.0),
            policy=policy or RetryPolicy(),
            clock=clock,
            wall_clock=wall_clock,
            sleep=sleep,
            jitter=jitter,
            on_request=on_request,
        )
        super().__init__(connection, clock, wall_clock)

    def __enter__(self) -> KalshiClient:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and end all waits between attempts."""
        self._connection.close()

    def statistics(self) -> ClientStatistics:
        """Return what the client did so far."""
        return self._connection.statistics()
