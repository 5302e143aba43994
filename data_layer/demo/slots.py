"""Slots: recurring questions, each with exactly one open instance at any time.

A slot has a length of life and a phase, both from the seed, so which instance is open at a time t is arithmetic:
generation ``floor((t - phase) / length)``.  The number of open markets therefore stays the same for ever, while
instances open, close and settle, and a world started twice is the same world.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data_layer.demo.families import CATEGORY_SHARES, DAY, FAMILIES, Family
from data_layer.demo.randomness import Draws, seed_of

_EPOCH = 1_735_707_600  # 2025-01-01T05:00:00Z, midnight in New York: daily questions end at a round local hour
_LONG = 3 * 365 * DAY
CROWD = Family(
    "KXNOBELPEACE", "Nobel Peace Prize", "Politics", 0, "menu", (365,), (("", ""),), (400, 400),
    "Who will win the {year} Nobel Peace Prize?", "{year}", "Will {label} win the Nobel Peace Prize?",
    strike_type="custom", frequency="annual", popularity=1.5,
)  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """One recurring question of one series."""

    seed: int
    family: Family
    entity: tuple[str, str]
    ordinal: int  # among the slots of its series
    legs: int
    length: int  # seconds from opening to the end
    phase: int  # Unix seconds at which generation 0 opens

    @property
    def series_ticker(self) -> str:
        """The ticker of the series."""
        return series_ticker(self.family, self.entity)

    def generation(self, at: float) -> int:
        """Return which instance is open at a Unix time."""
        return math.floor((at - self.phase) / self.length)


def series_ticker(family: Family, entity: tuple[str, str]) -> str:
    """Return the ticker of a family's series about ``entity``; series always begin with KX, their events need not."""
    code = family.code.replace("{E}", entity[0])
    return code if code.startswith("KX") else "KX" + code


def deal_slots(seed: int, markets: int) -> list[Slot]:
    """Return slots whose instances hold ``markets`` markets (the last one may be cut to fit), families by share."""
    shares = np.array([family.share for family in FAMILIES])
    categories = np.array([family.category for family in FAMILIES])
    total = sum(CATEGORY_SHARES.values())
    for category, events in CATEGORY_SHARES.items():
        of = categories == category
        shares[of] *= events / total / shares[of].sum()
    draws = Draws(seed_of(seed, "slots"))
    owed = np.array([draws.number() for _ in FAMILIES])
    rounds = _series_rounds(markets)
    dealt = np.zeros(len(FAMILIES), np.int64)
    slots: list[Slot] = []
    room = markets
    if markets >= 3000:
        slots.append(_slot(seed, CROWD, 0, rounds, room))
        room -= slots[0].legs
    while room > 0:
        owed += shares
        which = int(owed.argmax())
        owed[which] -= 1
        slots.append(_slot(seed, FAMILIES[which], int(dealt[which]), rounds, room))
        dealt[which] += 1
        room -= slots[-1].legs
    return slots


def _series_rounds(markets: int) -> int:
    """Return how many entities of a family are used before the first is used again."""
    return max(2, markets // 700)


def _slot(seed: int, family: Family, index: int, rounds: int, room: int) -> Slot:
    entities = min(len(family.entities), rounds)
    which, ordinal = index % entities, index // entities
    if ordinal >= 4 and entities < len(family.entities):  # a series with many questions: use further entities
        spread = len(family.entities)
        which, ordinal = index % spread, index // spread
    draws = Draws(seed_of(seed, "slot", family.code, which, ordinal))
    low, high = family.legs
    legs = low + round((high - low) * draws.number() ** 3)
    seed_here = draws.bits()
    if family.league and family.live_hours:  # all questions about a game have its schedule
        draws = Draws(seed_of(seed, "schedule", family.league[0], ordinal))
    length = round(family.days[draws.whole(0, len(family.days) - 1)] * DAY)
    granule = 900 if length < 21600 else 3600
    phase = _EPOCH + (int(draws.number() * length) // granule * granule if length != DAY else 0)
    if length > _LONG:  # a question of decades opened lately, not before the exchange did
        phase = _EPOCH - int(draws.number() * _LONG)
    if length == DAY:  # daily questions end in the evening or on one of the hours
        phase += (draws.whole(0, 23) * 3600) if family.frequency == "hourly" else 0
    return Slot(seed_here, family, family.entities[which], ordinal, min(legs, room), length, phase)
