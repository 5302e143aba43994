"""Spans are cut so that every second is asked once and no cap is broken."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.api.candlestick_plan import Period, batches, merged, spans
from data_layer.api.page import Page
from data_layer.api.wire import Candlestick
from data_layer.errors import KalshiRequestError

START = 1_760_000_000
periods = st.sampled_from([1, 60, 1440])


@given(st.integers(0, 400 * 86400), periods)
def test_pieces_of_a_span_meet_without_gap_or_overlap_and_stay_under_the_cap(length: int, period: Period) -> None:
    pieces = list(spans(START, START + length, period))
    assert pieces[0][0] == START
    assert pieces[-1][1] == START + length
    assert all(left[1] + 1 == right[0] for left, right in itertools.pairwise(pieces))
    assert all((last - first) / (period * 60) <= 5000 for first, last in pieces)


@given(st.integers(1, 350), st.integers(0, 90 * 86400), periods)
def test_batches_cover_every_ticker_and_second_within_the_caps(count: int, length: int, period: Period) -> None:
    tickers = [f"KXA-{n}" for n in range(count)]
    asked = list(batches(tickers, START, START + length, period))
    assert all(len(some) <= 100 for some, _, _ in asked)
    assert all(len(some) * ((last - first) // (period * 60) + 1) <= 10_000 for some, first, last in asked)
    seconds = dict.fromkeys(tickers, 0)
    for some, first, last in asked:
        for ticker in some:
            seconds[ticker] += last - first + 1
    assert set(seconds.values()) == {length + 1}


def test_a_hundred_markets_with_four_days_of_hours_are_one_request() -> None:
    assert len(list(batches([f"KXA-{n}" for n in range(100)], START, START + 4 * 86400, 60))) == 1


@pytest.mark.parametrize(
    ("start", "end", "period"),
    [(START, START - 1, 60), (START, START + 1, 5), (START * 1000, START * 1000 + 1, 60), (-5, START, 60)],
    ids=["reversed", "period", "milliseconds", "before 1970"],
)
def test_a_span_that_is_none_is_refused_before_it_is_asked(start: int, end: int, period: Period) -> None:
    with pytest.raises(KalshiRequestError):
        list(spans(start, end, period))


def test_a_candlestick_at_the_edge_of_two_answers_counts_once_and_the_later_answer_wins() -> None:
    def page(at: float, *candles: tuple[int, str]) -> Page[Candlestick]:
        return Page([Candlestick(end_period_ts=end, volume_fp=volume) for end, volume in candles], fetched_at=at)

    found = merged("KXA-1", 60, "live", [page(1.0, (7200, "1"), (3600, "1")), page(2.0, (7200, "2"), (10800, "2"))])
    assert [(one.end_period_ts, one.volume_fp) for one in found.items] == [(3600, "1"), (7200, "2"), (10800, "2")]
    assert (found.fetched_at, found.requests) == (2.0, 2)
