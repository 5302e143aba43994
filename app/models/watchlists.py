"""One watchlist: the visitor's own, or one that came with a link; its markets, and what is done to the lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import param
import pyarrow as pa

from app import link_words, url
from app.models.base import PageModel
from app.models.exports import Export
from app.models.market_choice import order_for_yes
from app.models.movers import by_ticker, sparkline
from app.models.watched import Watched
from app.watchlists import MAX_TICKERS, Shelf, Watchlist, read_csv
from data_layer.questions import Answer

#: Word of a link for a column, and the column that is sorted by.
SORTS = {
    "title": "title",
    "probability": "probability",
    "change": "change_24h_pp",
    "spread": "spread_dollars",
    "volume24h": "volume_24h_contracts",
    "volume": "volume_contracts",
    "ends": "expected_time",
    "status": "status",
}
_ASCENDING_FIRST = frozenset({"title", "spread", "ends", "status"})
#: Most markets of a list whose quotes are kept fresh: two calls of the exchange.
MOST_FRESH = 200
#: What a sparkline spans.
LINE_HOURS = 24
#: Most tickers or cells that an answer names; it counts the rest.
_NAMED = 12


def _listed(source: Any, values: Mapping[str, Any], _now: Any) -> Answer:
    answer: Answer = source.repository.watched_markets(values["watchlist_tickers"])
    place = {ticker: n for n, ticker in enumerate(answer.table["ticker"].to_pylist())}
    # Typed: of a list without markets Arrow could not tell that its places are numbers.
    order = pa.array([place[row["ticker"]] for row in _in_order(answer.rows(), values)], pa.int64())
    return replace(answer, table=answer.table.take(order))


EXPORTS: dict[str, Export] = {
    "watchlist": Export(
        "Markets of a watchlist",
        _listed,
        (
            "Markets of the list of which nothing is stored are left out; “Export CSV” names them too.",
            f"A link holds at most {link_words.MAX_SHARED} markets: a longer list goes by “Export CSV”.",
        ),
        method="probability",
    )
}


class WatchlistsModel(PageModel):
    """The markets of the list that is shown, and the missing ones; keeps their quotes fresh."""

    answer = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="Stored markets, in list order.")
    rows = param.List(default=[], doc="The same as rows, as they are sorted.")
    missing = param.List(default=[], doc="Tickers of the list of which nothing is stored.")
    lines = param.Dict(default={}, doc="Line of each stored market over a day, by ticker, as `sparkline` makes it.")
    shown = param.ClassSelector(class_=Watchlist, default=Watchlist(""), doc="The list that is shown.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): what ages are counted from.")

    inputs = ("watchlist", "watchlist_tickers", "watchlist_sort", "watchlist_direction")
    exports = EXPORTS

    watched: Watched

    def meet(self, watched: Watched) -> None:
        """Take the browser's lists, and follow them."""
        self.watched = watched
        watched.param.watch(self._on_shelf, ["shelf", "ready", "kept", "damaged"])

    def _on_input(self, *events: param.parameterized.Event) -> None:
        self._choose()
        super()._on_input(*events)

    def _on_active(self, *events: param.parameterized.Event) -> None:
        self._choose()
        super()._on_active(*events)

    def _choose(self) -> None:
        """Let stars go where the reader went: when he goes there, not when another tab goes elsewhere."""
        named = self.watched.shelf.find(self.state.watchlist)
        if (
            self.active
            and self.watched.ready
            and not self.shared
            and named is not None
            and named.name != self.watched.shelf.current
        ):
            self.watched.edit(lambda shelf: shelf.choose(named.name))

    def _on_shelf(self, *events: param.parameterized.Event) -> None:
        if any(event.name == "ready" for event in events):
            self._choose()
        self.refresh()

    @property
    def shared(self) -> bool:
        """Whether the list came with a link and is not the visitor's own."""
        return bool(self.state.watchlist_tickers)

    @property
    def own(self) -> Watchlist:
        """The visitor's list that is shown, or would be: the one that is named, else the one of the stars."""
        return self.watched.shelf.find(self.state.watchlist) or self.watched.shelf.chosen

    def file_values(self) -> Mapping[str, Any] | None:
        """Return the values of a link that names the list and its markets; None if it is too long."""
        values = self.state.link_values()
        values |= {"watchlist": self.shown.name, "watchlist_tickers": self.shown.tickers}
        fits = (
            len(self.shown.tickers) <= link_words.MAX_SHARED and len(url.encode(values)) <= url.MAX_QUERY_CHARACTERS
        )
        return values if fits else None

    def _ask(self) -> dict[str, Any]:
        state = self.state
        shown = Watchlist(state.watchlist or "Shared list", state.watchlist_tickers) if self.shared else self.own
        answer = self.answer_of("watchlist", self._source.repository.watched_markets(shown.tickers))
        rows = answer.rows()
        stored = {row["ticker"] for row in rows}
        if shown.tickers:
            self._source.show(list(shown.tickers[:MOST_FRESH]), lines=True)
        return {
            "answer": answer,
            "lines": self._lines(rows),
            "rows": _in_order(rows, state.link_values()),
            "missing": [ticker for ticker in shown.tickers if ticker not in stored],
            "shown": shown,
            "now": self._now(),
        }

    def _lines(self, rows: list[dict[str, Any]]) -> dict[str, list[int | None]]:
        """Return the sparklines of what is traded; those of a long list beyond its bound have none."""
        chances = {row["ticker"]: row["probability"] for row in rows[:MOST_FRESH] if row["probability"] is not None}
        if not chances:
            return {}
        found = by_ticker(self._source.repository.sparklines(list(chances), LINE_HOURS))
        return {ticker: sparkline(found.get(ticker, {}), chance) for ticker, chance in chances.items()}

    def sort_by(self, word: str) -> None:
        """Sort by a column; said again it turns its direction, a third time the list's own order is back."""
        first = "asc" if word in _ASCENDING_FIRST else "desc"
        if self.state.watchlist_sort != word:
            self.state.param.update(watchlist_sort=word, watchlist_direction=first)
        elif self.state.watchlist_direction == first:
            self.state.watchlist_direction = "desc" if first == "asc" else "asc"
        else:
            self.state.param.update(watchlist_sort="own", watchlist_direction="desc")

    # What is done to the lists. Each says what came of it, or raises WatchlistError

    def create(self, name: str) -> str:
        """Make a list and show it."""
        self._edit(lambda shelf: shelf.create(name), show_current=True)
        return f"“{self.watched.shelf.current}” is made; stars add to it now."

    def rename(self, name: str) -> str:
        """Give the shown list another name."""
        old = self.own.name
        self._edit(lambda shelf: shelf.choose(old).rename(old, name), show_current=True)
        return f"“{old}” is called “{self.watched.shelf.current}” now."

    def delete(self) -> str:
        """Take the shown list away and show its neighbour."""
        gone = self.own.name
        self._edit(lambda shelf: shelf.choose(gone).delete(gone), show_current=True)
        return f"“{gone}” is gone."

    def move(self, by: int) -> str:
        """Move the shown list among the others."""
        name = self.own.name
        self._edit(lambda shelf: shelf.move(name, by))
        return ""

    def fill(self, text: str) -> str:
        """Let the shown list have what a text says, in its order."""
        name, read = self.own.name, read_csv(text)
        before = self.own.tickers
        self._edit(lambda shelf: shelf.fill(name, read.tickers))
        gone = len(set(before) - set(read.tickers))
        new = len(set(read.tickers) - set(before))
        said = f"“{name}” has {_markets(len(read.tickers))} now: {new} new, {gone} taken out."
        return " ".join([said, *_left_out(read.unreadable, read.notes), *self._unknown(read.tickers)])

    def add(self, text: str) -> str:
        """Add what a CSV says to the shown list; whatever could not be added is named."""
        name, read = self.own.name, read_csv(text)
        before = self.own.tickers
        new = [ticker for ticker in read.tickers if ticker not in set(before)]
        room = max(0, MAX_TICKERS - len(before))
        added, over = new[:room], new[room:]
        self._edit(lambda shelf: shelf.fill(name, [*before, *added]))
        said = [f"{_markets(len(added))} added to “{name}”."]
        known = len(read.tickers) - len(new)
        said += [f"{known} stood in it already."] if known else []
        said += [f"Left out, as a list has at most {MAX_TICKERS}: {_named(over)}."] if over else []
        return " ".join([*said, *_left_out(read.unreadable, read.notes), *self._unknown(added)])

    def keep(self) -> str:
        """Add the shared list to the visitor's own, under a name that is free."""
        shown = self.shown
        name = self.watched.shelf.free_name(shown.name)
        self._edit(lambda shelf: shelf.create(name, shown.tickers), show_current=True)
        return f"“{name}” is one of your lists now."

    def _edit(self, change: Callable[[Shelf], Shelf], *, show_current: bool = False) -> None:
        self.watched.edit(change)
        if show_current:
            self.state.param.update(watchlist=self.watched.shelf.current, watchlist_tickers=())

    def _unknown(self, tickers: Any) -> list[str]:
        missing = [ticker for ticker in tickers if ticker in set(self.missing)]
        return [f"Kept, but nothing of them is stored: {_named(missing)}."] if missing else []


def _in_order(rows: list[dict[str, Any]], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return rows as a link sorts them, those without a value last; equal ones keep the list's order."""
    descending = values["watchlist_direction"] == "desc"
    word, descending = order_for_yes(values["watchlist_sort"], descending, values["side"])
    if word not in SORTS:
        return rows
    column = SORTS[word]
    known = [row for row in rows if row[column] is not None]
    known.sort(key=lambda row: _comparable(row, column), reverse=descending)
    return known + [row for row in rows if row[column] is None]


def _comparable(row: Mapping[str, Any], column: str) -> Any:
    value = row[column]
    return value.casefold() if isinstance(value, str) else value


def _markets(count: int) -> str:
    return "1 market" if count == 1 else f"{count} markets"


def _named(words: Any) -> str:
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return ", ".join(words[:_NAMED]) + more


def _left_out(unreadable: tuple[str, ...], notes: tuple[str, ...]) -> list[str]:
    said = [f"No tickers, and left out: {_named([f'“{word}”' for word in unreadable])}."] if unreadable else []
    return [*said, *(f"{note[:1].upper()}{note[1:]}." for note in notes)]
