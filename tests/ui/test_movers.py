"""The movers in a real Chromium: window, ranking and filters by mouse, lines with words, hostile titles, a phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.app.fakes import HOSTILE, FakeContext
from tests.app.protocol import Served
from tests.app.test_movers_page import mover
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("movers")]


@pytest.fixture(scope="module")
def served():
    context = FakeContext()
    repository = context.repository
    repository.as_of = datetime.now(UTC)
    repository.rows = [mover(n, str(5 + n / 10 if n % 2 else -5 - n / 10)) for n in range(70)] + [mover(70, None)]
    for row, text in zip(repository.rows[-9:-1], HOSTILE, strict=False):
        row |= {"title": text, "outcome": text}
    repository.deviations = {row["ticker"]: 0.04 for row in repository.rows[:40]}
    with Served(context) as server:
        yield server


def rows(tab: Page):
    return tab.locator("table[aria-label='Movers'] tbody tr")


def test_a_window_a_ranking_and_a_direction_are_a_link_that_comes_back(served, browse):
    tab = browse(served.url())
    tab.get_by_role("link", name="Top movers: all by change").click()
    expect(tab).to_have_url(re.compile(r"\?page=movers&v24=1000&cmin=&cmax=&xmin=&omin=$"))
    expect(rows(tab)).to_have_count(50, timeout=LIMIT)
    tab.get_by_role("button", name="6 h", exact=True).click()
    tab.get_by_role("button", name="z", exact=True).first.click()
    tab.get_by_role("button", name="▼ Down").click()
    expect(rows(tab)).to_have_count(35)
    expect(tab).to_have_title("Movers 6 h · Kalshi Analytics")
    expect(tab.get_by_role("columnheader", name="z")).to_have_attribute("aria-sort", "descending")
    line = rows(tab).first.get_by_role("img")
    expect(line).to_have_attribute("aria-label", re.compile(r"24 h: from \d+\.\d to 50\.0 %, between"))
    tab.get_by_role("button", name="Remove filter: Volume 24 h ≥ 1,000").click()
    expect(tab).to_have_url(re.compile(r"\?page=movers&window=6h&move=down&v24=&.*by=z"))
    tab.reload()
    expect(rows(tab)).to_have_count(35, timeout=LIMIT)
    tab.get_by_role("button", name="n/a", exact=True).click()
    expect(rows(tab)).to_have_count(1)
    expect(rows(tab).first).to_contain_text("n/a")
    rows(tab).first.locator("a").press("Enter")
    expect(tab).to_have_url(re.compile(r"\?page=market&ticker="))
    tab.go_back()
    expect(rows(tab)).to_have_count(1)


def test_more_filters_counts_both_ends_of_a_range_and_stays_on_the_page_beside_a_market(served, browse):
    found = served.url("/?page=movers&cmin=1&cmax=90&xmin=1&omin=1")
    for query in ("", "&drawer=KXTEST-26NOV001-T1"):
        tab = browse(found + query)
        expect(rows(tab)).to_have_count(50, timeout=LIMIT)
        expect(tab.locator(".number-of")).to_have_text("4")
        chips = tab.locator(".chip")
        expect(chips).to_have_count(5)
        tab.get_by_role("button", name="More filters").click()
        panel, bar = (tab.locator(name).bounding_box() for name in (".panel", ".filters"))
        assert bar["x"] <= panel["x"]
        assert panel["x"] + panel["width"] <= bar["x"] + bar["width"] + 1
        tab.context.close()


def test_hostile_titles_are_read_and_never_run_and_lines_follow_the_theme(served, browse):
    tab = browse(served.url("/?page=movers"), bypass_csp=True)
    expect(rows(tab)).to_have_count(50, timeout=LIMIT)
    expect(rows(tab).filter(has_text=HOSTILE[0]).first).to_be_visible()
    assert tab.evaluate("window.__xss") is None
    assert tab.locator("table img, svg[onload], iframe").count() == 0
    colour = "path => getComputedStyle(path).stroke"
    path = rows(tab).first.locator("svg.spark path")
    light = path.evaluate(colour)
    dark = browse(served.url("/?page=movers"), color_scheme="dark")
    expect(rows(dark)).to_have_count(50, timeout=LIMIT)
    assert rows(dark).first.locator("svg.spark path").evaluate(colour) != light


def test_a_phone_shows_moves_in_two_lines_and_does_not_scroll_sideways(served, browse):
    tab = browse(served.url("/?page=movers"), width=375, height=720, has_touch=True)
    expect(rows(tab)).to_have_count(50, timeout=LIMIT)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 375
    expect(rows(tab).first.locator("td.c-pp")).to_be_visible()
    expect(rows(tab).first.locator("td.c-trend")).to_be_hidden()
    assert Decimal(rows(tab).first.locator("td.c-now").inner_text().split()[-1]) == 50
