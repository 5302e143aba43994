"""What compared markets are called where there is little room: what tells one from the others survives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.pages.market_facts import same_outcome
from components.text import LIMIT, plain

Row = Mapping[str, Any]

#: Characters of a name on the chart: its value stands behind it.
ON_CHART = 24
#: Characters of a name in a chip.
IN_CHIP = 48
#: Characters a title keeps, at least, before its outcome.
LEAST_OF_TITLE = 7
BETWEEN = " — "


def names(rows: Sequence[Row], limit: int = ON_CHART) -> dict[str, str]:
    """Return what each market is called in at most `limit` characters, by ticker.

    Of markets that share their title or their event it is the outcome, else title and outcome, the title shortened
    first. Where that would call two the same they have title and outcome, and at last the end of the ticker.
    """
    ways = (_alone(rows, limit), [_both(row, limit) for row in rows], [_ending(row, limit) for row in rows])
    called = list(ways[0])
    for way in ways[1:]:
        called = [other if called.count(name) > 1 else name for name, other in zip(called, way, strict=True)]
    return {row["ticker"]: name for row, name in zip(rows, called, strict=True)}


def full_names(rows: Sequence[Row]) -> dict[str, str]:
    """Return the question and the outcome of each market, uncut, by ticker."""
    return {row["ticker"]: _both(row, LIMIT) for row in rows}


def _says_more(row: Row) -> bool:
    """Return whether the outcome says more than the title; a chance is one of YES in any case."""
    return not same_outcome(row["title"], row["outcome"]) and plain(row["outcome"]).casefold() != "yes"


def _alone(rows: Sequence[Row], limit: int) -> list[str]:
    """Return the outcomes of those that share their question, the others as `_both` has them."""
    titles, events = [plain(row["title"]) for row in rows], [row["event_ticker"] for row in rows]
    return [
        plain(row["outcome"], limit)
        if _says_more(row) and (titles.count(title) > 1 or events.count(row["event_ticker"]) > 1)
        else _both(row, limit)
        for row, title in zip(rows, titles, strict=True)
    ]


def _both(row: Row, limit: int) -> str:
    """Return title and outcome: what is too much is taken from the title's end, then from the outcome's."""
    title = plain(row["title"] or row["ticker"])
    if not _says_more(row):
        return plain(title, limit)
    outcome = plain(row["outcome"])
    room = max(LEAST_OF_TITLE, limit - len(BETWEEN) - len(outcome))
    title = plain(title, room)
    return f"{title}{BETWEEN}{plain(outcome, limit - len(BETWEEN) - len(title))}"


def _ending(row: Row, limit: int) -> str:
    """Return the end of the ticker: its beginning is the series, which markets share."""
    ticker = str(row["ticker"])
    return ticker if len(ticker) <= limit else "…" + ticker[1 - limit :]
