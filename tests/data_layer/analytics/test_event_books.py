"""Overround and normalisation of an event's outcomes."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data_layer.analytics.normalisation import method_gap, power, proportional
from data_layer.analytics.overround import overround

D = Decimal
PRICES = st.lists(st.decimals("0.0001", "0.9999", places=4), min_size=2, max_size=40)


def test_overround_of_three_books() -> None:
    book = overround([D("0.40"), D("0.30"), D("0.20")], [D("0.44"), D("0.36"), D("0.26")])
    assert (book.ask_dollars, book.bid_dollars, book.mid_dollars) == (D("0.06"), D("-0.10"), D("-0.02"))
    assert book.complete


def test_a_missing_quote_is_incomplete_and_neither_0_nor_50() -> None:
    book = overround([D("0.40"), None], [D("0.44"), D("0.36")])
    assert (book.ask_dollars, book.bid_dollars, book.mid_dollars) == (D("-0.20"), None, None)
    assert (book.outcomes, book.missing_bids, book.missing_asks, book.complete) == (2, 1, 0, False)
    with pytest.raises(ValueError, match="no outcomes"):
        overround([], [])
    with pytest.raises(ValueError):
        overround([D("0.4")], [])


@given(st.lists(st.tuples(*[st.none() | st.decimals("0.01", "0.99", places=2)] * 2), min_size=1, max_size=30))
def test_overround_the_slow_way(pairs: list[tuple[Decimal | None, Decimal | None]]) -> None:
    book = overround([bid for bid, _ in pairs], [ask for _, ask in pairs])
    asks = sum(int(ask * 100) for _, ask in pairs if ask is not None) - 100
    whole = all(ask is not None for _, ask in pairs)
    assert book.ask_dollars == (D(asks) / 100 if whole else None)
    assert (book.mid_dollars is not None) == book.complete
    if book.complete:
        assert book.mid_dollars == (book.ask_dollars + book.bid_dollars) / 2


def test_proportional_and_power_by_hand() -> None:
    assert proportional([D("0.6"), D("0.6")]) == pytest.approx([0.5, 0.5])
    assert proportional([D("0.66"), D("0.44")]) == pytest.approx([0.6, 0.4])
    assert power([0.9, 0.2]) == pytest.approx([0.873439, 0.126561], abs=1e-6), "k = 1.28432"
    assert power([0.9, 0.2])[0] > proportional([0.9, 0.2])[0], "it takes more from the long shot"
    assert power([0.25] * 4) == pytest.approx([0.25] * 4)
    assert power([0.3, 0.2]) == pytest.approx([0.3**0.496338, 0.2**0.496338], abs=1e-6), (
        "under one the power is below 1"
    )


@given(PRICES)
def test_both_sum_to_one_keep_the_order_and_agree_with_a_slow_search(prices: list[Decimal]) -> None:
    for method in (proportional, power):
        found = method(prices)
        assert sum(found) == pytest.approx(1, abs=1e-12)
        ranked = sorted(range(len(prices)), key=lambda place: prices[place])
        assert all(found[low] <= found[high] + 1e-15 for low, high in pairwise(ranked))
    assert 0 <= method_gap(prices) <= 1
    low, high = 0.0, 1e6
    for _ in range(300):  # a search of its own, far slower, over a range that holds every root
        middle = (low + high) / 2
        if sum(float(price) ** middle for price in prices) > 1:
            low = middle
        else:
            high = middle
    assert power(prices) == pytest.approx([float(price) ** high for price in prices], abs=1e-6)


@given(PRICES)
def test_power_is_the_identity_on_probabilities(prices: list[Decimal]) -> None:
    fair = proportional(prices)
    assume(max(fair) < 1)
    assert power(fair) == pytest.approx(fair, abs=1e-9)


def test_what_cannot_be_normalised() -> None:
    for bad in ([], [0.0, 0.0], [1.2, 0.1], [-0.1, 0.5], [float("nan")]):
        for method in (proportional, power):
            with pytest.raises(ValueError):
                method(bad)
    assert power([1.0, 0.5]) == proportional([1.0, 0.5])
    assert power([0.4, 0.0]) == [1.0, 0.0]
