"""How far the background work is: for the badge, the banners, and the page of one market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data_layer.backfill import BackfillState


@dataclass(frozen=True, slots=True)
class Progress:
    """A picture of the refresher at one moment.

    `stage` is idle, starting, universe, series, milestones, watch, histories, candlesticks, settled or maintenance;
    `done` and `total` count pages, of histories markets (`total` is an estimate from the last crawl, None when
    unknown).
    `simulated` says that what is shown comes from the simulated exchange; `live_unreachable_since` and `next_attempt`
    say why. `refresh_after` is when a visitor may have the universe fetched again, None while that is unknown.
    `backfill` is the present or last backfill, `backfilling` whether it goes on.
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
    refresh_after: datetime | None = None
    backfill: BackfillState | None = None
    backfilling: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last fetch of something of one market or event: its end (UTC), how many rows came, and what failed.

    `refused` counts rows that came with the others and could not be used.
    """

    moment: datetime
    rows: int
    problem: str = ""
    refused: int = 0
