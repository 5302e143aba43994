"""The one pane that shows HTML, and it takes only Markup: text that went through `components.text`."""

from __future__ import annotations

from typing import Any

import panel as pn

from components.text import Markup

NOTHING = Markup()


def markup_pane(content: Markup = NOTHING, *, css: str = "", **params: Any) -> pn.pane.HTML:
    """Return a pane for Markup with its own style sheet; change it with `show`."""
    params = {"sizing_mode": "stretch_width", "margin": 0} | params
    pane = pn.pane.HTML("", disable_math=True, stylesheets=[css] if css else [], **params)
    show(pane, content)
    return pane


def show(pane: pn.pane.HTML, content: Markup) -> None:
    """Set what a pane shows, if it changed; anything but Markup raises TypeError."""
    if not isinstance(content, Markup):
        raise TypeError("only Markup is shown: pass text through components.text")
    if pane.object != content:
        pane.object = content
