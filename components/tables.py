"""A table that holds one page of rows: sorting and paging are asked of Python, never done on a copy in the browser.

Rows are already text (see `formatting`) and reach the browser as text, so that no title can become markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import flash, sparkline, text
from components.quality import CSS as QUALITY_CSS
from components.quality import flag
from components.sparkline import MAX_POINTS

Cell = str | list[Any]

#: Most rows a table is ever given.
MAX_ROWS = 100


def column(
    key: str,
    label: str,
    title: str = "",
    *,
    kind: str = "text",
    align: str = "left",
    sort: str = "",
    narrow: str = "",
    short: str = "",
    flash: bool = False,
) -> dict[str, Any]:
    """Describe one column.

    `kind` is ``text``, ``mono``, ``number``, ``bar``, ``spark`` or ``link`` (the row's link, in the first column);
    `title` the definition shown on hover; `sort` the word said to `on_sort`; `narrow="second"` keeps it on a phone,
    in the row's second line, labelled `short`; `flash` lets a changed cell fade.
    """
    return {
        "key": key,
        "label": label,
        "title": title,
        "kind": kind,
        "align": align,
        "sort": sort,
        "narrow": narrow,
        "short": short or label,
        "flash": flash,
    }


def cell(
    value: object,
    *,
    sub: object = "",
    title: object = "",
    bar: float | None = None,
    tone: str = "",
    quality: str = "",
    spark: Sequence[int | None] = (),
) -> Cell:
    """Return one cell: its text, a second line, a tooltip, a bar (0–1) and a tone (up, down, muted, amber).

    `quality` is a word of `components.quality`, where the cell is a chance. `spark` draws a line through at most
    `MAX_POINTS` whole numbers (None is a gap), in the colour of where it ends against where it began; `title` is then
    what is read out instead of it.

    A cell that is only text is sent as text, others as a list: a page of rows is sent at every refresh.
    """
    shown = text.plain(value) + _padding(value)
    if not (sub or title or tone or quality or spark or bar is not None):
        return shown
    if len(spark) > MAX_POINTS:
        raise ValueError(f"{len(spark)} points are more than a line in a cell can show")
    made = [shown, tone, text.plain(title, 500), text.plain(sub), None if bar is None else round(bar, 4)]
    if spark:
        return [*made, flag(quality) if quality else "", list(spark)]
    return [*made, flag(quality)] if quality else made


def _padding(value: object) -> str:
    """Return the blank figures at the end of a number: they keep decimal points under each other."""
    said = str(value)
    return said[len(said.rstrip("\u2007\u2008")) :] if len(said) <= 40 else ""


def row(key: str, href: str, cells: Sequence[Cell], tone: str = "") -> list[Any]:
    """Return one row; `href` must begin with ``?`` (anything else is shown without a link)."""
    return [key, href if href.startswith("?") else "", tone, list(cells)]


class PagedTable(JSComponent):
    """Show at most one page of rows; say to Python which page or order a visitor asks for.

    Set several parameters at once with `param.update`. `on_page(int)` and `on_sort(str)` get checked values: a page
    of at least 1, a word that is some column's `sort`; `on_tie` gets the same word when Shift was held.
    """

    label = param.String(default="", doc="What the table lists, said by screen readers.")
    columns = param.List(default=[], doc="Columns in order, as `column` describes them.")
    rows = param.List(default=[], doc="Rows of this page, as `row` makes them; at most `MAX_ROWS`.")
    total = param.Integer(default=0, bounds=(0, None), doc="Rows on all pages.")
    page = param.Integer(default=1, bounds=(1, None), doc="Page that is shown, counted from 1.")
    size = param.Integer(default=50, bounds=(1, MAX_ROWS), doc="Rows on a full page.")
    sort = param.String(default="", doc="Word of the column that is sorted by.")
    descending = param.Boolean(default=True, doc="Whether the largest comes first.")
    ties = param.List(
        default=[], doc="Words of the columns that break ties, in order; ``-`` before one: largest first."
    )
    dense = param.Boolean(default=False, doc="Whether a row is one low line.")
    paged = param.Boolean(default=True, doc="Whether there is a foot to turn pages with.")
    starred = param.Boolean(default=False, doc="Whether rows are markets, their key the ticker: each gets a star.")
    tall = param.Boolean(default=True, doc="Whether the table fills the window and scrolls inside itself.")

    _esm = flash.SCRIPT + sparkline.SCRIPT + Path(__file__).with_name("tables.js").read_text(encoding="utf-8")
    _stylesheets = [
        Path(__file__).with_name("tables.css").read_text(encoding="utf-8"),
        flash.CSS,
        sparkline.CSS,
        QUALITY_CSS,
    ]

    def __init__(
        self,
        on_page: Callable[[int], None] | None = None,
        on_sort: Callable[[str], None] | None = None,
        on_tie: Callable[[str], None] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._on_page, self._on_sort, self._on_tie = on_page, on_sort, on_tie or on_sort

    @param.depends("rows", watch=True)
    def _check_rows(self) -> None:
        if len(self.rows) > MAX_ROWS:
            raise ValueError(f"{len(self.rows)} rows are more than one page")

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict):
            return
        if msg.get("kind") == "page" and self._on_page is not None:
            page = msg.get("page")
            if isinstance(page, int) and not isinstance(page, bool) and page >= 1:
                self._on_page(page)
        elif msg.get("kind") == "sort" and self._on_sort is not None:
            word = msg.get("sort")
            if isinstance(word, str) and word and word in {c["sort"] for c in self.columns}:
                (self._on_tie if msg.get("more") is True and self._on_tie else self._on_sort)(word)
