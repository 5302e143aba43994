"""The "i" in a real browser: by key and by finger, with hostile text, and a panel alone in a frame."""

from __future__ import annotations

import re

import pytest

from tests.app.protocol import Served
from tests.app.status_fakes import StatusContext
from tests.ui.conftest import playwright

expect = playwright.expect
pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("provenance")]


@pytest.fixture(scope="module")
def context():
    return StatusContext()


@pytest.fixture(scope="module")
def served(context):
    with Served(context) as server:
        yield server


def test_every_i_opens_by_key_says_where_from_and_gives_the_focus_back(served, browse):
    tab = browse(served.url("/?page=pulse"))
    button = tab.get_by_role("button", name="About Top movers")
    button.focus()
    tab.keyboard.press("Enter")
    dialog = tab.get_by_role("dialog", name="Top movers")
    for said in ("Kalshi’s API, live", "22 Nov 2026, 12:01 ET", "8 shown of", "Questionmovers", "1,000 contracts"):
        expect(dialog).to_contain_text(said)
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    with tab.expect_download() as download:
        dialog.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "kalshi-pulse-movers-20261122T170100Z.csv"
    tab.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()


def test_the_key_e_exports_the_first_table_of_any_page_and_says_which(served, browse):
    tab = browse(served.url("/?page=status"))
    expect(tab.get_by_role("button", name="About Refused rows")).to_be_visible()
    for page, title, name in (
        ("status", "Stored tables", "kalshi-status-tables"),
        ("series_detail&series_ticker=KXTEST", "Events of the series", "kalshi-series-detail-events"),
        ("news", "", ""),
    ):
        tab.goto(served.url(f"/?page={page}"))
        expect(tab.locator("main, .main-content").first).to_be_visible()
        tab.wait_for_function("document.querySelector('.ka-skip')")
        if not title:
            tab.keyboard.press("e")
            expect(tab.get_by_text("There is no table to export here.")).to_be_visible()
            continue
        with tab.expect_download() as download:
            tab.keyboard.press("e")
        assert download.value.suggested_filename.startswith(name)
        expect(tab.get_by_text(f"{title}, as CSV")).to_be_visible()


def test_files_of_a_view_alone_lie_beside_the_dashboard(served, browse):
    tab = browse(served.url("/single-view?page=markets&q=number"))
    link = tab.get_by_role("link", name="CSV")
    link.hover()
    expect(link).to_have_attribute("href", re.compile(r"^http://127\.0\.0\.1:\d+/export\?format=csv&table=markets&"))
    with tab.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.startswith("kalshi-markets-q-number")


def test_the_method_is_one_click_away_and_the_way_back_too(served, browse):
    tab = browse(served.url("/?page=pulse"))
    tab.get_by_role("button", name="About Volume surges").click()
    tab.get_by_role("dialog").get_by_role("link", name="How it is calculated").click()
    expect(tab).to_have_url(re.compile(r"page=method&topic=surge"))
    expect(tab.get_by_role("dialog")).to_have_count(0)
    tab.go_back()
    expect(tab.get_by_role("button", name="About Volume surges")).to_be_visible()


def test_on_a_phone_it_is_a_sheet_that_a_finger_opens_and_closes(served, browse):
    tab = browse(served.url("/?page=status"), width=375, height=700, has_touch=True)
    tab.get_by_role("button", name="About Refused rows").tap()
    sheet = tab.get_by_role("dialog", name="Refused rows")
    expect(sheet).to_contain_text("rejects")
    box = sheet.bounding_box()
    assert (box["x"], round(box["x"] + box["width"]), round(box["y"] + box["height"])) == (0, 375, 700)
    sheet.get_by_role("button", name="Close").tap()
    expect(sheet).to_have_count(0)


def test_one_panel_stands_alone_in_a_frame_of_a_dark_page(served, browse):
    tab = browse(served.url("/?page=pulse&embed=1&panel=shares&theme=dark"))
    expect(tab.get_by_role("list", name=re.compile("^Share of categories: contracts")).first).to_be_visible()
    expect(tab.get_by_role("navigation", name="Pages")).to_have_count(0)
    expect(tab.get_by_role("heading", name="Top movers")).to_have_count(0)
    tab.get_by_role("button", name="Chart menu").click()
    with tab.expect_download() as download:
        tab.get_by_role("menuitem", name="SVG").click()
    drawing = download.value.path().read_text()
    assert "as of 22 Nov 2026, 12:01 ET" in drawing
    assert "<img" not in drawing
    tab.get_by_role("button", name="About Share of categories").click()
    expect(tab.get_by_role("dialog")).to_contain_text("category_share")
