"""The days of a market as a table that scrolls in itself: what was paid first, most, least, last, on average."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from components import formatting, listing
from components.listing import Head, Shown
from components.text import Markup

COLUMNS = (
    Head("Day", "US-Eastern day, newest first; the last one is under way while the market trades"),
    Head("Open ¢", "First price paid for YES", kind="number"),
    Head("High ¢", "Highest price paid for YES", kind="number"),
    Head("Low ¢", "Lowest price paid for YES", kind="number"),
    Head("Close ¢", "Last price paid for YES", kind="number"),
    Head("VWAP ¢", "Σ mean price × volume / Σ volume over the day's hours; none without a trade", kind="number"),
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
#: Days shown; older ones are on the chart.
MOST_DAYS = 31
PRICES = tuple(f"price_{name}_dollars" for name in ("open", "high", "low", "close"))


def days(rows: Sequence[dict[str, Any]], tick_dollars: Decimal | None) -> Markup:
    """Return the table of days (newest first); nothing where no hour is stored."""
    if not rows:
        return Markup()
    shown = rows[:MOST_DAYS]
    digits = max(formatting.price_digits(row[name], tick_dollars) for row in shown for name in PRICES)
    grid = Decimal(1).scaleb(-2 - digits)
    note = "US Eastern, from hourly candlesticks"
    if len(rows) > MOST_DAYS:
        note += f", newest {MOST_DAYS} of {len(rows)}"
    body = listing.listing(COLUMNS, [_day(row, grid) for row in shown], label="Days, newest first")
    return listing.section("Days", note, body)


def _day(row: dict[str, Any], grid: Decimal) -> list[Shown | str]:
    def price(value: Decimal | None, decimals: int | None = None) -> Shown:
        if value is None:
            return Shown(formatting.ABSENT, "No trade on this day", "muted")
        return Shown(
            formatting.cents(value, grid) if decimals is None else formatting.decimals(value * 100, decimals)
        )

    day = row["day"]
    return [
        Shown(f"{day:%a} {day.day} {day:%b %Y}", f"{row['hours']} hourly candlesticks"),
        *(price(row[name]) for name in PRICES),
        price(row["vwap_dollars"], 2),
        formatting.count(row["volume_contracts"]),
        formatting.count(row["open_interest_contracts"]),
    ]
