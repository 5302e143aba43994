"""The lines of an event's chart: its leading outcomes and the sum of the others, as quoted or normalised."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from data_layer.analytics.outcome_paths import (
    Candles,
    Flags,
    Numbers,
    Paths,
    exponents,
    normalised,
    side_by_side,
)
from data_layer.event_questions import FETCHED, LEADING

#: Word for the line of all outcomes that have none of their own.
OTHER = "other"
OVER = frozenset({"closed", "determined", "disputed", "amended", "finalized", "settled"})

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One line: its identity in links, what it is called, its place in the palette, and its newest chance (0–1)."""

    key: str
    name: str
    rank: int
    chance: float | None = None


@dataclass(frozen=True)
class Picture:
    """What the chart shows: lines, and for each moment (epoch ms) their chances (0–1; moments × lines).

    `others` counts the outcomes without a line of their own, `summed` those of them that are in the line of the
    others, `histories` the outcomes that have candlesticks, and `voids` the moments that cannot be normalised.
    """

    lines: tuple[Line, ...]
    times: Numbers
    seen: Numbers
    carried: Numbers
    ends: Flags
    others: int
    summed: int
    histories: int
    voids: int


def charted(outcomes: Sequence[Row], exclusive: bool) -> list[str]:
    """Return the tickers whose candlesticks the chart needs; leading ones first."""
    return [row["ticker"] for row in outcomes[: FETCHED if exclusive else LEADING]]


def name_of(row: Row) -> str:
    """Return what an outcome is called."""
    return str(row["outcome"] or row["title"] or row["ticker"])


def picture(
    outcomes: Sequence[Row], candles: pd.DataFrame, *, exclusive: bool, scale: str, period_minutes: int, end: datetime
) -> Picture:
    """Return the lines of an event whose `outcomes` come leading first, from candlesticks of `event_candlesticks`.

    Outcomes that exclude each other have a line for the sum of those beyond the tenth; in it a quote counts until the
    next one, however long. `scale` normalises each moment at which all leading outcomes that traded then are known.
    What is quoted at `end` (UTC) is one more thing seen.
    """
    parts = {str(ticker): part for ticker, part in candles.groupby("ticker", sort=False)}
    wanted = outcomes[: FETCHED if exclusive else LEADING]
    lead = wanted[:LEADING]
    spans = [_candles(row, parts.get(row["ticker"]), end) for row in wanted]
    # In the sum of the others a quote of now counts only where there is a past: no jump at the end.
    spans[len(lead) :] = [
        replace(span, carried_ms=math.inf, now=span.now if len(span.ends) else None) for span in spans[len(lead) :]
    ]
    paths = side_by_side(spans, period_minutes * 60_000.0)
    seen, carried, voids = paths.seen, paths.carried, 0
    if exclusive and scale != "raw":
        complete = _complete(paths, lead, spans)
        exponent, factor = exponents(paths.standing, complete, scale)
        seen, carried = normalised(seen, exponent, factor), normalised(carried, exponent, factor)
        voids = int((~complete).sum())
    has_history = [len(span.ends) > 0 for span in spans]
    lines = [Line(row["ticker"], name_of(row), rank) for rank, row in enumerate(lead)]
    summed = sum(has_history[len(lead) :])
    if summed:
        known = np.where(np.isnan(seen), carried, seen)[:, len(lead) :]
        total = np.where(np.isnan(known).all(axis=1), np.nan, np.nansum(known, axis=1))
        seen = np.column_stack([seen[:, : len(lead)], total])
        carried = np.column_stack([carried[:, : len(lead)], np.full(len(total), np.nan)])
        lines.append(Line(OTHER, f"Other ({summed} of {len(outcomes) - len(lead)})", LEADING))
    seen, carried = seen[:, : len(lines)], carried[:, : len(lines)]
    newest = [_newest(seen[:, column]) for column in range(len(lines))]
    named = tuple(replace(line, chance=chance) for line, chance in zip(lines, newest, strict=True))
    others = len(outcomes) - len(lead)
    return Picture(named, paths.times, seen, carried, paths.ends, others, summed, sum(has_history), voids)


def _candles(row: Row, part: pd.DataFrame | None, end: datetime) -> Candles:
    nothing = np.zeros(0)
    now = None
    quoted = row["quote_time"]
    if row["status"] not in OVER and row["probability"] is not None and quoted is not None and quoted <= end:
        now = (quoted.timestamp() * 1000, float(row["probability"]))
    if part is None:
        return Candles(nothing, nothing, nothing, now)
    ends = pd.DatetimeIndex(part["end_time"]).as_unit("ms").asi8.astype("float64")
    return Candles(ends, part["opening_chance"].to_numpy("float64"), part["chance"].to_numpy("float64"), now)


def _complete(paths: Paths, lead: Sequence[Row], spans: Sequence[Candles]) -> Flags:
    """Return at which moments every leading outcome that traded then has a chance."""
    complete = np.ones(len(paths.times), dtype=bool)
    for column, (row, span) in enumerate(zip(lead, spans, strict=False)):
        opened = row["open_time"].timestamp() * 1000 if row["open_time"] is not None else -math.inf
        last = (span.ends[-1] if len(span.ends) else -math.inf) if row["status"] in OVER else math.inf
        traded = (paths.times >= opened) & (paths.times <= last)
        complete &= ~(traded & np.isnan(paths.standing[:, column]))
    return complete & ~np.isnan(paths.standing).all(axis=1)


def _newest(values: Numbers) -> float | None:
    known = values[~np.isnan(values)]
    return float(known[-1]) if len(known) else None
