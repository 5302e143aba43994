"""Questions about series: all of them, and one with its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from data_layer import bound_values
from data_layer.engine.named_sql import ordered, sql_text
from data_layer.errors import NoDataError
from data_layer.questions import Answer
from data_layer.view import Questions

#: Events of one series that are listed; the most traded and newest.
MOST_EVENTS = 500
MOST_TAGS = 80


class SeriesColumn(StrEnum):
    """Columns of the list of series that can be sorted by: the only identifiers that reach its SQL."""

    TICKER = "series_ticker"
    TITLE = "title"
    CATEGORY = "category"
    VOLUME = "volume_contracts"
    VOLUME_24H = "volume_24h_contracts"
    OPEN_INTEREST = "open_interest_contracts"
    OPEN_MARKETS = "open_markets"
    OPEN_EVENTS = "open_events"


@dataclass(frozen=True, slots=True)
class SeriesOrder:
    """What the list of series is sorted by; rows without a value always come last."""

    column: SeriesColumn = SeriesColumn.VOLUME_24H
    descending: bool = True


@dataclass(frozen=True, slots=True)
class SeriesFilter:
    """What the list of series lets through; empty values let everything through."""

    text: str = ""
    category: str = ""
    tag: str = ""
    only_open: bool = False


class SeriesQuestions(Questions):
    """What is asked of series."""

    def series_list(
        self,
        filter: SeriesFilter = SeriesFilter(),
        order: SeriesOrder = SeriesOrder(),
        offset: int = 0,
        limit: int = 50,
    ) -> Answer:
        """Return one page of the series that pass `filter`, open or not; `Answer.total` counts all that pass.

        Volume of 24 hours and open interest are those of stored open markets, null without one, in contracts.
        """
        view = self._view()
        words = [*filter.text.split()[: bound_values.SEARCH_WORDS], *[""] * bound_values.SEARCH_WORDS]
        values = {
            **{f"word{n + 1}": words[n] for n in range(bound_values.SEARCH_WORDS)},
            "category": filter.category,
            "tag": filter.tag,
            "only_open": filter.only_open,
            "offset": offset,
            "limit": limit,
        }
        sql = ordered(sql_text("series_list"), [order], "series_ticker")
        key = (tuple(values.items()), view.engine.reads(sql_text("series_active")))
        table = view.ask("series_list", values, sql, key, {"series_active": view.ask("series_active")})
        total = 0
        if table.num_rows:
            total = table["total"][0].as_py()
        elif offset:  # a page behind the last one has no row that could say how many there are
            total = self.series_list(filter, order, 0, 1).total
        return view.answer("series_list", table.drop_columns(["total"]), (), total)

    def series_categories(self) -> Answer:
        """Return the categories of all series with their number of series, largest first."""
        return self._view().plain("series_categories")

    def series_tags(self, category: str = "") -> Answer:
        """Return the tags of a category's series (of all, where empty) with their number, most used first."""
        return self._view().plain("series_tags", {"category": category, "limit": MOST_TAGS})

    def series_about(self, series_ticker: str) -> Answer:
        """Return what is stored of one series, as one row; NoDataError where neither it nor a market of it is."""
        found = self._view().plain("series_about", {"series": series_ticker})
        if not found.total:
            raise NoDataError(f"No series {series_ticker!r} is stored.")
        return found

    def series_events(self, series_ticker: str) -> Answer:
        """Return the stored events of one series, open and settled, most traded open ones first.

        At most `MOST_EVENTS`; `Answer.total` counts all. Volumes are contracts over all markets of the event.
        """
        view = self._view()
        table = view.ask("series_events", {"series": series_ticker, "limit": MOST_EVENTS})
        total = table["total"][0].as_py() if table.num_rows else 0
        return view.answer("series_events", table.drop_columns(["total"]), (), total)

    def event_days(
        self, tickers: Sequence[str], start: datetime | None = None, end: datetime | None = None
    ) -> Answer:
        """Return contracts of some markets by US-Eastern day, ascending; a day without a candlestick is missing."""
        values = {"tickers": list(tickers), **bound_values.window_values(start, end)}
        view = self._view()
        return view.answer("event_days", view.ask("event_days", values, key=(tuple(tickers), start, end)))
