"""Events: one instance of a slot, with its legs and the interval of the latent variable on which each leg pays.

The outcome of an event is one standard normal number, the last value of its latent path.  Every leg owns an
interval of the line and pays one dollar if the number falls into it.  A ladder's legs are half lines with ordered
ends, so the ladder is monotone; the legs of an exclusive event are disjoint, so at most one pays.  Legs that have
nothing to do with each other (what a speaker will say) belong to different groups, each with a path of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from data_layer.demo.families import Family
from data_layer.demo.randomness import seed_of
from data_layer.demo.slots import Slot

FAR = 60.0  # stands for infinity on the line of a standard normal


@dataclass(slots=True)
class Leg:
    """One market of an event before it has columns: what it is called, and where it pays."""

    suffix: str  # after the event's ticker; may be ""
    label: str
    low: float
    high: float
    floor: float | None = None
    cap: float | None = None
    strike_type: str = ""
    group: int = 0
    life: float = 1.0  # its end, as a share of the event's length
    tie: float = 0.0


@dataclass(slots=True)
class Event:
    """One instance of a slot."""

    slot: Slot
    generation: int
    ticker: str
    opens: int
    ends: int
    exclusive: bool
    words: dict[str, str]
    legs: list[Leg] = field(default_factory=list)
    reach: float = 1.0  # deadlines: the chance that it happens at all
    first: int = 0  # row of its first market
    row: int = 0

    @property
    def seed(self) -> int:
        """The seed of everything about this instance."""
        return seed_of(self.slot.seed, self.generation)

    @property
    def family(self) -> Family:
        """What kind of question it is."""
        return self.slot.family


def date_code(at: datetime) -> str:
    """Return a date the way tickers write it, such as 26NOV22."""
    return at.strftime("%y%b%d").upper()
