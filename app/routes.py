"""The routes beside the application: health, refusals, and the page of an address that is none."""

from __future__ import annotations

import html
import json
import socket
import ssl
from collections.abc import Callable
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher
from tornado.web import RequestHandler

from app.url import MAX_KEYS, MAX_QUERY_CHARACTERS

Ready = Callable[[], tuple[bool, dict[str, Any]]]


def page(title: str, reason: str, home: str = "") -> str:
    """Return a whole HTML page for what the application itself cannot show; texts are escaped."""
    step = f'<p><a href="{html.escape(home, quote=True)}">All markets</a></p>' if home else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)} · Kalshi Analytics</title><style>:root{{color-scheme:light dark}}"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem}"
        "h1{font-size:1.3rem}</style></head><body>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(reason)}</p>{step}</body></html>"
    )


class HealthHandler(RequestHandler):
    """Say that the process answers; nothing else is asked, so that a hung refresh cannot hide it."""

    def get(self) -> None:
        """Answer 200."""
        self.set_header("Cache-Control", "no-store")
        self.write({"status": "ok"})


class ReadyHandler(RequestHandler):
    """Say whether there is anything to show: 200 with a snapshot, else 503."""

    def initialize(self, ready: Ready) -> None:
        """Take the question that is asked."""
        self._ready = ready

    def get(self) -> None:
        """Answer 200 or 503 with what is known."""
        fine, said = self._ready()
        self.set_status(200 if fine else 503)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "application/json")
        self.write(json.dumps({"status": "ready" if fine else "not ready", **said}))


class RefusalHandler(RequestHandler):
    """Answer what is refused before any of our code sees it, with a page that says why."""

    def initialize(self, status: int, title: str, reason: str, home: str) -> None:
        """Take what is said."""
        self._said = (status, title, reason, home)

    def prepare(self) -> None:
        """Answer any method."""
        status, title, reason, home = self._said
        self.set_status(status)
        if status == 503:
            self.set_header("Retry-After", "30")
        self.finish(page(title, reason, home))


class NotFoundHandler(RequestHandler):
    """The page of an address that is none of ours."""

    def initialize(self, home: str) -> None:
        """Take the address of the home page."""
        self._home = home

    def prepare(self) -> None:
        """Answer any method with 404."""
        self.set_status(404)
        self.finish(page("There is no such page", "The address may have lost a piece on its way.", self._home))


class TooLong(Matcher):
    """Match requests whose query is longer, or has more keys, than any of our links."""

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return handler arguments (none) where the request is to be refused."""
        query = request.query or ""
        long = len(query) > MAX_QUERY_CHARACTERS or query.count("&") >= MAX_KEYS or len(request.path) > 1024
        return {} if long else None


class ChosenSession(Matcher):
    """Match requests that name the session they want: the server makes every session itself."""

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return handler arguments (none) where the request is to be refused."""
        named = {"bokeh-session-id", "bokeh-token"} & request.arguments.keys()
        return {} if named or "Bokeh-Session-Id" in request.headers else None


class Full(Matcher):
    """Match requests for a new session when there is no room for one; sockets of living sessions are let through."""

    def __init__(self, paths: frozenset[str], sessions: Callable[[], int], most: int) -> None:
        self._paths, self._sessions, self._most = paths, sessions, most

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return handler arguments (none) where the request is to be refused."""
        return {} if request.path in self._paths and self._sessions() >= self._most else None


class Gone(Matcher):
    """Match requests for a new session whose asker has closed the connection while the request waited its turn.

    Who reloads an overloaded page again and again leaves requests behind him, each of which would have a whole page
    built for nobody. A connection closed on one side is closed: Tornado cannot answer it either once it looks.
    """

    def __init__(self, paths: frozenset[str]) -> None:
        self._paths = paths

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return handler arguments (none) where nobody waits for the answer."""
        if request.path not in self._paths:
            return None
        stream = getattr(request.connection, "stream", None)
        return {} if stream is not None and _ended(stream.socket) else None


def _ended(connection: socket.socket | None) -> bool:
    """Tell whether the other side has closed a connection; what it may still say is left unread."""
    if connection is None:
        return True
    if isinstance(connection, ssl.SSLSocket):  # it cannot be looked into without reading
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""  # the server's sockets do not block
    except BlockingIOError:
        return False
    except OSError:
        return True
