"""The page of one market in a real Chromium: its chart is read, zoomed and taken away, its book moves."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.app.fakes import FakeContext, book_rows
from tests.app.protocol import Served
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("market")]

TICKER = "KXTEST-26NOV005-T1"
MARKET = f"/?page=market&ticker={TICKER}"
ORANGE = (179, 71, 0)
DOMAIN = "el => el.view.scale('x').domain().map(Number)"


@pytest.fixture(scope="module")
def served():
    context = FakeContext()
    context.repository.as_of = datetime(2026, 11, 22, 17, 1, tzinfo=UTC)
    with Served(context) as server:
        yield server


@pytest.fixture
def repository(served):
    found = served._context.repository
    found.books.clear()
    found.candles.clear()
    return found


@pytest.fixture
def news(served, repository):
    """Announce a new snapshot, as the refresher does."""

    def announce():
        repository.snapshot_id += 1
        served.call(served._context.hub.publish)

    return announce


def drawn(tab: Page):
    expect(tab.locator(".chart[data-drawn] canvas")).to_be_visible(timeout=LIMIT)
    return tab.locator(".chart .canvas")


def ink(tab: Page, colour: tuple[int, int, int]) -> int:
    """Count the pixels of the chart that have a colour."""
    return tab.locator(".chart canvas").evaluate(
        """(c, [r, g, b]) => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data
          let n = 0
          for (let i = 0; i < d.length; i += 4) if (d[i] === r && d[i + 1] === g && d[i + 2] === b) n++
          return n }""",
        list(colour),
    )


def test_a_zoom_stays_over_news_and_over_another_style_and_ends_with_the_window(served, repository, news, browse):
    tab = browse(served.url(MARKET))
    chart = drawn(tab)
    before = chart.evaluate(DOMAIN)
    chart.locator("canvas").hover(position={"x": 400, "y": 120})
    tab.keyboard.down("Control")
    tab.mouse.wheel(0, -500)
    tab.keyboard.up("Control")
    tab.wait_for_function(
        "([el, was]) => { const d = el.view.scale('x').domain(); return d[1] - d[0] < was }",
        arg=[chart.element_handle(), before[1] - before[0]],
    )
    zoomed = chart.evaluate(DOMAIN)
    fell = repository.candlesticks(TICKER, 60).rows()[:-1]
    for row in fell:
        if row["price_close_dollars"] is not None:
            row["price_open_dollars"] = row["price_high_dollars"] = row["price_close_dollars"] + Decimal("0.03")
    repository.candles[TICKER, 60] = fell
    news()
    expect(tab.locator(".chart[data-fed='1']")).to_be_visible()
    assert chart.evaluate(DOMAIN) == zoomed
    assert ink(tab, ORANGE) == 0
    tab.get_by_role("button", name="candles", exact=True).click()
    expect(tab).to_have_url(re.compile("style=candlesticks"))
    tab.wait_for_function("el => el.view.signal('candlesticks') === 1", arg=chart.element_handle())
    chart.evaluate("el => el.view.runAsync().then(() => null)")
    assert ink(tab, ORANGE) > 20
    assert chart.evaluate(DOMAIN) == zoomed
    expect(tab.locator(".chart")).to_have_attribute("data-drawn", "1")
    tab.get_by_role("button", name="30d", exact=True).click()
    expect(tab.locator(".chart")).to_have_attribute("data-drawn", "2")
    wide = chart.evaluate(DOMAIN)
    assert wide[1] - wide[0] > before[1] - before[0]


def test_one_tooltip_says_everything_of_a_candlestick(served, repository, browse):
    tab = browse(served.url(MARKET + "&oi=on"))
    drawn(tab).locator("canvas").hover(position={"x": 300, "y": 100})
    said = tab.locator("#vg-tooltip-element.visible")
    expect(said).to_have_count(1)
    for label in ("Time", "until ", "Ask", "Bid", "Open · high · low · close", "Volume", "Open interest"):
        expect(said).to_contain_text(label)


def inside(tab, locator):
    box = locator.bounding_box()
    return box["y"] >= 0 and box["y"] + box["height"] <= tab.viewport_size["height"]


def test_the_chart_can_be_taken_away(served, repository, browse):
    tab = browse(served.url(MARKET))
    drawn(tab)
    name = f"{TICKER}_1h_7d_as-of-20261122T170100Z"

    def take(kind):
        tab.get_by_role("button", name="Chart menu").click()
        with tab.expect_download() as download:
            tab.get_by_role("menuitem", name=kind, exact=True).click()
        named = f"kalshi-market-candles-ticker-{TICKER}-20261122T170100Z" if kind == "CSV" else name
        assert download.value.suggested_filename == f"{named}.{kind.lower()}"
        return download.value.path()

    with take("CSV").open(newline="") as file:
        rows = list(csv.DictReader(file))
    stored = repository.candlesticks(TICKER, 60).rows()
    stored = stored[-len(rows) :]
    assert len(rows) > 50
    assert [row["end_time"][:19] for row in rows] == [f"{r['end_time']:%Y-%m-%d %H:%M:%S}" for r in stored]
    for column in ("yes_bid_close_dollars", "price_high_dollars"):
        assert [row[column] for row in rows] == ["" if r[column] is None else str(r[column]) for r in stored]
    assert take("PNG").read_bytes().startswith(b"\x89PNG")
    drawing = take("SVG").read_text()
    assert drawing.startswith("<svg")
    assert "href" not in drawing
    assert "as of 22 Nov 2026, 12:01 ET" in drawing
    assert "Kalshi’s API, live" in drawing
    tab.get_by_role("button", name="Chart menu").click()
    tab.get_by_role("menuitem", name="Data as a table").click()
    expect(tab.locator(".chart details table tbody tr").first).to_be_visible()
    tab.get_by_role("button", name="Chart menu").press("Enter")
    assert inside(tab, tab.get_by_role("menu")), "its last lines cannot be seen"
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("button", name="Chart menu")).to_be_focused()


def test_the_book_stands_beside_the_chart_and_moves_under_it_on_a_phone(served, repository, news, browse):
    tab = browse(served.url(MARKET), width=1440)
    chart, book = drawn(tab), tab.get_by_role("table", name="Order book")
    expect(book).to_contain_text("Spread 4¢ · middle 41¢")
    left, right = chart.bounding_box(), book.bounding_box()
    assert right["x"] > left["x"] + left["width"]
    assert 1.6 < left["width"] / right["width"] < 2.4
    repository.books[TICKER] = book_rows(repository.now, {"0.11": "5"}, {"0.77": "1234.50"})
    news()
    expect(book).to_contain_text("1,234.50")
    tab.set_viewport_size({"width": 375, "height": 800})
    tab.wait_for_function("() => innerWidth === 375")
    below = book.bounding_box()
    assert below["y"] > chart.bounding_box()["y"] + 300
    assert below["x"] + below["width"] <= 375


def test_the_place_among_the_trades_is_kept_when_a_trade_arrives(served, repository, news, browse):
    tab = browse(served.url(MARKET))
    drawn(tab)
    last = tab.get_by_role("table", name="Last trades, newest first").locator("tbody tr").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    repository.trade_rows[TICKER] = repository.trades(TICKER).rows()[1:]
    news()
    expect(tab.get_by_role("table", name="Last trades, newest first").locator("tbody tr")).to_have_count(29)
    expect(last).to_be_in_viewport()
