"""A row of dense inputs: search, choices, segments, and how many rows there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text

Option = tuple[str, str]
Field = dict[str, Any]


def search(key: str, label: str, placeholder: str = "") -> Field:
    """Describe a search box; it says its text 160 ms after the last key, `/` focuses it, Escape empties it."""
    return {"kind": "search", "key": key, "label": label, "placeholder": placeholder or label}


def choice(key: str, label: str, options: Sequence[Option] = (), *, only: str = "", plain: bool = False) -> Field:
    """Describe a choice of one of (value, label); the first is the neutral one unless `plain`.

    `only="narrow"` shows it on phones alone.
    """
    return {"kind": "choice", "key": key, "label": label, "options": _clean(options), "only": only, "plain": plain}


def segment(key: str, label: str, options: Sequence[tuple[str, str, str]]) -> Field:
    """Describe a row of buttons of which one is pressed: (value, label, tooltip)."""
    return {"kind": "segment", "key": key, "label": label, "options": [list(o) for o in options]}


SPACE: Field = {"kind": "space"}


def _clean(options: Sequence[Option]) -> list[list[str]]:
    return [[value, text.plain(label, 60)] for value, label in options]


class FilterBar(JSComponent):
    """Show inputs described by `fields`, with `values` by key; call `on_change(key, value)` when one is changed.

    What arrives is a visitor's input: a key that is no field, or a value that is no text of at most 200 characters,
    is dropped here; the rest is the page's to check.
    """

    label = param.String(default="Filters", doc="What the group of inputs is for, said by screen readers.")
    fields = param.List(default=[], doc="Inputs in order, as `search`, `choice` and `segment` describe them.")
    values = param.Dict(default={}, doc="Value of each input by key.")
    options = param.Dict(default={}, doc="Options of a choice by key, where they depend on the data.")
    count = param.String(default="", doc="How many rows there are, in words; empty shows nothing.")

    _esm = Path(__file__).with_name("filter_bar.js")
    _stylesheets = [Path(__file__).with_name("filter_bar.css").read_text(encoding="utf-8")]

    def __init__(self, on_change: Callable[[str, str], None], **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._on_change = on_change

    def offer(self, key: str, options: Sequence[Option]) -> None:
        """Set the options of one choice; labels may be anybody's text."""
        self.options = {**self.options, key: _clean(options)}

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict):
            return
        key, value = msg.get("key"), msg.get("value")
        known = {field.get("key") for field in self.fields}
        if isinstance(key, str) and key in known and isinstance(value, str) and len(value) <= 200:
            self._on_change(key, value)
