"""Questions about the whole exchange: the home page reads in ten seconds what these answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from data_layer.movers_questions import MoversQuestions
from data_layer.questions import Answer

#: A list of the home page leaves out markets that traded less than this in 24 hours, in contracts.
ACTIVE_CONTRACTS = 1_000


class PulseQuestions(MoversQuestions):
    """What is asked of the exchange as a whole."""

    _then_kept: tuple[datetime, Answer] | None = None

    def pulse_totals(self) -> Answer:
        """Return the exchange in one row: markets, contracts and estimated dollars of 24 hours, open interest."""
        return self._view().plain("pulse_totals", self._day())

    def pulse_totals_then(self) -> Answer:
        """Return the totals of a day ago from the quote history; `reaches_back` is false in a younger lake.

        `oldest_time` says since when a lake of less than three days has a history, `then_time` when the newest quote
        of then was seen. What opened in the 24 hours before needs two days of history, and is null in a younger lake.
        Days of history are read, and a day ago does not change with every refresh: the answer is kept for minutes.
        """
        now = self._minute()
        asked = now.replace(minute=now.minute // 5 * 5)
        kept = self._then_kept
        if kept is not None and kept[0] == asked:
            return kept[1]
        values = {
            "day_ago": now - timedelta(days=1),
            "two_days_ago": now - timedelta(days=2),
            "earliest_day": f"{now - timedelta(days=2):%Y-%m-%d}",
        }
        answer = self._view().plain("pulse_totals_then", values)
        self._then_kept = (asked, answer)
        return answer

    def pulse_surges(self, limit: int = 8) -> Answer:
        """Return where 24 hours traded most, and more than it did, against the mean day of the week before."""
        view = self._view()
        days, key = self._mean_days(view)
        values = {"volume_24h_min": ACTIVE_CONTRACTS, "limit": limit}
        table = view.ask("pulse_surges", values, key=(limit, key), tables={"mean_days": days})
        return view.answer("pulse_surges", table)

    def pulse_history(self) -> Answer:
        """Return how many open markets have days of history, and how many enough for a surge to be measured."""
        view = self._view()
        days, key = self._mean_days(view)
        return view.answer("pulse_history", view.ask("pulse_history", key=key, tables={"mean_days": days}))

    def pulse_closing(self, limit: int = 8) -> Answer:
        """Return what is expected to end next, of what trades: one market an event, of `event_markets`."""
        return self._view().plain("pulse_closing", {"now": self._minute(), "limit": limit})

    def pulse_new(self, limit: int = 8) -> Answer:
        """Return what opened in the last 24 hours, most traded first: one market an event, as in `pulse_closing`."""
        return self._view().plain("pulse_new", {**self._day(), "limit": limit})

    def category_share(self) -> Answer:
        """Return markets, contracts, estimated dollars and open interest by category, largest first."""
        return self._view().plain("category_share")

    def _day(self) -> dict[str, Any]:
        now = self._minute()
        return {"now": now, "day_ago": now - timedelta(days=1)}
