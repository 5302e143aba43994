"""The pages in another unit and for the other side: every price, order, book and chart turned, nothing half."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import page_keys
from app.models import market_choice
from app.models.order_book import ladder
from app.pages import pulse_lists
from app.shell import Shell
from data_layer.questions import MarketColumn
from tests.app.fakes import NOW, book_rows

TICKER = "KXTEST-26NOV005-T1"


@pytest.fixture
def opened(context, clock):
    def build(query="?page=markets", **options):
        shell = Shell(context, query, now=clock, **options)
        return shell, shell._pages[shell.state.page]

    return build


def texts(page):
    columns = [column["key"] for column in page.table.columns]
    for ticker, _, _, cells in page.table.rows:
        said = (cell if isinstance(cell, str) else cell[0] for cell in cells)
        yield {"key": ticker} | dict(zip(columns, said, strict=True))


def number(text):
    cleaned = text.replace("−", "-").translate(str.maketrans("", "", "▲▼+, \u2007\u2008"))
    return None if cleaned == "—" else Decimal(cleaned)


def test_a_list_for_no_is_the_list_for_yes_turned_round(opened):
    yes = {row["key"]: row for row in texts(opened("?page=markets&sort=ticker&dir=asc")[1])}
    _, page = opened("?page=markets&sort=ticker&dir=asc&side=no")
    assert len(yes) > 40
    for row in texts(page):
        other = yes[row["key"]]
        for mine, theirs in (("probability", "probability"), ("bid", "ask"), ("ask", "bid"), ("last", "last")):
            a, b = number(row[mine]), number(other[theirs])
            assert (a is None and b is None) or a + b == 100
        assert row["spread"] == other["spread"]
    labels = [column["label"] for column in page.table.columns]
    assert labels[1:6] == ["NO chance %", "24 h pp", "NO bid ¢", "NO ask ¢", "Spread ¢"]
    assert "pays for NO" in page.table.columns[3]["title"]


@pytest.mark.parametrize("word", ["probability", "bid", "ask", "last", "change"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_the_arrow_on_a_column_agrees_with_what_it_shows_for_no(opened, word, direction):
    _, page = opened(f"?page=markets&side=no&sort={word}&dir={direction}")
    shown = [value for row in texts(page) if (value := number(row[word])) is not None]
    assert len(shown) > 10
    assert shown == sorted(shown, reverse=direction == "desc")


def test_ties_are_turned_as_well():
    values = page_keys.DEFAULTS | {"sort": "category", "direction": "asc", "ties": ("-bid",), "side": "no"}
    assert [(order.column, order.descending) for order in market_choice.order_of(values)][1] == (
        MarketColumn.YES_ASK,
        False,
    )


def test_filters_keep_their_units_and_say_so(opened):
    _, page = opened("?page=markets&pmin=60&unit=american&side=no")
    assert "filters stay in % and ¢ of YES" in page.filters.note
    assert all(number(row["probability"]) is not None for row in texts(page))
    assert "filters stay" not in opened("?page=markets&pmin=60")[1].filters.note


def test_the_export_keeps_the_order_on_the_screen_and_nothing_of_how_it_looks(opened):
    _, page = opened("?page=markets&unit=decimal&times=absolute&side=no&sort=bid")
    assert page.filters.values["export"] == "page=markets&sort=bid&side=no"


LEVELS = st.dictionaries(
    st.integers(1, 98).map(lambda cents: f"{Decimal(cents) / 100:.2f}"), st.integers(1, 900).map(str), max_size=8
)


@given(LEVELS, LEVELS)
def test_a_book_of_no_is_the_book_of_yes_turned_round(yes, no):
    rows = book_rows(NOW, yes, no)
    of_yes, of_no = ladder(rows), ladder(rows, "no")
    assert [1 - level.price_dollars for level in of_no.asks] == [level.price_dollars for level in of_yes.bids]
    assert [1 - level.price_dollars for level in of_no.bids] == [level.price_dollars for level in of_yes.asks]
    assert [level.depth_contracts for level in of_no.asks] == [level.depth_contracts for level in of_yes.bids]
    for mine, other in zip(of_no.bids, of_yes.asks, strict=True):
        assert mine.depth_dollars == other.depth_contracts - other.depth_dollars
    assert of_no.spread_dollars == of_yes.spread_dollars
    assert ladder(rows, "no") == ladder([row | {"side": {"yes": "no", "no": "yes"}[row["side"]]} for row in rows])


def test_a_market_for_no_is_turned_in_every_part(opened):
    _, yes = opened(f"?page=market&ticker={TICKER}")
    _, no = opened(f"?page=market&ticker={TICKER}&side=no")
    quote = yes.model.market
    bid, ask = 100 * (1 - quote["yes_ask_dollars"]), 100 * (1 - quote["yes_bid_dollars"])
    assert no.title.startswith("NO ")
    said = no.head.object
    assert said.index("NO bid") < said.index(f"{bid:.0f}¢") < said.index("NO ask")
    assert f"{ask:.0f}¢" in said
    assert "NO price ¢" in no.book._book.object
    assert "<th" in no.days.object
    assert "NO high ¢" in no.days.object
    mine, other = no.chart._chart.data, yes.chart._chart.data
    assert mine["bid"][0] == pytest.approx(100 - other["ask"][0])
    assert [label for _, label in no.chart._chart.table["columns"]][1:3] == ["NO bid ¢", "NO ask ¢"]
    assert no.chart._chart.file != yes.chart._chart.file
    assert "of NO" in no.chart._chart.description


@pytest.mark.parametrize(("unit", "signal"), [("percent", 0), ("cents", 0), ("decimal", 1), ("american", 2)])
def test_the_axis_and_the_large_number_follow_the_unit(opened, unit, signal):
    _, page = opened(f"?page=market&ticker={TICKER}&unit={unit}")
    assert page.chart._chart.signals["price_unit"] == signal
    assert {"percent": ">%<", "cents": ">¢<", "decimal": "dec.", "american": "US"}[unit] in page.head.object


def test_times_are_moments_where_that_was_chosen(opened):
    _, page = opened("?page=markets&times=absolute&tz=utc")
    assert all(row["ends"].endswith(" UTC") for row in texts(page))
    _, market = opened(f"?page=market&ticker={TICKER}&times=absolute&tz=utc")
    assert "Quote received 22 Nov, 17:01 UTC" in market.head.object


def test_the_lists_of_the_home_page_are_turned_as_well(opened):
    yes, no = opened("?")[1].lists.lists, opened("?side=no&unit=cents")[1].lists.lists
    heads = {head for listed in no for head, *_ in listed["heads"]}
    assert {"NO chance ¢", "NO from → to ¢"} <= heads
    assert len(yes) == len(no) == len(pulse_lists.RANKINGS)
