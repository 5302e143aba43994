"""When to ask again and when to stop asking: policy, budget and circuit breaker."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from data_layer.errors import KalshiCircuitOpenError, KalshiError

BreakerState = Literal["closed", "open", "probing"]


@dataclass(frozen=True)
class RetryPolicy:
    """How one call is repeated: full jitter between 0 and a doubling ceiling, all within one wall-clock deadline."""

    attempts: int = 4
    deadline_seconds: float = 30.0
    first_ceiling_seconds: float = 1.0
    last_ceiling_seconds: float = 15.0
    longest_retry_after_seconds: float = 60.0

    def pause(self, attempt: int, error: KalshiError, jitter: Callable[[], float] = random.random) -> float | None:
        """Return the seconds to wait after failed attempt number `attempt` (from 1), None to give up."""
        if not error.retryable or attempt >= self.attempts:
            return None
        asked = error.retry_after_seconds
        if asked is not None:
            return asked if asked <= self.longest_retry_after_seconds else None
        return jitter() * min(self.last_ceiling_seconds, self.first_ceiling_seconds * 2 ** (attempt - 1))


class RetryBudget:
    """A quota of retries for the whole process: every success earns a fifth of one.

    In an outage nothing is earned, so that retries add at most `capacity` requests to the traffic, and over time
    never more than a fifth. Thread-safe.
    """

    def __init__(self, capacity: float = 10.0, earned_by_success: float = 0.2) -> None:
        self._capacity = capacity
        self._earned = earned_by_success
        self._balance = capacity
        self._lock = threading.Lock()

    def succeeded(self) -> None:
        """Earn a share of a retry."""
        with self._lock:
            self._balance = min(self._capacity, self._balance + self._earned)

    def spend(self) -> bool:
        """Take one retry; False if none is left."""
        with self._lock:
            if self._balance < 1:
                return False
            self._balance -= 1
            return True


class CircuitBreaker:
    """Stop asking after `failures` requests in a row failed; then let one probe through every `probe_seconds`.

    Thread-safe.
    """

    def __init__(
        self, failures: int = 5, probe_seconds: float = 30.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._probe_seconds = probe_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._next_probe: float | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """``closed`` (all is well), ``open``, or ``probing``."""
        if self._next_probe is None:
            return "closed"
        return "probing" if self._probing else "open"

    def admit(self, path: str = "") -> None:
        """Let a request pass, or raise KalshiCircuitOpenError."""
        with self._lock:
            if self._next_probe is None:
                return
            now = self._clock()
            if now < self._next_probe:
                wait = self._next_probe - now
                message = f"Not asked: Kalshi failed {self._limit} times in a row; next try in {wait:.0f} s."
                raise KalshiCircuitOpenError(message, path=path, retry_after_seconds=wait)
            # The next probe is booked at once, so that one that never reports back does not stop all others.
            self._next_probe = now + self._probe_seconds
            self._probing = True

    def succeeded(self) -> None:
        """Report an answer, also a refusal: the exchange is there."""
        with self._lock:
            self._failed = 0
            self._next_probe = None
            self._probing = False

    def failed(self) -> None:
        """Report a request that got no usable answer."""
        with self._lock:
            self._failed += 1
            self._probing = False
            if self._failed >= self._limit and self._next_probe is None:
                self._next_probe = self._clock() + self._probe_seconds
