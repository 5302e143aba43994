"""How a value that changed fades: once, for 600 ms, in the colour of where it went; not where motion is unwanted."""

from __future__ import annotations

from pathlib import Path

#: Put before the script and style sheet of a component that shows values.
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
