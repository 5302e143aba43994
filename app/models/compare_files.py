"""What files of a comparison hold beside the stored rows: how far each market moved, in points and in log-odds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from app.models.compare_chart import Moved, Row, Span
from data_layer.analytics import odds
from data_layer.questions import Answer

_TYPES = {
    "then_chance": pa.decimal128(10, 5),
    "then_time": pa.timestamp("us", tz="UTC"),
    "change_pp": pa.decimal128(10, 3),
    "change_log_odds": pa.float64(),
}


def with_changes(about: Answer, moved: Sequence[Moved]) -> Answer:
    """Return the markets' rows with how far each `moved` in all."""
    return _beside(
        about,
        {
            "then_chance": [told.then for told in moved],
            "then_time": [told.since for told in moved],
            "change_pp": [told.change_pp for told in moved],
            "change_log_odds": [told.change_log_odds for told in moved],
        },
    )


def with_measures(
    candles: Answer, rows: Sequence[Row], spans: Mapping[str, Span], moved: Mapping[str, Moved], period_minutes: int
) -> Answer:
    """Return candlesticks with how far each had moved since the window's start; None outside of what is drawn."""
    ticks = {row["ticker"]: row["tick_dollars"] for row in rows}
    period = timedelta(minutes=period_minutes)
    known = dict[Any, tuple[Decimal | None, float | None]]()
    points: list[Decimal | None] = []
    log_odds: list[float | None] = []
    for row in candles.table.select(["ticker", "end_time", "chance"]).to_pylist():
        ticker, end, chance = row["ticker"], row["end_time"], row["chance"]
        span, then = spans[ticker], moved[ticker].then
        is_early = span.start is not None and end < span.start
        if is_early or (span.over and end > span.end + period):
            then = None
        if (ticker, chance, then) not in known:  # of many moments few chances differ
            change = odds.change_log_odds(chance, then, ticks[ticker])
            known[ticker, chance, then] = odds.change_pp(chance, then), change
        change_pp, change_log_odds = known[ticker, chance, then]
        points.append(change_pp)
        log_odds.append(change_log_odds)
    return _beside(candles, {"change_pp": points, "change_log_odds": log_odds})


def _beside(answer: Answer, columns: Mapping[str, list[Any]]) -> Answer:
    table = answer.table
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values, _TYPES[name]))
    return dataclasses.replace(answer, table=table)
