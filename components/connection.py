"""A band that says that the connection to the server is lost, and brings the same view back when it answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from components.feedback import CSS


class ConnectionNotice(JSComponent):
    """Show nothing while the websocket is open. When it closes: say since when, ask for `health`, then reload.

    A session ends with its websocket; the address says what was on the screen, so a reload shows the same again.
    """

    health = param.String(
        default="healthz", doc="Address that answers when the server is back; relative to the page."
    )

    _esm = Path(__file__).with_name("connection.js")
    _stylesheets = [CSS, Path(__file__).with_name("connection.css").read_text(encoding="utf-8")]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
