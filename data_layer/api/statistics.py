"""What the client did so far: the figures of the status page."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from data_layer.api.retry import BreakerState
from data_layer.errors import KalshiError


@dataclass(frozen=True)
class RequestRecord:
    """One request that was sent; `error` is None if it was answered, `seconds` excludes the wait for its turn."""

    host: str
    path: str
    attempt: int
    seconds: float
    nbytes: int
    error: KalshiError | None


@dataclass(frozen=True)
class ClientStatistics:
    """Counters of one client since it was made; times are Unix seconds, `failures` counts errors by their type.

    `requests_per_second` is the sustained rate it keeps to, shared with the other processes of the machine.
    """

    requests: int
    retries: int
    rate_limited: int
    failures: Mapping[str, int]
    bytes_received: int
    bytes_decoded: int
    requests_last_minute: int
    breaker_state: BreakerState
    host: str
    last_success_at: float | None
    last_error: str | None
    last_error_at: float | None
    requests_per_second: float = 0.0


class Counters:
    """Collect the figures. Thread-safe."""

    def __init__(self, clock: Callable[[], float], wall_clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wall_clock = wall_clock
        self._lock = threading.Lock()
        self._departures: deque[float] = deque(maxlen=10_000)
        self._failures: Counter[str] = Counter()
        self._retries = self._requests = self._received = self._decoded = 0
        self._last_success_at: float | None = None
        self._last_error: str | None = None
        self._last_error_at: float | None = None

    def sent(self, attempt: int) -> None:
        """Count a departure."""
        with self._lock:
            self._requests += 1
            self._retries += attempt > 1
            self._departures.append(self._clock())

    def answered(self, received: int, decoded: int) -> None:
        """Count a good answer."""
        with self._lock:
            self._received += received
            self._decoded += decoded
            self._last_success_at = self._wall_clock()

    def failed(self, error: KalshiError) -> None:
        """Count a failed request."""
        with self._lock:
            self._failures[type(error).__name__] += 1
            self._last_error = str(error)
            self._last_error_at = self._wall_clock()

    def snapshot(self, breaker_state: BreakerState, host: str) -> ClientStatistics:
        """Return the figures as of now."""
        with self._lock:
            since = self._clock() - 60
            return ClientStatistics(
                requests=self._requests,
                retries=self._retries,
                rate_limited=self._failures["KalshiRateLimitError"],
                failures=dict(self._failures),
                bytes_received=self._received,
                bytes_decoded=self._decoded,
                requests_last_minute=sum(stamp >= since for stamp in self._departures),
                breaker_state=breaker_state,
                host=host,
                last_success_at=self._last_success_at,
                last_error=self._last_error,
                last_error_at=self._last_error_at,
            )
