"""Error answers in all their forms, turned into typed errors that speak to a person."""

from __future__ import annotations

import email.utils
import json
from collections.abc import Mapping

from data_layer.errors import (
    KalshiAuthError,
    KalshiError,
    KalshiNotFoundError,
    KalshiRateLimitError,
    KalshiRequestError,
    KalshiServerError,
)

_WORDS = 200


def refusal(status: int, headers: Mapping[str, str], body: bytes, *, path: str, now: float) -> KalshiError:
    """Return the error for a status of 400 or more; `now` (Unix seconds) turns a Retry-After date into seconds."""
    code, message, details = _words_of(body)
    said = details or message or code
    kind, what = _kind_of(status)
    return kind(
        f"{what} ({status}{': ' + said if said else ''}).",
        path=path,
        status=status,
        body_excerpt=body.decode("utf-8", "replace"),
        code=code,
        details=said,
        retry_after_seconds=retry_after_seconds(headers.get("Retry-After"), now),
    )


def retry_after_seconds(header: str | None, now: float) -> float | None:
    """Read a Retry-After header (seconds or a date); None if absent, in the past, or nonsense."""
    if header is None:
        return None
    try:
        seconds = float(header) if header.isascii() and header.strip().isdigit() else _until(header, now)
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if seconds > 0 else None


def _until(header: str, now: float) -> float:
    return email.utils.parsedate_to_datetime(header).timestamp() - now


def _kind_of(status: int) -> tuple[type[KalshiError], str]:
    if status == 429:
        return KalshiRateLimitError, "Kalshi asks us to slow down"
    if status == 404:
        return KalshiNotFoundError, "Kalshi does not know this"
    if status in (401, 403):
        return KalshiAuthError, "Kalshi refused our identity"
    if status < 500:
        return KalshiRequestError, "Kalshi refused the question"
    return KalshiServerError, "Kalshi has a problem of its own"


def _words_of(body: bytes) -> tuple[str, str, str]:
    """Return code, message, details of an error body: nested, flat, plain text, or no JSON at all."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return "", "", ""
    if not isinstance(answer, dict):
        return "", "", ""
    error = answer.get("error", answer)
    if isinstance(error, str):
        return "", _one_line(error), ""
    if not isinstance(error, dict):
        return "", "", ""
    return _one_line(error.get("code")), _one_line(error.get("message")), _one_line(error.get("details"))


def _one_line(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:_WORDS]
