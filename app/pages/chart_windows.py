"""How far back the charts reach: the one switch they share, and the next wider choice."""

from __future__ import annotations

from components import filter_bar

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
WIDER = {"1d": "7d", "7d": "30d", "30d": "all"}
