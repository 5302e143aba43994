"""What the outcomes of an event sum to: contracts, quotes and chances, where that means something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.models.event_chart import Row
from data_layer.analytics import normalisation
from data_layer.analytics.overround import Overround, overround


@dataclass(frozen=True)
class Book:
    """What the open outcomes of an event sum to, or why that says nothing.

    `shares` are the normalised chances by ticker (0–1) by the chosen method, `gap` the largest difference between the
    two methods; both are missing where an open outcome has no chance, `unknown` counts those.
    """

    sums: Overround | None
    reason: str
    shares: dict[str, float]
    gap: float | None
    unknown: int


@dataclass(frozen=True)
class Totals:
    """An event's outcomes counted and summed; contracts are None where no outcome has any."""

    outcomes: int
    open: int
    settled: int
    volume_24h: Decimal | None
    volume: Decimal | None
    open_interest: Decimal | None


NO_TOTALS = Totals(0, 0, 0, None, None, None)
NO_BOOK = Book(None, "", {}, None, 0)


def totals(outcomes: Sequence[Row]) -> Totals:
    """Return an event's outcomes counted and summed."""

    def total(name: str) -> Decimal | None:
        known = [row[name] for row in outcomes if row[name] is not None]
        return sum(known, Decimal(0)) if known else None

    return Totals(
        len(outcomes),
        sum(1 for row in outcomes if row["status"] == "active"),
        sum(1 for row in outcomes if row["result"] is not None),
        total("volume_24h_contracts"),
        total("volume_contracts"),
        total("open_interest_contracts"),
    )


def book(event: Row, outcomes: Sequence[Row], scale: str) -> Book:
    """Return what the open outcomes of an event sum to, where that means something."""
    if event["mutually_exclusive"] is None:
        return Book(None, "the exchange did not say whether the outcomes exclude each other", {}, None, 0)
    if not event["mutually_exclusive"]:
        return Book(None, "more than one outcome can come true, so their prices need not sum to 100¢", {}, None, 0)
    if any(row["result"] not in {None, "no"} for row in outcomes):
        return Book(None, "the event is decided", {}, None, 0)
    live = [row for row in outcomes if row["result"] is None]
    if len(live) < 2:
        return Book(None, "fewer than two outcomes are open", {}, None, 0)
    sums = overround([row["yes_bid_dollars"] for row in live], [row["yes_ask_dollars"] for row in live])
    chances = [row["probability"] for row in live]
    unknown = sum(1 for chance in chances if chance is None)
    if unknown or not any(chances):
        return Book(sums, "", {}, None, unknown)
    method = normalisation.power if scale == "power" else normalisation.proportional
    shares = dict(zip((row["ticker"] for row in live), method(chances), strict=True))
    return Book(sums, "", shares, normalisation.method_gap(chances), 0)
