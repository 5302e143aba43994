"""A long job that a visitor may start and stop: its choices, a progress bar, how long it takes, and what went wrong.

Choices go in as text and come back as text; who uses the card checks them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text

Field = dict[str, Any]
#: For which values of other choices a choice is shown.
Only = Mapping[str, Sequence[str]]
_ALWAYS: Only = {}


def choice(key: str, label: str, options: Sequence[tuple[str, str]], *, only: Only = _ALWAYS) -> Field:
    """Describe a choice of one of (value, label); shown only while other choices have one of the values of `only`."""
    shown = {name: list(values) for name, values in only.items()}
    return {"kind": "choice", "key": key, "label": label, "options": [list(o) for o in options], "only": shown}


def number(key: str, label: str, unit: str, most: int, *, only: Only = _ALWAYS) -> Field:
    """Describe an input of a whole number from 1 to `most`."""
    shown = {name: list(values) for name, values in only.items()}
    return {"kind": "number", "key": key, "label": label, "unit": unit, "most": most, "only": shown}


class JobCard(JSComponent):
    """Show one job. `on_start(values)` gets the choices by key as text, `on_stop()` nothing."""

    label = param.String(default="", doc="What the job does: the card's title.")
    about = param.String(default="", doc="A sentence about it.")
    fields = param.List(default=[], doc="Choices in order, as `choice` and `number` describe them.")
    values = param.Dict(default={}, doc="What the choices are set to at first, by key, as text.")
    running = param.Boolean(default=False, doc="Whether it can be stopped instead of started.")
    share = param.Number(default=None, bounds=(0, 1), allow_None=True, doc="How much is done; None shows no bar.")
    said = param.String(default="", doc="How far it is, in words.")
    problem = param.String(default="", doc="What went wrong, and what to do.")
    blocked = param.String(default="", doc="Why it cannot be started here; empty when it can.")
    sought = param.Boolean(
        default=False, doc="Whether it is brought into view, with the focus, when it comes to stand."
    )
    verb = param.String(default="Start", doc="What the button says while it is not running.")

    _esm = Path(__file__).with_name("job_card.js")
    _stylesheets = [Path(__file__).with_name("job_card.css").read_text(encoding="utf-8")]

    def __init__(
        self, on_start: Callable[[dict[str, str]], None], on_stop: Callable[[], None], **params: Any
    ) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._on_start, self._on_stop = on_start, on_stop

    def say(self, said: str, problem: str = "") -> None:
        """Set what the card says; a problem may be anybody's text."""
        self.param.update(said=text.plain(said, 300), problem=text.plain(problem, 300))

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict) or self.blocked:
            return
        if msg.get("kind") == "stop":
            self._on_stop()
        elif msg.get("kind") == "start" and isinstance(values := msg.get("values"), dict):
            known = {field["key"] for field in self.fields}
            self._on_start({k: v[:200] for k, v in values.items() if k in known and isinstance(v, str)})
