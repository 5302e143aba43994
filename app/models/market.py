"""One market: what it is, its quote, its candlesticks, and the other outcomes of its event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import param

from app import url
from app.models.base import PageModel, Source, now_utc
from app.state import State
from data_layer.errors import NoDataError
from data_layer.questions import Answer

WINDOWS: dict[str, timedelta | None] = {
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "all": None,
}


class MarketModel(PageModel):
    """Everything of the market the session has open; asks for its candlesticks to be fetched when it is opened."""

    market = param.Dict(default=None, allow_None=True, doc="The market's row, prices exact; None when there is none.")
    about = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="Where the row comes from.")
    candles = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="Candlesticks of the window.")
    siblings = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="The event's other outcomes.")
    unknown = param.Boolean(default=False, doc="Whether no market of this ticker is stored.")
    fetching = param.Boolean(default=False, doc="Whether candlesticks were asked for and nothing came yet.")
    start = param.Parameter(default=None, allow_None=True, doc="Begin of the chart's window (UTC), None for all.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): end of the window, base of ages.")

    inputs = ("ticker", "period", "window", "axis", "zone")

    def __init__(self, source: Source, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(source, state, now)
        self._requested = ""

    def refresh(self, *, arrived: bool = False) -> None:
        """Ask again; `arrived` says that the process has new data, so whatever was being fetched may be there."""
        if arrived:
            self.fetching = False
        super().refresh()

    def _ask(self) -> dict[str, Any]:
        ticker, now = self.state.ticker, self._now()
        repository = self._source.repository
        nothing = {"market": None, "about": None, "candles": None, "siblings": None, "now": now}
        if not ticker:
            return nothing | {"unknown": True, "fetching": False}
        repository.snapshot_info()  # nothing stored at all is another answer than "not this one"
        try:
            about = repository.market(ticker)
        except NoDataError:
            return nothing | {"unknown": True, "fetching": False}
        opened = self._requested != ticker
        if opened:
            # Once per opening: the refresher decides whether what is stored is fresh enough.
            self._requested = ticker
            self._source.request_market(ticker)
        self._source.show([ticker])
        span = WINDOWS[self.state.window]
        # Whole minutes, so that the same question within a minute is answered from memory.
        start = None if span is None else now.replace(second=0, microsecond=0) - span
        market = about.rows()[0]
        opened_at: Any = market["open_time"]
        candles = repository.candlesticks(ticker, url.PERIODS[self.state.period], start)
        return {
            "market": market,
            "about": about,
            "candles": candles,
            "siblings": repository.market_siblings(ticker),
            "unknown": False,
            "fetching": candles.table.num_rows == 0 and (opened or self.fetching),
            # Before the market opened there is nothing a chart could be missing.
            "start": max(start, opened_at) if start is not None and opened_at is not None else start,
            "now": now,
        }
