"""Error answers, as Kalshi and the networks before it spell them."""

from __future__ import annotations

import math
from email.utils import formatdate

import pytest

from data_layer.api.refusals import refusal, retry_after_seconds
from data_layer.errors import (
    KalshiAuthError,
    KalshiError,
    KalshiNotFoundError,
    KalshiRateLimitError,
    KalshiRequestError,
    KalshiServerError,
)

NOW = 1_790_000_000.0


def refused(status: int, body: bytes, headers: dict[str, str] | None = None) -> KalshiError:
    return refusal(status, headers or {}, body, path="/markets", now=NOW)


def test_the_nested_form() -> None:
    error = refused(
        400, b'{"error":{"code":"bad_request","message":"bad request","details":"invalid status filter"}}'
    )
    assert type(error) is KalshiRequestError
    assert (error.code, error.details) == ("bad_request", "invalid status filter")
    assert str(error) == "Kalshi refused the question (400: invalid status filter)."


def test_the_flat_form() -> None:
    error = refused(404, b'{"code":"not_found","message":"not found"}')
    assert type(error) is KalshiNotFoundError
    assert (error.code, error.details) == ("not_found", "not found")


def test_the_plain_string_form_of_429() -> None:
    error = refused(429, b'{"error":"too many requests"}')
    assert type(error) is KalshiRateLimitError
    assert (error.retry_after_seconds, error.details) == (None, "too many requests")


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"\xff\xfe", b"[1]", b'{"error":null}', b"null"])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_no_json_at_all(status: int, body: bytes) -> None:
    error = refused(status, body)
    assert type(error) is KalshiServerError
    assert str(error) == f"Kalshi has a problem of its own ({status})."
    assert error.path == "/markets"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_identity(status: int) -> None:
    assert type(refused(status, b'{"error":{"code":"token_authentication_failure"}}')) is KalshiAuthError


def test_words_of_an_error_are_one_clamped_printable_line() -> None:
    error = refused(400, b'{"error":{"details":"a\\n\\u202eb' + b"x" * 5000 + b'"}}')
    assert error.details.startswith("a bxxx")
    assert len(error.details) <= 200
    assert len(error.body_excerpt) <= 300


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        (" 86400 ", 86400.0),
        (formatdate(NOW + 20, usegmt=True), 20.0),
        (formatdate(NOW - 20, usegmt=True), None),
        ("0", None),
        ("-1", None),
        ("soon", None),
        ("\u0662", None),
        ("9" * 5000, math.inf),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date_or_nonsense(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds
