"""What was made for sessions and lives still: pages, documents, shells, and who listens to the whole process."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import panel as pn

from app.session import open_session
from app.shell import Shell
from tests.app.protocol import LIMIT


class Census:
    """Everything that was made for a session, counted as long as it lives."""

    def __init__(self, build: Callable[[Any], Any] = open_session) -> None:
        self._build = build
        self.made: list[weakref.ref] = []
        self.failures: list[BaseException] = []
        # Another test of the same process may hold on to shells of its own.
        self._others = weakref.WeakSet(thing for thing in gc.get_objects() if isinstance(thing, Shell))

    def open(self, source: object) -> Any:
        """Build a session's page as the server does, and remember what was built."""
        try:
            page = self._build(source)
        except BaseException as error:
            self.failures.append(error)
            raise
        self.made.extend((weakref.ref(page), weakref.ref(pn.state.curdoc)))
        return page

    def living(self) -> int:
        """Count the pages and documents that live still, and every shell there is."""
        gc.collect()
        shells = sum(isinstance(thing, Shell) and thing not in self._others for thing in gc.get_objects())
        return sum(ref() is not None for ref in self.made) + shells

    def emptied(self) -> int:
        """Wait until nothing lives; return how much does at the end.

        The framework lets go of a session some seconds after it is over, when its last timer would have rung.
        """
        deadline = time.monotonic() + 4 * LIMIT
        while self.living() and time.monotonic() < deadline:
            threading.Event().wait(0.2)
        return self.living()


def watchers() -> int:
    """Count what listens to the framework's state of the whole process."""
    return sum(len(found) for kinds in pn.state.param.watchers.values() for found in kinds.values())
