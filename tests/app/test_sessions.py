"""Whole sessions over a real websocket: two pages, live data, and nothing left when they are over."""

from __future__ import annotations

import gc
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import weakref
from decimal import Decimal
from pathlib import Path

import panel as pn
import pytest

from app import url
from app.session import open_session
from data_layer.errors import NoDataError
from tests.app.fakes import HOSTILE, FakeContext
from tests.app.protocol import LIMIT, Served, Visitor, fetch, run

ROOT = Path(__file__).resolve().parents[2]
TICKER = "KXTEST-26NOV005-T1"


@pytest.fixture
def served(context):
    with Served(context) as server:
        yield server


def test_the_list_is_searched_sorted_and_turned_over_the_wire(served):
    async def visit():
        visitor = await Visitor.open(served.url("/?page=markets"))
        assert "KXTEST-26NOV" in visitor.seen
        await visitor.say("FilterBar", {"key": "text", "value": "number 21"}, lambda: visitor.last("total") == 4)
        assert visitor.last("count") == "4 markets"
        await visitor.say("FilterBar", {"key": "text", "value": ""}, lambda: visitor.last("total") == 130)
        before = visitor.bytes
        await visitor.say("PagedTable", {"kind": "page", "page": 3}, lambda: visitor.last("page") == 3)
        assert len(visitor.last("rows")) == 30
        assert visitor.bytes - before < 60_000
        await visitor.say("PagedTable", {"kind": "sort", "sort": "ends"}, lambda: visitor.last("sort") == "ends")
        await visitor.close()

    run(visit())


def test_never_more_than_a_page_of_rows_is_sent(served):
    async def visit():
        visitor = await Visitor.open(served.url("/?page=markets"))
        shown = {row["ticker"] for row in served._context.repository.rows if row["ticker"] in visitor.seen}
        assert len(shown) == 50
        await visitor.close()

    run(visit())


def test_a_market_is_opened_by_a_click_and_left_by_going_back(served):
    async def visit():
        visitor = await Visitor.open(served.url("/?page=markets&q=number"))
        link = {"kind": "click", "search": f"?page=market&ticker={TICKER}"}
        await visitor.say("Router", link, lambda: "number 5" in (visitor.last("title") or ""))
        assert "If number comes up" in visitor.seen
        back = {"kind": "pop", "search": "?page=markets&q=number"}
        await visitor.say("Router", back, lambda: "Markets" in visitor.last("title"))
        assert visitor.last("target") is None, "the browser knows these addresses already"
        await visitor.close()

    run(visit())


def test_a_pasted_link_gives_the_same_market_at_once(served):
    async def visit():
        visitor = await Visitor.open(served.url(f"/?page=market&ticker={TICKER}&window=30d&axis=full"))
        assert "Will number 5 come up" in visitor.seen
        chart = visitor.models[visitor.component("LiveChart")]
        assert chart["attributes"]["data"]["attributes"]["length"] > 50
        await visitor.close()

    run(visit())


def test_news_reach_every_session_without_being_asked_for(served, context):
    async def visit():
        visitors = [await Visitor.open(served.url(path)) for path in ("/", "/?page=markets", "/")]
        context.repository.rows[77]["title"] = "Fresh from the exchange"
        context.repository.rows[77] |= {"volume_24h_contracts": 999_999_999, "change_24h_pp": Decimal(90)}
        context.repository.snapshot_id += 1
        context.hub.publish()
        for visitor in visitors:
            await visitor.until(lambda v=visitor: "Fresh from the exchange" in v.seen)
            await visitor.close()

    run(visit())


def test_a_change_is_not_lost_while_the_browser_is_drawing(served, context):
    """See docs/adr/0056: the framework itself loses it."""

    async def visit():
        context.repository.failure = NoDataError("Nothing stored")
        visitor = await Visitor.open(served.url("/?page=markets"), drawn=False)
        assert "Fetching the exchange" in visitor.seen
        context.repository.failure = None
        context.hub.publish()
        await visitor.say("Router", {"kind": "start", "search": "", "zone": "UTC", "width": 300}, lambda: True)
        await visitor.draw()
        await visitor.until(lambda: visitor.last("visible") is True)
        await visitor.until(lambda: "KXTEST-26NOV" in visitor.seen)
        await visitor.until(lambda: visitor.last("sidebar_open") is False)
        await visitor.close()

    run(visit())


def test_the_framework_sends_what_it_held_once_the_document_is_out():
    """Without the guard the second change never leaves the server."""

    def page(_source):
        shown.append(pn.Column(pn.pane.HTML("x"), visible=False))
        return shown[0]

    async def visit(server):
        visitor = await Visitor.open(server.url(), drawn=False)

        def change():
            with pn.io.hold():
                shown[0].visible = True

        server.call(lambda: next(iter(shown[0]._documents)).add_next_tick_callback(change))
        await visitor.until(lambda: visitor.last("visible") is True)
        await visitor.close()

    shown: list[pn.Column] = []
    with Served(FakeContext(), open_page=page) as server:
        run(visit(server))


def test_hostile_text_is_data_and_never_markup_on_the_wire(served):
    async def visit():
        for path in (
            "/",
            "/?page=markets",
            "/?page=market&ticker=KXTEST-26NOV000-T0",
            "/?page=market&ticker=%3Cimg%20src=x%3E",
        ):
            visitor = await Visitor.open(served.url(path))
            panes = [
                m["attributes"].get("text", "") for m in visitor.models.values() if m["name"].endswith("markup.HTML")
            ]
            assert panes
            for text in panes:
                shown = text.replace("&amp;", "&")  # the framework escapes once more for its own transport
                assert "&lt;img src=x onerror" not in shown.replace("&lt;img", "&lt;IMG") or "&amp;lt;img" in text
            await visitor.close()
        page = (await fetch(served.url("/?q=" + "%3Cscript%3Ewindow.__xss=1%3C/script%3E"))).body.decode()
        assert HOSTILE[1] not in page
        assert "<script>window.__xss" not in page

    run(visit())


def test_sessions_that_are_over_leave_no_document_page_or_shell(context, caplog):
    caplog.set_level(logging.WARNING, logger="panel")  # kept log records would hold on to models
    journeys = [
        ("/", url.link("market", ticker=TICKER), "number 5"),
        (f"/?page=market&ticker={TICKER}", url.link("markets", text="rain"), "rain"),
        ("/?page=bogus", url.link("markets"), "Markets"),
    ]
    made: list[weakref.ref] = []

    def remembered(source):
        page = open_session(source)
        made.extend((weakref.ref(page), weakref.ref(pn.state.curdoc)))
        return page

    async def visit(server, path, link, title):
        visitor = await Visitor.open(server.url(path))
        await visitor.say("Router", {"kind": "click", "search": link}, lambda: title in (visitor.last("title") or ""))
        context.hub.publish()  # some are told, some have gone by their turn
        await visitor.close()

    with Served(context, unused_session_milliseconds=100, open_page=remembered) as server:
        for journey in journeys * 3:
            run(visit(server, *journey))
        # The framework lets go of a session some seconds after it is over, when its last timer would have rung.
        deadline = time.monotonic() + LIMIT
        while any(ref() is not None for ref in made) and time.monotonic() < deadline:
            threading.Event().wait(0.2)
            gc.collect()
        assert (server.sessions, context.hub.sessions) == (0, 0)
    assert len(made) >= 18
    assert [ref() for ref in made if ref() is not None] == []


def test_a_page_that_is_never_connected_is_dropped_too(context):
    async def visits(server):
        for _ in range(5):
            await fetch(server.url())

    with Served(context, unused_session_milliseconds=100) as server:
        run(visits(server))
        for _ in range(int(LIMIT * 20)):
            if server.sessions == 0:
                break
            run(fetch(server.url("/healthz")))
        assert server.sessions == 0


@pytest.mark.slow
@pytest.mark.parametrize("target", ["app", "app/main.py"])
def test_panel_serve_shows_the_dashboard_from_a_plain_checkout(target, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "KALSHI_SOURCE": "demo",
        "KALSHI_DATA_DIR": str(tmp_path),
        "KALSHI_DEMO_MARKETS": "300",
    }
    panel = Path(sys.executable).with_name("panel")
    server = subprocess.Popen(
        [panel, "serve", target, "--port", str(port), "--address", "127.0.0.1"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        assert any("running at" in line for line in server.stdout), "panel serve did not start"
        name = "app" if target == "app" else "main"

        async def visit():
            page = f"http://127.0.0.1:{port}/{name}"
            visitor = await Visitor.open_at(page, "?page=markets&p=%C2%B2")
            await visitor.until(lambda: "open markets" in visitor.seen or "Fetching the exchange" in visitor.seen)
            assert "Simulated exchange" in visitor.seen
            assert (
                await fetch(f"http://127.0.0.1:{port}/components/tests.app.sentinel_module/IMPORTED/_css/x")
            ).code == 404
            await visitor.close()

        run(visit())
    finally:
        server.terminate()
        assert server.wait(LIMIT) == 0
