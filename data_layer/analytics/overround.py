"""By how much the prices of exclusive outcomes miss one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Overround:
    """The three books of one event, in dollars over 1; None where a quote is missing, as the counts say."""

    ask_dollars: Decimal | None
    bid_dollars: Decimal | None
    mid_dollars: Decimal | None
    outcomes: int
    missing_asks: int
    missing_bids: int

    @property
    def complete(self) -> bool:
        """Whether every outcome is quoted on both sides."""
        return not self.missing_asks and not self.missing_bids


def overround(bids_dollars: Sequence[Decimal | None], asks_dollars: Sequence[Decimal | None]) -> Overround:
    """Return what the asks, the bids and the middles of all outcomes of an event sum to, over 1.

    Formula: Σask − 1 (what all YES cost over what one of them pays), Σbid − 1, Σ(bid + ask)/2 − 1
    Unit: dollars per contract of every outcome
    Excludes: Events whose outcomes do not exclude each other. Where a quote is missing, its books are “incomplete”:
    no sum is shown, for an absent quote is neither 0 nor 50¢.
    Source: Definition of a book's overround; `mutually_exclusive` of an event says that at most one outcome is YES.
    Raises: ValueError if the two are not equally long, or empty.
    """
    if not bids_dollars:
        raise ValueError("no outcomes")
    pairs = list(zip(bids_dollars, asks_dollars, strict=True))
    bids = [bid for bid, _ in pairs if bid is not None]
    asks = [ask for _, ask in pairs if ask is not None]
    bid = sum(bids, Decimal(-1)) if len(bids) == len(pairs) else None
    ask = sum(asks, Decimal(-1)) if len(asks) == len(pairs) else None
    mid = None if bid is None or ask is None else (bid + ask) / 2
    return Overround(ask, bid, mid, len(pairs), len(pairs) - len(asks), len(pairs) - len(bids))
