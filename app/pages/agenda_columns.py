"""The columns of the calendar's list, and how one row of it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.pages.market_facts import same_outcome
from components import formatting, quality
from components.quoting import PriceStyle
from components.tables import Cell, cell, column
from components.timing import TimeStyle

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """What cells are written with beside their row."""

    kind: str
    now: datetime
    style: PriceStyle
    times: TimeStyle


#: Heading of the first column, its meaning, and how a row's market is told, by kind.
_TIMES = {
    "closes": ("Closes", "When trading ends at the latest; it may end early"),
    "expires": ("Expires", "When the market is expected to expire"),
    "opens": ("Opens", "When trading begins"),
    "milestones": ("Starts", "When it starts in the world outside"),
}


def columns(kind: str, style: PriceStyle) -> list[dict[str, Any]]:
    """Return the columns of one kind in the reader's unit and side."""
    time, said = _TIMES[kind]
    number: dict[str, Any] = {"kind": "number", "align": "right"}
    stones = kind == "milestones"
    return [
        column(
            "title",
            "Milestone" if stones else "Event",
            "What starts" if stones else "The event; a row is all of its markets of one moment",
            kind="link",
            sort="title",
        ),
        column("time", time, said, sort="time", narrow="second", short=""),
        column("in", "In", "How long until then"),
        column(
            "outcome",
            "Most traded outcome",
            "Of the markets of the row the one with the most contracts in 24 hours",
            sort="outcome",
            narrow="second",
            short="",
        ),
        column(
            "chance",
            style.heading("Chance", chance=True),
            style.about("What that market believes: the middle of its quote, or its last trade"),
            sort="chance",
            narrow="second",
            short="",
            flash=True,
            **number,
        ),
        column("markets", "Markets", "Markets of the row", sort="markets", narrow="second", **number),
        column(
            "volume24h",
            "Volume 24 h",
            "Contracts that the markets of the row traded in 24 hours",
            sort="volume24h",
            narrow="second",
            short="24 h",
            **number,
        ),
        column(
            "interest",
            "Open interest",
            "Contracts outstanding in the markets of the row",
            sort="interest",
            **number,
        ),
        column("category", "Type" if stones else "Category", ""),
    ]


def cells(item: Row, setting: Setting) -> list[Cell]:
    """Return one row, cell by cell in the order of `columns`."""
    times, now = setting.times, setting.now
    title = item["title"] or item["event_ticker"] or item["entry"]
    outcome = item["outcome"] or ""
    chance = cell(
        setting.style.chance(item["probability"]),
        title=quality.about(item["quote_quality"]),
        quality=item["quote_quality"] or "none",
    )
    kind = (item["type"] or "").replace("_", " ")
    return [
        cell(title),
        cell(times.short(item["time"], now), title=times.moment(item["time"])),
        formatting.until(item["time"], now),
        cell("" if same_outcome(title, outcome) else outcome),
        chance if item["ticker"] else cell(formatting.ABSENT, title="None of its events has an open market"),
        f"{item['markets']:,}",
        formatting.count(item["volume_24h_contracts"]),
        formatting.count(item["open_interest_contracts"]),
        cell(kind or item["category"] or "", title=item["category"] if kind else ""),
    ]
