"""From a market, a list or a view to a rule of alerts on it and to a comparison: what the links carry, and no more."""

from __future__ import annotations

from decimal import Decimal
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import alert_rules, link_words, page_keys, url
from app.alert_watch import AlertWatch
from app.models import market_choice
from app.pages import doings
from app.shell import Shell
from app.state import State
from components.doing import doing, said
from data_layer.alert_journal import AlertJournal
from tests.app.fakes import NOW
from tests.app.test_url import VALUES

A, B, C = (f"KXTEST-26NOV005-T{n}" for n in (1, 2, 3))


def read(href: str) -> dict:
    decoded = url.decode(href)
    assert decoded.notes == ()
    return decoded.values


def words(found) -> list[str]:
    return [each[1] for each in found]


def test_a_market_leads_to_a_rule_on_it_and_into_the_last_comparison():
    state = State()
    alert, compare = doings.of_market(A, state, url.link, over=False)
    assert read(alert[2])["alerts_tickers"] == (A,)
    assert (compare[1], read(compare[2])["compare_tickers"]) == ("Compare", (A,))
    state.compared = (B, C)
    (joined,) = doings.of_market(A, state, url.link, over=True)
    assert (joined[1], read(joined[2])["compare_tickers"]) == ("Compare with 2", (B, C, A))
    (back,) = doings.of_market(B, state, url.link, over=True)
    assert (back[1], read(back[2])["compare_tickers"]) == ("Compare", (B, C))
    state.compared = tuple(f"KX-{n}" for n in range(link_words.MAX_COMPARED))
    (anew,) = doings.of_market(A, state, url.link, over=True)
    assert (anew[1], read(anew[2])["compare_tickers"]) == ("Compare", (A,))
    assert "begins another" in anew[3]


def test_a_list_leads_there_by_its_name_or_by_its_markets():
    tickers = tuple(f"KX-{n}" for n in range(10))
    alert, compare = doings.of_list("Mine", tickers, url.link, shared=False)
    assert (read(alert[2])["alerts_list"], read(alert[2])["alerts_tickers"]) == ("Mine", ())
    assert (compare[1], read(compare[2])["compare_tickers"]) == ("Compare the first 8", tickers[:8])
    alert, compare = doings.of_list("Theirs", tickers[:3], url.link, shared=True)
    assert (read(alert[2])["alerts_tickers"], compare[1]) == (tickers[:3], "Compare these")
    assert doings.of_list("Mine", (), url.link, shared=False) == []


FILTERS = sorted(market_choice.FILTERS.values())


@given(st.fixed_dictionaries({name: VALUES[name] for name in FILTERS}))
def test_a_rule_on_a_view_looks_at_what_the_view_lists_or_is_not_offered(values):
    _, _, href, _ = doings.of_markets(values, url.link)
    if not href:
        assert len(url.link("markets", **values)) > doings.MOST_VIEW, "only what is too long is not offered"
        return
    form = {"kind": "price", "threshold": "50", "scope": "view", "view": read(href)["alerts_view"]}
    rule = alert_rules.made(form, {})
    listed = url.decode(rule.view).values
    assert {name: listed[name] for name in FILTERS} == values


def test_the_movers_lead_to_a_rule_on_moves_and_say_what_it_leaves_out():
    values = url.decode("?page=movers&window=7d&move=down&v24=500&category=Sports&series=KXA").values
    _, _, href, title = doings.of_movers(values, url.link)
    form = read(href)
    assert (form["alerts_rule"], form["alerts_way"], form["alerts_hours"]) == ("move", "down", "24")
    view = url.decode(form["alerts_view"]).values
    assert (view["volume24h_min"], view["days_min"], view["category"], view["series"]) == (
        Decimal(500),
        Decimal(1),
        "Sports",
        ("KXA",),
    )
    assert "“Closes in” and “Open for”" in title
    none = url.decode("?page=movers&cmin=&cmax=&omin=").values
    assert "do not know" not in doings.of_movers(none, url.link)[3]


def test_a_link_that_cannot_be_read_again_is_not_made():
    values = dict(page_keys.DEFAULTS) | {"text": "語" * 100, "category": "語" * 80}
    assert doings.of_markets(values, url.link)[2] == ""
    assert doing("alert", "Alert", "") == doing("alert", "Alert", "https://else.where") == ""
    assert said("alert", "Alert", "javascript:x")[2] == ""


@pytest.mark.parametrize("hostile", ['"><img src=x onerror=alert(1)>', "**x**"])
def test_its_words_are_text(hostile):
    made = doing("alert", hostile, "?page=alerts", hostile)
    assert made.count("<") == 5, "a link with a sign and its outline"
    assert "<img" not in made


@pytest.fixture
def alerting(context, tmp_path):
    context.alerts = AlertWatch(AlertJournal(tmp_path), "live", lambda: NOW.timestamp())
    return context


def test_every_page_one_starts_from_has_the_way(alerting, clock):
    shell = Shell(alerting, f"?page=market&ticker={A}", now=clock)
    head = unescape(shell._pages["market"].head.object)
    assert f'href="?page=alerts&tickers={A}"' in head
    assert f'href="?page=compare&tickers={A}"' in head
    shell.state.param.update(page="compare", compare_tickers=(B, C))
    shell.state.param.update(page="markets", compare_tickers=(), category="Sports", drawer=A)
    assert (
        shell._pages["markets"].filters.values["alert"] == "?page=alerts&view=%3Fpage%3Dmarkets%26category%3DSports"
    )
    assert [each[1:3] for each in shell.drawer.view.said["doings"]] == [
        ["Alert me", f"?page=alerts&tickers={A}"],
        ["Compare with 2", f"?page=compare&tickers={B}%2C{C}%2C{A}"],
    ]
    shell.state.param.update(page="watchlists", watchlist="Theirs", watchlist_tickers=(A, B), drawer="")
    head = unescape(shell._pages["watchlists"].head.object)
    assert f'href="?page=alerts&tickers={A}%2C{B}"' in head
    assert f'href="?page=compare&tickers={A}%2C{B}"' in head


def test_the_form_begins_with_what_the_link_says_and_forgets_it_when_the_rule_is_made(alerting, clock):
    shell = Shell(alerting, "?page=alerts&list=Mine&rule=move&way=down&hours=6", now=clock)
    page = shell._pages["alerts"]
    assert page.book.given == {"list": "Mine", "kind": "move", "direction": "down", "hours": "6"}
    form = {"kind": "price", "direction": "above", "threshold": "60", "scope": "tickers", "tickers": A}
    page.book._handle_msg({"ask": "make", "fields": form})
    assert page.book.given == {}
    assert url.encode(shell.state.link_values()) == "?page=alerts"


def test_where_no_rule_can_be_made_the_way_there_says_so(context, clock, tmp_path):
    context.alerts = AlertWatch(AlertJournal(tmp_path), "live", editing=False)
    shell = Shell(context, f"?page=alerts&tickers={A}", now=clock)
    assert "No rule can be made here" in shell._pages["alerts"].head.object
