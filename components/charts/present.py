"""The present quote at the end of a line: no candlestick, as those are given only once they have ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from components.formatting import Number
from components.quoting import PriceStyle

_OF_YES = PriceStyle()


@dataclass(frozen=True)
class PresentQuote:
    """What is quoted of one market: prices of YES in dollars, the chance (0–1) that is shown; None where absent.

    `time` is when it was received (UTC); `is_now` says that it is young enough to be called the present one.
    """

    time: datetime
    bid: Number | None = None
    ask: Number | None = None
    last: Number | None = None
    chance: Number | None = None
    tick: Number | None = None
    is_now: bool = True
    interest: Number | None = None

    def named(self, zone: tzinfo, zone_label: str) -> str:
        """Return what it is called in place of a candlestick's end: ``now, quote of 17:51:03 ET``."""
        there = self.time.astimezone(zone)
        if self.is_now:
            return f"now, quote of {there:%H:%M:%S} {zone_label}"
        return f"last quote, of {there.day} {there:%b %Y, %H:%M:%S} {zone_label}"

    def said(self, zone: tzinfo, zone_label: str, style: PriceStyle = _OF_YES) -> str:
        """Return the same with the quote for a side: ``now, quote of 17:51:03 ET: bid 8¢, ask 9¢``."""
        if self.bid is None and self.ask is None and self.last is None:
            return self.named(zone, zone_label)
        prices = zip(("bid", "ask"), style.bid_ask(self.bid, self.ask), strict=True)
        words = [
            f"no {name}" if price is None else f"{name} {style.own_price(price, self.tick, marked=True)}"
            for name, price in prices
        ]
        if self.bid is None or self.ask is None:
            words.append(
                "never traded" if self.last is None else f"last {style.price(self.last, self.tick, marked=True)}"
            )
        return f"{self.named(zone, zone_label)}: {', '.join(words)}"


def cents(price: Number | None) -> float:
    """Return dollars as cents for an axis; NaN where absent."""
    return float("nan") if price is None else float(price * 100)
