"""The lines of a chart as switches: each is a button that hides it or shows it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text


class LineSwitches(JSComponent):
    """Show lines as buttons with their colour; call `on_toggle(key)` with a key of `lines` when one is pressed."""

    label = param.String(default="Lines of the chart", doc="What the buttons are for, said by screen readers.")
    lines = param.List(default=[], doc="Lines in order, as `entry` makes them.")

    _esm = Path(__file__).with_suffix(".js")
    _stylesheets = [Path(__file__).with_suffix(".css").read_text(encoding="utf-8")]

    def __init__(self, on_toggle: Callable[[str], None], **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._on_toggle = on_toggle

    def _handle_msg(self, msg: Any) -> None:
        key = msg.get("toggle") if isinstance(msg, dict) else None
        if isinstance(key, str) and key in {item[0] for item in self.lines}:
            self._on_toggle(key)


def entry(key: str, rank: int, name: object, value: str, *, shown: bool, full: str = "") -> list[Any]:
    """Return one line: key, place in the palette (from 0), name, newest value, whether drawn, name in full."""
    return [key, rank + 1, text.plain(name, 60), value, shown, text.plain(full or name, 200)]
