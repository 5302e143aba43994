"""The server: the application behind headers, limits, signed sessions and exact origins, with health routes.

Everything a visitor, or the text of a market, could do to the process or to another visitor is answered here once;
`app.guards` holds the part that also works under plain `panel serve`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
from bokeh.server.tornado import BokehTornado
from bokeh.settings import settings
from panel.io.server import Server, get_server
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.routing import PathMatches, Rule
from tornado.web import OutputTransform, RedirectHandler

from app.export_route import ExportHandler, ExportTurns
from app.guards import install_guards
from app.metrics import MeasuredSource, MetricsHandler, open_sessions
from app.routes import (
    ChosenSession,
    Full,
    Gone,
    HealthHandler,
    NotFoundHandler,
    Ready,
    ReadyHandler,
    RefusalHandler,
    TooLong,
    page,
)
from app.session_source import SessionSource
from app.single_view import VIEW, open_addressed, open_view
from data_layer.errors import DataLayerError

TITLE = "Kalshi Analytics"

#: Largest message a browser may send over its websocket; the largest of ours is under 2 KB.
WEBSOCKET_BYTES = 1_000_000

#: zlib's level, and its memory: about 150 kB a session with this one. What is sent is a fifth to a seventh of what is
#: said (docs/adr/0092); the token of the session is not in it.
WEBSOCKET_COMPRESSION, WEBSOCKET_COMPRESSION_MEMORY = 4, 5

#: A page that never opens its websocket (a crawler, a closed tab) is dropped after this long.
UNUSED_SESSION_MILLISECONDS = 15_000
MAX_SESSIONS = 200

#: Kept in the signed token of a session: neither cookies of the host nor credentials ever are.
TOKEN_HEADERS = ["User-Agent"]
TOKEN_COOKIES = ["ka_theme", "ka_scheme", "ka_zone", "ka_tz", "ka_unit", "ka_side", "ka_times"]

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?")
_ORIGIN = _HOST
_ANCESTOR = re.compile(rf"'self'|(https?://)?({_HOST.pattern})")


def content_policy(host: str, frame_ancestors: Sequence[str] = ()) -> str:
    """Return the Content-Security-Policy: nothing from outside the origin, no handlers in attributes, no frames.

    Vega compiles expressions (`unsafe-eval`) and the framework writes inline scripts (`unsafe-inline`);
    `script-src-attr 'none'` is what still stops ``onerror=…``. `frame_ancestors` are the origins that may embed us.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "script-src-attr 'none'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' blob:{sockets}",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {' '.join(frame_ancestors) or chr(39) + 'none' + chr(39)}",
        )
    )


#: How a page begins that says a status and nothing else.
BARE = b"<html><title>"
WORDS = {
    400: ("This cannot be answered", "The address may have lost a piece on its way."),
    403: ("This is not for you", "The server does not give that away."),
    404: ("There is no such file", "The page that wanted it may be of an older release: reload it."),
    405: ("This can only be read", "The address takes no such request."),
    500: ("Something failed here", "It has been written down. Try again, or go on from the list."),
}


def security_headers(frame_ancestors: Sequence[str] = (), base: str = "") -> type[OutputTransform]:
    """Return a transform that puts the security headers on every response: pages, files, errors and refusals.

    A refusal that is a bare page of the framework's becomes one of ours, with a way back to the dashboard at `base`.
    `frame_ancestors` are ``'self'`` or origins (``https://host:port``); ValueError for anything else.
    """
    for ancestor in frame_ancestors:
        if not _ANCESTOR.fullmatch(ancestor):
            raise ValueError(
                f"{ancestor!r} is no origin of a page that may frame us: give https://host:port or 'self'"
            )

    class SecurityHeaders(OutputTransform):
        def __init__(self, request: HTTPServerRequest) -> None:
            self._host = request.host or ""

        def transform_first_chunk(
            self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
        ) -> tuple[int, HTTPHeaders, bytes]:
            headers["Content-Security-Policy"] = content_policy(self._host, frame_ancestors)
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "no-referrer"
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
            if not frame_ancestors:
                headers["X-Frame-Options"] = "DENY"
            headers.pop("Server", None)
            if status_code >= 400 and finishing and chunk.startswith(BARE):
                # Files and scripts are the frameworks': their refusals are told in our words too.
                chunk = page(*WORDS.get(status_code, WORDS[400]), f"{base}/").encode()
                headers["Content-Length"] = str(len(chunk))
            return status_code, headers, chunk

    return SecurityHeaders


def readiness(context: SessionSource) -> Ready:
    """Return the question of ``/readyz``: is there a snapshot, and how old is it."""

    def ready() -> tuple[bool, dict[str, Any]]:
        progress = context.progress()
        try:
            info = context.repository.snapshot_info()
        except DataLayerError as error:
            return False, {"stage": progress.stage, "reason": type(error).__name__}
        said = {
            "stage": progress.stage,
            "source": info.source,
            "snapshot": info.snapshot_id,
            "open_markets": info.open_markets,
            "as_of": info.as_of.isoformat() if info.as_of else None,
        }
        return info.as_of is not None and info.open_markets > 0, said

    return ready


def exact_origins(origins: Sequence[str]) -> list[str]:
    """Return the origins (``host`` or ``host:port``) that may open a websocket; ValueError for anything else."""
    if "*" in "".join(settings.allowed_ws_origin()):
        raise ValueError("BOKEH_ALLOW_WS_ORIGIN lets every page connect; name exact origins instead")
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin!r} is no origin: give host:port, without scheme, path or *")
    return list(origins)


def _own_hosts(address: str | None) -> set[str]:
    """Return the names under which a page of ours can come from this server itself."""
    if address in {"127.0.0.1", "localhost", "::1"}:
        return {"127.0.0.1", "localhost", "[::1]"}
    return {address} if address and address != "0.0.0.0" else {"localhost"}  # noqa: S104 - compared, not bound


def applications(source: SessionSource, open_page: Callable[[SessionSource], Any] = open_addressed) -> dict[str, Any]:
    """Return what makes a session's page, by path: the dashboard, and one view alone for pages of others."""
    return {"/": lambda: _served(source, open_page), VIEW: lambda: _served(source, open_view)}


def routes(source: MeasuredSource) -> list[Any]:
    """Return the routes beside the pages: health, metrics, and tables as files."""
    return [
        (r"/export", ExportHandler, {"source": source, "turns": ExportTurns()}),
        (r"/healthz", HealthHandler),
        (r"/readyz", ReadyHandler, {"ready": readiness(source)}),
        (r"/metrics", MetricsHandler, {"source": source}),
    ]


def session_options(base: str, secret: str, unused_session_milliseconds: int) -> dict[str, Any]:
    """Return what Bokeh's Tornado application is told, by our server or by a host's: signed, short-lived, frugal."""
    return {
        "default_handler_class": NotFoundHandler,
        "default_handler_args": {"home": f"{base}/"},
        "compress_response": True,
        "websocket_compression_level": WEBSOCKET_COMPRESSION,
        "websocket_compression_mem_level": WEBSOCKET_COMPRESSION_MEMORY,
        "sign_sessions": True,
        "secret_key": (secret or secrets.token_hex(32)).encode(),
        "include_headers": TOKEN_HEADERS,
        "include_cookies": TOKEN_COOKIES,
        "unused_session_lifetime_milliseconds": unused_session_milliseconds,
        "check_unused_sessions_milliseconds": max(100, unused_session_milliseconds // 3),
    }


def protect(tornado: BokehTornado, base: str, frame_ancestors: Sequence[str], max_sessions: int) -> None:
    """Put the security headers on every answer of ours, and refuse before any page is built what is too much."""
    tornado.add_transform(security_headers(frame_ancestors, base))
    pages = {base or "/", f"{base}/", f"{base}{VIEW}"}
    scripts = {f"{base}/autoload.js", f"{base}{VIEW}/autoload.js"}
    # The view's files lie beside it: with a slash behind it they would be looked for one step too deep.
    there = {"url": f"..{VIEW}", "permanent": False}
    tornado.default_router.rules.insert(
        0, Rule(PathMatches(re.escape(f"{base}{VIEW}/") + "$"), RedirectHandler, there)
    )
    refuse_first(
        tornado,
        Full(frozenset(pages | scripts), lambda: open_sessions(tornado), max_sessions),
        status=503,
        title="The dashboard is full",
        reason="There are as many visitors as it can serve well. Try again in half a minute.",
        home="",
    )
    refuse_first(
        tornado,
        Gone(frozenset(pages | scripts)),
        status=408,
        title="You were gone",
        reason="The connection was closed before its turn came.",
        home="",
    )
    refuse_first(
        tornado,
        ChosenSession(),
        status=403,
        title="Sessions cannot be chosen",
        reason="The link names a session, which only the server itself may do.",
        home=f"{base}/",
    )
    refuse_first(
        tornado,
        TooLong(),
        status=414,
        title="The link is too long",
        reason="None of the dashboard's links is that long; it may have been damaged on its way.",
        home=f"{base}/",
    )


def refuse_first(tornado: BokehTornado, matcher: Any, **said: Any) -> None:
    """Let a matcher answer before every other route."""
    tornado.default_router.rules.insert(0, Rule(matcher, RefusalHandler, said))


def build_server(
    context: MeasuredSource,
    port: int = 0,
    address: str | None = "127.0.0.1",
    allow_origins: Sequence[str] = (),
    *,
    secret: str = "",
    prefix: str = "",
    frame_ancestors: Sequence[str] = (),
    max_sessions: int = MAX_SESSIONS,
    unused_session_milliseconds: int = UNUSED_SESSION_MILLISECONDS,
    open_page: Callable[[SessionSource], Any] = open_addressed,
    **options: Any,
) -> Server:
    """Return a server of the dashboard, bound and not started: call `run_until_shutdown`, or start its loop.

    The application is at ``/`` (under `prefix`), one view alone at ``/single-view``, ``/healthz``, ``/readyz``,
    ``/metrics`` and ``/export`` beside them. `port` 0 takes a free one. `allow_origins` are further ``host:port`` of
    pages that may connect; the server's own is always allowed. `frame_ancestors` are the origins that may frame it.
    `secret` signs sessions (random when empty: they end with the process). `options` go to Panel's `get_server`.
    """
    install_guards()
    base = "/" + prefix.strip("/") if prefix.strip("/") else ""
    server: Server = get_server(
        applications(context, open_page),
        port=port,
        address=address,
        websocket_origin=exact_origins(allow_origins) or None,
        location=False,
        title=TITLE,
        prefix=base,
        extra_patterns=routes(context),
        websocket_max_message_size=WEBSOCKET_BYTES,
        **session_options(base, secret, unused_session_milliseconds),
        **options,
    )
    own = {f"{host}:{server.port}" for host in _own_hosts(address)}
    server._tornado.websocket_origins.update(own)
    protect(server._tornado, base, frame_ancestors, max_sessions)
    return server


def _served(context: SessionSource, open_page: Callable[[SessionSource], Any]) -> Any:
    """Build one session's page; runs inside the session."""
    pn.config.notifications = False
    return open_page(context)
