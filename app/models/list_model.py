"""What models of filtered lists share: filters are set, taken away and named, and series are suggested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import param

from app import link_words, page_keys
from app.models.base import PageModel
from data_layer.errors import DataLayerError
from data_layer.questions import Answer

#: Rows of one page of a list.
PAGE_SIZE = 50

#: Fewest letters of a series that suggestions are looked for by.
SUGGEST_FROM = 2


class ListModel(PageModel):
    """A list of markets, by the session's filters, one page of rows at a time."""

    answer = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="The page of rows; None at first.")
    categories = param.List(default=[], doc="(category, number of open markets), most first.")
    page = param.Integer(default=1, doc="Page that is shown: the asked one, or the last there is.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): what ages are counted from.")
    tightest = param.Tuple(
        default=None,
        length=2,
        allow_None=True,
        doc="Where nothing is left: name of the filter that hides the most, and how many rows pass without it.",
    )

    #: Page of the links to this list.
    page_name: ClassVar[str]
    #: Names of the filters, each with the value that lets everything through.
    neutral: ClassVar[Mapping[str, Any]]

    def choose(self, **values: Any) -> None:
        """Set filters by name; the list begins at its first page again."""
        self.state.param.update(**values, table_page=1)

    def drop(self, name: str, value: str = "") -> None:
        """Take a filter away; of several series only `value`, where it is given."""
        kept = tuple(held for held in self.state.series if held != value) if name == "series" and value else None
        self.choose(**{name: self.neutral[name] if kept is None else kept})

    def filtering(self) -> list[str]:
        """Return the names of the filters that hide something, in the order the screen names them."""
        return [name for name, value in self.neutral.items() if getattr(self.state, name) != value]

    def clear(self) -> None:
        """Take all filters away."""
        self.choose(**self.neutral)

    def without(self, *names: str) -> dict[str, Any]:
        """Return the values of a link to the same list without some filters."""
        own = {key.name: getattr(self.state, key.name) for key in page_keys.PAGE_KEYS[self.page_name]}
        return own | {name: self.neutral[name] for name in names} | {"table_page": 1}

    def _categories(self) -> list[tuple[str, int]]:
        rows: list[dict[str, Any]] = self._source.repository.categories().rows()
        return [(row["category"], row["markets"]) for row in rows if row["category"]]

    def suggest_series(self, text: str) -> list[tuple[str, str, int]]:
        """Return series whose ticker or title contains a text: ticker, title, number of open markets."""
        if len(text.strip()) < SUGGEST_FROM:
            return []
        try:
            rows = self._source.repository.series_found(text.strip()).rows()
        except DataLayerError:
            # What fails here fails for the list too, which says so; a suggestion is not worth a face of its own.
            return []
        return [(str(row["series_ticker"]), str(row["title"] or ""), int(str(row["markets"]))) for row in rows]

    def add_series(self, text: str) -> None:
        """List one more series: as it is stored, whatever the case it was typed in, or as it was typed."""
        known = [ticker for ticker, _, _ in self.suggest_series(text) if ticker.casefold() == text.casefold()]
        kept = dict.fromkeys((*self.state.series, known[0] if known else text))
        self.choose(series=tuple(kept)[-link_words.MAX_SERIES :])
