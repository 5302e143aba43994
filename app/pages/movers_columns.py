"""The columns of the movers: what each means, and how its cell is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.pages import line_words
from app.pages.market_facts import same_outcome, tone_of
from components import formatting, quality
from components.formatting import Number
from components.quoting import PriceStyle
from components.tables import Cell, cell, column
from components.timing import TimeStyle

Row = Mapping[str, Any]
UNKNOWN = "n/a"

#: Where the price at the beginning of a window is from: short, and in a sentence.
SOURCES = {
    "exchange": ("Kalshi", "as Kalshi sends it with the market"),
    "lake": ("own", "from the quotes this dashboard stored itself"),
    "candlesticks": ("candle", "from the hourly candlestick that ended then"),
}
_BASES = {"quotes": "middle of bid and ask with middle", "trades": "last trade with last trade"}


@dataclass(frozen=True)
class Setting:
    """What cells are written with beside their row: window and span of the lines in words, decimals of spreads."""

    window: str
    span: str
    width: int
    now: datetime
    lines: Mapping[str, Sequence[int | None]]
    style: PriceStyle
    times: TimeStyle


def columns(window: str, span: str, style: PriceStyle) -> list[dict[str, Any]]:
    """Return the columns for a window in words (``6 h``), what the sparklines span, and a style of prices."""
    return [
        column("title", "Market", "Question, and the outcome that YES stands for", kind="link", sort="title"),
        column("trend", span, f"Chance over the last {span}, stretched to its own range", kind="spark"),
        _number(
            "then",
            style.heading(f"{window} ago", chance=True),
            style.about("Chance of YES at the beginning of the window, and where it is from"),
        ),
        _number(
            "now",
            style.heading("Now", chance=True),
            style.about(
                "Chance of YES now, on the same basis: middle of bid and ask where both spreads are at most 20¢, "
                "else last trade"
            ),
            sort="chance",
            narrow="second",
            short="now",
            flash=True,
        ),
        _number(
            "pp",
            f"{window} pp",
            "Change in percentage points; larger than half the wider spread, now or then, or it is not listed",
            sort="pp",
            narrow="second",
            short="pp",
            flash=True,
        ),
        _number(
            "odds",
            "Δ log-odds",
            "Change of ln(p / (1 − p)): from 1 to 2 % is +0.70, from 50 to 51 % +0.04",
            sort="odds",
            flash=True,
        ),
        _number(
            "z",
            "z",
            "Change of log-odds over what the window brings in an ordinary week: σ of hourly changes of the 7 days "
            "before × √hours; n/a with fewer than 24 hourly changes",
            sort="z",
            narrow="second",
            short="z",
            flash=True,
        ),
        _number("spread", "Spread ¢", "Ask less bid, now", sort="spread", flash=True),
        _number(
            "volume24h",
            "Volume 24 h",
            "Contracts traded in the last 24 hours",
            sort="volume24h",
            narrow="second",
            short="vol",
            flash=True,
        ),
        column(
            "recent",
            "Recent %",
            "Share of all contracts ever traded that was traded in the last 24 hours",
            kind="bar",
            align="right",
            sort="recent",
        ),
        _number(
            "surge",
            "Surge ×",
            "Contracts of 24 hours over the mean day of the week before; n/a with fewer than 3 days of history. "
            "Marked from 3 on, where at least 1,000 contracts were traded",
            sort="surge",
        ),
        column("ends", "Ends in", "Until settlement is expected, or trading closes if that is earlier", sort="ends"),
    ]


def cells(item: Row, s: Setting) -> list[Cell]:
    """Return one row."""
    title, outcome = item["title"] or item["ticker"], item["outcome"]
    now = item["price_now"] if item["price_now"] is not None else item["probability"]
    change = s.style.change(item["change_pp"]) if item["change_pp"] is not None else UNKNOWN
    return [
        cell(title, sub="" if same_outcome(title, outcome) else outcome),
        _trend(item, s),
        _then(item, s),
        cell(s.style.chance(now), quality=item["quote_quality"], title=quality.about(item["quote_quality"])),
        cell(change, tone=tone_of(change)),
        _signed(s.style.change_of(item["change_log_odds"]), 2),
        _z(item, s),
        cell(
            formatting.cents(item["spread_dollars"], item["tick_dollars"], s.width),
            tone="amber" if item["quote_quality"] == "wide" else "",
        ),
        cell(formatting.count(item["volume_24h_contracts"])),
        _recent(item),
        _surge(item),
        cell(s.times.until(item["expected_time"], s.now), title=s.times.other(item["expected_time"], s.now)),
    ]


def _number(key: str, label: str, title: str, **more: Any) -> dict[str, Any]:
    return column(key, label, title, kind="number", align="right", **more)


def _trend(item: Row, s: Setting) -> Cell:
    return trend(s.lines.get(item["ticker"], ()), s.span, s.style)


def trend(points: Sequence[int | None], span: str, style: PriceStyle) -> Cell:
    """Return the cell of a sparkline: its line, as `app.models.movers.sparkline` makes it, and what it spans."""
    line, chances = line_words.told(points, style)
    if not line:
        return cell(UNKNOWN, tone="muted", title=f"No price of the last {span} is stored")
    first, last, least, most = chances
    said = f"{span}: from {first} to {last} {style.mark}, between {least} and {most} {style.mark}"
    return cell("", title=said, spark=line)


def _then(item: Row, s: Setting) -> Cell:
    if item["price_then"] is None:
        return cell(UNKNOWN, tone="muted", title=f"No price of {s.window} ago is known, or none that can be compared")
    short, said = SOURCES[item["then_source"]]
    when = s.times.moment(item["then_time"]) if item["then_time"] is not None else "24 hours ago"
    said = f"{s.style.chance(item['price_then'], marked=True)}, {said}: {when}. Compared: {_BASES[item['basis']]}."
    return cell(s.style.chance(item["price_then"]), sub=short, title=said)


def _signed(value: Number | None, digits: int) -> Cell:
    if value is None:
        return cell(UNKNOWN, tone="muted")
    text = formatting.points(value, digits).removeprefix("▲ ").removeprefix("▼ ")
    return cell(text, tone="up" if text[0] == "+" else "down" if text[0] == formatting.MINUS else "muted")


def _z(item: Row, s: Setting) -> Cell:
    shown = _signed(s.style.change_of(item["z"]), 1)
    seen = item["observations"] or 0
    if isinstance(shown, list) and item["z"] is not None:
        tip = f"σ {item['hourly_deviation']:.3f} log-odds an hour, of {seen} hours of the week before the window"
        return cell(shown[0], tone=str(shown[1]), title=tip)
    why = f"{seen} hourly changes in the week before the window are stored, a z needs 24"
    return cell(UNKNOWN, tone="muted", title=why if seen < 24 or item["change_pp"] is None else "It never moved then")


def _recent(item: Row) -> Cell:
    share = item["recent_share"]
    return cell(
        UNKNOWN if share is None else formatting.percent(share, 1).removesuffix("%"),
        bar=None if share is None else min(1.0, share),
    )


def _surge(item: Row) -> Cell:
    surge, mean = item["surge"], item["mean_daily_contracts"]
    if surge is None:
        why = "Nothing was traded in the days before" if mean == 0 else "Fewer than 3 days of history are stored"
        return cell(UNKNOWN, tone="muted", title=why)
    flagged = surge >= 3 and item["volume_24h_contracts"] >= 1000
    said = f"{surge:,.1f}" if surge < 99.95 else f"{surge:,.0f}"
    return cell(
        said, tone="amber" if flagged else "", title=f"The mean day of the week before: {mean:,.0f} contracts"
    )
