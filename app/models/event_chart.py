"""The lines of an event's chart: its leading outcomes and the sum of the others, as quoted or normalised."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from app.models.freshness import STALE
from app.models.present import Ending, Present, end_of, present, standing_until
from data_layer.analytics.outcome_paths import (
    Candles,
    Flags,
    Numbers,
    Paths,
    Quoted,
    exponents,
    normalised,
    side_by_side,
)
from data_layer.event_questions import FETCHED, LEADING

#: Word for the line of all outcomes that have none of their own.
OTHER = "other"
#: Statuses in which nothing is traded any more.
OVER = frozenset({"closed", "determined", "disputed", "amended", "finalized", "settled"})

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One line: its identity in links, what it is called, its place in the palette, and its newest chance (0–1).

    `ending` is the present quote it ends in, None where it ends with a candlestick.
    """

    key: str
    name: str
    rank: int
    chance: float | None = None
    ending: Ending | None = None


@dataclass(frozen=True)
class Picture:
    """What the chart shows: lines, and for each moment (epoch ms) their chances (0–1; moments × lines).

    `others` counts the outcomes without a line of their own, `summed` those of them that are in the line of the
    others, `histories` the outcomes that have candlesticks, `unsummed` those that traded without, and `voids` the
    moments that cannot be normalised.
    """

    lines: tuple[Line, ...]
    times: Numbers
    seen: Numbers
    carried: Numbers
    ends: Flags
    others: int
    summed: int
    histories: int
    unsummed: int
    voids: int

    @property
    def refused(self) -> bool:
        """Whether chances were to be normalised, and at no moment can be."""
        return self.voids > 0 and self.voids == len(self.times)


def charted(outcomes: Sequence[Row], exclusive: bool) -> list[str]:
    """Return the tickers whose candlesticks the chart needs; leading ones first."""
    return [row["ticker"] for row in outcomes[: FETCHED if exclusive else LEADING]]


def name_of(row: Row) -> str:
    """Return what an outcome is called."""
    return str(row["outcome"] or row["title"] or row["ticker"])


def picture(
    outcomes: Sequence[Row],
    candles: pd.DataFrame,
    *,
    exclusive: bool,
    scale: str,
    period_minutes: int,
    end: datetime,
    now: datetime,
) -> Picture:
    """Return the lines of an event whose `outcomes` come leading first, from candlesticks of `event_candlesticks`.

    Outcomes with a history and a quote come before those without. Outcomes that exclude each other have a line for
    the sum of those beyond the tenth; in it a quote counts until the next one, however long. `scale` normalises each
    moment at which all outcomes that traded then are known: a sum of some of them is not a whole.
    Lines end in the present quotes of a window up to `end`, at the newest of them; a stale one ends at its own time,
    but counts to the newest in what is made of all of them.
    """
    parts = {str(ticker): part for ticker, part in candles.groupby("ticker", sort=False)}
    wanted = sorted(
        outcomes[: FETCHED if exclusive else LEADING],
        key=lambda row: (row["ticker"] not in parts, not _is_priced(row)),
    )
    lead = wanted[:LEADING]
    normal = exclusive and scale != "raw"
    quotes = [present(row, end, now) for row in wanted]
    newest = standing_until(quotes)
    spans = [
        _candles(parts.get(row["ticker"]), quote, newest, whole=normal or place >= len(lead))
        for place, (row, quote) in enumerate(zip(wanted, quotes, strict=True))
    ]
    # In the sum of the others a quote of now counts only where there is a past: no jump at the end.
    spans[len(lead) :] = [
        replace(span, carried_ms=math.inf, now=span.now if len(span.ends) else None) for span in spans[len(lead) :]
    ]
    paths = side_by_side(spans, period_minutes * 60_000.0)
    seen, carried, voids = paths.seen, paths.carried, 0
    blank = [_traded(row, paths.times) for row in outcomes if row["ticker"] not in parts]
    if normal:
        complete = _complete(paths, wanted, spans)
        for traded in blank:
            complete &= ~traded
        exponent, factor = exponents(paths.standing, complete, scale)
        seen, carried = normalised(seen, exponent, factor), normalised(carried, exponent, factor)
        voids = int((~complete).sum())
    has_history = [len(span.ends) > 0 for span in spans]
    lines = [
        Line(row["ticker"], name_of(row), rank, ending=_ending(quotes[rank], spans[rank]))
        for rank, row in enumerate(lead)
    ]
    summed = sum(has_history[len(lead) :])
    if summed:
        known = np.where(np.isnan(seen), carried, seen)[:, len(lead) :]
        total = np.where(np.isnan(known).all(axis=1), np.nan, np.nansum(known, axis=1))
        seen = np.column_stack([seen[:, : len(lead)], total])
        carried = np.column_stack([carried[:, : len(lead)], np.full(len(total), np.nan)])
        together = _together(spans[len(lead) :], now)
        lines.append(Line(OTHER, f"Other ({summed} of {len(outcomes) - len(lead)})", LEADING, ending=together))
    seen, carried = seen[:, : len(lines)], carried[:, : len(lines)]
    named = tuple(replace(line, chance=_newest(seen[:, column])) for column, line in enumerate(lines))
    others, unsummed = len(outcomes) - len(lead), sum(1 for traded in blank if traded.any())
    return Picture(named, paths.times, seen, carried, paths.ends, others, summed, sum(has_history), unsummed, voids)


def _is_priced(row: Row) -> bool:
    """Return whether an outcome is quoted and has a chance, or won: an old trade alone says little."""
    return row["result"] == "yes" or (row["quote_quality"] != "none" and row["probability"] is not None)


def _candles(part: pd.DataFrame | None, quote: Present | None, newest: datetime | None, *, whole: bool) -> Candles:
    """Return an outcome's candlesticks and its present quote, which with `whole` stands until the newest of all."""
    nothing = np.zeros(0)
    now = None
    if quote is not None and quote.chance is not None and newest is not None:
        until = newest if whole else end_of(quote, newest)
        now = Quoted(_ms(quote.time), _ms(until), float(quote.chance))
    if part is None:
        return Candles(nothing, nothing, nothing, now)
    ends = pd.DatetimeIndex(part["end_time"]).as_unit("ms").asi8.astype("float64")
    return Candles(ends, part["opening_chance"].to_numpy("float64"), part["chance"].to_numpy("float64"), now)


def _ending(quote: Present | None, span: Candles) -> Ending | None:
    if quote is None or span.now is None or not span.ends_in_quote:
        return None
    return Ending(quote, span.now.time, span.now.until)


def _together(spans: Sequence[Candles], now: datetime) -> Ending | None:
    """Return where the sum of the others ends: when the newest of their quotes was received."""
    ends = [span.now for span in spans if span.now is not None and span.ends_in_quote]
    if not ends:
        return None
    until = max(quote.until for quote in ends)
    received = datetime.fromtimestamp(until / 1000, UTC)
    return Ending(Present(received, None, None, None, None, None, now - received < STALE), until, until)


def _ms(moment: datetime) -> float:
    return moment.timestamp() * 1000


def _complete(paths: Paths, outcomes: Sequence[Row], spans: Sequence[Candles]) -> Flags:
    """Return at which moments every outcome that traded then has a chance; one beyond the tenth from its first on."""
    complete = np.ones(len(paths.times), dtype=bool)
    for column, (row, span) in enumerate(zip(outcomes, spans, strict=True)):
        if not len(span.ends):
            continue  # with it no moment at which it traded is whole
        traded = _traded(row, paths.times)
        if row["status"] in OVER:
            traded &= paths.times <= span.ends[-1]
        if column >= LEADING:
            traded &= paths.times >= span.ends[0]
        complete &= ~(traded & np.isnan(paths.standing[:, column]))
    return complete & ~np.isnan(paths.standing).all(axis=1)


def _traded(row: Row, times: Numbers) -> Flags:
    """Return at which moments an outcome was open."""
    opened = _ms(row["open_time"]) if row["open_time"] is not None else -math.inf
    is_over = row["status"] in OVER and row["close_time"] is not None
    return (times >= opened) & (times <= (_ms(row["close_time"]) if is_over else math.inf))


def _newest(values: Numbers) -> float | None:
    known = values[~np.isnan(values)]
    return float(known[-1]) if len(known) else None
