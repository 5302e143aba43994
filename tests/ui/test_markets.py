"""The screener in a real Chromium: filters and chips by mouse and by keyboard, columns, the phone's sheet, a file."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.app.fakes import FakeContext
from tests.app.protocol import Served
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("markets")]

MARKETS = "/?page=markets"


@pytest.fixture(scope="module")
def served():
    context = FakeContext()
    context.repository.as_of = datetime.now(UTC)
    with Served(context) as server:
        yield server


def rows(tab: Page):
    return tab.locator("table[aria-label='Open markets'] tbody tr")


def listed(tab: Page, count: int) -> None:
    expect(rows(tab)).to_have_count(count, timeout=LIMIT)


def chip(tab: Page, words: str):
    return tab.get_by_role("button", name=f"Remove filter: {words}")


def test_filters_come_and_go_by_mouse_and_by_keyboard(served, browse):
    tab = browse(served.url(MARKETS))
    listed(tab, 50)
    tab.get_by_label("Chance at least").fill("90")
    expect(chip(tab, "Chance ≥ 90%")).to_be_visible()
    tab.get_by_role("button", name="More filters").click()
    expect(tab.get_by_label("Series", exact=True)).to_be_focused()
    tab.keyboard.type("test")
    expect(tab.locator("datalist option")).to_have_attribute("value", "KXTEST")
    tab.keyboard.press("Control+A")
    tab.keyboard.type("kxtest")
    tab.keyboard.press("Enter")
    expect(chip(tab, "Series: KXTEST")).to_be_visible()
    tab.get_by_role("dialog").get_by_role("button", name="Tight").click()
    expect(chip(tab, "Quote: tight")).to_be_visible()
    expect(tab.locator(".number-of")).to_have_text("2")
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_be_hidden()
    expect(tab.get_by_role("button", name=re.compile("More filters"))).to_be_focused()
    expect(tab).to_have_url(served.url(MARKETS + "&series=KXTEST&pmin=90&quote=tight"))
    tab.reload()
    expect(tab.get_by_label("Chance at least")).to_have_value("90")
    chip(tab, "Series: KXTEST").focus()
    tab.keyboard.press("Delete")
    expect(chip(tab, "Series: KXTEST")).to_have_count(0)
    expect(chip(tab, "Chance ≥ 90%")).to_be_focused()
    tab.get_by_role("button", name="Clear all").first.click()
    listed(tab, 50)
    expect(tab.locator(".chip")).to_have_count(0)
    expect(tab).to_have_url(served.url(MARKETS))


def test_what_is_no_number_is_marked_and_what_hides_everything_is_named(served, browse):
    tab = browse(served.url(MARKETS + "&category=Sports"))
    listed(tab, 24)
    chance = tab.get_by_label("Chance at least")
    chance.fill("lots")
    expect(chance).to_have_attribute("aria-invalid", "true")
    listed(tab, 24)
    chance.fill("99.5")
    expect(tab.locator(".ka-face:visible")).to_contain_text("The tightest filter is Chance ≥ 99.5%.")
    tab.get_by_role("link", name="Remove it (24 markets)").click()
    listed(tab, 24)
    expect(tab).to_have_url(served.url(MARKETS + "&category=Sports"))
    expect(chance).to_have_value("")


def test_columns_density_and_ties_are_in_the_link_and_the_list_is_walked_by_letters(served, browse):
    tab = browse(served.url(MARKETS))
    listed(tab, 50)
    tab.get_by_role("button", name="Time", exact=True).click()
    expect(tab.get_by_role("columnheader", name="Quote age")).to_be_visible()
    tab.get_by_role("button", name="Dense").click()
    tab.get_by_role("button", name="Ends", exact=True).click()
    tab.get_by_role("button", name="Opened").click(modifiers=["Shift"])
    expect(tab).to_have_url(served.url(MARKETS + "&sort=ends&dir=asc&then=-opened&cols=time&rows=dense"))
    expect(tab.get_by_role("columnheader", name="Opened").locator(".arrow")).to_have_text("▼2")
    tab.reload()
    listed(tab, 50)
    assert rows(tab).first.evaluate("tr => tr.getBoundingClientRect().height") <= 28
    expect(tab.get_by_role("button", name="Time", exact=True)).to_have_attribute("aria-pressed", "true")
    tab.keyboard.press("j")
    expect(rows(tab).nth(0).locator("a")).to_be_focused()
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    tab.keyboard.press("k")
    expect(rows(tab).nth(1).locator("a")).to_be_focused()
    tab.keyboard.press("/")
    search = tab.get_by_role("combobox", name=re.compile("^Search markets, events"))
    expect(search).to_be_focused()
    tab.keyboard.type("jk")
    expect(search).to_have_value("jk")
    tab.keyboard.press("Escape")
    expect(rows(tab).nth(1).locator("a")).to_be_focused()
    tab.get_by_role("searchbox", name="Search markets").focus()
    tab.keyboard.type("jk/")
    expect(tab).to_have_url(re.compile("q=jk%2F"))


def test_the_list_leaves_as_a_file(served, browse):
    tab = browse(served.url(MARKETS + "&q=number+21&cols=time"))
    listed(tab, 4)
    with tab.expect_download() as saved:
        tab.get_by_role("link", name="CSV").click()
    assert re.fullmatch(r"kalshi-markets-q-number-21-\d{8}T\d{6}Z\.csv", saved.value.suggested_filename)
    lines = saved.value.path().read_text("utf-8").splitlines()
    assert len(lines) == 5
    expect(tab).to_have_url(served.url(MARKETS + "&q=number+21&cols=time"))


def test_on_a_phone_filters_are_a_sheet_and_rows_have_two_lines(served, browse):
    tab = browse(served.url(MARKETS), width=375, height=720, has_touch=True, user_agent="Mobile (Mobi)")
    listed(tab, 50)
    expect(tab.get_by_label("Chance at least")).to_be_hidden()
    tab.get_by_role("button", name="Filters", exact=True).click()
    sheet = tab.get_by_role("dialog", name="More filters")
    sheet.get_by_label("Category").select_option("Sports")
    box = sheet.bounding_box()
    assert (box["x"], round(box["x"] + box["width"]), round(box["y"] + box["height"])) == (0, 375, 720)
    assert sheet.evaluate("el => el.scrollWidth - el.clientWidth") <= 0
    sheet.get_by_role("button", name="Show 24 markets").click()
    expect(sheet).to_be_hidden()
    expect(chip(tab, "Category: Sports")).to_be_visible()
    listed(tab, 24)
    first = rows(tab).nth(1)
    shown = first.locator("td:visible")
    expect(shown).to_have_count(4)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 375
