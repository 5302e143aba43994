"""How far back the charts reach: the one switch they share, and the face of a chart that nothing lies in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import url
from app.state import State
from components import filter_bar
from components.feedback import action, face
from components.text import Markup

SWITCH = filter_bar.segment(
    "window",
    "Time shown",
    [
        ("1d", "1d", "Last 24 hours"),
        ("7d", "7d", "Last 7 days"),
        ("30d", "30d", "Last 30 days"),
        ("all", "all", "Everything stored"),
    ],
)
_WIDER = {"1d": "7d", "7d": "30d", "30d": "all"}


def nothing(reason: str, state: State, *, with_all: Mapping[str, Any] | None = None) -> Markup:
    """Return the face of a chart without a candlestick: why, and the next wider window as a step where there is one.

    `with_all` is what else a link to everything stored changes.
    """
    steps = []
    if window := _WIDER.get(state.window):
        more = with_all if window == "all" and with_all else {}
        steps.append(action(f"Show {window}", url.encode({**state.link_values(), "window": window, **more})))
    return face("empty", "No candlestick in this time", reason, *steps, tall=True)
