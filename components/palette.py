"""Search everything: a field in the bar, and a list that answers while one types. Keyboard first.

All text reaches the browser as text and is set as text, so that no title can become markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text

#: Longest text that is looked for, in characters.
LONGEST = 100

Marks = Callable[[str], list[tuple[int, int]]]
Option = dict[str, Any]


def option(
    title: object,
    detail: object = "",
    *,
    figure: object = "",
    href: str = "",
    action: str = "",
    marks: Marks | None = None,
) -> Option:
    """Describe one option: a link that begins with ``?``, or the word of an action.

    `marks` says which letters of a text are marked.
    """
    return {
        "title": _parts(text.plain(title, 160), marks),
        "detail": _parts(text.plain(detail, 120), marks),
        "figure": text.plain(figure, 40),
        "href": href if href.startswith("?") else "",
        "action": action,
    }


def group(name: str, options: Sequence[Option]) -> dict[str, Any]:
    """Describe options of one kind under its name."""
    return {"name": text.plain(name, 40), "options": list(options)}


def _parts(shown: str, marks: Marks | None) -> list[str]:
    """Cut a text into pieces, every second of them marked."""
    parts, at = [], 0
    for start, end in marks(shown) if marks is not None else []:
        parts += [shown[at:start], shown[start:end]]
        at = end
    return [*parts, shown[at:]]


class Palette(JSComponent):
    """Ask for what is typed, one question at a time, and show the answer; obey what is chosen.

    `on_ask(text, serial)` is to be answered with `answer`; `on_do(action)` gets the action of an option that is
    listed now. Recent choices stay in the browser. What arrives is a visitor's input and checked here.
    """

    start = param.List(default=[], doc="Groups of options while nothing is typed, below what was chosen lately.")
    kept = param.List(
        default=[], doc="Keys of a link that say how somebody reads, not what: recent ones go with today's."
    )
    found = param.Dict(
        default={"serial": 0, "groups": [], "note": ""},
        doc="Answer to question `serial`: groups, or why there are none.",
    )

    _esm = "".join(
        Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("views_store.js", "palette.js")
    )
    _stylesheets = [Path(__file__).with_name("palette.css").read_text(encoding="utf-8")]

    def __init__(self, on_ask: Callable[[str, int], None], on_do: Callable[[str], None], **params: Any) -> None:
        place = {"align-self": "center", "margin-left": "16px", "min-width": "0"}
        super().__init__(**{"sizing_mode": None, "margin": 0, "styles": place, **params})
        self._on_ask, self._on_do = on_ask, on_do

    def answer(self, serial: int, groups: Sequence[dict[str, Any]], note: str = "") -> None:
        """Show groups of options, or say why there are none."""
        self.found = {"serial": serial, "groups": list(groups), "note": text.plain(note, 400)}

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict):
            return
        kind, typed, serial, action = (msg.get(name) for name in ("kind", "text", "serial", "action"))
        if kind == "ask" and isinstance(typed, str) and type(serial) is int and 0 < len(typed) <= LONGEST:
            self._on_ask(typed, serial)
        elif kind == "do" and isinstance(action, str) and action in self._offered():
            self._on_do(action)

    def _offered(self) -> set[str]:
        """Return the actions of all options there are; what was chosen lately was one of them."""
        groups = [*self.start, *self.found["groups"]]
        return {item["action"] for part in groups for item in part["options"] if item["action"]}
