"""Where lines of chances end: in the present quote, marked with a dot, their names beside it and off the lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from components import text
from components.charts.outcomes_spec import HEIGHT
from components.charts.present import PresentQuote
from components.quoting import PriceStyle

#: Up to this many lines carry their name themselves; more have a legend.
DIRECT_LABELS = 5
#: Pixels between two labels of lines that end close to each other.
LABEL_PIXELS = 16
#: The part of a chart's width that a label stands over, about, and at how many places along it is looked.
LABEL_WIDTH, LOOKS = 0.18, 24
#: Where a label may stand from its line's end, and how far away is as bad as a line all through it; in labels.
AWAY, FAR = (0.75, -0.75, 2.0, -2.0), 8.0
#: Places up the axis at which it is known how much of a label lines would run through.
HEIGHTS = 180
NAME_LIMIT, FULL_LIMIT = 32, 200

_OF_YES = PriceStyle()

Numbers = npt.NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True)
class LineEnd:
    """A line's end in a present quote: from when on that stands, and up to where (as the chart's `times`)."""

    quote: PresentQuote
    since: float
    until: float


@dataclass(frozen=True)
class OutcomeLine:
    """One line: its name, its place in the palette (0 to 10, 10 the sum of the others), its newest value.

    `end` is the present quote it ends in, None where it ends with a candlestick. `full` is its name where that was
    shortened, for its dot's tooltip.
    """

    name: str
    rank: int
    percent: float | None
    end: LineEnd | None = None
    full: str = ""


@dataclass(frozen=True)
class Drawn:
    """Lines as drawn: places of the moments on the axis, their `times`, values (moments × lines), both axes."""

    places: Numbers
    times: Numbers
    seen: Numbers
    carried: Numbers
    x: tuple[float, float]
    y: tuple[float, float]

    def end_of(self, column: int) -> int | None:
        """Return the moment of the last thing seen of a line."""
        known = np.flatnonzero(~np.isnan(self.seen[:, column]))
        return int(known[-1]) if len(known) else None


def named(
    lines: Sequence[OutcomeLine],
    times: Numbers,
    labels: Sequence[str],
    zone: tzinfo,
    zone_label: str,
    *,
    after: bool = False,
) -> list[str]:
    """Return the names of moments, which say where lines end in a quote; with `after` their own name follows."""
    said = list(labels)
    ends = [line.end for line in lines if line.end is not None]
    for end in sorted(ends, key=lambda end: end.quote.time):  # of several at one moment the newest names it
        for at in map(int, np.flatnonzero(times == end.until)):
            quote = f"{end.quote.named(zone, zone_label)} (no candlestick)"
            said[at] = f"{quote}, {labels[at]}" if after else quote
    return said


def dots(
    lines: Sequence[OutcomeLine], drawn: Drawn, zone: tzinfo, zone_label: str, style: PriceStyle = _OF_YES
) -> list[Row]:
    """Return a row of kind ``now`` for each line that ends in a quote: its place, and the step it takes there."""
    rows: list[Row] = []
    for column, line in enumerate(lines):
        at = drawn.end_of(column)
        if line.end is None or at is None or drawn.times[at] < line.end.until:
            continue
        begun = int(np.searchsorted(drawn.times, line.end.since))
        rows.append(
            {
                "kind": "now",
                "rank": float(line.rank),
                "time": drawn.places[at],
                "since": drawn.places[begun],
                "before": drawn.carried[begun, column],
                "after": drawn.seen[begun, column],
                "place": drawn.seen[at, column],
                "label": f"{text.plain(line.full, FULL_LIMIT) or text.plain(line.name, NAME_LIMIT)}:"
                f" {line.end.quote.said(zone, zone_label, style)}",
            }
        )
    return rows


def in_words(lines: Sequence[OutcomeLine], zone: tzinfo, zone_label: str, style: PriceStyle = _OF_YES) -> str:
    """Return what the ends of lines are, as the end of a description; few lines also have their quotes said."""
    ended = [line for line in lines if line.end is not None]
    if not ended:
        return ""
    if len(ended) > DIRECT_LABELS:
        return f" {len(ended)} lines end in their present quotes."
    said = [
        f"{text.plain(line.name, NAME_LIMIT)} {line.end.quote.said(zone, zone_label, style)}"
        for line in ended
        if line.end is not None
    ]
    return f" Ends: {'; '.join(said)}."


def labels(
    lines: Sequence[OutcomeLine], drawn: Drawn, said: Callable[[float], str], limit: int = NAME_LIMIT
) -> list[Row]:
    """Return the names of lines (up to `limit` characters) at their newest ends.

    Of all ways to put each a little above or below its end the one counts whose labels the lines run through least;
    labels that touch are moved apart.
    """
    ends = {column: drawn.end_of(column) for column in range(len(lines))}
    known = [
        (column, line, end)
        for column, line in enumerate(lines)
        if (end := ends[column]) is not None and line.percent is not None
    ]
    known.sort(key=lambda one: -(one[1].percent or 0.0))
    low, high = drawn.y
    step = (high - low) / HEIGHT * LABEL_PIXELS
    wanted = [line.percent or 0.0 for _, line, _ in known]
    crossed = [_crossed(drawn, float(drawn.places[end]), step) for _, _, end in known]

    def cost(places: Sequence[float]) -> float:
        return sum(
            shares[round((place - low) / (high - low) * HEIGHTS)] + abs(place - own) / step / FAR
            for shares, place, own in zip(crossed, places, wanted, strict=True)
        )

    ways = (
        _apart([own + away * step for own, away in zip(wanted, aways, strict=True)], low, high, step)
        for aways in product(AWAY, repeat=len(known))
    )
    places = min(ways, key=cost)
    return [
        {
            "kind": "end",
            "rank": float(line.rank),
            "time": drawn.places[end],
            "place": place,
            "label": f"{text.plain(line.name, limit)} {said(line.percent or 0.0)}",
        }
        for (_, line, end), place in zip(known, places, strict=True)
    ]


def _crossed(drawn: Drawn, end: float, step: float) -> list[float]:
    """Return for each of `HEIGHTS` places up the axis the part of a label there that lines run through (0–1)."""
    left, right = drawn.x
    width = (right - left) * LABEL_WIDTH
    # As the spec has it: in the left half a label stands to the right of its end.
    first = end if end < (left + right) / 2 else min(end, right) - width
    at = np.searchsorted(drawn.places, np.linspace(first, first + width, LOOKS), side="right") - 1
    values = np.where(np.isnan(drawn.seen), drawn.carried, drawn.seen)[np.maximum(at, 0)]
    values[at < 0] = np.nan
    # Between two looks a line goes from one value to the other.
    below, above = np.fmin(values[:-1], values[1:]) - step / 2, np.fmax(values[:-1], values[1:]) + step / 2
    heights = np.linspace(*drawn.y, HEIGHTS + 1)[:, None, None]
    through: list[float] = ((below < heights) & (heights < above)).any(axis=2).mean(axis=1).tolist()
    return through


def _apart(wanted: Sequence[float], low: float, high: float, step: float) -> list[float]:
    """Return places for labels, from the top, a step from each other and inside the axis."""
    places: list[float] = []
    for place in wanted:
        place = min(high - step / 2, place)
        places.append(min(place, places[-1] - step) if places else place)
    # Those pushed out at the bottom push the others up again.
    floor = low + step / 2
    for index in range(len(places) - 1, -1, -1):
        places[index] = max(places[index], floor)
        floor = places[index] + step
    return places
