"""One event: what it is, its outcomes, what they sum to, and their chances over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import param

from app import link_words
from app.models import event_chart
from app.models.base import PageModel, Source, now_utc, why_missing
from app.models.event_chart import OVER, Picture, Row
from app.models.event_sums import NO_BOOK, NO_TOTALS, Book, Totals, book, totals
from app.models.exports import Export
from app.models.table import direction_after
from app.state import State
from data_layer.errors import NoDataError
from data_layer.questions import Answer

#: Outcomes on one page of the table.
PAGE_SIZE = 50
#: How far back each window reaches, the period of its candlesticks, and into what they are merged, in minutes.
WINDOWS: dict[str, tuple[timedelta | None, int, int]] = {
    "1d": (timedelta(days=1), 1, 5),
    "7d": (timedelta(days=7), 60, 60),
    "30d": (timedelta(days=30), 60, 60),
    "all": (None, 1440, 1440),
}
#: Everything that is stored of a younger event is shown by the hour, and of one that lived a day at most as in the
#: window of a day, while it is no longer over than this: the lake keeps candlesticks of a minute for two weeks.
HOURLY_DAYS = 30
MINUTES_KEPT = timedelta(days=13)
#: A quote from before the window may stand at its beginning.
CARRIED = timedelta(days=1)
#: Column of each sort; the others begin with their largest.
SORTS = {
    "outcome": "name",
    "probability": "probability",
    "bid": "yes_bid_dollars",
    "ask": "yes_ask_dollars",
    "spread": "spread_dollars",
    "bidsize": "yes_bid_size_contracts",
    "asksize": "yes_ask_size_contracts",
    "volume24h": "volume_24h_contracts",
    "volume": "volume_contracts",
    "interest": "open_interest_contracts",
    "change": "change_24h_pp",
    "quality": "quality_place",
}
ASCENDING_FIRST = frozenset({"outcome", "spread", "quality"})

_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("event", "about", "picture")),
    "totals": NO_TOTALS,
    "book": NO_BOOK,
    "outcomes": [],
    "rows": [],
    "looking": False,
    "fetching": False,
    "unknown": True,
    "missing_reason": "",
}


def _last_moment(outcomes: Sequence[Row], now: datetime) -> datetime:
    """Return now, or when the last outcome was over."""
    if not outcomes or not all(row["status"] in OVER for row in outcomes):
        return now
    ended = [row["settlement_time"] or row["close_time"] for row in outcomes]
    return min(now, max((moment for moment in ended if moment is not None), default=now))


def _opened(outcomes: Sequence[Row]) -> datetime | None:
    return min((row["open_time"] for row in outcomes if row["open_time"] is not None), default=None)


@dataclass(frozen=True)
class Span:
    """What a chart covers (UTC; `start` None: everything), and the candlesticks it is made of, in minutes.

    `period` is that of the stored ones, `bucket` what they merge into, `until` the last asked for (None: the newest).
    """

    start: datetime | None
    end: datetime
    period: int
    bucket: int
    until: datetime | None = None


Spanning = Callable[[Mapping[str, Any], datetime, datetime | None, datetime], Span]


def reach_of(window: str, opened: datetime | None, end: datetime, now: datetime) -> tuple[timedelta | None, int, int]:
    """Return what `WINDOWS` says of a window, with finer candlesticks where not even a day is there to be shown."""
    back, period, bucket = WINDOWS[window]
    age = end - opened if opened is not None else None
    if age is not None and age <= timedelta(days=1) and now - end < MINUTES_KEPT:
        _, period, bucket = WINDOWS["1d"]
    elif back is None and age is not None and age < timedelta(days=HOURLY_DAYS):
        period = bucket = 60
    return back, period, bucket


def span_of(values: Mapping[str, Any], end: datetime, opened: datetime | None, now: datetime) -> Span:
    """Return what the chart of a link's values covers of an event that `opened` and ends at `end`."""
    back, period, bucket = reach_of(values["window"], opened, end, now)
    # Whole minutes, so that the same question within a minute is answered from memory.
    return Span(None if back is None else end.replace(second=0, microsecond=0) - back, end, period, bucket)


def span_of_event(outcomes: Sequence[Row], values: Mapping[str, Any], now: datetime, spanning: Spanning) -> Span:
    """Return what the chart of an event with these outcomes covers."""
    return spanning(values, _last_moment(outcomes, now), _opened(outcomes), now)


def candlesticks(repository: Any, outcomes: Sequence[Row], exclusive: bool, span: Span) -> Answer:
    """Ask for the candlesticks that the chart of an event's outcomes is drawn from."""
    earlier = None if span.start is None else span.start - CARRIED
    wanted = event_chart.charted(outcomes, exclusive)
    found: Answer = repository.event_candlesticks(wanted, span.period, earlier, span.until, span.bucket)
    return found


def chances(source: Any, event_ticker: str, values: Mapping[str, Any], now: datetime, spanning: Spanning) -> Answer:
    """Ask for the candlesticks of an event's chart as a link's values have it; NoDataError for an unknown event."""
    repository = source.repository
    event, outcomes = repository.event(event_ticker).rows()[0], repository.event_outcomes(event_ticker).rows()
    span = span_of_event(outcomes, values, now, spanning)
    return candlesticks(repository, outcomes, bool(event["mutually_exclusive"]), span)


CHANCES_NOTES = (
    "Chances as quoted: what the page normalises, sums and carries over is made of these.",
    "A quote of the day before the window is asked for too, as it may stand at its beginning.",
)


EXPORTS: dict[str, Export] = {
    "outcomes": Export(
        "Outcomes of the event",
        lambda source, values, now: source.repository.event_outcomes(values["event"]),
        method="probability",
        most=PAGE_SIZE,
    ),
    "chart": Export(
        "Chances of the outcomes",
        lambda source, values, now: chances(source, values["event"], values, now, span_of),
        CHANCES_NOTES,
        method="normalisation",
    ),
}


class EventModel(PageModel):
    """Everything of the event the session has open; asks for its candlesticks when it is opened."""

    event = param.Dict(default=None, allow_None=True, doc="The event's row; None when there is none.")
    about = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="Where the outcomes come from.")
    outcomes = param.List(default=[], doc="Every outcome's row, leading ones first, prices exact.")
    rows = param.List(default=[], doc="The outcomes on the shown page of the table, in its order.")
    page = param.Integer(default=1, doc="Page that is shown: the asked one, or the last there is.")
    totals = param.ClassSelector(class_=Totals, default=NO_TOTALS, doc="The outcomes, summed.")
    book = param.ClassSelector(class_=Book, default=NO_BOOK, doc="What the open outcomes sum to.")
    picture = param.ClassSelector(class_=Picture, default=None, allow_None=True, doc="The lines of the chart.")
    period = param.Integer(default=60, doc="Minutes of one candlestick of the chart.")
    start = param.Parameter(default=None, allow_None=True, doc="Begin of the chart's window (UTC), None for all.")
    end = param.Parameter(default=None, doc="End of the chart's window (UTC): now, or when the event was over.")
    unknown = param.Boolean(default=False, doc="Whether no such event is stored, and looking for it found none.")
    missing_reason = param.String(default="", doc="Why looking for an unknown event found none.")
    looking = param.Boolean(default=False, doc="Whether an event that is not stored is being looked for.")
    fetching = param.Boolean(default=False, doc="Whether candlesticks are being fetched for the first time.")
    steps = param.Tuple(default=None, length=2, allow_None=True, doc="How many of how many fetches are done.")
    fetch_problem = param.String(default="", doc="Why fetching candlesticks failed; empty when it did not.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): base of ages.")

    inputs = (
        *("event", "window", "event_scale", "event_drawn", "axis", "event_hidden", "zone"),
        *("event_sort", "event_direction", "event_page"),
    )
    exports = EXPORTS
    #: What the chart covers, from the values of the link.
    spanning: Spanning = staticmethod(span_of)

    def __init__(self, source: Source, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(source, state, now)
        self._requested = ""

    @property
    def selected(self) -> str:
        """The ticker of the event that is shown."""
        return self.state.event

    @property
    def is_over(self) -> bool:
        """Whether no outcome is traded any more."""
        return bool(self.outcomes) and all(row["status"] in OVER for row in self.outcomes)

    def poll(self) -> None:
        """Time passed: have the candlesticks extended, and ask again when a fetch has come further."""
        event = self.selected
        if not self.active or not event:
            return
        if self.looking or self.fetching:
            if self._source.event_attempt(event) is not None or self._source.event_steps(event) != self.steps:
                self.refresh()
        elif self.event is not None and not self.is_over:
            self._source.request_event(event)

    def sort_by(self, word: str) -> None:
        """Sort the outcomes by a column, or turn its direction; back to the first page."""
        direction = direction_after(word, self.state.event_sort, self.state.event_direction, ASCENDING_FIRST)
        self.state.param.update(event_sort=word, event_direction=direction, event_page=1)

    def toggle(self, key: str) -> None:
        """Hide a line of the chart, or show it again; the last line that is left stays."""
        keys = [line.key for line in self.picture.lines] if self.picture is not None else []
        hidden = [held for held in self.state.event_hidden if held in keys]
        if key in hidden:
            hidden.remove(key)
        elif key in keys and len(hidden) + 1 < len(keys):
            hidden.append(key)
        self.state.event_hidden = tuple(hidden)

    def _ask(self) -> dict[str, Any]:
        self._source.repository.snapshot_info()  # nothing stored at all is another answer than "not this one"
        return self._ask_event(self.state.event, self._now())

    def _ask_event(self, ticker: str, now: datetime) -> dict[str, Any]:
        """Return the answers about one event by parameter name."""
        repository = self._source.repository
        nothing = _NOTHING | {"now": now, "steps": self._source.event_steps(ticker)}
        if not ticker:
            return nothing
        if self._requested != ticker:
            self._requested = ticker
            self._source.request_event(ticker)
        attempt = self._source.event_attempt(ticker)
        try:
            event: dict[str, Any] = repository.event(ticker).rows()[0]
        except NoDataError:
            reason = why_missing(attempt, partial(self._source.request_event, ticker))
            return nothing | {"unknown": bool(reason), "missing_reason": reason, "looking": not reason}
        about = self.answer_of("outcomes", repository.event_outcomes(ticker))
        outcomes: list[dict[str, Any]] = about.rows()
        rows, page = self._page(outcomes)
        self._source.show([row["ticker"] for row in rows if row["status"] not in OVER])
        chart = self._chart(event, outcomes, now)
        return {
            "event": event,
            "about": about,
            "outcomes": outcomes,
            "rows": rows,
            "page": page,
            "totals": totals(outcomes),
            "book": book(event, outcomes, self.state.event_scale),
            **chart,
            "unknown": False,
            "missing_reason": "",
            "looking": False,
            "fetching": attempt is None,
            "steps": self._source.event_steps(ticker),
            "fetch_problem": attempt.problem if attempt is not None else "",
            "now": now,
        }

    def _page(self, outcomes: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
        """Return the rows of the table's page, in its order, and which page that is."""
        ordered = in_order(outcomes, self.state.event_sort, self.state.event_direction == "desc")
        page = min(self.state.event_page, max(1, -(-len(ordered) // PAGE_SIZE)))
        return ordered[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], page

    def _chart(self, event: Row, outcomes: Sequence[Row], now: datetime) -> dict[str, Any]:
        span, opened = span_of_event(outcomes, self.state.link_values(), now, self.spanning), _opened(outcomes)
        start, exclusive = span.start, bool(event["mutually_exclusive"])
        candles = candlesticks(self._source.repository, outcomes, exclusive, span)
        shown = event_chart.picture(
            outcomes,
            self.answer_of("chart", candles).frame,
            exclusive=exclusive,
            scale=self.state.event_scale,
            period_minutes=span.bucket,
            end=span.end,
            now=now,
        )
        if start is not None and opened is not None:
            start = max(start, opened)
        return {"picture": shown, "start": start, "end": span.end, "period": span.bucket}


def in_order(outcomes: Sequence[dict[str, Any]], sort: str, descending: bool) -> list[dict[str, Any]]:
    """Return outcomes that come leading first in another order; those without a value come last either way."""
    if sort == "lead":
        # As they come, or the other way round.
        return list(outcomes) if descending else list(reversed(outcomes))
    column = SORTS[sort]

    def value(row: Row) -> Any:
        if column == "name":
            return event_chart.name_of(row).casefold()
        if column == "quality_place":
            return link_words.QUALITIES.index(row["quote_quality"])
        return row[column]

    known = [row for row in outcomes if value(row) is not None]
    known.sort(key=value, reverse=descending)
    return known + [row for row in outcomes if value(row) is None]
