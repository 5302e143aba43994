"""Alerts of one source: its rules judged at every refresh, what they said, and what sessions ask about it.

Rules belong to the installation. The process that fetches judges them, on the thread that fetched, before sessions
are told of the new snapshot; any process may show and change them.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from app import alert_rules, alert_standing
from app.alert_rules import KINDS, Rule
from app.alert_standing import Standings
from data_layer.alert_journal import AlertJournal, AlertJournalError, Firing
from data_layer.alert_questions import Standing, Told
from data_layer.errors import DataLayerError
from data_layer.repository import MarketRepository

logger = logging.getLogger(__name__)

#: Firings of one message to the webhook.
MESSAGE_FIRINGS = 50
#: Markets named by rules that are fetched with the watch set: three calls of the exchange.
MOST_WATCHED = 300
#: Between two looks there are never more than a few minutes while the program works.
GAP = timedelta(minutes=20)
_LATEST_SECONDS = 1.0


@dataclass(frozen=True)
class AlertHealth:
    """How the alerts of a source are: when rules were judged last, how many, how long it took, what is wrong."""

    looked_time: datetime | None = None
    rules: int = 0
    milliseconds: float = 0.0
    problems: tuple[str, ...] = ()
    webhook: bool = False
    sent: int = 0
    waiting: int = 0
    given_up: int = 0
    webhook_error: str = ""


class AlertWatch:
    """Judge rules and keep what they say. Thread-safe; nothing here ever stops a refresh."""

    def __init__(
        self,
        journal: AlertJournal,
        source: str,
        clock: Callable[[], float] = time.time,
        *,
        editing: bool = True,
        webhook: bool = False,
    ) -> None:
        self.journal, self.editing = journal, editing
        self.source, self._clock, self._webhook = source, clock, webhook
        self._lock = threading.Lock()
        self._snapshot = 0
        self._before: pa.Table | None = None
        self._metrics: frozenset[str] = frozenset()
        self._problem, self._gap = "", ""
        self._milliseconds, self._judged = 0.0, 0
        self._latest, self._latest_at = 0, float("-inf")
        self._named: tuple[str, ...] = ()
        self._standings = Standings()

    # For the refresh

    def judge(self, repository: MarketRepository) -> None:
        """Judge all rules by the newest snapshot against the one before; a failure is told on the page."""
        with self._lock:
            if repository.snapshot_id == self._snapshot:
                return
            started = time.perf_counter()
            try:
                self._judge(repository)
                self._problem = ""
            except DataLayerError as error:
                self._problem = f"Rules could not be judged: {error}"
                logger.warning("alerts: %s", error)
            self._snapshot = repository.snapshot_id
            self._milliseconds = (time.perf_counter() - started) * 1000

    def _judge(self, repository: MarketRepository) -> None:
        rules = {key: rule for key, rule in self.rules() if not rule.paused}
        self._judged = len(rules)
        self._named = tuple(dict.fromkeys(t for rule in rules.values() for t in rule.tickers))[:MOST_WATCHED]
        now = datetime.fromtimestamp(self._clock(), UTC)
        if not rules:
            self._before = None
            return
        conditions = [rule.condition(key) for key, rule in rules.items()]
        metrics = frozenset(condition.metric for condition in conditions)
        state = repository.alert_state(metrics, now)
        before, self._before = self._before, state
        known, self._metrics = self._metrics, metrics
        firings: list[Firing] = []
        if before is None:
            self._note_gap(now)
        else:
            before = _blind(before, state, metrics - known)
            told = [Told(*item) for item in self.journal.told()]
            found = repository.alert_firings(conditions, state, before, told, now).to_pylist()
            firings = [_firing(rules[int(str(row["rule_key"]))], row, now) for row in _with_more(found)]
        spoken = self.journal.counts().keys() | {item.rule_key for item in firings}
        standing = self._standings.look(repository, conditions, spoken, state, now)
        notes = {"looked_time": now.isoformat(), "standing": standing}
        self.journal.record(firings, notes, self._compose if self._webhook else None, now)
        self._latest_at = float("-inf")

    def _note_gap(self, now: datetime) -> None:
        """Say when nobody looked for a while; what happened meanwhile is judged as one step."""
        looked = self.journal.notes().get("looked_time")
        since = datetime.fromisoformat(looked) if looked else now
        if now - since > GAP:
            self._gap = (
                f"Nobody looked from {since:%d %b %H:%M} to {now:%d %b %H:%M} UTC: what crossed a threshold and came "
                "back meanwhile was not told."
            )

    def _compose(self, firings: Sequence[Firing]) -> list[str]:
        """Return messages for the webhook, as docs/operations.md describes them."""
        return [
            json.dumps({"version": 1, "source": self.source, "firings": [_payload(item) for item in part]})
            for part in (firings[n : n + MESSAGE_FIRINGS] for n in range(0, len(firings), MESSAGE_FIRINGS))
        ]

    @property
    def named(self) -> tuple[str, ...]:
        """Markets that rules name: their quotes are fetched with the watch set."""
        return self._named

    # For the sessions

    def rules(self) -> list[tuple[int, Rule]]:
        """Return the rules by key, in the order they were made; what cannot be read as one is left out."""
        return [(key, rule) for key, body in self.journal.rules() if (rule := alert_rules.read(body)) is not None]

    def latest(self) -> int:
        """Return the number of the newest firing, at most a second old, or the last known one."""
        now = time.monotonic()
        if now - self._latest_at >= _LATEST_SECONDS:
            try:
                self._latest = self.journal.latest()
            except AlertJournalError as error:
                logger.warning("alerts: %s", error)
            self._latest_at = now
        return self._latest

    def firings(
        self, text: str = "", kind: str = "", after: int = 0, offset: int = 0, limit: int = 50
    ) -> tuple[list[Firing], int]:
        """Return a page of the log, newest first, and how many pass; see `AlertJournal.firings`."""
        return self.journal.firings(text, kind, after, offset, limit)

    def standing(self) -> dict[int, Standing]:
        """Return how rules stand that have said nothing yet, by key, as of the last look."""
        return alert_standing.read(self.journal.notes())

    def health(self) -> AlertHealth:
        """Say how the alerts are."""
        counts, error = self.journal.message_counts()
        looked = self.journal.notes().get("looked_time")
        problems = (self.journal.problem, self._problem, self._gap)
        return AlertHealth(
            looked_time=datetime.fromisoformat(looked) if looked else None,
            rules=self._judged,
            milliseconds=self._milliseconds,
            problems=tuple(problem for problem in problems if problem),
            webhook=self._webhook,
            sent=counts.get("sent", 0),
            waiting=counts.get("waiting", 0),
            given_up=counts.get("given up", 0),
            webhook_error=error,
        )


def _blind(before: pa.Table, state: pa.Table, metrics: frozenset[str]) -> pa.Table:
    """Return the state before; what nobody looked at then stands as it is now: a new rule tells changes only."""
    place = pc.index_in(before["ticker"], state["ticker"].combine_chunks())
    for name in {metric.replace("size", "move") for metric in metrics}:
        now = state[name].combine_chunks().take(place)
        before = before.set_column(before.column_names.index(name), state.schema.field(name), now)
    return before


def _with_more(found: list[dict[str, object]]) -> list[dict[str, object]]:
    """Let the last firing of a rule that named not all say how many there were beside."""
    shown: dict[object, int] = {}
    for row in found:
        shown[row["rule_key"]] = shown.get(row["rule_key"], 0) + 1
    last = {row["rule_key"]: n for n, row in enumerate(found)}
    return [
        row | {"more": int(str(row["matched"])) - shown[row["rule_key"]] if last[row["rule_key"]] == n else 0}
        for n, row in enumerate(found)
    ]


def _firing(rule: Rule, row: dict[str, object], now: datetime) -> Firing:
    value, before = row["value"], row["value_before"]
    return Firing(
        rule_key=row["rule_key"],  # type: ignore[arg-type]
        ticker=str(row["ticker"]),
        kind=rule.kind,
        rule=f"{rule.name}: {rule.words}" if rule.name else rule.words,
        why=rule.why(value, before),  # type: ignore[arg-type]
        title=str(row["title"] or row["ticker"])[:300],
        outcome=str(row["outcome"] or "")[:300],
        value=value,  # type: ignore[arg-type]
        value_before=before,  # type: ignore[arg-type]
        threshold=rule.threshold,
        unit=KINDS[rule.kind].unit,
        fired_time=now,
        as_of=row["quote_time"],  # type: ignore[arg-type]
        more=row["more"],  # type: ignore[arg-type]
        direction=rule.direction,
        hours=rule.hours if rule.kind == "move" else 0,
    )


def _payload(item: Firing) -> dict[str, object]:
    return {
        "firing_id": item.firing_id,
        "ticker": item.ticker,
        "title": item.title,
        "outcome": item.outcome,
        "rule": item.rule,
        "kind": item.kind,
        "why": item.why,
        "value": str(item.value),
        "value_before": None if item.value_before is None else str(item.value_before),
        "threshold": str(item.threshold),
        "unit": item.unit,
        "fired_time": item.fired_time.isoformat(),
        "as_of": item.as_of.isoformat() if item.as_of else None,
        "more": item.more,
    }
