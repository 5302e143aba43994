"""Prices and chances in the unit and for the side that a reader chose: percent, cents, decimal or American odds.

Everything goes in as a price or chance of YES in dollars (0 to 1) and comes out for the side: NO is worth 1 less it,
a NO bid is 1 less the YES ask, a change has the other sign. Exact in Decimal; only the text is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from components import formatting
from components.formatting import ABSENT, Number

#: Units by the word of a link: their mark in a heading, their name, and what they say.
UNITS = {
    "percent": ("%", "Percent", "Chances in percent, prices in cents"),
    "cents": ("¢", "Cents", "Chances and prices in cents: what a contract that pays $1 costs"),
    "decimal": ("dec.", "Decimal odds", "What 1 staked pays back in all: 1 / price, before fees"),
    "american": ("US", "American odds", "What 100 wins (+), or what must be staked to win 100 (−), before fees"),
}
SIDES = {"yes": "YES", "no": "NO"}

_ONE = Decimal(1)
_HUNDRED = Decimal(100)
#: Odds are never rounded to a certainty: they get decimals until they are above it, at most this many.
_MOST_DIGITS = 8

_Kind = TypeVar("_Kind")


def decimal_odds(price: Decimal) -> Decimal | None:
    """Return decimal odds of a price in dollars, ``1 / p``: what 1 staked pays back; None for 0, 1 and beyond."""
    return _ONE / price if 0 < price < 1 else None


def american_odds(price: Decimal) -> Decimal | None:
    """Return American odds of a price in dollars; None for 0, 1 and beyond.

    ``-100 p / (1 - p)`` from 0.5 on: what must be staked to win 100. ``+100 (1 - p) / p`` below: what 100 wins.
    """
    if not 0 < price < 1:
        return None
    return -_HUNDRED * price / (1 - price) if price >= Decimal("0.5") else _HUNDRED * (1 - price) / price


@dataclass(frozen=True)
class PriceStyle:
    """How chances and prices are said: `unit` is one of `UNITS`, `side` one of `SIDES`.

    With ``percent`` chances are percent and prices cents; the other units hold for both. Spreads are always cents and
    changes percentage points: a difference of odds means nothing.
    """

    unit: str = "percent"
    side: str = "yes"

    @property
    def flipped(self) -> bool:
        """Whether the side is NO."""
        return self.side == "no"

    @property
    def side_word(self) -> str:
        """The side in words: ``YES`` or ``NO``."""
        return SIDES[self.side]

    @property
    def in_odds(self) -> bool:
        """Whether the unit is a kind of odds."""
        return self.unit in {"decimal", "american"}

    @property
    def other(self) -> PriceStyle:
        """The same unit for the other side."""
        return PriceStyle(self.unit, "yes" if self.flipped else "no")

    @property
    def mark(self) -> str:
        """The short name of the unit of a chance: what stands in a heading or beside a large number."""
        return UNITS[self.unit][0]

    @property
    def chance_mark(self) -> str:
        """The unit of a chance behind its number: ``%``, ``¢``, nothing for odds."""
        return "" if self.in_odds else self.mark

    @property
    def price_mark(self) -> str:
        """The unit of a price behind its number: ``¢``, nothing for odds."""
        return "" if self.in_odds else "¢"

    def of(self, price: Number | None) -> Decimal | None:
        """Return what a price or chance of YES (0–1) is for the side, exact; absent stays absent."""
        if price is None:
            return None
        value = price if isinstance(price, Decimal) else Decimal(str(price))
        return 1 - value if self.flipped else value

    def bid_ask(self, bid: Number | None, ask: Number | None) -> tuple[Decimal | None, Decimal | None]:
        """Return bid and ask of the side from those of YES: the NO bid is 1 less the YES ask."""
        return (self.of(ask), self.of(bid)) if self.flipped else (self.of(bid), self.of(ask))

    def pair(self, of_bid: _Kind, of_ask: _Kind) -> tuple[_Kind, _Kind]:
        """Return what belongs to the side's bid and ask (sizes, names) from what belongs to those of YES."""
        return (of_ask, of_bid) if self.flipped else (of_bid, of_ask)

    def chance(self, probability: Number | None, digits: int = 1, *, marked: bool = False) -> str:
        """Return a chance of YES (0–1) for the side, `digits` decimals of a percent; its mark only if `marked`."""
        value = self.of(probability)
        if value is None:
            return ABSENT
        if self.in_odds:
            return self._odds(value, max(0, digits - 1))
        return formatting.decimals(value * 100, digits) + (self.chance_mark if marked else "")

    def price(
        self,
        price_dollars: Number | None,
        tick_dollars: Number | None = None,
        width: int = 0,
        *,
        marked: bool = False,
    ) -> str:
        """Return a price of YES for the side with the digits of its tick; its mark only if `marked`.

        `width` pads with blank figures to that many decimals of a cent, so that points stand under each other.
        """
        return self.own_price(self.of(price_dollars), tick_dollars, width, marked=marked)

    def own_price(
        self,
        price_dollars: Number | None,
        tick_dollars: Number | None = None,
        width: int = 0,
        *,
        marked: bool = False,
    ) -> str:
        """Return a price that is one of the side already (as `bid_ask` gives it) like `price`."""
        if price_dollars is None:
            return ABSENT
        if self.in_odds:
            value = price_dollars if isinstance(price_dollars, Decimal) else Decimal(str(price_dollars))
            return self._odds(value, formatting.price_digits(value, tick_dollars), width)
        return formatting.cents(price_dollars, tick_dollars, width) + (self.price_mark if marked else "")

    def change(self, change_pp: Number | None, digits: int = 1) -> str:
        """Return a change of the chance of YES in percentage points, for the side: ``▲ +3.0``, ``▼ −1.5``."""
        return formatting.points(self.change_of(change_pp), digits)

    def change_of(self, change: Number | None) -> Number | None:
        """Return a change of a price of YES (in any unit) for the side: NO moves the other way."""
        return -change if change is not None and self.flipped else change

    def heading(self, name: str, *, chance: bool = False) -> str:
        """Return the heading of a column or card of prices (of chances with `chance`): ``Bid ¢``, ``NO chance %``."""
        mark = "¢" if self.unit == "percent" and not chance else self.mark
        return f"{self.named(name)} {mark}"

    def named(self, name: str) -> str:
        """Return a name with the side before it where that is NO: ``Bid``, ``NO bid``."""
        if not self.flipped:
            return name
        return f"NO {name}" if name[:2].isupper() else f"NO {name[:1].lower()}{name[1:]}"

    def about(self, meaning: str) -> str:
        """Return the definition of a column, with what the unit and the side do to it."""
        said = [meaning.replace("YES", self.side_word) if self.flipped else meaning]
        if self.in_odds:
            said.append(f"{UNITS[self.unit][1]}: {UNITS[self.unit][2][0].lower()}{UNITS[self.unit][2][1:]}")
        return ". ".join(said)

    def _odds(self, value: Decimal, cent_digits: int, width: int = 0) -> str:
        """Return odds of a price with as many digits as tell one step of its grid from the next."""
        if self.unit == "american":
            american = american_odds(value)
            if american is None:
                return ABSENT
            digits = cent_digits if abs(american) < 1000 else 0
            return _padded(formatting.decimals(american, digits, signed=True), width)
        odds = decimal_odds(value)
        if odds is None:
            return ABSENT
        digits = 2 + cent_digits
        while odds.quantize(_ONE.scaleb(-digits)) == 1 and digits < _MOST_DIGITS:
            digits += 1
        return _padded(formatting.decimals(odds, digits), width and 2 + width)


def _padded(text: str, width: int) -> str:
    """Return a number with blank figures behind it up to `width` decimals."""
    held = len(text.partition(".")[2])
    if width <= held:
        return text
    return text + (formatting.PUNCTUATION_SPACE if not held else "") + formatting.FIGURE_SPACE * (width - held)
