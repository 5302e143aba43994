"""Which watchlist is shown, and what can be done with it: a row of lists, and one small form at a time under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text

#: What a visitor can ask for, and the longest text that comes with it, in characters.
ASKS = {
    "create": 200,
    "rename": 200,
    "delete": 0,
    "move": 2,
    "edit": 300_000,
    "import": 300_000,
    "export": 0,
    "keep": 0,
}


class WatchBar(JSComponent):
    """Show the lists as links, and call `on_ask(what, text)` with one of `ASKS`.

    What arrives is a visitor's input: an ask that is none, or a text that is too long, is dropped here.
    """

    lists = param.List(default=[], doc="The lists in order: [name, number of markets, link].")
    shown = param.String(default="", doc="Name of the list that is shown.")
    shared = param.Boolean(default=False, doc="Whether what is shown came with a link and is not kept.")
    body = param.String(default="", doc="Tickers of the list that is shown, one a line, as they are edited.")
    address = param.String(
        default="", doc="Query of a link that shows this list to anybody; empty when it is too long."
    )
    unshared = param.String(default="", doc="Why there is no such link, for a person.")
    answer = param.Dict(
        default={"serial": 0}, doc="What came of an ask: `words`, whether it is a `problem`, a growing `serial`."
    )

    _esm = Path(__file__).with_name("watch_bar.js")
    _stylesheets = [Path(__file__).with_name("watch_bar.css").read_text(encoding="utf-8")]

    def __init__(self, on_ask: Callable[[str, str], None], **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._on_ask = on_ask

    def say(self, words: object, *, problem: bool = False) -> None:
        """Answer an ask; a problem leaves its form open. Words may be anybody's text."""
        self.answer = {"words": text.plain(words, 1200), "problem": problem, "serial": self.answer["serial"] + 1}

    def offer(self, lists: Sequence[tuple[str, int, str]]) -> None:
        """Set the lists as (name, number of markets, link)."""
        self.lists = [[text.plain(name, 60), count, href] for name, count, href in lists if href.startswith("?")]

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict):
            return
        what, said = msg.get("ask"), msg.get("text", "")
        if isinstance(what, str) and what in ASKS and isinstance(said, str) and len(said) <= ASKS[what]:
            self._on_ask(what, said)
