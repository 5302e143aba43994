"""A small line for the side a reader chose, and what it says to those who do not see it, in the unit he chose."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from components.quoting import PriceStyle

#: What a point of `app.models.movers.sparkline` counts: tenths of a percent.
_WHOLE = Decimal(1000)


def told(points: Sequence[int | None], style: PriceStyle) -> tuple[list[int | None], list[str]]:
    """Return the line, as chances of the side, and four of them in words: first, last, least and most.

    Its shape is that of the chance whatever the unit, as that of charts is. No words where nothing is known.
    """
    line = [1000 - point if style.flipped and point is not None else point for point in points]
    known = [point for point in points if point is not None]
    if not known:
        return [], []
    least, most = (max, min) if style.flipped else (min, max)
    return line, [style.chance(point / _WHOLE) for point in (known[0], known[-1], least(known), most(known))]
