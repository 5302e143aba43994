"""What the exchange says reaches every place of every page as text, in a real Chromium without the policy that would
stop a script: titles, outcomes, rules, addresses, tickers, categories, errors, tooltips, suggestions, chips, exports.

The sinks of the framework that would run it are not used: see `tests/test_sinks.py`.
"""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from components.charts import price
from data_layer.errors import DataLayerError
from tests.app.fakes import HOSTILE, market_row
from tests.app.protocol import Served, get
from tests.app.status_fakes import StatusContext
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("sinks")]

RUN = "window.__xss=1"
PAYLOADS = [
    *HOSTILE[:8],
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<math><mtext></p><img src=x onerror={RUN}></mtext></math>",
    f"<details open ontoggle={RUN}>more</details>",
    f"<input autofocus onfocus={RUN}>",
    f"[link](javascript:{RUN}) ![img](x onerror={RUN}) <javascript:{RUN}>",
    f"</title></style></textarea><script>{RUN}</script>",
    f"&lt;img src=x onerror={RUN}&gt; &#60;script&#62;{RUN}&#60;/script&#62;",
    f"$$\\href{{javascript:{RUN}}}{{tex}}$$",
    f"<a href=data:text/html,<script>{RUN}</script>>data</a>",
    f'=HYPERLINK("javascript:{RUN}")',
    f"<%= {RUN} %> #{{{RUN}}} {{% raw %}}",
    f"<style>@import 'javascript:{RUN}';*{{background:url(javascript:{RUN})}}</style>",
]
TICKER = "KXTEST-26NOV005-T1"

#: Elements and attributes that only a payload could have made, and addresses that are none of ours.
INTRUDERS = """() => {
  const found = []
  const walk = root => {
    for (const el of root.querySelectorAll('*')) {
      if (el.matches('iframe, object, embed, math, base, meta[http-equiv=refresh], input[autofocus], img:not([alt])'))
        found.push(el.outerHTML.slice(0, 120))
      for (const {name, value} of el.attributes) {
        if (name.startsWith('on')) found.push(`${el.tagName} ${name}=${value}`.slice(0, 120))
        if (['href', 'src', 'action', 'formaction', 'xlink:href'].includes(name)
            && /^\\s*(javascript|data|vbscript):/i.test(value) && el.tagName !== 'LINK' && !value.startsWith('data:image/'))
          found.push(`${el.tagName} ${name}=${value}`.slice(0, 120))
      }
      if (el.tagName === 'SCRIPT' && el.textContent.trim().startsWith('window.__xss')) found.push('script')
      if (el.shadowRoot) walk(el.shadowRoot)
    }
  }
  walk(document)
  return found
}"""

#: All text on the page, of values and tooltips too.
SAID = """() => {
  const said = [document.title]
  const walk = root => {
    for (const el of root.querySelectorAll('*')) {
      for (const name of ['title', 'aria-label', 'label', 'value', 'placeholder'])
        if (el.hasAttribute(name)) said.push(el.getAttribute(name))
      if (el.shadowRoot) { said.push(el.shadowRoot.textContent); walk(el.shadowRoot) }
    }
  }
  walk(document)
  return said.join('\\n') + document.body.textContent
}"""


def poisoned() -> StatusContext:
    """Make a process all of whose texts are payloads."""
    context, now = StatusContext(), datetime.now(UTC)
    repository = context.repository
    repository.now = repository.as_of = now
    texts = ("title", "outcome", "event_title", "series_title", "category")
    for number, row in enumerate(repository.rows):
        row["expected_time"] = now + timedelta(minutes=5 + number)
        for at, name in enumerate(texts):
            row[name] = PAYLOADS[(number + at) % len(PAYLOADS)]
    for number, text in enumerate(PAYLOADS):
        # The first of every list: movers, surges, closing soon, new.
        repository.rows[number] |= {
            "title": text,
            "change_24h_pp": Decimal(90 - number),
            "volume_24h_contracts": Decimal(900_000 + number),
            "open_time": now - timedelta(hours=1, minutes=number),
            "series_ticker": text,
        }
    repository.rows.append(market_row(900, ticker=PAYLOADS[0], event_ticker=PAYLOADS[2], title="A ticker of theirs"))
    everything = "\n".join(PAYLOADS)
    sources = [{"name": text, "url": text} for text in PAYLOADS] + [{"name": "x", "url": f"javascript:{RUN}"}]
    repository.about[TICKER] = {
        "title": PAYLOADS[0],
        "event_title": PAYLOADS[1],
        "event_sub_title": PAYLOADS[2],
        "yes_sub_title": PAYLOADS[8],
        "no_sub_title": PAYLOADS[10],
        "series_title": PAYLOADS[9],
        "category": PAYLOADS[6],
        "rules_primary": everything,
        "rules_secondary": everything,
        "settlement_sources_json": json.dumps(sources),
        "fee_type": PAYLOADS[11],
    }
    repository.conditions = tuple(f"drift:{text}" for text in PAYLOADS)
    repository.logged = [row | {"error": text} for row, text in zip(repository.logged, PAYLOADS, strict=False)]
    repository.refused = [
        row | {"reason": text, "excerpt": text} for row in repository.refused[:3] for text in PAYLOADS
    ]
    context.figures["last_error"], context.figures["host"] = PAYLOADS[0], PAYLOADS[2]
    context.set_progress(error=PAYLOADS[0], message=PAYLOADS[1])
    return context


@pytest.fixture(scope="module")
def served():
    with Served(poisoned()) as server:
        yield server


def calm(tab: Page) -> None:
    """Nothing ran, nothing was built, no address leads to a script."""
    tab.wait_for_timeout(200)  # an image that cannot be loaded says so a little later
    assert tab.evaluate(INTRUDERS) == []
    assert tab.evaluate("window.__xss") is None


def seen(tab: Page, *texts: str) -> None:
    """Every text stands on the page letter by letter, where a sink would have swallowed its tags."""
    said = tab.evaluate(SAID)
    assert [text for text in texts if text not in said] == []


def hover(tab: Page, selector: str, most: int = 12) -> None:
    for place in tab.locator(selector).all()[:most]:
        if place.is_visible():
            place.hover(timeout=LIMIT, force=True)


def test_the_home_page(served, browse):
    tab = browse(served.url("/"), bypass_csp=True)
    expect(tab.get_by_role("region", name="Top movers").locator("a.row")).to_have_count(8, timeout=LIMIT)
    hover(tab, "a.row")
    tab.get_by_text("The shares as a table").click()
    hover(tab, "ol.bar li, .key li")
    seen(tab, *PAYLOADS[:5])
    calm(tab)


def test_the_list_its_filters_suggestions_and_chips(served, browse):
    query = urlencode({"q": PAYLOADS[0], "category": PAYLOADS[2]})
    tab = browse(served.url(f"/?page=markets&{query}"), bypass_csp=True)
    expect(tab.get_by_role("group", name="Active filters").locator(".chip")).not_to_have_count(0, timeout=LIMIT)
    seen(tab, PAYLOADS[0])
    calm(tab)
    tab.goto(served.url("/?page=markets"))
    rows = tab.locator("table[aria-label='Open markets'] tbody tr")
    expect(rows).to_have_count(50, timeout=LIMIT)
    seen(tab, *PAYLOADS[:5], PAYLOADS[8])
    hover(tab, "table[aria-label='Open markets'] tbody td")
    tab.get_by_role("button", name="More filters").click()
    typed = tab.get_by_role("combobox", name="Series")
    typed.press_sequentially("onload")
    expect(tab.locator("datalist option")).not_to_have_count(0)
    calm(tab)
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="Structure").click()
    expect(tab.get_by_role("columnheader", name="Ticker")).to_be_visible()
    hover(tab, "table[aria-label='Open markets'] tbody td")
    calm(tab)
    tab.goto(served.url("/?page=markets&q=theirs"))
    expect(rows).to_have_count(1, timeout=LIMIT)
    rows.locator("a").click()  # a ticker that cannot be one leads to an explanation
    tab.wait_for_timeout(300)
    calm(tab)


def test_a_market_its_rules_sources_title_and_chart(served, browse):
    tab = browse(served.url(f"/?page=market&ticker={TICKER}&window=7d"), bypass_csp=True)
    expect(tab.locator(".chart[data-drawn] canvas")).to_be_visible(timeout=LIMIT)
    expect(tab).to_have_title(re.compile(re.escape(PAYLOADS[0])))
    for closed in tab.locator("details:not([open]) > summary").all():
        closed.click()
    seen(tab, *PAYLOADS[:5], *PAYLOADS[8:13])
    calm(tab)
    addresses = tab.locator("a[href]:not([href^='?'])").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert all(address.startswith(("https://", "#", "export?", "/")) for address in addresses if address), addresses


def test_the_tooltip_of_a_chart_shows_text(browse, monkeypatch):
    """No text of the exchange is in our charts; if one were, it would be read."""
    drawn = price.price_view

    def labelled(*given, **named):
        view = drawn(*given, **named)
        return dataclasses.replace(view, frame=view.frame.assign(label=PAYLOADS[0]))

    monkeypatch.setattr(price, "price_view", labelled)
    with Served(poisoned()) as server:
        tab = browse(server.url(f"/?page=market&ticker={TICKER}&window=7d"), bypass_csp=True)
        canvas = tab.locator(".chart[data-drawn] .canvas")
        expect(canvas.locator("canvas")).to_be_visible(timeout=LIMIT)
        box = canvas.bounding_box()
        tip = tab.locator("#vg-tooltip-element.visible")
        for step in range(2, 9):
            tab.mouse.move(box["x"] + box["width"] * step / 10, box["y"] + 120)
            tab.wait_for_timeout(100)
            if tip.count():
                break
        expect(tip).to_contain_text(PAYLOADS[0], timeout=LIMIT)
        calm(tab)


def test_the_status_page_and_the_badge(served, browse):
    tab = browse(served.url("/?page=status"), bypass_csp=True)
    expect(tab.get_by_role("region", name="Stored tables").first).to_be_visible(timeout=LIMIT)
    seen(tab, *PAYLOADS[:3])
    hover(tab, "a.badge, td, th", most=20)
    calm(tab)


def test_what_an_error_says(browse):
    context = poisoned()
    context.repository.failure = DataLayerError(f"{PAYLOADS[0]} {PAYLOADS[1]}")
    with Served(context) as server:
        tab = browse(server.url("/?page=markets"), bypass_csp=True)
        expect(tab.get_by_text("could not be answered").first).to_be_visible(timeout=LIMIT)
        seen(tab, PAYLOADS[0])
        calm(tab)


def test_exports_are_files_that_a_browser_does_not_show(served):
    for form in ("csv", "parquet"):
        answer = get(served.url(f"/export?format={form}"))
        assert answer.code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "html" not in answer.headers["Content-Type"]
    assert "\"'=HYPERLINK" in get(served.url("/export?format=csv")).body.decode()


def test_each_payload_would_run_if_it_were_set_as_html(browse, served, watch):
    """The test of the tests: a sink that takes HTML is caught."""
    tab = browse(served.url("/healthz"), bypass_csp=True)
    tab.evaluate("text => { document.body.innerHTML = text }", HOSTILE[0])
    tab.wait_for_function(RUN.replace("=1", " === 1"))
    assert tab.evaluate(INTRUDERS) != []
    watch.dialogs.clear()
