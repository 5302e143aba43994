"""The chances of an event's outcomes over time, as lines or stacked, all on one axis.

Gaps look like gaps: what is carried is dashed, what is not known is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from components import text
from components.charts import line_ends
from components.charts.line_ends import NAME_LIMIT, Drawn, Numbers, OutcomeLine
from components.charts.outcomes_spec import LINES
from components.charts.price import wall_clock, wall_clocks


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
    labels = line_ends.named(lines, times, labels, zone, zone_label)
    low, high = _range(standing, full_axis, stacked)
    first = wall_clock(start, zone) if start is not None else (walls[0] if len(walls) else wall_clock(end, zone) - 1)
    frame = frame_of(lines, walls, labels, times, seen, carried, ended)
    quoted = np.isin(times, [line.end.until for line in lines if line.end is not None])
    last = max(wall_clock(end, zone), float(walls[quoted].max(initial=0.0)))
    drawn = Drawn(walls, times, seen, carried, (first, last), (low, high))
    rows = line_ends.dots(lines, drawn, zone, zone_label)
    if len(lines) <= line_ends.DIRECT_LABELS:
        rows += line_ends.labels(lines, drawn, _percent)
    frame = with_rows(frame, rows)
    signals: dict[str, Any] = {
        "y_low": low,
        "y_high": high,
        "x_low": first,
        "x_high": last,
        "stacked": int(stacked),
        **names(lines),
    }
    said = line_ends.in_words(lines, zone, zone_label)
    return OutcomesView(frame, signals, _in_words(lines, walls, zone_label, said), not (low == 0 and high >= 100))


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
    columns: dict[str, Any] = {"kind": np.where(ended, "moment", "between"), "time": places, "end": times}
    columns |= {
        "label": list(labels),
        "place": np.nan,
        "rank": np.nan,
        "before": np.nan,
        "after": np.nan,
        "since": np.nan,
    }
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


def _in_words(lines: Sequence[OutcomeLine], walls: Numbers, zone_label: str, said: str) -> str:
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
        f"Chart of the chances of {len(lines)} outcomes from {first} to {last}. {newest}{said}"
        " The table under it has all."
    )
