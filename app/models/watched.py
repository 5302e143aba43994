"""What the visitor's browser keeps of watchlists, as one session knows it; all sessions of a browser agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import param

from app.watchlists import Shelf, read_message

Change = Callable[[Shelf], Shelf]


class Watched(param.Parameterized):
    """The lists of the browser. They change when it says so; `edit` asks it for a change.

    `write` hands the browser new lists and the revision they were made from. Where another tab was quicker the
    browser refuses, says what it has, and the change is made once more on that.
    """

    shelf = param.ClassSelector(class_=Shelf, default=Shelf(), doc="The lists.")
    ready = param.Boolean(default=False, doc="Whether the browser has said what it keeps.")
    kept = param.Boolean(default=True, doc="Whether the browser keeps lists beyond this tab; a private one may not.")
    damaged = param.Boolean(default=False, doc="Whether what was kept could not be read, and was put aside.")

    def __init__(self, write: Callable[[dict[str, Any], int], None]) -> None:
        super().__init__()
        self._write = write
        self._last: Change | None = None

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take what the browser says: its lists, whether it keeps them, and whether it refused a change."""
        self.param.update(
            shelf=read_message(message),
            ready=True,
            kept=message.get("kept") is not False,
            damaged=message.get("damaged") is True,
        )
        change, self._last = self._last, None
        if message.get("refused") is True and change is not None:
            self._apply(change)

    def edit(self, change: Change) -> None:
        """Change the lists; raises WatchlistError when that cannot be done."""
        self._apply(change)
        self._last = change

    def _apply(self, change: Change) -> None:
        before = self.shelf
        after = replace(change(before), revision=before.revision + 1)
        self._write(after.as_message(), before.revision)
        self.shelf = after
