"""A market's price over time: bid/ask band, trades as a line or as candlesticks, volume under it on the same axis.

Gaps look like gaps. A candlestick is missing when nothing changed, so a quote is carried over up to 24 hours, dashed;
over anything longer nothing is drawn, and never before the first candlestick. Within a candlestick the lines step in
its middle. The exchange gives candlesticks once they have ended: after the last one the lines are carried in the same
way up to the present quote, where they end. Volume is never carried.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

import pandas as pd

from components.charts.present import PresentQuote, cents
from components.quoting import PriceStyle

#: A quote is drawn on for this long without a candlestick.
CARRIED_MINUTES = 24 * 60


_OF_YES = PriceStyle()


@dataclass(frozen=True)
class PriceView:
    """A price chart's data and axes, ready for `LiveChart.feed`, and what it shows in words.

    `zoomed` says that the price axis does not reach from 0 to 100 cents.
    """

    frame: pd.DataFrame
    signals: dict[str, float]
    description: str
    zoomed: bool


COLUMNS = (
    *("kind", "run", "carried", "start", "time", "end", "bid", "ask"),
    *("open", "high", "low", "last", "volume", "interest", "chance", "label"),
)


def _cents(frame: pd.DataFrame, name: str) -> list[float]:
    return [float(v) * 100 for v in frame[name].astype("float64")]


def _known(value: float, other: float) -> float:
    return other if math.isnan(value) else value


class _Runs:
    """Collects the points of one series: runs of neighbouring candlesticks, and what is carried between them."""

    def __init__(self, kind: str, period_ms: float) -> None:
        self.kind, self.period = kind, period_ms
        self.rows: list[dict[str, Any]] = []
        self._run = 0
        self._end: float | None = None
        self._values: dict[str, float] = {}

    def _add(self, time: float, values: dict[str, float], carried: int) -> None:
        self.rows.append({"kind": self.kind, "run": self._run, "carried": carried, "time": time, **values})

    def point(self, time: float, opened: dict[str, float], values: dict[str, float]) -> None:
        """Add one candlestick: what stood when it opened, and what when it ended."""
        start = time - self.period
        missing = math.inf if self._end is None else start - self._end
        if missing > self.period / 2:
            if missing <= CARRIED_MINUTES * 60_000 and self._end is not None:
                self._run += 1
                self._add(self._end, self._values, 1)
                self._add(start, self._values, 1)
            self._run += 1
            self._add(start, opened, 0)
        self._add(time, values, 0)
        self._end, self._values = time, values

    def present(self, time: float, values: dict[str, float]) -> None:
        """Add what is quoted after the last candlestick: a step from what is carried up to it."""
        if self._end is not None and time - self._end <= CARRIED_MINUTES * 60_000:
            self._run += 1
            self._add(self._end, self._values, 1)
            self._add(time, self._values, 1)
            self._run += 1
            self._add(time, self._values, 0)
        else:
            self._run += 1
        self._add(time, values, 0)


def wall_clocks(times: pd.Series, zone: tzinfo) -> list[float]:
    """Return the clock on the wall in `zone` as if it were UTC, in milliseconds: the axis has no other zones."""
    there = pd.DatetimeIndex(times).tz_convert(zone).tz_localize(None)
    return [float(v) for v in there.as_unit("ms").asi8]


def wall_clock(moment: datetime, zone: tzinfo) -> float:
    """Return one moment on the chart's time axis, in milliseconds."""
    return moment.astimezone(zone).replace(tzinfo=UTC).timestamp() * 1000


def price_view(
    candles: pd.DataFrame,
    period_minutes: int,
    *,
    start: datetime | None,
    end: datetime,
    zone: tzinfo,
    zone_label: str,
    full_axis: bool = False,
    candlesticks: bool = False,
    open_interest: bool = False,
    style: PriceStyle = _OF_YES,
    present: PresentQuote | None = None,
) -> PriceView:
    """Return what the price chart shows of candlesticks (`Answer.frame`, ascending by `end_time`, prices in dollars).

    The rows hold cents of the side of `style`; its unit is how axis and tooltip say them. The lines end in the
    `present` quote where that is newer than the last candlestick.
    `start` None begins the axis at the first candlestick. Times appear in `zone`; `end` of a row is UTC, for exports.
    """
    period = period_minutes * 60_000.0
    times = wall_clocks(candles["end_time"], zone)
    quotes, trades, rows = _lines_and_rows(candles, _prices(candles, style), times, period, zone_label)
    newest = present if present is not None and times and present.time > candles["end_time"].iloc[-1] else None
    now = [] if newest is None else [_end_in(newest, quotes, trades, zone, zone_label, style)]
    frame = pd.DataFrame([*quotes.rows, *trades.rows, *rows, *now], columns=list(COLUMNS))
    low, high, zoomed = _price_range(frame, full_axis, _BODIES if candlesticks else _LINES)
    first = (
        wall_clock(start, zone)
        if start is not None
        else (times[0] - period if times else wall_clock(end, zone) - period)
    )
    signals = {
        "y_low": low,
        "y_high": high,
        "x_low": first,
        "x_high": wall_clock(end if newest is None else max(end, newest.time), zone),
        "v_high": max((row["volume"] for row in rows if row["volume"] > 0), default=1.0),
        "candlesticks": int(candlesticks),
        "with_interest": int(open_interest),
        "price_unit": UNIT_SIGNALS.get(style.unit, 0),
    }
    said = "" if newest is None else newest.said(zone, zone_label, style)
    return PriceView(frame, signals, _in_words(rows, style.side_word, said), zoomed)


def _prices(candles: pd.DataFrame, style: PriceStyle) -> dict[str, list[float]]:
    """Return the series of prices in cents, of the side of `style`."""
    series = {
        name: _cents(candles, f"{column}_dollars")
        for name, column in {
            "bid": "yes_bid_close",
            "ask": "yes_ask_close",
            "bid_open": "yes_bid_open",
            "ask_open": "yes_ask_open",
            "last": "price_close",
            "last_open": "price_open",
            "high": "price_high",
            "low": "price_low",
            "previous": "price_previous",
        }.items()
    }
    return _of_no(series) if style.flipped else series


def _lines_and_rows(
    candles: pd.DataFrame, series: dict[str, list[float]], times: list[float], period: float, zone_label: str
) -> tuple[_Runs, _Runs, list[dict[str, Any]]]:
    """Return the lines of quotes and of trades, broken where nothing is known, and a row per candlestick."""
    ends = wall_clocks(candles["end_time"], UTC)
    volume = candles["volume_contracts"].astype("float64").tolist()
    interest = candles["open_interest_contracts"].astype("float64").tolist()
    quotes, trades, rows = _Runs("quote", period), _Runs("trade", period), list[dict[str, Any]]()
    standing = math.nan
    for i, time in enumerate(times):
        quote = {"bid": series["bid"][i], "ask": series["ask"][i]}
        opened = {side: _known(series[f"{side}_open"][i], quote[side]) for side in ("bid", "ask")}
        held = {"interest": interest[i]}
        quotes.point(time, opened | held, quote | held)
        before = _known(series["previous"][i], standing)
        standing = _known(series["last"][i], before)
        if not math.isnan(standing):
            trades.point(time, {"last": _known(before, _known(series["last_open"][i], standing))}, {"last": standing})
        rows.append(
            {
                "kind": "candle",
                "run": 0,
                "carried": 0,
                "start": _start(times, i, period),
                "time": time,
                "end": ends[i],
                **quote,
                "open": series["last_open"][i],
                "high": series["high"][i],
                "low": series["low"][i],
                "last": series["last"][i],
                "volume": volume[i],
                "interest": interest[i],
                "label": f"{pd.Timestamp(time, unit='ms'):%d %b %Y, %H:%M} {zone_label}",
            }
        )
    return quotes, trades, rows


def _start(times: Sequence[float], at: int, period: float) -> float:
    """Return when a candlestick began: where its neighbour ended, as days have 23 to 25 hours."""
    start = times[at] - period
    return times[at - 1] if at and abs(start - times[at - 1]) <= period / 2 else start


def _end_in(
    quote: PresentQuote, quotes: _Runs, trades: _Runs, zone: tzinfo, zone_label: str, style: PriceStyle
) -> dict[str, Any]:
    """End lines in the present quote; return its own row, in cents of the side."""
    time = wall_clock(quote.time, zone)
    bid, ask = (cents(price) for price in style.bid_ask(quote.bid, quote.ask))
    last, chance = (cents(style.of(price)) for price in (quote.last, quote.chance))
    interest = math.nan if quote.interest is None else float(quote.interest)
    quotes.present(time, {"bid": bid, "ask": ask, "interest": interest})
    if not math.isnan(last):
        trades.present(time, {"last": last})
    return {
        "kind": "now",
        "time": time,
        "end": quote.time.timestamp() * 1000,
        "bid": bid,
        "ask": ask,
        "last": last,
        "chance": chance,
        "interest": interest,
        "label": quote.named(zone, zone_label),
    }


#: The spec's `price_unit`: cents, else a kind of odds.
UNIT_SIGNALS = {"decimal": 1, "american": 2}

#: What a series of NO is made of: 100 less this series of YES.
_OF_NO = {"bid": "ask", "ask": "bid", "bid_open": "ask_open", "ask_open": "bid_open", "high": "low", "low": "high"}


def _of_no(series: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return the series of NO in cents, from those of YES: the NO bid is 100 less the YES ask."""
    return {name: [100 - v for v in series[_OF_NO.get(name, name)]] for name in series}


_LINES, _BODIES = ("bid", "ask", "last", "chance"), ("bid", "ask", "high", "low", "chance")


def _price_range(frame: pd.DataFrame, full: bool, names: Sequence[str]) -> tuple[float, float, bool]:
    """Return the price axis: 0–100, or what there is with a margin, on whole steps inside 0–100."""
    values = frame[list(names)].astype("float64").to_numpy().ravel()
    values = values[~pd.isna(values)]
    if full or not len(values):
        return 0.0, 100.0, False
    low, high = float(values.min()), float(values.max())
    margin = max((high - low) * 0.08, 0.5 if high - low < 5 else 1.0)
    low, high = max(0.0, math.floor((low - margin) * 2) / 2), min(100.0, math.ceil((high + margin) * 2) / 2)
    return low, high, not (low == 0.0 and high == 100.0)


def _in_words(rows: list[dict[str, Any]], side: str, present: str) -> str:
    if not rows:
        return "Price chart without data."
    lasts = [row["last"] for row in rows if not math.isnan(row["last"])]
    traded = (
        f"Last trade of {side} went from {lasts[0]:g} to {lasts[-1]:g} cents, lowest {min(lasts):g}, "
        f"highest {max(lasts):g}."
        if lasts
        else "No trade in this time."
    )
    total = sum(row["volume"] for row in rows if not math.isnan(row["volume"]))
    return (
        f"Price chart with {len(rows)} candlesticks from {rows[0]['label']} to {rows[-1]['label']}. {traded} "
        f"Volume {total:,.0f} contracts. {f'It ends {present}. ' if present else ''}"
        "The table under the chart holds every value."
    )
