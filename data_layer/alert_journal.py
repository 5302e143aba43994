"""Where the rules of alerts and what they said are kept: one small SQLite file beside the lake of its source.

Rules and log belong to the installation, not to a visitor. SQLite with its rollback journal and full
synchronisation: a commit survives kill -9 and a power cut, an unfinished one leaves no trace, and several processes
may read and write.
A file that is damaged is put aside under another name, and `problem` says so.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from data_layer.errors import StoreError

logger = logging.getLogger(__name__)

FILE = "alerts.sqlite3"
#: Most rules of one installation, and most firings that are kept; older ones go.
MAX_RULES, MAX_FIRINGS = 1_000, 10_000
#: Messages that wait for the webhook; the oldest beyond them are given up, and say so.
MAX_WAITING = 200
#: What a rule last said of a market is forgotten after this long.
TOLD = timedelta(days=7)
_BUSY_SECONDS = 5.0
_CREATE = """
CREATE TABLE IF NOT EXISTS rules (rule_key INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS firings (
    firing_id INTEGER PRIMARY KEY AUTOINCREMENT, rule_key INTEGER NOT NULL, ticker TEXT NOT NULL,
    value TEXT NOT NULL, fired_time TEXT NOT NULL, kind TEXT NOT NULL, words TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS told (
    rule_key INTEGER NOT NULL, ticker TEXT NOT NULL, value TEXT NOT NULL, fired_time TEXT NOT NULL,
    PRIMARY KEY (rule_key, ticker));
CREATE TABLE IF NOT EXISTS messages (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, made_time TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_time TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
    error TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class AlertJournalError(StoreError):
    """The journal cannot be read or written at this moment; the message is for a person."""


@dataclass(frozen=True)
class Firing:
    """One thing a rule said: of which market, the value now and before, the threshold, when, and as of when.

    `kind`, `rule` and `why` are words of that moment: they stay true when the rule is deleted. `direction` and
    `hours` (0: no window) are the rule's, so that it can be told for the other side; entries of older versions have
    none. Times are UTC.
    """

    rule_key: int
    ticker: str
    kind: str
    rule: str
    why: str
    title: str
    outcome: str
    value: Decimal
    value_before: Decimal | None
    threshold: Decimal
    unit: str
    fired_time: datetime
    as_of: datetime | None
    more: int = 0
    firing_id: int = 0
    direction: str = ""
    hours: int = 0


@dataclass(frozen=True)
class Message:
    """A batch of firings on its way to the webhook, as JSON."""

    message_id: int
    body: str
    attempts: int


class AlertJournal:
    """The rules and the log of one source. Thread-safe; every call is one transaction."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._lock = threading.RLock()
        self._ready = False
        #: What was wrong with the file that was found; empty when nothing was.
        self.problem = ""

    # Rules

    def rules(self) -> list[tuple[int, dict[str, Any]]]:
        """Return all rules as (key, body), in the order they were made; one that is no JSON object is left out."""
        with self._transaction() as connection:
            rows = connection.execute("SELECT rule_key, body FROM rules ORDER BY rule_key").fetchall()
        return [(key, body) for key, text in rows if isinstance(body := _decoded(text), dict)]

    def add_rule(self, body: Mapping[str, Any]) -> int:
        """Keep a rule and return its key; AlertJournalError when there are too many."""
        with self._transaction() as connection:
            if connection.execute("SELECT count(*) FROM rules").fetchone()[0] >= MAX_RULES:
                raise AlertJournalError(f"There are {MAX_RULES:,} rules already, which is the most.")
            return connection.execute("INSERT INTO rules (body) VALUES (?)", (json.dumps(body),)).lastrowid or 0

    def change_rule(self, key: int, body: Mapping[str, Any]) -> None:
        """Keep another body of a rule; one that is gone stays gone."""
        with self._transaction() as connection:
            connection.execute("UPDATE rules SET body = ? WHERE rule_key = ?", (json.dumps(body), key))

    def delete_rule(self, key: int) -> None:
        """Take a rule away; what it said stays in the log."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM rules WHERE rule_key = ?", (key,))
            connection.execute("DELETE FROM told WHERE rule_key = ?", (key,))

    # What was said

    def record(
        self,
        firings: Sequence[Firing],
        notes: Mapping[str, str],
        compose: Callable[[Sequence[Firing]], Sequence[str]] | None,
        now: datetime,
    ) -> None:
        """Keep firings, notes of how far the evaluation is, and messages for the webhook: all of it or nothing.

        `compose` makes the messages of the firings once they have their numbers.
        """
        with self._transaction() as connection:
            numbered = []
            for item in firings:
                place = (item.rule_key, item.ticker, str(item.value), item.fired_time.isoformat())
                made = connection.execute(
                    "INSERT INTO firings (rule_key, ticker, value, fired_time, kind, words, body)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (*place, item.kind, _words(item), json.dumps(_body(item))),
                )
                connection.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)", place)
                numbered.append(replace(item, firing_id=made.lastrowid or 0))
            for name, value in notes.items():
                connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))
            messages = compose(numbered) if compose is not None else ()
            for text in messages:
                connection.execute(
                    "INSERT INTO messages (body, made_time, due_time) VALUES (?, ?, ?)",
                    (text, now.isoformat(), now.isoformat()),
                )
            if firings:
                connection.execute(
                    "DELETE FROM firings WHERE firing_id <= (SELECT max(firing_id) FROM firings) - ?", (MAX_FIRINGS,)
                )
                connection.execute("DELETE FROM told WHERE fired_time < ?", ((now - TOLD).isoformat(),))
            if messages:
                connection.execute(
                    "UPDATE messages SET state = 'given up', error = 'too many were waiting'"
                    " WHERE state = 'waiting' AND message_id <= (SELECT max(message_id) FROM messages) - ?",
                    (MAX_WAITING,),
                )
                connection.execute(
                    "DELETE FROM messages WHERE message_id <= (SELECT max(message_id) FROM messages) - ?",
                    (5 * MAX_WAITING,),
                )

    def told(self) -> list[tuple[int, str, Decimal, datetime]]:
        """Return what every rule last said of every market: key, ticker, value, when."""
        with self._transaction() as connection:
            rows = connection.execute("SELECT rule_key, ticker, value, fired_time FROM told").fetchall()
        return [(key, ticker, Decimal(value), datetime.fromisoformat(when)) for key, ticker, value, when in rows]

    def latest(self) -> int:
        """Return the number of the newest firing; 0 when there is none."""
        with self._transaction() as connection:
            return connection.execute("SELECT coalesce(max(firing_id), 0) FROM firings").fetchone()[0]

    def firings(
        self, text: str = "", kind: str = "", after: int = 0, offset: int = 0, limit: int = 50
    ) -> tuple[list[Firing], int]:
        """Return a page of the log, newest first, and how many firings pass the filter.

        `text` is looked for in ticker, title, outcome and name of the rule, without marks of emphasis;
        `after` leaves out numbers up to it.
        """
        values = (after, kind, kind, text.casefold().replace("**", ""))
        with self._transaction() as connection:
            total = connection.execute(_COUNT, values).fetchone()[0]
            rows = connection.execute(_PAGE, (*values, limit, offset)).fetchall()
        return [item for row in rows if (item := _firing(*row)) is not None], total

    def counts(self) -> dict[int, tuple[int, datetime]]:
        """Return, by rule, how often it fired in the log and when last."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT rule_key, count(*), max(fired_time) FROM firings GROUP BY rule_key"
            ).fetchall()
        return {key: (count, datetime.fromisoformat(when)) for key, count, when in rows}

    def notes(self) -> dict[str, str]:
        """Return what the evaluation noted of itself."""
        with self._transaction() as connection:
            return dict(connection.execute("SELECT name, value FROM notes").fetchall())

    # Messages

    def due_message(self, now: datetime) -> Message | None:
        """Return the oldest message whose time has come; None when there is none."""
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT message_id, body, attempts FROM messages WHERE state = 'waiting' AND due_time <= ?"
                " ORDER BY message_id LIMIT 1",
                (now.isoformat(),),
            ).fetchone()
        return Message(*row) if row else None

    def settle_message(self, message: Message, state: str, error: str, due: datetime) -> None:
        """Note how sending a message ended: ``sent``, ``given up``, or ``waiting`` to be tried again when `due`."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE messages SET state = ?, error = ?, due_time = ?, attempts = attempts + 1"
                " WHERE message_id = ?",
                (state, error[:300], due.isoformat(), message.message_id),
            )

    def message_counts(self) -> tuple[dict[str, int], str]:
        """Return how many messages are in which state, and the newest error of one that was not sent."""
        with self._transaction() as connection:
            counts = dict(connection.execute("SELECT state, count(*) FROM messages GROUP BY state").fetchall())
            row = connection.execute(
                "SELECT error FROM messages WHERE error <> '' AND state <> 'sent' ORDER BY message_id DESC LIMIT 1"
            ).fetchone()
        return counts, row[0] if row else ""

    # The file

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with self._opened() as connection:
                    yield connection
            except sqlite3.OperationalError as error:
                raise AlertJournalError(f"The alerts' file cannot be used now: {error}.") from error
            except sqlite3.DatabaseError as error:
                self._put_aside(error)
                raise AlertJournalError(self.problem) from error

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if not self._ready:
            self._prepare()
        with closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection

    def _prepare(self) -> None:
        """Look whether the file is whole, once; a damaged one is put aside and a new one begun."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._check()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            self._put_aside(error)
            self._check()
        self._ready = True

    def _check(self) -> None:
        with closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if said != "ok":
                raise sqlite3.DatabaseError(said)
            connection.executescript(_CREATE)

    def _put_aside(self, error: Exception) -> None:
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        aside = self.path.with_name(f"alerts.damaged-{stamp}.sqlite3")
        for ending in ("", "-journal"):
            found = Path(f"{self.path}{ending}")
            if found.exists():
                found.rename(f"{aside}{ending}")
        self._ready = False
        self.problem = (
            f"The file of rules and log was damaged ({error}) and put aside as {aside.name}; a new one began."
        )
        logger.error("%s", self.problem)


_PASSING = """
FROM firings WHERE firing_id > ? AND (? = '' OR kind = ?) AND instr(replace(words, '**', ''), ?) > 0
"""
_COUNT = f"SELECT count(*) {_PASSING}"
_PAGE = f"""
SELECT firing_id, rule_key, ticker, value, fired_time, kind, body {_PASSING}
ORDER BY firing_id DESC LIMIT ? OFFSET ?
"""


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _words(item: Firing) -> str:
    return " ".join([item.ticker, item.title, item.outcome, item.rule]).casefold()


def _body(item: Firing) -> dict[str, Any]:
    return {
        "rule": item.rule,
        "why": item.why,
        "title": item.title,
        "outcome": item.outcome,
        "value_before": None if item.value_before is None else str(item.value_before),
        "threshold": str(item.threshold),
        "unit": item.unit,
        "as_of": item.as_of.isoformat() if item.as_of else None,
        "more": item.more,
        "direction": item.direction,
        "hours": item.hours,
    }


def _firing(firing_id: int, key: int, ticker: str, value: str, when: str, kind: str, text: str) -> Firing | None:
    body = _decoded(text)
    if not isinstance(body, dict):
        return None
    return Firing(
        rule_key=key,
        ticker=ticker,
        kind=kind,
        rule=body["rule"],
        why=body["why"],
        title=body["title"],
        outcome=body["outcome"],
        value=Decimal(value),
        value_before=None if body["value_before"] is None else Decimal(body["value_before"]),
        threshold=Decimal(body["threshold"]),
        unit=body["unit"],
        fired_time=datetime.fromisoformat(when),
        as_of=datetime.fromisoformat(body["as_of"]) if body["as_of"] else None,
        more=body["more"],
        firing_id=firing_id,
        direction=body.get("direction", ""),
        hours=body.get("hours", 0),
    )
