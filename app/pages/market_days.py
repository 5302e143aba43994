"""The days of a market as a table that scrolls in itself: what was paid first, most, least, last, on average."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from app.models.market import MOST_DAYS
from components import formatting, listing
from components.listing import Head, Shown
from components.quoting import PriceStyle
from components.text import Markup


def heads(style: PriceStyle) -> tuple[Head, ...]:
    """Return the columns in the reader's unit, for his side."""

    def price(label: str, about: str) -> Head:
        return Head(style.heading(label), style.about(about), kind="number")

    return (
        Head("Day", "US-Eastern day, newest first; the last one is under way while the market trades"),
        price("Open", "First price paid for YES"),
        price("High", "Highest price paid for YES"),
        price("Low", "Lowest price paid for YES"),
        price("Close", "Last price paid for YES"),
        price("VWAP", "Σ mean price of YES × volume / Σ volume over the day's hours; none without a trade"),
        Head("Volume", "Contracts traded", kind="number"),
        Head("Open interest", "Contracts outstanding at the end of the day", kind="number"),
    )


CSS = (
    listing.CSS
    + """
.part { padding-bottom: 8px; }
.part h2 { font: 600 13px/1.4 var(--ka-font); }
.listing { max-height: 300px; overflow-y: auto; }
.listing thead th { position: sticky; top: 0; box-shadow: inset 0 -1px var(--ka-line); }
"""
)
#: A mean of prices lies between the steps of their grid.
_MEAN_GRID = Decimal("0.0001")
PRICES = tuple(f"price_{name}_dollars" for name in ("open", "high", "low", "close"))


def days(rows: Sequence[dict[str, Any]], tick_dollars: Decimal | None, style: PriceStyle) -> Markup:
    """Return the table of days (newest first); nothing where no hour is stored."""
    if not rows:
        return Markup()
    shown = rows[:MOST_DAYS]
    digits = max(formatting.price_digits(row[name], tick_dollars) for row in shown for name in PRICES)
    grid = Decimal(1).scaleb(-2 - digits)
    note = "US Eastern, from hourly candlesticks"
    if len(rows) > MOST_DAYS:
        note += f", newest {MOST_DAYS} of {len(rows)}"
    body = listing.listing(heads(style), [_day(row, grid, style) for row in shown], label="Days, newest first")
    return listing.section("Days", note, body, info_key="days")


def _day(row: dict[str, Any], grid: Decimal, style: PriceStyle) -> list[Shown | str]:
    def price(value: Decimal | None, step: Decimal) -> Shown:
        if value is None:
            return Shown(formatting.ABSENT, "No trade on this day", "muted")
        return Shown(style.price(value, step))

    day = row["day"]
    first, high, low, last = (row[name] for name in PRICES)
    high, low = (low, high) if style.flipped else (high, low)
    mean = row["vwap_dollars"]
    return [
        Shown(f"{day:%a} {day.day} {day:%b %Y}", f"{row['hours']} hourly candlesticks"),
        *(price(value, grid) for value in (first, high, low, last)),
        price(mean if mean is None else Decimal(mean).quantize(_MEAN_GRID), _MEAN_GRID),
        formatting.count(row["volume_contracts"]),
        formatting.count(row["open_interest_contracts"]),
    ]
