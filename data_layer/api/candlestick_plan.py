"""How a span of candlesticks is cut into requests within the exchange's caps, and put together again.

The caps count the *requested* periods: 5,000 a request for one market, 10,000 for tickers x periods of a batch.
Both ends of a request are inclusive, so that the next one starts one second after the last ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

from data_layer.api.page import Candlesticks, Page, Tier
from data_layer.api.tickers import checked_seconds, chunks
from data_layer.api.wire import Candlestick
from data_layer.errors import KalshiRequestError

Period = Literal[1, 60, 1440]
"""Minutes in a candlestick."""

MOST_PERIODS = 5_000
MOST_BATCH_CANDLESTICKS = 10_000
MOST_TICKERS = 100


def spans(start_ts: int, end_ts: int, period_interval: Period, most: int = MOST_PERIODS) -> Iterator[tuple[int, int]]:
    """Cut start..end (Unix seconds, both inclusive) into pieces of at most `most` periods."""
    start, end = checked_span(start_ts, end_ts, period_interval)
    seconds = period_interval * 60 * most
    while start <= end:
        yield start, min(start + seconds - 1, end)
        start += seconds


def checked_span(start_ts: int, end_ts: int, period_interval: int) -> tuple[int, int]:
    """Return the span in whole seconds; raise KalshiRequestError if it is no span or no period of the exchange's."""
    if period_interval not in get_args(Period):
        raise KalshiRequestError(f"A candlestick lasts 1, 60 or 1440 minutes, not {period_interval!r}.")
    start, end = checked_seconds("start_ts", start_ts), checked_seconds("end_ts", end_ts)
    if start > end:
        raise KalshiRequestError(f"The span ends ({end}) before it starts ({start}).")
    return start, end


def batches(
    tickers: Sequence[str], start_ts: int, end_ts: int, period_interval: Period
) -> Iterator[tuple[Sequence[str], int, int]]:
    """Cut tickers and span into requests of at most 100 tickers and 10,000 candlesticks, as few as possible."""
    start, end = checked_span(start_ts, end_ts, period_interval)
    periods = (end - start) // (period_interval * 60) + 1
    together = max(1, min(MOST_TICKERS, MOST_BATCH_CANDLESTICKS // min(periods, MOST_PERIODS)))
    for some in chunks(tickers, together):
        for piece in spans(start, end, period_interval):
            yield some, *piece


def merged(ticker: str, period_interval: Period, tier: Tier, pages: Iterable[Page[Candlestick]]) -> Candlesticks:
    """Put the pieces of one market together: ascending, each end once; of a repeated end the later answer counts."""
    by_end: dict[int, Candlestick] = {}
    pieces = list(pages)
    for page in pieces:
        by_end.update((candle.end_period_ts, candle) for candle in page.items)
    return Candlesticks(
        ticker=ticker,
        period_interval=period_interval,
        items=[by_end[end] for end in sorted(by_end)],
        tier=tier,
        fetched_at=max((page.fetched_at for page in pieces), default=0.0),
        rejected=tuple(row for page in pieces for row in page.rejected),
        unknown_fields=tuple(sorted({key for page in pieces for key in page.unknown_fields})),
        nbytes=sum(page.nbytes for page in pieces),
        requests=len(pieces),
    )
