"""The home page in a real Chromium: everything on it leads somewhere, and it changes without taking the focus."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from data_layer.errors import NoDataError
from tests.app.fakes import HOSTILE, FakeContext
from tests.app.protocol import Served
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("pulse")]


def fill(context: FakeContext) -> None:
    """Give the fake exchange eight movers with hostile titles, and what ends within the hour."""
    repository, now = context.repository, datetime.now(UTC)
    repository.now, repository.as_of = now, now
    for number, row in enumerate(repository.rows):
        row["expected_time"] = now + timedelta(minutes=5 + number)
    repository.rows[11]["open_time"] = now - timedelta(hours=2)
    for number, text in enumerate(HOSTILE[:8]):
        repository.rows[number] |= {"title": text, "outcome": text, "category": text}
        repository.rows[number] |= {
            "change_24h_pp": Decimal(90 - number),
            "probability": Decimal("0.95"),
            "volume_24h_contracts": Decimal(90_000 + number),
            "last_price_dollars": Decimal("0.9500"),
        }


@pytest.fixture(scope="module")
def served():
    context = FakeContext()
    fill(context)
    with Served(context) as server:
        yield server


def rows(tab: Page, name: str):
    return tab.get_by_role("region", name=name).locator("a.row")


def test_every_row_opens_its_market_and_back_is_home_again(served, browse):
    tab = browse(served.url())
    expect(tab).to_have_title("Pulse · Kalshi Analytics", timeout=LIMIT)
    expect(rows(tab, "Top movers")).to_have_count(8)
    assert all(
        href.startswith("?page=market&ticker=")
        for href in tab.locator("a.row").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    )
    rows(tab, "Closing soon").nth(7).press("Enter")
    expect(tab).to_have_url(re.compile(r"\?page=market&ticker="))
    tab.go_back()
    expect(tab).to_have_url(served.url())
    expect(rows(tab, "Top movers").first).to_be_visible()
    tab.get_by_role("link", name="Closing soon: all by end").click()
    expect(tab).to_have_url(re.compile("page=markets.*sort=ends&dir=asc"))


def test_hostile_text_is_read_and_never_run(served, browse):
    tab = browse(served.url(), bypass_csp=True)
    expect(rows(tab, "Top movers").first.locator(".t")).to_have_text(HOSTILE[0], timeout=LIMIT)
    rows(tab, "Top movers").first.hover()
    tab.get_by_text("The shares as a table").click()
    expect(tab.locator("table tbody th").filter(has_text="<svg onload").first).to_be_visible()
    assert tab.evaluate("window.__xss") is None
    assert tab.locator("img, svg[onload], iframe").count() == 0


def test_the_bar_names_every_part_once_and_its_switch_is_in_the_address(served, browse):
    tab = browse(served.url())
    names = tab.locator("ol.bar li:not([aria-hidden]) b:visible, .key li:visible b")
    expect(names.first).to_be_visible(timeout=LIMIT)
    said = names.all_inner_texts()
    assert len(said) == len(set(said)) == len(served._context.repository.category_share().rows())
    tab.get_by_text("The shares as a table").click()
    tab.get_by_role("button", name="Open interest", exact=True).click()
    expect(tab).to_have_url(served.url("/?page=pulse&share=interest"))
    expect(tab.locator("ol.bar")).to_have_attribute("aria-label", re.compile("outstanding"))
    expect(tab.locator("details table")).to_be_visible()
    tab.reload()
    expect(tab.get_by_role("button", name="Open interest", exact=True)).to_have_attribute("aria-pressed", "true")
    tab.locator(".key a:visible, ol.bar a:visible").filter(has_text="Economics").first.click()
    expect(tab).to_have_url(served.url("/?page=markets&category=Economics"))


def test_a_phone_never_scrolls_sideways(served, browse):
    tab = browse(served.url(), width=375, height=720, has_touch=True)
    expect(rows(tab, "Top movers").first).to_be_visible(timeout=LIMIT)
    wider = """() => {
      const wide = []
      const walk = root => { for (const el of root.querySelectorAll('*')) {
        if (el.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(el).position !== 'fixed') wide.push(el.className)
        if (el.shadowRoot) walk(el.shadowRoot) } }
      walk(document.querySelector('body'))
      return document.documentElement.scrollWidth > innerWidth ? wide : [] }"""
    assert tab.evaluate(wider) == []
    lists, bar = tab.get_by_role("region", name="New listings").bounding_box(), tab.locator("ol.bar").bounding_box()
    assert lists["y"] + lists["height"] <= bar["y"], "what is taller than the window may not lie over what follows"
    first = rows(tab, "Top movers").first.bounding_box()
    assert first["x"] >= 0
    assert first["x"] + first["width"] <= 375


def test_rows_are_walked_with_the_keyboard_and_keep_the_focus_while_they_change(browse):
    context = FakeContext()
    fill(context)
    with Served(context) as server:
        tab = browse(server.url())
        movers = rows(tab, "Top movers")
        expect(movers).to_have_count(8, timeout=LIMIT)
        movers.first.focus()
        tab.keyboard.press("j")
        expect(movers.nth(1)).to_be_focused()
        focused = movers.nth(1).get_attribute("href")
        context.repository.rows[1]["change_24h_pp"] = Decimal(99)
        context.repository.snapshot_id += 1
        server.call(context.hub.publish)
        expect(movers.first).to_have_attribute("href", focused)
        expect(movers.first).to_contain_text("▲ +99.0")
        expect(movers.first).to_be_focused()


def test_the_page_has_its_shape_before_it_has_data_and_does_not_jump(browse):
    context = FakeContext()
    fill(context)
    context.repository.failure = NoDataError("Nothing stored")
    context.set_progress(stage="universe", done=3)
    with Served(context) as server:
        tab = browse(server.url(), height=1400)
        ghosts = tab.locator("li.ghost")
        expect(ghosts).to_have_count(32, timeout=LIMIT)
        before = [tab.get_by_role("region", name=name).bounding_box() for name in ("Top movers", "New listings")]
        context.repository.failure = None
        context.repository.snapshot_id += 1
        server.call(context.hub.publish)
        expect(rows(tab, "Top movers")).to_have_count(8)
        expect(ghosts).to_have_count(0)
        after = [tab.get_by_role("region", name=name).bounding_box() for name in ("Top movers", "New listings")]
        assert [box["height"] for box in after] == [box["height"] for box in before]
        assert [box["x"] for box in after] == [box["x"] for box in before]
        assert after[1]["y"] - after[0]["y"] == before[1]["y"] - before[0]["y"]
