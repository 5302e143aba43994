"""The dashboard inside a host's Tornado application: ours is guarded as in our own server, the host's is left alone."""

from __future__ import annotations

import asyncio
import base64
import gc
import html
import json
import logging
import re
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import pytest
from bokeh.server.util import check_allowlist
from bokeh.util.token import generate_jwt_token, get_token_payload
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import websocket_connect

from app import embed
from app import shell as shell_module
from app.embed import mount
from app.page_keys import PAGE_KEYS
from app.single_view import public_address
from tests.app.fakes import FakeContext
from tests.app.protocol import LIMIT, Visitor, fetch, get, run, token_of

PREFIX = "/tools/kalshi"
CANARY = "canary-4711"


class Plain(RequestHandler):
    """A route of the host; says which."""

    def initialize(self, said: str) -> None:
        self._said = said

    def get(self) -> None:
        self.set_header("X-Host", "intranet")
        self.set_cookie("intranet_session", CANARY)
        self.write(self._said)


class Script(RequestHandler):
    """A page of the host with one view in it."""

    def get(self) -> None:
        mounted = self.settings["mounted"]()
        try:
            self.write(
                mounted.script(self.request, self.get_argument("link", ""), dark=bool(self.get_argument("dark", "")))
            )
        except ValueError as error:
            self.set_status(400)
            self.write(str(error))


class Host:
    """An application with pages of its own and the dashboard mounted in it, on its own thread and a free port."""

    def __init__(self, context: Any, prefix: str = PREFIX, **options: Any) -> None:
        self._context, self._prefix, self._options = context, prefix, options
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        self._loop = IOLoop.current()
        (bound,) = bind_sockets(0, "127.0.0.1")
        self.port = bound.getsockname()[1]
        self.application = Application(
            [
                (r"/", Plain, {"said": "home"}),
                (r"/script", Script),
                (r"/tools/kalshi2(?:/.*)?", Plain, {"said": "neighbour"}),
                (r"/tools/.*", Plain, {"said": "catch-all"}),
            ],
            mounted=lambda: self.mounted,
        )
        try:
            self.mounted = mount(
                self.application, self._prefix, [self.origin], context=self._context, **self._options
            )
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            self._failure = error
        self._server = HTTPServer(self.application)
        self._server.add_sockets([bound])
        self._loop.add_callback(self._ready.set)
        self._loop.start()
        self._loop.close(all_fds=True)

    def __enter__(self) -> Host:
        self._thread.start()
        assert self._ready.wait(2 * LIMIT)
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *_exc: object) -> None:
        async def end() -> None:
            self._server.stop()
            if self.mounted._rule in self.application.default_router.rules:
                await self.mounted.stop()
            self._loop.stop()

        self._loop.add_callback(end)
        self._thread.join(LIMIT)
        assert not self._thread.is_alive()

    def call(self, function: Callable[[], Any]) -> Any:
        """Run a function, or a coroutine function, on the host's own thread and return what it returns."""

        async def called() -> Any:
            found = function()
            return await found if asyncio.iscoroutine(found) else found

        return asyncio.run_coroutine_threadsafe(called(), self._loop.asyncio_loop).result(LIMIT)

    @property
    def origin(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = f"{PREFIX}/") -> str:
        return f"http://{self.origin}{path}"


@pytest.fixture(scope="module")
def host():
    with Host(FakeContext()) as host:
        yield host


# What is served


def test_the_page_its_files_and_a_session_are_served_under_the_prefix(host):
    page = get(host.url())
    assert page.code == 200
    addresses = re.findall(r'(?:src|href)="([^"#][^"]*)"', page.body.decode())
    files = [urljoin(host.url(), html.unescape(address)) for address in addresses]
    assert len(files) > 3
    assert all(file.startswith(host.url()) for file in files)
    assert {get(file).code for file in files} == {200}

    async def session() -> str:
        visitor = await Visitor.open(host.url(), origin=f"http://{host.origin}")
        await visitor.close()
        return visitor.seen

    assert "Will number 1 come up" in run(session())


def test_chart_scripts_are_scripts_although_their_names_end_in_a_version(host):
    from components.live_chart import SCRIPTS

    for name in SCRIPTS:
        answer = get(host.url(f"{PREFIX}/static/extensions/panel/{name}"))
        assert (answer.code, answer.headers["Content-Type"]) == (200, "text/javascript")


def test_a_slash_behind_the_single_view_does_not_lose_its_files(host):
    address = host.url(f"{PREFIX}/single-view/?page=market&ticker=KXTEST-26NOV001-T0")
    answer = get(address)
    assert answer.code == 302
    assert urljoin(address, answer.headers["Location"]) == address.replace("view/?", "view?")


def test_health_readiness_and_metrics_are_under_the_prefix(host):
    assert json.loads(get(host.url(f"{PREFIX}/healthz")).body) == {"status": "ok"}
    ready = get(host.url(f"{PREFIX}/readyz"))
    assert (ready.code, json.loads(ready.body)["status"]) == (200, "ready")
    assert get(host.url("/healthz")).code == 404


def test_a_prefix_without_its_slash_is_led_to_it_and_keeps_the_link(host):
    answer = get(host.url(f"{PREFIX}?page=market&ticker=KXTEST-26NOV001-T0"))
    assert answer.code == 302
    assert answer.headers["Location"] == f"{PREFIX}/?page=market&ticker=KXTEST-26NOV001-T0"


@pytest.mark.parametrize(
    "path", ["/tools/kalshi2", "/tools/kalshi2/", "/tools/kalshi-old", "/tools/", "/tools/Kalshi/"]
)
def test_neighbours_of_the_prefix_stay_the_hosts(host, path):
    answer = get(host.url(path))
    assert answer.code == 200
    assert answer.headers["X-Host"] == "intranet"


def test_the_prefix_goes_before_a_catch_all_of_the_host(host):
    unknown = get(host.url(f"{PREFIX}/nothing/here"))
    assert unknown.code == 404
    assert "There is no such page" in unknown.body.decode()
    assert f'href="{PREFIX}/"' in unknown.body.decode()


@pytest.mark.parametrize("prefix", ["tools/kalshi", "/tools/kalshi/", "/a.b~c"])
def test_prefixes_are_read_with_and_without_slashes(prefix):
    with Host(FakeContext(), prefix=prefix) as host:
        expected = "/" + prefix.strip("/")
        assert host.mounted.prefix == expected
        assert get(host.url(f"{expected}/")).code == 200
        assert get(host.url(expected.replace(".", "x"))).code == (302 if "." not in expected else 404)


@pytest.mark.parametrize("prefix", ["", "/", "//", "/a b", "/a/../b?c", "/a//b", "/(x)", "/x/single-view", "/ä"])
def test_prefixes_that_would_swallow_or_break_something_are_refused(prefix):
    with pytest.raises(ValueError, match="prefix"):
        mount(Application(), prefix, ["localhost:1"], context=FakeContext())


@pytest.mark.parametrize(
    "changes",
    [
        {"origins": []},
        {"origins": ["*"]},
        {"origins": ["*.example"]},
        {"origins": ["https://intranet.example"]},
        {"secret": "short"},
        {"frame_ancestors": ["https://intranet.example; script-src *"]},
        {"frame_ancestors": ["*"]},
    ],
)
def test_loose_origins_and_weak_secrets_are_refused_before_anything_begins(changes, monkeypatch):
    monkeypatch.setattr(embed, "Context", None)
    application = Application()
    before = list(application.default_router.rules)
    with pytest.raises(ValueError):
        mount(application, PREFIX, **{"origins": ["localhost:1"], "context": None} | changes)
    assert application.default_router.rules == before


# The host is left alone


def test_the_hosts_pages_and_headers_are_as_before(host):
    answer = get(host.url("/"))
    assert answer.body == b"home"
    ours = {
        "Content-Security-Policy",
        "X-Frame-Options",
        "Referrer-Policy",
        "Permissions-Policy",
        "X-Content-Type-Options",
    }
    assert not ours & set(answer.headers)
    assert answer.headers["Server"].startswith("TornadoServer")
    assert not ours & set(get(host.url("/no/such")).headers)


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/metrics?x", "/nothing", "/components/panel/x/y/z", "/static/nothing"]
)
def test_every_answer_of_ours_carries_our_headers(host, path):
    headers = get(host.url(PREFIX + path)).headers
    assert "script-src-attr 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers
    assert "X-Host" not in headers
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/single-view",
        "/autoload.js?bokeh-autoload-element=x",
        "/single-view/autoload.js?bokeh-autoload-element=x",
    ],
)
def test_cookies_and_credentials_of_the_host_are_in_no_token(host, path):
    secret = {
        "Cookie": f"intranet_session={CANARY}; user={CANARY}; ka_zone=Europe/Paris",
        "Authorization": f"Bearer {CANARY}",
        "X-Forwarded-User": CANARY,
    }
    body = get(host.url(PREFIX + path), headers=secret).body.decode()
    token = re.search(r'"token":"([^"]+)"', body)[1]
    payload = get_token_payload(token)
    assert payload["cookies"] == {"ka_zone": "Europe/Paris"}
    assert CANARY not in str(payload)
    assert CANARY not in body
    assert CANARY not in base64.urlsafe_b64decode(token.split(".")[0] + "==").decode("latin-1")


# What is refused


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://{origin}.evil.example", "null", "http://127.0.0.1:1", "https://localhost"],
)
def test_websockets_of_other_origins_are_refused(host, origin):
    async def knock(said: str) -> None:
        page = await fetch(host.url())
        socket = HTTPRequest(f"ws://{host.origin}{PREFIX}/ws", headers={"Origin": said})
        await websocket_connect(socket, subprotocols=["bokeh", token_of(page.body.decode())])

    with pytest.raises(HTTPClientError, match="403"):
        run(knock(origin.format(origin=host.origin)))


@pytest.mark.parametrize(
    ("named", "origin", "welcome"),
    [
        ("intranet.example", "https://intranet.example", True),
        ("Intranet.Example", "http://intranet.example", True),
        ("intranet.example", "http://intranet.example:8081", False),
        ("intranet.example:8081", "https://intranet.example:8081", True),
        ("intranet.example:8081", "https://intranet.example", False),
    ],
)
def test_an_origin_is_one_port_and_the_default_ports_are_not_spelt(named, origin, welcome):
    application = Application()

    async def asked() -> bool:
        mounted = mount(application, PREFIX, [named], context=FakeContext())
        found = check_allowlist(origin.split("//")[1], mounted.application.websocket_origins)
        await mounted.stop()
        return found

    assert run(asked()) is welcome


def test_sessions_are_signed_so_that_nobody_can_choose_one(host):
    assert get(host.url(f"{PREFIX}/?bokeh-session-id=chosen")).code == 403
    assert get(host.url(), headers={"Bokeh-Session-Id": "chosen"}).code == 403

    async def knock() -> None:
        forged = generate_jwt_token(
            "chosen", secret_key=b"somebody else's, of good length", signed=True, extra_payload={"arguments": {}}
        )
        await Visitor.connect(host.url(), forged, f"http://{host.origin}")

    before = host.mounted.sessions
    with pytest.raises(ConnectionError):
        run(knock())
    assert host.mounted.sessions <= before


def test_an_address_cannot_import_a_module(host, tmp_path, monkeypatch):
    marker = tmp_path / "imported"
    (tmp_path / "harmless_sentinel.py").write_text(
        f"open({str(marker)!r}, 'w').close()\nclass Thing:\n    _esm = 'x'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert get(host.url(f"{PREFIX}/components/harmless_sentinel/Thing/_esm/x")).code == 404
    assert not marker.exists()


def test_links_that_are_too_long_are_refused_and_the_host_decides_for_itself(host):
    assert get(host.url(f"{PREFIX}/?q={'x' * 4000}")).code == 414
    assert get(host.url(f"/?q={'x' * 4000}")).code == 200


def test_a_full_dashboard_says_so_and_keeps_its_health_routes():
    with Host(FakeContext(), max_sessions=2) as host:
        assert [get(host.url()).code for _ in range(3)] == [200, 200, 503]
        for path in (
            "/single-view",
            "/autoload.js?bokeh-autoload-element=x",
            "/single-view/autoload.js?bokeh-autoload-element=x",
        ):
            assert get(host.url(PREFIX + path)).code == 503
        assert get(host.url(f"{PREFIX}/healthz")).code == 200
        assert get(host.url("/")).code == 200


def test_the_hosts_login_is_asked_before_anything_of_ours():
    def permit(request: HTTPServerRequest) -> bool:
        return "intranet_session" in request.cookies

    with Host(FakeContext(), permit=permit) as host:
        for path in ("/", "", "/healthz", "/metrics", "/single-view", "/static/js/bokeh.min.js", "/ws"):
            assert get(host.url(PREFIX + path)).code == 403, path
        assert get(host.url("/")).code == 200

        async def knock(**headers: str) -> None:
            page = await fetch(host.url(), headers={"Cookie": "intranet_session=1"})
            request = HTTPRequest(
                f"ws://{host.origin}{PREFIX}/ws", headers={"Origin": f"http://{host.origin}", **headers}
            )
            (await websocket_connect(request, subprotocols=["bokeh", token_of(page.body.decode())])).close()

        run(knock(Cookie="intranet_session=1"))
        with pytest.raises(HTTPClientError, match="403"):
            run(knock())


# One view in a page of the host


def script_source(element: str) -> str:
    return re.search(r"'(http[^']+autoload\.js[^']*)'|\"(http[^\"]+autoload\.js[^\"]*)\"", element)[0].strip("'\"")


def test_the_script_names_the_view_absolutely_and_takes_nothing_from_elsewhere(host):
    link = "?page=market&ticker=KXTEST-26NOV001-T0&window=30d"
    element = get(host.url(f"/script?link={quote(link)}&dark=1")).body.decode()
    source = script_source(element)
    assert source.startswith(host.url(f"{PREFIX}/single-view/autoload.js?"))

    async def session() -> Visitor:
        loader = (await fetch(source.replace("&amp;", "&"))).body.decode()
        assert "cdn." not in loader
        scripts = re.findall(r'"(https?://[^"]+\.(?:js|css)[^"]*)"', loader)
        assert scripts
        assert all(address.startswith(host.url()) for address in scripts)
        token = re.search(r'"token":"([^"]+)"', loader)[1]
        visitor = await Visitor.connect(host.url(f"{PREFIX}/single-view/"), token, f"http://{host.origin}")
        await visitor.close()
        return visitor

    visitor = run(session())
    sheets = re.findall(r'"url": ?"([^"]+)"', visitor.seen)
    assert sheets
    assert all(sheet.startswith(host.url(f"{PREFIX}/static/extensions/panel/")) for sheet in sheets), sheets
    assert "cdn." not in visitor.seen
    assert "Will number 1 come up" in visitor.seen
    assert f'"home": "{host.url()}"' in visitor.seen
    assert "color-scheme: dark" in visitor.seen
    classes = {model.get("attributes", {}).get("class_name") for model in visitor.models.values()}
    assert "OutwardLinks" in classes
    assert "Router" not in classes, "the router would take over the host's history, title and cookies"


def test_the_single_view_of_simulated_data_says_so():
    context = FakeContext()
    context.set_progress(simulated=True)

    async def session(host: Host) -> str:
        page = await fetch(host.url(f"{PREFIX}/single-view?page=market&ticker=KXTEST-26NOV001-T0"))
        visitor = await Visitor.connect(host.url(f"{PREFIX}/single-view/"), token_of(page.body.decode()))
        await visitor.close()
        return visitor.seen

    with Host(context) as host:
        assert "Simulated exchange" in run(session(host))


def test_a_forged_host_header_gets_no_script(host):
    answer = get(host.url("/script"), headers={"Host": "evil.example"})
    assert answer.code == 400
    assert b"<script" not in answer.body


@pytest.mark.parametrize(
    "link", ["?page=nowhere", "?page=market&ticker=../etc", "?q=" + "x" * 3000, "?page=market&ticker=%27);alert(1)//"]
)
def test_a_link_that_cannot_be_shown_gets_no_script(host, link):
    assert get(host.url(f"/script?link={quote(link)}")).code == 400


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (b"http://h:1/tools/kalshi/single-view", "http://h:1/tools/kalshi"),
        (b"https://h.example/single-view", "https://h.example"),
        (b"http://h:1/tools/kalshi", ""),
        (b"javascript:alert(1)//single-view", ""),
        (b'http://h/"><script>/single-view', ""),
        (b"http://h/a/single-view?x=/single-view", ""),
        (b"//evil/single-view", ""),
        ("http://hä/single-view".encode(), ""),
        (b"", ""),
    ],
)
def test_only_a_plain_address_counts_as_the_dashboards(said, address):
    assert public_address({"bokeh-absolute-url": [said]}) == address


def test_the_documentation_names_every_key_of_a_link():
    text = (Path(__file__).resolve().parents[2] / "docs" / "embedding.md").read_text("utf-8")
    named = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", text, re.MULTILINE))
    shared = re.findall(r"^\| every page \| `(\w+)` \|", text, re.MULTILINE)
    named |= {(page, short) for page in PAGE_KEYS for short in shared}
    assert named == {(page, key.short) for page, keys in PAGE_KEYS.items() for key in keys}


# The end


def test_stop_frees_sessions_threads_and_the_prefix(tmp_path, monkeypatch, caplog):
    """Mounted as most hosts will: no context given, everything from the environment."""
    caplog.set_level(logging.WARNING, logger="panel")  # kept log records would hold on to models
    for name, value in {"SOURCE": "demo", "DATA_DIR": str(tmp_path), "DEMO_MARKETS": "200"}.items():
        monkeypatch.setenv(f"KALSHI_{name}", value)
    made: list[weakref.ref[Any]] = []
    build = shell_module.Shell.__init__

    def noted(self: Any, *given: Any, **options: Any) -> None:
        made.append(weakref.ref(self))
        build(self, *given, **options)

    monkeypatch.setattr(shell_module.Shell, "__init__", noted)
    before = set(threading.enumerate())

    async def stop_under(host: Host) -> tuple[int, int]:
        visitors = [await Visitor.open(host.url()) for _ in range(2)]
        await fetch(host.url())  # and one that never opens its websocket
        opened = host.mounted.sessions
        await asyncio.to_thread(host.call, host.mounted.stop)
        for visitor in visitors:
            async with asyncio.timeout(LIMIT):
                while await visitor._socket.read_message() is not None:
                    pass  # what was on its way; then the end
        return opened, host.mounted.sessions

    with Host(None) as host:
        context = host.mounted._context
        assert run(stop_under(host)) == (3, 0)
        assert context.hub.sessions == 0
        assert get(host.url()).body == b"catch-all"
        assert get(host.url("/")).code == 200
        ours = {t.name for t in set(threading.enumerate()) - before if "refresh" in t.name or "exchange" in t.name}
        assert not ours
    gc.collect()
    assert len(made) == 3
    assert [shell for shell in made if shell() is not None] == []
