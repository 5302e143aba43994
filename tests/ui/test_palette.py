"""Search everything in a real Chromium: by keyboard alone, there and back; and the list of keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.app.fakes import HOSTILE, FakeContext
from tests.app.protocol import Served

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("palette")]


@pytest.fixture(scope="module")
def served():
    context = FakeContext()
    context.repository.as_of = datetime.now(UTC)
    with Served(context) as server:
        yield server


def field(tab: Page):
    return tab.get_by_role("combobox", name=re.compile("^Search markets, events"))


def option(tab: Page, name: str):
    return tab.get_by_role("option", name=name)


def test_a_market_is_searched_opened_and_searched_again_by_keyboard_alone(served, browse):
    tab = browse(served.url("/"))
    expect(tab).to_have_title(re.compile("Pulse"))
    tab.keyboard.press("Control+k")
    expect(field(tab)).to_be_focused()
    tab.keyboard.type("nubmer 21")
    expect(tab.get_by_role("group", name="Markets").get_by_role("option")).to_have_count(4)
    expect(tab.locator("mark").first).to_have_text(re.compile("^number$", re.I))
    chosen = tab.get_by_role("group", name="Markets").get_by_role("option").first
    while chosen.get_attribute("aria-selected") != "true":
        tab.keyboard.press("ArrowDown")
    assert field(tab).get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    title = chosen.locator(".title").inner_text()
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"\?page=market&ticker=KXTEST-26NOV021"))
    expect(tab.locator(".ka-title")).to_be_focused()
    expect(tab.get_by_role("heading", level=1)).to_have_count(1)
    tab.keyboard.press("/")
    expect(tab.get_by_role("group", name="Recent").get_by_role("option").first).to_contain_text(title[:20])
    tab.keyboard.type("theem")
    expect(option(tab, "Switch between light and dark")).to_be_visible()
    tab.keyboard.press("Enter")
    expect(tab.locator("html")).to_have_attribute("data-ka-theme", "dark")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Keyboard")).to_contain_text("Search everything")
    tab.keyboard.press("Escape")
    tab.keyboard.press("/")
    tab.keyboard.type("qqqqqqqqq")
    expect(tab.get_by_text("Nothing is called “qqqqqqqqq”")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(field(tab)).to_be_hidden()
    tab.go_back()
    expect(tab).to_have_title(re.compile("Pulse"))


def test_results_of_the_text_before_are_marked_as_such_until_the_answer_comes(served, browse):
    tab = browse(served.url("/"))
    expect(tab).to_have_title(re.compile("Pulse"))
    tab.keyboard.press("Control+k")
    expect(field(tab)).to_be_focused()
    # Asked in the task that types: no answer can have come.
    typed = "el => { el.value = 'number'; el.dispatchEvent(new Event('input', {bubbles: true}));"
    assert field(tab).evaluate(typed + " return el.getRootNode().getElementById('options').ariaBusy }") == "true"
    expect(tab.get_by_role("listbox", name="Results")).to_have_attribute("aria-busy", "false")
    expect(tab.get_by_role("group", name="Markets").get_by_role("option").first).to_contain_text(
        re.compile("number", re.I)
    )


def test_on_a_phone_it_is_an_icon_and_hostile_names_stay_text(served, browse):
    tab = browse(served.url("/?page=markets"), width=375, height=760, has_touch=True)
    tab.get_by_role("button", name="Search everything").click()
    for text in HOSTILE[:4]:
        field(tab).fill(text[:90])
        expect(tab.get_by_role("listbox")).to_contain_text(text[:12])
    assert tab.evaluate("window.__xss") is None
    assert tab.locator("dialog img, dialog svg").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_view_is_saved_found_again_renamed_ordered_and_deleted(served, browse):
    tab = browse(served.url("/?page=markets"))
    tab.get_by_role("link", name="Close race").click()
    expect(tab).to_have_url(served.url("/?page=markets&pmin=40&pmax=60"))
    expect(tab.get_by_role("link", name="Close race")).to_have_attribute("aria-current", "true")
    tab.get_by_role("button", name="Pick columns").click()
    tab.get_by_role("checkbox", name="Open interest").click()
    expect(tab).to_have_url(re.compile("show=chance"))
    expect(tab.get_by_role("columnheader", name="Open interest")).to_have_count(0)
    tab.keyboard.press("Escape")
    view = tab.url
    tab.keyboard.press("v")
    menu = tab.get_by_role("dialog", name="Saved views")
    for name in ("Races", "<b>Other</b>"):
        menu.get_by_label("Name of the view").fill(name)
        tab.keyboard.press("Enter")
    menu.get_by_role("button", name="Move <b>Other</b> up").click()
    menu.get_by_role("button", name="Rename Races").click()
    tab.keyboard.type("My races")
    tab.keyboard.press("Enter")
    expect(menu.locator("li a")).to_have_text(["<b>Other</b>", "My races"])
    menu.get_by_role("button", name="Delete <b>Other</b>").click()
    tab.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    tab.goto(served.url("/"))
    expect(tab).to_have_title(re.compile("Pulse"))
    tab.keyboard.press("/")
    expect(tab.get_by_role("group", name="Saved views").get_by_role("option")).to_have_count(1)
    tab.keyboard.type("my ra")
    expect(tab.get_by_role("listbox").get_by_role("option").first).to_contain_text("My races")
    expect(tab.get_by_role("group", name="Recent")).to_have_count(0)
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(view)
    expect(tab.get_by_role("columnheader", name="Open interest")).to_have_count(0)
