"""Mount the dashboard in somebody's Tornado application: same process, same port, under a prefix.

It brings all that `app.serving` gives the own server, for addresses under the prefix and nowhere else. The host's
other routes, headers and cookies stay as they are.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

import tornado.web
from bokeh.embed import server_document
from bokeh.server.tornado import BokehTornado
from panel.io.application import build_applications
from panel.io.resources import DIST_DIR
from panel.io.server import INDEX_HTML, get_static_routes
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.routing import Matcher, PathMatches, Rule

from app import url
from app.context import Context
from app.guards import install_guards
from app.metrics import MeasuredSource, open_sessions
from app.serving import (
    MAX_SESSIONS,
    TITLE,
    UNUSED_SESSION_MILLISECONDS,
    WEBSOCKET_BYTES,
    applications,
    exact_origins,
    protect,
    refuse_first,
    routes,
    security_headers,
    session_options,
)
from app.settings import Settings
from app.single_view import VIEW

_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")

#: How long `Mounted.stop` waits for browsers to close their websockets; Tornado itself gives them 5 seconds.
CLOSING_SECONDS = 6.0
CLOSING_STEP_SECONDS = 0.02

Permit = Callable[[HTTPServerRequest], bool]


def _with_port(host: str) -> str:
    """Spell a host as Bokeh compares it: one without a port would match every port, and 80 stands for 443 too."""
    return host.lower() if re.search(r":\d+$", host) else f"{host.lower()}:80"


class _Forbidden(Matcher):
    """Match the requests that the host does not let through."""

    def __init__(self, permit: Permit) -> None:
        self._permit = permit

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        return None if self._permit(request) else {}


class Mounted:
    """The dashboard inside a host's application. Made by `mount`; `stop` takes it out again."""

    def __init__(
        self, host: tornado.web.Application, prefix: str, application: BokehTornado, context: Context | None
    ) -> None:
        self.prefix = prefix
        self.application = application
        self._host, self._context = host, context
        # Not `prefix.*`, which would swallow /tools/kalshi2; and before any catch-all of the host.
        self._rule = Rule(PathMatches(re.escape(prefix) + r"(?:/.*)?$"), application)
        host.default_router.rules.insert(0, self._rule)
        application.initialize(IOLoop.current())
        application.start()

    @property
    def sessions(self) -> int:
        """How many sessions are open."""
        return open_sessions(self.application)

    def script(self, request: HTTPServerRequest, link: str = "", *, dark: bool = False) -> str:
        """Return a script element that puts one view into the page which answers `request`.

        `link` is what the address of that view says (``?page=market&ticker=…``). Raises ValueError for a link that
        cannot be read, and for a page whose ``host:port`` is none of the origins it was mounted with.
        """
        if _with_port(request.host) not in self.application.websocket_origins:
            raise ValueError(f"{request.host!r} is none of the origins the dashboard was mounted with")
        decoded = url.decode(link)
        if decoded.notes:
            raise ValueError(f"{link!r} cannot be shown: {' '.join(decoded.notes)}")
        arguments = dict(parse_qsl(url.encode(decoded.values).removeprefix("?")))
        if dark:
            arguments["theme"] = "dark"
        # Absolute, or Bokeh doubles the prefix.
        address = f"{request.protocol}://{request.host}{self.prefix}{VIEW}"
        element: str = server_document(address, arguments=arguments)
        return element

    async def stop(self) -> None:
        """Give the prefix back to the host, end all sessions, and the background work that `mount` began.

        Call it once, on the host's event loop: ``await mounted.stop()``, or ``run_sync(mounted.stop)`` of its IOLoop.
        """
        self._host.default_router.rules.remove(self._rule)
        for connection in list(self.application._clients):
            connection._socket.close(1001, "The dashboard is being shut down.")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CLOSING_SECONDS
        while self.application._clients and loop.time() < deadline:
            await asyncio.sleep(CLOSING_STEP_SECONDS)
        self.application.stop()
        for served in self.application.applications.values():
            await served._cleanup_sessions(-1)
        if self._context is not None:
            await loop.run_in_executor(None, self._context.close)


def mount(
    host: tornado.web.Application,
    prefix: str,
    origins: Sequence[str],
    *,
    context: MeasuredSource | None = None,
    secret: str = "",
    frame_ancestors: Sequence[str] = ("'self'",),
    permit: Permit | None = None,
    max_sessions: int = MAX_SESSIONS,
    unused_session_milliseconds: int = UNUSED_SESSION_MILLISECONDS,
) -> Mounted:
    """Serve the whole dashboard under `prefix` of a Tornado application, in its process and on its port.

    Call it before the host listens, on the thread of its event loop; it takes some seconds (imports, and at a first
    start one question to the exchange). Raises ValueError for a prefix, origin or secret that cannot be used.

    `origins`: ``host:port`` of the pages it is opened in, as browsers write them; no scheme, no pattern.
    `context`: without one, one is made from the environment (``KALSHI_…``), and closed by `Mounted.stop`.
    `secret` (32 characters or more; random when empty) signs sessions: processes behind one address must share it.
    `frame_ancestors`: origins whose pages may frame it; the host's own by default.
    `permit` is asked before every request under the prefix, websockets included: the login of the host's own
    handlers does not reach here by itself.
    """
    base = "/" + prefix.strip("/")
    if not _PREFIX.fullmatch(base) or VIEW in base:
        raise ValueError(f"{prefix!r} is no prefix: give a path like /tools/kalshi")
    if not origins:
        raise ValueError("name the host:port of the pages that open the dashboard; without one no page can connect")
    if secret and len(secret) < 32:
        raise ValueError("a secret has at least 32 characters")
    allowed = [_with_port(origin) for origin in exact_origins(origins)]
    security_headers(frame_ancestors)  # its complaints before any work begins
    install_guards()
    own: Context | None = None
    if context is None:
        settings = Settings.from_environment()
        context = own = Context(settings).start()
        secret = secret or settings.secret
    application = BokehTornado(
        build_applications(applications(context), title=TITLE, location=False),
        prefix=base,
        extra_websocket_origins=allowed,
        extra_patterns=[*routes(context), *get_static_routes({})],
        index=INDEX_HTML,
        ico_path=str(DIST_DIR / "images" / "favicon.ico"),
        websocket_max_message_size_bytes=WEBSOCKET_BYTES,
        **session_options(base, secret, unused_session_milliseconds),
    )
    protect(application, base, frame_ancestors, max_sessions)
    if permit is not None:
        refuse_first(
            application,
            _Forbidden(permit),
            status=403,
            title="This needs a login",
            reason="Sign in to the application this dashboard is part of, then open it again.",
            home="",
        )
    return Mounted(host, base, application, own)
