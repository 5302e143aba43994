"""The list of favourites: filters, order and page in; one page of sides out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app import page_keys
from app.models.exports import Export
from app.models.list_model import PAGE_SIZE, ListModel
from app.models.table import direction_after, page_or_last
from data_layer.analytics import returns
from data_layer.questions import FavouriteColumn, FavouriteFilter, Order

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


class FavouritesModel(ListModel):
    """One page of the list of favourites, as the session's filters, order and page number say."""

    page_name = "favourites"
    #: Where the values of `FILTERS` hide nothing that could be a favourite.
    neutral = {**dict.fromkeys(FILTERS.values()), "favourites_side": "both", "category": ""}
    inputs = (
        *FILTERS.values(),
        *("favourites_order", "favourites_sort", "favourites_direction", "table_page"),
    )
    exports = EXPORTS

    def _ask(self) -> dict[str, Any]:
        repository = self._source.repository
        values = self.state.link_values()
        wanted, order = filter_of(values), order_of(values)
        answer, page = page_or_last(
            lambda offset: repository.favourites(wanted, order, offset, PAGE_SIZE), values["table_page"], PAGE_SIZE
        )
        self.answer_of("favourites", answer)
        tightest = None
        if not answer.total:
            found = repository.tightest_favourite_filter(wanted)
            tightest = (FILTERS[found[0]], found[1]) if found else None
        self._source.show(answer.table["ticker"].to_pylist())
        return {
            "answer": answer,
            "categories": self._categories(),
            "page": page,
            "tightest": tightest,
            "now": self._now(),
        }

    def restore(self) -> None:
        """Set all filters to what the page begins with."""
        self.choose(**{name: page_keys.DEFAULTS[name] for name in FILTERS.values()})

    def sort_by(self, word: str) -> None:
        """Sort by a column, or turn its direction if it is sorted by already; back to the first page."""
        sort, direction = self.state.favourites_sort, self.state.favourites_direction
        direction = direction_after(word, sort, direction, ASCENDING_FIRST)
        self.state.param.update(favourites_sort=word, favourites_direction=direction, table_page=1)
