"""What is quoted now ends every chart of prices, and agrees with the figures beside it."""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from app.models.compare import CompareModel
from app.models.event import EventModel
from app.models.market import EXPORTS, MarketModel
from app.models.present import present
from app.pages.compare import ComparePage
from app.pages.event import EventPage
from app.pages.market import MarketPage
from tests.app.fakes import NOW, market_row

MINUTE = timedelta(minutes=1)
EVENT = "KXTEST-26NOV005"
TICKER = f"{EVENT}-T1"
PAGES = {
    "market": (MarketModel, MarketPage),
    "event": (EventModel, EventPage),
    "compare": (CompareModel, ComparePage),
}


@pytest.fixture
def opened(context, state, clock):
    def open_page(name, **values):
        state.param.update(page=name, **values)
        model, page = PAGES[name]
        shown = page(model(context, state, clock), state, lambda: "", lambda: None)
        shown.open()
        return shown

    return open_page


def chart(page):
    return page.chart._chart


def rows_of(page, kind):
    data = chart(page).data
    at = [n for n, word in enumerate(data["kind"]) if word == kind]
    return [{name: values[n] for name, values in data.items()} for n in at]


def quote(context, ticker, bid, ask, last=None, age=1 * MINUTE, **more):
    """Change what is quoted of one market; chances follow the one rule."""
    bid, ask, last = (None if v is None else Decimal(v) / 100 for v in (bid, ask, last))
    tight = bid is not None and ask is not None and ask - bid <= Decimal("0.20")
    context.repository.rows = [
        row
        | {
            "yes_bid_dollars": bid,
            "yes_ask_dollars": ask,
            "last_price_dollars": last,
            "spread_dollars": ask - bid if bid is not None and ask is not None else None,
            "probability": (bid + ask) / 2 if tight else last,
            "quote_time": NOW - age,
        }
        | more
        if row["ticker"] == ticker
        else row
        for row in context.repository.rows
    ]


@pytest.mark.parametrize(
    ("changes", "end", "found"),
    [
        ({}, NOW, True),
        ({"status": "closed"}, NOW, False),
        ({"quote_time": None}, NOW, False),
        ({"yes_bid_dollars": None, "yes_ask_dollars": None, "last_price_dollars": None}, NOW, False),
        ({"yes_bid_dollars": None, "yes_ask_dollars": None}, NOW, True),
        ({}, NOW - timedelta(days=1), False),  # a window that ended yesterday
        ({"quote_time": NOW + timedelta(seconds=1)}, NOW, True),  # received while it was asked
    ],
)
def test_what_is_quoted_counts_where_it_trades_and_the_window_reaches_it(changes, end, found):
    assert (present(market_row(21, last_price_dollars=Decimal("0.5")) | changes, end, NOW) is not None) is found


def test_a_quote_is_now_until_it_is_stale():
    ages = (timedelta(minutes=29), timedelta(minutes=30))
    assert [present(market_row(1, quote_time=NOW - age), NOW, NOW).is_now for age in ages] == [True, False]


def test_a_markets_chart_ends_in_the_large_number_of_its_page(context, opened):
    quote(context, TICKER, 8, 9, 10)
    page = opened("market", ticker=TICKER)
    (dot,) = rows_of(page, "now")
    assert (dot["chance"], dot["bid"], dot["ask"]) == (8.5, 8, 9)
    assert ">8.5" in page.head.object
    assert "Now: the present quote" in page.chart._legend.object
    assert chart(page).table["kind"] == ["candle", "now"]
    assert "bid 8¢, ask 9¢" in chart(page).description
    page.state.side = "no"
    page.model.refresh()
    (dot,) = rows_of(page, "now")
    assert (dot["chance"], dot["bid"], dot["ask"]) == (91.5, 91, 92)


def test_the_dot_moves_with_each_refresh_and_a_zoom_stays(context, opened):
    quote(context, TICKER, 8, 9)
    page = opened("market", ticker=TICKER)
    (before,), scope, spec = rows_of(page, "now"), chart(page).scope, chart(page).spec
    quote(context, TICKER, 20, 22, age=timedelta(0))
    page.model.refresh()
    (after,) = rows_of(page, "now")
    assert (after["chance"], after["time"] - before["time"]) == (21, 60_000)
    assert chart(page).scope == scope  # a new scope would end a zoom
    assert chart(page).spec is spec


@pytest.mark.parametrize(
    ("bid", "ask", "last", "chance"), [(5, 40, 30, 30.0), (None, 9, 7, 7.0), (5, 40, None, None), (8, 9, None, 8.5)]
)
def test_the_dot_follows_the_one_rule_of_chances(context, opened, bid, ask, last, chance):
    quote(context, TICKER, bid, ask, last)
    (dot,) = rows_of(opened("market", ticker=TICKER), "now")
    assert (None if math.isnan(dot["chance"]) else dot["chance"]) == chance


def test_a_closed_market_and_an_old_quote_say_what_they_are(context, opened):
    quote(context, TICKER, 8, 9, status="closed", probability=None)
    assert rows_of(opened("market", ticker=TICKER), "now") == []
    context.repository.candles[TICKER, 60] = [
        row for row in context.repository.candlesticks(TICKER).rows() if row["end_time"] < NOW - timedelta(hours=5)
    ]
    quote(context, TICKER, 8, 9, age=timedelta(hours=2), status="active")
    page = opened("market", ticker=TICKER)
    (dot,) = rows_of(page, "now")
    assert dot["end"] == (NOW - timedelta(hours=2)).timestamp() * 1000
    assert "now" not in dot["label"]
    assert "The last quote" in page.chart._legend.object


def test_files_of_candlesticks_stay_candlesticks(context, opened):
    quote(context, TICKER, 8, 9)
    page = opened("market", ticker=TICKER)
    exported = EXPORTS["candles"].ask(context, page.state.link_values(), NOW)
    assert exported.table.num_rows == len(rows_of(page, "candle"))
    assert max(row["end_time"] for row in exported.rows()) < page.model.quote.time


def test_an_events_lines_end_together_in_what_its_legend_says(context, opened):
    for n, age in enumerate((1, 3, 2, 1)):
        quote(context, f"{EVENT}-T{n}", 20 + n, 21 + n, age=age * MINUTE)
    page = opened("event", event=EVENT)
    dots = rows_of(page, "now")
    assert {dot["end"] for dot in rows_of(page, "moment")[-1:]} == {(NOW - MINUTE).timestamp() * 1000}
    assert len({dot["time"] for dot in dots}) == 1
    told = {line.name: line.chance for line in page.model.picture.lines}
    assert sorted(dot["place"] for dot in dots) == pytest.approx(sorted(100 * chance for chance in told.values()))
    labels = [row["label"] for row in rows_of(page, "end")]
    assert all(any(label.endswith(f" {dot['place']:.1f} %") for label in labels) for dot in dots)
    # Each dot tells when its own quote was received.
    assert len({dot["label"].partition("quote of ")[2][:8] for dot in dots}) == 3


def test_a_stale_outcome_ends_at_its_own_time_but_counts_in_what_is_made_of_all(context, opened):
    for n in range(4):
        quote(context, f"{EVENT}-T{n}", 20 + n, 21 + n)
        context.repository.candles[f"{EVENT}-T{n}", 60] = [
            row
            for row in context.repository.candlesticks(f"{EVENT}-T{n}").rows()
            if row["end_time"] < NOW - timedelta(hours=3)
        ]
    quote(context, f"{EVENT}-T0", 20, 21, age=timedelta(hours=2))
    picture = opened("event", event=EVENT).model.picture
    (old,) = [line for line in picture.lines if line.key == f"{EVENT}-T0"]
    assert (old.ending.until, old.ending.quote.is_now) == ((NOW - timedelta(hours=2)).timestamp() * 1000, False)
    together = opened("event", event=EVENT, event_scale="proportional").model.picture
    assert sum(line.chance for line in together.lines) == pytest.approx(1)
    assert not np.isnan(together.seen[-1]).any()


def test_a_row_of_compare_is_coherent_with_its_line(context, opened):
    other = "KXTEST-26NOV007-T1"
    quote(context, TICKER, 8, 9)
    quote(context, other, 50, 52, age=2 * MINUTE)
    page = opened("compare", compare_tickers=(TICKER, other))
    columns = [column["key"] for column in page.table.columns]
    for row in page.table.rows:
        cells = dict(zip(columns, row[3], strict=True))
        moved = page.model.picture.moved[row[0]]
        (line,) = [line for line in page.model.picture.lines if line.key == row[0]]
        assert 100 * (moved.now - moved.then) == moved.change_pp
        assert moved.until == line.ending.quote.time
        chance = cells["chance"][0]
        assert f"{line.value:.1f}" == chance
        assert [label for label in rows_of(page, "end") if label["label"].endswith(f" {chance} %")]
        assert "present quote, received" in str(cells["history"])
    assert len(rows_of(page, "now")) == 2
    page.state.compare_measure = "pp"
    assert [line.value for line in page.model.picture.lines] == pytest.approx(
        [float(page.model.picture.moved[line.key].change_pp) for line in page.model.picture.lines]
    )
