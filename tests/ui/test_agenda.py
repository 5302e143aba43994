"""The calendar in a real Chromium: an hour clicked on the heat map narrows the list, keys do the same, a chip lets go."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.app.fakes import HOSTILE, FakeContext, FakeRepository, market_row
from tests.app.protocol import Served
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("agenda")]


@pytest.fixture(scope="module")
def served():
    now = datetime.now(UTC)
    noon = (now + timedelta(days=3)).replace(hour=17, minute=0, second=0, microsecond=0)
    rows = [market_row(4 * n, close_time=noon + timedelta(hours=n // 4)) for n in range(12)]
    for row, text in zip(rows, HOSTILE, strict=False):
        row |= {"event_title": text, "outcome": text}
    with Served(FakeContext(FakeRepository(rows, now))) as server:
        yield server


def rows(tab: Page):
    return tab.locator("table[aria-label='Calendar'] tbody tr")


#: Where the busiest cell was drawn, in pixels of the page.
WHERE = """() => {
  const seek = root => {
    for (const el of root.querySelectorAll("*")) {
      if (el.classList?.contains("canvas") && el.view) return el
      const found = el.shadowRoot && seek(el.shadowRoot)
      if (found) return found
    }
  }
  const canvas = seek(document), marks = []
  const walk = item => { if (item.items) item.items.forEach(walk); if (item.datum?.amount > 0 && item.mark?.marktype === "rect") marks.push(item) }
  walk(canvas.view.scenegraph().root)
  const [x, y] = canvas.view.origin(), {left, top} = canvas.view.padding(), box = canvas.querySelector("canvas").getBoundingClientRect(), b = marks[0].bounds
  return [box.x + left + x + (b.x1 + b.x2) / 2, box.y + top + y + (b.y1 + b.y2) / 2, marks.length]
}"""


def test_an_hour_is_picked_by_mouse_and_by_key_and_let_go(served, browse):
    tab = browse(served.url("/?page=pulse&tz=utc"))
    tab.get_by_role("link", name="Calendar").click()
    expect(rows(tab)).to_have_count(12, timeout=LIMIT)
    expect(tab.locator(".canvas[aria-label*='Markets that close by day and hour']")).to_be_visible()
    tab.wait_for_function(f"() => {{ try {{ return ({WHERE})()[2] === 3 }} catch {{ return false }} }}")
    x, y, _ = tab.evaluate(WHERE)
    tab.mouse.click(x, y)
    expect(rows(tab)).to_have_count(4)
    expect(tab).to_have_url(re.compile(r"day=\d{4}-\d\d-\d\d&hour=17&tz=utc"))
    tab.get_by_label("Hour", exact=True).select_option("18")
    expect(tab).to_have_url(re.compile("hour=18"))
    expect(rows(tab)).to_have_count(4)
    tab.get_by_role("button", name=re.compile("Remove filter: 18:00")).click()
    expect(rows(tab)).to_have_count(12)
    expect(tab).not_to_have_url(re.compile("hour="))
    tab.get_by_text("The chart as a table").click()
    expect(tab.locator(".chart table tbody tr")).to_have_count(3)
    rows(tab).first.get_by_role("link").first.click()
    expect(tab).to_have_url(re.compile("drawer=KXTEST-"))
