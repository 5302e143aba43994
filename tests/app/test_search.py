"""Search everything, without a browser: what is typed is answered, what is chosen is done, nothing waits for it."""

from __future__ import annotations

import json

import pytest

from app import page_keys, url
from app.pages import PAGES
from app.search import ACTIONS, Search
from app.shell import Shell
from components.keyboard import KEYS
from data_layer.errors import NoDataError, QueryError
from tests.app.fakes import HOSTILE, FakeContext
from tests.app.protocol import Served, Visitor, run


@pytest.fixture
def search(context):
    return Search(context, url.link, lambda action: None)


def asked(search, text):
    search._on_ask(text, 7)
    found = search.palette.found
    assert found["serial"] == 7
    return {group["name"]: ["".join(o["title"]) for o in group["options"]] for group in found["groups"]}, found[
        "note"
    ]


def options(search):
    return [option for group in search.palette.found["groups"] for option in group["options"]]


def test_markets_events_and_series_are_found_by_misspelt_names_and_lead_somewhere(search):
    groups, note = asked(search, "nubmer 21")
    assert groups["Events"][0] == "Number 21"
    assert groups["Markets"][0].startswith("Will number 21 come up")
    assert note == ""
    assert "More" not in groups, "the list of markets forgives no spelling"
    assert all(option["href"].startswith("?page=") for option in options(search))
    for option in options(search):
        assert url.decode(option["href"]).notes == ()
    pages = {url.decode(option["href"]).values["page"] for option in options(search)}
    assert {"market", "event"} <= pages


def test_what_the_list_would_show_is_offered_as_a_list(search):
    groups, _ = asked(search, "number 21")
    assert groups["More"] == ["List the markets with “number 21”"]
    assert options(search)[-1]["href"] == url.link("markets", text="number 21")


def test_pages_and_actions_are_found_by_other_names_too(search):
    assert "Markets" in asked(search, "screener")[0]["Pages"]
    assert asked(search, "theem")[0]["Actions"] == ["Switch between light and dark"]
    assert asked(search, "utc")[0]["Actions"] == ["Show times in UTC"]
    offered = {page for slug, page in ((slug, p.name) for slug, p in PAGES.items()) if page}
    assert {"".join(o["title"]) for o in search.palette.start[0]["options"]} == offered


def test_a_hit_says_what_was_traded_or_that_it_is_not_open(search, context):
    context.repository.rows[0] |= {"title": "Unmistakable", "status": "closed"}
    context.repository.rows[1] |= {"title": "Unmistakable", "volume_24h_contracts": 1500}
    asked(search, "unmistakable")
    assert [option["figure"] for option in options(search)][:2] == ["1,500 in 24 h", "not open"]


def test_nothing_found_says_what_was_tried(search):
    groups, note = asked(search, "qqqqqqqqqq")
    assert groups == {}
    assert "“qqqqqqqqqq”" in note
    assert "tickers" in note


@pytest.mark.parametrize(
    ("failure", "said"), [(NoDataError("none"), "first crawl"), (QueryError("disk"), "The search failed: disk")]
)
def test_a_failure_is_said_and_leaves_pages_and_actions(search, context, failure, said):
    context.repository.failure = failure
    groups, note = asked(search, "markets")
    assert said in note
    assert groups["Pages"] == ["Markets"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_found_and_stay_text(search, text):
    asked(search, text)
    for option in options(search):
        assert all(isinstance(part, str) for part in (*option["title"], *option["detail"], option["figure"]))
        assert "\u202e" not in "".join(option["title"])
        assert option["href"].startswith("?") or option["action"]


def test_what_waits_is_only_the_newest_text(search):
    search._aside._busy = True
    search._on_ask("first", 1)
    search._on_ask("number 21", 2)
    search._aside._done(("", 0), ([], ""))
    assert search.palette.found["serial"] == 2


@pytest.fixture
def shell(context, clock):
    return Shell(context, "?page=markets", now=clock)


def test_every_action_is_done_by_somebody(shell, context):
    """Those of the browser are words the keyboard or the router listen to; the rest change the session."""
    here = {action.removeprefix("here:") for _, action, _ in ACTIONS if action.startswith("here:")}
    assert here <= {key.action for key in KEYS} | {"copy-link", "save-view"}
    before = shell.page.dark_theme
    shell.search.palette._handle_msg({"kind": "do", "action": "theme"})
    assert shell.page.dark_theme is not before
    for _, action, _ in ACTIONS:
        name, _, word = action.partition(":")
        if name in page_keys.SHARED:
            shell.search.palette._handle_msg({"kind": "do", "action": action})
            assert getattr(shell.state, name) == word
    asked = context.refreshes_asked
    shell.search.palette._handle_msg({"kind": "do", "action": "refresh"})
    assert context.refreshes_asked == asked + 1


def test_offered_links_say_what_the_session_chose(shell):
    shell._on_choose("zone", "utc")
    hrefs = [option["href"] for option in shell.search.palette.start[0]["options"]]
    assert hrefs
    assert all("tz=utc" in href for href in hrefs)


def test_questions_are_answered_over_the_wire_and_the_newest_is_last():
    async def visit(server):
        visitor = await Visitor.open(server.url("/?page=markets"))

        def there():
            found = visitor.last("found")
            return found is not None and ["serial", 2] in found["entries"]

        await visitor.say("Palette", {"kind": "ask", "text": "nubmer 21", "serial": 1}, lambda: True)
        await visitor.say("Palette", {"kind": "ask", "text": "test numbers", "serial": 2}, there)
        await visitor.close()
        return json.dumps(visitor.last("found"))

    with Served(FakeContext()) as server:
        said = run(visit(server))
    assert '["", "Test", " ", "numbers", ""]' in said
    assert "Series" in said
