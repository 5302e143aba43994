"""Seeded randomness with random access: a number is a pure function of a key, and nothing is drawn in order.

Everything that happens in the simulated exchange comes from here, so that one seed gives one world however, and in
whatever order, it is asked.  Sources: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014)
for the mixing function.
"""

from __future__ import annotations

import hashlib
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11, _S48 = (np.uint64(n) for n in (30, 27, 31, 11, 48))


def seed_of(*parts: object) -> int:
    """Return the 64-bit seed named by ``parts``, the same in every process and on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def hashed(seed: U64, index: I64) -> U64:
    """Return 64 mixed bits for every pair of seed and index (splitmix64; arrays of one shape, at least 1-d)."""
    x = seed + index.astype(np.uint64) * _GOLDEN
    x = (x ^ (x >> _S30)) * _MIX_1
    x = (x ^ (x >> _S27)) * _MIX_2
    mixed: U64 = x ^ (x >> _S31)
    return mixed


def uniform(bits: U64) -> F64:
    """Return numbers in [0, 1) from mixed bits (their high 53)."""
    numbers: F64 = (bits >> _S11).astype(np.float64) * 2.0**-53
    return numbers


@cache
def normal_quantiles() -> F64:
    """Return 65,536 equally likely quantiles of the standard normal, mean 0 and variance exactly 1."""
    half = [NormalDist().inv_cdf((i + 0.5) / 65536) for i in range(32768, 65536)]
    upper = np.array(half)
    table = np.concatenate([-upper[::-1], upper])
    scaled: F64 = table / np.sqrt(np.mean(table**2))
    return scaled


def normal(bits: U64) -> F64:
    """Return standard normal numbers from mixed bits (their high 16), by table: exact on every machine."""
    drawn: F64 = normal_quantiles()[(bits >> _S48).astype(np.intp)]
    return drawn


class Draws:
    """A short sequence of draws under one seed, for building an event: order matters, so keep it local."""

    def __init__(self, seed: int) -> None:
        self._state = seed & 0xFFFFFFFFFFFFFFFF

    def bits(self) -> int:
        """Return the next 64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        x = self._state
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return x ^ (x >> 31)

    def number(self) -> float:
        """Return a number in [0, 1)."""
        return (self.bits() >> 11) * 2.0**-53

    def between(self, low: float, high: float) -> float:
        """Return a number in [low, high)."""
        return low + (high - low) * self.number()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both possible."""
        return low + self.bits() % (high - low + 1)

    def normal(self) -> float:
        """Return a standard normal number."""
        return float(normal_quantiles()[self.bits() >> 48])

    def uuid(self) -> str:
        """Return text in the form of a UUID."""
        text = f"{self.bits():016x}{self.bits():016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
