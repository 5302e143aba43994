"""The lines of compared markets: their chances, or how far those moved since the window's start, on one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from app.models.event_chart import OVER
from app.models.present import Ending, Present, end_of, present, standing_until
from data_layer.analytics import odds
from data_layer.analytics.outcome_paths import Candles, Flags, Numbers, Quoted, side_by_side

Row = Mapping[str, Any]

_GRID = Decimal("0.00001")


@dataclass(frozen=True)
class Span:
    """One market's own part of time (UTC): its window, when its trading closes or closed, and whether it is over.

    `start` None reaches back to everything that is stored, `close` is None where the exchange says none.
    """

    start: datetime | None
    end: datetime
    close: datetime | None
    over: bool


@dataclass(frozen=True)
class Moved:
    """How far one market moved: its chance (0–1) at the start, since when, at its newest, until when, and between.

    `since` is later than the window's start where nothing was known then. Changes are of YES, in percentage points
    and natural log-odds; None where one of the two is missing, never 0. `quoted` says that the line ends in the
    present quote, received at `until`, and not with a candlestick that ended then.
    """

    then: Decimal | None = None
    since: datetime | None = None
    now: Decimal | None = None
    until: datetime | None = None
    change_pp: Decimal | None = None
    change_log_odds: float | None = None
    quoted: bool = False


@dataclass(frozen=True)
class Line:
    """One line: its market, its place in the palette, and its newest value in the chart's unit.

    `ending` is the present quote it ends in, None where it ends with a candlestick.
    """

    key: str
    rank: int
    value: float | None = None
    ending: Ending | None = None


@dataclass(frozen=True)
class Picture:
    """What the chart shows: lines, and for each moment their values (moments × lines, NaN for nothing).

    `times` are epoch ms, or ms after each one's close (negative: before) where lines are laid by the time left.
    `low` and `high` are the ends of the time axis in the same. `moved` is by ticker, of every market with a row.
    """

    lines: tuple[Line, ...]
    times: Numbers
    seen: Numbers
    carried: Numbers
    ends: Flags
    low: float
    high: float
    moved: Mapping[str, Moved]


def close_of(row: Row) -> datetime | None:
    """Return when a market's trading closed, or is expected to: what the time left is counted to."""
    if row["status"] in OVER:
        return row["close_time"] or row["settlement_time"]
    return row["expected_time"] or row["close_time"]


def span_of(row: Row, back: timedelta | None, now: datetime, *, aligned: bool, last: datetime) -> Span:
    """Return a market's window.

    By the clock all have the same, up to `last`; by the time left (`aligned`) each has the last part of its own life.
    """
    over, close = row["status"] in OVER, close_of(row)
    end = min(close or now, now) if over else now
    start = None if back is None else (end if aligned else last) - back
    return Span(start, end, close, over)


def picture(
    rows: Sequence[Row],
    spans: Sequence[Span],
    candles: pd.DataFrame,
    *,
    measure: str,
    aligned: bool,
    flipped: bool,
    period_minutes: int,
    now: datetime,
) -> Picture:
    """Return the lines of markets from candlesticks of `event_candlesticks`; those without any have no line.

    Lines end in the present quotes, at the newest of them; a stale one ends at its own time.
    `measure` is one of `app.link_words.COMPARED`, `flipped` shows NO. Quotes are carried for at most 24 hours.
    """
    parts = {str(ticker): part for ticker, part in candles.groupby("ticker", sort=False)}
    period = period_minutes * 60_000.0
    shifts = [_shift(span, aligned) for span in spans]
    quotes = [present(row, span.end, now) for row, span in zip(rows, spans, strict=True)]
    newest = standing_until(quotes)
    held = [
        _candles(span, parts.get(row["ticker"]), shift, period, aligned, _quoted(quote, newest, shift))
        for row, span, shift, quote in zip(rows, spans, shifts, quotes, strict=True)
    ]
    starts = [
        None if span.start is None else _ms(span.start) - shift for span, shift in zip(spans, shifts, strict=True)
    ]
    paths = side_by_side(held, period, [start for start in starts if start is not None])
    moved: dict[str, Moved] = {}
    lines: list[Line] = []
    columns: list[tuple[Numbers, Numbers]] = []
    for place, (row, span, shift) in enumerate(zip(rows, spans, shifts, strict=True)):
        seen, carried = paths.seen[:, place], paths.carried[:, place]
        start = starts[place]
        if start is not None:
            seen, carried = (np.where(paths.times < start, np.nan, values) for values in (seen, carried))
        past = len(held[place].ends) > 0
        quote = quotes[place] if held[place].ends_in_quote else None
        told = _moved(row, span, shift, paths.times, seen, carried, quote) if past else Moved()
        moved[row["ticker"]] = told
        if told.then is None:
            continue
        seen, carried = (
            _measured(values, measure, told.then, row["tick_dollars"], flipped) for values in (seen, carried)
        )
        columns.append((seen, carried))
        said = held[place].now
        ending = None if quote is None or said is None else Ending(quote, said.time, said.until)
        lines.append(Line(row["ticker"], place, _newest(seen), ending))
    shape = (len(paths.times), len(columns))
    all_seen, all_carried = (
        np.column_stack([pair[n] for pair in columns]) if columns else np.zeros(shape) for n in (0, 1)
    )
    ends = [_ms(span.end) - shift for span, shift in zip(spans, shifts, strict=True)]
    ends += [one.now.until for one in held if one.now is not None and one.ends_in_quote]
    low, high = _axis(paths.times, all_seen, all_carried, starts, ends)
    return Picture(tuple(lines), paths.times, all_seen, all_carried, paths.ends, low, high, moved)


def _axis(
    times: Numbers, seen: Numbers, carried: Numbers, starts: Sequence[float | None], ends: Sequence[float]
) -> tuple[float, float]:
    """Return the ends of the time axis: the earliest window or value, and the latest end of a market."""
    high = max(ends, default=0.0)
    known = times[~(np.isnan(seen) & np.isnan(carried)).all(axis=1)] if seen.shape[1] else times[:0]
    first = float(known[0]) if len(known) else high - 3_600_000.0
    stated = [start for start in starts if start is not None]
    low = min(stated) if stated else first
    return (low if low < high else high - 3_600_000.0), high


def _shift(span: Span, aligned: bool) -> float:
    """Return what is taken from a market's times: nothing, or the moment of its close (epoch ms)."""
    return _ms(span.close or span.end) if aligned else 0.0


def _quoted(quote: Present | None, newest: datetime | None, shift: float) -> Quoted | None:
    if quote is None or quote.chance is None or newest is None:
        return None
    return Quoted(_ms(quote.time) - shift, _ms(end_of(quote, newest)) - shift, float(quote.chance))


def _candles(
    span: Span, part: pd.DataFrame | None, shift: float, period: float, aligned: bool, now: Quoted | None
) -> Candles:
    nothing = np.zeros(0)
    if part is None:
        return Candles(nothing, nothing, nothing, now)
    ends = pd.DatetimeIndex(part["end_time"]).as_unit("ms").asi8.astype("float64")
    opened, closed = part["opening_chance"].to_numpy("float64"), part["chance"].to_numpy("float64")
    kept = ends <= _ms(span.end) + period if span.over else np.ones(len(ends), dtype=bool)
    ends, opened, closed = ends[kept] - shift, opened[kept], closed[kept]
    if aligned and len(ends):
        # On one grid, so that eight markets share their moments; of two on one place the later one counts.
        grid = np.floor(ends / period) * period
        last = np.append(grid[1:] != grid[:-1], True)
        ends, opened, closed = grid[last], opened[last], closed[last]
    return Candles(ends, opened, closed, now)


def _moved(
    row: Row, span: Span, shift: float, times: Numbers, seen: Numbers, carried: Numbers, quote: Present | None
) -> Moved:
    """Return how far a market moved from the first to the newest thing that is known of it in its window.

    `quote` is the present one where the line ends in it.
    """
    known = np.where(np.isnan(seen), carried, seen)
    places = np.flatnonzero(~np.isnan(known))
    watched = np.flatnonzero(~np.isnan(seen))
    if len(places) < 2 or not len(watched):
        return Moved()
    then, since = _exact(known[places[0]]), _moment(times[places[0]] + shift)
    last = int(watched[-1])
    now: Decimal | None = _exact(seen[last])
    until = _moment(times[last] + shift) if quote is None else quote.time
    if not span.over:
        # What the table says is the chance now is what the change is measured to.
        now = row["probability"]
    change = odds.change_log_odds(now, then, row["tick_dollars"])
    return Moved(then, since, now, until, odds.change_pp(now, then), change, quote is not None)


def _measured(values: Numbers, measure: str, then: Decimal, tick: Decimal | None, flipped: bool) -> Numbers:
    """Return chances of YES in the unit of the chart, for the side."""
    if measure == "level":
        return 100 * (1 - values if flipped else values)
    sign = -1.0 if flipped else 1.0
    if measure == "pp":
        return sign * 100 * (values - float(then))
    # Of many moments few values differ: the formula is asked once for each.
    levels, places = np.unique(values, return_inverse=True)
    moved = [np.nan if np.isnan(level) else odds.change_log_odds(level, then, tick) for level in levels]
    turned: Numbers = sign * np.asarray(moved, dtype=np.float64)[places.reshape(values.shape)]
    return turned


def common_until(moved: Mapping[str, Moved]) -> datetime | None:
    """Return the latest moment up to which every line reaches; None without a line."""
    return min((told.until for told in moved.values() if told.until is not None), default=None)


def _exact(value: float) -> Decimal:
    return Decimal(value).quantize(_GRID)


def _ms(moment: datetime) -> float:
    return moment.timestamp() * 1000


def _moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(float(milliseconds) / 1000, UTC)


def _newest(values: Numbers) -> float | None:
    known = values[~np.isnan(values)]
    return float(known[-1]) if len(known) else None
