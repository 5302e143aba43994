"""What is bound to the named queries for a question: filters, windows of time, samples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from data_layer.questions import MarketFilter, MoverFilter, Order

SEARCH_WORDS = 4
_EPOCH, _FAR = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def filter_values(f: MarketFilter, now: datetime) -> dict[str, Any]:
    """Return the bound values of ``markets.sql``; days are counted from `now`."""
    words = [*f.text.split()[:SEARCH_WORDS], *[""] * SEARCH_WORDS]

    def after(days: Any) -> datetime | None:
        return None if days is None else now + timedelta(days=float(days))

    return {
        **{f"word{n + 1}": words[n] for n in range(SEARCH_WORDS)},
        "event": f.event,
        "statuses": list(f.statuses),
        "categories": list(f.categories),
        "series": list(f.series),
        "qualities": [str(quality) for quality in f.qualities],
        "probability_min": f.probability_min,
        "probability_max": f.probability_max,
        "spread_min": f.spread_min_dollars,
        "spread_max": f.spread_max_dollars,
        "volume_min": f.volume_min_contracts,
        "volume_24h_min": f.volume_24h_min_contracts,
        "open_interest_min": f.open_interest_min_contracts,
        "closes_from": after(f.days_to_close_min),
        "closes_to": after(f.days_to_close_max),
        "opened_from": None if f.days_since_open_max is None else after(-f.days_since_open_max),
    }


def markets_key(f: MarketFilter, order: Sequence[Order], values: dict[str, Any]) -> tuple[Any, ...]:
    """Return what makes a question for a page of markets the same question: the clock counts only with days."""
    return (
        f,
        tuple(order),
        values["offset"],
        values["limit"],
        values["closes_from"],
        values["closes_to"],
        values["opened_from"],
    )


def window_values(start: datetime | None, end: datetime | None) -> dict[str, Any]:
    """Return a window of ends of candlesticks, both inclusive, and the month partitions it reaches into."""
    start, end = _utc(start or _EPOCH), _utc(end or _FAR)
    return {"start": start, "end": end, "first_month": month_of(start), "last_month": month_of(end)}


def mover_values(f: MoverFilter, now: datetime) -> dict[str, Any]:
    """Return the filter's bound values of ``movers.sql``; days are counted from `now`."""

    def after(days: Decimal | None) -> datetime | None:
        return None if days is None else now + timedelta(days=float(days))

    return {
        "categories": list(f.categories),
        "series": list(f.series),
        "volume_24h_min": f.volume_24h_min_contracts,
        "closes_from": after(f.days_to_close_min),
        "closes_to": after(f.days_to_close_max),
        "expires_from": after(f.days_to_expiration_min),
        "opened_to": None if f.days_open_min is None else after(-f.days_open_min),
    }


def bucket_minutes(period_minutes: int, wanted: float) -> int:
    """Round up to a width that divides the clock, or to whole days: buckets start where people expect them."""
    for minutes in (5, 15, 30, 60, 120, 240, 480, 1440):
        if minutes >= wanted and minutes % period_minutes == 0:
            return minutes
    return -int(-wanted // 1440) * 1440


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def month_of(end: datetime) -> str:
    """Return the partition of a candlestick that ends then: the month of its last instant."""
    return f"{end - timedelta(seconds=1):%Y-%m}"
