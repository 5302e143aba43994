"""(j) page switches in Chromium: every page's first visit in a session, and the way back to it."""

from __future__ import annotations

import time

from playwright.sync_api import Browser, Page, sync_playwright

from app.pages import PAGES
from benchmarks.measuring import Row, row
from benchmarks.serving import Server

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
START, AGAIN = "markets", 3

#: Where the links stand that lead to pages that are not in the rail, or have nothing to show from there.
LINKED_FROM = {"market": "markets", "event": "market", "series_detail": "series", "compare": "market"}

#: Takes the time from the next click until the tab has another title, the page has its heading, nothing in it is
#: loading, all its charts are drawn, and (looked at for a while longer) it does not grow any more.
WATCH = """() => {
  const shown = root => [...root.children].flatMap(el => getComputedStyle(el).display === 'none' ? []
    : [el, ...(el.shadowRoot ? shown(el.shadowRoot) : []), ...shown(el)])
  const busy = '[aria-busy=true], .ka-face.ka-loading.ka-tall, .chart:not([data-drawn])'
  const before = document.title
  window.visited = new Promise((resolve, reject) => document.addEventListener('click', () => {
    const started = performance.now()
    let count = 0, stood = started
    const look = () => {
      const now = performance.now()
      if (now - started > 30000) return reject(new Error(`${location.search} does not stand after 30 s`))
      if (document.title !== before) {
        const seen = shown(document)
        const stands = seen.some(el => el.matches('h1')) && !seen.some(el => el.matches(busy))
        if (!stands || seen.length !== count) { count = seen.length; stood = now }
        else if (now - stood > 400) return resolve(stood - started)
      }
      setTimeout(look, 30)
    }
    look()
  }, {capture: true, once: true}))
}"""


def visits(server: Server, bare: Server, markets: int) -> list[Row]:
    """Return (j): the cold start, and each page's first visit and later ones, beside those of the bare application."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
        cold, tab = _cold(browser, server.url(f"?page={START}"), "a[href*='page=market&']")
        cold_floor, plain = _cold(browser, bare.url(), "h1")
        floor = [_watched(plain, lambda: plain.get_by_text("next").click()) for _ in range(10)]
        times: dict[str, list[float]] = {}
        for turn in range(1 + AGAIN):
            for name in PAGES:
                _go(tab, LINKED_FROM.get(name))
                times.setdefault(name, []).append(_visit(tab, name))
                if name == "market" and turn == 0:
                    tab.keyboard.press("w")  # the watchlist is to have something to show
        browser.close()
    where = f"{markets:,} markets"
    rows = [Row(f"(j) cold start, {where}", cold, cold, "bare Panel page", cold_floor, note="Chromium, empty cache")]
    for name, spent in times.items():
        firsts = 0 if name == START else 1  # its first visit was the cold start
        for what, visited, target in (("first visit", spent[:firsts], 1_500), ("again", spent[firsts:], 400)):
            if visited:
                rows.append(row(f"(j) {name}: {what}, {where}", visited, floor, "bare Panel: click to text", target))
    return rows


def _cold(browser: Browser, address: str, content: str) -> tuple[float, Page]:
    tab = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    started = time.perf_counter()
    tab.goto(address)
    tab.wait_for_selector(content, timeout=60_000)
    return (time.perf_counter() - started) * 1000, tab


def _go(tab: Page, name: str | None) -> None:
    """Be on a page, whatever the way there takes."""
    if name is not None and f"page={name}&" not in f"{tab.evaluate('location.search')}&":
        _go(tab, LINKED_FROM.get(name))
        _visit(tab, name)


def _visit(tab: Page, name: str) -> float:
    """Follow a link of the page or of the rail as a visitor does; return the milliseconds until the page stands."""
    if name in LINKED_FROM:  # Enter leads to the page, where a click would open it beside the list
        return _watched(tab, lambda: tab.locator(f"a[href*='page={name}&']:visible").first.press("Enter"))
    return _watched(tab, lambda: tab.locator(f"a[href='?page={name}']:visible").first.click())


def _watched(tab: Page, act) -> float:
    tab.evaluate(WATCH)
    act()
    return tab.evaluate("window.visited")
