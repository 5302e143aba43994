"""Models: what a session looks at goes in, answers come out, and a failure keeps the last good ones."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from decimal import Decimal

import pytest

from app import link_words, page_keys, url
from app.models import market_choice
from app.models.freshness import look
from app.models.market import MarketModel
from app.models.markets import PAGE_SIZE, MarketsModel
from app.models.order_book import ladder
from app.progress import Attempt
from data_layer.errors import NoDataError, QueryTimeoutError
from data_layer.questions import MarketFilter, QuoteQuality
from tests.app.fakes import NOW, book_rows, market_row


@pytest.fixture
def markets(context, state, clock):
    model = MarketsModel(context, state, clock)
    model.active = True
    return model


@pytest.fixture
def market(context, state, clock):
    state.ticker = "KXTEST-26NOV005-T1"
    model = MarketModel(context, state, clock)
    model.active = True
    return model


def listed(model, name="ticker"):
    return [row[name] for row in model.answer.rows()]


def test_a_model_off_the_screen_asks_nothing(context, state, clock):
    model = MarketsModel(context, state, clock)
    state.text = "number"
    model.refresh()
    assert context.repository.asked == []
    model.active = True
    assert len(context.repository.asked) == 1
    model.active = False
    state.text = "other"
    assert len(context.repository.asked) == 1


def test_a_model_on_the_screen_is_read_for_before_newer_data_are_shown(context, markets):
    assert context.repository.askers == {"MarketsModel"}
    markets.active = False
    assert context.repository.askers == set()


def test_one_page_of_rows_is_asked_for_and_its_quotes_are_kept_fresh(context, markets):
    assert markets.answer.table.num_rows == PAGE_SIZE
    assert markets.answer.total == 130
    assert context.shown == listed(markets)


def test_several_changes_are_one_question(context, state, markets):
    asked = len(context.repository.asked)
    state.param.update(text="number", table_page=2, sort="title", direction="asc")
    assert len(context.repository.asked) == asked + 1


def test_a_search_and_a_category_narrow_the_list(state, markets):
    state.text = "NUMBER 21"
    assert set(listed(markets)) == {f"KXTEST-26NOV021-T{n}" for n in range(4)}
    state.param.update(text="", category="Sports")
    assert {row["category"] for row in markets.answer.rows()} == {"Sports"}


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_rows_are_sorted_and_unknown_values_come_last(state, markets, direction):
    state.param.update(sort="change", direction=direction, table_page=3)
    page = [row["change_24h_pp"] for row in markets.answer.rows()]
    known = [value for value in page if value is not None]
    assert known == sorted(known, reverse=direction == "desc")
    assert page[len(known) :] == [None] * (len(page) - len(known))
    assert None in page


def test_a_second_click_turns_the_order_and_goes_to_the_first_page(state, markets):
    state.table_page = 2
    markets.sort_by("ends")
    assert (state.sort, state.direction, state.table_page) == ("ends", "asc", 1)
    markets.sort_by("ends")
    assert state.direction == "desc"
    markets.sort_by("volume")
    assert (state.sort, state.direction) == ("volume", "desc")


def test_ties_are_broken_by_further_columns_that_turn_and_go(context, state, markets):
    state.table_page = 2
    markets.sort_by("category")
    for word, ties in (
        ("volume", ("-volume",)),
        ("ends", ("-volume", "ends")),
        ("ends", ("-volume", "-ends")),
        ("ends", ("-volume",)),
        ("spread", ("-volume", "spread")),
        ("bid", ("spread", "-bid")),
    ):
        markets.break_ties_by(word)
        assert state.ties == ties
    assert (state.sort, state.table_page) == ("category", 1)
    markets.break_ties_by("category")
    assert (state.direction, state.ties) == ("desc", ("spread", "-bid"))
    markets.sort_by("volume")
    assert state.ties == ()


def test_equal_rows_stand_by_their_ties_and_then_by_their_ticker(state, markets):
    state.param.update(sort="category", direction="asc", ties=("-volume",))
    rows = [(row["category"], -row["volume_contracts"]) for row in markets.answer.rows()]
    assert rows == sorted(rows)
    state.param.update(ties=("category", "category"))
    assert [order.column for order in market_choice.order_of(state.link_values())] == ["category", "ticker"]


def test_a_link_in_percent_and_cents_asks_in_shares_and_dollars():
    values = url.decode(
        "?page=markets&q=rain&category=Weather&series=KXRAIN,KXSNOW&status=closed&pmin=40&pmax=60.5&smin=1&spread=2.5&new=3"
        "&v24=10&vol=20&oi=30&dmin=0.5&dmax=7&quote=ok,tight"
    ).values
    assert market_choice.filter_of(values) == MarketFilter(
        text="rain",
        categories=("Weather",),
        series=("KXRAIN", "KXSNOW"),
        statuses=("closed", "determined", "disputed", "amended"),
        qualities=(QuoteQuality.OK, QuoteQuality.TIGHT),
        probability_min=Decimal("0.4"),
        probability_max=Decimal("0.605"),
        spread_min_dollars=Decimal("0.01"),
        spread_max_dollars=Decimal("0.025"),
        volume_24h_min_contracts=10,
        volume_min_contracts=20,
        open_interest_min_contracts=30,
        days_to_close_min=Decimal("0.5"),
        days_to_close_max=Decimal(7),
        days_since_open_max=Decimal(3),
    )
    assert market_choice.filter_of(page_keys.DEFAULTS) == MarketFilter()


def test_every_filter_of_the_data_layer_has_its_value_in_a_link():
    asked = {field.name for field in dataclasses.fields(MarketFilter)} - {"event"}
    assert asked == set(market_choice.FILTERS)
    assert set(market_choice.STATUSES) == set(link_words.STATUSES)
    assert set(market_choice.COLUMNS) == set(link_words.SORTS)


def test_a_filter_begins_at_the_first_page_and_can_be_taken_away(state, markets):
    state.table_page = 3
    markets.choose(chance_min=Decimal(50), quality=("tight",))
    assert state.table_page == 1
    assert {row["quote_quality"] for row in markets.answer.rows()} == {"tight"}
    assert market_choice.active(state.link_values()) == ["chance_min", "quality"]
    markets.drop("quality")
    assert market_choice.active(state.link_values()) == ["chance_min"]
    markets.clear()
    assert markets.answer.total == 130


def test_a_series_is_added_as_it_is_stored_and_goes_alone(state, markets):
    markets.add_series("kxtest")
    markets.add_series("KXNOPE")
    assert state.series == ("KXTEST", "KXNOPE")
    markets.drop("series", "KXTEST")
    assert state.series == ("KXNOPE",)
    assert markets.answer.total == 0
    for n in range(20):
        markets.add_series(f"KX{n}")
    assert len(state.series) == link_words.MAX_SERIES


def test_series_are_suggested_from_two_letters_on_and_a_failure_suggests_nothing(context, markets):
    assert markets.suggest_series("numb") == [("KXTEST", "Test numbers", 130)]
    assert markets.suggest_series(" n ") == []
    context.repository.failure = QueryTimeoutError("slow")
    assert markets.suggest_series("numb") == []


def test_where_nothing_is_left_the_tightest_filter_is_known(context, state, markets):
    state.param.update(text="number", chance_min=Decimal(99), chance_max=Decimal("99.5"))
    assert markets.answer.total == 0
    name, count = markets.tightest
    assert name == "chance_min"
    link = url.link("markets", **markets.without(name))
    assert url.decode(link).values["chance_min"] is None
    assert context.repository.markets(market_choice.filter_of(url.decode(link).values)).total == count > 0
    markets.clear()
    assert markets.tightest is None


def test_a_page_past_the_end_is_the_last_page(state, markets):
    state.table_page = 99
    assert markets.page == 3
    assert markets.answer.table.num_rows == 30


def test_categories_come_with_their_counts(markets):
    assert sum(count for _, count in markets.categories) == 130
    assert ("Economics", 26) in markets.categories


def test_a_failure_keeps_the_last_answer_and_says_since_when(context, state, markets, clock):
    before = markets.answer
    context.repository.failure = QueryTimeoutError("the query took too long")
    state.text = "rain"
    assert markets.answer is before
    assert markets.problem == "the query took too long"
    clock.now = NOW + timedelta(minutes=5)
    markets.refresh()
    assert markets.failing_since == NOW
    context.repository.failure = None
    markets.refresh()
    assert (markets.problem, markets.failing_since) == ("", None)
    assert markets.answer.total == 0


def test_an_empty_lake_is_no_failure(context, state, clock):
    context.repository.failure = NoDataError("Nothing stored")
    model = MarketsModel(context, state, clock)
    model.active = True
    assert model.empty_lake
    assert model.problem == ""
    context.repository.failure = None
    model.refresh()
    assert not model.empty_lake
    assert model.answer.total == 130


def test_a_market_comes_with_candlesticks_and_siblings(market):
    assert market.market["ticker"] == "KXTEST-26NOV005-T1"
    assert market.candles.table.num_rows > 50
    assert [row["ticker"] for row in market.siblings.rows()] == [f"KXTEST-26NOV005-T{n}" for n in (0, 2, 3)]


def test_opening_a_market_asks_for_its_history_once(context, state, market):
    market.refresh()
    state.window = "30d"
    assert context.requested == ["KXTEST-26NOV005-T1"]
    state.ticker = "KXTEST-26NOV006-T1"
    assert context.requested[1:] == ["KXTEST-26NOV006-T1"]
    assert context.shown == ["KXTEST-26NOV006-T1"]


def test_the_window_ends_now_and_never_begins_before_the_market(context, state, market):
    assert context.repository.asked[-1][2:] == (60, NOW.replace(second=0) - timedelta(days=7))
    opened = NOW - timedelta(days=3)
    for row in context.repository.rows:
        row["open_time"] = opened
    state.window = "30d"
    assert market.start == opened
    state.param.update(window="all", period="1d")
    assert context.repository.asked[-1][2:] == (1440, None)
    assert market.start is None


def test_an_unknown_market_is_looked_for_before_it_is_called_unknown(context, state, market):
    context.attempts["KXNOPE"] = None
    state.ticker = "KXNOPE"
    assert context.requested[-1] == "KXNOPE"
    assert (market.looking, market.unknown, market.market) == (True, False, None)
    context.attempts["KXNOPE"] = Attempt(NOW, 0, "Kalshi does not know it (404).")
    market.poll()
    assert (market.looking, market.unknown, market.missing_reason) == (False, True, "Kalshi does not know it (404).")
    state.ticker = ""
    assert market.unknown
    state.ticker = "KXTEST-26NOV005-T1"
    assert not market.unknown


def test_a_market_that_was_found_appears_and_one_whose_snapshot_is_late_is_still_looked_for(context, state, market):
    context.attempts["KXOLD-1"] = None
    state.ticker = "KXOLD-1"
    context.attempts["KXOLD-1"] = Attempt(NOW, 7)
    market.poll()
    assert (market.looking, market.unknown) == (True, False)
    context.repository.rows.append(market_row(999, ticker="KXOLD-1"))
    market.poll()
    assert (market.looking, market.market["ticker"]) == (False, "KXOLD-1")


def test_a_market_that_leaves_the_lake_while_it_is_open_is_looked_for_once_more(context, state, market):
    ticker = "KXTEST-26NOV005-T1"
    context.attempts[ticker] = Attempt(NOW, 7)
    state.ticker = ticker
    context.repository.rows = [row for row in context.repository.rows if row["ticker"] != ticker]
    asked = context.requested.count(ticker)
    market.refresh()
    assert (market.looking, context.requested.count(ticker)) == (True, asked + 1)
    context.attempts[ticker] = Attempt(NOW, 0, "Kalshi does not know it (404).")
    market.poll()
    assert (market.unknown, context.requested.count(ticker)) == (True, asked + 1)


def test_a_market_waits_for_its_candlesticks_until_they_were_asked_for_in_vain(context, state, clock):
    ticker = "KXTEST-26NOV005-T1"
    context.repository.candles[ticker, 60] = []
    state.ticker = ticker
    model = MarketModel(context, state, clock)
    model.active = True
    assert model.fetching
    model.poll()
    assert model.fetching
    context.attempts[ticker] = Attempt(NOW, 0)
    model.poll()
    assert not model.fetching


def test_the_book_of_the_market_on_the_screen_is_kept_fresh_and_of_no_other(context, state, market):
    assert context.watched == ["KXTEST-26NOV005-T1"]
    market.poll()
    assert context.watched == ["KXTEST-26NOV005-T1"] * 2
    market.active = False
    market.poll()
    assert len(context.watched) == 2
    context.repository.about["KXTEST-26NOV006-T1"] = {"status": "finalized", "settlement_time": NOW}
    market.active = True
    context.watched.clear()
    state.ticker = "KXTEST-26NOV006-T1"
    market.poll()
    assert context.watched == []


def test_the_window_of_a_market_that_is_over_ends_with_it(context, state, market):
    settled = NOW - timedelta(days=200)
    context.repository.about["KXTEST-26NOV006-T1"] = {
        "status": "finalized",
        "settlement_time": settled,
        "open_time": settled - timedelta(days=90),
    }
    state.ticker = "KXTEST-26NOV006-T1"
    assert market.end == settled
    assert market.start == settled.replace(second=0, microsecond=0) - timedelta(days=7)


def test_bids_of_no_are_asks_of_yes_and_depth_adds_up_from_the_best_price():
    book = ladder(book_rows(NOW, {"0.40": "100", "0.38": "10.50"}, {"0.57": "20", "0.5500": "5"}))
    assert [(level.price_dollars, level.contracts) for level in book.asks] == [
        (Decimal("0.43"), 20),
        (Decimal("0.45"), 5),
    ]
    assert [level.depth_contracts for level in book.bids] == [100, Decimal("110.5")]
    assert [level.depth_dollars for level in book.bids] == [40, Decimal("43.99")]
    assert [level.depth_dollars for level in book.asks] == [Decimal("8.6"), Decimal("10.85")]
    assert book.spread_dollars == Decimal("0.03")
    assert ladder(book_rows(NOW, {"0.40": "100"}, {})).spread_dollars is None
    assert ladder([]).observed_time is None


@pytest.mark.parametrize(("minutes", "tone"), [(4, "fresh"), (12, "ageing"), (31, "stale")])
def test_data_grow_old(context, minutes, tone):
    context.repository.as_of = NOW - timedelta(minutes=minutes)
    assert look(context, NOW).tone == tone


def test_nothing_stored_and_unreadable_are_told_apart(context):
    context.repository.failure = NoDataError("empty")
    assert (look(context, NOW).info, look(context, NOW).problem) == (None, "")
    context.repository.failure = QueryTimeoutError("slow")
    assert look(context, NOW).problem == "slow"


def test_there_is_news_when_the_snapshot_or_the_source_changes(context):
    before = look(context, NOW).key
    assert look(context, NOW).key == before
    context.repository.snapshot_id += 1
    assert look(context, NOW).key != before
    context.repository.snapshot_id -= 1
    context.repository.source = "demo"
    assert look(context, NOW).key != before
