"""Units and sides: exact, and what the odds of the textbooks are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import formatting, quoting
from components.quoting import SIDES, UNITS, PriceStyle
from components.timing import TimeStyle

PRICES = st.decimals("0.0001", "0.9999", places=4)
QUOTES = st.none() | st.decimals(0, 1, places=4)
STYLES = st.builds(PriceStyle, st.sampled_from(list(UNITS)), st.sampled_from(list(SIDES)))
NO = PriceStyle(side="no")


@given(QUOTES)
def test_flipping_twice_changes_nothing(price):
    assert NO.of(NO.of(price)) == price
    assert PriceStyle().of(price) == price


@given(QUOTES, QUOTES)
def test_a_quote_flipped_twice_is_itself_and_its_spread_stays(bid, ask):
    no_bid, no_ask = NO.bid_ask(bid, ask)
    assert NO.bid_ask(no_bid, no_ask) == (bid, ask)
    if bid is not None and ask is not None:
        assert no_ask - no_bid == ask - bid
        assert no_bid == 1 - ask


@given(PRICES)
def test_decimal_odds_give_the_price_back(price):
    assert abs(1 / quoting.decimal_odds(price) - price) < Decimal("1e-24")


@given(PRICES)
def test_american_odds_give_the_price_back(price):
    odds = quoting.american_odds(price)
    assert abs(odds) >= 100
    back = -odds / (100 - odds) if odds < 0 else 100 / (odds + 100)
    assert abs(back - price) < Decimal("1e-24")
    assert (odds < 0) == (price >= Decimal("0.5"))


@given(PRICES)
def test_both_sides_of_american_odds_are_each_others_negative(price):
    if price != Decimal("0.5"):
        assert abs(quoting.american_odds(1 - price) + quoting.american_odds(price)) < Decimal("1e-20")


@pytest.mark.parametrize(
    ("price", "decimal", "american"),
    [
        # Published conversions: 1.50 = -200, 2.00 = even, 3.50 = +250, 1.91 = -110 (52.38 %).
        ("0.50", "2.00", "−100"),
        ("0.40", "2.50", "+150"),
        ("0.80", "1.25", "−400"),
        ("0.25", "4.00", "+300"),
        ("0.99", "1.01", "−9,900"),
        ("0.01", "100.00", "+9,900"),
        ("0", "—", "—"),
        ("1", "—", "—"),
    ],
)
def test_odds_are_the_published_ones(price, decimal, american):
    price = Decimal(price)
    assert PriceStyle("decimal").price(price) == decimal
    assert PriceStyle("american").price(price) == american
    assert PriceStyle("decimal", "no").price(1 - price) == decimal


@given(STYLES, PRICES)
def test_no_price_inside_the_range_looks_certain(style, price):
    assert style.price(price) not in {"100", "100.00", formatting.ABSENT}
    assert style.unit != "decimal" or not style.price(price).startswith("1.00") or style.price(price)[-1] != "0"


@given(st.sampled_from(["decimal", "american", "percent", "cents"]), st.integers(1, 98))
def test_one_tick_apart_never_looks_the_same(unit, cents):
    style, tick = PriceStyle(unit), Decimal("0.01")
    assert style.price(cents * tick, tick) != style.price((cents + 1) * tick, tick)


@given(STYLES, st.integers(1, 998))
def test_a_finer_tick_shows_finer_prices(style, tenths):
    tick = Decimal("0.001")
    assert style.price(tenths * tick, tick) != style.price((tenths + 1) * tick, tick)


@given(STYLES)
def test_what_is_absent_is_a_dash_on_both_sides(style):
    assert style.chance(None, marked=True) == style.price(None, marked=True) == style.change(None) == "—"
    assert style.bid_ask(None, None) == (None, None)


def test_the_words_of_the_default_are_those_of_the_exchange():
    style = PriceStyle()
    assert style.chance(Decimal("0.565")) == "56.5"
    assert style.chance(Decimal("0.565"), 0, marked=True) == "56%"
    assert style.price(Decimal("0.56"), Decimal("0.01"), marked=True) == "56¢"
    assert style.price(Decimal("0.56"), Decimal("0.001")) == "56.0"
    assert style.heading("Chance", chance=True) == "Chance %"
    assert style.heading("Bid") == "Bid ¢"


def test_the_other_side_says_so():
    assert NO.heading("Bid") == "NO bid ¢"
    assert NO.heading("Chance", chance=True) == "NO chance %"
    assert NO.chance(Decimal("0.565")) == "43.5"
    assert NO.change(Decimal("3")) == "▼ −3.0"
    assert NO.price(Decimal("0.9990"), Decimal("0.001")) == "0.1"
    assert NO.pair("size of bid", "size of ask") == ("size of ask", "size of bid")
    assert NO.about("Best price somebody pays for YES") == "Best price somebody pays for NO"
    assert "1 staked" in PriceStyle("decimal").about("Best price")


@pytest.mark.parametrize("unit", ["decimal", "american"])
def test_points_of_odds_stand_under_each_other(unit):
    style, width = PriceStyle(unit), 1
    texts = [style.price(Decimal(p), Decimal(t), width) for p, t in (("0.56", "0.01"), ("0.561", "0.001"))]
    decimals = [len(text) - len(text.split(".")[0].rstrip("\u2007\u2008")) for text in texts]
    assert decimals[0] == decimals[1]


NOW = datetime(2026, 11, 22, 19, 5, tzinfo=UTC)


def test_times_are_how_far_away_or_when():
    soon, relative, absolute = NOW + timedelta(hours=3), TimeStyle(), TimeStyle("absolute")
    assert (relative.until(soon, NOW), relative.age(soon, NOW)) == ("3 h", "in 3 h")
    assert absolute.until(soon, NOW) == absolute.age(soon, NOW) == "22 Nov, 17:05 ET"
    assert absolute.other(soon, NOW) == "in 3 h"
    assert relative.other(soon, NOW) == relative.moment(soon) == "22 Nov 2026, 17:05 ET"


def test_an_absolute_time_of_another_year_says_the_year_and_every_one_its_zone():
    style = TimeStyle("absolute", "local", "Asia/Kolkata")
    assert style.short(datetime(2027, 1, 1, tzinfo=UTC), NOW) == "1 Jan 2027, 05:30 Kolkata"
    assert style.until(None, NOW) == style.short(None, NOW) == "—"
    assert style.age(None, NOW) == "never"
