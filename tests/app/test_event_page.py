"""The page of one event: its outcomes, what they sum to, its lines, and events it does not have."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from app import link_words, url
from app.models.event import MINUTES_KEPT, WINDOWS, EventModel, reach_of
from app.pages.event import EventPage
from app.progress import Attempt
from components.live_chart import LiveChart
from data_layer.store.settings import CANDLESTICK_RETENTION_DAYS
from tests.app.fakes import HOSTILE, NOW, market_row
from tests.app.protocol import Served, Visitor, run

EVENT = "KXTEST-26NOV005"


@pytest.fixture
def opened(context, state, clock):
    """Open the page of an event after changes to the fake process."""

    def open_page(event=EVENT, **values):
        state.param.update(page="event", event=event, **values)
        page = EventPage(EventModel(context, state, clock), state, lambda: "", lambda: None)
        page.open()
        return page

    return open_page


def legs(count, **changes):
    """Make an event of many outcomes, all quoted at 2 to 4 cents but the first."""
    rows = []
    for n in range(count):
        quote = {"yes_bid_dollars": Decimal("0.02"), "yes_ask_dollars": Decimal("0.04")}
        if n == 0:
            quote = {"yes_bid_dollars": Decimal("0.30"), "yes_ask_dollars": Decimal("0.32")}
        chance = (quote["yes_bid_dollars"] + quote["yes_ask_dollars"]) / 2
        known = {"spread_dollars": Decimal("0.02"), "quote_quality": "tight", "probability": chance}
        names = {"ticker": f"KXTEST-BIG-T{n}", "event_ticker": "KXTEST-BIG", "outcome": f"Runner {n}"}
        rows.append(market_row(n, **quote | known | names | {"last_price_dollars": chance} | changes))
    return rows


def chart_of(page):
    return page.chart._chart


def facts(page):
    return page.head.object


def test_an_event_asks_for_its_history_once_and_shows_the_quotes_of_its_page(context, opened):
    page = opened()
    page.model.refresh()
    assert context.events_requested == [EVENT]
    assert len(context.shown) == 4
    page.poll()
    assert context.events_requested == [EVENT]  # the first fetch is still under way
    context.event_attempts[EVENT] = Attempt(NOW, 10)
    page.poll()
    page.poll()
    assert context.events_requested == [EVENT, EVENT]  # extended while it is looked at


def test_head_and_sums_say_what_the_outcomes_come_to(context, opened):
    rows = legs(3)
    context.repository.rows += rows
    page = opened("KXTEST-BIG")
    volume = sum(row["volume_24h_contracts"] for row in rows)
    assert f"{volume:,.0f}" in facts(page)
    assert "at most one comes true" in facts(page)
    # asks 32 + 4 + 4, bids 30 + 2 + 2, middles 31 + 3 + 3, each less 100
    for sum_ in ("−60.0¢", "−66.0¢", "−63.0¢"):
        assert sum_ in facts(page)
    shares = page.model.book.shares
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["KXTEST-BIG-T0"] == pytest.approx(31 / 37)


def test_a_missing_quote_makes_a_sum_incomplete_with_its_count(context, opened):
    rows = legs(4)
    rows[1] |= {"yes_ask_dollars": None, "spread_dollars": None, "quote_quality": "one-sided", "probability": None}
    context.repository.rows += rows
    page = opened("KXTEST-BIG")
    assert "3 of 4 quoted" in facts(page)
    assert "1 without a chance" in facts(page)
    assert "−64.0¢" in facts(page)  # every bid is there
    assert page.model.book.shares == {}


@pytest.mark.parametrize(
    ("event", "leg", "says"),
    [
        ({"mutually_exclusive": False}, {}, "more than one outcome can come true"),
        ({"mutually_exclusive": None}, {}, "did not say whether the outcomes exclude each other"),
        ({}, {"result": "yes", "status": "finalized"}, "the event is decided"),
        ({}, {"result": "scalar", "status": "finalized"}, "the event is decided"),
    ],
)
def test_no_overround_where_it_means_nothing(context, opened, event, leg, says):
    context.repository.events[EVENT] = event
    context.repository.outcome_changes[f"{EVENT}-T1"] = leg
    page = opened(event_scale="power")
    assert says in facts(page)
    assert page.model.book.sums is None
    assert says in page.chart._note.object or event == {}


def test_outcomes_that_lost_leave_the_sums_and_keep_their_settlement_value(context, opened):
    context.repository.rows += legs(4)
    lost = {"result": "no", "status": "finalized", "settlement_value_dollars": Decimal("0.0000")}
    nothing = {"yes_bid_dollars": None, "yes_ask_dollars": None, "probability": None, "spread_dollars": None}
    context.repository.outcome_changes["KXTEST-BIG-T3"] = lost | nothing
    page = opened("KXTEST-BIG")
    assert "3 of 4 open" in facts(page)
    assert page.model.book.sums.outcomes == 3
    cells = {row[0]: row[3] for row in page.table.rows}["KXTEST-BIG-T3"]
    assert cells[1][0] == "0.0"
    assert cells[-1][0] == "NO $0.00"


def test_a_scalar_result_says_what_it_paid(context, opened):
    half = {"result": "scalar", "status": "finalized", "settlement_value_dollars": Decimal("0.5000")}
    context.repository.outcome_changes |= {f"{EVENT}-T{n}": half for n in range(4)}
    page = opened()
    assert page.model.is_over
    assert {row[3][-1][0] for row in page.table.rows} == {"SCALAR $0.50"}
    assert {row[3][1][0] for row in page.table.rows} == {"50.0"}


def test_four_hundred_outcomes_are_ten_lines_the_sum_of_the_next_and_eight_pages(context, opened):
    context.repository.rows += legs(400)
    page = opened("KXTEST-BIG")
    picture = page.model.picture
    assert len(picture.lines) == 11
    assert (picture.lines[-1].key, picture.lines[-1].name) == ("other", "Other (90 of 390)")
    assert "300 others have no stored history" in page.chart._note.object
    assert len(page.table.rows) == 50
    assert page.table.total == 400
    page.table._handle_msg({"kind": "page", "page": 8})
    assert len(page.table.rows) == 50
    assert page.state.event_page == 8
    page.state.event_page = 99
    assert page.table.page == 8
    assert len(json.dumps(page.table.rows)) < 20_000


def test_the_sum_of_the_others_has_no_outcome_without_a_past(context, opened):
    context.repository.rows += legs(12, quote_time=NOW - timedelta(minutes=1))
    context.repository.candles["KXTEST-BIG-T9", 60] = []
    page = opened("KXTEST-BIG")
    assert [row["ticker"] for row in page.model.outcomes[10:]] == ["KXTEST-BIG-T8", "KXTEST-BIG-T9"]
    other = page.model.picture.lines[-1]
    assert other.name == "Other (1 of 2)"
    assert other.chance == pytest.approx(0.03)  # what the one with a past is quoted at now


def test_a_table_is_sorted_by_what_is_asked_and_empty_values_come_last(context, opened):
    context.repository.rows += legs(4)
    context.repository.outcome_changes["KXTEST-BIG-T2"] = {"volume_24h_contracts": None}
    page = opened("KXTEST-BIG")
    page.table._handle_msg({"kind": "sort", "sort": "volume24h"})
    known = [row["volume_24h_contracts"] for row in page.model.rows[:3]]
    assert known == sorted(known, reverse=True)
    page.table._handle_msg({"kind": "sort", "sort": "volume24h"})
    assert [row["volume_24h_contracts"] for row in page.model.rows[:3]] == known[::-1]
    assert page.model.rows[3]["ticker"] == "KXTEST-BIG-T2"
    page.table._handle_msg({"kind": "sort", "sort": "outcome"})
    assert [row["outcome"] for row in page.model.rows] == [f"Runner {n}" for n in range(4)]


def test_lines_are_normalised_moment_by_moment(opened):
    for scale in ("proportional", "power"):
        picture = opened(event_scale=scale).model.picture
        known = np.where(np.isnan(picture.seen), picture.carried, picture.seen)
        whole = ~np.isnan(known).any(axis=1)
        assert whole.sum() > 50
        assert known[whole].sum(axis=1) == pytest.approx(1)


def test_a_moment_at_which_a_leading_outcome_is_unknown_is_not_normalised(context, opened):
    ticker = f"{EVENT}-T0"
    late = [
        row for row in context.repository.candlesticks(ticker).rows() if row["end_time"] > NOW - timedelta(days=2)
    ]
    context.repository.candles[ticker, 60] = late
    page = opened(event_scale="power")
    early = page.model.picture.times < (NOW - timedelta(days=3)).timestamp() * 1000
    assert np.isnan(page.model.picture.seen[early]).all()
    assert "moments at which an outcome has no chance" in page.chart._note.object


@pytest.mark.parametrize("scale", ["proportional", "power"])
def test_chances_of_some_outcomes_are_not_normalised_as_if_they_were_all(context, opened, scale):
    context.repository.rows += legs(400)
    context.event_attempts["KXTEST-BIG"] = Attempt(NOW, 100)
    page = opened("KXTEST-BIG", event_scale=scale)
    assert not chart_of(page).visible
    assert "300 of 400 outcomes have no stored history" in page.chart._face.object
    assert "Show as quoted" in page.chart._face.object
    page.state.event_scale = "raw"
    assert chart_of(page).visible
    assert page.chart._face.object == ""
    page.state.event_drawn = "stacked"
    assert "the stack is not the whole" in page.chart._note.object


def test_moments_before_an_outcome_without_history_opened_are_normalised(context, opened):
    context.repository.rows += legs(12)
    for n in (3, 11):  # one that would have a line, one that would be in the sum of the others
        changes = {"status": "active", "open_time": NOW - timedelta(days=2)}
        context.repository.outcome_changes["KXTEST-BIG-T3"] = changes if n == 3 else {}
        context.repository.outcome_changes["KXTEST-BIG-T11"] = changes if n == 11 else {}
        context.repository.candles = {(f"KXTEST-BIG-T{n}", 60): []}
        picture = opened("KXTEST-BIG", event_scale="proportional").model.picture
        known = ~np.isnan(picture.seen).all(axis=1)
        opening = (NOW - timedelta(days=2)).timestamp() * 1000
        assert known[picture.times < opening].any()
        assert not known[picture.times >= opening].any()
        assert 0 < picture.voids < len(picture.times)


def test_an_outcome_that_was_over_before_the_window_is_not_missed(context, opened):
    context.repository.rows += legs(4)
    over = {"status": "finalized", "result": "no", "probability": None, "close_time": NOW - timedelta(days=9)}
    context.repository.outcome_changes["KXTEST-BIG-T2"] = over
    context.repository.candles["KXTEST-BIG-T2", 60] = []
    picture = opened("KXTEST-BIG", event_scale="proportional").model.picture
    assert (picture.unsummed, picture.refused) == (0, False)
    context.repository.outcome_changes["KXTEST-BIG-T2"] = over | {"close_time": NOW - timedelta(days=2)}
    picture = opened("KXTEST-BIG", event_scale="proportional").model.picture
    assert (picture.unsummed, picture.refused) == (1, False)  # what came after it was over is whole


def test_lines_are_drawn_of_what_has_a_quote_and_a_history(context, opened):
    context.repository.rows += legs(30)
    for n in range(12):
        context.repository.candles[f"KXTEST-BIG-T{n}", 60] = []
    context.repository.outcome_changes["KXTEST-BIG-T12"] = {"probability": None}
    context.repository.outcome_changes["KXTEST-BIG-T13"] = {"probability": Decimal("0.99"), "quote_quality": "none"}
    lines = opened("KXTEST-BIG").model.picture.lines
    assert [line.key for line in lines[:-1]] == [f"KXTEST-BIG-T{n}" for n in range(14, 24)]
    assert [line.rank for line in lines] == list(range(11))


def test_a_line_is_hidden_by_its_switch_and_by_a_link_and_one_always_stays(context, opened):
    context.repository.rows += legs(7)
    page = opened("KXTEST-BIG")
    switches = page.chart._legend
    assert len(switches.lines) == 7
    switches._handle_msg({"toggle": "KXTEST-BIG-T0"})
    assert page.state.event_hidden == ("KXTEST-BIG-T0",)
    assert np.isnan(chart_of(page).data["v0"]).all()
    assert not np.isnan(chart_of(page).data["v1"]).all()
    assert chart_of(page).signals["n0"] == ""
    for n in range(7):
        switches._handle_msg({"toggle": f"KXTEST-BIG-T{n}"})
    assert len(page.state.event_hidden) == 6  # the first came back, the last one could not go
    switches._handle_msg({"toggle": "not-a-line"})
    assert url.decode(url.encode(page.state.link_values())).values["event_hidden"] == page.state.event_hidden


def test_five_lines_carry_their_names_more_have_switches(context, opened):
    context.repository.rows += legs(6)
    page = opened()
    assert [kind for kind in chart_of(page).data["kind"] if kind == "end"] == ["end"] * 4
    assert page.chart._legend.lines == []
    page.state.event = "KXTEST-BIG"
    assert "end" not in chart_of(page).data["kind"]
    assert len(page.chart._legend.lines) == 6


def test_a_stack_of_outcomes_that_do_not_exclude_each_other_is_explained(context, opened):
    context.repository.events[EVENT] = {"mutually_exclusive": False}
    page = opened(event_drawn="stacked")
    assert chart_of(page).signals["stacked"] == 1
    assert "the height of the stack has no meaning" in page.chart._note.object


def test_the_window_and_the_scale_ask_for_what_they_need(context, opened):
    for window, period in (("1d", 1), ("7d", 60), ("30d", 60)):
        context.repository.asked.clear()
        opened(window=window)
        assert {asked[2] for asked in context.repository.asked if asked[0] == "candlesticks"} == {period}


@pytest.mark.parametrize("window", link_words.WINDOWS)
@pytest.mark.parametrize(
    ("lived", "ended", "period"),
    [
        (timedelta(minutes=10), timedelta(), 1),
        (timedelta(days=1), timedelta(days=12), 1),
        (timedelta(days=1), timedelta(days=14), 60),
        (timedelta(days=2), timedelta(), 60),
    ],
)
def test_what_lived_a_day_at_most_is_shown_by_the_minute_while_those_are_kept(window, lived, ended, period):
    end = NOW - ended
    back, stored, _ = reach_of(window, end - lived, end, NOW)
    assert back == WINDOWS[window][0]
    assert stored == (1 if window == "1d" else period)
    assert timedelta(days=CANDLESTICK_RETENTION_DAYS[1]) > MINUTES_KEPT


def test_a_chart_without_history_says_how_far_its_fetch_is(context, opened):
    context.repository.candles |= {(f"{EVENT}-T{n}", 60): [] for n in range(4)}
    context.event_progress[EVENT] = (1, 4)
    page = opened()
    assert "Step 2 of 4" in page.chart._face.object
    assert not chart_of(page).visible
    context.event_attempts[EVENT] = Attempt(NOW, 0, "Kalshi did not answer (503).")
    page.poll()
    assert "Kalshi did not answer (503)" in page.chart._face.object
    context.event_attempts[EVENT] = Attempt(NOW, 0)
    page.model.refresh()
    assert "No candlestick in this time" in page.chart._face.object
    assert "Show 30d" in page.chart._face.object


def test_a_zoom_survives_news_and_ends_with_the_event(context, opened):
    page = opened()
    scope = chart_of(page).scope
    context.repository.candles[f"{EVENT}-T0", 60] = context.repository.candlesticks(f"{EVENT}-T0").rows()[:-1]
    page.data_arrived()
    assert chart_of(page).serial == 2
    assert chart_of(page).scope == scope
    page.state.event = "KXTEST-26NOV006"
    assert chart_of(page).scope != scope


def test_an_event_that_is_not_stored_is_looked_for_and_the_search_can_fail(context, opened):
    page = opened("KXTEST-NONE")
    assert "404" in page.face.object
    assert "No event “KXTEST-NONE”" in page.face.object
    context.event_attempts.clear()
    context.repository.events["KXEMPTY"] = {}
    assert "No outcome is stored" in opened("KXEMPTY").nothing.object
    assert "The link names no event" in opened("").face.object


def test_while_it_is_looked_for_the_page_says_so(context, opened, monkeypatch):
    monkeypatch.setattr(context, "request_event", lambda event: None)
    page = opened("KXTEST-NEW")
    assert "Looking for “KXTEST-NEW”" in page.face.object
    context.repository.rows += [market_row(0, ticker="KXTEST-NEW-A", event_ticker="KXTEST-NEW")]
    context.event_attempts["KXTEST-NEW"] = Attempt(NOW, 1)
    page.poll()
    assert page.model.event["event_ticker"] == "KXTEST-NEW"


def test_an_event_that_leaves_the_lake_while_it_is_open_is_looked_for_once_more(context, opened):
    page = opened()
    context.event_attempts[EVENT] = Attempt(NOW, 10)
    context.repository.rows = [row for row in context.repository.rows if row["event_ticker"] != EVENT]
    asked = len(context.events_requested)
    page.data_arrived()
    assert f"Looking for “{EVENT}”" in page.face.object
    assert context.events_requested[asked:] == [EVENT]


def test_the_side_turns_chances_quotes_and_sizes(context, opened):
    context.repository.rows += legs(2)
    yes = {row[0]: row[3] for row in opened("KXTEST-BIG").table.rows}["KXTEST-BIG-T0"]
    no = {row[0]: row[3] for row in opened("KXTEST-BIG", side="no").table.rows}["KXTEST-BIG-T0"]
    assert (yes[1][0], no[1][0]) == ("31.0", "69.0")
    assert (yes[4:6], no[4:6]) == (["30", "32"], ["68", "70"])
    assert (yes[7], yes[8]) == (no[8], no[7])


def test_hostile_text_stays_text(context, opened):
    context.repository.events[EVENT] = {name: HOSTILE[n] for n, name in enumerate(("title", "sub_title", "category"))}
    for n in range(4):
        context.repository.outcome_changes[f"{EVENT}-T{n}"] = {"outcome": HOSTILE[n], "title": HOSTILE[n + 1]}
    page = opened()
    for pane in (page.head, page.foot, page.chart._note, page.table_title):
        assert "<script>window" not in str(pane.object)
        assert "<img src=x" not in str(pane.object)
    assert 'href="javascript' not in page.foot.object


def test_a_failing_question_keeps_the_last_answer(context, opened):
    from data_layer.errors import QueryError

    page = opened()
    rows = page.table.rows
    context.repository.failure = QueryError("The lake is on fire.")
    page.data_arrived()
    assert page.table.rows == rows
    assert page.model.problem


def test_an_event_is_served_over_the_wire(context):
    async def visit(address):
        visitor = await Visitor.open(address)
        seen = visitor.seen
        await visitor.close()
        return seen

    with Served(context) as server:
        seen = run(visit(server.url(f"/?page=event&event={EVENT}&as=stacked")))
    assert "Overround mid" in seen
    assert f"{EVENT}-T1" in seen


def test_the_chart_is_fed_with_what_fits(context, opened):
    context.repository.rows += legs(60)
    page = opened("KXTEST-BIG", window="30d")
    assert isinstance(chart_of(page), LiveChart)
    data = chart_of(page).data
    assert len(data["kind"]) < 2_000
    assert not math.isnan(data["v10"][list(data["kind"]).index("now") - 1])  # the last moment of all lines
