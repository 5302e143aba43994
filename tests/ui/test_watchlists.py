"""Watchlists in a real Chromium: the star, several tabs, the way of a list as link and CSV, a browser that keeps nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.app.fakes import HOSTILE
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("watchlists")]


def stars(tab):
    return tab.locator("tbody tr:visible ka-star").get_by_role("button")


def test_a_star_is_pressed_everywhere_at_once_and_a_list_lives_on(served, browse):
    tab = browse(served.url("/?page=markets"))
    expect(stars(tab)).to_have_count(50, timeout=LIMIT)
    other = tab.context.new_page()
    other.goto(served.url("/?page=watchlists"))
    expect(other.get_by_text("“Watchlist” is empty")).to_be_visible(timeout=LIMIT)

    # By mouse and by keyboard; neither opens the row.
    stars(tab).nth(2).click()
    stars(tab).nth(4).focus()
    tab.keyboard.press("Enter")
    tab.locator("tbody tr a").nth(6).focus()
    tab.keyboard.press("w")
    expect(tab).to_have_url(served.url("/?page=markets"))
    for place in (2, 4, 6):
        expect(stars(tab).nth(place)).to_have_attribute("aria-pressed", "true")
    expect(stars(tab).nth(3)).to_have_attribute("aria-pressed", "false")

    # The other tab has them, and what it takes out is out here.
    expect(stars(other)).to_have_count(3)
    stars(other).first.click()
    expect(stars(other)).to_have_count(2)
    expect(stars(tab).nth(2)).to_have_attribute("aria-pressed", "false")

    # A list is made, filled from a file, and found again after a reload.
    other.get_by_role("button", name="+ New list").click()
    other.get_by_label("Name of the new list").fill("Macro")
    other.keyboard.press("Enter")
    expect(other).to_have_url(re.compile("page=watchlists&list=Macro"))
    other.get_by_role("button", name="Import CSV").click()
    csv = "title,ticker\nx,KXTEST-26NOV010-T1\ny,KXNOPE-1\nz,no ticker\n"
    other.locator("input[type=file]").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": csv.encode()}
    )
    other.get_by_role("button", name="Add to this list").click()
    expect(other.get_by_role("status").filter(has_text="2 markets added")).to_contain_text("left out: “no ticker”")
    expect(other.get_by_text("Nothing is stored of 1 market")).to_be_visible()
    other.reload()
    expect(other.get_by_role("link", name="Macro, 2 markets")).to_be_visible(timeout=LIMIT)
    expect(stars(other).first).to_have_attribute("aria-pressed", "true")
    with other.expect_download() as saved:
        other.get_by_role("button", name="Export CSV").click()
    assert saved.value.path().read_text("utf-8-sig").count("\n") == 3

    # The link of the list shows it to somebody else, who may keep it.
    shared = "/?page=watchlists&list=Macro&tickers=KXTEST-26NOV010-T1,KXNOPE-1"
    stranger = browse(served.url(shared))
    stranger.get_by_role("button", name="Keep this list").click(timeout=LIMIT)
    expect(stranger).to_have_url(re.compile(r"list=Macro$"))
    expect(stranger.get_by_role("link", name="Macro, 2 markets")).to_be_visible()


def test_a_browser_that_keeps_nothing_says_so_and_goes_on(served, browse, watch):
    tab = browse("about:blank")
    tab.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied') }})"
    )
    tab.goto(served.url("/?page=watchlists&list=Names"))
    expect(tab.get_by_text("This browser keeps nothing.")).to_be_visible(timeout=LIMIT)
    tab.get_by_role("link", name="Markets", exact=True).first.click()
    stars(tab).nth(1).click()
    expect(stars(tab).nth(1)).to_have_attribute("aria-pressed", "true")
    tab.get_by_role("link", name="Watchlists", exact=True).click()
    expect(stars(tab)).to_have_count(1)


def test_hostile_names_and_titles_are_text_on_a_phone_that_does_not_scroll_sideways(served, browse):
    tickers = ",".join(f"KXTEST-26NOV{n:03d}-T0" for n in range(len(HOSTILE)))
    tab = browse(
        served.url(f"/?page=watchlists&list=%3Cimg src=x onerror=window.__xss=1%3E&tickers={tickers}"),
        width=375,
        height=720,
        has_touch=True,
        bypass_csp=True,
    )
    expect(stars(tab)).to_have_count(len(HOSTILE), timeout=LIMIT)
    stars(tab).first.tap()
    expect(stars(tab).first).to_have_attribute("aria-pressed", "true")
    expect(stars(tab).first).to_have_attribute("aria-label", re.compile("Watch <img src=x"))
    tab.get_by_role("button", name="Keep this list").tap()
    expect(tab.get_by_role("link", name=re.compile("<img src=x onerror=window.__xss=1>, "))).to_be_visible()
    assert tab.evaluate("window.__xss") is None
    assert tab.evaluate("document.documentElement.scrollWidth") <= 375
