"""The page of alerts without a browser: rules are made and taken away, the log is filtered, and sessions are told."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.alert_rules import Rule
from app.alert_watch import AlertWatch
from app.shell import Shell
from data_layer.alert_journal import AlertJournal
from tests.app.fakes import HOSTILE, NOW, FakeContext
from tests.app.protocol import Served, Visitor, get, run
from tests.data_layer.test_alert_journal import FIRING

A = "KXTEST-26NOV000-T0"
FORM = {"kind": "price", "direction": "above", "threshold": "60", "scope": "tickers", "tickers": A, "name": "Mine"}


@pytest.fixture
def alerting(context, tmp_path):
    context.alerts = AlertWatch(AlertJournal(tmp_path), "live", lambda: NOW.timestamp())
    return context


def opened(context, clock, query="?page=alerts"):
    shell = Shell(context, query, now=clock)
    return shell, shell._pages["alerts"]


def make(page, **fields):
    page.book._handle_msg({"ask": "make", "fields": FORM | fields})
    return page.book.answer.get("words", ""), page.book.answer.get("problem", False)


def tell(context, *items):
    context.alerts.journal.record(items or [FIRING], {}, None, NOW)
    context.alerts._latest_at = float("-inf")


def test_a_rule_is_made_paused_and_taken_away(alerting, clock):
    _, page = opened(alerting, clock)
    assert "No rules yet" in page.nothing.object
    assert "Rules belong to this installation" in page.head.object
    words, problem = make(page)
    assert (problem, words.startswith("“Chance rises to 60%” is kept")) == (False, True)
    ((key, name, sentence, scope, href, said, paused),) = page.book.rules
    assert (name, sentence, scope, said, paused) == ("Mine", "Chance rises to 60%", A, "nothing yet", False)
    assert href == f"?page=market&ticker={A}"
    page.book._handle_msg({"ask": "pause", "key": key})
    assert alerting.alerts.rules()[0][1].paused
    assert page.book.rules[0][-1] is True
    page.book._handle_msg({"ask": "resume", "key": key})
    assert not alerting.alerts.rules()[0][1].paused
    page.book._handle_msg({"ask": "delete", "key": 99})
    page.book._handle_msg({"ask": "delete", "key": key})
    assert page.book.rules == []


def test_a_silent_rule_says_why(alerting, clock):
    for rule in (Rule("move", "either", Decimal(3), hours=6), Rule("price", "above", Decimal(40), tickers=(A,))):
        alerting.alerts.journal.add_rule(rule.body())
    standing = [{"rule_key": 1, "markets": 1190, "unknown": 1100}, {"rule_key": 2, "markets": 1, "unknown": 0}]
    notes = {"standing": json.dumps([row | {"beyond": row["rule_key"] - 1} for row in standing])}
    alerting.alerts.journal.record([], notes, None, NOW)
    _, page = opened(alerting, clock)
    assert [rule[5] for rule in page.book.rules] == [
        "cannot be measured yet: no quote of 6 h ago is stored for 1,100 of 1,190 markets",
        "already beyond; fires when it crosses again",
    ]
    tell(alerting, replace(FIRING, rule_key=2))
    _, page = opened(alerting, clock)
    assert page.book.rules[1][5].startswith("1 × ·")


def test_what_cannot_be_made_is_said_and_nothing_is_kept(alerting, clock):
    _, page = opened(alerting, clock)
    assert make(page, threshold="200") == ("Chance crosses: the threshold has to be from 0.1% to 99.9%.", True)
    assert make(page, tickers="<b>x</b>")[1]
    assert alerting.alerts.rules() == []


def test_a_shared_server_can_switch_editing_off(context, clock, tmp_path):
    context.alerts = AlertWatch(AlertJournal(tmp_path), "live", editing=False)
    context.alerts.journal.add_rule({})
    _, page = opened(context, clock)
    assert page.book.editing is False
    assert "changed elsewhere" in page.head.object
    before = page.book.answer
    page.book._handle_msg({"ask": "make", "fields": FORM})
    assert page.book.answer == before, "the component does not hear it"
    page.book.editing = True
    make(page)
    assert "cannot be changed" in page.book.answer["words"], "and the model does not do it"
    assert context.alerts.rules() == []


def test_a_rule_is_made_of_a_watchlist_and_of_a_link(alerting, clock):
    shell, page = opened(alerting, clock, f"?page=alerts&tickers={A}")
    assert page.book.given == {"tickers": A}
    lists = [{"name": "Macro", "tickers": [A, "B-2"]}, {"name": "Empty", "tickers": []}]
    shell.watch_store._handle_msg({"kind": "lists", "lists": lists, "current": "Macro", "revision": 1})
    assert page.book.lists == ["Macro"]
    make(page, scope="list", list="Macro")
    assert alerting.alerts.rules()[0][1].tickers == (A, "B-2")
    make(page, scope="view", view="?page=markets&category=Sports")
    assert page.book.rules[1][4] == "?page=markets&category=Sports"


def test_the_log_is_filtered_turned_and_exported(alerting, clock):
    tell(alerting, *(replace(FIRING, ticker=f"T-{n}", kind="move" if n % 2 else "price") for n in range(120)))
    shell, page = opened(alerting, clock)
    assert page.table.total == 120
    assert len(page.table.rows) == 50
    page.table._handle_msg({"kind": "page", "page": 3})
    assert shell.state.alerts_page == 3
    assert len(page.table.rows) == 20
    page.filters._handle_msg({"key": "alerts_kind", "value": "move"})
    assert (page.table.total, shell.state.alerts_page) == (60, 1)
    page.filters._handle_msg({"key": "alerts_text", "value": "t-11"})
    assert [row[1] for row in page.table.rows] == [
        f"?page=market&ticker=T-{n}" for n in (119, 117, 115, 113, 111, 11)
    ]
    assert page.filters.values["export"] == "page=alerts&q=t-11&kind=move"
    said = page.about("log")
    assert ["Rows", "6, all shown", ""] in said["facts"]
    with Served(alerting) as server:
        answer = get(server.url(f"/export?format=csv&table=log&{page.filters.values['export']}"))
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert [row["ticker"] for row in rows] == ["T-119", "T-117", "T-115", "T-113", "T-111", "T-11"]
    assert rows[0]["fired_time"] == "2026-11-22 17:05:00.000000Z"
    assert (rows[0]["value"], rows[0]["value_before"], rows[0]["source"]) == ("61.000000", "", "process")


def test_a_measure_without_an_end_of_digits_is_exported_too(alerting, clock):
    tell(alerting, replace(FIRING, value=Decimal(10) / 3, value_before=Decimal("1e11") / 7))
    with Served(alerting) as server:
        answer = get(server.url("/export?format=csv&table=log&page=alerts"))
    (row,) = csv.DictReader(io.StringIO(answer.body.decode()))
    assert (row["value"], row["value_before"]) == ("3.333333", "14285714285.714286")


def test_problems_and_a_failing_webhook_are_said(context, clock, tmp_path):
    journal = AlertJournal(tmp_path)
    journal.record([FIRING], {}, lambda _f: ["{}"], NOW)
    journal.settle_message(journal.due_message(NOW), "waiting", "hook.example answered 500", NOW)
    journal.problem = "The file of rules and log was damaged (x) and put aside as y; a new one began."
    context.alerts = AlertWatch(journal, "live", webhook=True)
    _, page = opened(context, clock)
    assert "was damaged" in page.head.object
    assert "hook.example answered 500. 1 waiting, 0 given up, 0 sent." in page.head.object


def test_hostile_titles_and_names_are_text(alerting, clock):
    tell(alerting, *(replace(FIRING, title=text, outcome=text, rule=text, why=text) for text in HOSTILE))
    shell, page = opened(alerting, clock)
    for text in HOSTILE:
        make(page, name=text[:100])
        page.filters._handle_msg({"key": "alerts_text", "value": text[:100]})
    for pane in (page.head, page.nothing, page.log_title, shell.frame.rail):
        assert "<img" not in pane.object


MOVE = replace(
    FIRING, kind="move", unit="pp", why="Chance moved −10 pp in 6 h, was −3.5 pp", direction="down", hours=6,
    value=Decimal(-10), value_before=Decimal("-3.5"), threshold=Decimal(10),
)  # fmt: skip


@pytest.mark.parametrize(
    ("item", "unit", "side", "said"),
    [
        (FIRING, "percent", "yes", FIRING.why),
        (FIRING, "percent", "no", "NO chance is 39%"),
        (replace(FIRING, value_before=Decimal("59.25")), "cents", "yes", "Chance is 61¢, was 59.25¢"),
        (replace(FIRING, value=Decimal(50)), "decimal", "yes", "Chance is 2.00 dec."),
        (replace(FIRING, value=Decimal(20)), "american", "no", "NO chance is −400 US"),
        (replace(FIRING, value=Decimal(100)), "decimal", "yes", "Chance is —"),
        (MOVE, "american", "yes", MOVE.why),
        (MOVE, "percent", "no", "NO chance moved +10 pp in 6 h, was +3.5 pp"),
        (replace(MOVE, direction="either", value=Decimal(10)), "percent", "no", MOVE.why),
        (replace(MOVE, direction="", hours=0), "percent", "no", f"{MOVE.why} (of YES)"),
        (replace(FIRING, kind="spread", why="Spread is 2¢"), "decimal", "no", "Spread is 2¢"),
    ],
)
def test_what_a_rule_said_is_told_in_the_readers_unit_and_kept_in_its_own(alerting, clock, item, unit, side, said):
    shell = Shell(alerting, f"?page=pulse&unit={unit}&side={side}", now=clock)
    tell(alerting, item)
    shell._on_data()
    assert cards(shell)[0][1] == said
    _, page = opened(alerting, clock, f"?page=alerts&unit={unit}&side={side}")
    assert page.table.rows[0][3][1] == said
    assert ("stay in % and ¢ of YES" in page.head.object) == ((unit, side) != ("percent", "yes"))
    kept, _ = alerting.alerts.firings()
    assert kept == [replace(item, firing_id=1)]
    (message,) = map(json.loads, alerting.alerts._compose(kept))
    assert (message["firings"][0]["why"], message["firings"][0]["unit"]) == (item.why, item.unit)


def test_the_numbers_of_the_log_follow_the_reader_too(alerting, clock):
    tell(alerting, replace(FIRING, value_before=Decimal(59)), MOVE)
    _, page = opened(alerting, clock, "?page=alerts&unit=cents&side=no")
    numbers = [[cell if isinstance(cell, str) else cell[0] for cell in row[3][2:5]] for row in page.table.rows]
    assert numbers == [["+10 pp", "+3.5 pp", "10 pp"], ["39¢", "41¢", "40¢"]]


def test_an_entry_of_an_older_version_is_read(alerting):
    tell(alerting)
    with closing(sqlite3.connect(alerting.alerts.journal.path)) as connection, connection:
        connection.execute("UPDATE firings SET body = json_remove(body, '$.direction', '$.hours')")
    assert alerting.alerts.firings()[0] == [replace(FIRING, firing_id=1, direction="")]


# What sessions are told


def cards(shell):
    return shell.alert_news.toasts.cards.get("items", [])


def remembers(shell, number):
    shell.alert_news.toasts._handle_msg({"kind": "read", "scope": "live", "number": number})


def test_an_open_session_is_told_a_few_and_the_rest_is_counted(alerting, clock):
    tell(alerting)
    shell = Shell(alerting, "?page=pulse", now=clock)
    remembers(shell, -1)
    assert cards(shell) == [], "what was told before the session is in the log"
    assert "unseen" not in shell.frame.rail.object
    tell(alerting, *(replace(FIRING, ticker=f"T-{n}", title="<b>Rain</b>") for n in range(5)))
    shell._on_data()
    assert len(cards(shell)) == 4
    assert cards(shell)[0] == ["<b>Rain</b> — <b>Yes</b>", FIRING.why, "?page=market&ticker=T-4"]
    assert cards(shell)[3][0] == "and 2 more alerts"
    assert '</span>5<span class="unseen"> new</span>' in shell.frame.rail.object
    shell.state.page = "alerts"
    shell._check()
    assert shell.alert_news.unread == {}
    assert shell.alert_news.toasts.read == 6


def test_what_another_tab_has_read_is_read_here(alerting, clock):
    tell(alerting, FIRING, FIRING, FIRING)
    shell = Shell(alerting, "?page=pulse", now=clock)
    remembers(shell, 1)
    assert shell.alert_news.unread == {"alerts": 2}
    remembers(shell, 3)
    assert shell.alert_news.unread == {}
    remembers(shell, 2)
    assert shell.alert_news.unread == {}
    for wrong in ("1", None, -5, True, 2.5):
        shell.alert_news.toasts._handle_msg({"kind": "read", "scope": "live", "number": wrong})
    assert shell.alert_news.unread == {}


def test_a_log_that_began_anew_leaves_nothing_unread(alerting, clock):
    tell(alerting)
    shell = Shell(alerting, "?page=pulse", now=clock)
    remembers(shell, 900)
    shell._check()
    assert shell.alert_news.unread == {}
    assert shell.alert_news.toasts.read == 1


def test_rules_and_cards_go_over_the_wire(tmp_path):
    context = FakeContext()
    context.alerts = AlertWatch(AlertJournal(tmp_path), "live")

    async def visit(address, publish):
        visitor = await Visitor.open(address + "?page=alerts")
        await visitor.say(
            "RuleBook", {"ask": "make", "fields": FORM}, lambda: "is kept" in str(visitor.last("answer"))
        )
        other = await Visitor.open(address + "?page=pulse")
        publish()
        await other.until(lambda: FIRING.why in str(other.last("cards") or ""))
        await visitor.until(lambda: FIRING.why in str(visitor.last("rows") or ""))
        await visitor.close()
        await other.close()

    with Served(context) as server:

        def publish():
            tell(context, replace(FIRING, fired_time=NOW - timedelta(minutes=1)))
            server.call(context.hub.publish)

        run(visit(server.url(), publish))
    assert [rule.name for _, rule in context.alerts.rules()] == ["Mine"]
