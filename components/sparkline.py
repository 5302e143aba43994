"""A small line through whole numbers, drawn the same wherever one stands: in cells of tables, beside a page."""

from __future__ import annotations

from pathlib import Path

#: Most points of a line: it is about twice as many pixels wide.
MAX_POINTS = 48

#: Put before the script and style sheet of a component that draws one.
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
