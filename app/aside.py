"""Questions that may take as long as a search: answered by a worker, so that no other session waits for them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

import panel as pn

_LOG = logging.getLogger(__name__)

#: Questions of the whole process that run at a time; they hold no lock of Python's for most of their time.
_WORKERS = ThreadPoolExecutor(2, thread_name_prefix="search")

Asked = TypeVar("Asked")
Found = TypeVar("Found")


class Aside(Generic[Asked, Found]):
    """Answer one question of a session at a time, off the event loop; of those that wait only the newest counts.

    `answer` runs on any thread, `show` on the session's; `failed` is shown when `answer` raised.
    """

    def __init__(self, answer: Callable[[Asked], Found], show: Callable[[Asked, Found], None], failed: Found) -> None:
        self._answer, self._show, self._failed = answer, show, failed
        self._busy = False
        self._waiting: list[Asked] = []

    def ask(self, question: Asked) -> None:
        """Answer a question soon; without a session (in a test) at once."""
        if self._busy:
            self._waiting = [question]
            return
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            self._show(question, self._answer(question))
            return
        self._busy = True

        def work() -> None:
            try:
                found = self._answer(question)
            except Exception:  # noqa: BLE001 - whatever it is, nobody must wait for ever
                _LOG.exception("a search failed")
                found = self._failed
            document.add_next_tick_callback(lambda: self._done(question, found))

        _WORKERS.submit(work)

    def _done(self, question: Asked, found: Found) -> None:
        self._busy = False
        self._show(question, found)
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.ask(waiting[0])
