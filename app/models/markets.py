"""The list of markets: filters, order and page in; one page of rows out."""

from __future__ import annotations

from typing import Any

from app import link_words, page_keys
from app.models import market_choice
from app.models.exports import Export
from app.models.list_model import PAGE_SIZE, ListModel
from app.models.table import direction_after, page_or_last

#: Words and times are looked for from their beginning, numbers from their largest.
ASCENDING_FIRST = frozenset({"ticker", "title", "outcome", "category", "series", "spread", "ends"})


EXPORTS: dict[str, Export] = {
    "markets": Export(
        "Markets",
        lambda source, values, now: source.repository.markets_reader(
            market_choice.filter_of(values), market_choice.order_of(values)
        ),
        (
            "Combinations are left out.",
            "A market without a value passes no bound on it.",
            "A file holds all rows, the screen one page.",
        ),
        method="probability",
    )
}


class MarketsModel(ListModel):
    """One page of the list of markets, as the session's filters, order and page number say."""

    page_name = "markets"
    neutral = {name: page_keys.DEFAULTS[name] for name in market_choice.FILTERS.values()}
    inputs = (
        *market_choice.FILTERS.values(),
        *("sort", "direction", "ties", "table_page", "columns", "own_columns", "density"),
    )
    exports = EXPORTS

    def _ask(self) -> dict[str, Any]:
        repository = self._source.repository
        values = self.state.link_values()
        wanted, order = market_choice.filter_of(values), market_choice.order_of(values)
        answer, page = page_or_last(
            lambda offset: repository.markets(wanted, order, offset, PAGE_SIZE), values["table_page"], PAGE_SIZE
        )
        self.answer_of("markets", answer)
        tightest = None
        if not answer.total and market_choice.active(values):
            found = repository.tightest_filter(wanted)
            tightest = (market_choice.FILTERS[found[0]], found[1]) if found else None
        self._source.show(answer.table["ticker"].to_pylist())
        return {
            "answer": answer,
            "categories": self._categories(),
            "page": page,
            "tightest": tightest,
            "now": self._now(),
        }

    def sort_by(self, word: str) -> None:
        """Sort by a column, or turn its direction if it is sorted by already; back to the first page."""
        direction = direction_after(word, self.state.sort, self.state.direction, ASCENDING_FIRST)
        self.state.param.update(sort=word, direction=direction, ties=(), table_page=1)

    def break_ties_by(self, word: str) -> None:
        """Sort equal rows by a further column; said again it turns its direction, a third time it goes."""
        if word == self.state.sort:
            self.state.param.update(direction=direction_after(word, word, self.state.direction, ()), table_page=1)
            return
        first, second = (word, f"-{word}") if word in ASCENDING_FIRST else (f"-{word}", word)
        ties = [tie for tie in self.state.ties if tie not in {first, second}]
        if first in self.state.ties:
            ties.append(second)
        elif second not in self.state.ties:
            ties.append(first)
        self.state.param.update(ties=tuple(ties[-link_words.MAX_TIES :]), table_page=1)
