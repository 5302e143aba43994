"""One question to the exchange, with everything around it: turn, host, attempts, breaker, figures."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from data_layer.api.rate_limit import RateLimit
from data_layer.api.retry import CircuitBreaker, RetryBudget, RetryPolicy
from data_layer.api.statistics import ClientStatistics, Counters, RequestRecord
from data_layer.api.transport import Transport, checked_base_url
from data_layer.errors import (
    KalshiConnectionError,
    KalshiError,
    KalshiPayloadError,
    KalshiRateLimitError,
    KalshiRedirectError,
    KalshiServerError,
    SchemaDriftError,
)

T = TypeVar("T")

_SICK = (KalshiConnectionError, KalshiRateLimitError, KalshiServerError, KalshiRedirectError, KalshiPayloadError)
"""Errors that say the exchange can not serve us. A refusal or a changed shape is an answer."""


class Connection:
    """Ask questions (GET only) one after the other or from many threads, politely and within a deadline."""

    def __init__(
        self,
        base_urls: Sequence[str],
        transport: Transport,
        rate_limit: RateLimit,
        *,
        policy: RetryPolicy,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
        jitter: Callable[[], float] = random.random,
        on_request: Callable[[RequestRecord], None] | None = None,
    ) -> None:
        if not base_urls or isinstance(base_urls, str):
            raise ValueError("base_urls is a list of at least one URL.")
        self._base_urls = [checked_base_url(url) for url in base_urls]
        self._host = 0
        self._transport = transport
        self._rate_limit = rate_limit
        self._policy = policy
        self._clock = clock
        self._closing = threading.Event()
        self._sleep = sleep or self._closing.wait
        self._jitter = jitter
        self._on_request = on_request
        self._budget = RetryBudget()
        self._breaker = CircuitBreaker(clock=clock)
        self._counters = Counters(clock, wall_clock)

    def close(self) -> None:
        """End all waits and refuse new questions."""
        self._closing.set()
        self._transport.close()

    def statistics(self) -> ClientStatistics:
        """Return the figures as of now."""
        counted = self._counters.snapshot(self._breaker.state, urlsplit(self._base_urls[self._host]).netloc)
        return replace(counted, requests_per_second=self._rate_limit.per_second)

    def ask(self, path: str, params: Mapping[str, object], decode: Callable[[bytes], T]) -> T:
        """Return the decoded answer; raise a KalshiError within the policy's deadline otherwise.

        None among `params` is left out, a list is sent as repeated parameters, booleans as true and false.
        """
        query = _query(params)
        give_up_at = self._clock() + self._policy.deadline_seconds
        attempt = 1
        self._breaker.admit(path)
        while True:
            try:
                return self._attempt(path, query, decode, attempt, give_up_at)
            except KalshiError as error:
                pause = self._policy.pause(attempt, error, self._jitter)
                if pause is None or self._breaker.state != "closed" or self._clock() + pause >= give_up_at:
                    raise
                if self._closing.is_set() or not self._budget.spend():
                    raise
            self._sleep(pause)
            attempt += 1

    def _attempt(
        self,
        path: str,
        query: Sequence[tuple[str, str]],
        decode: Callable[[bytes], T],
        attempt: int,
        give_up_at: float,
    ) -> T:
        if self._closing.is_set():
            raise KalshiConnectionError("Not asked: the client is closed.", path=path)
        self._rate_limit.acquire(give_up_at - self._clock())
        host = self._host
        self._counters.sent(attempt)
        started = self._clock()
        try:
            answer = self._transport.get(self._base_urls[host], path, query, seconds=give_up_at - started)
            result = decode(answer.body)
        except KalshiError as error:
            error.path = error.path or path
            self._failed(error, host)
            self._report(host, path, attempt, started, 0, error)
            raise
        self._breaker.succeeded()
        self._budget.succeeded()
        self._counters.answered(answer.wire_bytes, len(answer.body))
        self._report(host, path, attempt, started, answer.wire_bytes, None)
        return result

    def _failed(self, error: KalshiError, host: int) -> None:
        self._counters.failed(error)
        if isinstance(error, _SICK) and not isinstance(error, SchemaDriftError):
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        if isinstance(error, KalshiConnectionError) and self._host == host:
            self._host = (host + 1) % len(self._base_urls)

    def _report(
        self, host: int, path: str, attempt: int, started: float, nbytes: int, error: KalshiError | None
    ) -> None:
        if self._on_request is not None:
            name = urlsplit(self._base_urls[host]).netloc
            self._on_request(RequestRecord(name, path, attempt, self._clock() - started, nbytes, error))


def _query(params: Mapping[str, object]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        if value is None:
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            pairs.append((name, str(one).lower() if isinstance(one, bool) else str(one)))
    return pairs
