"""Tell the sessions that there is a newer snapshot, one after the other.

One hub a process. It is no Parameterized on purpose: a session object that watches a process-wide one is never
freed (docs/adr/0054). Sessions are held weakly and dropped when they end.

All sessions of a server share its thread, and each asks and draws its page anew when it is told. Told all at once,
they would keep a visitor's click waiting for every one of them (docs/adr/0149).
"""

from __future__ import annotations

import asyncio
import logging
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import panel as pn
from bokeh.document import Document
from tornado.ioloop import IOLoop

logger = logging.getLogger(__name__)

#: Between two sessions the server does what its browsers said meanwhile. A message is read and answered in several
#: turns of its loop: with one free turn at a time a click is overtaken by every session that is quick.
REST_SECONDS = 0.005
#: Longest a round waits for one session: it may have ended, or its document be held for a browser that stalls.
PATIENCE_SECONDS = 0.2


@dataclass(eq=False)
class _Listener:
    """One session: `told` is the publication it saw last, `due` whether its document has been given a callback."""

    method: weakref.WeakMethod[Callable[[], None]]
    document: Document
    loop: IOLoop
    told: int
    due: bool = False


class Hub:
    """Call a method of every living session, on that session's own thread, whenever something was published.

    Sessions are told in turn, and each of the newest: what is published during a round is told once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[tuple[int, int], _Listener] = {}
        self._rounds: weakref.WeakSet[IOLoop] = weakref.WeakSet()
        self._version = 0

    @property
    def version(self) -> int:
        """How often something was published."""
        return self._version

    @property
    def sessions(self) -> int:
        """How many sessions listen."""
        with self._lock:
            return len({document for document, _ in self._listeners})

    @property
    def telling(self) -> bool:
        """Whether the sessions of this thread's server are being told, so that the turn of each will come."""
        return _present_loop() in self._rounds

    def subscribe(self, method: Callable[[], None]) -> None:
        """Call the bound method of a session object after each publication, until the session ends."""
        document, loop = pn.state.curdoc, _present_loop()
        if document is None or loop is None:
            return
        key = (id(document), id(method.__self__))  # type: ignore[attr-defined]

        def drop(session_context: object) -> None:  # the name of the argument is checked by Bokeh
            with self._lock:
                self._listeners.pop(key, None)

        pn.state.on_session_destroyed(drop)
        with self._lock:
            self._listeners[key] = _Listener(weakref.WeakMethod(method), document, loop, self._version)

    def publish(self) -> None:
        """Announce that something changed. Callable from any thread; returns at once."""
        with self._lock:
            self._version += 1
            idle = {listener.loop for listener in self._listeners.values()} - set(self._rounds)
            self._rounds.update(idle)
        for loop in idle:
            loop.add_callback(self._round, loop)

    async def _round(self, loop: IOLoop) -> None:
        """Tell the sessions of one server until none is behind; nothing that one of them does can end it early."""
        while (told := self._call_next(loop)) is not None:
            await asyncio.wait([told], timeout=PATIENCE_SECONDS)
            await asyncio.sleep(REST_SECONDS)

    def _call_next(self, loop: IOLoop) -> asyncio.Future[None] | None:
        """Give the next session its turn, and return what is done when it has had it; None ends the round."""
        while (listener := self._next(loop)) is not None:
            told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            try:
                listener.document.add_next_tick_callback(partial(self._tell, listener, told))
            except Exception:
                logger.exception("A session cannot be told of new data; it looks for them itself.")
            else:
                return told
        return None

    def _next(self, loop: IOLoop) -> _Listener | None:
        """Return who of the sessions behind has waited longest; when there is none, the round is over."""
        with self._lock:
            behind = [
                listener
                for listener in self._listeners.values()
                # A document without a context is one whose session ended a moment ago: it refuses callbacks.
                if listener.loop is loop
                and listener.told < self._version
                and not listener.due
                and listener.document.session_context is not None
            ]
            if not behind:
                self._rounds.discard(loop)
                return None
            chosen = min(behind, key=lambda listener: listener.told)
            chosen.due = True
            return chosen

    def _tell(self, listener: _Listener, told: asyncio.Future[None]) -> None:
        listener.due, listener.told = False, self._version
        try:
            if (method := listener.method()) is not None:
                method()
        finally:
            told.set_result(None)


def _present_loop() -> IOLoop | None:
    """Return the loop of the server whose thread this is; None on any other thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return None
    return IOLoop.current()
