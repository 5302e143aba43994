"""What the exchange charges for an order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal, localcontext

#: Taker's coefficient of every fee type whose formula is published; `flat` and unknown words have none.
TAKER = dict.fromkeys(("quadratic", "quadratic_with_maker_fees", "quadratic_with_combo_maker_fees"), Decimal("0.07"))
#: Maker's coefficient of the same fee types.
MAKER = {
    "quadratic": Decimal(0),
    "quadratic_with_maker_fees": Decimal("0.0175"),
    "quadratic_with_combo_maker_fees": Decimal("0.035"),
}
CENT = Decimal("0.01")


@dataclass(frozen=True)
class FeeTerms:
    """Terms of one market: fee type, multiplier, until when nothing is charged. None is not known."""

    fee_type: str | None
    multiplier: Decimal | None
    waived_until: datetime | None = None


def fee_terms(
    series_type: str | None,
    series_multiplier: float | None,
    event_type: str | None = None,
    event_multiplier: float | None = None,
    waived_until: datetime | None = None,
) -> FeeTerms:
    """Combine the series' fee terms with the event's overrides and the market's waiver; each override counts alone.

    Source: Kalshi API, `fee_type` and `fee_multiplier` of a series, `fee_type_override` and `fee_multiplier_override`
    of an event, `fee_waiver_expiration_time` of a market.
    """
    multiplier = series_multiplier if event_multiplier is None else event_multiplier
    # Through text: 0.1 as a float is a little more than a tenth, and the fee is rounded up.
    exact = Decimal(str(multiplier)) if multiplier is not None and 0 <= multiplier < math.inf else None
    return FeeTerms(series_type if event_type is None else event_type, exact, waived_until)


def fee_dollars(
    terms: FeeTerms, price_dollars: Decimal, contracts: Decimal, at: datetime, *, maker: bool = False
) -> Decimal | None:
    """Return the fee of one order that is filled at one price; None where the fee type's formula is not published.

    Formula: fee = c × M × C × P × (1 − P), rounded up to the cent per order; c = 0.07 for the taker; for the maker
    c = 0.0175 where the series has maker fees (0.035 on combinations), else 0.
    Where: M fee multiplier of the series, or the event's own; C contracts; P price of the side that is bought.
    Unit: dollars per order
    Excludes: Fee type “flat” and unknown words, or a missing multiplier: the fee is then unknown, not zero. Nothing
    is charged until a fee waiver ends. There is no fee at settlement.
    Source: Kalshi fee schedule, kalshi.com/docs/kalshi-fee-schedule.pdf: 100 contracts at 50¢ cost $1.75, 1 costs
    $0.02.
    Raises: ValueError if the price is not between 0 and 1 dollar, or the contracts are negative.
    """
    if not 0 <= price_dollars <= 1:
        raise ValueError(f"no price of a contract: {price_dollars}")
    if not contracts >= 0:
        raise ValueError(f"no number of contracts: {contracts}")
    if terms.waived_until is not None and at < terms.waived_until:
        return Decimal("0.00")
    coefficient = (MAKER if maker else TAKER).get(terms.fee_type or "")
    if coefficient is None or terms.multiplier is None:
        return None
    with localcontext() as exact:
        exact.prec = 60  # of 18 + 9 + 9 digits none is lost, so that rounding up meets only what is really there
        fee = coefficient * terms.multiplier * contracts * price_dollars * (1 - price_dollars)
        return fee.quantize(CENT, ROUND_CEILING)
