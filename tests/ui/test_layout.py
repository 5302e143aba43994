"""What the framework would do to a page if it were let (docs/adr/0090, 0091), in a real Chromium."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.app.protocol import Served
from tests.app.status_fakes import StatusContext
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("status")]

TICKER = "KXTEST-26NOV005-T1"
#: Page, and a text that stands on it once it is there.
PAGES = {
    "/": "New listings",
    "/?page=markets": "of 130",
    f"/?page=market&ticker={TICKER}": "Will number 5",
    "/?page=status": "Stored tables",
}

#: Parts of a column that begin before the one above them ends, by what stands in both.
OVERLAPS = """() => {
  const found = []
  const words = el => (el.shadowRoot ?? el).textContent.trim().replace(/[\\s\\S]*}/, '').slice(0, 40)
  // The end of what is drawn, not of the box: what runs out of a box is what lies over the next one.
  const end = el => {
    const box = el.getBoundingClientRect()
    let last = box.bottom
    if (getComputedStyle(el).overflowY !== 'visible') return last
    for (const child of (el.shadowRoot ?? el).children)
      if (!['fixed', 'absolute', 'sticky'].includes(getComputedStyle(child).position) && child.offsetParent !== null)
        last = Math.max(last, end(child))
    return last
  }
  const walk = root => {
    for (const el of root.querySelectorAll('*')) {
      if (!el.shadowRoot) continue
      if (el.className.includes('Column')) {
        const parts = [...el.shadowRoot.children].filter(c => c.offsetParent !== null && c.getBoundingClientRect().height > 1)
        for (let i = 1; i < parts.length; i++)
          if (parts[i].getBoundingClientRect().top < end(parts[i - 1]) - 1) found.push([words(parts[i - 1]), words(parts[i])])
      }
      walk(el.shadowRoot)
    }
  }
  walk(document)
  return found
}"""


@pytest.fixture(scope="module")
def served():
    context = StatusContext()
    context.repository.as_of = datetime.now(UTC)
    with Served(context) as server:
        yield server


@pytest.mark.parametrize(("width", "height"), [(375, 600), (1300, 400)])
def test_no_part_of_a_page_lies_over_the_next_one(served, browse, width, height):
    for path, text in PAGES.items():
        tab = browse(served.url(path), width=width, height=height)
        expect(tab.get_by_text(text).first).to_be_visible(timeout=LIMIT)
        assert tab.evaluate(OVERLAPS) == [], f"{path} at {width} x {height}"
        tab.context.close()


def test_nothing_is_said_to_the_server_before_the_page_is_drawn(served, browse):
    tab = browse("about:blank")
    sent: list[str] = []

    def note(frame: object) -> None:
        sent.extend(word for word in ("document_ready", '"start"') if word in str(frame))

    tab.on("websocket", lambda socket: socket.on("framesent", note))
    tab.goto(served.url("/"))
    for _ in range(LIMIT // 50):
        if len(sent) >= 2:
            break
        tab.wait_for_timeout(50)
    assert sent == ["document_ready", '"start"']
