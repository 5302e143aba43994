"""The table of compared markets: its columns, and the cells of a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.models.compare_chart import Moved, Span
from app.models.event_chart import OVER
from app.pages.chance_cell import chance_cell
from app.pages.market_facts import STATUS_WORDS, same_outcome, tone_of
from app.pages.markets_columns import Setting
from components import formatting
from components.quoting import PriceStyle
from components.tables import Cell, cell, column

Row = Mapping[str, Any]

#: A first quote this much later than the window's start is said to be later.
LATE = timedelta(minutes=5)


def columns(style: PriceStyle) -> list[dict[str, Any]]:
    """Return the columns, headed in a unit and for a side."""
    chance = (
        "The present quote: middle of bid and ask where the spread is at most 20¢, else the last trade;"
        " what it paid once decided"
    )
    start = "Chance at the window's start; the first one after it, with its time, where nothing was known then"
    points = (
        "Chance (the present quote, where the line of the chart ends) less chance at the start, in percentage points;"
        " to the last quote of a market that is over"
    )
    log_odds = "The same in natural log-odds: from 1¢ to 2¢ it is +0.70, from 50¢ to 51¢ +0.04"

    def number(key: str, label: str, title: str, **more: Any) -> dict[str, Any]:
        return column(key, label, style.about(title), kind="number", align="right", **more)

    return [
        column("title", "Market", "Question, and the outcome that YES stands for", kind="link"),
        column(
            "chance",
            style.heading("Chance", chance=True),
            style.about(chance),
            kind="bar",
            align="right",
            narrow="second",
            short=style.named(style.mark),
            flash=True,
        ),
        number("start", style.heading("At start", chance=True), start),
        number("change", "Change pp", points, narrow="second", short="pp", flash=True),
        number("odds", "Change log-odds", log_odds),
        number("spread", "Spread ¢", "Ask less bid", flash=True),
        number("volume24h", "Volume 24 h", "Contracts traded in the last 24 hours", narrow="second", short="vol"),
        column("closes", "Closes in", "Until settlement is expected, or trading closes if that is earlier"),
        column(
            "history",
            "History",
            "Until when the line reaches: its present quote, else its last candlestick; or why there is none",
        ),
    ]


def cells(item: Row, moved: Moved, span: Span, why: str, s: Setting) -> list[Cell]:
    """Return the cells of one market, in the order of `columns`; `why` says why it has no line."""
    title, outcome = item["title"] or item["ticker"], item["outcome"]
    change = s.style.change(moved.change_pp)
    return [
        cell(title, sub="" if same_outcome(title, outcome) else outcome, title=f"{title} · {item['ticker']}"),
        chance_cell(item, s.style),
        _start(moved, span, s),
        cell(change, tone=tone_of(change)),
        _log_odds(moved, s.style),
        cell(
            formatting.cents(item.get("spread_dollars"), item["tick_dollars"], s.width),
            tone="amber" if item["quote_quality"] == "wide" else "",
        ),
        cell(formatting.count(item["volume_24h_contracts"])),
        _closes(item, span, s),
        cell(why, tone="amber") if why else _history(moved, s),
    ]


def _start(moved: Moved, span: Span, s: Setting) -> Cell:
    if moved.then is None or moved.since is None:
        return cell(formatting.ABSENT, tone="muted")
    late = span.start is not None and moved.since - span.start > LATE
    said = s.times.short(moved.since, s.now)
    return cell(
        s.style.chance(moved.then),
        sub=f"from {said}" if late else "",
        title=f"{'nothing was known at the start; first known' if late else 'known'} {said}",
    )


def _history(moved: Moved, s: Setting) -> Cell:
    what = "present quote, received" if moved.quoted else "last candlestick, ended"
    return cell(s.times.age(moved.until, s.now), title=f"{what} {s.times.moment(moved.until)}")


def _log_odds(moved: Moved, style: PriceStyle) -> Cell:
    change = style.change_of(moved.change_log_odds)
    if change is None:
        return cell(formatting.ABSENT, tone="muted")
    said = formatting.decimals(change, 2, signed=True)
    return cell(said, tone="up" if change > 0 else "down" if change < 0 else "muted")


def _closes(item: Row, span: Span, s: Setting) -> Cell:
    if item["result"] or item["status"] in OVER:
        said = (
            f"settled {item['result'].upper()}" if item["result"] else STATUS_WORDS.get(item["status"], ("over",))[0]
        )
        return cell(said, title=s.times.moment(item["settlement_time"] or span.close), tone="muted")
    ends = item["expected_time"]
    return cell(s.times.until(ends, s.now), title=s.times.other(ends, s.now))
