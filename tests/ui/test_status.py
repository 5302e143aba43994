"""The Status page and the frame around every page, in a real Chromium: keyboard, zone, theme, and a lost connection."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.app.protocol import Served
from tests.app.status_fakes import StatusContext
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("status")]


def fresh_context() -> StatusContext:
    context = StatusContext()
    context.repository.as_of = datetime.now(UTC)
    return context


@pytest.fixture(scope="module")
def served():
    with Served(fresh_context()) as server:
        yield server


def ready(tab: Page) -> None:
    expect(tab.get_by_role("region", name="Stored tables").first).to_be_visible(timeout=LIMIT)


def sideways(tab: Page) -> int:
    return tab.evaluate(
        """() => { const walk = root => { for (const el of root.querySelectorAll('*')) {
             if (el.classList.contains('main-content')) return el
             const inside = el.shadowRoot && walk(el.shadowRoot)
             if (inside) return inside } }
           const found = walk(document)
           return Math.max(found.scrollWidth - found.clientWidth, document.documentElement.scrollWidth - innerWidth) }"""
    )


def test_the_keyboard_opens_its_list_turns_the_theme_and_walks_the_rows(served, browse):
    tab = browse(served.url("/?page=status"), color_scheme="light")
    ready(tab)
    tab.keyboard.press("?")
    keys = tab.get_by_role("dialog", name="Keyboard")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("Light or dark")
    tab.keyboard.press("t")
    expect(tab.locator("html")).to_have_attribute("data-ka-theme", "light")
    tab.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    tab.keyboard.press("t")
    expect(tab.locator("html")).to_have_attribute("data-ka-theme", "dark")
    tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Markets").click()
    rows = tab.locator("table[aria-label='Open markets'] tbody tr")
    expect(rows.nth(1)).to_be_visible(timeout=LIMIT)
    tab.keyboard.press("j")
    expect(rows.first.locator("a")).to_be_focused()
    tab.keyboard.press("j")
    expect(rows.nth(1).locator("a")).to_be_focused()
    tab.keyboard.press("k")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"\?page=market&ticker="))


def test_keys_typed_into_a_field_are_text(served, browse):
    tab = browse(served.url("/?page=markets"), color_scheme="light")
    box = tab.get_by_role("searchbox", name="Search markets")
    expect(box).to_be_visible(timeout=LIMIT)
    box.focus()
    tab.keyboard.type("t?j/")
    expect(box).to_have_value("t?j/")
    expect(tab.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    expect(tab.locator("html")).to_have_attribute("data-ka-theme", "light")


def test_the_zone_is_in_the_address_and_kept_for_the_next_visit(served, browse):
    tab = browse(served.url("/?page=status"))
    ready(tab)
    tab.get_by_role("button", name="Units").click()
    tab.get_by_role("combobox", name="Time zone").select_option("local")
    expect(tab).to_have_url(re.compile("tz=local"))
    expect(tab.get_by_role("region", name="Last refreshes").first).to_contain_text("Paris")
    tab.goto(served.url("/?page=status"))
    ready(tab)
    expect(tab).to_have_url(re.compile("tz=local"))
    tab.keyboard.press("u")
    expect(tab.get_by_role("combobox", name="Time zone")).to_have_value("local")


def test_the_first_tab_skips_to_the_content(served, browse):
    tab = browse(served.url("/?page=status"))
    ready(tab)
    tab.keyboard.press("Tab")
    skip = tab.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    tab.keyboard.press("Enter")
    expect(tab.locator(".main-content")).to_be_focused()
    expect(tab).to_have_url(re.compile(r"\?page=status$"))


def test_the_first_paint_is_dark_where_the_browser_prefers_it_and_the_choice_wins_later(served, browse):
    tab = browse(served.url("/?page=status"), color_scheme="dark")
    expect(tab.locator("html")).to_have_attribute("data-ka-theme", "dark")
    ready(tab)
    tab.keyboard.press("t")
    expect(tab.locator("html")).to_have_attribute("data-ka-theme", "light")
    tab.reload()
    ready(tab)
    expect(tab.locator("html")).to_have_attribute("data-ka-theme", "light")


def test_a_link_to_filling_in_history_lands_there_and_leaves_the_reader_his_scrolling(served, browse):
    tab = browse(served.url("/?page=news"), height=500)
    expect(tab.get_by_role("heading", name="What’s new")).to_be_visible(timeout=LIMIT)
    # As the face of Movers has it, where there is too little history.
    tab.evaluate("""document.body.append(Object.assign(document.createElement("a"),
      {href: "?page=status&part=backfill", textContent: "Fill in", style: "position: fixed; top: 0; z-index: 9999"}))""")
    tab.get_by_role("link", name="Fill in").click()
    title = tab.get_by_role("heading", name="Fill in history")
    expect(title).to_be_focused(timeout=LIMIT)
    expect(title).to_be_in_viewport()
    assert title.bounding_box()["y"] < 200
    tab.mouse.move(600, 300)
    tab.mouse.wheel(0, -3000)
    expect(title).not_to_be_in_viewport()
    tab.get_by_role("navigation", name="Pages").get_by_role("link", name="Status").click()
    expect(tab).to_have_url(re.compile(r"\?page=status$"))
    expect(title).not_to_be_in_viewport()
    tab.goto(served.url("/?page=status&part=backfill"))
    expect(title).to_be_focused(timeout=LIMIT)
    expect(title).to_be_in_viewport()


def test_on_a_phone_nothing_is_wider_than_the_screen(served, browse):
    tab = browse(served.url("/?page=status"), width=375, height=720)
    ready(tab)
    assert sideways(tab) <= 0
    tab.get_by_role("link", name="What the columns mean").click()
    expect(tab.get_by_role("heading", name="Data dictionary")).to_be_visible(timeout=LIMIT)
    assert sideways(tab) <= 0


def test_a_lost_connection_says_so_and_brings_the_same_view_back(browse):
    with Served(fresh_context()) as server:
        port = server.port
        tab = browse(server.url("/?page=markets&q=number"))
        rows = tab.locator("table[aria-label='Open markets'] tbody tr")
        expect(rows).to_have_count(50, timeout=LIMIT)
        band = tab.get_by_text("Connection lost at")
        expect(band).to_be_hidden()
    expect(band).to_be_visible(timeout=LIMIT)
    expect(tab.get_by_text("the same view comes back")).to_be_visible()
    with Served(fresh_context(), port=port):
        expect(band).to_be_hidden(timeout=LIMIT)
        expect(rows).to_have_count(50, timeout=LIMIT)
        expect(tab.get_by_role("searchbox", name="Search markets")).to_have_value("number")
        expect(tab).to_have_url(re.compile(r"q=number"))
