"""Questions about one event: what it is, its outcomes, and the chance of each over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from data_layer import bound_values
from data_layer.errors import NoDataError
from data_layer.questions import Answer
from data_layer.view import Questions

#: Outcomes with a line of their own in a chart, and all whose history is fetched: as many as one batch call may name.
LEADING, FETCHED = 10, 100


class EventQuestions(Questions):
    """What is asked of events."""

    def event(self, event_ticker: str) -> Answer:
        """Return what is stored of one event, as one row; NoDataError where neither it nor a market of it is.

        `is_stored` is false where only its markets are: then title and series are theirs.
        """
        found = self._view().plain("event", {"event": event_ticker})
        if not found.total:
            raise NoDataError(f"No event {event_ticker!r} is stored.")
        return found

    def event_outcomes(self, event_ticker: str) -> Answer:
        """Return every outcome of an event, open and settled, leading ones first; `probability` is 0–1.

        The likeliest leads where outcomes exclude each other, else the most traded in 24 hours.
        """
        return self._view().plain("event_outcomes", {"event": event_ticker})

    def event_candlesticks(
        self,
        tickers: Sequence[str],
        period_minutes: int = 60,
        start: datetime | None = None,
        end: datetime | None = None,
        bucket_minutes: int | None = None,
    ) -> Answer:
        """Return the chance (0–1) of some markets over time: ticker, end_time, opening_chance, chance; ascending.

        Naive times are UTC; `start` <= `end_time` <= `end`. `bucket_minutes` merges finer candlesticks.
        """
        values = {
            "tickers": list(tickers),
            "period_minutes": period_minutes,
            "bucket_minutes": bucket_minutes or period_minutes,
            **bound_values.window_values(start, end),
        }
        view, key = self._view(), (tuple(tickers), period_minutes, bucket_minutes, start, end)
        return view.answer("event_candlesticks", view.ask("event_candlesticks", values, key=key))
