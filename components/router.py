"""The browser's history and title, as one invisible component."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text

#: What a session learns of the browser: kind of message, then what it carries.
Message = dict[str, Any]

#: More clicks than a visitor makes: what counts higher is no visitor.
_MOST_MOVES = 1_000_000


class Router(JSComponent):
    """Tell Python where the browser goes, and the browser where Python went.

    Messages: ``start`` (search, zone, dark, width), ``click`` and ``pop`` (search, moves), ``width`` (width) when the
    window became narrower than `phone_width`, or no longer is. `moves` counts clicks and pops: an address that was
    written before the last of them was heard of is not shown. Messages are a visitor's input: check them before use.
    Links that begin with ``?`` are followed without a reload; all others are left to the browser.
    """

    title = param.String(default="", doc="Title of the browser's tab; set as text, never as HTML.")
    target = param.Dict(
        default={"serial": 0},
        doc="Address to show: `search`, `replace`, `beside`, the `moves` that were heard of, and a growing `serial`.",
    )
    phone_width = param.Integer(default=600, doc="Below this many pixels a window is narrow.")
    shown = param.Integer(default=0, doc="Grows when a page came on the screen: its parts measure themselves again.")
    dark = param.Boolean(default=False, doc="Theme; a change is remembered in a cookie for the next visit.")
    started = param.Boolean(default=False, doc="Whether what the browser said of itself at the start is answered.")
    remembered = param.Dict(default={}, doc="Choices to remember, by the name of their cookie; plain words of ours.")

    _esm = Path(__file__).with_name("router.js")

    def __init__(self, on_message: Callable[[Message], None], **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._on_message = on_message
        self._moves = 0

    def go(self, search: str, *, replace: bool, beside: bool = False) -> None:
        """Show an address: as a new entry of the history, or in place of the present one.

        `beside` says that a new entry is of something beside the same page: the place of the scroll is kept, and the
        entry knows where it came from.
        """
        serial = self.target["serial"] + 1
        self.target = {
            "search": search,
            "replace": replace,
            "beside": beside,
            "moves": self._moves,
            "serial": serial,
        }

    def entitle(self, title: str) -> None:
        """Set the title of the tab from text that may be anybody's."""
        self.title = text.plain(title, 120)

    def _handle_msg(self, msg: Message) -> None:
        if isinstance(msg, dict):
            moves = msg.get("moves")
            if isinstance(moves, int) and self._moves < moves < _MOST_MOVES:
                self._moves = moves
            self._on_message(msg)
