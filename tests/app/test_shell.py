"""One session without a server: links in, pages out, and the address always says what is on the screen."""

from __future__ import annotations

import gc
import weakref
from datetime import UTC, datetime, timedelta

import pytest

from app import page_keys, url
from app.pages import PAGES
from app.shell import Shell
from data_layer.errors import NoDataError, QueryTimeoutError
from tests.app.fakes import HOSTILE, NOW, market_row

TICKER = "KXTEST-26NOV005-T1"


@pytest.fixture
def opened(context, clock):
    def build(query="?page=markets", **options):
        return Shell(context, query, now=clock, **options)

    return build


def bands(shell):
    return shell.frame.bands.object


def badge(shell):
    return shell.frame.badge.object


def page(shell):
    return shell._pages[shell.state.page]


def browse(shell, search, kind="click"):
    shell._on_browser({"kind": kind, "search": search})


def test_a_link_opens_its_page_and_nothing_else_is_built(opened):
    shell = opened(f"?page=market&ticker={TICKER}&window=30d")
    assert list(shell._pages) == ["market"]
    assert page(shell).model.market["ticker"] == TICKER
    assert page(shell).view.visible
    assert (
        shell.router.title == "24% Will number 5 come up before the end of the month? — Outcome 1 · Kalshi Analytics"
    )
    assert shell.router.target["serial"] == 0, "opening a link must not touch the address"


def test_following_links_and_going_back_never_writes_the_address(opened):
    shell = opened("?page=markets&q=number")
    browse(shell, f"?page=market&ticker={TICKER}")
    assert shell.state.page == "market"
    assert not shell._pages["markets"].view.visible
    browse(shell, "?page=markets&q=number", "pop")
    assert shell.state.text == "number"
    assert shell._pages["markets"].view.visible
    assert shell._pages["markets"].table.total == 121
    assert not shell._pages["market"].model.active
    assert shell.router.target["serial"] == 0


def test_going_back_forgets_the_newer_filter(opened):
    shell = opened("?page=markets&q=number&sort=title")
    browse(shell, "?page=markets", "pop")
    assert (shell.state.text, shell.state.sort) == ("", "volume24h")


def test_a_filter_replaces_the_address_and_a_market_is_a_new_entry(opened):
    shell = opened()
    page(shell).filters._on_change("text", "number 21")
    written = {"search": "?page=markets&q=number+21", "replace": True, "beside": False, "moves": 0, "serial": 1}
    assert shell.router.target == written
    page(shell).table._on_sort("ends")
    assert shell.router.target["search"] == "?page=markets&q=number+21&sort=ends&dir=asc"
    shell.state.param.update(page="market", ticker=TICKER)
    moved = {"search": f"?page=market&ticker={TICKER}", "replace": False, "beside": False, "moves": 0, "serial": 3}
    assert shell.router.target == moved


def test_turning_pages_stays_inside_the_list(opened):
    shell = opened()
    page(shell).table._on_page(3)
    assert shell.state.table_page == 3
    assert len(page(shell).table.rows) == 30
    page(shell).table._on_page(999)
    assert shell.state.table_page == 3


def test_the_address_and_the_screen_agree_after_any_change(opened):
    shell = opened()
    for change in (
        {"text": "number"},
        {"table_page": 2},
        {"zone": "utc"},
        {"page": "market", "ticker": TICKER},
        {"axis": "full"},
    ):
        shell.state.param.update(**change)
        again = url.decode(shell.router.target["search"]).values
        own = {key.name for key in page_keys.PAGE_KEYS[shell.state.page]} | {"page"}
        assert {name: again[name] for name in own} == {name: getattr(shell.state, name) for name in own}


def test_links_keep_the_time_zone(opened):
    shell = opened("?page=markets&tz=utc")
    assert page(shell).table.rows[0][1].endswith("&tz=utc")
    assert "tz=utc" in shell.frame.rail.object


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?page=market&ticker=KXNOPE", "No market “KXNOPE”"),
        ("?page=market", "The link names no market"),
        ("?page=market&ticker=../etc", "The link names no market"),
    ],
)
def test_a_link_to_no_market_explains_itself(opened, query, says):
    shell = opened(query)
    assert says in page(shell).face.object
    assert "?page=markets" in page(shell).face.object
    assert not page(shell).body.visible


def test_a_link_to_no_page_explains_itself_and_the_way_back_works(opened):
    shell = opened("?page=bogus")
    assert shell.state.page == "missing"
    assert page(shell).view.visible
    browse(shell, "?page=markets")
    assert shell._pages["markets"].view.visible
    assert not shell._pages["missing"].view.visible


def test_a_broken_value_is_told_and_the_next_change_forgets_it(opened):
    shell = opened("?page=markets&p=²&q=number")
    assert "“p=²” is not a whole number" in bands(shell)
    assert shell.state.text == "number"
    shell.state.text = "rain"
    shell.poll()
    assert "About this link" not in bands(shell)


def test_new_data_are_shown_by_push_and_by_poll(context, opened):
    shell = opened()
    context.repository.rows = [market_row(1, title="Only one")]
    shell.poll()
    assert page(shell).table.total == 130, "the same snapshot is not asked again"
    context.repository.snapshot_id += 1
    shell.poll()
    assert page(shell).table.total == 1
    context.repository.rows.append(market_row(2))
    shell._on_data()
    assert page(shell).table.total == 1, "a push without news changes nothing"
    context.hub.publish()
    shell._on_data()
    assert page(shell).table.total == 2


def test_a_poll_leaves_news_to_the_hub_that_is_telling_them(context, opened, clock, monkeypatch):
    shell = opened()
    context.repository.rows = [market_row(1, title="Only one")]
    context.hub.publish()
    monkeypatch.setattr(type(context.hub), "telling", True)
    clock.now = NOW + timedelta(minutes=3)
    shell.poll()
    assert page(shell).table.total == 130
    assert "4 min ago" in badge(shell), "the badge speaks of what is on the screen"
    shell._on_data()
    assert page(shell).table.total == 1
    clock.now = NOW + timedelta(minutes=4)
    shell.poll()
    assert "8 min ago" in badge(shell), "who had his turn goes on as always"


def test_a_page_off_the_screen_is_fresh_again_when_it_comes_back(context, opened):
    shell = opened()
    browse(shell, f"?page=market&ticker={TICKER}")
    context.repository.rows = context.repository.rows[:30]
    context.repository.snapshot_id += 1
    asked = len(context.repository.asked)
    shell.poll()
    assert {question[0] for question in context.repository.asked[asked:]} == {"candlesticks"}
    browse(shell, "?page=markets", "pop")
    assert shell._pages["markets"].table.total == 30


def test_the_badge_says_age_source_and_size_of_what_is_shown(context, opened, clock):
    shell = opened()
    assert "4 min ago" in badge(shell)
    assert "130 markets" in badge(shell)
    assert "live" in badge(shell)
    assert "3 refused" in badge(shell)
    clock.now = NOW + timedelta(minutes=3)
    shell.poll()
    assert "7 min ago" in badge(shell)
    assert 'class="badge fresh"' in badge(shell)


def test_stale_data_say_so_and_stay_on_the_screen(context, opened, clock):
    shell = opened()
    clock.now = NOW + timedelta(hours=2)
    shell.poll()
    assert "ka-stale" in bands(shell)
    assert "Old data: 2 h 4 min ago" in bands(shell)
    assert 'class="badge stale"' in badge(shell)
    assert len(page(shell).table.rows) == 50


def test_the_simulation_says_so_on_every_page(context, opened):
    context.set_progress(
        simulated=True,
        live_unreachable_since=datetime(2026, 11, 22, 19, 2, tzinfo=UTC),
        next_attempt=NOW + timedelta(seconds=30),
    )
    for query in ("", f"?page=market&ticker={TICKER}", "?page=bogus"):
        shell = opened(query)
        assert "ka-simulated" in bands(shell)
        assert "Simulated exchange: not Kalshi’s prices." in bands(shell)
        assert "Live is unreachable since 14:02 ET, trying again in 30 s." in bands(shell)


def test_the_first_crawl_shows_how_far_it_is_and_then_the_list(context, opened):
    context.repository.failure = NoDataError("Nothing stored")
    context.set_progress(stage="universe", done=31, total=118)
    shell = opened()
    assert "31 of about 118 pages" in bands(shell)
    assert 'aria-valuenow="26"' in bands(shell)
    assert "Fetching the exchange for the first time" in page(shell).face.object
    assert "no data yet" in badge(shell)
    context.repository.failure = None
    context.set_progress(stage="idle")
    context.hub.publish()
    shell._on_data()
    assert page(shell).face.object == '<h1 class="ka-heard">Markets</h1>'
    assert page(shell).body.visible
    assert "pages" not in bands(shell)


def test_a_first_crawl_that_fails_is_an_error_and_not_an_empty_list(context, opened):
    context.repository.failure = NoDataError("Nothing stored")
    context.set_progress(stage="universe", error="no answer from the exchange.")
    assert "ka-error" in bands(opened())
    assert "no answer from the exchange. It is tried again" in bands(opened())


def test_partial_data_and_warnings_are_told(context, opened):
    context.set_progress(failed_pages=2, total=118)
    context.repository.conditions = ("drift: field yes_bid is gone",)
    shell = opened()
    assert "2 of about 118 pages could not be fetched" in bands(shell)
    assert "field yes_bid is gone" in bands(shell)
    assert "1 warning" in badge(shell)


def test_empty_error_and_stale_have_three_faces(context, opened):
    empty = opened("?page=markets&q=zzzz")
    assert "ka-empty" in page(empty).nothing.object
    assert "The tightest filter is Search “zzzz”." in page(empty).nothing.object
    assert "Remove it (130 markets)" in page(empty).nothing.object
    context.repository.failure = QueryTimeoutError("the query took too long")
    broken = opened()
    assert "ka-error" in page(broken).face.object
    assert "the query took too long" in page(broken).face.object
    assert "ka-empty" not in page(broken).face.object


def test_hostile_text_is_shown_and_never_markup(context, opened):
    shell = opened()
    for row in context.repository.rows:
        if row["title"] in HOSTILE:
            browse(shell, url.link("market", ticker=row["ticker"]))
            shown = page(shell).head.object + page(shell).foot.object + shell.frame.rail.object
            for tag in ("<img", "<script", "<svg onload", "<a href=javascript"):
                assert tag not in shown
            assert "\u202e" not in shown + shell.router.title
    context.set_progress(error="<img src=x onerror=alert(1)>")
    context.repository.conditions = ("<script>alert(1)</script>",)
    shell.poll()
    assert "<img" not in bands(shell)
    assert "<script" not in bands(shell) + badge(shell)


def test_the_theme_reaches_router_and_charts(opened):
    shell = opened(f"?page=market&ticker={TICKER}", dark=True)
    chart = page(shell).chart._chart
    assert shell.router.dark
    dark = chart.config
    shell.page.dark_theme = False
    assert not shell.router.dark
    assert chart.config != dark


def test_the_browsers_zone_is_used_when_it_is_one(opened):
    shell = opened(f"?page=market&ticker={TICKER}&tz=local")
    shell._on_browser({"kind": "start", "search": "", "zone": "Asia/Kolkata", "width": 1200})
    assert "Kolkata" in page(shell).foot.object
    shell._on_browser({"kind": "start", "search": "", "zone": "<script>", "width": "wide"})
    assert "Kolkata" in page(shell).foot.object


def test_on_a_phone_the_rail_is_closed(opened):
    shell = opened()
    shell._on_browser({"kind": "start", "search": "", "zone": "", "width": 375})
    assert not shell.page.sidebar_open
    assert not opened(narrow=True).page.sidebar_open


def test_the_rail_closes_when_the_window_becomes_narrow_and_opens_again_only_if_it_was_open(opened):
    shell = opened()

    def turn(width):
        shell._on_browser({"kind": "width", "width": width})
        return shell.page.sidebar_open

    assert (turn(599), turn(1200)) == (False, True)
    assert turn(375) is False
    shell.page.sidebar_open = True  # opened over the page, and left open
    assert (turn(599), turn(1200)) == (False, True)
    shell.page.sidebar_open = False
    assert (turn(375), turn(1200)) == (False, False)
    assert turn("wide") is False


@pytest.mark.parametrize(
    "message", [{}, {"kind": "pop"}, {"kind": "click", "search": 7}, {"kind": None, "search": ""}]
)
def test_nonsense_from_the_browser_changes_nothing(opened, message):
    shell = opened("?page=markets&q=number")
    shell._on_browser(message)
    assert shell.state.text == "number"


def test_a_session_that_is_over_leaves_nothing_behind(opened):
    shell = opened(f"?page=market&ticker={TICKER}")
    watched = [weakref.ref(shell), weakref.ref(shell.page), weakref.ref(page(shell).model)]
    del shell
    gc.collect()
    assert [ref() for ref in watched] == [None, None, None]


def test_a_zone_is_remembered_for_links_that_say_none_and_the_address_says_it(opened):
    shell = opened("?page=markets&q=number", remembered={"zone": "utc"})
    assert shell.state.zone == "utc"
    assert shell.router.target["search"] == "?page=markets&q=number&tz=utc"
    assert shell.router.target["replace"]
    assert opened("?page=markets&tz=et", remembered={"zone": "utc"}).state.zone == "et", (
        "a link that says one means it"
    )
    assert opened(remembered={"zone": "mars"}).state.zone == "et"


def test_a_chosen_zone_is_in_the_address_in_the_cookie_and_in_every_time(opened, context):
    context.set_progress(simulated=True, live_unreachable_since=datetime(2026, 11, 22, 19, 2, tzinfo=UTC))
    shell = opened()
    shell.controls._on_choose("zone", "utc")
    assert "tz=utc" in shell.router.target["search"]
    assert shell.router.remembered["ka_tz"] == "utc"
    assert "19:02 UTC" in bands(shell)
    assert "tz=utc" in shell.frame.rail.object
    assert opened("?page=markets&tz=utc").router.remembered == {}, "a pasted link is no choice for the next visit"


def test_going_back_does_not_bring_an_older_zone_back(opened):
    shell = opened("?page=markets")
    browse(shell, f"?page=market&ticker={TICKER}")
    shell.controls._on_choose("zone", "utc")
    browse(shell, "?page=markets", "pop")
    assert shell.state.zone == "utc"
    assert shell.router.target["search"] == "?page=markets&tz=utc"
    assert shell.router.target["replace"]


def test_fetching_by_hand_is_asked_of_the_process_and_says_when_it_is_possible_again(context, opened, clock):
    context.set_progress(refresh_after=NOW - timedelta(seconds=1))
    shell = opened()
    assert shell.controls.wait["seconds"] == 0
    context.set_progress(refresh_after=NOW + timedelta(seconds=59.2))
    shell.controls._handle_msg({"kind": "refresh"})
    assert context.refreshes_asked == 1
    assert shell.controls.wait["seconds"] == 60
    serial = shell.controls.wait["serial"]
    clock.now = NOW + timedelta(seconds=5)
    shell.poll()
    assert shell.controls.wait["serial"] == serial, "the browser counts by itself"


def test_a_crawl_under_way_says_how_far_it_is_in_badge_and_button(context, opened):
    context.set_progress(stage="universe", done=31, total=118)
    shell = opened()
    assert "open markets 31 of about 118 pages" in badge(shell)
    assert shell.controls.busy == "31 of about 118 pages"
    context.set_progress(stage="maintenance", done=0, total=None)
    shell.poll()
    assert "maintenance" in badge(shell)
    assert shell.controls.busy == ""
    context.set_progress(stage="histories", done=50, total=200)
    shell.poll()
    assert "histories 50 of about 200 markets" in badge(shell)
    context.set_progress(stage="universe", done=130, total=118)
    shell.poll()
    assert "130 pages" in badge(shell), "an estimate that was too low is not shown"


def test_where_another_process_fetches_there_is_nothing_to_ask(context, opened):
    context.set_progress(writes=False)
    assert opened().controls.reader


def test_a_failed_refresh_says_why_since_when_and_how_old_the_rest_is(context, opened):
    context.set_progress(error="answered 503.", live_unreachable_since=NOW - timedelta(minutes=20))
    shown = bands(opened())
    assert "answered 503. It fails since 11:45 ET. Shown is what was received 4 min ago." in shown
    assert 'href="?page=status"' in shown


def test_one_band_says_that_data_are_old_and_why(context, opened, clock):
    context.set_progress(error="answered 503")
    clock.now = NOW + timedelta(hours=1)
    shown = bands(opened())
    assert shown.count("ka-band") == 1
    assert "Old data: 1 h 4 min ago." in shown
    assert "The last refresh failed: answered 503." in shown


def test_the_key_for_the_theme_turns_it(opened):
    shell = opened(dark=True)
    shell.controls._handle_msg({"kind": "theme"})
    assert not shell.page.dark_theme
    assert not shell.router.dark


def test_bands_with_running_seconds_are_not_announced_again_and_again(context, opened, clock):
    context.set_progress(simulated=True)
    clock.now = NOW + timedelta(hours=1)
    shown = bands(opened())
    assert 'role="status"' not in shown
    assert 'role="alert"' not in shown


def test_units_side_and_times_are_chosen_remembered_and_in_every_link(opened):
    shell = opened("?page=markets")
    for name, word in (("unit", "american"), ("side", "no"), ("times", "absolute")):
        shell.controls._handle_msg({"kind": "choose", "name": name, "word": word})
    said = "unit=american&side=no&times=absolute"
    assert shell.router.target["search"].endswith(said)
    assert page(shell).table.rows[0][1].endswith(said)
    assert shell.frame.rail.object.count(said.replace("&", "&amp;")) == sum(
        1 for listed in PAGES.values() if listed.name
    )
    assert said.replace("&", "&amp;") in shell.frame.badge.object
    assert shell.router.remembered == {
        "ka_tz": "et",
        "ka_unit": "american",
        "ka_side": "no",
        "ka_times": "absolute",
    }


def test_what_was_chosen_last_holds_for_links_that_say_nothing_of_it(opened):
    shell = opened("?page=markets&side=yes", remembered={"unit": "decimal", "side": "no", "times": "<b>", "zone": ""})
    assert shell.state.shared() == {"zone": "et", "unit": "decimal", "side": "yes", "times": "relative"}
    assert shell.controls.unit == "decimal"
