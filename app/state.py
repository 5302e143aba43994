"""What one session is looking at: exactly what a link can carry."""

from __future__ import annotations

from typing import Any

import param

from app import url


class State(param.Parameterized):
    """The values of a link, as parameters; models and pages watch them, the router writes them into the address.

    Set several at once with `param.update`, so that one change is one event and one entry in the history.
    """

    page: param.Selector[str] = param.Selector(
        default=url.DEFAULTS["page"], objects=[*url.PAGE_KEYS, url.MISSING], doc="Page on the screen."
    )
    text = param.String(default=url.DEFAULTS["text"], doc="Words every listed market must contain.")
    category = param.String(default=url.DEFAULTS["category"], doc="Only markets of this category; empty means all.")
    sort: param.Selector[str] = param.Selector(
        default=url.DEFAULTS["sort"], objects=list(url.SORTS), doc="Column the list is sorted by."
    )
    direction: param.Selector[str] = param.Selector(
        default="desc", objects=["desc", "asc"], doc="Direction of the sort."
    )
    table_page = param.Integer(
        default=1, bounds=(1, url.MAX_TABLE_PAGE), doc="Page of the list that is shown, counted from 1."
    )
    ticker = param.String(default="", doc="Market that is open; empty on other pages.")
    period: param.Selector[str] = param.Selector(
        default="1h", objects=list(url.PERIODS), doc="Period of one candlestick."
    )
    window: param.Selector[str] = param.Selector(
        default="7d", objects=list(url.WINDOWS), doc="How far back the chart reaches."
    )
    axis: param.Selector[str] = param.Selector(
        default="fit", objects=list(url.AXES), doc="Price axis: fitted to the prices, or the full 0 to 100 cents."
    )
    zone: param.Selector[str] = param.Selector(
        default="et", objects=list(url.ZONES), doc="Time zone of every time on the screen."
    )

    def link_values(self) -> dict[str, Any]:
        """Return the values a link carries, by name."""
        return {name: getattr(self, name) for name in url.DEFAULTS}
