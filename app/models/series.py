"""The list of series: filters, order and page in; one page of rows out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import param

from app import page_keys
from app.models.base import PageModel
from app.models.exports import Export
from app.models.table import direction_after, page_or_last
from data_layer.questions import Answer
from data_layer.series_questions import SeriesColumn, SeriesFilter, SeriesOrder

PAGE_SIZE = 48
#: Rows of a file: more than the exchange has series.
MOST_EXPORTED = 100_000

COLUMNS = {
    "volume24h": SeriesColumn.VOLUME_24H,
    "interest": SeriesColumn.OPEN_INTEREST,
    "markets": SeriesColumn.OPEN_MARKETS,
    "events": SeriesColumn.OPEN_EVENTS,
    "volume": SeriesColumn.VOLUME,
    "title": SeriesColumn.TITLE,
    "category": SeriesColumn.CATEGORY,
    "ticker": SeriesColumn.TICKER,
}
ASCENDING_FIRST = frozenset({"title", "category", "ticker"})
FILTERS = ("series_text", "series_category", "series_tag", "series_shown")


def filter_of(values: Mapping[str, Any]) -> SeriesFilter:
    """Return the filter that a link's values describe."""
    return SeriesFilter(
        values["series_text"], values["series_category"], values["series_tag"], values["series_shown"] == "open"
    )


def order_of(values: Mapping[str, Any]) -> SeriesOrder:
    """Return the order that a link's values describe."""
    return SeriesOrder(COLUMNS[values["series_sort"]], values["series_direction"] == "desc")


EXPORTS: dict[str, Export] = {
    "series": Export(
        "Series",
        lambda source, values, now: source.repository.series_list(
            filter_of(values), order_of(values), 0, MOST_EXPORTED
        ),
        (
            "Volume of 24 hours and open interest are those of stored open markets.",
            "A file holds all rows, the screen one page.",
        ),
        method="volume",
    )
}


class SeriesModel(PageModel):
    """One page of the list of series, as the session's filters, order and page number say."""

    answer = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="The page of rows; None at first.")
    categories = param.List(default=[], doc="(category, number of series), most first.")
    tags = param.List(default=[], doc="(tag, number of series) of the chosen category, most first.")
    page = param.Integer(default=1, doc="Page that is shown: the asked one, or the last there is.")

    inputs = (*FILTERS, "series_sort", "series_direction", "series_page", "series_view")
    exports = EXPORTS

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-(self.answer.total if self.answer is not None else 0) // PAGE_SIZE))

    def choose(self, **values: Any) -> None:
        """Set filters by name; the list begins at its first page again. A tag belongs to its category."""
        if "series_category" in values and values["series_category"] != self.state.series_category:
            values = {"series_tag": ""} | values
        self.state.param.update(**values, series_page=1)

    def clear(self) -> None:
        """Take all filters away."""
        self.choose(**{name: page_keys.DEFAULTS[name] for name in FILTERS})

    def sort_by(self, word: str) -> None:
        """Sort by a column, or turn its direction if it is sorted by already; back to the first page."""
        direction = direction_after(word, self.state.series_sort, self.state.series_direction, ASCENDING_FIRST)
        self.state.param.update(series_sort=word, series_direction=direction, series_page=1)

    def _ask(self) -> dict[str, Any]:
        repository, state = self._source.repository, self.state
        repository.snapshot_info()  # nothing stored at all is another answer than "none passes"
        values = state.link_values()
        wanted, order = filter_of(values), order_of(values)
        answer, page = page_or_last(
            lambda offset: repository.series_list(wanted, order, offset, PAGE_SIZE), state.series_page, PAGE_SIZE
        )
        self.answer_of("series", answer)
        categories = repository.series_categories().rows()
        tags = repository.series_tags(state.series_category).rows()
        return {
            "answer": answer,
            "page": page,
            "categories": [(row["category"], row["series"]) for row in categories if row["category"]],
            "tags": [(row["tag"], row["series"]) for row in tags],
        }
