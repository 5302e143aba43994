"""What is at hand on every page: time zone, fetching anew, and the keyboard with its list of keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text

#: What the keys do, as the list on `?` says it; `router.js`, `tables.js` and `bar_controls.js` hear them.
KEYS = (
    ("/", "Search"),
    ("j", "Next row"),
    ("k", "Row before"),
    ("Enter", "Open the row"),
    ("t", "Light or dark"),
    ("?", "This list"),
    ("Esc", "Close, or empty the search"),
)

NAMES = {"et": "ET", "utc": "UTC", "local": "Local"}


class BarControls(JSComponent):
    """Show the controls of the bar over the page; call back with what a visitor chose.

    `on_zone` gets one of `NAMES`, checked; `on_refresh` and `on_theme` get nothing. It also puts a link before the
    page that skips to its content, and hears the keys of `KEYS` that belong to no page.
    """

    zone: param.Selector[str] = param.Selector(default="et", objects=list(NAMES), doc="Time zone that is chosen.")
    names = param.List(default=[[k, v] for k, v in NAMES.items()], doc="Time zones as (value, label).")
    keys = param.List(default=[list(pair) for pair in KEYS], doc="Keys and what they do.")
    busy = param.String(default="", doc="How far fetching is, in words; empty while nothing is fetched.")
    wait = param.Dict(default={"seconds": 0, "serial": 0}, doc="Seconds until fetching is possible again.")
    reader = param.Boolean(default=False, doc="Whether another process fetches, so that this one cannot be asked.")

    _esm = Path(__file__).with_name("bar_controls.js")
    _stylesheets = [Path(__file__).with_name("bar_controls.css").read_text(encoding="utf-8")]

    def __init__(
        self,
        on_zone: Callable[[str], None],
        on_refresh: Callable[[], None],
        on_theme: Callable[[], None],
        **params: Any,
    ) -> None:
        place = {"align-self": "center", "margin-left": "8px", "flex": "none"}
        super().__init__(**{"sizing_mode": None, "margin": 0, "styles": place, **params})
        self._calls = {"refresh": on_refresh, "theme": on_theme}
        self._on_zone = on_zone

    def name_local(self, place: str) -> None:
        """Say where the visitor's own time zone is, once the browser told."""
        label = f"Local · {text.plain(place, 24)}" if place else NAMES["local"]
        self.names = [[key, label if key == "local" else name] for key, name in NAMES.items()]

    def wait_for(self, seconds: int) -> None:
        """Count down from a number of seconds, then offer fetching again."""
        self.wait = {"seconds": max(0, seconds), "serial": self.wait["serial"] + 1}

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict):
            return
        kind, zone = msg.get("kind"), msg.get("zone")
        if kind == "zone" and isinstance(zone, str) and zone in NAMES:
            self._on_zone(zone)
        elif isinstance(kind, str) and kind in self._calls:
            self._calls[kind]()
