"""What rules of alerts ask: what every market measures now, and which rules fire against a state before."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_layer import bound_values
from data_layer.engine.named_sql import sql_text
from data_layer.questions import Answer, MarketFilter
from data_layer.schemas import PRICE, TEXT, TIME
from data_layer.view import Questions, View

#: The same rule and market are told again after this long, or when a growing value is 1.2 times as large.
SILENCE = timedelta(minutes=30)
#: Markets that one rule names at one refresh; it counts the others.
MOST_A_RULE = 25
#: Surges that are looked at, largest first: more have never been.
MOST_SURGES = 5_000
#: What stood an hour ago is asked again after so many minutes; a quote counts for so many days before it.
KEPT_MINUTES, STANDING_DAYS = 5, 3

#: What can be measured: percent, cents, percentage points over hours (`size`: up or down), a multiple, hours.
METRICS = ("price", "spread", "move_1", "move_6", "move_24", "size_1", "size_6", "size_24", "surge", "closing")
_VALUE = pa.decimal128(18, 5)
_WORDS = pa.list_(TEXT)

#: One state of the world as rules see it; a market that is not open is not in it.
#: `unknown_…` says that nothing is stored which a move or a surge could be counted from.
STATE = pa.schema(
    [
        ("ticker", TEXT),
        *((name, _VALUE) for name in METRICS if not name.startswith("size")),
        *((f"unknown_{what}", pa.bool_()) for what in ("1", "6", "24", "surge")),
    ]
)
RULES = pa.schema(
    [
        ("rule_key", pa.int64()),
        ("metric", TEXT),
        ("rising", pa.bool_()),
        ("threshold", _VALUE),
        ("growing", pa.bool_()),
        ("is_listed", pa.bool_()),
        *((f"word{n}", TEXT) for n in range(1, bound_values.SEARCH_WORDS + 1)),
        *((name, _WORDS) for name in ("statuses", "categories", "series", "qualities")),
        *((name, pa.decimal128(10, 5)) for name in ("probability_min", "probability_max", "spread_max")),
        *((name, pa.int64()) for name in ("volume_min", "volume_24h_min", "open_interest_min")),
        ("closes_from", TIME),
        ("closes_to", TIME),
    ]
)
SCOPE = pa.schema([("rule_key", pa.int64()), ("ticker", TEXT)])
FIRED = pa.schema([("rule_key", pa.int64()), ("ticker", TEXT), ("value", _VALUE), ("fired_time", TIME)])
_NOT_LOOKED = pa.schema(
    [
        ("ticker", TEXT),
        ("seen_time", TIME),
        *((f"seen_{word}_dollars", PRICE) for word in ("bid", "ask", "price")),
    ]
).empty_table()


@dataclass(frozen=True)
class Condition:
    """One rule as it is evaluated: met while `rising` and value >= threshold, or else while value <= threshold.

    It looks at `tickers`, or without them at the markets that pass `filter`. `growing` conditions are told again when
    the value is 1.2 times what was told.
    """

    key: int
    metric: str
    rising: bool
    threshold: Decimal
    growing: bool = False
    tickers: tuple[str, ...] = ()
    filter: MarketFilter = MarketFilter()


@dataclass(frozen=True)
class Told:
    """What a rule said of a market the last time."""

    key: int
    ticker: str
    value: Decimal
    fired_time: datetime


@dataclass(frozen=True)
class Standing:
    """How one rule stands: of `markets` open ones it cannot measure `unknown`, and `beyond` have met it already."""

    rule_key: int
    markets: int
    unknown: int
    beyond: int


class AlertQuestions(Questions):
    """What the background evaluation of alerts asks."""

    _stood_kept: dict[int, tuple[datetime, pa.Table]] | None = None

    def alert_state(self, metrics: Iterable[str], now: datetime) -> pa.Table:
        """Return what every open market measures now, as `STATE`; what no metric of `metrics` needs is left null."""
        view, wanted = self._view(), set(metrics)
        hour = self._stood(view, 1, now) if wanted & {"move_1", "size_1"} else _NOT_LOOKED
        hours = self._stood(view, 6, now) if wanted & {"move_6", "size_6"} else _NOT_LOOKED
        surges = pa.table({"ticker": pa.array([], TEXT), "surge": pa.array([], pa.float64())})
        days = pa.table({"ticker": pa.array([], TEXT), "mean_daily_contracts": pa.array([], pa.float64())})
        if "surge" in wanted:
            surges = self.pulse_surges(MOST_SURGES).table.select(["ticker", "surge"])
            days, _ = self._mean_days(view)
        values = {
            "now": now,
            "reaches_1": _reaches(hour, now - timedelta(hours=1)),
            "reaches_6": _reaches(hours, now - timedelta(hours=6)),
        }
        tables = {"then_1": hour, "then_6": hours, "surges": surges, "mean_days": days}
        sql = sql_text("alert_metrics")
        return view.engine.query("alert_metrics", sql, values, tables, unbounded=True).cast(STATE)

    def alert_firings(
        self,
        conditions: Sequence[Condition],
        now_state: pa.Table,
        before: pa.Table,
        told: Sequence[Told],
        now: datetime,
    ) -> pa.Table:
        """Return which conditions fire for which markets (see ``alert_firings.sql``), by key, largest value first."""
        tables = {"alert_now": now_state, "alert_before": before, **evaluation_tables(conditions, told, now)}
        sql = sql_text("alert_firings")
        return self._view().engine.query("alert_firings", sql, evaluation_values(now), tables, unbounded=True)

    def alert_standing(self, conditions: Sequence[Condition], now_state: pa.Table, now: datetime) -> list[Standing]:
        """Return how conditions stand at one look, by key; none for one that looks at no open market."""
        tables = {"alert_now": now_state, **evaluation_tables(conditions, (), now)}
        del tables["alert_fired"]
        sql = sql_text("alert_standing")
        found = self._view().engine.query("alert_standing", sql, {}, tables, unbounded=True)
        return [Standing(**row) for row in found.to_pylist()]

    def pulse_surges(self, limit: int = 8) -> Answer:
        """Return where 24 hours traded more than the mean day before."""
        raise NotImplementedError

    def _mean_days(self, view: View) -> tuple[pa.Table, Hashable]:
        """Return the mean days of the week before, and what they depend on."""
        raise NotImplementedError

    def _stood(self, view: View, hours: int, now: datetime) -> pa.Table:
        """Return what stood `hours` ago; it does not change with every refresh, and is kept for minutes."""
        asked = now.replace(minute=now.minute // KEPT_MINUTES * KEPT_MINUTES, second=0, microsecond=0)
        kept = self._stood_kept = self._stood_kept or {}
        if hours not in kept or kept[hours][0] != asked:
            then = asked - timedelta(hours=hours)
            values = {
                "then": then,
                "looked_from": then - timedelta(hours=hours / 2),
                "first_day": f"{then - timedelta(days=STANDING_DAYS):%Y-%m-%d}",
                "last_day": f"{then:%Y-%m-%d}",
            }
            sql = sql_text("alert_then")
            kept[hours] = (asked, view.engine.query("alert_then", sql, values, unbounded=True))
        return kept[hours][1]


def _reaches(stood: pa.Table, then: datetime) -> bool:
    """Return whether the history reaches a day further back than a moment: what it does not name did not change."""
    oldest = pc.min(stood["seen_time"]).as_py()
    return oldest is not None and oldest <= then - timedelta(days=1)


def evaluation_values(now: datetime) -> dict[str, Any]:
    """Return what is bound to ``alert_firings.sql``."""
    return {"silent_since": now - SILENCE, "most": MOST_A_RULE}


def evaluation_tables(conditions: Sequence[Condition], told: Sequence[Told], now: datetime) -> dict[str, pa.Table]:
    """Return the rules, what they look at and what they said, as the tables that ``alert_firings.sql`` reads."""
    scope = [{"rule_key": c.key, "ticker": ticker} for c in conditions for ticker in dict.fromkeys(c.tickers)]
    fired = [
        {"rule_key": item.key, "ticker": item.ticker, "value": item.value, "fired_time": item.fired_time}
        for item in told
    ]
    return {
        "alert_rules": pa.Table.from_pylist([_row(c, now) for c in conditions], schema=RULES),
        "alert_scope": pa.Table.from_pylist(scope, schema=SCOPE),
        "alert_fired": pa.Table.from_pylist(fired, schema=FIRED),
    }


def _row(condition: Condition, now: datetime) -> dict[str, Any]:
    values = bound_values.filter_values(condition.filter, now)
    words = {name: values[name].lower() for name in values if name.startswith("word")}
    return (
        values
        | words
        | {
            "rule_key": condition.key,
            "metric": condition.metric,
            "rising": condition.rising,
            "threshold": condition.threshold,
            "growing": condition.growing,
            "is_listed": bool(condition.tickers),
        }
    )
