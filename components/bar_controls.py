"""What is at hand on every page: units, side and times, holding still, and fetching anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text
from components.quoting import SIDES, UNITS
from components.timing import TIMES

NAMES = {"et": "ET", "utc": "UTC", "local": "Local"}

#: What the menu offers, in order: key, name, and its choices as (word, label, tooltip).
CHOICES = (
    ("unit", "Chances and prices", [(word, label, about) for word, (_, label, about) in UNITS.items()]),
    ("side", "Side", [(word, label, f"Chances, prices and changes of {label}") for word, label in SIDES.items()]),
    ("times", "Times", [(word, label.capitalize(), about) for word, (label, about) in TIMES.items()]),
)
_OFFERED = {key: {word for word, *_ in choices} for key, _, choices in CHOICES} | {"zone": set(NAMES)}


class BarControls(JSComponent):
    """Show the controls of the bar over the page; call back with what a visitor chose.

    `on_choose` gets a key (``zone`` or one of `CHOICES`) and one of its words, checked; `on_refresh`, `on_theme` and
    `on_pause` (pause or go on) get nothing. The theme is changed by a key or an action (see `keyboard`).
    """

    unit: param.Selector[str] = param.Selector(default="percent", objects=list(UNITS), doc="Unit that is chosen.")
    side: param.Selector[str] = param.Selector(default="yes", objects=list(SIDES), doc="Side that is chosen.")
    times: param.Selector[str] = param.Selector(default="relative", objects=list(TIMES), doc="How times are said.")
    choices = param.List(
        default=[[key, label, [list(choice) for choice in choices]] for key, label, choices in CHOICES],
        doc="What the menu offers beside the time zone: key, label, (word, label, tooltip) each.",
    )
    marks = param.Dict(default={word: mark for word, (mark, *_) in UNITS.items()}, doc="Short marks of the units.")

    zone: param.Selector[str] = param.Selector(default="et", objects=list(NAMES), doc="Time zone that is chosen.")
    names = param.List(default=[[k, v] for k, v in NAMES.items()], doc="Time zones as (value, label).")
    busy = param.String(default="", doc="How far fetching is, in words; empty while nothing is fetched.")
    wait = param.Dict(default={"seconds": 0, "serial": 0}, doc="Seconds until fetching is possible again.")
    paused = param.Boolean(default=False, doc="Whether the session keeps what it shows.")
    newer = param.Integer(default=0, bounds=(0, None), doc="How many newer states of the data a paused session left.")
    reader = param.Boolean(default=False, doc="Whether another process fetches, so that this one cannot be asked.")

    _esm = Path(__file__).with_name("bar_controls.js")
    _stylesheets = [Path(__file__).with_name("bar_controls.css").read_text(encoding="utf-8")]

    def __init__(
        self,
        on_choose: Callable[[str, str], None],
        on_refresh: Callable[[], None],
        on_theme: Callable[[], None],
        on_pause: Callable[[], None],
        **params: Any,
    ) -> None:
        place = {"align-self": "center", "margin-left": "8px", "flex": "none"}
        super().__init__(**{"sizing_mode": None, "margin": 0, "styles": place, **params})
        self._calls = {"refresh": on_refresh, "theme": on_theme, "pause": on_pause}
        self._on_choose = on_choose

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
        kind, name, word = msg.get("kind"), msg.get("name"), msg.get("word")
        if kind == "choose":
            if isinstance(name, str) and isinstance(word, str) and word in _OFFERED.get(name, ()):
                self._on_choose(name, word)
        elif isinstance(kind, str) and kind in self._calls:
            self._calls[kind]()
