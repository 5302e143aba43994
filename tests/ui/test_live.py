"""A market beside the list, and data that move under a reader, in a real Chromium."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.app.fakes import FakeContext
from tests.app.protocol import Served
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("live")]

LIST = "/?page=markets&sort=ticker&dir=asc"
#: Names of the rows that fade while something is done, and which way.
FADES = """() => {
  window.__faded = []
  const walk = root => { for (const el of root.querySelectorAll('*')) {
    if (el.localName === 'tbody') el.addEventListener('animationstart', e => window.__faded.push(
      [e.target.parentNode.rowIndex - 1, e.target.className.match(/c-(\\w+)/)[1], e.target.className.match(/changed ?(\\w*)/)[1]]))
    if (el.shadowRoot) walk(el.shadowRoot) } }
  walk(document)
}"""


@pytest.fixture(scope="module")
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


def listed(tab: Page) -> None:
    expect(rows(tab)).to_have_count(50, timeout=LIMIT)


def drawer(tab: Page):
    return tab.get_by_role("complementary", name=re.compile("^Beside the page"))


def publish(served, context) -> None:
    context.repository.snapshot_id += 1
    served.call(context.hub.publish)


def test_a_row_opens_beside_the_list_and_keys_go_on_from_there(served, context, browse):
    tab = browse(served.url(LIST), width=1440)
    listed(tab)
    tickers = [row["ticker"] for row in sorted(context.repository.rows, key=lambda row: row["ticker"])]
    rows(tab).nth(2).locator("td").nth(4).click()
    expect(tab).to_have_url(served.url(f"{LIST}&drawer={tickers[2]}"))
    expect(drawer(tab).get_by_role("table", name="Top of the order book")).to_be_visible()
    expect(drawer(tab).get_by_role("img", name=re.compile("^7 days: "))).to_be_visible()
    first = rows(tab).nth(2).locator("td").nth(1).bounding_box()
    assert first["x"] + first["width"] < drawer(tab).bounding_box()["x"]
    export = tab.get_by_role("link", name=re.compile("Parquet")).first.bounding_box()
    assert export["x"] + export["width"] < drawer(tab).bounding_box()["x"], "what stands over the list makes room too"
    rows(tab).nth(2).locator("a").focus()
    tab.keyboard.press("j")
    expect(drawer(tab).get_by_role("link", name="Open the page")).to_have_attribute("href", re.compile(tickers[3]))
    expect(rows(tab).nth(3).locator("a")).to_be_focused()
    publish(served, context)
    expect(drawer(tab)).to_be_visible()
    tab.reload()
    listed(tab)
    expect(drawer(tab).get_by_role("link", name="Open the page")).to_have_attribute("href", re.compile(tickers[3]))
    tab.keyboard.press("Escape")
    expect(drawer(tab)).to_be_hidden()
    expect(rows(tab).nth(3).locator("a")).to_be_focused()
    expect(tab).to_have_url(served.url(LIST))
    tab.keyboard.press("Space")
    expect(drawer(tab)).to_be_visible()
    tab.keyboard.press("Space")
    expect(drawer(tab).get_by_role("heading", level=2)).to_be_focused()
    tab.keyboard.press("k")
    expect(rows(tab).nth(2).locator("a")).to_be_focused()
    expect(tab).to_have_url(served.url(f"{LIST}&drawer={tickers[2]}"))
    tab.go_back()
    expect(drawer(tab)).to_be_hidden()
    rows(tab).nth(2).locator("a").press("Enter")
    expect(tab).to_have_url(served.url(f"/?page=market&ticker={tickers[2]}"))


def test_its_origin_opens_over_it_and_leads_back_whatever_came_meanwhile(served, context, browse):
    ticker = context.repository.rows[5]["ticker"]
    tab = browse(served.url(f"{LIST}&drawer={ticker}"), width=1440)
    info = drawer(tab).get_by_role("button", name="About quote and activity: source, age, SQL, files")
    info.press("Enter", timeout=LIMIT)
    about = tab.get_by_role("dialog", name="The market’s row")
    expect(about.get_by_role("link", name="CSV")).to_have_attribute("href", re.compile(f"table=market&.*{ticker}"))
    for _ in range(2):
        publish(served, context)
    tab.keyboard.press("Escape")
    expect(about).to_be_hidden()
    expect(info).to_be_focused()
    publish(served, context)
    context.repository.about[ticker] = {"title": "Another title"}
    publish(served, context)
    expect(drawer(tab).get_by_role("heading", name="Another title")).to_be_visible()
    expect(info).to_be_focused()
    drawer(tab).get_by_role("link", name="Alert me").press("Enter")
    expect(tab).to_have_url(served.url(f"/?page=alerts&tickers={ticker}"))


def test_on_a_phone_a_row_is_a_link(served, browse):
    tab = browse(served.url(LIST), width=375, height=800)
    listed(tab)
    rows(tab).nth(2).locator("a").click()
    expect(tab).to_have_url(re.compile(r"\?page=market&ticker="))
    assert "drawer" not in tab.url


def test_what_changed_fades_where_it_went_and_a_pause_holds_it(served, context, browse):
    tab = browse(served.url(LIST))
    listed(tab)
    frame = tab.locator(".frame").first
    frame.evaluate("el => { el.scrollTop = 400 }")
    rows(tab).nth(20).locator("a").focus()
    scrolled = frame.evaluate("el => el.scrollTop")
    tab.evaluate(FADES)
    row, other = context.repository.rows[20], context.repository.rows[22]
    row["last_price_dollars"], other["last_price_dollars"] = Decimal("0.98"), Decimal("0.01")
    publish(served, context)
    expect(rows(tab).nth(20).locator("td.c-last")).to_have_text("98")
    tab.wait_for_function("window.__faded.length >= 2")
    assert sorted(tab.evaluate("window.__faded")) == [[20, "last", "up"], [22, "last", "down"]]
    assert frame.evaluate("el => el.scrollTop") == scrolled
    expect(rows(tab).nth(20).locator("a")).to_be_focused()
    tab.keyboard.press("p")
    pause = tab.get_by_role("button", name=re.compile("^Paused"))
    expect(pause).to_be_visible()
    row["last_price_dollars"] = Decimal("0.02")
    publish(served, context)
    expect(pause).to_have_text("Paused · 1 newer")
    expect(rows(tab).nth(20).locator("td.c-last")).to_have_text("98")
    pause.click()
    expect(rows(tab).nth(20).locator("td.c-last")).to_have_text("2")
    expect(tab.get_by_role("button", name="Pause: keep what is on the screen")).to_be_visible()
    # Another order is no change of anything.
    tab.evaluate("window.__faded.length = 0")
    tab.get_by_role("button", name="Last ¢").click()
    expect(tab).to_have_url(re.compile("sort=last"))
    expect(rows(tab).first.locator("td.c-last")).not_to_have_text("2")
    assert tab.evaluate("window.__faded") == []
