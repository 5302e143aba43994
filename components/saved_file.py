"""A text that the browser saves as a file, made at the moment it is asked for; one invisible component."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent


class SavedFile(JSComponent):
    """Let the browser save a text as a file: `hand_over`."""

    file = param.Dict(default={"serial": 0}, doc="The file to save: `name`, `text`, and a growing `serial`.")

    _esm = Path(__file__).with_name("saved_file.js")

    def __init__(self, **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)

    def hand_over(self, name: str, content: str) -> None:
        """Save a text under a name of ours (letters, digits, dots and dashes)."""
        self.file = {"name": name, "text": content, "serial": self.file["serial"] + 1}
