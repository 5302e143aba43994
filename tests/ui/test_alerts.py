"""Alerts in a real Chromium: a rule is made, what it says appears in open pages, is counted, and is read."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from app.alert_watch import AlertWatch
from data_layer.alert_journal import AlertJournal
from tests.app.fakes import HOSTILE, NOW, FakeContext
from tests.app.protocol import Served
from tests.data_layer.test_alert_journal import FIRING
from tests.ui.conftest import LIMIT

pytestmark = [pytest.mark.ui, pytest.mark.xdist_group("alerts")]


def test_a_rule_is_made_and_what_it_says_is_told_counted_and_read(browse, tmp_path):
    context = FakeContext()
    context.alerts = AlertWatch(AlertJournal(tmp_path), "live")

    def tell(server, *items):
        context.alerts.journal.record(items, {}, None, NOW)
        context.alerts._latest_at = float("-inf")
        server.call(context.hub.publish)

    with Served(context) as server:
        tab = browse(server.url("/?page=alerts"), bypass_csp=True)
        tab.get_by_role("button", name="New rule").click(timeout=LIMIT)
        tab.get_by_label("When", exact=True).select_option("move")
        tab.get_by_label("Threshold").fill("0")
        tab.get_by_label("Markets by ticker").fill("KXTEST-26NOV000-T0")
        tab.get_by_role("button", name="Make the rule").click()
        expect(tab.get_by_role("status").filter(has_text="has to be from 0.5 pp")).to_be_visible()
        tab.get_by_label("Threshold").fill("10")
        tab.get_by_label("Within", exact=True).select_option("6")
        tab.keyboard.press("Enter")
        expect(tab.get_by_text("Chance moves 10 pp in 6 h", exact=True)).to_be_visible()
        expect(tab.get_by_role("button", name="New rule")).to_be_focused()

        # The movers lead to the form, filled in.
        tab.goto(server.url("/?page=movers&window=6h&move=up&v24=&cmin=&cmax=&xmin=&omin=&category=Sports"))
        tab.get_by_role("link", name="Alert on this view").press("Enter", timeout=LIMIT)
        expect(tab.get_by_label("A link to the list")).to_have_value("?page=markets&category=Sports", timeout=LIMIT)
        for label, value in (("When", "move"), ("How", "up"), ("Within", "6"), ("Looks at", "view")):
            expect(tab.get_by_label(label, exact=True)).to_have_value(value)
        # A list of the browser's is known a moment after the page.
        tab.goto(server.url("/?page=market&ticker=KXTEST-26NOV000-T0"))
        tab.get_by_role("button", name=re.compile("^Watch|^Add")).first.click(timeout=LIMIT)
        tab.goto(server.url("/?page=watchlists"))
        tab.get_by_role("link", name="Alert on this list").click(timeout=LIMIT)
        expect(tab.get_by_label("One of your lists")).to_have_value("Watchlist", timeout=LIMIT)
        expect(tab.get_by_label("Looks at", exact=True)).to_have_value("list")

        # A tab that shows the log reads it: what is new is counted where nobody does.
        tab.goto(server.url("/?page=markets"))
        expect(tab.locator("tbody tr").first).to_be_visible(timeout=LIMIT)
        other = tab.context.new_page()
        other.goto(server.url("/?page=markets"))
        expect(other.locator("tbody tr").first).to_be_visible(timeout=LIMIT)
        hostile = [replace(FIRING, title=text, outcome="", why=text) for text in HOSTILE[:5]]
        tell(server, *hostile)
        log = other.get_by_role("log", name="Alerts")
        expect(log.locator(".card")).to_have_count(4)
        expect(log).to_have_attribute("aria-live", "polite")
        expect(log.locator(".card").last).to_contain_text("and 2 more alerts")
        expect(other.get_by_role("link", name=re.compile(r"^Alerts\W+5 new"))).to_be_visible()
        log.get_by_role("button", name="Close").first.click()
        expect(log.locator(".card")).to_have_count(3)
        log.locator(".card a").last.click()
        expect(other.locator("tbody tr:visible")).to_have_count(5)
        expect(other.get_by_role("link", name="Alerts", exact=True)).to_be_visible()
        assert other.evaluate("window.__xss") is None

        # What one tab read is read in the other, also after a reload.
        expect(tab.get_by_role("link", name="Alerts", exact=True)).to_be_visible()
        tab.reload()
        expect(tab.get_by_role("link", name="Alerts", exact=True)).to_be_visible(timeout=LIMIT)
        other.goto(server.url("/?page=alerts"))
        other.get_by_role("button", name="Delete Chance moves 10 pp in 6 h").click(timeout=LIMIT)
        other.get_by_role("button", name="Delete Chance moves 10 pp in 6 h").click()
        expect(other.get_by_text("is gone; what it said stays")).to_be_visible()
        assert context.alerts.rules() == []


def test_a_phone_never_scrolls_sideways(browse, tmp_path):
    context = FakeContext()
    context.alerts = AlertWatch(AlertJournal(tmp_path), "live")
    context.alerts.journal.record([replace(FIRING, title=text) for text in HOSTILE], {}, None, NOW)
    with Served(context) as server:
        tab = browse(server.url("/?page=alerts"), width=375, height=720, has_touch=True)
        expect(tab.locator("tbody tr")).to_have_count(len(HOSTILE), timeout=LIMIT)
        tab.get_by_role("button", name="New rule").tap()
        expect(tab.get_by_label("When", exact=True)).to_be_visible()
        assert tab.evaluate("document.documentElement.scrollWidth") <= 375
