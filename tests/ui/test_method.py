"""The Method page in a real Chromium: a link scrolls to its topic, the filter finds, and a phone can read it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("method")]


def test_a_link_scrolls_to_its_topic_and_the_filter_finds_by_column_name(served, browse):
    tab = browse(served.url("/?page=method&topic=fees"), width=1440)
    fees = tab.get_by_role("region", name="Fees", exact=True)
    expect(fees).to_be_in_viewport(timeout=LIMIT)
    expect(fees).to_contain_text("0.07")
    tab.get_by_role("navigation", name="Topics").get_by_role("link", name="Volume surge").click()
    expect(tab).to_have_url(re.compile(r"topic=surge"))
    expect(tab.get_by_role("region", name="Volume surge")).to_be_in_viewport(ratio=0.3)
    tab.go_back()
    expect(fees).to_be_in_viewport()
    box = tab.get_by_role("searchbox", name="Find a number, formula or column")
    box.fill("settlement_timer")
    expect(tab.get_by_role("region", name="When a market ends")).to_be_visible()
    expect(fees).to_be_hidden()
    expect(tab).to_have_url(re.compile(r"q=settlement_timer"))
    tab.reload()
    expect(box).to_have_value("settlement_timer", timeout=LIMIT)
    expect(fees).to_be_hidden()


def test_a_phone_reads_it_without_scrolling_sideways(served, browse):
    tab = browse(served.url("/?page=method&topic=vwap"), width=375, height=800, color_scheme="dark")
    topic = tab.get_by_role("region", name="Average price (VWAP)")
    expect(topic).to_be_in_viewport(timeout=LIMIT)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 375
    box = topic.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 375
