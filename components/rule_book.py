"""Rules of alerts as a list, each with what it looks at and what it said last, and the form that makes one more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text

#: Fields of the form, with the longest text of each.
FIELDS = {
    "kind": 20,
    "direction": 20,
    "threshold": 20,
    "hours": 4,
    "scope": 10,
    "tickers": 70_000,
    "list": 60,
    "view": 2_100,
    "name": 120,
}
ASKS = ("pause", "resume", "delete")


def kind(
    key: str, name: str, unit: str, usual: str, directions: Mapping[str, str], hours: Sequence[int] = ()
) -> dict[str, Any]:
    """Describe a kind of rule: its directions as (key, words), and windows of hours to choose from."""
    return {
        "key": key,
        "name": name,
        "unit": unit,
        "usual": usual,
        "directions": [list(pair) for pair in directions.items()],
        "hours": list(hours),
    }


class RuleBook(JSComponent):
    """Show rules, and call `on_make(fields)` for a new one, `on_ask(what, key)` with one of `ASKS` for one that is.

    What arrives is a visitor's input: fields that are none or too long are dropped, the rest is the page's to check.
    """

    rules = param.List(
        default=[], doc="Rules: [key, name, sentence, what it looks at, link to that, last said, paused]."
    )
    kinds = param.List(default=[], doc="Kinds of rules, as `kind` describes them.")
    lists = param.List(default=[], doc="Names of the visitor's watchlists that have markets.")
    editing = param.Boolean(default=True, doc="Whether rules can be changed here.")
    given = param.Dict(default={}, doc="What fields of the form begin with, by name; opens it when not empty.")
    answer = param.Dict(default={"serial": 0}, doc="What came of it: `words`, whether it is a `problem`, a `serial`.")

    _esm = Path(__file__).with_name("rule_book.js")
    _stylesheets = [Path(__file__).with_name("rule_book.css").read_text(encoding="utf-8")]

    def __init__(
        self, on_make: Callable[[dict[str, str]], None], on_ask: Callable[[str, int], None], **params: Any
    ) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._on_make, self._on_ask = on_make, on_ask

    def say(self, words: object, *, problem: bool = False) -> None:
        """Answer; a problem leaves the form open. Words may be anybody's text."""
        self.answer = {"words": text.plain(words, 600), "problem": problem, "serial": self.answer["serial"] + 1}

    def offer(self, rules: Sequence[tuple[int, object, object, object, str, object, bool]]) -> None:
        """Set the rules as (key, name, sentence, scope, link, last said, paused); texts may be anybody's."""
        self.rules = [
            [
                key,
                text.plain(name, 60),
                text.plain(sentence),
                text.plain(scope),
                href if href.startswith("?") else "",
                text.plain(said),
                paused,
            ]
            for key, name, sentence, scope, href, said, paused in rules
        ]

    def _handle_msg(self, msg: Any) -> None:
        if not isinstance(msg, dict) or not self.editing:
            return
        what, key, fields = msg.get("ask"), msg.get("key"), msg.get("fields")
        if what == "make" and isinstance(fields, dict):
            said = {
                name: value
                for name, value in fields.items()
                if name in FIELDS and isinstance(value, str) and len(value) <= FIELDS[name]
            }
            self._on_make(said)
        elif what in ASKS and isinstance(key, int) and key in {rule[0] for rule in self.rules}:
            self._on_ask(what, key)
