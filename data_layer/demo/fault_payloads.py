"""Faults in what an answer says: paging that breaks its own rules, and shapes that drift."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

Payload = dict[str, Any]
_PRICES = (
    "yes_bid",
    "yes_ask",
    "no_bid",
    "no_ask",
    "last_price",
    "previous_yes_bid",
    "previous_yes_ask",
    "previous_price",
)
_COUNTS = ("volume", "volume_24h", "open_interest")


def rows_of(payload: Payload) -> list[Any]:
    """Return the list a page carries (markets, events, trades, …), empty if there is none."""
    for value in payload.values():
        if isinstance(value, list):
            return value
    return []


def markets_in(payload: Payload) -> Iterator[dict[str, Any]]:
    """Yield every market object of an answer, nested ones too."""
    if isinstance(payload.get("market"), dict):
        yield payload["market"]
    yield from payload.get("markets") or ()
    events = payload.get("events") or ([payload["event"]] if isinstance(payload.get("event"), dict) else [])
    for event in events:
        yield from event.get("markets") or ()


def _cents(text: str) -> int:
    return round(float(text) * 100)


def in_cents(payload: Payload) -> None:
    """Write prices as whole cents and counts as whole numbers, under the old names, as before March 2026."""
    for market in markets_in(payload):
        for name in _PRICES:
            if f"{name}_dollars" in market:
                market[name] = _cents(market.pop(f"{name}_dollars"))
        for name in _COUNTS:
            if f"{name}_fp" in market:
                market[name] = int(float(market.pop(f"{name}_fp")))


def both_forms(payload: Payload) -> None:
    """Write prices in both forms, and let them disagree."""
    for market in markets_in(payload):
        for name in _PRICES:
            if f"{name}_dollars" in market:
                market[name] = (_cents(market[f"{name}_dollars"]) + 17) % 100


def without_field(payload: Payload, field: str = "yes_bid_dollars") -> None:
    """Leave a field out of every market."""
    for market in markets_in(payload):
        market.pop(field, None)


def with_field(payload: Payload, field: str = "yes_bid_dollars_v2") -> None:
    """Add a field nobody has heard of to every market, and to the answer."""
    payload["schema_version"] = 4
    for market in markets_in(payload):
        market[field] = {"amount": "0.5600", "currency": "usd"}


def type_changed(payload: Payload, field: str = "yes_bid_dollars") -> None:
    """Write a text field of every market as a number."""
    for market in markets_in(payload):
        if field in market:
            market[field] = float(market[field])


def null_rows(payload: Payload) -> None:
    """Put null where the list should be."""
    for name, value in payload.items():
        if isinstance(value, list):
            payload[name] = None


def rows_as_object(payload: Payload) -> None:
    """Put an object where the list should be."""
    for name, value in payload.items():
        if isinstance(value, list):
            payload[name] = {str(number): row for number, row in enumerate(value)}


def row_without_ticker(payload: Payload) -> None:
    """Take the ticker from the first market of the page (the first event, where there are no markets)."""
    for market in markets_in(payload):
        market.pop("ticker", None)
        return
    for row in rows_of(payload)[:1]:
        row.pop("event_ticker", None)
        row.pop("ticker", None)


def shrunk(payload: Payload) -> None:
    """Keep a tenth of the rows and end the walk: the total has fallen by 90 %."""
    rows = rows_of(payload)
    del rows[max(len(rows) // 10, 1) :]
    if "cursor" in payload:
        payload["cursor"] = ""


def price_moved(market: dict[str, Any]) -> dict[str, Any]:
    """Return a market a little later, with other quotes."""
    moved = dict(market)
    for name in ("yes_bid_dollars", "yes_ask_dollars"):
        if name in moved:
            moved[name] = f"{min(max(float(moved[name]) + 0.05, 0), 1):.4f}"
    return moved


MUTATIONS: dict[str, Callable[..., None]] = {
    "cents": in_cents,
    "disagreeing-forms": both_forms,
    "field-removed": without_field,
    "field-added": with_field,
    "type-changed": type_changed,
    "rows-null": null_rows,
    "rows-object": rows_as_object,
    "row-without-ticker": row_without_ticker,
    "shrunk": shrunk,
}


class Walks:
    """Follows walks over pages, so that a fault can strike on the third page of one."""

    def __init__(self) -> None:
        self._page: dict[str, tuple[str, int]] = {}
        self._kept: dict[str, Any] = {}
        self.aliases: dict[str, str] = {}

    def page(self, walk: str, cursor: str) -> int:
        """Return which page of its walk a request asks for; asking again does not count."""
        last, number = self._page.get(walk, ("", 0))
        if not cursor:
            number = 1
        elif cursor != last:
            number += 1
        self._page[walk] = (cursor, number)
        return number

    def alias(self, cursor: str) -> str:
        """Return a new cursor that stands for another."""
        token = f"again{len(self.aliases)}x"
        self.aliases[token] = cursor
        return token

    def change(self, name: str, payload: Payload, walk: str, cursor: str, page: int) -> None:
        """Apply a paging fault to a page."""
        rows = rows_of(payload)
        if name == "cursor-repeats" and payload.get("cursor") and page > 1:
            payload["cursor"] = cursor
        elif name == "cursor-endless" and payload.get("cursor") == "":
            payload["cursor"] = self.alias("")
        elif name == "same-market-twice" and rows:
            kept = self._kept.get(walk)
            if kept is not None and page > 1:
                rows.insert(0, price_moved(kept))
            self._kept[walk] = json.loads(json.dumps(rows[-1]))
        elif name == "market-moves" and rows and page > 1:
            del rows[0]
        elif name == "empty-page" and page == 2:
            rows.clear()
            payload["cursor"] = self.alias(cursor)


PAGING = ("cursor-repeats", "cursor-endless", "same-market-twice", "market-moves", "empty-page")
