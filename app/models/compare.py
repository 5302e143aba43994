"""Up to eight markets side by side: their rows, how far they moved, and their lines over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import param

from app import link_values, link_words
from app.models import compare_chart, compare_files
from app.models.base import PageModel, Source, now_utc, why_missing
from app.models.compare_chart import Picture, Span
from app.models.event import CARRIED, reach_of
from app.models.event_chart import OVER
from app.models.exports import Export
from app.state import State
from data_layer.errors import DataLayerError
from data_layer.questions import Answer

#: While it is looked at, a market's candlesticks are extended at the earliest after this long.
EXTEND_SECONDS = 120.0
#: How many markets are found for what is typed.
FOUND = 8


@dataclass(frozen=True)
class Compared:
    """The answers about some markets: their rows and candlesticks, and the picture they make."""

    about: Answer
    candles: Answer
    rows: list[dict[str, Any]]
    picture: Picture
    spans: Mapping[str, Span]
    period: int


def compared(source: Any, values: Mapping[str, Any], now: datetime) -> Compared:
    """Ask for the markets of a link and what is drawn of them."""
    repository, tickers = source.repository, values["compare_tickers"]
    about = repository.watched_markets(tickers)
    rows: list[dict[str, Any]] = about.rows()
    aligned = values["compare_align"] == "close"
    opened = min((row["open_time"] for row in rows if row["open_time"] is not None), default=None)
    # Whole minutes, so that the same question within a minute is answered from memory.
    last = _last_moment(rows, now).replace(second=0, microsecond=0)
    back, period, bucket = reach_of(values["window"], opened, last, now)
    spans = [compare_chart.span_of(row, back, now, aligned=aligned, last=last) for row in rows]
    starts = [span.start.replace(second=0, microsecond=0) for span in spans if span.start is not None]
    earlier = min(starts) - CARRIED if starts else None
    stored = [row["ticker"] for row in rows]
    candles = repository.event_candlesticks(stored, period, earlier, None, bucket)
    picture = compare_chart.picture(
        rows,
        spans,
        candles.frame,
        measure=values["compare_measure"],
        aligned=aligned,
        flipped=values["side"] == "no",
        period_minutes=bucket,
        now=now,
    )
    return Compared(about, candles, rows, picture, dict(zip(stored, spans, strict=True)), bucket)


def _last_moment(rows: list[dict[str, Any]], now: datetime) -> datetime:
    """Return now, or when the last of the markets closed."""
    closes = [compare_chart.close_of(row) for row in rows if row["status"] in OVER]
    known = [close for close in closes if close is not None]
    return min(now, max(known)) if known and len(known) == len(rows) else now


def _markets(found: Compared) -> Answer:
    """Return the markets' rows with what was computed of their candlesticks."""
    return compare_files.with_changes(found.about, [found.picture.moved[row["ticker"]] for row in found.rows])


def _chances(source: Any, values: Mapping[str, Any], now: datetime) -> Answer:
    found = compared(source, values, now)
    return compare_files.with_measures(found.candles, found.rows, found.spans, found.picture.moved, found.period)


EXPORTS: dict[str, Export] = {
    "markets": Export(
        "Compared markets",
        lambda source, values, now: _markets(compared(source, values, now)),
        (
            "Chance at the start comes from the candlesticks of the chart; changes go on to the present quote"
            " (probability). All for YES.",
            "Where nothing was known at the window's start, the first thing known after it counts; then_time tells.",
            "Of a market that is over the change goes to its last quote or trade, not to what it paid.",
        ),
        method="change",
    ),
    "chart": Export(
        "Chances of the compared markets",
        _chances,
        (
            "Chances of YES as quoted, in files beside how far they had moved since the first that is known in the"
            " window, in points and in log-odds; of NO both have the other sign.",
            "A quote of the day before the window is asked for too, as it may stand at its beginning. Its changes"
            " are null.",
        ),
        method="log-odds",
    ),
}


class CompareModel(PageModel):
    """The markets of the link; has the history of each fetched when it is added."""

    rows = param.List(default=[], doc="Stored ones of the markets, in the order of the link, prices exact.")
    missing = param.List(default=[], doc="Those that are not stored: (ticker, why; empty while it is looked for).")
    picture = param.ClassSelector(class_=Picture, default=None, allow_None=True, doc="Lines and changes.")
    spans = param.Dict(default={}, doc="Each market's window by ticker.")
    fetching = param.List(default=[], doc="Tickers whose history was asked for the first time and is not there.")
    failed = param.Dict(default={}, doc="Why the history of a market could not be fetched, by ticker.")
    without = param.List(default=[], doc="Tickers of the rows that have no line: no candlestick in the window.")
    period = param.Integer(default=60, doc="Minutes between two moments of the chart.")
    about = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="Where the rows come from.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): base of ages.")

    inputs = ("compare_tickers", "window", "compare_measure", "compare_align", "compare_hidden", "zone")
    exports = EXPORTS

    def __init__(self, source: Source, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(source, state, now)
        self._requested: dict[str, datetime] = {}

    @property
    def tickers(self) -> tuple[str, ...]:
        """The markets of the link, stored or not."""
        chosen: tuple[str, ...] = self.state.compare_tickers
        return chosen

    @property
    def full(self) -> bool:
        """Whether no further market can be added."""
        return len(self.tickers) >= link_words.MAX_COMPARED

    def poll(self) -> None:
        """Time passed: have histories extended, and ask again when a fetch has ended."""
        if not self.active or not self.tickers:
            return
        self._request()
        waiting = [*self.fetching, *(ticker for ticker, why in self.missing if not why)]
        if any(self._source.attempt(ticker) is not None for ticker in waiting):
            self.refresh()

    # What a visitor does

    def find(self, text: str) -> tuple[list[tuple[str, str]], str]:
        """Return markets that are called like a text, best first: (ticker, name); and why there are none.

        Runs on any thread; it may take as long as a search.
        """
        try:
            answer = self._source.repository.search(text, {"market": FOUND})
        except DataLayerError as error:
            return [], f"The search failed: {error}"
        found = [
            (str(row["key"]), " · ".join(str(part) for part in (row["title"], row["detail"]) if part))
            for row in answer.rows()
        ]
        return found, "" if found else f"No market is called like “{text}”."

    def is_stored(self, text: str) -> bool:
        """Return whether a text is the ticker of a stored market."""
        if not link_values.TICKER.fullmatch(text):
            return False
        try:
            return bool(self._source.repository.watched_markets([text]).rows())
        except DataLayerError:
            return False

    def add(self, ticker: str) -> str:
        """Add a market; return why not, empty when it worked."""
        if ticker in self.tickers:
            return "That market is compared already."
        if self.full:
            return f"At most {link_words.MAX_COMPARED} markets can be compared; take one away first."
        self.state.compare_tickers = (*self.tickers, ticker)
        return ""

    def remove(self, ticker: str) -> None:
        """Take one market away; an empty ticker takes all."""
        left = tuple(held for held in self.tickers if held != ticker) if ticker else ()
        hidden = tuple(held for held in self.state.compare_hidden if held in left)
        self.state.param.update(compare_tickers=left, compare_hidden=hidden)

    def toggle(self, key: str) -> None:
        """Hide a line of the chart, or show it again; the last line that is left stays."""
        keys = [line.key for line in self.picture.lines] if self.picture is not None else []
        hidden = [held for held in self.state.compare_hidden if held in keys]
        if key in hidden:
            hidden.remove(key)
        elif key in keys and len(hidden) + 1 < len(keys):
            hidden.append(key)
        self.state.compare_hidden = tuple(hidden)

    # What is asked

    def _request(self) -> None:
        """Have histories fetched: at once those that are new, now and then those of markets that trade."""
        now = self._now()
        over = {ticker for ticker, span in self.spans.items() if span.over}
        for ticker in self.tickers:
            before = self._requested.get(ticker)
            is_due = before is None or (ticker not in over and (now - before).total_seconds() >= EXTEND_SECONDS)
            if is_due:
                self._requested[ticker] = now
                self._source.request_market(ticker)

    def _ask(self) -> dict[str, Any]:
        now = self._now()
        self._source.repository.snapshot_info()  # nothing stored at all is another answer than "not these"
        self._request()
        if self.state.page == "compare":  # else the link of another page has just emptied it
            self.state.compared = self.tickers
        found = compared(self._source, self.state.link_values(), now)
        self._source.show([row["ticker"] for row in found.rows if row["status"] not in OVER])
        self.answer_of("chart", found.candles)
        attempts = {ticker: self._source.attempt(ticker) for ticker in self.tickers}
        stored = {row["ticker"] for row in found.rows}
        drawn = {line.key for line in found.picture.lines}
        missing = []
        for ticker in self.tickers:
            if ticker not in stored:
                why = why_missing(attempts[ticker], partial(self._source.request_market, ticker))
                missing.append((ticker, why))
        return {
            "rows": found.rows,
            "missing": missing,
            "picture": found.picture,
            "spans": found.spans,
            "fetching": [t for t in found.spans if t not in drawn and attempts[t] is None],
            "failed": {t: a.problem for t, a in attempts.items() if a is not None and a.problem and t in stored},
            "without": [t for t in found.spans if t not in drawn],
            "period": found.period,
            "about": self.answer_of("markets", _markets(found)),
            "now": now,
        }
