"""Several markets on one chart: their chances, or how far those moved, by the clock or by the time to the close.

The same chart as that of an event's outcomes (`outcomes_spec`), with other units on its axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Any

import numpy as np
import numpy.typing as npt

from components import formatting, text
from components.charts import line_ends, outcomes
from components.charts.line_ends import NAME_LIMIT, Drawn, Numbers, OutcomeLine
from components.charts.outcomes import OutcomesView
from components.quoting import PriceStyle

#: Characters of a name at the end of a line: the value must fit behind it.
LABEL_LIMIT = 24
#: Longer spans of time left are measured in days.
LONGEST_IN_HOURS = 72


@dataclass(frozen=True)
class Measure:
    """What the lines measure: its name, its unit on the axis and behind a number, how a number is written.

    `signed` ones are changes, with a line at zero. `bounds` are the ends no axis goes beyond, `margin` the least room
    above and below the lines.
    """

    name: str
    axis_mark: str
    said_mark: str
    said_as: str
    signed: bool = False
    bounds: tuple[float, float] = (-math.inf, math.inf)
    margin: float = 1.0

    def said(self, value: float) -> str:
        """Return one value in words."""
        return f"{format(value, self.said_as)}{self.said_mark}".replace("-", "\u2212")


LEVEL = Measure("chances", "%", " %", ".1f", bounds=(0, 100))
CENTS = Measure("chances", "¢", " ¢", ".1f", bounds=(0, 100))
POINTS = Measure("changes in percentage points", " pp", " pp", "+.1f", signed=True, bounds=(-100, 100))
LOG_ODDS = Measure("changes in log-odds", "", "", "+.2f", signed=True, margin=0.05)


@dataclass(frozen=True)
class Across:
    """The moments as places on the time axis: where each is, what it is called, and how far the axis reaches.

    `mark` is the unit of the time left, empty by the clock.
    """

    places: Numbers
    labels: Sequence[str]
    low: float
    high: float
    mark: str = ""


def by_time_left(times: Numbers, low: float, high: float) -> Across:
    """Return moments as the time to the close, from milliseconds after it (negative: before); so are the ends."""
    span = high - low
    in_days = span > LONGEST_IN_HOURS * 3_600_000
    unit = 86_400_000.0 if in_days else 3_600_000.0
    return Across(times / unit, [_left(value) for value in times], low / unit, high / unit, " d" if in_days else " h")


def _left(milliseconds: float) -> str:
    said = formatting.duration(timedelta(milliseconds=milliseconds))
    return "at the close" if not milliseconds else f"{said} {'before' if milliseconds < 0 else 'after'} the close"


def comparison_view(
    lines: Sequence[OutcomeLine],
    across: Across,
    times: Numbers,
    seen: Numbers,
    carried: Numbers,
    ended: npt.NDArray[np.bool_],
    measure: Measure,
    *,
    zone: tzinfo,
    zone_label: str,
    style: PriceStyle,
) -> OutcomesView:
    """Return what the chart shows of values in the unit of `measure` (moments × lines, NaN for nothing).

    `percent` of a line is its newest value in that unit; `ended` tells the moments a reader can point at. Quotes are
    said for the side of `style`, with times of `zone`.
    """
    said = line_ends.named(lines, times, across.labels, zone, zone_label, after=bool(across.mark))
    frame = outcomes.frame_of(lines, across.places, said, times, seen, carried, ended)
    inside = (across.places >= across.low) & (across.places <= across.high)
    low, high = _range(np.where(np.isnan(seen), carried, seen)[inside], measure)
    rows: list[dict[str, Any]] = [{"kind": "zero", "place": 0.0}] if measure.signed else []
    drawn = Drawn(across.places, times, seen, carried, (across.low, across.high), (low, high))
    rows += line_ends.dots(lines, drawn, zone, zone_label, style)
    if len(lines) <= line_ends.DIRECT_LABELS:
        rows += line_ends.labels(lines, drawn, measure.said, LABEL_LIMIT)
    signals: dict[str, Any] = {
        "y_low": low,
        "y_high": high,
        "x_low": across.low,
        "x_high": across.high,
        "stacked": 0,
        "axis_mark": measure.axis_mark,
        "said_mark": measure.said_mark,
        "said_as": measure.said_as,
        "x_mark": across.mark,
        **outcomes.names(lines),
    }
    zoomed, words = (low, high) != measure.bounds, line_ends.in_words(lines, zone, zone_label, style)
    return OutcomesView(outcomes.with_rows(frame, rows), signals, _in_words(lines, across, measure, words), zoomed)


def _range(values: Numbers, measure: Measure) -> tuple[float, float]:
    """Return the axis: what there is with a margin, with the zero of a change, inside the bounds."""
    known = values[~np.isnan(values)]
    if measure.signed:
        known = np.append(known, 0.0)
    if not len(known):
        return measure.bounds
    low, high = float(known.min()), float(known.max())
    margin = max((high - low) * 0.08, measure.margin)
    least, most = measure.bounds
    return max(least, low - margin), min(most, high + margin)


def _in_words(lines: Sequence[OutcomeLine], across: Across, measure: Measure, said: str) -> str:
    if not lines or not len(across.labels):
        return "Chart of markets without data."
    newest = [
        f"{text.plain(line.name, NAME_LIMIT)} {measure.said(line.percent)}"
        for line in lines
        if line.percent is not None
    ]
    return (
        f"Chart of the {measure.name} of {len(lines)} markets from {across.labels[0]} to {across.labels[-1]}."
        f" Newest: {', '.join(newest) or 'nothing is known'}.{said} The table under it has all."
    )
