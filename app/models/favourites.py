"""The list of favourites: filters, order and page in; one page of sides out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import param

from app import page_keys
from app.models.base import PageModel
from app.models.exports import Export
from data_layer.analytics import returns
from data_layer.questions import Answer, FavouriteColumn, FavouriteFilter, Order

PAGE_SIZE = 50
#: Rows of a file: more than there are sides that somebody could call favourites.
MOST_EXPORTED = 50_000

#: Compound returns a year are cut here, as a share.
COMPOUND_CAP = returns.COMPOUND_CAP

#: Part of a `FavouriteFilter`, and the value of a link it comes from; in the order the screen names them.
FILTERS: dict[str, str] = {
    "side": "favourites_side",
    "category": "category",
    "bid_min_dollars": "favourites_bid_min",
    "annual_min": "favourites_annual_min",
    "days_to_close_min": "favourites_close_min",
    "days_to_expiration_min": "favourites_expires_min",
    "volume_min_contracts": "favourites_volume_min",
}
#: What the values of `FILTERS` are where they hide nothing that could be a favourite.
HIDES_NOTHING: dict[str, Any] = {"favourites_side": "both", "category": ""}

COLUMNS: dict[str, FavouriteColumn] = {
    "title": FavouriteColumn.TITLE,
    "side": FavouriteColumn.SIDE,
    "bid": FavouriteColumn.BID,
    "ask": FavouriteColumn.ASK,
    "cost": FavouriteColumn.NET_COST,
    "return": FavouriteColumn.RETURN,
    "simple": FavouriteColumn.SIMPLE,
    "compound": FavouriteColumn.COMPOUND,
    "settles": FavouriteColumn.DAYS,
    "size": FavouriteColumn.ASK_SIZE,
    "spread": FavouriteColumn.SPREAD,
    "volume24h": FavouriteColumn.VOLUME_24H,
}
#: Words, costs and times are looked for from their beginning, the rest from the largest.
ASCENDING_FIRST = frozenset({"title", "side", "cost", "ask", "settles", "spread"})


def filter_of(values: Mapping[str, Any]) -> FavouriteFilter:
    """Return the filter that a link's values describe: percent become shares, cents dollars."""
    volume = values["favourites_volume_min"]
    return FavouriteFilter(
        bid_min_dollars=_hundredth(values["favourites_bid_min"]),
        contracts=values["favourites_order"],
        side=values["favourites_side"],
        category=values["category"],
        volume_min_contracts=None if volume is None else int(volume),
        days_to_close_min=values["favourites_close_min"],
        days_to_expiration_min=values["favourites_expires_min"],
        annual_min=_hundredth(values["favourites_annual_min"]),
    )


def order_of(values: Mapping[str, Any]) -> tuple[Order, ...]:
    """Return the order that a link's values describe; the question itself breaks ties."""
    return (Order(COLUMNS[values["favourites_sort"]], values["favourites_direction"] == "desc"),)


def _hundredth(value: Decimal | None) -> Decimal | None:
    return None if value is None else value / 100


EXPORTS: dict[str, Export] = {
    "favourites": Export(
        "Favourites",
        lambda source, values, now: source.repository.favourites(
            filter_of(values), order_of(values), 0, MOST_EXPORTED
        ),
        (
            "Combinations are left out, and every book without a bid and an ask of the side.",
            "Prices and sizes are those of the row's own side; the fee is the taker's for the whole order.",
            f"A file holds all rows, at most {MOST_EXPORTED:,}; the screen one page.",
        ),
        method="returns",
    )
}


class FavouritesModel(PageModel):
    """One page of the list of favourites, as the session's filters, order and page number say."""

    answer = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="The page of rows; None at first.")
    categories = param.List(default=[], doc="(category, number of open markets), most first.")
    page = param.Integer(default=1, doc="Page that is shown: the asked one, or the last there is.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): what times are counted from.")
    tightest = param.Tuple(
        default=None,
        length=2,
        allow_None=True,
        doc="Where nothing is left: name of the filter that hides the most, and how many sides pass without it.",
    )

    inputs = (
        *FILTERS.values(),
        *("favourites_order", "favourites_sort", "favourites_direction", "table_page"),
    )
    exports = EXPORTS

    def _ask(self) -> dict[str, Any]:
        repository = self._source.repository
        values = self.state.link_values()
        wanted, order, page = filter_of(values), order_of(values), values["table_page"]
        answer = repository.favourites(wanted, order, (page - 1) * PAGE_SIZE, PAGE_SIZE)
        last = max(1, -(-answer.total // PAGE_SIZE))
        if page > last:
            page = last
            answer = repository.favourites(wanted, order, (page - 1) * PAGE_SIZE, PAGE_SIZE)
        self.answer_of("favourites", answer)
        tightest = None
        if not answer.total:
            found = repository.tightest_favourite_filter(wanted)
            tightest = (FILTERS[found[0]], found[1]) if found else None
        categories = [(row["category"], row["markets"]) for row in repository.categories().rows() if row["category"]]
        self._source.show(answer.table["ticker"].to_pylist())
        return {"answer": answer, "categories": categories, "page": page, "tightest": tightest, "now": self._now()}

    def choose(self, **values: Any) -> None:
        """Set filters by name; the list begins at its first page again."""
        self.state.param.update(**values, table_page=1)

    def hiding(self) -> list[str]:
        """Return the names of the values that hide something, in the order the screen names them."""
        return [name for name in FILTERS.values() if getattr(self.state, name) != HIDES_NOTHING.get(name)]

    def without(self, *names: str) -> dict[str, Any]:
        """Return the values of a link to the same list without some filters."""
        own = {key.name: getattr(self.state, key.name) for key in page_keys.PAGE_KEYS["favourites"]}
        return own | {name: HIDES_NOTHING.get(name) for name in names} | {"table_page": 1}

    def drop(self, name: str) -> None:
        """Take a filter away."""
        self.choose(**{name: HIDES_NOTHING.get(name)})

    def restore(self) -> None:
        """Set all filters to what the page begins with."""
        self.choose(**{name: page_keys.DEFAULTS[name] for name in FILTERS.values()})

    def sort_by(self, word: str) -> None:
        """Sort by a column, or turn its direction if it is sorted by already; back to the first page."""
        direction = "asc" if word in ASCENDING_FIRST else "desc"
        if self.state.favourites_sort == word:
            direction = "asc" if self.state.favourites_direction == "desc" else "desc"
        self.state.param.update(favourites_sort=word, favourites_direction=direction, table_page=1)
