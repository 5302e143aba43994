"""The list of series, and the page of one: filters, events, the chosen event, a range of days, volume per day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from app.models.series import SeriesModel
from app.models.series_detail import SeriesDetailModel
from app.pages.series import SeriesPage
from app.pages.series_detail import SeriesDetailPage
from data_layer.errors import NoDataError, QueryError
from tests.app.event_fakes import series_row
from tests.app.fakes import HOSTILE, NOW, market_row
from tests.app.protocol import Served, Visitor, run

SERIES, EVENT = "KXTEST", "KXTEST-26NOV005"


@pytest.fixture
def listed(context, state, clock):
    def open_page(**values):
        state.param.update(page="series", **values)
        page = SeriesPage(SeriesModel(context, state, clock), state, lambda: "", lambda: None)
        page.open()
        return page

    return open_page


@pytest.fixture
def opened(context, state, clock):
    def open_page(series=SERIES, **values):
        state.param.update(page="series_detail", series_ticker=series, **values)
        page = SeriesDetailPage(SeriesDetailModel(context, state, clock), state, lambda: "", lambda: None)
        page.open()
        return page

    return open_page


def one_event(context, count=3):
    context.repository.rows = [
        market_row(n, ticker=f"{EVENT}-T{n}", event_ticker=EVENT, event_title="The one event") for n in range(count)
    ]


# The list


def test_all_series_are_listed_open_or_not_largest_volume_first(context, listed):
    page = listed()
    assert page.table.total == 121
    volumes = [row["volume_24h_contracts"] for row in page.model.answer.rows()]
    known = [volume for volume in volumes if volume is not None]
    assert known == sorted(known, reverse=True)
    assert page.table.rows[0][1] == f"?page=series_detail&series_ticker={page.table.rows[0][0]}"
    page.table._handle_msg({"kind": "page", "page": 3})
    assert len(page.table.rows) == 121 - 2 * 48
    page.state.series_page = 90
    assert page.table.page == 3


def test_filters_narrow_and_say_so_and_a_tag_goes_with_its_category(context, listed):
    page = listed(series_page=2)
    page.filters._handle_msg({"key": "series_category", "value": "Sports"})
    assert page.state.series_page == 1
    assert {row["category"] for row in page.model.answer.rows()} == {"Sports"}
    page.filters._handle_msg({"key": "series_tag", "value": "tag 1"})
    page.filters._handle_msg({"key": "series_shown", "value": "open"})
    page.filters._handle_msg({"key": "series_text", "value": "number 22"})
    assert [row[0] for row in page.table.rows] == ["KXSERIES0022"]
    assert len(page.filters.chips) == 4
    page.filters._handle_msg({"key": "series_category", "value": "Politics"})
    assert page.state.series_tag == ""
    page.filters._handle_msg({"kind": "remove", "key": ""})
    assert page.filters.chips == []
    assert page.table.total == 121


def test_columns_turn_and_the_choice_of_a_phone_sorts_too(listed):
    page = listed()
    page.table._handle_msg({"kind": "sort", "sort": "title"})
    assert (page.state.series_sort, page.state.series_direction) == ("title", "asc")
    page.table._handle_msg({"kind": "sort", "sort": "title"})
    assert page.state.series_direction == "desc"
    page.filters._handle_msg({"key": "series_sort", "value": "markets"})
    markets = [row["open_markets"] for row in page.model.answer.rows()]
    assert markets == sorted(markets, reverse=True)
    page.filters._handle_msg({"key": "series_sort", "value": "1; DROP TABLE series"})
    assert page.state.series_sort == "markets"


def test_cards_say_the_same_and_turn_by_links(context, listed):
    context.repository.series_rows[1]["fee_type"] = "quadratic_with_maker_fees"
    page = listed(series_view="cards", series_category="Sports")
    said = page.cards.object
    assert said.count('class="card"') == 40
    assert "makers too × 1" in said
    assert "Next" not in said
    page.state.param.update(series_category="", series_page=2)
    assert "series_page" not in page.cards.object
    assert "&amp;p=3" in page.cards.object
    assert "page 2 of 3" in page.cards.object
    assert not page.table.visible


def test_nothing_left_offers_a_way_back_and_an_empty_lake_waits(context, listed, monkeypatch):
    assert "Clear all filters" in listed(series_text="nowhere to be found").nothing.object
    context.repository.series_rows = []
    assert "fetched once a day" in listed(series_text="").nothing.object

    def empty():
        raise NoDataError("Nothing is stored.")

    monkeypatch.setattr(context.repository, "snapshot_info", empty)
    page = listed(series_text="x")
    page.model.refresh()
    assert page.model.empty_lake


def test_a_failing_question_keeps_the_list(context, listed):
    page = listed()
    rows = page.table.rows
    context.repository.failure = QueryError("The lake is on fire.")
    page.data_arrived()
    assert page.table.rows == rows
    assert page.model.problem


def test_hostile_series_stay_text(context, listed, opened):
    context.repository.series_rows = [
        series_row(n, title=text, tags=[text], category=text) for n, text in enumerate(HOSTILE)
    ]
    said = str(listed(series_view="cards").cards.object)
    head = str(opened("KXSERIES0000").head.object)
    for pane in (said, head):
        assert "<img src=x" not in pane
        assert "<script>" not in pane


# One series


def test_the_only_event_is_chosen_by_itself_and_drawn(context, opened):
    one_event(context)
    page = opened()
    assert page.model.chosen == EVENT
    assert context.events_requested == [EVENT]
    assert set(context.series_requested) == {SERIES}
    assert [row[0] for row in page.events.rows] == [EVENT]
    assert "The one event" in page.chosen_title.object
    assert len(page.chart._chart.data["kind"]) > 100


def test_of_several_the_first_is_chosen_until_the_link_names_one(context, opened):
    page = opened()
    assert page.model.chosen == page.model.events[0]["event_ticker"]
    page.state.event = EVENT
    assert page.model.chosen == EVENT
    assert "page=series_detail" in page.events.rows[0][1]
    page.state.event = "KXOTHER-26"
    assert page.model.chosen == page.model.events[0]["event_ticker"]
    assert "no stored event of this series" in page.chosen_title.object


def test_open_and_settled_events_stand_side_by_side(context, opened):
    settled = {"open_markets": 0, "decided_markets": 4, "fee_multiplier_override": 0.5}
    context.repository.event_changes["KXTEST-26NOV001"] = settled
    context.repository.event_changes["KXTEST-26NOV002"] = {"open_markets": 0, "decided_markets": 1}
    rows = {row[0]: row[3] for row in opened().events.rows}
    assert rows["KXTEST-26NOV001"][1][0] == "4 settled"
    assert rows["KXTEST-26NOV001"][6] == "as the series × 0.5"
    assert rows["KXTEST-26NOV002"][1][0] == "closed, 1 of 4 decided"
    assert rows["KXTEST-26NOV000"][1] == "4 of 4 open"


@pytest.mark.parametrize(
    ("first", "last", "start", "end"),
    [
        (date(2026, 11, 18), date(2026, 11, 19), datetime(2026, 11, 18, 5, tzinfo=UTC), datetime(2026, 11, 20, 5, tzinfo=UTC)),
        (date(2026, 11, 19), date(2026, 11, 18), datetime(2026, 11, 18, 5, tzinfo=UTC), datetime(2026, 11, 20, 5, tzinfo=UTC)),
        (date(2026, 11, 18), None, datetime(2026, 11, 18, 5, tzinfo=UTC), NOW),
        (None, date(2026, 11, 18), None, datetime(2026, 11, 19, 5, tzinfo=UTC)),
        (date(2030, 1, 1), None, datetime(2030, 1, 1, 5, tzinfo=UTC), datetime(2030, 1, 2, 5, tzinfo=UTC)),
        (date.min, date.max, datetime(2000, 1, 1, 5, tzinfo=UTC), NOW),
    ],
)  # fmt: skip
def test_any_range_of_days_works_half_picked_turned_round_or_absurd(context, opened, first, last, start, end):
    for row in context.repository.rows:
        row["open_time"] = None
    page = opened(series_from=first, series_to=last, event=EVENT)
    assert (page.model.start, page.model.end) == (start, end)
    assert not page.model.problem
    assert ("the other way round" in page.chosen_title.object) == (first == date(2026, 11, 19))
    assert page.chart._controls.values["window"] == ""


def test_a_chart_of_the_past_has_no_quote_of_today(context, opened):
    one_event(context)
    page = opened(series_from=date(2026, 11, 17), series_to=date(2026, 11, 18))
    assert page.model.picture.times[-1] <= page.model.end.timestamp() * 1000


def test_a_window_ends_the_range_and_a_day_that_is_none_changes_nothing(context, opened):
    page = opened(series_from=date(2026, 11, 18))
    page.chart._controls._handle_msg({"key": "series_to", "value": "2026-11-31"})
    assert page.state.series_to is None
    page.chart._controls._handle_msg({"key": "series_to", "value": "2026-11-20"})
    assert page.state.series_to == date(2026, 11, 20)
    page.chart._controls._handle_msg({"key": "series_from", "value": ""})
    assert page.state.series_from is None
    page.chart._controls._handle_msg({"key": "window", "value": "30d"})
    assert (page.state.series_to, page.state.window) == (None, "30d")


def test_a_day_without_a_trade_is_zero_and_not_the_day_before(context, opened):
    one_event(context)
    context.repository.days = {date(2026, 11, 17): 500, date(2026, 11, 20): 80}
    page = opened()
    assert page.model.days == [
        (date(2026, 11, 17), Decimal(500)),
        (date(2026, 11, 18), Decimal(0)),
        (date(2026, 11, 19), Decimal(0)),
        (date(2026, 11, 20), Decimal(80)),
    ]
    assert list(page.volume.data["volume"]) == [500, 0, 0, 80]
    assert "580 in all, 2 days without a trade" in page.volume.description
    (asked,) = [asked for asked in context.repository.asked if asked[0] == "event_days"][-1:]
    assert asked[2] == page.model.start


def test_no_candlestick_draws_no_bars_and_says_so(context, opened):
    one_event(context)
    context.event_attempts[EVENT] = None
    page = opened()
    assert not page.volume.visible
    assert "being fetched" in page.volume_title.object


def test_a_series_without_events_and_one_that_is_unknown_say_so(context, opened):
    assert "No event is stored" in opened("KXSERIES0003").nothing.object
    assert "No series “KXNOWHERE” is stored" in opened("KXNOWHERE").face.object
    assert "The link names no series" in opened("").face.object
    back = opened("KXSERIES0003")
    assert back.body.visible


@pytest.mark.parametrize("panel", ["events", "chart", "volume"])
def test_one_part_of_a_series_stands_alone_in_a_frame(context, opened, panel):
    one_event(context)
    page = opened()
    page.show_alone(panel)
    assert len(page.body) == 1
    shown = {"events": page.events, "chart": page.chosen, "volume": page.volume}[panel]
    assert page.body[0].select(lambda part: part is shown) == [shown]


def test_both_pages_are_served_over_the_wire(context):
    async def visit(*addresses):
        seen = []
        for address in addresses:
            visitor = await Visitor.open(address)
            seen.append(visitor.seen)
            await visitor.close()
        return seen

    with Served(context) as server:
        series, detail = run(
            visit(
                server.url("/?page=series&category=Sports"),
                server.url(f"/?page=series_detail&series_ticker={SERIES}&event={EVENT}&from=2026-11-18"),
            )
        )
    assert "Series number 1" in series
    assert "KXSERIES0003" not in series
    assert EVENT in detail
    assert "Quadratic, makers free" in detail


def test_time_goes_on_and_the_series_keeps_its_event_fresh(context, opened, clock):
    one_event(context)
    page = opened()
    from app.progress import Attempt

    context.event_attempts[EVENT] = Attempt(NOW, 4)
    page.poll()
    clock.now += timedelta(minutes=3)
    page.poll()
    assert context.events_requested == [EVENT, EVENT]
