"""The chances of an event's outcomes over time, as lines or stacked, all on one axis.

Gaps look like gaps: what is carried is dashed, what is not known is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from components import text
from components.charts.outcomes_spec import HEIGHT, LINES
from components.charts.price import wall_clock, wall_clocks

#: Up to this many lines carry their name themselves; more have a legend.
DIRECT_LABELS = 5
#: Pixels between two labels of lines that end close to each other.
LABEL_PIXELS = 16
NAME_LIMIT = 32

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OutcomeLine:
    """One line: what it is called, its place in the palette (0 to 10, 10 the sum of the others), its newest value."""

    name: str
    rank: int
    percent: float | None


@dataclass(frozen=True)
class OutcomesView:
    """A chart's data and axes, ready for `LiveChart.feed`, and what it shows in words.

    `zoomed` says that the axis does not reach from 0 to 100 percent.
    """

    frame: pd.DataFrame
    signals: dict[str, Any]
    description: str
    zoomed: bool


def outcomes_view(
    lines: Sequence[OutcomeLine],
    times: Numbers,
    seen: Numbers,
    carried: Numbers,
    ended: npt.NDArray[np.bool_],
    *,
    start: datetime | None,
    end: datetime,
    zone: tzinfo,
    zone_label: str,
    full_axis: bool = False,
    stacked: bool = False,
) -> OutcomesView:
    """Return what the chart shows of chances (0–1; moments × lines, NaN for nothing) at `times` (epoch ms, UTC).

    `ended` tells the moments a reader can point at. `start` None begins the axis at the first moment.
    """
    seen, carried = seen * 100, carried * 100
    standing = np.where(np.isnan(seen), carried, seen)
    walls, labels = by_clock(times, zone, zone_label)
    low, high = _range(standing, full_axis, stacked)
    first = wall_clock(start, zone) if start is not None else (walls[0] if len(walls) else wall_clock(end, zone) - 1)
    frame = frame_of(lines, walls, labels, times, seen, carried, ended)
    if len(lines) <= DIRECT_LABELS:
        frame = with_rows(frame, end_labels(lines, low, high))
    signals: dict[str, Any] = {
        "y_low": low,
        "y_high": high,
        "x_low": first,
        "x_high": wall_clock(end, zone),
        "stacked": int(stacked),
        **names(lines),
    }
    return OutcomesView(frame, signals, _in_words(lines, walls, zone_label), not (low == 0 and high >= 100))


def by_clock(times: Numbers, zone: tzinfo, zone_label: str) -> tuple[Numbers, list[str]]:
    """Return the clock on the wall at moments (epoch ms, UTC), in milliseconds and in words."""
    walls = np.array(wall_clocks(pd.Series(pd.to_datetime(times, unit="ms", utc=True)), zone))
    return walls, [f"{stamp:%d %b %Y, %H:%M} {zone_label}" for stamp in pd.to_datetime(walls, unit="ms")]


def frame_of(
    lines: Sequence[OutcomeLine],
    places: Numbers,
    labels: Sequence[str],
    times: Numbers,
    seen: Numbers,
    carried: Numbers,
    ended: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    """Return a row a moment: its place on the time axis, how it is called, and what every line is there."""
    standing = np.where(np.isnan(seen), carried, seen)
    columns: dict[str, Any] = {"kind": ["moment"] * len(times), "time": places, "end": times, "ended": ended * 1.0}
    columns |= {"label": list(labels), "place": np.nan, "rank": np.nan}
    place = {line.rank: column for column, line in enumerate(lines)}
    for rank in range(LINES):
        for letter, values in (("v", seen), ("d", carried), ("s", standing)):
            columns[f"{letter}{rank}"] = values[:, place[rank]] if rank in place else np.nan
    return pd.DataFrame(columns)


def with_rows(frame: pd.DataFrame, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the moments with rows of other kinds after them."""
    return pd.concat([frame, pd.DataFrame(rows)], ignore_index=True) if rows else frame


def names(lines: Sequence[OutcomeLine]) -> dict[str, str]:
    """Return the params that name the lines; empty where there is none."""
    named = {f"n{line.rank}": text.plain(line.name, NAME_LIMIT) for line in lines}
    return {f"n{rank}": "" for rank in range(LINES)} | named


def _percent(value: float) -> str:
    return f"{value:.1f} %"


def _range(values: Numbers, full: bool, stacked: bool) -> tuple[float, float]:
    """Return the axis: 0–100 or as far as a stack reaches, or what there is with a margin, inside 0–100."""
    if stacked:
        sums = np.nansum(values, axis=1)
        return 0.0, max(100.0, math.ceil(float(sums.max(initial=0.0)) / 5) * 5.0)
    known = values[~np.isnan(values)]
    if full or not len(known):
        return 0.0, max(100.0, math.ceil(float(known.max(initial=0.0))))
    low, high = float(known.min()), float(known.max())
    margin = max((high - low) * 0.08, 1.0)
    return max(0.0, math.floor(low - margin)), max(min(100.0, math.ceil(high + margin)), math.ceil(high))


def end_labels(
    lines: Sequence[OutcomeLine],
    low: float,
    high: float,
    said: Callable[[float], str] = _percent,
    limit: int = NAME_LIMIT,
) -> list[dict[str, Any]]:
    """Return the names of lines (up to `limit` characters) at their newest ends, moved apart where they touch."""
    known = sorted((line for line in lines if line.percent is not None), key=lambda line: -(line.percent or 0.0))
    step = (high - low) / HEIGHT * LABEL_PIXELS
    places: list[float] = []
    for line in known:
        wanted = min(high - step / 2, (line.percent or 0.0) + step * 0.7)
        places.append(min(wanted, places[-1] - step) if places else wanted)
    # Those pushed out at the bottom push the others up again.
    floor = low + step / 2
    for index in range(len(places) - 1, -1, -1):
        places[index] = max(places[index], floor)
        floor = places[index] + step
    return [
        {
            "kind": "end",
            "rank": float(line.rank),
            "place": place,
            "label": f"{text.plain(line.name, limit)} {said(line.percent or 0.0)}",
        }
        for line, place in zip(known, places, strict=True)
    ]


def _in_words(lines: Sequence[OutcomeLine], walls: Numbers, zone_label: str) -> str:
    if not lines or not len(walls):
        return "Chart of chances without data."
    first, last = (f"{pd.Timestamp(walls[at], unit='ms'):%d %b %Y, %H:%M} {zone_label}" for at in (0, -1))
    now = [
        f"{text.plain(line.name, NAME_LIMIT)} {line.percent:.1f} percent"
        for line in lines
        if line.percent is not None
    ]
    newest = f"Newest: {', '.join(now)}." if now else "No chance is known."
    return (
        f"Chart of the chances of {len(lines)} outcomes from {first} to {last}. {newest} The table under it has all."
    )
