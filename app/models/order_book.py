"""An order book as a ladder of one side's prices: what is bid, what is asked, and how much lies up to each price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Level:
    """One price of a side: contracts at it, and contracts and dollars from the best price down to it.

    The dollars are what trading the whole of it costs (asks) or brings (bids), before fees.
    """

    price_dollars: Decimal
    contracts: Decimal
    depth_contracts: Decimal
    depth_dollars: Decimal


@dataclass(frozen=True, slots=True)
class Ladder:
    """Bids and asks as prices of YES (or of NO, as asked), best first.

    `observed_time` is when the book was received (UTC).
    """

    asks: tuple[Level, ...] = ()
    bids: tuple[Level, ...] = ()
    observed_time: datetime | None = None

    @property
    def spread_dollars(self) -> Decimal | None:
        """Best ask less best bid; None where a side is empty."""
        return self.asks[0].price_dollars - self.bids[0].price_dollars if self.asks and self.bids else None


def ladder(rows: Iterable[Mapping[str, Any]], side: str = "yes") -> Ladder:
    """Return the ladder of stored bids (side, price, count, observed time) in prices of a side, yes or no.

    A bid at p for the other side is an ask at 1 - p.
    """
    asks: list[tuple[Decimal, Decimal]] = []
    bids: list[tuple[Decimal, Decimal]] = []
    observed = None
    for row in rows:
        own, price = row["side"] == side, row["price_dollars"]
        (bids if own else asks).append((price if own else 1 - price, row["count_contracts"]))
        observed = row["observed_time"]
    return Ladder(_levels(sorted(asks)), _levels(sorted(bids, reverse=True)), observed)


def _levels(best_first: Iterable[tuple[Decimal, Decimal]]) -> tuple[Level, ...]:
    contracts, dollars, levels = Decimal(0), Decimal(0), []
    for price, count in best_first:
        contracts += count
        dollars += price * count
        levels.append(Level(price, count, contracts, dollars))
    return tuple(levels)
