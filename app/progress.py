"""How far the background work is, for the badge and the banners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """A picture of the refresher at one moment.

    `stage` is idle, starting, universe, series, watch, candlesticks, settled or maintenance; `done` and `total` count
    pages (`total` is an estimate from the last crawl, None when unknown). `simulated` says that what is shown comes
    from the simulated exchange; `live_unreachable_since` and `next_attempt` say why.
    """

    stage: str = "starting"
    done: int = 0
    total: int | None = None
    message: str = ""
    error: str | None = None
    live_unreachable_since: datetime | None = None
    next_attempt: datetime | None = None
    simulated: bool = False
    failed_pages: int = 0
    writes: bool = True
