"""A work of reference: entries in groups beside their list, a filter over them, and a way to the one a link names.

All text reaches the browser as text and is set as text; what stands between backticks is shown as code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text

#: Longest text of an entry, longest query, longest filter, in characters.
LONG, SQL, FILTER = 1_500, 20_000, 100


def entry(
    key: str,
    title: str,
    group: str,
    href: str,
    said: Sequence[tuple[str, Sequence[tuple[str, str]]]],
    columns: Sequence[tuple[str, str, str]],
    queries: Sequence[tuple[str, str, str]],
    aliases: Sequence[str] = (),
) -> dict[str, Any]:
    """Describe one entry; `href`, a link to it, must begin with ``?``.

    What is said of it comes with its parts as (head, text), columns as (name, unit, meaning), queries as (name,
    meaning, SQL).
    """
    return {
        "key": key,
        "title": text.plain(title),
        "group": text.plain(group),
        "href": href if href.startswith("?") else "",
        "said": [
            [text.plain(about, LONG), [[text.plain(head), text.plain(part, LONG)] for head, part in parts]]
            for about, parts in said
        ],
        "columns": [[text.plain(part, LONG) for part in column] for column in columns],
        "queries": [
            [text.plain(name), text.plain(about, LONG), [_line(line) for line in sql[:SQL].splitlines()]]
            for name, about, sql in queries
        ],
        "words": " ".join(aliases),
    }


def _line(line: str) -> list[Any]:
    """Return the indent of a line and its text: `plain` would take the indent away, which makes a query readable."""
    return [len(line) - len(line.lstrip(" ")), text.plain(line, 500)]


class Reference(JSComponent):
    """Show entries as `entry` describes them; call back with the filter a reader typed."""

    entries = param.List(
        default=[], item_type=Mapping, doc="The entries, in order; those of a group follow each other."
    )
    topic = param.String(default="", doc="Key of the entry that is brought into view; empty for none.")
    query = param.String(default="", doc="Words every shown entry contains.")
    label = param.String(default="Search", doc="What the filter is called.")

    _esm = Path(__file__).with_name("reference.js")
    _stylesheets = [Path(__file__).with_name("reference.css").read_text(encoding="utf-8")]

    def __init__(self, on_query: Callable[[str], None], **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._on_query = on_query

    def _handle_msg(self, msg: Any) -> None:
        if isinstance(msg, dict) and msg.get("kind") == "query" and isinstance(msg.get("text"), str):
            self._on_query(text.plain(msg["text"], FILTER))
