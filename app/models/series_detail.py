"""One series: what it is, its events open and settled, and the chosen event's outcomes and volume over time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import param

from app.models import event_chart
from app.models.event import HOURLY_DAYS, EventModel
from app.models.exports import Export
from data_layer.errors import NoDataError

#: Days of the exchange are those of US Eastern.
EASTERN = ZoneInfo("America/New_York")
#: Events on one page of the table.
PAGE_SIZE = 20


#: Days that can be counted with in every zone; nothing was traded before or will be after.
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)


def _sane(day: date | None) -> date | None:
    return None if day is None else min(max(day, _FIRST), _LAST)


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

    # Its chosen event and range of days are not those of an event's link.
    exports: dict[str, Export] = {}
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
        answer = repository.series_events(state.series_ticker)
        events: list[dict[str, Any]] = answer.rows()
        known = [event["event_ticker"] for event in events]
        chosen = state.event if state.event in known else next(iter(known), "")
        notes = [f"{state.event} is no stored event of this series."] if state.event not in {"", *known} else []
        if self._days()[2]:
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
            **self._volume(found),
        }

    def _days(self) -> tuple[date | None, date | None, bool]:
        """Return first and last day of the range, and whether they were given the other way round."""
        first, last = (_sane(day) for day in (self.state.series_from, self.state.series_to))
        if first is not None and last is not None and first > last:
            return last, first, True
        return first, last, False

    def _span(self, end: datetime, opened: datetime | None) -> tuple[datetime | None, datetime, int, int]:
        first, last, _ = self._days()
        if first is None and last is None:
            return super()._span(end, opened)
        if last is not None:
            end = min(end, datetime.combine(last + timedelta(days=1), time(), EASTERN).astimezone(UTC))
        start = None if first is None else datetime.combine(first, time(), EASTERN).astimezone(UTC)
        if start is not None and start >= end:
            # A range after everything that is known: nothing is in it, which is no reason to fail.
            end = start + timedelta(days=1)
        begin = start or opened
        hourly = begin is not None and end - begin <= timedelta(days=HOURLY_DAYS) and begin > self._oldest_hour()
        period = 60 if hourly else 1440
        return start, end, period, period

    def _oldest_hour(self) -> datetime:
        """Return since when candlesticks by the hour are fetched."""
        return self._now() - timedelta(days=HOURLY_DAYS)

    def _until(self, end: datetime) -> datetime | None:
        return None if self.state.series_to is None and self.state.series_from is None else end

    def _volume(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return contracts of each day of the chart's span; a day without a candlestick traded nothing."""
        event = found["event"]
        if event is None or not found["outcomes"]:
            return {"days": [], "counted": 0}
        tickers = event_chart.charted(found["outcomes"], exclusive=True)
        start, end = found["start"], found["end"]
        rows = self._source.repository.event_days(tickers, start, end if self._until(end) else None).rows()
        traded: dict[Any, Any] = {row["day"]: row["volume_contracts"] for row in rows}
        if not traded:
            return {"days": [], "counted": len(tickers)}
        first, last = min(traded), max(traded)
        span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return {"days": [(day, traded.get(day, Decimal(0))) for day in span], "counted": len(tickers)}
