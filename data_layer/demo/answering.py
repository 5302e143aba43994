"""What all answers have in common: parameters, errors, cursors, the rate limit, and how bytes leave."""

from __future__ import annotations

import base64
import binascii
import json
import time
from typing import TYPE_CHECKING, Any

import msgspec
from tornado.web import GZipContentEncoding, HTTPError, RequestHandler

if TYPE_CHECKING:
    from data_layer.demo.exchange import Exchange

PREFIX = "/trade-api/v2"


class ApiError(Exception):
    """An answer that is an error: status, code, message, details and which of the known bodies it has."""

    def __init__(self, status: int, code: str, details: str = "", *, flat: bool = False) -> None:
        super().__init__(code)
        self.status = status
        self.body: dict[str, Any] = {"code": code, "message": code.replace("_", " ")}
        if details:
            self.body["details"] = details
        if not flat:
            self.body = {"error": self.body}


def bad_request(details: str) -> ApiError:
    """Return the 400 of a wrong question."""
    return ApiError(400, "bad_request", details)


class FastGzip(GZipContentEncoding):
    """Compression that costs little: a page of a thousand markets is two megabytes of much the same text."""

    GZIP_LEVEL = 1


class TokenBucket:
    """Allows ``rate`` requests a second, and as many at once after a pause."""

    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self._most = max(rate or 0.0, 1.0)
        self._tokens = self._most
        self._filled = time.monotonic()

    def take(self) -> bool:
        """Return whether a request may pass."""
        if self.rate is None:
            return True
        now = time.monotonic()
        self._tokens = min(self._most, self._tokens + (now - self._filled) * self.rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def encode_cursor(state: Any) -> str:
    """Return an opaque cursor that holds ``state``."""
    return base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")


def decode_cursor(text: str, size: int) -> list[Any]:
    """Return the ``size`` numbers in a cursor; anything else is a 400."""
    try:
        state = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as problem:
        raise bad_request("invalid cursor") from problem
    if not isinstance(state, list) or len(state) != size or not all(isinstance(n, (int, float)) for n in state):
        raise bad_request("invalid cursor")
    return state


class Answer(RequestHandler):
    """Base of all handlers: one GET, whose errors are Kalshi's bodies."""

    exchange: Exchange
    handles_faults = True
    alias: str | None = None  # the cursor that was asked with, where a fault swapped it

    def initialize(self, exchange: Exchange) -> None:
        """Keep the exchange this handler answers for."""
        self.exchange = exchange

    def set_default_headers(self) -> None:
        """Name nothing but JSON; the real exchange gives no hint of limits either."""
        self.set_header("Content-Type", "application/json")
        self.clear_header("Server")

    def compute_etag(self) -> str | None:
        """Send no ETag: two answers are hardly ever the same."""
        return None

    async def prepare(self) -> None:
        """Log the request, hold it to the limit and let a fault take it over."""
        exchange, request = self.exchange, self.request
        exchange.request_log.append((time.monotonic(), request.method or "", request.uri or ""))
        if not exchange.bucket.take():
            self.set_status(429)
            self.finish('{"error":"too many requests"}')
            return
        if self.handles_faults:
            await exchange.faults.take_over(self)

    async def get(self, *parts: str) -> None:
        """Answer; the subclass's ``reply`` says what."""
        try:
            body = self.reply(*parts)
        except ApiError as error:
            self.set_status(error.status)
            self.finish(msgspec.json.encode(error.body))
            return
        await self.exchange.faults.send(self, body if isinstance(body, bytes) else msgspec.json.encode(body))

    def reply(self, *parts: str) -> bytes | dict[str, Any]:
        """Return the JSON object asked for."""
        raise NotImplementedError

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write Kalshi's body for errors that Tornado found."""
        self.finish(msgspec.json.encode({"error": {"code": "internal_server_error", "message": self._reason}}))

    # ---- parameters --------------------------------------------------------------------------------------------

    def text(self, name: str) -> str | None:
        """Return a parameter, None if absent or empty."""
        try:
            return self.get_query_argument(name, None) or None
        except HTTPError as problem:
            raise bad_request(f"invalid {name}") from problem

    def choice(self, name: str, *choices: str) -> str | None:
        """Return a parameter that has to be one of some words."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise bad_request(f"invalid {name}")
        return value

    def whole(self, name: str, default: int | None = None) -> int | None:
        """Return a whole-number parameter."""
        value = self.text(name)
        if value is None:
            return default
        if len(value) > 18 or not value.lstrip("-").isascii() or not value.lstrip("-").isdigit():
            raise bad_request(f"invalid {name}")
        return int(value)

    def needed(self, name: str) -> int:
        """Return a whole-number parameter that has to be there."""
        value = self.whole(name)
        if value is None:
            raise bad_request(f"{name} is required")
        return value

    def flag(self, name: str) -> bool:
        """Return a true-or-false parameter, false if absent."""
        value = self.text(name)
        if value is None:
            return False
        if value.lower() not in ("true", "false", "1", "0"):
            raise bad_request(f"invalid {name}")
        return value.lower() in ("true", "1")

    def limit(self, default: int, most: int, least: int = 1, name: str = "limit") -> int:
        """Return the page size."""
        value = self.whole(name, default)
        if value is None or not least <= value <= most:
            raise bad_request(f"{name} must be between {least} and {most}")
        return value or default

    def listed(self, name: str) -> list[str] | None:
        """Return a comma-separated parameter."""
        value = self.text(name)
        return None if value is None else [part for part in value.split(",") if part]

    def cursor(self, size: int) -> list[Any] | None:
        """Return the state in the cursor, None on the first page."""
        value = self.text("cursor")
        return None if value is None else decode_cursor(value, size)


class NoSuchRoute(Answer):
    """What the exchange says to a path it does not know: Go's plain text."""

    handles_faults = False

    async def prepare(self) -> None:
        """Answer any method."""
        self.exchange.request_log.append((time.monotonic(), self.request.method or "", self.request.uri or ""))
        self.set_status(404)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("404 page not found\n")


class KeyNeeded(Answer):
    """Endpoints that need a key."""

    def reply(self, *parts: str) -> dict[str, Any]:
        """Refuse."""
        raise ApiError(401, "token_authentication_failure", "missing KALSHI-ACCESS-KEY header")


def page_of(name: bytes, rows: list[bytes], cursor: str, more: bytes = b"") -> bytes:
    """Return a page: an array under ``name``, further members, and the cursor."""
    return b'{"' + name + b'":[' + b",".join(rows) + b"]," + more + b'"cursor":"' + cursor.encode() + b'"}'
