"""Small tables of the declared schemas, filled with nulls where a test does not care."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from data_layer.schemas import TABLES

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def table(name: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Return rows with the declared schema; columns that are not given are null."""
    schema = TABLES[name].arrow
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def markets(generation: int, count: int = 5) -> pa.Table:
    """Return markets whose volume is the generation."""
    return table(
        "markets",
        [
            {
                "ticker": f"T{i:05}",
                "event_ticker": f"E{i // 3:05}",
                "status": "active",
                "volume_contracts": Decimal(generation),
                "fetched_time": NOW,
            }
            for i in range(count)
        ],
    )


def events(generation: int, count: int = 3) -> pa.Table:
    """Return events whose exchange_index is the generation."""
    return table(
        "events",
        [
            {"event_ticker": f"E{i:05}", "series_ticker": "S", "exchange_index": generation, "fetched_time": NOW}
            for i in range(count)
        ],
    )


def quotes(start: int, count: int, at: datetime = NOW, bid: str = "0.4200") -> pa.Table:
    """Return quotes of distinct tickers, all observed at one moment."""
    return table(
        "quotes",
        [
            {
                "day": at.date().isoformat(),
                "ticker": f"T{i:05}",
                "observed_time": at,
                "status": "active",
                "yes_bid_dollars": Decimal(bid),
            }
            for i in range(start, start + count)
        ],
    )


def candlestick(ticker: str, end: datetime, volume: int, period: int = 60) -> dict[str, Any]:
    """Return one candlestick as a row."""
    return {
        "period_minutes": period,
        "month": (end - timedelta(microseconds=1)).strftime("%Y-%m"),
        "ticker": ticker,
        "end_time": end,
        "volume_contracts": Decimal(volume),
    }


def candlesticks(rows: Sequence[tuple[str, datetime, int]], period: int = 60) -> pa.Table:
    """Return candlesticks from (ticker, end, volume)."""
    return table("candlesticks", [candlestick(*row, period=period) for row in rows])
