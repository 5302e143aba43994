"""Faults on purpose: everything a server, a proxy or a changed schema can do to a client, by name."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import tornado.httpserver
import tornado.ioloop
import tornado.netutil

from data_layer.demo.answering import PREFIX
from data_layer.demo.fault_payloads import MUTATIONS, PAGING, Walks
from data_layer.demo.fault_wire import ON_THE_WIRE, wait_for

if TYPE_CHECKING:
    from data_layer.demo.answering import Answer

FAULTS: dict[str, str] = {
    "refused": "no connection is accepted (until cleared, or for `seconds`)",
    "no-answer": "the connection is accepted and nothing is ever said",
    "hang-after-headers": "headers arrive, the body never does",
    "drip": "one byte every half second",
    "reset": "the connection is reset in the middle of the body",
    "short-content-length": "Content-Length is half of what is sent",
    "truncated-body": "half of the announced body, then the end",
    "truncated-chunk": "half of a chunk, then the end",
    "truncated-json": "half of the JSON, ended by closing the connection",
    "too-many-requests": "429 as a string, without Retry-After (10 times, or `times`)",
    "retry-after": "429 with Retry-After 3, a date, a past date, -1, 86400 and nonsense in turn (or `value`)",
    "status-500": "500 with a JSON error",
    "status-502": "502 with a proxy's HTML",
    "status-503": "503 with a flat error",
    "status-504": "504 with a proxy's HTML",
    "status-400": "400 as for too many candlesticks",
    "status-401": "401, a key is needed",
    "status-403": "403 from the network's edge",
    "status-404": "404 for what is there",
    "redirect-host": "302 to another host",
    "redirect-loop": "302 to the same address, for ever",
    "captcha": "200 with an HTML page that asks whether you are human",
    "gzip-bomb": "200 kB of gzip that unpack to 200 MB (`megabytes`)",
    "false-gzip": "plain text that says it is gzip",
    "broken-gzip": "gzip that ends early",
    "latin-1": "text in Latin-1 that says nothing of it",
    "bom": "a byte order mark before the JSON",
    "surrogates": "a lone surrogate in a text",
    "nan": "NaN and -Infinity, which are not JSON",
    "huge-number": "1e400, which is no double",
    "duplicate-keys": "the same key twice, with two values",
    "deep": "arrays nested 10,000 deep",
    "late": "a good answer after 35 s (`seconds`)",
    "cursor-400": "the third page (`page`) of a walk is refused: invalid cursor",
    "cursor-repeats": "a page's cursor is the one that asked for it",
    "cursor-endless": "the last page points to the first, under a new cursor every time",
    "same-market-twice": "the last row of a page comes again on the next, at another price",
    "market-moves": "the first row of every page but the first has moved to a page already read",
    "empty-page": "the second page is empty but has a cursor",
    "page-fails": "the fifth page (`page`) fails with 500",
    "shrunk": "nine tenths of the rows are gone, and the walk ends",
    "cents": "whole cents under the names of before March 2026",
    "disagreeing-forms": "cents and dollars side by side, disagreeing",
    "field-removed": "yes_bid_dollars (`field`) is missing",
    "field-added": "a member nobody has heard of",
    "type-changed": "yes_bid_dollars (`field`) is a number",
    "rows-null": "null where the list should be",
    "rows-object": "an object where the list should be",
    "row-without-ticker": "the first row has no ticker",
}

_RETRY_AFTER = ("3", "Wed, 21 Oct 2099 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", "-1", "86400", "soon")
_HTML = "<html><head><title>{0} {1}</title></head><body><center><h1>{0} {1}</h1></center><hr>cloud</body></html>"
_STATUS: dict[str, tuple[int, str]] = {
    "too-many-requests": (429, '{"error":"too many requests"}'),
    "retry-after": (429, '{"error":"too many requests"}'),
    "status-500": (500, '{"error":{"code":"internal_server_error","message":"internal server error"}}'),
    "status-502": (502, _HTML.format(502, "Bad Gateway")),
    "status-503": (503, '{"code":"service_unavailable","message":"service unavailable","details":""}'),
    "status-504": (504, _HTML.format(504, "Gateway Time-out")),
    "status-400": (400, '{"error":{"code":"bad_request","message":"bad request","details":"requested time range with '
                        'candlesticks: 5001, max candlesticks: 5000"}}'),
    "status-401": (401, '{"error":{"code":"token_authentication_failure","message":"token authentication failure"}}'),
    "status-403": (403, _HTML.format(403, "Forbidden")),
    "status-404": (404, '{"error":{"code":"not_found","message":"not found"}}'),
    "redirect-host": (302, ""),
    "redirect-loop": (302, ""),
    "cursor-400": (400, '{"error":{"code":"bad_request","message":"bad request","details":"invalid cursor"}}'),
    "page-fails": (500, '{"error":{"code":"internal_server_error","message":"internal server error"}}'),
}  # fmt: skip


@dataclass
class _Active:
    name: str
    path: str = ""
    left: float = float("inf")
    options: dict[str, Any] = field(default_factory=dict)
    walks: Walks = field(default_factory=Walks)
    struck: int = 0


class Faults:
    """The faults that are on.  ``set`` and ``clear`` may be called from any thread."""

    def __init__(self) -> None:
        self._active: list[_Active] = []
        self._lock = threading.Lock()
        self._loop: tornado.ioloop.IOLoop | None = None
        self._server: tornado.httpserver.HTTPServer | None = None
        self._port = 0
        self._listening = True
        self._released = asyncio.Event()

    def attach(self, loop: tornado.ioloop.IOLoop, server: tornado.httpserver.HTTPServer, port: int) -> None:
        """Learn which loop and server the faults are for."""
        self._loop, self._server, self._port = loop, server, port

    def active(self) -> list[dict[str, Any]]:
        """Return what is on."""
        with self._lock:
            return [{"name": one.name, "path": one.path, "struck": one.struck} for one in self._active]

    def set(self, name: str, *, path: str = "", times: int | None = None, **options: Any) -> None:
        """Switch a fault on, for paths that begin with ``path`` (below the API's prefix) and ``times`` requests.

        Raises ValueError for a name that is not in FAULTS.
        """
        if name not in FAULTS:
            raise ValueError(f"no such fault: {name}")
        if times is None and name == "too-many-requests":
            times = 10
        left = float("inf") if times is None else times
        with self._lock:
            self._active.append(_Active(name, path, left, options))
        if name == "refused":
            self._on_loop(self._refuse, float(options.get("seconds", 0)))

    def clear(self) -> None:
        """Switch everything off and let go of those who wait."""
        with self._lock:
            self._active.clear()
        self._on_loop(self._release)

    def _on_loop(self, action: Any, *arguments: Any) -> None:
        """Run an action in the server's thread, and see it done before returning (unless this is that thread)."""
        if self._loop is None:
            return
        loop = self._loop.asyncio_loop  # type: ignore[attr-defined]
        try:
            if asyncio.get_running_loop() is loop:
                action(*arguments)
                return
        except RuntimeError:
            pass
        if loop.is_closed():
            return
        done = threading.Event()

        def run() -> None:
            action(*arguments)
            done.set()

        loop.call_soon_threadsafe(run)
        done.wait(5)

    def _refuse(self, seconds: float) -> None:
        if self._server is None or not self._listening:
            return
        self._server.stop()
        self._listening = False
        self._closing = asyncio.ensure_future(self._server.close_all_connections())
        if seconds and self._loop is not None:
            self._loop.call_later(seconds, self._release)

    def _release(self) -> None:
        self._released.set()
        self._released = asyncio.Event()
        if not self._listening and self._server is not None:
            self._server.add_sockets(tornado.netutil.bind_sockets(self._port, "127.0.0.1"))
            self._listening = True

    async def _hold(self, seconds: float) -> None:
        await wait_for(self._released, seconds)

    def _strike(self, handler: Answer, names: Any) -> list[_Active]:
        """Return the faults among ``names`` that strike this request, and count them."""
        path = handler.request.path.removeprefix(PREFIX)
        with self._lock:
            hit = [one for one in self._active if one.name in names and one.left > 0 and path.startswith(one.path)]
            for one in hit:
                if one.name not in ("cursor-400", "page-fails"):
                    one.left -= 1
                one.struck += 1
        return hit

    def _walk(self, handler: Answer) -> tuple[str, str]:
        query = {name: values for name, values in handler.request.query_arguments.items() if name != "cursor"}
        cursor = handler.request.query_arguments.get("cursor", [b""])[-1].decode("utf-8", "replace")
        return handler.request.path + repr(sorted(query.items())), cursor

    async def take_over(self, handler: Answer) -> None:
        """Answer in the exchange's place where a fault says so; swap in the cursors that stand for others."""
        walk, cursor = self._walk(handler)
        for one in self._active:
            if cursor in one.walks.aliases:
                handler.request.arguments["cursor"] = [one.walks.aliases[cursor].encode()]
                handler.request.query_arguments["cursor"] = [one.walks.aliases[cursor].encode()]
                handler.alias = cursor
        for one in self._strike(handler, _STATUS):
            if one.name in ("cursor-400", "page-fails"):
                page = int(one.options.get("page", 3 if one.name == "cursor-400" else 5))
                if one.walks.page(walk, cursor) != page or one.left <= 0:
                    continue
                one.left -= 1
            self._say(handler, one)
            return

    def _say(self, handler: Answer, one: _Active) -> None:
        status, body = _STATUS[one.name]
        handler.set_status(status)
        if one.name == "retry-after":
            value = one.options.get("value", _RETRY_AFTER[(one.struck - 1) % len(_RETRY_AFTER)])
            handler.set_header("Retry-After", str(value))
        elif one.name == "redirect-host":
            handler.set_header("Location", f"http://localhost:{self._port}/elsewhere")
        elif one.name == "redirect-loop":
            handler.set_header("Location", handler.request.uri or "/")
        if body.startswith("<"):
            handler.set_header("Content-Type", "text/html")
        handler.finish(body)

    async def send(self, handler: Answer, body: bytes) -> None:
        """Send an answer, as the faults have it."""
        if not self._active:
            await handler.finish(body)
            return
        walk, cursor = self._walk(handler)
        cursor = handler.alias or cursor
        changes = self._strike(handler, (*MUTATIONS, *PAGING))
        if changes:
            payload = json.loads(body)
            for one in changes:
                if one.name in PAGING:
                    one.walks.change(one.name, payload, walk, cursor, one.walks.page(walk, cursor))
                else:
                    MUTATIONS[one.name](payload, **one.options)
            body = json.dumps(payload, separators=(",", ":")).encode()
        for one in self._strike(handler, ON_THE_WIRE):
            await ON_THE_WIRE[one.name](handler, body, self._hold, **one.options)
            return
        await handler.finish(body)
