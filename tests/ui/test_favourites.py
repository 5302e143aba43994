"""Favourites and the menu of units in a real Chromium: bounds, the risk in words, the unit, and the way to a market."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.app.fakes import HOSTILE, FakeContext
from tests.app.protocol import Served
from tests.app.test_favourites import favourite
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("favourites")]

PAGE = "/?page=favourites"


@pytest.fixture(scope="module")
def served():
    context = FakeContext()
    context.repository.as_of = datetime.now(UTC)
    quotes = (("0.94", "0.95"), ("0.04", "0.06"), ("0.60", "0.62"))
    context.repository.rows = [favourite(n, *quotes[n % 3]) for n in range(60)]
    for row, text in zip(context.repository.rows, HOSTILE, strict=False):
        row |= {"title": text, "outcome": text}
    with Served(context) as server:
        yield server


def rows(tab: Page):
    return tab.locator("table[aria-label='Favourites'] tbody tr")


def test_a_bound_goes_the_unit_turns_and_a_row_leads_to_its_market(served, browse):
    tab = browse(served.url("/?page=pulse"))
    tab.get_by_role("link", name="Favourites").click()
    expect(rows(tab)).to_have_count(40, timeout=LIMIT)
    expect(tab.get_by_text("The price is what the market believes")).to_be_visible()
    tab.get_by_role("button", name="Remove filter: Bid ≥ 90¢").click()
    expect(rows(tab)).to_have_count(50)
    expect(tab).to_have_url(served.url(PAGE + "&bid="))
    tab.get_by_label("Bid at least").fill("94")
    expect(rows(tab)).to_have_count(40)
    tab.get_by_role("button", name="NO", exact=True).click()
    expect(rows(tab)).to_have_count(20)
    tab.get_by_role("button", name="Units").click()
    tab.get_by_role("radio", name="Decimal odds").check(force=True)
    expect(tab.get_by_role("columnheader", name="Ask dec.")).to_be_visible()
    expect(rows(tab).first).to_contain_text("1.04")
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("radio", name="Decimal odds")).to_be_hidden()
    expect(tab).to_have_url(re.compile("unit=decimal"))
    tab.get_by_role("button", name="Settles").click()
    expect(tab).to_have_url(re.compile("sort=settles&dir=asc"))
    rows(tab).last.get_by_role("link").first.press("Enter")
    expect(tab).to_have_url(re.compile(r"page=market&ticker=.*unit=decimal"))
    tab.go_back()
    expect(rows(tab)).to_have_count(20, timeout=LIMIT)
    assert tab.evaluate("window.__xss") is None


def test_a_phone_has_no_sideways_scroll_and_keeps_the_unit_for_the_next_visit(served, browse):
    tab = browse(served.url(PAGE), width=375, height=760)
    expect(rows(tab)).to_have_count(40, timeout=LIMIT)
    tab.get_by_role("button", name="Units").click()
    tab.get_by_role("radio", name="American odds").check(force=True)
    expect(tab).to_have_url(re.compile("unit=american"))
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.goto(served.url(PAGE))
    expect(tab).to_have_url(re.compile("unit=american"), timeout=LIMIT)
