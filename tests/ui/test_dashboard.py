"""Journeys through the dashboard in a real Chromium, over a repository in memory with hostile titles in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from app import url
from tests.app.fakes import HOSTILE, FakeContext
from tests.app.protocol import Served
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("dashboard")]

TICKER = "KXTEST-26NOV005-T1"
LIST = "/?page=markets"
MARKET = f"/?page=market&ticker={TICKER}"


@pytest.fixture
def served():
    context = FakeContext()
    context.repository.as_of = datetime.now(UTC)
    with Served(context) as server:
        yield server


@pytest.fixture
def context(served):
    return served._context


def rows(tab: Page):
    return tab.locator("table[aria-label='Open markets'] tbody tr")


def listed(tab: Page, count: int = 50) -> None:
    expect(rows(tab)).to_have_count(count, timeout=LIMIT)


def drawn(tab: Page) -> None:
    expect(tab.locator(".chart[data-drawn] canvas")).to_be_visible(timeout=LIMIT)


def search_box(tab: Page):
    return tab.get_by_role("searchbox", name="Search markets")


def visible_pixels(tab: Page) -> int:
    """Count the pixels of the chart that something was drawn on."""
    return tab.locator(".chart canvas").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v).length"
    )


def sideways(tab: Page) -> int:
    """Return by how many pixels anything on the page is wider than the screen."""
    return tab.evaluate(
        """() => {
          let widest = document.documentElement.scrollWidth
          const walk = root => { for (const el of root.querySelectorAll('*')) {
            if (el.classList?.contains('main-content')) widest = Math.max(widest, el.scrollWidth)
            if (el.shadowRoot) walk(el.shadowRoot) } }
          walk(document)
          return widest - innerWidth }"""
    )


def test_from_the_list_to_a_market_and_back_and_forward_and_reload(served, browse):
    tab = browse(served.url("/?page=markets&q=number"))
    listed(tab)
    expect(tab).to_have_title(re.compile("“number” · Markets"))
    first = rows(tab).first.locator("a .value").inner_text()
    rows(tab).first.locator("a").press("Enter")
    expect(tab).to_have_url(re.compile(r"\?page=market&ticker=KXTEST"))
    expect(tab.get_by_role("heading", level=1)).to_have_text(first)
    drawn(tab)
    market = tab.url
    tab.go_back()
    expect(tab).to_have_url(served.url("/?page=markets&q=number"))
    listed(tab)
    expect(search_box(tab)).to_have_value("number")
    tab.go_forward()
    expect(tab).to_have_url(market)
    expect(tab.get_by_role("heading", level=1)).to_have_text(first)
    tab.reload()
    expect(tab.get_by_role("heading", level=1)).to_have_text(first)
    drawn(tab)
    expect(tab).to_have_url(market)
    tab.go_back()
    listed(tab)
    expect(tab).to_have_url(served.url("/?page=markets&q=number"))


def test_a_pasted_link_shows_the_same_market_with_its_window_and_axis(served, browse):
    tab = browse(served.url(MARKET + "&window=30d&axis=full&tz=utc"))
    drawn(tab)
    for pressed in ("30d", "0–100¢"):
        expect(tab.get_by_role("button", name=pressed, exact=True)).to_have_attribute("aria-pressed", "true")
    expect(tab.get_by_text("times in UTC")).to_be_visible()
    assert visible_pixels(tab) > 2000
    expect(tab.locator(".crumbs")).to_contain_text(TICKER)


def test_choices_of_the_chart_are_in_the_address_and_add_no_history(served, browse):
    tab = browse(served.url(LIST))
    listed(tab)
    rows(tab).first.locator("a").press("Enter")
    drawn(tab)
    tab.get_by_role("button", name="1d", exact=True).click()
    expect(tab).to_have_url(re.compile(r"window=1d"))
    tab.get_by_role("button", name="0–100¢").click()
    expect(tab).to_have_url(re.compile(r"axis=full"))
    tab.go_back()
    expect(tab).to_have_url(served.url(LIST))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?page=market&ticker=KXNOPE", "No market “KXNOPE”"),
        ("?page=market&ticker=%3Cimg%20src=x%20onerror=alert(1)%3E", "The link names no market"),
        ("?page=bogus", "There is no such page"),
        ("?page=markets&q=zzzz", "Nothing left"),
    ],
)
def test_a_link_that_leads_nowhere_explains_itself_and_shows_the_way_back(served, browse, query, says):
    tab = browse(served.url("/" + query))
    expect(tab.locator(".ka-face-title").filter(has_text=says)).to_be_visible()
    tab.locator(".ka-face-actions a:visible").first.click()
    listed(tab)


def test_a_value_that_cannot_be_read_is_told(served, browse):
    tab = browse(served.url("/?page=markets&p=%C2%B2&dir=asc"))
    listed(tab)
    expect(tab.locator(".ka-band.ka-note")).to_contain_text("“p=²” is not a whole number")


@pytest.mark.parametrize("without_policy", [False, True], ids=["policy", "no-policy"])
def test_hostile_text_is_read_and_never_run(served, browse, without_policy):
    tab = browse(served.url("/?page=markets&sort=ticker&dir=asc"), bypass_csp=without_policy)
    listed(tab)
    for number, text in enumerate(HOSTILE):
        cell = rows(tab).nth(number * 4).locator("a .value")
        if "<" in text:
            expect(cell).to_have_text(text)
        cell.hover()
    for number, text in enumerate(HOSTILE):
        tab.goto(served.url(url.link("market", ticker=f"KXTEST-26NOV{number:03d}-T0")))
        drawn(tab)
        if "<" in text:
            expect(tab.get_by_role("heading", level=1)).to_have_text(text)
            assert text in tab.title()
        tab.locator(".chart canvas").hover(position={"x": 300, "y": 100})
    tab.goto(served.url("/?page=markets&q=" + "%3Csvg%20onload%3Dwindow.__xss%3D1%3E"))
    listed(tab, 1)
    assert tab.evaluate("window.__xss") is None
    assert tab.locator("img, svg[onload], iframe").count() == 0


def test_typing_narrows_the_list_as_it_goes(served, browse):
    tab = browse(served.url(LIST))
    listed(tab)
    search_box(tab).focus()
    tab.keyboard.type("number 21")
    listed(tab, 4)
    expect(tab.locator(".count")).to_have_text("4 markets")
    expect(tab).to_have_url(served.url("/?page=markets&q=number+21"))
    tab.keyboard.press("Escape")
    listed(tab)
    tab.get_by_label("Category").select_option("Sports")
    expect(tab).to_have_url(re.compile("category=Sports"))
    listed(tab, 24)


def test_the_list_is_sorted_and_turned_in_place(served, browse):
    tab = browse(served.url(LIST))
    listed(tab)
    tab.get_by_role("button", name="Volume", exact=True).click()
    expect(tab.get_by_role("columnheader", name="Volume", exact=True)).to_have_attribute("aria-sort", "descending")
    tab.get_by_role("button", name="Next page").click()
    expect(tab.locator(".range")).to_have_text("51–100 of 130")
    tab.get_by_role("button", name="Next page").click()
    listed(tab, 30)
    expect(tab.get_by_role("button", name="Next page")).to_be_disabled()
    expect(tab).to_have_url(re.compile("sort=volume&p=3"))
    tab.reload()
    listed(tab, 30)


def test_the_list_can_be_walked_with_the_keyboard(served, browse):
    tab = browse(served.url(LIST))
    listed(tab)
    rows(tab).first.locator("a").focus()
    tab.keyboard.press("j")
    tab.keyboard.press("ArrowDown")
    expect(rows(tab).nth(2).locator("a")).to_be_focused()
    tab.keyboard.press("k")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"\?page=market&ticker="))


def test_a_reader_who_comes_back_is_where_he_was(served, browse):
    tab = browse(served.url(LIST))
    listed(tab)
    rows(tab).nth(40).scroll_into_view_if_needed()
    scrolled = tab.locator(".frame").first.evaluate("el => el.scrollTop")
    assert scrolled > 300
    rows(tab).nth(40).locator("a").press("Enter")
    drawn(tab)
    tab.go_back()
    listed(tab)
    expect(rows(tab).nth(40)).to_be_in_viewport()


def test_a_modified_click_opens_a_tab_of_its_own(served, browse):
    tab = browse(served.url(LIST))
    listed(tab)
    with tab.context.expect_page() as opened:
        rows(tab).nth(3).locator("a").click(modifiers=["ControlOrMeta"])
    expect(opened.value).to_have_url(re.compile(r"\?page=market&ticker="))
    expect(tab).to_have_url(served.url(LIST))


def test_data_move_by_themselves_without_a_jump(served, context, browse):
    tab = browse(served.url("/?page=markets&sort=ticker&dir=asc"))
    listed(tab)
    frame = tab.locator(".frame").first
    frame.evaluate("el => { el.scrollTop = 400 }")
    row = context.repository.rows[20]
    row["last_price_dollars"] = row["last_price_dollars"].__class__("0.97")
    context.repository.snapshot_id += 1
    served.call(context.hub.publish)
    expect(rows(tab).nth(20).locator("td.c-last")).to_have_text("97")
    assert frame.evaluate("el => el.scrollTop") == 400


def test_zoom_stays_while_the_chart_is_fed(served, context, browse):
    tab = browse(served.url(MARKET))
    drawn(tab)
    chart = tab.locator(".chart .canvas")
    domain = "el => el.view.scale('x').domain().map(Number)"
    before = chart.evaluate(domain)
    chart.locator("canvas").hover(position={"x": 400, "y": 120})
    tab.keyboard.down("Control")
    tab.mouse.wheel(0, -500)
    tab.keyboard.up("Control")
    tab.wait_for_function(
        "([el, was]) => { const d = el.view.scale('x').domain(); return d[1] - d[0] < was }",
        arg=[chart.element_handle(), before[1] - before[0]],
    )
    zoomed = chart.evaluate(domain)
    stored = context.repository.candlesticks(TICKER, 60).rows()
    context.repository.candles[TICKER, 60] = stored[:-1]
    context.repository.snapshot_id += 1
    served.call(context.hub.publish)
    expect(tab.locator(".chart[data-fed]")).to_be_visible()
    assert chart.evaluate(domain) == zoomed
    expect(tab.locator(".chart")).to_have_attribute("data-drawn", "1")


def test_the_theme_changes_everything_at_once_and_is_remembered(served, browse):
    tab = browse(served.url(MARKET), color_scheme="light")
    drawn(tab)
    surface = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(surface)
    tab.get_by_role("button", name="Toggle theme").click()
    expect(tab.locator("html")).to_have_attribute("data-ka-theme", "dark")
    expect(tab.locator(".chart")).to_have_attribute("data-drawn", "2")
    assert tab.evaluate(surface) != light
    assert tab.evaluate("performance.getEntriesByType('navigation').length") == 1
    tab.reload()
    expect(tab.locator("html")).to_have_attribute("data-ka-theme", "dark")
    drawn(tab)


@pytest.mark.parametrize("path", [LIST, MARKET, "/?page=bogus"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_phone_never_scrolls_sideways(served, browse, path, dark):
    tab = browse(served.url(path), width=375, height=720, has_touch=True)
    if dark:
        tab.context.add_cookies([{"name": "ka_theme", "value": "dark", "url": served.url()}])
        tab.reload()
    if path == LIST:
        listed(tab)
    elif path == MARKET:
        drawn(tab)
    else:
        expect(tab.locator(".ka-face-title:visible")).to_be_visible()
    assert sideways(tab) <= 0
    tab.get_by_role("button", name="Open drawer").click()
    expect(tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Markets")).to_be_visible()


def test_on_a_narrow_window_no_rail_lies_over_the_page_while_the_server_has_not_answered(served, browse):
    """A desktop's window as narrow as a phone: that it is narrow the server hears only when the page is drawn."""
    tab = browse("about:blank", width=375)
    held: list[str | bytes] = []
    sending: list[str | bytes] = []
    servers = []

    def between(socket):
        servers.append(socket.connect_to_server())
        socket.on_message(hold_from_the_start)

    def hold_from_the_start(frame):
        sending.append(frame)
        if len(sending) < 3:  # a message is a header, its metadata and its content
            return
        if held or '"kind","start"' in str(frame):
            held.extend(sending)
        else:
            for part in sending:
                servers[0].send(part)
        sending.clear()

    tab.route_web_socket(re.compile("/ws"), between)
    tab.goto(served.url(LIST))
    listed(tab)
    while not held:
        tab.wait_for_timeout(50)
    rail = tab.get_by_role("navigation", name="Pages")
    expect(rail).to_be_hidden()
    for part in held:
        servers[0].send(part)
    held.clear()
    tab.wait_for_function("() => !('kaStarting' in document.documentElement.dataset)")
    expect(rail).to_be_hidden()
    tab.get_by_role("button", name="Open drawer").click()
    expect(rail).to_be_visible()


def test_a_window_made_narrow_has_no_rail_over_the_page_and_wide_again_what_it_had(served, browse):
    tab = browse(served.url(LIST), width=1300)
    listed(tab)
    rail = tab.get_by_role("navigation", name="Pages")
    expect(rail).to_be_visible()
    tab.set_viewport_size({"width": 375, "height": 800})
    expect(rail).to_be_hidden()
    tab.set_viewport_size({"width": 1300, "height": 800})
    expect(rail).to_be_visible()
    tab.get_by_role("button", name="Close drawer").click()
    expect(rail).not_to_be_in_viewport()
    tab.set_viewport_size({"width": 375, "height": 800})
    expect(rail).to_be_hidden()
    tab.set_viewport_size({"width": 1300, "height": 800})
    expect(rail).to_have_count(1)  # slid out beside a wide page, and never over it
    expect(rail).not_to_be_in_viewport()


def test_a_chart_that_cannot_be_drawn_still_shows_its_values(served, browse, watch):
    watch.blocked = ("vegaplot",)
    tab = browse(served.url(MARKET))
    expect(tab.locator(".ka-face.ka-error")).to_contain_text("The chart could not be drawn")
    expect(tab.locator(".chart details table tbody tr").first).to_contain_text("2026")
    assert tab.locator(".chart details table tbody tr").count() > 50


def test_the_chart_can_be_read_as_a_table(served, browse):
    tab = browse(served.url(MARKET))
    drawn(tab)
    assert "Price chart with" in tab.locator(".chart .canvas").get_attribute("aria-label")
    tab.get_by_text("The chart as a table").click()
    expect(tab.locator(".chart details table thead th")).to_have_text(
        ["Until", "Bid ¢", "Ask ¢", "Last ¢", "Volume", "Open interest"]
    )


def test_stale_simulated_and_failing_look_different(served, context, browse):
    context.repository.as_of -= timedelta(hours=3)
    context.set_progress(simulated=True, error="no answer from the exchange")
    tab = browse(served.url(LIST))
    listed(tab)
    colours = [
        tab.locator(f".ka-band.ka-{kind}").first.evaluate("el => getComputedStyle(el).backgroundColor")
        for kind in ("simulated", "stale")
    ]
    assert len(set(colours)) == 2
    expect(tab.locator(".ka-simulated")).to_contain_text("Simulated exchange: not Kalshi’s prices.")
    expect(tab.locator(".badge.stale")).to_be_visible()


def test_no_page_needs_anything_from_elsewhere(served, browse):
    tab = browse(served.url(LIST))
    listed(tab)
    rows(tab).first.locator("a").press("Enter")
    drawn(tab)
    addresses = tab.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert len(addresses) > 10
    assert all(address.startswith((served.url(""), "blob:", "data:")) for address in addresses)


def test_escape_closes_the_rail_over_the_page_wherever_the_focus_is(served, browse):
    tab = browse(served.url(LIST), width=375)
    listed(tab)
    rail = tab.get_by_role("navigation", name="Pages")
    for leave in ("() => {}", "() => document.activeElement.blur()"):
        tab.get_by_role("button", name="Open drawer").click()
        expect(rail).to_be_visible()
        tab.evaluate(leave)
        tab.keyboard.press("Escape")
        expect(rail).to_be_hidden()
