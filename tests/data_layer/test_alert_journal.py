"""The file of rules and log: what is committed survives kill -9, what is damaged is put aside and said, all is bounded."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from data_layer import alert_journal
from data_layer.alert_journal import AlertJournal, AlertJournalError, Firing

NOW = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)
FIRING = Firing(
    rule_key=1,
    ticker="A-1",
    kind="price",
    rule="Chance rises to 60%",
    why="Chance is 61%, was 59%",
    title="Will it RÄIN?",
    outcome="<b>Yes</b>",
    value=Decimal("61.00000"),
    value_before=None,
    threshold=Decimal(60),
    unit="%",
    fired_time=NOW,
    as_of=NOW - timedelta(seconds=4),
    direction="above",
)


@pytest.fixture
def journal(tmp_path):
    return AlertJournal(tmp_path)


def record(journal, *firings, compose=None, now=NOW):
    journal.record(firings, {"looked_time": now.isoformat()}, compose, now)


def test_rules_and_log_are_there_for_the_next_process(journal, tmp_path):
    key = journal.add_rule({"kind": "price"})
    record(
        journal, replace(FIRING, rule_key=key), replace(FIRING, rule_key=key, ticker="B-2", value_before=Decimal(5))
    )
    again = AlertJournal(tmp_path)
    assert again.rules() == [(key, {"kind": "price"})]
    found, total = again.firings()
    assert total == again.latest() == 2
    assert found[1] == replace(FIRING, rule_key=key, firing_id=1)
    assert found[0].value_before == 5
    assert again.told() == [(key, "A-1", FIRING.value, NOW), (key, "B-2", FIRING.value, NOW)]
    assert again.counts() == {key: (2, NOW)}
    assert again.notes() == {"looked_time": NOW.isoformat()}


def test_the_log_is_filtered_by_words_of_any_case_and_by_kind(journal):
    record(journal, FIRING, replace(FIRING, ticker="B-2", kind="move", title="Snow"))
    assert [item.ticker for item in journal.firings(text="räin")[0]] == ["A-1"]
    assert [item.ticker for item in journal.firings(kind="move")[0]] == ["B-2"]
    assert journal.firings(text="rule") == ([], 0), "only what is shown is searched"
    assert [item.firing_id for item in journal.firings(after=1)[0]] == [2]
    assert journal.firings(text="%' OR 1=1 --") == ([], 0)


def test_the_log_is_searched_as_it_is_shown_and_keeps_what_was_sent(journal):
    record(journal, replace(FIRING, title="Will **Real Madrid** win?"))
    assert [journal.firings(text=text)[1] for text in ("real madrid win", "**Real Madrid** w", "real * madrid")] == [
        1,
        1,
        0,
    ]
    assert journal.firings()[0][0].title == "Will **Real Madrid** win?"


KILLED = """
import sys, time
from pathlib import Path
from datetime import datetime, UTC
from data_layer.alert_journal import AlertJournal
from tests.data_layer.test_alert_journal import FIRING, NOW
journal = AlertJournal(Path(sys.argv[1]))
journal.add_rule({"kind": "price"})
journal.record([FIRING], {"looked_time": NOW.isoformat()}, None, NOW)
with journal._transaction() as connection:
    connection.execute("DELETE FROM rules")
    connection.execute("UPDATE firings SET words = 'gone'")
    print("in the middle", flush=True)
    time.sleep(60)
"""


def test_what_was_committed_survives_a_kill_in_the_middle_of_the_next_change(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout.readline() == "in the middle\n"
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    journal = AlertJournal(tmp_path)
    assert [body for _, body in journal.rules()] == [{"kind": "price"}]
    assert journal.firings(text="räin")[1] == 1
    assert journal.problem == ""
    assert journal.add_rule({"kind": "move"}) == 2, "the dead process holds no lock"


@pytest.mark.parametrize("damage", [b"not a database at all" * 500, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_file_is_put_aside_and_said(journal, tmp_path, damage):
    journal.add_rule({"kind": "price"})
    journal.path.write_bytes(damage)
    fresh = AlertJournal(tmp_path)
    assert fresh.rules() == []
    assert "was damaged" in fresh.problem
    aside = list(tmp_path.glob("alerts.damaged-*.sqlite3"))
    assert [path.read_bytes() for path in aside] == [damage]
    assert fresh.add_rule({"kind": "move"}) == 1


def test_a_file_that_is_damaged_while_it_is_open_is_put_aside_too(journal):
    journal.add_rule({"kind": "price"})
    journal.path.write_bytes(b"x" * 20_000)
    with pytest.raises(AlertJournalError, match="put aside"):
        journal.rules()
    assert journal.rules() == []


def test_a_file_that_somebody_holds_is_not_damaged(journal, monkeypatch):
    journal.add_rule({"kind": "price"})
    monkeypatch.setattr(alert_journal, "_BUSY_SECONDS", 0.05)
    with sqlite3.connect(journal.path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AlertJournalError, match="locked"):
            journal.add_rule({"kind": "move"})
    other.close()
    assert len(journal.rules()) == 1
    assert journal.problem == ""


def test_rules_log_and_messages_have_an_end(journal, monkeypatch):
    monkeypatch.setattr(alert_journal, "MAX_RULES", 2)
    monkeypatch.setattr(alert_journal, "MAX_FIRINGS", 3)
    monkeypatch.setattr(alert_journal, "MAX_WAITING", 2)
    journal.add_rule({})
    journal.add_rule({})
    with pytest.raises(AlertJournalError, match="which is the most"):
        journal.add_rule({})
    for _ in range(4):
        record(journal, FIRING, compose=lambda firings: [str(firings[0].firing_id)])
    assert [item.firing_id for item in journal.firings()[0]] == [4, 3, 2]
    assert journal.message_counts() == ({"waiting": 2, "given up": 2}, "too many were waiting")


def test_what_a_rule_said_is_forgotten_with_it_and_after_a_week(journal):
    key = journal.add_rule({})
    record(journal, replace(FIRING, rule_key=key))
    journal.delete_rule(key)
    assert journal.told() == []
    assert journal.firings()[1] == 1, "what was said stays in the log"
    record(journal, FIRING)
    record(journal, replace(FIRING, ticker="B-2"), now=NOW + timedelta(days=8))
    assert [ticker for _, ticker, _, _ in journal.told()] == []


def test_messages_are_due_in_their_order_and_settled(journal):
    record(journal, FIRING, compose=lambda firings: ["one", "two"])
    first = journal.due_message(NOW)
    assert (first.body, first.attempts) == ("one", 0)
    journal.settle_message(first, "waiting", "refused", NOW + timedelta(seconds=5))
    second = journal.due_message(NOW)
    assert second.body == "two"
    journal.settle_message(second, "sent", "", NOW)
    assert journal.due_message(NOW) is None
    assert journal.due_message(NOW + timedelta(seconds=5)).attempts == 1
    assert journal.message_counts() == ({"sent": 1, "waiting": 1}, "refused")
