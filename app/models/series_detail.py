"""One series: what it is, its events open and settled, and the chosen event's outcomes and volume over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import param

from app.models import event, event_chart
from app.models.event import CHANCES_NOTES, HOURLY_DAYS, EventModel, Span
from app.models.event_chart import Row
from app.models.exports import Export
from data_layer.errors import NoDataError
from data_layer.questions import Answer
from data_layer.series_questions import MOST_EVENTS

#: Days of the exchange are those of US Eastern.
EASTERN = ZoneInfo("America/New_York")
#: Events on one page of the table: the chart of the chosen one stands below it, and has to be in sight.
PAGE_SIZE = 8


#: Days that can be counted with in every zone; nothing was traded before or will be after.
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)


def _sane(day: date | None) -> date | None:
    return None if day is None else min(max(day, _FIRST), _LAST)


def _days(values: Mapping[str, Any]) -> tuple[date | None, date | None, bool]:
    """Return first and last day of the range, and whether they were given the other way round."""
    first, last = (_sane(values[name]) for name in ("series_from", "series_to"))
    if first is not None and last is not None and first > last:
        return last, first, True
    return first, last, False


def span_of(values: Mapping[str, Any], end: datetime, opened: datetime | None, now: datetime) -> Span:
    """Return what the chart of a link's values covers: its range of US-Eastern days, or else its window."""
    first, last, _ = _days(values)
    if first is None and last is None:
        return event.span_of(values, end, opened, now)
    if last is not None:
        end = min(end, datetime.combine(last + timedelta(days=1), time(), EASTERN).astimezone(UTC))
    start = None if first is None else datetime.combine(first, time(), EASTERN).astimezone(UTC)
    if start is not None and start >= end:
        # A range after everything that is known: nothing is in it, which is no reason to fail.
        end = start + timedelta(days=1)
    begin, days = start or opened, timedelta(days=HOURLY_DAYS)
    # Candlesticks by the hour are fetched as far back as that.
    hourly = begin is not None and end - begin <= days and begin > now - days
    period = 60 if hourly else 1440
    return Span(start, end, period, period, until=end)


def chosen_of(events: Sequence[Row], asked: str) -> str:
    """Return the event that is shown: the asked one, or the first, which is the only one or the most traded."""
    known = [row["event_ticker"] for row in events]
    return asked if asked in known else next(iter(known), "")


def _chosen(source: Any, values: Mapping[str, Any]) -> str:
    return chosen_of(source.repository.series_events(values["series_ticker"]).rows(), values["event"])


def _volume(source: Any, values: Mapping[str, Any], now: datetime) -> Answer:
    repository, ticker = source.repository, _chosen(source, values)
    repository.event(ticker)  # one that is not stored is another answer than one without trades
    outcomes = repository.event_outcomes(ticker).rows()
    return volume(repository, outcomes, event.span_of_event(outcomes, values, now, span_of))


def volume(repository: Any, outcomes: Sequence[Row], span: Span) -> Answer:
    """Ask for the contracts of each day of a span, of the outcomes that lead."""
    found: Answer = repository.event_days(event_chart.charted(outcomes, exclusive=True), span.start, span.until)
    return found


EXPORTS: dict[str, Export] = {
    "events": Export(
        "Events of the series",
        lambda source, values, now: source.repository.series_events(values["series_ticker"]),
        (f"Open ones first, then the newest; at most {MOST_EVENTS}.",),
        method="volume",
        most=PAGE_SIZE,
    ),
    "outcomes": Export(
        "Outcomes of the chosen event",
        lambda source, values, now: source.repository.event_outcomes(_chosen(source, values)),
        method="probability",
    ),
    "chart": Export(
        "Chances of the outcomes",
        lambda source, values, now: event.chances(source, _chosen(source, values), values, now, span_of),
        CHANCES_NOTES,
        method="normalisation",
    ),
    "volume": Export(
        "Volume per day",
        _volume,
        (
            "Days are those of US Eastern; only outcomes that lead are counted, as many as the page says.",
            "A day without a candlestick has no row here, and none was traded in what is stored.",
        ),
        method="days",
    ),
}


class SeriesDetailModel(EventModel):
    """Everything of the series the session has open, and of its chosen event: the only one, or the most traded."""

    series = param.Dict(default=None, allow_None=True, doc="The series' row; None when there is none.")
    events = param.List(default=[], doc="Its stored events, what trades first, then the newest.")
    events_total = param.Integer(default=0, doc="How many events are stored.")
    events_page = param.Integer(default=1, doc="Page of events that is shown.")
    days = param.List(default=[], doc="(US-Eastern day, contracts) of the chosen event, every day once, ascending.")
    counted = param.Integer(default=0, doc="Outcomes whose contracts are in the days.")
    chosen = param.String(default="", doc="Ticker of the chosen event; empty without one.")
    note = param.String(default="", doc="What of the link could not be done as it says, for a person.")
    series_missing = param.Boolean(default=False, doc="Whether no such series is stored.")

    exports = EXPORTS
    spanning = staticmethod(span_of)
    inputs = (
        *("series_ticker", "event", "window", "series_from", "series_to", "event_scale", "event_drawn", "axis"),
        *("event_hidden", "series_events_page"),
    )

    @property
    def selected(self) -> str:
        """The ticker of the event that is shown."""
        return self.chosen

    def _ask(self) -> dict[str, Any]:
        repository, state, now = self._source.repository, self.state, self._now()
        repository.snapshot_info()
        try:
            series: dict[str, Any] = repository.series_about(state.series_ticker).rows()[0]
        except NoDataError:
            return self._ask_event("", now) | {"series": None, "series_missing": True, "events": [], "chosen": ""}
        self._source.request_series(state.series_ticker)
        answer = self.answer_of("events")
        events: list[dict[str, Any]] = answer.rows()
        chosen = chosen_of(events, state.event)
        notes = [f"{state.event} is no stored event of this series."] if state.event not in {"", chosen} else []
        if _days(state.link_values())[2]:
            notes.append("The range ends before it begins; it is shown the other way round.")
        last = max(1, -(-len(events) // PAGE_SIZE))
        found = self._ask_event(chosen, now)
        return found | {
            "series": series,
            "series_missing": False,
            "events": events,
            "events_total": answer.total,
            "events_page": min(state.series_events_page, last),
            "chosen": chosen,
            "note": " ".join(notes),
            **self._volume(found, now),
        }

    def _volume(self, found: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Return contracts of each day of the chart's span; a day without a candlestick traded nothing."""
        outcomes: Sequence[Row] = found["outcomes"]
        if found["event"] is None or not outcomes:
            return {"days": [], "counted": 0}
        span = event.span_of_event(outcomes, self.state.link_values(), now, self.spanning)
        answer = self.answer_of("volume", volume(self._source.repository, outcomes, span))
        traded: dict[Any, Any] = {row["day"]: row["volume_contracts"] for row in answer.rows()}
        counted = len(event_chart.charted(outcomes, exclusive=True))
        if not traded:
            return {"days": [], "counted": counted}
        first, last = min(traded), max(traded)
        every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return {"days": [(day, traded.get(day, Decimal(0))) for day in every], "counted": counted}
