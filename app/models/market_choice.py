"""From the values of a link to the question that is asked: which markets, in which order.

The list on the screen and the export of it are the same question, so both ask it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app import page_keys
from data_layer.questions import MarketColumn, MarketFilter, Order, QuoteQuality

#: Status in words of a link, and what the exchange calls it.
STATUSES: dict[str, tuple[str, ...]] = {
    "open": ("active",),
    "paused": ("inactive",),
    "unopened": ("initialized",),
    "closed": ("closed", "determined", "disputed", "amended"),
    "settled": ("finalized", "settled"),
}

#: Part of a `MarketFilter`, and the value of a link that it comes from; in the order the screen names them.
FILTERS: dict[str, str] = {
    "text": "text",
    "categories": "category",
    "series": "series",
    "statuses": "status",
    "probability_min": "chance_min",
    "probability_max": "chance_max",
    "spread_min_dollars": "spread_min",
    "spread_max_dollars": "spread_max",
    "volume_24h_min_contracts": "volume24h_min",
    "volume_min_contracts": "volume_min",
    "open_interest_min_contracts": "interest_min",
    "days_to_close_min": "days_min",
    "days_to_close_max": "days_max",
    "days_since_open_max": "opened_max",
    "qualities": "quality",
}

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


#: What a column of a list shows for NO, in columns of YES, the other way round: the NO bid is 1 less the YES ask.
_OF_NO = {"probability": "probability", "bid": "ask", "ask": "bid", "last": "last", "change": "change"}


def filter_of(values: Mapping[str, Any]) -> MarketFilter:
    """Return the filter that a link's values describe: percent become shares, cents dollars."""
    category = values["category"]
    return MarketFilter(
        text=values["text"],
        categories=(category,) if category else (),
        series=values["series"],
        statuses=tuple(said for word in values["status"] for said in STATUSES[word]),
        qualities=tuple(QuoteQuality(word) for word in values["quality"]),
        probability_min=_hundredth(values["chance_min"]),
        probability_max=_hundredth(values["chance_max"]),
        spread_min_dollars=_hundredth(values["spread_min"]),
        spread_max_dollars=_hundredth(values["spread_max"]),
        volume_min_contracts=_whole(values["volume_min"]),
        volume_24h_min_contracts=_whole(values["volume24h_min"]),
        open_interest_min_contracts=_whole(values["interest_min"]),
        days_to_close_min=values["days_min"],
        days_to_close_max=values["days_max"],
        days_since_open_max=values["opened_max"],
    )


def order_of(values: Mapping[str, Any]) -> tuple[Order, ...]:
    """Return the order that a link's values describe; equal rows stand in the order of their tickers.

    Without that last tie-break a row could be on two pages.
    """
    chosen = {values["sort"]: values["direction"] == "desc"}
    for tie in values["ties"]:
        chosen.setdefault(tie.removeprefix("-"), tie.startswith("-"))
    chosen.setdefault("ticker", False)
    turned = (order_for_yes(word, descending, values["side"]) for word, descending in chosen.items())
    return tuple(Order(COLUMNS[word], descending) for word, descending in turned)


def order_for_yes(word: str, descending: bool, side: str) -> tuple[str, bool]:
    """Return the order by a column as it is shown, in columns of YES: the largest of NO is the smallest of YES."""
    return (_OF_NO[word], not descending) if side == "no" and word in _OF_NO else (word, descending)


def active(values: Mapping[str, Any]) -> list[str]:
    """Return the names of the values that filter something, in the order the screen names them."""
    return [name for name in FILTERS.values() if values[name] != page_keys.DEFAULTS[name]]


def _hundredth(value: Decimal | None) -> Decimal | None:
    return None if value is None else value / 100


def _whole(value: Decimal | None) -> int | None:
    return None if value is None else int(value)
