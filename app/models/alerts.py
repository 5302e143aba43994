"""Alerts: the rules of this installation, how they are judged, and the log of what they said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import param
import pyarrow as pa

from app import alert_rules, page_keys
from app.alert_rules import Rule, RuleError
from app.alert_watch import AlertHealth, AlertWatch
from app.models.base import PageModel, Source, now_utc
from app.models.exports import Export, own_books
from app.models.watched import Watched
from app.state import State
from data_layer.alert_journal import MAX_FIRINGS, AlertJournalError, Firing
from data_layer.questions import Answer

PAGE_SIZE = 50
#: Values of a link that the form of a new rule begins with.
GIVEN = ("alerts_tickers", "alerts_view", "alerts_list", "alerts_rule", "alerts_way", "alerts_hours")


class AlertSource(Source, Protocol):
    """A source whose process judges rules."""

    @property
    def alerts(self) -> AlertWatch:
        """The rules and the log of the source that is shown."""


def _log(source: Any, values: Mapping[str, Any], now: datetime) -> Answer:
    firings, _ = source.alerts.firings(values["alerts_text"], values["alerts_kind"], limit=MAX_FIRINGS)
    return _rows(firings, now)


def _rows(firings: Sequence[Firing], now: datetime) -> Answer:
    rows = [{name: getattr(item, name) for name in _LOGGED.names} for item in firings]
    for row in rows:
        row |= {name: None if row[name] is None else row[name].quantize(_DIGITS) for name in _MEASURES}
    return own_books(rows, _LOGGED, now)


_TEXT, _COUNT, _TIME = pa.string(), pa.int64(), pa.timestamp("us", tz="UTC")
_MEASURES = ("value", "value_before", "threshold")
#: What is measured can be points, cents, hours or times: a quotient has no end of digits.
_DIGITS, _MEASURED = Decimal("0.000001"), pa.decimal128(38, 6)
_LOGGED = pa.schema(
    [
        ("firing_id", _COUNT),
        ("fired_time", _TIME),
        *((name, _TEXT) for name in ("ticker", "title", "outcome", "kind", "rule", "why")),
        *((name, _MEASURED) for name in _MEASURES),
        ("unit", _TEXT),
        ("as_of", _TIME),
        ("more", _COUNT),
    ]
)
EXPORTS: dict[str, Export] = {
    "log": Export(
        "What rules said",
        _log,
        (
            f"Newest first, at most {MAX_FIRINGS:,}: older ones are not kept.",
            "A row’s as_of is when the market’s quote was received.",
        ),
        running=True,
    )
}


class AlertsModel(PageModel):
    """The rules, one page of the log as the session's filter says, and the health of both."""

    rules = param.List(default=[], doc="Rules as (key, rule), in the order they were made.")
    counts = param.Dict(default={}, doc="By key of a rule: how often it fired in the log, and when last (UTC).")
    standing = param.Dict(default={}, doc="By key of a rule that said nothing yet: its `Standing` at the last look.")
    firings = param.List(default=[], doc="One page of the log, newest first.")
    total = param.Integer(default=0, doc="Firings that pass the filter.")
    page = param.Integer(default=1, doc="Page that is shown: the asked one, or the last there is.")
    health = param.ClassSelector(class_=AlertHealth, default=None, allow_None=True, doc="How the alerts are.")
    editing = param.Boolean(default=True, doc="Whether visitors may change rules here.")
    lists = param.Dict(default={}, doc="The visitor's watchlists that have markets: name to tickers.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): what ages are counted from.")

    inputs = ("alerts_text", "alerts_kind", "alerts_page", *GIVEN)
    exports = EXPORTS

    def __init__(self, source: AlertSource, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(source, state, now)
        self._alerting = source

    def meet(self, watched: Watched) -> None:
        """Take the browser's lists: a rule can be made of one."""
        watched.param.watch(lambda *_events: self._take_lists(watched), ["shelf"])
        self._take_lists(watched)

    def _take_lists(self, watched: Watched) -> None:
        self.lists = {held.name: held.tickers for held in watched.shelf.lists if held.tickers}
        self.refresh()

    def _ask(self) -> dict[str, Any]:
        alerts, state = self._alerting.alerts, self.state
        page = state.alerts_page
        found = alerts.firings(state.alerts_text, state.alerts_kind, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        last = max(1, -(-found[1] // PAGE_SIZE))
        if page > last:
            page = last
            found = alerts.firings(state.alerts_text, state.alerts_kind, offset=(page - 1) * PAGE_SIZE)
        now = self._now()
        self.answer_of("log", replace(_rows(found[0], now), total=found[1]))
        return {
            "rules": alerts.rules(),
            "counts": alerts.journal.counts(),
            "standing": alerts.standing(),
            "firings": found[0],
            "total": found[1],
            "page": page,
            "health": alerts.health(),
            "editing": alerts.editing,
            "now": now,
        }

    @property
    def given(self) -> dict[str, str]:
        """What the form of a new rule begins with: its fields that the link names, as texts."""
        state = self.state
        fields = {
            "tickers": "\n".join(state.alerts_tickers),
            "view": state.alerts_view,
            "list": state.alerts_list,
            "kind": state.alerts_rule,
            "direction": state.alerts_way,
            "hours": state.alerts_hours,
        }
        return {name: value for name, value in fields.items() if value}

    # What is done to the rules. Each says what came of it, or raises RuleError

    def make(self, said: Mapping[str, str]) -> str:
        """Make the rule that a form describes."""
        rule = alert_rules.made(said, self.lists)
        self._change(lambda alerts: alerts.journal.add_rule(rule.body()))
        self.state.param.update(**{name: page_keys.DEFAULTS[name] for name in GIVEN})
        return f"“{rule.words}” is kept. It tells what crosses from now on, not what is beyond it already."

    def pause(self, key: int, is_paused: bool) -> str:
        """Let a rule be passed over, or looked at again."""
        rule = self._rule(key)
        self._change(lambda alerts: alerts.journal.change_rule(key, replace(rule, paused=is_paused).body()))
        return f"“{rule.words}” is {'paused' if is_paused else 'looked at again'}."

    def delete(self, key: int) -> str:
        """Take a rule away."""
        rule = self._rule(key)
        self._change(lambda alerts: alerts.journal.delete_rule(key))
        return f"“{rule.words}” is gone; what it said stays in the log."

    def _rule(self, key: int) -> Rule:
        rule = dict(self.rules).get(key)
        if rule is None:
            raise RuleError("There is no such rule any more.")
        return rule

    def _change(self, change: Callable[[AlertWatch], object]) -> None:
        alerts = self._alerting.alerts
        if not alerts.editing:
            raise RuleError("Rules cannot be changed on this installation.")
        try:
            change(alerts)
        except AlertJournalError as error:
            raise RuleError(str(error)) from error
        self.refresh()
