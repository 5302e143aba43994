"""The server: headers on everything, limits before anything, sessions nobody can forge, and truthful health."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys

import psutil
import pytest
from bokeh.document import Document
from bokeh.document.callbacks import invoke_with_curdoc
from bokeh.io import curdoc
from bokeh.util.token import generate_jwt_token, get_session_id
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from app import guards, serving
from app.serving import build_server, content_policy, exact_origins
from app.single_view import open_addressed
from app.url import MAX_KEYS
from data_layer.errors import NoDataError
from tests.app.fakes import FakeContext
from tests.app.protocol import LIMIT, Served, Visitor, fetch, get, run, token_of

TICKER = "KXTEST-26NOV005-T1"


@pytest.fixture(scope="module")
def served():
    with Served(FakeContext(), secret="s" * 40) as server:
        yield server


EVERYTHING = [
    "/",
    f"/?page=market&ticker={TICKER}",
    "/nowhere",
    "/healthz",
    "/readyz",
    "/static/js/bokeh.min.js",
    "/static/extensions/panel-material-ui/panel-material-ui.bundle.js",
    "/static/extensions/panel/bundled/vegaplot/vega@6.1.2",
    "/static/../../etc/passwd",
    "/components/os/x/y/z",
    "/favicon.ico",
    "/?" + "a" * 3000,
    "/metadata",
]


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: path[:40])
def test_every_answer_carries_the_security_headers(served, path):
    headers = get(served.url(path)).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src-attr 'none'" in policy
    assert "default-src 'self'" in policy
    assert f"ws://127.0.0.1:{served.port}" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers


def test_a_page_is_never_cached_and_names_no_other_origin(served):
    page = get(served.url())
    assert page.headers["Cache-Control"] == "no-store"
    text = page.body.decode()
    addresses = [part.split('"')[0] for part in text.split("//")[1:] if part[:1].isalpha()]
    assert [address for address in addresses if not address.startswith("127.0.0.1")] == []


def test_a_hostile_host_header_gets_no_say_in_the_policy():
    assert "evil" not in content_policy("evil.example; script-src *")
    assert "wss://[::1]:5006" in content_policy("[::1]:5006")
    assert "frame-ancestors https://host.example" in content_policy("a", ["https://host.example"])


def test_scripts_with_a_version_for_a_suffix_are_served_as_scripts(served):
    for name in ("vega@6.1.2", "vega-lite@6.3.0", "vega-embed@7.0.2"):
        answer = get(served.url(f"/static/extensions/panel/bundled/vegaplot/{name}"))
        assert answer.code == 200
        assert answer.headers["Content-Type"].startswith("text/javascript")


def test_scripts_are_compressed(served):
    answer = get(
        served.url("/static/js/bokeh.min.js"), headers={"Accept-Encoding": "gzip"}, decompress_response=False
    )
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.body) < 400_000


def test_what_a_session_is_sent_is_compressed(served):
    """See docs/adr/0092."""

    async def visit():
        visitor = await Visitor.open(served.url("/?page=markets"))
        loaded = visitor.wire_bytes / visitor.bytes
        wire, said = visitor.wire_bytes, visitor.bytes
        await visitor.say("FilterBar", {"key": "text", "value": "number 1"}, lambda: visitor.last("rows"))
        changed, sent = (visitor.wire_bytes - wire) / (visitor.bytes - said), visitor.wire_bytes - wire
        await visitor.close()
        return loaded, changed, wire, sent

    loaded, changed, on_load, sent = run(visit())
    assert loaded < 0.3
    assert changed < 0.4
    assert (on_load < 250_000, sent < 20_000) == (True, True)


def test_an_address_cannot_import_a_module(served):
    name = "tests.app.sentinel_module"
    assert get(served.url(f"/components/{name}/IMPORTED/_css/x")).code == 404
    assert name not in sys.modules


def test_only_imported_modules_of_the_framework_may_be_named():
    assert guards.may_be_named("panel.models.esm")
    assert not guards.may_be_named("os")
    assert not guards.may_be_named("panel.tests.conftest_never_imported")
    assert not guards.may_be_named("panelevil")


def test_the_guard_is_put_on_once_and_refuses_a_framework_it_does_not_know(monkeypatch):
    before = guards.panel_server.ComponentResourceHandler.parse_url_path
    guards.install_guards()
    assert guards.panel_server.ComponentResourceHandler.parse_url_path is before
    monkeypatch.delattr(guards.panel_server.ComponentResourceHandler, "parse_url_path")
    monkeypatch.setattr(guards.panel_server.ComponentResourceHandler.__mro__[1], "parse_url_path", None)
    with pytest.raises(guards.GuardError):
        guards.guard_component_imports()


def test_a_visitor_who_leaves_is_no_error_and_other_failures_are(caplog):
    guards.install_guards()
    log = logging.getLogger("asyncio")
    for failure in (WebSocketClosedError(), OSError("disk")):
        log.error("Task exception was never retrieved", exc_info=failure)
    assert [record.exc_info[0] for record in caplog.records] == [OSError]


@pytest.mark.parametrize(
    "query", ["a" * 2049, "&".join(f"k{n}=1" for n in range(MAX_KEYS + 1)), "q=" + "%C2%B2" * 400]
)
def test_a_link_longer_than_any_of_ours_is_refused_with_a_page(served, query):
    sessions = served.sessions
    answer = get(served.url(f"/?{query}"))
    assert answer.code == 414
    assert "The link is too long" in answer.body.decode()
    assert served.sessions == sessions


BROKEN = [
    "?price=%C2%B2",
    "?p=" + "9" * 1900,
    "?q=%ff&p=%00",
    "?a=b?c=d",
    "?ticker=NAN&page=market",
    "?page=market&ticker=123",
    "?page=%3Cscript%3E",
    "?q=[1,2&category={",
    "?sort=' OR 1=1--",
    "?theme=dark",
    "?&&&=&=",
]


@pytest.mark.parametrize("query", BROKEN)
def test_any_other_query_gives_a_working_session(served, query):
    async def visit():
        visitor = await Visitor.open(served.url("/" + query.replace(" ", "%20")))
        assert visitor.component("Router")
        await visitor.close()

    run(visit())


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/components/no.such.module/x/y/z", 404),
        ("/static/js/no-such.js", 404),
        ("/static/extensions/panel/../../../../etc/passwd", 403),
        ("/autoload.js", 400),
        ("/export", 405),
    ],
)
def test_a_refusal_of_the_framework_explains_itself_too(served, path, code):
    more = {"method": "DELETE"} if code == 405 else {}
    answer = get(served.url(path), **more)
    body = answer.body.decode()
    assert answer.code == code
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert "<h1>" in body
    assert 'href="/"' in body
    assert "<html><title>" not in body


def test_an_address_that_is_none_explains_itself(served):
    answer = get(served.url("/nowhere"))
    assert answer.code == 404
    assert "There is no such page" in answer.body.decode()
    assert 'href="/"' in answer.body.decode()


@pytest.mark.parametrize(
    "query", ["bokeh-session-id=fixed", "bokeh-token=forged", "bokeh-session-id=a&bokeh-token=b"]
)
def test_nobody_chooses_a_session(served, query):
    assert get(served.url(f"/?{query}")).code == 403


def test_a_forged_token_opens_no_session(served):
    async def visit():
        token = token_of((await fetch(served.url())).body.decode())
        head, _, _ = token.rpartition(".")
        with pytest.raises((ConnectionError, WebSocketClosedError, HTTPClientError)):
            await Visitor.connect(served.url(), head + ".AAAA")

    run(visit())


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://127.0.0.1.evil.example", "http://127.0.0.1:1", "null", "https://localhost"],
)
def test_pages_of_others_cannot_connect(served, origin):
    async def visit():
        with pytest.raises(HTTPClientError) as refused:
            await Visitor.open(served.url(), origin=origin)
        assert refused.value.code == 403

    run(visit())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_our_own_pages_connect_under_every_name_of_this_machine(served, host):
    async def visit():
        await (await Visitor.open(served.url(), origin=f"http://{host}:{served.port}")).close()

    run(visit())


def test_origins_are_exact(monkeypatch):
    assert exact_origins(["host.example", "host.example:8443"]) == ["host.example", "host.example:8443"]
    for wrong in ("*", "*.example", "https://host.example", "host.example/path", "host:port", ""):
        with pytest.raises(ValueError, match="no origin"):
            exact_origins([wrong])
    monkeypatch.setenv("BOKEH_ALLOW_WS_ORIGIN", "*")
    with pytest.raises(ValueError, match="BOKEH_ALLOW_WS_ORIGIN"):
        exact_origins([])


def test_tokens_hold_neither_cookies_of_the_host_nor_credentials(served):
    import base64

    headers = {"Cookie": "host_session=canary; ka_theme=dark", "Authorization": "Bearer canary"}
    token = token_of(get(served.url(), headers=headers).body.decode())
    decoded = b"".join(base64.urlsafe_b64decode(part + "===") for part in token.split("."))
    assert b"canary" not in decoded + token.encode()


def test_the_theme_of_the_last_visit_is_there_from_the_first_byte(served):
    assert "data-ka-theme" in get(served.url(), headers={"Cookie": "ka_theme=dark"}).body.decode().split("<head")[0]
    assert 'data-ka-theme="dark"' not in get(served.url()).body.decode().split("<head>")[0]


def test_a_message_larger_than_any_of_ours_ends_the_connection(served):
    async def visit():
        visitor = await Visitor.open(served.url())
        await visitor._socket.write_message("x" * (serving.WEBSOCKET_BYTES + 1))
        with pytest.raises((ConnectionError, WebSocketClosedError)):
            await visitor.until(lambda: False)

    run(visit())


def test_health_is_truthful(served):
    context = FakeContext()
    with Served(context) as server:
        assert get(server.url("/readyz")).code == 200
        assert json.loads(get(server.url("/readyz")).body)["open_markets"] == 130
        context.repository.failure = NoDataError("Nothing stored in /secret/path")
        answer = get(server.url("/readyz"))
        assert answer.code == 503
        assert b"secret" not in answer.body
        assert get(server.url("/healthz")).code == 200
        context.repository.failure = None
        context.repository.rows = []
        assert get(server.url("/readyz")).code == 503


def test_a_full_house_says_so_and_keeps_serving_its_guests():
    async def visit(server):
        guest = await Visitor.open(server.url("/?page=markets"))
        refused = await fetch(server.url("/?page=markets"))
        assert refused.code == 503
        assert refused.headers["Retry-After"] == "30"
        assert "full" in refused.body.decode()
        assert (await fetch(server.url("/healthz"))).code == 200
        await guest.say("FilterBar", {"key": "text", "value": "number 21"}, lambda: guest.last("total") == 4)
        await guest.close()

    with Served(FakeContext(), max_sessions=1) as server:
        run(visit(server))


def test_no_page_is_built_for_who_has_gone_while_he_waited():
    built = []

    def leave(server, *, stays: bool) -> socket.socket:
        """Ask for a page while the server is busy with something else, this; go before it looks, or stay."""
        asker = socket.create_connection(("127.0.0.1", server.port))
        asker.sendall(b"GET /?page=markets HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        if not stays:
            asker.close()
        return asker

    with Served(FakeContext(), open_page=lambda source: built.append(source) or open_addressed(source)) as server:
        server.call(lambda: [leave(server, stays=False) for _ in range(10)])
        with server.call(lambda: leave(server, stays=True)) as asker:
            asker.settimeout(LIMIT)
            assert asker.recv(15) == b"HTTP/1.1 200 OK"
        assert get(server.url("/healthz")).code == 200
    assert len(built) == 1


def test_it_lives_under_a_prefix():
    async def visit(server):
        visitor = await Visitor.open(server.url(f"/tools/kalshi/?page=market&ticker={TICKER}"))
        assert "Will number 5" in visitor.seen
        await visitor.close()

    with Served(FakeContext(), prefix="/tools/kalshi") as server:
        run(visit(server))
        assert get(server.url("/tools/kalshi/healthz")).code == 200
        assert 'href="/tools/kalshi/"' in get(server.url("/nowhere")).body.decode()


def test_a_page_that_fails_tells_its_visitor_no_secrets():
    def fail(_context):
        raise RuntimeError("canary in /work/secret.py")

    with Served(FakeContext(), open_page=fail) as server:
        answer = get(server.url())
        assert "canary" not in answer.body.decode()
        assert "Traceback" not in answer.body.decode()


def test_two_servers_sign_with_different_secrets():
    first, second = build_server(FakeContext()), build_server(FakeContext())
    try:
        assert first._tornado.secret_key != second._tornado.secret_key
        assert len(first._tornado.secret_key) >= 32
    finally:
        first.stop(wait=False)
        second.stop(wait=False)


def test_an_expired_token_opens_no_session(served):
    async def visit():
        session = get_session_id(token_of((await fetch(served.url())).body.decode()))
        fresh, old = (
            generate_jwt_token(
                session, secret_key=b"s" * 40, signed=True, extra_payload={"cookies": {}}, expiration=left
            )
            for left in (60, -5)
        )
        with pytest.raises((ConnectionError, WebSocketClosedError, HTTPClientError)):
            await Visitor.connect(served.url(), old)
        await (await Visitor.connect(served.url(), fresh)).close()

    run(visit())


@pytest.mark.parametrize(
    "frame", ["not json", "{}", b"\x00\xff\xfe", '{"msgtype":"PATCH-DOC","msgid":"1"}', "[" * 5_000]
)
def test_a_garbage_frame_costs_its_sender_the_connection_and_nobody_else(served, frame):
    async def visit():
        guest, vandal = await Visitor.open(served.url("/?page=markets")), await Visitor.open(served.url())
        for _ in range(3):
            try:
                await vandal._socket.write_message(frame, binary=isinstance(frame, bytes))
            except WebSocketClosedError:
                break
        await guest.say("FilterBar", {"key": "text", "value": "number 21"}, lambda: guest.last("total") == 4)
        assert (await fetch(served.url("/healthz"))).code == 200
        await guest.close()
        vandal._socket.close()

    run(visit())


def test_until_a_page_is_built_its_shape_stands_there_and_no_spinner_over_grey(served):
    body = get(served.url("/")).body.decode()
    assert "#loader .spinner { display: none; }" in body
    assert "repeating-linear-gradient(var(--ka-raised)" in body
    assert "rgba(0, 0, 0, 0.5)" not in body


def test_no_frame_of_a_message_waits_for_the_one_before_it(served):
    """Asked of the sockets, not of a clock: what the server's side of every websocket is set to."""

    async def visit() -> list[int]:
        visitor = await Visitor.open(served.url("/"))
        ours = {
            (found.laddr, found.raddr): found.fd
            for found in psutil.Process().net_connections("tcp4")
            if found.status == psutil.CONN_ESTABLISHED and found.laddr.port == served.port
        }
        flags = []
        for number in ours.values():
            with socket.socket(fileno=os.dup(number)) as end:
                flags.append(end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await visitor.close()
        return flags

    flags = run(visit())
    assert flags
    assert all(flags)


def test_no_session_is_left_behind_as_the_document_of_what_runs_outside_of_sessions(served):
    """A worker of the process would else find the last visitor's document where there is none."""
    kept = []

    def fail() -> None:
        raise ZeroDivisionError

    async def visit() -> None:
        await (await Visitor.open(served.url("/"))).close()

    guards.install_guards()
    run(visit())
    assert curdoc().session_context is None
    kept.append(Document())
    with pytest.raises(ZeroDivisionError):
        invoke_with_curdoc(kept[0], fail)
    assert curdoc() is not kept[0]
