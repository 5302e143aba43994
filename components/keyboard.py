"""The keyboard of the whole page: one table says what every key does, the browser obeys it and shows it on `?`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import param
from panel.custom import JSComponent


class Key(NamedTuple):
    """One key, as it is printed: what it does in words, and the word of the action it stands for.

    ``Ctrl`` before a letter means Cmd too. A key without an action is explained here and heard where it belongs.
    """

    key: str
    said: str
    action: str = ""


#: What the keys do. `ka-do` events on the window carry the actions to whoever does them (see `keyboard.js`).
KEYS = (
    Key("/", "Search everything", "search"),
    Key("Ctrl K", "Search everything", "search"),
    Key("j", "Next row", "next"),
    Key("k", "Row before", "previous"),
    Key("Enter", "Open the row; with Ctrl in a new tab"),
    Key("Space", "Open the market beside the list; again: go into it"),
    Key("w", "Watch the row or the market", "watch"),
    Key("e", "Export the list, or the page’s first table, as CSV", "export"),
    Key("v", "Saved views", "views"),
    Key("u", "Units, side, times, time zone", "units"),
    Key("p", "Pause, or go on with the newest", "pause"),
    Key("t", "Light or dark", "theme"),
    Key("?", "This list", "help"),
    Key("Esc", "Close, or empty the field"),
)


class Keyboard(JSComponent):
    """Hear the keys of `KEYS` while nothing is typed anywhere, and list them on `?`.

    Mount it only where the dashboard owns the whole tab. It also puts a link before the page that skips to its
    content.
    """

    keys = param.List(default=[], doc="Keys, what they do in words, and their actions.")

    _esm = Path(__file__).with_name("keyboard.js")
    _stylesheets = [Path(__file__).with_name("keyboard.css").read_text(encoding="utf-8")]

    def __init__(self, keys: Sequence[Key] = KEYS, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, "keys": [list(key) for key in keys], **params})
