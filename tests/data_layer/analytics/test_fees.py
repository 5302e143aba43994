"""Fees against the exchange's published examples, and against a second, obvious way in whole fractions."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.analytics.fees import FeeTerms, fee_dollars, fee_terms

AT = datetime(2026, 11, 22, tzinfo=UTC)
ONE = Decimal(1)
PLAIN = FeeTerms("quadratic", ONE)
WITH_MAKER = FeeTerms("quadratic_with_maker_fees", ONE)


@pytest.mark.parametrize(
    ("contracts", "price", "fee"),
    [(100, "0.50", "1.75"), (1, "0.50", "0.02"), (100, "0.01", "0.07"), (100, "0.99", "0.07"), (100, "0.25", "1.32"),
     (1, "0.01", "0.01"), (1000, "0.90", "6.30"), (0, "0.50", "0.00"), (100, "0.00", "0.00"), (100, "1.00", "0.00")],
)  # fmt: skip
def test_takers_of_the_published_table(contracts: int, price: str, fee: str) -> None:
    assert fee_dollars(PLAIN, Decimal(price), Decimal(contracts), AT) == Decimal(fee)


def test_a_whole_number_of_cents_is_not_rounded_up() -> None:
    """0.07 x 200 x 0.5 x 0.5 is 3.50 exactly; in floats it is a little more, and would cost 3.51."""
    assert fee_dollars(PLAIN, Decimal("0.5"), Decimal(200), AT) == Decimal("3.50")
    tenth = fee_terms("quadratic", 0.1)
    assert fee_dollars(tenth, Decimal("0.5"), Decimal(4000), AT) == Decimal("7.00")


def test_makers_pay_only_where_the_series_says_so() -> None:
    assert fee_dollars(PLAIN, Decimal("0.5"), Decimal(100), AT, maker=True) == 0
    assert fee_dollars(WITH_MAKER, Decimal("0.5"), Decimal(100), AT, maker=True) == Decimal("0.44")
    assert fee_dollars(WITH_MAKER, Decimal("0.5"), Decimal(100), AT) == Decimal("1.75")


@pytest.mark.parametrize("word", ["flat", "cubic", "", None])
def test_an_unknown_fee_is_unknown_and_not_zero(word: str | None) -> None:
    for maker in (False, True):
        assert fee_dollars(FeeTerms(word, ONE), Decimal("0.5"), Decimal(100), AT, maker=maker) is None
    assert fee_dollars(FeeTerms("quadratic", None), Decimal("0.5"), Decimal(100), AT) is None


def test_a_waiver_ends() -> None:
    waived = fee_terms("quadratic", 1.0, waived_until=AT)
    assert fee_dollars(waived, Decimal("0.5"), Decimal(100), AT - timedelta(seconds=1)) == 0
    assert fee_dollars(waived, Decimal("0.5"), Decimal(100), AT) == Decimal("1.75")


def test_each_override_of_the_event_counts_alone() -> None:
    assert fee_terms("quadratic", 1.0) == FeeTerms("quadratic", ONE)
    assert fee_terms("quadratic", 1.0, None, 0.5) == FeeTerms("quadratic", Decimal("0.5"))
    assert fee_terms("quadratic", 1.0, "flat", None) == FeeTerms("flat", ONE)
    assert fee_terms("quadratic", 1.0, None, 0.0).multiplier == 0
    assert [fee_terms("quadratic", bad).multiplier for bad in (math.nan, math.inf, -1.0, None)] == [None] * 4


@pytest.mark.parametrize(("price", "contracts"), [("-0.01", "1"), ("1.01", "1"), ("0.5", "-1"), ("0.5", "NaN")])
def test_what_is_no_order_is_refused(price: str, contracts: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        fee_dollars(PLAIN, Decimal(price), Decimal(contracts), AT)


@given(
    st.decimals("0", "1", places=4),
    st.decimals("0", "9999999999", places=2),
    st.sampled_from(["0", "0.5", "1", "1.25"]),
    st.booleans(),
)
def test_fee_is_the_ceiling_in_whole_fractions(
    price: Decimal, contracts: Decimal, multiplier: str, maker: bool
) -> None:
    exact = Fraction(7, 400 if maker else 100) * Fraction(multiplier) * Fraction(contracts)
    cents = math.ceil(exact * Fraction(price) * (1 - Fraction(price)) * 100)
    terms = FeeTerms("quadratic_with_maker_fees", Decimal(multiplier))
    assert fee_dollars(terms, price, contracts, AT, maker=maker) == Decimal(cents) / 100
