"""An event and a series in a real Chromium: lines are read, hidden and zoomed, events are chosen, days are picked."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.app.fakes import HOSTILE, NOW, FakeContext, market_row
from tests.app.protocol import Served
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("event")]

EVENT = "KXTEST-BIG"
DOMAIN = "el => el.view.scale('x').domain().map(Number)"


@pytest.fixture(scope="module")
def served():
    context = FakeContext()
    rows = [
        market_row(
            n,
            ticker=f"{EVENT}-T{n}",
            event_ticker=EVENT,
            outcome=HOSTILE[n] if n < 3 else f"Runner {n}",
            series_ticker="KXSERIES0001",
            probability=Decimal(60 - n) / 100,
            quote_time=NOW - timedelta(minutes=1),
        )
        for n in range(60)
    ]
    context.repository.rows += rows
    context.repository.days = {(NOW - timedelta(days=n)).date(): 100 * n for n in (1, 3, 4)}
    with Served(context) as server:
        yield server


def drawn(tab: Page):
    expect(tab.locator(".chart[data-drawn] canvas").first).to_be_visible(timeout=LIMIT)
    return tab.locator(".chart .canvas").first


def test_an_event_is_read_hidden_zoomed_and_turned(served, browse, tmp_path):
    tab = browse(served.url(f"/?page=event&event={EVENT}"), width=1440)
    chart = drawn(tab)
    before = chart.evaluate(DOMAIN)
    chart.locator("canvas").hover(position={"x": 400, "y": 120})
    expect(tab.locator("#vg-tooltip-element")).to_contain_text("Runner 5")
    assert tab.evaluate("window.__xss") is None
    tab.keyboard.down("Control")
    tab.mouse.wheel(0, -500)
    tab.keyboard.up("Control")
    tab.wait_for_function(
        "([el, was]) => { const d = el.view.scale('x').domain(); return d[1] - d[0] < was }",
        arg=[chart.element_handle(), before[1] - before[0]],
    )
    zoomed = chart.evaluate(DOMAIN)
    switch = tab.locator(".lines").get_by_role("button", name="Runner 4")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    expect(tab.locator(".chart[data-fed]").first).to_be_visible()
    assert chart.evaluate(DOMAIN) == zoomed
    assert f"hide={EVENT}-T4" in tab.url
    tab.get_by_role("button", name="stacked", exact=True).click()
    tab.wait_for_url("**as=stacked**")
    assert chart.evaluate(DOMAIN) == zoomed
    assert "outcomes" in chart.get_attribute("aria-label")
    tab.get_by_role("button", name="Next page").click()
    expect(tab.get_by_text("51–60 of 60")).to_be_visible()
    tab.get_by_role("link", name="Runner 55").press("Enter")
    tab.wait_for_url("**page=market**")
    tab.locator("nav.crumbs").get_by_role("link", name=re.compile(r"^Number \d+$")).click()
    tab.wait_for_url(f"**page=event&event={EVENT}**")


def test_a_series_is_found_its_event_drawn_and_a_range_of_days_half_picked(served, browse):
    tab = browse(served.url("/?page=series&view=cards"), width=1200)
    tab.get_by_placeholder("Title, ticker or tag").fill("number 1")
    tab.get_by_role("link", name="KXSERIES0001", exact=False).first.click()
    tab.wait_for_url("**series_ticker=KXSERIES0001**")
    drawn(tab)
    expect(tab.get_by_text("Volume per day")).to_be_visible()
    tab.get_by_label("Days: first day").fill("2026-11-18")
    tab.wait_for_url("**from=2026-11-18**")
    tab.get_by_label("Days: last day").fill("2026-11-16")
    expect(tab.get_by_text("the other way round")).to_be_visible()
    tab.go_back()
    tab.wait_for_url("**page=series&**")


def test_an_answer_that_is_late_does_not_take_the_address_of_the_page_that_was_clicked(served, browse):
    tab = browse("about:blank", width=1200)
    late: list[str | bytes] = []
    sockets = []

    def between(socket):
        sockets.append(socket)
        server = socket.connect_to_server()
        server.on_message(lambda frame: late.append(frame) if holding else socket.send(frame))

    holding = False
    tab.route_web_socket(re.compile("/ws"), between)
    tab.goto(served.url("/?page=series&view=cards"))
    card = tab.get_by_role("link", name="KXSERIES0001", exact=False).first
    expect(card).to_be_visible(timeout=LIMIT)
    holding = True
    tab.get_by_placeholder("Title, ticker or tag").fill("number 1")
    while not any("number" in str(frame) and "replace" in str(frame) for frame in late):
        tab.wait_for_timeout(50)
    card.click()
    tab.wait_for_url("**series_ticker=KXSERIES0001**")
    holding = False
    for frame in late:
        sockets[0].send(frame)
    drawn(tab)
    assert "series_ticker=KXSERIES0001" in tab.url


def test_nothing_scrolls_sideways_on_a_phone(served, browse):
    tab = browse(served.url(f"/?page=event&event={EVENT}"), width=375, height=800)
    drawn(tab)
    for query in (f"?page=event&event={EVENT}", "?page=series", "?page=series_detail&series_ticker=KXSERIES0001"):
        tab.goto(served.url("/" + query))
        expect(tab.locator("h1, .grid table").first).to_be_visible(timeout=LIMIT)
        assert tab.evaluate("document.scrollingElement.scrollWidth") <= 375
