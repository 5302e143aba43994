"""What pages of a filtered list do alike: read what is typed as a link would be, offer what there is to choose."""

from __future__ import annotations

from typing import Any

from app import url
from app.models.list_model import PAGE_SIZE, ListModel
from app.pages.base import PageView
from components.filter_bar import FilterBar
from components.tables import PagedTable


class ListPage(PageView):
    """A list of markets under a bar of filters; subclasses build `filters` and `table`."""

    model: ListModel
    filters: FilterBar
    table: PagedTable
    _offered: tuple[tuple[str, int], ...] = ()

    def _read(self, key: str, raw: str) -> tuple[Any, bool]:
        """Return a filter's value as a link would say it, and whether it can be read; else the bar says why not."""
        value, problem = url.read(self.model.page_name, key, raw)
        others = {name: said for name, said in self.filters.problems.items() if name != key}
        self.filters.problems = others | ({key: f"“{raw}” {problem}"} if problem else {})
        return value, not problem

    def _on_remove(self, identity: str) -> None:
        self.filters.problems = {}
        if not identity:
            self.model.clear()
        else:
            name, _, value = identity.partition(":")
            self.model.drop(name, value)

    def _on_suggest(self, key: str, text: str) -> None:
        found = self.model.suggest_series(text) if key == "series" else []
        self.filters.offer("series", [(ticker, f"{title} ({n:,})") for ticker, title, n in found])

    def _on_page(self, page: int) -> None:
        self.state.table_page = max(1, min(page, -(-self.table.total // PAGE_SIZE)))

    def _offer_categories(self, of: str = "") -> None:
        """Offer the categories there are, each with its number of open markets; `of` names what is counted."""
        categories = tuple(self.model.categories)
        if categories != self._offered:
            self._offered = categories
            listed = [(name, f"{name} ({n:,}{of})") for name, n in categories]
            self.filters.offer("category", [("", "all"), *listed])
