"""Links of a view that lives in somebody else's page, as one invisible component."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent


class OutwardLinks(JSComponent):
    """Open the ``?…`` links of the view around it at `home`, in a new tab; links of the host's page are left alone.

    Takes the place of the router, which owns a whole tab: no history, no title, no cookie of the host is touched. It
    says one message, ``start`` (zone), which is a visitor's input.
    """

    home = param.String(default="./", doc="Address of the whole dashboard, absolute or relative to the present page.")

    _esm = Path(__file__).with_name("outward_links.js")

    def __init__(self, on_message: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._on_message = on_message

    def _handle_msg(self, msg: Any) -> None:
        if isinstance(msg, dict):
            self._on_message(msg)
