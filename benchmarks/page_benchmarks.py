"""(n) changes of what a page shows: every page that has something to choose, over the protocol."""

from __future__ import annotations

import csv
from collections.abc import Iterable

from benchmarks.change_benchmarks import WORDS, Changes, Message
from benchmarks.measuring import Row
from benchmarks.serving import Server
from tests.app.every_page import example
from tests.app.protocol import Visitor, run


def _said(key: str, *values: str) -> list[Message]:
    return [{"key": key, "value": value} for value in values]


def _each(key: str, values: Iterable[str], *then: Message) -> list[Message]:
    """Say one value after the other, and after each of them something more."""
    return [message for value in values for message in (*_said(key, value), *then)]


_WINDOWS = ("1d", "30d", "all", "7d")
_LEAST = tuple(str(100 + 50 * n) for n in range(24))
_TEXTS = tuple(f"{word}{more}" for more in ("", "s", "er") for word in WORDS[:8])
_AXES = _said("axis", "full", "fit")
_OUTCOMES = _each(
    "window",
    _WINDOWS,
    *_said("event_scale", "proportional", "power", "raw"),
    *_said("event_drawn", "stacked", "lines"),
    *_AXES,
)
#: What is changed on each page (after a comma: which of it), every message another value than the one before. What a
#: list is filtered by is never said twice, so that nothing comes from memory; switches go back and forth.
CHANGED: dict[str, list[Message]] = {
    "pulse": 8 * _said("share", "dollars", "interest", "contracts"),
    "movers": _said("movers_volume24h_min", *_LEAST),
    "movers, window": 6 * _said("movers_window", "1h", "6h", "7d", "24h"),
    "market": _each(
        "window",
        _WINDOWS,
        *_said("period", "1m", "1d", "1h"),
        *_said("chart_style", "candlesticks", "lines"),
        *_AXES,
    ),
    "event": _OUTCOMES,
    "series": _said("series_text", *_TEXTS),
    "series_detail": _OUTCOMES,
    "favourites": _said("favourites_volume_min", *_LEAST),
    "calendar": _each(
        "category",
        ("Sports", "Politics", ""),
        *_each("calendar_range", ("30d", "7d"), *_said("calendar_kind", "expires", "opens", "milestones", "closes")),
    ),
    "categories": 8 * _said("share", "dollars", "interest", "contracts"),
    "compare": _each(
        "window",
        _WINDOWS,
        *_said("compare_measure", "pp"),
        *_said("compare_align", "close"),
        *_said("compare_measure", "odds"),
        *_said("compare_align", "clock"),
        *_said("compare_measure", "level"),
    ),
    "watchlists": 5 * [{"kind": "sort", "sort": word} for word in ("title", "volume24h", "spread", "ends", "change")],
    "alerts": _said("alerts_text", *_TEXTS),
}


def lists(server: Server, bare: Server, markets: int) -> list[Row]:
    """Return (n): a change of what a page shows to the last patch."""
    tickers, event, series = _known(server)

    def address(page: str) -> str:
        ticker = tickers[0] if page == "market" else ",".join(tickers)
        return server.url(example(page, ticker=ticker, event=event, series=series))

    async def fetch() -> None:
        opened = [await Visitor.open(address(page)) for page in ("market", "event", "series_detail", "compare")]
        server.still()
        for visitor in opened:
            await visitor.close()

    async def visit(page: str, messages: Iterable[Message]) -> Changes:
        visitor, changes = await Visitor.open(address(page)), await Changes.beside(bare)
        for message in messages:
            component, answer = ("PagedTable", "sort") if "sort" in message else ("FilterBar", "values")
            await changes.make(visitor, component, message, lambda name=answer: visitor.last(name) is not None)
        return await changes.end(visitor)

    run(fetch(), times=5)
    return [
        run(visit(name.split(",")[0], messages), times=10).row(
            f"(n) {name}: a change to last patch, {markets:,} markets", 200
        )
        for name, messages in CHANGED.items()
    ]


def _known(server: Server) -> tuple[list[str], str, str]:
    """Return eight markets that trade, and the event and the series of the first."""
    rows = list(csv.DictReader(server.get("export?page=pulse&table=surges").decode().splitlines()))[:8]
    return [row["ticker"] for row in rows], rows[0]["event_ticker"], rows[0]["series_ticker"]
