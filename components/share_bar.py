"""What a whole is made of, as one bar: every part labelled where it stands, or under the bar where it is too narrow.

The bar is drawn by the browser's own layout: every part is a link, and it fits any width without a script that draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import chart_menu, text
from components.chart_menu import TakenAway


def part(name: object, share: float, *, colour: str, label: str, href: str = "", title: object = "") -> list[Any]:
    """Return one part: share of the whole (0–1), name of its colour in the palette, its share as text, its link."""
    link = href if href.startswith("?") else ""
    return [text.plain(name, 60), round(share, 5), colour, label, link, text.plain(title)]


class ShareBar(TakenAway, JSComponent):
    """Show parts, largest first, as `part` makes them, and all figures behind them as a table that can be opened."""

    label = param.String(default="", doc="What the whole is, said by screen readers.")
    parts = param.List(default=[], doc="Parts in order, as `part` makes them.")
    ready = param.Boolean(default=False, doc="Whether the parts are known; until then the shape of a bar is drawn.")
    heads = param.List(default=[], doc="Heads of the table; the first column is the name.")
    rows = param.List(default=[], doc="Rows of the table: texts, as many as there are heads.")

    _esm = chart_menu.script(Path(__file__).with_name("share_bar.js"))
    _stylesheets = [chart_menu.CSS, Path(__file__).with_name("share_bar.css").read_text(encoding="utf-8")]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})

    def tabulate(self, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Set the table; cells may be anybody's text."""
        self.param.update(heads=list(heads), rows=[[text.plain(cell, 60) for cell in row] for row in rows])
