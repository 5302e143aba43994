"""What happened, told in passing: a few cards in a corner, said politely to screen readers; and what was read of it.

The browser remembers the number of the newest thing it has read, so that all its tabs agree on what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text

#: Cards at a time; more become one card that counts them.
MOST_CARDS = 3


class Toasts(JSComponent):
    """Show cards for a while, and keep in the browser up to which number things were read, by `scope`.

    `on_read(scope, number)` is called at the start (-1 where the browser remembers nothing) and whenever a tab of the
    browser read further. It is a visitor's input: the number is a whole one, the scope one of ours or not.
    """

    cards = param.Dict(
        default={"serial": 0}, doc="Cards to show: `items` as [title, text, link], and a growing `serial`."
    )
    scope = param.String(default="", doc="What is numbered: things of different scopes are counted apart.")
    read = param.Integer(default=-1, doc="Number up to which things are read; grows, and is remembered.")

    _esm = Path(__file__).with_name("toasts.js")
    _stylesheets = [Path(__file__).with_name("toasts.css").read_text(encoding="utf-8")]

    def __init__(self, on_read: Callable[[str, int], None], **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._on_read = on_read

    def tell(self, items: Sequence[tuple[object, object, str]]) -> None:
        """Show cards as (title, text, link); links that do not begin with ``?`` are left out."""
        clean = [
            [text.plain(title, 160), text.plain(words, 200), href if href.startswith("?") else ""]
            for title, words, href in items[: MOST_CARDS + 1]
        ]
        self.cards = {"items": clean, "serial": self.cards["serial"] + 1}

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict) or msg.get("kind") != "read":
            return
        scope, number = msg.get("scope"), msg.get("number")
        if (
            isinstance(scope, str)
            and isinstance(number, int)
            and not isinstance(number, bool)
            and -1 <= number < 2**53
        ):
            self._on_read(scope[:80], number)
