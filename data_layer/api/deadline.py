"""A wall-clock deadline for one exchange with a server.

Socket timeouts start anew with every byte, so a server that drips can hold a reader for ever, in the headers as well
as in the body. Here a timer shuts the socket down when the time is up, whatever the reader is waiting for.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

import requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_current = threading.local()


class Deadline:
    """Cut the connection of the current thread's request after `seconds`; use as a context manager."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(seconds, 0.0), self._cut)
        self._timer.daemon = True

    def watch(self, connected: socket.socket | None) -> None:
        """Make `connected` the socket to cut; called by the connection when it starts to wait for an answer."""
        with self._lock:
            self._socket = connected
            late = self.passed
        if late:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            if self._socket is not None:
                with contextlib.suppress(OSError):  # already closed by its reader
                    # The base class's shutdown also ends a TLS socket without touching the TLS state its reader uses.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def __enter__(self) -> Deadline:
        _current.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._timer.cancel()
        _current.deadline = None
        with self._lock:
            self._socket = None


def _watch(connection: HTTPConnection) -> None:
    deadline: Deadline | None = getattr(_current, "deadline", None)
    if deadline is not None:
        deadline.watch(connection.sock)


class _WatchedHTTPConnection(HTTPConnection):
    def getresponse(self) -> Any:
        _watch(self)
        return super().getresponse()


class _WatchedHTTPSConnection(HTTPSConnection):
    def getresponse(self) -> Any:
        _watch(self)
        return super().getresponse()


class _WatchedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTPConnection


class _WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPSConnection


class DeadlineAdapter(requests.adapters.HTTPAdapter):
    """A transport adapter of `requests` whose connections obey the thread's Deadline."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use connection pools whose connections report their socket."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _WatchedHTTPPool, "https": _WatchedHTTPSPool}
