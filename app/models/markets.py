"""The list of open markets: filters, order and page in; one page of rows out."""

from __future__ import annotations

from typing import Any

import param

from app.models.base import PageModel
from data_layer.questions import Answer, MarketColumn, MarketFilter, Order

PAGE_SIZE = 50

COLUMNS: dict[str, MarketColumn] = {
    "ticker": MarketColumn.TICKER,
    "title": MarketColumn.TITLE,
    "outcome": MarketColumn.OUTCOME,
    "category": MarketColumn.CATEGORY,
    "series": MarketColumn.SERIES,
    "probability": MarketColumn.PROBABILITY,
    "bid": MarketColumn.YES_BID,
    "ask": MarketColumn.YES_ASK,
    "spread": MarketColumn.SPREAD,
    "last": MarketColumn.LAST_PRICE,
    "change": MarketColumn.CHANGE_24H,
    "volume": MarketColumn.VOLUME,
    "volume24h": MarketColumn.VOLUME_24H,
    "interest": MarketColumn.OPEN_INTEREST,
    "ends": MarketColumn.CLOSES,
    "opened": MarketColumn.OPENED,
}

#: Words and times are looked for from their beginning, numbers from their largest.
ASCENDING_FIRST = frozenset({"ticker", "title", "outcome", "category", "series", "spread", "ends"})


class MarketsModel(PageModel):
    """One page of the list of open markets, as the session's filters, order and page number say."""

    answer = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="The page of rows; None at first.")
    categories = param.List(default=[], doc="(category, number of open markets), most first.")
    page = param.Integer(default=1, doc="Page that is shown: the asked one, or the last there is.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): what ages are counted from.")

    inputs = ("text", "category", "sort", "direction", "table_page", "zone")

    def _filter(self) -> MarketFilter:
        chosen = self.state.category
        return MarketFilter(text=self.state.text, categories=(chosen,) if chosen else ())

    def _order(self) -> tuple[Order, ...]:
        column = COLUMNS[self.state.sort]
        # Equal values keep one order from page to page, or a row could be on two of them.
        tie = () if column is MarketColumn.TICKER else (Order(MarketColumn.TICKER, descending=False),)
        return (Order(column, descending=self.state.direction == "desc"), *tie)

    def _ask(self) -> dict[str, Any]:
        repository = self._source.repository
        wanted, order, page = self._filter(), self._order(), self.state.table_page
        answer = repository.markets(wanted, order, (page - 1) * PAGE_SIZE, PAGE_SIZE)
        last = max(1, -(-answer.total // PAGE_SIZE))
        if page > last:
            page = last
            answer = repository.markets(wanted, order, (page - 1) * PAGE_SIZE, PAGE_SIZE)
        categories = [(row["category"], row["markets"]) for row in repository.categories().rows() if row["category"]]
        self._source.show(answer.table["ticker"].to_pylist())
        return {"answer": answer, "categories": categories, "page": page, "now": self._now()}

    def sort_by(self, word: str) -> None:
        """Sort by a column, or turn its direction if it is sorted by already; back to the first page."""
        if self.state.sort == word:
            direction = "asc" if self.state.direction == "desc" else "desc"
        else:
            direction = "asc" if word in ASCENDING_FIRST else "desc"
        self.state.param.update(sort=word, direction=direction, table_page=1)
