"""Saved views: links with a name, kept in the browser alone; a menu to save, open, rename, order and delete them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from panel.custom import JSComponent


class SavedViews(JSComponent):
    """Show a button with a menu of the views this browser keeps; nothing of them ever reaches the server.

    It hears `ka-do` events: ``views`` opens the menu, ``save-view`` opens it to name the present view. Its links
    begin with ``?`` and are the router's to follow.
    """

    _esm = "".join(
        Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("views_store.js", "saved_views.js")
    )
    _stylesheets = [Path(__file__).with_name("saved_views.css").read_text(encoding="utf-8")]

    def __init__(self, **params: Any) -> None:
        place = {"align-self": "center", "margin-left": "4px", "flex": "none"}
        super().__init__(**{"sizing_mode": None, "margin": 0, "styles": place, **params})
