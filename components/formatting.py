"""Numbers and times as text: cents, percent, counts, ages, moments. Decimals stay exact; absent is an em dash.

The minus is a real minus (U+2212). Prices are given in dollars and shown in cents with the digits of the tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

ABSENT = "—"
MINUS = "\u2212"
#: As wide as a digit, and as wide as a full stop, where figures are tabular: they keep decimal points in one line.
FIGURE_SPACE, PUNCTUATION_SPACE = "\u2007", "\u2008"

EASTERN = ZoneInfo("America/New_York")

Number = Decimal | int | float


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _fixed(value: Decimal, digits: int, signed: bool = False) -> str:
    """Return `value` with `digits` decimals, thousands separated, with a real minus (and a plus if `signed`)."""
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    text = f"{abs(rounded):,.{digits}f}"
    if rounded < 0:
        return MINUS + text
    return "+" + text if signed and rounded > 0 else text


def tick_digits(tick_dollars: Number | None) -> int:
    """Return how many decimals of a cent a price on this grid needs: 0 for 0.01, 1 for 0.001, 2 for 0.0001."""
    if tick_dollars is None:
        return 0
    exponent = (_decimal(tick_dollars) * 100).normalize().as_tuple().exponent
    return min(2, max(0, -exponent)) if isinstance(exponent, int) else 0


def price_digits(price_dollars: Number | None, tick_dollars: Number | None) -> int:
    """Return the decimals a price needs so that nothing of it is hidden, at least those of its tick."""
    return max(tick_digits(tick_dollars), tick_digits(price_dollars) if price_dollars else 0)


#: Prices of one row of a list, in dollars.
PRICES = ("yes_bid_dollars", "yes_ask_dollars", "last_price_dollars", "spread_dollars")


def row_digits(row: Mapping[str, Any]) -> int:
    """Return the most decimals of a cent that any price of a market's row needs."""
    return max(price_digits(row[name], row["tick_dollars"]) for name in PRICES)


def cents(price_dollars: Number | None, tick_dollars: Number | None = None, width: int = 0) -> str:
    """Return a price in cents without the unit: ``0.5600`` is ``56``, on a sub-penny grid ``56.0``.

    A price finer than its tick keeps its digits. `width` pads with blank figures to that many decimals, so that
    points stand under each other in a column.
    """
    if price_dollars is None:
        return ABSENT
    digits = price_digits(price_dollars, tick_dollars)
    text = _fixed(_decimal(price_dollars) * 100, digits)
    if width > digits:
        text += (PUNCTUATION_SPACE if not digits else "") + FIGURE_SPACE * (width - digits)
    return text


def price(price_dollars: Number | None, tick_dollars: Number | None = None) -> str:
    """Return a price with its unit, ``56¢``; an absent price is a dash."""
    text = cents(price_dollars, tick_dollars)
    return text if price_dollars is None else f"{text}¢"


def percent(share: Number | None, digits: int = 0) -> str:
    """Return a share (0–1) as percent: ``0.563`` is ``56%``."""
    return ABSENT if share is None else f"{_fixed(_decimal(share) * 100, digits)}%"


def share_of_whole(share: Decimal) -> str:
    """Return a part of a whole (0–1) as percent with one decimal; what is too small to show is ``<0.1%``, not 0."""
    return "<0.1%" if 0 < share < Decimal("0.0005") else percent(share, 1)


def points(change_pp: Number | None, digits: int = 1) -> str:
    """Return a change in percentage points with arrow and sign: ``▲ +3.0``, ``▼ −1.5``, ``0.0``; absent is a dash."""
    if change_pp is None:
        return ABSENT
    text = _fixed(_decimal(change_pp), digits, signed=True)
    return {"+": f"▲ {text}", MINUS: f"▼ {text}"}.get(text[0], text)


def count(contracts: Number | None, exact: bool = False) -> str:
    """Return a count with thousands separators; `exact` keeps up to two decimals of fractional contracts."""
    if contracts is None:
        return ABSENT
    value = _decimal(contracts)
    digits = 2 if exact and value != value.to_integral_value() else 0
    return _fixed(value, digits)


def decimals(value: Number, digits: int = 0, *, signed: bool = False) -> str:
    """Return a number with a fixed count of decimals, thousands separated, with a real minus (a plus if `signed`)."""
    return _fixed(_decimal(value), digits, signed)


def byte_size(size: int | None) -> str:
    """Return a number of bytes in the largest decimal unit that fits: ``12.3 MB``; absent is a dash."""
    if size is None:
        return ABSENT
    for unit, power in (("GB", 9), ("MB", 6), ("kB", 3)):
        if size >= 10**power:
            return f"{_fixed(Decimal(size).scaleb(-power), 1)} {unit}"
    return f"{size} B"


def duration(span: timedelta) -> str:
    """Return a time span in its two largest units: ``3 d 4 h``, ``12 min``, ``40 s``; without its sign."""
    seconds = int(abs(span.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds % 86_400 // 3_600, seconds % 3_600 // 60
    if days >= 730:
        return f"{days / 365.25:.0f} y"
    if days >= 60:
        return f"{days} d"
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def age(moment: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was: ``just now`` (under 10 s), ``4 min ago``; in the future ``in 4 min``."""
    if moment is None:
        return "never"
    span = now - moment
    if timedelta(seconds=-10) < span < timedelta(seconds=10):
        return "just now"
    return f"{duration(span)} ago" if span > timedelta(0) else f"in {duration(span)}"


def until(moment: datetime | None, now: datetime) -> str:
    """Return the time left until a moment: ``3 d 4 h``; ``ended`` once it is past; absent is a dash."""
    if moment is None:
        return ABSENT
    return duration(moment - now) if moment > now else "ended"


def zone_of(name: str, local: str = "") -> tuple[tzinfo, str]:
    """Return the time zone and its label for ``et``, ``utc`` or ``local`` (an IANA name; unknown ones become UTC)."""
    if name == "et":
        return EASTERN, "ET"
    if name == "local" and local:
        try:
            return ZoneInfo(local), local.rsplit("/", 1)[-1].replace("_", " ")
        except (KeyError, ValueError, OSError):
            return UTC, "UTC"
    return UTC, "UTC"


def moment(value: datetime | None, zone: str = "et", local: str = "") -> str:
    """Return a moment in a zone, zone named: ``22 Nov 2026, 14:05 ET``; absent is a dash."""
    if value is None:
        return ABSENT
    info, label = zone_of(zone, local)
    there = value.astimezone(info)
    return f"{there.day} {there:%b %Y, %H:%M} {label}"


def clock(value: datetime, zone: str = "et", local: str = "") -> str:
    """Return the time of day in a zone, zone named: ``14:02 ET``."""
    info, label = zone_of(zone, local)
    return f"{value.astimezone(info):%H:%M} {label}"
