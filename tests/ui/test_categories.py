"""Categories in a real Chromium: the measure turns in the address, a category opens into its tags, a chart leaves as a file."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("categories")]


def test_a_measure_is_turned_a_category_opened_and_its_shares_taken_away(served, browse):
    tab = browse(served.url("/"))
    tab.get_by_role("link", name="Categories", exact=True).click()
    table = tab.get_by_role("table", name="Share of categories", exact=True)
    expect(table).to_be_visible(timeout=LIMIT)
    tab.get_by_role("button", name="Open interest", exact=True).locator("visible=true").first.click()
    expect(tab).to_have_url(re.compile("share=interest"))
    name = table.locator("tbody tr").first.get_by_role("link").first
    category = name.inner_text()
    name.click()
    expect(tab.get_by_role("heading", name=category, level=1)).to_be_visible()
    expect(tab).to_have_url(re.compile(f"share=interest&of={re.escape(category)}"))
    tab.get_by_role("button", name="Chart menu").locator("visible=true").first.click()
    with tab.expect_download() as file:
        tab.get_by_role("menuitem", name="CSV", exact=True).locator("visible=true").click()
    assert file.value.suggested_filename.startswith("kalshi-categories-split")
    tab.go_back()
    expect(tab.get_by_role("heading", name="Categories", level=1)).to_be_visible()
