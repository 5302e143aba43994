"""Every page as those meet it who listen, who use the keyboard, who read in the dark, and who hold a phone.

The pages come from `app.pages.PAGES`, the data from the simulated exchange through the whole pipeline, and what is
wrong with a page is said by axe-core, which looks into shadow roots too.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page

from app.context import Context
from app.settings import Settings
from data_layer.questions import MarketFilter
from tests.app.every_page import NAMES, example
from tests.app.protocol import Served
from tests.app.test_context import eventually, shows_markets
from tests.ui.conftest import LIMIT, Watch

pytestmark = [pytest.mark.ui, pytest.mark.slow, pytest.mark.xdist_group("every-page")]

#: Width of the window, theme, and what more a browser says of itself: a phone says that it is one.
VISITS: dict[str, tuple[int, str, dict[str, Any]]] = {
    "light": (1440, "light", {}),
    "dark": (1440, "dark", {}),
    "phone": (375, "light", {"user_agent": "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36"}),
}

#: All elements, in shadow roots too: every question below begins with it.
ALL = """const all = (root = document) => [...root.querySelectorAll('*')].flatMap(
  el => el.shadowRoot ? [el, ...all(el.shadowRoot)] : [el]); const seen = el => el.getClientRects().length > 0;"""

#: Whether nothing is being fetched, drawn or faded in, and nothing was added for half a second.
SETTLED = f"""() => {{ {ALL}
  const now = all()
  const moves = el => el.getAnimations().some(
    one => one.playState === 'running' && one.effect.getComputedTiming().endTime < Infinity)
  const busy = now.some(el => seen(el) && (moves(el)
    || el.matches('[aria-busy=true], .ka-face.ka-loading, .chart:not([data-drawn])')))
  const was = window.settling ?? {{count: 0, times: 0}}
  window.settling = {{count: now.length, times: !busy && now.length === was.count ? was.times + 1 : 0}}
  return now.length > 150 && window.settling.times >= 4
}}"""

HEADINGS = f"() => {{ {ALL} return all().filter(el => el.tagName === 'H1').map(el => el.textContent.trim()) }}"

#: Canvases that say nothing to those who do not see them, and charts without their figures.
MUTE = f"""() => {{ {ALL}
  const told = el => el && (el.getAttribute('aria-hidden') === 'true' || el.getAttribute('aria-label')?.trim()
    || told(el.parentElement ?? el.getRootNode().host))
  return [...all().filter(el => el.tagName === 'CANVAS' && seen(el) && !told(el.closest('[role=img]') ?? el)).map(el => el.outerHTML),
    ...all().filter(el => el.matches('.chart') && seen(el) && !el.querySelector('details summary')).map(el => el.outerHTML)]
    .map(said => said.slice(0, 200))
}}"""

#: Menus of charts that lie over what is drawn, where labels and lines may be.
COVERING = f"""() => {{ {ALL}
  const boxed = el => el.getBoundingClientRect()
  return all().filter(el => el.matches('.chart')).map(el => [el.querySelector('.menu'), el.querySelector('.canvas')])
    .filter(([menu, canvas]) => !menu || boxed(menu.querySelector('button')).bottom > boxed(canvas).top)
    .map(([menu, canvas]) => canvas.getAttribute('aria-label'))
}}"""

#: What the keyboard stands on, if one cannot see that it does.
UNSEEN_FOCUS = """() => {
  let el = document.activeElement
  while (el?.shadowRoot?.activeElement) el = el.shadowRoot.activeElement
  if (!el || el === document.body) return null
  for (let at = el, n = 0; at && n < 3; at = at.parentElement, n++) {
    const style = getComputedStyle(at)
    if ((style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none') return null
  }
  return el.outerHTML.slice(0, 200)
}"""


#: Whether something lies open over the page.
OPENED = f"""() => {{ {ALL}
  return all().some(el => seen(el) && getComputedStyle(el).visibility !== 'hidden'
    && (el.matches('dialog[open], :popover-open, [role=dialog], [role=menu]:not([hidden])')))
}}"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A small simulated exchange, the process that fetches it, and the page of a market that trades."""
    settings = Settings(
        source="demo", data_dir=tmp_path_factory.mktemp("every-page"), demo_markets=400, universe_seconds=3600.0
    )
    context = Context(settings).start()
    try:
        assert eventually(lambda: shows_markets(context), LIMIT / 1000)
        with Served(context) as server:
            yield context, server
    finally:
        context.close()


@pytest.fixture(scope="module")
def pages(world) -> dict[str, str]:
    context, server = world
    (row,) = context.repository.markets(MarketFilter(), limit=1).rows()
    known = {"ticker": row["ticker"], "event": row["event_ticker"], "series": row["series_ticker"]}
    return {name: server.url(f"/{example(name, **known)}") for name in NAMES} | {
        "missing": server.url("/?page=nowhere")
    }


class Reader:
    """A browser that keeps what it once loaded, and the tabs of one kind of visit in it."""

    def __init__(self, context: BrowserContext, watch: Watch) -> None:
        self.watch = watch
        context.set_default_timeout(LIMIT)
        context.add_init_script(AXE_SCRIPT)
        self.tab = context.new_page()
        self.tab.on("pageerror", lambda error: watch.failures.append(str(error)))
        self.tab.on("request", self._note)
        self.tab.on("console", self._hear)

    def _note(self, request: Any) -> None:
        # Listening, not routing: a routed browser keeps nothing that it loaded.
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.watch.foreign.append(request.url)

    def _hear(self, message: Any) -> None:
        # What a chart complains of: its warnings mean that it is not drawn as it was meant.
        if message.type in {"warning", "error"} and not message.text.startswith("Failed to load resource"):
            self.watch.failures.append(message.text)

    def open(self, address: str) -> Page:
        self.tab.goto(address)
        self.tab.wait_for_function(SETTLED, polling=120)
        return self.tab


@pytest.fixture(scope="module", params=list(VISITS))
def reader(request, chromium: Browser):
    width, theme, more = VISITS[request.param]
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, timezone_id="America/New_York", **more
    )
    yield Reader(context, Watch())
    context.close()


def violations(tab: Page) -> list[str]:
    """Return what axe-core finds serious or critical, in words."""
    found = tab.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 10, "axe-core looked at next to nothing"
    return [
        f"{said['id']}: {node['target']} {node['html'][:200]} {node['failureSummary'][:200]}"
        for said in found["violations"]
        if said["impact"] in {"serious", "critical"}
        for node in said["nodes"]
    ]


@pytest.mark.parametrize("name", [*NAMES, "missing"])
def test_a_page_can_be_listened_to_reached_by_keys_and_held_in_one_hand(reader, pages, name):
    tab = reader.open(pages[name])
    assert violations(tab) == []
    assert len(headings := tab.evaluate(HEADINGS)) == 1, headings
    assert headings[0]
    assert tab.title() != ""
    assert tab.evaluate(MUTE) == []
    assert tab.evaluate(COVERING) == [], "the menu of a chart lies over it"
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    unseen = []
    for _ in range(12):
        tab.keyboard.press("Tab")
        unseen.append(tab.evaluate(UNSEEN_FOCUS))
    assert [said for said in unseen if said] == [], "what has the focus does not show it"
    assert reader.watch.foreign == []
    assert reader.watch.failures == []


def test_what_opens_over_a_page_can_be_listened_to_as_well(reader, pages):
    tab = reader.open(pages["market"])
    openers = {
        "search": lambda: tab.keyboard.press("/"),
        "keys": lambda: tab.keyboard.press("?"),
        "units": lambda: tab.keyboard.press("u"),
        "about": lambda: tab.locator(".ka-info:visible").first.click(),
    }
    if tab.viewport_size["width"] < 600:
        openers = {"rail": lambda: tab.get_by_role("button", name="Open drawer").click(), "about": openers["about"]}
    found = {}
    for name, way in openers.items():
        way()
        tab.wait_for_function(SETTLED, polling=120)
        assert tab.evaluate(OPENED), f"{name} did not open"
        found[name] = violations(tab)
        tab.keyboard.press("Escape")
        tab.wait_for_function(f"() => !({OPENED})()")
    assert not any(found.values()), found
