"""When a failed request is repeated, and when nothing is asked any more."""

from __future__ import annotations

import pytest

from data_layer.api.retry import CircuitBreaker, RetryBudget, RetryPolicy
from data_layer.errors import (
    KalshiAuthError,
    KalshiCircuitOpenError,
    KalshiConnectionError,
    KalshiNotFoundError,
    KalshiPayloadError,
    KalshiRateLimitError,
    KalshiRedirectError,
    KalshiRequestError,
    KalshiServerError,
)
from tests.data_layer.api.scripted import FakeClock

POLICY = RetryPolicy()


def test_pauses_have_full_jitter_under_a_doubling_ceiling() -> None:
    error = KalshiServerError("503", status=503)
    assert [POLICY.pause(attempt, error, lambda: 1.0) for attempt in (1, 2, 3)] == [1.0, 2.0, 4.0]
    assert [POLICY.pause(attempt, error, lambda: 0.0) for attempt in (1, 2, 3)] == [0.0, 0.0, 0.0]


def test_the_fourth_failure_is_the_last() -> None:
    assert POLICY.pause(4, KalshiServerError("503")) is None


@pytest.mark.parametrize(
    "kind", [KalshiNotFoundError, KalshiAuthError, KalshiRequestError, KalshiRedirectError, KalshiPayloadError]
)
def test_what_would_fail_again_is_not_repeated(kind: type[KalshiRequestError]) -> None:
    assert POLICY.pause(1, kind("no")) is None


def test_retry_after_is_honoured_up_to_a_minute() -> None:
    assert POLICY.pause(1, KalshiRateLimitError("429", retry_after_seconds=3.0), lambda: 0.0) == 3.0
    assert POLICY.pause(1, KalshiRateLimitError("429", retry_after_seconds=86400.0)) is None


def test_in_an_outage_the_budget_allows_no_more_than_ten_retries_and_over_time_a_fifth() -> None:
    budget = RetryBudget()
    assert sum(budget.spend() for _ in range(1000)) == 10
    retried = 0
    for _ in range(1000):
        budget.succeeded()
        retried += budget.spend()
    assert retried <= 200


def breaker_after(failures: int, clock: FakeClock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock=clock)
    for _ in range(failures):
        breaker.admit()
        breaker.failed()
    return breaker


def test_the_breaker_opens_after_five_failures_in_a_row(clock: FakeClock) -> None:
    breaker_after(4, clock).admit()
    with pytest.raises(KalshiCircuitOpenError, match="next try in 30 s"):
        breaker_after(5, clock).admit()


def test_an_answer_in_between_starts_the_count_anew(clock: FakeClock) -> None:
    breaker = breaker_after(4, clock)
    breaker.succeeded()
    breaker.failed()
    breaker.admit()


def test_an_open_breaker_lets_one_probe_through_every_thirty_seconds(clock: FakeClock) -> None:
    breaker = breaker_after(5, clock)
    admitted = 0
    for _ in range(300):
        clock.now += 1
        try:
            breaker.admit()
        except KalshiCircuitOpenError:
            continue
        admitted += 1
        breaker.failed()
    assert admitted == 10


def test_a_probe_that_never_reports_back_does_not_stop_the_next(clock: FakeClock) -> None:
    breaker = breaker_after(5, clock)
    clock.now += 30
    breaker.admit()
    assert breaker.state == "probing"
    with pytest.raises(KalshiCircuitOpenError):
        breaker.admit()
    clock.now += 30
    breaker.admit()


def test_a_good_probe_closes_the_breaker(clock: FakeClock) -> None:
    breaker = breaker_after(5, clock)
    clock.now += 30
    breaker.admit()
    breaker.succeeded()
    assert breaker.state == "closed"
    breaker.admit()


def test_a_connection_error_is_retryable_but_an_open_breaker_is_not() -> None:
    assert POLICY.pause(1, KalshiConnectionError("reset"), lambda: 0.5) == 0.5
    assert POLICY.pause(1, KalshiCircuitOpenError("open")) is None
