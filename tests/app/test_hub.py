"""News over the wire: one session after the other, whatever one of them does, and none that nobody is connected to."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager

import panel as pn
import pytest
from bokeh.document import Document

from app.hub import Hub
from app.shell import Shell
from tests.app.protocol import LIMIT, Served, Visitor, fetch, run, token_of

VISITORS = 6
LIST = "/?page=markets"


class Listening:
    """A page that only listens: `do` is what it does when it is told."""

    def __init__(self, source, told):
        self.document, self._told, self.do = pn.state.curdoc, told, lambda: None
        source.hub.subscribe(self.hear)

    def hear(self):
        self._told.append(self)
        self.do()

    @property
    def session(self):
        return self.document.session_context.session


@contextmanager
def listening(context, sessions=VISITORS):
    """Serve pages that only listen; yields the server, them, and who of them was told, in that order."""
    pages, told = [], []

    def page(source):
        # The session's own document keeps it, as it keeps a page of ours by its callbacks.
        pages.append(Listening(source, told))
        return pn.pane.HTML("page")

    async def open_all(server):
        for _ in range(sessions):
            await fetch(server.url())

    with Served(context, open_page=page) as server:
        run(open_all(server))
        yield server, pages, told


def publish(server, context):
    """Publish on a thread that is not the server's, and wait until everybody has been told."""
    context.hub.publish()
    until(server, lambda: not context.hub.telling)


def until(server, true):
    """Wait until something is true on the server's thread."""
    deadline = time.monotonic() + LIMIT
    while not server.call(true):
        assert time.monotonic() < deadline


def test_each_session_is_told_once_and_in_turn(context):
    with listening(context) as (server, pages, told):
        publish(server, context)
        assert told == pages
        publish(server, context)
        assert told == pages * 2


def test_what_is_published_during_a_round_is_told_once_and_to_everybody(context):
    with listening(context) as (server, pages, told):
        pages[0].do = lambda: [context.hub.publish() for _ in range(3)] if len(told) == 1 else None
        publish(server, context)
        assert told == [*pages, pages[0]], "only the first had not seen the newest"


def test_a_session_that_fails_does_not_keep_the_news_from_the_others(context, caplog, monkeypatch):
    def fail():
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("app.hub.PATIENCE_SECONDS", 9 * LIMIT)  # its turn ends with the failure, not by waiting

    with listening(context) as (server, pages, told):
        pages[1].do = fail
        publish(server, context)
        publish(server, context)
        assert told == pages * 2
    assert "on purpose" in caplog.text


def test_a_session_that_ends_before_its_turn_does_not_keep_the_news_from_the_others(context, caplog):
    with listening(context) as (server, pages, told):
        # Its hooks run later, as they do in the framework; until then the hub still knows it.
        pages[0].do = lambda: pages[1].session.destroy()
        publish(server, context)
        publish(server, context)
        others = [page for page in pages if page is not pages[1]]
        assert told == others * 2
    assert "cannot be told" not in caplog.text


def test_a_session_that_ends_between_its_call_and_its_turn_does_not_end_the_round(context, monkeypatch):
    with listening(context) as (server, pages, told):
        call = Document.add_next_tick_callback

        def call_and_end(document, callback):
            found = call(document, callback)
            if document is pages[2].document:
                pages[2].session.destroy()
            return found

        monkeypatch.setattr(Document, "add_next_tick_callback", call_and_end)
        publish(server, context)
        publish(server, context)
        others = [page for page in pages if page is not pages[2]]
        assert told == others * 2


def test_a_document_that_refuses_does_not_end_the_round(context, monkeypatch, caplog):
    with listening(context) as (server, pages, told):
        call = Document.add_next_tick_callback

        def refuse(document, callback):
            if document is pages[3].document:
                raise RuntimeError("refused")
            return call(document, callback)

        monkeypatch.setattr(Document, "add_next_tick_callback", refuse)
        publish(server, context)
        assert told == [page for page in pages if page is not pages[3]]
    assert "cannot be told" in caplog.text


def test_a_browser_that_stalls_does_not_keep_the_news_from_the_others(context):
    """Its document is held until it has taken what it was sent (docs/adr/0149)."""
    with listening(context) as (server, pages, told):

        async def stall():
            held.set()
            await released.wait()

        def hold():
            task = asyncio.ensure_future(pages[0].session.with_document_locked(stall))
            holding.append(task)

        released, held, holding = asyncio.Event(), threading.Event(), []
        server.call(hold)
        assert held.wait(LIMIT)
        publish(server, context)
        publish(server, context)
        assert told == pages[1:] * 2
        server.call(released.set)
        until(server, lambda: pages[0] in told)
        assert told == [*pages[1:] * 2, pages[0]], "told once, of the newest"
        publish(server, context)
        assert told[-VISITORS:] == pages


def test_a_server_that_is_gone_leaves_the_hub_to_the_next(context):
    with listening(context, 2) as (server, _, _):
        server.call(context.hub.publish)
    with listening(context, 2) as (server, pages, told):
        publish(server, context)
        assert told == pages


def test_outside_of_a_server_publishing_does_nothing_but_count():
    hub = Hub()
    hub.publish()
    assert (hub.version, hub.sessions, hub.telling) == (1, 0, False)


@pytest.fixture
def shells(monkeypatch):
    """Every session that is made, in turn."""
    made, make = [], Shell.__init__

    def remember(shell, *given, **named):
        made.append(shell)
        make(shell, *given, **named)

    monkeypatch.setattr(Shell, "__init__", remember)
    return made


def test_a_click_is_answered_before_all_others_were_told(context, monkeypatch):
    """The first who is told takes his time until the click is on its way; it is counted who came before it."""
    sent, begun, answered = threading.Event(), threading.Event(), []
    tell = Shell._on_data

    def slowly(shell):
        begun.set()
        assert sent.wait(LIMIT)
        tell(shell)
        answered.append("number 21" in str(context.repository.asked))

    monkeypatch.setattr(Shell, "_on_data", slowly)

    async def visit(server):
        visitors = [await Visitor.open(server.url(LIST)) for _ in range(VISITORS)]
        context.repository.snapshot_id += 1
        context.hub.publish()
        while not begun.is_set():
            await asyncio.sleep(0)
        await visitors[-1]._send(
            "data_event",
            [["model", {"id": visitors[-1].component("FilterBar")}], ["data", {"key": "text", "value": "number 21"}]],
        )
        sent.set()
        await visitors[-1].until(lambda: visitors[-1].last("total") == 4)
        for visitor in visitors:
            await visitor.until(lambda: len(answered) == VISITORS)
            await visitor.close()

    with Served(context) as server:
        run(visit(server))
    assert answered.count(False) < VISITORS - 1, f"answered after {answered.count(False)} of {VISITORS}"


def test_who_is_not_connected_asks_nothing_and_catches_up_when_he_comes_back(context, shells):
    async def poll(server):
        """Let the periodic callback of the first session come, without its five seconds."""
        done = asyncio.get_running_loop().create_future()

        def once():
            shells[0].poll()
            done.get_loop().call_soon_threadsafe(done.set_result, None)

        server.call(lambda: documents()[0].add_next_tick_callback(once))
        await asyncio.wait_for(done, LIMIT)

    def documents():
        return [session.document for session in served.server.get_sessions("/")]

    def asked():
        return len(context.repository.asked)

    async def visit(server):
        token = token_of((await fetch(server.url(LIST))).body.decode())
        first = await Visitor.connect(server.url(LIST), token)
        await first.close()
        until(server, lambda: not server.server.get_sessions("/")[0].connection_count)
        before = asked()
        for title in ("Told to nobody", "Fresh from the exchange"):
            context.repository.rows[0] |= {"title": title, "volume_24h_contracts": 999_999_999}
            context.repository.snapshot_id += 1
            publish(server, context)
            await poll(server)
        assert asked() == before
        again = await Visitor.connect(server.url(LIST), token, drawn=False)
        assert server.call(lambda: len(documents())) == 1, "it is the same session"
        assert "Fresh from the exchange" not in again.seen
        await poll(server)
        await again.until(lambda: "Fresh from the exchange" in again.seen)
        assert asked() > before
        context.repository.rows[0]["title"] = "Told as before"
        context.repository.snapshot_id += 1
        publish(server, context)
        await again.until(lambda: "Told as before" in again.seen)
        await again.close()

    with Served(context) as served:
        run(visit(served))


def test_one_view_alone_asks_nothing_either_when_nobody_is_connected(context, shells):
    async def visit(server):
        visitor = await Visitor.open_at(server.url("/single-view"), LIST[1:])
        await visitor.close()
        session = server.call(lambda: server.server.get_sessions("/single-view")[0])
        until(server, lambda: not session.connection_count)
        before = len(context.repository.asked)
        context.repository.snapshot_id += 1
        publish(server, context)
        assert len(context.repository.asked) == before

    with Served(context) as served:
        run(visit(served))


def test_sessions_are_counted_while_none_can_come_or_go(monkeypatch):
    """The background thread counts them, and one that ended in between would end it."""

    class Listeners(dict):
        def __iter__(self):
            assert hub._lock.locked()
            return super().__iter__()

    hub = Hub()
    first, second = Document(), Document()
    monkeypatch.setattr(hub, "_listeners", Listeners({(first, 1): None, (first, 2): None, (second, 1): None}))
    assert hub.sessions == 2
