"""Questions about markets that somebody named: a watchlist."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from data_layer.questions import Answer
from data_layer.schemas import MONEY, TEXT, TIME
from data_layer.view import Questions

#: Statuses of a market that may still be traded; the settled history knows more of all others.
_ALIVE = frozenset({"active", "inactive", "initialized"})
_RESULT = pa.schema([("result", TEXT), ("settlement_value_dollars", MONEY), ("settlement_time", TIME)])


class WatchQuestions(Questions):
    """What is asked of named markets."""

    def watched_markets(self, tickers: Sequence[str]) -> Answer:
        """Return the rows of these markets, open or settled, in this order; those that are not stored are missing.

        Columns are those of `markets`, and `result`, `settlement_value_dollars` and `settlement_time`. The settled
        history is read only for what the list of markets does not know, or knows to be over.
        """
        view = self._view()
        wanted = list(dict.fromkeys(tickers))
        key = tuple(wanted)
        listed = view.ask("watched_markets", {"tickers": wanted}, key=key)
        alive = {row["ticker"] for row in listed.select(["ticker", "status"]).to_pylist() if row["status"] in _ALIVE}
        rest = [ticker for ticker in wanted if ticker not in alive]
        parts = [_RESULT.empty_table(), listed]
        if rest:
            settled = view.ask("watched_settled", {"tickers": rest}, key=tuple(rest))
            known = set(settled["ticker"].to_pylist())
            over = pa.array([ticker not in known for ticker in listed["ticker"].to_pylist()], pa.bool_())
            parts = [settled, listed.filter(over)]
        table = pa.concat_tables(parts, promote_options="permissive")
        place = {ticker: n for n, ticker in enumerate(wanted)}
        order = sorted(
            range(table.num_rows), key=[place[ticker] for ticker in table["ticker"].to_pylist()].__getitem__
        )
        return view.answer("watched_markets", table.take(pa.array(order, pa.int64())))
