"""The calendar's page: kinds, range, measure, a picked hour, its zone, links, and text that would be more than text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import page_keys, url
from app.models.agenda import AgendaModel, filter_of
from app.pages.agenda import AgendaPage
from app.state import State
from components.charts import hour_heat
from components.live_chart import columns_of
from components.theme import palette
from data_layer.errors import NoDataError
from data_layer.questions import AgendaColumn
from tests.app.fakes import HOSTILE, NOW, FakeContext, FakeRepository, market_row
from tests.app.protocol import Served, Visitor, run

WEEK = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
MONDAY = date(2026, 11, 23)


def page_of(repository: FakeRepository | None = None, local: str = "", **state: object) -> AgendaPage:
    model = AgendaModel(FakeContext(repository), State(**state), lambda: repository.now if repository else NOW)
    page = AgendaPage(model, model.state, lambda: local, lambda: None)
    model.active = True
    return page


def closing(*hours: float, **changes: object) -> FakeRepository:
    rows = [
        market_row(4 * n, close_time=NOW + timedelta(hours=after), expected_time=NOW + timedelta(hours=after + 1))
        for n, after in enumerate(hours)
    ]
    return FakeRepository([row | changes for row in rows])


def stone(n: int, **changes: object) -> dict[str, object]:
    row = {"entry": f"stone{n}", "time": NOW + timedelta(hours=n + 1), "title": f"Reds vs Blues {n}"}
    row |= {"event_ticker": f"EV{n}", "ticker": f"EV{n}-A", "outcome": "Reds", "category": "Sports"}
    row |= {"type": "soccer_game", "probability": Decimal("0.4"), "quote_quality": "tight", "markets": 3}
    return row | {"volume_24h_contracts": Decimal(7), "open_interest_contracts": Decimal(9)} | changes


def test_the_map_counts_what_the_list_lists() -> None:
    page = page_of(closing(1, 1.2, 30, 24 * 40))
    chart = page.chart.data
    assert sum(chart["amount"]) == 3
    assert len(page.table.rows) == page.table.total == 3
    assert "1 markets close later than the range" in page.head.object
    assert page.filters.count == "3 markets"
    assert set(chart["day"]) == {f"{day} {22 + n} Nov" for n, day in enumerate(WEEK)}
    assert chart["hour"][0] == "12:00", "12:05 in New York: hours that are over are not drawn"


def test_it_says_why_markets_counts_others() -> None:
    page = page_of(closing(1, 30))
    assert "“Ends” of Markets is when settlement is expected" in page.list_head.object
    page.state.calendar_kind = "expires"
    assert "“Ends” of Markets is when trading ends" in page.list_head.object
    page.state.calendar_kind = "milestones"
    assert "of Markets" not in page.list_head.object
    assert any("Counts differ from those of Markets" in note for note in AgendaModel.exports["agenda"].notes)


def test_a_click_on_an_hour_narrows_the_list_and_a_second_one_lets_go() -> None:
    page = page_of(closing(1, 1.2, 30))
    busy = next(n for n, amount in enumerate(page.chart.data["amount"]) if amount == 2)
    pick = page.chart.data["pick"][busy]
    page.chart._handle_msg({"kind": "pick", "pick": pick})
    assert (page.state.calendar_day, page.state.calendar_hour) == (date(2026, 11, 22), "13")
    assert len(page.table.rows) == 2
    assert page.filters.count == "2 markets", "of the hour, as the list"
    own = {key.name: getattr(page.state, key.name) for key in page_keys.PAGE_KEYS["calendar"]}
    assert url.link("calendar", **own) == "?page=calendar&day=2026-11-22&hour=13"
    assert [edge != "transparent" for edge in page.chart.data["edge"]].index(True) == busy
    assert [words for _, words in page.filters.chips] == ["Sun 22 Nov 2026", "13:00 ET"]
    page.chart._handle_msg({"kind": "pick", "pick": pick})
    assert page.state.calendar_day is None
    assert len(page.table.rows) == 3


@pytest.mark.parametrize("said", [None, 5, "", "2026-11-22", "x y", "2099-01-01 3", "<b>"])
def test_a_click_that_no_cell_could_have_said_changes_nothing(said: object) -> None:
    page = page_of(closing(1))
    page.chart._handle_msg({"kind": "pick", "pick": said})
    assert page.state.calendar_day is None


def test_days_follow_the_zone() -> None:
    repository = closing(14)
    in_new_york, in_utc, in_tokyo = (
        page_of(repository, "Asia/Tokyo", zone=zone).chart.data for zone in ("et", "utc", "local")
    )
    picks = [
        next(p for p, a in zip(d["pick"], d["amount"], strict=True) if a) for d in (in_new_york, in_utc, in_tokyo)
    ]
    assert picks == ["2026-11-23 2", "2026-11-23 7", "2026-11-23 16"]
    nowhere = filter_of(page_keys.DEFAULTS | {"zone": "local"}, "Nowhere/At all")
    assert nowhere.zone == "UTC"


def test_an_hour_that_comes_twice_has_two_cells_and_one_that_is_skipped_none() -> None:
    autumn = datetime(2026, 10, 31, 16, tzinfo=UTC)
    page = page_of(FakeRepository([], autumn), calendar_range="7d")
    day = [
        hour for day, hour in zip(page.chart.data["day"], page.chart.data["hour"], strict=True) if day == "Sun 1 Nov"
    ]
    assert (len(day), day[1:3]) == (25, ["01:00", "01:00 again"])
    page.state.calendar_day = date(2026, 11, 1)
    assert ("1b", "01:00 again") in [tuple(option) for option in page.filters.options["calendar_hour"]]
    spring = datetime(2027, 3, 13, 16, tzinfo=UTC)
    drawn = page_of(FakeRepository([], spring)).chart.data
    day = [hour for day, hour in zip(drawn["day"], drawn["hour"], strict=True) if day == "Sun 14 Mar"]
    assert len(day) == 23
    assert "02:00" not in day


def test_the_measure_colours_the_map_and_asks_for_the_same_list() -> None:
    repository = closing(1, 30)
    page = page_of(repository)
    before = page.table.rows
    page.measure._on_change("calendar_measure", "interest")
    assert sum(page.chart.data["amount"]) == float(sum(row["open_interest_contracts"] for row in repository.rows))
    assert page.table.rows == before


def test_a_row_leads_to_its_event_or_to_its_only_market() -> None:
    repository = closing(1)
    repository.stones = [stone(0), stone(1, markets=1), stone(2, markets=0, ticker=None, event_ticker=None)]
    page = page_of(repository, calendar_kind="milestones")
    assert [row[1] for row in page.table.rows] == ["?page=event&event=EV0", "?page=market&ticker=EV1-A", ""]
    assert not page.table.starred, "a milestone is no market"
    assert page.filters.count == "3 milestones"
    page.filters._on_change("calendar_kind", "closes")
    assert page.table.starred
    assert page.table.rows[0][0] == repository.rows[0]["ticker"]


def test_sorting_and_pages_are_asked_of_the_repository() -> None:
    repository = closing(*(1 + n / 10 for n in range(120)))
    page = page_of(repository, table_page=99)
    assert (page.table.page, len(page.table.rows)) == (3, 20)
    page.model.sort_by("volume24h")
    asked = repository.asked[-1]
    assert (asked[2][0].column, asked[2][0].descending, asked[3]) == (AgendaColumn.VOLUME_24H, True, 0)
    page.model.sort_by("volume24h")
    assert page.state.calendar_order == "asc"


def test_nothing_says_why_and_offers_the_way_back() -> None:
    page = page_of(closing(1), calendar_day=MONDAY, category="<b>none</b>")
    assert "Nothing closes then" in page.nothing.object
    assert "The whole range" in page.nothing.object
    assert "<b>none" not in page.nothing.object
    assert not page.table.visible


def test_an_empty_lake_waits_and_a_failure_says_so() -> None:
    repository = FakeRepository()
    repository.failure = NoDataError("nothing")
    assert "first time" in page_of(repository).face.object


def test_hostile_words_stay_words() -> None:
    rows = [
        market_row(4 * n, title=t, event_title=t, outcome=t, close_time=NOW + timedelta(hours=1))
        for n, t in enumerate(HOSTILE)
    ]
    repository = FakeRepository(rows)
    repository.stones = [stone(n, title=t, type=t, category=t) for n, t in enumerate(HOSTILE)]
    for kind in ("closes", "milestones"):
        page = page_of(repository, calendar_kind=kind, category="")
        assert len(page.table.rows) == len(HOSTILE)
        assert all(row[1].startswith("?page=") for row in page.table.rows)
        shown = "".join(pane.object for pane in (page.head, page.key, page.list_head, page.nothing))
        assert "<img" not in shown
        assert "<script" not in shown


def test_colours_follow_the_theme_and_the_key_names_the_same_steps() -> None:
    page = page_of(closing(1, 1.1, 30))
    light = set(page.chart.data["colour"])
    assert palette(False)["grid"] in light
    assert page.key.object.count("<li>") == len(hour_heat.bounds_of(page.chart.data["amount"].tolist())) + 1
    page.follow_theme(True)
    assert not light & set(page.chart.data["colour"])


@given(st.lists(st.integers(0, 10**9), max_size=40))
def test_every_amount_has_a_step_and_more_is_never_lighter(amounts: list[int]) -> None:
    cells = [hour_heat.HeatCell("d", "h", 0, float(a), "", "", "", "", "p", False) for a in sorted(amounts)]
    frame, bounds = hour_heat.heat_frame(cells, dark=False)
    assert bounds == sorted(set(bounds))
    assert len(bounds) <= len(hour_heat.STEPS)
    hues = hour_heat.colours(False, len(bounds))
    steps = [hues.index(colour) for colour in frame["colour"]]
    assert steps == sorted(steps)
    assert all((step == 0) == (cell.amount == 0) for step, cell in zip(steps, cells, strict=True))
    assert set(columns_of(frame)) >= {"day", "hour", "colour", "edge", "pick"}


def test_a_link_opens_its_hour_and_another_is_picked_over_the_protocol() -> None:
    async def visit(server: Served) -> None:
        visitor = await Visitor.open(server.url("/?page=calendar&day=2026-11-22&hour=13"))
        assert [asked[1].hour for asked in repository.asked if asked[0] == "agenda"] == ["13"]
        pick = {"kind": "pick", "pick": "2026-11-23 18"}
        await visitor.say("LiveChart", pick, lambda: "day=2026-11-23&hour=18" in str(visitor.last("target")))
        assert len(visitor.last("rows")) == 1
        await visitor.close()

    repository = closing(1, 1.2, 30)
    with Served(FakeContext(repository)) as server:
        run(visit(server))
