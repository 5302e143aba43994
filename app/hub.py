"""Tell the sessions that there is a newer snapshot.

One hub a process. It is no Parameterized on purpose: a session object that watches a process-wide one is never
freed (docs/adr). Sessions are held weakly and dropped when they end.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

import panel as pn


class Hub:
    """Call a method of every living session, on that session's own thread, whenever something was published."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: dict[tuple[int, int], tuple[weakref.WeakMethod[Callable[[], None]], Any]] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """How often something was published."""
        return self._version

    @property
    def sessions(self) -> int:
        """How many sessions listen."""
        return len({document for document, _ in self._subscribers})

    def subscribe(self, method: Callable[[], None]) -> None:
        """Call the bound method of a session object after each publication, until the session ends."""
        document = pn.state.curdoc
        if document is None:
            return
        key = (id(document), id(method.__self__))  # type: ignore[attr-defined]

        def drop(session_context: object) -> None:  # the name of the argument is checked by Bokeh
            with self._lock:
                self._subscribers.pop(key, None)

        pn.state.on_session_destroyed(drop)
        with self._lock:
            self._subscribers[key] = (weakref.WeakMethod(method), document)

    def publish(self) -> None:
        """Announce that something changed. Callable from any thread."""
        with self._lock:
            self._version += 1
            listeners = list(self._subscribers.values())
        for reference, document in listeners:
            method = reference()
            if method is not None:
                document.add_next_tick_callback(method)
