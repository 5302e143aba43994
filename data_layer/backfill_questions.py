"""Questions of a backfill: which markets it is to fetch."""

from __future__ import annotations

from collections.abc import Sequence

from data_layer.questions import Answer
from data_layer.view import Questions


class BackfillQuestions(Questions):
    """What is asked before history is filled in bulk."""

    def backfill_markets(
        self, scope: str, limit: int, series: Sequence[str] = (), tickers: Sequence[str] = ()
    ) -> Answer:
        """Return ticker, series and time of settlement of the most traded markets: open or settled, or the named."""
        view = self._view()
        values = {
            "scope": scope,
            "series": list(series),
            "tickers": list(tickers),
            "limit": max(limit, len(tickers)),
        }
        key = (scope, limit, tuple(series), tuple(tickers))
        return view.answer("backfill_markets", view.ask("backfill_markets", values, key=key))
