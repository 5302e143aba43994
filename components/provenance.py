"""Where a table or chart comes from: one dialog a session, opened by any "i" on the page (see `section_head`).

What it says is asked of Python when it is opened and not before: pages carry no SQL that nobody reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components import text

#: Longest SQL or code that is shown; more is cut, a sign at its end saying so.
LIMIT = 20_000


def provenance(
    key: str,
    title: object,
    facts: Sequence[tuple[str, object, object]],
    notes: Sequence[object] = (),
    *,
    sql: str = "",
    code: str = "",
    method: str = "",
    files: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Describe one origin: facts as (label, value, more), notes, and links to the method and to files.

    `method` must begin with ``?``, addresses of `files` (label, address) with ``export?``; others are left out.
    """
    return {
        "key": key,
        "title": text.plain(title, 120),
        "facts": [[text.plain(label, 40), text.plain(value), text.plain(more)] for label, value, more in facts],
        "notes": [text.plain(note, 400) for note in notes if note],
        "sql": text.verbatim(sql, LIMIT),
        "code": text.verbatim(code, LIMIT),
        "method": method if method.startswith("?") else "",
        "files": [[label, address] for label, address in files if address.startswith("export?")],
    }


class ProvenancePanel(JSComponent):
    """Hear every ``data-about`` button of the page around it; `on_ask(key)` answers with `say`.

    A ``ka-export`` event of the window asks for the page's first table: `on_export()` answers with `hand`.

    It also does what charts ask for (see `chart_menu`): ``ka-copy`` puts a link or a frame into the clipboard,
    ``ka-file`` opens a file; ``ka-home`` is told where the dashboard is, where that is not beside the page.
    """

    content = param.Dict(default={}, doc="What the open dialog says, as `provenance` makes it, with a `serial`.")
    file = param.Dict(default={}, doc="The file asked for: `title`, `address` (empty: there is none), a `serial`.")
    home = param.String(
        default="", doc="Address of the dashboard where it is not that of the page; ends with a slash."
    )

    _esm = Path(__file__).with_name("provenance.js")
    _stylesheets = [Path(__file__).with_name("provenance.css").read_text(encoding="utf-8")]

    def __init__(
        self, on_ask: Callable[[str], None], on_export: Callable[[], None] = lambda: None, **params: Any
    ) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._on_ask, self._on_export = on_ask, on_export
        self._serial = 0

    def say(self, content: dict[str, Any]) -> None:
        """Answer the last question."""
        self._serial += 1
        self.content = content | {"serial": self._serial}

    def hand(self, title: object = "", address: str = "") -> None:
        """Let the browser take a file whose address begins with ``export?``; without one it says there is none."""
        self._serial += 1
        taken = address if address.startswith("export?") else ""
        self.file = {"title": text.plain(title, 120), "address": taken, "serial": self._serial}

    def _handle_msg(self, msg: Any) -> None:
        if isinstance(msg, dict) and msg.get("kind") == "export":
            self._on_export()
        elif isinstance(msg, dict) and msg.get("kind") == "about":
            key = msg.get("key")
            if isinstance(key, str) and 0 < len(key) <= 60:
                self._on_ask(key)
