"""What a quote says: a probability, how good it is, and what contracts were worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

Quality = Literal["tight", "ok", "wide", "one-sided", "none"]

#: The middle of a wider spread says nothing, in dollars.
TRUSTED_SPREAD = Decimal("0.20")
TIGHT_SPREAD, OK_SPREAD = Decimal("0.02"), Decimal("0.10")


def spread_dollars(bid_dollars: Decimal | None, ask_dollars: Decimal | None) -> Decimal | None:
    """Return the distance between the best ask and the best bid; None where one of them is missing.

    Formula: spread = ask − bid
    Unit: dollars per contract, shown in cents
    Excludes: One-sided and empty books. What the exchange sends for an absent bid (0) or ask (1) is no quote.
    Source: `yes_bid_dollars` and `yes_ask_dollars` of a market. YES and NO are one book: ask of YES = 1 − bid of NO.
    """
    return None if bid_dollars is None or ask_dollars is None else ask_dollars - bid_dollars


def probability(
    bid_dollars: Decimal | None, ask_dollars: Decimal | None, last_dollars: Decimal | None
) -> Decimal | None:
    """Return the chance of YES that an active market's prices say; None where they say none.

    Formula: p = (bid + ask) / 2 where the spread is at most 20¢, else the last trade
    Unit: probability, 0 to 1
    Excludes: Markets that cannot be traded, and those with a wide, one-sided or empty book that never traded: “—”. An
    empty book of 0 and 1 is never 50 %.
    Source: A price is read as the mean belief: Wolfers and Zitzewitz 2006, NBER working paper 12200.
    """
    spread = spread_dollars(bid_dollars, ask_dollars)
    if spread is None or bid_dollars is None or spread > TRUSTED_SPREAD:
        return last_dollars
    return bid_dollars + spread / 2


def quote_quality(bid_dollars: Decimal | None, ask_dollars: Decimal | None) -> Quality:
    """Return how much the quote of an active market can be trusted, in a word.

    Formula: tight: spread ≤ 2¢; ok: ≤ 10¢; wide: more; one-sided: only a bid or only an ask; none: neither
    Unit: one of five words
    Excludes: Markets that cannot be traded have no quote: none.
    Source: Convention of this dashboard, by the spread alone; sizes stand in the order book.
    """
    spread = spread_dollars(bid_dollars, ask_dollars)
    if spread is None:
        return "none" if bid_dollars is None and ask_dollars is None else "one-sided"
    return "tight" if spread <= TIGHT_SPREAD else "ok" if spread <= OK_SPREAD else "wide"


def estimated_dollars(contracts: Decimal, probability: Decimal | None) -> Decimal | None:
    """Return about what contracts cost their YES buyers; None where the market has no probability.

    Formula: ≈ $ = contracts × p
    Where: p is the probability now, not at the time of each trade.
    Unit: dollars, an estimate
    Excludes: Markets without a probability; sums say how many of the contracts they cover.
    Source: Definition; a contract pays one dollar. The exchange sends no dollar volume that can be relied on.
    """
    return None if probability is None else contracts * probability
