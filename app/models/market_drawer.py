"""The market that lies open beside a page: what it is, its quote, its last days, the top of its order book."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import param

from app.models.base import PageModel, Source, now_utc, why_missing
from app.models.event_chart import OVER
from app.models.exports import Export
from app.models.market import EXPORTS as MARKET_EXPORTS
from app.models.movers import sparkline
from app.models.order_book import Ladder, ladder
from app.progress import Attempt
from app.state import State
from data_layer.errors import NoDataError

#: How far back the line reaches.
LINE_HOURS = 168
#: What is told of where it comes from: two tables of the market's own page, and the line, which is no file.
EXPORTS: dict[str, Export] = {
    "market": MARKET_EXPORTS["market"],
    "book": MARKET_EXPORTS["book"],
    "line": Export(
        f"Chance over the last {LINE_HOURS // 24} days",
        lambda source, values, now: source.repository.sparklines([values["ticker"]], LINE_HOURS),
        ("The last known chance of each bucket; an open market’s line ends at its present chance.",),
        method="candlesticks",
    ),
}
_NOTHING: dict[str, Any] = {"market": None, "source": "", "line": [], "book": None, "book_attempt": None}


class MarketDrawerModel(PageModel):
    """The essentials of the market in the state's `drawer`; asks nothing while that is empty.

    It is asked for at once from what is stored. History and order book are fetched only once a visitor stays with a
    market: who walks down a list would have them fetched for every row.
    """

    market = param.Dict(default=None, allow_None=True, doc="The market's row, prices exact; None when there is none.")
    source = param.String(default="", doc="Where the row comes from.")
    line = param.List(default=[], doc="Its chance over the last `LINE_HOURS`, as `movers.sparkline` makes it.")
    book = param.ClassSelector(class_=Ladder, default=None, allow_None=True, doc="The last order book received.")
    book_attempt = param.ClassSelector(
        class_=Attempt, default=None, allow_None=True, doc="How the last fetch of the book ended; None before it."
    )
    gone = param.Boolean(default=False, doc="Whether no such market is stored, and looking for it found none.")
    gone_reason = param.String(default="", doc="Why looking for it found none.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): base of ages.")

    inputs = ("drawer",)
    exports = EXPORTS

    def __init__(self, source: Source, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(source, state, now)
        self._stayed = ""
        self._passing = False

    @property
    def over(self) -> bool:
        """Whether nothing is traded any more."""
        return self.market is not None and self.market["status"] in OVER

    def file_values(self) -> Mapping[str, Any]:
        """Return the values of a link to the market's own page: its files are those of what is shown here."""
        return {**self.state.shared(), "page": "market", "ticker": self.state.drawer}

    def look_at(self, ticker: str, *, passing: bool = False) -> None:
        """Open a market; `passing` where the next one may come in a moment."""
        self._passing = passing
        self.state.drawer = ticker

    def stay(self) -> None:
        """Fetch what is missing of the market that is open: the visitor stays with it."""
        ticker = self.state.drawer
        if not self.active or self._stayed == ticker:
            return
        self._stayed = ticker
        self._source.request_market(ticker)
        if not self.over:
            self._source.watch_book(ticker)

    def poll(self) -> None:
        """Time passed: keep the order book fresh, let ages grow, see whether a search has ended."""
        if not self.active:
            return
        self.stay()
        ticker = self.state.drawer
        if self.market is None:
            self.refresh()
            return
        if not self.over:
            self._source.watch_book(ticker)
        self.param.update(now=self._now(), book_attempt=self._source.book_attempt(ticker), revision=self.revision + 1)

    def _on_input(self, *events: param.parameterized.Event) -> None:
        opened = bool(self.state.drawer)
        if opened == self.active:
            self.refresh()
        else:
            self.active = opened  # which asks, where it is opened
        if not opened:
            self._stayed = ""
            self.param.update(**_NOTHING, gone=False, problem="", revision=self.revision + 1)
        elif not self._passing and any(event.name == "drawer" for event in events):
            self.stay()
        self._passing = False

    def _ask(self) -> dict[str, Any]:
        ticker, now = self.state.drawer, self._now()
        repository = self._source.repository
        repository.snapshot_info()  # nothing stored at all is another answer than "not this one"
        attempt = self._source.attempt(ticker)
        try:
            answer = self.answer_of("market", repository.market(ticker))
        except NoDataError:
            reason = why_missing(attempt, partial(self._source.request_market, ticker))
            return _NOTHING | {"gone": bool(reason), "gone_reason": reason, "now": now}
        self._source.show([ticker])
        points = self.answer_of("line", repository.sparklines([ticker], LINE_HOURS)).table.to_pylist()
        known = {point["bucket"]: point["probability"] for point in points if point["probability"] is not None}
        market: dict[str, Any] = answer.rows()[0]
        return {
            "market": market,
            "source": answer.source,
            "line": sparkline(known, None if market["status"] in OVER else market["probability"]),
            "book": ladder(self.answer_of("book", repository.order_book(ticker)).rows(), self.state.side),
            "book_attempt": self._source.book_attempt(ticker),
            "gone": False,
            "gone_reason": "",
            "now": now,
        }
