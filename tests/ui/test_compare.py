"""Compare in a real Chromium: a market is added by its name, the chart turns, a zoom stays, a chip takes one away."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.app.fakes import FakeContext
from tests.app.protocol import Served
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("compare")]

FIRST, SECOND = "KXTEST-26NOV012-T1", "KXTEST-26NOV020-T2"


@pytest.fixture(scope="module")
def served():
    context = FakeContext()
    context.repository.as_of = context.repository.now = datetime.now(UTC)
    for row in context.repository.rows:
        row["quote_time"] = context.repository.now
    with Served(context) as server:
        yield server


def test_markets_are_added_turned_and_taken_away(served, browse):
    tab = browse(served.url("/?page=pulse"))
    tab.get_by_role("link", name="Compare").click()
    expect(tab.get_by_text("Add a market to compare")).to_be_visible(timeout=LIMIT)
    add = tab.get_by_label("Add", exact=True)
    add.press_sequentially(FIRST)
    add.press("Enter")
    rows = tab.locator("table[aria-label='Compared markets'] tbody tr")
    expect(rows).to_have_count(1, timeout=LIMIT)
    chart = tab.locator(".chart[data-drawn]")
    expect(chart).to_be_visible(timeout=LIMIT)
    add.press_sequentially("number 20 outcome 2")
    add.press("Enter")
    expect(rows).to_have_count(2)
    expect(tab).to_have_url(re.compile(f"tickers={FIRST}%2C{SECOND}"))
    tab.get_by_role("button", name="log-odds").click()
    expect(tab.get_by_text("changes in log-odds", exact=False)).to_be_visible()
    canvas = tab.locator(".canvas canvas")
    box = canvas.bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 120)
    expect(tab.locator(".vg-tooltip.visible")).to_contain_text("Outcome 1")
    width = "() => window.__span()"
    tab.evaluate(
        """() => { window.__span = () => {
          const all = [...document.querySelectorAll('*')], found = []
          const walk = root => { for (const el of root.querySelectorAll('*')) {
            if (el.view?.scale) found.push(el); if (el.shadowRoot) walk(el.shadowRoot) } }
          walk(document); const [low, high] = found[0].view.scale('x').domain(); return high - low } }"""
    )
    whole = tab.evaluate(width)
    tab.keyboard.down("Control")
    tab.mouse.wheel(0, -400)
    tab.keyboard.up("Control")
    tab.wait_for_function(f"() => window.__span() < {whole} * 0.95")
    zoomed = tab.evaluate(width)
    tab.get_by_role("button", name="change pp").click()
    expect(tab.get_by_text("changes in percentage points", exact=False)).to_be_visible()
    assert tab.evaluate(width) == pytest.approx(zoomed, rel=0.01)
    tab.get_by_role("button", name="to close").click()
    expect(tab).to_have_url(re.compile("y=pp&x=close"))
    expect(tab.get_by_text("time to the close of trading", exact=False)).to_be_visible()
    tab.get_by_role("button", name=re.compile("^Remove market:")).first.click()
    expect(rows).to_have_count(1)
    expect(tab).to_have_url(re.compile(f"tickers={SECOND}&"))
    rows.first.get_by_role("link").first.press("Enter")
    expect(tab).to_have_url(re.compile("page=market"), timeout=LIMIT)
    tab.locator("a.ka-do", has_text="Compare").click()
    expect(tab).to_have_url(re.compile(f"page=compare&tickers={SECOND}$"), timeout=LIMIT)
    expect(rows).to_have_count(1, timeout=LIMIT)
    assert tab.evaluate("window.__xss") is None
