"""A row of dense inputs: search, choices, bounds, more of them in a panel, chips of what filters, and a count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import doing as doings
from components import section_head, text

Option = tuple[str, str]
Field = dict[str, Any]

#: Where a field stands: in the row, in the panel of further filters, or at the right of the chips.
BAR, MORE, VIEW = "bar", "more", "view"


def search(key: str, label: str, placeholder: str = "") -> Field:
    """Describe a search box; it says its text 160 ms after the last key, Escape empties it."""
    return {"kind": "search", "key": key, "label": label, "placeholder": placeholder or label}


def choice(
    key: str, label: str, options: Sequence[Option] = (), *, only: str = "", plain: bool = False, place: str = BAR
) -> Field:
    """Describe a choice of one of (value, label); the first is the neutral one unless `plain`.

    `only="narrow"` shows it on phones alone, `only="wide"` everywhere else.
    """
    return {
        "kind": "choice",
        "key": key,
        "label": label,
        "options": _clean(options),
        "only": only,
        "plain": plain,
        "place": place,
    }


def segment(
    key: str,
    label: str,
    options: Sequence[tuple[str, str, str]],
    *,
    several: bool = False,
    neutral: str = "",
    place: str = BAR,
) -> Field:
    """Describe a row of buttons: (value, label, tooltip).

    One of them is pressed; with `several` any number, and the value is theirs with commas between. `neutral` is the
    value of several that filters nothing beyond the usual.
    """
    kind = "several" if several else "segment"
    listed = [list(option) for option in options]
    return {"kind": kind, "key": key, "label": label, "options": listed, "neutral": neutral, "place": place}


def bounds(
    label: str, unit: str = "", *, least: str = "", most: str = "", title: str = "", place: str = BAR
) -> Field:
    """Describe inputs of a smallest (`least`) and a largest (`most`) number by their keys; one of them may be empty.

    What is no number is the page's to refuse: see `FilterBar.problems`.
    """
    return {
        "kind": "bounds",
        "label": label,
        "unit": unit,
        "title": title,
        "ends": [[key, sign] for key, sign in ((least, "≥"), (most, "≤")) if key],
        "place": place,
    }


def days(label: str, least: str, most: str, *, title: str = "", place: str = BAR) -> Field:
    """Describe a range of days by the keys of its first and last; either may be empty, values are ``2026-11-22``."""
    ends = [[least, "first day"], [most, "last day"]]
    return {"kind": "days", "label": label, "title": title, "ends": ends, "place": place}


def suggest(key: str, label: str, placeholder: str = "", *, place: str = MORE) -> Field:
    """Describe an input of one more value: what is typed is asked for suggestions, Enter or a choice says it."""
    return {"kind": "suggest", "key": key, "label": label, "placeholder": placeholder, "place": place}


def downloads(
    key: str, label: str, options: Sequence[tuple[str, str, str]], *, place: str = VIEW, info_key: str = ""
) -> Field:
    """Describe links to files: (address without its query, label, tooltip); the query is the field's value.

    `info_key` puts an "i" beside them (see `section_head`).
    """
    listed = [list(option) for option in options]
    return {"kind": "downloads", "key": key, "label": label, "options": listed, "place": place, "info": info_key}


def doing(key: str, name: str, label: str, *, place: str = VIEW) -> Field:
    """Describe a link to what can be done with what the bar filters, with the sign `name` (see `doing.OUTLINES`).

    The field's value is the link; an empty one shows nothing.
    """
    return {"kind": "done", "key": key, "label": label, "said": doings.said(name, label, "?"), "place": place}


def picker(key: str, label: str, options: Sequence[Option], *, place: str = VIEW) -> Field:
    """Describe a button with a list of ticks, (value, label) each; the value is theirs with commas between."""
    return {"kind": "picker", "key": key, "label": label, "options": _clean(options), "place": place}


SPACE: Field = {"kind": "space"}


def _clean(options: Sequence[Option]) -> list[list[str]]:
    return [[value, text.plain(label, 60)] for value, label in options]


def _keys(field: Field) -> list[str]:
    return [end[0] for end in field["ends"]] if field["kind"] in {"bounds", "days"} else [field.get("key", "")]


class FilterBar(JSComponent):
    """Show inputs described by `fields`, with `values` by key; call `on_change(key, value)` when one is changed.

    `on_remove(id)` is called for a chip (empty id: all of them), `on_suggest(key, text)` while a `suggest` field is
    typed in; answer with `offer`. What arrives is a visitor's input: a key that is no field, or a value that is no
    text of at most 400 characters, is dropped here; the rest is the page's to check.
    """

    label = param.String(default="Filters", doc="What the group of inputs is for, said by screen readers.")
    fields = param.List(default=[], doc="Inputs in order, as the functions of this module describe them.")
    values = param.Dict(default={}, doc="Value of each input by key, as text.")
    options = param.Dict(
        default={}, doc="Options of a choice, or suggestions, by key, where they depend on the data."
    )
    problems = param.Dict(default={}, doc="Why an input's text cannot be used, by key, for a person.")
    chip = param.String(default="filter", doc="What one chip is, said by screen readers.")
    chips = param.List(default=[], doc="What filters, in order: [id, words].")
    full = param.Dict(default={}, doc="Words of chips in full where they were shortened, by id: their tooltips.")
    presets = param.List(
        default=[], doc="Ready-made views above the inputs: [name, link, what it lists, whether it is what is shown]."
    )
    count = param.String(default="", doc="How many rows there are, in words; empty shows nothing.")
    note = param.String(default="", doc="A quiet remark beside the chips.")

    _esm = doings.SCRIPT + Path(__file__).with_name("filter_bar.js").read_text(encoding="utf-8")
    _stylesheets = [
        section_head.CSS,
        doings.CSS,
        Path(__file__).with_name("filter_bar.css").read_text(encoding="utf-8"),
    ]

    def __init__(
        self,
        on_change: Callable[[str, str], None],
        on_remove: Callable[[str], None] | None = None,
        on_suggest: Callable[[str, str], None] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._on_change, self._on_remove, self._on_suggest = on_change, on_remove, on_suggest

    def offer(self, key: str, options: Sequence[Option]) -> None:
        """Set the options of one choice, or suggestions; labels may be anybody's text."""
        self.options = {**self.options, key: _clean(options)}

    def say(self, chips: Sequence[tuple[str, str]], full: Mapping[str, str] | None = None) -> None:
        """Set the chips, (id, words) each; words may be anybody's text, `full` those of shortened ones by id."""
        self.param.update(
            chips=[[identity, text.plain(words, 80)] for identity, words in chips],
            full={identity: text.plain(words, 200) for identity, words in (full or {}).items()},
        )

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict):
            return
        kind, key, value = msg.get("kind", "change"), msg.get("key"), msg.get("value", "")
        if not (isinstance(key, str) and isinstance(value, str) and len(value) <= 400):
            return
        if kind == "remove":
            if self._on_remove is not None and (not key or key in {chip[0] for chip in self.chips}):
                self._on_remove(key)
        elif key in {name for field in self.fields for name in _keys(field)}:
            if kind == "suggest" and self._on_suggest is not None:
                self._on_suggest(key, value)
            elif kind == "change":
                self._on_change(key, value)
