"""One market beside the page: opened from its row, closed again, without leaving the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import doing, section_head, sparkline, text
from components.quality import CSS as QUALITY_CSS

#: Longest text of the rules that is shown here, in characters.
RULES_LIMIT = 600
#: What the keys of its "i" begin with (see `provenance`): those of the page beside it have other ones.
ORIGIN = "beside-"
_LIMIT = 1200


def harmless(value: Any) -> Any:
    """Return texts, lists and dictionaries of them as plain text; numbers, booleans and None as they are."""
    if isinstance(value, str):
        return text.plain(value, _LIMIT)
    if isinstance(value, dict):
        return {name: harmless(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(held) for held in value]
    return value


class MarketDrawer(JSComponent):
    """Lie beside the page while `ticker` is not empty, with what `present` was given.

    Rows are recognised by the star of their market (see `watch_store`). A plain click on one, or Space, calls
    `on_open(ticker, passing)`; so do j and k while it is open, with `passing` true. `on_stay()` says that a visitor
    stays with what he came to that way, `on_close()` that he wants it closed. In a narrow window rows are only links.
    """

    ticker = param.String(default="", doc="Market that is open; empty: none, and nothing is seen.")
    said = param.Dict(default={}, doc="What is said of it, see `present`.")

    _esm = sparkline.SCRIPT + doing.SCRIPT + Path(__file__).with_name("market_drawer.js").read_text(encoding="utf-8")
    _stylesheets = [
        Path(__file__).with_name("market_drawer.css").read_text(encoding="utf-8"),
        sparkline.CSS,
        section_head.CSS,
        doing.CSS,
        QUALITY_CSS,
    ]

    def __init__(
        self,
        on_open: Callable[[str, bool], None],
        on_stay: Callable[[], None],
        on_close: Callable[[], None],
        **params: Any,
    ) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
        self._on_open, self._on_stay, self._on_close = on_open, on_stay, on_close

    def present(self, ticker: str, **said: Any) -> None:
        """Show a market; texts may be anybody's.

        `title`, `outcome`, `tags` (text, tone); `face` (kind, title, reason) in place of all that follows: `big`
        (value, unit, quality, tooltip), `change` (text, tone), `facts` (label, value, second line, tooltip, tone),
        `line` (points, label), `book` (see `app.pages.market_drawer`), `rules` (paragraphs), `links` (text, link that
        begins with ``?``), `doings` (see `doing.said`), `away` (text, https address), `foot`.
        """
        self.param.update(ticker=ticker, said=harmless(said) | {"ticker": ticker})

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict):
            return
        kind, ticker = msg.get("kind"), msg.get("ticker")
        if kind == "open" and isinstance(ticker, str) and 0 < len(ticker) <= 128:
            self._on_open(ticker, msg.get("passing") is True)
        elif kind == "stay" and self.ticker:
            self._on_stay()
        elif kind == "close":
            self._on_close()
