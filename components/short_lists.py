"""Short ranked lists of markets side by side: every row is a real link, every list says where more of it is.

All text reaches the browser as text and is set as text, so that no title can become markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import flash, section_head, text
from components.quality import CSS as QUALITY_CSS
from components.quality import flag

#: Columns of figures beside the title, in every list, so that lists under each other stand in line.
FIGURES = 3
#: Most rows of one list.
MAX_ROWS = 20


def figure(value: object, *, tone: str = "", title: object = "", quality: str = "") -> list[Any]:
    """Return one figure of a row: its text, a tone (up, down, muted), and more about it on hover.

    `quality` is a word of `components.quality`, where the figure is a chance.
    """
    made = [text.plain(value), tone, text.plain(title)]
    return [*made, None, flag(quality)] if quality else made


def countdown(seconds_left: float, *, title: object = "") -> list[Any]:
    """Return a figure that counts down by itself from now."""
    return ["", "", text.plain(title), max(0, round(seconds_left))]


def row(
    key: str,
    href: str,
    title: object,
    outcome: object,
    figures: Sequence[list[Any]],
    *,
    extra: str = "",
    tip: object = "",
) -> list[Any]:
    """Return one row; `href` must begin with ``?`` (anything else gives no link), `extra` is a short tag."""
    if len(figures) != FIGURES:
        raise ValueError(f"a row has {FIGURES} figures, not {len(figures)}")
    link = href if href.startswith("?") else ""
    return [key, link, text.plain(title), text.plain(outcome), extra, text.plain(tip, 500), list(figures)]


def short_list(
    key: str,
    title: str,
    heads: Sequence[tuple[str, str]],
    rows: Sequence[Any] = (),
    *,
    about: object = "",
    more: tuple[str, str] = ("", ""),
    empty: tuple[object, object] = ("", ""),
    loading: bool = False,
    info_key: str = "",
) -> dict[str, Any]:
    """Describe one list: heads as (label, definition), where more is as (label, link), why there is nothing.

    `info_key` gives it an "i" (see `section_head`).
    """
    return {
        "key": key,
        "title": title,
        "about": text.plain(about, 600),
        "heads": [list(head) for head in heads],
        "more": list(more) if more[1].startswith("?") else ["", ""],
        "empty": [text.plain(empty[0]), text.plain(empty[1], 400)],
        "loading": loading,
        "rows": list(rows),
        "info": info_key,
    }


class ShortLists(JSComponent):
    """Show lists as `short_list` describes them, `size` rows high each; rows keep their focus while they change."""

    lists = param.List(default=[], item_type=Mapping, doc="The lists, in order, as `short_list` makes them.")
    starred = param.Boolean(default=False, doc="Whether rows are markets, their key the ticker: each gets a star.")
    size = param.Integer(default=8, bounds=(1, MAX_ROWS), doc="Rows a list has room for, full or not.")

    _esm = flash.SCRIPT + Path(__file__).with_name("short_lists.js").read_text(encoding="utf-8")
    _stylesheets = [
        flash.CSS,
        section_head.CSS,
        QUALITY_CSS,
        Path(__file__).with_name("short_lists.css").read_text(encoding="utf-8"),
    ]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
