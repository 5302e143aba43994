"""The browser's own memory of watchlists, and the star that is drawn wherever a market stands.

One invisible component a tab. It defines the element ``<ka-star ticker=… label=…>`` that tables, lists and heads put
beside a market: pressing it changes the browser's memory at once, in every star of every tab, without asking Python.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components.text import Markup, markup


def star(ticker: str, label: object) -> Markup:
    """Return the star of the market that a page is about, for a pane of HTML; the key ``w`` presses it.

    It is nothing where there is no `WatchStore` in the page.
    """
    return markup('<ka-star main ticker="{ticker:128}" label="{label:120}"></ka-star>', ticker=ticker, label=label)


class WatchStore(JSComponent):
    """Keep watchlists in the browser's local storage; say them to Python at the start and whenever they changed.

    A message has `lists` (name and tickers each), `current`, `revision`, `kept`, `damaged` and `refused`. It is a
    visitor's input: check it.
    """

    command = param.Dict(default={"serial": 0}, doc="Lists to keep, the revision they come from, a growing `serial`.")
    most_lists = param.Integer(default=20, doc="Most lists that are kept.")
    most_tickers = param.Integer(default=500, doc="Most markets of one list; a star beyond them is refused.")

    _esm = Path(__file__).with_name("watch_store.js")

    def __init__(self, on_lists: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._on_lists = on_lists

    def write(self, lists: dict[str, Any], base: int) -> None:
        """Keep these lists, unless another tab has changed those of revision `base` meanwhile."""
        self.command = {"serial": self.command["serial"] + 1, "base": base, **lists}

    def _handle_msg(self, msg: Any) -> None:
        if isinstance(msg, dict) and msg.get("kind") == "lists":
            self._on_lists(msg)
