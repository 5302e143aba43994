"""Numbers on the screen are exact, aligned, and never pretend to be known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import formatting as f

NOW = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)
D = Decimal


@given(st.decimals(0, 1, places=4))
def test_a_price_loses_no_digit_on_its_way_to_the_screen(price):
    shown = f.cents(price, D("0.01"))
    assert D(shown) / 100 == price


@pytest.mark.parametrize(
    ("price", "tick", "shown"),
    [
        ("0.5600", "0.01", "56"),
        ("0.5600", "0.001", "56.0"),
        ("0.0150", "0.001", "1.5"),
        ("0.5625", "0.01", "56.25"),
        ("0.0001", "0.0001", "0.01"),
        ("0.0000", "0.01", "0"),
        ("1.0000", None, "100"),
    ],
)
def test_cents_have_the_digits_of_their_tick_and_at_least_their_own(price, tick, shown):
    assert f.cents(D(price), D(tick) if tick else None) == shown


def test_absent_is_a_dash_and_never_a_number():
    for shown in (f.cents(None), f.price(None), f.percent(None), f.points(None), f.count(None), f.moment(None)):
        assert shown == "—"
    assert f.until(None, NOW) == "—"
    assert f.age(None, NOW) == "never"


def test_decimal_points_stand_under_each_other():
    column = [f.cents(D("0.83"), D("0.01"), 1), f.cents(D("0.033"), D("0.001"), 1)]
    assert column == ["83\u2008\u2007", "3.3"]


def test_minus_is_a_minus_and_changes_have_arrow_and_sign():
    assert f.points(D("-1.5")) == "▼ −1.5"
    assert f.points(D("3")) == "▲ +3.0"
    assert f.points(D("0")) == "0.0"
    assert f.points(D("0.04")) == "0.0"
    assert f.points(D("-0.04")) == "0.0"
    assert "-" not in f.cents(D("-0.05"))


def test_counts_keep_fractions_only_when_asked():
    assert f.count(D("1234567.00")) == "1,234,567"
    assert f.count(D("12.50"), exact=True) == "12.50"
    assert f.count(D("12.00"), exact=True) == "12"


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=12, seconds=9), "12 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=3, hours=4), "3 d 4 h"),
        (timedelta(days=111, hours=4), "111 d"),
        (timedelta(days=3653), "10 y"),
    ],
)
def test_spans_have_two_units(span, shown):
    assert f.duration(span) == shown


def test_ages_and_times_left():
    assert f.age(NOW - timedelta(minutes=4), NOW) == "4 min ago"
    assert f.age(NOW + timedelta(minutes=4), NOW) == "in 4 min"
    assert f.age(NOW, NOW) == "just now"
    assert f.until(NOW + timedelta(hours=5), NOW) == "5 h"
    assert f.until(NOW - timedelta(hours=5), NOW) == "ended"


def test_every_time_names_its_zone():
    assert f.moment(NOW) == "22 Nov 2026, 12:05 ET"
    assert f.moment(NOW, "utc") == "22 Nov 2026, 17:05 UTC"
    assert f.moment(NOW, "local", "Asia/Kolkata") == "22 Nov 2026, 22:35 Kolkata"
    assert f.moment(NOW, "local", "../../etc/passwd") == "22 Nov 2026, 17:05 UTC"
    assert f.moment(NOW, "local", "") == "22 Nov 2026, 17:05 UTC"
    assert f.clock(NOW) == "12:05 ET"
