"""What is bound to the named queries for a question: filters, windows of time, samples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from data_layer.questions import MarketFilter, Order

SEARCH_WORDS = 4
_EPOCH, _FAR = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_SAMPLE_BITS = 24


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
        "spread_max": f.spread_max_dollars,
        "volume_min": f.volume_min_contracts,
        "volume_24h_min": f.volume_24h_min_contracts,
        "open_interest_min": f.open_interest_min_contracts,
        "closes_from": after(f.days_to_close_min),
        "closes_to": after(f.days_to_close_max),
    }


def markets_key(f: MarketFilter, order: Sequence[Order], values: dict[str, Any]) -> tuple[Any, ...]:
    """Return what makes a question for a page of markets the same question: the clock counts only with days."""
    return (f, tuple(order), values["offset"], values["limit"], values["closes_from"], values["closes_to"])


def window_values(start: datetime | None, end: datetime | None) -> dict[str, Any]:
    """Return a window of ends of candlesticks, both inclusive, and the month partitions it reaches into."""
    start, end = _utc(start or _EPOCH), _utc(end or _FAR)
    return {"start": start, "end": end, "first_month": _month(start), "last_month": _month(end)}


def mover_values(now: datetime, hours: int, lookback_days: int) -> dict[str, Any]:
    """Return now, the moment `hours` before, and how far back a price at that moment is looked for."""
    then = now - timedelta(hours=hours)
    lookback = then - timedelta(days=lookback_days)
    return {
        "now": now,
        "then": then,
        "lookback": lookback,
        "first_month": _month(lookback),
        "last_month": _month(now),
    }


def sample_bound(share: float) -> str:
    """Return the text below which the hexadecimal MD5 of a ticker lies with the probability `share` (0–1].

    MD5 is the same in every engine and version, so a market is in every sample or in none.
    """
    if not 0 < share <= 1:
        raise ValueError(f"A sample is a share above 0 and at most 1, not {share}.")
    return "g" if share == 1 else f"{round(share * 2**_SAMPLE_BITS):06x}"


def bucket_minutes(period_minutes: int, wanted: float) -> int:
    """Round up to a width that divides the clock, or to whole days: buckets start where people expect them."""
    for minutes in (5, 15, 30, 60, 120, 240, 480, 1440):
        if minutes >= wanted and minutes % period_minutes == 0:
            return minutes
    return -int(-wanted // 1440) * 1440


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _month(end: datetime) -> str:
    """Return the partition of a candlestick that ends then: the month of its last instant."""
    return f"{end - timedelta(seconds=1):%Y-%m}"
