"""The Status page says what the books say, without a secret, without markup of others, and whatever fails."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from app import link_words, process_facts, url
from app.models.status import StatusModel
from app.shell import Shell
from app.state import State
from data_layer.errors import NoDataError, StoreError
from tests.app.fakes import NOW
from tests.app.protocol import Served, Visitor, run
from tests.app.status_fakes import SECRET, StatusContext


@pytest.fixture
def context():
    return StatusContext()


@pytest.fixture
def opened(context, clock):
    def build(query="?page=status"):
        return Shell(context, query, now=clock)

    return build


def page(shell):
    return shell._pages["status"]


def part(shell, name):
    return page(shell).parts[name].object


def words(markup):
    """The text of a part, one blank between two pieces."""
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def whole(shell):
    view = page(shell)
    return "".join(pane.object for pane in (view.head, view.said, *view.parts.values(), view.text))


def test_tables_say_age_size_and_how_much_smaller_they_are_than_csv(opened):
    said = words(part(opened(), "tables"))
    assert "markets 4 min ago 117,004 2 2 9,100 91,000 10.0" in said
    assert "daily_rollup — 400" in said, "a derived table has no age of its own, and never is not it"
    assert "trades empty 0 0 0 0 — —" in said
    assert "117,413 rows, 9.1 MB on disk, 10.0× smaller than CSV" in said


def test_refreshes_say_outcome_duration_and_reason(opened):
    shell = opened()
    newest = words(part(shell, "kinds"))
    assert "settled 9 min ago ✕ failed 12.5 118 0 0 2 answered 503" in newest
    assert "universe 4 min ago ✓ complete 12.5 118 117,004 3 2 drift:yes_bid_dollars is gone" in newest
    assert newest.count("watch") == 1, "the newest of each kind"
    assert words(part(shell, "refreshes")).count("watch") == 2


def test_conditions_say_their_kind_and_which_refresh_saw_them(opened):
    said = words(part(opened(), "conditions"))
    assert "Shape changed yes_bid_dollars is gone universe 4 min ago" in said
    assert "Refresh failed answered 503 settled 9 min ago" in said
    assert "Notice odd: something else — —" in said


def test_the_exchange_is_shown_against_its_limit(context, opened):
    assert "Requests in the last minute 118 of 180" in words(part(opened(), "exchange"))
    context.figures["breaker_state"] = "open"
    said = part(opened(), "exchange")
    assert "open: not asking for a while" in said
    assert "KalshiServerError" not in said, "what never happened is no failure"


def test_queries_say_how_long_they_take_and_the_slow_ones_are_listed(opened):
    said = words(part(opened(), "queries"))
    assert "markets 20 15.0 24.0 24.0 0" in said
    assert "Slow queries over a second, newest first" in said
    assert "calibration 2,346 9" in said


def test_damaged_files_are_listed_with_their_reason(context, opened):
    assert "every file that was opened is as it was written" in part(opened(), "damaged")
    context.repository.damaged = [
        SimpleNamespace(table="quotes", path="tables/quotes/a.parquet", rows=7, reason="it is missing", seen_time=NOW)
    ]
    assert "quotes 7 just now it is missing tables/quotes/a.parquet" in words(part(opened(), "damaged"))


def test_no_secret_reaches_the_page(opened):
    said = whole(opened())
    assert "base_urls" in said
    assert "proxy.example" in said
    for secret in (SECRET, "key-id-of-somebody", "private.pem", "somebody", "password"):
        assert secret not in said


def test_text_of_others_is_shown_and_never_markup(opened):
    said = whole(opened())
    assert "&lt;img src=x" in said
    for tag in ("<img", "<script", "<svg onload", "<a href=javascript"):
        assert tag not in said
    assert "\u202e" not in said


def test_an_empty_lake_says_so_and_still_shows_the_process(context, opened):
    context.repository.failure = NoDataError("Nothing stored")
    shell = opened()
    assert "Nothing is stored yet" in page(shell).said.object
    assert part(shell, "tables") == ""
    assert "external-api.kalshi.com" in part(shell, "exchange")


def test_a_lake_that_cannot_be_read_keeps_what_was_read_and_says_that_it_is_old(context, opened, clock):
    shell = opened()
    context.repository.failure = StoreError("the disk is gone")
    clock.now = NOW + timedelta(seconds=20)
    shell.poll()
    assert "ka-stale" in page(shell).said.object
    assert "the disk is gone" in page(shell).said.object
    assert "117,004" in part(shell, "tables")
    broken = opened()
    assert "ka-error" in page(broken).said.object
    assert part(broken, "tables") == ""


def test_figures_of_the_process_move_without_new_data_and_only_while_looked_at(context, opened):
    shell = opened()
    context.figures["requests_last_minute"] = 7
    shell.poll()
    assert "7 of 180" in part(shell, "exchange")
    shell._on_browser({"kind": "click", "search": "?page=markets"})
    context.figures["requests_last_minute"] = 9
    shell.poll()
    assert "7 of 180" in part(shell, "exchange")


def test_the_lake_is_not_read_again_at_every_tick(context, opened, clock):
    shell = opened()
    context.repository.logged[0]["rows"] = 41
    clock.now = NOW + timedelta(seconds=5)
    context.repository.snapshot_id += 1
    shell.poll()
    assert "watch 1 min ago ✓ complete 12.5 2 40" in words(part(shell, "kinds"))
    clock.now = NOW + timedelta(seconds=20)
    shell.poll()
    assert "watch 1 min ago ✓ complete 12.5 2 41" in words(part(shell, "kinds"))


def test_times_follow_the_chosen_zone(opened):
    shell = opened("?page=status&tz=utc")
    assert "22 Nov 2026, 17:03 UTC" in part(shell, "refreshes")
    shell.controls._on_choose("zone", "et")
    assert "22 Nov 2026, 12:03 ET" in part(shell, "refreshes")


def test_the_documentation_can_be_read_and_its_link_is_kept(opened):
    shell = opened("?page=status&doc=operations")
    assert "Several processes" in page(shell).text.object
    assert shell.router.title.startswith("Operations · Status")
    assert part(shell, "tables") == ""
    shell._on_browser({"kind": "click", "search": "?page=status"})
    assert page(shell).text.object == ""
    assert "117,004" in part(shell, "tables")


def test_every_document_that_can_be_linked_exists_and_no_other_can():
    assert all(process_facts.document(name) for name in link_words.DOCUMENTS)
    for name in ("../README", "adr/README", "/etc/passwd"):
        decoded = url.decode(f"?page=status&doc={name}")
        assert decoded.values["document"] == ""
        assert decoded.notes


def test_a_settings_value_that_was_changed_stands_out(context):
    model = StatusModel(context, State(), lambda: NOW)
    changed = {name for name, _, differs in model.settings if differs}
    assert changed == {"base_urls", "api_key_file"}
    assert {name for name, _, _ in model.settings}.isdisjoint({"secret", "api_key_id"})


def test_over_the_wire_the_page_is_sent_once_and_then_only_what_changed(context):
    async def visit(server):
        visitor = await Visitor.open(server.url("/?page=status"))
        assert "Stored tables" in visitor.seen
        assert "117,004" in visitor.seen
        assert SECRET not in visitor.seen
        await visitor.say(
            "BarControls",
            {"kind": "choose", "name": "zone", "word": "utc"},
            lambda: "tz=utc" in str(visitor.last("target")),
        )
        await visitor.close()

    with Served(context) as server:
        run(visit(server))


def test_a_long_log_stays_short_on_the_screen(context, opened):
    context.repository.logged *= 60
    context.repository.refused *= 30
    assert len(re.findall("<tr>", part(opened(), "refreshes"))) == 26
    assert len(re.findall("<tr>", part(opened(), "rejects"))) == 101
