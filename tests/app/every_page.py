"""A link to each page that shows something, made from the keys of its links: a new page is among them by itself."""

from __future__ import annotations

from app import page_keys
from app.pages import PAGES

#: Every page's word.
NAMES = list(PAGES)


def example(name: str, *, ticker: str, event: str, series: str) -> str:
    """Return a query for a page, with a market, an event and a series where its links can carry one."""
    given = {"ticker": ticker, "tickers": ticker, "event": event, "series_ticker": series}
    keys = {key.name: key for key in page_keys.PAGE_KEYS[name]}
    said = {key.name: given[key.short] for key in keys.values() if key.short in given}
    return "?" + "&".join([f"page={name}", *(f"{keys[key].short}={value}" for key, value in said.items())])
