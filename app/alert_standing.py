"""How rules stand that have said nothing yet: what cannot be measured, and what is beyond its threshold already."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import pyarrow as pa

from app.alert_rules import Rule
from data_layer.alert_questions import Condition, Standing
from data_layer.movers_questions import SURGE_DAYS_MIN
from data_layer.repository import MarketRepository

#: A rule over a view is looked at this seldom, and so many of them at one refresh: each is all markets once,
#: 40 ms of 150,000.
_SELDOM, _MOST_VIEWS = timedelta(minutes=5), 5


class Standings:
    """What is known of silent rules, by key. Rules that name markets are looked at each time, they cost nothing."""

    def __init__(self) -> None:
        self._found: dict[int, Standing] = {}
        self._looked: dict[int, datetime] = {}

    def look(
        self,
        repository: MarketRepository,
        conditions: Sequence[Condition],
        told: Container[int],
        state: pa.Table,
        now: datetime,
    ) -> str:
        """Return how conditions stand that were not `told`, as the text that `read` reads."""
        silent = {condition.key: condition for condition in conditions if condition.key not in told}
        self._looked = {key: at for key, at in self._looked.items() if key in silent}
        views = [c for c in silent.values() if not c.tickers and self._is_due(c.key, now)][:_MOST_VIEWS]
        asked = [*(c for c in silent.values() if c.tickers), *views]
        kept = {key: item for key, item in self._found.items() if key in silent}
        for condition in asked:
            kept.pop(condition.key, None)
            self._looked[condition.key] = now
        found = repository.alert_standing(asked, state, now) if asked else []
        self._found = kept | {item.rule_key: item for item in found}
        return json.dumps([asdict(item) for item in self._found.values()])

    def _is_due(self, key: int, now: datetime) -> bool:
        looked = self._looked.get(key)
        return looked is None or now - looked >= _SELDOM


def read(notes: Mapping[str, str]) -> dict[int, Standing]:
    """Return what the notes of a journal say of silent rules, by key."""
    return {item["rule_key"]: Standing(**item) for item in json.loads(notes.get("standing", "[]"))}


def silence(rule: Rule, standing: Standing | None) -> str:
    """Say why a rule said nothing yet; `standing` is None where it was not looked at.

    A rule cannot be measured where that is so of more than half of its markets.
    """
    if rule.paused or standing is None:
        return "nothing yet"
    if standing.unknown * 2 > standing.markets:
        noun = "market" if standing.markets == 1 else "markets"
        return f"cannot be measured{_missing(rule)} for {standing.unknown:,} of {standing.markets:,} {noun}"
    if standing.beyond and len(rule.tickers) == 1:
        return "already beyond; fires when it crosses again"
    return "nothing yet"


def _missing(rule: Rule) -> str:
    match rule.kind:
        case "move" if rule.hours == 24:
            return ": no price of 24 h ago is known"
        case "move":
            return f" yet: no quote of {rule.hours} h ago is stored"
        case "surge":
            return f" yet: fewer than {SURGE_DAYS_MIN} whole days of volume are stored"
        case "price":
            return ": no chance is quoted"
        case "spread":
            return ": bid or ask is missing"
        case _:
            return ": no expected end is known"
