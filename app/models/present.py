"""What is quoted at present: the end of a market's line, as the exchange gives finished candlesticks alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.models.freshness import STALE


@dataclass(frozen=True)
class Present:
    """One market's present quote: prices of YES in dollars, and the chance (0–1) the page shows; None where absent.

    `time` is when it was received (UTC); `is_now` says that it is younger than what counts as stale.
    """

    time: datetime
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    chance: Decimal | None
    tick: Decimal | None
    is_now: bool
    interest: Decimal | None = None


@dataclass(frozen=True)
class Ending:
    """Where a line ends in a present quote: when that was received, and the line's end (ms, as the chart's times)."""

    quote: Present
    since: float
    until: float


def present(row: Mapping[str, Any], end: datetime, now: datetime) -> Present | None:
    """Return the present quote of a market's row for a window up to `end` (UTC).

    None where nothing is traded or quoted, or where the window ends before the quote.
    """
    time: datetime | None = row["quote_time"]
    if row["status"] != "active" or time is None or (time > end and end < now):
        return None
    bid, ask, last = (row[name] for name in ("yes_bid_dollars", "yes_ask_dollars", "last_price_dollars"))
    if bid is None and ask is None and last is None:
        return None
    is_now, interest = now - time < STALE, row["open_interest_contracts"]
    return Present(time, bid, ask, last, row["probability"], row["tick_dollars"], is_now, interest)


def standing_until(quotes: Iterable[Present | None]) -> datetime | None:
    """Return until when quotes that belong together stand: until the newest of them; None without one."""
    return max((quote.time for quote in quotes if quote is not None), default=None)


def end_of(quote: Present, newest: datetime) -> datetime:
    """Return where a line ends beside others whose newest quote is `newest`: there too, unless its quote is stale."""
    return newest if newest - quote.time < STALE else quote.time
